package qgis

import (
	"fmt"
	"math"

	"github.com/muscope-gis/muscope/geo/crs"
)

// Suited is the system a map of a place is drawn in, and the place's box in it: the
// 3-degree Gauss-Krüger (高斯—克吕格) zone of CGCS2000 about its middle in China, web
// Mercator elsewhere, in which QGIS measures on the ellipsoid all the same. The box
// is given in degrees.
func Suited(b Box) (System, Box) {
	zone := int(math.Round((b.MinX + b.MaxX) / 2 / 3))
	if b.MinX >= 73 && b.MaxX <= 136 && b.MinY >= 3 && b.MaxY <= 54 {
		// The systems without a zone number, from 75°E on, are EPSG:4534 and following.
		if s, err := crs.Find(fmt.Sprintf("EPSG:%d", 4534+zone-25)); err == nil {
			if plane, err := b.in(s); err == nil {
				return System{s.Code}, plane
			}
		}
	}
	b.MinY, b.MaxY = max(b.MinY, -85), min(b.MaxY, 85)
	plane, err := b.in(crs.WebMercator)
	if err != nil {
		return WGS84, b
	}
	return System{crs.WebMercator.Code}, plane
}

// in is the box of the box's edges in another system.
func (b Box) in(s crs.System) (Box, error) {
	middle := (b.MinX + b.MaxX) / 2
	xy := []float64{b.MinX, b.MinY, middle, b.MinY, b.MaxX, b.MinY, b.MinX, b.MaxY, middle, b.MaxY, b.MaxX, b.MaxY}
	if err := s.FromLonLat(xy); err != nil {
		return Box{}, err
	}
	out := Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i := 0; i < len(xy); i += 2 {
		out = out.Extend(Box{xy[i], xy[i+1], xy[i], xy[i+1]})
	}
	return out.rounded(), nil
}

// Extend is the box about both.
func (b Box) Extend(o Box) Box {
	return Box{min(b.MinX, o.MinX), min(b.MinY, o.MinY), max(b.MaxX, o.MaxX), max(b.MaxY, o.MaxY)}
}

// Widened is the box with a margin, as a share of its longer side.
func (b Box) Widened(share float64) Box {
	d := max(b.MaxX-b.MinX, b.MaxY-b.MinY) * share
	return Box{b.MinX - d, b.MinY - d, b.MaxX + d, b.MaxY + d}
}

// rounded is the box in whole metres: what a view needs, and the same on every
// machine.
func (b Box) rounded() Box {
	return Box{math.Floor(b.MinX), math.Floor(b.MinY), math.Ceil(b.MaxX), math.Ceil(b.MaxY)}
}
