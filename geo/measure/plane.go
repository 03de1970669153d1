package measure

import (
	"math"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// point is a place in degrees.
type point struct{ x, y float64 }

// apart is the distance of an edge's box from another box.
func (p *plane) apart(e *segment, b wkb.Box) float64 {
	lo, hi := e.y1, e.y2
	if lo > hi {
		lo, hi = hi, lo
	}
	dx, dy := 0.0, 0.0
	if d := b.MinX - e.x2; d > 0 {
		dx = d * p.kx
	} else if d := e.x1 - b.MaxX; d > 0 {
		dx = d * p.kx
	}
	if d := b.MinY - hi; d > 0 {
		dy = d * p.ky
	} else if d := lo - b.MaxY; d > 0 {
		dy = d * p.ky
	}
	return math.Sqrt(dx*dx + dy*dy)
}

// between is the distance of two edges, and their closest points.
func (p *plane) between(a, b *segment) (metres float64, onA, onB point) {
	ax1, ay1 := (a.x1-p.x0)*p.kx, (a.y1-p.y0)*p.ky
	ax2, ay2 := (a.x2-p.x0)*p.kx, (a.y2-p.y0)*p.ky
	bx1, by1 := (b.x1-p.x0)*p.kx, (b.y1-p.y0)*p.ky
	bx2, by2 := (b.x2-p.x0)*p.kx, (b.y2-p.y0)*p.ky
	if cross(ax1, ay1, ax2, ay2, bx1, by1)*cross(ax1, ay1, ax2, ay2, bx2, by2) < 0 &&
		cross(bx1, by1, bx2, by2, ax1, ay1)*cross(bx1, by1, bx2, by2, ax2, ay2) < 0 {
		return 0, onA, onB
	}
	best := math.Inf(1)
	try := func(d2 float64, pa, pb point) {
		if d2 < best {
			best, onA, onB = d2, pa, pb
		}
	}
	d, t := toSegment(ax1, ay1, bx1, by1, bx2, by2)
	try(d, point{a.x1, a.y1}, b.at(t))
	d, t = toSegment(ax2, ay2, bx1, by1, bx2, by2)
	try(d, point{a.x2, a.y2}, b.at(t))
	d, t = toSegment(bx1, by1, ax1, ay1, ax2, ay2)
	try(d, a.at(t), point{b.x1, b.y1})
	d, t = toSegment(bx2, by2, ax1, ay1, ax2, ay2)
	try(d, a.at(t), point{b.x2, b.y2})
	return math.Sqrt(best), onA, onB
}

func cross(ax, ay, bx, by, px, py float64) float64 { return (bx-ax)*(py-ay) - (by-ay)*(px-ax) }

// toSegment is the squared distance of a point from an edge, and how far along
// the edge the closest point is.
func toSegment(px, py, x1, y1, x2, y2 float64) (d2, t float64) {
	dx, dy := x2-x1, y2-y1
	if l2 := dx*dx + dy*dy; l2 > 0 {
		t = ((px-x1)*dx + (py-y1)*dy) / l2
		if !(t > 0) {
			t = 0
		} else if t > 1 {
			t = 1
		}
	}
	ex, ey := px-x1-t*dx, py-y1-t*dy
	if t == 1 {
		ex, ey = px-x2, py-y2
	}
	return ex*ex + ey*ey, t
}

// at is the point a share t along the edge.
func (e *segment) at(t float64) point {
	if t == 1 {
		return point{e.x2, e.y2}
	}
	return point{e.x1 + t*(e.x2-e.x1), e.y1 + t*(e.y2-e.y1)}
}
