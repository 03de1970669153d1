package shapefile

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// What is wrong with a shape.
const (
	faultShort = "the record ends inside the shape"
	faultParts = "its parts do not follow one another"
	faultPatch = "a MultiPatch surface, which is not read: export its footprint as a polygon"
	faultType  = "of a shape type that does not exist"
)

// Geometry is the shape of the record; nil when it is Null. It is used again for the
// next record. A polygon of one shell is a Polygon and a line of one part a
// LineString, else they are multi. When the shape can't be read, g is nil and problem
// says why in a few words: that is the row's fault, not the file's.
func (r *Reader) Geometry() (g *wkb.Geometry, problem string) {
	c := r.content
	if len(c) < 4 {
		return nil, ""
	}
	kind, c := ShapeType(binary.LittleEndian.Uint32(c)), c[4:]
	switch kind {
	case Null:
		return nil, ""
	case Point, PointZ, PointM:
		problem = r.point(c)
	case MultiPoint, MultiPointZ, MultiPointM:
		problem = r.multiPoint(c)
	case PolyLine, PolyLineZ, PolyLineM:
		problem = r.lines(c)
	case Polygon, PolygonZ, PolygonM:
		problem = r.polygon(c)
	case MultiPatch:
		problem = faultPatch
	default:
		problem = faultType
	}
	if problem != "" {
		return nil, problem
	}
	return &r.g, ""
}

const (
	boxBytes   = 32
	pointBytes = 16
)

func (r *Reader) point(c []byte) string {
	if len(c) < pointBytes {
		return faultShort
	}
	r.g.Reset(wkb.Point)
	r.points(c[:pointBytes])
	r.g.EndRing()
	r.g.EndPart()
	return ""
}

func (r *Reader) multiPoint(c []byte) string {
	if len(c) < boxBytes+4 {
		return faultShort
	}
	n, c := int64(int32(binary.LittleEndian.Uint32(c[boxBytes:]))), c[boxBytes+4:]
	if n < 0 || n*pointBytes > int64(len(c)) {
		return faultShort
	}
	r.g.Reset(wkb.MultiPoint)
	r.points(c[:n*pointBytes])
	r.g.Rings, r.g.Parts = slices.Grow(r.g.Rings, int(n)), slices.Grow(r.g.Parts, int(n))
	for i := range int32(n) {
		r.g.Rings = append(r.g.Rings, i+1)
		r.g.EndPart()
	}
	return ""
}

func (r *Reader) lines(c []byte) string {
	r.g.Reset(wkb.LineString)
	if problem := r.rings(c); problem != "" {
		return problem
	}
	if r.g.NumRings() > 1 {
		r.g.Type = wkb.MultiLineString
	}
	for i := range r.g.Rings {
		r.g.Parts = append(r.g.Parts, int32(i+1))
	}
	return ""
}

func (r *Reader) polygon(c []byte) string {
	r.g.Reset(wkb.Polygon)
	if problem := r.rings(c); problem != "" {
		return problem
	}
	if r.g.NumRings() < 2 {
		r.g.EndPart()
	} else {
		r.nest.group(&r.g)
	}
	if r.g.NumParts() > 1 {
		r.g.Type = wkb.MultiPolygon
	}
	return ""
}

// rings reads the parts of a polygon or line, but not those without points.
func (r *Reader) rings(c []byte) string {
	if len(c) < boxBytes+8 {
		return faultShort
	}
	parts := int64(int32(binary.LittleEndian.Uint32(c[boxBytes:])))
	points := int64(int32(binary.LittleEndian.Uint32(c[boxBytes+4:])))
	c = c[boxBytes+8:]
	if parts < 0 || points < 0 || 4*parts+pointBytes*points > int64(len(c)) {
		return faultShort
	}
	starts := c[:4*parts]
	r.points(c[4*parts : 4*parts+pointBytes*points])
	from := int64(0) // of the part before
	for i := int64(0); i < parts; i++ {
		start := int64(int32(binary.LittleEndian.Uint32(starts[4*i:])))
		if start < from || start > points || i == 0 && start != 0 {
			return faultParts
		}
		if start > from {
			r.g.Rings = append(r.g.Rings, int32(start))
		}
		from = start
	}
	switch {
	case parts == 0 && points > 0:
		return faultParts
	case points > from:
		r.g.Rings = append(r.g.Rings, int32(points))
	}
	return ""
}

// points takes coordinates over.
func (r *Reader) points(c []byte) {
	n := len(c) / 8
	r.g.XY = slices.Grow(r.g.XY[:0], n)[:n]
	for i := range r.g.XY {
		r.g.XY[i] = math.Float64frombits(binary.LittleEndian.Uint64(c[8*i:]))
	}
}
