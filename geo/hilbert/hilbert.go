// Package hilbert puts boxes in the order of a Hilbert curve through their middles, so
// that what is near on the map is near in the order. Packed indexes and files with
// spatial row groups are built from it. It indexes nothing itself.
package hilbert

import (
	"cmp"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// side is the last cell of the curve's square in each direction.
const side = 1<<16 - 1

// Order lists the boxes along the curve, those of one cell by their index. Empty boxes
// are left out.
func Order(boxes []wkb.Box) []int32 {
	all := wkb.EmptyBox()
	for _, b := range boxes {
		if !b.Empty() {
			all = all.Extend(b)
		}
	}
	type place struct {
		along uint32
		box   int32
	}
	places := make([]place, 0, len(boxes))
	scaleX, scaleY := side/(all.MaxX-all.MinX), side/(all.MaxY-all.MinY)
	for i, b := range boxes {
		if !b.Empty() {
			x, y := ((b.MinX+b.MaxX)/2-all.MinX)*scaleX, ((b.MinY+b.MaxY)/2-all.MinY)*scaleY
			places = append(places, place{along(cell(x), cell(y)), int32(i)})
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.along, b.along), cmp.Compare(a.box, b.box)) })
	order := make([]int32, len(places))
	for i, p := range places {
		order[i] = p.box
	}
	return order
}

// cell is also right for the NaN of boxes that all lie on one line.
func cell(v float64) uint32 {
	if !(v > 0) {
		return 0
	}
	return uint32(min(v, side))
}

// along is how far along the curve a cell lies.
func along(x, y uint32) (d uint32) {
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		right, up := x/s&1, y/s&1
		d += s * s * (3*right ^ up)
		if up == 0 {
			if right == 1 {
				x, y = side-x, side-y
			}
			x, y = y, x
		}
	}
	return d
}
