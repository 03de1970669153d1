package measure

import (
	"math"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Scratch is the memory distance searches work in: one for each goroutine,
// reused from search to search. Its zero value is ready.
type Scratch struct {
	x       *Index
	plane   plane
	edges   []segment // of the subject
	areal   bool
	box     wkb.Box
	queue   []pending
	found   []found
	best    float64   // planar metres of the nearest so far, or the limit
	all     bool      // every feature is wanted, not the nearest
	nearest []float64 // then: planar metres of each feature so far, or +Inf
	seen    []int     // the features whose nearest is not +Inf
	zero    int       // the smallest feature at distance 0; math.MaxInt when none
	hits    []Hit

	slack, slackPerMetre float64 // see reach
}

// plane is the flat frame of a search: metres from a point, by the scales of one
// latitude. Edges straight in lon/lat stay straight in it.
type plane struct{ x0, y0, kx, ky float64 }

// pending is a box of the tree not yet opened, by its distance.
type pending struct {
	metres float64
	at     int32
	level  int32
}

// found is a pair of edges near enough to be measured exactly.
type found struct {
	feature    int
	edge, mine int32
	metres     float64
}

// search leaves in s.hits, measured exactly, every feature that may be the
// nearest (all: every feature that may be within limit), some more than once.
func (s *Scratch) search(x *Index, g *wkb.Geometry, limit float64, all bool) {
	s.x, s.best, s.zero = x, limit, math.MaxInt
	s.queue, s.found, s.hits, s.edges = s.queue[:0], s.found[:0], s.hits[:0], s.edges[:0]
	if s.all = all; all {
		s.forget(len(x.from) - 1)
	}
	if g.Empty() || !g.Finite() || !(limit > 0) {
		return
	}
	s.edges, s.areal, s.box = appendSegments(s.edges, g), g.Type.Areal(), g.Bounds()
	s.plane = plane{x0: g.XY[0], y0: g.XY[1]}
	s.plane.kx, s.plane.ky = scales((s.box.MinY + s.box.MaxY) / 2)
	s.setReach()
	for p := range g.NumParts() {
		from, to := g.Part(p)
		if from < to && len(g.Ring(from)) >= 2 {
			s.enclosing(g.Ring(from)[0], g.Ring(from)[1])
		}
	}
	s.open()
	for _, f := range s.found {
		if f.metres <= s.reach(s.bound(f.feature)) {
			s.hits = append(s.hits, Hit{f.feature, s.exact(f)})
		}
	}
}

// forget sets nearest to +Inf for every feature.
func (s *Scratch) forget(features int) {
	for _, f := range s.seen {
		s.nearest[f] = math.Inf(1)
	}
	s.seen = s.seen[:0]
	for len(s.nearest) < features {
		s.nearest = append(s.nearest, math.Inf(1))
	}
}

// bound is the planar distance beyond which a feature no longer matters.
func (s *Scratch) bound(feature int) float64 {
	if s.all {
		return min(s.best, s.nearest[feature])
	}
	return s.best
}

// closer notes that a feature is at most so far away.
func (s *Scratch) closer(feature int, metres float64) {
	if !s.all {
		s.best = metres
		return
	}
	if s.nearest[feature] == math.Inf(1) {
		s.seen = append(s.seen, feature)
	}
	s.nearest[feature] = metres
}

// setReach prepares reach: the plane's scales are right at the subject's middle
// latitude only, and off by the distance from it times the slope of the cosine.
func (s *Scratch) setReach() {
	lean := 2 + 2*math.Tan(min(math.Abs(s.box.MinY+s.box.MaxY)/2, 89)*degree)
	s.slack = 1 + 2e-4 + lean*(s.box.MaxY-s.box.MinY)*degree
	s.slackPerMetre = lean / crs.SemiMajor
}

// reach widens a planar distance by the most that the plane may be wrong at it.
func (s *Scratch) reach(metres float64) float64 {
	return metres * (s.slack + s.slackPerMetre*metres)
}

// touch notes a feature at distance 0.
func (s *Scratch) touch(feature int) {
	if s.all && s.nearest[feature] == 0 || feature >= s.zero {
		return
	}
	s.closer(feature, 0)
	s.hits = append(s.hits, Hit{feature, 0})
	if !s.all {
		s.zero = feature
	}
}

// enclosing notes the areal features around a point.
func (s *Scratch) enclosing(px, py float64) {
	t := &s.x.areas
	level, at, ok := t.root()
	if !ok {
		return
	}
	p := wkb.Box{MinX: px, MinY: py, MaxX: px, MaxY: py}
	s.queue = append(s.queue[:0], pending{at: at, level: int32(level)})
	for len(s.queue) > 0 {
		n := s.queue[len(s.queue)-1]
		s.queue = s.queue[:len(s.queue)-1]
		if !t.boxes[n.at].Contains(p) {
			continue
		}
		if n.level > 0 {
			for from, to := t.children(int(n.level), n.at); from < to; from++ {
				s.queue = append(s.queue, pending{at: from, level: n.level - 1})
			}
			continue
		}
		f := s.x.areal[t.items[n.at]]
		if inside(px, py, s.x.segments[s.x.from[f]:s.x.from[f+1]]) {
			s.touch(int(f))
		}
	}
}

// open works through the tree of segments, nearest box first.
func (s *Scratch) open() {
	t := &s.x.tree
	level, at, ok := t.root()
	if !ok {
		return
	}
	s.queue = append(s.queue[:0], pending{s.apart(&t.boxes[at]), at, int32(level)})
	far := s.reach(s.best)
	for len(s.queue) > 0 {
		n := s.pop()
		if n.metres > far {
			return
		}
		if n.level == 0 {
			s.compare(t.items[n.at], n.metres)
			far = s.reach(s.best)
			continue
		}
		for from, to := t.children(int(n.level), n.at); from < to; from++ {
			if d := s.apart(&t.boxes[from]); d <= far {
				s.push(pending{d, from, n.level - 1})
			}
		}
	}
}

// apart is the planar distance of a box from the subject's.
func (s *Scratch) apart(b *wkb.Box) float64 {
	dx, dy := 0.0, 0.0
	if d := b.MinX - s.box.MaxX; d > 0 {
		dx = d * s.plane.kx
	} else if d := s.box.MinX - b.MaxX; d > 0 {
		dx = d * s.plane.kx
	}
	if d := b.MinY - s.box.MaxY; d > 0 {
		dy = d * s.plane.ky
	} else if d := s.box.MinY - b.MaxY; d > 0 {
		dy = d * s.plane.ky
	}
	return math.Sqrt(dx*dx + dy*dy)
}

func (s *Scratch) push(p pending) {
	q := append(s.queue, p)
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if q[up].metres <= q[i].metres {
			break
		}
		q[up], q[i] = q[i], q[up]
		i = up
	}
	s.queue = q
}

func (s *Scratch) pop() pending {
	q := s.queue
	top := q[0]
	n := len(q) - 1
	q[0] = q[n]
	q = q[:n]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < n; c++ {
			if q[c].metres < q[least].metres {
				least = c
			}
		}
		if least == i {
			break
		}
		q[i], q[least] = q[least], q[i]
		i = least
	}
	s.queue = q
	return top
}

// compare measures one segment of a feature against the subject in the plane.
func (s *Scratch) compare(item int32, apart float64) {
	feature := int(s.x.owner[item])
	if feature >= s.zero || apart > s.reach(s.bound(feature)) {
		return
	}
	e := &s.x.segments[item]
	box := e.box()
	for i := range s.edges {
		if s.plane.apart(&s.edges[i], box) > s.reach(s.bound(feature)) {
			continue
		}
		d, _, _ := s.plane.between(&s.edges[i], e)
		if d < touching {
			s.touch(feature)
			return
		}
		bound := s.bound(feature)
		if d > s.reach(bound) {
			continue
		}
		s.found = append(s.found, found{feature, item, int32(i), d})
		if d < bound {
			s.closer(feature, d)
		}
	}
	if s.areal && apart == 0 && inside(e.x1, e.y1, s.edges) {
		s.touch(feature)
	}
}

// flat is the distance in metres up to which the plane of the middle latitude
// is as good as the geodesic: 1e-8 or better below 60°.
const flat = 3000

// exact is the distance between two edges on the ellipsoid: the closest points
// are found again in the plane of their own latitude.
func (s *Scratch) exact(f found) float64 {
	mine, other := &s.edges[f.mine], &s.x.segments[f.edge]
	_, p, q := s.plane.between(mine, other)
	local := plane{x0: p.x, y0: p.y}
	local.kx, local.ky = scales((p.y + q.y) / 2)
	d, p, q := local.between(mine, other)
	if d > flat {
		return Metres(p.x, p.y, q.x, q.y)
	}
	return d
}
