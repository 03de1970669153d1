package engine_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/write"
)

// everyLayerFormat evaluates a folder into all formats.
func everyLayerFormat(t testing.TB, data string, o engine.Options) (dir string) {
	t.Helper()
	return evaluatedAs(t, data, o, write.Formats{GeoJSON: true, GeoParquet: true, GeoPackage: true, CSV: true})
}

// mapFeature is one of a layer, as any reader of GeoJSON sees it.
type mapFeature struct {
	Properties map[string]any
	Geometry   struct {
		Type        string
		Coordinates any
	}
}

// mapped reads GeoJSON, by the values of the columns that tell features apart.
func mapped(t testing.TB, text []byte) map[string]mapFeature {
	t.Helper()
	var all struct{ Features []mapFeature }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]mapFeature{}
	for _, f := range all.Features {
		if f.Geometry.Type == "Polygon" { // a GeoPackage's layer has one type
			f.Geometry.Type, f.Geometry.Coordinates = "MultiPolygon", []any{f.Geometry.Coordinates}
		}
		var key []string
		for _, name := range []string{"parcel_code", "feature_id", "zone_code", "rule", "code"} {
			if v, ok := f.Properties[name].(string); ok {
				key = append(key, v)
			}
		}
		out[strings.Join(key, "/")] = f
	}
	if len(out) != len(all.Features) {
		t.Fatalf("%d features, %d told apart", len(all.Features), len(out))
	}
	return out
}

// gdalFeatures reads a layer with GDAL. Rings may be turned the other way and begin
// elsewhere than in the GeoJSON, which RFC 7946 has its own order for, so GDAL writes
// that order too.
func gdalFeatures(t testing.TB, path, layer string) map[string]mapFeature {
	t.Helper()
	to := filepath.Join(t.TempDir(), layer+".geojson")
	ogr2ogr(t, "-f", "GeoJSON", "-lco", "RFC7946=YES", "-lco", "COORDINATE_PRECISION=7", to, path, layer)
	return mapped(t, fileText(t, to))
}

func sameFeatures(t *testing.T, want, got map[string]mapFeature) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("%d features, want %d", len(got), len(want))
	}
	wrong := 0
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if w, g := want[key], got[key]; !reflect.DeepEqual(w, g) {
			if wrong++; wrong < 4 {
				t.Errorf("%s is\n%v\nwant\n%v", key, g, w)
			}
		}
	}
}

func TestTheGeoPackageHoldsWhatTheGeoJSONLayersHold(t *testing.T) {
	c := theSample(t)
	dir := everyLayerFormat(t, c.folder(t, nil), c.options(t))
	path := filepath.Join(dir, filepath.FromSlash(write.GeoPackageName))
	layers, err := filepath.Glob(filepath.Join(dir, "layers", "*.geojson"))
	if err != nil || len(layers) < 5 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	for _, source := range layers {
		layer := strings.TrimSuffix(filepath.Base(source), ".geojson")
		t.Run(layer, func(t *testing.T) {
			sameFeatures(t, mapped(t, fileText(t, source)), gdalFeatures(t, path, layer))
		})
	}
}

func TestTheGeoPackageKeepsTheTypesOfColumnsWithoutValues(t *testing.T) {
	c := theSample(t)
	dir := everyLayerFormat(t, c.folder(t, nil), c.options(t))
	out, err := exec.Command("ogrinfo", "-so", filepath.Join(dir, filepath.FromSlash(write.GeoPackageName)), "zones").CombinedOutput()
	if err != nil {
		t.Fatalf("ogrinfo: %v\n%s", err, out)
	}
	for column, kind := range map[string]string{
		"underused_mu": "Real", "intensity_index": "Real", "rank": "Integer64", "bottom_line": "String", "parcels": "Integer64", "mu": "Real",
	} {
		if !regexp.MustCompile(`(?m)^` + column + `: ` + kind + ` `).Match(out) {
			t.Errorf("no %s of type %s in\n%s", column, kind, out)
		}
	}
}

func TestEveryLayerFormatIsTheSameBytesWhateverTheOrderOfRowsAndTheThreads(t *testing.T) {
	c := theSample(t)
	o := c.options(t)
	o.Threads = 1
	want := results(t, everyLayerFormat(t, c.folder(t, nil), o))
	o.Threads = 4
	got := results(t, everyLayerFormat(t, c.folder(t, shuffled(t, 3)), o))
	sameResults(t, want, got)
	if want[write.GeoPackageName] == nil || want["layers/parcels.parquet"] == nil {
		t.Error("there is no GeoPackage or no GeoParquet to compare")
	}
}

func TestGeoPandasReadsTheGeoParquetLayers(t *testing.T) {
	c := theSample(t)
	dir := everyLayerFormat(t, c.folder(t, nil), c.options(t))
	python := os.Getenv("MUSCOPE_TEST_PYTHON")
	if python == "" {
		t.Fatal("MUSCOPE_TEST_PYTHON is not set: run make test, or set it to a Python that has GeoPandas and pyarrow")
	}
	for _, layer := range []string{"parcels", "idle_land", "zones", "land_mix", "land_mix_pieces"} {
		t.Run(layer, func(t *testing.T) {
			cmd := exec.Command(python, filepath.Join("testdata", "geoparquet.py"), filepath.Join(dir, "layers", layer))
			var errs bytes.Buffer
			cmd.Stderr = &errs
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, &errs)
			}
			if got := strings.TrimSpace(string(out)); got != "the same" {
				t.Error(got)
			}
		})
	}
}

func TestALayerOfManyRowsAddsTheGeoPackageUnlessFormatsAreAskedFor(t *testing.T) {
	c := theSample(t) // of 1995 parcels
	data, o := c.folder(t, nil), c.options(t)
	for _, one := range []struct {
		formats write.Formats
		want    bool
	}{
		{write.Formats{GeoJSON: true, CSV: true, Large: 1994}, true},
		{write.Formats{GeoJSON: true, CSV: true, Large: 1995}, false},
		{write.Formats{GeoJSON: true, CSV: true}, false},
		{write.DefaultFormats, false},
	} {
		_, err := os.Stat(filepath.Join(evaluatedAs(t, data, o, one.formats), filepath.FromSlash(write.GeoPackageName)))
		if got := err == nil; got != one.want {
			t.Errorf("%+v: a GeoPackage is %v, want %v", one.formats, got, one.want)
		}
	}
}
