package join_test

import (
	"math"
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/unit"
)

var missing = math.NaN()

func TestAFigureFallsOnParcelsByPositiveNetArea(t *testing.T) {
	r, p := town(t, 3, 4, nil)
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 300, "", ""),
		tenancy(t, "E0", "P1", "owned", 100, "", ""),
		tenancy(t, "E0", "P2", "leased_out", 100, "", ""), // not positive: takes nothing
		tenancy(t, "E1", "P1", "leased_in", 50, "", ""),
		tenancy(t, "E1", "R0", "owned", 150, "", "")), p, r, 2024, false) // three quarters fall on no used parcel
	sum, why := l.ToParcels([]float64{800, 40, 7}, 4)
	same(t, "sums", sum, []float64{600, 210, missing, missing})
	same(t, "why", why, []join.Why{join.Known, join.Known, join.NoOccupant, join.NoOccupant})
}

func TestZeroIsZeroAndNoRowIsMissing(t *testing.T) {
	r, p := town(t, 3, 3, nil)
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 10, "", ""),
		tenancy(t, "E0", "P1", "owned", 10, "", ""),
		tenancy(t, "E1", "P1", "leased_in", 5, "", ""),
		tenancy(t, "E2", "P2", "leased_in", 5, "", "")), p, r, 2024, false)
	sum, why := l.ToParcels([]float64{0, missing, -3}, 3)
	same(t, "sums", sum, []float64{0, missing, -3})
	same(t, "why", why, []join.Why{join.Known, join.FigureMissing, join.Known})
	same(t, "in a word", why[1], "occupant_figure_missing")
}

func TestAParcelWithAStrangerHasNoSum(t *testing.T) {
	r, p := town(t, 1, 3, map[int]string{1: "E9"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 10, "", ""), tenancy(t, "E9", "P0", "leased_in", 10, "", ""),
		tenancy(t, "E0", "P1", "leased_in", 10, "", ""), tenancy(t, "E0", "P2", "owned", 20, "", "")), p, r, 2024, false)
	sum, why := l.ToParcels([]float64{100}, 3)
	same(t, "sums", sum, []float64{missing, missing, 50})
	same(t, "why", why, []join.Why{join.Stranger, join.Stranger, join.Known})
	_, why = l.ToParcels([]float64{missing}, 3)
	same(t, "a missing figure is named first", why[0], join.FigureMissing)
}

func TestEnterprisesWithoutPositiveLandBringNothingAndHarmNothing(t *testing.T) {
	r, p := town(t, 3, 3, nil)
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "leased_in", 10, "", ""),
		tenancy(t, "E1", "P0", "owned", 100, "", ""), // net 0 in all
		tenancy(t, "E1", "P1", "owned", 100, "", ""),
		tenancy(t, "E1", "P2", "leased_out", 200, "", "")), p, r, 2024, false)
	for _, ofTheSecond := range []float64{500, missing} {
		sum, why := l.ToParcels([]float64{70, ofTheSecond, missing}, 3)
		same(t, "sums", sum, []float64{70, missing, missing})
		same(t, "why", why, []join.Why{join.Known, join.LandNotPositive, join.NoOccupant})
	}
}

// borders is three parcels of 1000 m²: the first in zone 0, the second half in it and
// a quarter in zone 1, the third in none.
func borders(parcel int32) ([]int32, []unit.Area, unit.Area) {
	switch parcel {
	case 0:
		return []int32{0}, []unit.Area{metres(1000)}, metres(1000)
	case 1:
		return []int32{0, 1}, []unit.Area{metres(500), metres(250)}, metres(1000)
	}
	return nil, nil, metres(1000)
}

func TestAFigureFallsOnZonesByTheShareOfEachParcel(t *testing.T) {
	r, p := town(t, 4, 3, nil)
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 300, "", ""),
		tenancy(t, "E0", "P1", "owned", 100, "", ""),
		tenancy(t, "E1", "P1", "owned", 600, "", ""), // without the figure
		tenancy(t, "E2", "P0", "leased_out", 9, "", ""),
		tenancy(t, "E3", "P2", "owned", 10, "", ""),
		tenancy(t, "E3", "R0", "owned", 30, "", "")), p, r, 2024, false)
	z := l.ToZones([]float64{800, missing, 5, 100}, 3, 2, borders)
	same(t, "sums", z.Sum, []float64{600 + 100, 50, 50 + 25})
	same(t, "land", z.Land, []float64{3_500_000, 250_000, 350_000})
	same(t, "unapportioned", z.Unapportioned, []float64{0, 0, 5, 75})
	same(t, "of enterprises without land, on rejected parcels", []float64{z.NoLand, z.OnRejected}, []float64{5, 75})
}

func TestRoundedPiecesOfAParcelAddUpToItsNetLand(t *testing.T) {
	r, p := town(t, 1, 1, nil)
	l := join.LandOn(tenanciesOf(t, r, p, tenancy(t, "E0", "P0", "owned", 0.0004, "", "")), p, r, 2024, false)
	for _, c := range []struct {
		pieces []unit.Area
		want   []float64
	}{
		{[]unit.Area{metres(1000) / 3, metres(1000) / 3, metres(1000) - 2*(metres(1000)/3)}, []float64{1, 2, 1, 0}},
		{[]unit.Area{metres(500), metres(500), 1}, []float64{2, 2, 0, 0}}, // a hair too much is cut off
		{[]unit.Area{metres(125), metres(125), metres(125)}, []float64{1, 0, 1, 2}},
	} {
		z := l.ToZones([]float64{1}, 1, 3, func(int32) ([]int32, []unit.Area, unit.Area) {
			return []int32{0, 1, 2}, c.pieces, metres(1000)
		})
		same(t, "land", z.Land, c.want)
	}
}

func TestZonesTakeNoMoreOfAParcelThanThereIs(t *testing.T) {
	r, p := town(t, 1, 1, nil)
	l := join.LandOn(tenanciesOf(t, r, p, tenancy(t, "E0", "P0", "owned", 100, "", "")), p, r, 2024, false)
	for _, c := range []struct {
		official  unit.Area
		sum, land []float64
	}{
		{metres(1000), []float64{60, 40, 0}, []float64{600_000, 400_000, 0}},
		{0, []float64{0, 0, 100}, []float64{0, 0, 1_000_000}}, // of no size: outside
	} {
		z := l.ToZones([]float64{100}, 1, 2, func(int32) ([]int32, []unit.Area, unit.Area) {
			return []int32{0, 1}, []unit.Area{metres(600), metres(600)}, c.official
		})
		same(t, "sums", z.Sum, c.sum)
		same(t, "land", z.Land, c.land)
	}
}

func TestInvestmentIsSplitOverTheParcelsOccupants(t *testing.T) {
	r, p := town(t, 5, 4, map[int]string{3: "E4"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 300, "", ""),
		tenancy(t, "E0", "P1", "owned", 200, "", ""),
		tenancy(t, "E1", "P0", "leased_in", 100, "", ""),
		tenancy(t, "E1", "P1", "leased_out", 100, "", ""),
		tenancy(t, "E2", "P1", "leased_in", 100, "", ""),
		tenancy(t, "E2", "P2", "leased_in", 100, "", ""), // without investment
		tenancy(t, "E3", "P0", "leased_in", 0.5, "", ""),
		tenancy(t, "E3", "R1", "owned", 5, "", ""), // rejected: nothing is known of its investment
		tenancy(t, "E9", "P1", "leased_in", 100, "", "")), p, r, 2024, false)
	fen := []float64{4005, 800, missing, 77}
	got := join.Investment(l, p, func(parcel int32) (float64, bool) {
		return fen[parcel], !math.IsNaN(fen[parcel])
	})
	same(t, "investment", got, []float64{3000 + 400, 1000, missing, missing, 77})
}

func TestAnEnterpriseIsUnderConstructionSinceItsFirstSupply(t *testing.T) {
	r, p := town(t, 6, 6, map[int]string{0: "E0", 1: "E0", 2: "E1", 3: "E2", 4: "E3"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P5", "leased_out", 10, "", ""), // not its land
		tenancy(t, "E3", "R0", "owned", 10, "", ""),      // of which nothing is known
		tenancy(t, "E4", "P5", "leased_in", 10, "", "")), p, r, 2024, false)
	d := func(s string) unit.Date { return day(t, s) }
	none := join.NoDate
	got := join.UnderConstruction(l, p, join.Supply{
		Delivered: []unit.Date{d("2023-05-01"), none, d("2022-01-01"), none, d("2022-01-01"), d("2021-01-01")},
		Signed:    []unit.Date{d("2020-01-01"), d("2022-07-01"), none, none, none, none},
		Finished:  []unit.Date{none, d("2025-01-01"), d("2024-12-31"), none, none, none},
	}, 2024)
	same(t, "since", got, []unit.Date{d("2022-07-01"), none, none, none, d("2021-01-01"), none})
}
