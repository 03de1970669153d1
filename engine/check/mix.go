package check

import (
	"math/big"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Pieces are pieces of land use within zones, in columns of equal length, in any
// order. A zone below 0, or not among the zones, is no zone.
type Pieces struct {
	Zone   []int32 // index into Zones
	Area   []unit.Area
	Strict []Class // class under the profile strict
	Wide   []Class // under wide, which counts utilities, roads and green as public
}

// Zones are the zones in columns of equal length, in the order of their codes.
type Zones struct {
	Area []unit.Area
	Kind []string // existing, new, expansion; empty is existing
}

// Verdict is whether a rule holds.
type Verdict uint8

// The verdicts of a check.
const (
	NotEvaluated Verdict = iota
	Pass
	Fail
)

// String is the verdict as tables write it.
func (v Verdict) String() string {
	switch v {
	case Pass:
		return "pass"
	case Fail:
		return "fail"
	}
	return "not_evaluated"
}

// MixRow is the land mix of a zone under one profile.
type MixRow struct {
	Zone    int32
	Profile string // strict or wide

	Industry, Residence, Public, Other, NonConstruction unit.Area
	// Unknown is ground under pieces without a class, Uncovered ground under none.
	Unknown, Uncovered unit.Area

	// Shares of industry, residence and public in the three together, their targets
	// (each target as the nearest float64), and the largest difference of the two,
	// to 1e-9. The shares and the difference count only when Evaluated.
	Shares, Target [3]float64
	MaxDeviation   float64
	Tolerance      float64
	Evaluated      bool // the three together have land

	Verdict Verdict
	// Reason says why there is no verdict (no_land_use, no_mix_land) or which class
	// without land fails the zone (no_industry, no_residence, no_public: the first).
	Reason string
	// Informational rows bind nobody: no rule was given, or none for the zone's kind.
	Informational bool
	// Deciding marks the row of the profile the rule names.
	Deciding bool
	// ToConvert is the land that would have to change its class to meet the target,
	// to the nearest 1e-4 m², halves up.
	ToConvert unit.Area
}

// Mix is the land mix of every zone under both profiles, by zone and then strict
// before wide. rule is the policy's; nil gives the figures against equal thirds
// and a tolerance of 0.05, strict deciding, for information only.
//
// The verdict is pass when no share is further than the tolerance from its target,
// both rounded to 1e-9 and the bound included, and each of the three has land.
func Mix(p Pieces, z Zones, rule *policy.LandMix) []MixRow {
	terms := policy.InformationalLandMix()
	if rule != nil {
		terms = *rule
	}
	strict, wide := sums(p.Zone, p.Area, p.Strict, len(z.Area)), sums(p.Zone, p.Area, p.Wide, len(z.Area))
	rows := make([]MixRow, 0, 2*len(z.Area))
	for i, area := range z.Area {
		informational := rule == nil || !rule.Applies(z.Kind[i])
		for _, in := range []struct {
			profile string
			sum     classSum
		}{{policy.ProfileStrict, strict[i]}, {policy.ProfileWide, wide[i]}} {
			r := mixOf(in.sum, area, &terms)
			r.Zone, r.Profile = int32(i), in.profile
			r.Informational, r.Deciding = informational, in.profile == terms.Profile
			rows = append(rows, r)
		}
	}
	return rows
}

// classSum is the ground of a zone by class.
type classSum [classes]unit.Area

func sums(zone []int32, area []unit.Area, class []Class, zones int) []classSum {
	s := make([]classSum, zones)
	for i, z := range zone {
		if z < 0 || int(z) >= zones || area[i] <= 0 {
			continue
		}
		c := class[i]
		if c >= classes {
			c = Unknown
		}
		s[z][c] += area[i]
	}
	return s
}

func mixOf(s classSum, zone unit.Area, rule *policy.LandMix) MixRow {
	r := MixRow{
		Industry: s[Industry], Residence: s[Residence], Public: s[Public], Other: s[Other],
		NonConstruction: s[NonConstruction], Unknown: s[Unknown], Tolerance: rule.Tolerance,
	}
	var covered unit.Area
	for _, a := range s {
		covered += a
	}
	r.Uncovered = max(0, zone-covered)
	for c, t := range rule.Target {
		r.Target[c] = t.Float64()
	}
	parts := [3]unit.Area{r.Industry, r.Residence, r.Public}
	total := parts[0] + parts[1] + parts[2]
	switch {
	case covered == 0:
		r.Reason = "no_land_use"
	case total == 0:
		r.Reason = "no_mix_land"
	default:
		r.judge(parts, total, rule)
	}
	return r
}

var missing = [3]string{"no_industry", "no_residence", "no_public"}

// judge compares the shares with their targets, in exact fractions.
func (r *MixRow) judge(parts [3]unit.Area, total unit.Area, rule *policy.LandMix) {
	r.Evaluated = true
	convert, worst := new(big.Rat), int64(0)
	for c, a := range parts {
		r.Shares[c] = float64(a) / float64(total)
		t := rule.Target[c]
		share := big.NewRat(int64(a), int64(total))
		off := share.Sub(share, big.NewRat(t.Num, t.Den))
		worst = max(worst, billionths(off))
		if off.Sign() > 0 {
			convert.Add(convert, off)
		}
		if a == 0 && r.Reason == "" {
			r.Reason = missing[c]
		}
	}
	r.MaxDeviation = float64(worst) / 1e9
	r.ToConvert = unit.Area(rounded(convert.Mul(convert, big.NewRat(int64(total), 1))))
	r.Verdict = Fail
	if r.Reason == "" && withinTolerance(r.MaxDeviation, rule.Tolerance) {
		r.Verdict = Pass
	}
}

// billionths is |x| in 1e-9, halves up.
func billionths(x *big.Rat) int64 {
	v := new(big.Rat).Abs(x)
	return rounded(v.Mul(v, big.NewRat(1e9, 1)))
}

// rounded is x ≥ 0 to the nearest integer, halves up.
func rounded(x *big.Rat) int64 {
	n := new(big.Int).Lsh(x.Num(), 1)
	n.Add(n, x.Denom())
	return n.Quo(n, new(big.Int).Lsh(x.Denom(), 1)).Int64()
}
