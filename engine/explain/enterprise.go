package explain

import (
	"slices"
	"sort"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/unit"
)

// enterprise explains the grade of an enterprise of the register.
func (x *Explainer) enterprise(e *Explanation) {
	n, _ := slices.BinarySearch(x.facts.Code, e.Code)
	e.Name = x.facts.Name[n]
	e.Steps = append(e.Steps, x.verdict(n), x.identity(n), x.land(n))
	if x.graded == nil {
		return
	}
	e.Steps = append(e.Steps, x.schemeStep(n))
	if x.graded.Why[n] != grade.Graded {
		return
	}
	if x.graded.Rank[n] > 0 {
		e.Steps = append(e.Steps, x.indicators(n), x.total(n), x.ranking(n))
	}
	e.Steps = append(e.Steps, x.decisions(n))
	if x.graded.Rank[n] > 0 {
		t := newTrial(x.facts, x.scheme(), n)
		e.Steps = append(e.Steps, t.distance(x.graded), t.moves())
	}
}

// verdict is what came of it all.
func (x *Explainer) verdict(e int) Step {
	s := Step{ID: "final_grade"}
	a := x.graded
	switch {
	case a == nil && x.wants != "":
		s.Notes = []Note{{"nobody_graded_without", map[string]any{"table": x.wants}}}
	case a == nil:
		s.Notes = []Note{{ID: "nobody_graded"}}
	case a.Why[e] != grade.Graded:
		s.Value = letterOf(a.Final[e])
		s.Notes = []Note{{"none_because", map[string]any{"why": Word{"explain.why", a.Why[e].String()}}}}
		if s.Value != nil {
			s.Notes[0].ID = "because"
		}
	case a.Rank[e] > 0:
		s.Value = letterOf(a.Final[e])
		s.Notes = []Note{{"ranked", map[string]any{
			"rank": whole(a.Rank[e]), "of": whole(a.Pools[a.Pool[e]].N), "group": a.Pools[a.Pool[e]].Name, "total": number(a.Total[e], 6),
		}}}
	default:
		s.Value = letterOf(a.Final[e])
	}
	return s
}

// letterOf is a grade as a value; nil for none.
func letterOf(g grade.Grade) any {
	if g == grade.NoGrade {
		return nil
	}
	return g.String()
}

// identity is what the register says of the enterprise.
func (x *Explainer) identity(e int) Step {
	f := x.facts
	s := Step{ID: "identity", keys: []archive.Key{{Table: "enterprises", Key: f.Code[e]}}}
	s.text("industry", f.Industry[e])
	s.Steps = append(s.Steps, Step{ID: "scale", Value: Word{"explain.scale", [...]string{"unknown", "below", "above"}[f.AboveScale[e]]}})
	s.text("zone_code", f.Zone[e])
	s.text("county", f.County[e])
	s.text("tags", f.Tags[e])
	s.day("registered_on", f.Registered[e])
	s.day("production_on", f.Production[e])
	s.day("supplied_on", f.Supplied[e])
	for _, flag := range []struct {
		id string
		is bool
	}{{"utility", f.Utility[e]}, {"relocation", f.Relocation[e]}} {
		if flag.is {
			s.Steps = append(s.Steps, Step{ID: flag.id, Value: true})
		}
	}
	return s
}

// text adds a step of text, unless it is empty.
func (s *Step) text(id, value string) {
	if value != "" {
		s.Steps = append(s.Steps, Step{ID: id, Value: value})
	}
}

func (s *Step) day(id string, d unit.Date) {
	if d != grade.NoDate {
		s.Steps = append(s.Steps, Step{ID: id, Value: d.String()})
	}
}

// uses are the parcels that an enterprise has land on.
func (x *Explainer) uses(e int) []grade.Use {
	all := x.facts.Uses
	from := sort.Search(len(all), func(i int) bool { return int(all[i].Enterprise) >= e })
	to := from
	for to < len(all) && int(all[to].Enterprise) == e {
		to++
	}
	return all[from:to]
}

// land is the enterprise's land: what it owns and occupies and leases in, less what it
// leases out, and the parcels it lies on with the rows that say so.
func (x *Explainer) land(e int) Step {
	f := x.facts
	area := func(id string, a unit.Area) Step { return Step{ID: id, Value: mu(a), Unit: string(unit.MuUnit)} }
	s := Step{ID: "land", Value: mu(f.Land[e]), Unit: string(unit.MuUnit), Notes: []Note{{ID: "land_sum"}}}
	if x.rule.Rule != nil {
		if figure, ok := x.rule.Rule.Figure("lease"); ok {
			s.Clause, s.Status = figure.Clause, string(figure.Status)
		}
		if x.scheme().ByMonths {
			s.Notes = append(s.Notes, Note{ID: "by_months"})
		}
	}
	s.Steps = []Step{area("owned", f.Owned[e]), area("occupied", f.Occupied[e]), area("leased_in", f.LeasedIn[e]), area("leased_out", f.LeasedOut[e])}
	for _, u := range x.uses(e) {
		code := f.Parcels[u.Parcel]
		p := Step{ID: "parcel", Name: code, Value: mu(u.Net), Unit: string(unit.MuUnit), keys: []archive.Key{
			{Table: "parcels", Key: code}, {Table: "tenancies", Key: f.Code[e] + "/" + code + "/", Prefix: true}}}
		s.Steps = append(s.Steps, p)
	}
	return s
}

// schemeStep is the rule that grades, the group the enterprise is in, and why it is
// not graded where it is not.
func (x *Explainer) schemeStep(e int) Step {
	a, p := x.graded, x.rule.Pack
	s := Step{ID: "rule", Value: x.rule.Rule.ID, Clause: x.rule.Rule.Clause, Status: string(x.rule.Rule.Status)}
	s.Steps = []Step{{ID: "policy", Value: p.ID, Notes: []Note{{"document", map[string]any{"title": Text(p.Title), "number": p.Number}}}}}
	s.Steps = append(s.Steps, x.groupStep(e)...)
	if why := a.Why[e]; why != grade.Graded {
		s.Steps = append(s.Steps, x.notGraded(e))
	}
	if all := a.Together(e); len(all) > 1 {
		land := Step{ID: "unit_land", Value: mu(a.UnitLand(e)), Unit: string(unit.MuUnit)}
		s.Steps = append(s.Steps, x.other("represented_by", a.Representative(e)), land)
		for _, i := range all {
			if int(i) != e {
				s.Steps = append(s.Steps, x.other("graded_with", int(i)))
			}
		}
	}
	if a.Owner != nil && a.Owner[e] >= 0 {
		owner := x.other("owner", int(a.Owner[e]))
		owner.Notes = append(owner.Notes, x.gradeNote(int(a.Owner[e])))
		s.Steps = append(s.Steps, owner)
	}
	return s
}

// other is another enterprise.
func (x *Explainer) other(id string, e int) Step {
	return Step{ID: id, Value: x.facts.Code[e], Notes: []Note{{"named", map[string]any{"name": x.facts.Name[e]}}}}
}

// gradeNote is the final grade of an enterprise, or why it has none.
func (x *Explainer) gradeNote(e int) Note {
	if g := x.graded.Final[e]; g != grade.NoGrade {
		return Note{"has_grade", map[string]any{"grade": g.String()}}
	}
	return Note{"has_no_grade", map[string]any{"why": Word{"explain.why", x.graded.Why[e].String()}}}
}

// groupStep is the group or pool of an enterprise; none when no group takes it.
func (x *Explainer) groupStep(e int) []Step {
	a := x.graded
	if a.Pool[e] < 0 {
		return nil
	}
	p, g := &a.Pools[a.Pool[e]], x.scheme().Groups[a.Group[e]]
	clause, status := x.rule.Rule.Origin(g.ID, "")
	group := Step{ID: "group", Value: p.Name, Clause: clause, Status: string(status),
		Notes: []Note{{"group_title", map[string]any{"title": Text(g.Title)}}}}
	members := Step{ID: "members", Value: whole(p.N)}
	if p.Exempt > 0 {
		members.Notes = append(members.Notes, Note{"exempt_members", map[string]any{"exempt": whole(p.Exempt), "counted": x.scheme().Exempt.Counts}})
	}
	group.Steps = append(group.Steps, members)
	return []Step{group}
}
