package overlay

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func sharesOf(p *Partition, g *wkb.Geometry) []Share {
	return p.Shares(g, measure.Ellipsoidal(g), new(Clip), nil)
}

func total(shares []Share) (sum float64) {
	for _, s := range shares {
		sum += s.Area
	}
	return sum
}

func TestSharesInAPartitionAddUpToTheWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var s Clip
	for _, n := range []int{1, 3, 40} {
		p := NewPartition(mosaic(rng, 114, 30, 0.2, 7, n))
		for range 3000 {
			r := 0.0005 * math.Pow(60, rng.Float64())
			g := starPolygon(rng, 114+r+rng.Float64()*(0.2-2*r), 30+r+rng.Float64()*(0.2-2*r), r, 3+rng.IntN(30))
			whole := measure.Ellipsoidal(g)
			shares := p.Shares(g, whole, &s, nil)
			if d := math.Abs(total(shares) - whole); d > 1e-6+1e-10*whole {
				t.Fatalf("borders of %d: radius %v: shares add up to %v of %v (%v)", n, r, total(shares), whole, total(shares)-whole)
			}
			if !slices.IsSortedFunc(shares, func(a, b Share) int { return int(a.Zone - b.Zone) }) {
				t.Fatalf("zones not ascending: %v", shares)
			}
		}
	}
}

func TestSharesOfWholeProvincesAddUpToo(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	p := NewPartition(mosaic(rng, 100, 18, 24, 6, 20))
	for range 300 {
		r := 0.05 * math.Pow(160, rng.Float64())
		g := starPolygon(rng, 100+r+rng.Float64()*(24-2*r), 18+r+rng.Float64()*(24-2*r), r, 3+rng.IntN(30))
		whole := measure.Ellipsoidal(g)
		if d := math.Abs(total(sharesOf(p, g)) - whole); d > 1e-9*whole {
			t.Fatalf("radius %v°: shares miss %v of %v m²", r, d, whole)
		}
	}
}

func TestSharesAndWhatTheHolesLeaveOutAddUpToTheWhole(t *testing.T) {
	// Zones are the even pieces of a mosaic; a second partition holds the odd ones.
	rng := rand.New(rand.NewPCG(2, 1))
	all := mosaic(rng, 104, 31, 0.1, 6, 20)
	even, odd := slices.Clone(all), slices.Clone(all)
	for i := range all {
		if i%2 == 0 {
			odd[i] = nil
		} else {
			even[i] = nil
		}
	}
	p, q := NewPartition(even), NewPartition(odd)
	for range 3000 {
		r := 0.0002 * math.Pow(50, rng.Float64())
		g := starPolygon(rng, 104+r+rng.Float64()*(0.1-2*r), 31+r+rng.Float64()*(0.1-2*r), r, 3+rng.IntN(20))
		whole := measure.Ellipsoidal(g)
		if sum := total(sharesOf(p, g)) + total(sharesOf(q, g)); math.Abs(sum-whole) > 2e-6+1e-10*whole {
			t.Fatalf("inside and outside add up to %v of %v", sum, whole)
		}
	}
}

func TestAPolygonInOneZoneHasExactlyItsWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	zones := mosaic(rng, 114, 30, 0.2, 4, 50)
	p := NewPartition(zones)
	var s Clip
	for range 2000 {
		// Any number must come back as it is, measured or not.
		i := rng.IntN(16)
		x, y := 114+0.05*(float64(i%4)+0.5), 30+0.05*(float64(i/4)+0.5)
		g := starPolygon(rng, x+0.02*(rng.Float64()-0.5), y+0.02*(rng.Float64()-0.5), 0.001, 12)
		got := p.Shares(g, 12345, &s, nil)
		if len(got) != 1 || got[0] != (Share{int32(i), 12345}) {
			t.Fatalf("zone %d: shares %v", i, got)
		}
	}
	for i, z := range zones {
		whole := measure.Ellipsoidal(z)
		if got := p.Shares(z, whole, &s, nil); len(got) != 1 || got[0] != (Share{int32(i), whole}) {
			t.Errorf("zone %d in itself: %v, want %v", i, got, whole)
		}
	}
}

func TestSharesAppendAndLeaveTheRestOfTheSliceAlone(t *testing.T) {
	p := NewPartition([]*wkb.Geometry{made(rect(0, 0, 1, 1)), made(rect(1, 0, 2, 1))})
	g := made(rect(0.5, 0.2, 1.5, 0.4))
	got := p.Shares(g, measure.Ellipsoidal(g), new(Clip), []Share{{9, 9}})
	if len(got) != 3 || got[0] != (Share{9, 9}) || got[1].Zone != 0 || got[2].Zone != 1 {
		t.Errorf("got %v", got)
	}
}

// Each case is a polygon, zones, and the areas wanted as polygons to measure.
func TestSharesAtBorders(t *testing.T) {
	left, right := made(rect(114, 30, 114.01, 30.01)), made(rect(114.01, 30, 114.02, 30.01))
	ring := made(rect(114, 30, 114.03, 30.03), rect(114.01, 30.01, 114.02, 30.02))
	cases := map[string]struct {
		g     *wkb.Geometry
		zones []*wkb.Geometry
		want  []*wkb.Geometry // by zone; nil for none
	}{
		"edge on the border from inside": {
			made(rect(114.005, 30.002, 114.01, 30.004)), []*wkb.Geometry{left, right},
			[]*wkb.Geometry{made(rect(114.005, 30.002, 114.01, 30.004)), nil},
		},
		"edge on the border from outside": {
			made(rect(114.02, 30.002, 114.03, 30.004)), []*wkb.Geometry{left, right}, []*wkb.Geometry{nil, nil},
		},
		"across the border": {
			made(rect(114.005, 30.002, 114.015, 30.004)), []*wkb.Geometry{left, right},
			[]*wkb.Geometry{made(rect(114.005, 30.002, 114.01, 30.004)), made(rect(114.01, 30.002, 114.015, 30.004))},
		},
		"equal to the zone": {right, []*wkb.Geometry{left, right}, []*wkb.Geometry{nil, right}},
		"zones inside the polygon": {
			made(rect(113.9, 29.9, 114.1, 30.1)), []*wkb.Geometry{left, right}, []*wkb.Geometry{left, right},
		},
		"in the hole":       {made(rect(114.012, 30.012, 114.018, 30.018)), []*wkb.Geometry{ring}, []*wkb.Geometry{nil}},
		"fills the hole":    {made(rect(114.01, 30.01, 114.02, 30.02)), []*wkb.Geometry{ring}, []*wkb.Geometry{nil}},
		"over the hole":     {made(rect(113, 29, 115, 31)), []*wkb.Geometry{ring}, []*wkb.Geometry{ring}},
		"touches a corner":  {made([]float64{114.01, 30.01, 114.02, 30.02, 114.01, 30.02}), []*wkb.Geometry{left}, []*wkb.Geometry{nil}},
		"touches an edge":   {made([]float64{114.005, 30.01, 114.01, 30.02, 114, 30.02}), []*wkb.Geometry{left}, []*wkb.Geometry{nil}},
		"corner at an edge": {made([]float64{114.005, 30.01, 114.009, 30.002, 114.001, 30.002}), []*wkb.Geometry{left}, []*wkb.Geometry{made([]float64{114.005, 30.01, 114.009, 30.002, 114.001, 30.002})}},
		"far away":          {made(rect(10, 10, 11, 11)), []*wkb.Geometry{left}, []*wkb.Geometry{nil}},
		"a multipolygon, half of it in": {
			joined(made(rect(114.001, 30.001, 114.002, 30.002)), made(rect(114.018, 30.001, 114.025, 30.002))),
			[]*wkb.Geometry{left, right},
			[]*wkb.Geometry{made(rect(114.001, 30.001, 114.002, 30.002)), made(rect(114.018, 30.001, 114.02, 30.002))},
		},
		"a zone of two parts": {
			made(rect(114.005, 30.002, 114.035, 30.004)),
			[]*wkb.Geometry{joined(left, made(rect(114.03, 30, 114.04, 30.01)))},
			[]*wkb.Geometry{joined(made(rect(114.005, 30.002, 114.01, 30.004)), made(rect(114.03, 30.002, 114.035, 30.004)))},
		},
		"run clockwise": {
			made([]float64{114.005, 30.002, 114.005, 30.004, 114.015, 30.004, 114.015, 30.002}), []*wkb.Geometry{left},
			[]*wkb.Geometry{made(rect(114.005, 30.002, 114.01, 30.004))},
		},
	}
	for name, c := range cases {
		got := sharesOf(NewPartition(c.zones), c.g)
		var want []Share
		for zone, g := range c.want {
			if g != nil {
				want = append(want, Share{int32(zone), measure.Ellipsoidal(g)})
			}
		}
		same := len(got) == len(want)
		for i := range want {
			same = same && got[i].Zone == want[i].Zone && math.Abs(got[i].Area-want[i].Area) <= 1e-6+1e-9*want[i].Area
		}
		if !same {
			t.Errorf("%s: shares %v, want %v", name, got, want)
		}
	}
}

func TestBordersOnTheLinesOfTheGridCostNothing(t *testing.T) {
	// Squares whose borders are exactly the grid's lines would be, were it not
	// for the margin; cells at the border must still add up.
	var zones []*wkb.Geometry
	for i := range 8 {
		for j := range 8 {
			x, y := float64(i)/8, float64(j)/8
			zones = append(zones, made(rect(x, y, x+0.125, y+0.125)))
		}
	}
	p := NewPartition(zones)
	for k, z := range zones {
		whole := measure.Ellipsoidal(z)
		if got := sharesOf(p, z); len(got) != 1 || got[0] != (Share{int32(k), whole}) {
			t.Errorf("square %d: %v, want its whole %v", k, got, whole)
		}
	}
	all := made(rect(0, 0, 1, 1))
	if whole, sum := measure.Ellipsoidal(all), total(sharesOf(p, all)); math.Abs(sum-whole) > 1e-9*whole {
		t.Errorf("all squares add up to %v of %v", sum, whole)
	}
}

func TestGroundOfTwoZonesCountsForBoth(t *testing.T) {
	p := NewPartition([]*wkb.Geometry{made(rect(0, 0, 1, 1)), made(rect(0.5, 0, 1.5, 1))})
	for _, g := range []*wkb.Geometry{made(rect(0.7, 0.4, 0.8, 0.6)), made(rect(0.49, 0.4, 1.01, 0.6))} {
		got := sharesOf(p, g)
		first, second := made(rect(max(g.XY[0], 0), 0.4, min(g.XY[2], 1), 0.6)), made(rect(max(g.XY[0], 0.5), 0.4, min(g.XY[2], 1.5), 0.6))
		if len(got) != 2 || relative(got[0].Area, measure.Ellipsoidal(first)) > 1e-9 || relative(got[1].Area, measure.Ellipsoidal(second)) > 1e-9 {
			t.Errorf("shares %v, want %v and %v", got, measure.Ellipsoidal(first), measure.Ellipsoidal(second))
		}
	}
}

func relative(got, want float64) float64 { return math.Abs(got-want) / math.Abs(want) }

func TestWhatIsNoPolygonHasNoShares(t *testing.T) {
	p := NewPartition([]*wkb.Geometry{nil, made(rect(0, 0, 1, 1)), {Type: wkb.Polygon}, {Type: wkb.Point, XY: []float64{0, 0}, Rings: []int32{1}, Parts: []int32{1}}})
	for name, g := range map[string]*wkb.Geometry{
		"nil": nil, "empty": {Type: wkb.Polygon},
		"line": {Type: wkb.LineString, XY: []float64{0, 0, 1, 1}, Rings: []int32{2}, Parts: []int32{1}},
	} {
		if got := p.Shares(g, 1, new(Clip), nil); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := NewPartition(nil).Shares(made(rect(0, 0, 1, 1)), 1, new(Clip), nil); got != nil {
		t.Errorf("no zones: %v", got)
	}
}

func TestSharesDoNotDependOnWhatTheScratchSawBefore(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	small := NewPartition(mosaic(rng, 114, 30, 0.2, 2, 10))
	large := NewPartition(mosaic(rng, 114, 30, 0.2, 20, 10))
	var used Clip
	for range 500 {
		g := starPolygon(rng, 114+0.2*rng.Float64(), 30+0.2*rng.Float64(), 0.02*rng.Float64(), 15)
		for _, p := range []*Partition{small, large} {
			if a, b := p.Shares(g, 1, &used, nil), p.Shares(g, 1, new(Clip), nil); !slices.Equal(a, b) {
				t.Fatalf("used scratch %v, fresh %v", a, b)
			}
		}
	}
}

func FuzzSharesNeverPanic(f *testing.F) {
	f.Add(0.0, 0.0, 1.0, 1.0, 2.0, 0.0, 1.0, -1.0)
	f.Add(math.NaN(), math.Inf(1), 1e308, -1e308, 1e-308, 5e-324, 114.0, 30.0)
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h, i float64) {
		odd := made([]float64{a, b, c, d, e, g, h, i})
		square := made(rect(114, 30, 115, 31))
		for _, p := range []*Partition{NewPartition([]*wkb.Geometry{odd, square}), NewPartition([]*wkb.Geometry{square})} {
			for _, q := range []*wkb.Geometry{odd, square} {
				for _, s := range sharesOf(p, q) {
					if !(s.Area > 0) {
						t.Errorf("share of %v m²", s.Area)
					}
				}
				pieces, err := p.Pieces(q, new(Clip)) // an error is a fair answer here
				for _, piece := range pieces {
					if err != nil || piece.Geometry == nil {
						t.Errorf("piece %v with error %v", piece, err)
					}
				}
			}
		}
		if len(findOverlaps([]*wkb.Geometry{odd, square}, 1)) > 1 {
			t.Error("one pair overlaps more than once")
		}
	})
}

func TestAVerticalBorderThroughASmallPolygonIsSeen(t *testing.T) {
	// A vertical border bounds no ground from below: only the widths tell.
	rng := rand.New(rand.NewPCG(5, 1))
	zones := []*wkb.Geometry{made(rect(114, 30, 114.05, 30.1)), made(rect(114.05, 30, 114.1, 30.1)), comb(114.2, 30, 0.1, 0.1, 50)}
	p := NewPartition(zones)
	for range 500 {
		x, y, r := 114.05+0.0004*(rng.Float64()-0.5), 30.01+0.08*rng.Float64(), 0.0002
		got := sharesOf(p, made(rect(x-r, y-r, x+r, y+r)))
		want := measure.Ellipsoidal(made(rect(x-r, y-r, 114.05, y+r)))
		if len(got) != 2 || math.Abs(got[0].Area-want) > 1e-6 {
			t.Fatalf("polygon at %v: %v, want %v left of the border", x, got, want)
		}
	}
	for range 2000 {
		g := starPolygon(rng, 114.2+0.1*rng.Float64(), 30+0.1*rng.Float64(), 0.0003, 7)
		got, want := total(sharesOf(p, g)), intersected(t, g, zones[2])
		if math.Abs(got-want) > 1e-5 {
			t.Fatalf("share %v, intersection %v", got, want)
		}
	}
}

// intersected is the area two polygons have in common, by noding them whole.
func intersected(t *testing.T, a, b *wkb.Geometry) float64 {
	t.Helper()
	x, err := noded(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := noded(b)
	if err != nil {
		t.Fatal(err)
	}
	common, err := geom.Intersection(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if g := outline(common); g != nil {
		return measure.Ellipsoidal(g)
	}
	return 0
}
