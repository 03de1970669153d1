package explain

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// notGraded is why an enterprise has no grade, with the figures that decide it.
func (x *Explainer) notGraded(e int) Step {
	a, f, scheme := x.graded, x.facts, x.scheme()
	why := a.Why[e]
	s := Step{ID: "not_graded", Value: Word{"explain.why", why.String()}}
	figure := "groups"
	switch why {
	case grade.ExemptUtility, grade.ExemptNew, grade.ExemptConstruction, grade.ExemptRelocation, grade.ExemptTag:
		figure = "exempt"
	case grade.GroupTooSmall:
		figure = "min_group"
	case grade.OwnerNotGraded, grade.LandNotPositive:
		figure = "lease"
	}
	if of, ok := x.rule.Rule.Figure(figure); ok {
		s.Clause, s.Status = of.Clause, string(of.Status)
	}
	switch why {
	case grade.ExemptUtility:
		s.Steps = []Step{{ID: "utility", Value: true}}
	case grade.ExemptRelocation:
		s.Steps = []Step{{ID: "relocation", Value: true}}
	case grade.ExemptTag:
		s.Steps = []Step{{ID: "tags", Value: f.Tags[e], Bound: &Bound{Op: "in", Value: strings.Join(scheme.Exempt.Tags, ";")}}}
	case grade.ExemptNew:
		s.Steps = []Step{x.newSince(e)}
	case grade.ExemptConstruction:
		s.Steps = []Step{{ID: "supplied_on", Value: f.Supplied[e].String(), Bound: &Bound{Op: ">", Value: lastDay(f.Year - scheme.Exempt.ConstructionYears)}}}
	case grade.LandNotPositive:
		s.Steps = []Step{{ID: "land", Value: mu(a.UnitLand(e)), Unit: string(unit.MuUnit), Bound: &Bound{Op: ">", Value: whole(0)}}}
	case grade.GroupTooSmall:
		s.Steps = []Step{{ID: "members", Value: whole(x.members(e)), Bound: &Bound{Op: ">=", Value: whole(scheme.MinGroup)}}}
	case grade.NoGroup:
		s.Steps = x.refusals(e)
	case grade.BenchmarkMissing:
		s.Steps = x.benchmarks(e)
	}
	for _, one := range x.adjustments(e) {
		s.Steps = append(s.Steps, x.notApplied(one))
	}
	return s
}

// members are those of the pool of an enterprise without class T, which help no group
// over its least size.
func (x *Explainer) members(e int) int {
	p := &x.graded.Pools[x.graded.Pool[e]]
	if x.scheme().Exempt.Counts {
		return p.N - p.Exempt
	}
	return p.N
}

// notApplied is an adjustment that did nothing.
func (x *Explainer) notApplied(a grade.Adjustment) Step {
	s := x.decision(a)
	s.Value = letterOf(a.Grade)
	if a.Kind <= grade.PenaltyPoints {
		s.Value = number(a.Points, 6)
	}
	s.Notes = append(s.Notes, Note{ID: "not_applied"})
	return s
}

// lastDay is 31 December of a year.
func lastDay(year int) string {
	d, _ := unit.NewDate(year, 12, 31)
	return d.String()
}

// newSince is the day from which an enterprise is new, by the first date the scheme
// asks for that is known.
func (x *Explainer) newSince(e int) Step {
	day, column, after := x.graded.NewSince(e)
	return Step{ID: column, Value: day.String(), Bound: &Bound{Op: ">", Value: after.String()}}
}

// refusals says of each group what it asks that the enterprise has not, or the one that
// stands for all that are graded as one with it.
func (x *Explainer) refusals(e int) []Step {
	var out []Step
	for i := range x.scheme().Groups {
		g := &x.scheme().Groups[i]
		out = append(out, Step{ID: "group", Name: g.ID, Notes: []Note{{"group_title", map[string]any{"title": Text(g.Title)}}},
			Steps: x.asks(x.graded.Representative(e), &g.Filter)})
	}
	return out
}

// asks are the conditions of a filter that an enterprise, or its unit, does not meet.
func (x *Explainer) asks(e int, filter *policy.Filter) []Step {
	f := x.facts
	var out []Step
	refuse := func(id string, value any, op string, bound any, u unit.Unit) {
		s := Step{ID: id, Value: value, Bound: &Bound{Op: op, Value: bound, Unit: string(u)}}
		if value != nil {
			s.Unit = string(u)
		} else {
			s.Notes = []Note{{ID: "not_known"}}
		}
		out = append(out, s)
	}
	if want := filter.AboveScale; want != nil {
		scales := [...]string{"unknown", "below", "above"}
		asked := scales[1]
		if *want {
			asked = scales[2]
		}
		if have := scales[x.graded.UnitScale(e)]; have != asked {
			refuse("scale", Word{"explain.scale", have}, "=", Word{"explain.scale", asked}, unit.None)
		}
	}
	if land := x.graded.UnitLand(e); filter.MinMu > 0 && land.Mu() < filter.MinMu {
		refuse("land", mu(land), ">=", number(filter.MinMu, 4), unit.MuUnit)
	}
	_, tagged := grade.SharedTag(f.Tags[e], filter.Tags)
	for _, list := range []struct {
		id, have string
		want     []string
		meets    bool
	}{
		{"industry", f.Industry[e], filter.Industries, grade.InIndustry(filter.Industries, f.Industry[e])},
		{"zone_code", f.Zone[e], filter.Zones, slices.Contains(filter.Zones, f.Zone[e])},
		{"county", f.County[e], filter.Counties, slices.Contains(filter.Counties, f.County[e])},
		{"tags", f.Tags[e], filter.Tags, tagged},
	} {
		if len(list.want) > 0 && !list.meets {
			refuse(list.id, known(list.have), "in", strings.Join(list.want, ";"), unit.None)
		}
	}
	var each []Step
	for i := range filter.Any {
		below := x.asks(e, &filter.Any[i])
		if len(below) == 0 {
			return out
		}
		each = append(each, Step{ID: "either", Steps: below})
	}
	return append(out, each...)
}

// known is a text as a value; nil when it is empty.
func known(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// benchmarks are the items of a pool that has no benchmark: who has a value.
func (x *Explainer) benchmarks(e int) []Step {
	p := &x.graded.Pools[x.graded.Pool[e]]
	out := []Step{{ID: "detail", Value: p.Detail}}
	for _, item := range p.Items {
		out = append(out, Step{ID: item.Item.Indicator, of: "indicator", Value: whole(item.Have),
			Bound: &Bound{Op: ">", Value: whole(0)}, Notes: []Note{{ID: "members_with_value"}}})
	}
	return out
}
