package score

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// Underused is the underused land 低效用地: the parcels that a rule calls so.
type Underused struct {
	Parcels []int32 // by number, each once for all rules that it meets
	rules   []calling
}

// calling is a rule that calls land underused, and which.
type calling struct {
	policy.Applied
	parcels []int32
	leaves  []*compiled
	ways    []*compiled
	before  []string    // by condition, what stands before its value
	after   [][2]string // and behind its bound, where it is not met and where it is
}

// underused finds underused land: a parcel that meets the list and is not idle. A
// condition whose fact is missing is not met, and is told.
func (c *Card) underused(city *City, a policy.Applied) {
	c.Evaluated = true
	s, d := city.Subjects[policy.ScopeParcel], a.Rule.Demand
	where, list := city.compile(d.Where, s), city.compile(d.List, s)
	idle := s.Number("idle")
	leaves := list.leaves()
	failed := c.subjects(city, a, policy.ScopeParcel, s, &holding{
		verdict: func(i int) Verdict {
			if !where.met(i) {
				return None
			}
			if v, ok := idle(i); ok && v == 1 { // idle land is dealt with as such
				return Pass
			}
			if list.met(i) {
				return Fail
			}
			for _, l := range leaves {
				if l.holds(i) != unknown {
					return Pass
				}
			}
			return NotEvaluated
		},
		lacks: list.missing,
		tell: func(i int, v Verdict, p part) string {
			if p == theMissing {
				return ""
			}
			return list.tell(i, v, no, p)
		},
	})
	one := calling{Applied: a, parcels: failed, leaves: leaves, ways: make([]*compiled, len(d.Ways))}
	for k := range d.Ways {
		one.ways[k] = city.compile(d.Ways[k].If, s)
	}
	for _, l := range leaves {
		clause := l.leaf.Clause
		if clause == "" {
			clause = a.Rule.Clause
		}
		one.before = append(one.before, l.leaf.Fact+"=")
		one.after = append(one.after, [2]string{" not met (" + clause + ")", " met (" + clause + ")"})
	}
	c.Underused.add(one)
}

// add merges the parcels of a rule with those of the others.
func (u *Underused) add(one calling) {
	u.rules = append(u.rules, one)
	all := make([]int32, 0, len(u.Parcels)+len(one.parcels))
	a, b := u.Parcels, one.parcels
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			all, a = append(all, a[0]), a[1:]
		case a[0] > b[0]:
			all, b = append(all, b[0]), b[1:]
		default:
			all, a, b = append(all, a[0]), a[1:], b[1:]
		}
	}
	u.Parcels = append(append(all, a...), b...)
}

// Has says whether a parcel is underused land.
func (u *Underused) Has(parcel int32) bool {
	_, found := slices.BinarySearch(u.Parcels, parcel)
	return found
}

// calls calls do for the rules that call the k-th underused.
func (u *Underused) calls(k int, do func(r *calling, parcel int)) {
	for i := range u.rules {
		if _, found := slices.BinarySearch(u.rules[i].parcels, u.Parcels[k]); found {
			do(&u.rules[i], int(u.Parcels[k]))
		}
	}
}

// Rules are the ids of the rules that call the k-th underused.
func (u *Underused) Rules(k int) string {
	var out []byte
	u.calls(k, func(r *calling, _ int) {
		if len(out) > 0 {
			out = append(out, ';')
		}
		out = append(out, r.Rule.ID...)
	})
	return string(out)
}

// Reasons are every condition of its rules with value, bound and clause.
func (u *Underused) Reasons(k int) string {
	var room [2048]byte
	out := room[:0]
	u.calls(k, func(r *calling, parcel int) {
		if len(out) > 0 {
			out = append(out, " | "...)
		}
		out = r.told(out, parcel)
	})
	return string(out)
}

// Way is the way to deal with it: that of the first rule that suggests one.
func (u *Underused) Way(k int) (way policy.Text) {
	u.calls(k, func(r *calling, parcel int) {
		if way == (policy.Text{}) {
			way = wayOf(r.Rule.Demand, r.ways, parcel)
		}
	})
	return way
}

func wayOf(d *demand.Demand, ways []*compiled, i int) policy.Text {
	for k, w := range ways {
		if w.met(i) {
			return policy.Text{Zh: d.Ways[k].Zh, En: d.Ways[k].En}
		}
	}
	return policy.Text{}
}

// told lists every condition with its value, its bound and its clause.
func (r *calling) told(out []byte, i int) []byte {
	out = append(append(out, r.Rule.ID...), ": "...)
	for k, l := range r.leaves {
		if k > 0 {
			out = append(out, ", "...)
		}
		out = append(out, r.before[k]...)
		var known bool
		if out, known = l.appendValue(out, i); !known {
			out = append(out, "missing"...)
		}
		out = append(append(out, ' '), l.boundText(i)...)
		met := 0
		if l.holds(i) == yes {
			met = 1
		}
		out = append(out, r.after[k][met]...)
	}
	return out
}
