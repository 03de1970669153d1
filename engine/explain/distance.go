package explain

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// In what steps amounts are sought, and where: the most tax, and the places at which
// less land is tried where it can lead out of a group.
const (
	taxStep    = 1e4     // fen: 0.01 万元
	mostTax    = 1 << 36 // steps
	landPlaces = 64
)

// distance is how far the next better first grade is: how much more tax alone, or how
// much less land alone, would give it, everybody else's figures standing still and
// benchmarks, ranks and cuts found anew.
func (t *trial) distance(a *assess.Assessment) Step {
	s := Step{ID: "distance"}
	have := a.Initial[t.e]
	if have <= grade.A {
		s.Notes = []Note{{ID: "best_already"}}
		return s
	}
	want := have - 1
	s.Notes = []Note{{"next_grade", map[string]any{"grade": want.String()}}}
	s.Steps = []Step{t.moreTax(want), t.lessLand(want)}
	return s
}

// moreTax is the least tax, in steps of 0.01 万元, that must be added.
func (t *trial) moreTax(want grade.Grade) Step {
	defer t.reset(indicate.Tax)
	s := Step{ID: "more_tax", Unit: string(unit.WanYuan)}
	now := t.grade()
	if !asks(now.items, indicate.Tax) {
		return s.cannot("not_asked", nil)
	}
	base := t.was[indicate.Tax]
	if math.IsNaN(base) {
		base = 0
		s.Notes = append(s.Notes, Note{ID: "tax_not_known"})
	}
	k, at, ok := t.least(probes(mostTax, 0), want, func(k int64) { t.set(indicate.Tax, base+float64(k)*taxStep) })
	if !ok {
		return s.cannot(limit(&at, indicate.Tax, want))
	}
	s.Value = number(float64(k)*taxStep/1e6, 2)
	if base > 0 {
		s.Notes = append(s.Notes, Note{"more", map[string]any{"share": Share(float64(k) * taxStep / base)}})
	}
	return s.reached(&at, want)
}

// lessLand is the least land, in steps of 0.0001 亩, that must be given up.
func (t *trial) lessLand(want grade.Grade) Step {
	defer t.reset(indicate.Land)
	s := Step{ID: "less_land", Unit: string(unit.MuUnit)}
	now := t.grade()
	if !asks(now.items, indicate.Land) {
		return s.cannot("not_asked", nil)
	}
	base := unit.Area(t.was[indicate.Land])
	less := func(k int64) unit.Area { return base - unit.Area((2000*k+1)/3) } // 1e-4 亩 is 2000/3 of 1e-4 m²
	most := int64(base) * 3 / 2000
	for most > 0 && less(most) <= 0 {
		most--
	}
	places := int64(0)
	if slices.ContainsFunc(t.scheme.Groups, func(g policy.Group) bool { return wantsLand(&g.Filter) }) {
		places = landPlaces
	}
	k, at, ok := t.least(probes(most, places), want, func(k int64) { t.set(indicate.Land, float64(less(k))) })
	if !ok {
		return s.cannot(limit(&at, indicate.Land, want))
	}
	s.Value = number(float64(k)/1e4, 4)
	s.Notes = append(s.Notes, Note{"less", map[string]any{"share": Share(float64(base-less(k)) / float64(base))}})
	return s.reached(&at, want)
}

// wantsLand says whether a filter asks for a least area.
func wantsLand(f *policy.Filter) bool {
	return f.MinMu > 0 || slices.ContainsFunc(f.Any, func(one policy.Filter) bool { return wantsLand(&one) })
}

// asks says whether a group is graded on a quantity.
func asks(items []grade.ItemFacts, q indicate.Quantity) bool {
	for i := range items {
		if one, ok := indicate.Find(items[i].Item.Indicator); ok && (one.Numerator == q || one.Denominator == q) {
			return true
		}
	}
	return false
}

// probes are the amounts at which a grade is looked for: each four times the one before
// up to most, and places spread evenly where more may also lead out of a grade again.
func probes(most, places int64) []int64 {
	var out []int64
	for k := int64(1); k < most; k *= 4 {
		out = append(out, k)
	}
	for n := int64(1); n <= places; n++ {
		if k := int64(float64(most) / float64(places) * float64(n)); k > 0 && k < most {
			out = append(out, k)
		}
	}
	if most > 0 {
		out = append(out, most)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// least is the smallest amount with which the grade is reached, between the last probe
// that does not reach it and the first that does, and what it comes to. Where none
// does, at is the best that was seen.
func (t *trial) least(probes []int64, want grade.Grade, set func(k int64)) (k int64, at outcome, ok bool) {
	try := func(k int64) (outcome, bool) {
		set(k)
		o := t.grade()
		return o, o.rank > 0 && o.initial <= want
	}
	low, high := int64(0), int64(0)
	for _, k := range probes {
		o, reached := try(k)
		if reached || at.result == nil || o.better(&at) {
			at = o
		}
		if high = k; reached {
			ok = true
			break
		}
		low = k
	}
	for ok && low+1 < high {
		middle := low + (high-low)/2
		if o, reached := try(middle); reached {
			high, at = middle, o
		} else {
			low = middle
		}
	}
	return high, at, ok
}

// reached notes what the amount leads to.
func (s Step) reached(at *outcome, want grade.Grade) Step {
	s.Notes = append(s.Notes, Note{"leads_to", map[string]any{
		"total": number(at.total, 6), "rank": whole(at.rank), "of": whole(at.of), "grade": at.initial.String(),
	}})
	if at.final > want && at.final <= grade.D {
		s.Notes = append(s.Notes, Note{"final_stays", map[string]any{"grade": at.final.String()}})
	}
	return s
}

// cannot notes why no amount is enough.
func (s Step) cannot(id string, args map[string]any) Step {
	s.Unit = ""
	s.Notes = append(s.Notes, Note{id, args})
	return s
}

// limit is why a grade is not reached: so few are ranked that nobody has it, every item
// that the quantity is in stands at its cap, or the total that can be reached is below
// what the grade wants.
func limit(best *outcome, q indicate.Quantity, want grade.Grade) (string, map[string]any) {
	if best.rank == 0 {
		return "leaves_group", nil
	}
	least := best.pool.Least[want-grade.A]
	if math.IsNaN(least) {
		return "list_too_short", map[string]any{"grade": want.String(), "last": whole(best.pool.Last[want-grade.A]), "of": whole(best.of)}
	}
	capped := true
	for i := range best.items {
		f := &best.items[i]
		one, _ := indicate.Find(f.Item.Indicator)
		if one.Numerator != q && one.Denominator != q {
			continue
		}
		v := best.value(f.Figure)
		capped = capped && f.Item.Method == policy.Linear && f.Item.Cap > 0 && v/f.Benchmark >= f.Item.Cap
	}
	id := "out_of_reach"
	if capped {
		id = "out_of_reach_capped"
	}
	return id, map[string]any{"total": number(best.total, 6), "least": number(least, 6)}
}
