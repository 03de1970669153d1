package overlay

import (
	"cmp"
	"math"
	"slices"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// noded hands g to simplefeatures. The gate before has validated it.
func noded(g *wkb.Geometry) (geom.Geometry, error) {
	return geom.UnmarshalWKB(g.Append(nil), geom.NoValidate{})
}

// outline takes the polygonal part of a result back, nil when there is none. The
// noding walks hash maps, so its rings come in any order and from any vertex:
// they are put into one canonical form. Polygons up to [Noise] are dropped.
func outline(g geom.Geometry) *wkb.Geometry {
	var all []polygon
	collect(g, &all)
	slices.SortFunc(all, func(a, b polygon) int { return slices.Compare(a.rings[0], b.rings[0]) })
	if len(all) == 0 {
		return nil
	}
	out := &wkb.Geometry{Type: wkb.MultiPolygon}
	if len(all) == 1 {
		out.Type = wkb.Polygon
	}
	for _, p := range all {
		for _, ring := range p.rings {
			out.XY = append(out.XY, ring...)
			out.EndRing()
		}
		out.EndPart()
	}
	return out
}

// polygon is a shell and its holes.
type polygon struct{ rings [][]float64 }

func collect(g geom.Geometry, all *[]polygon) {
	switch g.Type() {
	case geom.TypePolygon:
		collectPolygon(g.MustAsPolygon(), all)
	case geom.TypeMultiPolygon:
		m := g.MustAsMultiPolygon()
		for i := range m.NumPolygons() {
			collectPolygon(m.PolygonN(i), all)
		}
	case geom.TypeGeometryCollection:
		c := g.MustAsGeometryCollection()
		for i := range c.NumGeometries() {
			collect(c.GeometryN(i), all)
		}
	}
}

func collectPolygon(p geom.Polygon, all *[]polygon) {
	if p.IsEmpty() {
		return
	}
	shell, area := canonical(p.ExteriorRing(), 1)
	rings := [][]float64{shell}
	for i := range p.NumInteriorRings() {
		hole, less := canonical(p.InteriorRingN(i), -1)
		rings = append(rings, hole)
		area -= less
	}
	if area <= Noise {
		return
	}
	slices.SortFunc(rings[1:], func(a, b []float64) int { return slices.Compare(a, b) })
	*all = append(*all, polygon{rings})
}

// canonical is a ring from its least vertex on, counter-clockwise for sign +1
// and clockwise for −1, and its area in m².
func canonical(line geom.LineString, sign float64) (ring []float64, area float64) {
	seq := line.Coordinates()
	n := seq.Length() - 1 // the last repeats the first
	if n < 3 {
		return nil, 0
	}
	open := make([]geom.XY, n)
	for i := range open {
		open[i] = seq.GetXY(i)
	}
	least := 0
	for i := range open {
		if c := cmp.Or(cmp.Compare(open[i].X, open[least].X), cmp.Compare(open[i].Y, open[least].Y)); c < 0 {
			least = i
		}
	}
	ring = make([]float64, 0, 2*n+2)
	for i := range n + 1 {
		at := open[(least+i)%n]
		ring = append(ring, at.X, at.Y)
	}
	area = measure.EllipsoidalRing(ring)
	if area*sign < 0 {
		reverse(ring)
	}
	return ring, math.Abs(area)
}

// reverse turns a ring's direction round, keeping its first vertex.
func reverse(ring []float64) {
	for i, j := 0, len(ring)-2; i < j; i, j = i+2, j-2 {
		ring[i], ring[i+1], ring[j], ring[j+1] = ring[j], ring[j+1], ring[i], ring[i+1]
	}
}
