package geojson

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestWhatIsNoFeatureCollectionIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "file is empty",
		" \n":                                 "file is empty",
		"\xef\xbb\xbf\n":                      "file is empty",
		`[{"type":"Feature"}]`:                "a JSON array",
		`{"type":"Feature","geometry":null}`:  "a single Feature, not a FeatureCollection",
		`{"geometry":null,"type":"Feature"}`:  "a single Feature",
		`{"type":"Polygon","coordinates":[]}`: "a bare Polygon geometry",
		`{"type":"GeometryCollection","geometries":[]}`:              "a bare GeometryCollection geometry",
		`{"type":"Topology","objects":{}}`:                           "TopoJSON",
		`{"geometryType":"esriGeometryPolygon","features":[]}`:       "Esri JSON",
		`{"type":"Features","features":[]}`:                          `JSON of type "Features"`,
		`{"type":"FeatureCollection"}`:                               `a FeatureCollection without "features"`,
		`{"type":"FeatureCollection","features":null}`:               `"features" is not an array`,
		`{"type":"FeatureCollection","features":[],"features":[]}`:   `a second "features" member`,
		`{"type":"FeatureCollection","features":[]} {}`:              "after the end",
		`{"features":[{"type":"Feature","geometry":null}]}`:          "without a type",
		`{"features":[],"type":"Topology"}`:                          "TopoJSON",
		`{}`:                                                         "a JSON object without a type",
		"\xff\xfe{\x00":                                              "UTF-16",
		"\x1f\x8b\x08\x00":                                           "compressed",
		"parcel_code,area\n":                                         "not GeoJSON",
		`{"type":"FeatureCollection","features":[1]}`:                "feature 1 begins",
		`{"type":"FeatureCollection","features":[{},]}`:              "feature 2 begins",
		`{"type":"FeatureCollection","features":[{}{}]}`:             "after feature 1",
		`{"type":"FeatureCollection","a":tru,"features":[]}`:         "where a value belongs",
		`{"type":"FeatureCollection",,"features":[]}`:                "where a member's name belongs",
		`{"type":"FeatureCollection" "features":[]}`:                 "where a comma or } belongs",
		`{"type":"FeatureCollection","features":[],"x":[1,2}`:        "a comma or ]",
		`{"type":1,"features":[]}`:                                   `"type" is not a string`,
		`{"type":"FeatureCollection","features":[{"type":"Feature"}`: "file ends after feature 1 (byte 58)",
	} {
		if f := readString(text); !strings.Contains(f.Err, want) {
			t.Errorf("%q: got %q, want %q", text, f.Err, want)
		}
	}
}

// one is a collection of one feature between two good ones.
func one(feature string) string {
	return `{"type":"FeatureCollection","features":[{"geometry":null},` + feature + `,{"geometry":null}]}`
}

func TestBadJSONNamesTheFeatureAndTheByte(t *testing.T) {
	at := len(one("")) - len(`,{"geometry":null}]}`)
	for _, c := range []struct {
		feature, want string
		offset        int
	}{
		{`{"a":tru}`, "where a value belongs", 5},
		{`{"a":01}`, "where a value belongs", 5},
		{`{"a":1.}`, "digits behind its point", 5},
		{`{"a":1e}`, "digits in its exponent", 5},
		{`{"a" 1}`, "where a colon belongs", 5},
		{`{"a":1 "b":2}`, "where a comma or } belongs", 7},
		{`{a:1}`, "where a member's name belongs", 1},
		{`{"a":"\x"}`, "bad escape", 6},
		{"{\"a\":\"\n\"}", "byte 0x0a inside a string", 6},
		{`{"properties":{"a":[1,]}}`, "where a value belongs", 22},
		{`{"properties":{"a":1,}}`, "where a member's name belongs", 21},
		{`{"geometry":{"type":"Point","coordinates":[1,2,]}}`, "where a value belongs", 47},
		{`{"geometry":{"type":"Point","coordinates":[1 2]}}`, "where a comma or ] belongs", 45},
		{`{"a":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, "in one another", 206},
	} {
		f := readString(one(c.feature))
		want := fmt.Sprintf("feature 2 (byte %d): ", at+c.offset)
		if !strings.HasPrefix(f.Err, want) || !strings.Contains(f.Err, c.want) || len(f.Features) != 1 {
			t.Errorf("%.60s: got %q after %d features, want %q … %q", c.feature, f.Err, len(f.Features), want, c.want)
		}
	}
}

func TestAGeometryThatCantBeReadIsTheRowsProblem(t *testing.T) {
	for geometry, want := range map[string]string{
		`null`:                                  "",
		`5`:                                     "geometry is not an object",
		`{}`:                                    "geometry has no type",
		`{"type":"Point"}`:                      "geometry has no coordinates",
		`{"type":7,"coordinates":[1,2]}`:        "geometry type is not a string",
		`{"type":"Circle","coordinates":[1,2]}`: `geometry type "Circle" is not supported`,
		`{"type":"Point","coordinates":null}`:   faultNumber,
		`{"type":"Point","coordinates":[]}`:     faultShort,
		`{"type":"Point","coordinates":[1]}`:    faultShort,
		`{"type":"Point","coordinates":["1","2"]}`:               faultNumber,
		`{"type":"Point","coordinates":[1,null]}`:                faultNumber,
		`{"type":"Point","coordinates":[1,2,"z"]}`:               faultNumber,
		`{"type":"Point","coordinates":[[1,2]]}`:                 faultNesting,
		`{"type":"Polygon","coordinates":[[1,2],[3,4]]}`:         faultNesting,
		`{"coordinates":[[1,2],[3,4]],"type":"Polygon"}`:         faultNesting,
		`{"type":"Polygon","coordinates":[[[[1,2],[3,4]]]]}`:     faultNesting,
		`{"type":"Polygon","coordinates":[[[1,2],[3,4]],[5,6]]}`: faultNesting,
		`{"type":"MultiPoint","coordinates":[[1,2],[]]}`:         faultShort,
		`{"type":"LineString","coordinates":{"x":1}}`:            faultNesting,
		`{"type":"LineString","coordinates":[[1,2],{}]}`:         faultNumber,
	} {
		f := readString(one(`{"type":"Feature","geometry":` + geometry + `,"properties":{"a":1}}`))
		if f.Err != "" || len(f.Features) != 3 {
			t.Errorf("%s: %d features, error %q", geometry, len(f.Features), f.Err)
			continue
		}
		if got := f.Features[1]; got.Problem != want || got.Geometry != "" || len(got.Properties) != 1 {
			t.Errorf("%s: got %+v, want problem %q", geometry, got, want)
		}
	}
}

func TestAFeatureThatIsNoneIsTheRowsProblem(t *testing.T) {
	for text, want := range map[string]string{
		`{"type":"Polygon","coordinates":[]}`: `its type is "Polygon", not Feature`,
		`{"type":3}`:                          "its type is not a string",
		`{"type":"Feature","properties":[1],"geometry":null}`: "its properties are not an object",
		`{"properties":{"a":"b"}}`:                            "",
	} {
		f := readString(one(text))
		if f.Err != "" || f.Features[1].Problem != want {
			t.Errorf("%s: got %+v %q, want problem %q", text, f.Features[1], f.Err, want)
		}
	}
}

func TestNoFeatureMayBeLongerThanTheLimit(t *testing.T) {
	text := one(`{"properties":{"a":"` + strings.Repeat("x", 2000) + `"}}`)
	for _, size := range []int{10, 100, 1000, 3000, 10000} {
		for _, limit := range []int{100, 1000} {
			s := NewSplitter(strings.NewReader(text), size)
			s.limit = limit
			if f := readWith(s); !strings.Contains(f.Err, fmt.Sprintf("feature 2 is longer than %d bytes", limit)) || len(f.Features) != 1 {
				t.Errorf("blocks of %d, limit %d: %d features, %q", size, limit, len(f.Features), f.Err)
			}
		}
		s := NewSplitter(strings.NewReader(text), size)
		s.limit = 2100
		if f := readWith(s); f.Err != "" || len(f.Features) != 3 {
			t.Errorf("blocks of %d: %d features, %q", size, len(f.Features), f.Err)
		}
	}
}

func TestAReadErrorIsPassedOn(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader(small[:300]), iotest.ErrReader(broken))
	s := NewSplitter(r, 64)
	for {
		_, err := s.Next()
		if err == nil {
			continue
		}
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "byte 300") {
			t.Errorf("got %v", err)
		}
		return
	}
}

func TestATypeThatIsOnlyKnownByNameIsPassedOnWithoutCoordinates(t *testing.T) {
	for _, name := range []string{"GeometryCollection", "CurvePolygon", "TIN", "MultiSurface"} {
		for _, members := range []string{
			`"type":"` + name + `","geometries":[{"type":"Point","coordinates":[1,2]}]`, `"type":"` + name + `"`,
			`"coordinates":[[[1,2],[3,4]]],"type":"` + name + `"`, `"type":"` + name + `","coordinates":"none"`,
		} {
			text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{` + members + `}}]}`
			got := read(strings.NewReader(text), 0)
			if len(got.Features) != 1 || got.Features[0].Problem != "" || got.Features[0].Geometry != name+" [] [] []" {
				t.Errorf("%s: %+v", members, got)
			}
		}
	}
}
