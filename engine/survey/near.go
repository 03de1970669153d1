package survey

import (
	"fmt"
	"math"
	"sync"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Lines are control lines (river banks, parks, boundaries) prepared for distances.
// They may be asked from many goroutines. They are facts for buffer rules; a run
// whose policies have none does not ask for them.
//
// Distances are metres on the ellipsoid from boundary to boundary, the relative error
// below 1e-6 within 5 km. They are 0 where the two touch or cross and where one lies
// in the other's area: a parcel in a lake, but not one on its island.
//
// Control lines are taken as they were drawn. A line may cross itself; a polygon that
// does encloses what is inside an odd number of times, as its repair would; the
// polygons of a multipolygon may overlap.
type Lines struct {
	index  *measure.Index
	line   []int32 // of each feature of the index
	rulers sync.Pool
}

// ruler is one goroutine's scratch.
type ruler struct {
	g       wkb.Geometry
	scratch measure.Scratch
}

// NewLines prepares control lines of any type, given as WKB in ascending order of
// their ids; they are known by their number. A line that is empty is never near.
func NewLines(shapes [][]byte) (*Lines, error) {
	l := &Lines{rulers: sync.Pool{New: func() any { return new(ruler) }}}
	var features []*wkb.Geometry
	var g wkb.Geometry
	for i, raw := range shapes {
		if err := g.Parse(raw); err != nil {
			return nil, fmt.Errorf("survey control_lines: feature %d: %w; write its geometry again", i+1, err)
		}
		features = appendFeatures(features, &g)
		for len(l.line) < len(features) {
			l.line = append(l.line, int32(i))
		}
	}
	l.index = measure.NewIndex(features)
	return l, nil
}

// appendFeatures adds a copy of a line to those of the index. Polygons go one by one:
// taken together, the ground that two of them cover would count as outside. Their
// rings are closed.
func appendFeatures(dst []*wkb.Geometry, g *wkb.Geometry) []*wkb.Geometry {
	if !g.Type.Areal() {
		return append(dst, g.Clone())
	}
	for part := range g.NumParts() {
		polygon := &wkb.Geometry{Type: wkb.Polygon}
		for from, to := g.Part(part); from < to; from++ {
			ring := g.Ring(from)
			polygon.XY = append(polygon.XY, ring...)
			if n := len(ring); n > 0 && (ring[0] != ring[n-2] || ring[1] != ring[n-1]) {
				polygon.XY = append(polygon.XY, ring[0], ring[1])
			}
			polygon.EndRing()
		}
		polygon.EndPart()
		dst = append(dst, polygon)
	}
	return dst
}

// Nearest is the line nearest to a shape, WKB of any type, when that is nearer than
// limit metres: its number and the distance. Of lines at the same distance it is the
// one with the smallest number. The limit itself is not within it, by the distance
// before it is rounded: 999.9999 m is within 1000 m, and reads 1000.000. Without one,
// and for an empty shape, ok is false and the line -1.
//
// A polygon should have been through the gate first; the error is that of a shape
// that is no WKB.
func (l *Lines) Nearest(shape []byte, limit float64) (line int32, millimetres int64, ok bool, err error) {
	r := l.rulers.Get().(*ruler)
	defer l.rulers.Put(r)
	if err := r.g.Parse(shape); err != nil {
		return -1, 0, false, fmt.Errorf("survey control_lines: shape to measure from: %w; put it through the gate first", err)
	}
	line, millimetres, ok = l.nearest(r, limit)
	return line, millimetres, ok, nil
}

// NearestToPoint is [Lines.Nearest] for a place in degrees. A place that is not finite
// is near nothing.
func (l *Lines) NearestToPoint(lon, lat, limit float64) (line int32, millimetres int64, ok bool) {
	r := l.rulers.Get().(*ruler)
	defer l.rulers.Put(r)
	r.g.Reset(wkb.Point)
	r.g.XY = append(r.g.XY, lon, lat)
	r.g.EndRing()
	r.g.EndPart()
	return l.nearest(r, limit)
}

func (l *Lines) nearest(r *ruler, limit float64) (line int32, millimetres int64, ok bool) {
	feature, metres, ok := l.index.Nearest(&r.g, limit, &r.scratch)
	if !ok {
		return -1, 0, false
	}
	return l.line[feature], int64(math.Round(metres * 1000)), true
}
