package overlay

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// blockPolygons is how many polygons a goroutine takes at a time, blockPairs how
// many pairs it holds the polygons of: memory does not grow with the layer.
const (
	blockPolygons = 1024
	blockPairs    = 4096
)

// squareDegree is more m² than any square degree has.
const squareDegree = 1.25e10

// Overlaps lists the pairs of n polygons that both claim more than least m² of
// ground, ordered by First, then Second. load parses polygon i, which must be
// valid, into g; several goroutines call it, for some polygons more than once, so
// that few need be held at a time. What is not a polygon overlaps nothing. The
// result does not depend on workers. The error is load's, of the first polygon
// that could not be loaded as far as any was tried.
func Overlaps(n int, load func(i int, g *wkb.Geometry) error, least float64, workers int) ([]Overlap, error) {
	f := &finder{load: load, least: max(least, LeastOverlap), boxes: make([]wkb.Box, n)}
	parallel(n, blockPolygons, workers, func() func(int) {
		var g wkb.Geometry
		return func(i int) {
			f.boxes[i] = wkb.EmptyBox()
			if f.parse(i, &g) {
				f.boxes[i], _ = bounds(&g)
			}
		}
	})
	f.tree = newBoxTree(f.boxes)
	f.rank = make([]int32, n)
	for k, i := range f.tree.items {
		f.rank[i] = int32(k)
	}
	blocks := (len(f.tree.items) + blockPolygons - 1) / blockPolygons
	parallel(blocks, 1, workers, func() func(int) {
		s := finderScratch{finder: f, measure: pairScratch{taken: -1}}
		return s.block
	})
	if f.err != nil {
		return nil, f.err
	}
	slices.SortFunc(f.found, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	})
	return f.found, nil
}

// finder is what the goroutines that look for overlaps share.
type finder struct {
	load   func(int, *wkb.Geometry) error
	least  float64
	boxes  []wkb.Box
	tree   *boxTree
	rank   []int32 // of each polygon, its place along the tree's curve
	mu     sync.Mutex
	found  []Overlap
	err    error
	failed int // the polygon of err
	broken atomic.Bool
}

// parse loads a polygon; after an error nothing is loaded any more.
func (f *finder) parse(i int, g *wkb.Geometry) bool {
	if f.broken.Load() {
		return false
	}
	err := f.load(i, g)
	if err == nil {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil || i < f.failed {
		f.err, f.failed = fmt.Errorf("overlay: load polygon %d: %w", i, err), i
	}
	f.broken.Store(true)
	return false
}

// finderScratch is one goroutine's.
type finderScratch struct {
	*finder
	near    []int32
	pairs   []pair
	wanted  []int32 // polygons of the pairs, ascending
	held    []wkb.Geometry
	shapes  []*wkb.Geometry
	measure pairScratch
	own     []Overlap
}

// pair is two polygons whose boxes overlap, first < second.
type pair struct{ first, second int32 }

// block looks for the overlaps of a stretch of the curve with itself and with
// what comes after it.
func (s *finderScratch) block(k int) {
	items := s.tree.items
	s.own = s.own[:0]
	for at := k * blockPolygons; at < min((k+1)*blockPolygons, len(items)); at++ {
		i := items[at]
		s.near = s.tree.search(s.boxes[i], s.near[:0])
		for _, j := range s.near {
			if s.rank[j] <= int32(at) || s.roof(i, j) <= s.least {
				continue
			}
			s.pairs = append(s.pairs, pair{min(i, j), max(i, j)})
			if len(s.pairs) == blockPairs {
				s.settle()
			}
		}
	}
	s.settle()
	s.mu.Lock()
	s.found = append(s.found, s.own...)
	s.mu.Unlock()
}

// roof is an area in m² that two polygons' common ground cannot exceed.
func (f *finder) roof(i, j int32) float64 {
	a, b := &f.boxes[i], &f.boxes[j]
	width, height := min(a.MaxX, b.MaxX)-max(a.MinX, b.MinX), min(a.MaxY, b.MaxY)-max(a.MinY, b.MinY)
	return max(width, 0) * max(height, 0) * squareDegree
}

// settle measures the pairs gathered and forgets them.
func (s *finderScratch) settle() {
	defer func() { s.pairs = s.pairs[:0] }()
	if len(s.pairs) == 0 || !s.hold() {
		return
	}
	s.measure.layer, s.measure.taken = newLayer(s.shapes, 1), -1
	slices.SortFunc(s.pairs, func(a, b pair) int { // all of one second together
		return cmp.Or(cmp.Compare(a.second, b.second), cmp.Compare(a.first, b.first))
	})
	for _, p := range s.pairs {
		first, _ := slices.BinarySearch(s.wanted, p.first)
		second, _ := slices.BinarySearch(s.wanted, p.second)
		if area := s.measure.overlap(second, first); area > s.least {
			s.own = append(s.own, Overlap{p.first, p.second, area})
		}
	}
}

// hold loads the polygons of the pairs.
func (s *finderScratch) hold() bool {
	s.wanted = s.wanted[:0]
	for _, p := range s.pairs {
		s.wanted = append(s.wanted, p.first, p.second)
	}
	slices.Sort(s.wanted)
	s.wanted = slices.Compact(s.wanted)
	for len(s.held) < len(s.wanted) {
		s.held = append(s.held, wkb.Geometry{})
	}
	s.shapes = s.shapes[:0]
	for k, i := range s.wanted {
		if !s.parse(int(i), &s.held[k]) {
			return false
		}
		s.shapes = append(s.shapes, &s.held[k])
	}
	return true
}
