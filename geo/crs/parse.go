package crs

import (
	"fmt"
	"strconv"
	"strings"
)

// Find reads a system as people and files spell it, by code or by name: EPSG:4490,
// epsg:4547, 4490, OGC:CRS84, urn:ogc:def:crs:EPSG::4490,
// urn:ogc:def:crs:OGC:1.3:CRS84, http://www.opengis.net/def/crs/EPSG/0/4490,
// CGCS2000, WGS84, CGCS2000_3_Degree_GK_CM_114E. The error wraps [ErrUnknown],
// [ErrNotTaken], [ErrDatum] or [ErrShifted], and says what the system is.
//
// The system may be projected (Geographic is false): whoever calls Find brings its
// coordinates to degrees with [System.ToLonLat] or [System.Densified].
func Find(s string) (System, error) {
	name := plain(s)
	switch name {
	case "cgcs2000", "chinageodeticcoordinatesystem2000":
		return CGCS2000, nil
	case "wgs84", "crs84", "crs:84":
		return WGS84, nil
	case "900913", "102100", "esri:102100":
		return WebMercator, nil
	}
	if what := shifted(name); what != "" {
		return System{}, fmt.Errorf("crs %s: %s: %w", quote(s), what, ErrShifted)
	}
	if system, ok := named(s); ok {
		return system, nil
	}
	code, ok := number(name)
	if !ok {
		return System{}, fmt.Errorf("crs %s: %w", quote(s), ErrUnknown)
	}
	if system, ok := byCode(code); ok {
		return system, nil
	}
	what, reason := describe(code)
	if what == "" {
		return System{}, fmt.Errorf("crs %s: %w", quote(s), reason)
	}
	return System{}, fmt.Errorf("crs %s: %s: %w", quote(s), what, reason)
}

// Parse is [Find] for callers that take degrees only: projected systems give
// [ErrNotTaken].
func Parse(s string) (System, error) {
	system, err := Find(s)
	return degreesOnly(s, system, err)
}

// degreesOnly refuses the projected systems among those found.
func degreesOnly(given string, system System, err error) (System, error) {
	if err != nil || system.Geographic {
		return system, err
	}
	p, _ := planeOf(system.Code)
	return System{}, fmt.Errorf("crs %s: %s: %w", quote(given), p, ErrNotTaken)
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

// bare takes signs and blanks from a name and lowers it, with the spellings of
// Gauss-Krüger made one, so that the names of EPSG, ESRI and WKT compare.
func bare(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r == 'ü':
			return 'u'
		case r < 0x80:
			return -1
		}
		return r // other scripts carry meaning
	}, strings.ToLower(name))
	return strings.ReplaceAll(name, "gausskruger", "gk")
}

// namesOf maps the bare names of the registry and of ESRI to systems. It is read by
// key only.
var namesOf = listNames()

func listNames() map[string]System {
	names := map[string]System{
		"cgcs2000":                             CGCS2000,
		"gcschinageodeticcoordinatesystem2000": CGCS2000,
		"wgs84":                                WGS84,
		"gcswgs1984":                           WGS84,
		"wgs1984webmercatorauxiliarysphere":    WebMercator,
	}
	for _, s := range systems {
		names[bare(s.Name)] = s
	}
	return names
}

// named finds a system by a name that the registry or ESRI gives it.
func named(name string) (System, bool) {
	if len(name) > 100 {
		return System{}, false
	}
	s, ok := namesOf[bare(name)]
	return s, ok
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
	in := func(from, to int) bool { return code >= from && code <= to }
	switch {
	case in(32601, 32660):
		return fmt.Sprintf("WGS 84 / UTM zone %dN", code-32600), ErrNotTaken
	case code == 4214, in(2401, 2442), in(21413, 21463), in(21473, 21483):
		return "Beijing 1954", ErrDatum
	case code == 4555, in(4568, 4589), in(4652, 4656), in(4766, 4800), code == 4812, code == 4822:
		return "New Beijing", ErrDatum
	case code == 4610, in(2327, 2390):
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

// LonLat says whether a box can be degrees of longitude and latitude: all of it
// within ±180 and ±90. An empty box or one with a NaN is not.
func LonLat(minX, minY, maxX, maxY float64) bool {
	return minX >= -180 && maxX <= 180 && minX <= maxX && minY >= -90 && maxY <= 90 && minY <= maxY
}
