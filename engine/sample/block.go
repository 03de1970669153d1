package sample

import "slices"

// spot is a place in a cell, in its parts.
type spot struct{ s, t int }

// row is a row of lots between a street and a back line. cuts hold what lies on
// the lines between lots from street to back, ends left out; the first and the
// last are the block's sides.
type row struct {
	north bool
	front []spot // west to east, ends and corners of lots included
	back  []spot
	at    []int // positions along front where lots begin, then the end
	deep  []int // the same along back, as values of s
	cuts  [][]spot
}

// block is a cell's ground between its streets, cut into lots.
type block struct {
	dice           dice
	quad           quad
	outer          [4]int // west, east, south, north: where the streets' middles are
	s0, s1, t0, t1 int
	rows           []row
	pool           [2]row
	ring, edge     []point
	spots          []spot
}

const (
	chamfer = 90 // how much of a block's corner is cut off
	ripple  = 40 // how far a street front waves
)

// draw lays out the cell's block with low lots in the southern row and high ones
// in the northern; with one of them zero the other row takes the whole depth.
func (b *block) draw(q quad, wet uint8, low, high int) {
	b.quad = q
	b.outer = [4]int{0, full, 0, full}
	for i, side := range [4]uint8{westSide, eastSide, southSide, northSide} {
		if wet&side != 0 {
			b.outer[i] += bank - 2*bank*(i&1)
		}
	}
	b.s0, b.s1 = b.outer[0]+verge, b.outer[1]-verge
	b.t0, b.t1 = b.outer[2]+verge, b.outer[3]-verge
	if low > 0 && high > 0 {
		b.rows = b.pool[:2]
		spine := (b.t0+b.t1)/2 + b.dice.around((b.t1-b.t0)/12)
		b.cut(&b.rows[0], false, low, spine)
		b.cut(&b.rows[1], true, high, spine)
		b.spine(spine)
		return
	}
	b.rows = b.pool[:1]
	r := &b.rows[0]
	b.cut(r, false, max(low, high, 1), b.t1)
	b.far(r)
}

// cut places the lots of a row: where they begin on the street, how the line
// between two runs, and where it meets the back at about t.
func (b *block) cut(r *row, north bool, n, t int) {
	r.north = north
	r.front, r.at, r.deep = r.front[:0], r.at[:0], r.deep[:0]
	street, inward := b.t0, 1
	if north {
		street, inward = b.t1, -1
	}
	for len(r.cuts) < n+1 {
		r.cuts = append(r.cuts, nil)
	}
	r.cuts = r.cuts[:n+1]
	width := (b.s1 - b.s0) / n
	b.wave(r, b.s0+chamfer, street)
	r.at = append(r.at, 0)
	r.deep = append(r.deep, b.s0)
	r.cuts[0] = b.side(r.cuts[0][:0], b.s0, street+inward*chamfer, t)
	for i := 1; i < n; i++ {
		s := b.s0 + i*width + b.dice.around(width/10)
		b.wave(r, s, street)
		r.at = append(r.at, len(r.front)-1)
		line := r.cuts[i][:0]
		deep := s
		if width > 300 && b.dice.perMille(350) { // a step: both neighbours are L-shaped
			step := b.dice.between(width/10, width/5) * (2*b.dice.below(2) - 1)
			middle := street + (t-street)*b.dice.between(40, 60)/100
			line = append(line, spot{s, middle}, spot{s + step, middle})
			deep += step
		} else {
			deep += b.dice.around(width / 10)
		}
		r.cuts[i] = line
		r.deep = append(r.deep, deep)
	}
	b.wave(r, b.s1-chamfer, street)
	r.at = append(r.at, len(r.front)-1)
	r.deep = append(r.deep, b.s1)
	r.cuts[n] = b.side(r.cuts[n][:0], b.s1, street+inward*chamfer, t)
}

// wave goes on along the street to s, with up to two points between.
func (b *block) wave(r *row, s, street int) {
	if n := len(r.front); n > 0 {
		from := r.front[n-1].s
		k := b.dice.below(3)
		for i := 1; i <= k; i++ {
			r.front = append(r.front, spot{from + (s-from)*i/(k+1), street + b.dice.around(ripple)})
		}
	}
	r.front = append(r.front, spot{s, street})
}

// side is a block's side from its chamfered corner towards t.
func (b *block) side(line []spot, s, from, t int) []spot {
	line = append(line, spot{s, from})
	if b.dice.perMille(500) {
		line = append(line, spot{s + b.dice.around(ripple), (from + t) / 2})
	}
	return line
}

// spine draws the line both rows back on, through the ends of both rows' cuts.
func (b *block) spine(t int) {
	line := b.spots[:0]
	for i := range b.rows {
		for _, s := range b.rows[i].deep {
			line = append(line, spot{s, t})
		}
	}
	slices.SortFunc(line, func(a, b spot) int { return a.s - b.s })
	line = slices.Compact(line)
	const apart = 2 * ripple // closer corners stay level, so that no cut meets the line twice
	for i := range line {
		if (i == 0 || line[i].s-line[i-1].s >= apart) && (i == len(line)-1 || line[i+1].s-line[i].s >= apart) {
			line[i].t += b.dice.around(ripple)
		}
	}
	b.spots = line
	for i := range b.rows {
		b.rows[i].back = append(b.rows[i].back[:0], line...)
	}
}

// far draws the back of a single row: the street behind it.
func (b *block) far(r *row) {
	n := len(r.deep) - 1
	r.deep[0], r.deep[n] = b.s0+chamfer, b.s1-chamfer
	r.back = r.back[:0]
	for _, s := range r.deep {
		r.back = append(r.back, spot{s, b.t1})
	}
	r.cuts[0] = append(r.cuts[0], spot{b.s0, b.t1 - chamfer})
	r.cuts[n] = append(r.cuts[n], spot{b.s1, b.t1 - chamfer})
}

// lots is the ring of the row's lots from one to before another taken together,
// counter-clockwise, without its closing point; valid until the next call.
func (b *block) lots(r *row, from, to int) []point {
	ring := b.ring[:0]
	front := r.front[r.at[from] : r.at[to]+1]
	lo, hi := b.find(r.back, r.deep[from]), b.find(r.back, r.deep[to])
	back := r.back[lo : hi+1]
	if r.north {
		ring = b.along(ring, back)
		ring = b.against(ring, r.cuts[to])
		ring = b.against(ring, front)
		ring = b.along(ring, r.cuts[from])
	} else {
		ring = b.along(ring, front)
		ring = b.along(ring, r.cuts[to])
		ring = b.against(ring, back)
		ring = b.against(ring, r.cuts[from])
	}
	b.ring = ring
	return ring
}

func (b *block) find(line []spot, s int) int {
	for i := range line {
		if line[i].s == s {
			return i
		}
	}
	return len(line) - 1
}

func (b *block) along(ring []point, line []spot) []point {
	for _, p := range line {
		ring = append(ring, b.quad.at(p.s, p.t))
	}
	return ring
}

func (b *block) against(ring []point, line []spot) []point {
	for i := len(line) - 1; i >= 0; i-- {
		ring = append(ring, b.quad.at(line[i].s, line[i].t))
	}
	return ring
}

// outline is the whole block's ring, counter-clockwise; valid until the next call.
func (b *block) outline() []point {
	south := &b.rows[0]
	n := len(south.at) - 1
	if len(b.rows) == 1 {
		return b.lots(south, 0, n)
	}
	north := &b.rows[1]
	m := len(north.at) - 1
	ring := b.along(b.ring[:0], south.front)
	ring = b.along(ring, south.cuts[n])
	ring = b.along(ring, south.back[len(south.back)-1:])
	ring = b.against(ring, north.cuts[m])
	ring = b.against(ring, north.front)
	ring = b.along(ring, north.cuts[0])
	ring = b.along(ring, south.back[:1])
	ring = b.against(ring, south.cuts[0])
	b.ring = ring
	return ring
}

// streets is the ring along the middles of the streets about the block, with the
// places where the corner of a neighbour at a river may lie on it, so that rings
// meet point by point. Valid until the next call.
func (b *block) streets() []point {
	w, e, s, n := b.outer[0], b.outer[1], b.outer[2], b.outer[3]
	ring, q := b.edge[:0], &b.quad
	corners := [5]spot{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}
	for i, from := range corners[:4] {
		to := corners[i+1]
		ring = append(ring, q.at(from.s, from.t))
		if across := [4]int{from.t, from.s, from.t, from.s}[i]; across != 0 && across != full {
			continue // along a river
		}
		first, second := bank, full-bank
		if i > 1 {
			first, second = second, first
		}
		for _, k := range [2]int{first, second} {
			p := spot{k, from.t}
			if i%2 != 0 {
				p = spot{from.s, k}
			}
			if p != from && p != to && p != corners[(i+3)%4] {
				ring = append(ring, q.at(p.s, p.t))
			}
		}
	}
	b.edge = ring
	return ring
}
