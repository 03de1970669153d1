package topojson

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// told writes down what a reader is told.
type told struct {
	lines      []string
	properties []string
	points     int
}

func (v *told) Property(key []byte, value geojson.Value) {
	v.properties = append(v.properties, fmt.Sprintf("%s=%s", key, value.Text))
}

func (v *told) EndFeature(number int64, g *wkb.Geometry, problem string) {
	line := fmt.Sprintf("%d %s", number, strings.Join(v.properties, " "))
	v.properties = nil
	if g != nil {
		line += fmt.Sprintf(" %s %v %v %v", g.Type, g.XY, g.Rings, g.Parts)
		v.points += len(g.XY) / 2
	}
	v.lines = append(v.lines, line+problem)
}

func read(t testing.TB, text, object string) ([]string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.topojson")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	var v told
	err = f.Read(object, &v)
	return v.lines, err
}

// Two squares that share an edge, arc 0; arc 1 closes the left one, arc 2 the right.
const squares = `"arcs":[[[1,0],[1,1]],[[1,1],[0,1],[0,0],[1,0]],[[1,1],[2,1],[2,0],[1,0]]]`

func TestArcsArePutTogetherForwardsAndBackwards(t *testing.T) {
	got, err := read(t, `{"type":"Topology","objects":{"o":{"type":"GeometryCollection","geometries":[`+
		`{"type":"Polygon","arcs":[[0,1]],"properties":{"a":1,"b":"\u4e00","c":null,"d":[1],"e":true,"a":2}},`+
		`{"type":"Polygon","arcs":[[-1,2]]},{"type":"MultiPolygon","arcs":[[[0,1]],[[-3,0]]]},`+
		`{"type":"LineString","arcs":[1,0]},{"type":"MultiLineString","arcs":[[0],[-1]]},`+
		`{"type":"Point","coordinates":[5,6]},{"type":"MultiPoint","coordinates":[[5,6],[7,8]]}]}},`+squares+`}`, "o")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 a=1 b=一 c=null d=[1] e=true Polygon [1 0 1 1 0 1 0 0 1 0] [5] [1]",
		"2  Polygon [1 1 1 0 2 1 2 0 1 0] [5] [1]",
		"3  MultiPolygon [1 0 1 1 0 1 0 0 1 0 1 0 2 0 2 1 1 1 1 1] [5 10] [1 2]",
		"4  LineString [1 1 0 1 0 0 1 0 1 1] [5] [1]",
		"5  MultiLineString [1 0 1 1 1 1 1 0] [2 4] [1 2]",
		"6  Point [5 6] [1] [1]",
		"7  MultiPoint [5 6 7 8] [1 2] [1 2]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestQuantisedArcsAreStepsOnAGrid(t *testing.T) {
	for _, text := range []string{
		`{"type":"Topology","transform":{"scale":[0.5,0.25],"translate":[100,30]},"arcs":[[[0,0],[2,0],[0,4],[-2,-4]]],"objects":{"o":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]]},{"type":"Point","coordinates":[2,4]}]}}}`,
		`{"arcs":[[[0,0],[2,0],[0,4],[-2,-4]]],"objects":{"o":{"geometries":[{"type":"Polygon","arcs":[[0]]},{"type":"Point","coordinates":[2,4]}],"type":"GeometryCollection"}},"transform":{"scale":[0.5,0.25],"translate":[100,30]},"type":"Topology","bbox":[0,0,1,1]}`,
	} {
		got, err := read(t, text, "o")
		if want := []string{"1  Polygon [100 30 101 30 101 31 100 30] [4] [1]", "2  Point [101 31] [1] [1]"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q %v, want %q", got, err, want)
		}
	}
}

func TestWhatIsWrongWithOneGeometryIsItsOwnProblem(t *testing.T) {
	got, err := read(t, `{"type":"Topology","objects":{"o":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[3]]},{"type":"Polygon","arcs":[[-9]]},`+
		`{"type":"Polygon","arcs":[1.5]},{"type":"Polygon"},{"type":"Point","coordinates":[1]},{"type":"Point"},{"type":"Circle"},{"type":"GeometryCollection","geometries":[]},{}]}},`+squares+`}`, "o")
	want := []string{"1 it names arc 3 of 3", "2 it names arc 8 of 3", "3 its arcs are not nested as its type wants it", "4 it has no arcs", "5 a position needs two numbers",
		"6 its coordinates are no position", `7 geometry type "Circle" is not supported`, "8  GeometryCollection [] [] []", "9 "}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got\n%s\n%v, want\n%s", strings.Join(got, "\n"), err, strings.Join(want, "\n"))
	}
}

func TestWhatIsNoTopologyIsRefusedInALine(t *testing.T) {
	for text, fault := range map[string]string{
		"":                           "not TopoJSON",
		"[]":                         "not TopoJSON",
		`{"type":"Topology"`:         "cut short",
		`{"type":"Feature"}`:         "not TopoJSON",
		`{"type":"Topology"}`:        `it holds no object "o", but []`,
		`{"type":"Topology","a":tru`: "a: ",
		`{"type":"Topology","transform":{"scale":[1]}}`:                                      "scale and translate need two numbers",
		`{"type":"Topology","arcs":{}}`:                                                      "arcs: a list is needed",
		`{"type":"Topology","arcs":[[[1]]]}`:                                                 "arc 0: a position needs two numbers",
		`{"type":"Topology","arcs":[[1]]}`:                                                   "arc 0: ",
		`{"type":"Topology","objects":[]}`:                                                   "objects: an object is needed",
		`{"type":"Topology","objects":{"o":3}}`:                                              `object "o": `,
		`{"type":"Topology","objects":{"o":{"type":"GeometryCollection"}}}`:                  "its geometries are no list",
		`{"type":"Topology","objects":{"o":{"type":"Point","properties":3}}}`:                "its properties are no object",
		`{"type":"Topology","objects":{"o":{"type":"GeometryCollection","geometries":[3]}}}`: "feature 1: ",
	} {
		_, err := read(t, text, "o")
		if err == nil || !strings.Contains(err.Error(), fault) || !strings.Contains(err.Error(), "x.topojson: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", text, err, fault)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.topojson")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}

func TestTheCRSMemberIsHandedOn(t *testing.T) {
	for text, want := range map[string]string{`null`: "", `{"type":"name","properties":{"name":"EPSG:4547"}}`: "EPSG:4547", `{"type":"link"}`: `{"type":"link"}`, `"x"`: `"x"`} {
		path := filepath.Join(t.TempDir(), "x.topojson")
		if err := os.WriteFile(path, []byte(`{"type":"Topology","crs":`+text+`}`), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if name, given := f.CRS(); name != want || given != (want != "") {
			t.Errorf("%s: %q %t", text, name, given)
		}
	}
}

// FuzzOpen reads arbitrary bytes: an error in a line that names the file, or features.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{
		`{"type":"Topology","objects":{"o":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0,1]],"properties":{"a":1}},{"type":"MultiPolygon","arcs":[[[-1,2]]]}]}},` + squares + `}`,
		`{"type":"Topology","transform":{"scale":[1,1],"translate":[0,0]},"arcs":[[[0,0],[1e308,1e308],[1e308,0]]],"objects":{"o":{"type":"LineString","arcs":[0,-1]}}}`,
		`{"type":"Topology","objects":{"o":{"type":"Point","coordinates":[1,2,3]}}}`, `{"type":"Topology","arcs":[[]],"objects":{"o":{"type":"LineString","arcs":[0,0]}}}`, "{}", "",
	} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "x.topojson")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := Open(path)
		if err != nil {
			if !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, name := range in.Objects() {
			if err := in.Read(name, &told{}); err != nil && strings.Contains(err.Error(), "\n") {
				t.Fatalf("%v", err)
			}
		}
	})
}
