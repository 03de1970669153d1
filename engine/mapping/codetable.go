package mapping

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
)

// CodeTable is a classification of land use of the dataset's own, under a name of its
// own. Either it stands in the mapping, or in a file.
type CodeTable struct {
	Standard string
	Codes    []codes.Entry // as the mapping lists them; nil when they stand in a file
	File     *File         // nil when the codes stand in the mapping
	Columns  []Column      // of the file, in CodeColumns' order
	Line     int           // in the mapping
}

// CodeColumns are the columns of a file of codes: the code, its class in the land mix,
// its class under the wide profile where it differs, its names.
func CodeColumns() []table.Field {
	classes := classNames()
	return []table.Field{
		{Name: "code", Kind: table.Code, Required: true, Needed: true},
		{Name: "mix_class", Kind: table.Text, Required: true, Needed: true, OneOf: classes},
		{Name: "mix_class_wide", Kind: table.Text, OneOf: classes},
		{Name: "name_zh", Kind: table.Text},
		{Name: "name_en", Kind: table.Text},
	}
}

func classNames() []string {
	var names []string
	for c := codes.Industry; c <= codes.NonConstruction; c++ {
		names = append(names, c.String())
	}
	return names
}

func (d *decoder) codeTables(n *parse.Node) []CodeTable {
	var tables []CodeTable
	d.Items(n, "code_tables", func(i *parse.Node) {
		c := d.codeTable(i)
		for _, other := range tables {
			if other.Standard == c.Standard && c.Standard != "" {
				d.At(i, "standard %s stands twice, first in line %d", parse.Show(c.Standard), other.Line)
			}
		}
		tables = append(tables, c)
	})
	return tables
}

func (d *decoder) codeTable(n *parse.Node) CodeTable {
	c := CodeTable{Line: n.Line}
	standard := parse.Need("standard", func(n *parse.Node) {
		if c.Standard = d.Text(n); slices.Contains(codes.Standards(), c.Standard) {
			d.At(n, "standard %s comes with the program; give the dataset's own another name", c.Standard)
		}
	})
	if n.Entry("inline") != nil || n.Form != parse.Mapping {
		if n.Entry("file") != nil {
			line, column := entry(n, "file")
			d.Place(line, column, "a code table has both inline and file; keep one")
		}
		d.Mapping(n, "a code table", standard, parse.May("file", func(*parse.Node) {}),
			parse.Need("inline", func(n *parse.Node) { c.Codes = d.inline(n) }))
		return c
	}
	if n.Entry("file") == nil && n.Entry("columns") == nil {
		misspelt := d.Mapping(n, "a code table", standard, parse.May("inline", nil), parse.May("file", nil), parse.May("columns", nil))
		if len(misspelt) == 0 {
			d.At(n, "a code table comes from nothing: say inline or file")
		}
		return c
	}
	f := d.file(n, "a code table", func(*File) []parse.Key {
		return []parse.Key{standard, parse.Need("columns", func(n *parse.Node) { c.Columns = d.codeColumns(n) })}
	})
	c.File = &f
	return c
}

func (d *decoder) codeColumns(n *parse.Node) []Column {
	fields := CodeColumns()
	set := setting{what: "a code table", key: "code", codes: true}
	for _, f := range fields {
		set.names = append(set.names, f.Name)
	}
	set.field = func(name string) (table.Field, bool) {
		i := slices.Index(set.names, name)
		if i < 0 {
			return table.Field{}, false
		}
		return fields[i], true
	}
	columns := d.columns(n, set)
	slices.SortFunc(columns, func(a, b Column) int {
		return slices.Index(set.names, a.Name) - slices.Index(set.names, b.Name)
	})
	for _, need := range set.names[:2] {
		if n.Form == parse.Mapping && len(n.Entries) > 0 && n.Entry(need) == nil {
			d.At(n, "columns of a code table lack %s", need)
		}
	}
	return columns
}

// inline reads codes with their class, or with a mapping of class and names.
func (d *decoder) inline(n *parse.Node) []codes.Entry {
	var list []codes.Entry
	d.Each(n, "inline", func(code string, v *parse.Node) {
		e := codes.Entry{Code: strings.TrimSpace(code), Confirmed: true}
		if e.Code == "" {
			line, column := entry(n, code)
			d.Place(line, column, "a code must not be empty")
		}
		class := func(into *codes.Class) func(*parse.Node) {
			return func(n *parse.Node) { *into, _ = codes.ParseClass(d.OneOf(n, "class", classNames()...)) }
		}
		if v.Form == parse.Mapping {
			d.Mapping(v, "code "+parse.Show(code),
				parse.Need("mix_class", class(&e.Strict)), parse.May("mix_class_wide", class(&e.Wide)),
				parse.May("name_zh", d.Into(&e.Zh)), parse.May("name_en", d.Into(&e.En)))
		} else {
			class(&e.Strict)(v)
		}
		if e.Wide == 0 {
			e.Wide = e.Strict
		}
		list = append(list, e)
	})
	return list
}

// standard notes a standard of land use that a constant or a translation names.
func (d *decoder) standard(n *parse.Node, f table.Field, name string) {
	if name != "" && (f.Name == "land_use_standard" || f.Name == "standard") {
		d.standards = append(d.standards, named{name, n})
	}
}

// knownStandards tells of standards that neither the program nor the dataset has.
func (d *decoder) knownStandards(m *Mapping) {
	known := codes.Standards()
	for _, c := range m.CodeTables {
		known = append(known, c.Standard)
	}
	for _, s := range d.standards {
		if !slices.Contains(known, s.name) {
			d.At(s.at, "no land-use standard %s%s", parse.Show(s.name), parse.Offer(s.name, known))
		}
	}
}
