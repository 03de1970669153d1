package overlay

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Share is the ground, in m² on the ellipsoid, that a polygon has in a zone.
type Share struct {
	Zone int32
	Area float64
}

// Noise is the area in m² up to which a piece is taken for rounding.
const Noise = 1e-6

// wholeNoise is how far, relative to it, a polygon's area in its only zone may
// miss the whole by rounding.
const wholeNoise = 1e-10

// Clip is the scratch of one goroutine's questions; its zero value is ready.
type Clip struct {
	spread spread
	area   []float64 // by zone, 0 between questions
	met    []int32   // the zones whose area is not 0
	near   []side
	trace  tracer
	shares []Share
}

// Shares appends, zones ascending, the area of g in each zone where it is above
// [Noise]. whole is g's own area in m²: when g lies wholly in one zone the
// share is exactly that. g must be a valid polygon or multipolygon in degrees;
// anything else has no share.
func (p *Partition) Shares(g *wkb.Geometry, whole float64, s *Clip, dst []Share) []Share {
	if len(p.cells) == 0 || g == nil || !g.Type.Areal() {
		return dst
	}
	box := g.Bounds()
	w, ok := p.l.window(box)
	if !ok {
		return dst
	}
	switch zone := p.uniform(box, w); {
	case zone >= 0:
		return append(dst, Share{zone, whole})
	case zone == outside:
		return dst
	}
	s.spread.run(&p.l, g, w)
	p.sum(s)
	slices.Sort(s.met)
	from := len(dst)
	for _, zone := range s.met {
		if area := s.area[zone]; area > Noise {
			dst = append(dst, Share{zone, area})
		}
		s.area[zone] = 0
	}
	if own := dst[from:]; len(own) == 1 && math.Abs(own[0].Area-whole) <= Noise+wholeNoise*whole {
		own[0].Area = whole
	}
	return dst
}

// sum adds up what the spread polygon has of each zone, cell by cell.
func (p *Partition) sum(s *Clip) {
	if n := len(p.zones); len(s.area) < n {
		s.area = make([]float64, n)
	}
	s.met = s.met[:0]
	sp, k := &s.spread, 0
	for r := sp.r0; r < sp.r1; r++ {
		b, full := &p.l.bands[r], p.l.cell[r]
		for c := sp.c0; c < sp.c1; c, k = c+1, k+1 {
			code := p.cells[r*p.l.cols+c]
			if sp.state[k] == absent || code == outside {
				continue
			}
			own := full
			if sp.state[k] != whole {
				own = b.ground(sp.in(k))
			}
			if code >= 0 {
				s.add(code, own)
				continue
			}
			if sp.state[k] == whole {
				for _, z := range p.stretches(code) {
					s.add(z.zone, z.area)
				}
				continue
			}
			p.sumMixed(s, b, sp.in(k), own, code)
		}
	}
}

// sumMixed adds what a polygon, given by its sides in a mixed cell and their
// ground, has of the cell's zones.
func (p *Partition) sumMixed(s *Clip, b *band, sides []side, own float64, code int32) {
	box := extent(sides)
	for _, z := range p.stretches(code) {
		if z.from == z.to {
			s.add(z.zone, own)
			continue
		}
		near, above := nearSides(s.near[:0], p.sides[z.from:z.to], box)
		s.near = near
		s.add(z.zone, above*own+b.commonArea(sides, near))
	}
}

func (s *Clip) add(zone int32, area float64) {
	if area != 0 {
		if s.area[zone] == 0 {
			s.met = append(s.met, zone)
		}
		s.area[zone] += area
	}
}

// uniform says where a box lies when no zone's outline enters it: the zone or
// outside; else mixed.
func (p *Partition) uniform(box wkb.Box, w window) int32 {
	first := int32(mixed)
	if !p.l.box.Contains(box) {
		first = outside
	}
	minX, maxX := box.MinX-p.l.box.MinX, box.MaxX-p.l.box.MinX
	for r := w.r0; r < w.r1; r++ {
		low := p.l.box.MinY + p.l.mid(r)
		minY, maxY := box.MinY-low, box.MaxY-low
		for c := w.c0; c < w.c1; c++ {
			code := p.cells[r*p.l.cols+c]
			if code <= mixed {
				code = p.within(code, max(minX, p.l.xs[c]), max(minY, p.l.ys[r]-p.l.mid(r)),
					min(maxX, p.l.xs[c+1]), min(maxY, p.l.ys[r+1]-p.l.mid(r)))
			}
			if code <= mixed || first != mixed && code != first {
				return mixed
			}
			first = code
		}
	}
	return first
}

// within is uniform for a box inside one mixed cell.
func (p *Partition) within(code int32, minX, minY, maxX, maxY float64) int32 {
	found := int32(outside)
	for _, z := range p.stretches(code) {
		if z.from < z.to {
			covered := cover(p.sides[z.from:z.to], minX, minY, maxX, maxY)
			if covered <= coverNoise {
				continue
			}
			if !(covered >= 1-coverNoise) {
				return mixed
			}
		}
		if found != outside {
			return mixed
		}
		found = z.zone
	}
	return found
}

// coverNoise is the part of a box's width that rounding may add or take.
const coverNoise = 1e-10

// cover is the part of the box's width over which the polygon holds the box, or
// NaN when a side enters the box. Between 0 and 1 a vertical edge does.
func cover(sides []side, minX, minY, maxX, maxY float64) float64 {
	sum := 0.0
	for i := range sides {
		a := &sides[i]
		from, to := max(a.x1, minX), min(a.x2, maxX)
		if from >= to {
			continue
		}
		y1, y2 := a.at(from), a.at(to)
		if max(y1, y2) <= minY {
			continue
		}
		if min(y1, y2) < maxY {
			return math.NaN()
		}
		sum += a.sign * (to - from)
	}
	return sum / (maxX - minX)
}
