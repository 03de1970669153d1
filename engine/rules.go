package engine

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/write"
)

// Rules are the rules that apply, taken from the policies of a run.
type Rules struct {
	Set      *policy.Set
	Idle     policy.IdleLand
	IdleRule *policy.Rule
	Mix      *policy.LandMix // the first that any named pack has; nil: figures only
	Spaces   *policy.Spaces

	Scheme  *policy.Grading // that enterprises are graded by; nil: none
	Grading policy.Applied  // the rule that holds it
	Near    []policy.Applied
}

// NewRules takes the rules that decide out of a set of policies. grading names the
// scheme where several of the named policies hold one; empty: the only one.
func NewRules(set *policy.Set, grading string) (Rules, error) {
	r := Rules{Set: set, IdleRule: set.IdleLand().Rule, Spaces: set.Spaces(), Near: set.Near()}
	r.Idle = *r.IdleRule.IdleLand
	for _, a := range set.Rules() {
		if a.Rule.LandMix != nil {
			r.Mix = a.Rule.LandMix
			break
		}
	}
	scheme, ok, err := set.Grading(grading)
	if ok {
		r.Grading, r.Scheme = scheme, scheme.Rule.Grading
	}
	return r, err
}

// units are those of the figures of zones that the policies define.
func (r *Rules) units() map[string]string {
	out := map[string]string{}
	for _, p := range r.Set.Packs() {
		for _, i := range p.Indicators {
			out[i.ID] = i.Unit
		}
	}
	return out
}

// wide says whether the profile wide decides.
func (r *Rules) wide() bool { return r.Mix != nil && r.Mix.Profile == policy.ProfileWide }

// mixFor is the land-mix rule for zones of a kind: the one that applies to them,
// else the one whose figures are shown for information.
func (r *Rules) mixFor(kind string) *policy.LandMix {
	if a, ok := r.Set.LandMix(kind); ok {
		return a.Rule.LandMix
	}
	return r.Mix
}

// missing lists the rules that want a table the dataset does not have.
func (r *Rules) missing(has func(table string) bool) []write.Missing {
	out := []write.Missing{}
	for _, a := range r.Set.Rules() {
		for _, n := range a.Rule.Needs {
			if _, ok := table.Input(n.Table); ok && !has(n.Table) {
				out = append(out, write.Missing{Rule: a.Pack.ID + "/" + a.Rule.ID, Missing: n.Table})
				break
			}
		}
	}
	return out
}

// lacks says whether a table is missing that a rule cannot be evaluated without.
func lacks(rule *policy.Rule, has func(table string) bool) bool {
	return slices.ContainsFunc(rule.Needs, func(n policy.Need) bool {
		_, isTable := table.Input(n.Table)
		return isTable && !has(n.Table)
	})
}
