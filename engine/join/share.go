package join

import (
	"math"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Why says why a parcel's sum of a figure is missing.
type Why uint8

// The reasons; where several hold, the one that comes last here.
const (
	Known           Why = iota // it is not missing
	NoOccupant                 // nobody has positive net land on it
	LandNotPositive            // only such as have no positive land in all
	Stranger                   // one who is not in the register has
	FigureMissing              // an occupant has no figure
)

var whyNames = [...]string{"", "no_occupant", "land_not_positive", "occupant_not_registered", "occupant_figure_missing"}

// String is the reason in one word; empty for Known.
func (w Why) String() string { return whyNames[w] }

// part is what falls on a use of an enterprise's figure: by its net area ÷ all the
// positive net areas of the enterprise. ok is false where the use or the
// enterprise's land in all is not positive.
func (l *Land) part(u *Use, figure float64) (part float64, ok bool) {
	if u.Net <= 0 || l.Net[u.Enterprise] <= 0 {
		return 0, false
	}
	return figure * float64(u.Net) / l.positive[u.Enterprise], true
}

// ToParcels brings a figure of enterprises (an entry for each, NaN where missing) onto
// the used parcels: of each the sum of its occupants' parts, or NaN and why. An
// occupant has positive net land on the parcel and in all. parcels is the number of
// used ones.
func (l *Land) ToParcels(figure []float64, parcels int) (sum []float64, why []Why) {
	sum, why = make([]float64, parcels), make([]Why, parcels)
	for i := range why {
		why[i] = NoOccupant
	}
	occupied := make([]bool, parcels)
	for i := range l.Uses {
		u := &l.Uses[i]
		if u.Net <= 0 || int(u.Parcel) >= parcels {
			continue
		}
		part, ok := l.part(u, figure[u.Enterprise])
		switch {
		case !ok:
			why[u.Parcel] = max(why[u.Parcel], LandNotPositive)
			continue
		case math.IsNaN(part):
			why[u.Parcel] = FigureMissing
		}
		occupied[u.Parcel] = true
		sum[u.Parcel] += part
	}
	for i := range why {
		switch {
		case why[i] == FigureMissing:
		case l.Stranger[i]:
			why[i] = Stranger
		case occupied[i]:
			why[i] = Known
		}
		if why[i] != Known {
			sum[i] = math.NaN()
		}
	}
	return sum, why
}

// ZoneSums are a figure's sums in zones; the last entry is what lies outside all of
// them. All of them and what is unapportioned add up to the figure's sum.
type ZoneSums struct {
	Sum  []float64
	Land []float64 // net land on it of occupants that have the figure, in 1e-4 m²
	// Unapportioned is what falls on no used parcel, of each enterprise: all of its
	// figure where its land is not positive, else what falls on rejected parcels.
	Unapportioned []float64
	NoLand        float64 // of enterprises whose land is not positive
	OnRejected    float64 // on rejected parcels
}

// ToZones brings a figure of enterprises onto zones, parcels that a border cuts by the
// share of their official area in each: shares gives a used parcel's zones, the area
// in each, and its official area; what no zone takes is outside. parcels is the number
// of used ones.
func (l *Land) ToZones(figure []float64, parcels, zones int, shares func(parcel int32) (zone []int32, area []unit.Area, official unit.Area)) *ZoneSums {
	z := &ZoneSums{Sum: make([]float64, zones+1), Land: make([]float64, zones+1), Unapportioned: make([]float64, len(l.Net))}
	land := make([]sum, zones+1)
	for i, v := range figure {
		if !math.IsNaN(v) && l.Net[i] <= 0 {
			z.Unapportioned[i] = v
			z.NoLand += v
		}
	}
	for i := range l.Uses {
		u := &l.Uses[i]
		part, ok := l.part(u, figure[u.Enterprise])
		if !ok || math.IsNaN(part) {
			continue
		}
		if int(u.Parcel) >= parcels {
			z.Unapportioned[u.Enterprise] += part
			z.OnRejected += part
			continue
		}
		in, area, official := shares(u.Parcel)
		if official <= 0 { // no parcel of its own size: all of it is outside
			in, official = nil, 1
		}
		var so, before unit.Area // of the parcel so far, and of the use
		for k := 0; k <= len(in); k++ {
			zone, piece := int32(zones), official-so
			if k < len(in) {
				zone, piece = in[k], min(area[k], official-so)
			}
			if piece <= 0 {
				continue
			}
			so += piece
			after := u.Net.Scale(so, official)
			land[zone].add(after - before)
			z.Sum[zone] += part * float64(piece) / float64(official)
			before = after
		}
	}
	for i, s := range land {
		z.Land[i] = float64(s.area())
	}
	return z
}
