package overlay

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Overlap is ground, in m² on the ellipsoid, that two polygons of one layer
// both claim. First < Second.
type Overlap struct {
	First, Second int32
	Area          float64
}

// LeastOverlap is the area in m² up to which two polygons count as neighbours:
// borders rounded to seven decimals of a degree cross by slivers.
const LeastOverlap = 1e-4

// Disjoint cuts overlaps away: ground in two polygons stays with the one that
// comes first. cut[i] is polygons[i] less all earlier polygons that overlap it
// by more than [LeastOverlap]: the same pointer when nothing was cut, nil when
// nothing is left. overlaps are ordered by First, then Second. The result does
// not depend on workers, the number of goroutines used. Polygons must be valid;
// nil entries and what is not a polygon pass through. The error names the pair
// that could not be cut.
func Disjoint(polygons []*wkb.Geometry, workers int) (cut []*wkb.Geometry, overlaps []Overlap, err error) {
	cut = slices.Clone(polygons)
	overlaps = findOverlaps(polygons, workers)
	if len(overlaps) == 0 {
		return cut, nil, nil
	}
	// By Second first, so that each polygon's cutters stand together.
	slices.SortFunc(overlaps, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(a.Second, b.Second), cmp.Compare(a.First, b.First))
	})
	var groups [][]Overlap
	for from, i := 0, 1; i <= len(overlaps); i++ {
		if i == len(overlaps) || overlaps[i].Second != overlaps[from].Second {
			groups = append(groups, overlaps[from:i])
			from = i
		}
	}
	failed := make([]error, len(groups))
	parallel(len(groups), 8, workers, func() func(int) {
		return func(k int) {
			i := groups[k][0].Second
			cut[i], failed[k] = without(polygons, groups[k])
		}
	})
	for _, e := range failed {
		if e != nil {
			return nil, nil, e
		}
	}
	slices.SortFunc(overlaps, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	})
	return cut, overlaps, nil
}

// without takes the earlier polygons of a group away from its second, one after
// the other and each time in canonical form: a union of them first would come
// out in another order every time.
func without(polygons []*wkb.Geometry, group []Overlap) (*wkb.Geometry, error) {
	left := polygons[group[0].Second]
	for _, o := range group {
		a, err := noded(left)
		if err != nil {
			return nil, fmt.Errorf("overlay: read polygon %d: %w", o.Second, err)
		}
		b, err := noded(polygons[o.First])
		if err != nil {
			return nil, fmt.Errorf("overlay: read polygon %d: %w", o.First, err)
		}
		rest, err := geom.Difference(a, b)
		if err != nil {
			return nil, fmt.Errorf("overlay: take polygon %d away from polygon %d: %w", o.First, o.Second, err)
		}
		if left = outline(rest); left == nil {
			return nil, nil
		}
	}
	return left, nil
}

// findOverlaps lists the overlapping pairs in no particular order.
func findOverlaps(polygons []*wkb.Geometry, workers int) []Overlap {
	l := newLayer(polygons, workers)
	tree := newBoxTree(l.boxes)
	var mu sync.Mutex
	var found []Overlap
	parallel(len(polygons), 256, workers, func() func(int) {
		s := pairScratch{layer: l, taken: -1}
		var near []int32
		return func(i int) {
			near = tree.search(l.boxes[i], near[:0])
			for _, j := range near {
				if int(j) >= i {
					continue
				}
				if area := s.overlap(i, int(j)); area > LeastOverlap {
					mu.Lock()
					found = append(found, Overlap{j, int32(i), area})
					mu.Unlock()
				}
			}
		}
	})
	return found
}

// layer is polygons with what is asked of them again and again.
type layer struct {
	polygons []*wkb.Geometry
	boxes    []wkb.Box
	rings    []int32 // where each polygon's signs begin
	signs    []int8  // of every ring, see direction
}

func newLayer(polygons []*wkb.Geometry, workers int) *layer {
	n := len(polygons)
	l := &layer{polygons: polygons, boxes: make([]wkb.Box, n), rings: make([]int32, n)}
	all := 0
	for i, g := range polygons {
		l.rings[i] = int32(all)
		if g != nil {
			all += g.NumRings()
		}
	}
	l.signs = make([]int8, all)
	parallel(n, 1024, workers, func() func(int) {
		return func(i int) {
			box, ok := bounds(polygons[i])
			if l.boxes[i] = box; !ok {
				return
			}
			for part, signs := 0, l.signs[l.rings[i]:]; part < polygons[i].NumParts(); part++ {
				from, to := polygons[i].Part(part)
				for r := from; r < to; r++ {
					signs[r] = int8(direction(polygons[i].Ring(r), r == from))
				}
			}
		}
	})
	return l
}

// appendSides appends the sides of polygon i as the function of that name does,
// but x from the left end of a frame.
func (l *layer) appendSides(dst []side, i int, box wkb.Box, left, lat float64) []side {
	g := l.polygons[i]
	for r := range g.NumRings() {
		ring, sign := g.Ring(r), float64(l.signs[int(l.rings[i])+r])
		if len(ring) < 6 {
			continue
		}
		x1, y1 := ring[len(ring)-2], ring[len(ring)-1]
		for k := 0; k+1 < len(ring); k += 2 {
			x2, y2 := ring[k], ring[k+1]
			if (x1 < box.MaxX || x2 < box.MaxX) && (x1 > box.MinX || x2 > box.MinX) && (y1 >= box.MinY || y2 >= box.MinY) {
				dst = appendSide(dst, x1-left, y1-lat, x2-left, y2-lat, sign)
			}
			x1, y1 = x2, y2
		}
	}
	return dst
}

// pairScratch measures what two polygons have in common.
type pairScratch struct {
	*layer
	taken int     // whose sides are in whole, −1 nobody's
	left  float64 // x is measured from here
	band  *band   // and y from its latitude
	whole []side  // all of the taken polygon's, ordered
	p, q  []side
	kept  [int(180/bandStep) + 1]band // by latitude, made when first needed
}

// bandStep is the spacing in degrees of the bands kept; bandReach how tall a
// common box a kept band serves.
const (
	bandStep  = 0.25
	bandReach = 0.5
)

// overlap is what polygons i and j have in common. Ask for all of one i together:
// its sides are made and ordered once.
func (s *pairScratch) overlap(i, j int) float64 {
	own, other := &s.boxes[i], &s.boxes[j]
	box := wkb.Box{
		MinX: max(own.MinX, other.MinX), MinY: max(own.MinY, other.MinY),
		MaxX: min(own.MaxX, other.MaxX), MaxY: min(own.MaxY, other.MaxY),
	}
	if !(box.MinX < box.MaxX && box.MinY < box.MaxY) {
		return 0
	}
	if own.MaxY-own.MinY > bandReach {
		s.take(i, box) // no band fits all of it
		s.taken = -1
	} else if s.taken != i {
		s.take(i, *own)
	}
	s.p = s.p[:0]
	from, to, low := box.MinX-s.left, box.MaxX-s.left, box.MinY-s.band.lat
	for k := range s.whole {
		a := &s.whole[k]
		if a.x1 >= to {
			break
		}
		if a.x2 > from && (a.y1 >= low || a.at(a.x2) >= low) {
			s.p = append(s.p, *a)
		}
	}
	if len(s.p) == 0 {
		return 0
	}
	s.q = s.appendSides(s.q[:0], j, box, s.left, s.band.lat)
	sortSides(s.q)
	return s.band.commonArea(s.p, s.q)
}

// take makes the sides of polygon i inside a frame.
func (s *pairScratch) take(i int, frame wkb.Box) {
	s.taken, s.left, s.band = i, frame.MinX, s.bandOf(frame)
	s.whole = s.appendSides(s.whole[:0], i, frame, s.left, s.band.lat)
	sortSides(s.whole)
}

// bandOf is the band for what happens inside a box.
func (s *pairScratch) bandOf(box wkb.Box) *band {
	lat, height := (box.MinY+box.MaxY)/2, box.MaxY-box.MinY
	if !(height <= bandReach && math.Abs(lat) <= 90) {
		b := newBand(lat, height/2)
		return &b
	}
	k := int(math.Round((lat + 90) / bandStep))
	if s.kept[k].c1 == 0 {
		s.kept[k] = newBand(float64(k)*bandStep-90, bandStep)
	}
	return &s.kept[k]
}

// parallel calls do for 0 … n−1, block numbers at a time to a goroutine; each
// goroutine has its own do.
func parallel(n, block, workers int, newDo func() func(int)) {
	workers = max(1, min(workers, (n+block-1)/block))
	if workers == 1 {
		do := newDo()
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			do := newDo()
			for {
				to := int(next.Add(int64(block)))
				from := to - block
				if from >= n {
					return
				}
				for i := from; i < min(to, n); i++ {
					do(i)
				}
			}
		})
	}
	wg.Wait()
}
