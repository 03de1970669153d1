package sample

// jagged is a crooked line from a to b, b left out: 2^levels pieces by displaced
// midpoints. The displacement shrinks level by level, so that the line never turns
// more than 40° from its chord and can neither cross itself nor another one that
// leaves its ends 80° or more away. The same h gives the same line.
func jagged(dst []point, a, b point, levels int, h uint64) []point {
	return jaggedFrom(dst, a, b, levels, 11*65536/100, h)
}

func jaggedFrom(dst []point, a, b point, levels int, bend int64, h uint64) []point {
	if levels == 0 {
		return append(dst, a)
	}
	h = scramble(h)
	k := spread(h, bend)
	m := point{(a.x+b.x)/2 - (b.y-a.y)*k/65536, (a.y+b.y)/2 + (b.x-a.x)*k/65536}
	bend = bend * 7 / 10
	dst = jaggedFrom(dst, a, m, levels-1, bend, h+1)
	return jaggedFrom(dst, m, b, levels-1, bend, h+2)
}

// circle is the unit circle in 24 steps, in 1/4096.
var circle = [24][2]int64{
	{4096, 0}, {3956, 1060}, {3547, 2048}, {2896, 2896}, {2048, 3547}, {1060, 3956},
	{0, 4096}, {-1060, 3956}, {-2048, 3547}, {-2896, 2896}, {-3547, 2048}, {-3956, 1060},
	{-4096, 0}, {-3956, -1060}, {-3547, -2048}, {-2896, -2896}, {-2048, -3547}, {-1060, -3956},
	{0, -4096}, {1060, -3956}, {2048, -3547}, {2896, -2896}, {3547, -2048}, {3956, -1060},
}

// blob is a crooked round ring of 96 points, counter-clockwise.
func blob(c point, radius int64, h uint64) []point {
	var corners [24]point
	for i, d := range circle {
		h = scramble(h)
		r := radius + spread(h, radius/12)
		corners[i] = point{c.x + d[0]*r/4096, c.y + d[1]*r/4096*85/100}
	}
	ring := make([]point, 0, 96)
	for i := range corners {
		ring = jagged(ring, corners[i], corners[(i+1)%24], 2, hash(h, roomEdge, uint64(i), 0))
	}
	return ring
}

// comb is a honeycomb of bricks laid over the lattice with room to its edges; its
// nodes are shifted at random and its edges jagged, the same from both sides.
type comb struct {
	seed          uint64
	columns, rows int
	origin        point
	width, height int64 // of a brick
}

// newComb has at least n bricks about as wide as high.
func newComb(l lattice, n int) comb {
	c := comb{seed: l.seed, columns: 1, rows: 1}
	for c.columns*c.rows < n {
		if c.columns*l.ny <= c.rows*l.nx {
			c.columns++
		} else {
			c.rows++
		}
	}
	c.origin = point{west + cellWidth, south + cellHeight*3/2}
	c.width = int64(l.nx-2) * cellWidth * 2 / int64(2*c.columns+1)
	c.height = int64(l.ny-3) * cellHeight / int64(c.rows)
	return c
}

// node k of line r: every half brick; the ones with an edge upwards lie higher.
func (c comb) node(k, r int) point {
	h := hash(c.seed, roomBrick, uint64(k), uint64(r))
	lift := c.height / 8
	if (k+r)%2 != 0 {
		lift = -lift
	}
	if r == 0 && lift < 0 || r == c.rows && lift > 0 {
		lift = 0 // stay on the lattice
	}
	return point{
		c.origin.x + int64(k)*c.width/2 + spread(h, c.width/14),
		c.origin.y + int64(r)*c.height + lift + spread(scramble(h), c.height/16),
	}
}

// edge is the jagged line between two nodes, given in a fixed order.
func (c comb) edge(dst []point, k0, r0, k1, r1 int) []point {
	h := hash(c.seed, roomEdge, uint64(k0)<<32|uint64(k1), uint64(r0)<<32|uint64(r1))
	return jagged(dst, c.node(k0, r0), c.node(k1, r1), 3+int(h>>60)%4, h)
}

// brick is the ring of the brick in row r and column col, counter-clockwise.
func (c comb) brick(r, col int) []point {
	k := 2*col + r%2
	ring := make([]point, 0, 400)
	ring = c.edge(ring, k, r, k+1, r)
	ring = c.edge(ring, k+1, r, k+2, r)
	ring = c.edge(ring, k+2, r, k+2, r+1)
	ring = c.back(ring, k+1, r+1, k+2, r+1)
	ring = c.back(ring, k, r+1, k+1, r+1)
	return c.back(ring, k, r, k, r+1)
}

// back is edge walked from its end.
func (c comb) back(dst []point, k0, r0, k1, r1 int) []point {
	line := append(c.edge(nil, k0, r0, k1, r1), c.node(k1, r1))
	for i := len(line) - 1; i > 0; i-- {
		dst = append(dst, line[i])
	}
	return dst
}

// centre is a brick's nominal middle.
func (c comb) centre(r, col int) point {
	return point{
		c.origin.x + int64(2*col+r%2+1)*c.width/2,
		c.origin.y + (2*int64(r)+1)*c.height/2,
	}
}
