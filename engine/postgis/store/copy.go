package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// srid is the reference system of all geometries that are written: longitude and
// latitude in degrees, as they are in memory, so that no coordinate changes.
const srid = 4326

// dayZero is PostgreSQL's first day, counted from 1970-01-01.
const dayZero = 10957

// cell appends row i's field as COPY's binary format has it: its length and its bytes.
// One may also append several fields.
type cell func(dst []byte, i int) ([]byte, error)

// The ends of a binary COPY.
var (
	copyHead = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	copyTail = []byte{0xff, 0xff}
)

// copyRows streams rows into a table: encoded on several goroutines, sent in order by
// one. Width is the number of a row's fields. It returns how many bytes went.
func copyRows(ctx context.Context, conn *pgconn.PgConn, sql string, width, rows, workers int, cells []cell, tell func(int)) (sent int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from, to := io.Pipe()
	encode := func(dst []byte, first, last int) ([]byte, error) {
		var err error
		for i := first; i < last; i++ {
			dst = binary.BigEndian.AppendUint16(dst, uint16(width))
			for _, c := range cells {
				if dst, err = c(dst, i); err != nil {
					return dst, err
				}
			}
		}
		return dst, nil
	}
	feeding := make(chan error, 1)
	go func() {
		count := &counted{w: to}
		_, err := count.Write(copyHead)
		if err == nil {
			err = write.InOrder(ctx, count, rows, workers, encode, tell)
		}
		if err == nil {
			_, err = count.Write(copyTail)
		}
		sent = count.n
		_ = to.CloseWithError(err)
		feeding <- err
	}()
	_, err = conn.CopyFrom(ctx, from, sql)
	_ = from.CloseWithError(errStopped)
	cancel()
	if fed := <-feeding; fed != nil && !isStopped(fed) {
		return sent, fed
	}
	return sent, err
}

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

func null(dst []byte) []byte { return append(dst, 0xff, 0xff, 0xff, 0xff) }

func int4(dst []byte, v int32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 0, 0, 0, 4), uint32(v))
}

func int8of(dst []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 8), uint64(v))
}

func float8(dst []byte, v float64) []byte { return int8of(dst, int64(math.Float64bits(v))) }

func day(dst []byte, d unit.Date) []byte { return int4(dst, int32(d)-dayZero) }

func truth(dst []byte, v bool) []byte {
	if v {
		return append(dst, 0, 0, 0, 1, 1)
	}
	return append(dst, 0, 0, 0, 1, 0)
}

func characters(dst []byte, v string) []byte {
	v = storable(v)
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(v))), v...)
}

// storable is a text as a server takes it: no text in PostgreSQL holds a zero
// character, which stands as U+FFFD instead, as what is no UTF-8 does.
func storable(v string) string {
	if strings.IndexByte(v, 0) < 0 && utf8.ValidString(v) {
		return v
	}
	return strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", "\uFFFD"), "\uFFFD")
}

// ewkb appends a geometry as EWKB with its reference system. many asks for a polygon
// as a multipolygon of one, so that all of a layer are of one type.
func ewkb(dst, shape []byte, many bool) ([]byte, error) {
	if len(shape) == 0 {
		return null(dst), nil
	}
	if len(shape) < 9 || shape[0] != 1 || binary.LittleEndian.Uint32(shape[1:]) > uint32(wkb.MultiPolygon) {
		var g wkb.Geometry // of another byte order, or with more than two dimensions
		if err := g.Parse(shape); err != nil {
			return dst, err
		}
		shape = g.Append(nil)
	}
	t := binary.LittleEndian.Uint32(shape[1:])
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	if many && t == uint32(wkb.Polygon) {
		dst = append(ewkbHead(dst, uint32(wkb.MultiPolygon)), 1, 0, 0, 0)
		dst = append(dst, shape...)
	} else {
		dst = append(ewkbHead(dst, t), shape[5:]...)
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst, nil
}

func ewkbHead(dst []byte, t uint32) []byte {
	dst = binary.LittleEndian.AppendUint32(append(dst, 1), t|0x20000000)
	return binary.LittleEndian.AppendUint32(dst, srid)
}

// numbered is a cell that counts rows from first.
func numbered(first int) cell {
	return func(dst []byte, i int) ([]byte, error) { return int4(dst, int32(first+i)), nil }
}

// cellOf gives the fields of a column of results.
func cellOf(c *write.Column) cell {
	switch c.Kind() {
	case write.KindNumber:
		return optional(c.Number, float8)
	case write.KindInteger:
		return optional(c.Integer, int8of)
	case write.KindBool:
		return optional(c.Bool, truth)
	case write.KindDate:
		return optional(c.Date, day)
	default:
		return optional(c.Text, characters)
	}
}

func optional[T any](value func(int) (T, bool), put func([]byte, T) []byte) cell {
	return func(dst []byte, i int) ([]byte, error) {
		if v, ok := value(i); ok {
			return put(dst, v), nil
		}
		return null(dst), nil
	}
}

// shapeCell gives the geometries of a layer.
func shapeCell(layer string, shape func(i int) []byte, many bool) cell {
	return func(dst []byte, i int) ([]byte, error) {
		dst, err := ewkb(dst, shape(i), many)
		if err != nil {
			err = fmt.Errorf("write layer %s row %d: %w", layer, i+1, err)
		}
		return dst, err
	}
}
