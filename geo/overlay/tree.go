package overlay

import (
	"cmp"
	"slices"

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
	type leaf struct {
		key  uint64
		item int32
	}
	all := wkb.EmptyBox()
	for _, b := range boxes {
		if !b.Empty() {
			all = all.Extend(b)
		}
	}
	leaves := make([]leaf, 0, len(boxes))
	scaleX, scaleY := 65535/(all.MaxX-all.MinX), 65535/(all.MaxY-all.MinY)
	for i, b := range boxes {
		if !b.Empty() {
			x, y := ((b.MinX+b.MaxX)/2-all.MinX)*scaleX, ((b.MinY+b.MaxY)/2-all.MinY)*scaleY
			leaves = append(leaves, leaf{hilbert(clampKey(x), clampKey(y)), int32(i)})
		}
	}
	slices.SortFunc(leaves, func(a, b leaf) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.item, b.item))
	})
	t := &boxTree{items: make([]int32, len(leaves))}
	for i, l := range leaves {
		t.items[i] = l.item
		t.boxes = append(t.boxes, boxes[l.item])
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

// clampKey is also right for the NaN of a layer without width.
func clampKey(v float64) uint32 {
	if !(v > 0) {
		return 0
	}
	return uint32(min(v, 65535))
}

// hilbert is the place of a point of a 2¹⁶ × 2¹⁶ square along the curve.
func hilbert(x, y uint32) (d uint64) {
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		d += uint64(s) * uint64(s) * uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = 65535-x, 65535-y
			}
			x, y = y, x
		}
	}
	return d
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
