package engine

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// rows are used rows of a table: the i-th is order[i] of batches. Its methods give
// a column's value by that number, as the writers ask for it.
type rows struct {
	batches []table.Batch
	order   []table.Ref
}

func (p *parcels) rows() rows { return rows{p.batches, p.order} }

// at is the batch and row of the i-th used row.
func (r rows) at(i int) (batch, row int) {
	ref := r.order[i]
	return int(ref.Batch), int(ref.Row)
}

// subset are the rows of the given numbers.
func (r rows) subset(of []int32) rows {
	out := rows{batches: r.batches, order: make([]table.Ref, len(of))}
	for i, n := range of {
		out.order[i] = r.order[n]
	}
	return out
}

func (r rows) text(name string) func(int) (string, bool) {
	columns := make([]*array.String, len(r.batches))
	for i, b := range r.batches {
		columns[i] = b.Text(name)
	}
	return func(i int) (string, bool) {
		ref := r.order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return c.Value(int(ref.Row)), true
		}
		return "", false
	}
}

func (r rows) number(name string, u unit.Unit) func(int) (float64, bool) {
	columns := make([]*array.Float64, len(r.batches))
	for i, b := range r.batches {
		columns[i] = b.Numbers(name, u)
	}
	return func(i int) (float64, bool) {
		ref := r.order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return c.Value(int(ref.Row)), true
		}
		return 0, false
	}
}

func (r rows) date(name string) func(int) (unit.Date, bool) {
	columns := make([]*array.Date32, len(r.batches))
	for i, b := range r.batches {
		columns[i] = b.Dates(name)
	}
	return func(i int) (unit.Date, bool) {
		ref := r.order[i]
		if c := columns[ref.Batch]; !c.IsNull(int(ref.Row)) {
			return unit.Date(c.Value(int(ref.Row))), true
		}
		return 0, false
	}
}
