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
	subject, err := noded(g)
	if err != nil {
		return nil, fmt.Errorf("overlay: read polygon: %w", err)
	}
	pieces := make([]Piece, 0, len(s.shares))
	for _, share := range s.shares {
		zone, err := p.nodedZone(share.Zone)
		if err != nil {
			return nil, fmt.Errorf("overlay: read zone %d: %w", share.Zone, err)
		}
		common, err := geom.Intersection(subject, zone)
		if err != nil {
			return nil, fmt.Errorf("overlay: intersect polygon with zone %d: %w", share.Zone, err)
		}
		if piece := outline(common); piece != nil {
			pieces = append(pieces, Piece{share.Zone, piece})
		}
	}
	return pieces, nil
}

// nodedZone is zone i as simplefeatures wants it, made when first asked for.
func (p *Partition) nodedZone(i int32) (geom.Geometry, error) {
	z := &p.noded[i]
	z.once.Do(func() { z.geom, z.err = noded(p.zones[i]) })
	return z.geom, z.err
}
