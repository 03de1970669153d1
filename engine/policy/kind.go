package policy

import (
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Kind is how a rule is evaluated.
type Kind string

// kinds lists every kind there is: a new one is a file with its kindSpec and a line
// here.
var kinds = append([]kindSpec{idleLandKind, landMixKind, spacesKind, gradingKind, nearKind, insideKind}, demandKinds()...)

// kindSpec is what a kind's rules may say.
type kindSpec struct {
	name       Kind
	single     bool        // at most one rule of the kind in a pack
	own        func(*Rule) // gives the rule parameters of its own: a copy of those it has, else new ones
	parameters []parameter // all of them must be stated or inherited
	check      func(*Rule) (parameter, problem string)
}

// parameter is one figure of a kind: how it is read, written, and compared.
type parameter struct {
	name     string
	optional bool // may be left out
	read     func(*decoder, *parse.Node, *Rule)
	show     func(*Rule) string
	// strict says that the child's figure is at least as strict as the parent's; nil
	// where no direction is the stricter one.
	strict func(child, parent *Rule) bool
	// isClause is set of a figure that is itself the name of a clause.
	isClause bool
}

const boundName = "bound"

// parameters reads the figures that a rule states itself. A rule that extends none
// must state all.
func (d *decoder) parameters(r *Rule, params *parse.Node) {
	before := len(d.Mistakes)
	spec := r.spec
	spec.own(r)
	var misspelt []string
	if params != nil {
		misspelt = d.given(r, params)
	}
	hasBound := false
	for i := range spec.parameters {
		p := &spec.parameters[i]
		hasBound = hasBound || p.name == boundName
		n := r.given[p.name]
		if n != nil {
			d.figure(r, p, n)
		} else if r.extends == nil && !p.optional && !slices.Contains(misspelt, p.name) {
			d.At(r.at, "rule %s of kind %s lacks %s", r.ID, r.Kind, p.name)
		}
	}
	if n := r.given[boundName]; n != nil && !hasBound {
		d.At(n, "a rule of kind %s has no bound", r.Kind)
	}
	if r.extends == nil && len(d.Mistakes) == before {
		d.consistent(r)
	}
}

// given sorts the parameters a rule states by name.
func (d *decoder) given(r *Rule, params *parse.Node) (misspelt []string) {
	if params.Form == parse.Empty {
		return nil
	}
	var keys []parse.Key
	for _, p := range r.spec.parameters {
		if p.name != boundName {
			keys = append(keys, parse.May(p.name, func(n *parse.Node) { r.given[p.name] = n }))
		}
	}
	return d.Mapping(params, string(r.Kind), keys...)
}

// figure reads one parameter, written as its bare value or as a mapping of value,
// clause, status and stricter_only, and notes it among the rule's figures.
func (d *decoder) figure(r *Rule, p *parameter, n *parse.Node) {
	f := Figure{Name: p.name, Clause: r.Clause, Status: r.Status, Rule: r.ID}
	keys := []parse.Key{
		parse.May("clause", d.Into(&f.Clause)),
		parse.May("status", func(n *parse.Node) { d.status(n, &f.Status) }),
		parse.May("stricter_only", d.Yes(&f.StricterOnly)),
	}
	value := n
	switch {
	case p.name == boundName:
		for _, k := range []string{"op", "value", "unit"} {
			keys = append(keys, parse.Need(k, func(*parse.Node) {}))
		}
		d.Mapping(n, boundName, keys...)
	case wrapped(n):
		value = n.Entry("value")
		d.Mapping(n, p.name, append(keys, parse.Need("value", func(*parse.Node) {}))...)
	}
	p.read(d, value, r)
	f.Value = p.show(r)
	if p.isClause {
		f.Clause = f.Value
	}
	r.Figures = append(r.Figures, f)
}

// consistent checks what must hold between the figures of a complete rule.
func (d *decoder) consistent(r *Rule) {
	if r.spec.check == nil {
		return
	}
	name, problem := r.spec.check(r)
	if problem == "" {
		return
	}
	at := r.at
	if n := r.given[name]; n != nil {
		at = n
	}
	d.At(at, "rule %s: %s", r.ID, problem)
}

// The rest is the vocabulary in which kinds list their parameters.

type direction int

const (
	lessIsStricter direction = -1
	moreIsStricter direction = 1
)

func wholeFigure(name string, low, high int, stricter direction, at func(*Rule) *int) parameter {
	return parameter{
		name:   name,
		read:   func(d *decoder, n *parse.Node, r *Rule) { *at(r) = d.Whole(n, low, high) },
		show:   func(r *Rule) string { return strconv.Itoa(*at(r)) },
		strict: func(child, parent *Rule) bool { return (*at(child)-*at(parent))*int(stricter) >= 0 },
	}
}

func shareFigure(name string, at func(*Rule) *Fraction) parameter {
	return parameter{
		name:   name,
		read:   func(d *decoder, n *parse.Node, r *Rule) { *at(r) = d.Fraction(n) },
		show:   func(r *Rule) string { return at(r).String() },
		strict: func(child, parent *Rule) bool { return at(child).Cmp(*at(parent)) >= 0 },
	}
}

func clauseFigure(name string, at func(*Rule) *string) parameter {
	return parameter{
		name: name,
		read: func(d *decoder, n *parse.Node, r *Rule) { *at(r) = d.Text(n) },
		show: func(r *Rule) string { return *at(r) },

		isClause: true,
	}
}

// wordFigure is a figure that is one of some words.
func wordFigure[T ~string](name string, at func(*Rule) *T, words ...string) parameter {
	return parameter{
		name: name,
		read: func(d *decoder, n *parse.Node, r *Rule) { *at(r) = T(d.OneOf(n, name, words...)) },
		show: func(r *Rule) string { return string(*at(r)) },
	}
}

// boundFigure is the bound, value op bound, in unit u, from low to high.
func boundFigure(op Op, u unit.Unit, low, high float64, at func(*Rule) *float64) parameter {
	return parameter{
		name: boundName,
		read: func(d *decoder, n *parse.Node, r *Rule) {
			r.Bound = &Bound{op, 0, u}
			if v := n.Entry("op"); v != nil {
				d.OneOf(v, "op", string(op))
			}
			if v := n.Entry("value"); v != nil {
				r.Bound.Value = d.Number(v, low, high)
			}
			if v := n.Entry("unit"); v != nil {
				d.OneOf(v, "unit", string(u))
			}
			*at(r) = r.Bound.Value
		},
		show: func(r *Rule) string {
			if r.Bound == nil {
				return ""
			}
			return string(r.Bound.Op) + " " + strconv.FormatFloat(r.Bound.Value, 'g', -1, 64)
		},
		strict: func(child, parent *Rule) bool {
			if op == AtLeast {
				return child.Bound.Value >= parent.Bound.Value
			}
			return child.Bound.Value <= parent.Bound.Value
		},
	}
}
