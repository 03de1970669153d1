package policy

import (
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// The figures of a scheme as people look at them, and as a figure that may not be
// changed is compared: in the words of the pack, nothing left out but titles.

func yesOrNo(b bool) string { return strconv.FormatBool(b) }

// String is the head as a pack writes it: -refund.
func (h TaxHead) String() string {
	if h.Minus {
		return "-" + h.Column
	}
	return h.Column
}

func showTax(r *Rule) string {
	var heads []string
	for _, h := range r.Grading.Tax {
		heads = append(heads, h.String())
	}
	return strings.Join(heads, ", ")
}

// String is calorific: electricity 0.0001229, coal 0.7143.
func (e Energy) String() string {
	var parts []string
	for _, c := range e.Coefficients {
		parts = append(parts, c.Column+" "+parse.Plain(c.TCE))
	}
	return e.Electricity + ": " + strings.Join(parts, ", ")
}

// String lists the classes: utility; new_from registered_on, 2 years.
func (e Exempt) String() string {
	var parts []string
	add := func(is bool, text string) {
		if is {
			parts = append(parts, text)
		}
	}
	add(e.Utility, "utility")
	add(len(e.NewFrom) > 0, "new_from "+strings.Join(e.NewFrom, ", ")+", "+strconv.Itoa(e.NewYears)+" years")
	add(e.ConstructionYears > 0, "construction "+strconv.Itoa(e.ConstructionYears)+" years")
	add(e.Relocation, "relocation")
	add(len(e.Tags) > 0, "tags "+strings.Join(e.Tags, ", "))
	add(e.Counts, "counts")
	add(e.As != "", "as "+e.As)
	if len(parts) == 0 {
		return "{}"
	}
	return strings.Join(parts, "; ")
}

// String is above_scale true, min_mu 3; of any: (a) or (b). Empty where it takes all.
func (f Filter) String() string {
	var parts []string
	if f.AboveScale != nil {
		parts = append(parts, "above_scale "+yesOrNo(*f.AboveScale))
	}
	if f.MinMu > 0 {
		parts = append(parts, "min_mu "+parse.Plain(f.MinMu))
	}
	for _, l := range []struct {
		name string
		of   []string
	}{{"industries", f.Industries}, {"zones", f.Zones}, {"counties", f.Counties}, {"tags", f.Tags}} {
		if len(l.of) > 0 {
			parts = append(parts, l.name+" ["+strings.Join(l.of, ", ")+"]")
		}
	}
	var either []string
	for _, one := range f.Any {
		either = append(either, "("+one.String()+")")
	}
	if len(either) > 0 {
		parts = append(parts, "any "+strings.Join(either, " or "))
	}
	return strings.Join(parts, ", ")
}

// String is fixed 24.097, mean 2 last_year, quantile 0.9; empty where there is none.
func (b Benchmark) String() string {
	s := string(b.Kind)
	switch b.Kind {
	case FixedBenchmark, QuantileBenchmark:
		s += " " + parse.Plain(b.Value)
	case MeanBenchmark:
		s += " " + parse.Plain(b.Factor)
	}
	if b.LastYear {
		s += " last_year"
	}
	return s
}

// String is zero, or penalty 3.
func (m Missing) String() string {
	if m.Policy == MissingPenalty {
		return string(m.Policy) + " " + parse.Plain(m.Points)
	}
	return string(m.Policy)
}

// String is share A 0.2 B 0.6 C 0.95.
func (c Cuts) String() string {
	by := "share"
	if c.ByScore {
		by = "score"
	}
	return by + " A " + parse.Plain(c.A) + " B " + parse.Plain(c.B) + " C " + parse.Plain(c.C)
}

// String is tax_per_mu 30 linear, benchmark fixed 24.097, missing zero.
func (i Item) String() string {
	s := i.Indicator + " " + parse.Plain(i.Weight) + " " + string(i.Method)
	if b := i.Benchmark.String(); b != "" {
		s += ", benchmark " + b
	}
	if i.Floor != 0 {
		s += ", floor " + parse.Plain(i.Floor)
	}
	if i.Cap != 0 {
		s += ", cap " + parse.Plain(i.Cap)
	}
	return s + ", missing " + i.Missing.String()
}

func showGroups(r *Rule) string {
	var groups []string
	for _, g := range r.Grading.Groups {
		s := g.ID
		if f := g.Filter.String(); f != "" {
			s += " (" + f + ")"
		}
		for _, i := range g.Items {
			s += "; " + i.String()
		}
		groups = append(groups, s+"; cuts "+g.Cuts.String())
	}
	return strings.Join(groups, " | ")
}
