package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/unit"
)

// NationalIdleLand is the id of the pack whose idle-land rule holds wherever no
// other is named: 闲置土地处置办法 of 2012.
const NationalIdleLand = "national-idle-land-2012"

// Set is the policies of one evaluation.
type Set struct {
	Named     []*Pack // as named, in that order
	Inherited []*Pack // extended by them and not named, in the order met

	idle Applied
}

// Applied is a rule with the pack it applies from.
type Applied struct {
	Pack *Pack
	Rule *Rule
}

// inherit collects the packs that the named ones extend, and the idle-land rule.
func (s *Set) inherit(packs map[string]*Pack, national *Pack) error {
	var add func(p *Pack)
	add = func(p *Pack) {
		for _, id := range p.Extends {
			parent := packs[id]
			if !slices.Contains(s.Named, parent) && !slices.Contains(s.Inherited, parent) {
				s.Inherited = append(s.Inherited, parent)
				add(parent)
			}
		}
	}
	for _, p := range s.Named {
		add(p)
	}
	var ok bool
	for _, p := range s.Named {
		if _, ok = owned(p, KindIdleLand, func(id string) *Pack { return packs[id] }); !ok { // extended by every pack that names no other
			if national == nil {
				return fmt.Errorf("policy %s: %s, whose idle-land rule it extends, is not known", p.ID, NationalIdleLand)
			}
			if !slices.Contains(s.Named, national) && !slices.Contains(s.Inherited, national) {
				s.Inherited = append(s.Inherited, national)
			}
		}
	}
	if s.idle, ok = s.first(func(r *Rule) bool { return r.Kind == KindIdleLand }); !ok {
		return fmt.Errorf("policy %s has no rule of kind %s", NationalIdleLand, KindIdleLand)
	}
	return nil
}

// owned is the rule of a kind that a pack has: its own, else that of the first pack
// it extends that has one.
func owned(p *Pack, k Kind, pack func(id string) *Pack) (Applied, bool) {
	for i := range p.Rules {
		if p.Rules[i].Kind == k {
			return Applied{p, &p.Rules[i]}, true
		}
	}
	for _, id := range p.Extends {
		if a, ok := owned(pack(id), k, pack); ok {
			return a, true
		}
	}
	return Applied{}, false
}

// Packs lists the named packs, then the inherited ones.
func (s *Set) Packs() []*Pack { return slices.Concat(s.Named, s.Inherited) }

// Rules lists the rules to evaluate: those of the named packs as named, then those
// of inherited packs that no rule of the set extends. A rule that extends one of its
// own id takes the place of that. The rules of the packs keep the order of their files.
func (s *Set) Rules() []Applied {
	refined := map[Reference][]string{}
	for _, p := range s.Packs() {
		for i := range p.Rules {
			r := &p.Rules[i]
			refined[r.Extends] = append(refined[r.Extends], r.ID)
		}
	}
	var out []Applied
	for i, p := range s.Packs() {
		for j := range p.Rules {
			by := refined[Reference{p.ID, p.Rules[j].ID}]
			if len(by) == 0 || i < len(s.Named) && !slices.Contains(by, p.Rules[j].ID) {
				out = append(out, Applied{p, &p.Rules[j]})
			}
		}
	}
	return out
}

// contradictions are rules of one id that both apply: verdicts go by the id, and nobody
// could tell which of them a verdict is of.
func (s *Set) contradictions() error {
	var found Mistakes
	first := map[string]Applied{}
	for _, a := range s.Rules() {
		other, twice := first[a.Rule.ID]
		if !twice {
			first[a.Rule.ID] = a
			continue
		}
		d := newDecoder(a.Pack.File)
		d.At(a.Rule.at, "rule %s is also one of %s (%s:%d), and neither extends the other: name one of the policies, or give one of the rules another id",
			a.Rule.ID, other.Pack.ID, other.Pack.File, other.Rule.Line)
		found = append(found, d.Mistakes...)
	}
	return found.AsError()
}

// first is the first rule that matches in the most local pack that has one; of packs
// of one level, the first named.
func (s *Set) first(matches func(*Rule) bool) (Applied, bool) {
	packs := s.Packs()
	slices.SortStableFunc(packs, func(a, b *Pack) int { return cmp.Compare(b.Level, a.Level) })
	for _, p := range packs {
		for i := range p.Rules {
			if matches(&p.Rules[i]) {
				return Applied{p, &p.Rules[i]}, true
			}
		}
	}
	return Applied{}, false
}

// IdleLand is the idle-land rule that applies: that of the most local pack, in the
// end the national one.
func (s *Set) IdleLand() Applied { return s.idle }

// LandMix is the land-mix rule that decides for zones of a kind (empty is existing);
// ok is false when none does: the figures are informational then.
func (s *Set) LandMix(zoneKind string) (a Applied, ok bool) {
	return s.first(func(r *Rule) bool { return r.LandMix != nil && r.LandMix.Applies(zoneKind) })
}

// Spaces is the split into spaces: that of the most local pack with such a rule, else
// DefaultSpaces.
func (s *Set) Spaces() *Spaces {
	if a, ok := s.first(func(r *Rule) bool { return r.Spaces != nil }); ok {
		return a.Rule.Spaces
	}
	return DefaultSpaces()
}

// Near lists the rules that keep industries away from features and apply.
func (s *Set) Near() []Applied {
	return slices.DeleteFunc(s.Rules(), func(a Applied) bool { return a.Rule.Near == nil })
}

// Grading is the grading scheme of the run: with no id the only one that the named
// packs have or inherit, else the one that id names, a policy, a rule or policy/rule.
// ok is false when no id is given and no pack has a scheme. The error says that there
// are several and no id, or none of that id.
func (s *Set) Grading(id string) (a Applied, ok bool, err error) {
	var all, chosen []Applied
	var names []string
	for _, p := range s.Named {
		a, ok := owned(p, KindGrading, s.pack)
		if !ok {
			continue
		}
		full := Reference{a.Pack.ID, a.Rule.ID}.String()
		for _, name := range []string{p.ID, a.Pack.ID, a.Rule.ID, full} {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			if name == id && !slices.Contains(chosen, a) {
				chosen = append(chosen, a)
			}
		}
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	switch {
	case id == "":
		chosen = all
	case len(all) == 0:
		return Applied{}, false, fmt.Errorf("--grading %s: no named policy has a grading scheme", id)
	case len(chosen) == 0:
		return Applied{}, false, fmt.Errorf("--grading %s: no such grading scheme%s", id, parse.Offer(id, names))
	}
	if len(chosen) > 1 {
		return Applied{}, false, fmt.Errorf("the named policies have %d grading schemes, %s: say which with --grading ID",
			len(chosen), schemes(chosen))
	}
	if len(chosen) == 0 {
		return Applied{}, false, nil
	}
	return chosen[0], true, nil
}

// pack is a pack of the set.
func (s *Set) pack(id string) *Pack {
	packs := s.Packs()
	return packs[slices.IndexFunc(packs, func(p *Pack) bool { return p.ID == id })]
}

func schemes(of []Applied) string {
	names := make([]string, len(of))
	for i, a := range of {
		names[i] = Reference{a.Pack.ID, a.Rule.ID}.String()
	}
	return parse.Joined(names)
}

// Warning says that a pack is evaluated for a day on which its document was not in
// force. It switches nothing off.
type Warning struct {
	Pack *Pack
	AsOf unit.Date
}

// Warnings lists the packs whose documents are not in force on asOf.
func (s *Set) Warnings(asOf unit.Date) []Warning {
	var out []Warning
	for _, p := range s.Packs() {
		if !p.InForce.Holds(asOf) {
			out = append(out, Warning{p, asOf})
		}
	}
	return out
}

// String is the warning in English: the text of manifests, which know no language.
func (w Warning) String() string {
	p := w.Pack
	s := fmt.Sprintf("policy %s (%s) is evaluated for %s, ", p.ID, stateNames[p.State], w.AsOf)
	if w.AsOf < p.InForce.From {
		return s + fmt.Sprintf("before it took effect on %s", p.InForce.From)
	}
	return s + fmt.Sprintf("after its repeal on %s", p.InForce.To)
}

var stateNames = map[State]string{InForce: "in force", Draft: "draft", Repealed: "repealed"}
