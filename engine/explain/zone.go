package explain

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/unit"
)

// zone explains what the run found of a zone.
func (x *Explainer) zone(e *Explanation) error {
	f, _, err := x.run.Feature("zones", "zone_code", e.Code)
	if err = e.lacks(err); err != nil {
		return err
	}
	e.Name = f.Text("name")
	if f != nil {
		e.Steps = append(e.Steps, Step{ID: "verdict",
			Steps: columns("zones", keep(f, "mu", "parcels", "tax_per_mu", "sales_per_mu", "idle_mu", "mix_verdict"))})
	}
	for _, part := range []func(*Explanation, archive.Feature) ([]Step, error){x.gradesIn, x.landMix, x.rulesOn} {
		steps, err := part(e, f)
		if err != nil {
			return err
		}
		e.Steps = append(e.Steps, steps...)
	}
	record := Step{ID: "record", keys: []archive.Key{{Table: "zones", Key: e.Code}}}
	if f != nil {
		record.Steps = columns("zones", f)
	}
	e.Steps = append(e.Steps, record)
	return nil
}

// gradesIn are the grades of a zone's parcels: mu by share, and the number of those
// whose zone it is.
func (x *Explainer) gradesIn(e *Explanation, f archive.Feature) ([]Step, error) {
	if x.graded == nil {
		return nil, nil
	}
	parcels, err := x.run.Features("parcels", "zone_code", e.Code)
	if err != nil {
		return nil, e.lacks(err)
	}
	s := Step{ID: "grades", Clause: x.rule.Rule.Clause, Status: string(x.rule.Rule.Status)}
	count := map[string]int{}
	for _, p := range parcels {
		count[p.Text("grade")]++
	}
	for g := grade.A; g <= grade.T; g++ {
		one := Step{ID: "grade", Name: g.String()}
		if v := f.Value("mu_" + string(rune('a'+g-grade.A))); v != nil && g <= grade.D {
			one.Value, one.Unit = v, string(unit.MuUnit)
		}
		one.Notes = []Note{{"parcels", map[string]any{"parcels": whole(count[g.String()])}}}
		s.Steps = append(s.Steps, one)
	}
	s.Steps = append(s.Steps, Step{ID: "without_grade", Notes: []Note{{"parcels", map[string]any{"parcels": whole(count[""])}}}})
	return []Step{s}, nil
}

// landMix is the 1 : 1 : 1 of a zone: the shares against their targets, and the
// verdict with its clause.
func (x *Explainer) landMix(e *Explanation, zone archive.Feature) ([]Step, error) {
	if zone != nil && zone.Value("mix_verdict") == nil {
		return []Step{{ID: "land_mix", Notes: []Note{{ID: "no_land_use"}}}}, nil
	}
	f, _, err := x.run.Feature("land_mix", "zone_code", e.Code)
	if err = e.lacks(err); err != nil || f == nil {
		return nil, err
	}
	s := Step{ID: "land_mix", Value: Word{"verdict", f.Text("verdict")}}
	rule, applies := x.set.LandMix(f.Text("kind"))
	if applies {
		s.Clause, s.Status = rule.Rule.Clause, string(rule.Rule.Status)
		s.Notes = []Note{{"by_rule", map[string]any{"policy": rule.Pack.ID, "rule": rule.Rule.ID}}}
	} else {
		s.Notes = []Note{{ID: "informational"}}
	}
	s.Steps = columns("land_mix", f, "zone_code", "name", "kind", "verdict", "informational", "tolerance")
	for i := range s.Steps {
		one := &s.Steps[i]
		if one.ID == "max_deviation" {
			one.Bound = &Bound{Op: "<=", Value: f.Value("tolerance"), Unit: string(unit.Ratio)}
		}
		if share := slices.Index([]string{"industry_share", "residence_share", "public_share"}, one.ID); share >= 0 && applies {
			one.Notes = []Note{{"target", map[string]any{"target": rule.Rule.LandMix.Target[share].String()}}}
		}
	}
	return []Step{s}, nil
}
