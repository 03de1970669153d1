package explain

import (
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
		s.Steps = []Step{{ID: "land", Value: mu(x.unitLand(e)), Unit: string(unit.MuUnit), Bound: &Bound{Op: ">", Value: whole(0)}}}
	case grade.GroupTooSmall:
		s.Steps = []Step{{ID: "members", Value: whole(a.Pools[a.Pool[e]].N), Bound: &Bound{Op: ">=", Value: whole(scheme.MinGroup)}}}
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
	for _, column := range x.scheme().Exempt.NewFrom {
		day := x.facts.Registered[e]
		if column == "production_on" {
			day = x.facts.Production[e]
		}
		if day != grade.NoDate {
			return Step{ID: column, Value: day.String(), Bound: &Bound{Op: ">", Value: lastDay(x.facts.Year - x.scheme().Exempt.NewYears)}}
		}
	}
	return Step{ID: "registered_on"}
}

// refusals says of each group what it asks that the enterprise has not.
func (x *Explainer) refusals(e int) []Step {
	var out []Step
	for i := range x.scheme().Groups {
		g := &x.scheme().Groups[i]
		out = append(out, Step{ID: "group", Name: g.ID, Notes: []Note{{"group_title", map[string]any{"title": Text(g.Title)}}},
			Steps: x.asks(e, &g.Filter)})
	}
	return out
}

// asks are the conditions of a filter that the enterprise does not meet.
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
		if have := scales[f.AboveScale[e]]; have != asked {
			refuse("scale", Word{"explain.scale", have}, "=", Word{"explain.scale", asked}, unit.None)
		}
	}
	if land := x.unitLand(e); filter.MinMu > 0 && land.Mu() < filter.MinMu {
		refuse("land", mu(land), ">=", number(filter.MinMu, 4), unit.MuUnit)
	}
	for _, list := range []struct {
		id, have string
		want     []string
		begins   bool
	}{
		{"industry", f.Industry[e], filter.Industries, true}, {"zone_code", f.Zone[e], filter.Zones, false},
		{"county", f.County[e], filter.Counties, false},
	} {
		if len(list.want) > 0 && !within(list.have, list.want, list.begins) {
			refuse(list.id, known(list.have), "in", strings.Join(list.want, ";"), unit.None)
		}
	}
	if len(filter.Tags) > 0 && !tagged(f.Tags[e], filter.Tags) {
		refuse("tags", known(f.Tags[e]), "in", strings.Join(filter.Tags, ";"), unit.None)
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

// unitLand is the land that groups ask about: of all tenants that are graded as one.
func (x *Explainer) unitLand(e int) unit.Area {
	land := unit.Area(0)
	for _, i := range x.together(e) {
		land += x.facts.Land[i]
	}
	return land
}

// known is a text as a value; nil when it is empty.
func known(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func within(have string, want []string, begins bool) bool {
	for _, w := range want {
		if have == w || begins && have != "" && strings.HasPrefix(have, w) {
			return true
		}
	}
	return false
}

func tagged(tags string, want []string) bool {
	for tag := range strings.SplitSeq(tags, ";") {
		if within(strings.TrimSpace(tag), want, false) {
			return true
		}
	}
	return false
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
