package mapping

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Column is where the values of one column come from: the cells below a header, a
// constant, or a digest of other cells.
//
// A cell is read in this order: null words and sentinel dates make it empty; Words
// translate it; an empty one becomes Empty; then it is padded and converted. Of a join
// Take comes first: it is what is taken that is translated, padded and set for empty.
type Column struct {
	Name string // of the table's column
	// Headers are the header the cells stand below, or several of which a file has
	// exactly one.
	Headers []Header
	// Optional is set when a file may have none of the headers; its cells are empty.
	Optional bool
	// Constant is the value of every row; empty: no constant. It is a text of the
	// column's kind: 2013-01-31, true, 12.5, one of the values a text may have.
	Constant string
	// ConstantUnit is what a constant number counts in.
	ConstantUnit unit.Unit
	// Digest are headers whose cells, with the drawn shape where one is named
	// GeometryHeader, make an id for rows that have none: the same cells have the same
	// id, whichever row they stand in.
	Digest []string

	NullWords []string // of this column, besides the dataset's
	Words     *Words   // nil: cells are taken as they stand
	// Empty is what an empty cell stands for, a text of the column's kind in the
	// column's own unit; empty: nothing.
	Empty string
	// PadZeros is how many characters a code of digits has at least; zeros that a
	// spreadsheet took from its front are put back. 0: codes are left alone.
	PadZeros int
	Dates    *DateFormat // nil: dates are read in the usual forms

	Take Take // of a join's columns; empty of others
	// LargestOf parts the rows that a join sums up: those for which all conditions of a
	// part hold are summed apart, and the largest of the sums is taken, as where the
	// floors of a house are told once for the house and once flat by flat. A row that no
	// part has counts in none. Empty: there is one sum, of all rows.
	LargestOf [][]Condition
	Line      int // in the mapping

	column int
}

// Header is a header of a file and what the cells below it count in.
type Header struct {
	Text string
	// Unit is that of numbers: the one the mapping says, else the one in the header's
	// last bracket, else the column's own, of a header that is the column's own name or
	// of amounts that all count alike. Of other columns it is none.
	Unit unit.Unit
}

// GeometryHeader names the drawn shape in a digest.
const GeometryHeader = "geometry"

// setting is one of the sets of columns that a mapping may speak of, and what may be
// said of them.
type setting struct {
	what   string // in messages: the table
	names  []string
	field  func(name string) (table.Field, bool)
	layer  bool // its rows have a geometry
	joined bool // of a join: values are taken from several rows
	codes  bool // of a file of codes
	key    string
}

// ownColumns are the columns of a table, its geometry left out.
func ownColumns(s *table.Schema) setting {
	set := setting{what: "table " + s.Name, layer: s.Shape != table.NoGeometry}
	for _, f := range s.Fields {
		if f.Kind != table.Geometry {
			set.names = append(set.names, f.Name)
		}
	}
	if len(s.Key) == 1 {
		set.key = s.Key[0]
	}
	set.field = func(name string) (table.Field, bool) {
		i := s.Index(name)
		if i < 0 || s.Fields[i].Kind == table.Geometry {
			return table.Field{}, false
		}
		return s.Fields[i], true
	}
	return set
}

func (d *decoder) columns(n *parse.Node, set setting) []Column {
	var columns []Column
	d.Each(n, "columns", func(name string, v *parse.Node) {
		line, column := entry(n, name)
		f, ok := set.field(name)
		switch {
		case !ok && name == GeometryHeader && set.layer:
			d.Place(line, column, "the geometry is the layer's own and is not mapped")
		case !ok:
			d.Place(line, column, "%s has no column %s%s", set.what, parse.Show(name), parse.Offer(name, set.names))
		default:
			c := Column{Name: name, Line: line, column: column}
			d.column(v, set, f, &c)
			columns = append(columns, c)
		}
	})
	return columns
}

// column reads a header alone, or a mapping that says more.
func (d *decoder) column(n *parse.Node, set setting, f table.Field, c *Column) {
	if n.Form != parse.Mapping {
		if s := d.Text(n); s != "" && set.joined {
			d.At(n, "column %s of a join lacks take: write {header: %s, take: …}", c.Name, parse.Show(s))
		} else if s != "" {
			c.Headers = []Header{{Text: s, Unit: f.Unit}}
			d.bracketed(n, f, c)
		}
		return
	}
	explicit := false
	keys := []parse.Key{
		parse.May("header", func(n *parse.Node) { c.Headers = []Header{{Text: d.Text(n)}} }),
		parse.May("headers", func(n *parse.Node) {
			for _, text := range d.Set(n, "headers") {
				c.Headers = append(c.Headers, Header{Text: text})
			}
		}),
		parse.May("unit", func(n *parse.Node) { explicit = true; d.unit(n, f, c) }),
		parse.May("null_words", d.set(&c.NullWords, "null_words")),
		parse.May("empty", func(n *parse.Node) { c.Empty = d.cell(n, f) }),
		parse.May("pad_zeros", func(n *parse.Node) {
			c.PadZeros = d.Whole(n, 2, 40)
			d.kindOf(n, f, "pad_zeros", table.Code, table.ID)
		}),
	}
	keys = append(keys, d.dateKeys(n, f, c)...)
	keys = append(keys, d.wordKeys(f, c)...)
	if set.joined {
		keys = append(keys, d.joinedKeys(f, c)...)
	} else {
		keys = append(keys, d.ownKeys(set, f, c)...)
	}
	misspelt := d.Mapping(n, "column "+c.Name, keys...)
	d.source(n, set, c, misspelt)
	d.parted(n, c)
	d.countedIn(n, f, c, explicit)
	d.dayless(n, c)
}

// joinedKeys are the keys of columns of a join.
func (d *decoder) joinedKeys(f table.Field, c *Column) []parse.Key {
	keys := []parse.Key{
		parse.Need("take", func(n *parse.Node) { c.Take = d.take(n, f) }),
		parse.May("largest_of", func(n *parse.Node) { c.LargestOf = d.parts(n) }),
	}
	for _, key := range []string{"value", "digest", "optional"} {
		keys = append(keys, parse.May(key, func(n *parse.Node) {
			d.At(n, "%s is for columns of the table's own, and %s is of a join", key, c.Name)
		}))
	}
	return keys
}

// ownKeys are the keys of columns that are not of a join.
func (d *decoder) ownKeys(set setting, f table.Field, c *Column) []parse.Key {
	return []parse.Key{
		parse.May("take", func(n *parse.Node) { d.At(n, "take is for columns of a join, and %s is the table's own", c.Name) }),
		parse.May("largest_of", func(n *parse.Node) {
			d.At(n, "largest_of is for columns of a join, and %s is the table's own", c.Name)
		}),
		parse.May("optional", func(n *parse.Node) {
			if d.Yes(&c.Optional)(n); c.Optional && f.Needed {
				d.At(n, "%s must be there in every file; it cannot be optional", f.Name)
			}
		}),
		parse.May("value", func(n *parse.Node) {
			if c.Constant = d.cell(n, f); c.Constant != "" && f.Name == set.key {
				d.At(n, "%s names the rows of %s; it cannot be the same in all", f.Name, set.what)
			}
			d.standard(n, f, c.Constant)
		}),
		parse.May("digest", func(n *parse.Node) {
			c.Digest = d.Set(n, "digest")
			if f.Kind != table.ID && f.Kind != table.Code || f.Credit || set.codes {
				d.At(n, "digest makes ids, and %s is %s", f.Name, kindName(f))
			}
			for _, i := range n.Items {
				if trimmed(i) == GeometryHeader && !set.layer {
					d.At(i, "%s is no layer and has no geometry", set.what)
				}
			}
		}),
	}
}

// trimmed is the text of a node as the decoder gives it, without telling of anything.
func trimmed(n *parse.Node) string { return strings.TrimSpace(n.Text) }

// sources are the keys of which a column has exactly one.
var sources = []string{"header", "headers", "value", "digest"}

// ofCells are the keys that say something about the cells below a header.
var ofCells = []string{"optional", "null_words", "empty", "pad_zeros", "format", "day", "values", "prefixes", "otherwise"}

// source tells of columns that come from nothing or from two things.
func (d *decoder) source(n *parse.Node, set setting, c *Column, misspelt []string) {
	from := ""
	for _, key := range sources {
		if n.Entry(key) == nil {
			continue
		}
		if from != "" && !(set.joined && (key == "value" || key == "digest")) { // told already
			line, column := entry(n, key)
			d.Place(line, column, "column %s has both %s and %s; keep one", c.Name, from, key)
		}
		from = key
	}
	meant := slices.ContainsFunc(misspelt, func(key string) bool { return slices.Contains(sources, key) })
	switch {
	case from == "" && !meant && set.joined:
		d.Place(c.Line, c.column, "column %s comes from nothing: say header or headers", c.Name)
	case from == "" && !meant:
		d.Place(c.Line, c.column, "column %s comes from nothing: say header, headers, value or digest", c.Name)
	case !set.joined && (from == "value" || from == "digest"):
		for _, key := range ofCells {
			if n.Entry(key) != nil {
				line, column := entry(n, key)
				d.Place(line, column, "%s is of cells below a header, and column %s has %s", key, c.Name, from)
			}
		}
	}
}

// plainly is what the values of a column without unit are.
func plainly(f table.Field) string {
	if f.Kind == table.Number {
		return "a plain number"
	}
	return kindName(f)
}

// unit reads what numbers count in; the header's or the constant's.
func (d *decoder) unit(n *parse.Node, f table.Field, c *Column) {
	s := d.Text(n)
	if s == "" {
		return
	}
	if f.Kind != table.Number || f.Unit == unit.None {
		d.At(n, "%s is %s and counts in no unit", f.Name, plainly(f))
		return
	}
	u, ok := unitNamed(s)
	if !ok {
		d.At(n, "no unit %s%s", parse.Show(s), parse.Offer(s, unitsFor(f.Unit)))
		return
	}
	if _, _, ok := unit.Factor(u, f.Unit); !ok {
		d.At(n, "unit %s does not measure %s, which is in %s; known are %s", parse.Show(s), f.Name, f.Unit, parse.Joined(unitsFor(f.Unit)))
		return
	}
	c.ConstantUnit = u
}

func unitNamed(s string) (unit.Unit, bool) {
	if u := unit.Unit(s); s != "" && unit.Known(u) {
		return u, true
	}
	return unit.Parse(s)
}

// all are the units that a mapping may name.
var all = []unit.Unit{
	unit.SquareMetre, unit.WanSquareMetre, unit.MuUnit, unit.Hectare, unit.SquareKM, unit.SquareFoot,
	unit.Yuan, unit.QianYuan, unit.WanYuan, unit.YiYuan, unit.WanDollar, unit.KWh, unit.WanKWh, unit.TCE, unit.Tonne, unit.Kilogram,
	unit.CubicMetre, unit.WanCubicMetre, unit.Gigajoule, unit.Person, unit.Ratio, unit.Percent, unit.Degree,
}

// unitsFor are the names of the units that measure the same as one.
func unitsFor(u unit.Unit) []string {
	var names []string
	for _, other := range all {
		if _, _, ok := unit.Factor(other, u); ok {
			names = append(names, string(other))
		}
	}
	return names
}

// countedIn gives headers and constants their unit: the one said, the one in the
// header's bracket, or the column's own.
func (d *decoder) countedIn(n *parse.Node, f table.Field, c *Column, explicit bool) {
	said := c.ConstantUnit
	c.ConstantUnit = unit.None
	if f.Kind != table.Number {
		return
	}
	if said == unit.None {
		said = f.Unit
	}
	if c.Constant != "" {
		c.ConstantUnit = said
	}
	for i := range c.Headers {
		c.Headers[i].Unit = said
	}
	if line, column := entry(n, "unit"); explicit && len(c.Digest) > 0 {
		d.Place(line, column, "unit is of cells below a header, and column %s has digest", c.Name)
	}
	if explicit && c.Take == Count {
		line, column := entry(n, "unit")
		d.Place(line, column, "column %s counts rows, whatever their unit", c.Name)
	}
	if explicit || c.Take == Count {
		return
	}
	if at := n.Entry("header"); at != nil {
		d.bracketed(at, f, c)
	} else if at := n.Entry("headers"); at != nil {
		d.bracketed(at, f, c)
	}
}

// bracketed reads the units in the last brackets of a number's headers: 税收（万元）. What
// is no unit is part of the name. It tells of numbers that may count in several units
// when nothing says in which.
func (d *decoder) bracketed(n *parse.Node, f table.Field, c *Column) {
	if f.Kind != table.Number {
		return
	}
	for i := range c.Headers {
		h := &c.Headers[i]
		u, ok := unit.Parse(bracket(h.Text))
		if !ok {
			if f.Unit.Varies() && h.Text != f.Name { // the table's own name has the table's own unit
				d.At(n, "header %s says no unit, which %s needs: say unit, one of %s", parse.Show(h.Text), f.Name, parse.Joined(unitsFor(f.Unit)))
			}
			continue
		}
		if _, _, ok := unit.Factor(u, f.Unit); !ok {
			d.At(n, "header %s counts in %s, which does not measure %s; say in which unit its cells are", parse.Show(h.Text), u, f.Name)
			continue
		}
		h.Unit = u
	}
}

// bracket is what stands in the bracket that a header ends with, or nothing.
func bracket(header string) string {
	for _, pair := range [...][2]string{{"(", ")"}, {"（", "）"}, {"[", "]"}, {"【", "】"}, {"［", "］"}, {"（", ")"}, {"(", "）"}} {
		if rest, ok := strings.CutSuffix(header, pair[1]); ok {
			if i := strings.LastIndex(rest, pair[0]); i > 0 {
				return strings.TrimSpace(rest[i+len(pair[0]):])
			}
		}
	}
	return ""
}
