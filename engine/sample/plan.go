package sample

import "strings"

// A class is what a row of lots is for.
type class byte

const (
	industry  class = 'I'
	residence class = 'R'
	public    class = 'P'
	other     class = 'O'
	nothing   class = '-'
)

// scheme is what a zone is and how its rows of lots are used; the classes repeat
// along the blocks, so that their shares hold in any zone of some size.
type scheme struct {
	level, kind, role string
	standard          string
	pattern           string // of 12 classes
	industries        int
}

// schemes repeat; a role that policies name goes to the first zone only.
var schemes = [...]scheme{
	{"national", "existing", "economic_technological", ydyh2023, "IIIIIIPRIIOI", 4},
	{"national", "existing", "high_tech", ydyh2023, "IIPIIRIIOIIP", 3},
	{"provincial", "existing", "circular_chemical", ydyh2023, "IIIIIIIRIIOP", 2},
	{"provincial", "existing", "luquan", tdt1055, "IRIPIRIOIPIR", 3},
	{"provincial", "new", "equipment", ydyh2023, "IRPIRPIRPIRP", 2},
	{"municipal", "new", "", ydyh2023, "IIIIRIIPIIIO", 1},
	{"municipal", "expansion", "zhengding_high_tech", ydyh2023, "IIPIIIPIOIIP", 5},
	{"other", "", "xuwei", ydyh2023, "IRIIPIIRIOII", 2},
}

// The two land-use standards a made-up city is mapped in.
const (
	ydyh2023 = "YDYH-2023"
	tdt1055  = "TDT1055-2019"
)

// cell is what the plan says of one cell of the lattice.
type cell struct {
	zone      int16 // -1 outside every zone
	wet       uint8 // sides along a river
	near      bool  // within some 900 m of one
	border    bool  // a neighbour lies in another zone
	use       use
	low, high class // of the southern and the northern row of lots
}

// The sides of a cell, as bits of wet.
const (
	southSide = 1 << iota
	eastSide
	northSide
	westSide
)

// use is what a whole cell is.
type use uint8

const (
	built    use = iota // a block of lots
	park                // green, no lots
	pond                // water, no lots
	bare                // nothing mapped at all
	farmland            // outside the zones
)

// plan is all that is known of a city before its parcels are drawn: some 24 bytes
// a cell of about five parcels.
type plan struct {
	lattice
	cells       []cell
	firstParcel []int32 // number of the first parcel of each cell, then the total
	firstFirm   []int32 // the same of enterprises
	zones       []zone
	empty       []point // middles of bricks without a zone
	rivers      []river
	words       words
}

func newPlan(parcels int, seed uint64, w words) *plan {
	p := &plan{words: w}
	p.seed = seed
	p.nx, p.ny = 16, 14
	for p.nx*p.ny*4 < parcels {
		p.nx += 1 + p.nx/50
		p.ny = p.nx * 9 / 10
	}
	p.cells = make([]cell, p.nx*p.ny)
	p.layRivers()
	p.layZones(max(len(schemes), parcels/5000))
	for i := range p.cells {
		p.useCell(i)
	}
	p.firstParcel = p.share(parcels, func(c *cell, h uint64) int { return c.lots(h) })
	p.firstFirm = p.share(parcels*3/10, func(c *cell, h uint64) int { return c.firms(h) })
	return p
}

func (p *plan) hashOf(i int) uint64 { return hash(p.seed, roomCell, uint64(i), 0) }

// useCell decides what a cell is from its zone, its place and chance.
func (p *plan) useCell(i int) {
	c, h := &p.cells[i], p.hashOf(i)
	row, column := i/p.nx, i%p.nx
	c.use, c.low, c.high = built, nothing, nothing
	if c.zone < 0 {
		switch k := h % 100; {
		case k < 3:
			c.low, c.high = industry, industry
		case k < 8:
			c.low, c.high = residence, residence
		case k < 75:
			c.use = farmland
		default:
			c.use = bare
		}
		p.keepOut(i)
		return
	}
	switch k := h % 100; {
	case k < 5:
		c.use = park
	case k < 7:
		c.use = pond
	case k < 10:
		c.use = bare
	default:
		pattern := p.zones[c.zone].scheme.pattern
		at := 2*column + 5*row
		c.low, c.high = class(pattern[at%12]), class(pattern[(at+1)%12])
	}
	p.keepOut(i)
}

// keepOut turns homes into public buildings, and villages into fields, beside a
// zone that is to have no residence at all.
func (p *plan) keepOut(at int) {
	c, i0, j0 := &p.cells[at], at%p.nx, at/p.nx
	for j := max(0, j0-2); j <= min(p.ny-1, j0+2); j++ {
		for i := max(0, i0-2); i <= min(p.nx-1, i0+2); i++ {
			z := p.cells[j*p.nx+i].zone
			if z < 0 || strings.ContainsRune(p.zones[z].scheme.pattern, rune(residence)) {
				continue
			}
			for _, k := range [2]*class{&c.low, &c.high} {
				if *k == residence {
					*k = public
				}
			}
			if c.zone < 0 && c.low != industry {
				c.use, c.low, c.high = farmland, nothing, nothing
			}
		}
	}
}

// lots is how many parcels a cell asks for.
func (c *cell) lots(h uint64) int {
	if c.use == farmland && h>>20%8 == 0 {
		return 1
	}
	if c.use != built {
		return 0
	}
	return rowLots(c.low, h>>24) + rowLots(c.high, h>>32)
}

func rowLots(k class, h uint64) int {
	switch k {
	case industry:
		return 1 + int(h%4)
	case residence:
		return 3 + int(h%4)
	case public:
		return 1 + int(h%3)
	case other:
		return 2 + int(h%4)
	}
	return 0
}

// firms is how many enterprises a cell asks for.
func (c *cell) firms(h uint64) int {
	n := 0
	for _, k := range [2]class{c.low, c.high} {
		switch {
		case c.use != built:
		case k == industry:
			n += 3 + int(h>>40%3)
		case k == other:
			n++
		}
	}
	return n
}

// share hands out exactly total things by the cells' wishes: cell i gets the
// numbers first[i] to first[i+1].
func (p *plan) share(total int, wish func(*cell, uint64) int) []int32 {
	sum := 0
	for i := range p.cells {
		sum += wish(&p.cells[i], p.hashOf(i))
	}
	first := make([]int32, len(p.cells)+1)
	run := 0
	for i := range p.cells {
		if sum > 0 {
			first[i] = int32(run * total / sum)
		}
		run += wish(&p.cells[i], p.hashOf(i))
	}
	first[len(p.cells)] = int32(total)
	return first
}
