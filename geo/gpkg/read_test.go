package gpkg_test

import (
	"errors"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestRangesCoverEveryRowOnceWhateverTheKeys(t *testing.T) {
	for name, sql := range map[string]string{
		"dense":          "SELECT 1",
		"holes":          "DELETE FROM parcels WHERE fid % 7 IN (0, 3) OR fid BETWEEN 200 AND 600",
		"negative":       "UPDATE parcels SET fid = -fid",
		"far apart":      "UPDATE parcels SET fid = (fid - 500) * 18000000000000000",
		"least and most": "DELETE FROM parcels WHERE fid > 2; UPDATE parcels SET fid = 9223372036854775807 WHERE fid = 2; UPDATE parcels SET fid = -9223372036854775808 WHERE fid = 1",
		"none":           "DELETE FROM parcels",
		"one":            "DELETE FROM parcels WHERE fid <> 5",
	} {
		path := place(t)
		small(t, path, 1000)
		change(t, path, withoutTriggers...)
		change(t, path, sql)
		l := layerOf(t, path, "")
		whole := mustRead(t, l)
		if n, err := l.Count(); err != nil || n != int64(len(whole)) {
			t.Errorf("%s: counted %d rows (%v), read %d", name, n, err, len(whole))
		}
		for _, size := range []int{1, 7, 100, 1000, 5000} {
			parts, err := l.Ranges(size)
			if err != nil {
				t.Fatal(name, err)
			}
			var got []row
			for i, p := range parts {
				rows, err := readAll(l, p)
				if err != nil {
					t.Fatal(name, err)
				}
				if len(rows) != p.Rows || p.Rows != size && i < len(parts)-1 || rows[0].number != p.First {
					t.Fatalf("%s: range %+v of %d gives %d rows from number %d", name, p, size, len(rows), rows[0].number)
				}
				got = append(got, rows...)
			}
			if !reflect.DeepEqual(got, whole) {
				t.Errorf("%s: ranges of %d rows give other rows than the whole", name, size)
			}
		}
	}
}

// withoutTriggers drops the triggers, whose functions a plain SQLite does not have.
var withoutTriggers = []string{
	"DROP TRIGGER rtree_parcels_geom_insert", "DROP TRIGGER rtree_parcels_geom_delete", "DROP TRIGGER rtree_parcels_geom_update2",
	"DROP TRIGGER rtree_parcels_geom_update4", "DROP TRIGGER rtree_parcels_geom_update5", "DROP TRIGGER rtree_parcels_geom_update6",
	"DROP TRIGGER rtree_parcels_geom_update7",
}

func TestManyReadersAtOnceSeeTheSameRows(t *testing.T) {
	path := place(t)
	small(t, path, 3000)
	l := layerOf(t, path, "")
	whole := mustRead(t, l)
	parts, err := l.Ranges(100)
	if err != nil {
		t.Fatal(err)
	}
	got := make([][]row, len(parts))
	var group sync.WaitGroup
	for i, p := range parts {
		group.Go(func() {
			rows, err := readAll(l, p)
			if err != nil {
				t.Error(err)
			}
			got[i] = rows
		})
	}
	group.Wait()
	var all []row
	for _, g := range got {
		all = append(all, g...)
	}
	if !reflect.DeepEqual(all, whole) {
		t.Error("thirty readers give other rows than one")
	}
}

func TestARowCostsNoAllocation(t *testing.T) {
	path := place(t)
	writeParcels(t, path, 3000)
	l := layerOf(t, path, "")
	r, err := l.Reader([]int{0, 1, 2, 3, 4, 5, 6}, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Start(gpkg.All())
	var g wkb.Geometry
	n := testing.AllocsPerRun(2000, func() {
		more, err := r.Next()
		shape, _, wrong := r.Geometry()
		if !more || err != nil || wrong != nil || g.Parse(shape) != nil {
			t.Fatal("no row", err, wrong)
		}
		for i := range 7 {
			if _, err := r.Cell(i); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n != 0 {
		t.Errorf("a row costs %v allocations", n)
	}
}

func TestALayerIsChosenByNameOrIsTheOnlyOne(t *testing.T) {
	path := place(t)
	write(t, path, func(w *gpkg.Writer) error {
		if _, err := w.Layer(gpkg.Plan{Name: "宗地"}); err != nil {
			return err
		}
		_, err := w.Layer(gpkg.Plan{Name: "zones"})
		return err
	})
	f, err := gpkg.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if names := f.Layers(); !reflect.DeepEqual(names, []string{"宗地", "zones"}) {
		t.Errorf("layers are %q", names)
	}
	_, err = f.Layer("")
	refuses(t, path, err, `2 layers ("宗地", "zones")`, "say which")
	_, err = f.Layer("parcels")
	refuses(t, path, err, `no layer "parcels", but "宗地", "zones"`)
	if l, err := f.Layer("zones"); err != nil || l.Name != "zones" {
		t.Errorf("zones is %v, %v", l, err)
	}
}

func TestCoordinateSystemsAreToldByCodeOrName(t *testing.T) {
	for _, c := range []struct {
		srs  gpkg.SRS
		want string
	}{
		{gpkg.SRSOf(crs.CGCS2000), "EPSG:4490"},
		{gpkg.SRS{ID: 100000, Name: "x", Organization: "epsg", Code: 4547}, "EPSG:4547"},
		{gpkg.SRS{ID: 100001, Name: "CGCS2000_3_Degree_GK_CM_114E", Organization: "ESRI", Code: 4547}, "EPSG:4547"},
		{gpkg.SRS{ID: 100002, Name: "Xian 1980", Organization: "EPSG", Code: 4610}, "Xian 1980"},
		{gpkg.SRS{ID: 0}, "undefined"},
		{gpkg.SRS{ID: -1}, "undefined"},
	} {
		path := place(t)
		write(t, path, func(w *gpkg.Writer) error {
			_, err := w.Layer(gpkg.Plan{Name: "a", SRS: c.srs})
			return err
		})
		system, err := layerOf(t, path, "").SRS.System()
		switch {
		case err != nil:
			if !strings.Contains(err.Error(), c.want) || c.srs.Undefined() != errors.Is(err, gpkg.ErrUndefined) {
				t.Errorf("%+v: %v", c.srs, err)
			}
		case system.String() != c.want:
			t.Errorf("%+v is read as %s", c.srs, system)
		}
	}
}

func TestWhatIsStoredDecidesTheKindOfACell(t *testing.T) {
	path := place(t)
	write(t, path, func(w *gpkg.Writer) error {
		rows, err := w.Layer(gpkg.Plan{Name: "a", Fields: []gpkg.Field{
			{Name: "b", Kind: gpkg.Boolean}, {Name: "d", Kind: gpkg.Date}, {Name: "t", Kind: gpkg.DateTime}, {Name: "n", Kind: gpkg.Integer}}})
		if err != nil {
			return err
		}
		return rows.End()
	})
	change(t, path, "DROP TRIGGER rtree_a_geom_update2", "DROP TRIGGER rtree_a_geom_update4", "DROP TRIGGER rtree_a_geom_update5",
		"DROP TRIGGER rtree_a_geom_update6", "DROP TRIGGER rtree_a_geom_update7")
	for _, c := range []struct {
		b, d, t, n string
		want       [4]gpkg.Kind
	}{
		{"1", "'2024-02-29'", "'2024-02-29T10:00:00Z'", "5", [4]gpkg.Kind{gpkg.Boolean, gpkg.Date, gpkg.DateTime, gpkg.Integer}},
		{"2", "'2023-02-29'", "'2024-02-29 10:00'", "1.5", [4]gpkg.Kind{gpkg.Integer, gpkg.Text, gpkg.DateTime, gpkg.Real}},
		{"'true'", "'2024/02/29'", "'2024-02-29'", "'12 mu'", [4]gpkg.Kind{gpkg.Text, gpkg.Text, gpkg.DateTime, gpkg.Text}},
		{"x'00'", "'2024-02-29T00:00:00Z'", "20240229", "NULL", [4]gpkg.Kind{gpkg.Blob, gpkg.Text, gpkg.Integer, gpkg.Null}},
		{"0", "'2024-06-31'", "'2024-13-01T00'", "9223372036854775807", [4]gpkg.Kind{gpkg.Boolean, gpkg.Text, gpkg.Text, gpkg.Integer}},
	} {
		change(t, path, "UPDATE a SET b = "+c.b+", d = "+c.d+", t = "+c.t+", n = "+c.n)
		for i, cell := range mustRead(t, layerOf(t, path, ""))[0].cells {
			if cell.Kind != c.want[i] {
				t.Errorf("%+v: cell %d is %s, not %s", c, i, cell.Kind, c.want[i])
			}
		}
	}
}

func TestTextThatIsNotUTF8IsToldWithItsPlace(t *testing.T) {
	path := place(t)
	small(t, path, 9)
	change(t, path, append(withoutTriggers, "UPDATE parcels SET code = CAST(x'd5e3bdad' AS TEXT), fid = 70 WHERE fid = 7")...)
	rows, err := readAll(layerOf(t, path, ""), gpkg.All())
	refuses(t, path, err, `layer "parcels", row 9 (fid 70), column "code"`, "not UTF-8")
	var at *gpkg.CellError
	if !errors.As(err, &at) || at.Row != 9 || at.FID != 70 || !errors.Is(err, gpkg.ErrText) {
		t.Errorf("the error is %#v", err)
	}
	if len(rows) != 9 || string(rows[8].cells[0].Bytes) != "\xd5\xe3\xbd\xad" {
		t.Error("the rest of the rows cannot be read")
	}
}

func TestGeometriesThatAreNoneAreToldWithTheirPlace(t *testing.T) {
	for sql, want := range map[string]string{
		"'POLYGON EMPTY'":                       "not a GeoPackage geometry but text",
		"x''":                                   "does not begin with GP",
		"x'0103000000'":                         "does not begin with GP",
		"x'4750010100000000ff'":                 "it is of version 2",
		"x'47500021000000000103'":               "extended type",
		"x'4750000b000000000103'":               "no envelope 5",
		"x'475000030000000001'":                 "ends inside its header",
		"x'4750000100000000'":                   "ends inside its header",
		"x'47500001e6100000010300000000000000'": "header says coordinate system 4326, the layer 4490",
	} {
		path := place(t)
		small(t, path, 3)
		change(t, path, append(withoutTriggers, "UPDATE parcels SET geom = "+sql+" WHERE fid = 2")...)
		rows, err := readAll(layerOf(t, path, ""), gpkg.All())
		refuses(t, path, err, `row 2 (fid 2), column "geom"`, want)
		if !errors.Is(err, gpkg.ErrHeader) || len(rows) != 3 {
			t.Errorf("%s: %v, %d rows", sql, err, len(rows))
		}
	}
}

func TestAFileInUTF16IsRead(t *testing.T) {
	path := place(t)
	change(t, path, "PRAGMA encoding='UTF-16le'", "PRAGMA application_id=1196444487",
		"CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, identifier TEXT, description TEXT, last_change TEXT)",
		"CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER)",
		"CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, srs_name TEXT, organization TEXT, organization_coordsys_id INTEGER, definition TEXT)",
		"INSERT INTO gpkg_contents VALUES ('宗地', 'features', '', '', '')",
		"INSERT INTO gpkg_geometry_columns VALUES ('宗地', '图形', 'polygon', 0)",
		"CREATE TABLE 宗地 (名称 VARCHAR(9), 图形 POLYGON)", "INSERT INTO 宗地 VALUES ('甲', NULL)")
	l := layerOf(t, path, "")
	if rows := mustRead(t, l); l.Key != "" || l.Type != "POLYGON" || len(rows) != 1 || rows[0].fid != 1 || string(rows[0].cells[0].Bytes) != "甲" {
		t.Errorf("read %+v of %+v", rows, l)
	}
}

func TestOnlyPlainTablesAreRead(t *testing.T) {
	for want, sql := range map[string][]string{
		"views are not read":                         {"ALTER TABLE parcels RENAME TO old", "CREATE VIEW parcels AS WITH RECURSIVE r(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM r) SELECT fid, x'' AS geom FROM r"},
		"there is no table":                          {"DROP TABLE parcels"},
		"WITHOUT ROWID":                              {"DROP TABLE parcels", "CREATE TABLE parcels (fid INTEGER PRIMARY KEY, geom BLOB) WITHOUT ROWID"},
		"no integer key":                             {"DROP TABLE parcels", "CREATE TABLE parcels (a, b, geom BLOB, PRIMARY KEY (a, b))"},
		"no column \"geom\"":                         {"ALTER TABLE parcels RENAME COLUMN geom TO shape"},
		"lists 0 geometry":                           {"DELETE FROM gpkg_geometry_columns"},
		"system 4490 is not in gpkg_spatial_ref_sys": {"DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 4490"},
		"layer of features":                          {"UPDATE gpkg_contents SET data_type = 'tiles'"},
		"it has no table gpkg_contents":              {"ALTER TABLE gpkg_contents RENAME TO c", "CREATE VIEW gpkg_contents AS SELECT * FROM c"},
	} {
		path := place(t)
		small(t, path, 3)
		change(t, path, withoutTriggers...)
		change(t, path, sql...)
		f, err := gpkg.Open(path)
		if err == nil {
			_, err = f.Layer("")
			_ = f.Close()
		}
		refuses(t, path, err, want)
	}
}

func TestColumnsNamedLikeTheKeyAreOnlyColumns(t *testing.T) {
	path := place(t)
	small(t, path, 1)
	change(t, path, withoutTriggers...)
	change(t, path, "DROP TABLE parcels", `CREATE TABLE parcels (rowid TEXT, OID TEXT, geom BLOB, id INTEGER PRIMARY KEY, twice AS (id * 2))`,
		"INSERT INTO parcels VALUES ('r', 'o', NULL, 42)")
	l := layerOf(t, path, "")
	rows := mustRead(t, l)
	if l.Key != "id" || len(l.Fields) != 3 || rows[0].fid != 42 || string(rows[0].cells[0].Bytes) != "r" || rows[0].cells[2].Integer != 84 {
		t.Errorf("read %+v of %+v", rows, l)
	}
}

func TestAFileChangedWhileItIsReadIsTold(t *testing.T) {
	path := place(t)
	small(t, path, 300)
	l := layerOf(t, path, "")
	r, err := l.Reader([]int{0}, true)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Start(gpkg.All())
	if more, err := r.Next(); !more || err != nil {
		t.Fatal(more, err)
	}
	out, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = out.Write(make([]byte, 4096))
		_ = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		more, err = r.Next()
	}
	refuses(t, path, err, "changed while it was read", "row 300")
	if !errors.Is(err, gpkg.ErrChanged) {
		t.Error(err)
	}
}

func TestAFileCutShortWhileItIsReadIsToldAndNeverACrash(t *testing.T) {
	path := place(t)
	small(t, path, 3000)
	l := layerOf(t, path, "")
	r, err := l.Reader([]int{0, 1}, true)
	if err != nil {
		t.Fatal(err)
	}
	r.Start(gpkg.All())
	if more, err := r.Next(); !more || err != nil {
		t.Fatal(more, err)
	}
	if err := os.Truncate(path, 8192); err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		more, err = r.Next()
	}
	refuses(t, path, err, "changed while it was read")
	if _, again := r.Next(); again == nil {
		t.Error("the reader goes on")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := l.Ranges(10); err == nil {
		t.Error("the file can be counted still")
	}
}

func TestFieldsThatAreNotThereAreRefused(t *testing.T) {
	path := place(t)
	small(t, path, 1)
	l := layerOf(t, path, "")
	for _, f := range []int{-1, 2} {
		_, err := l.Reader([]int{f}, true)
		refuses(t, path, err, "no field "+strconv.Itoa(f))
	}
	_, err := l.Ranges(0)
	refuses(t, path, err, "cannot part")
}
