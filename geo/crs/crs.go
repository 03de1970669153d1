package crs

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// System is a coordinate reference system the program takes. Coordinates are x
// east, y north whatever axis order the code's definition gives.
type System struct {
	Code       int    // EPSG
	Name       string // as in the EPSG registry
	Geographic bool   // degrees of longitude and latitude
}

// The systems this version takes. CRS84 is WGS84 with longitude first, which is
// the order of all coordinates here.
var (
	CGCS2000 = System{Code: 4490, Name: "China Geodetic Coordinate System 2000", Geographic: true}
	WGS84    = System{Code: 4326, Name: "WGS 84", Geographic: true}
)

// String is the code as authority and number: EPSG:4490.
func (s System) String() string { return "EPSG:" + strconv.Itoa(s.Code) }

// What [Parse] and [FromPROJJSON] report, wrapped with the text they were given.
var (
	ErrUnknown  = errors.New("not a system this program knows: reproject to EPSG:4490 and declare that")
	ErrNotTaken = errors.New("not taken by this version: reproject to EPSG:4490 first")
	ErrDatum    = errors.New("another datum, tens of metres away: have the surveying authority transform it to EPSG:4490 first")
	ErrShifted  = errors.New("refused, its points are shifted by hundreds of metres, unevenly, so areas and positions " +
		"are worthless: get the data in EPSG:4490 from its source")
)

// Parse reads a system as people and files spell it: EPSG:4490, epsg:4326, 4490,
// OGC:CRS84, urn:ogc:def:crs:EPSG::4490, urn:ogc:def:crs:OGC:1.3:CRS84,
// http://www.opengis.net/def/crs/EPSG/0/4490, CGCS2000, WGS84. The error wraps
// [ErrUnknown], [ErrNotTaken], [ErrDatum] or [ErrShifted], and says what the system is.
func Parse(s string) (System, error) {
	name := plain(s)
	switch name {
	case "cgcs2000", "chinageodeticcoordinatesystem2000":
		return CGCS2000, nil
	case "wgs84", "crs84", "crs:84":
		return WGS84, nil
	}
	if what := shifted(name); what != "" {
		return System{}, fmt.Errorf("crs %s: %s: %w", quote(s), what, ErrShifted)
	}
	code, ok := number(name)
	if !ok {
		return System{}, fmt.Errorf("crs %s: %w", quote(s), ErrUnknown)
	}
	switch code {
	case CGCS2000.Code:
		return CGCS2000, nil
	case WGS84.Code:
		return WGS84, nil
	}
	what, reason := describe(code)
	if what == "" {
		return System{}, fmt.Errorf("crs %s: %w", quote(s), reason)
	}
	return System{}, fmt.Errorf("crs %s: %s: %w", quote(s), what, reason)
}

// plain lowers a spelling and takes away what carries no meaning: blanks, the
// prefixes of URN and URL, the authority.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\n', '\r', '_':
			return -1
		}
		return r
	}, strings.ToLower(s))
	for _, p := range []string{
		"urn:ogc:def:crs:", "urn:x-ogc:def:crs:",
		"http://www.opengis.net/def/crs/", "https://www.opengis.net/def/crs/",
		"http://www.opengis.net/gml/srs/epsg.xml#", "https://www.opengis.net/gml/srs/epsg.xml#",
	} {
		if rest, cut := strings.CutPrefix(s, p); cut {
			s = rest
			break
		}
	}
	for _, authority := range []string{"epsg", "ogc"} {
		rest, cut := strings.CutPrefix(s, authority)
		if !cut || rest == "" || rest[0] != ':' && rest[0] != '/' {
			continue
		}
		// After the authority comes a version, which may be empty or absent.
		sep := rest[:1]
		rest = rest[1:]
		if version, code, two := strings.Cut(rest, sep); two && strings.Trim(version, "0123456789.") == "" {
			rest = code
		}
		return rest
	}
	return s
}

func number(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// shifted names the encrypted systems of Chinese web maps.
func shifted(s string) string {
	s = strings.ReplaceAll(s, "-", "")
	switch s {
	case "gcj02", "gcj2", "mars", "amap", "autonavi", "tencent":
		return "GCJ-02"
	case "bd09", "bd09ll", "bd09mc", "bd9", "baidu":
		return "BD-09"
	}
	return ""
}

// describe says what a code that is not taken stands for, and why it is not.
func describe(code int) (what string, reason error) {
	gauss := func(width, zone int) string {
		meridian := 6*zone - 3
		if width == 3 {
			meridian = 3 * zone
		}
		return fmt.Sprintf("CGCS2000 / %d-degree Gauss-Kruger, central meridian %d°E", width, meridian)
	}
	switch {
	case code >= 4491 && code <= 4501:
		return gauss(6, code-4491+13) + ", eastings with zone number", ErrNotTaken
	case code >= 4502 && code <= 4512:
		return gauss(6, code-4502+13), ErrNotTaken
	case code >= 4513 && code <= 4533:
		return gauss(3, code-4513+25) + ", eastings with zone number", ErrNotTaken
	case code >= 4534 && code <= 4554:
		return gauss(3, code-4534+25), ErrNotTaken
	case code == 3857 || code == 900913:
		return "WGS 84 / Pseudo-Mercator", ErrNotTaken
	case code >= 32601 && code <= 32660:
		return fmt.Sprintf("WGS 84 / UTM zone %dN", code-32600), ErrNotTaken
	case code == 4214 || code >= 2401 && code <= 2442 || code >= 21413 && code <= 21463:
		return "Beijing 1954", ErrDatum
	case code == 4610 || code >= 2327 && code <= 2390:
		return "Xian 1980", ErrDatum
	}
	return "", ErrUnknown
}

// quote shows what was given, cut when it is long.
func quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return strconv.Quote(s)
}

// FromPROJJSON reads the system from a PROJJSON object, the form GeoParquet
// keeps it in: by its id (authority and code), or the first of its ids; without
// one, by the name of a geographic system. Errors are those of [Parse].
func FromPROJJSON(raw []byte) (System, error) {
	type identifier struct {
		Authority string
		Code      any
	}
	var object *struct {
		Type, Name string
		ID         *identifier
		IDs        []identifier
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return System{}, fmt.Errorf("crs: PROJJSON: %w", err)
	}
	if object == nil {
		return System{}, fmt.Errorf("crs: PROJJSON is null, the system was not recorded: %w", ErrUnknown)
	}
	if object.ID == nil && len(object.IDs) > 0 {
		object.ID = &object.IDs[0]
	}
	if id := object.ID; id != nil {
		switch code := id.Code.(type) {
		case string:
			return Parse(id.Authority + ":" + code)
		case float64:
			return Parse(id.Authority + ":" + strconv.FormatFloat(code, 'f', -1, 64))
		}
		return System{}, fmt.Errorf("crs: PROJJSON id of %s has no code: %w", quote(object.Name), ErrUnknown)
	}
	if object.Type != "GeographicCRS" {
		return System{}, fmt.Errorf("crs: PROJJSON %s has no id: %w", quote(object.Name), ErrUnknown)
	}
	return Parse(object.Name)
}

// LonLat says whether a box can be degrees of longitude and latitude: all of it
// within ±180 and ±90. An empty box or one with a NaN is not.
func LonLat(minX, minY, maxX, maxY float64) bool {
	return minX >= -180 && maxX <= 180 && minX <= maxX && minY >= -90 && maxY <= 90 && minY <= maxY
}
