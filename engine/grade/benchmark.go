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
	values := r.Value
	if len(r.Numerator) < len(values) || len(r.Denominator) < len(values) {
		return 0, 0, 0 // a column that nobody has: no value either
	}
	nums, dens := r.Numerator[:len(values)], r.Denominator[:len(values)]
	var n, d sum
	for _, i := range of {
		if known(values[i]) {
			n.add(nums[i])
			d.add(dens[i])
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
	figure := &r.graded[f.Figure]
	f.values = figure.This.Value
	switch b := f.Item.Benchmark; {
	case f.method == minmax || b.Kind == policy.MaxBenchmark:
		f.span(of)
	case b.Kind == policy.MeanBenchmark && !b.LastYear:
		f.Numerator, f.Denominator, f.Have = ratioSums(&figure.This, of)
	default:
		f.Have = count(f.values, of)
	}
	if f.Have == 0 {
		return f.Item.Indicator + ": no member has a value"
	}
	if f.method != minmax {
		if detail = r.benchmark(f, figure, of, s); detail != "" {
			return detail
		}
	}
	if f.policy == scoreMean {
		f.meanScore(of)
	}
	return ""
}

// span finds the least and the largest of the members' values.
func (f *ItemFacts) span(of []int32) {
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
	f.Min, f.Max = low, high
}

func count(values []float64, of []int32) (have int) {
	for _, i := range of {
		if known(values[i]) {
			have++
		}
	}
	return have
}

// meanScore is what those without a value score.
func (f *ItemFacts) meanScore(of []int32) {
	var scores sum
	for _, i := range of {
		if x := f.values[i]; known(x) {
			scores.add(f.score(x))
		}
	}
	f.MeanScore = scores.value() / float64(f.Have)
}

func (r *Result) benchmark(f *ItemFacts, figure *Figure, of []int32, s *sorter) (detail string) {
	switch b := f.Item.Benchmark; b.Kind {
	case policy.FixedBenchmark:
		f.Benchmark = b.Value
	case policy.MaxBenchmark:
		f.Benchmark = f.Max
	case policy.QuantileBenchmark:
		f.Benchmark = s.quantile(f.values, of, b.Value)
	case policy.MeanBenchmark:
		f.InMean = f.Have
		if b.LastYear {
			if figure.Last.Value == nil {
				return f.Item.Indicator + ": no figures of last year"
			}
			if f.Numerator, f.Denominator, f.InMean = ratioSums(&figure.Last, of); f.InMean == 0 {
				return f.Item.Indicator + ": no member has last year's value"
			}
		}
		f.Benchmark = figure.ratio(f.Numerator, f.Denominator)
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
