package overlay

import "github.com/muscope-gis/muscope/geo/wkb"

// walls are a polygon's rings, run so that the polygon lies to their left, with
// boxes over every few edges so that those near another polygon are found
// quickly.
type walls struct {
	g      *wkb.Geometry
	xy     []float64 // all rings, the first point not repeated
	rings  []wallRing
	blocks []wallBlock
	touch  []float64 // where two rings meet, x0, y0, x1, y1 …
}

type wallRing struct {
	from, to int // points
	shell    bool
	box      wkb.Box
}

// wallBlock covers the edges that begin at the points from … to−1.
type wallBlock struct {
	from, to, ring int
	box            wkb.Box
}

const wallLength = 12

// read takes a polygon in, in the room of the one before.
func (w *walls) read(g *wkb.Geometry) {
	w.g, w.xy, w.rings, w.blocks, w.touch = g, w.xy[:0], w.rings[:0], w.blocks[:0], w.touch[:0]
	for part := range g.NumParts() {
		first, last := g.Part(part)
		for r := first; r < last; r++ {
			if ring := g.Ring(r); len(ring) >= 8 {
				w.add(ring, r == first)
			}
		}
	}
	w.findTouch()
}

func (w *walls) add(ring []float64, shell bool) {
	r := wallRing{from: len(w.xy) / 2, shell: shell}
	w.xy = append(w.xy, ring...)
	if direction(ring, shell) < 0 {
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

// findTouch finds the points where two rings meet: one of the rings has a vertex
// there.
func (w *walls) findTouch() {
	if len(w.rings) < 2 {
		return
	}
	for i := range w.blocks {
		a := &w.blocks[i]
		for k := range w.blocks {
			if b := &w.blocks[k]; a.ring != b.ring && a.box.Intersects(b.box) {
				w.touchOf(a, b)
			}
		}
	}
}

// touchOf adds the vertices of a block on the edges of another.
func (w *walls) touchOf(a, b *wallBlock) {
	for v := a.from; v < a.to; v++ {
		x, y := w.xy[2*v], w.xy[2*v+1]
		if !b.box.Intersects(wkb.Box{MinX: x, MinY: y, MaxX: x, MaxY: y}) {
			continue
		}
		for e := b.from; e < b.to; e++ {
			f := w.rings[b.ring].next(e)
			x1, y1, x2, y2 := w.xy[2*e], w.xy[2*e+1], w.xy[2*f], w.xy[2*f+1]
			if min(x1, x2) <= x && x <= max(x1, x2) && min(y1, y2) <= y && y <= max(y1, y2) && turn(x1, y1, x2, y2, x, y) == 0 {
				w.touch = append(w.touch, x, y)
			}
		}
	}
}

// touchIn says whether two rings meet in the box.
func (w *walls) touchIn(box wkb.Box) bool {
	for i := 0; i < len(w.touch); i += 2 {
		if x, y := w.touch[i], w.touch[i+1]; box.MinX <= x && x <= box.MaxX && box.MinY <= y && y <= box.MaxY {
			return true
		}
	}
	return false
}

// holds says whether a point that is on no ring lies in the polygon.
func (w *walls) holds(x, y float64) bool {
	in := false
	for r := range w.g.NumRings() {
		if inside, _ := locate(x, y, w.g.Ring(r)); inside {
			in = !in
		}
	}
	return in
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
