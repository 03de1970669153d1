package measure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func pointAt(x, y float64) *wkb.Geometry {
	return &wkb.Geometry{Type: wkb.Point, XY: []float64{x, y}, Rings: []int32{1}, Parts: []int32{1}}
}

func lineOf(xy ...float64) *wkb.Geometry {
	return &wkb.Geometry{Type: wkb.LineString, XY: xy, Rings: []int32{int32(len(xy) / 2)}, Parts: []int32{1}}
}

func TestMetresAgreeWithTheGeodesicOfPostGIS(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(31, 32))
	var a, b [][]byte
	var got []float64
	for range 2000 {
		x, y := rng.Float64()*360-180, rng.Float64()*176-88
		far := math.Pow(10, rng.Float64()*8-6) // degrees
		u, v := max(-180, min(180, x+far*rng.NormFloat64())), max(-89, min(89, y+far*rng.NormFloat64()))
		a, b = append(a, pointAt(x, y).Append(nil)), append(b, pointAt(u, v).Append(nil))
		got = append(got, Metres(x, y, u, v))
	}
	opposite := 0
	for i, want := range referee.PairFloats(t, conn, "ST_Distance(ST_SetSRID(a, 4490)::geography, ST_SetSRID(b, 4490)::geography)", a, b) {
		if d := math.Abs(got[i] - want); d > 1e-4+1e-10*want {
			if want > 1.99e7 && d < 0.006*want { // Vincenty does not converge there
				opposite++
				continue
			}
			t.Errorf("%d: %.6f m, PostGIS %.6f", i, got[i], want)
		}
	}
	if opposite > 5 {
		t.Errorf("%d pairs nearly opposite", opposite)
	}
}

func TestMetresOfShortLinesKeepTheirDigits(t *testing.T) {
	for _, lat := range []float64{-60, 0, 22.5, 30.6, 45} {
		kx, ky := scales(lat)
		for _, d := range []float64{1e-7, 1e-5, 1e-3} {
			if got, want := Metres(114, lat, 114+d, lat), d*kx; math.Abs(got-want) > 1e-8*want+3e-9 {
				t.Errorf("%v° east at %v: %v, want %v", d, lat, got, want)
			}
			if got, want := Metres(114, lat-d/2, 114, lat+d/2), d*ky; math.Abs(got-want) > 1e-8*want+3e-9 {
				t.Errorf("%v° north at %v: %v, want %v", d, lat, got, want)
			}
		}
	}
}

// lineLike is a random feature of any type near (x, y), some km long.
func lineLike(rng *rand.Rand, x, y float64) *wkb.Geometry {
	walk := func(n int, step float64) []float64 {
		xy := []float64{x + 0.02*rng.NormFloat64(), y + 0.02*rng.NormFloat64()}
		for range n {
			k := len(xy)
			xy = append(xy, xy[k-2]+step*rng.NormFloat64(), xy[k-1]+step*rng.NormFloat64())
		}
		return xy
	}
	switch rng.IntN(4) {
	case 0:
		return pointAt(x+0.02*rng.NormFloat64(), y+0.02*rng.NormFloat64())
	case 1:
		return lineOf(walk(1+rng.IntN(8), 0.02)...)
	case 2:
		g := lineOf(walk(3, 0.01)...)
		g.Type = wkb.MultiLineString
		g.XY = append(g.XY, walk(4, 0.01)...)
		g.EndRing()
		g.EndPart()
		return g
	}
	return polygon(star(rng, x+0.015*rng.NormFloat64(), y+0.015*rng.NormFloat64(), 0.02*rng.Float64(), 3+rng.IntN(20)))
}

func dense(g *wkb.Geometry, step float64) *wkb.Geometry {
	out := &wkb.Geometry{Type: g.Type, Parts: g.Parts}
	for r := range g.NumRings() {
		ring := g.Ring(r)
		for i := 0; i+3 < len(ring); i += 2 {
			n := int(math.Hypot(ring[i+2]-ring[i], ring[i+3]-ring[i+1])/step) + 1
			for k := range n {
				f := float64(k) / float64(n)
				out.XY = append(out.XY, ring[i]+f*(ring[i+2]-ring[i]), ring[i+1]+f*(ring[i+3]-ring[i+1]))
			}
		}
		out.XY = append(out.XY, ring[len(ring)-2:]...)
		out.EndRing()
	}
	return out
}

// PostGIS' geography measures points exactly; between edges it is off by some
// 1e-4. So the referee projects both, densified, to an azimuthal equidistant
// plane about the first one, which is true to 1e-6 at these distances.
func TestDistanceAgreesWithALocalProjection(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(33, 34))
	var a, b [][]byte
	var got []float64
	zeros := 0
	for range 400 {
		x, y := 105+20*rng.Float64(), 18+32*rng.Float64()
		subject := polygon(star(rng, x, y, 0.003*rng.Float64(), 3+rng.IntN(12)))
		if rng.IntN(4) == 0 {
			subject = pointAt(x, y)
		}
		feature := lineLike(rng, x, y)
		d := Distance(subject, feature)
		if d == 0 {
			zeros++
		}
		got = append(got, d)
		a, b = append(a, dense(subject, 0.0002).Append(nil)), append(b, dense(feature, 0.0002).Append(nil))
	}
	text := "'+proj=aeqd +ellps=GRS80 +lon_0='||ST_X(ST_Centroid(a))||' +lat_0='||ST_Y(ST_Centroid(a))"
	expression := "ST_Distance(ST_Transform(ST_SetSRID(a, 4490), " + text + "), ST_Transform(ST_SetSRID(b, 4490), " + text + "))"
	worst := 0.0
	for i, want := range referee.PairFloats(t, conn, expression, a, b) {
		d := math.Abs(got[i] - want)
		if want > 10 {
			worst = max(worst, d/want)
		}
		if d > 1e-6*want+1e-5 {
			t.Errorf("%d: %.6f m, PostGIS %.6f", i, got[i], want)
		}
	}
	t.Logf("worst relative difference %.2g, %d at 0", worst, zeros)
	if zeros < 10 || zeros > 300 {
		t.Errorf("%d of 400 touch: the samples prove little", zeros)
	}
}

func TestNearestAndWithinAgreeWithEveryPairMeasured(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 36))
	var s Scratch
	for round := range 30 {
		x, y := 105+20*rng.Float64(), 18+32*rng.Float64()
		var features []*wkb.Geometry
		for range 1 + rng.IntN(60) {
			features = append(features, lineLike(rng, x+0.1*rng.NormFloat64(), y+0.1*rng.NormFloat64()))
		}
		features = append(features, &wkb.Geometry{Type: wkb.Polygon}, nil, pointAt(math.NaN(), y))
		features = append(features, features[0].Clone())
		index := NewIndex(features)
		for range 20 {
			subject := polygon(star(rng, x+0.1*rng.NormFloat64(), y+0.1*rng.NormFloat64(), 0.002, 3+rng.IntN(12)))
			limit := math.Pow(10, 2+2*rng.Float64())
			var want []Hit
			for f, g := range features {
				if g == nil {
					continue
				}
				if d := Distance(subject, g); d < limit {
					want = append(want, Hit{f, d})
				}
			}
			if got := index.Within(subject, limit, &s, nil); !slices.Equal(got, want) {
				t.Fatalf("round %d, within %v: %v, want %v", round, limit, got, want)
			}
			best := Hit{-1, math.NaN()}
			for _, h := range want {
				if best.Feature < 0 || h.Metres < best.Metres {
					best = h
				}
			}
			f, d, ok := index.Nearest(subject, limit, &s)
			if ok != (best.Feature >= 0) || f != best.Feature || ok && d != best.Metres {
				t.Fatalf("round %d: nearest within %v is %v at %v, want %v", round, limit, f, d, best)
			}
		}
	}
}

func TestGeometriesThatTouchOrOverlapAreAtZero(t *testing.T) {
	square := polygon(box(114, 30, 0.01, 0.01))
	ring := polygon(box(114, 30, 0.03, 0.03), box(114.01, 30.01, 0.01, 0.01))
	hole := polygon(box(114.012, 30.012, 0.002, 0.002))
	for _, c := range []struct {
		name string
		a, b *wkb.Geometry
		zero bool
	}{
		{"a shared edge", square, polygon(box(114.01, 30, 0.01, 0.01)), true},
		{"a shared corner", square, polygon(box(114.01, 30.01, 0.01, 0.01)), true},
		{"a corner on an edge", square, lineOf(114.01, 30.005, 114.02, 30.005), true},
		{"a line across", square, lineOf(113.9, 30.005, 114.1, 30.005), true},
		{"a point inside", square, pointAt(114.005, 30.005), true},
		{"inside a point's polygon", pointAt(114.005, 30.005), square, true},
		{"a line inside", square, lineOf(114.002, 30.002, 114.008, 30.003), true},
		{"a polygon inside", square, polygon(box(114.002, 30.002, 0.002, 0.002)), true},
		{"inside a polygon", polygon(box(114.002, 30.002, 0.002, 0.002)), square, true},
		{"itself", square, square, true},
		{"in a hole", hole, ring, false},
		{"around what is in a hole", ring, hole, false},
		{"a point beside", square, pointAt(114.0100001, 30.005), false},
		{"a line inside a closed line", lineOf(114.002, 30.002, 114.008, 30.003), lineOf(box(114, 30, 0.01, 0.01)...), false},
	} {
		if got := Distance(c.a, c.b); (got == 0) != c.zero {
			t.Errorf("%s: %v m", c.name, got)
		}
	}
	if d := Distance(hole, &wkb.Geometry{Type: wkb.Polygon}); !math.IsNaN(d) {
		t.Errorf("to nothing: %v", d)
	}
}

func TestOfFeaturesAtOneDistanceTheSmallestNumberIsNearest(t *testing.T) {
	bank := lineOf(114, 30, 114.01, 30.01, 114.02, 30.01)
	back := lineOf(114.02, 30.01, 114.01, 30.01, 114, 30)
	around := polygon(box(113, 29, 2, 2))
	parcel := polygon(box(114.015, 30.02, 0.001, 0.001))
	var s Scratch
	for name, features := range map[string][]*wkb.Geometry{
		"the same line twice":  {bank, bank},
		"the line run back":    {back, bank},
		"two that overlap":     {around, parcel, around},
		"touching and around":  {lineOf(114, 30.02, 115, 30.02), around},
		"around and touching":  {around, lineOf(114, 30.02, 115, 30.02)},
		"a far one in between": {bank, pointAt(114, 31), back},
	} {
		if f, d, ok := NewIndex(features).Nearest(parcel, 5000, &s); !ok || f != 0 {
			t.Errorf("%s: %d at %v", name, f, d)
		}
	}
}

func TestTheLimitIsExclusive(t *testing.T) {
	var s Scratch
	x := NewIndex([]*wkb.Geometry{pointAt(114, 30)})
	d := Distance(pointAt(114, 30.009), pointAt(114, 30))
	if _, _, ok := x.Nearest(pointAt(114, 30.009), d, &s); ok {
		t.Error("a feature at the limit is within it")
	}
	if _, got, ok := x.Nearest(pointAt(114, 30.009), math.Nextafter(d, 2*d), &s); !ok || got != d {
		t.Errorf("just within the limit: %v, %v", got, ok)
	}
	for _, limit := range []float64{0, -1, math.NaN()} {
		if _, _, ok := x.Nearest(pointAt(114, 30), limit, &s); ok {
			t.Errorf("found within %v", limit)
		}
	}
}

// riverside is a made-up river system of lines and n parcels around it.
func riverside(n int) (*Index, []*wkb.Geometry) {
	rng := rand.New(rand.NewPCG(41, 42))
	var rivers, parcels []*wkb.Geometry
	for range 60 {
		x, y, a := 114+rng.Float64(), 30+rng.Float64(), 2*math.Pi*rng.Float64()
		var xy []float64
		for range 500 {
			a += 0.3 * rng.NormFloat64()
			x, y = x+0.0005*math.Cos(a), y+0.0005*math.Sin(a)
			xy = append(xy, x, y)
		}
		rivers = append(rivers, lineOf(xy...))
	}
	for range n {
		parcels = append(parcels, polygon(star(rng, 114+rng.Float64(), 30+rng.Float64(), 0.001, 14)))
	}
	return NewIndex(rivers), parcels
}

func BenchmarkNearest(b *testing.B) {
	index, parcels := riverside(1000)
	var s Scratch
	for _, limit := range []float64{1000, math.Inf(1)} {
		b.Run(fmt.Sprintf("within %v m of 30000 edges", limit), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				index.Nearest(parcels[i%len(parcels)], limit, &s)
				i++
			}
		})
	}
	b.Run("all within 1000 m", func(b *testing.B) {
		b.ReportAllocs()
		var hits []Hit
		i := 0
		for b.Loop() {
			hits = index.Within(parcels[i%len(parcels)], 1000, &s, hits[:0])
			i++
		}
	})
}

func BenchmarkMetres(b *testing.B) {
	for b.Loop() {
		Metres(114, 30, 114.01, 30.01)
	}
}

func ExampleIndex_Nearest() {
	river := &wkb.Geometry{Type: wkb.LineString, XY: []float64{114, 30, 115, 30}, Rings: []int32{2}, Parts: []int32{1}}
	parcel := &wkb.Geometry{
		Type: wkb.Polygon, XY: []float64{114.5, 30.005, 114.51, 30.005, 114.51, 30.01, 114.5, 30.005}, Rings: []int32{4}, Parts: []int32{1},
	}
	var s Scratch
	feature, metres, ok := NewIndex([]*wkb.Geometry{river}).Nearest(parcel, 1000, &s)
	fmt.Printf("%d %.3f %v\n", feature, metres, ok)
	// Output:
	// 0 554.262 true
}

func ExampleIndex_Within() {
	features := []*wkb.Geometry{
		{Type: wkb.Point, XY: []float64{114, 30.02}, Rings: []int32{1}, Parts: []int32{1}},
		{Type: wkb.Point, XY: []float64{114, 30.005}, Rings: []int32{1}, Parts: []int32{1}},
		{Type: wkb.Point, XY: []float64{114, 30}, Rings: []int32{1}, Parts: []int32{1}},
	}
	here := features[2]
	var s Scratch
	for _, h := range NewIndex(features).Within(here, 1000, &s, nil) {
		fmt.Printf("%d %.3f\n", h.Feature, h.Metres)
	}
	// Output:
	// 1 554.262
	// 2 0.000
}

func ExampleMetres() {
	fmt.Printf("%.3f\n", Metres(114.3, 30.6, 114.31, 30.6))
	// Output:
	// 959.006
}

func FuzzDistance(f *testing.F) {
	f.Add(pointAt(114, 30).Append(nil), polygon(box(114, 30, 1, 1)).Append(nil))
	f.Add(lineOf(0, 0, 1, 1, 0, 0).Append(nil), lineOf(0, -90, 1e300, 90).Append(nil))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var g, h wkb.Geometry
		if g.Parse(a) != nil || h.Parse(b) != nil {
			return
		}
		if d := Distance(&g, &h); d < 0 {
			t.Errorf("distance %v", d)
		}
		Ellipsoidal(&g)
		Planar(&g)
	})
}
