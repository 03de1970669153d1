package sample

// node is a crossing of the lattice.
type node struct{ i, j int }

// river is a way along the lattice's lines, each step one cell.
type river struct {
	way   []node
	joins bool // the last node lies on another river
}

// layRivers draws the three rivers: one from west to east, one that joins it from
// the north and one from the south; cells along them keep off their banks.
func (p *plan) layRivers() {
	d := newDice(p.seed, roomRiver, 0)
	main := river{way: p.eastward(d)}
	p.rivers = []river{main, p.joining(d, main.way, p.nx/3, 1), p.joining(d, main.way, p.nx*2/3, -1)}
	for _, r := range p.rivers {
		p.wetBanks(r.way)
	}
	p.markNear(3)
}

func (p *plan) eastward(d *dice) []node {
	at := node{0, p.ny / 2}
	way := []node{at}
	for at.i < p.nx {
		at.i++
		way = append(way, at)
		if at.i%3 != 0 || at.i >= p.nx-1 || !d.perMille(500) {
			continue
		}
		step := 2*d.below(2) - 1
		if j := at.j + step; j > p.ny*4/10 && j < p.ny*6/10 {
			at.j = j
			way = append(way, at)
		}
	}
	return way
}

// joining walks away from the main river to the lattice's edge and turns the way
// round, so that it flows down; it leaves where the main one runs straight.
func (p *plan) joining(d *dice, main []node, from, up int) river {
	at := main[0]
	for k := 1; k+1 < len(main); k++ {
		at = main[k]
		if at.i >= from && main[k-1].j == at.j && main[k+1].j == at.j {
			break
		}
	}
	way := []node{at}
	for step := 1; at.j > 0 && at.j < p.ny; step++ {
		at.j += up
		way = append(way, at)
		side := node{at.i + 2*d.below(2) - 1, at.j}
		if step%3 == 0 && at.j > 1 && at.j < p.ny-1 && abs(side.i-from) < max(2, p.nx/8) && d.perMille(600) {
			at = side
			way = append(way, at)
		}
	}
	for a, b := 0, len(way)-1; a < b; a, b = a+1, b-1 {
		way[a], way[b] = way[b], way[a]
	}
	return river{way: way, joins: true}
}

func abs(n int) int { return max(n, -n) }

func (p *plan) wetSide(i, j int, side uint8) {
	if i >= 0 && j >= 0 && i < p.nx && j < p.ny {
		p.cells[j*p.nx+i].wet |= side
	}
}

// wetBanks marks the sides along the way, and at a bend the cell outside it too.
func (p *plan) wetBanks(way []node) {
	for k := 0; k+1 < len(way); k++ {
		a, b := way[k], way[k+1]
		i, j := min(a.i, b.i), min(a.j, b.j)
		if a.j == b.j {
			p.wetSide(i, j, southSide)
			p.wetSide(i, j-1, northSide)
		} else {
			p.wetSide(i, j, westSide)
			p.wetSide(i-1, j, eastSide)
		}
	}
	for k := 1; k+1 < len(way); k++ {
		n, a, b := way[k], way[k-1], way[k+1]
		out := node{2*n.i - a.i - b.i, 2*n.j - a.j - b.j} // away from both
		switch {
		case out.i == 0 || out.j == 0: // straight
		case out.i > 0:
			p.wetSide(n.i, n.j+min(out.j-1, 0)/2, westSide)
		default:
			p.wetSide(n.i-1, n.j+min(out.j-1, 0)/2, eastSide)
		}
	}
}

// markNear marks the cells up to n cells from a wet one.
func (p *plan) markNear(n int) {
	for at := range p.cells {
		if p.cells[at].wet == 0 {
			continue
		}
		i0, j0 := at%p.nx, at/p.nx
		for j := max(0, j0-n); j <= min(p.ny-1, j0+n); j++ {
			for i := max(0, i0-n); i <= min(p.nx-1, i0+n); i++ {
				p.cells[j*p.nx+i].near = true
			}
		}
	}
}

// line is the middle of a stretch of the river's way.
func (r river) line(l lattice, from, to int) []point {
	var line []point
	for _, n := range r.way[from:to] {
		line = append(line, l.node(n.i, n.j))
	}
	return line
}

// water is the ring between the river's banks, counter-clockwise.
func (r river) water(l lattice) []point {
	left := r.bank(l, 1)
	ring := r.bank(l, -1)
	if r.joins { // the other river's bank bends where the streets meet
		last := len(r.way) - 1
		n, before := r.way[last], r.way[last-1]
		ring = append(ring, l.ground(n.i*full-(n.i-before.i)*bank, n.j*full-(n.j-before.j)*bank))
	}
	return append(ring, reversed(left)...)
}

// bank is the left (side 1) or right (side -1) bank from source to mouth. Corners
// inside a bend get one point, outside it three, so that no edge leaves a cell.
func (r river) bank(l lattice, side int) []point {
	var line []point
	last := len(r.way) - 1
	for k, n := range r.way {
		u, v := n.i*full, n.j*full
		var in, out node
		if k > 0 {
			in = node{n.i - r.way[k-1].i, n.j - r.way[k-1].j}
		} else {
			in = node{r.way[1].i - n.i, r.way[1].j - n.j}
		}
		out = in
		if k < last {
			out = node{r.way[k+1].i - n.i, r.way[k+1].j - n.j}
		}
		if k == last && r.joins { // stop at the other river's bank
			u, v = u-in.i*bank, v-in.j*bank
		}
		a := node{-in.j * side * bank, in.i * side * bank}
		b := node{-out.j * side * bank, out.i * side * bank}
		turn := (in.i*out.j - in.j*out.i) * side // > 0: towards this bank
		switch {
		case in == out:
			line = append(line, l.ground(u+a.i, v+a.j))
		case turn > 0:
			line = append(line, l.ground(u+a.i+b.i, v+a.j+b.j))
		default:
			line = append(line, l.ground(u+a.i, v+a.j), l.ground(u+a.i+b.i, v+a.j+b.j), l.ground(u+b.i, v+b.j))
		}
	}
	return line
}
