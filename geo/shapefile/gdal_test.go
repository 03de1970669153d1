package shapefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// The tests in this file put the package to GDAL, which wrote or reads most
// shapefiles there are.

// ogr runs ogr2ogr.
func ogr(t *testing.T, arguments ...string) {
	t.Helper()
	program, err := exec.LookPath("ogr2ogr")
	if err != nil {
		t.Fatal("ogr2ogr is not here, which these tests compare with: apt-get install gdal-bin (or put GDAL's programs on PATH)")
	}
	out, err := exec.Command(program, arguments...).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("ERROR")) {
		t.Fatalf("ogr2ogr %s: %v: %s", strings.Join(arguments, " "), err, out)
	}
}

// features are the features of a GeoJSON.
type features struct {
	all  []feature
	next map[string]string
}

type feature struct {
	shape      *wkb.Geometry
	properties map[string]string // a null, or one left out, is empty
}

// Property implements geojson.Visitor.
func (v *features) Property(key []byte, value geojson.Value) {
	if v.next == nil {
		v.next = map[string]string{}
	}
	if value.Kind != geojson.Null {
		v.next[string(key)] = string(value.Text)
	}
}

// EndFeature implements geojson.Visitor.
func (v *features) EndFeature(_ int64, g *wkb.Geometry, _ string) {
	one := feature{properties: v.next}
	if v.next = nil; g != nil {
		one.shape = g.Clone()
	}
	v.all = append(v.all, one)
}

// property is what GDAL has for a field. It differs from us in two things: half a
// character at the end of a name stays as U+FFFD, and yes and no are text.
func (f feature) property(field Field) string {
	value, there := f.properties[field.Name]
	if !there {
		value = f.properties[field.Name+"\uFFFD"]
	}
	if field.Type == 'L' {
		return map[string]string{"T": "true", "F": "false"}[value]
	}
	return value
}

// byGDAL reads a layer through GDAL.
func byGDAL(t *testing.T, path string, options ...string) features {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.geojson")
	ogr(t, slices.Concat(options, []string{"-f", "GeoJSON", out, path, "-lco", "SIGNIFICANT_FIGURES=17", "-lco", "RFC7946=NO"})...)
	file, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var v features
	var p geojson.Parser
	for split := geojson.NewSplitter(file, 0); ; {
		block, err := split.Next()
		if errors.Is(err, io.EOF) {
			return v
		}
		if err == nil {
			err = p.Parse(block, &v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// same compares geometries whatever way rings turn, wherever they begin and in
// whatever order parts and holes stand.
func same(a, b *wkb.Geometry) bool { return canonical(a) == canonical(b) }

func canonical(g *wkb.Geometry) string {
	if g == nil || g.Empty() {
		return "nothing"
	}
	var parts []string
	for p := range g.NumParts() {
		from, to := g.Part(p)
		var rings []string
		for i := from; i < to; i++ {
			rings = append(rings, turnedAlike(g.Ring(i), g.Type.Areal()))
		}
		slices.Sort(rings[1:])
		parts = append(parts, strings.Join(rings, " "))
	}
	slices.Sort(parts)
	return strings.TrimPrefix(g.Type.String(), "Multi") + strings.Join(parts, "\n")
}

func turnedAlike(ring []float64, areal bool) string {
	if !areal {
		return fmt.Sprint(ring)
	}
	if turningArea(ring) > 0 {
		ring = turned(ring)
	}
	points := ring[:len(ring)-2]
	least := 0
	for i := 0; i < len(points); i += 2 {
		if points[i] < points[least] || points[i] == points[least] && points[i+1] < points[least+1] {
			least = i
		}
	}
	return fmt.Sprint(points[least:], points[:least])
}

const sampleGeoJSON = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"宗地代码":"320000000000000001","权利人":"宿迁市第一机械厂","mj":12345.67,"cjrq":"2020-02-29","n":7,"big":12345678901},
 "geometry":{"type":"Polygon","coordinates":[[[115,33],[115.5,33],[115.5,33.5],[115,33.5],[115,33]],[[115.1,33.1],[115.1,33.2],[115.2,33.2],[115.2,33.1],[115.1,33.1]]]}},
{"type":"Feature","properties":{"宗地代码":"b","权利人":"a “b”","mj":-0.1,"cjrq":"1999-12-31","n":-1,"big":0},
 "geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[1,1],[1,9],[9,9],[9,1],[1,1]]],[[[2,2],[3,2],[3,3],[2,3],[2,2]]],[[[20,0],[21,0],[21,1],[20,0]]]]}},
{"type":"Feature","properties":{"宗地代码":null,"权利人":null,"mj":null,"cjrq":null,"n":null,"big":null},"geometry":null},
{"type":"Feature","properties":{"宗地代码":"d","权利人":"LONG","mj":1e15,"cjrq":"2024-06-30","n":2147483647,"big":-1},
 "geometry":{"type":"Polygon","coordinates":[[[0.1,0.2],[0.31,0.2],[0.3,0.7],[0.1,0.2]]]}}]}`

// longName is longer than the 254 bytes of a text field, in GBK too.
var longName = strings.Repeat("宿迁市洋河新区机械制造", 15)

// sampleByGDAL writes the sample as a shapefile with GDAL.
func sampleByGDAL(t *testing.T, options ...string) string {
	t.Helper()
	dir := t.TempDir()
	from := filepath.Join(dir, "in.geojson")
	if err := os.WriteFile(from, []byte(strings.ReplaceAll(sampleGeoJSON, "LONG", longName)), 0o644); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "out")
	ogr(t, slices.Concat([]string{"-f", "ESRI Shapefile", to, from, "-nln", "layer"}, options)...)
	return filepath.Join(to, "layer.shp")
}

func TestShapefilesThatGDALWritesAreReadAsGDALReadsThem(t *testing.T) {
	for name, options := range map[string][]string{
		"UTF-8":    {"-lco", "ENCODING=UTF-8"},
		"GBK":      {"-lco", "ENCODING=GBK"},
		"CP936":    {"-lco", "ENCODING=CP936"},
		"GB18030":  {"-lco", "ENCODING=GB18030"},
		"PolygonZ": {"-lco", "ENCODING=UTF-8", "-lco", "SHPT=POLYGONZ"},
		"PolygonM": {"-lco", "ENCODING=UTF-8", "-lco", "SHPT=POLYGONM"},
		"Lines":    {"-lco", "ENCODING=UTF-8", "-nlt", "MULTILINESTRING"},
	} {
		t.Run(name, func(t *testing.T) {
			path := sampleByGDAL(t, options...)
			compare(t, path, byGDAL(t, path))
			if err := os.Remove(strings.TrimSuffix(path, "shp") + "shx"); err != nil {
				t.Fatal(err)
			}
			f := open(t, path, Options{})
			if f.Count() != 4 {
				t.Errorf("%d records without .shx", f.Count())
			}
		})
	}
}

// compare compares what the package reads with what GDAL does.
func compare(t *testing.T, path string, want features) {
	t.Helper()
	f := open(t, path, Options{})
	got, err := readRange(f, f.All())
	if err != nil || len(got) != len(want.all) || len(got) == 0 {
		t.Fatalf("%d records, GDAL reads %d: %v", len(got), len(want.all), err)
	}
	for k, rec := range got {
		if rec.problem != "" || !same(rec.shape, want.all[k].shape) {
			t.Errorf("record %d: %s (%s), for GDAL %s", k+1, text(rec.shape), rec.problem, text(want.all[k].shape))
		}
		for i, cell := range rec.cells {
			if other := want.all[k].property(f.Fields()[i]); !sameCell(f.Fields()[i], cell, other) || rec.problems[i] != "" {
				t.Errorf("record %d, %s: %q (%s), for GDAL %q", k+1, f.Fields()[i].Name, cell, rec.problems[i], other)
			}
		}
	}
}

func sameCell(f Field, ours, theirs string) bool {
	var a, b float64
	if !f.Numeric() || ours == "" || theirs == "" {
		return ours == theirs
	}
	_, errA := fmt.Sscan(ours, &a)
	_, errB := fmt.Sscan(theirs, &b)
	return errA == nil && errB == nil && (a == b || math.Abs(a-b) < 1e-15*math.Abs(b))
}

func TestPointsThatGDALWritesAreRead(t *testing.T) {
	for _, c := range []struct{ geometry, kind string }{
		{`{"type":"Point","coordinates":[115.123456789,33.5]}`, "POINT"},
		{`{"type":"Point","coordinates":[115.123456789,33.5,7]}`, "POINTZ"},
		{`{"type":"Point","coordinates":[115.123456789,33.5]}`, "POINTM"},
		{`{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}`, "MULTIPOINT"},
		{`{"type":"MultiPoint","coordinates":[[1,2,5],[3,4,6]]}`, "MULTIPOINTZ"},
		{`{"type":"LineString","coordinates":[[1,2,5],[3,4,6]]}`, "ARCZ"},
		{`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8],[9,9]]]}`, "ARC"},
	} {
		dir := t.TempDir()
		from, to := filepath.Join(dir, "in.geojson"), filepath.Join(dir, "out.shp")
		text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":` + c.geometry + `}]}`
		if err := os.WriteFile(from, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		ogr(t, "-f", "ESRI Shapefile", to, from, "-lco", "SHPT="+c.kind)
		compare(t, to, byGDAL(t, to))
	}
}

func TestGDALReadsWhatIsWritten(t *testing.T) {
	shapes, rows := sampleRows()
	rows[1][1] = "臺"
	for _, encoding := range []string{"UTF-8", "GBK"} {
		rows[3][1] = map[string]string{"UTF-8": "Ärger, 1", "GBK": "工业用地"}[encoding]
		path := create(t, Layer{Fields: sampleFields, Encoding: encoding}, shapes, rows)
		got := byGDAL(t, path)
		if len(got.all) != len(rows) {
			t.Fatalf("%d features", len(got.all))
		}
		for k, rec := range got.all {
			if !same(rec.shape, shapes[k]) {
				t.Errorf("record %d: for GDAL it is %s, written was %s", k+1, text(rec.shape), text(shapes[k]))
			}
			for i, f := range sampleFields {
				if value := rec.property(f); !sameCell(f, value, rows[k][i]) {
					t.Errorf("record %d, %s: for GDAL it is %q, written was %q", k+1, f.Name, value, rows[k][i])
				}
			}
		}
	}
}

func TestALayerThatGDALEditedInPlaceIsReadByItsIndex(t *testing.T) {
	path := sampleByGDAL(t, "-lco", "ENCODING=UTF-8")
	dir := t.TempDir()
	more := filepath.Join(dir, "more.shp")
	// The first shape becomes longer, so GDAL writes it anew behind the others.
	ogr(t, "-f", "ESRI Shapefile", more, path, "-lco", "ENCODING=UTF-8")
	info, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Fatal("ogrinfo is not here: apt-get install gdal-bin")
	}
	for _, statement := range []string{
		`UPDATE more SET geometry = ST_GeomFromText('MULTIPOLYGON(((0 0,0 5,1 6,2 6,3 6,4 6,5 5,5 4,5 3,5 2,5 1,5 0,0 0)),((8 8,8 9,9 9,9 8,8 8)))') WHERE rowid = 0`,
		`DELETE FROM more WHERE rowid = 1`,
	} {
		if out, err := exec.Command(info, more, "-dialect", "SQLite", "-sql", statement).CombinedOutput(); err != nil || bytes.Contains(out, []byte("ERROR")) {
			t.Fatalf("ogrinfo: %v: %s", err, out)
		}
	}
	want := byGDAL(t, more)
	compare(t, more, want)
	if len(want.all) != 3 || want.all[0].shape == nil || want.all[0].shape.NumParts() != 2 {
		t.Errorf("GDAL did not edit the layer: %d records", len(want.all))
	}
}
