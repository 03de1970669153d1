package overlay

import (
	"cmp"
	"slices"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// A polygon is the signed sum of the regions below its sides: those with the
// polygon beneath them count +1, those with the polygon above −1. Two polygons'
// common ground is then the sum, over pairs of sides that share longitudes, of
// the region below the lower of both: no clipping, no intersection topology.

// side is one side of a polygon that is not vertical, from x1 to x2 > x1, in
// degrees from some origin: y = y1 + (x−x1)·slope.
type side struct{ x1, x2, y1, slope, sign float64 }

func (a *side) at(x float64) float64 { return a.y1 + (x-a.x1)*a.slope }

// leastWidth keeps slopes finite; a narrower side has no area below it.
const leastWidth = 1e-200

func byX1(a, b side) int { return cmp.Compare(a.x1, b.x1) }

// sortSides orders sides by their left end, the order commonArea needs.
func sortSides(sides []side) {
	if len(sides) > 24 {
		slices.SortFunc(sides, byX1)
		return
	}
	for i := 1; i < len(sides); i++ {
		one, j := sides[i], i
		for ; j > 0 && sides[j-1].x1 > one.x1; j-- {
			sides[j] = sides[j-1]
		}
		sides[j] = one
	}
}

// band turns heights into areas near one latitude: the ground below the height
// y (degrees from lat) is c1·y + c2·y² + c3·y³ + c4·y⁴ m² per degree of
// longitude.
type band struct {
	lat, c1, c2, c3, c4 float64
	third2, fifth4      float64 // c2/3 and c4/5
}

// newBand fits a band to measure's areas of boxes within reach of lat: four
// heights, where Chebyshev would put them.
func newBand(lat, reach float64) band {
	inner, outer := reach*0.38268343236508977, reach*0.9238795325112867
	box := func(y float64) float64 {
		return measure.EllipsoidalRing([]float64{0, lat, 1, lat, 1, lat + y, 0, lat + y})
	}
	i1, i2, o1, o2 := box(inner), box(-inner), box(outer), box(-outer)
	// Odd and even terms apart: value ÷ (2a) is c1 + c3·a² or (c2 + c4·a²)·a.
	oddI, oddO := (i1-i2)/(2*inner), (o1-o2)/(2*outer)
	evenI, evenO := (i1+i2)/(2*inner*inner), (o1+o2)/(2*outer*outer)
	span := outer*outer - inner*inner
	c3, c4 := (oddO-oddI)/span, (evenO-evenI)/span
	c1, c2 := oddI-c3*inner*inner, evenI-c4*inner*inner
	return band{lat, c1, c2, c3, c4, c2 / 3, c4 / 5}
}

// under is the ground below a straight line that goes from y to z over a width.
func (b *band) under(width, y, z float64) float64 {
	m, h := (y+z)/2, (z-y)/2
	q := h * h
	return width * (m*(b.c1+m*(b.c2+m*(b.c3+m*b.c4))) +
		q*(b.third2+m*(b.c3+2*m*b.c4)+q*b.fifth4))
}

// ground is the area of the polygon that the sides bound.
func (b *band) ground(sides []side) float64 {
	sum := 0.0
	for i := range sides {
		a := &sides[i]
		w := a.x2 - a.x1
		sum += a.sign * b.under(w, a.y1, a.y1+w*a.slope)
	}
	return sum
}

// commonArea is the area of the ground two polygons have in common, each given
// by all its sides ordered by left end. Sides that lie below the other polygon
// altogether may be missing: they add nothing.
func (b *band) commonArea(p, q []side) float64 {
	sum := 0.0
	for len(p) > 0 && len(q) > 0 {
		if q[0].x1 < p[0].x1 {
			p, q = q, p
		}
		one := &p[0]
		for i := range q {
			if q[i].x1 >= one.x2 {
				break
			}
			sum += b.underBoth(one, &q[i])
		}
		p = p[1:]
	}
	return sum
}

// extent is the box of all sides, which are ordered by left end.
func extent(sides []side) wkb.Box {
	box := wkb.EmptyBox()
	for i := range sides {
		a := &sides[i]
		y2 := a.at(a.x2)
		box.MinX, box.MaxX = min(box.MinX, a.x1), max(box.MaxX, a.x2)
		box.MinY, box.MaxY = min(box.MinY, a.y1, y2), max(box.MaxY, a.y1, y2)
	}
	return box
}

// nearSides appends the sides that matter to a polygon within the box: neither
// beside nor below it, nor above all of it. How often the latter lie over the
// polygon's whole ground is returned.
func nearSides(dst, sides []side, box wkb.Box) (near []side, above float64) {
	for i := range sides {
		a := &sides[i]
		if a.x1 >= box.MaxX {
			break
		}
		if a.x2 <= box.MinX {
			continue
		}
		y2 := a.at(a.x2)
		switch {
		case max(a.y1, y2) <= box.MinY:
		case min(a.y1, y2) >= box.MaxY && a.x1 <= box.MinX && a.x2 >= box.MaxX:
			above += a.sign
		default:
			dst = append(dst, *a)
		}
	}
	return dst, above
}

// underBoth is the signed ground below both sides; q starts no further left.
func (b *band) underBoth(p, q *side) float64 {
	w := min(p.x2, q.x2) - q.x1
	p1, q1 := p.at(q.x1), q.y1
	p2, q2 := p1+w*p.slope, q1+w*q.slope
	d1, d2 := p1-q1, p2-q2
	sign := p.sign * q.sign
	if d1 <= 0 && d2 <= 0 {
		return sign * b.under(w, p1, p2)
	}
	if d1 >= 0 && d2 >= 0 {
		return sign * b.under(w, q1, q2)
	}
	t := d1 / (d1 - d2)
	k := q1 + t*(q2-q1)
	if d1 < 0 {
		return sign * (b.under(t*w, p1, k) + b.under((1-t)*w, k, q2))
	}
	return sign * (b.under(t*w, q1, k) + b.under((1-t)*w, k, p2))
}

// direction is the sign that makes a shell run counter-clockwise and a hole
// clockwise.
func direction(ring []float64, shell bool) float64 {
	if (measure.PlanarRing(ring) >= 0) == shell {
		return 1
	}
	return -1
}

// appendSides appends the sides of g that reach into the box, x from the box's
// left end and y from lat. Those below the box are left out.
func appendSides(dst []side, g *wkb.Geometry, box wkb.Box, lat float64) []side {
	for part := range g.NumParts() {
		from, to := g.Part(part)
		for r := from; r < to; r++ {
			if ring := g.Ring(r); len(ring) >= 6 {
				dst = appendRing(dst, ring, direction(ring, r == from), box, lat)
			}
		}
	}
	return dst
}

func appendRing(dst []side, ring []float64, sign float64, box wkb.Box, lat float64) []side {
	x1, y1 := ring[len(ring)-2], ring[len(ring)-1]
	for i := 0; i+1 < len(ring); i += 2 {
		x2, y2 := ring[i], ring[i+1]
		if min(x1, x2) < box.MaxX && max(x1, x2) > box.MinX && max(y1, y2) >= box.MinY {
			dst = appendSide(dst, x1-box.MinX, y1-lat, x2-box.MinX, y2-lat, sign)
		}
		x1, y1 = x2, y2
	}
	return dst
}

func appendSide(dst []side, x1, y1, x2, y2, sign float64) []side {
	if x1 > x2 {
		x1, y1, x2, y2 = x2, y2, x1, y1
	} else {
		sign = -sign
	}
	if w := x2 - x1; w > leastWidth {
		dst = append(dst, side{x1, x2, y1, (y2 - y1) / w, sign})
	}
	return dst
}
