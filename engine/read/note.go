package read

import (
	"cmp"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// ColumnNote says where the values of a column came from.
type ColumnNote struct {
	Column string
	File   int32  // index into the account's files
	Header string // as it stands in the file; of a constant its value; several are joined by " + "
	// How they came: empty for the cells below the header, "constant", "digest", "name"
	// of the file or its folder, or what was taken of a joined file's cells.
	How  string
	Unit unit.Unit // that the numbers below the header count in
}

// noteColumns notes where the columns of the file being read come from.
func (sc *scan) noteColumns() {
	p := sc.settings.Plan
	if p != nil && p.Raw {
		return
	}
	var notes []ColumnNote
	n := len(sc.schema.Fields)
	for i := range sc.schema.Fields {
		if header, ok := sc.from[i]; ok {
			notes = append(notes, sc.noteOf(i, header))
		}
	}
	for _, g := range sc.given {
		if _, cells := sc.from[g.target.field]; g.target.field >= 0 && !cells {
			notes = append(notes, ColumnNote{Column: sc.schema.Fields[g.target.field].Name, Header: string(g.value), How: "name"})
		}
	}
	if p != nil {
		for slot, t := range sc.also {
			if header, ok := sc.from[n+slot]; ok && t.field >= 0 {
				notes = append(notes, sc.noteOf(t.field, header))
			}
		}
		for i := range p.Columns {
			c := &p.Columns[i]
			one := ColumnNote{Column: c.Spec.Name}
			switch {
			case c.Join >= 0:
				continue // told once for all files
			case len(c.Digest) > 0:
				one.How, one.Header = "digest", strings.Join(c.Spec.Digest, " + ")
			case c.Spec.Constant != "":
				one.How, one.Header, one.Unit = "constant", c.Spec.Constant, c.Constant.Unit
			default:
				for _, src := range c.Cells {
					if header, ok := sc.from[n+src.Slot]; ok {
						one.Header, one.Unit = header, src.Unit
					}
				}
				if one.Header == "" {
					continue // optional
				}
			}
			notes = append(notes, one)
		}
	}
	for i := range notes {
		notes[i].File = sc.file
	}
	slices.SortFunc(notes, func(a, b ColumnNote) int {
		return cmp.Compare(sc.schema.Index(a.Column), sc.schema.Index(b.Column))
	})
	sc.account.Columns = append(sc.account.Columns, notes...)
}

// noteOf is the note of a column that the dictionary found.
func (sc *scan) noteOf(field int, header string) ColumnNote {
	f := &sc.schema.Fields[field]
	one := ColumnNote{Column: f.Name, Header: header}
	if f.Kind != table.Number {
		return one
	}
	one.Unit = f.Unit
	if _, label, ok := fields.Header(sc.schema.Name, header); ok && label != "" {
		if u, known := unit.Parse(label); known {
			one.Unit = u
		}
	}
	return one
}
