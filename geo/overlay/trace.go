package overlay

import (
	"cmp"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// tracer cuts a polygon of one ring by a zone without noding the zone: it finds
// where the outlines cross, by exact orientation, and walks from crossing to
// crossing. It only takes plain cases. No vertex may lie on the other's edge, no
// two crossings of an edge may be close, no ring of the zone may lie inside the
// polygon; then every ring walked is the shell of a part. And the area must be
// the share, which was found in another way. All else is left to the noding.
type tracer struct {
	box  wkb.Box
	xy   []float64 // the polygon, counter-clockwise, the first point not repeated
	hits []hit
	byZ  []int32 // hits in the order of the zone's outline
	open []float64
}

// hit is a crossing of the edge of the polygon that begins at point p with the
// zone's edge that begins at point z.
type hit struct {
	p, z, ring int
	tp, tz     float64 // how far along the two edges, 0 … 1
	x, y       float64
	enters     bool  // the polygon's outline enters the zone here
	done       bool  // walked
	nextZ      int32 // the next hit along the zone's ring
}

// begin takes a polygon; false when it is not of one ring.
func (t *tracer) begin(g *wkb.Geometry) bool {
	if g.NumRings() != 1 || len(g.XY) < 8 {
		return false
	}
	t.xy = append(t.xy[:0], g.XY...)
	if direction(t.xy, true) < 0 {
		reverse(t.xy)
	}
	t.xy = t.xy[:len(t.xy)-2]
	t.box = g.Bounds()
	return true
}

// cut is what the polygon and the zone have in common, want m² of it; nil when
// the case is not plain.
func (t *tracer) cut(w *walls, want float64) *wkb.Geometry {
	t.hits = t.hits[:0]
	for i := range w.blocks {
		if b := &w.blocks[i]; b.box.Intersects(t.box) && !t.cross(w, b) {
			return nil
		}
	}
	if len(t.hits) == 0 || t.ringInside(w) || !t.link(w) {
		return nil
	}
	var parts []polygon
	sum := 0.0
	for i := range t.hits {
		if h := &t.hits[i]; h.enters && !h.done {
			ring, area := canonical(t.walk(w, i), 1)
			sum += area
			if area > Noise {
				parts = append(parts, polygon{[][]float64{ring}})
			}
		}
	}
	if math.Abs(sum-want) > Noise+1e-9*want {
		return nil
	}
	return assemble(parts)
}

// cross adds the hits of a block's edges; false when a vertex lies on an edge.
func (t *tracer) cross(w *walls, b *wallBlock) bool {
	n := len(t.xy) / 2
	for z := b.from; z < b.to; z++ {
		z2 := w.rings[b.ring].next(z)
		box := edgeBox(w.xy, z, z2)
		if !box.Intersects(t.box) {
			continue
		}
		for p := range n {
			p2 := p + 1
			if p2 == n {
				p2 = 0
			}
			if edgeBox(t.xy, p, p2).Intersects(box) && !t.crossEdges(w.xy[2*z:2*z+2], w.xy[2*z2:2*z2+2], p, p2, z, b.ring) {
				return false
			}
		}
	}
	return true
}

func (t *tracer) crossEdges(z1, z2 []float64, p, p2, z, ring int) bool {
	a, b := t.xy[2*p:2*p+2], t.xy[2*p2:2*p2+2]
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
	h := hit{p: p, z: z, ring: ring, enters: end > 0}
	// The same two edges give the same point, whichever way the zone's runs.
	from, to := z1, z2
	if slices.Compare(from, to) > 0 {
		from, to = to, from
	}
	dx, dy, ex, ey := b[0]-a[0], b[1]-a[1], to[0]-from[0], to[1]-from[1]
	gx, gy, det := from[0]-a[0], from[1]-a[1], dx*ey-dy*ex
	h.tp, h.tz = (gx*ey-gy*ex)/det, (gx*dy-gy*dx)/det
	if !(h.tp >= 0 && h.tp <= 1 && h.tz >= 0 && h.tz <= 1) {
		return false
	}
	h.x, h.y = a[0]+h.tp*dx, a[1]+h.tp*dy
	if &from[0] != &z1[0] {
		h.tz = 1 - h.tz
	}
	t.hits = append(t.hits, h)
	return true
}

// ringInside says whether a ring of the zone may lie in the polygon uncrossed.
func (t *tracer) ringInside(w *walls) bool {
	for r := range w.rings {
		if t.box.Contains(w.rings[r].box) && !slices.ContainsFunc(t.hits, func(h hit) bool { return h.ring == r }) {
			return true
		}
	}
	return false
}

// apart is how far along an edge two crossings must be from each other.
const apart = 1e-9

// link orders the hits along the polygon and along the zone's rings; false when
// the order is in doubt.
func (t *tracer) link(w *walls) bool {
	slices.SortFunc(t.hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.p, b.p), cmp.Compare(a.tp, b.tp)) })
	t.byZ = t.byZ[:0]
	for i := range t.hits {
		a, b := &t.hits[i], &t.hits[(i+1)%len(t.hits)]
		if a.enters == b.enters || a.p == b.p && i+1 < len(t.hits) && b.tp-a.tp < apart {
			return false
		}
		t.byZ = append(t.byZ, int32(i))
	}
	slices.SortFunc(t.byZ, func(i, j int32) int {
		a, b := &t.hits[i], &t.hits[j]
		return cmp.Or(cmp.Compare(a.z, b.z), cmp.Compare(a.tz, b.tz))
	})
	first := 0
	for k := range t.byZ {
		a := &t.hits[t.byZ[k]]
		if k+1 < len(t.byZ) && t.hits[t.byZ[k+1]].ring == a.ring {
			a.nextZ = t.byZ[k+1]
			if b := &t.hits[a.nextZ]; a.z == b.z && b.tz-a.tz < apart {
				return false
			}
		} else {
			a.nextZ = t.byZ[first]
			first = k + 1
		}
		if t.hits[a.nextZ].enters == a.enters {
			return false
		}
	}
	return true
}

// walk goes round one part from hit i, where the polygon enters the zone: along
// the polygon until it leaves, along the zone until the polygon enters again.
func (t *tracer) walk(w *walls, i int) []float64 {
	t.open = t.open[:0]
	n := len(t.xy) / 2
	for h := &t.hits[i]; !h.done; h = &t.hits[i] {
		h.done = true
		t.step(h.x, h.y)
		i = (i + 1) % len(t.hits)
		out := &t.hits[i]
		if out.p != h.p || out.tp < h.tp {
			for p := (h.p + 1) % n; ; p = (p + 1) % n {
				t.step(t.xy[2*p], t.xy[2*p+1])
				if p == out.p {
					break
				}
			}
		}
		t.step(out.x, out.y)
		i = int(out.nextZ)
		in, ring := &t.hits[i], &w.rings[out.ring]
		if in.z != out.z || in.tz < out.tz {
			for z := ring.next(out.z); ; z = ring.next(z) {
				t.step(w.xy[2*z], w.xy[2*z+1])
				if z == in.z {
					break
				}
			}
		}
	}
	if n := len(t.open); n > 2 && t.open[0] == t.open[n-2] && t.open[1] == t.open[n-1] {
		t.open = t.open[:n-2]
	}
	return t.open
}

// step appends a vertex that is not the last one again.
func (t *tracer) step(x, y float64) {
	if n := len(t.open); n == 0 || t.open[n-2] != x || t.open[n-1] != y {
		t.open = append(t.open, x, y)
	}
}
