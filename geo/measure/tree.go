package measure

import (
	"github.com/muscope-gis/muscope/geo/hilbert"
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
	if t.items = hilbert.Order(boxes); len(t.items) == 0 {
		return t
	}
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
