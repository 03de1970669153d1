package grade_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
)

// plainScores is the item scores of a pool as the rule is read aloud: no columns
// shared, no order of sums kept, nothing remembered.
func plainScores(it policy.Item, f grade.Figure, of []int) (scores []float64, have bool) {
	var values []float64
	num, den := 0.0, 0.0
	year := f.This
	if it.Benchmark.LastYear {
		year = f.Last
	}
	for _, i := range of {
		if v := f.This.Value[i]; !math.IsNaN(v) {
			values = append(values, v)
		}
		if !math.IsNaN(year.Value[i]) {
			num, den = num+year.Numerator[i], den+year.Denominator[i]
		}
	}
	if len(values) == 0 {
		return nil, false
	}
	slices.Sort(values)
	b := map[policy.BenchmarkKind]float64{
		policy.FixedBenchmark: it.Benchmark.Value, policy.MaxBenchmark: slices.Max(values),
		policy.MeanBenchmark: num / den * f.Mul / f.Div * it.Benchmark.Factor, policy.QuantileBenchmark: plainQuantile(values, min(it.Benchmark.Value, 1)),
	}[it.Benchmark.Kind]
	if it.Method != policy.MinMax && !(b > 0) {
		return nil, false
	}
	sum := 0.0
	for _, i := range of {
		x, s := f.This.Value[i], math.NaN()
		switch {
		case math.IsNaN(x):
		case it.Method == policy.Inverse:
			s = it.Weight / 2 * math.Max(0, 2-x/b)
		case it.Method == policy.Linear:
			s = math.Max(x/b, it.Floor)
			if it.Cap > 0 {
				s = math.Min(s, it.Cap)
			}
			s *= it.Weight
		case slices.Max(values) == slices.Min(values):
			s = it.Weight
		default:
			s = it.Weight * (20 + 80*(x-slices.Min(values))/(slices.Max(values)-slices.Min(values))) / 100
		}
		if scores = append(scores, s); !math.IsNaN(s) {
			sum += s
		}
	}
	for k := range scores {
		if math.IsNaN(scores[k]) && it.Missing.Policy == policy.MissingMean {
			scores[k] = sum / float64(len(values))
		}
	}
	return scores, true
}

func plainQuantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := math.Floor(at)
	return sorted[int(low)] + (at-low)*(sorted[int(math.Ceil(at))]-sorted[int(low)])
}

// plainTotals is the totals of a pool, or false when an indicator has no benchmark.
func plainTotals(items []policy.Item, figures []grade.Figure, of []int) ([]float64, bool) {
	total, fines, weights, dropped := make([]float64, len(of)), make([]float64, len(of)), make([]float64, len(of)), make([]bool, len(of))
	for _, it := range items {
		f := figures[slices.IndexFunc(figures, func(f grade.Figure) bool { return f.Indicator == it.Indicator })]
		scores, ok := plainScores(it, f, of)
		if !ok {
			return nil, false
		}
		for k, s := range scores {
			weights[k] += it.Weight
			switch {
			case !math.IsNaN(s):
				total[k] += s
			case it.Missing.Policy == policy.MissingDrop:
				weights[k] -= it.Weight
				dropped[k] = true
			case it.Missing.Policy == policy.MissingPenalty:
				fines[k] += it.Missing.Points
			}
		}
	}
	for k := range total {
		if dropped[k] && weights[k] < 1e-9 {
			total[k] = 0
		} else if dropped[k] {
			total[k] *= 100 / weights[k]
		}
		total[k] -= fines[k]
	}
	return total, true
}

func TestTotalsAgreeWithThePlainReadingOfTheRule(t *testing.T) {
	dice := rand.New(rand.NewPCG(10, 1))
	compared := 0
	for round := range 150 {
		c := makeCity(dice, 1+dice.IntN(150), 5)
		scheme := randomScheme(dice, c.figures)
		scheme.Lease = policy.LeaseNet
		r := grade.All(&c.e, c.figures, scheme, 2024)
		pools := make([][]int, len(r.Pools))
		for i, p := range r.Pool {
			if p >= 0 {
				pools[p] = append(pools[p], i)
			}
		}
		for p, of := range pools {
			want, ok := plainTotals(scheme.Groups[r.Pools[p].Groups[0]].Items, c.figures, of)
			if len(of) < scheme.MinGroup {
				ok = false
			}
			if ok != (r.Pools[p].Why == grade.Graded) {
				t.Fatalf("round %d: pool %s is %q (%s), want graded: %t", round, r.Pools[p].Name, r.Pools[p].Why, r.Pools[p].Detail, ok)
			}
			for k, i := range of {
				if compared++; ok && math.Abs(want[k]+r.Bonus[i]-r.Penalty[i]-r.Total[i]) > 0.6e-6 {
					t.Fatalf("round %d: %s has %v, want %v", round, c.e.Code[i], r.Total[i], want[k]+r.Bonus[i]-r.Penalty[i])
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d were compared", compared)
	}
}
