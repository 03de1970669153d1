package demand

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// Test holds a figure of zones or of the city against a bound.
type Test struct {
	Figures []Figure // the first that has data counts
	As      string
	Base    int      // the year a path or a growth begins in; 0: none
	Start   *float64 // the figure of the base year where the document states it
	Targets []Target // by year; none: the bound holds every year
	From    int      // total: the first year
	Bound   *Bound   // nil: the figure is reported
	Scope   string   // Z, C; empty: the rule's scopes
	Roles   []string // zones that have one of them
	Levels  []string
	Others  bool // zones that no other test of the rule names by role
	// Informational figures are reported beside their bound.
	Informational bool
	Rate          bool    // over 1 it is an error of the data
	Cohort        *Cohort // figures over projects, in place of Figures
	Clause        string  // the rule's own where empty
	Status        string
}

// How a figure of a year becomes the value.
const (
	Level  = "level"  // as it is
	Growth = "growth" // v_t ÷ v_{t−1} − 1
	Since  = "since"  // v_t ÷ v_base − 1
	Added  = "added"  // v_t − v_base
	Total  = "total"  // Σ of the years from … to t
	Share  = "share"  // the zones' sum ÷ the city's
	Rise   = "rise"   // places won: v_{t−1} − v_t
	Falls  = "falls"  // how many years running places were lost
)

var ways = []string{Level, Growth, Since, Added, Total, Share, Rise, Falls}

// Figure is an indicator or a fact of zones, or one ÷ another; the city's is the ratio
// of the sums.
type Figure struct{ Of, Per string }

// String is as packs write it.
func (f Figure) String() string {
	if f.Per == "" {
		return f.Of
	}
	return f.Of + " / " + f.Per
}

// Bound is what a value is held against: value Op Value, or within Value … High.
type Bound struct {
	Op    string // <, <=, >, >=, =, in
	Value float64
	High  float64 // in
	Of    string  // an indicator that holds the bound
	Unit  string
}

// Less says whether less is better.
func (b *Bound) Less() bool { return b.Op == "<" || b.Op == "<=" }

// Text is the bound with another value, as the scorecard shows it.
func (b *Bound) Text(value float64) string {
	if b.Op == "in" {
		return Number(b.Value) + ".." + Number(b.High)
	}
	return b.Op + " " + Number(value)
}

// Target is a bound from a year on.
type Target struct {
	Year  int
	Value float64
}

// Cohort is a figure over the projects of a zone or of the city.
type Cohort struct {
	Where *Tree
	As    string // count, share (of those of Where that meet That), sum (of Sum ÷ Per), share_of_city
	That  *Tree
	Sum   string
	Per   string
}

// String is the test in one line.
func (t *Test) String() string {
	var parts []string
	figures := make([]string, len(t.Figures))
	for i, f := range t.Figures {
		figures[i] = f.String()
	}
	parts = append(parts, strings.Join(figures, " | "))
	if c := t.Cohort; c != nil {
		parts = []string{c.As + " of projects"}
		if c.Where != nil {
			parts = append(parts, "where "+c.Where.String())
		}
		if c.That != nil {
			parts = append(parts, "that "+c.That.String())
		}
		if c.Sum != "" {
			parts = append(parts, Figure{c.Sum, c.Per}.String())
		}
	}
	if t.As != Level {
		parts = append(parts, t.As)
	}
	if t.Base != 0 {
		parts = append(parts, "from "+strconv.Itoa(t.Base))
	}
	if t.Start != nil {
		parts = append(parts, "at "+Number(*t.Start))
	}
	if t.From != 0 {
		parts = append(parts, "since "+strconv.Itoa(t.From))
	}
	if b := t.Bound; b != nil {
		if b.Of != "" {
			parts = append(parts, b.Op+" "+b.Of)
		} else {
			parts = append(parts, b.Text(b.Value))
		}
		if b.Unit != "" {
			parts = append(parts, b.Unit)
		}
	}
	for _, g := range t.Targets {
		parts = append(parts, strconv.Itoa(g.Year)+": "+Number(g.Value))
	}
	if s := t.whom(); s != "" {
		parts = append(parts, "["+s+"]")
	}
	return strings.Join(parts, " ")
}

func (t *Test) whom() string {
	var parts []string
	if t.Scope != "" {
		parts = append(parts, t.Scope)
	}
	parts = append(parts, t.Roles...)
	parts = append(parts, t.Levels...)
	if t.Others {
		parts = append(parts, "others")
	}
	return strings.Join(parts, ", ")
}

func readTests(d *parse.Decoder, n *parse.Node, to *Demand) {
	to.Tests = nil
	d.Items(n, "tests", func(i *parse.Node) { to.Tests = append(to.Tests, readTest(d, i)) })
}

func readTest(d *parse.Decoder, n *parse.Node) Test {
	t := Test{As: Level}
	var target *parse.Node
	d.Mapping(n, "a test",
		parse.May("figure", func(n *parse.Node) { t.Figures = readFigures(d, n) }),
		parse.May("projects", func(n *parse.Node) { t.Cohort = readCohort(d, n) }),
		parse.May("as", func(n *parse.Node) { t.As = d.OneOf(n, "as", ways...) }),
		parse.May("base", func(n *parse.Node) { t.Base = d.Whole(n, 1949, 2100) }),
		parse.May("start", func(n *parse.Node) { v := d.Number(n, -1e12, 1e12); t.Start = &v }),
		parse.May("from", func(n *parse.Node) { t.From = d.Whole(n, 1949, 2100) }),
		parse.May("bound", func(n *parse.Node) { t.Bound = readBound(d, n) }),
		parse.May("target", func(n *parse.Node) { target = n }),
		parse.May("scope", func(n *parse.Node) { t.Scope = d.OneOf(n, "scope", "Z", "C") }),
		parse.May("roles", func(n *parse.Node) { t.Roles = d.Set(n, "role") }),
		parse.May("levels", func(n *parse.Node) { t.Levels = d.Set(n, "level", "national", "provincial", "municipal", "other") }),
		parse.May("others", d.Yes(&t.Others)),
		parse.May("informational", d.Yes(&t.Informational)),
		parse.May("rate", d.Yes(&t.Rate)),
		parse.May("clause", d.Into(&t.Clause)),
		parse.May("status", func(n *parse.Node) { t.Status = d.OneOf(n, "status", "confirmed", "unconfirmed") }))
	if n.Form != parse.Mapping {
		return t
	}
	if target != nil {
		t.readTargets(d, target)
	}
	switch {
	case (len(t.Figures) == 0) == (t.Cohort == nil):
		d.At(n, "a test has a figure or projects, and not both")
	case (t.As == Since || t.As == Added) && t.Base == 0:
		d.At(n, "as %s lacks base, the year it counts from", t.As)
	case t.As == Total && t.From == 0:
		d.At(n, "as total lacks from, the first year")
	case t.Start != nil && t.Base == 0:
		d.At(n, "start lacks base, the year it is of")
	case t.Others && len(t.Roles) > 0:
		d.At(n, "a test is for roles or for the others, not both")
	case t.Bound != nil && t.Bound.Op == "in" && len(t.Targets) > 0:
		d.At(n, "a range has no target")
	case len(t.Targets) > 0 && t.Base >= t.Targets[0].Year:
		d.At(n, "the target year %d is not after the base year %d", t.Targets[0].Year, t.Base)
	}
	return t
}

// readTargets reads a year, or years with their bounds.
func (t *Test) readTargets(d *parse.Decoder, n *parse.Node) {
	if t.Bound == nil {
		d.At(n, "a target lacks its bound")
		return
	}
	if n.Form != parse.Mapping {
		t.Targets = []Target{{d.Whole(n, 1949, 2100), t.Bound.Value}}
		return
	}
	d.Each(n, "target", func(key string, v *parse.Node) {
		year, err := strconv.Atoi(key)
		if err != nil || year < 1949 || year > 2100 {
			d.At(v, "%s is no year", parse.Show(key))
			return
		}
		t.Targets = append(t.Targets, Target{year, d.Number(v, -1e12, 1e12)})
	})
	if !slices.IsSortedFunc(t.Targets, func(a, b Target) int { return a.Year - b.Year }) {
		d.At(n, "targets must rise by year")
	}
}

func readFigures(d *parse.Decoder, n *parse.Node) []Figure {
	var out []Figure
	s := d.Text(n)
	for _, one := range strings.Split(s, "|") {
		of, per, _ := strings.Cut(one, "/")
		f := Figure{strings.TrimSpace(of), strings.TrimSpace(per)}
		if s != "" && (f.Of == "" || strings.Contains(one, "/") && f.Per == "") {
			d.At(n, "%s is no figure: an indicator, or one / another", parse.Show(s))
			return nil
		}
		out = append(out, f)
	}
	return out
}

func readBound(d *parse.Decoder, n *parse.Node) *Bound {
	b := &Bound{}
	var value, high *parse.Node
	d.Mapping(n, "bound",
		parse.Need("op", func(n *parse.Node) { b.Op = d.OneOf(n, "op", "<", "<=", ">", ">=", "=", "in") }),
		parse.May("value", func(n *parse.Node) { value = n }),
		parse.May("high", func(n *parse.Node) { high = n }),
		parse.May("of", d.Into(&b.Of)),
		parse.May("unit", d.Into(&b.Unit)))
	if n.Form != parse.Mapping {
		return b
	}
	switch {
	case (value == nil) == (b.Of == ""):
		d.At(n, "bound has a value or an of, and not both")
	case value != nil:
		b.Value = d.Number(value, -1e12, 1e12)
	}
	if (b.Op == "in") != (high != nil) {
		d.At(n, "bound: in, and only in, has a value and a high")
	} else if high != nil {
		b.High = d.Number(high, b.Value, 1e12)
	}
	if b.Unit == "ratio" && (b.Value > 10 || b.Value < -1) {
		d.At(n, "bound %s is in percent: write a plain ratio", Number(b.Value))
	}
	return b
}

func readCohort(d *parse.Decoder, n *parse.Node) *Cohort {
	c := &Cohort{}
	d.Mapping(n, "projects",
		parse.Need("as", func(n *parse.Node) { c.As = d.OneOf(n, "as", "count", "share", "sum", "share_of_city") }),
		parse.May("where", func(n *parse.Node) { c.Where = readTree(d, n) }),
		parse.May("that", func(n *parse.Node) { c.That = readTree(d, n) }),
		parse.May("sum", func(n *parse.Node) { c.Sum = d.OneOf(n, "sum", "funded", "contracted", "foreign_usd") }),
		parse.May("per", func(n *parse.Node) { c.Per = d.OneOf(n, "per", "funded", "contracted", "foreign_usd") }))
	switch {
	case c.As == "share" && c.That == nil:
		d.At(n, "projects: a share lacks that, what they must meet")
	case c.As == "sum" && c.Sum == "":
		d.At(n, "projects: a sum lacks sum, the column")
	}
	return c
}

// strictTests says that every test of the parent stands in the child with a bound at
// least as strict.
func strictTests(child, parent *Demand) bool {
	if len(child.Tests) < len(parent.Tests) {
		return false
	}
	for i := range parent.Tests {
		if !stricterTest(&child.Tests[i], &parent.Tests[i]) {
			return false
		}
	}
	return true
}

func stricterTest(c, p *Test) bool {
	bare := func(t Test) string {
		t.Bound, t.Targets = nil, nil
		return t.String()
	}
	if bare(*c) != bare(*p) || len(c.Targets) < len(p.Targets) {
		return false
	}
	if p.Bound == nil {
		return true
	}
	if c.Bound == nil || c.Bound.Of != p.Bound.Of {
		return false
	}
	for i := range p.Targets {
		if c.Targets[i].Year > p.Targets[i].Year || !stricterValue(p.Bound, c.Targets[i].Value, p.Targets[i].Value) {
			return false
		}
	}
	switch p.Bound.Op {
	case "in":
		return c.Bound.Op == "in" && c.Bound.Value >= p.Bound.Value && c.Bound.High <= p.Bound.High
	case "=":
		return *c.Bound == *p.Bound
	}
	if c.Bound.Less() != p.Bound.Less() || c.Bound.Op == "in" || c.Bound.Op == "=" {
		return false
	}
	if c.Bound.Value == p.Bound.Value { // >= 1 is looser than > 1
		return c.Bound.Op == p.Bound.Op || len(c.Bound.Op) == 1
	}
	return stricterValue(p.Bound, c.Bound.Value, p.Bound.Value)
}

func stricterValue(b *Bound, child, parent float64) bool {
	if b.Less() {
		return child <= parent
	}
	return child >= parent
}
