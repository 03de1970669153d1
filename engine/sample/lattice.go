package sample

import "slices"

// point is a place in whole 1e-7 degrees of CGCS2000: every coordinate is an
// integer until it is written, so files are the same on every machine.
type point struct{ x, y int64 }

// The lattice of street blocks: a cell is about 300 m by 300 m, and one side of it
// is cut into full parts.
const (
	west, south = 1_132_000_000, 314_000_000
	cellWidth   = 32_000
	cellHeight  = 27_000
	full        = 4096
	bank        = 450 // from the middle of a river to its bank
	verge       = 180 // from the middle of a road to the blocks
)

// lattice is a grid of cells whose nodes are shifted at random; it maps places
// counted in parts of cells to the ground, without folds: all streets, blocks,
// parcels and rivers are drawn on it.
type lattice struct {
	seed   uint64
	nx, ny int
}

func (l lattice) node(i, j int) point {
	h := hash(l.seed, roomNode, uint64(i), uint64(j))
	return point{
		west + int64(i)*cellWidth + spread(h, cellWidth*17/100),
		south + int64(j)*cellHeight + spread(scramble(h), cellHeight*17/100),
	}
}

// quad is one cell's four nodes, from the south-west counter-clockwise.
type quad [4]point

func (l lattice) quad(i, j int) quad {
	return quad{l.node(i, j), l.node(i+1, j), l.node(i+1, j+1), l.node(i, j+1)}
}

// at is the place s parts east and t parts north in the cell, to the nearest unit.
func (q *quad) at(s, t int) point {
	a, b := int64(s), int64(t)
	wa := (full - a) * (full - b)
	wb := a * (full - b)
	wc := a * b
	wd := (full - a) * b
	const half = full * full / 2
	return point{
		(wa*q[0].x + wb*q[1].x + wc*q[2].x + wd*q[3].x + half) / (full * full),
		(wa*q[0].y + wb*q[1].y + wc*q[2].y + wd*q[3].y + half) / (full * full),
	}
}

// ground is the place of u, v counted in parts from the lattice's corner.
func (l lattice) ground(u, v int) point {
	i := min(max(u/full, 0), l.nx-1)
	j := min(max(v/full, 0), l.ny-1)
	q := l.quad(i, j)
	return q.at(u-i*full, v-j*full)
}

// twiceArea is twice the signed area of a ring without its closing point.
func twiceArea(ring []point) int64 {
	if len(ring) == 0 {
		return 0
	}
	o, sum := ring[0], int64(0)
	for i := 1; i+1 < len(ring); i++ {
		a, b := ring[i], ring[i+1]
		sum += (a.x-o.x)*(b.y-o.y) - (b.x-o.x)*(a.y-o.y)
	}
	return sum
}

// middle is the mean of a ring's points.
func middle(ring []point) point {
	var x, y int64
	for _, p := range ring {
		x, y = x+p.x-west, y+p.y-south
	}
	n := int64(len(ring))
	return point{west + x/n, south + y/n}
}

// inside says whether p lies in the rings taken together, by crossings.
func inside(p point, rings [][]point) bool {
	in := false
	for _, ring := range rings {
		b := ring[len(ring)-1]
		for _, a := range ring {
			if (a.y > p.y) != (b.y > p.y) {
				cross := (p.x-a.x)*(b.y-a.y) - (b.x-a.x)*(p.y-a.y)
				if (cross < 0) == (b.y > a.y) {
					in = !in
				}
			}
			b = a
		}
	}
	return in
}

// groundArea is the area of a twice-area near a latitude in 1e-2 m², good to
// about 1e-6: the radii of curvature of the CGCS2000 ellipsoid there. Products
// are converted one by one, which forbids the compiler to fuse them.
func groundArea(twice int64, y int64) int64 {
	const (
		a   = 6378137.0
		e2  = 0.006694380022900788
		rad = 3.141592653589793 / 180 / 1e7
	)
	phi := float64(float64(y) * rad)
	sin := sine(phi)
	w := 1 - float64(e2*float64(sin*sin))
	cos := sine(3.141592653589793/2 - phi)
	// M·N·cos φ = a²(1 − e²)cos φ ÷ w²
	scale := float64(float64(a*a)*(1-e2)) * cos / float64(w*w)
	scale = float64(scale * float64(rad*rad))
	return int64(float64(float64(twice)*float64(scale*50)) + 0.5)
}

// sine is sin x for 0 ≤ x ≤ π/2 to 1e-15, the same on every machine.
func sine(x float64) float64 {
	square, term, sum := float64(x*x), x, x
	for k := 2.0; k < 24; k += 2 {
		term = -float64(term*square) / float64(k*(k+1))
		sum += term
	}
	return sum
}

func reversed(ring []point) []point {
	r := slices.Clone(ring)
	slices.Reverse(r)
	return r
}
