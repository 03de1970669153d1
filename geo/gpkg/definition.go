package gpkg

import (
	"fmt"
	"strings"

	"github.com/muscope-gis/muscope/geo/crs"
)

// obligatory are the coordinate systems every GeoPackage lists.
func obligatory() []SRS {
	return []SRS{
		{ID: undefinedCartesian, Name: "Undefined Cartesian SRS", Organization: "NONE", Code: undefinedCartesian, Definition: "undefined"},
		{ID: undefinedGeographic, Name: "Undefined geographic SRS", Organization: "NONE", Code: undefinedGeographic, Definition: "undefined"},
		SRSOf(crs.WGS84),
	}
}

const (
	metre     = `UNIT["metre",1,AUTHORITY["EPSG","9001"]]`
	cgcsWKT   = `GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],` + degreesTo + `"4490"]]`
	wgsWKT    = `GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],` + degreesTo + `"4326"]]`
	degreesTo = `PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG",`
)

// SRSOf describes a system of the program's: CGCS2000 and WGS 84 in degrees, web
// Mercator, and the Gauss-Krüger zones.
func SRSOf(s crs.System) SRS {
	out := SRS{ID: s.Code, Name: s.Name, Organization: "EPSG", Code: s.Code}
	switch s.Code {
	case crs.CGCS2000.Code:
		out.Definition = cgcsWKT
	case crs.WGS84.Code:
		out.Definition = wgsWKT
	case crs.WebMercator.Code:
		out.Definition = projected(s, wgsWKT, "Mercator_1SP", 0, 0, `EXTENSION["PROJ4",`+
			`"+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +wktext +no_defs"],`)
	default:
		meridian, easting := zoneOf(s.Code)
		out.Definition = projected(s, cgcsWKT, "Transverse_Mercator", meridian, easting, "")
	}
	return out
}

// zoneOf gives the central meridian, in degrees, and the false easting, in metres, of
// a Gauss-Krüger code: EPSG numbers zones in four blocks, of 6 and 3 degrees, with
// the zone's number in the easting and without.
func zoneOf(code int) (meridian, easting int) {
	const plain = 500_000
	switch {
	case code < 4502:
		zone := code - 4491 + 13
		return 6*zone - 3, zone*1_000_000 + plain
	case code < 4513:
		return 6*(code-4502+13) - 3, plain
	case code < 4534:
		zone := code - 4513 + 25
		return 3 * zone, zone*1_000_000 + plain
	}
	return 3 * (code - 4534 + 25), plain
}

func projected(s crs.System, base, method string, meridian, easting int, extension string) string {
	parameters := []string{}
	if method == "Transverse_Mercator" {
		parameters = append(parameters, `PARAMETER["latitude_of_origin",0]`)
	}
	parameters = append(parameters, fmt.Sprintf(`PARAMETER["central_meridian",%d]`, meridian), `PARAMETER["scale_factor",1]`,
		fmt.Sprintf(`PARAMETER["false_easting",%d]`, easting), `PARAMETER["false_northing",0]`)
	return fmt.Sprintf(`PROJCS["%s",%s,PROJECTION["%s"],%s,%s,%sAUTHORITY["EPSG","%d"]]`,
		s.Name, base, method, strings.Join(parameters, ","), metre, extension, s.Code)
}
