package crs

import (
	"fmt"
	"math"
)

// Plausible says whether a box of coordinates can be the system's, and if not, what
// they look like and what to do: eastings with the zone number in front in a system
// without, and the reverse; the zone number of another system; metres declared as
// degrees, degrees declared as metres; northings or latitudes first. The error wraps
// [ErrRange].
//
// It judges as one who expects China. Degrees and web Mercator may lie anywhere,
// unless read another way they lie in China.
func (s System) Plausible(minX, minY, maxX, maxY float64) error {
	b := extent{minX, minY, maxX, maxY}
	if !(minX <= maxX && minY <= maxY) || math.IsInf(maxX-minX, 0) || math.IsInf(maxY-minY, 0) {
		return fmt.Errorf("crs %s: %w: x %g to %g, y %g to %g is no extent; leave empty geometries and coordinates that are not finite out",
			s, ErrRange, minX, maxX, minY, maxY)
	}
	p, err := s.plane(nil)
	if err != nil {
		return err
	}
	if p.holds(b) {
		return nil
	}
	return fmt.Errorf("crs %s: %w: x %s to %s, y %s to %s %s", s, ErrRange,
		shown(minX), shown(maxX), shown(minY), shown(maxY), p.advice(b))
}

// shown prints metres whole and degrees with the digits that tell them apart.
func shown(v float64) string {
	if math.Abs(v) < 1000 {
		return fmt.Sprintf("%.7g", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// extent is a box of coordinates, and what it can be by its numbers.
type extent struct{ minX, minY, maxX, maxY float64 }

func (b extent) within(minX, minY, maxX, maxY float64) bool {
	return b.minX >= minX && b.maxX <= maxX && b.minY >= minY && b.maxY <= maxY
}

func (b extent) swapped() extent { return extent{b.minY, b.minX, b.maxY, b.maxX} }

// degrees: longitude first or latitude first. No projected data is so near its origin.
func (b extent) degrees() bool { return b.within(-180, -180, 180, 180) }

// lonLatOfChina is China's extent with some room, in degrees.
func (b extent) lonLatOfChina() bool { return b.within(73, 3, 136, 54) }

// mercatorOfChina is the same in web Mercator.
func (b extent) mercatorOfChina() bool { return b.within(8.12e6, 0.33e6, 15.2e6, 7.2e6) }

// zones are the zone numbers in front of the least and the greatest easting.
func (b extent) zones() (from, to int) {
	return int(math.Floor(b.minX / 1e6)), int(math.Floor(b.maxX / 1e6))
}

// numberedZones: eastings of China with a zone number in front.
func (b extent) numberedZones() bool {
	from, to := b.zones()
	return from >= firstSix && to <= lastThree && b.chinaNorth()
}

// plainZone: eastings of China without zone number. Its most southern reefs apart,
// which would look like northings in the place of eastings.
func (b extent) plainZone() bool {
	return b.minX >= 0 && b.maxX < 1e6 && b.minY >= 1.5e6 && b.chinaNorth()
}

func (b extent) chinaNorth() bool { return b.minY >= 0.3e6 && b.maxY <= 6.1e6 }

// How far from the central meridian and the equator coordinates of a zone without
// number are believed, metres. A province in one zone goes some 600 km out.
const (
	farEast  = 1_000_000
	farNorth = 6_700_000 // 60°
)

// holds says whether the box is believed to be the plane's.
func (p plane) holds(b extent) bool {
	switch {
	case !p.projected():
		return LonLat(b.minX, b.minY, b.maxX, b.maxY) && !b.swapped().lonLatOfChina()
	case b.degrees():
		return false
	case p.mercator:
		return b.within(-mercatorEast-1, -mercatorNorth, mercatorEast+1, mercatorNorth) &&
			!b.swapped().mercatorOfChina() && !b.plainZone()
	case p.numbered:
		from, to := b.zones()
		return from == p.zone && to == p.zone && b.minY >= 0 && b.maxY <= farNorth
	}
	return b.within(p.falseEasting-farEast, 0, p.falseEasting+farEast, farNorth)
}

// reach says in words what holds believes.
func (p plane) reach() string {
	from, to := p.falseEasting-farEast, p.falseEasting+farEast
	switch {
	case p.mercator:
		return "the world"
	case p.numbered:
		from, to = float64(p.zone)*1e6, float64(p.zone+1)*1e6
	}
	return fmt.Sprintf("eastings %.0f to %.0f and northings 0 to %d", from, to, farNorth)
}

// advice says what a box looks like that is not the plane's, and what to do.
func (p plane) advice(b extent) string {
	if b.degrees() {
		return p.adviceOnDegrees(b)
	}
	if what := p.looksLike(b); what != "" {
		return what
	}
	// The other way round they may be the declared system's or another's.
	turned := b.swapped()
	if p.projected() && p.holds(turned) {
		return "have the northing first: swap x and y"
	}
	if what := p.looksLike(turned); what != "" {
		return "have the northing first: swap x and y; the eastings " + what
	}
	if !p.projected() {
		return "are not degrees: declare the system the data is in"
	}
	return fmt.Sprintf("are not within %s: declare the system the data is in", p.reach())
}

func (p plane) adviceOnDegrees(b extent) string {
	latitudeFirst := !LonLat(b.minX, b.minY, b.maxX, b.maxY) || b.swapped().lonLatOfChina()
	switch {
	case latitudeFirst && p.projected():
		return "are degrees with the latitude first: swap x and y and declare " + CGCS2000.String()
	case latitudeFirst:
		return "have the latitude first: swap x and y"
	}
	return "are degrees: declare " + CGCS2000.String()
}

// looksLike says which other system's metres the box has, and what to do.
func (p plane) looksLike(b extent) string {
	mercator := b.mercatorOfChina() && !p.mercator
	if from, to := b.zones(); b.numberedZones() {
		q, ok := numberedPlane(from)
		switch {
		case from != to:
			return fmt.Sprintf("carry the zone numbers %d to %d: each is a system of its own; split the data or reproject it to %s",
				from, to, CGCS2000)
		case ok && !p.same(q):
			return q.adviceOnNumber(p, mercator)
		}
	}
	switch {
	case mercator:
		return "look like web Mercator: declare " + WebMercator.String()
	case !b.plainZone():
	case p.numbered:
		q := newPlane(p.width, p.zone, false)
		return fmt.Sprintf("carry no zone number: declare %s, if their central meridian is %.0f°E", q.system(), q.meridian)
	case p.mercator || !p.projected():
		return fmt.Sprintf("look like Gauss-Kruger without zone number: declare the code of their central meridian, %s (%d°E) to %s (%d°E)",
			newPlane(3, firstThree, false).system(), 3*firstThree, newPlane(3, lastThree, false).system(), 3*lastThree)
	}
	return ""
}

// adviceOnNumber is for coordinates declared as another plane that carry p's zone
// number.
func (p plane) adviceOnNumber(declared plane, mercator bool) string {
	s := fmt.Sprintf("carry the zone number %d: declare %s", p.zone, p.system())
	if declared.width != 0 && declared.meridian != p.meridian {
		s += fmt.Sprintf(" (central meridian %.0f°E, not %.0f°E)", p.meridian, declared.meridian)
	}
	if mercator {
		s += fmt.Sprintf(", or %s if they are web Mercator", WebMercator)
	}
	return s
}

// numberedPlane is the plane of a zone number in front of eastings.
func numberedPlane(zone int) (plane, bool) {
	switch {
	case zone >= firstSix && zone <= lastSix:
		return newPlane(6, zone, true), true
	case zone >= firstThree && zone <= lastThree:
		return newPlane(3, zone, true), true
	}
	return plane{}, false
}
