package survey_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// overlapping finds the overlaps of plots, all of them used, in the order given.
func overlapping(t *testing.T, shapes []*wkb.Geometry, workers int) []survey.Overlap {
	t.Helper()
	var rows []plot
	for _, g := range shapes {
		rows = append(rows, unrecorded(g))
	}
	b := batchOf(rows...)
	order := make([]table.Ref, len(rows))
	for i := range order {
		order[i].Row = int32(i)
	}
	found, err := survey.Overlaps(context.Background(), table.Rows{Batches: []table.Batch{b}, Order: order}, []*survey.Gate{survey.Geometries(b)}, workers)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A degree of latitude has 110 855 m at 31°, one of longitude 95 505 m.
func TestParcelsOverlapWhenTheyShareMoreThanASquareMetre(t *testing.T) {
	a := box(113.1, 31.1, 113.101, 31.101) // 95 m × 111 m
	strip := func(d float64) *wkb.Geometry { return box(113.101-d, 31.1, 113.102, 31.101) }
	for width, n := range map[float64]int{0: 0, 0.9e-7: 0, 2e-7: 1, -1e-6: 0} { // 111 m long: 0.95 m² and 2.1 m²
		if got := overlapping(t, []*wkb.Geometry{a, strip(width)}, 1); len(got) != n {
			t.Errorf("%v° wide: %v", width, got)
		}
	}
	twice := overlapping(t, []*wkb.Geometry{a, strip(1e-6), a}, 2)
	if len(twice) != 3 || twice[0].First != 0 || twice[0].Second != 1 || twice[1].Second != 2 || twice[2].First != 1 {
		t.Fatalf("%v", twice)
	}
	if twice[1].Area != area(a) || twice[0].Area != twice[2].Area {
		t.Errorf("a parcel drawn twice overlaps by %v, it has %v; %v", twice[1].Area, area(a), twice)
	}
}

func TestAMendedParcelOverlapsAsMended(t *testing.T) {
	spike := ringed(113.1, 31.1, 113.101, 31.1, 113.101, 31.101, 113.1, 31.101, 113.1, 31.2, 113.1, 31.1)
	got := overlapping(t, []*wkb.Geometry{spike, box(113.0999, 31.15, 113.1001, 31.16), box(113.1005, 31.1, 113.2, 31.101)}, 1)
	if len(got) != 1 || got[0].Second != 2 {
		t.Errorf("%v", got)
	}
}

func TestLookingForOverlapsEndsWhenItIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := batchOf(unrecorded(box(113.1, 31.1, 113.2, 31.2)))
	_, err := survey.Overlaps(ctx, table.Rows{Batches: []table.Batch{b}, Order: []table.Ref{{}}}, []*survey.Gate{survey.Geometries(b)}, 2)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestOverlapsOfSquaresAgreeWithPostGIS(t *testing.T) {
	conn := referee.Open(t)
	dice := rand.New(rand.NewPCG(12, 5))
	var shapes []*wkb.Geometry
	var raw [][]byte
	at := func(v float64) float64 { return math.Round(v*1e7) / 1e7 }
	for range 500 {
		x, y, side := 113.1+0.02*dice.Float64(), 31.1+0.02*dice.Float64(), 0.0001+0.002*dice.Float64()
		g := box(at(x), at(y), at(x+side), at(y+side))
		if dice.IntN(2) == 0 { // turned
			a := dice.Float64() * math.Pi
			var xy []float64
			for k := range 4 {
				s, c := math.Sincos(a + float64(k)*math.Pi/2)
				xy = append(xy, at(x+side*c), at(y+side*s))
			}
			g = ringed(append(xy, xy[0], xy[1])...)
		}
		shapes, raw = append(shapes, g), append(raw, g.Append(nil))
	}
	got := overlapping(t, shapes, 2)
	if again := overlapping(t, shapes, 1); !slices.Equal(got, again) {
		t.Error("one worker finds other overlaps than two")
	}
	lay(t, conn, "squares", raw)
	want := asked(t, conn, `SELECT a.i, b.i, ST_Area(ST_Segmentize(ST_CollectionExtract(ST_Intersection(a.g, b.g), 3), 0.0001)::geography)
		FROM squares_all AS a JOIN squares_all AS b ON a.i < b.i AND ST_Intersects(a.g, b.g)`)
	for _, o := range got {
		pair := [2]int32{o.First, o.Second}
		if off := math.Abs(o.Area.SquareMetres() - want[pair]); off > max(1e-3, 1e-7*want[pair]) {
			t.Errorf("squares %v overlap by %v m², PostGIS %v", pair, o.Area.SquareMetres(), want[pair])
		}
		delete(want, pair)
	}
	for pair, m2 := range want {
		if m2 > 1.001 {
			t.Errorf("squares %v overlap by %v m² by PostGIS, and not here", pair, m2)
		}
	}
	if len(got) < 1000 {
		t.Errorf("only %d overlaps compared", len(got))
	}
}
