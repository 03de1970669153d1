package overlay

import (
	"cmp"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// sweepFrom is the number of chains from which they are sorted before they are
// compared; fewer are compared pair by pair.
const sweepFrom = 32

// chain is a run of edges that never turns back in x. Without spikes such edges
// do not meet but at their ends, and two chains are compared in one pass.
type chain struct {
	box  wkb.Box
	left int32 // the point it starts from, going east
	step int32 // 1 or −1: to the next point
	n    int32 // edges
	ring int32
}

// ringEdge is the edge from point at to point at+1.
type ringEdge struct{ at, ring int32 }

// edge is the i-th edge from the left.
func (c *chain) edge(i int32) ringEdge {
	at := c.left + i*c.step
	if c.step < 0 {
		at--
	}
	return ringEdge{at, c.ring}
}

// checkEdges compares all edges that can meet.
func (s *Scratch) checkEdges() string {
	for r := range s.rings {
		s.addChains(int32(r))
	}
	all := s.chains
	sorted := len(all) >= sweepFrom
	if sorted { // chains are long in x: sweep in y
		slices.SortFunc(all, func(a, b chain) int {
			return cmp.Or(cmp.Compare(a.box.MinY, b.box.MinY), cmp.Compare(a.ring, b.ring), cmp.Compare(a.left, b.left))
		})
	}
	for i := range all {
		a := &all[i]
		for j := i + 1; j < len(all); j++ {
			b := &all[j]
			if sorted && b.box.MinY > a.box.MaxY {
				break
			}
			if a.box.Intersects(b.box) {
				if wrong := s.compareChains(a, b); wrong != "" {
					return wrong
				}
			}
		}
	}
	return ""
}

// addChains cuts a ring into chains and finds its box.
func (s *Scratch) addChains(r int32) {
	span := &s.rings[r]
	span.box = wkb.EmptyBox()
	for at := span.from; at+1 < span.to; {
		c := chain{ring: r, box: wkb.EmptyBox()}
		from := at
		c.box = stretched(c.box, s.xy[2*at], s.xy[2*at+1])
		for ; at+1 < span.to; at++ {
			d := s.xy[2*at+2] - s.xy[2*at]
			if c.step == 0 {
				c.step = sign(d)
			} else if d != 0 && c.step != sign(d) {
				break
			}
			c.box = stretched(c.box, s.xy[2*at+2], s.xy[2*at+3])
		}
		c.n, c.left = at-from, from
		if c.step < 0 {
			c.left = at
		} else {
			c.step = 1 // all upright, perhaps
		}
		s.chains = append(s.chains, c)
		span.box = span.box.Extend(c.box)
	}
}

func sign(v float64) int32 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// stretched is the box with a finite point added.
func stretched(b wkb.Box, x, y float64) wkb.Box {
	return wkb.Box{MinX: least(b.MinX, x), MinY: least(b.MinY, y), MaxX: most(b.MaxX, x), MaxY: most(b.MaxY, y)}
}

// compareChains compares the edges of two chains, from left to right.
func (s *Scratch) compareChains(a, b *chain) string {
	xy := s.xy
	first := int32(0) // no edge of b before it reaches the edges of a still to come
	for i := range a.n {
		p := 2 * (a.left + i*a.step)
		q := p + 2*a.step
		if xy[q] < b.box.MinX {
			continue
		}
		if xy[p] > b.box.MaxX {
			break
		}
		low, high := ordered(xy[p+1], xy[q+1])
		for first < b.n && xy[2*(b.left+(first+1)*b.step)] < xy[p] {
			first++
		}
		for j := first; j < b.n; j++ {
			u := 2 * (b.left + j*b.step)
			v := u + 2*b.step
			if xy[u] > xy[q] {
				break
			}
			if xy[u+1] > high && xy[v+1] > high || xy[u+1] < low && xy[v+1] < low {
				continue
			}
			if wrong := s.checkPair(a.edge(i), b.edge(j)); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

func ordered(a, b float64) (lo, hi float64) {
	if a > b {
		return b, a
	}
	return a, b
}

func least(a, b float64) float64 {
	if a < b {
		return a
	}
	return b
}

func most(a, b float64) float64 {
	if a > b {
		return a
	}
	return b
}
