package grade

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/policy"
)

// method and missing are a policy's words as numbers, for loops.
type (
	method  uint8
	missing uint8
)

const (
	linear method = iota
	minmax
	inverse
)

const (
	scoreZero missing = iota
	scoreMean
	scorePenalty
	scoreDrop
)

// newItems prepares the items of a group.
func (r *Result) newItems(items []policy.Item) []ItemFacts {
	facts := make([]ItemFacts, len(items))
	for k, it := range items {
		f := &facts[k]
		f.Item, f.Figure, f.cap = it, -1, math.Inf(1)
		f.Benchmark, f.Min, f.Max, f.MeanScore = math.NaN(), math.NaN(), math.NaN(), math.NaN()
		f.Numerator, f.Denominator = math.NaN(), math.NaN()
		for i := range r.figures {
			if r.figures[i].Indicator == it.Indicator {
				f.Figure = i
				break
			}
		}
		if it.Cap > 0 {
			f.cap = it.Cap
		}
		switch it.Method {
		case policy.MinMax:
			f.method = minmax
		case policy.Inverse:
			f.method = inverse
		}
		switch it.Missing.Policy {
		case policy.MissingMean:
			f.policy = scoreMean
		case policy.MissingPenalty:
			f.policy = scorePenalty
		case policy.MissingDrop:
			f.policy = scoreDrop
		}
	}
	return facts
}

func (f *ItemFacts) missingPolicy() policy.MissingPolicy {
	return [...]policy.MissingPolicy{
		policy.MissingZero, policy.MissingMean, policy.MissingPenalty, policy.MissingDrop,
	}[f.policy]
}

// score is the item score of a known value. Products are rounded before they are
// added, so that no processor fuses the two.
func (f *ItemFacts) score(x float64) float64 {
	w := f.Item.Weight
	switch f.method {
	case minmax:
		if f.Max == f.Min {
			return w
		}
		return float64(w * (20 + 80*(x-f.Min)/(f.Max-f.Min)) / 100)
	case inverse:
		return float64(w / 2 * max(0, 2-x/f.Benchmark))
	}
	return linearScore(x, w, f.Benchmark, f.Item.Floor, f.cap)
}

func linearScore(x, weight, benchmark, least, most float64) float64 {
	return float64(weight * min(max(x/benchmark, least), most))
}

// unscaled is the item score of unit u before weights are scaled for dropped items.
func (f *ItemFacts) unscaled(u int) float64 {
	if x := f.values[u]; known(x) {
		return f.score(x)
	}
	return f.missingScore()
}

// missingScore is what a unit without a value scores.
func (f *ItemFacts) missingScore() float64 {
	switch f.policy {
	case scoreMean:
		return f.MeanScore
	case scorePenalty:
		return -f.Item.Missing.Points
	}
	return 0
}

func (f *ItemFacts) dropped(u int) bool { return f.policy == scoreDrop && !known(f.values[u]) }

// scaled is the item score of unit u with its weights scaled.
func (f *ItemFacts) scaled(u int, scale float64) float64 {
	s := f.unscaled(u)
	if scale == 1 || f.policy == scorePenalty && !known(f.values[u]) {
		return s
	}
	return float64(s * scale)
}

// weightScale is what the weights of unit u are multiplied by.
func (p *Pool) weightScale(u int) float64 {
	kept, drops := 0.0, false
	for k := range p.Items {
		if f := &p.Items[k]; f.dropped(u) {
			drops = true
		} else {
			kept += f.Item.Weight
		}
	}
	switch {
	case !drops:
		return 1
	case kept == 0:
		return 0
	}
	return 100 / kept
}

// block is how many units are scored at a time, so that their sums stay near.
const block = 512

// score finds the totals of the members of a pool: a block of them at a time, in it
// item by item.
func (r *Result) score(p *Pool, of []int32) {
	var sums [block]float64
	drops := slices.ContainsFunc(p.Items, func(f ItemFacts) bool { return f.policy == scoreDrop && f.Have < len(of) })
	for len(of) > 0 {
		part := of[:min(block, len(of))]
		of = of[len(part):]
		totals := sums[:len(part)]
		clear(totals)
		for k := range p.Items {
			p.Items[k].addScores(totals, part)
		}
		for k, u := range part {
			if drops {
				if scale := p.weightScale(int(u)); scale != 1 {
					totals[k] = p.rescaled(int(u), scale)
				}
			}
			r.Total[u] = rounded(totals[k] + r.Bonus[u] - r.Penalty[u])
		}
	}
}

// addScores adds the item scores of units to their totals.
func (f *ItemFacts) addScores(totals []float64, of []int32) {
	values, none := f.values, f.missingScore()
	if f.method != linear {
		for k, u := range of {
			s := none
			if x := values[u]; known(x) {
				s = f.score(x)
			}
			totals[k] += s
		}
		return
	}
	w, b, least, most := f.Item.Weight, f.Benchmark, f.Item.Floor, f.cap
	totals = totals[:len(of)]
	for k, u := range of {
		s := none
		if x := values[u]; known(x) {
			s = linearScore(x, w, b, least, most)
		}
		totals[k] += s
	}
}

// rescaled is the sum of the item scores of unit u with weights scaled.
func (p *Pool) rescaled(u int, scale float64) (total float64) {
	for k := range p.Items {
		total += p.Items[k].scaled(u, scale)
	}
	return total
}

// rounded is x to six decimals, halves away from zero. What leaves the range of
// floats stays at its end, so that it can be ranked.
func rounded(x float64) float64 {
	y := math.Floor(float64(math.Abs(x)*1e6)+0.5) / 1e6
	if !known(y) {
		if y = math.Abs(x); !known(y) {
			y = math.MaxFloat64
		}
	}
	if !(x >= 0) {
		y = -y
	}
	return y + 0 // no negative zero
}
