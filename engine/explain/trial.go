package explain

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// trial grades again with other figures of one enterprise, all else as it was. Its
// columns are its own; figures are found once and changed in their places, so that a
// trial costs a grading and no more.
type trial struct {
	facts   assess.Facts
	scheme  *policy.Grading
	figures []grade.Figure
	made    []indicate.Indicator // of each figure
	e       int
	was     [len(indicate.Quantities{})]float64
}

func newTrial(f *assess.Facts, scheme *policy.Grading, e int) *trial {
	t := &trial{facts: *f, scheme: scheme, e: e}
	t.facts.Land = slices.Clone(f.Land)
	for q := range t.facts.This {
		column := slices.Clone(f.This[q])
		if column == nil {
			column = make([]float64, len(f.Code))
			for i := range column {
				column[i] = math.NaN()
			}
		}
		t.facts.This[q], t.was[q] = column, column[e]
	}
	t.figures = assess.Figures(&t.facts, scheme)
	for _, f := range t.figures {
		one, _ := indicate.Find(f.Indicator)
		t.made = append(t.made, one)
	}
	return t
}

// set changes a quantity of the enterprise.
func (t *trial) set(q indicate.Quantity, v float64) {
	t.facts.This[q][t.e] = v
	if q == indicate.Land {
		t.facts.Land[t.e] = unit.Area(v)
	}
	for i, one := range t.made {
		if one.Numerator == q || one.Denominator == q {
			t.figures[i].This.Value[t.e] = one.Value(t.facts.This[one.Numerator][t.e], t.facts.This[one.Denominator][t.e])
		}
	}
}

// reset puts a quantity back.
func (t *trial) reset(q indicate.Quantity) { t.set(q, t.was[q]) }

// outcome is what a trial came to for the enterprise.
type outcome struct {
	why            grade.Reason
	rank           int32
	of             int
	initial, final grade.Grade
	total          float64
	pool           *grade.Pool
	items          []grade.ItemFacts
	result         *grade.Result
	e              int
}

func (t *trial) grade() outcome {
	r := grade.All(&t.facts.Enterprises, t.figures, t.scheme, t.facts.Year)
	o := outcome{why: r.Why[t.e], rank: r.Rank[t.e], initial: r.Initial[t.e], final: r.Final[t.e], total: r.Total[t.e], result: r, e: t.e}
	if o.rank > 0 {
		o.pool = &r.Pools[r.Pool[t.e]]
		o.of, o.items = o.pool.N, o.pool.Items
	}
	return o
}

// better says whether o is better for the enterprise than other: ranked before not,
// then by rank, then by total.
func (o *outcome) better(other *outcome) bool {
	switch {
	case (o.rank > 0) != (other.rank > 0):
		return o.rank > 0
	case o.rank != other.rank:
		return o.rank < other.rank
	}
	return o.total > other.total
}

// inputs are the quantities that the enterprise's group is graded on, in the order of
// quantities.
func (t *trial) inputs(items []grade.ItemFacts) []indicate.Quantity {
	var out []indicate.Quantity
	for q := range indicate.Quantity(len(t.facts.This)) {
		if slices.ContainsFunc(items, func(f grade.ItemFacts) bool {
			one, ok := indicate.Find(f.Item.Indicator)
			return ok && (one.Numerator == q || one.Denominator == q)
		}) {
			out = append(out, q)
		}
	}
	return out
}

// value is what a figure of the enterprise came to.
func (o *outcome) value(figure int) float64 { return o.result.Value(o.e, figure) }
