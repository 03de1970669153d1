package overlay

import "github.com/muscope-gis/muscope/geo/wkb"

// Most pairs whose boxes meet are neighbours along a border. What follows spares
// many of them the measuring.

// mostPoints is how many points a shell may have to be tried.
const mostPoints = 64

// parted says that two polygons have no ground in common, when an edge of one's
// shell shows it: that shell lies on one side of the edge's line, the other's on
// the other. Sides are rounded to some 1e-16 of the polygons' extent, which over
// their length is square micrometres of ground, far below [LeastOverlap]. box is
// what their boxes have in common.
func parted(p, q *wkb.Geometry, boxP, boxQ, box wkb.Box) bool {
	if p.NumParts() != 1 || q.NumParts() != 1 || boxP.Contains(boxQ) || boxQ.Contains(boxP) {
		return false
	}
	a, b := p.Ring(0), q.Ring(0)
	if len(a) > 2*mostPoints || len(b) > 2*mostPoints {
		return false
	}
	return partedBy(a, b, boxP, boxQ, box) || partedBy(b, a, boxQ, boxP, box)
}

// partedBy tries the edges of the ring own that reach into the box.
func partedBy(own, other []float64, boxOwn, boxOther, box wkb.Box) bool {
	if len(own) < 4 {
		return false
	}
	x1, y1 := own[0], own[1]
	for i := 2; i+1 < len(own); i += 2 {
		e := edge{x1, y1, own[i] - x1, own[i+1] - y1}
		x2, y2 := own[i], own[i+1]
		if !(max(x1, x2) < box.MinX || min(x1, x2) > box.MaxX || max(y1, y2) < box.MinY || min(y1, y2) > box.MaxY) {
			if e.mayPart(boxOwn, boxOther) {
				if s := e.side(other); s != 0 && e.side(own) == -s {
					return true
				}
			}
		}
		x1, y1 = x2, y2
	}
	return false
}

// edge begins at x, y.
type edge struct{ x, y, dx, dy float64 }

// left is positive for a point left of the edge's line, negative right of it. It
// is measured from the edge's beginning, so that it is exactly 0 at both ends.
func (e *edge) left(x, y float64) float64 {
	a, b := e.dx*(y-e.y), e.dy*(x-e.x) // apart: not to be fused
	return a - b
}

// mayPart is false when the line cannot have polygons with the two boxes on
// different sides. A polygon reaches all four sides of its box, so at most one
// corner may lie beyond the line.
func (e *edge) mayPart(own, other wkb.Box) bool {
	l, r := e.corners(own)
	m, s := e.corners(other)
	return l <= 1 && s <= 1 || r <= 1 && m <= 1
}

// corners counts a box's corners left and right of the line.
func (e *edge) corners(b wkb.Box) (left, right int) {
	for _, v := range [4]float64{e.left(b.MinX, b.MinY), e.left(b.MaxX, b.MinY), e.left(b.MaxX, b.MaxY), e.left(b.MinX, b.MaxY)} {
		if v > 0 {
			left++
		} else if v < 0 {
			right++
		}
	}
	return left, right
}

// side is the side of the line on which all of a ring lies, or on the line: 1
// left, −1 right, 0 when there is none.
func (e *edge) side(ring []float64) int {
	left, right := false, false
	for i := 2; i+1 < len(ring); i += 2 {
		if v := e.left(ring[i], ring[i+1]); v > 0 {
			left = true
		} else if v < 0 {
			right = true
		}
		if left && right {
			return 0
		}
	}
	switch {
	case left:
		return 1
	case right:
		return -1
	}
	return 0
}
