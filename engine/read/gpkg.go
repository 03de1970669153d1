package read

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// layer is a layer of a GeoPackage being read.
type layer struct {
	*gpkg.Layer
	columns []int
	targets []target
	key     target // where the row's key goes; it is no column of the layer

	mu      sync.Mutex
	readers []*gpkg.Reader
}

// scanGeoPackage reads a layer of a GeoPackage: each worker takes a run of rows at a
// time.
func scanGeoPackage(ctx context.Context, sc *scan, f *File) (err error) {
	in, err := gpkg.Open(f.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	found, err := in.Layer(sc.settings.Within)
	if err != nil {
		return err
	}
	if err := sc.in(f, func() (crs.System, error) { return systemOf(found.SRS) }); err != nil {
		return err
	}
	l := &layer{Layer: found}
	if err := l.choose(sc, f); err != nil {
		return err
	}
	parts, err := l.Ranges(rowsPerPart)
	if err != nil {
		return err
	}
	for _, part := range parts {
		sc.total += int64(part.Rows)
	}
	first := sc.next
	sc.next += len(parts)
	defer func() { err = errors.Join(err, l.close()) }()
	_, err = inOrder(ctx, sc.workers, queue(parts), func() func(int, gpkg.Range) error {
		var rows *gpkg.Reader
		return func(number int, part gpkg.Range) (err error) {
			if rows == nil {
				if rows, err = l.open(); err != nil {
					return err
				}
			}
			r := sc.newRows(part.Rows)
			if err := l.read(r, rows, part); err != nil {
				return err
			}
			sc.took(r)
			return sc.hand(first+number, r)
		}
	})
	return err
}

// systemOf is the system that a layer says: the one its well-known text describes
// where it is no number of EPSG.
func systemOf(s gpkg.SRS) (crs.System, error) {
	if s.Undefined() {
		return crs.System{}, unsaid{advice: gpkg.ErrUndefined.Error() + ", or declare it in mapping.yaml"}
	}
	if !strings.EqualFold(s.Organization, "EPSG") && strings.Contains(s.Definition, "[") {
		return crs.FromWKT(s.Definition)
	}
	return s.System()
}

// choose chooses the columns to read and where their cells go.
func (l *layer) choose(sc *scan, f *File) error {
	names := make([]string, len(l.Fields), len(l.Fields)+1)
	for i, field := range l.Fields {
		names[i] = field.Name
	}
	if l.Key != "" && sc.known(l.Key) {
		names = append(names, l.Key)
	}
	found, err := sc.header(f.Path, names)
	if err != nil {
		return err
	}
	l.key = target{field: -1}
	for i, t := range found {
		if t.field < 0 {
			continue
		}
		_, code := sc.takesCode(t)
		isKey := i == len(l.Fields)
		if code && (isKey || l.Fields[i].Kind == gpkg.Integer || l.Fields[i].Kind == gpkg.Real) {
			return fmt.Errorf("read %s: column %s holds numbers, but a code is text (a number loses leading zeros); write it as text", f.Path, names[i])
		}
		if isKey {
			l.key = t
			continue
		}
		l.columns, l.targets = append(l.columns, i), append(l.targets, t)
	}
	return nil
}

// open is a reader for one goroutine.
func (l *layer) open() (*gpkg.Reader, error) {
	r, err := l.Reader(l.columns, true)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readers = append(l.readers, r)
	return r, nil
}

func (l *layer) close() (err error) {
	for _, r := range l.readers {
		err = errors.Join(err, r.Close())
	}
	return err
}

// read reads a run of the layer's rows.
func (l *layer) read(r *rows, rows *gpkg.Reader, part gpkg.Range) error {
	var g wkb.Geometry
	rows.Start(part)
	for {
		more, err := rows.Next()
		if err != nil || !more {
			return err
		}
		for i, t := range l.targets {
			c, err := rows.Cell(i)
			if err != nil { // text that is not UTF-8
				r.fail(t.field, c.Bytes, UnreadableText)
				continue
			}
			r.cellOf(t, c)
		}
		if l.key.field >= 0 {
			r.cellOf(l.key, gpkg.Cell{Kind: gpkg.Integer, Integer: rows.FID()})
		}
		r.fill()
		b, empty, err := rows.Geometry()
		switch {
		case err != nil:
			r.geometry(nil, errors.Unwrap(err).Error())
		case b == nil || empty:
			r.geometry(nil, "")
		default:
			r.wkb(&g, b)
		}
		r.end(rows.Number())
	}
}

// cellOf sets a field from a cell, by what is stored in it.
func (r *rows) cellOf(t target, c gpkg.Cell) {
	kind := table.Text
	if slot, kept := r.slotOf(t); !kept {
		kind = r.schema.Fields[t.field].Kind
	} else if c.Kind == gpkg.Date || c.Kind == gpkg.DateTime || c.Kind == gpkg.Text {
		r.keep(slot, c.Bytes, heldText)
		return
	}
	switch c.Kind {
	case gpkg.Null:
	case gpkg.Text:
		r.text(t, c.Bytes)
	case gpkg.Boolean:
		if kind == table.Bool {
			r.b.Bool(t.field, c.Integer != 0)
			return
		}
		r.text(t, strconv.AppendBool(r.cell[:0], c.Integer != 0))
	case gpkg.Integer:
		r.cell = strconv.AppendInt(r.cell[:0], c.Integer, 10)
		r.jsonNumber(t, r.cell)
	case gpkg.Real:
		if kind == table.Number {
			r.float(t, c.Real)
			return
		}
		r.cell = strconv.AppendFloat(r.cell[:0], c.Real, 'f', -1, 64)
		r.jsonNumber(t, r.cell)
	case gpkg.Date, gpkg.DateTime:
		switch {
		case kind != table.Date:
			r.text(t, c.Bytes)
		case c.Integer < int64(firstDate) || c.Integer > int64(lastDate):
			r.fail(t.field, c.Bytes, NotADate)
		default:
			r.date(t.field, unit.Date(c.Integer))
		}
	default:
		r.fail(t.field, []byte(c.Kind.String()), UnreadableText)
	}
}
