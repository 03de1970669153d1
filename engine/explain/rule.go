package explain

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/policy"
)

// rules are the rules of the run that have an id.
func (x *Explainer) rules(id string) (found []policy.Applied) {
	for _, a := range x.set.Rules() {
		if a.Rule.ID == id {
			found = append(found, a)
		}
	}
	return found
}

// ofRule explains a rule: what it demands, and what came of it on every subject, each
// with its figure, its bound and where the figure comes from.
func (x *Explainer) ofRule(e *Explanation) error {
	for _, a := range x.rules(e.Code) {
		s := Step{ID: "rule", Value: Text(a.Rule.Title), Clause: a.Rule.Clause, Status: string(a.Rule.Status)}
		s.Steps = append(s.Steps, Step{ID: "policy", Value: Text(a.Pack.Title), Notes: []Note{{"of_document", map[string]any{"policy": a.Pack.ID, "number": a.Pack.Number}}}})
		if a.Rule.Follows != (policy.Text{}) {
			s.Steps = append(s.Steps, Step{ID: "follows", Value: Text(a.Rule.Follows)})
		}
		for _, f := range a.Rule.Figures {
			one := Step{ID: f.Name, of: "figure", Value: f.Value, Clause: f.Clause, Status: string(f.Status)}
			if f.Clause == f.Value {
				one.Clause = ""
			}
			s.Steps = append(s.Steps, one)
		}
		e.Steps = append(e.Steps, s)
	}
	for _, part := range []struct{ table, id string }{{"scorecard", "subjects"}, {"findings", "failing"}} {
		rows, err := x.run.Row(part.table, "rule", e.Code)
		if err = e.lacks(err); err != nil {
			return err
		}
		e.Steps = append(e.Steps, all(part.id, rows, func(r archive.Feature) Step {
			return x.scored(r, r.Text("code"), "")
		})...)
	}
	return nil
}

// rulesOn are the verdicts of all rules on a zone.
func (x *Explainer) rulesOn(e *Explanation, _ archive.Feature) ([]Step, error) {
	rows, err := x.run.Row("scorecard", "code", e.Code)
	if err = e.lacks(err); err != nil {
		return nil, err
	}
	return all("rules", rows, func(r archive.Feature) Step {
		return x.scored(r, r.Text("rule"), r.Text("clause"))
	}), nil
}

// all is a step with one below it for each row; none without rows.
func all(id string, rows []archive.Feature, of func(archive.Feature) Step) []Step {
	if len(rows) == 0 {
		return nil
	}
	s := Step{ID: id, Steps: make([]Step, 0, len(rows))}
	for _, r := range rows {
		s.Steps = append(s.Steps, of(r))
	}
	return []Step{s}
}

// fails are the rules that a parcel or an enterprise fails, and of underused land the
// conditions.
func (x *Explainer) fails(e *Explanation) error {
	rows, err := x.run.Row("findings", "code", e.Code)
	if err = e.lacks(err); err != nil {
		return err
	}
	e.Steps = append(e.Steps, all("fails", rows, func(r archive.Feature) Step { return x.scored(r, r.Text("rule"), r.Text("clause")) })...)
	if e.Subject != Parcel || !x.run.Has("tables/underused_land.csv") {
		return nil
	}
	rows, err = x.run.Row("underused_land", "parcel_code", e.Code)
	for _, r := range rows {
		u := Step{ID: "underused", Value: r.Text("suggested_way")}
		for _, one := range strings.Split(r.Text("reasons"), " | ") {
			u.Steps = append(u.Steps, Step{ID: "scored", Value: one})
		}
		e.Steps = append(e.Steps, u)
	}
	return e.lacks(err)
}
