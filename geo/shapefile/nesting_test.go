package shapefile

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// grouped reads a polygon of rings back.
func grouped(t *testing.T, rings ...[]float64) string {
	t.Helper()
	all := read(t, one(Polygon, polygon(Polygon, rings...)).write(t), Options{})
	if len(all) != 1 || all[0].problem != "" {
		t.Fatalf("got %+v", all)
	}
	return text(all[0].shape)
}

func TestHolesAreToldByWhereRingsLieWhateverWayTheyTurn(t *testing.T) {
	a, hole, island, b := box(0, 0, 9, 9), box(1, 1, 8, 8), box(2, 2, 3, 3), box(20, 0, 21, 1)
	for turns := range 16 {
		rings := [][]float64{a, hole, island, b}
		for i := range rings {
			if turns>>i&1 == 1 {
				rings[i] = turned(rings[i])
			}
		}
		want := "MultiPolygon (" + ring(rings[0]) + ring(rings[1]) + ") (" + ring(rings[2]) + ") (" + ring(rings[3]) + ")"
		if got := grouped(t, rings...); got != want {
			t.Errorf("turned %04b: got %s, want %s", turns, got, want)
		}
	}
	want := "MultiPolygon (" + ring(island) + ") (" + ring(b) + ") (" + ring(a) + ring(hole) + ")"
	if got := grouped(t, island, hole, b, a); got != want {
		t.Errorf("shells behind their holes: got %s, want %s", got, want)
	}
}

// ring is how text shows a ring.
func ring(r []float64) string {
	s := text(single(r))
	return s[len("Polygon (") : len(s)-1]
}

// single is a polygon of one ring.
func single(ring []float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: ring}
	g.EndRing()
	g.EndPart()
	return g
}

func TestRingsThatTouchOrShareAnEdgeAreNotHolesOfOneAnother(t *testing.T) {
	// An L and the box in its corner: its bounds hold the box.
	corner := []float64{0, 0, 0, 9, 3, 9, 3, 3, 9, 3, 9, 0, 0, 0}
	for name, c := range map[string]struct {
		rings [][]float64
		parts int
	}{
		"neighbours with an edge in common": {[][]float64{box(0, 0, 1, 1), box(1, 0, 2, 1)}, 2},
		"a box in the corner of an L":       {[][]float64{corner, box(3, 3, 9, 9)}, 2},
		"a smaller box in the corner":       {[][]float64{corner, box(3, 3, 4, 4)}, 2},
		"a hole that touches at a point":    {[][]float64{box(0, 0, 9, 9), {0, 5, 2, 6, 2, 4, 0, 5}}, 1},
		"a hole that shares an edge":        {[][]float64{box(0, 0, 9, 9), box(0, 2, 1, 3)}, 1},
		"holes that touch one another":      {[][]float64{box(0, 0, 9, 9), box(1, 1, 2, 2), box(2, 2, 3, 3), box(2, 1, 3, 2)}, 1},
		"boxes that touch at a corner":      {[][]float64{box(0, 0, 1, 1), box(1, 1, 2, 2)}, 2},
		"the same ring twice":               {[][]float64{box(0, 0, 1, 1), box(0, 0, 1, 1)}, 1},
		"a ring without area, apart":        {[][]float64{box(0, 0, 1, 1), {5, 5, 6, 6, 5, 5}}, 2},
	} {
		for _, rings := range [][][]float64{c.rings, reversed(c.rings)} {
			all := read(t, one(Polygon, polygon(Polygon, rings...)).write(t), Options{})
			if g := all[0].shape; g.NumParts() != c.parts || g.NumRings() != len(rings) {
				t.Errorf("%s: got %s, want %d parts", name, text(g), c.parts)
			}
		}
	}
}

func reversed(rings [][]float64) [][]float64 {
	r := slices.Clone(rings)
	slices.Reverse(r)
	return r
}

// nested draws rings in one another: a box, or a box with others in it. It returns
// the area of what lies between shells and holes.
func nested(random *rand.Rand, x, y, size float64, depth int, out *[][]float64) float64 {
	if depth == 0 || random.IntN(4) == 0 {
		return 0
	}
	r := box(x+size*0.1, y+size*0.1, x+size*0.9, y+size*0.9)
	if random.IntN(2) == 0 {
		r = turned(r)
	}
	*out = append(*out, r)
	area := size * size * 0.64
	for i := range 4 { // quarters of the middle
		inner := size * 0.4
		area -= nested(random, x+size*0.1+inner*float64(i%2), y+size*0.1+inner*float64(i/2), inner, depth-1, out)
	}
	return area
}

func TestRandomNestingsHaveTheirAreaAndEachRingOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var rings [][]float64
		want := nested(random, 0, 0, 1000, 4, &rings) + nested(random, 900, 0, 1000, 3, &rings)
		if len(rings) == 0 {
			continue
		}
		random.Shuffle(len(rings), func(i, j int) { rings[i], rings[j] = rings[j], rings[i] })
		g := read(t, one(Polygon, polygon(Polygon, rings...)).write(t), Options{})[0].shape
		got := 0.0
		for p := range g.NumParts() {
			from, to := g.Part(p)
			for i := from; i < to; i++ {
				a := math.Abs(turningArea(g.Ring(i))) / 2
				if i > from {
					a = -a
				}
				got += a
			}
		}
		if math.Abs(got-want) > 1e-6 || g.NumRings() != len(rings) {
			t.Errorf("%d rings: area %v, want %v", len(rings), got, want)
		}
		for _, r := range rings {
			if !hasRing(g, r) {
				t.Errorf("ring %v is lost", r)
			}
		}
	}
}

func hasRing(g *wkb.Geometry, ring []float64) bool {
	for i := range g.NumRings() {
		if slices.Equal(g.Ring(i), ring) {
			return true
		}
	}
	return false
}
