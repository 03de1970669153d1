package survey

import (
	"fmt"

	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/overlay"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Zones are the zones of a dataset made disjoint and prepared for overlay, in the
// order of their codes: ground in two zones is the one's whose code comes first.
type Zones struct {
	Codes    []string
	Area     []unit.Area // each zone's ground, without what is an earlier zone's
	Overlaps []Overlap
	ground   *overlay.Partition
	extent   wkb.Box
	number   map[string]int32
}

// Overlap is ground that two polygons of a layer both claim.
type Overlap struct {
	First, Second int32 // positions; the ground is First's
	Area          unit.Area
}

// NewZones prepares zones; codes must be in ascending order, and shapes[i] is the
// WKB of zone i, valid.
func NewZones(codes []string, shapes [][]byte, workers int) (*Zones, error) {
	polygons := make([]*wkb.Geometry, len(shapes))
	z := &Zones{Codes: codes, extent: wkb.EmptyBox(), number: make(map[string]int32, len(codes))}
	for i, raw := range shapes {
		polygons[i] = &wkb.Geometry{}
		if err := polygons[i].Parse(raw); err != nil {
			return nil, fmt.Errorf("survey zones/%s: %w", codes[i], err)
		}
		z.extent = z.extent.Extend(polygons[i].Bounds())
		z.number[codes[i]] = int32(i)
	}
	cut, overlaps, err := overlay.Disjoint(polygons, workers)
	if err != nil {
		return nil, fmt.Errorf("survey zones: cut overlaps away: %w", err)
	}
	for _, o := range overlaps {
		area, _ := unit.SquareMetres(o.Area)
		z.Overlaps = append(z.Overlaps, Overlap{o.First, o.Second, area})
	}
	z.Area = make([]unit.Area, len(cut))
	for i, g := range cut {
		if g == nil { // the zone lies under earlier ones
			cut[i] = &wkb.Geometry{Type: wkb.MultiPolygon}
			continue
		}
		z.Area[i], _ = unit.SquareMetres(measure.Ellipsoidal(g))
	}
	z.ground = overlay.NewPartition(cut)
	return z, nil
}

// Number is the position of a zone's code, or -1.
func (z *Zones) Number(code string) int32 {
	if n, ok := z.number[code]; ok {
		return n
	}
	return -1
}
