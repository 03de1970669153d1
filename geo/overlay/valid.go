package overlay

import "github.com/muscope-gis/muscope/geo/wkb"

// What [Scratch.Valid] finds wrong, in the order it looks.
const (
	notPolygon   = "not a polygon or multipolygon"
	notFinite    = "coordinate not finite"
	missingShell = "hole without a shell"
	notClosed    = "ring not closed"
	tooFewPoints = "too few points in a ring"
	selfCrossing = "self-intersection"
	ringTouches  = "ring self-intersection"
	holeOutside  = "hole outside shell"
	holesNested  = "nested holes"
	shellsNested = "nested shells"
	notConnected = "interior is disconnected"
)

// Scratch is the memory [Scratch.Valid] works in: one for each goroutine, reused
// from geometry to geometry. Its zero value is ready.
type Scratch struct {
	xy      []float64 // all rings, closed, repeated points dropped
	rings   []ringSpan
	chains  []chain
	touches []ringTouch
	parent  []int32 // union-find over rings and touch points
}

// ringSpan is one ring of the geometry under test.
type ringSpan struct {
	from, to int32 // half-open range of points in Scratch.xy, closing point included
	part     int32
	shell    bool
	ccw      bool
	box      wkb.Box
}

// ringTouch is a point that ring has in common with another ring of its part.
type ringTouch struct {
	part, ring int32
	x, y       float64
}

// Valid returns the empty string for a polygon or multipolygon valid in the
// sense of OGC Simple Features (PostGIS: ST_IsValid), else what is wrong in few
// words. Repeated points are no fault, an empty geometry is valid. All decisions
// are exact: no tolerance, no rounding.
func (s *Scratch) Valid(g *wkb.Geometry) string {
	if !g.Type.Areal() {
		return notPolygon
	}
	if !g.Finite() {
		return notFinite
	}
	if wrong := s.gather(g); wrong != "" {
		return wrong
	}
	if wrong := s.checkCorners(); wrong != "" {
		return wrong
	}
	if wrong := s.checkEdges(); wrong != "" {
		return wrong
	}
	if len(s.rings) <= 1 {
		return ""
	}
	if wrong := s.checkNesting(); wrong != "" {
		return wrong
	}
	return s.checkConnected()
}

// gather copies the rings without repeated points. Empty rings are passed over.
func (s *Scratch) gather(g *wkb.Geometry) string {
	s.xy, s.rings, s.chains, s.touches = s.xy[:0], s.rings[:0], s.chains[:0], s.touches[:0]
	for p := range g.NumParts() {
		from, to := g.Part(p)
		shell := false
		for r := from; r < to; r++ {
			ring := g.Ring(r)
			n := len(ring)
			if n == 0 {
				continue
			}
			if r > from && !shell {
				return missingShell
			}
			shell = true
			if ring[0] != ring[n-2] || ring[1] != ring[n-1] {
				return notClosed
			}
			span := ringSpan{from: int32(len(s.xy) / 2), part: int32(p), shell: r == from}
			s.xy = append(s.xy, ring[0], ring[1])
			for i := 2; i < n; i += 2 {
				if ring[i] != ring[i-2] || ring[i+1] != ring[i-1] {
					s.xy = append(s.xy, ring[i], ring[i+1])
				}
			}
			span.to = int32(len(s.xy) / 2)
			if span.to-span.from < 4 {
				return tooFewPoints
			}
			s.rings = append(s.rings, span)
		}
	}
	return ""
}

// checkCorners looks for spikes: neighbouring edges that run back on each other.
func (s *Scratch) checkCorners() string {
	for r := range s.rings {
		ring := s.ring(r)
		n := len(ring)
		px, py := ring[n-4], ring[n-3] // the point before the first
		for i := 0; i+2 < n; i += 2 {
			x, y, nx, ny := ring[i], ring[i+1], ring[i+2], ring[i+3]
			// A corner under 90° can be one; others cannot, however they round.
			if (px-x)*(nx-x)+(py-y)*(ny-y) > 0 && turn(px, py, x, y, nx, ny) == 0 {
				return selfCrossing
			}
			px, py = x, y
		}
	}
	return ""
}

func (s *Scratch) ring(r int) []float64 { return s.xy[2*s.rings[r].from : 2*s.rings[r].to] }

// checkPair judges two edges whose boxes meet.
func (s *Scratch) checkPair(a, b ringEdge) string {
	if a.at > b.at {
		a, b = b, a
	}
	if a.ring == b.ring {
		span := &s.rings[a.ring]
		if b.at == a.at+1 || a.at == span.from && b.at == span.to-2 {
			return "" // neighbours: see checkCorners
		}
	}
	p, q := s.xy[2*a.at:2*a.at+4], s.xy[2*b.at:2*b.at+4]
	q0, q1 := turn(p[0], p[1], p[2], p[3], q[0], q[1]), turn(p[0], p[1], p[2], p[3], q[2], q[3])
	if q0*q1 > 0 {
		return ""
	}
	p0, p1 := turn(q[0], q[1], q[2], q[3], p[0], p[1]), turn(q[0], q[1], q[2], q[3], p[2], p[3])
	if p0*p1 > 0 {
		return ""
	}
	if q0 != 0 && q1 != 0 && p0 != 0 && p1 != 0 {
		return selfCrossing
	}
	node := p[2:4]
	switch {
	case q0 == 0 && q1 == 0: // all on one line
		if overlapOnLine(p, q) {
			return selfCrossing
		}
		if same(p[:2], q[:2]) || same(p[:2], q[2:4]) {
			node = p[:2]
		}
	case q0 == 0:
		node = q[:2]
	case q1 == 0:
		node = q[2:4]
	case p0 == 0:
		node = p[:2]
	}
	if a.ring == b.ring {
		return ringTouches
	}
	if same(node, p[2:4]) || same(node, q[2:4]) {
		return "" // judged with the edge that starts there
	}
	return s.checkTouch(a, b, node)
}

func same(p, q []float64) bool { return p[0] == q[0] && p[1] == q[1] }

// overlapOnLine says whether two edges on one line have more than a point in common.
func overlapOnLine(p, q []float64) bool {
	k := 0
	if p[0] == p[2] {
		k = 1
	}
	plo, phi := ordered(p[k], p[k+2])
	qlo, qhi := ordered(q[k], q[k+2])
	return most(plo, qlo) < least(phi, qhi)
}

// checkTouch judges two rings that meet at a point: they may touch, not cross.
func (s *Scratch) checkTouch(a, b ringEdge, node []float64) string {
	a0, a1 := s.arms(a, node)
	b0, b1 := s.arms(b, node)
	if leftOf(a0, node, a1, b0) != leftOf(a0, node, a1, b1) {
		return selfCrossing
	}
	if part := s.rings[a.ring].part; part == s.rings[b.ring].part {
		s.touches = append(s.touches,
			ringTouch{part, a.ring, node[0], node[1]}, ringTouch{part, b.ring, node[0], node[1]})
	}
	return ""
}

// arms are the points before and after node on the ring of e, which holds node
// at its start or inside.
func (s *Scratch) arms(e ringEdge, node []float64) (before, after []float64) {
	before, after = s.xy[2*e.at:2*e.at+2], s.xy[2*e.at+2:2*e.at+4]
	if same(before, node) {
		at := e.at - 1
		if span := &s.rings[e.ring]; e.at == span.from {
			at = span.to - 2
		}
		before = s.xy[2*at : 2*at+2]
	}
	return before, after
}

// leftOf says whether the direction from node to p lies in the sector on the
// left of the way before → node → after.
func leftOf(before, node, after, p []float64) bool {
	in := turn(before[0], before[1], node[0], node[1], p[0], p[1]) > 0
	out := turn(node[0], node[1], after[0], after[1], p[0], p[1]) > 0
	if turn(before[0], before[1], node[0], node[1], after[0], after[1]) > 0 {
		return in && out
	}
	return in || out
}
