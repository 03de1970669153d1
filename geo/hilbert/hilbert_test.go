package hilbert

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestTheCurveVisitsEachCellOnceAndStepsToANeighbour(t *testing.T) {
	const n = 64 // the curve's first cells fill this corner of the square
	at := map[uint32][2]int{}
	for x := range n {
		for y := range n {
			at[along(uint32(x), uint32(y))] = [2]int{x, y}
		}
	}
	if len(at) != n*n {
		t.Fatalf("%d places for %d cells", len(at), n*n)
	}
	for d := range uint32(n*n - 1) {
		a, b := at[d], at[d+1]
		if step := max(a[0]-b[0], b[0]-a[0]) + max(a[1]-b[1], b[1]-a[1]); step != 1 {
			t.Fatalf("from %v the curve goes to %v", a, b)
		}
	}
}

func TestTheOrderHoldsEveryBoxOnceButTheEmptyOnes(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	boxes := make([]wkb.Box, 1000)
	for i := range boxes {
		x, y := dice.Float64(), dice.Float64()
		boxes[i] = wkb.Box{MinX: x, MinY: y, MaxX: x + 0.01, MaxY: y + 0.01}
	}
	boxes[7], boxes[500] = wkb.EmptyBox(), wkb.EmptyBox()
	order := Order(boxes)
	sorted := slices.Sorted(slices.Values(order))
	if len(order) != 998 || len(slices.Compact(sorted)) != 998 || slices.Contains(sorted, 7) || slices.Contains(sorted, 500) {
		t.Errorf("%d of 998 boxes in the order", len(order))
	}
}

func TestBoxesOnOneSpotKeepTheirOrder(t *testing.T) {
	for _, box := range []wkb.Box{{MinX: 1, MinY: 2, MaxX: 1, MaxY: 2}, {MinX: 1, MinY: 2, MaxX: 3, MaxY: 2}} {
		if got := Order([]wkb.Box{box, box, box}); !slices.Equal(got, []int32{0, 1, 2}) {
			t.Errorf("%v three times is in the order %v", box, got)
		}
	}
	if got := Order(nil); len(got) != 0 {
		t.Errorf("no box is in the order %v", got)
	}
}
