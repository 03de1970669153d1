package check

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// zoneOf is one zone of a kind with a piece of each class, in strict order.
func zoneOf(kind string, area unit.Area, byClass map[Class]unit.Area) (Pieces, Zones) {
	var p Pieces
	for c := range classes {
		if a, ok := byClass[c]; ok {
			p.Zone, p.Area = append(p.Zone, 0), append(p.Area, a)
			p.Strict, p.Wide = append(p.Strict, c), append(p.Wide, c)
		}
	}
	return p, Zones{Area: []unit.Area{area}, Kind: []string{kind}}
}

// newParks is the rule of a pack: new zones and expansions, equal thirds.
func newParks() *policy.LandMix {
	rule := policy.InformationalLandMix()
	rule.Kinds = []string{"new", "expansion"}
	return &rule
}

func strictRow(t *testing.T, p Pieces, z Zones, rule *policy.LandMix) MixRow {
	t.Helper()
	rows := Mix(p, z, rule)
	if len(rows) != 2*len(z.Area) || rows[0].Profile != policy.ProfileStrict || rows[1].Profile != policy.ProfileWide {
		t.Fatalf("a zone gives a strict and a wide row, got %+v", rows)
	}
	return rows[0]
}

func TestTheVerdictOfAMix(t *testing.T) {
	for _, c := range []struct {
		name      string
		ind       unit.Area
		res       unit.Area
		pub       unit.Area
		verdict   Verdict
		reason    string
		deviation float64
		toConvert unit.Area
	}{
		{"equal thirds", 1000, 1000, 1000, Pass, "", 0, 0},
		{"thirds of what three does not divide", 334, 333, 333, Pass, "", 0.000666667, 1}, // 2/3 to convert
		// 23/60 - 1/3 = 0.05 exactly, 0.283333… - 1/3 = -0.05 exactly
		{"exactly at the tolerance above", 23_000_000, 20_000_000, 17_000_000, Pass, "", 0.05, 3_000_000},
		// 2 of 6e9 above: 0.05 + 3.3e-10, which is 0.05 to 1e-9
		{"above the tolerance by less than the rounding", 2_300_000_002, 1_999_999_998, 1_700_000_000, Pass, "", 0.05, 300_000_002},
		{"above the tolerance by 1e-9", 2_300_000_006, 1_999_999_994, 1_700_000_000, Fail, "", 0.050000001, 300_000_006},
		{"one class too large", 6000, 2000, 2000, Fail, "", 0.266666667, 2667},       // 2666.67
		{"two classes too large", 5000, 4000, 1000, Fail, "", 0.233333333, 2333},     // 1666.67 + 666.67
		{"a class with no land", 1000, 1000, 0, Fail, "no_public", 0.333333333, 667}, // 2 · (1000 - 2000/3) = 666.67
		{"two classes with no land", 1000, 0, 0, Fail, "no_residence", 0.666666667, 667},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, z := zoneOf("new", 0, map[Class]unit.Area{Industry: c.ind, Residence: c.res, Public: c.pub})
			r := strictRow(t, p, z, newParks())
			if r.Verdict != c.verdict || r.Reason != c.reason || r.MaxDeviation != c.deviation || r.ToConvert != c.toConvert {
				t.Errorf("got %v %q, deviation %v, %d to convert; want %v %q, %v, %d",
					r.Verdict, r.Reason, r.MaxDeviation, r.ToConvert, c.verdict, c.reason, c.deviation, c.toConvert)
			}
			if !r.Evaluated || r.Informational || !r.Deciding {
				t.Errorf("evaluated %v, informational %v, deciding %v", r.Evaluated, r.Informational, r.Deciding)
			}
		})
	}
}

func TestAZoneWithoutLandOfTheThreeIsNotEvaluated(t *testing.T) {
	p, z := zoneOf("new", 9000, map[Class]unit.Area{Other: 500, NonConstruction: 300, Unknown: 200})
	r := strictRow(t, p, z, newParks())
	if r.Verdict != NotEvaluated || r.Reason != "no_mix_land" || r.Evaluated || r.ToConvert != 0 || r.MaxDeviation != 0 {
		t.Errorf("got %+v", r)
	}
	if r.Other != 500 || r.NonConstruction != 300 || r.Unknown != 200 || r.Uncovered != 8000 {
		t.Errorf("the ground is not accounted for: %+v", r)
	}
	r = strictRow(t, Pieces{}, z, newParks())
	if r.Verdict != NotEvaluated || r.Reason != "no_land_use" || r.Uncovered != 9000 {
		t.Errorf("a zone without any piece: %+v", r)
	}
}

func TestAClassWithoutLandFailsWhateverTheTolerance(t *testing.T) {
	rule := newParks()
	rule.Tolerance = 1
	p, z := zoneOf("new", 0, map[Class]unit.Area{Industry: 500, Residence: 300})
	if r := strictRow(t, p, z, rule); r.Verdict != Fail || r.Reason != "no_public" {
		t.Errorf("got %v %q", r.Verdict, r.Reason)
	}
}

func TestTheRuleBindsOnlyTheKindsItNames(t *testing.T) {
	classes := map[Class]unit.Area{Industry: 600, Residence: 200, Public: 200}
	for kind, binds := range map[string]bool{"new": true, "expansion": true, "existing": false, "": false} {
		p, z := zoneOf(kind, 0, classes)
		r := strictRow(t, p, z, newParks())
		if r.Informational == binds {
			t.Errorf("kind %q: informational is %v", kind, r.Informational)
		}
		if r.Verdict != Fail || r.ToConvert != 267 {
			t.Errorf("kind %q: the figures are the same for all: %+v", kind, r)
		}
	}
	rule := newParks()
	rule.Kinds = []string{"existing"}
	p, z := zoneOf("", 0, classes)
	if strictRow(t, p, z, rule).Informational {
		t.Error("an empty kind is existing")
	}
	p, z = zoneOf("new", 0, classes)
	if r := strictRow(t, p, z, nil); !r.Informational || r.Tolerance != 0.05 || r.Verdict != Fail || !r.Deciding {
		t.Errorf("without a rule: %+v", r)
	}
}

func TestBothProfilesAreComputedAndTheRulesDecides(t *testing.T) {
	p := Pieces{
		Zone:   []int32{1, 1, 1, 0, -1, 7},
		Area:   []unit.Area{100, 100, 100, 5, 1000, 1000},
		Strict: []Class{Industry, Residence, Other, Industry, Public, Public},
		Wide:   []Class{Industry, Residence, Public, Industry, Public, Public},
	}
	z := Zones{Area: []unit.Area{5, 300}, Kind: []string{"new", "new"}}
	rule := newParks()
	rule.Profile = policy.ProfileWide
	rows := Mix(p, z, rule)
	if len(rows) != 4 {
		t.Fatalf("%d rows of two zones", len(rows))
	}
	for i, want := range []struct {
		zone     int32
		profile  string
		verdict  Verdict
		public   unit.Area
		deciding bool
	}{{0, policy.ProfileStrict, Fail, 0, false}, {0, policy.ProfileWide, Fail, 0, true}, {1, policy.ProfileStrict, Fail, 0, false}, {1, policy.ProfileWide, Pass, 100, true}} {
		r := rows[i]
		if r.Zone != want.zone || r.Profile != want.profile || r.Verdict != want.verdict || r.Public != want.public || r.Deciding != want.deciding {
			t.Errorf("row %d is %+v, want %+v", i, r, want)
		}
	}
	if rows[2].Other != 100 || rows[2].Uncovered != 0 {
		t.Errorf("strict: %+v", rows[2])
	}
}

func TestCoverBeyondTheZoneLeavesNothingUncovered(t *testing.T) {
	p, z := zoneOf("new", 90, map[Class]unit.Area{Industry: 100})
	if r := strictRow(t, p, z, nil); r.Uncovered != 0 {
		t.Errorf("uncovered %d", r.Uncovered)
	}
}

func TestOtherTargetsThanThirds(t *testing.T) {
	rule := newParks()
	rule.Target = [3]policy.Fraction{{Num: 1, Den: 2}, {Num: 3, Den: 10}, {Num: 1, Den: 5}}
	p, z := zoneOf("new", 0, map[Class]unit.Area{Industry: 500, Residence: 300, Public: 200})
	if r := strictRow(t, p, z, rule); r.Verdict != Pass || r.MaxDeviation != 0 || r.ToConvert != 0 || r.Target != [3]float64{.5, .3, .2} {
		t.Errorf("got %+v", r)
	}
}

func TestHugeAreasDoNotOverflow(t *testing.T) {
	const a = unit.MaxArea / 3
	p, z := zoneOf("new", 0, map[Class]unit.Area{Industry: a + 100, Residence: a, Public: a - 100})
	if r := strictRow(t, p, z, newParks()); r.Verdict != Pass || r.ToConvert != 100 {
		t.Errorf("got %+v", r)
	}
}

// somePieces makes pieces of all classes in a few zones.
func somePieces(r *rand.Rand, n, zones int) Pieces {
	var p Pieces
	for range n {
		p.Zone = append(p.Zone, int32(r.IntN(zones+1)-1))
		p.Area = append(p.Area, unit.Area(r.IntN(1_000_000)))
		strict := Class(r.IntN(int(classes)))
		p.Strict, p.Wide = append(p.Strict, strict), append(p.Wide, strict)
		if strict == Other && r.IntN(2) == 0 {
			p.Wide[len(p.Wide)-1] = Public
		}
	}
	return p
}

func TestSharesAddUpAndAreasAccountForTheZone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := somePieces(r, 30, 4)
		z := Zones{Area: []unit.Area{1e9, 1e9, 1e9, 1e9}, Kind: make([]string, 4)}
		for _, row := range Mix(p, z, nil) {
			sum := row.Shares[0] + row.Shares[1] + row.Shares[2]
			if row.Evaluated && math.Abs(sum-1) > 1e-15*3 {
				t.Fatalf("shares add to %v: %+v", sum, row)
			}
			all := row.Industry + row.Residence + row.Public + row.Other + row.NonConstruction + row.Unknown + row.Uncovered
			if all != 1e9 {
				t.Fatalf("the parts of a zone of 1e9 add to %d: %+v", all, row)
			}
		}
	}
}

func TestScalingAllAreasLeavesTheVerdict(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	passed := 0
	for range 2000 {
		near := func() unit.Area { return 1000 + unit.Area(r.IntN(300)) }
		small, z := zoneOf("new", 0, map[Class]unit.Area{Industry: near(), Residence: near(), Public: near()})
		large := small
		large.Area = append([]unit.Area(nil), small.Area...)
		k := unit.Area(2 + r.IntN(1e9))
		for i := range large.Area {
			large.Area[i] *= k
		}
		a, b := strictRow(t, small, z, newParks()), strictRow(t, large, z, newParks())
		if a.Verdict != b.Verdict || a.MaxDeviation != b.MaxDeviation {
			t.Fatalf("%v and %d times that differ: %+v, %+v", small.Area, k, a, b)
		}
		if a.Verdict == Pass {
			passed++
		}
	}
	if passed == 0 || passed == 2000 {
		t.Errorf("%d of 2000 passed: the test sees one verdict only", passed)
	}
}

func TestTheOrderOfThePiecesDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	p := somePieces(r, 500, 5)
	z := Zones{Area: make([]unit.Area, 5), Kind: []string{"new", "", "existing", "expansion", "new"}}
	want := Mix(p, z, newParks())
	space := make([]Space, len(p.Zone))
	for i := range space {
		space[i] = Space(p.Strict[i]) % spaces
	}
	wantSpaces := Spaces(p.Zone, p.Area, space, z.Area)
	r.Shuffle(len(p.Zone), func(i, j int) {
		p.Zone[i], p.Zone[j] = p.Zone[j], p.Zone[i]
		p.Area[i], p.Area[j] = p.Area[j], p.Area[i]
		p.Strict[i], p.Strict[j] = p.Strict[j], p.Strict[i]
		p.Wide[i], p.Wide[j] = p.Wide[j], p.Wide[i]
		space[i], space[j] = space[j], space[i]
	})
	if got := Mix(p, z, newParks()); !reflect.DeepEqual(got, want) {
		t.Error("shuffled pieces give another mix")
	}
	if got := Spaces(p.Zone, p.Area, space, z.Area); !reflect.DeepEqual(got, wantSpaces) {
		t.Error("shuffled pieces give other spaces")
	}
}

func FuzzMixNeverBreaks(f *testing.F) {
	f.Add(int64(1), int64(1), int64(1), int64(3), uint8(1), int32(0))
	f.Add(int64(-5), int64(5e17), int64(0), int64(-1), uint8(200), int32(-3))
	f.Fuzz(func(t *testing.T, a, b, c, zone int64, class uint8, at int32) {
		const most = int64(unit.MaxArea / 4)
		p := Pieces{
			Zone:   []int32{at, 0, 0},
			Area:   []unit.Area{unit.Area(a % most), unit.Area(b % most), unit.Area(c % most)},
			Strict: []Class{Class(class), Residence, Public}, Wide: []Class{Industry, Class(class), Public},
		}
		for _, r := range Mix(p, Zones{Area: []unit.Area{unit.Area(zone)}, Kind: []string{""}}, nil) {
			if r.ToConvert < 0 || r.MaxDeviation < 0 || r.MaxDeviation > 1 || r.Uncovered < 0 {
				t.Errorf("out of range: %+v", r)
			}
			if r.Evaluated == (r.Verdict == NotEvaluated) {
				t.Errorf("evaluated without a verdict, or the reverse: %+v", r)
			}
			if r.Evaluated && (r.ToConvert == 0) != (r.MaxDeviation == 0) && r.MaxDeviation > 1e-8 {
				t.Errorf("deviates with nothing to convert: %+v", r)
			}
		}
	})
}

func TestTheEvidenceOfARowWithoutAVerdictIsItsReason(t *testing.T) {
	p, z := zoneOf("existing", 0, map[Class]unit.Area{Other: 1})
	r := strictRow(t, p, z, newParks())
	if got, want := string(r.Evidence(nil)), "profile=strict; reason=no_mix_land; informational"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
