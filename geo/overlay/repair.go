package overlay

import (
	"errors"
	"fmt"
	"math"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// MaxAreaChange is the share of a broken polygon's area by which the repaired
// one must differ less.
const MaxAreaChange = 0.001

// Why [Repair] refuses a geometry.
var (
	ErrEmpty       = errors.New("the geometry is empty")
	ErrNotPolygon  = errors.New("the geometry is not a polygon or multipolygon")
	ErrNotFinite   = errors.New("a coordinate is not a finite number")
	ErrNoArea      = errors.New("the geometry has no area")
	ErrAreaChanges = errors.New("the repair would change the area by 0.1 % or more")
	ErrNotRepaired = errors.New("the geometry cannot be repaired")
)

// Repair returns a valid polygon or multipolygon for a broken one: the polygonal
// part of what ST_MakeValid (method linework) of PostGIS makes of it. A ring left
// open is closed; a ring of under three different points has no area and is
// dropped. It refuses, with an error wrapping one of those above, when the planar
// area would change by 0.1 % or more: then the drawing is too wrong to guess what
// was meant. The result shares nothing with g; shells run counter-clockwise,
// holes clockwise when anything had to be rebuilt.
func Repair(g *wkb.Geometry) (*wkb.Geometry, error) {
	switch {
	case !g.Type.Areal():
		return nil, fmt.Errorf("repair %s: %w", g.Type, ErrNotPolygon)
	case g.Empty():
		return nil, fmt.Errorf("repair: %w", ErrEmpty)
	case !g.Finite():
		return nil, fmt.Errorf("repair: %w", ErrNotFinite)
	}
	before := measure.Planar(g)
	fixed := closed(g)
	if fixed.Empty() {
		return nil, fmt.Errorf("repair: %w", ErrNoArea)
	}
	var s Scratch
	if s.Valid(fixed) != "" {
		lines, err := node(fixed)
		if err != nil {
			return nil, fmt.Errorf("repair: node the lines: %w: %w", ErrNotRepaired, err)
		}
		m := newMesh(lines)
		fixed = m.polygons(lineworkArea(m))
	}
	after := measure.Planar(fixed)
	if fixed.Empty() || after == 0 {
		return nil, fmt.Errorf("repair: %w", ErrNoArea)
	}
	if !(math.Abs(after-before) < MaxAreaChange*before) {
		return nil, fmt.Errorf("repair: from %.6g to %.6g square degrees: %w", before, after, ErrAreaChanges)
	}
	if wrong := s.Valid(fixed); wrong != "" {
		return nil, fmt.Errorf("repair: the result has %s: %w", wrong, ErrNotRepaired)
	}
	return fixed, nil
}

// closed copies the rings, closed, without repeated points, and without those
// that have no area.
func closed(g *wkb.Geometry) *wkb.Geometry {
	out := &wkb.Geometry{Type: g.Type, SRID: g.SRID}
	for p := range g.NumParts() {
		from, to := g.Part(p)
		rings := out.NumRings()
		for r := from; r < to; r++ {
			if start := len(out.XY); !appendClosed(out, g.Ring(r)) {
				out.XY = out.XY[:start]
				continue
			}
			out.EndRing()
		}
		if out.NumRings() > rings {
			out.EndPart()
		}
	}
	return out
}

// appendClosed adds a ring's points and says whether there are enough.
func appendClosed(out *wkb.Geometry, ring []float64) bool {
	start := len(out.XY)
	add := func(x, y float64) {
		if n := len(out.XY); n == start || out.XY[n-2] != x || out.XY[n-1] != y {
			out.XY = append(out.XY, x, y)
		}
	}
	for i := 0; i+1 < len(ring); i += 2 {
		add(ring[i], ring[i+1])
	}
	if len(ring) > 0 {
		add(ring[0], ring[1])
	}
	return len(out.XY)-start >= 8
}

// node cuts all rings where they meet. Edges that coincide become one.
func node(g *wkb.Geometry) (*wkb.Geometry, error) {
	lines := &wkb.Geometry{Type: wkb.MultiLineString, XY: g.XY, Rings: g.Rings}
	for range g.Rings {
		lines.Parts = append(lines.Parts, int32(len(lines.Parts)+1))
	}
	in, err := geom.UnmarshalWKB(lines.Append(nil), geom.NoValidate{})
	if err != nil {
		return nil, err
	}
	noded, err := geom.UnaryUnion(in)
	if err != nil {
		return nil, err
	}
	var out wkb.Geometry
	if err := out.Parse(noded.AsBinary()); err != nil {
		return nil, err
	}
	return &out, nil
}
