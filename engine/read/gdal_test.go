package read

import (
	"os"
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

func TestAGeoPackageThatGDALWroteInAnySystemReadsToTheSampleItself(t *testing.T) {
	tab := cityTable(t, table.Zones)
	source := asGiven(t, tab)
	for srid, system := range map[string]string{ // 113°E lies in the third: 37, and in the sixth: 19
		"4490": "", "4326": "", "3857": "EPSG:3857", "4526": "EPSG:4526", "4547": "EPSG:4547", "4508": "EPSG:4508", "4497": "EPSG:4497", "4546": "EPSG:4546",
	} {
		t.Run(srid, func(t *testing.T) {
			dir := t.TempDir()
			ogr2ogr(t, "-f", "GPKG", "-s_srs", "EPSG:4490", "-t_srs", "EPSG:"+srid, filepath.Join(dir, "zones.gpkg"), source)
			got := reread(t, dir, table.Zones)
			same(t, tab, got, 1e-9)
			if note := got.Account.Files[0].Note; (note == "") != (system == "") || !strings.Contains(note, system) {
				t.Errorf("note %q", note)
			}
		})
	}
}

func TestTablesThatGDALWroteReadToTheSampleItself(t *testing.T) {
	for _, name := range []string{table.Output, table.Enterprises, table.Tenancies, table.ZoneIndicators} {
		tab := cityTable(t, name)
		source := filepath.Join(t.TempDir(), "source.csv")
		asText(t, source, tab, ",", nil)
		for format, args := range map[string][]string{
			"workbook of text":    {".xlsx", "-f", "XLSX", "-nln", "汇总"},
			"semicolons and mark": {".csv", "-f", "CSV", "-lco", "SEPARATOR=SEMICOLON", "-lco", "WRITE_BOM=YES"},
			"tabs and CRLF":       {".tsv", "-f", "CSV", "-lco", "SEPARATOR=TAB", "-lco", "LINEFORMAT=CRLF"},
		} {
			t.Run(name+" as "+format, func(t *testing.T) {
				dir := t.TempDir()
				written := filepath.Join(dir, name+args[0])
				if args[0] == ".tsv" { // GDAL goes by the ending
					written = filepath.Join(t.TempDir(), name+".csv")
				}
				ogr2ogr(t, append([]string{written, source}, args[1:]...)...)
				if args[0] == ".tsv" {
					moved, err := os.ReadFile(written)
					if err == nil {
						err = os.WriteFile(filepath.Join(dir, name+".tsv"), moved, 0o600)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				same(t, tab, reread(t, dir, name), 0)
			})
		}
	}
}

func TestAWorkbookWhoseNumbersGDALTypedReadsToTheSampleItself(t *testing.T) {
	tab := cityTable(t, table.Output)
	source := filepath.Join(t.TempDir(), "source.csv")
	asText(t, source, tab, ",", nil)
	dir := t.TempDir()
	ogr2ogr(t, filepath.Join(dir, "output.xlsx"), source, "-f", "XLSX", "-oo", "AUTODETECT_TYPE=YES")
	same(t, tab, reread(t, dir, table.Output), 0)
}

func TestGDALReadsWorkbooksOfAnotherWriterAsTheyAreReadHere(t *testing.T) {
	tab := cityTable(t, table.Enterprises)
	from, dir := t.TempDir(), t.TempDir()
	asWorkbook(t, filepath.Join(from, "enterprises.xlsx"), map[string]*Table{"Sheet1": tab})
	// Of the title above the head GDAL knows nothing: all its columns are text then.
	ogr2ogr(t, filepath.Join(dir, "enterprises.csv"), filepath.Join(from, "enterprises.xlsx"), "-f", "CSV", "-oo", "HEADERS=DISABLE", "-oo", "FIELD_TYPES=STRING")
	text, err := os.ReadFile(filepath.Join(dir, "enterprises.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	rows := lines[2 : len(lines)-2] // the names that GDAL gives, the title; the total and the signature
	if err := os.WriteFile(filepath.Join(dir, "enterprises.csv"), []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	same(t, reread(t, from, table.Enterprises), reread(t, dir, table.Enterprises), 0)
}

func TestGDALReadsTopoJSONAsItIsReadHere(t *testing.T) {
	for _, name := range []string{table.Zones, table.LandUse} { // of the parcels one has a ring of two corners, which GDAL drops
		for _, quantised := range []bool{false, true} {
			tab := cityTable(t, name)
			from, dir := t.TempDir(), t.TempDir()
			asTopoJSON(t, filepath.Join(from, name+".topojson"), name, tab, quantised)
			ogr2ogr(t, "-f", "GeoJSON", "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=15", filepath.Join(dir, name+".geojson"), filepath.Join(from, name+".topojson"))
			same(t, reread(t, from, name), reread(t, dir, name), 1e-12)
		}
	}
}
