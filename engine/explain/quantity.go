package explain

import (
	"math"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// counted says of each quantity which table it is read from, in what it is shown, and
// which figure of a scheme says how it is counted.
var counted = [...]struct {
	table  string
	unit   unit.Unit
	figure string
}{
	indicate.Land: {"tenancies", unit.MuUnit, "lease"}, indicate.Tax: {"tax", unit.WanYuan, "tax"},
	indicate.Sales: {"output", unit.WanYuan, ""}, indicate.Output: {"output", unit.WanYuan, ""},
	indicate.ValueAdded: {"output", unit.WanYuan, ""}, indicate.Profit: {"output", unit.WanYuan, ""},
	indicate.Investment: {"parcels", unit.WanYuan, ""}, indicate.RD: {"output", unit.WanYuan, ""},
	indicate.Employees: {"output", unit.Person, ""}, indicate.Energy: {"energy", unit.TCE, "energy"},
	indicate.Electricity: {"energy", unit.KWh, ""}, indicate.Water: {"energy", unit.CubicMetre, ""},
	indicate.Emissions: {"emissions", unit.Tonne, "pollutants"},
}

// inFen says whether a quantity counts money.
func inFen(q indicate.Quantity) bool { return counted[q].unit == unit.WanYuan }

// amount is a figure of a quantity as people read it; nil when it is missing.
func amount(q indicate.Quantity, v float64) any {
	switch {
	case math.IsNaN(v):
		return nil
	case q == indicate.Land:
		return mu(unit.Area(v))
	case inFen(q):
		return number(v/1e6, 4)
	}
	return number(v, 6)
}

// unitOf is the unit of a quantity under a scheme.
func unitOf(q indicate.Quantity, scheme *policy.Grading) string {
	if q == indicate.Emissions && scheme != nil && scheme.Pollutants == policy.PollutionEquivalents {
		return "equivalents"
	}
	return string(counted[q].unit)
}

// quantity is the step of a figure of enterprise e: its value, how the scheme counts
// it, and the rows it was read from.
func (x *Explainer) quantity(q indicate.Quantity, v float64, of ...int32) Step {
	s := Step{ID: q.String(), of: "explain.quantity", Value: amount(q, v), Unit: unitOf(q, x.scheme())}
	if s.Value == nil {
		s.Unit = ""
		s.Notes = append(s.Notes, Note{ID: "no_figure"})
	}
	if name := counted[q].figure; name != "" && x.rule.Rule != nil {
		if f, ok := x.rule.Rule.Figure(name); ok {
			s.Clause, s.Status = f.Clause, string(f.Status)
		}
	}
	for _, e := range of {
		switch q {
		case indicate.Land: // its rows stand with the land
		case indicate.Investment:
			for _, u := range x.uses(int(e)) {
				s.keys = append(s.keys, archive.Key{Table: "parcels", Key: x.facts.Parcels[u.Parcel]})
			}
		default:
			s.keys = append(s.keys, archive.Key{Table: counted[q].table, Key: x.facts.Code[e] + "/" + strconv.Itoa(x.facts.Year)})
		}
	}
	return s
}

// scheme is the scheme of the run; nil when it has none.
func (x *Explainer) scheme() *policy.Grading {
	if x.rule.Rule == nil {
		return nil
	}
	return x.rule.Rule.Grading
}

// indicatorUnit is the unit of an indicator under the scheme; empty for a plain ratio.
func (x *Explainer) indicatorUnit(id string) string {
	one, ok := fields.FindIndicator(id)
	if !ok {
		return ""
	}
	made, _ := indicate.Find(id)
	if of, per, two := strings.Cut(one.Unit, "_per_"); two && made.Denominator == indicate.Emissions &&
		per != unitOf(indicate.Emissions, x.scheme()) {
		return of + "_per_equivalent"
	}
	return one.Unit
}
