// Package wkb reads well-known binary in place and writes it back.
//
// A geometry is parsed into flat, reusable slices: no object per ring, no
// allocation once the slices have grown. ISO WKB and EWKB are read in both byte
// orders; Z and M are dropped; what is written is ISO WKB, 2D, little-endian.
// The package knows bytes only: no validity, no areas, no coordinate systems
// (a NaN coordinate parses; [Geometry.Finite] tells).
package wkb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Type is a geometry type, numbered as in ISO 19125 (OGC Simple Features).
type Type uint8

// The 2D types this package reads.
const (
	Point           Type = 1
	LineString      Type = 2
	Polygon         Type = 3
	MultiPoint      Type = 4
	MultiLineString Type = 5
	MultiPolygon    Type = 6
)

// typeNames are all types of ISO 19125 and ISO 13249-3 by their number, those too
// that are only known by name.
var typeNames = [...]string{
	"", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
	"CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface", "Curve", "Surface",
	"PolyhedralSurface", "TIN", "Triangle",
}

// Named finds a type by its name, those too that this package does not read.
func Named(name string) (t Type, ok bool) {
	i := slices.Index(typeNames[1:], name)
	return Type(i + 1), i >= 0
}

// Readable says whether the type is one this package reads.
func (t Type) Readable() bool { return t >= Point && t <= MultiPolygon }

// String is the type's name in GeoJSON and WKT.
func (t Type) String() string {
	if int(t) < len(typeNames) && t > 0 {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Areal says whether the type is a polygon or a multipolygon.
func (t Type) Areal() bool { return t == Polygon || t == MultiPolygon }

// What [Geometry.Parse] reports, wrapped with the byte offset.
var (
	ErrShort = errors.New("bytes end inside the geometry")
	ErrType  = errors.New("geometry type not supported")
	ErrOrder = errors.New("byte order is neither 0 nor 1")
	ErrRest  = errors.New("bytes left after the geometry")
	ErrDepth = errors.New("parts of a multi-geometry have the wrong type")
)

// TypeError is the [ErrType] of a type that has a name but is not read: a
// collection, a curve, a surface.
type TypeError struct{ Type Type }

// Error implements error.
func (e TypeError) Error() string { return ErrType.Error() + ": " + e.Type.String() }

// Unwrap makes it an [ErrType].
func (e TypeError) Unwrap() error { return ErrType }

// Box is a bounding box in the coordinates' own unit.
type Box struct{ MinX, MinY, MaxX, MaxY float64 }

// EmptyBox is the box of nothing: extending it by a point gives that point.
func EmptyBox() Box {
	return Box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
}

// Empty says whether the box holds no point.
func (b Box) Empty() bool { return !(b.MinX <= b.MaxX && b.MinY <= b.MaxY) }

// Extend returns the smallest box holding both.
func (b Box) Extend(o Box) Box {
	return Box{min(b.MinX, o.MinX), min(b.MinY, o.MinY), max(b.MaxX, o.MaxX), max(b.MaxY, o.MaxY)}
}

// Intersects says whether the boxes share at least a point.
func (b Box) Intersects(o Box) bool {
	return b.MinX <= o.MaxX && o.MinX <= b.MaxX && b.MinY <= o.MaxY && o.MinY <= b.MaxY
}

// Contains says whether o lies in b, borders included.
func (b Box) Contains(o Box) bool {
	return b.MinX <= o.MinX && o.MaxX <= b.MaxX && b.MinY <= o.MinY && o.MaxY <= b.MaxY
}

// Geometry is one parsed geometry in flat form. The slices belong to it and are
// overwritten by the next Parse: copy what must stay.
type Geometry struct {
	Type  Type
	XY    []float64 // x0, y0, x1, y1 … of all rings, lines or points in order
	Rings []int32   // exclusive end, in points, of each ring (line; point)
	Parts []int32   // exclusive end, in rings, of each polygon (line; point)
	SRID  uint32    // of EWKB; 0 when none was given
}

// Reset empties the geometry, keeping its memory.
func (g *Geometry) Reset(t Type) {
	g.Type, g.SRID = t, 0
	g.XY, g.Rings, g.Parts = g.XY[:0], g.Rings[:0], g.Parts[:0]
}

// Clone returns a copy that shares nothing with g.
func (g *Geometry) Clone() *Geometry {
	return &Geometry{
		Type: g.Type, SRID: g.SRID,
		XY: slices.Clone(g.XY), Rings: slices.Clone(g.Rings), Parts: slices.Clone(g.Parts),
	}
}

// Empty says whether the geometry has no point at all.
func (g *Geometry) Empty() bool { return len(g.XY) == 0 }

// NumRings is the number of rings (lines; points).
func (g *Geometry) NumRings() int { return len(g.Rings) }

// Ring returns the coordinates x0, y0, x1, y1 … of ring i, closing point included.
func (g *Geometry) Ring(i int) []float64 {
	start := int32(0)
	if i > 0 {
		start = g.Rings[i-1]
	}
	return g.XY[2*start : 2*g.Rings[i]]
}

// NumParts is the number of polygons (lines; points).
func (g *Geometry) NumParts() int { return len(g.Parts) }

// Part returns the half-open range of rings of polygon i; the first is its shell.
func (g *Geometry) Part(i int) (from, to int) {
	if i > 0 {
		from = int(g.Parts[i-1])
	}
	return from, int(g.Parts[i])
}

// EndRing closes the run of coordinates appended to XY since the last ring.
func (g *Geometry) EndRing() { g.Rings = append(g.Rings, int32(len(g.XY)/2)) }

// EndPart closes the run of rings since the last part.
func (g *Geometry) EndPart() { g.Parts = append(g.Parts, int32(len(g.Rings))) }

// Finite says whether every coordinate is a number.
func (g *Geometry) Finite() bool {
	for _, v := range g.XY {
		if v-v != 0 { // NaN and both infinities
			return false
		}
	}
	return true
}

// Bounds is the bounding box of all coordinates; NaN coordinates are passed over.
func (g *Geometry) Bounds() Box {
	b := EmptyBox()
	for i := 0; i+1 < len(g.XY); i += 2 {
		x, y := g.XY[i], g.XY[i+1]
		if x < b.MinX {
			b.MinX = x
		}
		if x > b.MaxX {
			b.MaxX = x
		}
		if y < b.MinY {
			b.MinY = y
		}
		if y > b.MaxY {
			b.MaxY = y
		}
	}
	return b
}

// Parse reads one geometry from b, all of it, replacing what g held. Empty
// points (NaN NaN) and empty rings are kept as they are. The error wraps one of
// the package's Err values and names the byte offset.
func (g *Geometry) Parse(b []byte) error {
	g.Reset(0)
	p := parser{b: b}
	t, err := p.head(g)
	if err == nil && !t.Readable() {
		err = TypeError{t}
	}
	if err == nil {
		g.Type = t
		err = p.body(g, t)
	}
	if err == nil && p.at != len(b) {
		err = ErrRest
	}
	if err != nil {
		g.Reset(0)
		return fmt.Errorf("wkb byte %d: %w", p.at, err)
	}
	return nil
}

type parser struct {
	b    []byte
	at   int
	big  bool
	dims int // 2, 3 or 4 numbers a point
}

func (p *parser) uint32() (uint32, error) {
	if len(p.b)-p.at < 4 {
		return 0, ErrShort
	}
	v := p.b[p.at:]
	p.at += 4
	if p.big {
		return binary.BigEndian.Uint32(v), nil
	}
	return binary.LittleEndian.Uint32(v), nil
}

const (
	ewkbZ    = 0x80000000
	ewkbM    = 0x40000000
	ewkbSRID = 0x20000000
)

func (p *parser) head(g *Geometry) (Type, error) {
	if p.at >= len(p.b) {
		return 0, ErrShort
	}
	order := p.b[p.at]
	if order > 1 {
		return 0, ErrOrder
	}
	p.at++
	p.big = order == 0
	code, err := p.uint32()
	if err != nil {
		return 0, err
	}
	p.dims = 2
	if code&ewkbZ != 0 {
		p.dims++
	}
	if code&ewkbM != 0 {
		p.dims++
	}
	if code&ewkbSRID != 0 {
		if g.SRID, err = p.uint32(); err != nil {
			return 0, err
		}
	}
	code &^= ewkbZ | ewkbM | ewkbSRID
	switch code / 1000 {
	case 0:
	case 1, 2:
		p.dims++
	case 3:
		p.dims += 2
	default:
		return 0, ErrType
	}
	code %= 1000
	if code < 1 || int(code) >= len(typeNames) || p.dims > 4 {
		return 0, ErrType
	}
	return Type(code), nil
}

func (p *parser) body(g *Geometry, t Type) error {
	switch t {
	case Point:
		if err := p.points(g, 1); err != nil {
			return err
		}
		g.EndRing()
		g.EndPart()
		return nil
	case LineString:
		if err := p.ring(g); err != nil {
			return err
		}
		g.EndPart()
		return nil
	case Polygon:
		n, err := p.count(4)
		if err != nil {
			return err
		}
		for ; n > 0; n-- {
			if err := p.ring(g); err != nil {
				return err
			}
		}
		g.EndPart()
		return nil
	}
	n, err := p.count(9)
	if err != nil {
		return err
	}
	for ; n > 0; n-- {
		part, err := p.head(g)
		if err != nil {
			return err
		}
		if part != t-3 {
			return ErrDepth
		}
		if err := p.body(g, part); err != nil {
			return err
		}
	}
	return nil
}

// count reads a number of things that take at least size bytes each, so that a
// lying count cannot make the reader loop or allocate.
func (p *parser) count(size int) (int, error) {
	n, err := p.uint32()
	if err != nil {
		return 0, err
	}
	if int64(n)*int64(size) > int64(len(p.b)-p.at) {
		return 0, ErrShort
	}
	return int(n), nil
}

func (p *parser) ring(g *Geometry) error {
	n, err := p.count(8 * p.dims)
	if err != nil {
		return err
	}
	if err := p.points(g, n); err != nil {
		return err
	}
	g.EndRing()
	return nil
}

func (p *parser) points(g *Geometry, n int) error {
	step := 8 * p.dims
	if len(p.b)-p.at < n*step {
		return ErrShort
	}
	at := len(g.XY)
	g.XY = slices.Grow(g.XY, 2*n)[:at+2*n]
	out, b := g.XY[at:], p.b[p.at:p.at+n*step]
	p.at += n * step
	if p.big {
		for i := range n {
			out[2*i] = math.Float64frombits(binary.BigEndian.Uint64(b[i*step:]))
			out[2*i+1] = math.Float64frombits(binary.BigEndian.Uint64(b[i*step+8:]))
		}
		return nil
	}
	for i := range n {
		out[2*i] = math.Float64frombits(binary.LittleEndian.Uint64(b[i*step:]))
		out[2*i+1] = math.Float64frombits(binary.LittleEndian.Uint64(b[i*step+8:]))
	}
	return nil
}

// Size is how many bytes Append writes.
func (g *Geometry) Size() int {
	size := 8*len(g.XY) + 5
	if g.Type >= MultiPoint {
		size += 4 + 5*len(g.Parts)
	}
	switch g.Type {
	case Polygon, MultiPolygon:
		size += 4*len(g.Parts) + 4*len(g.Rings)
	case LineString, MultiLineString:
		size += 4 * len(g.Parts)
	}
	return size
}

// Append writes the geometry as ISO WKB, 2D, little-endian, to the end of dst.
func (g *Geometry) Append(dst []byte) []byte {
	dst = slices.Grow(dst, 9+8*len(g.XY)+13*len(g.Rings)+9*len(g.Parts))
	if g.Type < MultiPoint {
		return g.appendPart(dst, g.Type, 0)
	}
	dst = appendHead(dst, g.Type)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(g.Parts)))
	for i := range g.Parts {
		dst = g.appendPart(dst, g.Type-3, i)
	}
	return dst
}

func appendHead(dst []byte, t Type) []byte {
	return append(dst, 1, byte(t), 0, 0, 0)
}

func (g *Geometry) appendPart(dst []byte, t Type, part int) []byte {
	dst = appendHead(dst, t)
	from, to := 0, 0
	if part < len(g.Parts) {
		from, to = g.Part(part)
	}
	if t == Polygon {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(to-from))
	}
	for r := from; r < to; r++ {
		ring := g.Ring(r)
		if t != Point {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(len(ring)/2))
		}
		for _, v := range ring {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
		}
	}
	if from == to && t == LineString {
		dst = binary.LittleEndian.AppendUint32(dst, 0)
	}
	return dst
}
