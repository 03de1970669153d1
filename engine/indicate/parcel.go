// Package indicate computes indicators: ratios of what a parcel carries to the
// land it has, and the catalogue of what an enterprise yields from land, energy,
// emissions and work, out of its accounts of a year. It takes numbers and gives
// numbers; which bound they are held to, and what follows, is for others.
package indicate

import (
	"math"
	"math/bits"

	"github.com/muscope-gis/muscope/engine/unit"
)

// ratio is part × scale ÷ land in whole numbers, rounded half away from zero; ok is
// false when the land is not positive or the figure beyond all measure.
func ratio(part int64, scale, land uint64) (v int64, ok bool) {
	size := uint64(part)
	if part < 0 {
		size = -size
	}
	hi, lo := bits.Mul64(size, scale)
	lo, carry := bits.Add64(lo, land/2, 0)
	if hi += carry; hi >= land { // no land, or no room for the quotient
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, land)
	if q > maxMillionths {
		return 0, false
	}
	if part < 0 {
		return -int64(q), true
	}
	return int64(q), true
}

// share is part ÷ land in millionths.
func share(part, land unit.Area) (millionths int64, ok bool) {
	if land <= 0 {
		return 0, false
	}
	return ratio(int64(part), 1e6, uint64(land))
}

// PlotRatio is 容积率: floor area in m², as counted for the plot ratio (a storey over
// 8 m counts twice), ÷ land, in millionths; no figure without both.
func PlotRatio(floor float64, have bool, land unit.Area) (millionths int64, ok bool) {
	part, known := unit.SquareMetres(floor)
	if !have || !known {
		return 0, false
	}
	return share(part, land)
}

// BuildingCoverage is 建筑系数: (buildings + structures + open yards) ÷ land, in
// millionths, of areas in m². It is not building density, which leaves the yards
// out. Without the buildings' ground there is no figure; without a yard there are
// no yards.
func BuildingCoverage(footprint float64, haveFootprint bool, yard float64, haveYard bool, land unit.Area) (millionths int64, ok bool) {
	if !haveYard {
		yard = 0
	}
	built, knownBuilt := unit.SquareMetres(footprint)
	open, knownOpen := unit.SquareMetres(yard)
	if !haveFootprint || !knownBuilt || !knownOpen || built > unit.MaxArea/2 || open > unit.MaxArea/2 {
		return 0, false
	}
	return share(built+open, land)
}

// maxFen is the largest sum a figure is taken of: 90 thousand 亿元 in fen.
const maxFen = 9e14

// InvestmentPerMu is 投资强度: fixed-asset investment in 万元, land price included, ÷
// land, in millionths of 万元/亩 (fen per mu). The sum is taken to the fen.
func InvestmentPerMu(wanYuan float64, have bool, land unit.Area) (millionths int64, ok bool) {
	fen := math.Round(wanYuan * 1e6)
	if !have || land <= 0 || !(math.Abs(fen) <= maxFen) {
		return 0, false
	}
	// fen over an area × 3 ÷ 2e7 mu.
	return ratio(int64(fen), 20_000_000, 3*uint64(land))
}

// PerMu is a sum of money in fen ÷ land in 1e-4 m², as 万元/亩; NaN without positive
// land or without a sum.
func PerMu(fen, land float64) float64 { return perMu.Value(fen, land) }

var perMu = Indicator{Mul: 20, Div: 3}
