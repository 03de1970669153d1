package sample

import "strconv"

// zone is a development zone (开发区) with its borders.
type zone struct {
	code, name, county string
	scheme             *scheme
	shell              []point
	hole               []point // or empty
	part               []point // a second part, or empty
	centre             point
	radius             int64
	area               int64 // 1e-2 m²
	rings              [][]point
}

// layZones cuts n zones out of a honeycomb with a quarter of its bricks left
// empty, and marks the cells that lie in them.
func (p *plan) layZones(n int) {
	bricks := newComb(p.lattice, (n*4+2)/3)
	total := bricks.columns * bricks.rows
	order := make([]int, total)
	d := newDice(p.seed, roomZone, 0)
	for i := range order {
		order[i] = i
	}
	for i := total - 1; i > 0; i-- {
		k := d.below(i + 1)
		order[i], order[k] = order[k], order[i]
	}
	of := make([]int, total) // zone of a brick, or -1
	for i, b := range order {
		of[b] = i
		if i >= n {
			of[b] = -1
			p.empty = append(p.empty, bricks.centre(b/bricks.columns, b%bricks.columns))
		}
	}
	p.zones = make([]zone, n)
	for b, z := range of {
		if z >= 0 {
			r, col := b/bricks.columns, b%bricks.columns
			p.zones[z] = p.zone(z, bricks, bricks.brick(r, col), bricks.centre(r, col))
		}
	}
	p.markZones(bricks, of)
}

func (p *plan) zone(i int, bricks comb, shell []point, centre point) zone {
	h := hash(p.seed, roomZone, uint64(i), 1)
	s := schemes[i%len(schemes)]
	if i >= len(schemes) {
		s.role = ""
	}
	z := zone{scheme: &s, shell: shell, centre: centre, radius: min(bricks.width, bricks.height) / 2}
	if i%20 == 0 {
		z.hole = blob(centre, z.radius/4, h)
	}
	if i%20 == 2 && i/20 < len(p.empty) {
		z.part = blob(p.empty[i/20], z.radius/3, h)
	}
	z.rings = [][]point{shell}
	twice := twiceArea(shell)
	for k, ring := range [2][]point{z.hole, z.part} {
		if len(ring) > 0 {
			z.rings = append(z.rings, ring)
			twice += twiceArea(ring) * int64(2*k-1)
		}
	}
	z.area = groundArea(twice, centre.y)
	letter := map[string]string{"national": "G", "provincial": "S"}[s.level]
	if letter == "" {
		letter = "Q"
	}
	z.code = letter + "9999" + pad(i+1, 4)
	place := p.words["zone_place"]
	z.name = p.words.pick("city", 0) + place[i%len(place)]
	if i >= len(place) {
		z.name += strconv.Itoa(i/len(place) + 1)
	}
	z.name += p.words.pick("zone_suffix", i)
	z.county = p.words.pick("county", i)
	return z
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}

// markZones notes each cell's zone by its middle.
func (p *plan) markZones(bricks comb, of []int) {
	for at := range p.cells {
		q := p.quad(at%p.nx, at/p.nx)
		p.cells[at].zone = int16(p.zoneAt(bricks, of, q.at(full/2, full/2)))
	}
	for i := range p.zones {
		if part := p.zones[i].part; len(part) > 0 {
			p.markPart(i, part)
		}
	}
	for at := range p.cells {
		c := &p.cells[at]
		for _, n := range [4]int{at - 1, at + 1, at - p.nx, at + p.nx} {
			if n >= 0 && n < len(p.cells) && p.cells[n].zone != c.zone {
				c.border = true
			}
		}
		for _, n := range [4]int{at - 1 - p.nx, at + 1 - p.nx, at - 1 + p.nx, at + 1 + p.nx} {
			if n >= 0 && n < len(p.cells) && p.cells[n].zone != c.zone {
				c.border = true
			}
		}
	}
}

// zoneAt looks through the bricks about a place.
func (p *plan) zoneAt(bricks comb, of []int, at point) int {
	r0 := int((at.y - bricks.origin.y) / bricks.height)
	c0 := int((at.x - bricks.origin.x) / bricks.width)
	for r := max(0, r0-1); r <= min(bricks.rows-1, r0+1); r++ {
		for col := max(0, c0-1); col <= min(bricks.columns-1, c0+1); col++ {
			z := of[r*bricks.columns+col]
			if z >= 0 && inside(at, p.zones[z].rings) {
				return z
			}
		}
	}
	return -1
}

func (p *plan) markPart(z int, part []point) {
	c, r := middle(part), p.zones[z].radius
	i0, j0 := int((c.x-west-r)/cellWidth), int((c.y-south-r)/cellHeight)
	i1, j1 := int((c.x-west+r)/cellWidth), int((c.y-south+r)/cellHeight)
	for j := max(0, j0); j <= min(p.ny-1, j1); j++ {
		for i := max(0, i0); i <= min(p.nx-1, i1); i++ {
			q := p.quad(i, j)
			if inside(q.at(full/2, full/2), [][]point{part}) {
				p.cells[j*p.nx+i].zone = int16(z)
			}
		}
	}
}

// zoneOf is the zone of a place in a cell: the cell's own away from borders,
// else the one among the cells about whose borders hold the place.
func (p *plan) zoneOf(at int, c point) int16 {
	own := p.cells[at].zone
	if !p.cells[at].border {
		return own
	}
	if own >= 0 && inside(c, p.zones[own].rings) {
		return own
	}
	i0, j0 := at%p.nx, at/p.nx
	for j := max(0, j0-1); j <= min(p.ny-1, j0+1); j++ {
		for i := max(0, i0-1); i <= min(p.nx-1, i0+1); i++ {
			if z := p.cells[j*p.nx+i].zone; z >= 0 && z != own && inside(c, p.zones[z].rings) {
				return z
			}
		}
	}
	return -1
}
