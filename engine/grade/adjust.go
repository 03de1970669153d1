package grade

import (
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
	if len(r.of.Adjustments) == 0 {
		return
	}
	for e, rank := range r.Rank {
		if rank == 0 {
			r.Bonus[e], r.Penalty[e] = 0, 0
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
	all := r.of.Adjustments
	for from, to := 0, 0; from < len(all); from = to {
		e := all[from].Enterprise
		for to = from; to < len(all) && all[to].Enterprise == e; {
			to++
		}
		switch u := r.unitOf(int(e)); {
		case r.Rank[u] == 0:
		case r.Unit == nil:
			r.Final[u] = last(r.Initial[u], all[from:to])
		default:
			r.Final[u] = last(r.Initial[u], r.adjustments(u))
		}
	}
}

// last is the grade after the adjustments of one enterprise or unit.
func last(initial Grade, adjustments []Adjustment) Grade {
	s := state{grade: initial}
	for i := range adjustments {
		s.apply(&adjustments[i])
	}
	return s.grade
}

// state is a grade and the worst veto on it so far, NoGrade none.
type state struct{ grade, veto Grade }

// apply applies one adjustment; held is whether a veto kept a floor from lifting.
func (s *state) apply(a *Adjustment) (held bool) {
	if !letter(a.Grade) {
		return false
	}
	switch a.Kind {
	case Veto:
		s.grade, s.veto = max(s.grade, a.Grade), max(s.veto, a.Grade)
	case FloorGrade:
		lifted := min(s.grade, a.Grade)
		held = lifted < s.veto
		s.grade = max(lifted, s.veto)
	case Fix, Manual:
		s.grade = a.Grade
	}
	return held
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
	now, veto := state{grade: r.Initial[e]}, -1
	for _, a := range r.adjustments(e) {
		if a.Kind < Veto {
			continue
		}
		s := Step{Adjustment: a, From: now.grade, HeldBy: -1}
		worst := now.veto
		if now.apply(&a) {
			s.HeldBy = veto
		}
		if s.To = now.grade; now.veto > worst {
			veto = len(steps)
		}
		if a.Kind > FloorGrade && letter(a.Grade) {
			s.Overrode = overrode(steps, a.Grade)
		}
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
