package crs

import (
	"errors"
	"fmt"
	"strconv"
)

// System is a coordinate reference system the program takes. Coordinates are x
// east, y north whatever axis order the code's definition gives: degrees when it is
// geographic, metres otherwise. Systems compare with ==.
type System struct {
	Code       int    // EPSG
	Name       string // as in the EPSG registry
	Geographic bool   // degrees of longitude and latitude
}

// The systems that are not a Gauss-Krüger zone. CRS84 is WGS84 with longitude first,
// which is the order of all coordinates here. WebMercator holds WGS84's degrees
// projected as if the Earth were a sphere.
var (
	CGCS2000    = System{Code: 4490, Name: "China Geodetic Coordinate System 2000", Geographic: true}
	WGS84       = System{Code: 4326, Name: "WGS 84", Geographic: true}
	WebMercator = System{Code: 3857, Name: "WGS 84 / Pseudo-Mercator"}
)

// What finding a system reports, wrapped with the text that was given.
var (
	ErrUnknown  = errors.New("not a system this program knows: reproject to EPSG:4490 and declare that")
	ErrNotTaken = errors.New("not taken by this version: reproject to EPSG:4490 first")
	ErrDatum    = errors.New("another datum, tens of metres away: have the surveying authority transform it to EPSG:4490 first")
	ErrShifted  = errors.New("refused, its points are shifted by hundreds of metres, unevenly, so areas and positions " +
		"are worthless: get the data in EPSG:4490 from its source")
)

// String is the code as authority and number: EPSG:4490.
func (s System) String() string { return "EPSG:" + strconv.Itoa(s.Code) }

// The registry's blocks of Gauss-Krüger codes, each from its first zone on.
const (
	sixNumbered   = 4491 // zones 13 to 23, numbered
	sixPlain      = 4502
	threeNumbered = 4513 // zones 25 to 45, numbered
	threePlain    = 4534

	firstSix, lastSix     = 13, 23
	firstThree, lastThree = 25, 45
)

// plane is how a projected system lies on the Earth.
type plane struct {
	mercator     bool    // web Mercator; all else is then zero
	width        int     // of a zone: 3 or 6 degrees
	zone         int     // 13 to 23 or 25 to 45
	numbered     bool    // eastings carry the zone number in front
	meridian     float64 // degrees
	falseEasting float64 // metres
}

// planeOf is the plane of a code, false for codes of none that is taken.
func planeOf(code int) (plane, bool) {
	switch {
	case code == WebMercator.Code:
		return plane{mercator: true}, true
	case code >= sixNumbered && code < sixPlain:
		return newPlane(6, code-sixNumbered+firstSix, true), true
	case code >= sixPlain && code < threeNumbered:
		return newPlane(6, code-sixPlain+firstSix, false), true
	case code >= threeNumbered && code < threePlain:
		return newPlane(3, code-threeNumbered+firstThree, true), true
	case code >= threePlain && code <= threePlain+lastThree-firstThree:
		return newPlane(3, code-threePlain+firstThree, false), true
	}
	return plane{}, false
}

func newPlane(width, zone int, numbered bool) plane {
	p := plane{width: width, zone: zone, numbered: numbered, falseEasting: 500_000}
	if numbered {
		p.falseEasting += float64(zone) * 1e6
	}
	p.meridian = float64(3 * zone)
	if width == 6 {
		p.meridian = float64(6*zone - 3)
	}
	return p
}

// projected is false of the zero plane, which stands for degrees.
func (p plane) projected() bool { return p.mercator || p.width != 0 }

// code is the plane's EPSG code.
func (p plane) code() int {
	switch {
	case p.mercator:
		return WebMercator.Code
	case p.width == 6 && p.numbered:
		return sixNumbered + p.zone - firstSix
	case p.width == 6:
		return sixPlain + p.zone - firstSix
	case p.numbered:
		return threeNumbered + p.zone - firstThree
	}
	return threePlain + p.zone - firstThree
}

// system is the plane with its name in the EPSG registry.
func (p plane) system() System {
	if p.mercator {
		return WebMercator
	}
	name := "CGCS2000 / "
	if p.width == 3 {
		name += "3-degree "
	}
	name += "Gauss-Kruger "
	if p.numbered {
		name += fmt.Sprintf("zone %d", p.zone)
	} else {
		name += fmt.Sprintf("CM %.0fE", p.meridian)
	}
	return System{Code: p.code(), Name: name}
}

// String says in words what the plane is.
func (p plane) String() string {
	if p.mercator {
		return WebMercator.Name
	}
	s := fmt.Sprintf("CGCS2000 / %d-degree Gauss-Kruger, central meridian %.0f°E", p.width, p.meridian)
	if p.numbered {
		s += ", eastings with zone number"
	}
	return s
}

// same says whether both planes give a point the same coordinates: zones of 3 and
// of 6 degrees without number do, on a meridian they share.
func (p plane) same(o plane) bool {
	return p.mercator == o.mercator && p.meridian == o.meridian && p.falseEasting == o.falseEasting
}

// systems lists all that are taken, in the order of preference where two of them
// mean the same coordinates: 3-degree zones before 6-degree ones.
var systems = listSystems()

func listSystems() []System {
	list := []System{CGCS2000, WGS84, WebMercator}
	for _, numbered := range []bool{true, false} {
		for zone := firstThree; zone <= lastThree; zone++ {
			list = append(list, newPlane(3, zone, numbered).system())
		}
	}
	for _, numbered := range []bool{true, false} {
		for zone := firstSix; zone <= lastSix; zone++ {
			list = append(list, newPlane(6, zone, numbered).system())
		}
	}
	return list
}

// byCode finds a system that is taken.
func byCode(code int) (System, bool) {
	switch code {
	case CGCS2000.Code:
		return CGCS2000, true
	case WGS84.Code:
		return WGS84, true
	}
	p, ok := planeOf(code)
	if !ok {
		return System{}, false
	}
	return p.system(), true
}
