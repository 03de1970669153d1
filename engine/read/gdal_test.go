package read

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/table"
)

// ogr2ogr runs GDAL's converter: what it writes is what bureaus get from QGIS.
func ogr2ogr(t *testing.T, args ...string) {
	t.Helper()
	tool, err := exec.LookPath("ogr2ogr")
	if err != nil {
		t.Fatal("ogr2ogr is not there: install GDAL's tools (apt-get install gdal-bin)")
	}
	if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// asGiven is a layer of the sample as GeoJSON that GDAL reads, and its path.
func asGiven(t *testing.T, tab *Table) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), tab.Schema.Name+".geojson")
	asGeoJSON(t, path, tab, "", still)
	return path
}

func TestWhatGDALWritesInMetresReadsToTheSampleItself(t *testing.T) {
	for _, name := range layersOfCity {
		tab := cityTable(t, name)
		source := asGiven(t, tab)
		for format, args := range map[string][]string{
			"GeoJSON": {name + ".geojson", "-f", "GeoJSON", "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=9"},
			"GPKG":    {name + ".gpkg", "-f", "GPKG", "-nln", "任意名称"},
		} {
			t.Run(name+" as "+format, func(t *testing.T) {
				dir := t.TempDir()
				ogr2ogr(t, append([]string{"-t_srs", "EPSG:4547", filepath.Join(dir, args[0]), source}, args[1:]...)...)
				same(t, tab, reread(t, dir, name), 1e-7)
			})
		}
	}
}

func TestOneGeoPackageThatGDALWroteHoldsAllLayers(t *testing.T) {
	dir := t.TempDir()
	city := filepath.Join(dir, "city.gpkg")
	for i, name := range layersOfCity {
		args := []string{"-f", "GPKG", "-t_srs", "EPSG:4490", "-nln", name, city, asGiven(t, cityTable(t, name))}
		if i > 0 {
			args = append([]string{"-update"}, args...)
		}
		ogr2ogr(t, args...)
	}
	for _, name := range layersOfCity {
		same(t, cityTable(t, name), reread(t, dir, name), 1e-9)
	}
}

func TestShapefilesThatGDALWroteReadToTheSampleItself(t *testing.T) {
	for _, name := range []string{table.Zones, table.Parcels} {
		want := without(t, cityTable(t, name), shortNames[name])
		var columns []string
		for _, f := range want.Schema.Fields {
			if short := shortNames[name][f.Name]; short != "" {
				columns = append(columns, `"`+f.Name+`" AS "`+short+`"`)
			}
		}
		source := asGiven(t, want)
		for _, encoding := range []string{"GBK", "UTF-8"} {
			if encoding == "UTF-8" && name == table.Parcels {
				continue // its names would be cut to three characters
			}
			t.Run(name+" in "+encoding, func(t *testing.T) {
				dir := t.TempDir()
				chosen := columns
				if encoding == "UTF-8" {
					chosen = []string{"zone_code", "name", "level", "kind", "role", "county", "leading_industries AS leading_in",
						"approved_area AS approved_a", "approved_on AS approved_o"}
				}
				ogr2ogr(t, "-f", "ESRI Shapefile", "-t_srs", "EPSG:4547", "-lco", "ENCODING="+encoding, "-nln", name,
					"-sql", "SELECT "+strings.Join(chosen, ", ")+" FROM "+name, filepath.Join(dir, name+".shp"), source)
				if encoding == "GBK" {
					unitsOf(t, dir, name)
				}
				same(t, want, reread(t, dir, name), 1e-7)
			})
		}
	}
}

func TestNamesThatAShapefileCutToTheSameAreRefused(t *testing.T) {
	dir := t.TempDir()
	ogr2ogr(t, "-f", "ESRI Shapefile", "-t_srs", "EPSG:4490", "-lco", "ENCODING=UTF-8", filepath.Join(dir, "parcels.shp"), asGiven(t, cityTable(t, table.Parcels)))
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = scanAll(f, table.Parcels, 2)
	if err == nil || !strings.Contains(err.Error(), `column "investment": its name is cut short and may be investment_made or investment_total`) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}
