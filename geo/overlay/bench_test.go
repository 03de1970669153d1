package overlay

import (
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// city is 14 × 14 zones of about 500 points over some 50 km, as the speed
// promises are stated for.
func city(rng *rand.Rand) []*wkb.Geometry { return mosaic(rng, 114, 30, 0.5, 14, 125) }

// parcelsOf are n parcels of 15 points and some 100 m, anywhere in the city.
func parcelsOf(rng *rand.Rand, n int) (parcels []*wkb.Geometry, areas []float64) {
	for range n {
		g := made(starRing(rng, 114+0.5*rng.Float64(), 30+0.5*rng.Float64(), 0.0007, 0.6, 15))
		parcels, areas = append(parcels, g), append(areas, measure.Ellipsoidal(g))
	}
	return parcels, areas
}

// onBorders keeps the parcels that lie in several zones.
func onBorders(p *Partition, parcels []*wkb.Geometry) (kept []*wkb.Geometry, areas []float64) {
	for _, g := range parcels {
		if len(sharesOf(p, g)) > 1 {
			kept, areas = append(kept, g), append(areas, measure.Ellipsoidal(g))
		}
	}
	return kept, areas
}

func benchmarkShares(b *testing.B, p *Partition, parcels []*wkb.Geometry, areas []float64) {
	var s Clip
	var shares []Share
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k := i % len(parcels)
		shares = p.Shares(parcels[k], areas[k], &s, shares[:0])
	}
}

func BenchmarkSharesOfAnyParcel(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := NewPartition(city(rng))
	parcels, areas := parcelsOf(rng, 100_000)
	benchmarkShares(b, p, parcels, areas)
}

func BenchmarkSharesOfABorderParcel(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := NewPartition(city(rng))
	parcels, _ := parcelsOf(rng, 100_000)
	parcels, areas := onBorders(p, parcels)
	benchmarkShares(b, p, parcels, areas)
}

func BenchmarkSharesOfAPolygonOverHundredsOfCells(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := NewPartition(city(rng))
	g := made(starRing(rng, 114.25, 30.25, 0.02, 0.9, 2000))
	benchmarkShares(b, p, []*wkb.Geometry{g}, []float64{measure.Ellipsoidal(g)})
}

func BenchmarkPiecesOfABorderParcel(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := NewPartition(city(rng))
	parcels, _ := parcelsOf(rng, 20_000)
	parcels, _ = onBorders(p, parcels)
	var s Clip
	for i := 0; b.Loop(); i++ {
		if _, err := p.Pieces(parcels[i%len(parcels)], &s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewPartitionOf200ZonesOf500Points(b *testing.B) {
	zones := city(rand.New(rand.NewPCG(1, 2)))
	for b.Loop() {
		NewPartition(zones)
	}
}

func BenchmarkNewPartitionOf1000ZonesOf2000Points(b *testing.B) {
	zones := mosaic(rand.New(rand.NewPCG(1, 2)), 114, 30, 2, 32, 500)
	for b.Loop() {
		NewPartition(zones)
	}
}

// rounded is the layer as written with seven decimals: neighbours then cross or
// gape by slivers where only one of them has a vertex.
func rounded(polygons []*wkb.Geometry, drop *rand.Rand) []*wkb.Geometry {
	var out []*wkb.Geometry
	for _, g := range polygons {
		var ring []float64
		for i := 0; i+3 < len(g.XY); i += 2 {
			if i > 0 && drop.IntN(8) == 0 {
				continue
			}
			ring = append(ring, round7(g.XY[i]), round7(g.XY[i+1]))
		}
		out = append(out, made(ring))
	}
	return out
}

func round7(v float64) float64 { return float64(int64(v*1e7+0.5)) / 1e7 }

func BenchmarkFindOverlapsOf50000Neighbours(b *testing.B) {
	layer := mosaic(rand.New(rand.NewPCG(1, 2)), 114, 30, 0.5, 224, 4)
	for b.Loop() {
		findOverlaps(layer, 2)
	}
}

func BenchmarkDisjointOf50000Neighbours(b *testing.B) {
	layer := mosaic(rand.New(rand.NewPCG(1, 2)), 114, 30, 0.5, 224, 4)
	for b.Loop() {
		if _, _, err := Disjoint(layer, 2); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDisjointOf10000NeighboursThatCross(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	layer := rounded(mosaic(rng, 114, 30, 0.1, 100, 4), rng)
	overlaps := 0
	for b.Loop() {
		_, found, err := Disjoint(layer, 2)
		if err != nil {
			b.Fatal(err)
		}
		overlaps = len(found)
	}
	b.ReportMetric(float64(overlaps), "overlaps")
}
