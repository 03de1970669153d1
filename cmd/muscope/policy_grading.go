package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
)

// value is a figure as people read it: that of a grading scheme in their language, a
// bound with its unit, any other as the pack writes it.
func (s shown) value(r *policy.Rule, f policy.Figure) string {
	if f.Name == "bound" && r.Bound != nil && r.Bound.Unit.Label() != "" {
		return f.Value + " " + r.Bound.Unit.Label()
	}
	if r.Grading == nil {
		if f.Name == "ways" { // which stand in both languages
			return f.Value
		}
		return fields.Phrase(f.Value, s.lang)
	}
	switch f.Name {
	case "tax":
		return s.tax(r.Grading.Tax)
	case "energy":
		return s.energy(r.Grading.Energy)
	case "pollutants", "lease":
		return s.word(f.Name + "." + f.Value)
	case "by_months":
		return s.word("answer." + f.Value)
	case "exempt":
		return s.exempt(r.Grading.Exempt)
	case "groups":
		return strconv.Itoa(len(r.Grading.Groups))
	}
	return f.Value
}

func (s shown) tax(heads []policy.TaxHead) string {
	var parts []string
	for _, h := range heads {
		parts = append(parts, s.column(h.String(), "tax", h.Column))
	}
	return strings.Join(parts, ", ")
}

// column is a column's name with its label.
func (s shown) column(shown, name, column string) string {
	zh, en := fields.InputLabel(name, column)
	if label := (policy.Text{Zh: zh, En: en}).In(s.lang); label != "" && label != shown {
		return shown + " (" + label + ")"
	}
	return shown
}

func (s shown) energy(e policy.Energy) string {
	text := s.word("electricity." + e.Electricity)
	inputs := table.MustInput(table.Energy)
	for _, c := range e.Coefficients {
		per := "tce"
		if i := inputs.Index(c.Column); i >= 0 {
			per += "/" + inputs.Fields[i].Unit.Label()
		}
		text += ", " + s.column(c.Column, table.Energy, c.Column) + " " + decimal(c.TCE) + " " + per
	}
	return text
}

// decimal is a number without an exponent.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (s shown) sentence(word string, args ...any) string { return fmt.Sprintf(s.word(word), args...) }

func (s shown) exempt(e policy.Exempt) string {
	var parts []string
	add := func(is bool, word string, args ...any) {
		if is {
			parts = append(parts, s.sentence("exempt."+word, args...))
		}
	}
	add(e.Utility, "utility")
	var dates []string
	for _, column := range e.NewFrom {
		dates = append(dates, s.column(column, table.Enterprises, column))
	}
	add(len(dates) > 0, "new", strings.Join(dates, ", "), e.NewYears)
	add(e.ConstructionYears > 0, "construction", e.ConstructionYears)
	add(e.Relocation, "relocation")
	add(len(e.Tags) > 0, "tags", strings.Join(e.Tags, ", "))
	add(len(parts) == 0, "none")
	add(e.Counts, "counts")
	add(e.As != "", "as", e.As)
	return strings.Join(parts, "; ")
}

// groups prints the groups of a grading scheme, a line for each item.
func (s shown) groups(a policy.Applied) {
	for _, g := range a.Rule.Grading.Groups {
		s.line(6, "%s (%s): %s%s", g.Title.In(s.lang), g.ID, s.filter(g.Filter), s.origin(a, g.ID, ""))
		for _, i := range g.Items {
			label := i.Indicator
			if known, ok := fields.FindIndicator(i.Indicator); ok {
				label = known.Label(s.lang) + " (" + i.Indicator + ")"
			}
			s.line(8, "%s: %s%s", label, s.item(i), s.origin(a, g.ID, i.Indicator))
		}
		by := "cuts.share"
		if g.Cuts.ByScore {
			by = "cuts.score"
		}
		s.line(8, "%s: A %s, B %s, C %s%s", s.word(by), decimal(g.Cuts.A), decimal(g.Cuts.B), decimal(g.Cuts.C),
			s.origin(a, g.ID, policy.CutsOrigin))
	}
}

// origin is what the clause and status of a part of a group are, where the figure
// groups has not said so already.
func (s shown) origin(a policy.Applied, group, part string) string {
	notes := ""
	f, _ := a.Rule.Figure("groups")
	clause, status := a.Rule.Origin(group, part)
	if clause != f.Clause {
		notes += " · " + clause
	}
	if status != f.Status {
		notes += " · " + s.word("status."+string(status))
	}
	return notes
}

func (s shown) filter(f policy.Filter) string {
	var parts []string
	if f.AboveScale != nil {
		parts = append(parts, s.word("filter.above_scale."+strconv.FormatBool(*f.AboveScale)))
	}
	if f.MinMu > 0 {
		parts = append(parts, s.sentence("filter.min_mu", decimal(f.MinMu)))
	}
	for _, l := range []struct {
		word string
		of   []string
	}{{"industries", f.Industries}, {"zones", f.Zones}, {"counties", f.Counties}, {"tags", f.Tags}} {
		if len(l.of) > 0 {
			parts = append(parts, s.sentence("filter."+l.word, strings.Join(l.of, ", ")))
		}
	}
	var either []string
	for _, one := range f.Any {
		either = append(either, "("+s.filter(one)+")")
	}
	if len(either) > 0 {
		parts = append(parts, strings.Join(either, " "+s.word("filter.or")+" "))
	}
	if len(parts) == 0 {
		return s.word("filter.all")
	}
	return strings.Join(parts, ", ")
}

func (s shown) item(i policy.Item) string {
	parts := []string{s.word("item.weight") + " " + decimal(i.Weight), s.word("method." + string(i.Method))}
	switch b := i.Benchmark; {
	case b.Kind == policy.MeanBenchmark && b.LastYear:
		parts = append(parts, s.sentence("benchmark.mean_last_year", decimal(b.Factor)))
	case b.Kind == policy.MeanBenchmark:
		parts = append(parts, s.sentence("benchmark.mean", decimal(b.Factor)))
	case b.Kind == policy.FixedBenchmark:
		value := decimal(b.Value)
		if known, ok := fields.FindIndicator(i.Indicator); ok && known.UnitZh != "" {
			value += " " + known.UnitZh
		}
		parts = append(parts, s.sentence("benchmark.fixed", value))
	case b.Kind == policy.QuantileBenchmark:
		parts = append(parts, s.sentence("benchmark.quantile", decimal(b.Value)))
	case b.Kind == policy.MaxBenchmark:
		parts = append(parts, s.word("benchmark.max"))
	}
	if i.Floor != 0 {
		parts = append(parts, s.sentence("item.floor", decimal(i.Floor)))
	}
	if i.Cap != 0 {
		parts = append(parts, s.sentence("item.cap", decimal(i.Cap)))
	}
	missing := "missing." + string(i.Missing.Policy)
	if i.Missing.Policy == policy.MissingPenalty {
		return strings.Join(append(parts, s.sentence(missing, decimal(i.Missing.Points))), " · ")
	}
	return strings.Join(append(parts, s.word(missing)), " · ")
}
