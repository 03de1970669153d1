package overlay

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// linework is a multilinestring whose lines meet at their ends only.
func linework(lines ...[]float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.MultiLineString}
	for _, l := range lines {
		g.XY = append(g.XY, l...)
		g.EndRing()
		g.EndPart()
	}
	return g
}

func allLive(m *mesh) []bool {
	live := make([]bool, len(m.ends))
	for e := range live {
		live[e] = true
	}
	return live
}

func TestFacesAreFoundWithTheirHoles(t *testing.T) {
	for _, c := range []struct {
		name         string
		lines        *wkb.Geometry
		faces, holes int
	}{
		{"a square", linework(boxRing(0, 0, 4, 4)), 1, 0},
		{"the same edges twice", linework(boxRing(0, 0, 4, 4), boxRing(0, 0, 4, 4)), 1, 0},
		{"a dangle", linework(boxRing(0, 0, 4, 4), []float64{4, 4, 6, 6, 7, 6}), 1, 0},
		{"a bridge between squares", linework(boxRing(0, 0, 1, 1), boxRing(3, 0, 1, 1), []float64{1, 0, 3, 0}), 2, 0},
		{"a square in a square", linework(boxRing(0, 0, 9, 9), boxRing(2, 2, 2, 2)), 2, 1},
		{"three nested", linework(boxRing(0, 0, 9, 9), boxRing(1, 1, 7, 7), boxRing(2, 2, 2, 2)), 3, 2},
		{"a hole that touches the shell", linework([]float64{0, 0, 9, 0, 9, 9, 0, 9, 0, 4, 0, 0}, []float64{0, 4, 2, 3, 2, 5, 0, 4}), 2, 1},
		{"two squares at a corner, in a square", linework(boxRing(0, 0, 9, 9), boxRing(2, 2, 2, 2), boxRing(4, 4, 2, 2)), 3, 2},
		{"a cross in a square", linework([]float64{0, 0, 2, 0, 4, 0, 4, 4, 2, 4, 0, 4, 0, 0}, []float64{2, 0, 2, 4}), 2, 0},
		{"nothing closed", linework([]float64{0, 0, 1, 1, 2, 0}), 0, 0},
	} {
		m := newMesh(c.lines)
		d := m.divide(m.prune(allLive(m)))
		holes := 0
		for _, f := range d.faces {
			holes += len(f.holes)
		}
		if len(d.faces) != c.faces || holes != c.holes {
			t.Errorf("%s: %d faces with %d holes, want %d with %d", c.name, len(d.faces), holes, c.faces, c.holes)
		}
	}
}

func TestFacesAddUpToThoseOfPostGIS(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(51, 52))
	var bytes [][]byte
	var faces, areas []float64
	for range 300 {
		var lines [][]float64
		for range 2 + rng.IntN(8) {
			lines = append(lines, []float64{
				float64(rng.IntN(9)), float64(rng.IntN(9)), float64(rng.IntN(9)), float64(rng.IntN(9)) + 0.5,
			})
		}
		lines = append(lines, boxRing(1, 1, 6, 6), boxRing(float64(rng.IntN(5)), 2, 2, 2))
		cut, err := node(linework(lines...))
		if err != nil {
			t.Fatal(err)
		}
		m := newMesh(cut)
		d := m.divide(m.prune(allLive(m)))
		area := 0.0
		for _, f := range d.faces {
			area += f.area
			for _, h := range f.holes {
				area -= math.Abs(measure.PlanarRing(d.cycles[h].ring))
			}
		}
		bytes = append(bytes, cut.Append(nil))
		faces, areas = append(faces, float64(len(d.faces))), append(areas, area)
	}
	counts := referee.Floats(t, conn, "(SELECT ST_NumGeometries(ST_Polygonize(h)) FROM (SELECT g AS h) AS lines)", bytes)
	for i, want := range referee.Floats(t, conn, "(SELECT ST_Area(ST_Polygonize(h)) FROM (SELECT g AS h) AS lines)", bytes) {
		if faces[i] != counts[i] || math.Abs(areas[i]-want) > 1e-9*want {
			t.Errorf("%x: %v faces of %v, PostGIS %v of %v", bytes[i], faces[i], areas[i], counts[i], want)
		}
	}
}
