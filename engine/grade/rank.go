package grade

import (
	"math"

	"github.com/muscope-gis/muscope/engine/policy"
)

// sorter sorts indexes by 64-bit keys, least first and in the given order among equal
// ones: a radix sort that takes as many passes as the keys have differing digits.
type sorter struct {
	pairs, spare []pair
}

type pair struct {
	key   uint64
	index int32
}

const (
	digitBits = 11
	digits    = 1 << digitBits
)

// descending is a key that is the less the greater x is.
func descending(x float64) uint64 {
	b := math.Float64bits(x)
	if b>>63 == 1 {
		return b
	}
	return ^(b | 1<<63)
}

func (s *sorter) reset(n int) {
	if cap(s.pairs) < n {
		s.pairs, s.spare = make([]pair, 0, n), make([]pair, 0, n)
	}
	s.pairs = s.pairs[:0]
}

func (s *sorter) push(key uint64, index int32) { s.pairs = append(s.pairs, pair{key, index}) }

func (s *sorter) sort() {
	least, greatest := uint64(math.MaxUint64), uint64(0)
	for i := range s.pairs {
		least, greatest = min(least, s.pairs[i].key), max(greatest, s.pairs[i].key)
	}
	if least >= greatest {
		return
	}
	for shift := 0; shift < 64 && (greatest-least)>>shift > 0; shift += digitBits {
		s.pass(least, shift)
	}
}

// pass sorts by one digit of key − least.
func (s *sorter) pass(least uint64, shift int) {
	var start [digits]int32
	for i := range s.pairs {
		start[(s.pairs[i].key-least)>>shift&(digits-1)]++
	}
	at := int32(0)
	for d, n := range start {
		if int(n) == len(s.pairs) {
			return
		}
		start[d] = at
		at += n
	}
	to := s.spare[:len(s.pairs)]
	for i := range s.pairs {
		d := (s.pairs[i].key - least) >> shift & (digits - 1)
		to[start[d]] = s.pairs[i]
		start[d]++
	}
	s.pairs, s.spare = to, s.pairs
}

// exactMillionths is below which a total of six decimals is a whole number of
// millionths without doubt.
const exactMillionths = 1 << 30

// totalKeys pushes the totals of units: as whole millionths where all are small, which
// takes half the passes.
func (s *sorter) totalKeys(totals []float64, of []int32) {
	s.reset(len(of))
	small := true
	for _, u := range of {
		small = small && math.Abs(totals[u]) < exactMillionths
	}
	for _, u := range of {
		if small {
			s.push(uint64(int64(1)<<62-int64(math.Round(totals[u]*1e6))), u)
		} else {
			s.push(descending(totals[u]), u)
		}
	}
}

// gradePool scores, ranks and cuts the members of a pool.
func (r *Result) gradePool(at int, of []int32, s *sorter) {
	p := &r.Pools[at]
	p.Items = r.newItems(r.scheme.Groups[p.Groups[0]].Items)
	p.Least = [3]float64{math.NaN(), math.NaN(), math.NaN()}
	if len(of) < r.scheme.MinGroup {
		p.Why, p.Detail = GroupTooSmall, tooSmall(len(of), r.scheme.MinGroup)
	}
	for k := 0; k < len(p.Items) && p.Why != GroupTooSmall; k++ {
		if detail := r.measure(&p.Items[k], of, s); detail != "" && p.Why == Graded {
			p.Why, p.Detail = BenchmarkMissing, detail
		}
	}
	if p.Why != Graded {
		for _, u := range of {
			r.Why[u] = p.Why
		}
		return
	}
	r.score(p, of)
	s.totalKeys(r.Total, of)
	s.sort()
	r.rank(p, s.pairs)
}

// rank gives ranks and first grades to units in the order of their totals.
func (r *Result) rank(p *Pool, order []pair) {
	cuts := &r.scheme.Groups[p.Groups[0]].Cuts
	p.cut(cuts)
	lasts := [3]int32{-1, -1, -1} // the last unit that a cut by rank takes
	var rank int32
	var g Grade
	for i := range order {
		u := order[i].index
		if i == 0 || order[i].key != order[i-1].key {
			if rank = int32(i) + 1; cuts.ByScore {
				g = p.byTotal(r.Total[u])
			} else {
				g = p.byRank(rank)
			}
			for c := g - A; c < 3 && !cuts.ByScore; c++ {
				lasts[c] = u
			}
		}
		r.Rank[u], r.Initial[u], r.Final[u] = rank, g, g
	}
	for c, u := range lasts {
		if u >= 0 {
			p.Least[c] = r.Total[u]
		}
	}
}

// byTotal is the first grade that a total reaches.
func (p *Pool) byTotal(total float64) Grade {
	g := A
	for g < D && !(total >= p.Least[g-A]) {
		g++
	}
	return g
}

// byRank is the first grade that a rank reaches.
func (p *Pool) byRank(rank int32) Grade {
	g := A
	for g < D && rank > p.Last[g-A] {
		g++
	}
	return g
}

// cut finds the last rank or the least total of A, B and C.
func (p *Pool) cut(cuts *policy.Cuts) {
	for c, v := range [3]float64{cuts.A, cuts.B, cuts.C} {
		if cuts.ByScore {
			p.Least[c] = v
		} else {
			p.Last[c] = int32(math.Floor(float64(float64(p.N)*v) + 1e-9))
		}
	}
}
