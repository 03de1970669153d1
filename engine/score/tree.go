package score

import (
	"slices"
	"strconv"
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
	level    float64                     // the bound, rounded
	unit     string                      // of the fact
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
		out.level, out.unit = near(l.Value), demand.FactUnit(l.Fact)
		if out.unit == "text" {
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
	}
	list, decides := t.all, false
	if t.any != nil {
		list, decides = t.any, true
	}
	for _, one := range list {
		if one.met(i) == decides {
			return decides
		}
	}
	return !decides
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
	b := t.level
	if t.bound != nil {
		if b, ok = t.bound(i); !ok {
			return unknown
		}
		b = near(b)
	}
	return answer(compares(l.Op, near(v), b, 0))
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
	part := l.Op == "in" || l.Op == "not_in"
	for v != "" {
		one, rest := v, ""
		if end := strings.IndexAny(v, ";|"); end >= 0 {
			one, rest = v[:end], v[end+1:]
		}
		if v = rest; one == "" {
			continue
		}
		one = strings.TrimSpace(one)
		for _, w := range l.Words {
			if one == w || part && strings.HasPrefix(one, w) {
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

// because adds the conditions that make the tree hold, or not hold.
func (t *compiled) because(out []*compiled, i int, v truth) []*compiled {
	switch {
	case t.leaf != nil:
		return append(out, t)
	case t.not != nil:
		return t.not.because(out, i, 1-v)
	}
	list, every := t.all, v == yes
	if t.any != nil {
		list, every = t.any, v == no
	}
	for _, one := range list {
		if every || one.is(i) == v {
			out = one.because(out, i, v)
		}
	}
	return out
}

// value is the fact of a condition as text, and whether it is known.
func (t *compiled) value(i int) (string, bool) {
	if t.text != nil {
		return t.text(i)
	}
	var room [32]byte
	out, ok := t.appendValue(room[:0], i)
	return string(out), ok
}

func (t *compiled) appendValue(out []byte, i int) ([]byte, bool) {
	if t.text != nil {
		v, ok := t.text(i)
		if ok {
			out = append(out, v...)
		}
		return out, ok
	}
	v, ok := t.number(i)
	if !ok {
		return out, false
	}
	switch t.unit {
	case "yes":
		return strconv.AppendBool(out, v == 1), true
	case "date":
		return unit.Date(v).Append(out), true
	}
	return appendNumber(out, v), true
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
	if t.unit == "yes" {
		return t.leaf.Op + " " + strconv.FormatBool(t.leaf.Value == 1)
	}
	return t.leaf.Bound()
}

// known says whether the fact of a condition is.
func (t *compiled) known(i int) (ok bool) {
	if t.text != nil {
		_, ok = t.text(i)
		return ok
	}
	_, ok = t.number(i)
	return ok
}

// missing adds the facts of a subject that are not known.
func (t *compiled) missing(i int, add func(what string)) {
	for _, l := range t.leaves() {
		if !l.known(i) {
			add(l.leaf.Fact)
		} else if l.bound != nil {
			if _, ok := l.bound(i); !ok {
				add("zone_indicators." + l.leaf.Of)
			}
		}
	}
}
