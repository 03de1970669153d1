package policy

import (
	"math/big"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/unit"
)

// KindLandMix is the kind of rules on the shares of industry, residence and public
// service land in a zone 产业、居住、公共服务设施用地比例.
const KindLandMix Kind = "land_mix"

// LandMix is the parameters of KindLandMix.
type LandMix struct {
	Profile   string      // ProfileStrict or ProfileWide: the one that decides
	Tolerance float64     // the rule's bound: largest |share − target| that passes, a plain ratio
	Target    [3]Fraction // shares of industry, residence, public; they add to 1
	Kinds     []string    // of zones the rule applies to
}

// The profiles: wide also counts utilities, roads and green as public.
const (
	ProfileStrict = "strict"
	ProfileWide   = "wide"
)

var zoneKinds = []string{"existing", "new", "expansion"}

// InformationalLandMix is what the figures of a zone are computed with where no rule
// applies to it: strict, 1:1:1, tolerance 0.05.
func InformationalLandMix() LandMix {
	third := Fraction{Num: 1, Den: 3}
	return LandMix{Profile: ProfileStrict, Tolerance: 0.05, Target: [3]Fraction{third, third, third}}
}

// Applies says whether the rule decides for a zone of the kind; an empty kind is
// existing.
func (m *LandMix) Applies(zoneKind string) bool {
	if zoneKind == "" {
		zoneKind = zoneKinds[0]
	}
	return slices.Contains(m.Kinds, zoneKind)
}

var landMixKind = kindSpec{
	name: KindLandMix,
	own: func(r *Rule) {
		own := LandMix{}
		if r.LandMix != nil {
			own = *r.LandMix
		}
		r.LandMix = &own
	},
	parameters: []parameter{
		boundFigure(AtMost, unit.Ratio, 0, 1, func(r *Rule) *float64 { return &r.LandMix.Tolerance }),
		wordFigure("profile", func(r *Rule) *string { return &r.LandMix.Profile }, ProfileStrict, ProfileWide),
		{name: "target", read: readTarget, show: func(r *Rule) string {
			t := r.LandMix.Target
			return t[0].String() + " : " + t[1].String() + " : " + t[2].String()
		}},
		{
			name: "kinds",
			read: func(d *decoder, n *parse.Node, r *Rule) { r.LandMix.Kinds = d.Set(n, "kind of zone", zoneKinds...) },
			show: func(r *Rule) string { return strings.Join(r.LandMix.Kinds, ", ") },
			strict: func(child, parent *Rule) bool {
				return covers(child.LandMix.Kinds, parent.LandMix.Kinds, func(a, b string) bool { return a == b })
			},
		},
	},
	check: func(r *Rule) (string, string) {
		if !sumToOne(r.LandMix.Target) {
			return "target", "the three shares of target do not add to 1"
		}
		return "", ""
	},
}

func sumToOne(shares [3]Fraction) bool {
	sum := new(big.Rat)
	for _, s := range shares {
		sum.Add(sum, big.NewRat(s.Num, s.Den))
	}
	return sum.Cmp(big.NewRat(1, 1)) == 0
}

func readTarget(d *decoder, n *parse.Node, r *Rule) {
	t := &r.LandMix.Target
	d.Mapping(n, "target",
		parse.Need("industry", func(n *parse.Node) { t[0] = d.Fraction(n) }),
		parse.Need("residence", func(n *parse.Node) { t[1] = d.Fraction(n) }),
		parse.Need("public", func(n *parse.Node) { t[2] = d.Fraction(n) }))
}
