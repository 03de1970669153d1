package overlay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// areal builds a polygon from one list of rings, a multipolygon from several.
func areal(parts ...[][]float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.MultiPolygon}
	if len(parts) == 1 {
		g.Type = wkb.Polygon
	}
	for _, rings := range parts {
		for _, r := range rings {
			g.XY = append(g.XY, r...)
			g.EndRing()
		}
		g.EndPart()
	}
	return g
}

// boxRing is a closed rectangle, counter-clockwise.
func boxRing(x, y, w, h float64) []float64 {
	return []float64{x, y, x + w, y, x + w, y + h, x, y + h, x, y}
}

func shell(xy ...float64) [][]float64 { return [][]float64{xy} }

var validCases = []struct {
	name, want string
	g          *wkb.Geometry
}{
	{"a square", "", areal(shell(0, 0, 4, 0, 4, 4, 0, 4, 0, 0))},
	{"a square the other way round", "", areal(shell(0, 0, 0, 4, 4, 4, 4, 0, 0, 0))},
	{"nothing", "", &wkb.Geometry{Type: wkb.Polygon}},
	{"repeated points", "", areal(shell(0, 0, 0, 0, 4, 0, 4, 0, 4, 4, 0, 4, 0, 0, 0, 0))},
	{"points on a straight edge", "", areal(shell(0, 0, 1, 0, 2, 0, 4, 0, 4, 4, 0, 4, 0, 0))},
	{"a bow-tie", selfCrossing, areal(shell(0, 0, 4, 4, 4, 0, 0, 4, 0, 0))},
	{"a spike outwards", selfCrossing, areal(shell(0, 0, 4, 0, 6, 0, 4, 0, 4, 4, 0, 4, 0, 0))},
	{"a spike at the start", selfCrossing, areal(shell(0, 0, 4, 0, 4, 4, 0, 4, -2, 4, 0, 4, 0, 0))},
	{"a spike at the closing point", selfCrossing, areal(shell(0, 0, 4, 0, 4, 4, 0, 0, -1, -1, 0, 0))},
	{"a flat triangle", selfCrossing, areal(shell(0, 0, 2, 0, 4, 0, 0, 0))},
	{"there and back", tooFewPoints, areal(shell(0, 0, 2, 0, 0, 0))},
	{"one point four times", tooFewPoints, areal(shell(1, 1, 1, 1, 1, 1, 1, 1))},
	{"a gap", notClosed, areal(shell(0, 0, 4, 0, 4, 4, 0, 4))},
	{"a corner on its own edge", ringTouches, areal(shell(0, 0, 4, 0, 4, 4, 2, 0, 0, 4, 0, 0))},
	{"a corner on its own corner", ringTouches, areal(shell(0, 0, 2, 2, 4, 0, 4, 4, 2, 2, 0, 4, 0, 0))},
	{"not a number", notFinite, areal(shell(0, 0, 4, math.NaN(), 4, 4, 0, 0))},
	{"a line", notPolygon, &wkb.Geometry{Type: wkb.LineString, XY: []float64{0, 0, 1, 1}, Rings: []int32{2}, Parts: []int32{1}}},
	{"a hole", "", areal([][]float64{boxRing(0, 0, 9, 9), boxRing(1, 1, 2, 2)})},
	{"a hole outside", holeOutside, areal([][]float64{boxRing(0, 0, 9, 9), boxRing(10, 1, 2, 2)})},
	{"a hole across", selfCrossing, areal([][]float64{boxRing(0, 0, 9, 9), boxRing(8, 1, 2, 2)})},
	{"a hole along the shell", selfCrossing, areal([][]float64{boxRing(0, 0, 9, 9), boxRing(0, 1, 2, 2)})},
	{"a hole that is the shell", selfCrossing, areal([][]float64{boxRing(0, 0, 9, 9), boxRing(0, 0, 9, 9)})},
	{"a hole that touches the shell once", "", areal([][]float64{boxRing(0, 0, 9, 9), {0, 4, 2, 3, 2, 5, 0, 4}})},
	{"a hole that touches the shell twice", notConnected, areal([][]float64{boxRing(0, 0, 9, 9), {0, 4, 4, 3, 9, 4, 4, 5, 0, 4}})},
	{"a hole outside that touches", holeOutside, areal([][]float64{boxRing(0, 0, 9, 9), {0, 4, -2, 3, -2, 5, 0, 4}})},
	{"holes that touch each other once", "", areal([][]float64{boxRing(0, 0, 9, 9), {1, 1, 3, 1, 3, 3, 1, 1}, {3, 3, 5, 3, 5, 5, 3, 3}})},
	{"holes that touch in a ring", notConnected, areal([][]float64{boxRing(0, 0, 9, 9),
		{2, 2, 4, 1, 6, 2, 4, 3, 2, 2}, {6, 2, 7, 4, 6, 6, 5, 4, 6, 2}, {6, 6, 4, 7, 2, 6, 4, 5, 6, 6}, {2, 6, 1, 4, 2, 2, 3, 4, 2, 6}})},
	{"three holes at one point", "", areal([][]float64{boxRing(-9, -9, 18, 18),
		{0, 0, 2, -1, 2, 1, 0, 0}, {0, 0, -1, 2, -2, 1, 0, 0}, {0, 0, -2, -1, -1, -2, 0, 0}})},
	{"a hole in a hole", holesNested, areal([][]float64{boxRing(0, 0, 9, 9), boxRing(1, 1, 7, 7), boxRing(2, 2, 2, 2)})},
	{"a hole in a hole that touches", holesNested, areal([][]float64{boxRing(0, 0, 9, 9), boxRing(1, 1, 7, 7), {1, 4, 2, 3, 2, 5, 1, 4}})},
	{"two parts", "", areal([][]float64{boxRing(0, 0, 2, 2)}, [][]float64{boxRing(3, 0, 2, 2)})},
	{"parts that touch in a corner", "", areal([][]float64{boxRing(0, 0, 2, 2)}, [][]float64{boxRing(2, 2, 2, 2)})},
	{"parts that share an edge", selfCrossing, areal([][]float64{boxRing(0, 0, 2, 2)}, [][]float64{boxRing(2, 0, 2, 2)})},
	{"the same part twice", selfCrossing, areal([][]float64{boxRing(0, 0, 2, 2)}, [][]float64{boxRing(0, 0, 2, 2)})},
	{"a part in a part", shellsNested, areal([][]float64{boxRing(0, 0, 9, 9)}, [][]float64{boxRing(3, 3, 2, 2)})},
	{"a part in a part that touches", shellsNested, areal([][]float64{boxRing(0, 0, 9, 9)}, [][]float64{{0, 4, 2, 3, 2, 5, 0, 4}})},
	{"a part in a hole", "", areal([][]float64{boxRing(0, 0, 9, 9), boxRing(1, 1, 7, 7)}, [][]float64{boxRing(3, 3, 2, 2)})},
	{"a part in a hole that touches", "", areal([][]float64{boxRing(0, 0, 9, 9), boxRing(1, 1, 7, 7)}, [][]float64{{1, 4, 2, 3, 2, 5, 1, 4}})},
	{"a hole without a shell", missingShell, areal([][]float64{nil, boxRing(0, 0, 9, 9)})},
}

func TestValidNamesWhatIsWrong(t *testing.T) {
	var s Scratch
	for _, c := range validCases {
		if got := s.Valid(c.g); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// postgisRefuses are the findings for which PostGIS does not even read the bytes.
func postgisRefuses(wrong string) bool {
	return wrong == notClosed || wrong == notFinite || wrong == notPolygon || wrong == tooFewPoints || wrong == missingShell
}

// validSamples are polygons that are often, not always, wrong: a few points on a
// coarse grid touch, cross and coincide all the time.
func validSamples(rng *rand.Rand, n int) []*wkb.Geometry {
	var all []*wkb.Geometry
	for range n {
		span := 3 + rng.IntN(8)
		at := func() float64 { return float64(rng.IntN(span)) / 8 }
		var parts [][][]float64
		for range 1 + rng.IntN(3)/2 {
			var rings [][]float64
			for range 1 + rng.IntN(3) {
				var ring []float64
				switch rng.IntN(4) {
				case 0:
					ring = boxRing(at(), at(), 1/8.+at()/2, 1/8.+at()/2)
				case 1: // around a centre: mostly simple
					cx, cy, k := at(), at(), 3+rng.IntN(9)
					for i := range k {
						sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(k))
						r := 0.2 + rng.Float64()
						ring = append(ring, cx+math.Round(8*r*cos)/8, cy+math.Round(8*r*sin)/8)
					}
				default:
					for range 3 + rng.IntN(4) {
						ring = append(ring, at(), at())
					}
				}
				if k := len(ring); ring[0] != ring[k-2] || ring[1] != ring[k-1] {
					ring = append(ring, ring[0], ring[1])
				}
				if len(ring) >= 8 {
					rings = append(rings, ring)
				}
			}
			if len(rings) > 1 && rng.IntN(2) == 0 { // a roomy shell for the holes
				rings[0] = boxRing(-1, -1, 4, 4)
			}
			parts = append(parts, rings)
		}
		all = append(all, areal(parts...))
	}
	return all
}

// moved shifts and scales to where parcels are, so that grid points no longer
// are round numbers and corners lie only nearly on edges.
func moved(g *wkb.Geometry) *wkb.Geometry {
	g = g.Clone()
	for i := 0; i < len(g.XY); i += 2 {
		g.XY[i], g.XY[i+1] = 114.3+g.XY[i]*0.0013, 30.6+g.XY[i+1]*0.0007
	}
	return g
}

func TestValidAgreesWithPostGIS(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(11, 12))
	samples := validSamples(rng, 6000)
	for _, c := range validCases {
		if !postgisRefuses(c.want) {
			samples = append(samples, c.g)
		}
	}
	for i := range samples {
		if i%2 == 0 {
			samples = append(samples, moved(samples[i]))
		}
	}
	var kept []*wkb.Geometry
	var bytes [][]byte
	var found []string
	var s Scratch
	for _, g := range samples {
		wrong := s.Valid(g)
		if wrong == "" || !postgisRefuses(wrong) {
			kept, bytes, found = append(kept, g), append(bytes, g.Append(nil)), append(found, wrong)
		}
	}
	valid, differ := 0, 0
	for i, want := range referee.Bools(t, conn, "ST_IsValid(g)", bytes) {
		if want {
			valid++
		}
		if got := found[i] == ""; got != want {
			differ++
			if differ < 10 {
				t.Errorf("%v %v %v: %q, PostGIS says valid = %v", kept[i].XY, kept[i].Rings, kept[i].Parts, found[i], want)
			}
		}
	}
	t.Logf("%d geometries, %d valid, %d differences", len(kept), valid, differ)
	if valid < len(kept)/20 || valid > len(kept)*19/20 {
		t.Errorf("%d of %d valid: the samples prove little", valid, len(kept))
	}
}

// sameReason maps PostGIS' words to ours where they say the same.
var sameReason = map[string]string{
	"Self-intersection": selfCrossing, "Ring Self-intersection": ringTouches, "Hole lies outside shell": holeOutside,
	"Nested shells": shellsNested, "Holes are nested": holesNested, "Interior is disconnected": notConnected,
	"Too few points in geometry component": tooFewPoints,
}

func TestReasonsAreThoseOfPostGISForSingleFaults(t *testing.T) {
	conn := referee.Open(t)
	var bytes [][]byte
	var want []string
	for _, c := range validCases {
		if c.want != "" && !postgisRefuses(c.want) {
			bytes, want = append(bytes, c.g.Append(nil)), append(want, c.want)
		}
	}
	for i, reason := range referee.Texts(t, conn, "ST_IsValidReason(g)", bytes) {
		reason, _, _ = strings.Cut(reason, "[")
		// On a spike PostGIS may meet its tip before the edges that coincide.
		if got := sameReason[reason]; got != want[i] && !(got == ringTouches && want[i] == selfCrossing) {
			t.Errorf("case %d: %q, PostGIS %q", i, want[i], reason)
		}
	}
}

func TestManyEdgesAreJudgedAsFewAre(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	var s Scratch
	judged := map[bool]int{}
	for range 500 {
		g := validSamples(rng, 1)[0]
		// On whole numbers an edge cut into eighths runs through the same points.
		for i := range g.XY {
			g.XY[i] = math.Round(g.XY[i] * 8)
		}
		dense := &wkb.Geometry{Type: g.Type, Parts: g.Parts}
		for r := range g.NumRings() {
			ring := g.Ring(r)
			for i := 0; i+3 < len(ring); i += 2 {
				for k := range 8 {
					f := float64(k) / 8
					dense.XY = append(dense.XY, ring[i]*(1-f)+ring[i+2]*f, ring[i+1]*(1-f)+ring[i+3]*f)
				}
			}
			dense.XY = append(dense.XY, ring[len(ring)-2:]...)
			dense.EndRing()
		}
		want, got := s.Valid(g), s.Valid(dense)
		if (got == "") != (want == "") && want != tooFewPoints {
			t.Fatalf("%v: %q with few edges, %q with many", g.XY, want, got)
		}
		judged[want == ""]++
	}
	if judged[true] < 50 || judged[false] < 50 {
		t.Errorf("%v judged: the samples prove little", judged)
	}
}

func TestTurnIsExactNextToALine(t *testing.T) {
	// Around (0.5, 0.5) y walks over the line y = x in steps no float product sees.
	for k := -4; k <= 4; k++ {
		y := 0.5
		for range max(k, -k) {
			y = math.Nextafter(y, float64(k))
		}
		want := 0
		if y != 0.5 {
			want = int(math.Copysign(1, y-0.5))
		}
		if got := turn(12, 12, 24, 24, 0.5, y); got != want {
			t.Errorf("turn of (0.5, 0.5%+g) = %d, want %d", y-0.5, got, want)
		}
		if got := turn(24, 24, 12, 12, 0.5, y); got != -want {
			t.Errorf("turn backwards of (0.5, 0.5%+g) = %d, want %d", y-0.5, got, -want)
		}
	}
}

func FuzzValid(f *testing.F) {
	for _, c := range validCases {
		f.Add(c.g.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var g wkb.Geometry
		if g.Parse(b) != nil {
			return
		}
		var s Scratch
		if first, again := s.Valid(&g), s.Valid(&g); first != again {
			t.Errorf("%q, then %q", first, again)
		}
	})
}

func BenchmarkValid(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{5, 15, 40, 200, 2000} {
		var ring []float64
		for i := range n - 1 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n-1))
			r := 0.002 * (1 - min(0.3, 6/float64(n))*rng.Float64())
			ring = append(ring, 114.3+r*cos, 30.6+r*sin)
		}
		g := areal([][]float64{append(ring, ring[0], ring[1])})
		b.Run(fmt.Sprintf("%d points", n), func(b *testing.B) {
			var s Scratch
			b.ReportAllocs()
			for b.Loop() {
				if s.Valid(g) != "" {
					b.Fatal("not valid")
				}
			}
		})
	}
}

func ExampleScratch_Valid() {
	var s Scratch
	square := &wkb.Geometry{Type: wkb.Polygon, XY: []float64{0, 0, 1, 0, 1, 1, 0, 1, 0, 0}, Rings: []int32{5}, Parts: []int32{1}}
	fmt.Printf("%q\n", s.Valid(square))
	bowTie := &wkb.Geometry{Type: wkb.Polygon, XY: []float64{0, 0, 1, 1, 1, 0, 0, 1, 0, 0}, Rings: []int32{5}, Parts: []int32{1}}
	fmt.Printf("%q\n", s.Valid(bowTie))
	// Output:
	// ""
	// "self-intersection"
}
