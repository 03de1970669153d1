package policy

import (
	"cmp"
	"fmt"
	"slices"

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
		if _, ok = idleLandOf(p, packs); !ok { // extended by every pack that names no other
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

// idleLandOf is the idle-land rule of a pack: its own, else that of the first pack
// it extends that has one.
func idleLandOf(p *Pack, packs map[string]*Pack) (*Rule, bool) {
	for i := range p.Rules {
		if p.Rules[i].Kind == KindIdleLand {
			return &p.Rules[i], true
		}
	}
	for _, id := range p.Extends {
		if r, ok := idleLandOf(packs[id], packs); ok {
			return r, true
		}
	}
	return nil, false
}

// Packs lists the named packs, then the inherited ones.
func (s *Set) Packs() []*Pack { return slices.Concat(s.Named, s.Inherited) }

// Rules lists the rules to evaluate: those of the named packs as named, then those
// of inherited packs that no rule of the set extends. The rules of the packs keep
// the order of their files.
func (s *Set) Rules() []Applied {
	refined := map[Reference]bool{}
	for _, p := range s.Packs() {
		for i := range p.Rules {
			refined[p.Rules[i].Extends] = true
		}
	}
	var out []Applied
	for i, p := range s.Packs() {
		for j := range p.Rules {
			if i < len(s.Named) || !refined[Reference{p.ID, p.Rules[j].ID}] {
				out = append(out, Applied{p, &p.Rules[j]})
			}
		}
	}
	return out
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
