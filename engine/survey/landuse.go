package survey

import (
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/overlay"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Piece is ground of one land-use polygon in one zone.
type Piece struct {
	Feature, Zone int32 // positions
	Area          unit.Area
	WKB           []byte
}

// Pieces are what land use and zones make of each other: sorted by feature and
// zone, disjoint, so that areas may be added. Ground under two polygons is the
// first one's.
type Pieces struct {
	Pieces   []Piece
	Overlaps []Overlap // between features; of ground that lies in some zone or near one
}

// LandUse cuts land-use polygons to the zones. shapes[i] is the valid WKB of
// feature i; features are in ascending order of their ids.
func LandUse(shapes [][]byte, zones *Zones, workers int) (*Pieces, error) {
	near, polygons, err := nearby(shapes, zones.extent, workers)
	if err != nil {
		return nil, err
	}
	cut, overlaps, err := overlay.Disjoint(polygons, workers)
	if err != nil {
		return nil, fmt.Errorf("survey land_use: cut overlaps away: %w", err)
	}
	out := &Pieces{}
	for _, o := range overlaps {
		area, _ := unit.SquareMetres(o.Area)
		out.Overlaps = append(out.Overlaps, Overlap{near[o.First], near[o.Second], area})
	}
	chunks := make([][]Piece, (len(cut)+chunk-1)/chunk)
	err = inChunks(len(cut), workers, func() func(int) error {
		var clip overlay.Clip
		return func(i int) (err error) {
			whole := shapes[near[i]]
			if cut[i] != polygons[i] {
				whole = nil // what is left of it is not what was read
			}
			chunks[i/chunk], err = pieces(chunks[i/chunk], near[i], cut[i], whole, zones, &clip)
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	for _, c := range chunks {
		out.Pieces = append(out.Pieces, c...)
	}
	return out, nil
}

// nearby parses the shapes that may lie in a zone.
func nearby(shapes [][]byte, extent wkb.Box, workers int) (near []int32, polygons []*wkb.Geometry, err error) {
	parsed := make([]*wkb.Geometry, len(shapes))
	err = inChunks(len(shapes), workers, func() func(int) error {
		var g wkb.Geometry
		return func(i int) error {
			if err := g.Parse(shapes[i]); err != nil {
				return fmt.Errorf("survey land_use: feature %d: %w", i+1, err)
			}
			if g.Bounds().Intersects(extent) {
				parsed[i] = g.Clone()
			}
			return nil
		}
	})
	for i, g := range parsed {
		if g != nil {
			near, polygons = append(near, int32(i)), append(polygons, g)
		}
	}
	return near, polygons, err
}

// chunk is how many features a goroutine takes at a time.
const chunk = 512

// inChunks calls do for 0 … n−1, a chunk at a time to a goroutine; each goroutine
// has its own do.
func inChunks(n, workers int, newDo func() func(i int) error) error {
	var next atomic.Int64
	var group errgroup.Group
	for range max(1, workers) {
		group.Go(func() error {
			do := newDo()
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= n {
					return nil
				}
				for i := from; i < min(n, from+chunk); i++ {
					if err := do(i); err != nil {
						return err
					}
				}
			}
		})
	}
	return group.Wait()
}

// pieces appends the pieces of one polygon. raw is its WKB when the polygon is
// still as it was read.
func pieces(dst []Piece, feature int32, g *wkb.Geometry, raw []byte, zones *Zones, clip *overlay.Clip) ([]Piece, error) {
	if g == nil {
		return dst, nil
	}
	found, err := zones.ground.Pieces(g, clip)
	if err != nil {
		return dst, fmt.Errorf("survey land_use: feature %d: cut to zones: %w", feature+1, err)
	}
	for _, p := range found {
		area, _ := unit.SquareMetres(measure.Ellipsoidal(p.Geometry))
		if area <= 0 {
			continue
		}
		shape := raw
		if p.Geometry != g || raw == nil {
			shape = p.Geometry.Append(nil)
		}
		dst = append(dst, Piece{feature, p.Zone, area, shape})
	}
	return dst, nil
}
