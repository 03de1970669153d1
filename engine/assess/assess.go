// Package assess grades enterprises from facts: it makes the figures of a scheme's
// indicators and has them graded. An evaluation, an explanation and a question of
// what-if all come here, so that the same facts give the same verdicts. It reads and
// writes nothing.
package assess

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Facts are what is known of the enterprises of a city, an entry per enterprise in
// the order of their codes: all that indicators and grades are found from.
type Facts struct {
	grade.Enterprises
	Year      int // the evaluated year
	Name      []string
	Owned     []unit.Area
	Occupied  []unit.Area
	LeasedOut []unit.Area
	Lon, Lat  []float64           // of the register; NaN where it has no place
	Parcels   []string            // codes of the parcels that Uses number
	Strange   []bool              // of each parcel: one who is not in the register has net land on it; nil: not known
	This      indicate.Quantities // of the year
	Last      indicate.Quantities // of the year before
}

// Assessment is the figures and grades of a scheme.
type Assessment struct {
	Scheme  *policy.Grading
	Figures []grade.Figure // one for each indicator of the scheme, in its order
	*grade.Result
}

// Figures are the columns of a scheme's indicators, each once, in the order in which
// its groups name them. Indicators that the catalogue does not have are left out: a
// policy is checked for them before it is used.
func Figures(f *Facts, scheme *policy.Grading) []grade.Figure {
	var out []grade.Figure
	for _, g := range scheme.Groups {
		for _, item := range g.Items {
			known := func(f grade.Figure) bool { return f.Indicator == item.Indicator }
			one, ok := indicate.Find(item.Indicator)
			if !ok || slices.ContainsFunc(out, known) {
				continue
			}
			ratio := func(q *indicate.Quantities) grade.Ratio {
				return grade.Ratio{Value: one.Values(q), Numerator: q[one.Numerator], Denominator: q[one.Denominator]}
			}
			last := ratio(&f.Last)
			onLand(last.Value, f.Last[indicate.Land])
			out = append(out, grade.Figure{Indicator: one.ID, This: ratio(&f.This), Last: last, Mul: one.Mul, Div: one.Div,
				Of: one.Numerator.String(), Per: one.Denominator.String()})
		}
	}
	return out
}

// onLand takes the values out of those who had no positive land: whatever else they had,
// last year's benchmarks leave them out.
func onLand(values, land []float64) {
	for i, a := range land {
		if !(a > 0) {
			values[i] = math.NaN()
		}
	}
}

// Grade grades the enterprises by a scheme.
func Grade(f *Facts, scheme *policy.Grading) *Assessment {
	figures := Figures(f, scheme)
	return &Assessment{Scheme: scheme, Figures: figures, Result: grade.All(&f.Enterprises, figures, scheme, f.Year)}
}

// Accounting is how a scheme counts tax, energy and emissions; nil is the usual way:
// the total of tax, energy with the calorific value of electricity, plain tonnes.
func Accounting(scheme *policy.Grading) *indicate.Accounting {
	if scheme == nil {
		scheme = &usual
	}
	how := &indicate.Accounting{Equivalents: scheme.Pollutants == policy.PollutionEquivalents}
	for _, h := range scheme.Tax {
		how.Tax = append(how.Tax, indicate.Head{Column: h.Column, Minus: h.Minus})
	}
	for _, c := range scheme.Energy.Coefficients {
		how.Energy = append(how.Energy, indicate.Coefficient{Column: c.Column, TCE: c.TCE})
	}
	return how
}

// usual is how tax, energy and emissions are counted where no scheme says it. The
// coefficients are those of GB/T 2589; that of heat per GJ.
var usual = policy.Grading{
	Tax: []policy.TaxHead{{Column: "tax"}},
	Energy: policy.Energy{Electricity: policy.CalorificValue, Coefficients: []policy.Coefficient{
		{Column: "electricity", TCE: 0.0001229}, {Column: "coal", TCE: 0.7143}, {Column: "gas", TCE: 0.00133},
		{Column: "heat", TCE: 0.03412}, {Column: "oil", TCE: 1.4286},
	}},
	Pollutants: policy.PlainTonnes,
}
