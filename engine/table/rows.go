package table

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Rows are chosen rows of a table: the i-th is Order[i] of Batches. Its methods
// give a column's value by that number.
type Rows struct {
	Batches []Batch
	Order   []Ref
}

// Len is the number of rows.
func (r Rows) Len() int { return len(r.Order) }

// At is the batch and row of the i-th row.
func (r Rows) At(i int) (batch, row int) {
	ref := r.Order[i]
	return int(ref.Batch), int(ref.Row)
}

// Subset are the rows of the given numbers.
func (r Rows) Subset(of []int32) Rows {
	out := Rows{Batches: r.Batches, Order: make([]Ref, len(of))}
	for i, n := range of {
		out.Order[i] = r.Order[n]
	}
	return out
}

// Text is a column of text, codes or ids; ok is false for null.
func (r Rows) Text(name string) func(i int) (v string, ok bool) {
	columns := make([]*array.String, len(r.Batches))
	for i, b := range r.Batches {
		columns[i] = b.Text(name)
	}
	return func(i int) (string, bool) {
		ref := r.Order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return c.Value(int(ref.Row)), true
		}
		return "", false
	}
}

// Number is a column of numbers counted in u; ok is false for null.
func (r Rows) Number(name string, u unit.Unit) func(i int) (v float64, ok bool) {
	columns := make([]*array.Float64, len(r.Batches))
	for i, b := range r.Batches {
		columns[i] = b.Numbers(name, u)
	}
	return func(i int) (float64, bool) {
		ref := r.Order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return c.Value(int(ref.Row)), true
		}
		return 0, false
	}
}

// Integer is a column of integers; ok is false for null.
func (r Rows) Integer(name string) func(i int) (v int64, ok bool) {
	columns := make([]*array.Int64, len(r.Batches))
	for i, b := range r.Batches {
		columns[i] = b.Integers(name)
	}
	return func(i int) (int64, bool) {
		ref := r.Order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return c.Value(int(ref.Row)), true
		}
		return 0, false
	}
}

// Date is a column of dates; ok is false for null.
func (r Rows) Date(name string) func(i int) (v unit.Date, ok bool) {
	columns := make([]*array.Date32, len(r.Batches))
	for i, b := range r.Batches {
		columns[i] = b.Dates(name)
	}
	return func(i int) (unit.Date, bool) {
		ref := r.Order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return unit.Date(c.Value(int(ref.Row))), true
		}
		return 0, false
	}
}

// Bool is a column of answers; ok is false for null.
func (r Rows) Bool(name string) func(i int) (v, ok bool) {
	columns := make([]*array.Boolean, len(r.Batches))
	for i, b := range r.Batches {
		columns[i] = b.Bools(name)
	}
	return func(i int) (bool, bool) {
		ref := r.Order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return c.Value(int(ref.Row)), true
		}
		return false, false
	}
}
