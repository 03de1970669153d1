package explain

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/unit"
)

// parcel explains what the run found of a parcel.
func (x *Explainer) parcel(e *Explanation) error {
	f, _, err := x.run.Feature("parcels", "parcel_code", e.Code)
	if err = e.lacks(err); err != nil {
		return err
	}
	e.Name = f.Text("holder_name")
	if f != nil {
		e.Steps = append(e.Steps, parcelVerdict(f))
	}
	e.Steps = append(e.Steps, x.occupants(e.Code, f)...)
	idle, err := x.idleLand(e, f)
	if err != nil {
		return err
	}
	e.Steps = append(e.Steps, idle...)
	for _, more := range []func(*Explanation, archive.Feature) ([]Step, error){x.flags, x.conflictsOf} {
		steps, err := more(e, f)
		if err != nil {
			return err
		}
		e.Steps = append(e.Steps, steps...)
	}
	record := Step{ID: "record", keys: []archive.Key{{Table: "parcels", Key: e.Code}}}
	if f != nil {
		record.Steps = columns("parcels", f)
	}
	e.Steps = append(e.Steps, record)
	return nil
}

// parcelVerdict is what was found of a parcel, in one line each.
func parcelVerdict(f archive.Feature) Step {
	return Step{ID: "verdict", Steps: columns("parcels", keep(f, "grade", "supply_state", "idle", "idle_kind", "at_risk_on", "underused", "tax_per_mu"))}
}

func keep(f archive.Feature, names ...string) archive.Feature {
	return slices.DeleteFunc(slices.Clone(f), func(p archive.Property) bool { return !slices.Contains(names, p.Name) })
}

// words says of columns whose values are words where the words are.
var words = map[string]string{
	"idle_kind": "idle_kind", "supply_state": "supply_state", "mix_class": "mix_class", "delay_cause": "delay_cause",
	"consequence": "consequence", "mix_verdict": "verdict", "profile": "profile",
}

// columns are the properties of a feature as steps, with their labels, units and
// clauses as the dictionary has them; those without a value say so. Some are left out.
func columns(layer string, f archive.Feature, without ...string) []Step {
	entries := map[string]fields.Entry{}
	for _, entry := range fields.Dictionary() {
		if entry.Table == layer {
			entries[entry.Column] = entry
		}
	}
	var out []Step
	for _, p := range f {
		if slices.Contains(without, p.Name) {
			continue
		}
		s := Step{ID: p.Name, of: layer, Value: p.Value}
		if p.Value != nil {
			s.Clause = entries[p.Name].Clause
		}
		list := words[p.Name]
		switch {
		case p.Name == "kind":
			list = "zone_kind"
		case p.Name == "level":
			list = "explain.level"
		case p.Name == "verdict" && layer == "land_mix":
			list = "verdict"
		}
		switch v := p.Value.(type) {
		case string:
			if list != "" && entries[p.Name].Column != "" && fields.Word(list+"."+v, "en") != list+"."+v {
				s.Value = Word{list, v}
			}
		case json.Number:
			s.Unit = entries[p.Name].Unit
		}
		out = append(out, s)
	}
	return out
}

// occupants are the enterprises with land on a parcel, why it has its grade, and what
// falls on it of their tax, sales and output.
func (x *Explainer) occupants(code string, f archive.Feature) []Step {
	s := Step{ID: "occupants"}
	if x.facts == nil {
		return nil
	}
	of, strange := x.usesOf(code), x.strange(code, f)
	all := unit.Area(0)
	for _, u := range of {
		all += max(u.Net, 0)
	}
	for _, u := range of {
		one := Step{ID: "occupant", Name: x.facts.Code[u.Enterprise], Value: mu(u.Net), Unit: string(unit.MuUnit),
			Notes: []Note{{"named", map[string]any{"name": x.facts.Name[u.Enterprise]}}},
			keys:  []archive.Key{{Table: "tenancies", Key: x.facts.Code[u.Enterprise] + "/" + code + "/", Prefix: true}}}
		if u.Net > 0 && !strange {
			one.Notes = append(one.Notes, Note{"share_of_use", map[string]any{"share": Share(float64(u.Net) / float64(all))}})
		}
		if x.graded != nil {
			one.Notes = append(one.Notes, x.gradeNote(int(u.Enterprise)))
		}
		s.Steps = append(s.Steps, one)
	}
	switch {
	case len(of) == 0 && strange:
		s.Notes = []Note{{ID: "only_strangers"}}
		return []Step{s}
	case len(of) == 0:
		s.Notes = []Note{{ID: "no_occupant"}}
		return []Step{s}
	case strange:
		s.Notes = []Note{{ID: "stranger"}}
	}
	out := []Step{s}
	if x.graded != nil {
		out = append(out, x.parcelGrade(of))
	}
	return append(out, x.perMu(of, strange, f))
}

// strange says whether one who is not in the register has land on a parcel: by the
// facts, else as far as the layer's reasons tell.
func (x *Explainer) strange(code string, f archive.Feature) bool {
	if at := slices.Index(x.facts.Parcels, code); at >= 0 && at < len(x.facts.Strange) {
		return x.facts.Strange[at]
	}
	return strings.Contains(f.Text("reasons"), "tax_per_mu missing: "+join.Stranger.String())
}

// usesOf are the uses of a parcel, by enterprise.
func (x *Explainer) usesOf(code string) []grade.Use {
	at := slices.Index(x.facts.Parcels, code)
	var out []grade.Use
	for _, u := range x.facts.Uses {
		if int(u.Parcel) == at {
			out = append(out, u)
		}
	}
	return out
}

// parcelGrade is the grade of the graded occupant with the largest net area, the worse
// on a tie; without one T when the largest occupant is exempt.
func (x *Explainer) parcelGrade(of []grade.Use) Step {
	s := Step{ID: "parcel_grade", Clause: x.rule.Rule.Clause, Status: string(x.rule.Rule.Status)}
	g, whose := grade.OfParcel(of, x.graded.Final)
	s.Value = letterOf(g)
	switch g {
	case grade.NoGrade:
		s.Notes = []Note{{ID: "no_graded_occupant"}}
	case grade.T:
		s.Notes = []Note{{ID: "largest_exempt"}}
	default:
		s.Notes = []Note{{"grade_of_largest", map[string]any{"code": x.facts.Code[whose]}}}
	}
	return s
}

// perMu is what falls on a parcel of its occupants' figures, per mu of it, or why it
// is missing.
func (x *Explainer) perMu(of []grade.Use, strange bool, f archive.Feature) Step {
	s := Step{ID: "per_mu"}
	for _, one := range []struct {
		column string
		q      indicate.Quantity
	}{{"tax_per_mu", indicate.Tax}, {"sales_per_mu", indicate.Sales}, {"output_per_mu", indicate.Output}} {
		step := Step{ID: one.column, of: "parcels"}
		if v := f.Value(one.column); v != nil {
			step.Value, step.Unit = v, string(unit.WanYuanPerMu)
		} else if f != nil {
			step.Notes = x.noSum(of, one.q, strange)
		}
		for _, u := range of {
			if u.Net > 0 {
				step.Steps = append(step.Steps, x.part(u, one.q))
			}
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

// part is an occupant's figure and how much of it falls on the parcel.
func (x *Explainer) part(u grade.Use, q indicate.Quantity) Step {
	s := x.quantity(q, x.facts.This[q][u.Enterprise], u.Enterprise)
	s.Name = x.facts.Code[u.Enterprise]
	switch positive := x.positive(int(u.Enterprise)); {
	case x.facts.Land[u.Enterprise] <= 0:
		s.Notes = append(s.Notes, Note{ID: "falls_nowhere"})
	case s.Value != nil && positive > 0:
		s.Notes = append(s.Notes, Note{"falls_on", map[string]any{"share": Share(float64(u.Net) / float64(positive))}})
	}
	return s
}

// noSum is why a parcel has no sum of a figure.
func (x *Explainer) noSum(of []grade.Use, q indicate.Quantity, strange bool) []Note {
	var missing []string
	occupied := false
	for _, u := range of {
		if u.Net <= 0 || x.facts.Land[u.Enterprise] <= 0 {
			continue
		}
		occupied = true
		if math.IsNaN(x.facts.This[q][u.Enterprise]) {
			missing = append(missing, x.facts.Code[u.Enterprise])
		}
	}
	switch {
	case missing != nil:
		return []Note{{"figure_missing_of", map[string]any{"code": strings.Join(missing, ", ")}}}
	case strange:
		return []Note{{ID: "stranger_has_none"}}
	case !occupied:
		return []Note{{ID: "no_land_in_all"}}
	}
	return nil
}

// positive is the sum of an enterprise's positive net areas.
func (x *Explainer) positive(e int) unit.Area {
	sum := unit.Area(0)
	for _, u := range x.uses(e) {
		sum += max(u.Net, 0)
	}
	return sum
}

// idleLand is what makes a parcel idle, or at risk of it, with the clause.
func (x *Explainer) idleLand(e *Explanation, f archive.Feature) ([]Step, error) {
	rule := x.set.IdleLand()
	s := Step{ID: "idle_land", Value: f.Value("idle"), Status: string(rule.Rule.Status)}
	idle, _, err := x.run.Feature("idle_land", "parcel_code", e.Code)
	if err = e.lacks(err); err != nil {
		return nil, err
	}
	switch {
	case idle != nil:
		s.Value = true
		s.Clause = idle.Text("clause")
		s.Steps = columns("idle_land", idle, "parcel_code", "zone_code", "mu", "holder", "holder_name", "clause", "evidence")
		s.Steps = append(s.Steps, evidence(idle.Text("evidence"))...)
	case f == nil:
		return nil, nil
	default:
		s.Clause = rule.Rule.Clause
		s.Notes = []Note{{"by_rule", map[string]any{"policy": rule.Pack.ID, "rule": rule.Rule.ID}}}
		for part := range strings.SplitSeq(f.Text("reasons"), " | ") {
			if strings.HasPrefix(part, "at risk of ") {
				_, said, _ := strings.Cut(part, "): ")
				s.Notes = append(s.Notes, Note{ID: "at_risk"})
				s.Steps = evidence(said)
			}
		}
	}
	return []Step{s}, nil
}

// evidence is a verdict's figures as the layer has them: name=value, ; between.
func evidence(text string) []Step {
	var out []Step
	for part := range strings.SplitSeq(text, "; ") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || name == "source" {
			continue
		}
		out = append(out, Step{ID: name, of: "evidence", Value: value})
	}
	if out == nil {
		return nil
	}
	return []Step{{ID: "evidence", Steps: out}}
}

// flags are the flags of a parcel, with the figures behind each.
func (x *Explainer) flags(e *Explanation, f archive.Feature) ([]Step, error) {
	rows, err := x.run.Row("flags", "key", e.Code)
	if err = e.lacks(err); err != nil {
		return nil, err
	}
	s := Step{ID: "flags"}
	for _, row := range rows {
		if row.Text("table") != "parcels" {
			continue
		}
		one := flagStep(row.Text("flag"))
		one.Value = row.Value("value")
		if detail := row.Text("detail"); detail != "" {
			one.Notes = []Note{{"detail", map[string]any{"detail": detail}}}
		}
		s.Steps = append(s.Steps, one)
	}
	if rows == nil {
		for flag := range strings.SplitSeq(f.Text("flags"), ";") {
			if flag != "" {
				s.Steps = append(s.Steps, flagStep(flag))
			}
		}
	}
	if s.Steps == nil {
		return nil, nil
	}
	return []Step{s}, nil
}

// flagStep is a flag with what it means.
func flagStep(flag string) Step {
	s := Step{ID: flag, of: "found"}
	if id := "explain.note.flag_" + flag; fields.Word(id, "en") != id {
		s.Notes = []Note{{ID: "flag_" + flag}}
	}
	return s
}
