package overlay

import (
	"fmt"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Piece is what a polygon and a zone have in common.
type Piece struct {
	Zone     int32
	Geometry *wkb.Geometry // a Polygon or MultiPolygon
}

// Pieces returns the polygonal part of g ∩ zone for every zone in which g has
// more than [Noise] m², zones ascending. When g lies wholly in a zone the
// piece's geometry is g itself, the same pointer. The error names the zone; g
// is the caller's to name.
func (p *Partition) Pieces(g *wkb.Geometry, s *Clip) ([]Piece, error) {
	if g == nil {
		return nil, nil
	}
	whole := measure.Ellipsoidal(g)
	s.shares = p.Shares(g, whole, s, s.shares[:0])
	if len(s.shares) == 0 {
		return nil, nil
	}
	if len(s.shares) == 1 && s.shares[0].Area == whole {
		return []Piece{{s.shares[0].Zone, g}}, nil
	}
	pieces := make([]Piece, 0, len(s.shares))
	traced := s.trace.begin(g)
	for _, share := range s.shares {
		var piece *wkb.Geometry
		if traced {
			piece = s.trace.cut(p.walls(share.Zone), share.Area)
		}
		if piece == nil {
			var err error
			if piece, err = p.intersect(g, share.Zone); err != nil {
				return nil, err
			}
		}
		if piece != nil {
			pieces = append(pieces, Piece{share.Zone, piece})
		}
	}
	return pieces, nil
}

// intersect is the way that always works: the zone as a whole is noded.
func (p *Partition) intersect(g *wkb.Geometry, zone int32) (*wkb.Geometry, error) {
	a, err := noded(g)
	if err != nil {
		return nil, fmt.Errorf("overlay: read polygon: %w", err)
	}
	b, err := p.nodedZone(zone)
	if err != nil {
		return nil, fmt.Errorf("overlay: read zone %d: %w", zone, err)
	}
	common, err := geom.Intersection(a, b)
	if err != nil {
		return nil, fmt.Errorf("overlay: intersect polygon with zone %d: %w", zone, err)
	}
	return outline(common), nil
}

// walls are zone i's, made when first asked for.
func (p *Partition) walls(i int32) *walls {
	z := &p.noded[i]
	z.walked.Do(func() { z.walls.read(p.zones[i]) })
	return &z.walls
}

// nodedZone is zone i as simplefeatures wants it, made when first asked for.
func (p *Partition) nodedZone(i int32) (geom.Geometry, error) {
	z := &p.noded[i]
	z.once.Do(func() { z.geom, z.err = noded(p.zones[i]) })
	return z.geom, z.err
}
