package overlay

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// loading hands polygons out as a store of WKB does; nil is an empty polygon.
func loading(polygons []*wkb.Geometry) func(int, *wkb.Geometry) error {
	raw := make([][]byte, len(polygons))
	for i, g := range polygons {
		if g == nil {
			g = &wkb.Geometry{Type: wkb.Polygon}
		}
		raw[i] = g.Append(nil)
	}
	return func(i int, g *wkb.Geometry) error { return g.Parse(raw[i]) }
}

// scattered are n stars that lie over one another, a polygon over all of them, some
// twice, some empty.
func scattered(rng *rand.Rand, n int) []*wkb.Geometry {
	out := make([]*wkb.Geometry, n)
	for i := range out {
		switch {
		case i == n/3:
			out[i] = made(rect(113.9, 29.9, 114.2, 30.2))
		case i > 0 && i%50 == 0:
			out[i] = out[i-1]
		case i%61 == 7:
		default:
			out[i] = starPolygon(rng, 114+0.1*rng.Float64(), 30+0.1*rng.Float64(), 0.002, 3+rng.IntN(12))
		}
	}
	return out
}

func TestOverlapsAreThoseThatComparingEveryPairFinds(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	polygons := scattered(rng, 6000)
	for _, least := range []float64{0, 1, 5000} {
		var want []Overlap
		for _, o := range findOverlaps(polygons, 2) {
			if o.Area > least {
				want = append(want, o)
			}
		}
		slices.SortFunc(want, func(a, b Overlap) int { return cmp.Or(int(a.First-b.First), int(a.Second-b.Second)) })
		for _, workers := range []int{1, 3} {
			got, err := Overlaps(len(polygons), loading(polygons), least, workers)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("over %v m² with %d workers: %d overlaps, want %d, %v", least, workers, len(got), len(want), err)
			}
		}
		if len(want) < 3*blockPairs {
			t.Errorf("only %d overlaps: no block has more pairs than it holds", len(want))
		}
	}
}

func TestNeighboursDoNotOverlapByAMetre(t *testing.T) {
	layer := mosaic(rand.New(rand.NewPCG(8, 2)), 114, 30, 0.05, 40, 6)
	got, err := Overlaps(len(layer), loading(layer), 1, 2)
	if err != nil || len(got) > 0 {
		t.Errorf("%v, error %v", got, err)
	}
	for _, none := range [][]*wkb.Geometry{nil, {nil}, {made(rect(0, 0, 1, 1))}} {
		if got, err := Overlaps(len(none), loading(none), 1, 2); err != nil || len(got) > 0 {
			t.Errorf("of %d polygons: %v, error %v", len(none), got, err)
		}
	}
}

func TestAPolygonThatCannotBeLoadedIsNamed(t *testing.T) {
	polygons := scattered(rand.New(rand.NewPCG(8, 3)), 3000)
	load, gone := loading(polygons), errors.New("gone")
	for _, later := range []bool{false, true} { // at the first look, or when it is measured
		seen := make([]int, len(polygons))
		_, err := Overlaps(len(polygons), func(i int, g *wkb.Geometry) error {
			if seen[i]++; i == 1234 && (!later || seen[i] > 1) {
				return gone
			}
			return load(i, g)
		}, 1, 1)
		if !errors.Is(err, gone) || !strings.Contains(err.Error(), "polygon 1234") {
			t.Errorf("later %t: %v", later, err)
		}
	}
}

func BenchmarkOverlapsOf200000Parcels(b *testing.B) {
	parcels, _ := parcelsOf(rand.New(rand.NewPCG(1, 2)), 200_000)
	load := loading(parcels)
	for b.Loop() {
		found, err := Overlaps(len(parcels), load, 1, 2)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(found)), "overlaps")
	}
}
