package gpkg

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Bool gives a Boolean field its value.
func (r *Rows) Bool(field int, v bool) {
	c := r.cell(field, Boolean)
	if c.integer = 0; v {
		c.integer = 1
	}
}

// Integer gives an Integer field its value.
func (r *Rows) Integer(field int, v int64) { r.cell(field, Integer).integer = v }

// Real gives a Real field its value; NaN is NULL.
func (r *Rows) Real(field int, v float64) { r.cell(field, Real).real = v }

// Text gives a Text field its value, which must be UTF-8.
func (r *Rows) Text(field int, v []byte) {
	c := r.cell(field, Text)
	r.keep(c, append(r.bytes, v...))
	r.checkText(field, c)
}

// String is Text of a string.
func (r *Rows) String(field int, v string) {
	c := r.cell(field, Text)
	r.keep(c, append(r.bytes, v...))
	r.checkText(field, c)
}

// Blob gives a Blob field its value.
func (r *Rows) Blob(field int, v []byte) {
	r.keep(r.cell(field, Blob), append(r.bytes, v...))
}

// Date gives a Date field its value, in days since 1970-01-01.
func (r *Rows) Date(field int, day int64) {
	c := r.cell(field, Date)
	text, ok := appendDay(r.bytes, day)
	if !ok {
		r.fault(field+1, fmt.Errorf("day %d is outside the years 0 to 9999", day))
	}
	r.keep(c, text)
}

// DateTime gives a DateTime field its value, to the millisecond and in UTC.
func (r *Rows) DateTime(field int, v time.Time) {
	c := r.cell(field, DateTime)
	v = v.UTC()
	if v.Year() < 0 || v.Year() > 9999 {
		r.fault(field+1, fmt.Errorf("%v is outside the years 0 to 9999", v))
	}
	r.keep(c, v.AppendFormat(r.bytes, "2006-01-02T15:04:05.000Z"))
}

// Geometry gives the row its geometry; nil is none.
func (r *Rows) Geometry(g *wkb.Geometry) {
	r.row[0].kind = Null
	if g == nil {
		return
	}
	switch {
	case !g.Type.Readable():
		r.fault(0, fmt.Errorf("geometries of %s are not written", g.Type))
		return
	case r.plan.Type == 0 || g.Type == r.plan.Type:
	case g.Type+3 == r.plan.Type:
		r.multi = *g // a single one, as the only part of a multiple one
		r.multi.Type = r.plan.Type
		if g.Empty() {
			r.multi.Reset(r.plan.Type)
		}
		g = &r.multi
	default:
		r.fault(0, fmt.Errorf("a %s in a layer of %s", g.Type, r.plan.Type))
		return
	}
	around := g.Bounds()
	r.around[len(r.around)-1] = around
	r.row[0].kind = Blob
	r.keep(&r.row[0], appendGeometry(r.bytes, int32(r.plan.SRS.ID), g, around))
}

// cell is the place of a field's value in the row; a value of another kind than the
// field's fails the row.
func (r *Rows) cell(field int, k Kind) *held {
	if declared := r.plan.Fields[field].Kind; declared != k {
		r.fault(field+1, fmt.Errorf("%s given where %s belongs", k, declared))
	}
	c := &r.row[field+1]
	c.kind = k
	return c
}

// keep takes over bytes that were appended to the row's.
func (r *Rows) keep(c *held, bytes []byte) {
	c.from, c.to = len(r.bytes), len(bytes)
	r.bytes = bytes
}

func (r *Rows) checkText(field int, c *held) {
	if !utf8.Valid(r.bytes[c.from:c.to]) {
		r.fault(field+1, errors.New("text is not UTF-8"))
	}
}

// fault remembers the first value that cannot be written.
func (r *Rows) fault(cell int, err error) {
	if r.wrong != nil {
		return
	}
	r.wrong, r.faulty, r.column = err, r.Len(), r.plan.Geometry
	if cell > 0 {
		r.column = r.plan.Fields[cell-1].Name
	}
}

// Len is the number of rows that are ended.
func (r *Rows) Len() int { return len(r.around) - 1 }

// End ends the row and begins the next.
func (r *Rows) End() {
	width := 1 + len(r.plan.Fields)
	n := len(r.cells)
	r.cells = slices.Grow(r.cells, width)[:n+width]
	r.row = r.cells[n:]
	clear(r.row)
	r.around = append(r.around, wkb.EmptyBox())
}

// Reset takes all rows away.
func (r *Rows) Reset() {
	r.cells, r.bytes, r.around, r.wrong = r.cells[:0], r.bytes[:0], r.around[:0], nil
	r.End()
}

// memory is a piece of memory outside Go's heap, where SQLite may look.
type memory struct {
	p    uintptr
	size int
}

// hold copies bytes to memory that stays until the next hold.
func (m *memory) hold(c *conn, bytes []byte) (uintptr, error) {
	if len(bytes) > m.size || m.p == 0 {
		m.release(c)
		size := max(2*len(bytes), 4096)
		p, err := c.alloc(size)
		if err != nil {
			return 0, err
		}
		m.p, m.size = p, size
	}
	copy(view(m.p, m.size), bytes)
	return m.p, nil
}

func (m *memory) release(c *conn) {
	if m.p != 0 {
		c.free(m.p)
		m.p, m.size = 0, 0
	}
}
