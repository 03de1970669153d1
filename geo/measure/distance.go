package measure

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// touching is the distance in metres below which two geometries touch: a
// hundredth of the last digit layers keep.
const touching = 1e-6

// Index holds features, of any type, prepared for distance searches. It copies
// what it needs. Features that are empty or not finite are never near anything.
// Any number of goroutines may search it, each with its own [Scratch].
type Index struct {
	segments []segment // feature after feature
	owner    []int32   // the feature of each segment
	from     []int32   // where each feature's segments start, and the end
	areal    []int32   // the areal features
	tree     tree      // of segments
	areas    tree      // of areal features
}

// segment is an edge in degrees, its lesser end first, so that features that
// share an edge measure the same. A point is a segment of no length.
type segment struct{ x1, y1, x2, y2 float64 }

func (e *segment) box() wkb.Box {
	return wkb.Box{MinX: e.x1, MinY: min(e.y1, e.y2), MaxX: e.x2, MaxY: max(e.y1, e.y2)}
}

// NewIndex prepares features for searching; they are known by their number.
func NewIndex(features []*wkb.Geometry) *Index {
	x := &Index{from: make([]int32, 1, len(features)+1)}
	var boxes []wkb.Box
	for f, g := range features {
		if g != nil && !g.Empty() && g.Finite() {
			x.segments = appendSegments(x.segments, g)
			if g.Type.Areal() {
				x.areal = append(x.areal, int32(f))
				boxes = append(boxes, g.Bounds())
			}
		}
		x.from = append(x.from, int32(len(x.segments)))
		for len(x.owner) < len(x.segments) {
			x.owner = append(x.owner, int32(f))
		}
	}
	x.areas = newTree(boxes)
	boxes = boxes[:0]
	for i := range x.segments {
		boxes = append(boxes, x.segments[i].box())
	}
	x.tree = newTree(boxes)
	return x
}

// appendSegments adds the edges of all rings and lines, and all points.
func appendSegments(dst []segment, g *wkb.Geometry) []segment {
	for r := range g.NumRings() {
		ring := g.Ring(r)
		if len(ring) == 2 {
			dst = append(dst, segment{ring[0], ring[1], ring[0], ring[1]})
		}
		for i := 0; i+3 < len(ring); i += 2 {
			e := segment{ring[i], ring[i+1], ring[i+2], ring[i+3]}
			if e.x1 > e.x2 || e.x1 == e.x2 && e.y1 > e.y2 {
				e = segment{e.x2, e.y2, e.x1, e.y1}
			}
			dst = append(dst, e)
		}
	}
	return dst
}

// inside says whether a point is in the area that closed rings' edges enclose,
// holes out. On the edges it may say either.
func inside(x, y float64, edges []segment) bool {
	in := false
	for i := range edges {
		e := &edges[i]
		if (e.y1 > y) != (e.y2 > y) && x < e.x1+(y-e.y1)/(e.y2-e.y1)*(e.x2-e.x1) {
			in = !in
		}
	}
	return in
}

// Hit is a feature and its distance.
type Hit struct {
	Feature int
	Metres  float64
}

// Nearest is the feature of x nearest to g, when that is nearer than limit
// metres; of features at the same distance the smallest number. Distances run
// from boundary to boundary on the ellipsoid and are 0 when the geometries touch
// or one lies in the other's area. The relative error is below 1e-6 within 5 km;
// it grows with the square of the distance.
func (x *Index) Nearest(g *wkb.Geometry, limit float64, s *Scratch) (feature int, metres float64, ok bool) {
	s.search(x, g, limit, false)
	metres = limit
	for _, h := range s.hits {
		if h.Metres < metres || ok && h.Metres == metres && h.Feature < feature {
			feature, metres, ok = h.Feature, h.Metres, true
		}
	}
	if !ok {
		return -1, math.NaN(), false
	}
	return feature, metres, true
}

// Within appends to dst every feature nearer to g than limit metres, in the
// order of their numbers. Distances are those of [Index.Nearest].
func (x *Index) Within(g *wkb.Geometry, limit float64, s *Scratch, dst []Hit) []Hit {
	s.search(x, g, limit, true)
	slices.SortFunc(s.hits, func(a, b Hit) int {
		if a.Feature != b.Feature {
			return a.Feature - b.Feature
		}
		if a.Metres < b.Metres {
			return -1
		}
		return 1
	})
	last := -1
	for _, h := range s.hits {
		if h.Feature != last && h.Metres < limit {
			dst, last = append(dst, h), h.Feature
		}
	}
	return dst
}

// Distance is the distance in metres between two geometries, as
// [Index.Nearest] takes it; NaN when one is empty or not finite.
func Distance(a, b *wkb.Geometry) float64 {
	_, metres, _ := NewIndex([]*wkb.Geometry{b}).Nearest(a, math.Inf(1), new(Scratch))
	return metres
}
