package gpkg_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// gdal runs one of GDAL's programs and gives what it prints; a warning fails the test.
func gdal(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	var warnings strings.Builder
	run := exec.Command(program, arguments...)
	run.Stderr = &warnings
	out, err := run.Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatalf("%s is missing, which is the referee here: install GDAL's programs (apt-get install gdal-bin)", program)
	}
	if err != nil || warnings.Len() > 0 {
		t.Fatalf("%s %q: %v\n%s", program, arguments, err, warnings.String())
	}
	return string(out)
}

// collection is a GeoJSON file as GDAL writes it.
type collection struct {
	CRS      struct{ Properties struct{ Name string } }
	Features []struct {
		ID         int64
		Properties map[string]any
		Geometry   *struct {
			Type        string
			Coordinates json.RawMessage
		}
	}
}

func geoJSON(t *testing.T, text string) (c collection) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// writeZone writes two parcels and one without a shape, in metres of a Gauss-Krüger
// zone, beside a layer in degrees.
func writeZone(t *testing.T, path string) {
	t.Helper()
	write(t, path, func(w *gpkg.Writer) error {
		zone, err := crs.Find("EPSG:4547")
		if err != nil {
			return err
		}
		rows, err := w.Layer(gpkg.Plan{Name: "宗地", Title: "宗地（亩均）", Type: wkb.MultiPolygon, SRS: gpkg.SRSOf(zone), Fields: []gpkg.Field{
			{Name: "名称", Kind: gpkg.Text}, {Name: "亩均税收（万元/亩）", Kind: gpkg.Real}, {Name: "n", Kind: gpkg.Integer},
			{Name: "闲置", Kind: gpkg.Boolean}, {Name: "供地", Kind: gpkg.Date}, {Name: "at", Kind: gpkg.DateTime}}})
		if err != nil {
			return err
		}
		for i, at := range [][2]float64{{500_000, 3_300_000}, {500_100, 3_300_100}} {
			g := wkb.Geometry{Type: wkb.MultiPolygon, XY: []float64{at[0], at[1], at[0] + 90, at[1], at[0] + 90, at[1] + 60, at[0], at[1]}}
			g.EndRing()
			g.EndPart()
			rows.Geometry(&g)
			rows.String(0, "厂房\"甲\"，一期")
			rows.Real(1, 12.25)
			rows.Integer(2, int64(i)<<40)
			rows.Bool(3, i == 1)
			rows.Date(4, 20_088)
			rows.DateTime(5, day)
			if err := rows.End(); err != nil {
				return err
			}
		}
		if err := rows.End(); err != nil {
			return err
		}
		_, err = w.Layer(gpkg.Plan{Name: "b", SRS: gpkg.SRSOf(crs.CGCS2000)})
		return err
	})
}

func TestGDALReadsWhatIsWritten(t *testing.T) {
	path := place(t)
	writeZone(t, path)
	about := gdal(t, "ogrinfo", "-ro", "-so", "-al", path)
	for _, line := range []string{
		"Layer name: 宗地", "Geometry: Multi Polygon", "Feature Count: 3", "Extent: (500000.000000, 3300000.000000) - (500190.000000, 3300160.000000)",
		`ID["EPSG",4547]`, "FID Column = fid", "Geometry Column = geom", "名称: String (0.0)", "亩均税收（万元/亩）: Real (0.0)",
		"n: Integer64 (0.0)", "闲置: Integer(Boolean) (0.0)", "供地: Date (0.0)", "at: DateTime (0.0)", "Layer name: b", `ID["EPSG",4490]`,
	} {
		if !strings.Contains(about, line) {
			t.Errorf("ogrinfo does not say %q:\n%s", line, about)
		}
	}
	got := geoJSON(t, gdal(t, "ogr2ogr", "-f", "GeoJSON", "/vsistdout/", path, "宗地"))
	if len(got.Features) != 3 || got.CRS.Properties.Name != "urn:ogc:def:crs:EPSG::4547" {
		t.Fatalf("GDAL reads %+v", got)
	}
	f := got.Features[1]
	want := map[string]any{"名称": "厂房\"甲\"，一期", "亩均税收（万元/亩）": 12.25, "n": float64(1 << 40), "闲置": true, "供地": "2024-12-31", "at": "2025-12-31T00:00:00Z"}
	for name, v := range want {
		if f.Properties[name] != v {
			t.Errorf("GDAL reads %s as %v, not %v", name, f.Properties[name], v)
		}
	}
	var rings [][][][2]float64
	if err := json.Unmarshal(f.Geometry.Coordinates, &rings); err != nil || f.Geometry.Type != "MultiPolygon" || rings[0][0][1] != [2]float64{500_190, 3_300_100} {
		t.Errorf("GDAL reads the geometry %s (%v)", f.Geometry.Coordinates, err)
	}
	if empty := got.Features[2]; empty.Geometry != nil || empty.Properties["名称"] != nil {
		t.Errorf("GDAL reads the empty row as %+v", empty)
	}
}

func TestGDALFindsByTheIndexAndKeepsItTrue(t *testing.T) {
	path := place(t)
	writeParcels(t, path, 6000)
	found := func() int {
		out := gdal(t, "ogrinfo", "-ro", "-so", "-spat", "120.0995", "30.0015", "120.1505", "30.0035", path, "parcels")
		_, rest, _ := strings.Cut(out, "Feature Count: ")
		count, _, _ := strings.Cut(rest, "\n")
		n := 0
		for _, ch := range count {
			n = 10*n + int(ch-'0')
		}
		return n
	}
	if n := found(); n != 51*2 {
		t.Errorf("GDAL finds %d parcels, not 102", n)
	}
	for _, sql := range []string{
		"DELETE FROM parcels WHERE fid BETWEEN 2101 AND 2110",
		"UPDATE parcels SET geom = NULL WHERE fid = 2111",
		"UPDATE parcels SET geom = (SELECT geom FROM parcels WHERE fid = 1) WHERE fid = 2112",
		"UPDATE parcels SET fid = 100000 WHERE fid = 2113",
		"UPDATE parcels SET fid = 100001, geom = NULL WHERE fid = 2114",
		"UPDATE parcels SET geom = (SELECT geom FROM parcels WHERE fid = 2115) WHERE fid = 2111",
		"INSERT INTO parcels (geom) SELECT geom FROM parcels WHERE fid = 2116",
	} {
		gdal(t, "ogrinfo", path, "-sql", sql)
		if sound := ask(t, path, "SELECT rtreecheck('rtree_parcels_geom')"); sound != "ok" {
			t.Errorf("after %s the index is not sound: %s", sql, sound)
		}
	}
	if n := found(); n != 102-10-1-1+1 {
		t.Errorf("after the changes GDAL finds %d parcels, not 91", n)
	}
}

const city = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"名称":"甲","mu":1.5,"n":7,"ok":true,"d":"2025-12-31"},"geometry":{"type":"Polygon","coordinates":[[[113.9,30],[114.1,30],[114.1,30.1],[113.9,30]]]}},
{"type":"Feature","properties":{"名称":null,"mu":null,"n":null,"ok":null,"d":null},"geometry":null},
{"type":"Feature","properties":{"名称":"丙","mu":-2,"n":0,"ok":false,"d":"1949-10-01"},"geometry":{"type":"MultiPolygon","coordinates":[[[[114,30],[114.1,30],[114.1,30.1],[114,30]]],[[[115,30],[115.1,30],[115.1,30.1],[115,30]]]]}}]}`

func TestWhatGDALWritesIsRead(t *testing.T) {
	folder := t.TempDir()
	source := filepath.Join(folder, "city.geojson")
	if err := os.WriteFile(source, []byte(city), 0o666); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "城市.gpkg")
	gdal(t, "ogr2ogr", "-f", "GPKG", path, source, "-nln", "宗 地;", "-a_srs", "EPSG:4490")
	gdal(t, "ogr2ogr", "-f", "GPKG", "-update", path, source, "-nln", "投影", "-t_srs", "EPSG:4547", "-nlt", "MULTIPOLYGON", "-dim", "XYZ", "-lco", "GEOMETRY_NAME=shape", "-lco", "FID=id")

	l := layerOf(t, path, "宗 地;")
	system, err := l.SRS.System()
	if err != nil || system != crs.CGCS2000 {
		t.Errorf("the system is %v, %v", system, err)
	}
	wantKinds := map[string]gpkg.Kind{"名称": gpkg.Text, "mu": gpkg.Real, "n": gpkg.Integer, "ok": gpkg.Boolean, "d": gpkg.Date}
	for _, f := range l.Fields {
		if f.Kind != wantKinds[f.Name] {
			t.Errorf("%s is %s, declared %s", f.Name, f.Kind, f.Declared)
		}
	}
	rows := mustRead(t, l)
	if len(rows) != 3 || rows[1].shape != nil || string(rows[0].cells[0].Bytes) != "甲" || rows[2].cells[1].Real != -2 ||
		rows[0].cells[2].Integer != 7 || rows[0].cells[3].Integer != 1 || string(rows[2].cells[4].Bytes) != "1949-10-01" ||
		rows[0].shape.XY[2] != 114.1 || rows[2].shape.NumParts() != 2 {
		t.Errorf("read %+v", rows)
	}

	p := layerOf(t, path, "投影")
	system, err = p.SRS.System()
	if err != nil || system.Code != 4547 || p.Key != "id" || p.Geometry != "shape" || p.Type != "MULTIPOLYGON" {
		t.Errorf("the second layer is %+v (%v)", p, err)
	}
	rows = mustRead(t, p)
	if x, y := rows[2].shape.XY[0], rows[2].shape.XY[1]; math.Abs(x-500_000) > 1e-6 || y < 3.3e6 || y > 3.4e6 || len(rows[2].shape.XY) != 16 {
		t.Errorf("the point 114, 30 lies at %v, %v; %d numbers", x, y, len(rows[2].shape.XY))
	}
}

func TestDefinitionsMeanToGDALWhatTheirCodesMean(t *testing.T) {
	for _, code := range []string{"4490", "4326", "3857", "4491", "4501", "4502", "4512", "4513", "4533", "4534", "4547", "4554"} {
		system, err := crs.Find(code)
		if err != nil {
			t.Fatal(err)
		}
		ours := gdal(t, "gdalsrsinfo", "-o", "wkt1", gpkg.SRSOf(system).Definition)
		theirs := gdal(t, "gdalsrsinfo", "-o", "wkt1", "EPSG:"+code)
		if plainWKT(ours) != plainWKT(theirs) {
			t.Errorf("EPSG:%s is\n%s\nnot\n%s", code, ours, theirs)
		}
	}
}

// plainWKT takes the axes away, which the order of GeoPackage's coordinates does not
// follow.
func plainWKT(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "AXIS[") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
