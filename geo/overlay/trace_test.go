package overlay

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/referee"
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
		"the zone's hole inside":   {made(rect(0.2, 0.2, 1.5, 0.8)), island},
		"a hole's corner on it":    {made(rect(0.2, 0.2, 1.5, 0.8), []float64{1, 0.5, 1.2, 0.4, 1.2, 0.6}), square},
		"a hole in the zone's":     {made(rect(0.1, 0.1, 0.9, 0.9), rect(0.5, 0.5, 0.8, 0.8)), island},
		"rings of it that meet":    {made(rect(0.2, 0.2, 1.5, 0.8), []float64{0.2, 0.5, 1.2, 0.4, 1.2, 0.6}), square},
		"the zone's rings meet":    {made(rect(-0.5, -0.5, 0.5, 1.5)), made(rect(0, 0, 1, 1), []float64{0, 0.5, 0.8, 0.3, 0.8, 0.6})},
		"a hole within two shells": {joined(made(rect(2, 1, 12, 9), rect(3, 2, 9, 8)), made(rect(4, 3, 8, 7), rect(5, 4, 7, 6))), made(rect(0, 0, 10, 10))},
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

// pierced is a polygon with one to three holes, every third joined by a part
// that stands in its hole or beside it; the rings run either way.
func pierced(rng *rand.Rand, x, y, r float64) *wkb.Geometry {
	rings := [][]float64{starRing(rng, x, y, r, 0.85, 8+rng.IntN(20))}
	switch n := 1 + rng.IntN(3); n {
	case 1:
		rings = append(rings, starRing(rng, x, y, 0.7*r, 0.8, 7+rng.IntN(20)))
	default:
		for k := range n {
			s, c := math.Sincos(1 + 2*math.Pi*float64(k)/3)
			rings = append(rings, starRing(rng, x+0.4*r*c, y+0.4*r*s, 0.25*r, 0.5, 3+rng.IntN(9)))
		}
	}
	for _, ring := range rings {
		if rng.IntN(3) == 0 {
			reverse(ring)
		}
	}
	g := made(rings...)
	switch {
	case rng.IntN(3) > 0:
	case len(rings) == 2:
		g = joined(g, made(starRing(rng, x, y, 0.4*r, 0.8, 12), starRing(rng, x, y, 0.2*r, 0.8, 8)))
	default:
		g = joined(g, made(starRing(rng, x+2.2*r, y, r, 0.3, 12)))
	}
	return g
}

func samePiece(g, want *wkb.Geometry) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-11 }
	return g.Type == want.Type && slices.Equal(g.Parts, want.Parts) && slices.Equal(g.Rings, want.Rings) &&
		slices.EqualFunc(g.XY, want.XY, near)
}

func TestTracingPolygonsWithHolesGivesThePieceThatNodingGives(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 6))
	p := NewPartition(irregularZones(rng))
	cuts, all, holes, parts := 0, 0, 0, 0
	for range 1500 {
		g := pierced(rng, 114+0.12*rng.Float64(), 30+0.12*rng.Float64(), 0.001*math.Pow(15, rng.Float64()))
		traced, whole := bothWays(t, p, g)
		if len(traced) < 2 {
			continue
		}
		for i, cut := range traced {
			all++
			if cut == nil {
				continue
			}
			cuts++
			if holes += cut.NumRings() - cut.NumParts(); cut.NumParts() > 1 {
				parts++
			}
			if !samePiece(cut, whole[i]) {
				t.Fatalf("traced %v %v %v\nnoded %v %v %v", cut.Parts, cut.Rings, cut.XY, whole[i].Parts, whole[i].Rings, whole[i].XY)
			}
		}
	}
	t.Logf("%d of %d pieces traced, with %d holes, %d in several parts", cuts, all, holes, parts)
	if cuts < all*3/5 || holes < 200 || parts < 200 {
		t.Errorf("only %d of %d pieces were traced, with %d holes, %d in several parts", cuts, all, holes, parts)
	}
}

func TestAHoleGoesToThePartAroundIt(t *testing.T) {
	zone := made(rect(0, 0, 10, 10))
	frame := made(rect(2, 1, 12, 9), rect(5, 3, 11, 7)) // its hole is cut too
	for name, g := range map[string]*wkb.Geometry{
		"crossed":            frame,
		"uncrossed, inside":  made(rect(2, 1, 12, 9), rect(5, 3, 7, 7)),
		"uncrossed, outside": made(rect(2, 1, 14, 9), rect(11, 3, 13, 7)),
		"two legs": made([]float64{12, 1, 12, 9, 2, 9, 2, 6, 11, 6, 11, 4, 2, 4, 2, 1},
			rect(3, 7, 4, 8), rect(5, 7, 6, 8), rect(3, 2, 4, 3), rect(11.2, 2, 11.8, 8)),
		"a part outside": joined(frame, made(rect(20, 1, 22, 3), rect(20.5, 1.5, 21, 2))),
	} {
		traced, whole := bothWays(t, NewPartition([]*wkb.Geometry{zone}), g)
		if len(traced) != 1 || traced[0] == nil || !samePiece(traced[0], whole[0]) {
			t.Errorf("%s: traced %v, noded %v", name, traced, whole[0].XY)
		}
	}
}

func TestATracedPieceMustHaveItsShare(t *testing.T) {
	p := NewPartition([]*wkb.Geometry{made(rect(0, 0, 10, 10))})
	g := made(rect(2, 1, 12, 9), rect(5, 3, 7, 7))
	share := sharesOf(p, g)[0].Area
	var tr tracer
	for _, c := range []struct {
		want   float64
		traced bool
	}{{share, true}, {share * (1 + 1e-8), false}, {share * (1 - 1e-8), false}} {
		if cut := tr.begin(g) && tr.cut(p.walls(0), c.want) != nil; cut != c.traced {
			t.Errorf("share %v, want %v: traced %v", share, c.want, cut)
		}
	}
}

func TestPiecesOfPolygonsWithHolesAgreeWithPostGIS(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(4, 6))
	zones := irregularZones(rng)
	p := NewPartition(zones)
	byZone := make([][]*wkb.Geometry, len(zones))
	cuts := make([][]*wkb.Geometry, len(zones))
	for range 800 {
		g := pierced(rng, 114+0.12*rng.Float64(), 30+0.12*rng.Float64(), 0.001*math.Pow(15, rng.Float64()))
		for _, piece := range mustPieces(t, p, g) {
			byZone[piece.Zone] = append(byZone[piece.Zone], g)
			cuts[piece.Zone] = append(cuts[piece.Zone], piece.Geometry)
		}
	}
	for z := range zones {
		var subjects, pieces [][]byte
		for i, g := range byZone[z] {
			subjects, pieces = append(subjects, g.Append(nil)), append(pieces, cuts[z][i].Append(nil))
		}
		if len(subjects) == 0 {
			continue
		}
		answers := referee.Geometries(t, conn, "ST_CollectionExtract(ST_Intersection(g, ST_GeomFromWKB($2)), 3)", subjects, zones[z].Append(nil))
		valid := referee.Bools(t, conn, "ST_IsValid(g)", pieces)
		for i, answer := range answers {
			want, got := measure.Ellipsoidal(parsed(t, answer)), measure.Ellipsoidal(cuts[z][i])
			if math.Abs(got-want) > max(1e-3, 1e-7*want) || !valid[i] {
				t.Errorf("zone %d: piece of %v m², valid %v, PostGIS %v: %v", z, got, valid[i], want, byZone[z][i].XY)
			}
		}
	}
}

func BenchmarkPiecesOfARingRoad(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := NewPartition(city(rng))
	var roads []*wkb.Geometry
	for range 4000 {
		x, y := 114+0.5*rng.Float64(), 30+0.5*rng.Float64()
		roads = append(roads, made(starRing(rng, x, y, 0.0022, 0.9, 13), starRing(rng, x, y, 0.0017, 0.9, 28)))
	}
	roads, _ = onBorders(p, roads)
	var s Clip
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := p.Pieces(roads[i%len(roads)], &s); err != nil {
			b.Fatal(err)
		}
	}
}
