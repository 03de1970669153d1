package measure

import (
	"math"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// frameStep is the spacing, in degrees, of the frames kept ready.
const frameStep = 0.5

var frames = standardFrames()

func standardFrames() (all [180/frameStep + 1]Frame) {
	for i := range all {
		all[i] = NewFrame(float64(i)*frameStep - 90)
	}
	return all
}

// EllipsoidalRing is the signed area in m², positive counter-clockwise, of a
// ring x0, y0, x1, y1 … in degrees. The closing point may be there or not; fewer
// than three points give 0. Rings near their first point take a polynomial,
// taller ones the trigonometric series; both are within 1e-9 of the exact
// integral or 1e-4 m².
func EllipsoidalRing(xy []float64) float64 {
	if len(xy) < 6 {
		return 0
	}
	y := xy[1]
	if !(y >= -90 && y <= 90) {
		return tallRing(xy)
	}
	f := &frames[int((y+90)/frameStep+0.5)]
	area, reach := f.low(xy)
	switch {
	case reach <= lowReach:
		return area
	case reach <= FrameReach-frameStep/2:
		return f.full(xy)
	}
	return tallRing(xy)
}

// Ellipsoidal is the area in m² of a polygon or multipolygon in degrees: the sum
// over its polygons of the shell less the holes, whichever way they run. Points
// and lines have none.
func Ellipsoidal(g *wkb.Geometry) float64 { return total(g, EllipsoidalRing) }

// PlanarRing is the signed shoelace area, positive counter-clockwise, in the
// square of the coordinates' unit. The closing point may be there or not.
func PlanarRing(xy []float64) float64 {
	if len(xy) < 6 {
		return 0
	}
	x0, y0 := xy[0], xy[1]
	sum, x1, y1 := 0.0, 0.0, 0.0
	for i := 3; i < len(xy); i += 2 {
		x2, y2 := xy[i-1]-x0, xy[i]-y0
		sum += x1*y2 - x2*y1
		x1, y1 = x2, y2
	}
	return sum / 2
}

// Planar is the shoelace area of a polygon or multipolygon, in square degrees
// when the coordinates are degrees: shells less holes, as [Ellipsoidal]. It is
// for comparing shares and telling left from right, never for display.
func Planar(g *wkb.Geometry) float64 { return total(g, PlanarRing) }

func total(g *wkb.Geometry, ring func([]float64) float64) float64 {
	if !g.Type.Areal() {
		return 0
	}
	sum := 0.0
	for p := range g.NumParts() {
		from, to := g.Part(p)
		for r := from; r < to; r++ {
			a := math.Abs(ring(g.Ring(r)))
			if r > from {
				a = -a
			}
			sum += a
		}
	}
	return sum
}
