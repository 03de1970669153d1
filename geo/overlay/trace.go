package overlay

import (
	"cmp"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// tracer cuts a polygon by a zone without noding the zone: it finds where the
// outlines cross, by exact orientation, and walks from crossing to crossing
// (Weiler and Atherton 1977). Rings that are not crossed are kept or dropped
// whole. It only takes plain cases. No vertex may lie on the other's edge, no two
// crossings of an edge may be close, no rings may meet, no ring of the zone may
// lie inside the polygon, and what is walked must be the shell of a part. And the
// area must be the share, which was found in another way. All else is left to the
// noding.
type tracer struct {
	own    walls // the polygon
	box    wkb.Box
	hits   []hit
	order  []int32
	open   []float64
	shells []traced
	holes  []traced
}

// hit is a crossing of an edge of the polygon with one of the zone.
type hit struct {
	at     [2]spot // ofPolygon, ofZone
	x, y   float64
	enters bool // the polygon's outline enters the zone here
	done   bool // walked
}

const (
	ofPolygon = iota
	ofZone
)

// spot is where on an outline a hit is: how far along, 0 … 1, the edge that begins
// at a point.
type spot struct {
	ring, point int
	along       float64
	next        int32 // the next hit on the ring
}

// traced is a closed canonical ring of the piece.
type traced struct {
	ring []float64
	area float64 // m²
}

// begin takes a polygon; false when it cannot be traced by any zone.
func (t *tracer) begin(g *wkb.Geometry) bool {
	t.own.read(g)
	t.box = g.Bounds()
	return len(t.own.rings) > 0 && len(t.own.rings) == g.NumRings() && len(t.own.touch) == 0
}

// cut is what the polygon and the zone have in common, want m² of it; nil when
// the case is not plain.
func (t *tracer) cut(w *walls, want float64) *wkb.Geometry {
	t.hits, t.shells, t.holes = t.hits[:0], t.shells[:0], t.holes[:0]
	if !t.cross(w) || t.ringInside(w) || w.touchIn(t.box) || !t.link(ofPolygon) || !t.link(ofZone) {
		return nil
	}
	sum := 0.0
	for i := range t.hits {
		if h := &t.hits[i]; h.enters && !h.done {
			area, ok := t.keepShell(t.walk(w, h))
			if !ok {
				return nil
			}
			sum += area
		}
	}
	area, ok := t.uncrossed(w)
	if sum += area; !ok || math.Abs(sum-want) > Noise+1e-9*want {
		return nil
	}
	return t.assemble()
}

// keepShell adds a ring as a shell unless it is noise; false when it is a hole.
func (t *tracer) keepShell(open []float64) (area float64, ok bool) {
	ring, area := canonical(open, 1)
	if area > Noise {
		if direction(open, true) < 0 {
			return 0, false
		}
		t.shells = append(t.shells, traced{ring, area})
	}
	return area, true
}

// uncrossed adds the polygon's rings that the zone does not cross and that lie
// in it: their area, holes less.
func (t *tracer) uncrossed(w *walls) (sum float64, ok bool) {
	for i := range t.own.rings {
		r := &t.own.rings[i]
		if t.hitOn(ofPolygon, i) || !w.holds(t.own.xy[2*r.from], t.own.xy[2*r.from+1]) {
			continue
		}
		open := t.own.xy[2*r.from : 2*r.to]
		if r.shell {
			area, ok := t.keepShell(open)
			if !ok {
				return 0, false
			}
			sum += area
			continue
		}
		ring, area := canonical(open, -1)
		t.holes = append(t.holes, traced{ring, area})
		sum -= area
	}
	return sum, true
}

// assemble puts every hole into the one shell around it; nil when that is in
// doubt.
func (t *tracer) assemble() *wkb.Geometry {
	parts := make([]polygon, len(t.shells))
	for i := range t.shells {
		parts[i].rings = [][]float64{t.shells[i].ring}
	}
	for _, h := range t.holes {
		owner := -1
		for i := range t.shells {
			inside, sure := ringWithin(h.ring, t.shells[i].ring)
			if !sure || inside && owner >= 0 {
				return nil
			}
			if inside {
				owner = i
			}
		}
		if owner < 0 {
			return nil
		}
		parts[owner].rings = append(parts[owner].rings, h.ring)
		t.shells[owner].area -= h.area
	}
	kept := parts[:0]
	for i, p := range parts {
		if t.shells[i].area > Noise {
			slices.SortFunc(p.rings[1:], func(a, b []float64) int { return slices.Compare(a, b) })
			kept = append(kept, p)
		}
	}
	return assemble(kept)
}

// ringWithin places a ring against a shell by all its vertices: the shell's
// crossings are rounded, so one that hardly misses it would not do.
func ringWithin(ring, shell []float64) (inside, sure bool) {
	for i := 0; i+2 < len(ring); i += 2 {
		in, on := locate(ring[i], ring[i+1], shell)
		if on >= 0 || i > 0 && in != inside {
			return false, false
		}
		inside = in
	}
	return inside, true
}

// cross finds the hits; false when a vertex lies on an edge.
func (t *tracer) cross(w *walls) bool {
	for i := range w.blocks {
		z := &w.blocks[i]
		if !z.box.Intersects(t.box) {
			continue
		}
		for k := range t.own.blocks {
			if p := &t.own.blocks[k]; p.box.Intersects(z.box) && !t.crossBlocks(w, p, z) {
				return false
			}
		}
	}
	return true
}

// crossBlocks adds the hits of a block of the polygon and one of the zone.
func (t *tracer) crossBlocks(w *walls, own, b *wallBlock) bool {
	for z := b.from; z < b.to; z++ {
		z2 := w.rings[b.ring].next(z)
		box := edgeBox(w.xy, z, z2)
		if !box.Intersects(own.box) {
			continue
		}
		for p := own.from; p < own.to; p++ {
			p2 := t.own.rings[own.ring].next(p)
			if !edgeBox(t.own.xy, p, p2).Intersects(box) {
				continue
			}
			h := hit{at: [2]spot{{ring: own.ring, point: p}, {ring: b.ring, point: z}}}
			if !t.crossEdges(h, t.own.xy[2*p:2*p+2], t.own.xy[2*p2:2*p2+2], w.xy[2*z:2*z+2], w.xy[2*z2:2*z2+2]) {
				return false
			}
		}
	}
	return true
}

// crossEdges adds h when the polygon's edge from a to b crosses the zone's from
// z1 to z2.
func (t *tracer) crossEdges(h hit, a, b, z1, z2 []float64) bool {
	start := turn(z1[0], z1[1], z2[0], z2[1], a[0], a[1])
	end := turn(z1[0], z1[1], z2[0], z2[1], b[0], b[1])
	first := turn(a[0], a[1], b[0], b[1], z1[0], z1[1])
	second := turn(a[0], a[1], b[0], b[1], z2[0], z2[1])
	if start == 0 || end == 0 || first == 0 || second == 0 {
		return false
	}
	if start == end || first == second {
		return true
	}
	h.enters = end > 0
	// The same two edges give the same point, whichever way the zone's runs.
	from, to := z1, z2
	if slices.Compare(from, to) > 0 {
		from, to = to, from
	}
	dx, dy, ex, ey := b[0]-a[0], b[1]-a[1], to[0]-from[0], to[1]-from[1]
	gx, gy, det := from[0]-a[0], from[1]-a[1], dx*ey-dy*ex
	tp, tz := (gx*ey-gy*ex)/det, (gx*dy-gy*dx)/det
	if !(tp >= 0 && tp <= 1 && tz >= 0 && tz <= 1) {
		return false
	}
	h.x, h.y = a[0]+tp*dx, a[1]+tp*dy
	if &from[0] != &z1[0] {
		tz = 1 - tz
	}
	h.at[ofPolygon].along, h.at[ofZone].along = tp, tz
	t.hits = append(t.hits, h)
	return true
}

// hitOn says whether a ring, the polygon's or the zone's, is crossed.
func (t *tracer) hitOn(outline, ring int) bool {
	for i := range t.hits {
		if t.hits[i].at[outline].ring == ring {
			return true
		}
	}
	return false
}

// ringInside says whether a ring of the zone may lie in the polygon uncrossed.
func (t *tracer) ringInside(w *walls) bool {
	for r := range w.rings {
		if t.box.Contains(w.rings[r].box) && !t.hitOn(ofZone, r) {
			return true
		}
	}
	return false
}

// apart is how far along an edge two crossings must be from each other.
const apart = 1e-9

// link joins the hits along the rings of one outline, round and round; false when
// their order is in doubt.
func (t *tracer) link(outline int) bool {
	t.order = t.order[:0]
	for i := range t.hits {
		t.order = append(t.order, int32(i))
	}
	slices.SortFunc(t.order, func(i, j int32) int {
		a, b := &t.hits[i].at[outline], &t.hits[j].at[outline]
		return cmp.Or(cmp.Compare(a.point, b.point), cmp.Compare(a.along, b.along))
	})
	first := 0
	for k, i := range t.order {
		a, next := &t.hits[i].at[outline], first
		if k+1 < len(t.order) && t.hits[t.order[k+1]].at[outline].ring == a.ring {
			next = k + 1
			if b := &t.hits[t.order[next]].at[outline]; a.point == b.point && b.along-a.along < apart {
				return false
			}
		} else {
			first = k + 1
		}
		a.next = t.order[next]
		if t.hits[a.next].enters == t.hits[i].enters {
			return false
		}
	}
	return true
}

// walk goes round one part from a hit where the polygon enters the zone: along
// the polygon until it leaves, along the zone until the polygon enters again.
func (t *tracer) walk(w *walls, h *hit) []float64 {
	t.open = t.open[:0]
	for !h.done {
		h.done = true
		out := &t.hits[h.at[ofPolygon].next]
		t.follow(&t.own, h, out, ofPolygon)
		h = &t.hits[out.at[ofZone].next]
		t.follow(w, out, h, ofZone)
	}
	if n := len(t.open); n > 2 && t.open[0] == t.open[n-2] && t.open[1] == t.open[n-1] {
		t.open = t.open[:n-2]
	}
	return t.open
}

// follow appends an outline from one hit up to the next.
func (t *tracer) follow(w *walls, from, to *hit, outline int) {
	t.step(from.x, from.y)
	a, b := &from.at[outline], &to.at[outline]
	if a.point != b.point || b.along < a.along {
		ring := &w.rings[a.ring]
		for i := ring.next(a.point); ; i = ring.next(i) {
			t.step(w.xy[2*i], w.xy[2*i+1])
			if i == b.point {
				break
			}
		}
	}
	t.step(to.x, to.y)
}

// step appends a vertex that is not the last one again.
func (t *tracer) step(x, y float64) {
	if n := len(t.open); n == 0 || t.open[n-2] != x || t.open[n-1] != y {
		t.open = append(t.open, x, y)
	}
}
