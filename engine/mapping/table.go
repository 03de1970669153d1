package mapping

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
)

// Table is where one of the input tables is read from.
type Table struct {
	Schema *table.Schema
	// From are the files; their rows together are the table's. Without any, files are
	// found by the table's name as without a mapping.
	From []File
	CRS  string // of its files that say no other; see Mapping.CRSOf
	// Columns are those the mapping speaks of, in the schema's order; ColumnsOf gives
	// those of a file. The others are found by the dictionary of headers. A header
	// that a column here names has no other meaning from the dictionary.
	Columns []Column
	// Where must hold of a row's cells in its own file; other rows are left out and
	// counted, not rejected.
	Where []Condition
	// Ignore are headers that are known and not wanted, neither read nor listed.
	Ignore []string
	Joins  []Join
	Line   int // of the table in the mapping
}

// ColumnsOf are the table's columns for one of its files, in the schema's order: the
// file's own, and the table's that it does not replace. Those of joins are not among
// them.
func (t *Table) ColumnsOf(f *File) []Column {
	if f == nil || len(f.Columns) == 0 {
		return t.Columns
	}
	all := slices.Clone(f.Columns)
	for _, c := range t.Columns {
		if !slices.ContainsFunc(f.Columns, func(own Column) bool { return own.Name == c.Name }) {
			all = append(all, c)
		}
	}
	sortColumns(all, t.Schema)
	return all
}

func sortColumns(columns []Column, s *table.Schema) {
	slices.SortFunc(columns, func(a, b Column) int { return s.Index(a.Name) - s.Index(b.Name) })
}

func (d *decoder) table(n *parse.Node, s *table.Schema, line int) Table {
	t := Table{Schema: s, Line: line}
	own := ownColumns(s)
	d.Mapping(n, "table "+s.Name,
		parse.May("from", func(n *parse.Node) { t.From = d.files(n, s) }),
		parse.May("crs", func(n *parse.Node) {
			d.crs(&t.CRS)(n)
			if s.Shape == table.NoGeometry {
				d.At(n, "table %s is no layer and has no crs", s.Name)
			}
		}),
		parse.May("columns", func(n *parse.Node) { t.Columns = d.columns(n, own) }),
		parse.May("where", func(n *parse.Node) { t.Where = d.conditions(n, "where") }),
		parse.May("ignore", d.set(&t.Ignore, "ignore")),
		parse.May("join", func(n *parse.Node) { t.Joins = d.joins(n, s) }))
	sortColumns(t.Columns, s)
	d.ignored(n, &t)
	d.once(&t)
	d.years(&t)
	return t
}

// ignored tells of headers that are to be ignored and used.
func (d *decoder) ignored(n *parse.Node, t *Table) {
	list := n.Entry("ignore")
	if list == nil || list.Form != parse.List {
		return
	}
	used := map[string]string{}
	for _, c := range t.Columns {
		for _, h := range c.Headers {
			used[h.Text] = c.Name
		}
	}
	for i := range t.From {
		for _, c := range t.From[i].Columns {
			for _, h := range c.Headers {
				used[h.Text] = c.Name
			}
		}
	}
	for _, i := range list.Items {
		if column := used[trimmed(i)]; column != "" {
			d.At(i, "header %s is to be ignored, and is what %s is read from", parse.Show(trimmed(i)), column)
		}
	}
}

// once tells of columns that come from the table's own files and from a join, or from
// two joins.
func (d *decoder) once(t *Table) {
	from := map[string]int{}
	for _, c := range t.Columns {
		from[c.Name] = c.Line
	}
	for i := range t.From {
		for _, c := range t.From[i].Columns {
			from[c.Name] = c.Line
		}
	}
	for _, j := range t.Joins {
		for _, c := range j.Columns {
			if line, twice := from[c.Name]; twice {
				d.Place(c.Line, c.column, "%s of a join is also taken in line %d; keep one", c.Name, line)
				continue
			}
			from[c.Name] = c.Line
		}
	}
}

// years tells of files whose year is given twice.
func (d *decoder) years(t *Table) {
	for i := range t.From {
		f := &t.From[i]
		if f.Year == 0 {
			continue
		}
		for _, c := range t.ColumnsOf(f) {
			if c.Name == "year" {
				d.Place(f.Line, f.column, "the year of %s is given by year and by the column in line %d; keep one", f.Name(), c.Line)
			}
		}
	}
}
