// Package survey turns geometry into facts: areas, repairs, the share of each
// parcel in each zone, the pieces that land use and zones make, distances.
//
// Facts are integers (areas in 1e-4 m², distances in mm), so that every sum over
// them is the same in any order and on any engine; behind the survey no stage
// needs a geometry. It repairs or refuses what is broken, and decides nothing
// else.
package survey

import (
	"errors"
	"slices"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/overlay"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// State is what the gate made of a row's geometry.
type State uint8

// The states of a geometry.
const (
	Sound State = iota
	Repaired
	Refused
)

// Repair is a geometry that was broken and is used as mended.
type Repair struct {
	Row           int32
	Problem       string
	WKB           []byte
	Before, After unit.Area // the areas its rings enclose as they were, and after
}

// Refusal is a geometry that is broken and was not mended.
type Refusal struct {
	Row     int32
	Problem string
	NoArea  bool // there is nothing to mend: no ground inside
}

// Gate is the verdict on the geometries of a batch, by row.
type Gate struct {
	State    []State
	Area     []unit.Area // on the ellipsoid; 0 where refused
	Repairs  []Repair    // in order of the rows
	Refusals []Refusal
}

// Geometry is the WKB of a row as it is used: mended where it was broken.
func (g *Gate) Geometry(b table.Batch, row int) []byte {
	if g.State[row] == Repaired {
		i, found := slices.BinarySearchFunc(g.Repairs, int32(row), func(r Repair, row int32) int { return int(r.Row - row) })
		if found {
			return g.Repairs[i].WKB
		}
	}
	return b.Geometry().Value(row)
}

// gauge is one goroutine's scratch.
type gauge struct {
	g     wkb.Geometry
	valid overlay.Scratch
	clip  overlay.Clip
	share []overlay.Share
}

func newGate(rows int) *Gate {
	return &Gate{State: make([]State, rows), Area: make([]unit.Area, rows)}
}

// pass parses the geometry of a row, mends it if it must, and measures it. It
// returns nil when the geometry is refused; the geometry belongs to the gauge.
func (t *gauge) pass(b table.Batch, row int, out *Gate) (*wkb.Geometry, float64) {
	raw := b.Geometry().Value(row)
	if err := t.g.Parse(raw); err != nil { // the reader wrote it: only a broken spool file comes here
		out.refuse(row, err.Error(), false)
		return nil, 0
	}
	g := &t.g
	if problem := t.valid.Valid(g); problem != "" {
		fixed, err := overlay.Repair(g)
		if err != nil {
			nothing := errors.Is(err, overlay.ErrEmpty) || errors.Is(err, overlay.ErrNoArea)
			out.refuse(row, problem+": "+inShort(err), nothing)
			return nil, 0
		}
		before, _ := unit.SquareMetres(measure.Ellipsoidal(g))
		after, _ := unit.SquareMetres(measure.Ellipsoidal(fixed))
		out.State[row] = Repaired
		out.Repairs = append(out.Repairs, Repair{int32(row), problem, fixed.Append(nil), before, after})
		g = fixed
	}
	whole := measure.Ellipsoidal(g)
	area, ok := unit.SquareMetres(whole)
	if !ok {
		out.refuse(row, "larger than any zone can be", false)
		return nil, 0
	}
	out.Area[row] = area
	return g, whole
}

// inShort is why a geometry was not mended, without the figures.
func inShort(err error) string {
	for _, known := range []error{overlay.ErrAreaChanges, overlay.ErrNoArea, overlay.ErrEmpty, overlay.ErrNotRepaired} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return err.Error()
}

func (g *Gate) refuse(row int, problem string, nothing bool) {
	g.State[row] = Refused
	g.Refusals = append(g.Refusals, Refusal{Row: int32(row), Problem: problem, NoArea: nothing})
}

// Geometries puts a batch of a polygon layer through the gate.
func Geometries(b table.Batch) *Gate {
	var t gauge
	out := newGate(b.Rows())
	for row := range b.Rows() {
		t.pass(b, row, out)
	}
	return out
}
