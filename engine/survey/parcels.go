package survey

import (
	"math"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/overlay"
)

// Flag marks something about a parcel's geometry or place that people should see.
type Flag uint16

// The flags the survey gives.
const (
	AreaDiffers  Flag = 1 << iota // recorded and geometric area differ by more than the warning tolerance
	AreaError                     // … by more than the error tolerance
	ZoneDiffers                   // the declared zone is not the one the parcel lies in
	OutsideZones                  // the parcel lies in no zone
	Mended                        // the geometry was repaired
)

// Tolerance is how far recorded and geometric area may lie apart: by a share of
// the recorded area, in millionths, and by an area; only what exceeds both counts.
type Tolerance struct {
	Warning, Error int64
	Floor          unit.Area
}

// DefaultTolerance warns over 0.3 %, calls it an error over 1 %, never under 1 m².
var DefaultTolerance = Tolerance{Warning: 3_000, Error: 10_000, Floor: 10_000}

// A parcel belongs to a zone in which at least a thousandth of it lies and at
// least 1 m² of its official area: all that is counted of a parcel is.
const (
	leastShare = 1_000 // millionths
	leastArea  = unit.Area(10_000)
)

// Parcels are the facts of a batch of parcels, by row. Rows whose geometry was
// refused have no facts.
type Parcels struct {
	*Gate
	Official []unit.Area // 登记面积 (recorded area) when positive, else the geometric area
	Zone     []int32     // the zone with the largest share; -1: none
	Share    []int32     // of the parcel in that zone, in millionths
	Flags    []Flag
	first    []int32     // start of each row's shares; one longer than the rows
	zones    []int32     // zone of each share
	areas    []unit.Area // official area that falls on the zone
}

// Shares are the zones a parcel belongs to, ascending, and the official area that
// falls on each. What lies outside every zone is Official less their sum.
func (p *Parcels) Shares(row int) (zones []int32, areas []unit.Area) {
	from, to := p.first[row], p.first[row+1]
	return p.zones[from:to], p.areas[from:to]
}

// Surveyor surveys batches of parcels; it may be used from many goroutines.
type Surveyor struct {
	zones     *Zones
	tolerance Tolerance
	gauges    sync.Pool
}

// NewSurveyor makes a surveyor of parcels in the given zones.
func NewSurveyor(zones *Zones, t Tolerance) *Surveyor {
	return &Surveyor{zones: zones, tolerance: t, gauges: sync.Pool{New: func() any { return new(gauge) }}}
}

// Parcels surveys one batch.
func (s *Surveyor) Parcels(b table.Batch) *Parcels {
	t := s.gauges.Get().(*gauge)
	defer s.gauges.Put(t)
	n := b.Rows()
	p := &Parcels{
		Gate: newGate(n), Official: make([]unit.Area, n), Zone: make([]int32, n), Share: make([]int32, n),
		Flags: make([]Flag, n), first: make([]int32, n+1), zones: make([]int32, 0, n), areas: make([]unit.Area, 0, n),
	}
	recorded := b.Numbers("recorded_area", unit.SquareMetre)
	declared := b.Text("zone_code")
	for row := range n {
		p.Zone[row] = -1
		if g, whole := t.pass(b, row, p.Gate); g != nil {
			p.official(row, recorded, s.tolerance)
			t.share = s.zones.ground.Shares(g, whole, &t.clip, t.share[:0])
			p.shares(row, whole, t.share)
			p.place(row, declared, s.zones)
		}
		p.first[row+1] = int32(len(p.zones))
	}
	return p
}

func (p *Parcels) official(row int, recorded *array.Float64, t Tolerance) {
	drawn := p.Area[row]
	p.Official[row] = drawn
	if p.State[row] == Repaired {
		p.Flags[row] |= Mended
	}
	if recorded.IsNull(row) {
		return
	}
	legal, ok := unit.SquareMetres(recorded.Value(row))
	if !ok { // no area on earth: shown as an error, and not used
		p.Flags[row] |= AreaDiffers | AreaError
	}
	if !ok || legal <= 0 {
		return
	}
	p.Official[row] = legal
	apart := max(legal-drawn, drawn-legal)
	if apart <= t.Floor {
		return
	}
	if unit.CompareShare(apart, legal, t.Warning) > 0 {
		p.Flags[row] |= AreaDiffers
	}
	if unit.CompareShare(apart, legal, t.Error) > 0 {
		p.Flags[row] |= AreaError
	}
}

// shares keeps the zones in which enough of the parcel lies, and notes the one
// with the largest piece; of equal pieces the zone that comes first.
func (p *Parcels) shares(row int, drawn float64, found []overlay.Share) {
	whole, largest := p.Area[row], unit.Area(0)
	for _, one := range found {
		piece, _ := unit.SquareMetres(one.Area)
		piece = min(piece, whole)
		ground := p.Official[row].Scale(piece, whole)
		if ground < leastArea || unit.CompareShare(piece, whole, leastShare) < 0 {
			continue
		}
		p.zones = append(p.zones, one.Zone)
		p.areas = append(p.areas, ground)
		if piece > largest {
			largest = piece
			p.Zone[row], p.Share[row] = one.Zone, int32(math.Round(min(one.Area/drawn, 1)*1e6))
		}
	}
}

// place compares the zone found with the one declared.
func (p *Parcels) place(row int, declared *array.String, z *Zones) {
	if p.Zone[row] < 0 {
		p.Flags[row] |= OutsideZones
	}
	if declared.IsValid(row) && (p.Zone[row] < 0 || z.Number(declared.Value(row)) != p.Zone[row]) {
		p.Flags[row] |= ZoneDiffers
	}
}
