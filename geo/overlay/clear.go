package overlay

import "github.com/muscope-gis/muscope/geo/wkb"

// Most pairs whose boxes meet are neighbours along a border. What follows spares
// them the measuring.

// mostPoints is how many points a shell may have to be tried.
const mostPoints = 64

// isApart says that two polygons have no ground in common, when that is easy to
// see: an edge of one's shell has that shell on one side of its line and the
// other's on the other, or one lies in a hole. box is what their boxes have in
// common. Sides are rounded to some 1e-16 of the polygons' extent, which is
// micrometres² of ground, far below [LeastOverlap]; false may always be said.
func isApart(p, q *wkb.Geometry, boxP, boxQ, box wkb.Box) bool {
	if p.NumParts() != 1 || q.NumParts() != 1 {
		return false
	}
	shellP, shellQ := p.Ring(0), q.Ring(0)
	if len(shellP) > 2*mostPoints || len(shellQ) > 2*mostPoints {
		return false
	}
	return parted(shellP, shellQ, box) || parted(shellQ, shellP, box) ||
		boxP.Contains(boxQ) && inHole(shellQ, p) || boxQ.Contains(boxP) && inHole(shellP, q)
}

// parted says whether the line of one of ring's edges that reach into the box has
// the ring on one side and other on the other.
func parted(ring, other []float64, box wkb.Box) bool {
	for i := 0; i+3 < len(ring); i += 2 {
		x1, y1, x2, y2 := ring[i], ring[i+1], ring[i+2], ring[i+3]
		if max(x1, x2) < box.MinX || min(x1, x2) > box.MaxX || max(y1, y2) < box.MinY || min(y1, y2) > box.MaxY {
			continue
		}
		if s := sideOf(other, x1, y1, x2, y2); s != 0 && s == -sideOf(ring, x1, y1, x2, y2) {
			return true
		}
	}
	return false
}

// inHole says whether a ring lies in a hole of g, on the same side of all the
// hole's edges: then it runs round all of the ring.
func inHole(ring []float64, g *wkb.Geometry) bool {
	for h := 1; h < g.NumRings(); h++ {
		hole, side := g.Ring(h), 0
		for i := 0; i+3 < len(hole); i += 2 {
			s := sideOf(ring, hole[i], hole[i+1], hole[i+2], hole[i+3])
			if s == 0 || s == -side {
				side = 0
				break
			}
			side = s
		}
		if side != 0 {
			return true
		}
	}
	return false
}

// sideOf is the side of the line through two points on which all of a ring lies,
// or on the line: 1 left, −1 right, 0 when it lies on both or nowhere else.
// Measured from the first of the points, so that a vertex at either is on the line
// exactly.
func sideOf(ring []float64, x1, y1, x2, y2 float64) int {
	dx, dy := x2-x1, y2-y1
	left, right := false, false
	for i := 2; i+1 < len(ring); i += 2 {
		a, b := dx*(ring[i+1]-y1), dy*(ring[i]-x1) // apart: not to be fused
		if a > b {
			left = true
		} else if a < b {
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
