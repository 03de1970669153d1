package policy

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Rule is one clause that a machine can evaluate. Exactly one of the pointers to
// parameters at its end is set, the one of its kind.
type Rule struct {
	ID     string
	Title  Text
	Clause string // of the document, in its own words: 四(五)
	Scope  []Scope
	Status Status
	Kind   Kind
	Needs  []Need
	Bound  *Bound // nil where the kind has none
	// Follows is what follows from the verdict, in words; empty where nothing does.
	Follows Text
	// Extends is the rule that this one takes its parameters from; empty when it
	// states all of them itself.
	Extends Reference
	// StricterOnly is set when rules that extend this one may only be stricter, in
	// every figure; Figure.StricterOnly says it of one.
	StricterOnly bool
	Line         int // in the pack's file

	// Figures are the rule's parameters and bound with the place each comes from, in
	// the order of the kind.
	Figures []Figure

	IdleLand *IdleLand
	LandMix  *LandMix
	Spaces   *Spaces

	spec    *kindSpec
	at      *node
	extends *node
	given   map[string]*node // parameters and bound that the rule states itself
}

// Scope is what a verdict is given on.
type Scope byte

// The scopes: 企业, 宗地, 项目, 开发区, 全市.
const (
	ScopeEnterprise Scope = 'E'
	ScopeParcel     Scope = 'P'
	ScopeProject    Scope = 'J'
	ScopeZone       Scope = 'Z'
	ScopeCity       Scope = 'C'
)

// Status says whether the document itself states a rule or figure, or whether it is
// a reading of it that a bureau must confirm.
type Status string

// The two statuses.
const (
	Confirmed   Status = "confirmed"
	Unconfirmed Status = "unconfirmed"
)

// Need is an input table, or one column of it, that a rule cannot be evaluated
// without.
type Need struct {
	Table, Column string
	at            *node
}

// String is table or table.column.
func (n Need) String() string {
	if n.Column == "" {
		return n.Table
	}
	return n.Table + "." + n.Column
}

// Reference names a rule of another pack; packs write it pack-id/rule-id.
type Reference struct{ Pack, Rule string }

// String is pack-id/rule-id.
func (r Reference) String() string { return r.Pack + "/" + r.Rule }

// Op compares a value with a bound.
type Op string

// AtMost is value ≤ bound.
const AtMost Op = "<="

// Bound is the threshold of a rule: the value passes when value Op Value.
type Bound struct {
	Op    Op
	Value float64
	Unit  unit.Unit
}

// Figure is one parameter of a rule as people look at it.
type Figure struct {
	Name   string // of the parameter in the pack
	Value  string // as a pack writes it
	Clause string // the clause of the figure; the rule's own when it has none
	Status Status
	// StricterOnly is set when a rule that extends this one may change the figure
	// only to be stricter.
	StricterOnly bool
	Pack         string // id of the pack that states it
	Rule         string // and of the rule in it
}

// Figure finds a figure by name.
func (r *Rule) Figure(name string) (Figure, bool) {
	for _, f := range r.Figures {
		if f.Name == name {
			return f, true
		}
	}
	return Figure{}, false
}

// Has says whether verdicts of the rule are given on scope s.
func (r *Rule) Has(s Scope) bool { return slices.Contains(r.Scope, s) }

// CheckNeeds lists the needs of a pack's rules that known denies; column is empty
// where a whole table is needed. The caller knows the tables, the pack does not.
func (p *Pack) CheckNeeds(known func(table, column string) bool) error {
	d := &decoder{file: p.File}
	for i := range p.Rules {
		for _, n := range p.Rules[i].Needs {
			if n.at != nil && !known(n.Table, n.Column) {
				d.at(n.at, "rule %s needs %s, which is no input table or column", p.Rules[i].ID, show(n.String()))
			}
		}
	}
	return d.mistakes.asError()
}

// rule reads one rule. What is said once for all kinds is read here; the kind reads
// its parameters.
func (d *decoder) rule(n *node) Rule {
	r := Rule{Line: n.line, at: n, given: map[string]*node{}, Status: Unconfirmed}
	var params *node
	misplaced := false
	keys := []key{
		need("id", func(n *node) { r.ID = d.name(n) }),
		need("title", d.words("title", &r.Title)),
		need("clause", d.into(&r.Clause)),
		need("scope", func(n *node) { r.Scope = d.scope(n) }),
		need("status", func(n *node) { d.status(n, &r.Status) }),
		need("kind", func(n *node) { d.kind(n, &r) }),
		may("extends", func(n *node) { r.Extends, r.extends = d.reference(n), n }),
		may("stricter_only", d.yes(&r.StricterOnly)),
		may("needs", func(n *node) { r.Needs = d.needs(n) }),
		may("bound", func(n *node) { r.given[boundName] = n }),
		may("follows", d.words("follows", &r.Follows)),
	}
	for i := range kinds {
		k := &kinds[i]
		keys = append(keys, may(string(k.name), func(n *node) {
			if r.Kind == k.name {
				params = n
			} else if r.Kind != "" {
				misplaced = true
				d.at(n, "parameters of %s in a rule of kind %s", k.name, r.Kind)
			}
		}))
	}
	d.mapping(n, "a rule", keys...)
	if r.extends == nil && n.form == mapping && n.entry("needs") == nil {
		d.at(n, "a rule lacks needs")
	}
	if r.spec != nil && !misplaced {
		d.parameters(&r, params)
	}
	return r
}

func (d *decoder) kind(n *node, r *Rule) {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = string(kinds[i].name)
	}
	r.Kind = Kind(d.oneOf(n, "kind", names...))
	for i := range kinds {
		if kinds[i].name == r.Kind {
			r.spec = &kinds[i]
		}
	}
}

func (d *decoder) scope(n *node) []Scope {
	var out []Scope
	for _, s := range d.set(n, "scope", "E", "P", "J", "Z", "C") {
		out = append(out, Scope(s[0]))
	}
	return out
}

func (d *decoder) status(n *node, s *Status) {
	*s = Status(d.oneOf(n, "status", string(Confirmed), string(Unconfirmed)))
}

func (d *decoder) reference(n *node) Reference {
	s := d.text(n)
	pack, rule, ok := strings.Cut(s, "/")
	if s != "" && (!ok || pack == "" || rule == "" || strings.Contains(rule, "/")) {
		d.at(n, "%s does not name a rule as pack-id/rule-id", show(s))
		return Reference{}
	}
	return Reference{pack, rule}
}

func (d *decoder) needs(n *node) []Need {
	var out []Need
	d.items(n, "needs", func(i *node) {
		s := d.text(i)
		table, column, dotted := strings.Cut(s, ".")
		if s != "" && (table == "" || dotted && column == "") {
			d.at(i, "%s does not name a table or table.column", show(s))
			return
		}
		out = append(out, Need{table, column, i})
	})
	return out
}
