package overlay

import (
	"github.com/muscope-gis/muscope/geo/hilbert"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// boxTree is a packed R-tree: boxes sorted along a Hilbert curve, sixteen to a
// node, level upon level in one slice.
type boxTree struct {
	boxes  []wkb.Box // the leaves first, the root last
	items  []int32   // for each leaf, the index of its box
	levels []int32   // the exclusive end of each level in boxes
}

const fanOut = 16

// newBoxTree indexes boxes; empty ones are left out.
func newBoxTree(boxes []wkb.Box) *boxTree {
	t := &boxTree{items: hilbert.Order(boxes)}
	for _, i := range t.items {
		t.boxes = append(t.boxes, boxes[i])
	}
	t.levels = append(t.levels, int32(len(t.boxes)))
	for from := 0; len(t.boxes)-from > 1; {
		to := len(t.boxes)
		for i := from; i < to; i += fanOut {
			node := wkb.EmptyBox()
			for _, b := range t.boxes[i:min(i+fanOut, to)] {
				node = node.Extend(b)
			}
			t.boxes = append(t.boxes, node)
		}
		t.levels = append(t.levels, int32(len(t.boxes)))
		from = to
	}
	return t
}

// search appends the items whose boxes intersect b, in no particular order.
func (t *boxTree) search(b wkb.Box, dst []int32) []int32 {
	if len(t.boxes) == 0 {
		return dst
	}
	return t.node(len(t.levels)-1, 0, b, dst)
}

// node looks at the i-th group of a level, fanOut boxes of it.
func (t *boxTree) node(level, i int, b wkb.Box, dst []int32) []int32 {
	start := 0
	if level > 0 {
		start = int(t.levels[level-1])
	}
	from := start + i*fanOut
	to := min(from+fanOut, int(t.levels[level]))
	for k := from; k < to; k++ {
		switch {
		case !t.boxes[k].Intersects(b):
		case level == 0:
			dst = append(dst, t.items[k])
		default:
			dst = t.node(level-1, k-start, b, dst)
		}
	}
	return dst
}
