package grade

import (
	"math"
	"strconv"

	"github.com/muscope-gis/muscope/engine/policy"
)

// known is whether a value is there: a finite number (of others x − x is NaN).
func known(x float64) bool { return x-x == 0 }

// sum adds floats with the rounding errors kept in a second one: exact for whole
// numbers, and good to the last bit for what enterprises report.
type sum struct{ high, low float64 }

func (s *sum) add(x float64) {
	t := s.high + x
	b := t - s.high
	s.low += (s.high - (t - b)) + (x - b)
	s.high = t
}

func (s *sum) value() float64 { return s.high + s.low }

// ratio is the value of a figure with this numerator and denominator.
func (f *Figure) ratio(num, den float64) float64 { return num * f.Mul / (den * f.Div) }

// ratioSums adds the numerators and denominators of the members that have a value.
func ratioSums(r *Ratio, of []int32) (num, den float64, have int) {
	var n, d sum
	for _, i := range of {
		if known(r.Value[i]) {
			n.add(r.Numerator[i])
			d.add(r.Denominator[i])
			have++
		}
	}
	return n.value(), d.value(), have
}

// measure finds the facts of an item over the members of a pool; detail says why
// there is no benchmark, empty when there is.
func (r *Result) measure(f *ItemFacts, of []int32, s *sorter) (detail string) {
	if f.Figure < 0 {
		return f.Item.Indicator + ": not among the figures"
	}
	f.values = r.graded[f.Figure].This.Value
	low, high := math.Inf(1), math.Inf(-1)
	for _, i := range of {
		if x := f.values[i]; known(x) {
			f.Have++
			if x < low {
				low = x
			}
			if x > high {
				high = x
			}
		}
	}
	if f.Have == 0 {
		return f.Item.Indicator + ": no member has a value"
	}
	f.Min, f.Max = low, high
	if f.method != minmax {
		if detail = r.benchmark(f, of, s); detail != "" {
			return detail
		}
	}
	if f.policy == scoreMean { // those without a value need it before the others are scored
		for _, i := range of {
			if x := f.values[i]; known(x) {
				f.scores.add(f.score(x))
			}
		}
		f.meanScore()
	}
	return ""
}

func (r *Result) benchmark(f *ItemFacts, of []int32, s *sorter) (detail string) {
	figure := &r.graded[f.Figure]
	switch b := f.Item.Benchmark; b.Kind {
	case policy.FixedBenchmark:
		f.Benchmark = b.Value
	case policy.MaxBenchmark:
		f.Benchmark = f.Max
	case policy.QuantileBenchmark:
		f.Benchmark = s.quantile(f.values, of, b.Value)
	case policy.MeanBenchmark:
		ratio := &figure.This
		if b.LastYear {
			ratio = &figure.Last
		}
		if ratio.Value == nil {
			return f.Item.Indicator + ": no figures of last year"
		}
		num, den, have := ratioSums(ratio, of)
		if have == 0 {
			return f.Item.Indicator + ": no member has last year's value"
		}
		f.Benchmark = figure.ratio(num, den)
		if b.Factor != 0 {
			f.Benchmark *= b.Factor
		}
	}
	if !known(f.Benchmark) {
		return f.Item.Indicator + ": no benchmark can be found"
	}
	if f.Benchmark <= 0 {
		return f.Item.Indicator + ": benchmark " + strconv.FormatFloat(f.Benchmark, 'g', -1, 64) + " is not positive"
	}
	return ""
}

// quantile is the q-quantile of the members' values, linear between order statistics.
func (s *sorter) quantile(values []float64, of []int32, q float64) float64 {
	s.reset(len(of))
	for _, i := range of {
		if x := values[i]; known(x) {
			s.push(^descending(x), i)
		}
	}
	s.sort()
	last := len(s.pairs) - 1
	at := min(max(float64(last)*q, 0), float64(last))
	k := int(at)
	low, high := values[s.pairs[k].index], values[s.pairs[min(k+1, last)].index]
	t := at - float64(k)
	if t >= 0.5 {
		return high - float64((high-low)*(1-t))
	}
	return low + float64((high-low)*t)
}
