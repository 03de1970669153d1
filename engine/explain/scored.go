package explain

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/policy"
)

// scored is a row of the scorecard: the verdict, the figure and its bound, the counts,
// what is missing, and where the figures were read. It is named by its subject under a
// rule, and by its rule, with the rule's title, under a subject.
func (x *Explainer) scored(r archive.Feature, name, clause string) Step {
	s := Step{ID: "scored", Name: name, Value: Word{"verdict", r.Text("verdict")}, Clause: clause, scope: r.Text("scope")}
	note := func(id string, columns ...string) {
		args := map[string]any{}
		for _, c := range columns {
			args[c] = r.Text(c)
		}
		s.Notes = append(s.Notes, Note{id, args})
	}
	rules := x.rules(r.Text("rule"))
	switch {
	case name != r.Text("code") && len(rules) > 0:
		s.Notes = append(s.Notes, Note{"titled", map[string]any{"title": Text(rules[0].Rule.Title)}})
	case name == r.Text("code") && s.scope == string(policy.ScopeZone):
		if title := x.zoneName(name); title != "" {
			s.Notes = append(s.Notes, Note{"titled", map[string]any{"title": title}})
		}
	}
	switch value, bound := r.Text("value") != "", r.Text("bound") != ""; {
	case value && bound:
		note("figure_and_bound", "value", "bound", "unit", "value_year")
	case value:
		note("figure", "value", "unit", "value_year")
	case bound:
		note("only_bound", "bound", "unit")
	}
	switch r.Text("subjects") {
	case "":
	case "0":
		note("no_subjects")
	default:
		note("counts", "subjects", "pass", "fail", "not_evaluated", "fail_mu")
	}
	if r.Text("missing") != "" {
		note("what_is_missing", "missing")
	}
	for _, one := range strings.Split(r.Text("source"), ";") {
		table, key, ok := strings.Cut(one, "/")
		if before, after, all := strings.Cut(key, "*"); ok && all { // of every zone
			for _, zone := range x.zoneCodes() {
				s.keys = append(s.keys, archive.Key{Table: table, Key: before + zone + after})
			}
		} else if ok {
			s.keys = append(s.keys, archive.Key{Table: table, Key: key})
		}
	}
	if len(s.keys) > 0 && strings.HasSuffix(s.keys[len(s.keys)-1].Key, "-*") { // months of a year
		s.keys = nil
	}
	return s
}

// zoneCodes are the codes of the zones in order; none without the layer.
func (x *Explainer) zoneCodes() []string {
	if x.zoneNames == nil {
		x.zoneNames = map[string]string{}
		if err := x.run.Each("zones", func(f archive.Feature) { x.zoneNames[f.Text("zone_code")] = f.Text("name") }); err != nil {
			x.zoneNames = map[string]string{} // what is missing of the run is told elsewhere
		}
	}
	codes := make([]string, 0, len(x.zoneNames))
	for code := range x.zoneNames {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

func (x *Explainer) zoneName(code string) string {
	x.zoneCodes()
	return x.zoneNames[code]
}

// held is a figure and its bound, or several, each with its own: shares as per cent,
// answers as yes and no. Of parcels and projects that are told of one by one a ratio
// may be a plot ratio, and stays a number.
func (p *printer) held(n Note, perCent bool) string {
	text := func(arg string) string { v, _ := n.Args[arg].(string); return v }
	values, bounds, units := strings.Split(text("value"), ";"), strings.Split(text("bound"), ";"), strings.Split(text("unit"), ";")
	count := max(len(values), len(bounds))
	if text("value") != "" && text("bound") != "" && len(values) != len(bounds) || len(units) > 1 && len(units) != count {
		return p.sentence(n)
	}
	var parts []string
	for i := range count {
		unit := units[min(i, len(units)-1)]
		one := ""
		if text("value") != "" {
			one = p.amount(values[i], unit, perCent)
		}
		if text("bound") != "" {
			if one != "" {
				one += p.word("comma")
			}
			one += p.word("bound") + " " + p.boundText(bounds[i], unit, perCent)
		}
		parts = append(parts, one)
	}
	out := strings.Join(parts, p.word("semicolon"))
	if year := text("value_year"); year != "" {
		out += " · " + year
	}
	return out
}

// amount is a figure of the scorecard with its unit.
func (p *printer) amount(v, unit string, perCent bool) string {
	switch {
	case unit == "yes" && (v == "1" || v == "0"):
		return p.value(v == "1")
	case v == "true" || v == "false":
		return p.value(v == "true")
	case unit == "ratio" && perCent:
		if n := json.Number(v); v != "" {
			if _, err := n.Float64(); err == nil {
				return p.measured(n, unit)
			}
		}
	}
	head, rest, _ := strings.Cut(v, " ")
	for _, list := range []string{"idle_kind.", "space.", "zone_type."} {
		if word := fields.Word(list+head, p.lang); word != list+head {
			v = strings.TrimSpace(word + " " + rest)
		}
	}
	if u := p.unit(unit); u != "" && unit != "yes" && v != "" {
		return v + " " + u
	}
	return v
}

// boundText is a bound of the scorecard: a comparison and a figure.
func (p *printer) boundText(bound, unit string, perCent bool) string {
	op, v, two := strings.Cut(bound, " ")
	if sign, known := signs[op]; two && known {
		return sign + " " + p.amount(v, unit, perCent)
	}
	return p.amount(bound, unit, perCent)
}

// lacking names what is missing in words.
func (p *printer) lacking(names string) string {
	var out []string
	for _, one := range strings.Split(names, ";") {
		out = append(out, fields.Lack(one, p.lang))
	}
	return strings.Join(out, p.word("semicolon"))
}
