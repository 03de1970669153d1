package indicate

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/engine/unit"
)

// half rounds half away from zero.
func half(x *big.Rat) int64 {
	n := new(big.Int).Abs(x.Num())
	n.Lsh(n, 1).Add(n, x.Denom())
	n.Quo(n, new(big.Int).Lsh(x.Denom(), 1))
	if x.Sign() < 0 {
		n.Neg(n)
	}
	return n.Int64()
}

// decimal is the number people wrote down.
func decimal(v float64) *big.Rat {
	x, _ := new(big.Rat).SetString(fmt.Sprint(v))
	return x
}

// over is part × scale ÷ land m² of what people wrote down.
func over(part float64, scale int64, land unit.Area) int64 {
	x := decimal(part)
	x.Mul(x, big.NewRat(scale*10_000, 1))
	return half(x.Quo(x, big.NewRat(int64(land), 1)))
}

func TestFiguresAreThoseOfTheDecimalsRoundedHalfAwayFromZero(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		land := unit.Area(dice.Int64N(1_000_000)+10_000) * []unit.Area{1, 100, 10_000, 1_000_000}[dice.IntN(4)]
		a := float64(dice.Int64N(20_000_000)) / []float64{1, 100, 10_000}[dice.IntN(3)]
		b := float64(dice.Int64N(2_000_000)) / 100
		if got, ok := PlotRatio(a, true, land); !ok || got != over(a, 1e6, land) {
			t.Fatalf("plot ratio of %v m² on %d: %d (%t), want %d", a, land, got, ok, over(a, 1e6, land))
		}
		sum := decimal(a)
		sum.Add(sum, decimal(b)).Mul(sum, big.NewRat(1e10, int64(land)))
		if got, ok := BuildingCoverage(a, true, b, true, land); !ok || got != half(sum) {
			t.Fatalf("coverage of %v and %v m² on %d: %d (%t), want %d", a, b, land, got, ok, half(sum))
		}
		// 1e6 fen in 万元, 2000/3 m² in a mu.
		perMu := decimal(a)
		perMu.Mul(perMu, big.NewRat(1e6*1e4*2000, 3*int64(land)))
		if got, ok := InvestmentPerMu(a, true, land); ok != (half(perMu) <= 9e15) || ok && got != half(perMu) {
			t.Fatalf("%v 万元 on %d: %d fen per mu (%t), want %d", a, land, got, ok, half(perMu))
		}
	}
}

func TestFiguresOfPlainExamples(t *testing.T) {
	const mu = unit.Area(20_000_000) // 3 mu
	for _, c := range []struct {
		name string
		got  func() (int64, bool)
		want int64
	}{
		{"plot ratio 1.5", func() (int64, bool) { return PlotRatio(3000, true, mu) }, 1_500_000},
		{"plot ratio 1/3", func() (int64, bool) { return PlotRatio(1, true, 30_000) }, 333_333},
		{"a half goes up", func() (int64, bool) { return PlotRatio(0.15, true, 1_000_000_000) }, 2},
		{"a negative half goes down", func() (int64, bool) { return PlotRatio(-0.15, true, 1_000_000_000) }, -2},
		{"coverage without yards", func() (int64, bool) { return BuildingCoverage(500, true, 0, false, mu) }, 250_000},
		{"an unknown yard counts as none", func() (int64, bool) { return BuildingCoverage(500, true, 700, false, mu) }, 250_000},
		{"coverage with yards", func() (int64, bool) { return BuildingCoverage(500, true, 500, true, mu) }, 500_000},
		{"investment of 900 on 3 mu", func() (int64, bool) { return InvestmentPerMu(900, true, mu) }, 300_000_000},
		{"nothing built", func() (int64, bool) { return PlotRatio(0, true, mu) }, 0},
	} {
		if v, ok := c.got(); !ok || v != c.want {
			t.Errorf("%s: %d (%t), want %d", c.name, v, ok, c.want)
		}
	}
}

func TestNoFigureWithoutItsPartsOrLand(t *testing.T) {
	const land = unit.Area(10_000)
	for name, none := range map[string]func() (int64, bool){
		"no floor area":      func() (int64, bool) { return PlotRatio(1, false, land) },
		"no land":            func() (int64, bool) { return PlotRatio(1, true, 0) },
		"negative land":      func() (int64, bool) { return PlotRatio(1, true, -1) },
		"floor no number":    func() (int64, bool) { return PlotRatio(math.NaN(), true, land) },
		"endless floor":      func() (int64, bool) { return PlotRatio(math.Inf(1), true, land) },
		"too large a ratio":  func() (int64, bool) { return PlotRatio(4e14, true, 1) },
		"no footprint":       func() (int64, bool) { return BuildingCoverage(1, false, 1, true, land) },
		"yard no number":     func() (int64, bool) { return BuildingCoverage(1, true, math.NaN(), true, land) },
		"too large to add":   func() (int64, bool) { return BuildingCoverage(4e14, true, 4e14, true, land) },
		"coverage, no land":  func() (int64, bool) { return BuildingCoverage(1, true, 1, true, 0) },
		"no investment":      func() (int64, bool) { return InvestmentPerMu(1, false, land) },
		"endless investment": func() (int64, bool) { return InvestmentPerMu(math.Inf(-1), true, land) },
		"sum no number":      func() (int64, bool) { return InvestmentPerMu(math.NaN(), true, land) },
		"investment, no mu":  func() (int64, bool) { return InvestmentPerMu(1, true, 0) },
	} {
		if v, ok := none(); ok || v != 0 {
			t.Errorf("%s: %d (%t), want none", name, v, ok)
		}
	}
}
