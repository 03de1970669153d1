package crs

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	esriBase = `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],` +
		`PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	esriWGS = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],` +
		`PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	esriMercator = `PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",` + esriWGS + `,PROJECTION["Mercator_Auxiliary_Sphere"],` +
		`PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0],` +
		`PARAMETER["Standard_Parallel_1",0.0],PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0]]`
	wkt2Base = `DATUM["China 2000",ELLIPSOID["CGCS2000",6378137,298.257222101,LENGTHUNIT["metre",1]]],` +
		`PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]`
	wkt2Zone = `PROJCRS["CGCS2000 / 3-degree Gauss-Kruger CM 114E",
  BASEGEOGCRS["China Geodetic Coordinate System 2000",` + wkt2Base + `,ID["EPSG",4490]],
  CONVERSION["3-degree Gauss-Kruger CM 114E",
    METHOD["Transverse Mercator",ID["EPSG",9807]],
    PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8801]],
    PARAMETER["Longitude of natural origin",114,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],
    PARAMETER["Scale factor at natural origin",1,SCALEUNIT["unity",1],ID["EPSG",8805]],
    PARAMETER["False easting",500000,LENGTHUNIT["metre",1],ID["EPSG",8806]],
    PARAMETER["False northing",0,LENGTHUNIT["metre",1],ID["EPSG",8807]]],
  CS[Cartesian,2],
    AXIS["northing (X)",north,ORDER[1],LENGTHUNIT["metre",1]],
    AXIS["easting (Y)",east,ORDER[2],LENGTHUNIT["metre",1]],
  USAGE[SCOPE["Cadastre."],AREA["China - between 112°30'E and 115°30'E."],BBOX[22.0,112.5,45.1,115.5]],
  ID["EPSG",4547]]`
)

// esri is a .prj of a Gauss-Kruger zone.
func esri(name string, meridian, easting any) string {
	return fmt.Sprintf(`PROJCS["%s",%s,PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",%v],PARAMETER["False_Northing",0.0],`+
		`PARAMETER["Central_Meridian",%v],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`,
		name, esriBase, easting, meridian)
}

func TestWKTIsRecognisedByItsParameters(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{esriBase, 4490},
		{esriWGS, 4326},
		{esriMercator, 3857},
		{esri("CGCS2000_3_Degree_GK_CM_114E", "114.0", "500000.0"), 4547},
		{esri("CGCS2000_3_Degree_GK_Zone_38", "114.0", "38500000.0"), 4526},
		{esri("CGCS2000_GK_Zone_19", "111.0", "19500000.0"), 4497},
		{esri("CGCS2000_GK_CM_111E", "111.0", "500000.0"), 4508},
		{esri("CGCS2000_3_Degree_GK_CM_111E", "111.0", "500000.0"), 4546},
		{esri("my city", 111, 5e5), 4546}, // 3 degrees where both mean the same
		{esri("my city", 135, 45.5e6), 4533},
		{esri("国家2000三度带", 75, 25500000), 4513},
		{"\ufeff " + esri("x", 114, 500000) + " \r\n\x00", 4547},
		{strings.NewReplacer("[", "(", "]", ")").Replace(esri("x", 114, 500000)), 4547},
		{strings.ToLower(esri("x", 114, 500000)), 4547},
		{esri("x", 114, 500000) + `,VERTCS["Yellow_Sea_1985",VDATUM["Yellow_Sea_1985"],PARAMETER["Vertical_Shift",0.0],UNIT["Meter",1.0]]`, 4547},
		{`COMPD_CS["both",` + esri("x", 114, 500000) + `,VERT_CS["h",VERT_DATUM["d",2005],UNIT["metre",1]]]`, 4547},
		{strings.Replace(esri("x", 114, 500000), "D_China_2000", "Unknown based on GRS 1980 ellipsoid", 1), 4547},
		{strings.Replace(esri("x", 114, 500000), `"D_China_2000",`, `"China_2000",TOWGS84[0,0,0,0,0,0,0],`, 1), 4547},
		{wkt2Zone, 4547},
		{`GEOGCRS["China Geodetic Coordinate System 2000",` + wkt2Base + `,CS[ellipsoidal,2],` +
			`AXIS["geodetic latitude (Lat)",north,ANGLEUNIT["degree",0.0174532925199433]],` +
			`AXIS["geodetic longitude (Lon)",east,ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4490]]`, 4490},
		{`GEOGCRS["WGS 84",ENSEMBLE["World Geodetic System 1984 ensemble",MEMBER["World Geodetic System 1984 (G2139)"],` +
			`ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]],ENSEMBLEACCURACY[2.0]],CS[ellipsoidal,2],` +
			`AXIS["lon",east],AXIS["lat",north],ANGLEUNIT["degree",0.0174532925199433],ID["OGC","CRS84"]]`, 4326},
		{`BOUNDCRS[SOURCECRS[` + wkt2Zone + `],TARGETCRS[` + esriWGS + `],ABRIDGEDTRANSFORMATION["none",METHOD["x"],` +
			`PARAMETER["X-axis translation",0],PARAMETER["Scale difference",1]]]`, 4547},
	} {
		got, err := FromWKT(c.text)
		if err != nil || got.Code != c.want {
			t.Errorf("%v, %v; want %d of\n%s", got, err, c.want, c.text)
		}
	}
}

func TestEveryZoneIsRecognisedUnderItsRegistryAndItsESRIName(t *testing.T) {
	for _, s := range systems[3:] {
		p, _ := planeOf(s.Code)
		esriName := strings.NewReplacer("/ ", "", "3-degree", "3_Degree", "Gauss-Kruger", "GK", "zone", "Zone", " ", "_").Replace(s.Name)
		for _, name := range []string{s.Name, esriName} {
			if got, err := FromWKT(esri(name, p.meridian, fmt.Sprintf("%.1f", p.falseEasting))); err != nil || got != s {
				t.Errorf("WKT of %s: %v, %v; want %v", name, got, err, s)
			}
			if got, err := Find(name); err != nil || got != s {
				t.Errorf("Find(%s): %v, %v; want %v", name, got, err, s)
			}
		}
	}
}

func TestWKTOfOtherSystemsIsRefusedWithWhatItIs(t *testing.T) {
	zone := esri("x", 114, 500000)
	for _, c := range []struct {
		text   string
		is     error
		phrase string
	}{
		{esri("Wuhan_2000", "114.333333333333", "800000.0"), ErrNotTaken, "central meridian 114.333333333, "},
		{esri("x", 114, 39500000), ErrNotTaken, "false easting 39500000"},
		{esri("x", 113, 500000), ErrNotTaken, "central meridian 113"},
		{esri("x", 72, 500000), ErrNotTaken, "central meridian 72"},
		{strings.Replace(zone, `Scale_Factor",1.0`, `Scale_Factor",0.9996`, 1), ErrNotTaken, "scale factor 0.9996"},
		{strings.Replace(zone, `False_Northing",0.0`, `False_Northing",-3000000`, 1), ErrNotTaken, "false northing -3000000"},
		{strings.Replace(zone, `Latitude_Of_Origin",0.0`, `Latitude_Of_Origin",x`, 1), ErrNotTaken, "latitude of origin NaN"},
		{strings.Replace(zone, `PARAMETER["Central_Meridian",114],`, ``, 1), ErrNotTaken, "Gauss_Kruger"},
		{strings.Replace(zone, "Gauss_Kruger", "Lambert_Conformal_Conic", 1), ErrNotTaken, "Lambert_Conformal_Conic"},
		{strings.Replace(zone, `UNIT["Meter",1.0]`, `UNIT["Foot_US",0.3048006096012192]`, 1), ErrNotTaken, "Foot_US"},
		{strings.Replace(zone, esriBase, esriWGS, 1), ErrNotTaken, `on datum "D_WGS_1984"`},
		{strings.Replace(zone, "D_China_2000", "D_ETRS_1989", 1), ErrUnknown, "ETRS"},
		{strings.Replace(zone, `SPHEROID["CGCS2000",6378137.0,298.257222101]`, `SPHEROID["CGCS2000",6378140.0,298.257]`, 1), ErrDatum, "6378140"},
		{strings.Replace(zone, `"D_China_2000",`, `"D_China_2000",TOWGS84[24,-123,-94,0,0,0,0],`, 1), ErrDatum, "transformation"},
		{strings.Replace(zone, `Greenwich",0.0`, `Paris",2.33722917`, 1), ErrUnknown, "2.33722917"},
		{`PROJCS["Xian_1980_3_Degree_GK_CM_114E",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],` +
			`PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"]]`, ErrDatum, "Xian 1980"},
		{`GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0.0]]`, ErrDatum, "Beijing 1954"},
		{`GEOGCS["GCS_New_Beijing",DATUM["D_New_Beijing",SPHEROID["Krasovsky_1940",6378245.0,298.3]]]`, ErrDatum, "New Beijing"},
		{strings.Replace(esriWGS, "GCS_WGS_1984", "GCJ-02", 1), ErrShifted, "GCJ-02"},
		{strings.Replace(esriWGS, "D_WGS_1984", "BD09", 1), ErrShifted, "BD-09"},
		{strings.Replace(esriBase, `"Degree",0.0174532925199433`, `"Grad",0.01570796326794897`, 1), ErrNotTaken, "Grad"},
		{strings.Replace(esriBase, "D_China_2000", "Unknown", 1), ErrUnknown, "Unknown"},
		{`GEOCCS["x",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]]]`, ErrUnknown, "GEOCCS"},
		{`LOCAL_CS["my building site",UNIT["metre",1]]`, ErrUnknown, "LOCAL_CS"},
		{`GEOGCS["CGCS2000"]`, ErrUnknown, "no datum"},
		{`PROJCS["CGCS2000_3_Degree_GK_CM_114E"]`, ErrUnknown, "no geographic base"},
		{esri("CGCS2000_3_Degree_GK_CM_117E", 114, 500000), ErrUnknown, "its name is that of EPSG:4548, its parameters are those of EPSG:4547"},
		{strings.TrimSuffix(zone, "]") + `,AUTHORITY["EPSG","4526"]]`, ErrUnknown, "its id is EPSG:4526"},
		{strings.TrimSuffix(zone, "]") + `,AUTHORITY["EPSG","2362"]]`, ErrDatum, "Xian 1980"},
		{strings.TrimSuffix(zone, "]") + `,AXIS["x",SOUTH]]`, ErrUnknown, "south"},
		{strings.Replace(esriMercator, "Auxiliary_Sphere_Type\",0", "Auxiliary_Sphere_Type\",1", 1), ErrNotTaken, "auxiliary sphere type 1"},
		{strings.NewReplacer("Mercator_Auxiliary_Sphere\"]", "Mercator_1SP\"]", "Web_Mercator_Auxiliary_Sphere", "World_Mercator").Replace(esriMercator), ErrNotTaken, "Mercator_1SP"},
	} {
		got, err := FromWKT(c.text)
		if !errors.Is(err, c.is) || got != (System{}) {
			t.Errorf("%v, %v; want an error that wraps %q of\n%s", got, err, c.is, c.text)
			continue
		}
		if !strings.Contains(err.Error(), c.phrase) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q does not say %q in one line", err, c.phrase)
		}
	}
}

func TestTextThatIsNotWKTIsRefusedWithThePlace(t *testing.T) {
	for text, phrase := range map[string]string{
		"":                                  "byte 0: no keyword",
		"EPSG:4547":                         "byte 9: no keyword",
		"[1]":                               "byte 0: no keyword",
		`GEOGCS["x`:                         "a quote is not closed",
		`GEOGCS["x"`:                        "byte 10: a bracket is not closed",
		`GEOGCS["x",]`:                      "byte 11: nothing between commas",
		`GEOGCS["x")`:                       "byte 10: neither",
		`GEOGCS["x"] and more`:              "byte 12: text after its end",
		strings.Repeat("A[", 100):           "too deep",
		strings.Repeat(" ", 1<<16) + "A[1]": "more than 65536",
	} {
		_, err := FromWKT(text)
		if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), phrase) {
			t.Errorf("%.40q: %v; want %s", text, err, phrase)
		}
	}
}

func FuzzFromWKT(f *testing.F) {
	for _, s := range []string{esriBase, esriMercator, esri("x", 114, 500000), wkt2Zone, `COMPD_CS["a",BOUNDCRS[SOURCECRS[GEOGCS["""",DATUM[]]]]]`, "A(((", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := FromWKT(s)
		if err != nil {
			if got != (System{}) || strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("%v, %q", got, err)
			}
			return
		}
		if known, ok := byCode(got.Code); !ok || known != got {
			t.Errorf("%v is no system of the program", got)
		}
		if again, err := FromWKT(" " + s); err != nil || again != got {
			t.Errorf("%v first, then %v, %v", got, again, err)
		}
	})
}

func ExampleFromWKT() {
	_, err := FromWKT(`PROJCS["Wuhan_2000",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",` +
		`SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],` +
		`PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",800000.0],PARAMETER["Central_Meridian",114.3333],UNIT["Meter",1.0]]`)
	fmt.Println(err)
	// Output:
	// crs "Wuhan_2000": "Gauss_Kruger" on datum "D_China_2000", false easting 800000, central meridian 114.3333: not taken by this version: reproject to EPSG:4490 first
}
