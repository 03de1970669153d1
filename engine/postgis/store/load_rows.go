package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// rows streams a table's rows from the source into the server as they are read, in the
// order of the source.
func (l *loader) rows(ctx context.Context, s *table.Schema, sql string) (*LoadedTable, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from, to := io.Pipe()
	q := &queue{schema: s, to: to, waiting: map[int]*chunk{}, seen: map[xxh3.Uint128]bool{}, one: &LoadedTable{Name: s.Name}}
	scanned := make(chan error, 1)
	go func() {
		_, err := to.Write(copyHead)
		if err == nil {
			q.one.Account, err = l.src.Scan(ctx, s, l.o.Workers, func(number int, b table.Batch) error {
				c, err := encoded(b)
				if err != nil {
					return err
				}
				return q.put(number, c)
			})
		}
		if err == nil {
			err = q.rest()
		}
		if err == nil {
			_, err = to.Write(copyTail)
		}
		_ = to.CloseWithError(err)
		scanned <- err
	}()
	_, err := l.conn.PgConn().CopyFrom(ctx, from, sql)
	_ = from.CloseWithError(errStopped)
	cancel()
	if read := <-scanned; read != nil && !isStopped(read) {
		return nil, read
	}
	if err != nil {
		return nil, err
	}
	one := q.one
	one.Rejects = append(slices.Clone(one.Account.Rejects), one.Rejects...)
	slices.SortStableFunc(one.Rejects, func(a, b read.Reject) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row)) })
	if n := one.Rows + int64(len(one.Rejects)); n != one.Account.Read {
		return nil, fmt.Errorf("account for %s: %d rows loaded and %d rejected, but %d were read; this is a fault of the program", s.Name, one.Rows, len(one.Rejects), one.Account.Read)
	}
	return one, nil
}

// chunk is a batch as COPY has it.
type chunk struct {
	bytes   []byte
	gids    []int // where the numbers of its rows stand
	keys    []xxh3.Uint128
	rows    []int // of the batch
	batch   table.Batch
	rejects []read.Reject
	open    []openShape
	long    bool
}

// openShape is a shape that had to be closed to be stored: of a row of its batch, then by
// its number.
type openShape struct {
	row              int64
	stored, original []byte
}

// queue puts chunks into the order of the source, numbers their rows and finds keys that
// stand twice.
type queue struct {
	schema  *table.Schema
	to      io.Writer
	mu      sync.Mutex
	next    int
	waiting map[int]*chunk
	seen    map[xxh3.Uint128]bool
	one     *LoadedTable
}

func (q *queue) put(number int, c *chunk) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[number] = c
	for {
		c, ok := q.waiting[q.next]
		if !ok {
			return nil
		}
		delete(q.waiting, q.next)
		q.next++
		if err := q.send(c); err != nil {
			return err
		}
	}
}

// rest sends what waits for batches that had no rows.
func (q *queue) rest() error {
	var numbers []int
	for n := range q.waiting {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if err := q.send(q.waiting[n]); err != nil {
			return err
		}
	}
	return nil
}

func (q *queue) send(c *chunk) error {
	for i, at := range c.gids {
		q.one.Rows++
		if len(c.open) > 0 && c.open[0].row == int64(c.rows[i]) {
			c.open[0].row = q.one.Rows
			q.one.open, c.open = append(q.one.open, c.open[0]), c.open[1:]
		}
		binary.BigEndian.PutUint64(c.bytes[at:], uint64(q.one.Rows))
		if len(q.schema.Key) == 0 {
			continue
		}
		if key := c.keys[i]; q.seen[key] {
			row := c.rows[i]
			r := read.Reject{Table: q.schema.Name, Key: read.KeyOf(c.batch, row), Column: strings.Join(q.schema.Key, "+"), Value: read.KeyOf(c.batch, row), Reason: read.DuplicateKey}
			r.File, r.Row = c.batch.Place(row)
			q.one.Duplicates = append(q.one.Duplicates, r)
		} else {
			q.seen[key] = true
		}
	}
	q.one.Rejects = append(q.one.Rejects, c.rejects...)
	q.one.long = q.one.long || c.long
	_, err := q.to.Write(c.bytes)
	return err
}

// encoded is a batch as COPY has it. Rows with a text that no server holds are rejected.
func encoded(b table.Batch) (*chunk, error) {
	c := &chunk{batch: b}
	s := b.Schema
	put := make([]func(dst []byte, row int) ([]byte, error), len(s.Fields))
	for i := range s.Fields {
		put[i] = c.column(b, i)
	}
	var key []byte
	for row := range b.Rows() {
		if i := zeroCharacter(b, row); i >= 0 {
			r := read.Reject{Table: s.Name, Key: read.KeyOf(b, row), Column: s.Fields[i].Name, Reason: read.UnreadableText,
				Value: read.Shown([]byte(b.Record.Column(i).(*array.String).Value(row)))}
			r.File, r.Row = b.Place(row)
			c.rejects = append(c.rejects, r)
			continue
		}
		c.bytes = binary.BigEndian.AppendUint16(c.bytes, uint16(1+len(put)))
		c.bytes = int8of(c.bytes, 0)
		c.gids, c.rows = append(c.gids, len(c.bytes)-8), append(c.rows, row)
		for _, one := range put {
			var err error
			if c.bytes, err = one(c.bytes, row); err != nil {
				return nil, fmt.Errorf("load %s, %s: %w", s.Name, read.KeyOf(b, row), err)
			}
		}
		key = read.AppendKey(key[:0], b, row)
		c.keys = append(c.keys, xxh3.Hash128(key))
		c.long = c.long || len(key) > longestKey
	}
	return c, nil
}

// zeroCharacter is the column of a text with a zero character, or -1.
func zeroCharacter(b table.Batch, row int) int {
	for i := range b.Schema.Fields {
		if a, ok := b.Record.Column(i).(*array.String); ok && a.IsValid(row) && bytes.IndexByte([]byte(a.Value(row)), 0) >= 0 {
			return i
		}
	}
	return -1
}

// column gives the fields of a column.
func (c *chunk) column(b table.Batch, i int) func(dst []byte, row int) ([]byte, error) {
	switch a := b.Record.Column(i).(type) {
	case *array.String:
		return valid(a, func(dst []byte, row int) []byte { return characters(dst, a.Value(row)) })
	case *array.Float64:
		return valid(a, func(dst []byte, row int) []byte { return float8(dst, a.Value(row)) })
	case *array.Int64:
		return valid(a, func(dst []byte, row int) []byte { return int8of(dst, a.Value(row)) })
	case *array.Date32:
		return valid(a, func(dst []byte, row int) []byte { return day(dst, unit.Date(a.Value(row))) })
	case *array.Boolean:
		return valid(a, func(dst []byte, row int) []byte { return truth(dst, a.Value(row)) })
	case *array.Binary:
		var g wkb.Geometry
		return func(dst []byte, row int) ([]byte, error) {
			shape := a.Value(row)
			if err := g.Parse(shape); err != nil {
				return dst, err
			}
			if closed(&g) {
				whole := g.Append(nil)
				c.open = append(c.open, openShape{int64(row), whole, shape})
				shape = whole
			}
			return ewkb(dst, shape, false)
		}
	default:
		return func(dst []byte, _ int) ([]byte, error) {
			return dst, errors.New("a column of another type than the tables have")
		}
	}
}

func valid(a interface{ IsNull(int) bool }, put func(dst []byte, row int) []byte) func([]byte, int) ([]byte, error) {
	return func(dst []byte, row int) ([]byte, error) {
		if a.IsNull(row) {
			return null(dst), nil
		}
		return put(dst, row), nil
	}
}

// closed makes of a shape one that a server stores, if it is not: rings that end where
// they begin and have four points, lines of two. It adds nothing but points that are
// there already.
func closed(g *wkb.Geometry) bool {
	least := map[wkb.Type]int{wkb.Polygon: 4, wkb.MultiPolygon: 4, wkb.LineString: 2, wkb.MultiLineString: 2}[g.Type]
	if least == 0 {
		return false
	}
	sound := func(ring []float64) bool {
		n := len(ring)
		return n >= 2*least && (least == 2 || ring[0] == ring[n-2] && ring[1] == ring[n-1])
	}
	all := true
	for i := range g.NumRings() {
		all = all && sound(g.Ring(i))
	}
	if all {
		return false
	}
	var out wkb.Geometry
	out.Reset(g.Type)
	for part := range g.NumParts() {
		from, to := g.Part(part)
		for i := from; i < to; i++ {
			ring := g.Ring(i)
			if len(ring) == 0 {
				continue
			}
			out.XY = append(out.XY, ring...)
			if n := len(ring); least == 4 && (ring[0] != ring[n-2] || ring[1] != ring[n-1]) {
				out.XY, ring = append(out.XY, ring[0], ring[1]), append(slices.Clone(ring), ring[0], ring[1])
			}
			for n := len(ring) / 2; n < least; n++ {
				out.XY = append(out.XY, ring[len(ring)-2], ring[len(ring)-1])
			}
			out.EndRing()
		}
		out.EndPart()
	}
	*g = out
	return true
}
