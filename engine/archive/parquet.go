package archive

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/geoparquet"
)

// factFile is a table of facts being read, and the first thing found wrong with it.
type factFile struct {
	ctx  context.Context
	name string // as in the run folder
	in   *geoparquet.File
	rows int
	err  error
}

func (r *Run) openFacts(ctx context.Context, name string) (*factFile, error) {
	path, err := r.file(name)
	if err != nil {
		return nil, err
	}
	in, err := geoparquet.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, damaged)
	}
	return &factFile{ctx: ctx, name: path, in: in, rows: int(in.Rows())}, nil
}

func (f *factFile) close() { _ = f.in.Close() }

// fail notes what is wrong; the first counts.
func (f *factFile) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("read %s: %w; %s", f.name, fmt.Errorf(format, args...), damaged)
	}
}

// column reads one column: take is called for each value with its row, and null for
// each row without one.
func column[A arrow.Array](f *factFile, name string, take func(a A, i, row int), null func(row int)) {
	if f.err != nil {
		return
	}
	at := f.in.Schema().FieldIndices(name)
	if len(at) != 1 {
		f.fail("no column %s", name)
		return
	}
	row := 0
	for g := range f.in.NumRowGroups() {
		rec, err := f.in.RowGroup(f.ctx, g, at)
		if err != nil {
			f.err = fmt.Errorf("%w; %s", err, damaged)
			return
		}
		a, ok := rec.Column(0).(A)
		if !ok {
			f.fail("column %s is %s", name, rec.Column(0).DataType())
			return
		}
		for i := range a.Len() {
			if a.IsNull(i) {
				null(row)
			} else {
				take(a, i, row)
			}
			row++
		}
	}
}

// made is room for a column; none once something is wrong, as the number of rows may
// be what is.
func made[T any](f *factFile) []T {
	if f.err != nil {
		return nil
	}
	return make([]T, f.rows)
}

// text is a column of text; null is empty.
func (f *factFile) text(name string) []string {
	out := made[string](f)
	column(f, name, func(a *array.String, i, row int) { out[row] = a.Value(i) }, func(int) {})
	return out
}

// numbers is a column of numbers; null is missing.
func (f *factFile) numbers(name string, missing float64) []float64 {
	out := made[float64](f)
	column(f, name, func(a *array.Float64, i, row int) { out[row] = a.Value(i) }, func(row int) { out[row] = missing })
	return out
}

// integers is a column of integers without nulls.
func (f *factFile) integers(name string) []int64 {
	out := made[int64](f)
	column(f, name, func(a *array.Int64, i, row int) { out[row] = a.Value(i) }, func(row int) {
		f.fail("row %d has no %s", row+1, name)
	})
	return out
}

// indexes is a column of numbers of rows elsewhere, from 0 to most−1.
func (f *factFile) indexes(name string, most int) []int32 {
	out := made[int32](f)
	column(f, name, func(a *array.Int64, i, row int) {
		if v := a.Value(i); v < 0 || v >= int64(most) {
			f.fail("%s of row %d is %d, of %d", name, row+1, v, most)
		} else {
			out[row] = int32(v)
		}
	}, func(row int) { f.fail("row %d has no %s", row+1, name) })
	return out
}

func (f *factFile) areas(name string) []unit.Area {
	whole := f.integers(name)
	out := make([]unit.Area, len(whole))
	for i, v := range whole {
		out[i] = unit.Area(v)
	}
	return out
}

// dates is a column of dates; null is missing.
func (f *factFile) dates(name string, missing unit.Date) []unit.Date {
	out := made[unit.Date](f)
	column(f, name, func(a *array.Date32, i, row int) { out[row] = unit.Date(a.Value(i)) }, func(row int) { out[row] = missing })
	return out
}

// bools is a column of answers; take is told each with its row, null rows are left
// out.
func (f *factFile) bools(name string, take func(row int, v bool)) {
	column(f, name, func(a *array.Boolean, i, row int) { take(row, a.Value(i)) }, func(int) {})
}
