package crs

import (
	"math"
	"slices"
)

// An edge may leave the straight line between its ends, in degrees, by 1 mm. It is
// measured at its quarters; between them it can be 9.4 % farther off (a parabola with
// an S in it), and maxBend leaves room for that.
const (
	maxBend  = 0.9e-3    // metres
	maxEarth = 6_400_000 // metres, no less than the Earth's radii of curvature

	// An edge this short bends by less than half a millimetre below 60° of latitude:
	// length² / 8 times a curvature of at most 1.1 tan 60° / a, and E / a² for the
	// zone, E being 2200 km.
	shortEdge    = 100.0 // metres
	shortEdgeLat = 60.0  // degrees

	maxHalvings = 24
)

// vertex is a point in both systems.
type vertex struct{ x, y, lon, lat float64 }

// Densified appends to dst, as degrees of longitude and latitude, a ring or line of
// the system (x, y, x, y …), and returns it. An edge that is straight in the
// projection and would leave the straight line in degrees by more than 1 mm is halved
// first, its halves likewise, so the result is true to 1 mm. A vertex gives the same
// bits as with [System.ToLonLat], and an edge the same vertices whichever way it runs:
// neighbours stay neighbours. dst must not overlap ring. Errors are those of
// [System.ToLonLat]; dst is then returned as it came.
func (s System) Densified(ring, dst []float64) ([]float64, error) {
	p, err := s.plane(ring)
	if err != nil {
		return dst, err
	}
	dst = slices.Grow(dst, len(ring))
	d := densifier{plane: p, out: dst}
	var last vertex
	for i := 0; i+1 < len(ring); i += 2 {
		v, ok := d.at(ring[i], ring[i+1])
		if !ok {
			return dst, s.outside(i, ring)
		}
		if i > 0 && p.projected() {
			d.edge(last, v, maxHalvings)
		}
		d.out = append(d.out, v.lon, v.lat)
		last = v
	}
	return d.out, nil
}

type densifier struct {
	plane
	out []float64
}

// at is a vertex in both systems.
func (d *densifier) at(x, y float64) (vertex, bool) {
	lon, lat, ok := d.lonLat(x, y)
	return vertex{x, y, lon, lat}, ok
}

// between is the vertex halfway, the same from either end. Where both ends lie in
// the projection so does it: what a projection takes is a box.
func (d *densifier) between(a, b vertex) vertex {
	v, _ := d.at((a.x+b.x)/2, (a.y+b.y)/2)
	return v
}

// edge appends the vertices that the edge needs between its ends.
func (d *densifier) edge(a, b vertex, halvings int) {
	if short(a, b) || halvings == 0 {
		return
	}
	half := d.between(a, b)
	if !d.bends(a, half, b) {
		return
	}
	d.edge(a, half, halvings-1)
	d.out = append(d.out, half.lon, half.lat)
	d.edge(half, b, halvings-1)
}

func short(a, b vertex) bool {
	dx, dy := b.x-a.x, b.y-a.y
	return dx*dx+dy*dy <= shortEdge*shortEdge && math.Abs(a.lat) <= shortEdgeLat && math.Abs(b.lat) <= shortEdgeLat
}

// bends looks at the edge from the end that comes first by x and y, so that rounding
// decides alike in both directions.
func (d *densifier) bends(a, half, b vertex) bool {
	if b.x < a.x || b.x == a.x && b.y < a.y {
		a, b = b, a
	}
	return off(a, b, half) || off(a, b, d.between(a, half)) || off(a, b, d.between(half, b))
}

// off says whether v is more than maxBend away from the straight line in degrees
// through a and b.
func off(a, b, v vertex) bool {
	cos := math.Cos(v.lat * degree)
	dx, dy := (b.lon-a.lon)*cos, b.lat-a.lat
	ex, ey := (v.lon-a.lon)*cos, v.lat-a.lat
	across := math.Abs(dx*ey-dy*ex) * degree * maxEarth
	return across > maxBend*math.Hypot(dx, dy)
}
