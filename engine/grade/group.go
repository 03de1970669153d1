package grade

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
)

// sieve is a filter made ready for many questions: what most filters ask apart from
// what few do.
type sieve struct {
	scale Answer         // Unknown: not asked
	more  *policy.Filter // that asks more; nil: none
	any   []sieve
}

func newSieve(f *policy.Filter) sieve {
	var s sieve
	if f.AboveScale != nil {
		if s.scale = No; *f.AboveScale {
			s.scale = Yes
		}
	}
	if f.MinMu > 0 || len(f.Industries)+len(f.Zones)+len(f.Counties)+len(f.Tags)+len(f.Any) > 0 {
		s.more = f
	}
	for k := range f.Any {
		s.any = append(s.any, newSieve(&f.Any[k]))
	}
	return s
}

// takes is whether a filter takes a unit. What is unknown holds for nothing.
func (r *Result) takes(s *sieve, e int) bool {
	if s.scale != Unknown && s.scale != r.scale[e] {
		return false
	}
	return s.more == nil || r.meets(s, e)
}

// meets is whether a unit has what a filter asks besides scale.
func (r *Result) meets(s *sieve, e int) bool {
	f := s.more
	if f.MinMu > 0 && r.land[e].Mu() < f.MinMu {
		return false
	}
	if len(f.Industries) > 0 && !InIndustry(f.Industries, r.of.Industry[e]) {
		return false
	}
	if len(f.Zones) > 0 && !among(r.of.Zone[e], f.Zones) || len(f.Counties) > 0 && !among(r.of.County[e], f.Counties) {
		return false
	}
	if len(f.Tags) > 0 {
		if _, tagged := SharedTag(r.of.Tags[e], f.Tags); !tagged {
			return false
		}
	}
	for k := range s.any {
		if r.takes(&s.any[k], e) {
			return true
		}
	}
	return len(s.any) == 0
}

// InIndustry says whether an industry code of GB/T 4754 begins with one of the
// prefixes. The letter of the section may stand before either and need not stand before
// both, for the digits say it too: C2614 and 2614 begin with 26 and with C26. A letter
// alone takes only codes that are written with it. An empty code or prefix matches
// nothing. Codes are as facts have them: half width, capitals, no spaces.
func InIndustry(prefixes []string, code string) bool {
	digits := withoutSection(code)
	for _, p := range prefixes {
		if p != "" && (strings.HasPrefix(code, p) || strings.HasPrefix(digits, p) || strings.HasPrefix(code, withoutSection(p))) {
			return true
		}
	}
	return false
}

// withoutSection is a code without the letter before its digits.
func withoutSection(code string) string {
	if len(code) > 1 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= '0' && code[1] <= '9' {
		return code[1:]
	}
	return code
}

func among(code string, codes []string) bool { return code != "" && slices.Contains(codes, code) }

// groupOf is the first group that takes a unit, −1 none.
func (r *Result) groupOf(e int) int {
	for g := range r.sieves {
		if r.takes(&r.sieves[g], e) {
			return g
		}
	}
	return -1
}

// lists counts the members of each list: group g is list 2g, its tenants 2g + 1.
type lists struct{ members, exempt []int }

// assign finds the pool of each unit, and makes the pools; their number is returned.
func (r *Result) assign() int {
	n := 2 * len(r.scheme.Groups)
	counts := lists{make([]int, n), make([]int, n)}
	followers := r.followers()
	for i := range r.Why {
		switch {
		case r.Why[i].Exempt():
			if r.of.Land[i] > 0 && !followers.has(i) {
				if l := r.listOf(i); l >= 0 {
					counts.exempt[l]++
				}
			}
			continue
		case r.unitOf(i) != i:
			continue
		case r.land[i] <= 0:
			r.Why[i] = LandNotPositive
			continue
		case followers.has(i):
			r.Owner[i] = followers.owner(i)
			r.Why[i] = OwnerNotGraded // until the owner's grade is known
			continue
		}
		l := r.listOf(i)
		if l < 0 {
			r.Why[i] = NoGroup
			continue
		}
		r.Pool[i], r.Group[i] = int32(l), int32(l/2)
		counts.members[l]++
	}
	poolOf := r.makePools(counts)
	for i, l := range r.Pool {
		if l >= 0 {
			r.Pool[i] = poolOf[l]
		}
	}
	return len(r.Pools)
}

func (r *Result) listOf(e int) int {
	g := r.groupOf(e)
	if g < 0 {
		return -1
	}
	if r.scheme.Lease == policy.LeaseSeparate && r.of.tenant(e) {
		return 2*g + 1
	}
	return 2 * g
}

// makePools makes a pool of each list that is large enough, and of the small ones
// with the same rules; the pool of each list is returned.
func (r *Result) makePools(counts lists) []int32 {
	poolOf := make([]int32, len(counts.members))
	size := []int{} // of each pool
	small := []int{}
	for l, n := range counts.members {
		if poolOf[l] = -1; n == 0 {
			continue
		}
		at := -1
		if n < r.scheme.MinGroup {
			at = slices.IndexFunc(small, func(p int) bool { return r.sameRules(&r.Pools[p], l) })
		}
		if at >= 0 {
			at = small[at]
		} else {
			at = len(r.Pools)
			r.Pools = append(r.Pools, Pool{Tenants: l%2 == 1})
			size = append(size, 0)
			if n < r.scheme.MinGroup {
				small = append(small, at)
			}
		}
		poolOf[l] = int32(at)
		size[at] += n
		r.join(&r.Pools[at], l, counts)
	}
	for p, n := range size {
		r.Pools[p].N = n
		if r.scheme.Exempt.Counts {
			r.Pools[p].N += r.Pools[p].Exempt
		}
	}
	return poolOf
}

func (r *Result) join(p *Pool, l int, counts lists) {
	if p.Name != "" {
		p.Name += "+"
	}
	p.Name += r.scheme.Groups[l/2].ID
	if p.Tenants {
		p.Name += "/tenants"
	}
	p.Groups = append(p.Groups, l/2)
	p.Exempt += counts.exempt[l]
}

// sameRules is whether a list has the items and cuts of a pool.
func (r *Result) sameRules(p *Pool, l int) bool {
	a, b := &r.scheme.Groups[p.Groups[0]], &r.scheme.Groups[l/2]
	return p.Tenants == (l%2 == 1) && a.Cuts == b.Cuts && slices.Equal(byIndicator(a.Items), byIndicator(b.Items))
}

func byIndicator(items []policy.Item) []policy.Item {
	sorted := slices.Clone(items)
	slices.SortStableFunc(sorted, func(a, b policy.Item) int { return strings.Compare(a.Indicator, b.Indicator) })
	return sorted
}
