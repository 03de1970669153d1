package survey_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// square is a parcel of about side metres at a place, turned a little.
func square(x, y, side, turn float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon}
	r := side / 111_000
	for k := range 5 {
		a := turn + float64(k%4)*math.Pi/2
		g.XY = append(g.XY, x+r*math.Cos(a), y+r*math.Sin(a))
	}
	g.EndRing()
	g.EndPart()
	return g
}

// river is a bank line with bends.
func river(dice *rand.Rand, x, y float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.LineString}
	for range 60 {
		g.XY = append(g.XY, x, y)
		x += 0.001 + 0.002*dice.Float64()
		y += 0.004 * (dice.Float64() - 0.5)
	}
	g.EndRing()
	g.EndPart()
	return g
}

func bank(xy ...float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.LineString, XY: xy}
	g.EndRing()
	g.EndPart()
	return g
}

func place(x, y float64) *wkb.Geometry {
	return &wkb.Geometry{Type: wkb.Point, XY: []float64{x, y}, Rings: []int32{1}, Parts: []int32{1}}
}

// holed is a polygon with a hole.
func holed(shell, hole *wkb.Geometry) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: slices.Concat(shell.XY, hole.XY)}
	g.Rings = []int32{int32(len(shell.XY) / 2), int32(len(g.XY) / 2)}
	g.Parts = []int32{2}
	return g
}

// several is a multi-geometry of some of one type.
func several(of ...*wkb.Geometry) *wkb.Geometry {
	g := &wkb.Geometry{Type: of[0].Type + 3}
	for _, o := range of {
		for r := range o.NumRings() {
			g.XY = append(g.XY, o.Ring(r)...)
			g.EndRing()
		}
		g.EndPart()
	}
	return g
}

func linesOf(t testing.TB, shapes ...*wkb.Geometry) *survey.Lines {
	t.Helper()
	var raw [][]byte
	for _, g := range shapes {
		raw = append(raw, g.Append(nil))
	}
	l, err := survey.NewLines(raw)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// gap is the millimetres from a shape to one line however far; -1 is none.
func gap(t *testing.T, line, shape *wkb.Geometry) int64 {
	t.Helper()
	n, mm, ok, err := linesOf(t, line).Nearest(shape.Append(nil), math.Inf(1))
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return -1
	}
	if n != 0 {
		t.Errorf("line %d of one", n)
	}
	return mm
}

// northOf is the latitude so many metres along the meridian north of another, by
// steps on the meridian's radius of curvature.
func northOf(lat, metres float64) float64 {
	const a, e2 = 6_378_137.0, (2 - 1/298.257222101) / 298.257222101
	const steps = 10_000
	for range steps {
		radius := func(lat float64) float64 {
			s := math.Sin(lat * math.Pi / 180)
			return a * (1 - e2) / math.Pow(1-e2*s*s, 1.5)
		}
		half := lat + metres/steps/2/radius(lat)*180/math.Pi
		lat += metres / steps / radius(half) * 180 / math.Pi
	}
	return lat
}

func TestWithinAKilometreEndsAtAKilometre(t *testing.T) {
	for _, lat := range []float64{18.2, 31.7, 53.5} {
		l := linesOf(t, bank(113, lat, 113.1, lat))
		for metres, within := range map[float64]bool{0.5: true, 999.9: true, 999.999: true, 1000.001: false, 1000.1: false, 1500: false} {
			north, south := northOf(lat, metres), northOf(lat, -metres)
			for side, shape := range map[string]*wkb.Geometry{
				"parcel north":          box(113.04, north, 113.041, north+0.001),
				"parcel south":          box(113.04, south-0.001, 113.041, south),
				"parcel of two islands": several(box(113.02, north+0.02, 113.021, north+0.021), box(113.04, north, 113.041, north+0.001)),
				"point":                 place(113.05, south),
				"point at the end":      place(113.1, north),
			} {
				n, mm, ok, err := l.Nearest(shape.Append(nil), 1000)
				if err != nil || ok != within {
					t.Errorf("%s, %v m at %v°: within 1000 m %t (%v), want %t", side, metres, lat, ok, err, within)
				}
				if ok && (n != 0 || math.Abs(float64(mm)-metres*1000) > 1) || !ok && (n != -1 || mm != 0) {
					t.Errorf("%s, %v m at %v°: line %d at %d mm", side, metres, lat, n, mm)
				}
			}
			n, mm, ok := l.NearestToPoint(113.05, north, 1000)
			if ok != within || ok && (n != 0 || math.Abs(float64(mm)-metres*1000) > 1) || !ok && (n != -1 || mm != 0) {
				t.Errorf("a place %v m off at %v°: line %d at %d mm, within %t", metres, lat, n, mm, ok)
			}
		}
	}
}

func TestTheLimitIsComparedBeforeRounding(t *testing.T) {
	north := northOf(31.7, 1000)
	exact := measure.Distance(place(113.05, north), bank(113, 31.7, 113.1, 31.7))
	l := linesOf(t, bank(113, 31.7, 113.1, 31.7))
	if _, _, ok := l.NearestToPoint(113.05, north, exact); ok {
		t.Error("the limit itself is within it")
	}
	if _, mm, ok := l.NearestToPoint(113.05, north, math.Nextafter(exact, 2000)); !ok || mm != 1_000_000 {
		t.Errorf("less than the limit by a rounding error: %d mm, within %t", mm, ok)
	}
}

func TestAShapeThatTouchesALineIsAtNoDistance(t *testing.T) {
	parcel := box(113.01, 31.01, 113.011, 31.011)
	for name, line := range map[string]*wkb.Geometry{
		"along its side":             bank(113, 31.01, 113.02, 31.01),
		"along its side, run back":   bank(113.02, 31.01, 113, 31.01),
		"at a corner":                bank(113, 31.02, 113.01, 31.011),
		"a corner on the line":       bank(113.009, 31.01, 113.011, 31.008, 113.0105, 31.01, 113.012, 31.009),
		"through it":                 bank(113, 31, 113.02, 31.02),
		"within it":                  bank(113.0102, 31.0102, 113.0104, 31.0108),
		"a point on its side":        place(113.0105, 31.011),
		"a point in it":              place(113.0105, 31.0105),
		"a water polygon beside":     box(113.011, 31, 113.012, 31.02),
		"a water polygon over a bit": box(113.0109, 31, 113.012, 31.02),
		"a water polygon around":     box(113, 31, 113.02, 31.02),
		"a pond in it":               box(113.0102, 31.0102, 113.0104, 31.0104),
		"the same polygon":           parcel,
		"one of several":             several(bank(112, 30, 112, 31), bank(113, 31.01, 113.02, 31.01)),
	} {
		if mm := gap(t, line, parcel); mm != 0 {
			t.Errorf("%s: %d mm", name, mm)
		}
	}
}

func TestAPlaceInAWaterPolygonIsAtNoDistance(t *testing.T) {
	lake := holed(box(113, 31, 113.1, 31.1), box(113.04, 31.04, 113.06, 31.06))
	l := linesOf(t, lake)
	for name, c := range map[string]struct {
		x, y float64
		zero bool
	}{
		"in it":         {113.02, 31.02, true},
		"on its shore":  {113, 31.05, true},
		"at its corner": {113.1, 31.1, true},
		"on the island": {113.05, 31.05, false},
		"ashore":        {112.99, 31.05, false},
		"on the island's shore, level with its corner": {113.04, 31.06, true},
		"beside, level with its corner":                {112.99, 31.1, false},
	} {
		n, mm, ok := l.NearestToPoint(c.x, c.y, 5000)
		if !ok || n != 0 || (mm == 0) != c.zero {
			t.Errorf("%s: line %d at %d mm, found %t", name, n, mm, ok)
		}
		if other := gap(t, lake, place(c.x, c.y)); other != mm {
			t.Errorf("%s: %d mm as a place, %d as a shape", name, mm, other)
		}
	}
	if mm := gap(t, lake, box(113.049, 31.049, 113.051, 31.051)); mm < 850_000 || mm > 1_000_000 {
		t.Errorf("a parcel on the island is %d mm from the water", mm)
	}
}

func TestOfLinesAtOneDistanceTheFirstIsNearest(t *testing.T) {
	north, south := bank(113, 31.02, 113.1, 31.02), bank(113.1, 31, 113, 31)
	lake, pond := box(113, 31, 113.1, 31.1), box(113.04, 31.005, 113.06, 31.015)
	parcel := box(113.049, 31.009, 113.051, 31.011)
	for name, c := range map[string]struct {
		lines []*wkb.Geometry
		want  int32
	}{
		"the same twice":          {[]*wkb.Geometry{north, south, south}, 1},
		"run the other way":       {[]*wkb.Geometry{bank(113, 31, 113.1, 31), south, north}, 0},
		"in two waters":           {[]*wkb.Geometry{north, lake, pond}, 1},
		"in two waters, swapped":  {[]*wkb.Geometry{south, pond, lake}, 1},
		"touching and in":         {[]*wkb.Geometry{bank(113, 31.009, 113.1, 31.009), lake}, 0},
		"in and touching":         {[]*wkb.Geometry{lake, bank(113, 31.009, 113.1, 31.009)}, 0},
		"the second of many":      {[]*wkb.Geometry{several(place(113, 30), place(114, 30)), several(lake, pond), pond}, 1},
		"an empty one before all": {[]*wkb.Geometry{{Type: wkb.MultiPolygon}, {Type: wkb.Polygon, Parts: []int32{0}}, {Type: wkb.MultiLineString}, pond}, 3},
	} {
		n, _, ok, err := linesOf(t, c.lines...).Nearest(parcel.Append(nil), 5000)
		if err != nil || !ok || n != c.want {
			t.Errorf("%s: line %d (%t, %v), want %d", name, n, ok, err, c.want)
		}
	}
}

func TestALineThatCrossesItselfStillHasDistances(t *testing.T) {
	parcel := box(113.01, 31.01, 113.011, 31.011)
	loop := bank(113, 31, 113.02, 31, 113.02, 31.005, 113.015, 31.005, 113.015, 30.99)
	if got, want := gap(t, loop, parcel), gap(t, bank(113.02, 31.005, 113.015, 31.005), parcel); got != want || got < 600_000 || got > 800_000 {
		t.Errorf("a line with a loop: %d mm, its nearest edge %d", got, want)
	}
	back := bank(113, 31, 113.02, 31, 113, 31, 113, 31, 113.02, 31) // there and back, a point twice
	if got, want := gap(t, back, parcel), gap(t, bank(113, 31, 113.02, 31), parcel); got != want {
		t.Errorf("a line drawn over itself: %d mm, once %d", got, want)
	}
	bow := ringed(113, 31, 113.02, 31.02, 113.02, 31, 113, 31.02, 113, 31)
	for name, c := range map[string]struct {
		x, y float64
		zero bool
	}{"left half": {113.005, 31.01, true}, "right half": {113.015, 31.01, true}, "above": {113.01, 31.015, false}, "the waist": {113.01, 31.01, true}} {
		if mm := gap(t, bow, place(c.x, c.y)); (mm == 0) != c.zero || mm < 0 {
			t.Errorf("a polygon that crosses itself, %s: %d mm", name, mm)
		}
	}
}

func TestGroundUnderTwoPolygonsOfOneWaterIsWater(t *testing.T) {
	water := several(box(113, 31, 113.02, 31.02), box(113.01, 31.01, 113.03, 31.03))
	for _, at := range [][2]float64{{113.005, 31.005}, {113.015, 31.015}, {113.025, 31.025}} {
		if mm := gap(t, water, place(at[0], at[1])); mm != 0 {
			t.Errorf("%v is %d mm from the water it lies in", at, mm)
		}
		if mm := gap(t, water, square(at[0], at[1], 50, 0.2)); mm != 0 {
			t.Errorf("a parcel at %v is %d mm from the water it lies in", at, mm)
		}
	}
}

func TestARingThatIsLeftOpenIsClosed(t *testing.T) {
	shut, open := box(113, 31, 113.02, 31.02), ringed(113, 31, 113.02, 31, 113.02, 31.02, 113, 31.02)
	for _, at := range [][2]float64{{113.01, 31.01}, {112.995, 31.01}, {113, 31.01}, {113.019, 31.0001}} {
		if got, want := gap(t, open, place(at[0], at[1])), gap(t, shut, place(at[0], at[1])); got != want {
			t.Errorf("%v: %d mm, of the closed ring %d", at, got, want)
		}
	}
}

func TestALineOfOnePlaceIsThatPlace(t *testing.T) {
	from := place(113.01, 31.01)
	want := gap(t, place(113, 31), from)
	for name, line := range map[string]*wkb.Geometry{
		"one point":           bank(113, 31),
		"the same point ever": bank(113, 31, 113, 31, 113, 31),
		"a ring of it":        ringed(113, 31, 113, 31, 113, 31, 113, 31),
	} {
		if got := gap(t, line, from); got != want || got < 1_000_000 {
			t.Errorf("%s: %d mm, want %d", name, got, want)
		}
	}
}

func TestWhatIsNowhereIsNearNothing(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	l := linesOf(t, bank(113, 31, 113.1, 31), box(113, 31, 113.1, 31.1))
	for _, at := range [][2]float64{{nan, 31}, {113, nan}, {inf, 31}, {113, -inf}} {
		if n, _, ok := l.NearestToPoint(at[0], at[1], inf); ok || n != -1 {
			t.Errorf("%v is near line %d", at, n)
		}
	}
	for name, g := range map[string]*wkb.Geometry{
		"empty": {Type: wkb.Polygon}, "empty point": place(nan, nan), "half a number": box(113, 31, nan, 31.1),
	} {
		if n, _, ok, err := l.Nearest(g.Append(nil), inf); ok || n != -1 || err != nil {
			t.Errorf("%s is near line %d (%v)", name, n, err)
		}
		if mm := gap(t, g, place(113, 31)); mm != -1 {
			t.Errorf("a line that is %s is %d mm away", name, mm)
		}
	}
	for _, limit := range []float64{0, -1, nan} {
		if _, _, ok := l.NearestToPoint(113.05, 31.05, limit); ok {
			t.Errorf("found within %v", limit)
		}
	}
	if _, _, ok := linesOf(t).NearestToPoint(113, 31, inf); ok {
		t.Error("found without lines")
	}
}

func TestAShapeThatCannotBeReadIsAnErrorInOneLine(t *testing.T) {
	if _, err := survey.NewLines([][]byte{place(113, 31).Append(nil), {1, 2, 0}}); err == nil ||
		!strings.HasPrefix(err.Error(), "survey control_lines: feature 2: wkb byte 1: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a broken line: %v", err)
	}
	l := linesOf(t, place(113, 31))
	for _, raw := range [][]byte{nil, {7}, {1, 7, 0, 0, 0, 0, 0, 0, 0}, place(113, 31).Append(nil)[:20]} {
		if n, _, ok, err := l.Nearest(raw, 1000); err == nil || ok || n != -1 || strings.Contains(err.Error(), "\n") {
			t.Errorf("% x: line %d, %v", raw, n, err)
		}
	}
	if n, mm, ok, err := l.Nearest(place(113, 31).Append(nil), 1000); n != 0 || mm != 0 || !ok || err != nil {
		t.Errorf("after errors: line %d at %d mm, %t, %v", n, mm, ok, err)
	}
}

// valley is made-up control lines of all types around 113.28, 31.7, and subjects
// among them.
func valley(subjects int) (lines, among []*wkb.Geometry) {
	dice := rand.New(rand.NewPCG(5, 7))
	in := func(middle, spread float64) float64 { return middle + spread*(2*dice.Float64()-1) }
	for range 4 {
		lines = append(lines, river(dice, in(113.22, 0.03), in(31.7, 0.04)))
	}
	crossed := river(dice, 113.25, 31.69)
	crossed.XY = append(crossed.XY, 113.25, 31.71, 113.3, 31.68)
	crossed.Rings[0] += 2
	lines = append(lines, crossed,
		several(river(dice, 113.2, 31.74), river(dice, 113.26, 31.66)),
		square(113.31, 31.70, 400, 0.3), star(dice, 113.27, 31.72, 0.006, 30),
		holed(square(113.23, 31.68, 900, 0.1), square(113.23, 31.68, 500, 0.7)),
		several(square(113.33, 31.69, 300, 0.5), square(113.335, 31.71, 200, 0.2)),
		place(113.3, 31.73), several(place(113.21, 31.71), place(113.34, 31.66)))
	for i := range subjects {
		x, y := in(113.28, 0.09), in(31.7, 0.05)
		switch i % 4 {
		case 0:
			among = append(among, place(x, y))
		case 1:
			among = append(among, several(square(x, y, 80, dice.Float64()), square(x+0.003, y, 60, dice.Float64())))
		case 2:
			among = append(among, holed(square(x, y, 300, 0.4), square(x, y, 150, 0.1)))
		default:
			among = append(among, star(dice, x, y, 0.001, 5+dice.IntN(9)))
		}
	}
	return lines, among
}

func TestManyMayAskAtOnce(t *testing.T) {
	shapes, subjects := valley(200)
	l := linesOf(t, shapes...)
	type answer struct {
		line int32
		mm   int64
		ok   bool
	}
	ask := func(g *wkb.Geometry) (out answer) {
		if g.Type == wkb.Point {
			out.line, out.mm, out.ok = l.NearestToPoint(g.XY[0], g.XY[1], 3000)
			return out
		}
		out.line, out.mm, out.ok, _ = l.Nearest(g.Append(nil), 3000)
		return out
	}
	var want []answer
	for _, g := range subjects {
		want = append(want, ask(g))
	}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range subjects {
				at := (i*7 + worker*25) % len(subjects)
				if got := ask(subjects[at]); got != want[at] {
					t.Errorf("subject %d: %v, alone %v", at, got, want[at])
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkNearestLine(b *testing.B) {
	shapes, subjects := valley(400)
	l := linesOf(b, shapes...)
	var raw [][]byte
	for _, g := range subjects {
		raw = append(raw, g.Append(nil))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, _, _, err := l.Nearest(raw[i%len(raw)], 1000); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

func FuzzNearest(f *testing.F) {
	f.Add(box(113, 31, 113.1, 31.1).Append(nil), place(113.05, 31.05).Append(nil), 113.0, 31.0, 1000.0)
	f.Add(several(box(113, 31, 113.1, 31.1)).Append(nil), bank(1, 2, 1, 2).Append(nil), 0.0, 90.0, math.Inf(1))
	f.Add(binary.LittleEndian.AppendUint32([]byte{1, 3, 0, 0, 0}, 0), bank().Append(nil), math.NaN(), 1e300, 1e300)
	f.Fuzz(func(t *testing.T, line, shape []byte, lon, lat, limit float64) {
		l, err := survey.NewLines([][]byte{line})
		if err != nil {
			return
		}
		for range 2 {
			if n, mm, ok, err := l.Nearest(shape, limit); ok != (n == 0) || !ok && mm != 0 || err != nil && ok {
				t.Errorf("line %d at %d mm, found %t, %v", n, mm, ok, err)
			}
			if n, mm, ok := l.NearestToPoint(lon, lat, limit); ok != (n == 0) || mm < 0 {
				t.Errorf("line %d at %d mm, found %t", n, mm, ok)
			}
		}
	})
}
