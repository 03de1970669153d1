package crs

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// awayFrom is how many metres a point is from a line in degrees, measured on the
// sphere of CGCS2000's semi-major axis, flat around the point.
func awayFrom(line []float64, lon, lat float64) float64 {
	scale := math.Cos(lat*degree) * degree * SemiMajor
	best := math.Inf(1)
	for i := 0; i+3 < len(line); i += 2 {
		ax, ay := (line[i]-lon)*scale, (line[i+1]-lat)*degree*SemiMajor
		bx, by := (line[i+2]-lon)*scale, (line[i+3]-lat)*degree*SemiMajor
		dx, dy := bx-ax, by-ay
		u := min(max(-(ax*dx+ay*dy)/(dx*dx+dy*dy), 0), 1)
		if dx == 0 && dy == 0 {
			u = 0
		}
		best = min(best, math.Hypot(ax+u*dx, ay+u*dy))
	}
	return best
}

// worstAway is how far the straight edge a-b of the projection is from a line.
func worstAway(t *testing.T, s System, a, b, line []float64) float64 {
	worst := 0.0
	for i := range 100 {
		u := (float64(i) + 0.5) / 100
		xy := []float64{a[0] + u*(b[0]-a[0]), a[1] + u*(b[1]-a[1])}
		if err := s.ToLonLat(xy); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, awayFrom(line, xy[0], xy[1]))
	}
	return worst
}

// edges are random edges from 50 m to 200 km in two systems, some across the central
// meridian, where they bend like an S.
func edges(n int, visit func(s System, a, b []float64)) {
	random := rand.New(rand.NewPCG(5, 6))
	for i := range n {
		s, x0 := System{Code: 4547}, 500_000.0
		if i%3 == 0 {
			s, x0 = WebMercator, 12_700_000
		}
		length := 50 * math.Pow(4000, random.Float64())
		angle := 2 * math.Pi * random.Float64()
		x, y := x0+3e5*(random.Float64()-0.5), 4e5+5.6e6*random.Float64()
		if i%5 == 0 {
			x = x0 // half on each side
		}
		dx, dy := length/2*math.Cos(angle), length/2*math.Sin(angle)
		visit(s, []float64{x - dx, y - dy}, []float64{x + dx, y + dy})
	}
}

func TestADensifiedEdgeIsTrueToAMillimetre(t *testing.T) {
	worst, split := 0.0, 0
	edges(1500, func(s System, a, b []float64) {
		line, err := s.Densified([]float64{a[0], a[1], b[0], b[1]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		away := worstAway(t, s, a, b, line)
		worst = max(worst, away)
		if away > 1e-3 {
			t.Errorf("%v %v %v: %d vertices, off by %g m", s, a, b, len(line)/2, away)
		}
		if len(line) > 4 {
			split++
		}
	})
	t.Logf("%d edges split, worst %.3g mm", split, worst*1e3)
	if split < 500 {
		t.Errorf("only %d edges were split: the test tests nothing", split)
	}
}

// Each halving was needed: without the vertex in the middle of its two neighbours, if
// they are as far from it, the line would be off by more than 0.8 mm.
func TestNoEdgeIsSplitWithoutNeed(t *testing.T) {
	edges(600, func(s System, a, b []float64) {
		line, err := s.Densified([]float64{a[0], a[1], b[0], b[1]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(line) == 4 {
			return
		}
		plane := slices.Clone(line)
		if err := s.FromLonLat(plane); err != nil {
			t.Fatal(err)
		}
		if len(line) == 6 {
			if off := worstAway(t, s, a, b, []float64{line[0], line[1], line[4], line[5]}); off < 0.8e-3 {
				t.Errorf("%v %v %v: split though it is off by %g m only", s, a, b, off)
			}
		}
		whole := worstAway(t, s, a, b, []float64{line[0], line[1], line[len(line)-2], line[len(line)-1]})
		// The bend falls with the square of the length; halving can double what is needed.
		if pieces := float64(len(line)/2 - 1); pieces > 2.2*math.Sqrt(whole/0.8e-3)+1 {
			t.Errorf("%v %v %v: %v pieces for a bend of %g m", s, a, b, pieces, whole)
		}
	})
}

func TestAnEdgeGetsTheSameVerticesFromBothSides(t *testing.T) {
	edges(3000, func(s System, a, b []float64) {
		there, err := s.Densified([]float64{a[0], a[1], b[0], b[1]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.Densified([]float64{b[0], b[1], a[0], a[1]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		turned := make([]float64, 0, len(back))
		for i := len(back) - 2; i >= 0; i -= 2 {
			turned = append(turned, back[i], back[i+1])
		}
		if !slices.Equal(there, turned) {
			t.Errorf("%v %v %v: %v there, %v back", s, a, b, there, turned)
		}
	})
}

func TestTheVerticesOfARingAreThoseOfToLonLat(t *testing.T) {
	ring := []float64{528000, 3386000, 548000, 3386000, 548000, 3386040, 528000, 3386000}
	s := mustFind(t, "4547")
	want := slices.Clone(ring)
	if err := s.ToLonLat(want); err != nil {
		t.Fatal(err)
	}
	got, err := s.Densified(ring, []float64{1, 2})
	if err != nil || got[0] != 1 || got[1] != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	got = got[2:]
	if len(got) <= len(ring) {
		t.Fatalf("an edge of 20 km is not split: %v", got)
	}
	next := 0
	for i := 0; i < len(got); i += 2 {
		if next < len(want) && got[i] == want[next] && got[i+1] == want[next+1] {
			next += 2
		}
	}
	if next != len(want) {
		t.Errorf("vertex %d is missing", next/2)
	}
	if !slices.Equal(got[:2], got[len(got)-2:]) {
		t.Errorf("the ring is not closed: %v", got)
	}
}

func TestParcelsGetNoVertices(t *testing.T) {
	ring := []float64{528000, 3386000, 528100, 3386000, 528100, 3386100, 528000, 3386100, 528000, 3386000}
	if got, err := mustFind(t, "4547").Densified(ring, nil); err != nil || len(got) != len(ring) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestDegreesAreNotDensified(t *testing.T) {
	line := []float64{100, 20, 130, 50}
	if got, err := CGCS2000.Densified(line, nil); err != nil || !slices.Equal(got, line) {
		t.Errorf("%v, %v", got, err)
	}
}
