package explain

import (
	"math"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
)

// group is the group that takes an enterprise; others may be pooled with it.
func (x *Explainer) group(e int) *policy.Group { return &x.scheme().Groups[x.graded.Group[e]] }

// indicators are the items of the enterprise's group, in the scheme's order: value,
// benchmark, ratio and score of each.
func (x *Explainer) indicators(e int) Step {
	a := x.graded
	p := &a.Pools[a.Pool[e]]
	s := Step{ID: "indicators"}
	for i := range p.Items {
		s.Steps = append(s.Steps, x.item(e, p, &p.Items[i]))
	}
	if scale := a.WeightScale(e); scale != 1 {
		s.Notes = append(s.Notes, Note{"weights_scaled", map[string]any{"scale": number(scale, 6)}})
	}
	return s
}

func (x *Explainer) item(e int, p *grade.Pool, f *grade.ItemFacts) Step {
	a := x.graded
	value := a.Value(e, f.Figure)
	clause, status := x.rule.Rule.Origin(x.group(e).ID, f.Item.Indicator)
	s := Step{ID: f.Item.Indicator, of: "indicator", Value: number(value, 6), Unit: x.indicatorUnit(f.Item.Indicator),
		Clause: clause, Status: string(status)}
	one, _ := indicate.Find(f.Item.Indicator)
	members := x.withValue(e, f.Figure)
	s.Steps = append(s.Steps, x.quantity(one.Numerator, x.sum(one.Numerator, members), members...),
		x.quantity(one.Denominator, x.sum(one.Denominator, members), members...))
	if s.Value == nil {
		s.Unit = ""
		s.Notes = append(s.Notes, Note{"no_value", map[string]any{"why": Word{"explain.novalue", one.Why(&x.facts.This, e)}}})
	}
	s.Steps = append(s.Steps, x.benchmarkStep(p, f))
	if ratio, ok := ratioStep(f, value); ok {
		s.Steps = append(s.Steps, ratio)
	}
	score, _ := a.Score(e, f.Figure)
	scored := Step{ID: "score", Value: number(score, 6), Notes: []Note{{"weight", map[string]any{"weight": number(f.Item.Weight, 6)}}}}
	if how := a.Missing(e, f.Figure); how != "" {
		scored.Notes = append(scored.Notes, Note{"missing_scored", map[string]any{"how": Word{"explain.missing", string(how)}}})
	}
	s.Steps = append(s.Steps, scored)
	return s
}

// withValue are the members of the enterprise's unit that a figure's sums run over:
// those that have it, else all.
func (x *Explainer) withValue(e, figure int) []int32 {
	all := x.graded.Together(e)
	have := slices.DeleteFunc(slices.Clone(all), func(i int32) bool { return math.IsNaN(x.graded.Figures[figure].This.Value[i]) })
	if len(have) > 0 {
		return have
	}
	return all
}

// sum adds a quantity of this year over enterprises that have it; NaN when none has.
func (x *Explainer) sum(q indicate.Quantity, of []int32) float64 {
	total, any := 0.0, false
	for _, i := range of {
		if v := x.facts.This[q][i]; !math.IsNaN(v) {
			total, any = total+v, true
		}
	}
	if !any {
		return math.NaN()
	}
	return total
}

// benchmarkStep is what a value is divided by, and how it came about; for minmax the
// span that it lies in.
func (x *Explainer) benchmarkStep(p *grade.Pool, f *grade.ItemFacts) Step {
	u := x.indicatorUnit(f.Item.Indicator)
	if f.Item.Method == policy.MinMax {
		return Step{ID: "span", Value: number(f.Min, 6), Unit: u, Bound: &Bound{Op: "..", Value: number(f.Max, 6), Unit: u},
			Notes: []Note{{"have", map[string]any{"have": whole(f.Have), "of": whole(p.N)}}}}
	}
	b := f.Item.Benchmark
	s := Step{ID: "benchmark", Value: number(f.Benchmark, 6), Unit: u}
	args := map[string]any{"have": whole(f.Have)}
	id := "benchmark_" + string(b.Kind)
	switch b.Kind {
	case policy.MeanBenchmark:
		s.Steps, s.inline = x.meanOf(f), true
		if b.LastYear {
			id += "_last_year"
		}
		if b.Factor != 0 && b.Factor != 1 {
			id += "_factor"
			args["factor"] = number(b.Factor, 6)
		}
	case policy.QuantileBenchmark:
		args["quantile"] = number(b.Value, 6)
	}
	s.Notes = []Note{{id, args}}
	return s
}

// meanOf are the sums that a mean is the ratio of.
func (x *Explainer) meanOf(f *grade.ItemFacts) []Step {
	one, _ := indicate.Find(f.Item.Indicator)
	year := x.facts.Year
	if f.Item.Benchmark.LastYear {
		year--
	}
	part := func(q indicate.Quantity, v float64) Step {
		return Step{ID: q.String(), of: "explain.quantity", Value: amount(q, v), Unit: unitOf(q, x.scheme()),
			Notes: []Note{{"sum_of", map[string]any{"have": whole(f.InMean), "year": whole(year)}}}}
	}
	return []Step{part(one.Numerator, f.Numerator), part(one.Denominator, f.Denominator)}
}

// ratioStep is a value over its benchmark, as it is held between floor and cap.
func ratioStep(f *grade.ItemFacts, value float64) (Step, bool) {
	if math.IsNaN(value) || f.Item.Method == policy.MinMax || !(f.Benchmark > 0) {
		return Step{}, false
	}
	ratio := value / f.Benchmark
	s := Step{ID: "ratio", Value: number(ratio, 6)}
	switch {
	case f.Item.Method == policy.Inverse:
		s.Notes = []Note{{ID: "inverse"}}
	case ratio < f.Item.Floor:
		s.Notes = []Note{{"floored", map[string]any{"floor": number(f.Item.Floor, 6)}}}
	case f.Item.Cap > 0 && ratio > f.Item.Cap:
		s.Notes = []Note{{"capped", map[string]any{"cap": number(f.Item.Cap, 6)}}}
	}
	return s, true
}

// total is the sum of the scores, with bonus and penalty, each with its row.
func (x *Explainer) total(e int) Step {
	a := x.graded
	s := Step{ID: "total", Value: number(a.Total[e], 6), Notes: []Note{{ID: "total_sum"}}}
	p := &a.Pools[a.Pool[e]]
	sum := 0.0
	for i := range p.Items {
		score, _ := a.Score(e, p.Items[i].Figure)
		sum += score
	}
	s.Steps = []Step{{ID: "scores", Value: number(sum, 6)}}
	for _, one := range x.adjustments(e) {
		if one.Kind <= grade.PenaltyPoints {
			step := x.decision(one)
			step.Value = number(one.Points, 6)
			s.Steps = append(s.Steps, step)
		}
	}
	return s
}

// adjustments of the enterprise, and of those graded as one with it.
func (x *Explainer) adjustments(e int) []grade.Adjustment {
	var out []grade.Adjustment
	members := x.graded.Together(e)
	for _, a := range x.facts.Adjustments {
		if slices.Contains(members, a.Enterprise) {
			out = append(out, a)
		}
	}
	return out
}

// decision is an adjustment with who made it, when, why, and its row.
func (x *Explainer) decision(a grade.Adjustment) Step {
	s := Step{ID: a.Kind.String(), keys: []archive.Key{{Table: "adjustments",
		Key: x.facts.Code[a.Enterprise] + "/" + strconv.Itoa(x.facts.Year) + "/" + a.Kind.String()}}}
	s.text("reason", a.Reason)
	s.text("actor", a.Actor)
	s.day("decided_on", a.Decided)
	return s
}

// ranking is the rank, the cuts of the group, and the first grade they give.
func (x *Explainer) ranking(e int) Step {
	a := x.graded
	p := &a.Pools[a.Pool[e]]
	group := x.group(e)
	clause, status := x.rule.Rule.Origin(group.ID, policy.CutsOrigin)
	cut, _ := a.Cut(e)
	s := Step{ID: "rank", Value: whole(a.Rank[e]), Notes: []Note{{"of", map[string]any{"of": whole(p.N), "group": p.Name}}},
		Clause: clause, Status: string(status)}
	for c, share := range [3]float64{group.Cuts.A, group.Cuts.B, group.Cuts.C} {
		step := Step{ID: "cut", Name: (grade.A + grade.Grade(c)).String(), Value: number(cut.Least[c], 6)}
		if cut.ByScore {
			step.Notes = []Note{{ID: "cut_by_score"}}
		} else {
			step.Notes = []Note{{"cut_by_rank", map[string]any{"share": Share(share), "last": whole(cut.Last[c]), "of": whole(p.N)}}}
		}
		s.Steps = append(s.Steps, step)
	}
	s.Steps = append(s.Steps, Step{ID: "initial_grade", Value: letterOf(a.Initial[e])})
	return s
}

// decisions are the vetoes, floors, fixed grades and manual decisions, what each did,
// and the grade they leave.
func (x *Explainer) decisions(e int) Step {
	a := x.graded
	s := Step{ID: "final", Value: letterOf(a.Final[e])}
	steps := a.Steps(e)
	if len(steps) == 0 {
		s.Notes = []Note{{ID: "no_decisions"}}
	}
	for _, one := range x.adjustments(e) {
		if one.Kind <= grade.PenaltyPoints && a.Rank[e] == 0 {
			s.Steps = append(s.Steps, x.notApplied(one))
		}
	}
	for i := range steps {
		one := &steps[i]
		d := x.decision(one.Adjustment)
		d.Value = letterOf(one.Grade)
		effect := Note{ID: "no_effect"}
		if one.Effect() {
			effect = Note{"effect", map[string]any{"from": one.From.String(), "to": one.To.String()}}
		}
		d.Notes = append(d.Notes, effect)
		named := func(n int) map[string]any {
			return map[string]any{"kind": Word{"explain", steps[n].Kind.String()}, "grade": steps[n].Grade.String()}
		}
		if one.HeldBy >= 0 {
			d.Notes = append(d.Notes, Note{"held_by", named(one.HeldBy)})
		}
		for _, n := range one.Overrode {
			d.Notes = append(d.Notes, Note{"overrides", named(n)})
		}
		s.Steps = append(s.Steps, d)
	}
	return s
}
