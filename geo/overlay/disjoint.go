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
	boxes := make([]wkb.Box, len(polygons))
	parallel(len(polygons), 1024, workers, func() func(int) {
		return func(i int) {
			boxes[i], _ = bounds(polygons[i])
		}
	})
	tree := newBoxTree(boxes)
	var mu sync.Mutex
	var found []Overlap
	parallel(len(polygons), 256, workers, func() func(int) {
		var s pairScratch
		var near []int32
		return func(i int) {
			near = tree.search(boxes[i], near[:0])
			for _, j := range near {
				if int(j) >= i {
					continue
				}
				if area := s.overlap(polygons[j], polygons[i], boxes[j], boxes[i]); area > LeastOverlap {
					mu.Lock()
					found = append(found, Overlap{j, int32(i), area})
					mu.Unlock()
				}
			}
		}
	})
	return found
}

// pairScratch measures what two polygons have in common.
type pairScratch struct {
	p, q  []side
	bands [int(180/bandStep) + 1]band // by latitude, made when first needed
}

// bandStep is the spacing in degrees of the bands kept; bandReach how tall a
// common box a kept band serves.
const (
	bandStep  = 0.25
	bandReach = 0.5
)

func (s *pairScratch) overlap(p, q *wkb.Geometry, boxP, boxQ wkb.Box) float64 {
	box := wkb.Box{
		MinX: max(boxP.MinX, boxQ.MinX), MinY: max(boxP.MinY, boxQ.MinY),
		MaxX: min(boxP.MaxX, boxQ.MaxX), MaxY: min(boxP.MaxY, boxQ.MaxY),
	}
	if !(box.MinX < box.MaxX && box.MinY < box.MaxY) {
		return 0
	}
	if parted(p, q, boxP, boxQ, box) {
		return 0
	}
	b := s.band(box)
	s.p = appendSides(s.p[:0], p, box, b.lat)
	s.q = appendSides(s.q[:0], q, box, b.lat)
	sortSides(s.p)
	sortSides(s.q)
	return b.commonArea(s.p, s.q)
}

// band is the band for what happens inside a box.
func (s *pairScratch) band(box wkb.Box) *band {
	lat, height := (box.MinY+box.MaxY)/2, box.MaxY-box.MinY
	if !(height <= bandReach && math.Abs(lat) <= 90) {
		b := newBand(lat, height/2)
		return &b
	}
	k := int(math.Round((lat + 90) / bandStep))
	if s.bands[k].c1 == 0 {
		s.bands[k] = newBand(float64(k)*bandStep-90, bandStep)
	}
	return &s.bands[k]
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
