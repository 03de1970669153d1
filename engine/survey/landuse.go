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
	near, polygons, err := nearby(shapes, zones.extent)
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
	const chunk = 512
	chunks := make([][]Piece, (len(cut)+chunk-1)/chunk)
	var next atomic.Int64
	var group errgroup.Group
	for range max(1, workers) {
		group.Go(func() error {
			var clip overlay.Clip
			for {
				c := int(next.Add(1) - 1)
				if c >= len(chunks) {
					return nil
				}
				for i := c * chunk; i < min(len(cut), (c+1)*chunk); i++ {
					whole := shapes[near[i]]
					if cut[i] != polygons[i] {
						whole = nil // what is left of it is not what was read
					}
					var err error
					if chunks[c], err = pieces(chunks[c], near[i], cut[i], whole, zones, &clip); err != nil {
						return err
					}
				}
			}
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, c := range chunks {
		out.Pieces = append(out.Pieces, c...)
	}
	return out, nil
}

// nearby parses the shapes that may lie in a zone.
func nearby(shapes [][]byte, extent wkb.Box) (near []int32, polygons []*wkb.Geometry, err error) {
	var g wkb.Geometry
	for i, raw := range shapes {
		if err := g.Parse(raw); err != nil {
			return nil, nil, fmt.Errorf("survey land_use: feature %d: %w", i+1, err)
		}
		if g.Bounds().Intersects(extent) {
			near = append(near, int32(i))
			polygons = append(polygons, g.Clone())
		}
	}
	return near, polygons, nil
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
