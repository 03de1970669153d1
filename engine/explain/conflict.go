package explain

import (
	"errors"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// conflictsOf are the hits of spatial rules on a parcel.
func (x *Explainer) conflictsOf(e *Explanation, _ archive.Feature) ([]Step, error) {
	hits, err := x.run.Features("conflicts", "code", e.Code)
	var missing *archive.MissingError
	if errors.As(err, &missing) && !missing.Listed {
		return nil, nil // no spatial rule was evaluated
	}
	if err != nil {
		return nil, err
	}
	s := Step{ID: "conflicts"}
	for _, h := range hits {
		if h.Text("subject") != string(Parcel) {
			continue
		}
		distance, _ := h.Number("distance_m")
		one := Step{ID: "conflict", Name: h.Text("rule"), Value: number(distance, 3), Unit: string(unit.Metre), Clause: h.Text("clause"),
			Notes: []Note{{"conflict", map[string]any{"verdict": Word{"found", h.Text("verdict")}, "feature": h.Text("feature")}}},
			keys:  []archive.Key{{Table: "control_lines", Key: h.Text("feature")}}}
		if rule := x.near(h.Text("rule")); rule != nil {
			one.Bound = &Bound{Op: "<", Value: number(rule.Near.Metres, 3), Unit: string(unit.Metre)}
			one.Status = string(rule.Status)
			dated, err := x.dated(e, rule.Near)
			if err != nil {
				return nil, err
			}
			one.Steps = append(x.industries(e.Code, rule.Near), dated)
		}
		s.Steps = append(s.Steps, one)
	}
	if s.Steps == nil {
		return nil, nil
	}
	return []Step{s}, nil
}

// near is the spatial rule of this id; nil when no policy of the run has it.
func (x *Explainer) near(id string) *policy.Rule {
	for _, a := range x.set.Near() {
		if a.Rule.ID == id {
			return a.Rule
		}
	}
	return nil
}

// industries are the occupants of a parcel whose industries a spatial rule is for.
func (x *Explainer) industries(code string, near *policy.Near) []Step {
	if x.facts == nil {
		return nil
	}
	var out []Step
	for _, u := range x.usesOf(code) {
		if industry := x.facts.Industry[u.Enterprise]; u.Net > 0 && grade.InIndustry(near.Industries, industry) {
			out = append(out, Step{ID: "occupant_industry", Name: x.facts.Code[u.Enterprise], Value: industry,
				keys: []archive.Key{{Table: "enterprises", Key: x.facts.Code[u.Enterprise]}}})
		}
	}
	return out
}

// dated is the date by which a parcel is new to a spatial rule or was there before: the
// contract's, else that of delivery. The table that has them does not have the agreed
// start, which is asked last.
func (x *Explainer) dated(e *Explanation, near *policy.Near) (Step, error) {
	from := &Bound{Op: ">=", Value: near.From.String()}
	rows, err := x.run.Row("supply", "parcel_code", e.Code)
	if err = e.lacks(err); err != nil {
		return Step{}, err
	}
	for _, row := range rows {
		for _, column := range []string{"signed_on", "delivered_on"} {
			if day := row.Text(column); day != "" {
				return Step{ID: column, of: "supply", Value: day, Bound: from,
					keys: []archive.Key{{Table: "parcels", Key: e.Code}}}, nil
			}
		}
	}
	return Step{ID: "new_from", Value: near.From.String()}, nil
}
