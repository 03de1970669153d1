package overlay

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func mustPieces(t *testing.T, p *Partition, g *wkb.Geometry) []Piece {
	t.Helper()
	pieces, err := p.Pieces(g, new(Clip))
	if err != nil {
		t.Fatal(err)
	}
	return pieces
}

func TestSharesAreTheAreasOfThePieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	zones := mosaic(rng, 114, 30, 0.1, 5, 30)
	zones[7] = starPolygon(rng, 114.05, 30.03, 0.004, 9)
	zones[3] = joined(comb(114.062, 30.001, 0.01, 0.008, 5), made(rect(114.075, 30.001, 114.079, 30.008)))
	p := NewPartition(zones)
	var s Clip
	for n := range 1500 {
		r := 0.0003 * math.Pow(60, rng.Float64())
		g := starPolygon(rng, 114+0.1*rng.Float64(), 30+0.1*rng.Float64(), r, 3+rng.IntN(20))
		if n%10 == 0 {
			g = joined(g, starPolygon(rng, 114.2, 30.05, r, 5), comb(114.1*rng.Float64(), 30, 0.01, 0.02, 4))
		}
		shares := sharesOf(p, g)
		pieces, err := p.Pieces(g, &s)
		if err != nil {
			t.Fatal(err)
		}
		if len(shares) != len(pieces) {
			t.Fatalf("%d shares %v but %d pieces", len(shares), shares, len(pieces))
		}
		for i, piece := range pieces {
			if got := measure.Ellipsoidal(piece.Geometry); piece.Zone != shares[i].Zone || math.Abs(got-shares[i].Area) > 1e-5+1e-9*got {
				t.Fatalf("zone %d: piece of %v m², share %v", piece.Zone, got, shares[i])
			}
		}
	}
}

func TestAPolygonInsideAZoneIsItsOwnPiece(t *testing.T) {
	p := NewPartition([]*wkb.Geometry{made(rect(0, 0, 1, 1)), made(rect(1, 0, 2, 1))})
	for _, g := range []*wkb.Geometry{made(rect(1.2, 0.2, 1.3, 0.4)), made(rect(1, 0, 2, 1))} {
		if got := mustPieces(t, p, g); len(got) != 1 || got[0].Zone != 1 || got[0].Geometry != g {
			t.Errorf("got %v, want the polygon itself in zone 1", got)
		}
	}
}

func TestPiecesOnlyKeepWhatHasArea(t *testing.T) {
	p := NewPartition([]*wkb.Geometry{made(rect(0, 0, 1, 1))})
	// One tooth reaches into the zone, one only touches its border.
	g := made([]float64{2, 0, 2, 1, 1, 0.8, 1.5, 0.6, 0.5, 0.4, 1.5, 0.2})
	got := mustPieces(t, p, g)
	if len(got) != 1 || got[0].Geometry.Type != wkb.Polygon {
		t.Fatalf("got %v, want one polygon", got)
	}
	want := made([]float64{0.5, 0.4, 1, 0.3, 1, 0.5})
	if !slices.EqualFunc(got[0].Geometry.XY, want.XY, func(a, b float64) bool { return math.Abs(a-b) < 1e-14 }) {
		t.Errorf("piece %v, want %v", got[0].Geometry.XY, want.XY)
	}
	if got := mustPieces(t, p, made(rect(1, 0, 2, 1))); got != nil {
		t.Errorf("a neighbour has pieces %v", got)
	}
	if got := mustPieces(t, p, nil); got != nil {
		t.Errorf("nothing has pieces %v", got)
	}
}

func TestPiecesInTwoPartsAreAMultiPolygonInCanonicalForm(t *testing.T) {
	p := NewPartition([]*wkb.Geometry{made(rect(0, 0, 1, 1))})
	g := made([]float64{2, 0, 2, 1, 0.5, 0.8, 1.5, 0.5, 0.5, 0.2}) // a mouth that opens to the zone
	got := mustPieces(t, p, g)
	if len(got) != 1 || got[0].Geometry.Type != wkb.MultiPolygon || got[0].Geometry.NumParts() != 2 {
		t.Fatalf("got %v", got)
	}
	piece := got[0].Geometry
	for r := range piece.NumRings() {
		ring := piece.Ring(r)
		if measure.PlanarRing(ring) <= 0 {
			t.Errorf("shell %d runs clockwise", r)
		}
		for i := 0; i < len(ring); i += 2 {
			if slices.Compare(ring[i:i+2], ring[:2]) < 0 {
				t.Errorf("shell %d does not start at its least vertex", r)
			}
		}
	}
	if piece.Ring(0)[1] != 0.2 || piece.Ring(1)[1] != 0.8 {
		t.Errorf("parts out of order: %v", piece.XY)
	}
}

func TestPiecesAreTheSameBytesEveryTimeAndFromAnyGoroutine(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	zones := mosaic(rng, 114, 30, 0.1, 6, 30)
	var polygons []*wkb.Geometry
	for range 60 {
		polygons = append(polygons, starPolygon(rng, 114+0.1*rng.Float64(), 30+0.1*rng.Float64(), 0.02, 12))
	}
	var want [][]byte
	for round := range 4 {
		p := NewPartition(zones)
		got := make([][]byte, len(polygons))
		var wg sync.WaitGroup
		for w := range round + 1 {
			wg.Go(func() {
				var s Clip
				for i := w; i < len(polygons); i += round + 1 {
					pieces, err := p.Pieces(polygons[i], &s)
					if err != nil {
						t.Error(err)
					}
					for _, piece := range pieces {
						got[i] = piece.Geometry.Append(append(got[i], byte(piece.Zone)))
					}
				}
			})
		}
		wg.Wait()
		if round == 0 {
			want = got
		} else if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("round %d differs", round)
		}
	}
}
