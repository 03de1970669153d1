package workbook

import (
	"sort"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/report/phrase"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// source is a table or layer of the run that a list is made of. Without columns it is
// one that the run does not have.
type source struct {
	name    string
	rows    int
	columns []write.Column
}

// read finds the tables and layers that the lists are made of.
func (b *book) read() {
	table := func(name string) *source {
		if t, ok := b.run.Table(name); ok {
			return &source{name, t.Rows, t.Columns}
		}
		return &source{name: name}
	}
	layer := func(name string) *source {
		if l, ok := b.run.Layer(name); ok {
			return &source{name, l.Rows, l.Columns}
		}
		return &source{name: name}
	}
	b.land, b.indicators, b.grades = table("land"), table("indicators"), table("grades")
	b.zones, b.mix, b.scorecard = table("zones"), table("land_mix"), table("scorecard")
	b.idle, b.underused, b.supply, b.conflicts = table("idle_land"), table("underused_land"), table("supply"), table("conflicts")
	b.parcels = layer("parcels")
	b.enterprises = &source{name: "enterprises"}
	if t, ok := b.run.Fact("enterprises"); ok {
		b.enterprises = &source{"enterprises", t.Rows, t.Columns}
	}
	b.uses, b.useParcels = &source{}, &source{}
	if t, ok := b.run.Fact("uses"); ok {
		b.uses = &source{"uses", t.Rows, t.Columns}
	}
	if t, ok := b.run.Fact("use_parcels"); ok {
		b.useParcels = &source{"use_parcels", t.Rows, t.Columns}
	}
	names := b.zones.texts("name")
	b.zoneName = map[string]string{}
	code := b.zones.texts("zone_code")
	for i := range b.zones.rows {
		b.zoneName[code(i)] = names(i)
	}
}

// there says whether the run has the source at all.
func (s *source) there() bool { return len(s.columns) > 0 }

// column is a column by name; nil where there is none.
func (s *source) column(name string) *write.Column {
	for i := range s.columns {
		if s.columns[i].Name == name {
			return &s.columns[i]
		}
	}
	return nil
}

// texts is a column of texts, empty where it is null or there is no such column.
func (s *source) texts(name string) func(i int) string {
	c := s.column(name)
	if c == nil || c.Kind() != write.KindText {
		return func(int) string { return "" }
	}
	return func(i int) string {
		v, _ := c.Text(i)
		return v
	}
}

// finder finds rows by a code that they are sorted by; −1: none.
func (s *source) finder(column string) func(code string) int {
	code := s.texts(column)
	return func(of string) int {
		i := sort.Search(s.rows, func(i int) bool { return code(i) >= of })
		if of == "" || i == s.rows || code(i) != of {
			return -1
		}
		return i
	}
}

// beside is, for each row of a source, the row of another with the same code; −1: none.
func (s *source) beside(other *source, column string) func(i int) int {
	code, find := s.texts(column), other.finder(column)
	return func(i int) int { return find(code(i)) }
}

// column is a column of a list. A zero field is filled in from the dictionary.
type column struct {
	group, head, unit, en string
	width                 float64
	form                  form
	of                    *write.Column // what it shows
	via                   func(i int) int
	value                 func(i int) any // what it shows else
	words                 string          // what its values are called: fields.Word(words.VALUE)
	sum                   bool            // added up below the list, where its decimals are fixed
	from                  [2]string       // table and column in the dictionary
	about                 string          // for the notes, in place of the dictionary's formula
}

// show is a column of a source as a list shows it.
func show(s *source, name string, c column) column {
	c.of, c.from = s.column(name), [2]string{s.name, name}
	e, _ := fields.Explain(s.name, name)
	if c.head == "" {
		c.head = e.Zh
	}
	if c.head == "" {
		c.head = name
	}
	if c.en == "" {
		c.en = e.En
	}
	if c.unit == "" {
		c.unit = phrase.Unit(e.Unit)
	}
	if c.form == textForm {
		c.form = formOf(c.of, e.Unit)
	}
	return c
}

// formOf is how values of a column are shown.
func formOf(c *write.Column, unitName string) form {
	if c == nil {
		return textForm
	}
	switch c.Kind() {
	case write.KindNumber:
		if unitName == string(unit.Ratio) {
			return percentForm
		}
		return numberForm
	case write.KindInteger:
		return wholeForm
	case write.KindDate:
		return dateForm
	case write.KindBool:
		return centreForm
	}
	if strings.HasSuffix(c.Name, "_code") || c.Name == "holder" || c.Name == "code" {
		return codeForm
	}
	return textForm
}

// cell is the value of row i; nil where there is none.
func (c *column) cell(i int) any {
	if c.value != nil {
		return c.value(i)
	}
	if c.via != nil {
		i = c.via(i)
	}
	if c.of == nil || i < 0 {
		return nil
	}
	return c.valueOf(i)
}

func (c *column) valueOf(i int) any {
	switch c.of.Kind() {
	case write.KindNumber:
		if v, ok := c.of.Number(i); ok {
			return v
		}
	case write.KindInteger:
		if v, ok := c.of.Integer(i); ok {
			return v
		}
	case write.KindBool:
		if v, ok := c.of.Bool(i); ok {
			return phrase.YesNo(v)
		}
	case write.KindDate:
		if v, ok := c.of.Date(i); ok {
			return v
		}
	default:
		if v, ok := c.of.Text(i); ok {
			return phrase.Word(c.words, v)
		}
	}
	return nil
}
