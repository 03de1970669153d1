package score

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/unit"
)

// truth is whether a condition holds; unknown where its fact is missing.
type truth int8

const (
	unknown truth = iota - 1
	no
	yes
)

// compiled is a tree of conditions on subjects of one kind; nil holds always.
type compiled struct {
	all, any []*compiled
	not      *compiled
	leaf     *demand.Condition
	number   func(i int) (float64, bool)
	text     func(i int) (string, bool)
	bound    func(i int) (float64, bool) // where a zone indicator holds it
	held     string                      // the bound as text, where it is the same for all
	flat     []*compiled                 // the conditions in order
}

func (c *City) compile(t *demand.Tree, s *Subjects) *compiled {
	out := c.branch(t, s)
	if out != nil {
		out.flat = out.leaves()
	}
	return out
}

func (c *City) branch(t *demand.Tree, s *Subjects) *compiled {
	if t == nil {
		return nil
	}
	out := &compiled{leaf: t.Leaf}
	if l := t.Leaf; l != nil {
		if demand.FactUnit(l.Fact) == "text" {
			out.text = s.Text(l.Fact)
		} else {
			out.number = s.Number(l.Fact)
		}
		if l.Fact == "signed_year" { // counted from the evaluated year
			of := out.number
			out.number = func(i int) (float64, bool) {
				v, ok := of(i)
				return v - float64(c.Year), ok
			}
		}
		if l.Of != "" {
			out.bound = func(i int) (float64, bool) {
				if s.Zone[i] < 0 {
					return 0, false
				}
				r := c.one(l.Of, s.Zone[i], c.Year)
				return r.value, r.ok
			}
		}
		out.held = out.boundText(-1)
		return out
	}
	if t.Not != nil {
		out.not = c.branch(t.Not, s)
	}
	for i := range t.All {
		out.all = append(out.all, c.branch(&t.All[i], s))
	}
	for i := range t.Any {
		out.any = append(out.any, c.branch(&t.Any[i], s))
	}
	return out
}

// is evaluates the tree in three values: what is missing decides nothing, and is
// decided over.
func (t *compiled) is(i int) truth {
	switch {
	case t == nil:
		return yes
	case t.leaf != nil:
		return t.holds(i)
	case t.not != nil:
		switch t.not.is(i) {
		case yes:
			return no
		case no:
			return yes
		}
		return unknown
	}
	list, decides := t.all, no
	if t.any != nil {
		list, decides = t.any, yes
	}
	out := yes - decides
	for _, one := range list {
		switch v := one.is(i); v {
		case decides:
			return decides
		case unknown:
			out = unknown
		}
	}
	return out
}

// met evaluates the tree in two values: a condition whose fact is missing is not met.
func (t *compiled) met(i int) bool {
	switch {
	case t == nil:
		return true
	case t.leaf != nil:
		return t.holds(i) == yes
	case t.not != nil:
		return t.not.is(i) == no
	case t.any != nil:
		return slices.ContainsFunc(t.any, func(one *compiled) bool { return one.met(i) })
	}
	return !slices.ContainsFunc(t.all, func(one *compiled) bool { return !one.met(i) })
}

func (t *compiled) holds(i int) truth {
	l := t.leaf
	if t.text != nil {
		v, ok := t.text(i)
		if !ok {
			return unknown
		}
		return answer(begins(v, l) == (l.Op == "=" || l.Op == "in"))
	}
	v, ok := t.number(i)
	if !ok {
		return unknown
	}
	b := l.Value
	if t.bound != nil {
		if b, ok = t.bound(i); !ok {
			return unknown
		}
	}
	return answer(holds(l.Op, v, b, 0))
}

func answer(b bool) truth {
	if b {
		return yes
	}
	return no
}

// begins says whether one of the words of a text, parted by semicolons and bars, is, or for in begins
// with, one of the condition's.
func begins(v string, l *demand.Condition) bool {
	for _, one := range strings.FieldsFunc(v, func(r rune) bool { return r == ';' || r == '|' }) {
		one = strings.TrimSpace(one)
		for _, w := range l.Words {
			if one == w || (l.Op == "in" || l.Op == "not_in") && strings.HasPrefix(one, w) {
				return true
			}
		}
	}
	return false
}

// leaves are the conditions of a tree in order.
func (t *compiled) leaves() (out []*compiled) {
	switch {
	case t == nil:
		return nil
	case t.flat != nil:
		return t.flat
	case t.leaf != nil:
		return []*compiled{t}
	}
	out = t.not.leaves()
	for _, one := range slices.Concat(t.all, t.any) {
		out = append(out, one.leaves()...)
	}
	return out
}

// because are the conditions that make the tree hold, or not hold.
func (t *compiled) because(i int, v truth) (out []*compiled) {
	switch {
	case t.leaf != nil:
		return []*compiled{t}
	case t.not != nil:
		return t.not.because(i, 1-v)
	}
	list, every := t.all, v == yes
	if t.any != nil {
		list, every = t.any, v == no
	}
	for _, one := range list {
		if every || one.is(i) == v {
			out = append(out, one.because(i, v)...)
		}
	}
	return out
}

// value is the fact of a condition as text, and whether it is known.
func (t *compiled) value(i int) (string, bool) {
	if t.text != nil {
		return t.text(i)
	}
	v, ok := t.number(i)
	if !ok {
		return "", false
	}
	switch demand.FactUnit(t.leaf.Fact) {
	case "yes":
		if v == 1 {
			return "true", true
		}
		return "false", true
	case "date":
		return unit.Date(v).String(), true
	}
	return number(v), true
}

// boundText is the bound a subject is held to.
func (t *compiled) boundText(i int) string {
	if t.bound == nil && t.held != "" {
		return t.held
	}
	if t.bound != nil && i >= 0 {
		if b, ok := t.bound(i); ok {
			return t.leaf.Op + " " + number(b)
		}
	}
	if demand.FactUnit(t.leaf.Fact) == "yes" {
		return t.leaf.Op + " " + map[bool]string{true: "true", false: "false"}[t.leaf.Value == 1]
	}
	return t.leaf.Bound()
}

// missing are the facts of a subject that are not known.
func (t *compiled) missing(i int) (out []string) {
	for _, l := range t.leaves() {
		if _, ok := l.value(i); !ok {
			out = append(out, l.leaf.Fact)
		} else if l.bound != nil {
			if _, ok := l.bound(i); !ok {
				out = append(out, "zone_indicators."+l.leaf.Of)
			}
		}
	}
	return unique(out)
}
