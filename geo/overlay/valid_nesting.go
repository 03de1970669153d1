package overlay

import (
	"cmp"
	"slices"
)

// checkNesting asks, of rings known not to cross, which lies in which.
func (s *Scratch) checkNesting() string {
	for r := range s.rings {
		s.rings[r].ccw = runsLeft(s.ring(r))
	}
	shell := 0
	for r := range s.rings {
		if s.rings[r].shell {
			shell = r
		} else if !s.ringInRing(r, shell) {
			return holeOutside
		}
	}
	for a := range s.rings {
		for b := range s.rings {
			in, out := &s.rings[a], &s.rings[b]
			if a == b || in.shell != out.shell || !out.box.Contains(in.box) {
				continue
			}
			switch {
			case in.shell && s.shellInPart(a, b):
				return shellsNested
			case !in.shell && in.part == out.part && s.ringInRing(a, b):
				return holesNested
			}
		}
	}
	return ""
}

// shellInPart says whether shell a lies in the interior of the polygon of shell b.
func (s *Scratch) shellInPart(a, b int) bool {
	if !s.ringInRing(a, b) {
		return false
	}
	for hole := b + 1; hole < len(s.rings) && s.rings[hole].part == s.rings[b].part; hole++ {
		if s.ringInRing(a, hole) {
			return false
		}
	}
	return true
}

// ringInRing says whether ring a lies inside ring b. They may touch, not cross,
// so any point of a decides; where that is on b, the way a goes on from it.
func (s *Scratch) ringInRing(a, b int) bool {
	if !s.rings[b].box.Contains(s.rings[a].box) {
		return false
	}
	p, ring := s.ring(a), s.ring(b)
	inside, on := locate(p[0], p[1], ring)
	if on < 0 {
		return inside
	}
	e := ringEdge{at: s.rings[b].from + int32(on), ring: int32(b)}
	before, after := s.arms(e, p[:2])
	if s.rings[b].ccw {
		return leftOf(before, p[:2], after, p[2:4])
	}
	return leftOf(after, p[:2], before, p[2:4])
}

// locate places a point against a closed ring: inside it or not, or on it: then
// on is the edge that holds the point at its start or inside, else −1.
func locate(x, y float64, ring []float64) (inside bool, on int) {
	for i := 0; i+3 < len(ring); i += 2 {
		ax, ay, bx, by := ring[i], ring[i+1], ring[i+2], ring[i+3]
		if ay > y && by > y || ay < y && by < y || ax < x && bx < x {
			continue
		}
		if ax == x && ay == y {
			return false, i / 2
		}
		if bx == x && by == y {
			continue // the next edge starts there
		}
		if ay == by { // level with the point
			if (ax < x) != (bx < x) {
				return false, i / 2
			}
			continue
		}
		way := turn(ax, ay, bx, by, x, y)
		if way == 0 {
			return false, i / 2
		}
		// Half-open, so that a corner at the point's height counts once.
		if (ay > y) != (by > y) && (way > 0) == (by > ay) {
			inside = !inside
		}
	}
	return inside, -1
}

// runsLeft says whether a simple closed ring runs counter-clockwise, by the turn
// at its lowest, then leftmost, corner.
func runsLeft(ring []float64) bool {
	n := len(ring) - 2
	k := 0
	for i := 2; i < n; i += 2 {
		if ring[i+1] < ring[k+1] || ring[i+1] == ring[k+1] && ring[i] < ring[k] {
			k = i
		}
	}
	before, after := (k+n-2)%n, k+2
	return turn(ring[before], ring[before+1], ring[k], ring[k+1], ring[after], ring[after+1]) > 0
}

// checkConnected looks for rings of one part that touch each other all around:
// a cycle in the graph of rings and touch points cuts the interior in two.
func (s *Scratch) checkConnected() string {
	if len(s.touches) < 4 {
		return ""
	}
	slices.SortFunc(s.touches, func(a, b ringTouch) int {
		return cmp.Or(cmp.Compare(a.part, b.part), cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y), cmp.Compare(a.ring, b.ring))
	})
	s.touches = slices.Compact(s.touches)
	n := len(s.rings)
	s.parent = s.parent[:0]
	for i := range n + len(s.touches) {
		s.parent = append(s.parent, int32(i))
	}
	point := n - 1
	for i, t := range s.touches {
		if i == 0 || t.x != s.touches[i-1].x || t.y != s.touches[i-1].y || t.part != s.touches[i-1].part {
			point++
		}
		a, b := s.root(t.ring), s.root(int32(point))
		if a == b {
			return notConnected
		}
		s.parent[a] = b
	}
	return ""
}

func (s *Scratch) root(i int32) int32 {
	for s.parent[i] != i {
		s.parent[i] = s.parent[s.parent[i]]
		i = s.parent[i]
	}
	return i
}
