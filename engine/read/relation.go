package read

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/dataset"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/crs"
)

// Relations are a dataset in a database: package postgis says which of its relations is
// which table, and reads their cells. What cells and headers mean is the same here as in
// files.
type Relations struct {
	Name    string // what messages call the dataset; no password
	Mapping *Mapped
	Holds   *dataset.Folder // the relations by table, and those that are joined on
	// Read reads a relation, one of those that Holds lists.
	Read func(ctx context.Context, r *Relation, part dataset.Part) error
	// Lacks says why a table is not there that every dataset has.
	Lacks func(table string) error
}

// OpenRelations is the dataset of relations.
func OpenRelations(o Relations) *Folder {
	f := &Folder{dir: o.Name, holds: o.Holds, relation: o.Read, lacks: o.Lacks}
	if o.Mapping != nil {
		f.mapping, f.mapped = o.Mapping.Mapping, []File{o.Mapping.File}
		f.declare()
	}
	return f
}

// Mapped is a mapping, and the file it stands in.
type Mapped struct {
	*mapping.Mapping
	File File
}

// format reads a relation as a file is read.
func (f *Folder) format(part dataset.Part) format {
	if f.relation == nil {
		return formats[part.Ext]
	}
	return func(ctx context.Context, sc *scan, file *File) error {
		r := &Relation{sc: sc, file: file, used: map[uint32]crs.System{}, unused: map[uint32]error{}}
		if err := f.relation(ctx, r, part); err != nil {
			return err
		}
		return r.close()
	}
}

// Relation is a relation while it is read.
type Relation struct {
	// System finds the coordinate system of an SRID, for shapes that say one; the error
	// says what to do.
	System func(srid uint32) (crs.System, error)

	sc     *scan
	file   *File
	mu     sync.Mutex
	sizes  []int // bytes of the texts of each column in the batch before
	used   map[uint32]crs.System
	unused map[uint32]error
}

// Workers is how many goroutines may read it at once.
func (r *Relation) Workers() int { return r.sc.workers }

// Layer says whether its rows need a shape.
func (r *Relation) Layer() bool { return r.sc.schema.Shape != table.NoGeometry && r.sc.sink == nil }

// Table is the table that it is read into, or joined on.
func (r *Relation) Table() string { return r.sc.schema.Name }

// Note adds to what readers should know of it.
func (r *Relation) Note(what string) { r.file.note(what) }

// Expect says about how many rows there are.
func (r *Relation) Expect(rows int64) { r.sc.total += max(0, rows) }

// Target is where the cells of one of its columns go.
type Target struct {
	t    target
	Kind table.Kind // of the table's column; Text where the cell is kept for the mapping
	Kept bool       // for the mapping, which says what it means
	Code string     // the column that needs text, for a number loses zeros; else empty
	Name string     // of the table's column; empty where the cell is kept
}

// Wanted says whether anybody wants the cells.
func (t Target) Wanted() bool { return t.t.field >= 0 }

// Head finds where the cells of columns go. Those that nobody wants are listed as
// ignored. lacking says more about a column that must be there and is not.
func (r *Relation) Head(columns []string, lacking func(column string) string) ([]Target, error) {
	r.sc.lacking = lacking
	found, err := r.sc.header(r.file.Name, columns)
	if err != nil {
		return nil, err
	}
	targets := make([]Target, len(found))
	for i, t := range found {
		targets[i] = Target{t: t}
		if t.field < 0 {
			continue
		}
		if name, code := r.sc.takesCode(t); code {
			targets[i].Code = name
		}
		if targets[i].Kept = t.field >= len(r.sc.schema.Fields); !targets[i].Kept {
			targets[i].Kind, targets[i].Name = r.sc.schema.Fields[t.field].Kind, r.sc.schema.Fields[t.field].Name
		}
	}
	return targets, nil
}

// Key is the place among targets of the column that the table's key is read from; -1
// where it has several, or they are several.
func (r *Relation) Key(targets []Target) int {
	s := r.sc.schema
	if len(s.Key) != 1 || r.sc.sink != nil {
		return -1
	}
	field := s.Index(s.Key[0])
	return slices.IndexFunc(targets, func(t Target) bool {
		return t.t.field == field || t.Kept && r.sc.settings.Plan.Owner(t.t.field-len(s.Fields)) == field
	})
}

// Declared settles the coordinate system by what is declared of the relation; ok is
// false when nothing is, so that each shape must say it.
func (r *Relation) Declared() (ok bool, err error) {
	if r.sc.settings.CRS == "" {
		return false, nil
	}
	return true, r.sc.in(r.file, nil)
}

// Place is the system of shapes that say none: the one declared for such; ok is false
// when there is none.
func (r *Relation) place(srid uint32) (crs.System, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.used[srid]; ok {
		return s, true
	}
	if r.unused[srid] != nil {
		return crs.System{}, false
	}
	var s crs.System
	var err error
	if declared := r.sc.settings.ElseCRS; srid == 0 && declared != "" {
		s, err = crs.Find(declared)
	} else {
		s, err = r.System(srid)
	}
	if err != nil {
		r.unused[srid] = err
		return s, false
	}
	r.used[srid] = s
	return s, true
}

// Jobs lets as many goroutines as it may do n jobs; each calls worker once for the
// function that does them. The error is that of the first job that fails.
func (r *Relation) Jobs(ctx context.Context, n int, worker func() func(job int) error) error {
	jobs := make([]int, n)
	for i := range jobs {
		jobs[i] = i
	}
	_, err := inOrder(ctx, r.sc.workers, queue(jobs), func() func(int, int) error {
		do := worker()
		return func(number, _ int) error { return do(number) }
	})
	return err
}

// close tells what became of its shapes.
func (r *Relation) close() error {
	sc := r.sc
	if sc.flattened > 0 {
		r.file.note(fmt.Sprintf("shapes whose Z or M is not used: %d", sc.flattened))
	}
	for _, srid := range slices.Sorted(maps.Keys(r.used)) {
		if s := r.used[srid]; !s.Geographic {
			r.file.note("coordinates brought from " + s.String() + " to degrees")
		}
	}
	if sc.unplaced*2 <= sc.rows {
		return nil
	}
	for _, srid := range slices.Sorted(maps.Keys(r.unused)) {
		return fmt.Errorf("read %s: %d of %d shapes have no coordinate system that is known: %w", r.file.Name, sc.unplaced, sc.rows, r.unused[srid])
	}
	return nil
}
