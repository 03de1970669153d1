// Package plan is what a mapping says of a table, worked out for one of its files:
// which headers are kept as they stand, and what becomes of a row's kept cells.
//
// It reads no file and builds no row; it knows headers by name and cells as texts.
package plan

import (
	"bytes"
	"slices"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Plan is what is done with the cells of a file. Cells that it needs are kept in slots,
// one for each header.
type Plan struct {
	Headers []string // by slot
	Columns []Column // in the schema's order
	Where   []Condition
	Keys    [][]int // of each join: the slots of the table's own headers

	// Of the rows of a joined file, or of codes:
	Raw      bool  // no row of a table is made of them
	Key      []int // slots
	Distinct []int // slots

	ignore  map[string]bool
	by      map[string]int // trimmed header → slot
	byFold  map[string]int
	claimed map[int]bool // fields that the mapping speaks of
}

// Column is where the values of a field come from.
type Column struct {
	Spec     *mapping.Column
	Field    int
	Cells    []Source      // slots, of which a file has one
	Constant Source        // the factor of a constant
	Digest   []int         // slots; Geometry stands for the drawn shape
	Parts    [][]Condition // of what a join sums apart; none: one sum of all rows
	Join     int           // which join it is taken from; -1: none
	Taken    int           // its place among the join's columns
}

// Geometry is the slot of the drawn shape in a digest.
const Geometry = -1

// Source is a slot, and the factor of the numbers in it to the column's unit.
type Source struct {
	Slot     int
	Unit     unit.Unit
	Mul, Div float64
}

// Condition is one of the mapping's, and the slot it looks at.
type Condition struct {
	*mapping.Condition
	Slot int
}

func empty() *Plan {
	return &Plan{ignore: map[string]bool{}, by: map[string]int{}, byFold: map[string]int{}, claimed: map[int]bool{}}
}

// Of is the plan for a file of a table; the file may be nil.
func Of(s *table.Schema, t *mapping.Table, f *mapping.File) *Plan {
	p := empty()
	for _, h := range t.Ignore {
		p.ignore[h] = true
	}
	columns := t.ColumnsOf(f)
	for i := range columns {
		p.add(s, &columns[i], -1, 0)
	}
	for j := range t.Joins {
		var own []int
		for _, pair := range t.Joins[j].On {
			own = append(own, p.slot(pair.Own))
		}
		p.Keys = append(p.Keys, own)
		for k := range t.Joins[j].Columns {
			p.add(s, &t.Joins[j].Columns[k], j, k)
		}
	}
	slices.SortFunc(p.Columns, func(a, b Column) int { return a.Field - b.Field })
	p.Where = p.conditions(t.Where)
	return p
}

// Joined is the plan for the rows of a joined file.
func Joined(s *table.Schema, j *mapping.Join) *Plan {
	p := empty()
	p.Raw = true
	for _, pair := range j.On {
		p.Key = append(p.Key, p.slot(pair.Joined))
	}
	for _, h := range j.DistinctBy {
		p.Distinct = append(p.Distinct, p.slot(h))
	}
	for i := range j.Columns {
		p.add(s, &j.Columns[i], -1, 0)
		for _, part := range j.Columns[i].LargestOf {
			p.Columns[i].Parts = append(p.Columns[i].Parts, p.conditions(part))
		}
	}
	p.Where = p.conditions(j.Where)
	return p
}

// Codes is the plan for the rows of a file of codes.
func Codes(c *mapping.CodeTable) *Plan {
	p := empty()
	p.Raw = true
	fields := mapping.CodeColumns()
	for i := range c.Columns {
		column := Column{Spec: &c.Columns[i], Join: -1}
		column.Field = slices.IndexFunc(fields, func(f table.Field) bool { return f.Name == c.Columns[i].Name })
		for _, h := range c.Columns[i].Headers {
			column.Cells = append(column.Cells, Source{Slot: p.slot(h.Text), Mul: 1, Div: 1})
		}
		p.Columns = append(p.Columns, column)
	}
	return p
}

func (p *Plan) conditions(of []mapping.Condition) []Condition {
	var out []Condition
	for i := range of {
		out = append(out, Condition{&of[i], p.slot(of[i].Header)})
	}
	return out
}

// Needed are the slots of headers that a file must have besides those of its columns.
func (p *Plan) Needed() []int {
	needed := slices.Concat(append([][]int{p.Key, p.Distinct}, p.Keys...)...)
	look := func(conditions []Condition) {
		for _, c := range conditions {
			needed = append(needed, c.Slot)
		}
	}
	look(p.Where)
	for i := range p.Columns {
		needed = append(needed, p.Columns[i].Digest...)
		for _, part := range p.Columns[i].Parts {
			look(part)
		}
	}
	return needed
}

// slot is the slot of a header, which is kept from now on.
func (p *Plan) slot(header string) int {
	if i, ok := p.by[header]; ok {
		return i
	}
	i := len(p.Headers)
	p.Headers = append(p.Headers, header)
	p.by[header] = i
	if f := fold(header); f != "" {
		if _, twice := p.byFold[f]; twice {
			p.byFold[f] = -1 // two headers that differ in width or case alone
		} else {
			p.byFold[f] = i
		}
	}
	return i
}

func fold(header string) string { return string(cell.AppendCapitals(nil, []byte(header))) }

func (p *Plan) add(s *table.Schema, c *mapping.Column, join, taken int) {
	column := Column{Spec: c, Field: s.Index(c.Name), Join: join, Taken: taken}
	f := &s.Fields[column.Field]
	factor := func(u unit.Unit) Source {
		src := Source{Unit: u, Mul: 1, Div: 1}
		if u != unit.None && u != f.Unit {
			src.Mul, src.Div, _ = unit.Factor(u, f.Unit) // the mapping's parser has tried
		}
		return src
	}
	column.Constant = factor(c.ConstantUnit)
	if join < 0 {
		for _, h := range c.Headers {
			src := factor(h.Unit)
			src.Slot = p.slot(h.Text)
			column.Cells = append(column.Cells, src)
		}
	}
	for _, h := range c.Digest {
		if h == mapping.GeometryHeader {
			column.Digest = append(column.Digest, Geometry)
		} else {
			column.Digest = append(column.Digest, p.slot(h))
		}
	}
	p.claimed[column.Field] = true
	p.Columns = append(p.Columns, column)
}

// Slot is the slot of a trimmed header of the file; ok is false when its cells are not
// kept. A header that is written in another width or case is the same.
func (p *Plan) Slot(header string) (slot int, ok bool) {
	if slot, ok = p.by[header]; ok {
		return slot, true
	}
	slot, ok = p.byFold[fold(header)]
	return slot, ok && slot >= 0
}

// Ignores says whether a header is known and not wanted.
func (p *Plan) Ignores(header string) bool { return p.ignore[header] }

// Claims says whether the mapping speaks of a field, so that no other header means it.
func (p *Plan) Claims(field int) bool { return p.claimed[field] }

// Owner is the first field that is read from a slot; -1: none.
func (p *Plan) Owner(slot int) int {
	for i := range p.Columns {
		for _, src := range p.Columns[i].Cells {
			if src.Slot == slot {
				return p.Columns[i].Field
			}
		}
	}
	return -1
}

// IsNull says whether a trimmed cell is one of the column's own words for nothing.
func (c *Column) IsNull(v []byte) bool {
	return slices.ContainsFunc(c.Spec.NullWords, func(w string) bool { return w == string(v) })
}

// Says is what a cell that is not empty stands for; plain is set when that is a value
// in the column's own unit and form.
func (c *Column) Says(v, scratch []byte) (means []byte, plain bool) {
	if w, ok := c.Spec.Words.Of(v); ok {
		v, plain = []byte(w), true
	}
	return c.padded(v, scratch), plain
}

// padded puts the zeros back that a code of digits has lost in front.
func (c *Column) padded(v, scratch []byte) []byte {
	if len(v) >= c.Spec.PadZeros || len(v) == 0 {
		return v
	}
	for _, d := range v {
		if d < '0' || d > '9' {
			return v
		}
	}
	scratch = append(scratch[:0], bytes.Repeat([]byte("0"), c.Spec.PadZeros-len(v))...)
	return append(scratch, v...)
}

// TakesNumbers says whether a code may be read from a cell that holds a number: then
// the mapping says how its zeros come back, or what each number stands for.
func (c *Column) TakesNumbers() bool { return c.Spec.PadZeros > 0 || c.Spec.Words != nil }
