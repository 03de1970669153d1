package read

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Cells are rows of a relation that one goroutine puts together from its cells, in
// whatever order those of a row come. A cell that holds nothing is not set.
type Cells struct {
	r         *rows
	of        *Relation
	shape     wkb.Geometry
	declared  bool
	srid      uint32 // of the row before
	placed    bool
	flattened int64
	unplaced  int64
}

// Cells begins rows, for about so many. Where the relation's system is declared, what
// shapes say of it does not count.
func (r *Relation) Cells(capacity int, declared bool) *Cells {
	c := &Cells{r: r.sc.newRows(capacity), of: r, declared: declared}
	c.r.unnumbered = true
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, n := range r.sizes {
		c.r.b.Reserve(i, n+n/16)
	}
	return c
}

// Rows is how many rows were ended.
func (c *Cells) Rows() int { return int(c.r.read) }

// Hand gives the rows on. It may be called by several goroutines at once, each with its
// own cells.
func (c *Cells) Hand() error {
	sc := c.of.sc
	sc.took(c.r)
	sc.mu.Lock()
	number := sc.next
	sc.next++
	sc.flattened, sc.unplaced = sc.flattened+c.flattened, sc.unplaced+c.unplaced
	sc.mu.Unlock()
	c.of.mu.Lock()
	if c.of.sizes == nil {
		c.of.sizes = make([]int, len(sc.schema.Fields))
	}
	for i := range c.of.sizes {
		c.of.sizes[i] = c.r.b.Bytes(i)
	}
	c.of.mu.Unlock()
	return sc.hand(number, c.r)
}

// Text sets a cell that holds text, in any of the ways its column's kind is written.
func (c *Cells) Text(t *Target, v []byte) { c.r.text(t.t, v) }

// Digits sets a cell that holds a number, given as its decimal text.
func (c *Cells) Digits(t *Target, v []byte) { c.r.jsonNumber(t.t, v) }

// Number sets a cell that holds a number.
func (c *Cells) Number(t *Target, v float64) {
	if t.Kind == table.Number && !t.Kept {
		c.r.float(t.t, v)
		return
	}
	c.r.cell = strconv.AppendFloat(c.r.cell[:0], v, 'f', -1, 64)
	c.r.jsonNumber(t.t, c.r.cell)
}

// Whole sets a cell that holds a whole number.
func (c *Cells) Whole(t *Target, v int64) {
	if t.Kind == table.Number && !t.Kept {
		c.r.float(t.t, float64(v))
		return
	}
	c.r.cell = strconv.AppendInt(c.r.cell[:0], v, 10)
	c.r.jsonNumber(t.t, c.r.cell)
}

// Bool sets a cell that holds yes or no.
func (c *Cells) Bool(t *Target, v bool) {
	if t.Kind == table.Bool && !t.Kept {
		c.r.b.Bool(t.t.field, v)
		return
	}
	c.r.cell = strconv.AppendBool(c.r.cell[:0], v)
	c.r.text(t.t, c.r.cell)
}

// Day sets a cell that holds a date, as days since 1970; text is what it looks like.
func (c *Cells) Day(t *Target, day int64, text func(dst []byte) []byte) {
	switch {
	case t.Kept || t.Kind != table.Date:
		c.r.cell = text(c.r.cell[:0])
		c.r.text(t.t, c.r.cell)
	case day < int64(firstDate) || day > int64(lastDate):
		c.r.fail(t.t.field, text(nil), NotADate)
	default:
		c.r.date(t.t.field, unit.Date(day))
	}
}

// Fail says that a cell cannot be used.
func (c *Cells) Fail(t *Target, v []byte, why Reason) { c.r.fail(t.t.field, v, why) }

// What EWKB says besides the type, and how long an SRID is.
const (
	ewkbZ, ewkbM, ewkbSRID = 1 << 31, 1 << 30, 1 << 29
	sridBytes              = 4
)

// EWKB sets the row's shape. The bytes are PostGIS's: with an SRID, Z and M where there
// are any. Z and M are not used.
func (c *Cells) EWKB(v []byte) {
	c.r.ewkb = nil
	if len(v) >= 5 {
		code := binary.LittleEndian.Uint32(v[1:])
		if v[0] == 0 {
			code = binary.BigEndian.Uint32(v[1:])
		}
		switch {
		case code&(ewkbZ|ewkbM) != 0:
			c.flattened++
		case code&ewkbSRID != 0 && v[0] == 1:
			c.r.ewkb = v
		}
	}
	if err := c.shape.Parse(v); err != nil {
		c.r.unparsed(err)
		return
	}
	if srid := c.shape.SRID; !c.declared && (!c.placed || srid != c.srid) {
		if c.r.system, c.placed = c.of.place(srid); !c.placed {
			c.unplaced++
			c.r.fail(len(c.r.schema.Fields)-1, fmt.Appendf(nil, "SRID %d", srid), UnknownSRID)
			return
		}
		c.srid = srid
	}
	c.r.geometry(&c.shape, "")
}

// NoShape says that the row has none.
func (c *Cells) NoShape() { c.r.geometry(nil, "") }

// End ends the row. The number tells it from the relation's others; 0: it has none, and
// only its key does.
func (c *Cells) End(number int64) {
	c.r.fill()
	c.r.end(number)
}

// stray is a row whose coordinates cannot be those of its system.
type stray struct {
	box    wkb.Box
	system crs.System
	row    int64 // of its file; 0: it has no number
}

// before orders rows by their numbers, those without by their coordinates: so that which
// one is named does not depend on the order they came in.
func (s stray) before(o stray) bool {
	if s.row != o.row {
		return s.row < o.row
	}
	a, b := [4]float64{s.box.MinX, s.box.MinY, s.box.MaxX, s.box.MaxY}, [4]float64{o.box.MinX, o.box.MinY, o.box.MaxX, o.box.MaxY}
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
