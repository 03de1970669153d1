package overlay

import (
	"cmp"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// lattice is a grid of equal cells. Positions on it are measured from its
// lower left corner, heights inside a row from the row's middle.
type lattice struct {
	box        wkb.Box
	cols, rows int
	xs, ys     []float64 // the cols+1 and rows+1 lines, from box.MinX and box.MinY
	perX, perY float64   // cells per degree
	bands      []band    // one per row
	cell       []float64 // m² of a cell, one per row
}

// mostReach is how tall a row may be, in degrees, so that a band fits it to
// 1e-12.
const mostReach = 0.25

func newLattice(box wkb.Box, cells int) lattice {
	// A margin keeps whatever lies on the upper and right border in a cell.
	margin := 1e-9 + 1e-12*max(math.Abs(box.MinX), math.Abs(box.MaxX), math.Abs(box.MinY), math.Abs(box.MaxY))
	box = wkb.Box{MinX: box.MinX - margin, MinY: box.MinY - margin, MaxX: box.MaxX + margin, MaxY: box.MaxY + margin}
	w, h := box.MaxX-box.MinX, box.MaxY-box.MinY
	side := math.Sqrt(w * h / float64(cells))
	l := lattice{
		box:  box,
		cols: int(min(max(w/side, 1), mostLines)),
		rows: int(min(max(h/side, h/mostReach+1, 1), mostLines)),
	}
	l.perX, l.perY = float64(l.cols)/w, float64(l.rows)/h
	l.xs, l.ys = steps(w, l.cols), steps(h, l.rows)
	for r := range l.rows {
		half := (l.ys[r+1] - l.ys[r]) / 2
		b := newBand(box.MinY+l.mid(r), half)
		l.bands = append(l.bands, b)
		l.cell = append(l.cell, b.under(w/float64(l.cols), half, half)-b.under(w/float64(l.cols), -half, -half))
	}
	return l
}

// mostLines bounds the columns and the rows.
const mostLines = 2048

func steps(length float64, n int) []float64 {
	s := make([]float64, n+1)
	for i := range s {
		s[i] = length * float64(i) / float64(n)
	}
	return s
}

// mid is the middle of row r above the lattice's lower border.
func (l *lattice) mid(r int) float64 { return (l.ys[r] + l.ys[r+1]) / 2 }

// slot is the index of the half-open step that v lies in: −1 below the first
// (and for NaN), n beyond the last.
func slot(v, per float64, lines []float64) int {
	n := len(lines) - 1
	if !(v >= lines[0]) {
		return -1
	}
	if v >= lines[n] {
		return n
	}
	i := min(int(v*per), n-1)
	for v < lines[i] {
		i--
	}
	for v >= lines[i+1] {
		i++
	}
	return i
}

func (l *lattice) col(x float64) int { return slot(x, l.perX, l.xs) }
func (l *lattice) row(y float64) int { return slot(y, l.perY, l.ys) }

// window is the half-open range of cells that a box touches; ok is false when
// it touches none.
func (l *lattice) window(b wkb.Box) (w window, ok bool) {
	if b.Empty() || !b.Intersects(l.box) {
		return w, false
	}
	w.c0, w.c1 = max(l.col(b.MinX-l.box.MinX), 0), min(l.col(b.MaxX-l.box.MinX), l.cols-1)+1
	w.r0, w.r1 = max(l.row(b.MinY-l.box.MinY), 0), min(l.row(b.MaxY-l.box.MinY), l.rows-1)+1
	return w, w.c0 < w.c1 && w.r0 < w.r1
}

type window struct{ c0, c1, r0, r1 int }

func (w window) has(c, r int) bool { return c >= w.c0 && c < w.c1 && r >= w.r0 && r < w.r1 }
func (w window) at(c, r int) int32 { return int32((r-w.r0)*(w.c1-w.c0) + c - w.c0) }
func (w window) cells() int        { return (w.c1 - w.c0) * (w.r1 - w.r0) }

// What a spread polygon does in a cell.
const (
	absent  = iota
	whole   // covers it
	present // has sides in it: see spread.in
)

// spread is a polygon distributed over a lattice. In every cell that its
// outline enters it is cut to the cell and given by signed sides, the parts of
// the cell's own lower and upper border that lie inside it included; the left
// and right border add nothing. Good for areas, not an outline. It is scratch,
// filled again by each run.
type spread struct {
	window
	l      *lattice
	state  []uint8 // one per cell of the window, row by row
	starts []int32 // where each cell's sides begin; one more than cells
	sides  []side
	pieces []placed
	cross  []crossing
}

type placed struct {
	cell int32
	side
}

// crossing is a place where the outline crosses a horizontal line.
type crossing struct {
	line int32
	x    float64
}

// in returns the sides of cell k, ordered by left end.
func (s *spread) in(k int) []side { return s.sides[s.starts[k]:s.starts[k+1]] }

// run distributes g, whose bounds have the window w, over the lattice.
func (s *spread) run(l *lattice, g *wkb.Geometry, w window) {
	s.l, s.window = l, w
	s.state = slices.Grow(s.state[:0], w.cells())[:w.cells()]
	clear(s.state)
	s.pieces, s.cross = s.pieces[:0], s.cross[:0]
	for part := range g.NumParts() {
		from, to := g.Part(part)
		for r := from; r < to; r++ {
			s.ring(g.Ring(r), r == from)
		}
	}
	if len(s.cross) > 0 {
		s.borders()
	}
	s.group()
}

func (s *spread) ring(ring []float64, shell bool) {
	n := len(ring)
	if n < 6 {
		return
	}
	sign := direction(ring, shell)
	x1, y1 := ring[n-2]-s.l.box.MinX, ring[n-1]-s.l.box.MinY
	r1 := s.l.row(y1)
	for i := 0; i+1 < n; i += 2 {
		x2, y2 := ring[i]-s.l.box.MinX, ring[i+1]-s.l.box.MinY
		r2 := s.l.row(y2)
		s.edge(x1, y1, r1, x2, y2, r2, sign)
		x1, y1, r1 = x2, y2, r2
	}
}

// edge cuts one edge at the horizontal lines between its ends.
func (s *spread) edge(x1, y1 float64, r1 int, x2, y2 float64, r2 int, sign float64) {
	if r1 == r2 {
		s.inRow(x1, y1, x2, y2, r1, sign)
		return
	}
	if r1 > r2 { // always upwards, so that both polygons at a border round alike
		x1, y1, r1, x2, y2, r2, sign = x2, y2, r2, x1, y1, r1, -sign
	}
	x, y := x1, y1
	perY := (x2 - x1) / (y2 - y1)
	for r := r1; r < r2; r++ {
		line := s.l.ys[r+1]
		at := min(max(x1+(line-y1)*perY, min(x1, x2)), max(x1, x2))
		s.cross = append(s.cross, crossing{int32(r + 1), at})
		s.inRow(x, y, at, line, r, sign)
		x, y = at, line
	}
	s.inRow(x, y, x2, y2, r2, sign)
}

// inRow cuts what lies in one row at the vertical lines.
func (s *spread) inRow(x1, y1, x2, y2 float64, r int, sign float64) {
	if r < s.r0 || r >= s.r1 {
		return
	}
	if x1 > x2 {
		x1, y1, x2, y2 = x2, y2, x1, y1
	} else {
		sign = -sign
	}
	y1 -= s.l.mid(r)
	y2 -= s.l.mid(r)
	c1, c2 := s.l.col(x1), s.l.col(x2)
	w := x2 - x1
	slope := 0.0
	if w > leastWidth {
		slope = (y2 - y1) / w
	}
	for c := max(c1, s.c0); c <= min(c2, s.c1-1); c++ {
		k := s.at(c, r)
		s.state[k] = present
		from, to, y := x1, x2, y1
		if c > c1 {
			from = s.l.xs[c]
			y = y1 + (from-x1)*slope
		}
		if c < c2 {
			to = s.l.xs[c+1]
		}
		if to-from > leastWidth {
			s.pieces = append(s.pieces, placed{k, side{from, to, y, slope, sign}})
		}
	}
}

// borders closes the cells along the horizontal lines: between every other pair
// of crossings the line lies inside the polygon.
func (s *spread) borders() {
	slices.SortFunc(s.cross, func(a, b crossing) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.x, b.x))
	})
	for i := 0; i+1 < len(s.cross); i += 2 {
		a, b := s.cross[i], s.cross[i+1]
		line := int(a.line)
		for c := max(s.l.col(a.x), s.c0); c <= min(s.l.col(b.x), s.c1-1); c++ {
			from, to := max(a.x, s.l.xs[c]), min(b.x, s.l.xs[c+1])
			s.border(c, line-1, line, from, to, 1)
			s.border(c, line, line, from, to, -1)
		}
	}
}

func (s *spread) border(c, r, line int, from, to, sign float64) {
	if !s.has(c, r) {
		return
	}
	k := s.at(c, r)
	if s.state[k] != present {
		s.state[k] = whole
		return
	}
	if to-from > leastWidth {
		s.pieces = append(s.pieces, placed{k, side{from, to, s.l.ys[line] - s.l.mid(r), 0, sign}})
	}
}

// group sorts the pieces by cell, and by left end inside a cell.
func (s *spread) group() {
	n := s.cells()
	s.starts = slices.Grow(s.starts[:0], n+2)[:n+2]
	clear(s.starts)
	s.sides = slices.Grow(s.sides[:0], len(s.pieces))[:len(s.pieces)]
	for i := range s.pieces {
		s.starts[s.pieces[i].cell+2]++
	}
	for k := 2; k < len(s.starts); k++ {
		s.starts[k] += s.starts[k-1]
	}
	for i := range s.pieces {
		at := &s.starts[s.pieces[i].cell+1]
		s.sides[*at] = s.pieces[i].side
		*at++
	}
	for k := range n {
		sortSides(s.in(k))
	}
}
