package unit_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/engine/unit"
)

// edges are areas at which integer arithmetic goes wrong if it does.
var edges = []unit.Area{
	0, 1, 2, 3, 666, 667, 999, 1000, 1001, 1999, 2000, 2001, 10_000, 1e6, 1e12, 1<<53 - 1, 1 << 53, 1<<53 + 1,
	unit.MaxArea - 1, unit.MaxArea, math.MaxInt64 - 1, math.MaxInt64,
}

// areas gives edges and random areas of every magnitude.
func areas(dice *rand.Rand, n int) []unit.Area {
	out := append([]unit.Area(nil), edges...)
	for range n {
		out = append(out, unit.Area(dice.Uint64()>>1>>dice.IntN(63)))
	}
	return out
}

// nearest is n ÷ d rounded to the nearest integer, halves up.
func nearest(n, d *big.Int) *big.Int {
	twice := new(big.Int).Add(new(big.Int).Lsh(n, 1), d)
	return twice.Div(twice, new(big.Int).Lsh(d, 1))
}

func TestMuInTenThousandthsAgreesWithExactArithmetic(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	for _, a := range areas(dice, 5000) {
		// 1 mu is 2000/3 m², so 1e-4 mu is 2000/3 areas of 1e-4 m².
		want := nearest(new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(3)), big.NewInt(2000))
		if got := a.MuTenThousandths(); want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%d: %d, want %s", a, got, want)
		}
		if got := (-a).MuTenThousandths(); got != -a.MuTenThousandths() {
			t.Fatalf("%d: %d is not the negative of %d: halves go away from zero", -a, got, a.MuTenThousandths())
		}
	}
}

func TestAMuIsTwoThousandThirdsOfASquareMetre(t *testing.T) {
	for _, c := range []struct {
		squareMetres float64
		mu           int64 // in 1e-4
	}{
		{10_000, 150_000}, // a hectare is 15 mu
		{1_000_000, 15_000_000},
		{2000, 30_000},
		{666.6667, 10_000},
		{666.6333, 9_999}, // 0.99995 less a little
		{666.6334, 10_000},
		{0.0333, 0},
		{0.0334, 1},
	} {
		a, ok := unit.SquareMetres(c.squareMetres)
		if !ok || a.MuTenThousandths() != c.mu {
			t.Errorf("%v m²: %d, want %d in 1e-4 mu", c.squareMetres, a.MuTenThousandths(), c.mu)
		}
	}
}

func TestMuIsTheNearestFloatForAnyAreaOnEarthsLand(t *testing.T) {
	dice := rand.New(rand.NewPCG(2, 1))
	const land = 2.2e15 // 220 000 km², of which three times is exact
	for range 5000 {
		a := unit.Area(dice.Int64N(land))
		want, _ := new(big.Rat).SetFrac64(int64(a)*3, 20_000_000).Float64()
		if got := a.Mu(); got != want {
			t.Fatalf("%d: %v mu, want %v", a, got, want)
		}
	}
}

func TestScaleIsExactAndNeverOverflows(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 1))
	some := areas(dice, 300)
	for range 20_000 {
		a, part, whole := some[dice.IntN(len(some))], some[dice.IntN(len(some))], some[dice.IntN(len(some))]
		want := big.NewInt(0)
		switch {
		case whole == 0 || part == 0:
		case part >= whole:
			want.SetInt64(int64(a))
		default:
			want = nearest(new(big.Int).Mul(big.NewInt(int64(a)), big.NewInt(int64(part))), big.NewInt(int64(whole)))
		}
		if got := a.Scale(part, whole); want.Cmp(big.NewInt(int64(got))) != 0 {
			t.Fatalf("%d × %d ÷ %d = %d, want %s", a, part, whole, got, want)
		}
	}
}

func TestScaleOfNothingOrByNothingIsNothing(t *testing.T) {
	for _, c := range []struct{ a, part, whole unit.Area }{
		{-5, 1, 2}, {5, -1, 2}, {5, 1, -2}, {5, 1, 0}, {0, 1, 2}, {5, 0, 2},
	} {
		if got := c.a.Scale(c.part, c.whole); got != 0 {
			t.Errorf("%d × %d ÷ %d = %d, want 0", c.a, c.part, c.whole, got)
		}
	}
	if got := unit.Area(7).Scale(3, 2); got != 7 {
		t.Errorf("a part larger than the whole gives %d, want all of it", got)
	}
}

func TestCompareShareAgreesWithExactFractions(t *testing.T) {
	dice := rand.New(rand.NewPCG(4, 1))
	some := areas(dice, 300)
	bounds := []int64{0, 1, 1000, 3000, 10_000, 333_333, 333_334, 500_000, 999_999, 1_000_000, 1_005_000}
	for range 20_000 {
		part, whole := some[dice.IntN(len(some))], some[dice.IntN(len(some))]
		bound := bounds[dice.IntN(len(bounds))]
		if dice.IntN(3) == 0 { // close to equal
			part = whole.Scale(unit.Area(bound), 1_000_000) + unit.Area(dice.IntN(3)-1)
		}
		a := new(big.Int).Mul(big.NewInt(max(int64(part), 0)), big.NewInt(1_000_000))
		b := new(big.Int).Mul(big.NewInt(int64(whole)), big.NewInt(bound))
		if got, want := unit.CompareShare(part, whole, bound), a.Cmp(b); got != want {
			t.Fatalf("%d ÷ %d against %d millionths: %d, want %d", part, whole, bound, got, want)
		}
	}
}

func TestSquareMetresRoundToFourDecimalsAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want unit.Area
	}{
		{0, 0}, {1, 10_000}, {12350, 123_500_000}, {0.00004, 0}, {0.00005, 1}, {-0.00005, -1}, {2.00015, 20_002}, {1e-300, 0},
	} {
		got, ok := unit.SquareMetres(c.v)
		if !ok || got != c.want {
			t.Errorf("%v m²: %d %t, want %d", c.v, got, ok, c.want)
		}
		if back := got.SquareMetres(); math.Abs(back-c.v) > 0.5001e-4 {
			t.Errorf("%v m² comes back as %v", c.v, back)
		}
	}
}

func TestWhatIsNoAreaIsRefused(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, 5.1e14} {
		if a, ok := unit.SquareMetres(v); ok || a != 0 {
			t.Errorf("%v m² passes as %d", v, a)
		}
	}
	if a, ok := unit.SquareMetres(5e14); !ok || a != unit.MaxArea {
		t.Errorf("500 million km² is %d %t, want the largest area", a, ok)
	}
}
