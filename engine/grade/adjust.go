package grade

import (
	"math"
	"slices"
	"sort"
)

// Step is what an adjustment did to a grade after ranking.
type Step struct {
	Adjustment
	From, To Grade
	// HeldBy is the number, in the same list, of the veto above which a floor does
	// not lift; −1 none.
	HeldBy int
	// Overrode are the numbers, in the same list, of the earlier ones that the new
	// grade puts aside.
	Overrode []int
}

// Effect is whether the grade changed.
func (s *Step) Effect() bool { return s.From != s.To }

// letter is whether a grade may be given by an adjustment.
func letter(g Grade) bool { return g >= A && g <= D }

// points are the points of a bonus or penalty, 0 for what is no positive number.
func (a *Adjustment) points() float64 {
	if a.Points > 0 && known(a.Points) {
		return a.Points
	}
	return 0
}

// addPoints sums bonus and penalty.
func (r *Result) addPoints() {
	for i := range r.of.Adjustments {
		a := &r.of.Adjustments[i]
		switch u := r.unitOf(int(a.Enterprise)); a.Kind {
		case BonusPoints:
			r.Bonus[u] += a.points()
		case PenaltyPoints:
			r.Penalty[u] += a.points()
		}
	}
}

// dropPoints takes back the points of those who are not ranked.
func (r *Result) dropPoints() {
	for i := range r.of.Adjustments {
		for _, e := range r.together(int(r.of.Adjustments[i].Enterprise)) {
			if math.IsNaN(r.Total[e]) {
				r.Bonus[e], r.Penalty[e] = 0, 0
			}
		}
	}
}

// together is the members of the unit of e.
func (r *Result) together(e int) []int32 {
	if r.Unit == nil {
		return []int32{int32(e)}
	}
	return r.units.of(int(r.Unit[e]))
}

// adjust applies vetoes, floors, fixed grades and manual decisions to the ranked.
func (r *Result) adjust() {
	done := -1
	for i := range r.of.Adjustments {
		u := r.unitOf(int(r.of.Adjustments[i].Enterprise))
		if u == done || r.Rank[u] == 0 {
			continue
		}
		done = u
		if steps := r.Steps(u); len(steps) > 0 {
			r.Final[u] = steps[len(steps)-1].To
		}
	}
}

// adjustments of the unit of e, in the order in which they are applied.
func (r *Result) adjustments(e int) []Adjustment {
	if r.Unit == nil {
		return r.own(e)
	}
	var all []Adjustment
	for _, i := range r.together(e) {
		all = append(all, r.own(int(i))...)
	}
	slices.SortStableFunc(all, Adjustment.compareWithin)
	return all
}

// own is the adjustments of e alone.
func (r *Result) own(e int) []Adjustment {
	all := r.of.Adjustments
	from := sort.Search(len(all), func(i int) bool { return int(all[i].Enterprise) >= e })
	to := from
	for to < len(all) && int(all[to].Enterprise) == e {
		to++
	}
	return all[from:to]
}

// Steps is what the adjustments did to the first grade of e, in order: vetoes, the
// worst of which binds; floors, which never lift above a veto; fixed grades, which
// replace both; manual decisions, last and final. None when e is not graded.
func (r *Result) Steps(e int) []Step {
	if r.Why[e] != Graded {
		return nil
	}
	var steps []Step
	grade, veto := r.Initial[e], -1
	for _, a := range r.adjustments(e) {
		if a.Kind < Veto {
			continue
		}
		s := Step{Adjustment: a, From: grade, To: grade, HeldBy: -1}
		switch {
		case !letter(a.Grade):
		case a.Kind == Veto:
			s.To = max(grade, a.Grade)
			if veto < 0 || a.Grade > steps[veto].Grade {
				veto = len(steps)
			}
		case a.Kind == FloorGrade:
			s.To = min(grade, a.Grade)
			if veto >= 0 && s.To < steps[veto].Grade {
				s.To, s.HeldBy = steps[veto].Grade, veto
			}
		default:
			s.To = a.Grade
			s.Overrode = overrode(steps, a.Grade)
		}
		grade = s.To
		steps = append(steps, s)
	}
	return steps
}

// overrode is the steps that a decision for g puts aside.
func overrode(steps []Step, g Grade) (numbers []int) {
	for i := range steps {
		s := &steps[i]
		if letter(s.Grade) && (s.Kind == Veto && g < s.Grade || s.Kind == FloorGrade && g > s.Grade || s.Kind > FloorGrade && g != s.Grade) {
			numbers = append(numbers, i)
		}
	}
	return numbers
}
