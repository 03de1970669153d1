package overlay

import (
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
// assemble puts them into one canonical form.
func outline(g geom.Geometry) *wkb.Geometry {
	var all []polygon
	collect(g, &all)
	return assemble(all)
}

// assemble makes one geometry of polygons whose rings are canonical.
func assemble(all []polygon) *wkb.Geometry {
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b polygon) int { return slices.Compare(a.rings[0], b.rings[0]) })
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

// collectPolygon drops polygons up to [Noise].
func collectPolygon(p geom.Polygon, all *[]polygon) {
	if p.IsEmpty() {
		return
	}
	shell, area := canonical(coordinates(p.ExteriorRing()), 1)
	rings := [][]float64{shell}
	for i := range p.NumInteriorRings() {
		hole, less := canonical(coordinates(p.InteriorRingN(i)), -1)
		rings = append(rings, hole)
		area -= less
	}
	if area <= Noise {
		return
	}
	slices.SortFunc(rings[1:], func(a, b []float64) int { return slices.Compare(a, b) })
	*all = append(*all, polygon{rings})
}

// coordinates are those of a ring without the point that repeats the first.
func coordinates(ring geom.LineString) []float64 {
	seq := ring.Coordinates()
	xy := make([]float64, 0, 2*seq.Length())
	for i := range seq.Length() - 1 {
		at := seq.GetXY(i)
		xy = append(xy, at.X, at.Y)
	}
	return xy
}

// canonical is an open ring, closed, from its least vertex on, counter-clockwise
// for sign +1 and clockwise for −1, and its area in m².
func canonical(open []float64, sign float64) (ring []float64, area float64) {
	if len(open) < 6 {
		return nil, 0
	}
	least := 0
	for i := 2; i < len(open); i += 2 {
		if slices.Compare(open[i:i+2], open[least:least+2]) < 0 {
			least = i
		}
	}
	ring = make([]float64, 0, len(open)+2)
	ring = append(append(ring, open[least:]...), open[:least]...)
	ring = append(ring, ring[0], ring[1])
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
