package crs

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestUsualSpellingsAreTaken(t *testing.T) {
	for want, spellings := range map[System][]string{
		CGCS2000: {
			"EPSG:4490", "epsg:4490", " EPSG: 4490 ", "EPSG::4490", "4490", "CGCS2000", "cgcs 2000", "CGCS_2000",
			"urn:ogc:def:crs:EPSG::4490", "urn:ogc:def:crs:EPSG:9.8.6:4490", "urn:x-ogc:def:crs:EPSG:4490",
			"http://www.opengis.net/def/crs/EPSG/0/4490", "https://www.opengis.net/def/crs/EPSG/9.8/4490",
			"http://www.opengis.net/gml/srs/epsg.xml#4490", "China Geodetic Coordinate System 2000",
		},
		WGS84: {
			"EPSG:4326", "4326", "WGS84", "WGS 84", "CRS84", "CRS:84", "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84",
			"urn:ogc:def:crs:OGC::CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "urn:ogc:def:crs:EPSG::4326",
		},
	} {
		for _, s := range spellings {
			if got, err := Parse(s); err != nil || got != want {
				t.Errorf("Parse(%q) = %v, %v; want %v", s, got, err, want)
			}
		}
	}
}

func TestWhatIsNotTakenSaysWhatItIsAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		in     string
		is     error
		phrase string
	}{
		{"EPSG:4547", ErrNotTaken, "3-degree Gauss-Kruger, central meridian 114°E"},
		{"EPSG:4526", ErrNotTaken, "3-degree Gauss-Kruger, central meridian 114°E, eastings with zone number"},
		{"4513", ErrNotTaken, "central meridian 75°E"},
		{"4554", ErrNotTaken, "3-degree Gauss-Kruger, central meridian 135°E"},
		{"4491", ErrNotTaken, "6-degree Gauss-Kruger, central meridian 75°E, eastings"},
		{"urn:ogc:def:crs:EPSG::4512", ErrNotTaken, "6-degree Gauss-Kruger, central meridian 135°E"},
		{"EPSG:3857", ErrNotTaken, "reproject to EPSG:4490"},
		{"EPSG:32650", ErrNotTaken, "UTM zone 50N"},
		{"EPSG:4610", ErrDatum, "Xian 1980"},
		{"2436", ErrDatum, "Beijing 1954"},
		{"GCJ-02", ErrShifted, "GCJ-02"},
		{"gcj02", ErrShifted, "hundreds of metres"},
		{"BD09", ErrShifted, "BD-09"},
		{"EPSG:27700", ErrUnknown, `"EPSG:27700"`},
		{"", ErrUnknown, `""`},
		{"EPSG:", ErrUnknown, "knows"},
		{"EPSG:99999999999999999999", ErrUnknown, "knows"},
		{"GEOGCS[\"WGS 84\",…", ErrUnknown, "knows"},
	} {
		_, err := Parse(c.in)
		if !errors.Is(err, c.is) {
			t.Errorf("Parse(%q): %v, want it to wrap %q", c.in, err, c.is)
			continue
		}
		if !strings.Contains(err.Error(), c.phrase) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Parse(%q): %q does not say %q in one line", c.in, err, c.phrase)
		}
	}
}

func TestFindTakesTheProjectedSystemsThatParseRefuses(t *testing.T) {
	for spelling, want := range map[string]int{
		"EPSG:4547": 4547, "4526": 4526, "urn:ogc:def:crs:EPSG::4491": 4491, "http://www.opengis.net/def/crs/EPSG/0/4554": 4554,
		"EPSG:3857": 3857, "EPSG:900913": 3857, "ESRI:102100": 3857, "WGS_1984_Web_Mercator_Auxiliary_Sphere": 3857,
		"CGCS2000_3_Degree_GK_CM_114E": 4547, "CGCS2000 / 3-degree Gauss-Krüger zone 38": 4526,
	} {
		got, err := Find(spelling)
		if err != nil || got.Code != want || got.Geographic || got.Name == "" {
			t.Errorf("Find(%q) = %v, %v; want %d", spelling, got, err, want)
		}
		if got, err := Parse(spelling); !errors.Is(err, ErrNotTaken) || got != (System{}) {
			t.Errorf("Parse(%q) = %v, %v", spelling, got, err)
		}
	}
	if got, err := Find("GCS_China_Geodetic_Coordinate_System_2000"); err != nil || got != CGCS2000 {
		t.Errorf("%v, %v", got, err)
	}
	for _, s := range []string{"EPSG:4610", "EPSG:4568", "EPSG:4555", "GCJ-02", "EPSG:32650", "EPSG:27700", "CGCS2000_3_Degree_GK_CM_115E",
		"CGCS2000独立坐标系"} {
		if got, err := Find(s); err == nil {
			t.Errorf("Find(%q) = %v", s, got)
		}
	}
}

func TestPROJJSONIsReadByItsID(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int
	}{
		{`{"type":"GeographicCRS","name":"x","id":{"authority":"EPSG","code":4490}}`, 4490},
		{`{"type":"GeographicCRS","name":"x","id":{"authority":"EPSG","code":"4490"}}`, 4490},
		{`{"name":"WGS 84 (CRS84)","id":{"authority":"OGC","code":"CRS84"}}`, 4326},
		{`{"name":"x","ids":[{"authority":"EPSG","code":4326},{"authority":"Y","code":1}]}`, 4326},
		{`{"type":"GeographicCRS","name":"China Geodetic Coordinate System 2000"}`, 4490},
		{`{"type":"ProjectedCRS","name":"y","base_crs":{"id":{"authority":"EPSG","code":4490}},"id":{"authority":"EPSG","code":4547}}`, 0},
		{`{"type":"ProjectedCRS","name":"WGS 84"}`, 0},
		{`{"name":"x","id":{"authority":"ESRI","code":4490}}`, 0},
		{`{"name":"x","id":{"authority":"EPSG","code":4490.5}}`, 0},
		{`{"name":"x","id":{"authority":"EPSG"}}`, 0},
		{`{}`, 0}, {`null`, 0}, {`[]`, 0}, {`"EPSG:4490"`, 0}, {``, 0},
	} {
		got, err := FromPROJJSON([]byte(c.in))
		if (err == nil) != (c.want != 0) || got.Code != c.want {
			t.Errorf("%s: %v, %v; want %d", c.in, got, err, c.want)
		}
	}
}

func TestLonLatTellsDegreesFromMetres(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		box  [4]float64
		want bool
	}{
		{[4]float64{114, 30, 115, 31}, true},
		{[4]float64{-180, -90, 180, 90}, true},
		{[4]float64{528770, 3386666, 528780, 3386670}, false},
		{[4]float64{114, 30, 181, 31}, false},
		{[4]float64{30, 114, 31, 115}, false}, // latitude first
		{[4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}, false},
		{[4]float64{nan, 30, 115, 31}, false},
	} {
		if got := LonLat(c.box[0], c.box[1], c.box[2], c.box[3]); got != c.want {
			t.Errorf("LonLat(%v) = %v", c.box, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"EPSG:4490", "urn:ogc:def:crs:OGC:1.3:CRS84", "gcj-02", "4547", "CGCS2000_GK_Zone_19"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Parse(s)
		if (err == nil) != (got == CGCS2000 || got == WGS84) {
			t.Errorf("Parse(%q) = %v, %v", s, got, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("Parse(%q): error of more than a line: %q", s, err)
		}
		found, err := Find(s)
		if known, ok := byCode(found.Code); (err == nil) != ok || ok && known != found {
			t.Errorf("Find(%q) = %v, %v", s, found, err)
		}
	})
}

func ExampleParse() {
	s, _ := Parse("urn:ogc:def:crs:EPSG::4490")
	fmt.Println(s, s.Name)
	_, err := Parse("EPSG:4547")
	fmt.Println(err)
	// Output:
	// EPSG:4490 China Geodetic Coordinate System 2000
	// crs "EPSG:4547": CGCS2000 / 3-degree Gauss-Kruger, central meridian 114°E: not taken by this version: reproject to EPSG:4490 first
}
