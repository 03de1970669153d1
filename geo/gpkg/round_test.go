package gpkg_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// nasty is a name that breaks SQL put together carelessly.
const nasty = `宗地 "x"; DROP TABLE gpkg_contents; --'{r}`

var everyKind = []gpkg.Field{
	{Name: `a"b`, Kind: gpkg.Boolean}, {Name: "整数", Kind: gpkg.Integer}, {Name: "rowid", Kind: gpkg.Real},
	{Name: "text;", Kind: gpkg.Text}, {Name: "blob'", Kind: gpkg.Blob}, {Name: "date", Kind: gpkg.Date}, {Name: "select", Kind: gpkg.DateTime},
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	path := place(t)
	var g wkb.Geometry
	write(t, path, func(w *gpkg.Writer) error {
		rows, err := w.Layer(gpkg.Plan{Name: nasty, Title: "标题", Description: "说明", Geometry: `ge"om`, Key: "OID",
			SRS: gpkg.SRSOf(crs.CGCS2000), Fields: everyKind})
		if err != nil {
			return err
		}
		polygon(&g, 120, 30, 5)
		rows.Geometry(&g)
		rows.Bool(0, true)
		rows.Integer(1, -1<<63)
		rows.Real(2, 0.1)
		rows.String(3, "甲\x00乙")
		rows.Blob(4, []byte{0, 255})
		rows.Date(5, -1)
		rows.DateTime(6, day.Add(90*time.Minute))
		if err := rows.End(); err != nil {
			return err
		}
		if err := rows.End(); err != nil { // nothing given: all NULL
			return err
		}
		second, err := w.Layer(gpkg.Plan{Name: "second", Type: wkb.Point})
		if err != nil {
			return err
		}
		g.Reset(wkb.Point)
		g.XY = append(g.XY, 1, 2)
		g.EndRing()
		g.EndPart()
		second.Geometry(&g)
		return second.End()
	})

	l := layerOf(t, path, nasty)
	if l.Title != "标题" || l.Description != "说明" || l.LastChange != "2025-12-31T00:00:00.000Z" ||
		l.Key != "OID" || l.Geometry != `ge"om` || l.Type != "GEOMETRY" || l.SRS != gpkg.SRSOf(crs.CGCS2000) {
		t.Errorf("the layer came back as %+v", l)
	}
	for i, f := range l.Fields {
		if f.Name != everyKind[i].Name || f.Kind != everyKind[i].Kind {
			t.Errorf("field %d came back as %+v, not %+v", i, f, everyKind[i])
		}
	}
	rows := mustRead(t, l)
	polygon(&g, 120, 30, 5)
	want := []gpkg.Cell{
		{Kind: gpkg.Boolean, Integer: 1, Real: 1}, {Kind: gpkg.Integer, Integer: -1 << 63, Real: -1 << 63}, {Kind: gpkg.Real, Real: 0.1},
		{Kind: gpkg.Text, Bytes: []byte("甲\x00乙")}, {Kind: gpkg.Blob, Bytes: []byte{0, 255}},
		{Kind: gpkg.Date, Integer: -1, Bytes: []byte("1969-12-31")},
		{Kind: gpkg.DateTime, Integer: day.Unix() / 86400, Bytes: []byte("2025-12-31T01:30:00.000Z")},
	}
	if len(rows) != 2 || rows[0].number != 1 || rows[0].fid != 1 || !reflect.DeepEqual(rows[0].cells, want) {
		t.Fatalf("read %+v", rows)
	}
	if !reflect.DeepEqual(rows[0].shape.XY, g.XY) || rows[0].shape.Type != wkb.Polygon {
		t.Errorf("the geometry came back as %+v", rows[0].shape)
	}
	for i, c := range rows[1].cells {
		if c.Kind != gpkg.Null || rows[1].shape != nil {
			t.Errorf("cell %d of the empty row came back as %+v", i, c)
		}
	}
	second := layerOf(t, path, "second")
	if rows := mustRead(t, second); len(rows) != 1 || rows[0].shape.Type != wkb.Point || second.Title != "second" {
		t.Errorf("the second layer came back as %+v", rows)
	}
}

func TestGeometriesOfEveryTypeAndEmptyOnesComeBack(t *testing.T) {
	path := place(t)
	shapes := make([]wkb.Geometry, wkb.MultiPolygon+1)
	write(t, path, func(w *gpkg.Writer) error {
		rows, err := w.Layer(gpkg.Plan{Name: "any"})
		if err != nil {
			return err
		}
		for k := wkb.Point; k <= wkb.MultiPolygon; k++ {
			g := &shapes[k]
			g.Reset(k)
			g.XY = []float64{1, 2, 3, 4, 5, 0, 1, 2}
			if k == wkb.Point || k == wkb.MultiPoint {
				g.XY = g.XY[:2]
			}
			g.EndRing()
			g.EndPart()
			rows.Geometry(&shapes[wkb.Point]) // what is given last counts
			rows.Geometry(g)
			if err := rows.End(); err != nil {
				return err
			}
		}
		rows.Geometry(&wkb.Geometry{Type: wkb.MultiPolygon})
		return rows.End()
	})
	rows := mustRead(t, layerOf(t, path, ""))
	for i, r := range rows[:6] {
		if want := shapes[i+1]; r.shape.Type != want.Type || !reflect.DeepEqual(r.shape.XY, want.XY) {
			t.Errorf("a %s came back as %+v", want.Type, r.shape)
		}
	}
	if empty := rows[6].shape; empty.Type != wkb.MultiPolygon || !empty.Empty() {
		t.Errorf("an empty geometry came back as %+v", empty)
	}
	if n := ask(t, path, `SELECT count(*) FROM rtree_any_geom`); n != "6" {
		t.Errorf("the index holds %s geometries, not the 6 that have a place", n)
	}
}

func TestASinglePolygonBecomesMultipleInALayerOfMultipleOnes(t *testing.T) {
	path := place(t)
	write(t, path, func(w *gpkg.Writer) error {
		rows, err := w.Layer(gpkg.Plan{Name: "m", Type: wkb.MultiPolygon})
		if err != nil {
			return err
		}
		var g wkb.Geometry
		polygon(&g, 1, 1, 3)
		rows.Geometry(&g)
		if err := rows.End(); err != nil {
			return err
		}
		rows.Geometry(&wkb.Geometry{Type: wkb.Polygon})
		return rows.End()
	})
	for i, r := range mustRead(t, layerOf(t, path, "")) {
		if r.shape.Type != wkb.MultiPolygon || r.shape.NumParts() != 1-i {
			t.Errorf("row %d is a %s of %d parts", i+1, r.shape.Type, r.shape.NumParts())
		}
	}
}

func TestTheSameRowsGiveTheSameBytes(t *testing.T) {
	folder := t.TempDir()
	var before []byte
	for _, name := range []string{"a.gpkg", "一个别的名字.gpkg"} {
		path := filepath.Join(folder, name)
		writeParcels(t, path, 5000)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && !bytes.Equal(before, data) {
			t.Errorf("two files of the same rows differ")
		}
		before = data
		for _, beside := range []string{"-journal", "-wal", "-shm"} {
			if _, err := os.Stat(path + beside); err == nil {
				t.Errorf("a file %s%s was left", name, beside)
			}
		}
	}
}

func TestAFileWrittenIsSoundToSQLite(t *testing.T) {
	path := place(t)
	writeParcels(t, path, 9000) // an index of three levels
	for sql, want := range map[string]string{
		"PRAGMA integrity_check":                                        "ok",
		"SELECT rtreecheck('rtree_parcels_geom')":                       "ok",
		"SELECT count(*) FROM rtree_parcels_geom":                       "9000",
		"SELECT count(*) FROM (SELECT * FROM pragma_foreign_key_check)": "0",
		"PRAGMA application_id":                                         "1196444487",
		"PRAGMA user_version":                                           "10300",
		"SELECT seq FROM sqlite_sequence":                               "9000",
		"SELECT round(max_y, 6) FROM gpkg_contents":                     "30.00839",
	} {
		if got := ask(t, path, sql); got != want {
			t.Errorf("%s gives %s, not %s", sql, got, want)
		}
	}
}

func TestTheIndexFindsWhatAScanFinds(t *testing.T) {
	path := place(t)
	small(t, path, 4000)
	got := ask(t, path, "SELECT group_concat(id) FROM (SELECT id FROM rtree_parcels_geom WHERE maxx >= 120.1 AND minx <= 120.2 AND maxy >= 30.3 AND miny <= 30.35 ORDER BY id)")
	var want []string
	for _, r := range mustRead(t, layerOf(t, path, "")) {
		b := r.shape.Bounds()
		// The index rounds outwards by less than a hundred-thousandth of a degree.
		if b.MaxX >= 120.1-1e-5 && b.MinX <= 120.2+1e-5 && b.MaxY >= 30.3-1e-5 && b.MinY <= 30.35+1e-5 {
			want = append(want, strconv.FormatInt(r.fid, 10))
		}
	}
	if got != strings.Join(want, ",") || len(want) < 50 {
		t.Errorf("the index finds %s, a scan %s", got, want)
	}
}

func TestPlansThatNoFileCanHoldAreRefused(t *testing.T) {
	field := func(name string, k gpkg.Kind) []gpkg.Field { return []gpkg.Field{{Name: name, Kind: k}} }
	for want, p := range map[string]gpkg.Plan{
		"no name":                {},
		"begin with gpkg_":       {Name: "GPKG_x"},
		"begin with rtree_":      {Name: "rtree_x"},
		"not UTF-8":              {Name: "\xff"},
		"holds a NUL":            {Name: "a\x00b"},
		"two of that name":       {Name: "a", Fields: field("FID", gpkg.Text)},
		"a column has no name":   {Name: "a", Fields: field("", gpkg.Text)},
		"of kind null":           {Name: "a", Fields: field("x", gpkg.Null)},
		"layers of TIN":          {Name: "a", Type: 16},
		"described in two ways":  {Name: "a", SRS: gpkg.SRS{ID: 4326, Name: "mine"}},
		"cannot hold that":       {Name: "a", SRS: gpkg.SRS{ID: 1 << 40}},
		`"x": there are two of `: {Name: "a", Geometry: "X", Fields: field("x", gpkg.Text)},
	} {
		path := place(t)
		w, err := gpkg.Create(path, gpkg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Layer(p)
		refuses(t, path, err, want)
		if again := w.Close(); !errors.Is(again, err) && again.Error() != err.Error() {
			t.Errorf("Close says %v, not %v", again, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("the unfinished file is still there")
		}
	}
}

func TestRowsThatDoNotFitAreRefusedWithTheirPlace(t *testing.T) {
	for want, give := range map[string]func(l *gpkg.LayerWriter){
		`column "t": text is not UTF-8`:                func(l *gpkg.LayerWriter) { l.String(0, "\xff") },
		`column "t": integer given where text belongs`: func(l *gpkg.LayerWriter) { l.Integer(0, 1) },
		`column "d": day 9000000 is outside`:           func(l *gpkg.LayerWriter) { l.Date(1, 9_000_000) },
		`column "geom": a Point in a layer of Polygon`: func(l *gpkg.LayerWriter) { l.Geometry(&wkb.Geometry{Type: wkb.Point}) },
		`column "geom": geometries of TIN`:             func(l *gpkg.LayerWriter) { l.Geometry(&wkb.Geometry{Type: 16}) },
	} {
		path := place(t)
		w, err := gpkg.Create(path, gpkg.Options{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := w.Layer(gpkg.Plan{Name: "a", Type: wkb.Polygon, Fields: []gpkg.Field{{Name: "t", Kind: gpkg.Text}, {Name: "d", Kind: gpkg.Date}}})
		if err == nil {
			err = l.End()
		}
		if err != nil {
			t.Fatal(err)
		}
		give(l)
		refuses(t, path, l.End(), `layer "a", row 2`, want)
		refuses(t, path, w.Close(), want)
	}
}

func TestAFileThatExistsIsNotWrittenOver(t *testing.T) {
	path := place(t)
	small(t, path, 1)
	_, err := gpkg.Create(path, gpkg.Options{})
	refuses(t, path, err, "exists")
	if len(mustRead(t, layerOf(t, path, ""))) != 1 {
		t.Error("the file was harmed")
	}
}

func TestAWriterOfALayerThatWasFinishedIsRefused(t *testing.T) {
	path := place(t)
	w, err := gpkg.Create(path, gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.Layer(gpkg.Plan{Name: "a"})
	if err == nil {
		_, err = w.Layer(gpkg.Plan{Name: "b"})
	}
	if err != nil {
		t.Fatal(err)
	}
	refuses(t, path, a.End(), "finished already")
	refuses(t, path, w.Close(), "finished already")
}
