package measure

import (
	"cmp"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// fanout is the number of children of a tree's node.
const fanout = 16

// tree is a packed R-tree over boxes in Hilbert order: the boxes of all levels in
// one slice, leaves first, the root last.
type tree struct {
	boxes  []wkb.Box
	items  []int32 // what each leaf stands for
	levels []int32 // where each level starts in boxes, and the end
}

func newTree(boxes []wkb.Box) tree {
	t := tree{levels: []int32{0}}
	if len(boxes) == 0 {
		return t
	}
	t.items = hilbertOrder(boxes)
	for _, i := range t.items {
		t.boxes = append(t.boxes, boxes[i])
	}
	for from := 0; ; {
		to := len(t.boxes)
		t.levels = append(t.levels, int32(to))
		if to-from == 1 {
			return t
		}
		for i := from; i < to; i += fanout {
			all := wkb.EmptyBox()
			for _, b := range t.boxes[i:min(i+fanout, to)] {
				all = all.Extend(b)
			}
			t.boxes = append(t.boxes, all)
		}
		from = to
	}
}

// children is the range of boxes under box at of a level above the leaves.
func (t *tree) children(level int, at int32) (from, to int32) {
	from = t.levels[level-1] + (at-t.levels[level])*fanout
	return from, min(from+fanout, t.levels[level])
}

// root is the level and the place of the box around everything; ok is false for
// an empty tree.
func (t *tree) root() (level int, at int32, ok bool) {
	return len(t.levels) - 2, int32(len(t.boxes) - 1), len(t.boxes) > 0
}

// hilbertOrder sorts boxes by their middles' place on a Hilbert curve.
func hilbertOrder(boxes []wkb.Box) []int32 {
	all := wkb.EmptyBox()
	for _, b := range boxes {
		all = all.Extend(b)
	}
	w, h := max(all.MaxX-all.MinX, math.SmallestNonzeroFloat64), max(all.MaxY-all.MinY, math.SmallestNonzeroFloat64)
	type place struct{ code, item uint32 }
	places := make([]place, len(boxes))
	for i, b := range boxes {
		x := uint32(65535 * (((b.MinX+b.MaxX)/2 - all.MinX) / w))
		y := uint32(65535 * (((b.MinY+b.MaxY)/2 - all.MinY) / h))
		places[i] = place{hilbert(min(x, 65535), min(y, 65535)), uint32(i)}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.item, b.item)) })
	order := make([]int32, len(places))
	for i, p := range places {
		order[i] = int32(p.item)
	}
	return order
}

// hilbert is the place of (x, y), 16 bits each, on a Hilbert curve.
func hilbert(x, y uint32) (d uint32) {
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		rx, ry := x/s&1, y/s&1
		d += s * s * (3*rx ^ ry)
		if ry == 0 {
			if rx == 1 {
				x, y = 65535-x, 65535-y
			}
			x, y = y, x
		}
	}
	return d
}
