package demand

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Tree is conditions put together: exactly one of its fields is set.
type Tree struct {
	All, Any []Tree
	Not      *Tree
	Leaf     *Condition
}

// Condition compares a fact with a bound.
type Condition struct {
	Fact   string
	Op     string // <, <=, >, >=, =, !=, in, not_in; in means begins with one of Words
	Value  float64
	Words  []string // of facts that are text; Value counts where there are none
	Of     string   // a zone indicator that holds the bound; Value counts where empty
	Unit   string
	Clause string // the rule's own where empty
	Status string
}

// Leaves are the conditions of a tree in the order of the file.
func (t *Tree) Leaves() []*Condition {
	if t == nil {
		return nil
	}
	if t.Leaf != nil {
		return []*Condition{t.Leaf}
	}
	out := t.Not.Leaves()
	for _, list := range [][]Tree{t.All, t.Any} {
		for i := range list {
			out = append(out, list[i].Leaves()...)
		}
	}
	return out
}

// Bound is the condition's bound as text: >= 1, in 251 261.
func (c *Condition) Bound() string {
	switch {
	case c.Of != "":
		return c.Op + " " + c.Of
	case len(c.Words) > 0:
		return c.Op + " " + strings.Join(c.Words, " ")
	case c.IsDate():
		return c.Op + " " + unit.Date(c.Value).String()
	}
	return c.Op + " " + Number(c.Value)
}

// IsDate says whether the fact is a day.
func (c *Condition) IsDate() bool { return factUnits[c.Fact] == "date" }

// Number is a number as packs write it.
func Number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// String is the tree in one line.
func (t *Tree) String() string {
	switch {
	case t == nil:
		return ""
	case t.Leaf != nil:
		return t.Leaf.Fact + " " + t.Leaf.Bound()
	case t.Not != nil:
		return "not (" + t.Not.String() + ")"
	}
	list, word := t.All, " and "
	if t.Any != nil {
		list, word = t.Any, " or "
	}
	parts := make([]string, len(list))
	for i := range list {
		parts[i] = list[i].String()
		if list[i].Leaf == nil {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, word)
}

func readTree(d *parse.Decoder, n *parse.Node) *Tree {
	t := &Tree{}
	if n.Form != parse.Mapping {
		d.At(n, "a condition must be a mapping, this is %s", n.Form)
		return t
	}
	list := func(to *[]Tree, name string) func(*parse.Node) {
		return func(n *parse.Node) {
			d.Items(n, name, func(i *parse.Node) { *to = append(*to, *readTree(d, i)) })
		}
	}
	switch {
	case n.Entry("all") != nil:
		d.Mapping(n, "a condition", parse.Need("all", list(&t.All, "all")))
	case n.Entry("any") != nil:
		d.Mapping(n, "a condition", parse.Need("any", list(&t.Any, "any")))
	case n.Entry("not") != nil:
		d.Mapping(n, "a condition", parse.Need("not", func(n *parse.Node) { t.Not = readTree(d, n) }))
	default:
		t.Leaf = readCondition(d, n)
	}
	return t
}

func readCondition(d *parse.Decoder, n *parse.Node) *Condition {
	c := &Condition{Op: "="}
	var value *parse.Node
	d.Mapping(n, "a condition",
		parse.Need("fact", func(n *parse.Node) { c.Fact = d.OneOf(n, "fact", Facts()...) }),
		parse.May("op", func(n *parse.Node) { c.Op = d.OneOf(n, "op", "<", "<=", ">", ">=", "=", "!=", "in", "not_in") }),
		parse.May("value", func(n *parse.Node) { value = n }),
		parse.May("of", d.Into(&c.Of)),
		parse.May("unit", d.Into(&c.Unit)),
		parse.May("clause", d.Into(&c.Clause)),
		parse.May("status", func(n *parse.Node) { c.Status = d.OneOf(n, "status", "confirmed", "unconfirmed") }))
	if c.Unit == "" {
		c.Unit = factUnits[c.Fact]
		if slices.Contains([]string{"date", "text", "yes"}, c.Unit) {
			c.Unit = ""
		}
	}
	switch {
	case value == nil && c.Of == "":
		d.At(n, "a condition lacks value")
	case value != nil && c.Of != "":
		d.At(value, "a condition has a value or an of, not both")
	case value != nil && c.Fact != "":
		c.value(d, value)
	}
	return c
}

// value reads a bound by what the fact is.
func (c *Condition) value(d *parse.Decoder, n *parse.Node) {
	switch factUnits[c.Fact] {
	case "text":
		if n.Form == parse.List {
			c.Words = d.Set(n, "value")
		} else {
			c.Words = []string{d.Text(n)}
		}
		if !slices.Contains([]string{"=", "!=", "in", "not_in"}, c.Op) {
			d.At(n, "%s is text: op must be =, !=, in or not_in", c.Fact)
		}
	case "yes":
		var yes bool
		if d.Yes(&yes)(n); yes {
			c.Value = 1
		}
	case "date":
		var day unit.Date
		d.Date(&day)(n)
		c.Value = float64(day)
	default:
		c.Value = d.Number(n, -1e12, 1e12)
	}
}

// facts of subjects: P parcels, J projects, E enterprises; what each is counted in:
// a unit, or text, yes, date.
var facts = []struct{ name, subjects, unit string }{
	{"tax_per_mu", "PJE", "wan_yuan_per_mu"}, {"sales_per_mu", "PE", "wan_yuan_per_mu"}, {"output_per_mu", "PE", "wan_yuan_per_mu"},
	{"investment_per_mu", "PJE", "wan_yuan_per_mu"}, {"energy_per_mu", "J", "tce_per_mu"},
	{"plot_ratio", "PJ", ""}, {"building_coverage", "PJ", "ratio"}, {"green_ratio", "P", "ratio"}, {"ancillary_share", "P", "ratio"},
	{"grade", "PE", "text"}, {"grade_before", "P", "text"}, {"idle", "P", "yes"}, {"idle_kind", "P", "text"}, {"supply_state", "P", "text"},
	{"above_scale", "PE", "yes"}, {"class", "P", "text"}, {"industry", "PJE", "text"}, {"tags", "PJE", "text"}, {"category", "J", "text"},
	{"new_on", "PJ", "date"}, {"built", "P", "yes"}, {"tax_this_year", "PE", "wan_yuan"}, {"tax_last_year", "PE", "wan_yuan"},
	{"years_past_finish", "P", "year"}, {"start_overdue_days", "P", "day"}, {"finish_overdue_days", "P", "day"},
	{"investment_done", "P", "ratio"}, {"standard_land", "P", "yes"}, {"zone_role", "PJE", "text"}, {"zone_level", "PJE", "text"},
	{"suits_multistorey", "J", "yes"}, {"own_land", "J", "mu"}, {"environment_ok", "J", "yes"}, {"safety_ok", "J", "yes"},
	{"signed_on", "PJ", "date"}, {"registered_on", "JE", "date"}, {"approved_on", "J", "date"}, {"land_supplied_on", "J", "date"}, {"started_on", "J", "date"},
	{"signed_year", "J", "year"}, {"registered_in_time", "J", "yes"}, {"started_in_time", "J", "yes"}, {"newly_started", "J", "yes"},
	{"contracted", "J", "wan_yuan"}, {"funded", "J", "wan_yuan"}, {"foreign_usd", "J", "wan_dollar"},
	{"high_tech", "PE", "yes"}, {"zombie", "PE", "yes"}, {"scattered_polluting", "PE", "yes"}, {"unsafe", "PE", "yes"},
	{"listed_polluter", "PE", "yes"}, {"env_failed", "PE", "yes"}, {"env_unstable", "PE", "yes"}, {"producing", "E", "yes"}, {"utility", "E", "yes"},
}

var factUnits = func() map[string]string {
	m := map[string]string{}
	for _, f := range facts {
		m[f.name] = f.unit
	}
	return m
}()

// Facts lists the names that conditions may compare.
func Facts() []string {
	names := make([]string, len(facts))
	for i, f := range facts {
		names[i] = f.name
	}
	return names
}

// FactUnit is what a fact is counted in: a unit, or text, yes, date.
func FactUnit(name string) string { return factUnits[name] }

// Has says whether subjects of a scope (P, J, E) have a fact.
func Has(scope byte, fact string) bool {
	for _, f := range facts {
		if f.name == fact {
			return strings.IndexByte(f.subjects, scope) >= 0
		}
	}
	return false
}
