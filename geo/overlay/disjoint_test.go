package overlay

import (
	"bytes"
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestOverlappingGroundStaysWithTheFirst(t *testing.T) {
	a, b, c := made(rect(0, 0, 2, 2)), made(rect(1, 0, 3, 2)), made(rect(0.5, 0.5, 2.5, 1.5))
	alone := made(rect(5, 5, 6, 6))
	cut, overlaps, err := Disjoint([]*wkb.Geometry{a, b, nil, alone, c}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if cut[0] != a || cut[3] != alone || cut[2] != nil {
		t.Error("what is not cut must be the same pointer")
	}
	if cut[4] != nil {
		t.Errorf("a polygon covered by two earlier ones leaves %v", cut[4].XY)
	}
	want := made(rect(2, 0, 3, 2))
	if cut[1] == nil || !slices.Equal(cut[1].XY, want.XY) {
		t.Errorf("cut %v, want %v", cut[1], want.XY)
	}
	pairs := []struct {
		first, second int32
		ground        *wkb.Geometry
	}{
		{0, 1, made(rect(1, 0, 2, 2))}, {0, 4, made(rect(0.5, 0.5, 2, 1.5))}, {1, 4, made(rect(1, 0.5, 2.5, 1.5))},
	}
	if len(overlaps) != len(pairs) {
		t.Fatalf("overlaps %v, want %d", overlaps, len(pairs))
	}
	for i, o := range overlaps {
		if area := measure.Ellipsoidal(pairs[i].ground); o.First != pairs[i].first || o.Second != pairs[i].second || relative(o.Area, area) > 1e-7 {
			t.Errorf("overlap %v, want %d and %d with %v", o, pairs[i].first, pairs[i].second, area)
		}
	}
}

func TestNeighboursThatTouchAreNotCut(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	layer := mosaic(rng, 114, 30, 0.05, 20, 6)
	cut, overlaps, err := Disjoint(layer, 2)
	if err != nil || len(overlaps) > 0 || !slices.Equal(cut, layer) {
		t.Errorf("%d overlaps among neighbours, error %v", len(overlaps), err)
	}
}

func TestTheLeastOverlapIsAWidthOfMicronsOnly(t *testing.T) {
	// 100 m of border: 2 µm of overlap is 2e-4 m², half a µm is 5e-5 m².
	for _, c := range []struct {
		metres float64
		want   int
	}{{2e-6, 1}, {0.5e-6, 0}} {
		wide := c.metres / 111_320
		a, b := made(rect(0, 0, 0.001, 0.0009)), made(rect(0.001-wide, 0, 0.002, 0.0009))
		if got := findOverlaps([]*wkb.Geometry{a, b}, 1); len(got) != c.want {
			t.Errorf("%v m wide: overlaps %v, want %d", c.metres, got, c.want)
		}
	}
}

func TestDisjointGivesTheSameBytesWithAnyWorkers(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 4))
	layer := rounded(mosaic(rng, 114, 30, 0.05, 40, 5), rng)
	for range 100 {
		layer = append(layer, starPolygon(rng, 114+0.05*rng.Float64(), 30+0.05*rng.Float64(), 0.003, 15))
	}
	var want []byte
	for round, workers := range []int{0, 1, 2, 7, 2} {
		cut, overlaps, err := Disjoint(layer, workers)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(overlaps, func(a, b Overlap) int {
			return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
		}) {
			t.Fatal("overlaps not in order")
		}
		var got []byte
		for _, g := range cut {
			if g != nil {
				got = g.Append(got)
			}
		}
		for _, o := range overlaps {
			got = append(got, byte(o.First), byte(o.Second), byte(math.Float64bits(o.Area)))
		}
		if round == 0 {
			want = got
		} else if !bytes.Equal(got, want) {
			t.Fatalf("%d workers give another result", workers)
		}
	}
}

func TestWhatDisjointLeavesDoesNotOverlapAndLosesNoGround(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var layer []*wkb.Geometry
	for range 150 {
		layer = append(layer, starPolygon(rng, 114+0.02*rng.Float64(), 30+0.02*rng.Float64(), 0.003, 3+rng.IntN(12)))
	}
	cut, overlaps, err := Disjoint(layer, 2)
	if err != nil || len(overlaps) < 100 {
		t.Fatalf("%d overlaps, error %v", len(overlaps), err)
	}
	if left := findOverlaps(cut, 2); len(left) > 0 {
		t.Errorf("overlaps left: %v", left)
	}
	// A point of the layer keeps exactly one owner: the first that holds it.
	before, after := NewPartition(layer), NewPartition(cut)
	for range 2000 {
		x, y := 114+0.02*rng.Float64(), 30+0.02*rng.Float64()
		dot := made(rect(x, y, x+1e-7, y+1e-7))
		all, one := sharesOf(before, dot), sharesOf(after, dot)
		if len(all) == 0 {
			if len(one) > 0 {
				t.Fatalf("%v %v: nobody's ground now belongs to %v", x, y, one)
			}
			continue
		}
		if whole := measure.Ellipsoidal(dot); all[0].Area == whole && (len(one) != 1 || one[0] != all[0]) {
			t.Fatalf("%v %v: was of %v, now of %v", x, y, all, one)
		}
	}
}

func TestOverlapsAreTheSameHoweverThePairIsAskedFor(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	polygons := mosaic(rng, 114, 30, 0.02, 5, 6) // neighbours
	for range 25 {
		polygons = append(polygons, pierced(rng, 114+0.02*rng.Float64(), 30+0.02*rng.Float64(), 0.003))
	}
	for range 6 { // too tall for one band
		polygons = append(polygons, starPolygon(rng, 114, 30, 0.3+rng.Float64(), 12))
	}
	s := pairScratch{layer: newLayer(polygons, 2), taken: -1}
	common := 0
	for i, p := range polygons {
		for j, q := range polygons {
			a, b := p.Bounds(), q.Bounds()
			box := wkb.Box{MinX: max(a.MinX, b.MinX), MinY: max(a.MinY, b.MinY), MaxX: min(a.MaxX, b.MaxX), MaxY: min(a.MaxY, b.MaxY)}
			want := 0.0
			if box.MinX < box.MaxX && box.MinY < box.MaxY {
				band := newBand((box.MinY+box.MaxY)/2, (box.MaxY-box.MinY)/2)
				one, two := appendSides(nil, p, box, band.lat), appendSides(nil, q, box, band.lat)
				sortSides(one)
				sortSides(two)
				want = band.commonArea(one, two)
			}
			if want > 1 {
				common++
			}
			if got := s.overlap(i, j); math.Abs(got-want) > 1e-6+1e-11*want {
				t.Errorf("polygons %d and %d: %v m² in common, want %v", i, j, got, want)
			}
		}
	}
	if common < 500 {
		t.Errorf("only %d pairs have ground in common", common)
	}
}

func TestTheTreeFindsEveryBoxThatMeetsAnother(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for _, n := range []int{0, 1, 2, 16, 17, 300, 5000} {
		boxes := make([]wkb.Box, n)
		for i := range boxes {
			x, y := rng.Float64(), rng.Float64()
			boxes[i] = wkb.Box{MinX: x, MinY: y, MaxX: x + 0.05*rng.Float64(), MaxY: y + 0.05*rng.Float64()}
			if i%7 == 6 {
				boxes[i] = wkb.EmptyBox()
			}
		}
		tree := newBoxTree(boxes)
		for range 50 {
			x, y := rng.Float64(), rng.Float64()
			b := wkb.Box{MinX: x, MinY: y, MaxX: x + 0.1, MaxY: y + 0.1}
			var want []int32
			for i := range boxes {
				if boxes[i].Intersects(b) {
					want = append(want, int32(i))
				}
			}
			got := tree.search(b, nil)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%d boxes: found %v, want %v", n, got, want)
			}
		}
	}
}
