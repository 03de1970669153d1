package grade

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
)

// takes is whether a filter takes a unit. What is unknown holds for nothing.
func (r *Result) takes(f *policy.Filter, e int) bool {
	if f.AboveScale != nil {
		want := No
		if *f.AboveScale {
			want = Yes
		}
		if r.scale[e] != want {
			return false
		}
	}
	if f.MinMu > 0 && r.land[e].Mu() < f.MinMu {
		return false
	}
	if len(f.Industries) > 0 && !hasPrefix(r.of.Industry[e], f.Industries) {
		return false
	}
	if len(f.Zones) > 0 && !among(r.of.Zone[e], f.Zones) || len(f.Counties) > 0 && !among(r.of.County[e], f.Counties) {
		return false
	}
	if len(f.Tags) > 0 {
		if _, tagged := sharedTag(r.of.Tags[e], f.Tags); !tagged {
			return false
		}
	}
	for k := range f.Any {
		if r.takes(&f.Any[k], e) {
			return true
		}
	}
	return len(f.Any) == 0
}

func hasPrefix(code string, prefixes []string) bool {
	if code == "" {
		return false
	}
	digits := code // C2614 begins with 26 too: the letter of the section is not part of the number
	if len(code) > 1 && code[0] >= 'A' && code[0] <= 'Z' {
		digits = code[1:]
	}
	for _, p := range prefixes {
		if strings.HasPrefix(code, p) || strings.HasPrefix(digits, p) {
			return true
		}
	}
	return false
}

func among(code string, codes []string) bool { return code != "" && slices.Contains(codes, code) }

// groupOf is the first group that takes a unit, −1 none.
func (r *Result) groupOf(e int) int {
	for g := range r.scheme.Groups {
		if r.takes(&r.scheme.Groups[g].Filter, e) {
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
