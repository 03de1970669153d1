package policy

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// resolver completes packs: it finds what they extend, and fills the rules that
// extend others.
type resolver struct {
	raw      map[string]*Pack
	done     map[string]*Pack // nil for one that cannot be completed
	path     []string
	mistakes Mistakes
}

func newResolver() *resolver {
	return &resolver{raw: map[string]*Pack{}, done: map[string]*Pack{}}
}

// pack is the completed pack of an id that is known; nil when something is wrong
// with it.
func (r *resolver) pack(id string) *Pack {
	if p, ok := r.done[id]; ok {
		return p
	}
	raw := r.raw[id]
	r.path = append(r.path, id)
	d := newDecoder(raw.File)
	p := *raw
	p.Rules = slices.Clone(raw.Rules)
	whole := true
	for i, parent := range raw.Extends {
		whole = r.parent(d, &p, parent, raw.extends[i]) && whole
	}
	if whole {
		for i := range p.Rules {
			r.rule(d, &p, &p.Rules[i])
		}
	}
	r.path = r.path[:len(r.path)-1]
	r.mistakes = append(r.mistakes, d.Mistakes...)
	if len(d.Mistakes) > 0 || !whole {
		r.done[id] = nil
		return nil
	}
	r.done[id] = &p
	return &p
}

// parent checks one pack that p extends and completes it.
func (r *resolver) parent(d *decoder, p *Pack, id string, at *parse.Node) bool {
	parent, ok := r.raw[id]
	if !ok {
		d.At(at, "extends %s, which is no known policy%s", parse.Show(id), parse.Offer(id, r.ids()))
		return false
	}
	if i := slices.Index(r.path, id); i >= 0 {
		d.At(at, "policies extend each other in a circle: %s", joinArrow(append(slices.Clone(r.path[i:]), id)))
		return false
	}
	if parent.Level > p.Level {
		d.At(at, "a policy of level %s cannot extend %s, which is of level %s", p.Level, id, parent.Level)
		return false
	}
	return r.pack(id) != nil
}

func (r *resolver) ids() []string {
	ids := make([]string, 0, len(r.raw))
	for id := range r.raw {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func joinArrow(ids []string) string {
	s := ids[0]
	for _, id := range ids[1:] {
		s += " → " + id
	}
	return s
}

// rule completes one rule of p: the figures it does not state come from the rule it
// extends.
func (r *resolver) rule(d *decoder, p *Pack, rule *Rule) {
	rule.Figures = slices.Clone(rule.Figures)
	for i := range rule.Figures {
		rule.Figures[i].Pack = p.ID
	}
	if rule.extends == nil {
		return
	}
	parentPack := r.done[rule.Extends.Pack]
	parent, ok := parentPack.Rule(rule.Extends.Rule)
	if !ok {
		var names []string
		for _, other := range parentPack.Rules {
			names = append(names, other.ID)
		}
		d.At(rule.extends, "%s has no rule %s%s", parentPack.ID, parse.Show(rule.Extends.Rule), parse.Offer(rule.Extends.Rule, names))
		return
	}
	if parent.Kind != rule.Kind {
		d.At(rule.extends, "rule %s of kind %s cannot extend %s, which is of kind %s", rule.ID, rule.Kind, rule.Extends, parent.Kind)
		return
	}
	inherit(rule, parent)
	d.stricter(rule, parent)
	d.consistent(rule)
}

// inherit gives rule all that parent has and it does not state itself.
func inherit(rule, parent *Rule) {
	stated := rule.Figures
	rule.IdleLand, rule.LandMix, rule.Spaces = parent.IdleLand, parent.LandMix, parent.Spaces
	rule.Grading, rule.Near, rule.Demand = parent.Grading, parent.Near, parent.Demand
	rule.Bound = parent.Bound
	rule.spec.own(rule)
	if rule.Needs == nil {
		rule.Needs = slices.Clone(parent.Needs)
		for i := range rule.Needs {
			rule.Needs[i].at = nil // the mistake, if any, is the parent's
		}
	}
	if rule.Follows == (Text{}) {
		rule.Follows = parent.Follows
	}
	var again decoder // the mistakes were told when the pack was parsed
	rule.Figures = nil
	for i := range rule.spec.parameters {
		name := rule.spec.parameters[i].name
		if n := rule.given[name]; n != nil {
			rule.spec.parameters[i].read(&again, valueOf(name, n), rule)
		}
		if f, ok := pick(name, stated, parent.Figures); ok {
			rule.Figures = append(rule.Figures, f)
		}
	}
}

// wrapped says whether a figure stands as a mapping of value, clause and status; a
// condition has a value of its own.
func wrapped(n *parse.Node) bool {
	return n.Form == parse.Mapping && n.Entry("value") != nil && n.Entry("fact") == nil
}

// valueOf is the node of a figure's bare value.
func valueOf(name string, n *parse.Node) *parse.Node {
	if name != boundName && wrapped(n) {
		return n.Entry("value")
	}
	return n
}

// pick is the figure as the child states it, else as the parent has it. What may
// only be made stricter stays so further down.
func pick(name string, stated, inherited []Figure) (f Figure, ok bool) {
	byName := func(f Figure) bool { return f.Name == name }
	var parent Figure
	if i := slices.IndexFunc(inherited, byName); i >= 0 {
		parent, ok = inherited[i], true
	}
	i := slices.IndexFunc(stated, byName)
	if i < 0 {
		return parent, ok
	}
	f = stated[i]
	f.StricterOnly = f.StricterOnly || parent.StricterOnly
	return f, true
}

// stricter checks the figures that the parent allows only to be made stricter.
func (d *decoder) stricter(rule, parent *Rule) {
	for i := range rule.spec.parameters {
		p := &rule.spec.parameters[i]
		n := rule.given[p.name]
		f, _ := parent.Figure(p.name)
		if n == nil || !(parent.StricterOnly || f.StricterOnly) {
			continue
		}
		was, is := p.show(parent), p.show(rule)
		switch {
		case p.strict == nil && is != was:
			d.At(n, "%s is %s, but %s fixes it at %s", p.name, is, rule.Extends, was)
		case p.strict != nil && !p.strict(rule, parent):
			d.At(n, "%s %s is looser than the %s of %s, which may only be made stricter", p.name, is, was, rule.Extends)
		}
	}
	rule.StricterOnly = rule.StricterOnly || parent.StricterOnly
}
