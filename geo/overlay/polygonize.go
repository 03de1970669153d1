package overlay

import (
	"cmp"
	"slices"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// mesh is noded linework as a planar graph: edges meet at nodes only. Edge e has
// two halves: 2e runs from the lesser to the greater node, 2e+1 back. The face of
// a half is the one on its left.
type mesh struct {
	xy    []float64  // nodes, by x, then y
	ends  [][2]int32 // nodes of each edge, the lesser first
	first []int32    // where each node's halves start in out, and the end
	out   []int32    // halves leaving each node, counter-clockwise
	slot  []int32    // of each half in out
}

// newMesh makes the mesh of noded lines. Edges that coincide become one.
func newMesh(lines *wkb.Geometry) *mesh {
	m := &mesh{}
	m.addNodes(lines)
	for r := range lines.NumRings() {
		line := lines.Ring(r)
		for i := 0; i+3 < len(line); i += 2 {
			a, b := m.node(line[i], line[i+1]), m.node(line[i+2], line[i+3])
			if a != b {
				m.ends = append(m.ends, [2]int32{min(a, b), max(a, b)})
			}
		}
	}
	slices.SortFunc(m.ends, func(a, b [2]int32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	m.ends = slices.Compact(m.ends)
	m.addRotation()
	return m
}

func comparePoints(a, b [2]float64) int {
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
}

func (m *mesh) addNodes(lines *wkb.Geometry) {
	points := make([][2]float64, len(lines.XY)/2)
	for i := range points {
		points[i] = [2]float64{lines.XY[2*i], lines.XY[2*i+1]}
	}
	slices.SortFunc(points, comparePoints)
	for i, p := range points {
		if i == 0 || comparePoints(p, points[i-1]) != 0 {
			m.xy = append(m.xy, p[0], p[1])
		}
	}
}

func (m *mesh) node(x, y float64) int32 {
	lo, hi := 0, len(m.xy)/2
	for lo < hi {
		mid := (lo + hi) / 2
		if comparePoints([2]float64{m.xy[2*mid], m.xy[2*mid+1]}, [2]float64{x, y}) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return int32(lo)
}

// from is the node a half leaves; h^1 is the half that runs back.
func (m *mesh) from(h int32) int32 { return m.ends[h/2][h&1] }

// addRotation sorts the halves around every node.
func (m *mesh) addRotation() {
	nodes, halves := len(m.xy)/2, int32(2*len(m.ends))
	m.first = make([]int32, nodes+1)
	for h := range halves {
		m.first[m.from(h)+1]++
	}
	for n := range nodes {
		m.first[n+1] += m.first[n]
	}
	m.out, m.slot = make([]int32, halves), make([]int32, halves)
	fill := slices.Clone(m.first)
	for h := range halves {
		n := m.from(h)
		m.out[fill[n]] = h
		fill[n]++
	}
	for n := range nodes {
		slices.SortFunc(m.out[m.first[n]:m.first[n+1]], m.compareAround)
	}
	for i, h := range m.out {
		m.slot[h] = int32(i)
	}
}

// compareAround orders two halves of one node counter-clockwise from due east.
func (m *mesh) compareAround(a, b int32) int {
	n, p, q := 2*m.from(a), 2*m.from(a^1), 2*m.from(b^1)
	x, y := m.xy[n], m.xy[n+1]
	lower := func(k int32) bool { return m.xy[k+1] < y || m.xy[k+1] == y && m.xy[k] < x }
	if l := lower(p); l != lower(q) {
		if l {
			return 1
		}
		return -1
	}
	return -turn(x, y, m.xy[p], m.xy[p+1], m.xy[q], m.xy[q+1])
}

// next is the half that follows h around the face on its left, over live edges.
func (m *mesh) next(h int32, live []bool) int32 {
	back := h ^ 1
	n := m.from(back)
	for i := m.slot[back]; ; {
		if i == m.first[n] {
			i = m.first[n+1]
		}
		i--
		if live[m.out[i]/2] {
			return m.out[i]
		}
	}
}

// walks follows every live half around its face. It returns the walk each half
// belongs to and the walks.
func (m *mesh) walks(live []bool) (walkOf []int32, all [][]int32) {
	walkOf = make([]int32, 2*len(m.ends))
	for h := range walkOf {
		walkOf[h] = -1
	}
	for h := range int32(len(walkOf)) {
		if !live[h/2] || walkOf[h] >= 0 {
			continue
		}
		var walk []int32
		for at := h; walkOf[at] < 0; at = m.next(at, live) {
			walkOf[at] = int32(len(all))
			walk = append(walk, at)
		}
		all = append(all, walk)
	}
	return walkOf, all
}

// prune returns the live edges that lie between two faces: no dangles, no edges
// with the same face on both sides.
func (m *mesh) prune(live []bool) []bool {
	live = slices.Clone(live)
	degree := make([]int32, len(m.xy)/2)
	for e, ends := range m.ends {
		if live[e] {
			degree[ends[0]]++
			degree[ends[1]]++
		}
	}
	for n := range degree {
		for at := int32(n); degree[at] == 1; {
			for _, h := range m.out[m.first[at]:m.first[at+1]] {
				if live[h/2] {
					live[h/2] = false
					degree[at]--
					at = m.from(h ^ 1)
					degree[at]--
					break
				}
			}
		}
	}
	walkOf, _ := m.walks(live)
	for e := range live {
		if live[e] && walkOf[2*e] == walkOf[2*e+1] {
			live[e] = false
		}
	}
	return live
}

// cycle is a simple ring of halves: a shell when it runs counter-clockwise, else
// a hole.
type cycle struct {
	halves []int32
	ring   []float64
	shell  bool
	face   int32 // −1 is the outside
}

// face is one bounded face of a mesh.
type face struct {
	shell  int32
	holes  []int32
	area   float64 // of the shell, planar
	parent int32   // the face of which it fills a hole, −1 without
}

// division is a mesh's live edges divided into faces.
type division struct {
	mesh    *mesh
	cycleOf []int32 // of each half; −1 of dead ones
	cycles  []cycle
	faces   []face
}

// divide finds the faces. live must be pruned. A walk that touches itself is cut
// at the touching nodes into simple cycles.
func (m *mesh) divide(live []bool) *division {
	d := &division{mesh: m, cycleOf: make([]int32, 2*len(m.ends))}
	for h := range d.cycleOf {
		d.cycleOf[h] = -1
	}
	_, walks := m.walks(live)
	at := make([]int32, len(m.xy)/2)
	for n := range at {
		at[n] = -1
	}
	var open []int // cycles without a shell in their walk
	for _, walk := range walks {
		from := len(d.cycles)
		d.cut(walk, at)
		own := int32(-1)
		for c := from; c < len(d.cycles); c++ {
			if d.cycles[c].shell {
				own = int32(len(d.faces))
				d.faces = append(d.faces, face{shell: int32(c), area: measure.PlanarRing(d.cycles[c].ring), parent: -1})
			}
		}
		for c := from; c < len(d.cycles); c++ {
			d.cycles[c].face = own
			if own >= 0 && !d.cycles[c].shell {
				d.faces[own].holes = append(d.faces[own].holes, int32(c))
			}
		}
		if own < 0 {
			open = append(open, from, len(d.cycles))
		}
	}
	d.placeHoles(open, d.components(live))
	return d
}

// cut adds the simple cycles of a walk. at is −1 for every node, before and after.
func (d *division) cut(walk []int32, at []int32) {
	var stack []int32
	emit := func(from int32) {
		halves := slices.Clone(stack[from:])
		stack = stack[:from]
		for _, h := range halves {
			at[d.mesh.from(h)] = -1
			d.cycleOf[h] = int32(len(d.cycles))
		}
		ring := d.mesh.ring(halves)
		d.cycles = append(d.cycles, cycle{halves: halves, ring: ring, shell: runsLeft(ring)})
	}
	for _, h := range walk {
		n := d.mesh.from(h)
		if at[n] >= 0 {
			emit(at[n])
		}
		at[n] = int32(len(stack))
		stack = append(stack, h)
	}
	emit(0)
}

// ring is the closed ring of a cycle, from its least node.
func (m *mesh) ring(halves []int32) []float64 {
	least := 0
	for i, h := range halves {
		if m.from(h) < m.from(halves[least]) {
			least = i
		}
	}
	ring := make([]float64, 0, 2*len(halves)+2)
	for i := range len(halves) + 1 {
		n := m.from(halves[(least+i)%len(halves)])
		ring = append(ring, m.xy[2*n], m.xy[2*n+1])
	}
	return ring
}

// components numbers the nodes by the connected piece of live edges they are in.
func (d *division) components(live []bool) []int32 {
	root := make([]int32, len(d.mesh.xy)/2)
	for n := range root {
		root[n] = int32(n)
	}
	find := func(n int32) int32 {
		for root[n] != n {
			root[n] = root[root[n]]
			n = root[n]
		}
		return n
	}
	for e, ends := range d.mesh.ends {
		if live[e] {
			root[find(ends[0])] = find(ends[1])
		}
	}
	for n := range root {
		root[n] = find(int32(n))
	}
	return root
}

// placeHoles gives the outlines of whole components to the smallest face of
// another component around them. open holds ranges of cycles, one per component.
func (d *division) placeHoles(open []int, component []int32) {
	for i := 0; i < len(open); i += 2 {
		hole := &d.cycles[open[i]]
		own := component[d.mesh.from(hole.halves[0])]
		best := int32(-1)
		for f := range d.faces {
			shell := &d.cycles[d.faces[f].shell]
			if component[d.mesh.from(shell.halves[0])] == own || best >= 0 && d.faces[f].area >= d.faces[best].area {
				continue
			}
			if inside, _ := locate(hole.ring[0], hole.ring[1], shell.ring); inside {
				best = int32(f)
			}
		}
		for c := open[i]; c < open[i+1]; c++ {
			d.cycles[c].face = best
			if best >= 0 {
				d.faces[best].holes = append(d.faces[best].holes, int32(c))
			}
		}
	}
}
