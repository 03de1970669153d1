package grade_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// city is a made-up city of n enterprises and all that a scheme can ask of them.
type city struct {
	e       grade.Enterprises
	figures []grade.Figure
}

// One in so many has adjustments.
func makeCity(dice *rand.Rand, n, adjusted int) *city {
	c := &city{}
	day := parseDay("2024-06-30")
	for i := range n {
		k := addEnterprise(&c.e, fmt.Sprintf("E%07d", i))
		c.e.Land[k] = area(dice.Float64()*100 - 1)
		c.e.AboveScale[k] = grade.Answer(dice.IntN(12)/5 + 1)
		if c.e.AboveScale[k] > grade.Yes {
			c.e.AboveScale[k] = grade.Unknown
		}
		c.e.Industry[k] = fmt.Sprint(13 + dice.IntN(30))
		c.e.Utility[k] = dice.IntN(50) == 0
		c.e.Registered[k] = day - randomDays(dice)
		if c.e.Own[k] = c.e.Land[k]; dice.IntN(4) == 0 {
			c.e.Own[k], c.e.LeasedIn[k] = 0, c.e.Land[k]
		}
		parcel := int32(dice.IntN(n/2 + 1))
		c.e.Uses = append(c.e.Uses, grade.Use{Enterprise: int32(k), Parcel: parcel, Net: c.e.Land[k], Own: c.e.Own[k], LeasedIn: c.e.LeasedIn[k]})
		for range (adjusted - dice.IntN(adjusted)) / adjusted * (1 + dice.IntN(3)) {
			c.e.Adjustments = append(c.e.Adjustments, grade.Adjustment{
				Enterprise: int32(k), Kind: grade.AdjustmentKind(dice.IntN(6)), Points: math.Floor(dice.Float64() * 10),
				Grade: grade.A + grade.Grade(dice.IntN(4)), Decided: day - randomDays(dice), Reason: "r",
			})
		}
	}
	slices.SortFunc(c.e.Adjustments, grade.Adjustment.Compare)
	for _, name := range []string{"tax_per_mu", "sales_per_mu", "sales_per_tce", "sales_per_pollutant", "rd_intensity", "labour_productivity"} {
		c.figures = append(c.figures, grade.Figure{Indicator: name, This: randomRatio(dice, n), Last: randomRatio(dice, n), Mul: 20, Div: 3})
	}
	return c
}

// randomRatio is whole numbers like fen over whole numbers like 1e-4 m², a tenth missing.
func randomRatio(dice *rand.Rand, n int) grade.Ratio {
	r := grade.Ratio{Value: make([]float64, n), Numerator: make([]float64, n), Denominator: make([]float64, n)}
	for i := range n {
		r.Numerator[i] = math.Floor(math.Exp(dice.NormFloat64()) * 1e9)
		r.Denominator[i] = math.Floor(math.Exp(dice.NormFloat64()) * 1e8)
		if r.Value[i] = r.Numerator[i] * 20 / (r.Denominator[i] * 3); dice.IntN(10) == 0 {
			r.Value[i] = math.NaN()
		}
	}
	return r
}

// randomScheme has every method, benchmark and policy, drawn by lot.
func randomScheme(dice *rand.Rand, figures []grade.Figure) *policy.Grading {
	yes, no := true, false
	s := &policy.Grading{MinGroup: 5, Lease: []policy.Lease{policy.LeaseNet, policy.LeaseMerge, policy.LeaseOwner, policy.LeaseSeparate}[dice.IntN(4)]}
	s.Exempt = policy.Exempt{Utility: true, NewFrom: []string{"registered_on"}, NewYears: 2, Counts: dice.IntN(2) == 0}
	filters := []policy.Filter{{AboveScale: &yes}, {AboveScale: &no, MinMu: 3}, {Industries: []string{"13", "14"}}}
	for g, f := range filters {
		group := policy.Group{ID: fmt.Sprintf("g%d", g), Filter: f, Cuts: policy.Cuts{A: 0.2, B: 0.6, C: 0.95}}
		if dice.IntN(4) == 0 {
			group.Cuts = policy.Cuts{ByScore: true, A: 120, B: 80, C: 40}
		}
		for k := range figures {
			group.Items = append(group.Items, randomItem(dice, figures[k].Indicator, 100/float64(len(figures))))
		}
		s.Groups = append(s.Groups, group)
	}
	return s
}

func randomItem(dice *rand.Rand, indicator string, weight float64) policy.Item {
	it := policy.Item{Indicator: indicator, Weight: weight}
	it.Method = []policy.Method{policy.Linear, policy.Linear, policy.MinMax, policy.Inverse}[dice.IntN(4)]
	if it.Method != policy.MinMax {
		it.Benchmark = []policy.Benchmark{
			{Kind: policy.FixedBenchmark, Value: 60}, {Kind: policy.MeanBenchmark, Factor: 2}, {Kind: policy.MaxBenchmark},
			{Kind: policy.MeanBenchmark, Factor: 1, LastYear: true}, {Kind: policy.QuantileBenchmark, Value: 0.8},
		}[dice.IntN(5)]
	}
	if it.Method == policy.Linear {
		it.Cap = float64(dice.IntN(3))
	}
	it.Missing = policy.Missing{
		Policy: []policy.MissingPolicy{policy.MissingZero, policy.MissingMean, policy.MissingPenalty, policy.MissingDrop}[dice.IntN(4)],
		Points: 3,
	}
	return it
}

// permuted is the city with enterprise i as number to[i].
func (c *city) permuted(to []int32) *city {
	d := &city{e: grade.Enterprises{
		Code: move(c.e.Code, to), Industry: move(c.e.Industry, to), Zone: move(c.e.Zone, to), County: move(c.e.County, to),
		Tags: move(c.e.Tags, to), AboveScale: move(c.e.AboveScale, to), Utility: move(c.e.Utility, to),
		Relocation: move(c.e.Relocation, to), Registered: move(c.e.Registered, to), Production: move(c.e.Production, to),
		Supplied: move(c.e.Supplied, to), Land: move(c.e.Land, to), Own: move(c.e.Own, to), LeasedIn: move(c.e.LeasedIn, to),
		Uses: slices.Clone(c.e.Uses), Adjustments: slices.Clone(c.e.Adjustments),
	}}
	for i := range d.e.Uses {
		d.e.Uses[i].Enterprise = to[d.e.Uses[i].Enterprise]
	}
	slices.SortFunc(d.e.Uses, func(a, b grade.Use) int { return int(a.Enterprise - b.Enterprise) })
	for i := range d.e.Adjustments {
		d.e.Adjustments[i].Enterprise = to[d.e.Adjustments[i].Enterprise]
	}
	slices.SortFunc(d.e.Adjustments, grade.Adjustment.Compare)
	for _, f := range c.figures {
		f.This, f.Last = moveRatio(f.This, to), moveRatio(f.Last, to)
		d.figures = append(d.figures, f)
	}
	return d
}

// randomDays is up to ten years.
func randomDays(dice *rand.Rand) unit.Date { return unit.Date(dice.IntN(3650)) }

func parseDay(s string) unit.Date {
	d, _ := unit.ParseDate(s)
	return d
}

func move[T any](from []T, to []int32) []T {
	out := make([]T, len(from))
	for i, v := range from {
		out[to[i]] = v
	}
	return out
}

func moveRatio(r grade.Ratio, to []int32) grade.Ratio {
	return grade.Ratio{Value: move(r.Value, to), Numerator: move(r.Numerator, to), Denominator: move(r.Denominator, to)}
}
