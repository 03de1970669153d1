package dataset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// written is a folder with empty files of the names.
func written(t testing.TB, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// placed lists the parts as table: name.
func placed(f *Folder) []string {
	var out []string
	for name, parts := range f.Parts {
		for _, p := range parts {
			out = append(out, name+": "+p.String())
		}
	}
	slices.Sort(out)
	return out
}

func TestFilesAreFiledUnderTheTableTheyAreNamedFor(t *testing.T) {
	f, err := Open(written(t, "Zones.GeoJSON", "宗地.parquet", "tax_2023.csv", "税收_2024.txt", "ENERGY.tsv", "output.parquet", "图斑.topojson",
		"mapping.yaml", "README.md", "LICENSE", ".hidden", "~$tax.xlsx", "readme.txt", "tax_23.csv", "enterprises_2023.csv", "parcels.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"energy: ENERGY.tsv", "land_use: 图斑.topojson", "output: output.parquet", "parcels: 宗地.parquet", "tax: tax_2023.csv", "tax: 税收_2024.txt", "zones: Zones.GeoJSON"}
	if got := placed(f); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if want := []string{"enterprises_2023.csv", "mapping.yaml", "parcels.txt", "readme.txt", "tax_23.csv"}; !slices.Equal(f.Unused, want) {
		t.Errorf("unused %q, want %q", f.Unused, want)
	}
	if y := f.Parts["tax"]; y[0].Year != 2023 || y[1].Year != 2024 || y[1].Ext != ".csv" {
		t.Errorf("%+v", y)
	}
}

func TestAShapefileIsOneFileWithAllThatBelongsToIt(t *testing.T) {
	f, err := Open(written(t, "Parcels.SHP", "parcels.dbf", "PARCELS.prj", "parcels.shx", "parcels.cpg", "parcels.sbn", "parcels.shp.xml", "parcels.qmd", "other.dbf", "other.shp"))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Parts["parcels"]
	if len(p) != 1 || p[0].Name != "Parcels.SHP" || len(p[0].Beside) != 4 || p[0].Bytes != 5*11 {
		t.Errorf("%+v", p)
	}
	if want := []string{"other.dbf", "other.shp"}; !slices.Equal(f.Unused, want) {
		t.Errorf("unused %q, want %q", f.Unused, want)
	}
}

func TestWhatIsNotReadIsRefusedWithWhatToDo(t *testing.T) {
	for name, advice := range map[string]string{
		"tax.xls": "save it as .xlsx", "税收.et": "save it as .xlsx", "tax.ods": "save it as .xlsx", "tax.shp": "the table tax is not read from .shp",
		"tax.geojson": "the table tax is not read from .geojson", "parcels.csv": "the table parcels is not read from .csv",
		"parcels.json": "rename it to .geojson", "parcels.gdb/a0001.gdbtable": "export the layer parcels as GeoPackage", "land_use.dwg": "export the layer land_use as GeoPackage",
		"enterprises.mdb": "export the table enterprises as CSV", "tax.dbf": "save the table tax as .xlsx or CSV", "parcels.kml": "export the layer parcels as GeoPackage",
	} {
		first, _, _ := strings.Cut(name, "/")
		if _, err := Open(written(t, name)); err == nil || !strings.Contains(err.Error(), first+": ") || !strings.Contains(err.Error(), advice) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := Open(written(t, "parcels.kml", "parcels.geojson", "tax.dbf", "tax.csv", "tax.kml", "plots.dwg"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"parcels.kml", "plots.dwg", "tax.dbf", "tax.kml"}; !slices.Equal(f.Unused, want) {
		t.Errorf("unused %q, want %q", f.Unused, want)
	}
}

func TestATableInTwoPlacesIsRefused(t *testing.T) {
	for _, names := range [][]string{
		{"tax.csv", "税收.csv"}, {"tax_2024.csv", "tax_2024.parquet"}, {"parcels.shp", "parcels.geojson"},
		{"parcels/a.parquet", "parcels.parquet"}, {"parcels/a.parquet", "parcels.parquet/b.parquet"}, {"tax/a.parquet", "tax.csv"},
	} {
		if _, err := Open(written(t, names...)); err == nil || !strings.Contains(err.Error(), "stands there twice") {
			t.Errorf("%q: %v", names, err)
		}
	}
	if _, err := Open(written(t, "tax.csv", "tax_2023.csv", "tax_2024.csv")); err != nil {
		t.Error(err)
	}
}

func TestTheFilesOfAFolderNamedForATableAreItsParts(t *testing.T) {
	f, err := Open(written(t, "parcels/year=2024/county=%E6%BD%9C%E5%B1%B1/part-0.parquet", "parcels/year=2024/part-1.PARQUET", "parcels/year=__HIVE_DEFAULT_PARTITION__/p.parquet",
		"parcels/_SUCCESS", "parcels/_delta_log/0.parquet", "parcels/.crc/x.parquet", "parcels/notes.txt", "other/part-0.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Parts["parcels"]
	if len(p) != 3 || len(p[0].Given) != 2 || p[0].Given[1] != (Partition{Column: "county", Value: "潜山"}) || p[1].Given[0].Value != "2024" || !p[2].Given[0].Null {
		t.Errorf("%+v", p)
	}
	if want := []string{"parcels/notes.txt"}; !slices.Equal(f.Unused, want) {
		t.Errorf("unused %q, want %q", f.Unused, want)
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"tax_2024.csv", "宗地.SHP", "tax.", ".csv", "a=b", "year=%zz", "税收_2024.XLSX", "parcels.gdb", "tax_2024"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		stem, _ := parts(name)
		if s, year, ok := named(stem); ok && (s == nil || year != 0 && (year < firstYear || year > lastYear || !s.Yearly)) {
			t.Fatalf("%q is year %d", name, year)
		}
		given, err := partitions("parcels/" + strings.ReplaceAll(name, "/", "") + "/x.parquet")
		if err == nil && len(given) > 0 && given[0].Column == "" {
			t.Fatalf("%q has a partition without a name", name)
		}
	})
}
