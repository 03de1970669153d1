package overlay

import "github.com/muscope-gis/muscope/geo/wkb"

// faceOf is the face left of a live half, −1 the outside.
func (d *division) faceOf(h int32) int32 { return d.cycles[d.cycleOf[h]].face }

// kept says which faces GEOS' BuildArea keeps: those with an even number of
// ancestors, an ancestor being a face of which another exactly fills a hole.
func (d *division) kept() []bool {
	for f := range d.faces {
		for _, c := range d.faces[f].holes {
			if filler := d.fills(&d.cycles[c]); filler >= 0 {
				d.faces[filler].parent = int32(f)
			}
		}
	}
	keep := make([]bool, len(d.faces))
	for f := range d.faces {
		keep[f] = true
		for p := d.faces[f].parent; p >= 0; p = d.faces[p].parent {
			keep[f] = !keep[f]
		}
	}
	return keep
}

// fills is the face whose shell is the hole run backwards, −1 when none is.
func (d *division) fills(hole *cycle) int32 {
	c := d.cycleOf[hole.halves[0]^1]
	if other := &d.cycles[c]; !other.shell || len(other.halves) != len(hole.halves) {
		return -1
	}
	for _, h := range hole.halves {
		if d.cycleOf[h^1] != c {
			return -1
		}
	}
	return d.cycles[c].face
}

// outline marks the edges between kept faces and the rest.
func (d *division) outline(keep []bool) (edges []bool, some bool) {
	in := func(h int32) bool {
		if d.cycleOf[h] < 0 {
			return false
		}
		f := d.faceOf(h)
		return f >= 0 && keep[f]
	}
	edges = make([]bool, len(d.mesh.ends))
	for e := range edges {
		if in(int32(2*e)) != in(int32(2*e+1)) {
			edges[e], some = true, true
		}
	}
	return edges, some
}

// lineworkArea is the area that GEOS' MakeValid (method linework) builds from
// noded lines, as the edges of its outline. Each round builds the area of what
// lines are left and takes the outline of it away from them; the areas combine
// by symmetric difference, so the outlines, which have no edge in common, add up.
func lineworkArea(m *mesh) []bool {
	left, total := make([]bool, len(m.ends)), make([]bool, len(m.ends))
	for e := range left {
		left[e] = true
	}
	for {
		d := m.divide(m.prune(left))
		edges, some := d.outline(d.kept())
		if !some {
			return total
		}
		for e, on := range edges {
			if on {
				left[e], total[e] = false, true
			}
		}
	}
}

// polygons is the geometry with the outline given: a polygon, or a multipolygon
// when it has not exactly one part. A face is inside when it is one edge away
// from a face outside.
func (m *mesh) polygons(outline []bool) *wkb.Geometry {
	d := m.divide(outline)
	inside := d.parity(outline)
	g := &wkb.Geometry{Type: wkb.MultiPolygon}
	for f, in := range inside {
		if !in {
			continue
		}
		for _, c := range append([]int32{d.faces[f].shell}, d.faces[f].holes...) {
			g.XY = append(g.XY, d.cycles[c].ring...)
			g.EndRing()
		}
		g.EndPart()
	}
	if g.NumParts() == 1 {
		g.Type = wkb.Polygon
	}
	return g
}

// parity says of each face whether the way to it from the outside crosses an odd
// number of edges.
func (d *division) parity(live []bool) []bool {
	odd, seen := make([]bool, len(d.faces)), make([]bool, len(d.faces))
	beside := make([][]int32, len(d.faces)) // faces across an edge
	var queue []int32
	for e, on := range live {
		if !on {
			continue
		}
		a, b := d.faceOf(int32(2*e)), d.faceOf(int32(2*e+1))
		for _, p := range [2][2]int32{{a, b}, {b, a}} {
			switch {
			case p[0] >= 0 && p[1] >= 0:
				beside[p[0]] = append(beside[p[0]], p[1])
			case p[0] >= 0 && !seen[p[0]]:
				seen[p[0]], odd[p[0]] = true, true
				queue = append(queue, p[0])
			}
		}
	}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		for _, other := range beside[f] {
			if !seen[other] {
				seen[other], odd[other] = true, !odd[f]
				queue = append(queue, other)
			}
		}
	}
	return odd
}
