package read

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/read/dataset"
	"github.com/muscope-gis/muscope/engine/read/plan"
	"github.com/muscope-gis/muscope/engine/read/tally"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/crs"
)

// parcelCodeColumn holds 宗地代码.
const parcelCodeColumn = "parcel_code"

// openMapping reads the mapping: the file at path, or the one in the folder if it is
// there.
func (f *Folder) openMapping(path string) error {
	if path == "" {
		path = filepath.Join(f.dir, dataset.MappingFile)
		if _, err := os.Stat(path); err != nil {
			return nil //nolint:nilerr // it need not be there
		}
	}
	m, err := ReadMapping(path)
	if err != nil {
		return err
	}
	f.mapping, f.mapped = m.Mapping, []File{m.File}
	return nil
}

// ReadMapping reads a mapping.
func ReadMapping(path string) (*Mapped, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, errText(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: it is no regular file; put the mapping itself there", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errText(err))
	}
	m, err := mapping.Parse(path, text, mapping.Options{KnownCRS: func(name string) error {
		_, err := crs.Find(name)
		return err
	}})
	if err != nil {
		return nil, err
	}
	if c := m.Coordinates; c != "" {
		return nil, fmt.Errorf("read %s: coordinates %s are shifted by hundreds of metres, differently from place to place: no area or distance of them is worth anything; ask for the layers in CGCS2000",
			path, c)
	}
	return &Mapped{m, File{Name: filepath.Base(path), Path: path, Bytes: int64(len(text))}}, nil
}

// Declared lists the file that says how the others are to be understood, if there is
// one.
func (f *Folder) Declared() []File { return f.mapped }

// joined is a file that columns are taken from, read and added up.
type joined struct {
	of      *mapping.Join
	alike   *joined // an earlier one of the same rows and keys; nil: none
	plan    *plan.Plan
	columns []plan.Column // in the join's order
	sources []plan.Source // of each column: the header of the file being read
	tally   *tally.Tally
	sums    []int    // of each column: its first in the tally, and at the end of all; it has one for each part
	matched []uint32 // by key: 1 when a row of the table has it
	reader  *rows    // for its units
	files   []File
	at      int // of the first among those of all joins
	faulty  int64
	row     [][]byte
	once    []byte
}

// openJoins reads the files that columns of a table are taken from.
func (f *Folder) openJoins(ctx context.Context, sc *scan) (files []File, err error) {
	if f.mapping == nil {
		return nil, nil
	}
	t, ok := f.mapping.Table(sc.schema.Name)
	if !ok {
		return nil, nil
	}
	for i := range t.Joins {
		j, err := f.openJoin(ctx, sc, &t.Joins[i])
		if err != nil {
			return nil, err
		}
		j.at = len(files)
		for _, other := range sc.joins {
			if other.alike == nil && other.of.SameRows(j.of) {
				j.alike, j.at = other, other.at
			}
		}
		if sc.joins = append(sc.joins, j); j.alike == nil {
			files = append(files, j.files...)
		}
	}
	return files, nil
}

func (f *Folder) openJoin(ctx context.Context, sc *scan, of *mapping.Join) (*joined, error) {
	j := &joined{of: of, reader: newRows(sc.schema, 0, 0), sources: make([]plan.Source, len(of.Columns))}
	j.reader.nullWords, j.reader.sentinels = f.mapping.NullWords, f.mapping.SentinelDates
	p := plan.Joined(sc.schema, of)
	j.columns, j.plan = p.Columns, p
	var columns []tally.Column
	for i := range p.Columns {
		j.sums = append(j.sums, len(columns))
		for range max(1, len(p.Columns[i].Parts)) {
			columns = append(columns, j.column(sc.schema, i))
		}
	}
	j.sums, j.row = append(j.sums, len(columns)), make([][]byte, len(columns))
	j.tally = tally.New(columns, len(of.DistinctBy) > 0)
	err := f.rawRows(ctx, &of.File, sc, p, j.add, func(one File, faulty int64) {
		j.files, j.faulty = append(j.files, one), j.faulty+faulty
	})
	if err != nil {
		return nil, err
	}
	j.tally.Finish()
	j.matched = make([]uint32, len(j.tally.Keys()))
	return j, nil
}

// rawRows reads the rows of files that are no tables, one after the other: each takes
// a row, done what a file came to.
func (f *Folder) rawRows(ctx context.Context, of *mapping.File, table *scan, p *plan.Plan, each func(*rows), done func(File, int64)) error {
	none := *table.schema
	none.Fields, none.Shape = nil, 0
	for _, part := range f.holds.Joined[of] {
		set := fileSettings{
			Encoding: of.Encoding, Delimiter: of.Delimiter, HeaderAt: of.HeaderAt, HeaderRows: of.HeaderRows, Within: part.Within,
			NullWords: f.mapping.NullWords, Plan: p, mapping: f.mapping.File,
		}
		sub := &scan{schema: &none, workers: 1, account: &Account{Table: none.Name}}
		sub.sink = each
		sub.account.Files = []File{fileOf(part)}
		part.Given, part.Year = nil, 0
		if err := sub.begin(0, part, set); err != nil {
			return err
		}
		if err := f.format(part)(ctx, sub, &sub.account.Files[0]); err != nil {
			return err
		}
		one := sub.account.Files[0]
		one.Rows = sub.rows
		if sub.filtered > 0 {
			one.note(fmt.Sprintf("rows that the mapping does not want: %d", sub.filtered))
		}
		done(one, sub.faulty)
	}
	return nil
}

// column is how a column of the join is read.
func (j *joined) column(s *table.Schema, i int) tally.Column {
	c := &j.columns[i]
	return tally.Column{
		Field: &s.Fields[c.Field], Take: c.Spec.Take,
		Number: func(v []byte) (n, mul, div float64, why string) {
			src := &j.sources[i]
			n, own, wrong := j.reader.written(target{c.Field, src.Mul, src.Div}, v)
			return n, own.mul, own.div, string(wrong)
		},
		Date: func(v []byte) (d unit.Date, none bool, why string) {
			if v[0] == '#' && cell.IsError(v) {
				return 0, false, string(FormulaError)
			}
			d, wrong := dateOf(c, v)
			return d, wrong == "" && slices.Contains(j.reader.sentinels, d), string(wrong)
		},
	}
}

// written is a number as it is written, and the factor to the column's unit.
func (r *rows) written(t target, v []byte) (n float64, own target, why Reason) {
	if v[0] == '#' && cell.IsError(v) {
		return 0, t, FormulaError
	}
	if n, ok := cell.Number(v); ok {
		return n, t, ""
	}
	if n, own, ok := r.measured(t.field, v); ok {
		return n, own, ""
	}
	return 0, t, NotANumber
}

// keyless is the key of rows without one, which no row of a table has.
const keyless = ""

// add adds a row. Rows of which a part is summed apart are not alike, whatever their
// distinct cells.
func (j *joined) add(r *rows) {
	k := r.kept
	key := r.ownKey(k.Key)
	if key == nil {
		key = []byte(keyless)
	}
	j.once = j.once[:0]
	for _, slot := range k.Distinct {
		j.once = append(append(j.once, r.cellAt(slot)...), 0)
	}
	for i := range j.columns {
		v := j.cell(r, i)
		if len(j.columns[i].Parts) == 0 {
			j.row[j.sums[i]] = v
			continue
		}
		for p, part := range j.columns[i].Parts {
			at := j.sums[i] + p
			if j.row[at] = nil; r.meets(part) {
				j.row[at], j.once = v, append(j.once, '1')
			} else {
				j.once = append(j.once, '0')
			}
		}
	}
	j.tally.Add(key, j.once, j.row)
}

// cell is what a row has for a column; nil: nothing.
func (j *joined) cell(r *rows, i int) (cell []byte) {
	c := &j.columns[i]
	for _, src := range c.Cells {
		if r.kept.how[src.Slot] == absent {
			continue
		}
		j.sources[i] = src
		if v := r.cellAt(src.Slot); v != nil && !c.IsNull(v) && !j.sentinel(c, v) {
			cell = v
		}
	}
	return cell
}

// value is what a column takes from the rows of a key: of sums apart the largest.
func (j *joined) value(key int32, column int) (v tally.Value) {
	for at := j.sums[column]; at < j.sums[column+1]; at++ {
		one := j.tally.Value(key, at)
		switch {
		case one.Fault != nil && (v.Fault == nil || one.Fault.Value < v.Fault.Value):
			v = one
		case one.Fault == nil && v.Fault == nil && one.Some && (!v.Some || one.Number > v.Number):
			v = one
		}
	}
	return v
}

// sentinel says whether a cell is a date that stands for none.
func (j *joined) sentinel(c *plan.Column, v []byte) bool {
	if len(j.reader.sentinels) == 0 || j.reader.schema.Fields[c.Field].Kind != table.Date {
		return false
	}
	d, why := dateOf(c, v)
	return why == "" && slices.Contains(j.reader.sentinels, d)
}

// find is the number of the key that a row of the table has; -1: none.
func (j *joined) find(r *rows, own []int) int32 {
	key := r.ownKey(own)
	if key == nil {
		return -1
	}
	n, ok := j.tally.Find(key)
	if !ok {
		return -1
	}
	atomic.StoreUint32(&j.matched[n], 1)
	return n
}

// beginMapped finds what the dictionary says of headers that the mapping asks for and
// reads no column from.
func (sc *scan) beginMapped() error {
	p := sc.settings.Plan
	sc.also = nil
	if p == nil || p.Raw {
		return nil
	}
	sc.also = make([]target, len(p.Headers))
	for slot, header := range p.Headers {
		sc.also[slot].field = -1
		if p.Owner(slot) >= 0 {
			continue
		}
		t, err := column(sc.schema, header)
		if err != nil {
			return err
		}
		if t.field >= 0 && !p.Claims(t.field) {
			sc.also[slot] = t
		}
	}
	return nil
}

// givenTo finds where the value of a folder's or a file's name goes.
func (sc *scan) givenTo(header string) (target, error) {
	if sc.settings.Plan != nil {
		return column(sc.schema, header)
	}
	return sc.column(header)
}

// hasMapped says whether a field comes from what the mapping says.
func (sc *scan) hasMapped(field int, has func(int) bool) bool {
	p := sc.settings.Plan
	if p == nil {
		return false
	}
	for slot, t := range sc.also {
		if t.field == field && has(len(sc.schema.Fields)+slot) {
			return true
		}
	}
	return p.Claims(field)
}
