package measure

import "math"

// FrameReach is how far from its latitude, in degrees, a [Frame] holds.
const FrameReach = 0.5

// Frame is the authalic integral q as a polynomial about one latitude. It makes
// areas of small rings cheap: no trigonometry per edge. A Frame is a value
// without pointers; copying it is fine, and any number of goroutines may use it.
type Frame struct {
	lat float64
	// m² per degree of longitude and degreeⁿ of latitude, of δⁿ, n = 1 … 5. The
	// constant term is absent: it adds to nothing around a closed ring.
	c1, c2, c3, c4, c5 float64
}

// NewFrame returns the frame about a latitude in degrees.
func NewFrame(lat float64) Frame {
	var c [6]float64
	scale := degree
	for n := 1; n <= 5; n++ {
		scale *= degree / float64(n)
		for k, a := range sines {
			w := float64(2*k + 1)
			// The n-th derivative of sin(wφ) is wⁿ·sin(wφ + nπ/2).
			s, co := math.Sincos(w * lat * degree)
			c[n] += a * math.Pow(w, float64(n)) * [4]float64{s, co, -s, -co}[n%4]
		}
		c[n] *= scale
	}
	return Frame{lat: lat, c1: c[1], c2: c[2], c3: c[3], c4: c[4], c5: c[5]}
}

// Ring is the signed area in m², positive counter-clockwise, of the ring x0, y0,
// x1, y1 … in degrees with edges straight in lon/lat. The closing point may be
// there or not; fewer than three points give 0. Within 0.25° of the frame's
// latitude the relative error is below 1e-11, within [FrameReach] below 2e-11;
// beyond, it grows with the fifth power.
//
// All is done relative to the first point, so the rounding is that of the
// ring's size, not of its place.
func (f *Frame) Ring(xy []float64) float64 {
	if len(xy) < 6 {
		return 0
	}
	area, reach := f.low(xy)
	if reach <= lowReach {
		return area
	}
	return f.full(xy)
}

// lowReach is how far from its first point, in degrees of latitude, a ring may
// reach for three terms to be enough: the fourth adds under 1e-11.
const lowReach = 0.02

// low is the area by three terms, and how far the ring reaches from its first
// point in latitude.
func (f *Frame) low(xy []float64) (area, reach float64) {
	x0, y0 := xy[0], xy[1]
	c1, c2, c3, _, _ := f.about(y0)
	// For the sum s and the difference t of the ends' latitudes.
	k1, k2, k3, j2, j3 := c1/2, c2/4, c3/8, c2/12, c3/8
	x1, y1 := 0.0, 0.0
	for i := 3; i < len(xy); i += 2 {
		x2, y2 := xy[i-1]-x0, xy[i]-y0
		s, t := y1+y2, y2-y1
		area += (x1 - x2) * (s*(k1+s*(k2+s*k3)) + t*t*(j2+s*j3))
		if far := math.Abs(y2); far > reach {
			reach = far
		}
		x1, y1 = x2, y2
	}
	// The last edge leads back to the first point, which is the origin.
	area += x1 * (y1*(k1+y1*(k2+y1*k3)) + y1*y1*(j2+y1*j3))
	return area, reach
}

// full is the area by all five terms.
func (f *Frame) full(xy []float64) float64 {
	x0, y0 := xy[0], xy[1]
	c1, c2, c3, c4, c5 := f.about(y0)
	area, x1, y1 := 0.0, 0.0, 0.0
	for i := 3; i <= len(xy)+1; i += 2 {
		x2, y2 := 0.0, 0.0 // after the last point, the first again
		if i < len(xy) {
			x2, y2 = xy[i-1]-x0, xy[i]-y0
		}
		m, h := (y1+y2)/2, (y2-y1)/2
		d := h * h
		// The mean of δⁿ over m±h, n = 1 … 5, summed.
		area += (x1 - x2) * (m*(c1+m*(c2+m*(c3+m*(c4+m*c5)))) +
			d*(c2/3+m*(c3+m*(2*c4+m*(10./3*c5)))+d*(c4/5+m*c5)))
		x1, y1 = x2, y2
	}
	return area
}

// about moves the polynomial's origin to latitude y.
func (f *Frame) about(y float64) (c1, c2, c3, c4, c5 float64) {
	t := y - f.lat
	c5 = f.c5
	c4 = f.c4 + 5*t*c5
	c3 = f.c3 + t*(4*f.c4+t*10*c5)
	c2 = f.c2 + t*(3*f.c3+t*(6*f.c4+t*10*c5))
	c1 = f.c1 + t*(2*f.c2+t*(3*f.c3+t*(4*f.c4+t*5*c5)))
	return c1, c2, c3, c4, c5
}
