package overlay

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func parsed(t *testing.T, b []byte) *wkb.Geometry {
	t.Helper()
	g := new(wkb.Geometry)
	if err := g.Parse(b); err != nil {
		t.Fatal(err)
	}
	return g
}

// irregular zones are disjoint and of every kind: mosaic pieces, some with a
// hole that another zone fills, a comb, a zone of two parts.
func irregularZones(rng *rand.Rand) []*wkb.Geometry {
	zones := mosaic(rng, 114, 30, 0.12, 6, 80)
	for _, i := range []int{7, 14, 21, 28} {
		x, y := 114+0.02*(float64(i%6)+0.5), 30+0.02*(float64(i/6)+0.5)
		island := starRing(rng, x, y, 0.003, 0.5, 25)
		outer := zones[i].Ring(0)
		zones[i] = made(outer[:len(outer)-2], island)
		zones = append(zones, made(island))
	}
	zones[0] = comb(114.001, 30.001, 0.015, 0.015, 9)
	zones[35] = joined(made(rect(114.101, 30.101, 114.105, 30.118)), made(rect(114.108, 30.101, 114.115, 30.118)))
	return zones
}

// testedPolygons are the polygons put to the referee: stars with holes, combs,
// multipolygons, rectangles with edges on round numbers.
func testedPolygons(rng *rand.Rand, n int) (all []*wkb.Geometry) {
	for i := range n {
		x, y := 114+0.12*rng.Float64(), 30+0.12*rng.Float64()
		r := 0.0003 * math.Pow(40, rng.Float64())
		g := starPolygon(rng, x, y, r, 3+rng.IntN(25))
		switch i % 8 {
		case 5:
			g = comb(x, y, 2*r, r, 2+rng.IntN(8))
		case 6:
			g = joined(g, starPolygon(rng, x+2.1*r, y, r, 3+rng.IntN(9)))
		case 7:
			k := func(v float64) float64 { return math.Round(v*200) / 200 }
			g = made(rect(k(x), k(y), k(x)+0.005, k(y)+0.01))
		}
		all = append(all, g)
	}
	return all
}

func TestSharesAndPiecesAgreeWithPostGIS(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(1, 5))
	zones := irregularZones(rng)
	p := NewPartition(zones)
	polygons := testedPolygons(rng, 3000)
	type pair struct{ polygon, zone int }
	var pairs []pair
	var subjects []byte
	var starts []int
	byZone := make([][]int, len(zones))
	for i, g := range polygons {
		starts = append(starts, len(subjects))
		subjects = g.Append(subjects)
		for z := range zones {
			if g.Bounds().Intersects(zones[z].Bounds()) {
				pairs = append(pairs, pair{i, z})
				byZone[z] = append(byZone[z], i)
			}
		}
	}
	starts = append(starts, len(subjects))
	want := map[pair]float64{}
	for z, members := range byZone {
		var batch [][]byte
		for _, i := range members {
			batch = append(batch, subjects[starts[i]:starts[i+1]])
		}
		answers := referee.Geometries(t, conn, "ST_CollectionExtract(ST_Intersection(g, ST_GeomFromWKB($2)), 3)", batch, zones[z].Append(nil))
		for k, i := range members {
			want[pair{i, z}] = measure.Ellipsoidal(parsed(t, answers[k]))
		}
	}
	shares, pieces := map[pair]float64{}, map[pair]float64{}
	var s Clip
	for i, g := range polygons {
		for _, share := range p.Shares(g, measure.Ellipsoidal(g), &s, nil) {
			shares[pair{i, int(share.Zone)}] = share.Area
		}
		got, err := p.Pieces(g, &s)
		if err != nil {
			t.Fatalf("polygon %d: %v", i, err)
		}
		for _, piece := range got {
			pieces[pair{i, int(piece.Zone)}] = measure.Ellipsoidal(piece.Geometry)
		}
	}
	positive := 0
	for _, k := range pairs {
		if want[k] > Noise {
			positive++
		}
		for name, got := range map[string]float64{"share": shares[k], "piece": pieces[k]} {
			if d := math.Abs(got - want[k]); d > max(1e-3, 1e-7*want[k]) {
				t.Errorf("polygon %d in zone %d: %s %v m², PostGIS %v", k.polygon, k.zone, name, got, want[k])
			}
		}
	}
	if len(shares) > len(pairs) || positive < len(polygons) {
		t.Errorf("%d shares, %d pairs, %d of them with ground", len(shares), len(pairs), positive)
	}
}

func TestDisjointKeepsTheGroundOfTheUnionOfPostGIS(t *testing.T) {
	conn := referee.Open(t)
	rng := rand.New(rand.NewPCG(2, 5))
	for round := range 10 {
		layer := rounded(mosaic(rng, 114, 30, 0.02, 12, 5), rng)
		for range 40 * (round % 3) {
			layer = append(layer, starPolygon(rng, 114+0.02*rng.Float64(), 30+0.02*rng.Float64(), 0.002, 3+rng.IntN(15)))
		}
		cut, overlaps, err := Disjoint(layer, 2)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		var kept [][]byte
		for _, g := range cut {
			if g != nil {
				sum += measure.Ellipsoidal(g)
				kept = append(kept, g.Append(nil))
			}
		}
		for i, ok := range referee.Bools(t, conn, "ST_IsValid(g)", kept) {
			if !ok {
				t.Errorf("round %d: cut %d of %d is not valid", round, i, len(kept))
			}
		}
		all := joined(layer...).Append(nil)
		// A multipolygon whose parts overlap is not valid, so it is taken apart first.
		union := parsed(t, referee.Geometries(t, conn, "ST_UnaryUnion(ST_Collect(ARRAY(SELECT (ST_Dump(g)).geom)))", [][]byte{all})[0])
		want := measure.Ellipsoidal(union)
		// Overlaps under the least one are counted twice on purpose.
		if d := math.Abs(sum - want); d > max(1e-3, 1e-7*want)+LeastOverlap*float64(len(layer)) {
			t.Errorf("round %d: %d overlaps cut, %v m² left, the union has %v", round, len(overlaps), sum, want)
		}
		var first, second [][]byte
		for _, o := range overlaps {
			first, second = append(first, layer[o.First].Append(nil)), append(second, layer[o.Second].Append(nil))
		}
		planar := referee.PairFloats(t, conn, "ST_Area(ST_Intersection(a, b))", first, second)
		metres := measure.Ellipsoidal(layer[0]) / measure.Planar(layer[0])
		for i, o := range overlaps {
			if want := planar[i] * metres; math.Abs(o.Area-want) > 1e-3+1e-3*want {
				t.Errorf("round %d: overlap %v, PostGIS some %v", round, o, want)
			}
		}
	}
}
