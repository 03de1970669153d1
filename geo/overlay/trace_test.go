package overlay

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// bothWays cuts g by every zone it shares ground with, by tracing and by noding.
func bothWays(t *testing.T, p *Partition, g *wkb.Geometry) (traced, whole []*wkb.Geometry) {
	t.Helper()
	var tr tracer
	ok := tr.begin(g)
	for _, share := range sharesOf(p, g) {
		var cut *wkb.Geometry
		if ok {
			cut = tr.cut(p.walls(share.Zone), share.Area)
		}
		full, err := p.intersect(g, share.Zone)
		if err != nil {
			t.Fatal(err)
		}
		traced, whole = append(traced, cut), append(whole, full)
	}
	return traced, whole
}

func TestTracingGivesThePieceThatNodingGives(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 6))
	zones := irregularZones(rng)
	for i, z := range zones {
		if i%3 == 0 { // direction must not matter
			for r := range z.NumRings() {
				reverse(z.Ring(r))
			}
		}
	}
	p := NewPartition(zones)
	cuts, all := 0, 0
	for range 2000 {
		r := 0.0003 * math.Pow(40, rng.Float64())
		ring := starRing(rng, 114+0.12*rng.Float64(), 30+0.12*rng.Float64(), r, 0.2, 3+rng.IntN(25))
		if rng.IntN(4) == 0 {
			reverse(ring)
		}
		traced, whole := bothWays(t, p, made(ring))
		for i, g := range traced {
			if len(traced) > 1 {
				all++
			}
			if g == nil {
				continue
			}
			cuts++
			near := func(a, b float64) bool { return math.Abs(a-b) < 1e-11 }
			if want := whole[i]; g.Type != want.Type || !slices.Equal(g.Parts, want.Parts) || !slices.Equal(g.Rings, want.Rings) ||
				!slices.EqualFunc(g.XY, want.XY, near) {
				t.Fatalf("traced %v %v\nnoded %v %v", g.Rings, g.XY, want.Rings, want.XY)
			}
		}
	}
	if cuts < all*3/4 {
		t.Errorf("only %d of %d pieces were traced", cuts, all)
	}
}

func TestWhatIsNotPlainIsLeftToNoding(t *testing.T) {
	square := made(rect(0, 0, 1, 1))
	island := made(rect(0, 0, 1, 1), rect(0.4, 0.4, 0.6, 0.6))
	for name, c := range map[string]struct{ g, zone *wkb.Geometry }{
		"a corner on the border":   {made([]float64{0.5, 0, 1.5, 0.5, 0.5, 0.9}), square},
		"an edge on the border":    {made(rect(0.5, 0, 1.5, 0.5)), square},
		"a hole in the polygon":    {made(rect(0.2, 0.2, 1.5, 0.8), rect(0.3, 0.3, 0.4, 0.4)), square},
		"the zone's hole inside":   {made(rect(0.2, 0.2, 1.5, 0.8)), island},
		"two parts":                {joined(made(rect(0.2, 0.2, 1.5, 0.8)), made(rect(3, 3, 4, 4))), square},
		"the zone in the polygon":  {made(rect(-1, -1, 2, 2)), square},
		"a vertex of it on a side": {made([]float64{-0.5, 0.5, 0.5, -0.5, 1.5, 1.5}), square},
	} {
		p := NewPartition([]*wkb.Geometry{c.zone})
		traced, whole := bothWays(t, p, c.g)
		if len(traced) != 1 || traced[0] != nil {
			t.Errorf("%s: traced to %v", name, traced)
			continue
		}
		if got := mustPieces(t, p, c.g); len(got) != 1 || !slices.Equal(got[0].Geometry.XY, whole[0].XY) {
			t.Errorf("%s: pieces %v, want %v", name, got, whole[0].XY)
		}
	}
}

func TestNeighbouringPiecesShareTheirVerticesExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 6))
	zones := mosaic(rng, 114, 30, 0.1, 5, 30)
	p := NewPartition(zones)
	shared := 0
	for range 500 {
		g := made(starRing(rng, 114.02+0.06*rng.Float64(), 30.02+0.06*rng.Float64(), 0.003, 0.5, 9))
		own := map[[2]float64]bool{}
		for i := 0; i < len(g.XY); i += 2 {
			own[[2]float64{g.XY[i], g.XY[i+1]}] = true
		}
		seen := map[[2]float64]int{}
		pieces := mustPieces(t, p, g)
		for _, piece := range pieces {
			xy := piece.Geometry.XY
			for i := 0; i+3 < len(xy); i += 2 {
				seen[[2]float64{xy[i], xy[i+1]}]++
			}
		}
		for at, n := range seen {
			if !own[at] && n < 2 {
				t.Fatalf("vertex %v on a border is in one of %d pieces only", at, len(pieces))
			} else if !own[at] {
				shared++
			}
		}
	}
	if shared < 500 {
		t.Errorf("only %d vertices on borders", shared)
	}
}
