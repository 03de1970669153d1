package overlay

import "github.com/muscope-gis/muscope/geo/wkb"

// walls are a zone's rings, run so that the zone lies to their left, with boxes
// over every few edges so that those near a polygon are found quickly.
type walls struct {
	xy     []float64 // all rings, the first point not repeated
	rings  []wallRing
	blocks []wallBlock
}

type wallRing struct {
	from, to int // points
	box      wkb.Box
}

// wallBlock covers the edges that begin at the points from … to−1.
type wallBlock struct {
	from, to, ring int
	box            wkb.Box
}

const wallLength = 12

func newWalls(g *wkb.Geometry) (w walls) {
	for part := range g.NumParts() {
		first, last := g.Part(part)
		for r := first; r < last; r++ {
			if ring := g.Ring(r); len(ring) >= 8 {
				w.add(ring, direction(ring, r == first))
			}
		}
	}
	return w
}

func (w *walls) add(ring []float64, sign float64) {
	r := wallRing{from: len(w.xy) / 2}
	w.xy = append(w.xy, ring...)
	if sign < 0 {
		reverse(w.xy[2*r.from:])
	}
	w.xy = w.xy[:len(w.xy)-2]
	r.to = len(w.xy) / 2
	r.box = wkb.EmptyBox()
	for from := r.from; from < r.to; from += wallLength {
		b := wallBlock{from: from, to: min(from+wallLength, r.to), ring: len(w.rings), box: wkb.EmptyBox()}
		for i := from; i < b.to; i++ {
			b.box = b.box.Extend(edgeBox(w.xy, i, r.next(i)))
		}
		r.box = r.box.Extend(b.box)
		w.blocks = append(w.blocks, b)
	}
	w.rings = append(w.rings, r)
}

// next is the point after i along the ring.
func (r *wallRing) next(i int) int {
	if i++; i == r.to {
		return r.from
	}
	return i
}

func edgeBox(xy []float64, i, j int) wkb.Box {
	x1, y1, x2, y2 := xy[2*i], xy[2*i+1], xy[2*j], xy[2*j+1]
	return wkb.Box{MinX: min(x1, x2), MinY: min(y1, y2), MaxX: max(x1, x2), MaxY: max(y1, y2)}
}
