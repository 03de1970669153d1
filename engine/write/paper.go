package write

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Whole is all that a run came to, before it is visible: its layers, tables and facts in
// the order they were written, every column still to be asked for any row, and the
// manifest but for the outputs.
type Whole struct {
	Manifest *Manifest
	Layers   []Layer
	Tables   []Table
	Facts    []Table // what verdicts were found from
}

// Layer is a layer by name; ok false where the run has none.
func (w *Whole) Layer(name string) (l *Layer, ok bool) {
	for i := range w.Layers {
		if w.Layers[i].Name == name {
			return &w.Layers[i], true
		}
	}
	return nil, false
}

// Table is a table by name; ok false where the run has none.
func (w *Whole) Table(name string) (t *Table, ok bool) {
	for i := range w.Tables {
		if w.Tables[i].Name == name {
			return &w.Tables[i], true
		}
	}
	return nil, false
}

// Fact is a table of facts by name; ok false where the run has none.
func (w *Whole) Fact(name string) (t *Table, ok bool) {
	for i := range w.Facts {
		if w.Facts[i].Name == name {
			return &w.Facts[i], true
		}
	}
	return nil, false
}

// Paper is a file for people that is made of all the others: a workbook, a report.
type Paper struct {
	Name string // of the file in the run folder
	// Make writes the file and says how many rows went into it. It changes nothing of
	// the run but for notes about itself in the manifest, and the same run gives the same
	// bytes.
	Make func(ctx context.Context, run *Whole, out io.Writer) (rows int, err error)
}

// whole is the run as papers see it.
func (f *Folder) whole(m *Manifest) *Whole {
	return &Whole{Manifest: m, Layers: f.layers, Tables: f.tables, Facts: f.found}
}

// paper writes one paper into the run folder.
func (f *Folder) paper(ctx context.Context, p Paper, m *Manifest) (rows int, err error) {
	err = os.MkdirAll(filepath.Dir(f.path(p.Name)), 0o755)
	var out *os.File
	if err == nil {
		out, err = os.Create(f.path(p.Name))
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", f.shown(p.Name), reason(err))
	}
	counted := &counter{w: out}
	rows, err = p.Make(ctx, f.whole(m), counted)
	if shut := out.Close(); err == nil {
		err = shut
	}
	if err != nil {
		return rows, fmt.Errorf("write %s: %w", f.shown(p.Name), reason(err))
	}
	f.outputs = append(f.outputs, Written{Path: p.Name, Rows: int64(rows), Bytes: counted.n})
	return rows, nil
}

// Column is a column of the table by name; ok false where it has none.
func (t *Table) Column(name string) (c *Column, ok bool) { return named(t.Columns, name) }

// Column is a column of the layer by name; ok false where it has none.
func (l *Layer) Column(name string) (c *Column, ok bool) { return named(l.Columns, name) }

func named(columns []Column, name string) (c *Column, ok bool) {
	for i := range columns {
		if columns[i].Name == name {
			return &columns[i], true
		}
	}
	return nil, false
}

// Printed is the value of row i as tables print it; ok false is null.
func (c *Column) Printed(i int) (v string, ok bool) {
	if c.text != nil {
		return c.text(i)
	}
	b := c.appendCSV(nil, i)
	return string(b), len(b) > 0
}

// Fixed is the value of row i of a column with a fixed number of decimals, as it is
// held: the number × 10^decimals. ok false is null; fixed false is another column.
func (c *Column) Fixed(i int) (v int64, decimals int, ok, fixed bool) {
	if c.fixed == nil {
		return 0, 0, false, false
	}
	v, ok = c.fixed(i)
	return v, int(c.decimals), ok, true
}
