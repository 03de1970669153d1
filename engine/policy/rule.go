package policy

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/policy/parse"
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
	Grading  *Grading
	Near     *Near
	Demand   *demand.Demand // of the kinds of package demand

	spec    *kindSpec
	at      *parse.Node
	extends *parse.Node
	given   map[string]*parse.Node // parameters and bound that the rule states itself
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
	at            *parse.Node
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

// The comparisons: value ≤ bound, value ≥ bound.
const (
	AtMost  Op = "<="
	AtLeast Op = ">="
)

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
	d := newDecoder(p.File)
	for i := range p.Rules {
		for _, n := range p.Rules[i].Needs {
			if n.at != nil && !known(n.Table, n.Column) {
				d.At(n.at, "rule %s needs %s, which is no input table or column", p.Rules[i].ID, parse.Show(n.String()))
			}
		}
	}
	return d.Mistakes.AsError()
}

// CheckColumns lists the tax heads and the energy columns of a pack's grading scheme
// that known denies.
func (p *Pack) CheckColumns(known func(table, column string) bool) error {
	d := newDecoder(p.File)
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Grading == nil {
			continue
		}
		if n := r.given["tax"]; n != nil {
			for j, head := range valueOf("tax", n).Items {
				if column := r.Grading.Tax[j].Column; !known("tax", column) {
					d.At(head, "rule %s: %s is no column of table tax", r.ID, parse.Show(column))
				}
			}
		}
		if n := r.given["energy"]; n != nil {
			for _, e := range valueOf("energy", n).Entry("coefficients").Entries {
				if !known("energy", e.Key) {
					d.Place(e.Line, e.Column, "rule %s: %s is no column of table energy", r.ID, parse.Show(e.Key))
				}
			}
		}
	}
	return d.Mistakes.AsError()
}

// CheckIndicators lists the indicators of a pack's grading scheme that are not among
// the known ids.
func (p *Pack) CheckIndicators(known []string) error {
	d := newDecoder(p.File)
	for i := range p.Rules {
		r := &p.Rules[i]
		n := r.given["groups"]
		if r.Grading == nil || n == nil {
			continue
		}
		for j, group := range valueOf("groups", n).Items {
			for k, item := range group.Entry("items").Items {
				if id := r.Grading.Groups[j].Items[k].Indicator; !slices.Contains(known, id) {
					d.At(item.Entry("indicator"), "rule %s: no indicator %s%s", r.ID, parse.Show(id), parse.Offer(id, known))
				}
			}
		}
	}
	return d.Mistakes.AsError()
}

// rule reads one rule. What is said once for all kinds is read here; the kind reads
// its parameters.
func (d *decoder) rule(n *parse.Node) Rule {
	r := Rule{Line: n.Line, at: n, given: map[string]*parse.Node{}, Status: Unconfirmed}
	var params *parse.Node
	misplaced := false
	keys := []parse.Key{
		parse.Need("id", func(n *parse.Node) { r.ID = d.Name(n) }),
		parse.Need("title", d.words("title", &r.Title)),
		parse.Need("clause", d.Into(&r.Clause)),
		parse.Need("scope", func(n *parse.Node) { r.Scope = d.scope(n) }),
		parse.Need("status", func(n *parse.Node) { d.status(n, &r.Status) }),
		parse.Need("kind", func(n *parse.Node) { d.kind(n, &r) }),
		parse.May("extends", func(n *parse.Node) { r.Extends, r.extends = d.reference(n), n }),
		parse.May("stricter_only", d.Yes(&r.StricterOnly)),
		parse.May("needs", func(n *parse.Node) { r.Needs = d.needs(n) }),
		parse.May("bound", func(n *parse.Node) { r.given[boundName] = n }),
		parse.May("follows", d.words("follows", &r.Follows)),
	}
	for i := range kinds {
		k := &kinds[i]
		keys = append(keys, parse.May(string(k.name), func(n *parse.Node) {
			if r.Kind == k.name {
				params = n
			} else if r.Kind != "" {
				misplaced = true
				d.At(n, "parameters of %s in a rule of kind %s", k.name, r.Kind)
			}
		}))
	}
	d.Mapping(n, "a rule", keys...)
	if r.extends == nil && n.Form == parse.Mapping && n.Entry("needs") == nil {
		d.At(n, "a rule lacks needs")
	}
	if r.spec != nil && !misplaced {
		d.parameters(&r, params)
	}
	return r
}

func (d *decoder) kind(n *parse.Node, r *Rule) {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = string(kinds[i].name)
	}
	r.Kind = Kind(d.OneOf(n, "kind", names...))
	for i := range kinds {
		if kinds[i].name == r.Kind {
			r.spec = &kinds[i]
		}
	}
}

func (d *decoder) scope(n *parse.Node) []Scope {
	var out []Scope
	for _, s := range d.Set(n, "scope", "E", "P", "J", "Z", "C") {
		out = append(out, Scope(s[0]))
	}
	return out
}

func (d *decoder) status(n *parse.Node, s *Status) {
	*s = Status(d.OneOf(n, "status", string(Confirmed), string(Unconfirmed)))
}

func (d *decoder) reference(n *parse.Node) Reference {
	s := d.Text(n)
	pack, rule, ok := strings.Cut(s, "/")
	if s != "" && (!ok || pack == "" || rule == "" || strings.Contains(rule, "/")) {
		d.At(n, "%s does not name a rule as pack-id/rule-id", parse.Show(s))
		return Reference{}
	}
	return Reference{pack, rule}
}

func (d *decoder) needs(n *parse.Node) []Need {
	var out []Need
	d.Items(n, "needs", func(i *parse.Node) {
		s := d.Text(i)
		table, column, dotted := strings.Cut(s, ".")
		if s != "" && (table == "" || dotted && column == "") {
			d.At(i, "%s does not name a table or table.column", parse.Show(s))
			return
		}
		out = append(out, Need{table, column, i})
	})
	return out
}
