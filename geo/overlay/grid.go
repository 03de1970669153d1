package overlay

import (
	"cmp"
	"slices"
	"sync"

	"github.com/peterstace/simplefeatures/geom"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Partition is disjoint zones prepared for millions of questions: a lattice
// whose cells lie outside all zones, wholly inside one, or are mixed and hold
// the zones' outlines cut to the cell. It is immutable and safe for concurrent
// use, and keeps the zones' geometries: they must not change.
type Partition struct {
	zones []*wkb.Geometry
	noded []nodedZone
	l     lattice
	cells []int32 // outside, a zone, or mixed−(index into mixed)
	mixed []int32 // where each mixed cell's stretches begin; one more at the end
	runs  []stretch
	sides []side
}

// What a cell is, when it is not a zone's number.
const (
	outside = -1
	mixed   = -2 // and below
)

// stretch is one zone's part of a mixed cell.
type stretch struct {
	cell     int32
	zone     int32
	from, to int32   // in sides; equal when the zone covers the cell
	area     float64 // m²
}

// nodedZone is what pieces need of a zone, each made when first asked for.
type nodedZone struct {
	once   sync.Once
	geom   geom.Geometry
	err    error
	walked sync.Once
	walls  walls
}

// A polygon that covers less than cellNoise of a cell is not in it, one that
// leaves less than that free covers it: the rounding of the cut is below.
const cellNoise = 1e-12

// NewPartition prepares zones, which must be valid and disjoint (see [Disjoint]).
// Zones are known by their index. Nil entries and what is not a polygon hold no
// ground. Ground of two zones counts for both.
func NewPartition(zones []*wkb.Geometry) *Partition {
	p := &Partition{zones: zones, noded: make([]nodedZone, len(zones))}
	box, points := wkb.EmptyBox(), 0
	for _, z := range zones {
		if b, ok := bounds(z); ok {
			box = box.Extend(b)
			points += len(z.XY) / 2
		}
	}
	if box.Empty() {
		return p
	}
	p.l = newLattice(box, min(max(4*points, leastCells), mostCells))
	p.cells = make([]int32, p.l.cols*p.l.rows)
	for i := range p.cells {
		p.cells[i] = outside
	}
	p.sides = make([]side, 0, 2*points)
	var s spread
	for i, z := range zones {
		if b, ok := bounds(z); ok {
			p.add(&s, int32(i), z, b)
		}
	}
	p.index()
	return p
}

// Measured: finer costs more in cache misses than it saves in cuts.
const (
	leastCells = 64 * 64
	mostCells  = 256 * 256
)

// farthest is well beyond any coordinate in degrees; what lies beyond is not
// overlaid, so that garbage cannot overflow.
const farthest = 1e4

// bounds is the box of a polygon that can be overlaid at all.
func bounds(g *wkb.Geometry) (b wkb.Box, ok bool) {
	if g == nil || !g.Type.Areal() || !g.Finite() {
		return wkb.EmptyBox(), false
	}
	b = g.Bounds()
	if b.Empty() || max(-b.MinX, b.MaxX, -b.MinY, b.MaxY) > farthest {
		return wkb.EmptyBox(), false
	}
	return b, true
}

// add enters one zone.
func (p *Partition) add(s *spread, zone int32, z *wkb.Geometry, box wkb.Box) {
	w, ok := p.l.window(box)
	if !ok {
		return
	}
	s.run(&p.l, z, w)
	k := 0
	for r := w.r0; r < w.r1; r++ {
		full := p.l.cell[r]
		for c := w.c0; c < w.c1; c, k = c+1, k+1 {
			cell, state, area := int32(r*p.l.cols+c), s.state[k], full
			if state == absent {
				continue
			}
			if state == present {
				if area = p.l.bands[r].ground(s.in(k)); area <= cellNoise*full {
					continue
				}
			}
			if state == whole || area >= full-cellNoise*full {
				if p.cells[cell] == outside {
					p.cells[cell] = zone
				} else {
					p.runs = append(p.runs, stretch{cell: cell, zone: zone, area: full})
				}
				continue
			}
			from := int32(len(p.sides))
			p.sides = append(p.sides, s.in(k)...)
			p.runs = append(p.runs, stretch{cell, zone, from, int32(len(p.sides)), area})
		}
	}
}

// index orders the stretches by cell and points the mixed cells at them.
func (p *Partition) index() {
	for i := range p.runs {
		cell := p.runs[i].cell
		if zone := p.cells[cell]; zone >= 0 { // another zone covers it
			p.runs = append(p.runs, stretch{cell: cell, zone: zone, area: p.l.cell[int(cell)/p.l.cols]})
		}
		p.cells[cell] = mixed
	}
	slices.SortFunc(p.runs, func(a, b stretch) int {
		return cmp.Or(cmp.Compare(a.cell, b.cell), cmp.Compare(a.zone, b.zone))
	})
	for i := range p.runs {
		if i == 0 || p.runs[i].cell != p.runs[i-1].cell {
			p.cells[p.runs[i].cell] = mixed - int32(len(p.mixed))
			p.mixed = append(p.mixed, int32(i))
		}
	}
	p.mixed = append(p.mixed, int32(len(p.runs)))
}

// stretches are the zones of a mixed cell.
func (p *Partition) stretches(code int32) []stretch {
	m := mixed - code
	return p.runs[p.mixed[m]:p.mixed[m+1]]
}
