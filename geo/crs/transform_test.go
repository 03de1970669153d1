package crs

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func mustFind(t testing.TB, name string) System {
	t.Helper()
	s, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheReferencePointComesOutToTheMicrometre(t *testing.T) {
	for _, c := range []struct {
		code string
		x, y float64
	}{
		{"4547", 528770.237256, 3386666.250562},
		{"4526", 38528770.237256, 3386666.250562},
	} {
		s := mustFind(t, c.code)
		xy := []float64{114.3, 30.6}
		if err := s.FromLonLat(xy); err != nil || math.Abs(xy[0]-c.x) > 1e-6 || math.Abs(xy[1]-c.y) > 1e-6 {
			t.Errorf("%v: %.6f, %v; want %.6f %.6f", s, xy, err, c.x, c.y)
		}
		xy = []float64{c.x, c.y}
		if err := s.ToLonLat(xy); err != nil || math.Abs(xy[0]-114.3) > 1e-11 || math.Abs(xy[1]-30.6) > 1e-11 {
			t.Errorf("%v: %.12f, %v; want 114.3 30.6", s, xy, err)
		}
	}
}

func TestForwardAndBackMeetInEverySystem(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for _, s := range systems {
		p, _ := planeOf(s.Code)
		reach := 4.0
		if p.width == 0 {
			reach = 180
		}
		for range 2000 {
			lon, lat := p.meridian+reach*(2*random.Float64()-1), 85*(2*random.Float64()-1)
			xy := []float64{lon, lat}
			if err := s.FromLonLat(xy); err != nil {
				t.Fatal(err)
			}
			if err := s.ToLonLat(xy); err != nil {
				t.Fatal(err)
			}
			off := max(math.Abs(xy[0]-lon), math.Abs(xy[1]-lat))
			worst = max(worst, off)
			if off > 1e-12*max(1, math.Abs(lon)) {
				t.Errorf("%v: %v %v comes back as %v, off by %g°", s, lon, lat, xy, off)
			}
		}
	}
	t.Logf("farthest off: %.3g°", worst)
}

func TestTheSeriesHoldFarFromTheMeridian(t *testing.T) {
	s := mustFind(t, "4547")
	for lon := 95.0; lon <= 133; lon += 0.5 {
		for lat := -80.0; lat <= 80; lat += 0.5 {
			xy := []float64{lon, lat}
			if err := s.FromLonLat(xy); err != nil {
				t.Fatal(err)
			}
			if err := s.ToLonLat(xy); err != nil {
				t.Fatal(err)
			}
			if math.Abs(xy[0]-lon) > 1e-11 || math.Abs(xy[1]-lat) > 1e-11 {
				t.Errorf("%v %v comes back as %v", lon, lat, xy)
			}
		}
	}
}

// The meridian's length from the equator, by Simpson's rule on its radius of
// curvature, knows nothing of series.
func TestNorthingsOnTheMeridianAreItsLength(t *testing.T) {
	e2 := eccentricity * eccentricity
	length := func(lat float64) float64 {
		const n = 2000
		radius := func(phi float64) float64 {
			s := math.Sin(phi)
			return SemiMajor * (1 - e2) / math.Pow(1-e2*s*s, 1.5)
		}
		step, sum := lat/n, radius(0)+radius(lat)
		for i := 1; i < n; i++ {
			sum += radius(float64(i)*step) * float64(2+2*(i%2))
		}
		return sum * step / 3
	}
	for lat := 0.0; lat <= 60; lat += 2.5 {
		xy := []float64{114, lat}
		if err := mustFind(t, "4547").FromLonLat(xy); err != nil || xy[0] != 500000 || math.Abs(xy[1]-length(lat*degree)) > 1e-7 {
			t.Errorf("%v°: %v, %v; want 500000 %v", lat, xy, err, length(lat*degree))
		}
	}
}

func TestSystemsOnOneMeridianDifferByTheZoneNumberOnly(t *testing.T) {
	plain := []float64{528770.25, 3386666.25}
	numbered := []float64{37528770.25, 3386666.25}
	six := []float64{19528770.25, 3386666.25}
	for code, xy := range map[string][]float64{"4546": plain, "4525": numbered, "4497": six, "4508": slices.Clone(plain)} {
		if err := mustFind(t, code).ToLonLat(xy); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(plain, numbered) || !slices.Equal(plain, six) {
		t.Errorf("%v, %v, %v", plain, numbered, six)
	}
}

func TestDegreesStayAsTheyAre(t *testing.T) {
	for _, s := range []System{CGCS2000, WGS84} {
		xy := []float64{114.3, 30.6, -180, 90, 180, -90}
		want := slices.Clone(xy)
		if err := s.ToLonLat(xy); err != nil || !slices.Equal(xy, want) {
			t.Errorf("%v, %v", xy, err)
		}
	}
}

func TestWhatCannotBeTransformedIsAnErrorWithItsVertex(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		s  string
		xy []float64
	}{
		{"4547", []float64{528770, 3386666, 38528770, 3386666}},
		{"4547", []float64{528770, 3386666, 528770, 33866660}},
		{"4547", []float64{528770, 3386666, 528770, nan}},
		{"4547", []float64{528770, 3386666, inf, 3386666}},
		{"4526", []float64{38528770, 3386666, 528770, 3386666}},
		{"3857", []float64{0, 0, 21e6, 0}},
		{"3857", []float64{0, 0, nan, 0}},
		{"3857", []float64{0, 0, 0, -inf}},
		{"4490", []float64{0, 0, 114, 91}},
		{"4326", []float64{0, 0, nan, 30}},
	} {
		s := mustFind(t, c.s)
		err := s.ToLonLat(slices.Clone(c.xy))
		if !errors.Is(err, ErrRange) || !strings.Contains(err.Error(), "vertex 1") {
			t.Errorf("%v %v: %v", s, c.xy, err)
		}
		dst := []float64{7}
		if got, err := s.Densified(c.xy, dst); !errors.Is(err, ErrRange) || !slices.Equal(got, dst) {
			t.Errorf("%v %v: %v, %v", s, c.xy, got, err)
		}
	}
	for _, xy := range [][]float64{{150, 0, 1, 1}, {nan, 30}, {114, 91}, {114, -inf}} {
		if err := mustFind(t, "4547").FromLonLat(xy); !errors.Is(err, ErrRange) {
			t.Errorf("%v: %v", xy, err)
		}
	}
	if err := CGCS2000.ToLonLat(make([]float64, 3)); !errors.Is(err, ErrRange) {
		t.Errorf("three numbers: %v", err)
	}
	if err := (System{Code: 27700}).ToLonLat(make([]float64, 2)); !errors.Is(err, ErrUnknown) {
		t.Errorf("a system made by hand: %v", err)
	}
}

func TestTransformingAllocatesNothing(t *testing.T) {
	xy, from := make([]float64, 200), make([]float64, 200)
	dst := make([]float64, 0, 10_000)
	for i := range from {
		from[i] = 500000 + float64(i%2)*3e6 + float64(i*i%977)*10
	}
	s := mustFind(t, "4547")
	if n := testing.AllocsPerRun(10, func() {
		copy(xy, from)
		if s.ToLonLat(xy) != nil {
			t.Fatal("not transformed")
		}
		if _, err := s.Densified(from, dst); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// city is n points of the zone 38 in parcels of 40 m.
func city(n int, x0 float64) []float64 {
	random := rand.New(rand.NewPCG(3, 4))
	xy := make([]float64, 0, 2*n)
	for i := range n {
		if i%15 == 0 {
			xy = append(xy, x0+4e4*random.Float64(), 3.36e6+4e4*random.Float64())
			continue
		}
		xy = append(xy, xy[2*i-2]+40*random.Float64()-20, xy[2*i-1]+40*random.Float64()-20)
	}
	return xy
}

func benchmark(b *testing.B, name string, x0 float64, run func(System, []float64) error) {
	s, err := Find(name)
	if err != nil {
		b.Fatal(err)
	}
	from := city(1500, x0)
	xy := slices.Clone(from)
	b.ReportAllocs()
	points := 0
	for b.Loop() {
		copy(xy, from)
		if err := run(s, xy); err != nil {
			b.Fatal(err)
		}
		points += len(xy) / 2
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(points), "ns/point")
}

func BenchmarkToLonLatFromGaussKruger(b *testing.B) { benchmark(b, "4547", 5e5, System.ToLonLat) }
func BenchmarkToLonLatFromWebMercator(b *testing.B) { benchmark(b, "3857", 12e6, System.ToLonLat) }

func BenchmarkDensifiedParcels(b *testing.B) {
	dst := make([]float64, 0, 4000)
	benchmark(b, "4547", 5e5, func(s System, xy []float64) error {
		dst = dst[:0]
		for i := 0; i < len(xy); i += 30 {
			var err error
			if dst, err = s.Densified(xy[i:i+30], dst); err != nil {
				return err
			}
		}
		return nil
	})
}

func ExampleSystem_ToLonLat() {
	s, _ := Find("CGCS2000_3_Degree_GK_CM_114E")
	xy := []float64{528770.237256, 3386666.250562}
	if err := s.ToLonLat(xy); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%v %.9f %.9f\n", s, xy[0], xy[1])
	// Output: EPSG:4547 114.300000000 30.600000000
}
