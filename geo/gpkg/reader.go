package gpkg

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// Reader gives the rows of a layer, a range at a time. It is used by one goroutine;
// a layer has as many readers as one likes.
type Reader struct {
	layer   *Layer
	c       *conn
	rows    *stmt
	columns []int
	number  int64 // of the row
	fid     int64
	left    int  // rows of the range still to come
	begun   bool // a row of the range was read
	shape   bool // the geometry was asked for
	failed  error
}

// Cell is a value in a row. Bytes are SQLite's: they change with the next row.
type Cell struct {
	Kind    Kind
	Integer int64   // 0 or 1 of a Boolean; the day since 1970-01-01 of a Date or DateTime
	Real    float64 // of an Integer too
	Bytes   []byte  // of a Text, a Blob, a Date or a DateTime as it is written
}

// Reader prepares to read some of the layer's fields, by their places in Fields, and
// the geometry unless only the fields are asked for.
func (l *Layer) Reader(fields []int, geometry bool) (*Reader, error) {
	for _, f := range fields {
		if f < 0 || f >= len(l.Fields) {
			return nil, l.wrap(fmt.Errorf("no field %d: there are %d", f, len(l.Fields)))
		}
	}
	c, err := l.file.take()
	if err != nil {
		return nil, l.wrap(err)
	}
	shape := "NULL"
	if geometry {
		shape = "t." + quoted(l.Geometry)
	}
	sql := "SELECT " + l.rowid + ", " + shape
	for _, f := range fields {
		sql += ", t." + quoted(l.Fields[f].Name)
	}
	// ORDER BY the key costs nothing: it is the order in which rows are stored.
	sql += " FROM " + quoted(l.Name) + " AS t WHERE " + l.rowid + " BETWEEN ? AND ? ORDER BY " + l.rowid
	rows, err := c.prepare(sql)
	if err != nil {
		l.file.give(c)
		return nil, l.wrap(err)
	}
	return &Reader{layer: l, c: c, rows: rows, columns: fields, shape: geometry}, nil
}

// All is the range of all rows, however many there are.
func All() Range { return Range{From: math.MinInt64, To: math.MaxInt64, First: 1, Rows: -1} }

// Start goes in front of the first row of a range.
func (r *Reader) Start(part Range) {
	r.rows.reset()
	r.rows.bindInteger(1, part.From)
	r.rows.bindInteger(2, part.To)
	r.number, r.left, r.begun, r.failed = part.First-1, part.Rows, false, nil
}

// Next goes to the next row of the range and says whether there is one. After the
// last row it makes sure that the range was whole and the file is still the same.
func (r *Reader) Next() (bool, error) {
	if r.failed != nil {
		return false, r.failed
	}
	row, err := r.rows.step()
	if row {
		fid := r.rows.integer(0)
		if fid <= r.fid && r.begun {
			r.failed = r.layer.wrap(fmt.Errorf("after row %d: %w: its keys are out of order", r.number, ErrDamaged))
			return false, r.failed
		}
		r.fid, r.begun = fid, true
		r.number++
		r.left--
		return true, nil
	}
	r.rows.reset()
	if changed := r.layer.file.unchanged(); changed != nil {
		err = changed
	} else if err == nil && r.left > 0 {
		err = fmt.Errorf("%w: %d rows fewer than counted", ErrDamaged, r.left)
	}
	if err != nil {
		r.failed = r.layer.wrap(fmt.Errorf("after row %d: %w", r.number, err))
		return false, r.failed
	}
	return false, nil
}

// Number is the row's number in the layer, from 1.
func (r *Reader) Number() int64 { return r.number }

// FID is the row's key.
func (r *Reader) FID() int64 { return r.fid }

// Geometry is the row's WKB, which lies in SQLite's memory and changes with the next
// row; nil when there is none. Empty is the header's word for a geometry without a
// point. The error is a [CellError].
func (r *Reader) Geometry() (wkb []byte, empty bool, err error) {
	if !r.shape {
		return nil, false, nil
	}
	switch r.rows.kind(1) {
	case Null:
		return nil, false, nil
	case Blob:
	default:
		return nil, false, r.wrong(r.layer.Geometry, fmt.Errorf("%w but %s", ErrHeader, r.rows.kind(1)))
	}
	head, wkb, err := ParseHeader(r.rows.bytes(1))
	if err == nil && int(head.SRS) != r.layer.SRS.ID && head.SRS != undefinedGeographic && head.SRS != undefinedCartesian {
		err = fmt.Errorf("%w of this layer: its header says coordinate system %d, the layer %d", ErrHeader, head.SRS, r.layer.SRS.ID)
	}
	if err != nil {
		return nil, false, r.wrong(r.layer.Geometry, err)
	}
	return wkb, head.Empty, nil
}

// Cell is the value of the i-th of the fields asked for. What is stored decides its
// kind: an Integer in a Boolean field that is neither 0 nor 1, or text in a Date
// field that is no date, stays what it is. The error is a [CellError] that wraps
// [ErrText].
func (r *Reader) Cell(i int) (Cell, error) {
	declared := r.layer.Fields[r.columns[i]].Kind
	column := i + 2
	switch r.rows.kind(column) {
	case Integer:
		v := r.rows.integer(column)
		if declared == Boolean && (v == 0 || v == 1) {
			return Cell{Kind: Boolean, Integer: v, Real: float64(v)}, nil
		}
		return Cell{Kind: Integer, Integer: v, Real: float64(v)}, nil
	case Real:
		return Cell{Kind: Real, Real: r.rows.real(column)}, nil
	case Blob:
		return Cell{Kind: Blob, Bytes: r.rows.bytes(column)}, nil
	case Text:
		text := r.rows.text(column)
		if !utf8.Valid(text) {
			return Cell{Kind: Text, Bytes: text}, r.wrong(r.layer.Fields[r.columns[i]].Name, ErrText)
		}
		if declared == Date || declared == DateTime {
			if day, ok := parseDay(text, declared == DateTime); ok {
				return Cell{Kind: declared, Integer: day, Bytes: text}, nil
			}
		}
		return Cell{Kind: Text, Bytes: text}, nil
	}
	return Cell{}, nil
}

func (r *Reader) wrong(column string, err error) error {
	return &CellError{Path: r.layer.file.path, Layer: r.layer.Name, Row: r.number, FID: r.fid, Column: column, Err: err}
}

// Close gives the reader's connection back.
func (r *Reader) Close() error {
	if r.rows == nil {
		return errors.New("read: the reader is closed already")
	}
	r.rows.close()
	r.rows = nil
	r.layer.file.give(r.c)
	return nil
}
