package shapefile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// parcel is a polygon, or multipolygon, of parts given as rings.
func parcel(parts ...[][]float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon}
	for _, rings := range parts {
		for _, r := range rings {
			g.XY = append(g.XY, r...)
			g.EndRing()
		}
		g.EndPart()
	}
	if len(parts) != 1 {
		g.Type = wkb.MultiPolygon
	}
	return g
}

var sampleFields = []Field{
	{Name: "DKBH", Type: 'C', Width: 19}, {Name: "权利人", Type: 'C', Width: 40}, {Name: "MJ", Type: 'N', Width: 12, Decimals: 2},
	{Name: "CJRQ", Type: 'D'}, {Name: "SFXZ", Type: 'L'}, {Name: "TZQD", Type: 'F', Width: 20, Decimals: 6},
}

// sampleRows are shapes and values that a layer may have.
func sampleRows() (shapes []*wkb.Geometry, rows [][]string) {
	return []*wkb.Geometry{
			parcel([][]float64{box(115, 33, 115.5, 33.5)}),
			parcel([][]float64{turned(box(0, 0, 10, 10)), box(1, 1, 2, 2)}, [][]float64{box(20, 0, 21, 1)}, [][]float64{box(4, 20, 5, 21), turned(box(4.25, 20.25, 4.5, 20.5))}),
			nil,
			parcel([][]float64{box(-1, -1, 1, 1)}),
		}, [][]string{
			{"320000000000000001", "宿迁市第一机械厂", "12345.67", "2020-02-29", "true", "-1.5"},
			{"x", "㐀 “引号”", "0", "", "false", "0.000001"},
			{"", "", "", "", "", ""},
			{"lead", "Ärger, 1", "-99999999.99", "1999-12-31", "", "123456"},
		}
}

// create writes a layer and returns its path.
func create(t testing.TB, l Layer, shapes []*wkb.Geometry, rows [][]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "layer.shp")
	w, err := Create(path, l)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range shapes {
		if err := w.Append(g, values(rows[i])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func values(row []string) [][]byte {
	var v [][]byte
	for _, s := range row {
		if s == "" {
			v = append(v, nil)
		} else {
			v = append(v, []byte(s))
		}
	}
	return v
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	shapes, rows := sampleRows()
	want := []string{
		"Polygon ([115 33 115 33.5 115.5 33.5 115.5 33 115 33])",
		"MultiPolygon ([0 0 0 10 10 10 10 0 0 0][1 1 2 1 2 2 1 2 1 1]) ([20 0 20 1 21 1 21 0 20 0]) " +
			"([4 20 4 21 5 21 5 20 4 20][4.25 20.25 4.5 20.25 4.5 20.5 4.25 20.5 4.25 20.25])",
		"nil",
		"Polygon ([-1 -1 -1 1 1 1 1 -1 -1 -1])",
	}
	for _, encoding := range []string{"", "UTF-8"} {
		l := Layer{Fields: sampleFields, Encoding: encoding, PRJ: `GEOGCS["China Geodetic Coordinate System 2000"]`}
		path := create(t, l, shapes, rows)
		for _, noIndex := range []bool{false, true} {
			if noIndex {
				if err := os.Remove(strings.TrimSuffix(path, "shp") + "shx"); err != nil {
					t.Fatal(err)
				}
			}
			for i, rec := range read(t, path, Options{}) {
				if text(rec.shape) != want[i] || fmt.Sprint(rec.cells) != fmt.Sprint(rows[i]) {
					t.Errorf("record %d: got %s %q, want %s %q", i+1, text(rec.shape), rec.cells, want[i], rows[i])
				}
			}
		}
		f := open(t, path, Options{})
		if prj, _ := f.PRJ(); prj != l.PRJ || f.Type() != Polygon || f.Fields()[1].Name != "权利人" {
			t.Errorf("got %q, %s, %+v", prj, f.Type(), f.Fields())
		}
	}
}

func TestGBKIsWrittenWithItsCPGAndLanguageDriver(t *testing.T) {
	shapes, rows := sampleRows()
	rows[1][1], rows[3][1] = "臺", "abc"
	path := create(t, Layer{Fields: sampleFields, Encoding: "gbk"}, shapes, rows)
	for range 2 { // by the .cpg, then without it by the driver
		for i, rec := range read(t, path, Options{}) {
			if fmt.Sprint(rec.cells) != fmt.Sprint(rows[i]) || rec.problems[1] != "" {
				t.Errorf("record %d: got %q, want %q", i+1, rec.cells, rows[i])
			}
		}
		if err := os.Remove(strings.TrimSuffix(path, "shp") + "cpg"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func TestTheSameRowsGiveTheSameBytes(t *testing.T) {
	shapes, rows := sampleRows()
	a, b := create(t, Layer{Fields: sampleFields}, shapes, rows), create(t, Layer{Fields: sampleFields}, shapes, rows)
	for _, ending := range []string{"shp", "shx", "dbf", "cpg"} {
		one, err := os.ReadFile(strings.TrimSuffix(a, "shp") + ending)
		if err != nil {
			t.Fatal(err)
		}
		if two, err := os.ReadFile(strings.TrimSuffix(b, "shp") + ending); err != nil || !bytes.Equal(one, two) {
			t.Errorf(".%s differs (%v)", ending, err)
		}
	}
}

func TestAnEmptyLayerIsWritten(t *testing.T) {
	if all := read(t, create(t, Layer{Fields: sampleFields}, nil, nil), Options{}); len(all) != 0 {
		t.Errorf("got %+v", all)
	}
}

func TestWhatAFieldDoesNotHoldIsRefusedAndNotCut(t *testing.T) {
	fields := []Field{{Name: "A", Type: 'C', Width: 5}, {Name: "B", Type: 'N', Width: 5}, {Name: "C", Type: 'D'}, {Name: "D", Type: 'L'}}
	square := parcel([][]float64{box(0, 0, 1, 1)})
	for want, c := range map[string]struct {
		g   *wkb.Geometry
		row []string
	}{
		"it takes 6 bytes in GBK, the field has 5": {square, []string{"宿迁市", "", "", ""}},
		"characters that GBK has not":              {square, []string{"𠮷", "", "", ""}},
		"it is not UTF-8":                          {square, []string{"\xff", "", "", ""}},
		"it holds a zero byte":                     {square, []string{"a\x00b", "", "", ""}},
		"no number of at most 5 characters":        {square, []string{"", "123456", "", ""}},
		"value \"1,5\": no number":                 {square, []string{"", "1,5", "", ""}},
		"no date such as":                          {square, []string{"", "", "20240630", ""}},
		"value \"2024-0x-30\"":                     {square, []string{"", "", "2024-0x-30", ""}},
		"neither true nor false":                   {square, []string{"", "", "", "yes"}},
		"3 values for 4 fields":                    {square, []string{"", "", ""}},
		"a Point in a layer of polygons":           {&wkb.Geometry{Type: wkb.Point, XY: []float64{1, 2}, Rings: []int32{1}, Parts: []int32{1}}, []string{"", "", "", ""}},
		"a coordinate is not finite":               {parcel([][]float64{box(0, 0, 1, math.Inf(1))}), []string{"", "", "", ""}},
	} {
		w, err := Create(filepath.Join(t.TempDir(), "layer.shp"), Layer{Fields: fields, Encoding: "GBK"})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Append(square, values([]string{"ok", "1", "", ""})); err != nil {
			t.Fatal(err)
		}
		if err := w.Append(c.g, values(c.row)); err == nil || !strings.Contains(err.Error(), "layer.shp: record 2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if err := w.Append(square, values([]string{"ok", "2", "", ""})); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if all := read(t, w.paths.shp, Options{}); len(all) != 2 || all[1].cells[1] != "2" {
			t.Errorf("after %q: %+v", want, all)
		}
	}
}

func TestALayerThatCantBeWrittenIsRefused(t *testing.T) {
	name := func(n string) Layer { return Layer{Fields: []Field{{Name: n, Type: 'C', Width: 5}}} }
	field := func(kind byte, width, decimals int) Layer {
		return Layer{Fields: []Field{{Name: "A", Type: kind, Width: width, Decimals: decimals}}}
	}
	many := make([]Field, 256)
	twice := Layer{Fields: []Field{{Name: "a", Type: 'D'}, {Name: "A", Type: 'D'}}}
	dir := t.TempDir()
	for _, c := range []struct {
		path, want string
		layer      Layer
	}{
		{"layer.SHP", "ends in .shp", name("A")}, {"layer", "ends in .shp", name("A")}, {"none/layer.shp", "no such file", name("A")},
		{"layer.shp", "a name is 1 to 10 bytes", name("ABCDEFGHIJK")}, {"layer.shp", "a name is 1 to 10 bytes", name("宗地面积")}, {"layer.shp", "a name is 1 to 10", name("")},
		{"layer.shp", "not UTF-8", name("\xff")}, {"layer.shp", "another has this name", twice}, {"layer.shp", "256 fields", Layer{Fields: many}}, {"layer.shp", "0 fields", Layer{}},
		{"layer.shp", "text is 1 to 254", field('C', 255, 0)}, {"layer.shp", "text is 1 to 254", field('C', 0, 0)}, {"layer.shp", "room for the point", field('N', 5, 4)},
		{"layer.shp", "numbers are 1 to 32", field('F', 33, 0)}, {"layer.shp", "type 'M' is not written", field('M', 10, 0)},
		{"layer.shp", "is not written: take UTF-8 or GBK", Layer{Fields: sampleFields, Encoding: "Big5"}},
	} {
		if w, err := Create(filepath.Join(dir, c.path), c.layer); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %+v: %v, want %q", c.path, c.layer, err, c.want)
			_ = w.Close()
		}
	}
}
