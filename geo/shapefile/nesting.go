package shapefile

import (
	"cmp"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// nesting groups the rings of a polygon into shells with their holes. Its slices
// are used again; all but order, sortedY and the scratch of turning are by ring.
type nesting struct {
	area   []float64 // of the ring, without sign
	x, y   []float64 // a point inside it
	in     []bool    // whether that point lies in the ring being tested, so far
	depth  []int32   // in how many larger rings it lies
	around []int32   // the smallest of them; -1: none
	shell  []int32   // the ring it is a hole in; itself when it is a shell
	place  []int32   // among the rings, grouped

	order    []int32   // rings by y
	sortedY  []float64 // y in this order
	cuts     []float64 // where a ring crosses a level
	moved    []float64
	newRings []int32
}

// group makes parts of the rings: each shell in the order of the file, behind it its
// holes.
func (n *nesting) group(g *wkb.Geometry) {
	n.prepare(g)
	for i := range g.NumRings() {
		n.test(g.Ring(i), int32(i))
	}
	n.settle()
	n.regroup(g)
}

// prepare finds area and a point inside of each ring, and sorts these points.
func (n *nesting) prepare(g *wkb.Geometry) {
	rings := g.NumRings()
	n.area, n.x, n.y = sized(n.area, rings), sized(n.x, rings), sized(n.y, rings)
	n.in, n.depth, n.around = sized(n.in, rings), sized(n.depth, rings), sized(n.around, rings)
	n.order, n.sortedY = sized(n.order, rings), sized(n.sortedY, rings)
	for i := range rings {
		ring := g.Ring(i)
		n.area[i] = math.Abs(turningArea(ring))
		n.x[i], n.y[i] = n.inside(ring)
		n.in[i], n.depth[i], n.around[i], n.order[i] = false, 0, -1, int32(i)
	}
	slices.SortFunc(n.order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(n.y[a], n.y[b]), cmp.Compare(a, b))
	})
	for k, i := range n.order {
		n.sortedY[k] = n.y[i]
	}
}

// sized is a slice of n elements in the memory of s, or in new memory.
func sized[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// turningArea is twice the ring's area, positive when it runs counter-clockwise.
// Conversions keep products from being fused: it is the same on every processor.
func turningArea(ring []float64) float64 {
	x0, y0 := ring[0], ring[1]
	sum, px, py := 0.0, 0.0, 0.0
	for i := 2; i+1 < len(ring); i += 2 {
		x, y := ring[i]-x0, ring[i+1]-y0
		sum += float64(px*y) - float64(x*py)
		px, py = x, y
	}
	return sum
}

// inside is a point inside a ring, not on it: in the middle of the widest stretch at
// a level between two vertices, about halfway up. Rings that touch, or have an edge
// in common, are so told from rings in one another. A ring without an inside gives
// its first vertex.
func (n *nesting) inside(ring []float64) (x, y float64) {
	low, high := math.Inf(1), math.Inf(-1)
	for i := 1; i < len(ring); i += 2 {
		low, high = min(low, ring[i]), max(high, ring[i])
	}
	below, above, half := low, high, low+(high-low)/2
	for i := 1; i < len(ring); i += 2 {
		if v := ring[i]; v <= half {
			below = max(below, v)
		} else {
			above = min(above, v)
		}
	}
	level := below + (above-below)/2
	n.cuts = n.cuts[:0]
	edges(ring, func(ax, ay, bx, by float64) {
		if (ay > level) != (by > level) {
			n.cuts = append(n.cuts, ax+float64((level-ay)/(by-ay)*(bx-ax)))
		}
	})
	slices.Sort(n.cuts)
	x, y = ring[0], ring[1]
	widest := 0.0
	for i := 0; i+1 < len(n.cuts); i += 2 {
		if w := n.cuts[i+1] - n.cuts[i]; w > widest {
			widest, x, y = w, n.cuts[i]+w/2, level
		}
	}
	return x, y
}

// edges calls f with each edge of a ring, the one that closes it too.
func edges(ring []float64, f func(ax, ay, bx, by float64)) {
	last := len(ring) - 2
	ax, ay := ring[last], ring[last+1]
	for i := 0; i < len(ring); i += 2 {
		bx, by := ring[i], ring[i+1]
		f(ax, ay, bx, by)
		ax, ay = bx, by
	}
}

// test notes for each smaller ring whether it lies in this one: whether a line to
// the right of its point crosses the ring an odd number of times. Each edge is put
// to the points at its height only.
func (n *nesting) test(ring []float64, self int32) {
	first, last := len(n.order), -1
	edges(ring, func(ax, ay, bx, by float64) {
		if ay > by {
			ax, ay, bx, by = bx, by, ax, ay
		}
		if !(ay < by) {
			return
		}
		k, _ := slices.BinarySearch(n.sortedY, ay)
		first = min(first, k)
		for ; k < len(n.sortedY) && n.sortedY[k] < by; k++ {
			i := n.order[k]
			if float64((bx-ax)*(n.y[i]-ay)) > float64((by-ay)*(n.x[i]-ax)) {
				n.in[i] = !n.in[i]
				last = max(last, k)
			}
		}
	})
	for k := first; k <= last; k++ {
		i := n.order[k]
		if n.in[i] && n.larger(self, i) {
			n.depth[i]++
			if n.around[i] < 0 || n.larger(n.around[i], self) {
				n.around[i] = self
			}
		}
		n.in[i] = false
	}
}

// larger orders rings by area; of equal ones the first in the file is the larger.
func (n *nesting) larger(a, b int32) bool {
	return n.area[a] > n.area[b] || n.area[a] == n.area[b] && a < b
}

// settle tells shells from holes.
func (n *nesting) settle() {
	n.shell = sized(n.shell, len(n.depth))
	for i := range n.shell {
		n.shell[i] = int32(i)
		if n.depth[i]%2 == 0 {
			continue
		}
		// The ring around it is a shell, unless rings cross: then the next is tried.
		s := n.around[i]
		for s >= 0 && n.depth[s]%2 != 0 {
			s = n.around[s]
		}
		if s >= 0 {
			n.shell[i] = s
		}
	}
}

// regroup puts the rings of each part behind one another.
func (n *nesting) regroup(g *wkb.Geometry) {
	rings := len(n.shell)
	count := n.depth // is not needed any more: rings of the shell's part
	clear(count)
	for _, s := range n.shell {
		count[s]++
	}
	n.place = sized(n.place, rings)
	free := n.around // nor is this: where the part's next hole goes
	at := int32(0)
	for i, s := range n.shell {
		if int(s) == i {
			n.place[i], free[i] = at, at+1
			at += count[i]
			g.Parts = append(g.Parts, at)
		}
	}
	inOrder := true
	for i, s := range n.shell {
		if int(s) != i {
			n.place[i] = free[s]
			free[s]++
		}
		inOrder = inOrder && int(n.place[i]) == i
	}
	if !inOrder {
		n.move(g)
	}
}

// move reorders the rings by their places.
func (n *nesting) move(g *wkb.Geometry) {
	at := n.order // is not needed any more: which ring goes to a place
	for i, p := range n.place {
		at[p] = int32(i)
	}
	n.moved, n.newRings = n.moved[:0], n.newRings[:0]
	for _, i := range at {
		n.moved = append(n.moved, g.Ring(int(i))...)
		n.newRings = append(n.newRings, int32(len(n.moved)/2))
	}
	g.XY, n.moved = n.moved, g.XY
	g.Rings, n.newRings = n.newRings, g.Rings
}
