package measure

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func box(x, y, w, h float64) []float64 {
	return []float64{x, y, x + w, y, x + w, y + h, x, y + h, x, y}
}

// relative is the difference of got and want, relative to want.
func relative(got, want float64) float64 { return math.Abs(got-want) / math.Abs(want) }

func TestAreaOfABoxMatchesTheExactIntegral(t *testing.T) {
	for _, c := range []struct{ x, y, size, want float64 }{
		{114, 30, 0.01, 1069521.173251},
		{114, 22.5, 0.01, 1139402.779669},
		{114, 30, 1, 10642393438.7123},
	} {
		ring := box(c.x, c.y, c.size, c.size)
		for name, got := range map[string]float64{
			"EllipsoidalRing": EllipsoidalRing(ring), "tallRing": tallRing(ring),
			"open": EllipsoidalRing(ring[:8]),
		} {
			if d := math.Abs(got - c.want); d > 1e-9*c.want && d > 1e-4 {
				t.Errorf("%s of %v° at %v°N = %.6f, want %.6f", name, c.size, c.y, got, c.want)
			}
		}
	}
}

// closedQ is the closed form of the authalic integral, an implementation apart
// from the series under test.
func closedQ(lat float64) float64 {
	e := math.Sqrt(ecc2)
	s := math.Sin(lat * degree)
	return semiMinor * semiMinor / 2 * (s/(1-ecc2*s*s) + math.Log((1+e*s)/(1-e*s))/(2*e))
}

func TestTheSineSeriesIsTheClosedFormOfQ(t *testing.T) {
	for lat := -90.0; lat <= 90; lat += 0.37 {
		if d := math.Abs(meanQ(lat, lat) - closedQ(lat)); d > 4e-15*closedQ(90) {
			t.Errorf("q(%v) differs by %v m²", lat, d)
		}
	}
}

func TestMeanOfQAlongAnEdgeIsItsIntegral(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		y1, y2 := rng.Float64()*170-85, rng.Float64()*170-85
		const n = 2000 // Simpson
		sum := closedQ(y1) + closedQ(y2)
		for i := 1; i < n; i++ {
			sum += float64(2+2*(i%2)) * closedQ(y1+(y2-y1)*float64(i)/n)
		}
		if d := math.Abs(sum/(3*n) - meanQ(y1, y2)); d > 1e-13*closedQ(90) {
			t.Errorf("mean over %v…%v differs by %v", y1, y2, d)
		}
	}
}

// star is a random simple ring of n points, closed, about a centre.
func star(rng *rand.Rand, x, y, r float64, n int) []float64 {
	var xy []float64
	for i := range n {
		s, c := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		k := r * (0.3 + 0.7*rng.Float64())
		xy = append(xy, x+k*c, y+k*s)
	}
	return append(xy, xy[0], xy[1])
}

func TestFrameAgreesWithTheExactSeriesWithinItsReach(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		lat := rng.Float64()*140 - 70
		f := NewFrame(lat)
		for _, reach := range []struct{ deg, tol float64 }{{0.25, 1e-11}, {0.5, 2e-11}} {
			r := 0.004 + rng.Float64()*(reach.deg-0.004)
			off := (reach.deg - r) * (2*rng.Float64() - 1)
			ring := star(rng, 114, lat+off, r, 3+rng.IntN(30))
			// The series itself rounds to some 1e-5 m².
			got, want := f.Ring(ring), tallRing(ring)
			if d := math.Abs(got - want); d > reach.tol*want+2e-5 {
				t.Fatalf("lat %v offset %v radius %v: %v, want %v", lat, off, r, got, want)
			}
		}
	}
}

// bigRing is the area of a ring so small that q is a parabola on it, in rational
// arithmetic: what is left is only the rounding of the code under test.
func bigRing(f Frame, xy []float64) float64 {
	y0 := xy[1]
	c1, c2, c3, _, _ := f.about(y0)
	r := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
	mul := func(a ...*big.Rat) *big.Rat {
		p := big.NewRat(1, 1)
		for _, v := range a {
			p.Mul(p, v)
		}
		return p
	}
	sum := new(big.Rat)
	for i := 0; i+3 < len(xy); i += 2 {
		dx := new(big.Rat).Sub(r(xy[i+2]), r(xy[i]))
		a, b := new(big.Rat).Sub(r(xy[i+1]), r(y0)), new(big.Rat).Sub(r(xy[i+3]), r(y0))
		s := new(big.Rat).Add(a, b)
		s2 := new(big.Rat).Add(mul(a, a), new(big.Rat).Add(mul(a, b), mul(b, b)))
		s3 := mul(s, new(big.Rat).Add(mul(a, a), mul(b, b)))
		q := mul(r(c1), s, big.NewRat(1, 2))
		q.Add(q, mul(r(c2), s2, big.NewRat(1, 3)))
		q.Add(q, mul(r(c3), s3, big.NewRat(1, 4)))
		sum.Sub(sum, mul(dx, q))
	}
	v, _ := sum.Float64()
	return v
}

func TestSmallRingsKeepTheirDigits(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, r := range []float64{1e-3, 1e-5, 1e-7, 1e-9} { // 100 m to 0.1 mm
		f := NewFrame(30)
		for range 50 {
			ring := star(rng, 114.3, 30.2, r, 12)
			if d := relative(f.Ring(ring), bigRing(f, ring)); d > 1e-12 {
				t.Errorf("radius %v: relative error %v", r, d)
			}
		}
	}
}

func TestPiecesAddUpToTheWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		x, y, w, h := 100+20*rng.Float64(), 20+20*rng.Float64(), rng.Float64(), rng.Float64()*3
		k := rng.Float64() * h
		whole := EllipsoidalRing(box(x, y, w, h))
		parts := EllipsoidalRing(box(x, y, w, k)) + EllipsoidalRing(box(x, y+k, w, h-k))
		if d := math.Abs(whole - parts); d > 1e-9*whole && d > 1e-4 {
			t.Errorf("box %v %v %v %v cut at %v: whole %v, parts %v", x, y, w, h, k, whole, parts)
		}
	}
}

func TestARingRunBackwardsHasTheOppositeArea(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, r := range []float64{0.001, 0.2, 2} {
		ring := star(rng, 114, 30, r, 9)
		back := slices.Clone(ring)
		slices.Reverse(back)
		for i := 0; i < len(back); i += 2 {
			back[i], back[i+1] = back[i+1], back[i]
		}
		a, b := EllipsoidalRing(ring), EllipsoidalRing(back)
		if a <= 0 || relative(-b, a) > 1e-12 {
			t.Errorf("radius %v: forwards %v, backwards %v", r, a, b)
		}
		if p := PlanarRing(ring); p <= 0 || relative(-PlanarRing(back), p) > 1e-12 {
			t.Errorf("radius %v: planar %v and %v", r, p, PlanarRing(back))
		}
	}
}

func polygon(rings ...[]float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon}
	for _, r := range rings {
		g.XY = append(g.XY, r...)
		g.EndRing()
	}
	g.EndPart()
	return g
}

func TestHolesAreTakenAwayWhicheverWayTheyRun(t *testing.T) {
	outer, inner := box(114, 30, 0.03, 0.03), box(114.01, 30.01, 0.01, 0.01)
	back := []float64{114.01, 30.01, 114.01, 30.02, 114.02, 30.02, 114.02, 30.01, 114.01, 30.01}
	want := EllipsoidalRing(outer) - EllipsoidalRing(inner)
	for _, hole := range [][]float64{inner, back} {
		if got := Ellipsoidal(polygon(outer, hole)); relative(got, want) > 1e-12 {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := Planar(polygon(outer, hole)); relative(got, 8e-4) > 1e-9 {
			t.Errorf("planar got %v, want 8e-4", got)
		}
	}
	multi := polygon(outer, inner)
	multi.Type = wkb.MultiPolygon
	multi.XY = append(multi.XY, box(115, 30, 0.01, 0.01)...)
	multi.EndRing()
	multi.EndPart()
	if got := Ellipsoidal(multi); relative(got, want+EllipsoidalRing(box(115, 30, 0.01, 0.01))) > 1e-12 {
		t.Errorf("multipolygon: %v", got)
	}
}

func TestWhatHasNoAreaMeasuresZero(t *testing.T) {
	line := &wkb.Geometry{Type: wkb.LineString, XY: box(1, 1, 1, 1), Rings: []int32{5}, Parts: []int32{1}}
	for name, got := range map[string]float64{
		"two points": EllipsoidalRing([]float64{1, 1, 2, 2}), "nothing": EllipsoidalRing(nil),
		"a line": Ellipsoidal(line), "empty polygon": Ellipsoidal(&wkb.Geometry{Type: wkb.Polygon}),
		"planar two points": PlanarRing([]float64{1, 1, 2, 2}), "tall nothing": tallRing(nil),
		"flat": EllipsoidalRing([]float64{1, 1, 2, 1, 3, 1, 1, 1}),
	} {
		if got != 0 {
			t.Errorf("%s: %v, want 0", name, got)
		}
	}
}

func TestNonsenseLatitudesDoNotPanic(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, y := range []float64{nan, inf, -inf, 1e300, -1e300, 91, -91} {
		EllipsoidalRing([]float64{0, y, 1, 0, 1, 1, 0, y})
		EllipsoidalRing([]float64{0, 0, 1, y, 1, 1, 0, 0})
	}
}

func TestEllipsoidalAreaAgreesWithPostGIS(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(11, 12))
	var bytes [][]byte
	var got []float64
	for _, size := range []float64{1e-4, 1e-3, 1e-2, 0.1, 0.6} {
		for range map[bool]int{true: 100, false: 6}[size < 0.05] {
			x, y := 75+55*rng.Float64(), 18+35*rng.Float64()
			g := polygon(star(rng, x, y, size, 3+rng.IntN(20)))
			if rng.IntN(2) == 0 {
				g = polygon(box(x-size, y-size, 2*size, 2*size), star(rng, x, y, size*0.9, 5))
			}
			bytes, got = append(bytes, g.Append(nil)), append(got, Ellipsoidal(g))
		}
	}
	expression := "ST_Area(ST_Segmentize(ST_SetSRID(g, 4490), 0.0001)::geography)"
	for i, want := range referee.Floats(t, conn, expression, bytes) {
		if d := math.Abs(got[i] - want); d > 1e-3 && d > 1e-7*want {
			t.Errorf("%x: %.6f m², PostGIS %.6f", bytes[i], got[i], want)
		}
	}
}

func BenchmarkEllipsoidal(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{5, 15, 100} {
		g := polygon(star(rng, 114, 30, 0.002, n-1))
		b.Run(map[int]string{5: "5 points", 15: "15 points", 100: "100 points"}[n], func(b *testing.B) {
			sum := 0.0
			for b.Loop() {
				sum += Ellipsoidal(g)
			}
			if sum <= 0 {
				b.Fatal(sum)
			}
		})
	}
	b.Run("15 points by frame", func(b *testing.B) {
		g := polygon(star(rng, 114, 30, 0.002, 14))
		f := NewFrame(30)
		sum := 0.0
		for b.Loop() {
			sum += f.Ring(g.XY)
		}
	})
	b.Run("15 points tall", func(b *testing.B) {
		g := polygon(star(rng, 114, 30, 2, 14))
		for b.Loop() {
			Ellipsoidal(g)
		}
	})
}

func BenchmarkNewFrame(b *testing.B) {
	lat := 30.0
	for b.Loop() {
		f := NewFrame(lat)
		lat += f.c1 * 1e-20
	}
}

func ExampleEllipsoidalRing() {
	square := []float64{114, 30, 114.01, 30, 114.01, 30.01, 114, 30.01, 114, 30}
	fmt.Printf("%.4f m²\n", EllipsoidalRing(square))
	// Output:
	// 1069521.1733 m²
}

func ExampleFrame_Ring() {
	f := NewFrame(30)
	fmt.Printf("%.4f m²\n", f.Ring([]float64{114, 30, 114.01, 30, 114.01, 30.01, 114, 30.01}))
	// Output:
	// 1069521.1733 m²
}

func ExampleEllipsoidal() {
	g := &wkb.Geometry{
		Type: wkb.Polygon, Rings: []int32{5, 9}, Parts: []int32{2},
		XY: []float64{
			114, 30, 114.03, 30, 114.03, 30.03, 114, 30.03, 114, 30,
			114.01, 30.01, 114.01, 30.02, 114.02, 30.01, 114.01, 30.01,
		},
	}
	fmt.Printf("%.1f m²\n", Ellipsoidal(g))
	// Output:
	// 9090023.1 m²
}

func ExamplePlanar() {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: []float64{0, 0, 2, 0, 2, 3, 0, 3, 0, 0}, Rings: []int32{5}, Parts: []int32{1}}
	fmt.Println(Planar(g))
	// Output:
	// 6
}
