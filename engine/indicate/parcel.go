// Package indicate computes indicators: ratios of what a parcel carries to the
// land it has. It takes numbers and gives numbers; which bound they are held to,
// and what follows, is for others.
package indicate

import (
	"math"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Ratio is part ÷ land, in millionths of unit/m² or of one, rounded half away from
// zero; ok is false when the part is missing or the land is not positive.
func ratio(part float64, have bool, land float64) (millionths int64, ok bool) {
	if !have || !(land > 0) {
		return 0, false
	}
	v := math.Round(part / land * 1e6)
	if !(math.Abs(v) < 1e15) {
		return 0, false
	}
	return int64(v), true
}

// PlotRatio is 容积率: floor area as counted for the plot ratio (a storey over 8 m
// counts twice) ÷ land, in millionths.
func PlotRatio(floor float64, have bool, land unit.Area) (millionths int64, ok bool) {
	return ratio(floor, have, land.SquareMetres())
}

// BuildingCoverage is 建筑系数: (buildings + structures + open yards) ÷ land, in
// millionths. It is not building density, which leaves the yards out. Without the
// buildings' ground there is no figure; without a yard there are no yards.
func BuildingCoverage(footprint float64, haveFootprint bool, yard float64, haveYard bool, land unit.Area) (millionths int64, ok bool) {
	if !haveYard {
		yard = 0
	}
	return ratio(footprint+yard, haveFootprint, land.SquareMetres())
}

// InvestmentPerMu is 投资强度: fixed-asset investment, land price included, ÷ land,
// in 1e-4 万元/亩 (yuan per mu).
func InvestmentPerMu(wanYuan float64, have bool, land unit.Area) (tenThousandths int64, ok bool) {
	v, ok := ratio(wanYuan/100, have, land.Mu())
	return v, ok
}
