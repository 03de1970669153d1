// Package mapping is a dataset's mapping.yaml as data: how a bureau's own files are to
// be understood. It says which files a table is read from, which of their columns
// become which of the table's, in which units, which rows are wanted, and what is
// joined on from elsewhere. Columns are named by the files' headers, never by their
// order. Parse tells every mistake with its line and column.
//
// It reads no data and opens no file, finds no coordinate system (a callback is asked)
// and knows no policy. What a mapping does not mention is understood as without one:
// tables by the names of files, columns by the dictionary of headers.
//
// Headers and cells are compared as texts without space about them; which other
// spellings of a header are the same is the reader's to say.
package mapping

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Version is the version of mappings that Parse reads.
const Version = 1

// Mapping is how a dataset's files are to be understood.
type Mapping struct {
	File string // the name it was read under
	Name string // of the dataset, for people; may be empty
	// CRS is the coordinate system of layers that say no other; empty: what their
	// files say. CRSOf gives that of a file.
	CRS string
	// Coordinates is a shifted system that the coordinates are declared to be in. No
	// area or distance of them is worth anything.
	Coordinates Coordinates
	// StrictCodes is set when parcel codes that do not follow the national form 宗地代码
	// are to be rejected instead of taken as they are.
	StrictCodes bool
	// NullWords are cells that mean nothing was entered, besides the usual ones.
	NullWords []string
	// SentinelDates are dates that stand for none: 1901-01-01.
	SentinelDates []unit.Date
	CheckPoints   []CheckPoint
	CodeTables    []CodeTable
	Tables        []Table // those mentioned, in the order of table.Inputs
}

// Coordinates names a system whose coordinates are shifted by law or by its maker.
type Coordinates string

// The shifted systems that may be declared; the zero value is none.
const (
	GCJ02 Coordinates = "gcj02" // 国测局坐标, some 300 to 600 m off
	BD09  Coordinates = "bd09"  // 百度坐标, off by more
)

// Options are what Parse asks others.
type Options struct {
	// KnownCRS gives the reason why a coordinate system cannot be used, or nil. When
	// it is nil itself, any text is taken.
	KnownCRS func(text string) error
}

// Mistake is one thing wrong with a mapping, at its line and column.
type Mistake = parse.Mistake

// Mistakes is the error of a file that is not a valid mapping: everything wrong with
// it, in the order of the file.
type Mistakes = parse.Mistakes

// Parse reads a mapping. name stands in every mistake and in Mapping.File. The error
// is a Mistakes with everything that is wrong.
func Parse(name string, data []byte, o Options) (*Mapping, error) {
	root, mistakes := parse.Tree(name, data)
	if mistakes != nil {
		for i := range mistakes { // the tree speaks of the files it was first made for
			mistakes[i].Message = strings.Replace(mistakes[i].Message, "a policy file", "a mapping file", 1)
		}
		return nil, mistakes.AsError()
	}
	d := &decoder{Decoder: parse.Decoder{File: name}, options: o}
	m := &Mapping{File: name}
	d.mapping(root, m)
	if err := d.Mistakes.AsError(); err != nil {
		return nil, err
	}
	return m, nil
}

// Table finds what a mapping says of an input table; ok is false when it says nothing.
func (m *Mapping) Table(name string) (t *Table, ok bool) {
	for i := range m.Tables {
		if m.Tables[i].Schema.Name == name {
			return &m.Tables[i], true
		}
	}
	return nil, false
}

// CRSOf is the coordinate system declared for a file of a table: the file's, else the
// table's, else the dataset's; empty when none is, and the file itself is to say it. A
// nil table or file declares none.
func (m *Mapping) CRSOf(t *Table, f *File) string {
	switch {
	case f != nil && f.CRS != "":
		return f.CRS
	case t != nil && t.CRS != "":
		return t.CRS
	}
	return m.CRS
}

// decoder reads what a mapping says out of nodes.
type decoder struct {
	parse.Decoder
	options   Options
	standards []named // of land use that constants and translations name
}

// named is a name and where it stands.
type named struct {
	name string
	at   *parse.Node
}

func (d *decoder) mapping(root *parse.Node, m *Mapping) {
	d.Mapping(root, "the file",
		parse.Need("version", d.version),
		parse.May("name", d.Into(&m.Name)),
		parse.May("crs", d.crs(&m.CRS)),
		parse.May("coordinates", func(n *parse.Node) {
			m.Coordinates = Coordinates(d.OneOf(n, "shifted coordinates", string(GCJ02), string(BD09)))
		}),
		parse.May("strict_codes", d.Yes(&m.StrictCodes)),
		parse.May("null_words", d.set(&m.NullWords, "null_words")),
		parse.May("sentinel_dates", func(n *parse.Node) { m.SentinelDates = d.dates(n) }),
		parse.May("code_tables", func(n *parse.Node) { m.CodeTables = d.codeTables(n) }),
		parse.May("tables", func(n *parse.Node) { m.Tables = d.tables(n) }),
		parse.May("check_points", func(n *parse.Node) { m.CheckPoints = d.checkPoints(n) }),
	)
	d.knownStandards(m)
}

func (d *decoder) version(n *parse.Node) {
	if s := d.Text(n); s != "" && s != "1" {
		d.At(n, "version %s is not known; this program reads version %d", parse.Show(s), Version)
	}
}

func (d *decoder) crs(into *string) func(*parse.Node) {
	return func(n *parse.Node) {
		*into = d.Text(n)
		if *into == "" || d.options.KnownCRS == nil {
			return
		}
		if err := d.options.KnownCRS(*into); err != nil {
			d.At(n, "crs %s: %v", parse.Show(*into), err)
		}
	}
}

// set reads a list of different texts into s.
func (d *decoder) set(s *[]string, what string) func(*parse.Node) {
	return func(n *parse.Node) { *s = d.Set(n, what) }
}

func (d *decoder) dates(n *parse.Node) []unit.Date {
	var days []unit.Date
	d.Items(n, "sentinel_dates", func(i *parse.Node) {
		var day unit.Date
		before := len(d.Mistakes)
		d.Date(&day)(i)
		switch {
		case len(d.Mistakes) > before:
		case slices.Contains(days, day):
			d.At(i, "sentinel_dates %s stands twice", day)
		default:
			days = append(days, day)
		}
	})
	return days
}

// entry is the place of a mapping's key, for what is wrong with the key itself.
func entry(n *parse.Node, key string) (line, column int) {
	for _, e := range n.Entries {
		if e.Key == key {
			return e.Line, e.Column
		}
	}
	return n.Line, n.Column
}

// tables reads what is said of each table, in the order of table.Inputs.
func (d *decoder) tables(n *parse.Node) []Table {
	var names []string
	for _, s := range table.Inputs() {
		names = append(names, s.Name)
	}
	var tables []Table
	d.Each(n, "tables", func(name string, v *parse.Node) {
		s, ok := table.Input(name)
		line, column := entry(n, name)
		if !ok {
			d.Place(line, column, "there is no table %s%s", parse.Show(name), parse.Offer(name, names))
			return
		}
		tables = append(tables, d.table(v, s, line))
	})
	slices.SortFunc(tables, func(a, b Table) int {
		return slices.Index(names, a.Schema.Name) - slices.Index(names, b.Schema.Name)
	})
	return tables
}
