package appraise

import (
	"math"

	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/score"
)

// drawn is how much of a table the layers of the run show: of the plan its pieces in
// zones, of the industries the parcels that enterprises work on, of the economy the
// figures on parcels and of zones. A table that no layer shows counts as one where the
// dataset has it.
func (f *Found) drawn(table string, series map[string]*score.Series) int {
	switch table {
	case "zones":
		return len(f.Zones.Codes)
	case "parcels":
		return len(f.Parcels.Order)
	case "land_use":
		return len(f.LandUse.Pieces.Pieces)
	case "control_lines":
		return f.ControlLines.Rows().Len()
	case "enterprises", "tenancies":
		return f.worked()
	case "output", "tax":
		return f.figured()
	case "zone_indicators":
		n := 0
		for _, s := range series {
			for place := range s.Values {
				if s.Reported && place.Zone >= 0 && place.Year == f.Year {
					n++
				}
			}
		}
		return n
	}
	return 1
}

// worked is how many parcels enterprises work on.
func (f *Found) worked() (n int) {
	if f.Occupant == nil {
		return 0
	}
	for i := range f.Parcels.Order {
		if len(f.Occupant(i)) > 0 {
			n++
		}
	}
	return n
}

// figured is how many parcels have a figure of those that work on them.
func (f *Found) figured() (n int) {
	for i := range f.Parcels.Order {
		for _, q := range []indicate.Quantity{indicate.Tax, indicate.Sales, indicate.Output} {
			if of := f.Sums[q]; of != nil && !math.IsNaN(of[i]) {
				n++
				break
			}
		}
	}
	return n
}
