package write

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// clockwise is a polygon whose rings all run the wrong way, or rather the same
// way: shell and hole clockwise.
func clockwise(x, y float64) []byte {
	g := &wkb.Geometry{Type: wkb.Polygon}
	for _, r := range []float64{0.01, 0.002} {
		g.XY = append(g.XY, x-r, y-r, x-r, y+r, x+r, y+r, x+r, y-r, x-r, y-r)
		g.EndRing()
	}
	g.EndPart()
	return g.Append(nil)
}

func layerOf(name string, rows int) Layer {
	return Layer{
		Name: name, Rows: rows, Shape: func(i int) []byte { return clockwise(113+float64(i%100)*0.1, 31-float64(i%7)) },
		Columns: append([]Column{Integer("number", func(i int) (int64, bool) { return int64(i), true })}, columns()...),
	}
}

func created(t *testing.T, dir string, overwrite bool) *Folder {
	t.Helper()
	f, err := Create(dir, overwrite, 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Abort)
	return f
}

// finished writes a run folder with one layer and one table.
func finished(t *testing.T, dir string, overwrite bool, rows int) *Manifest {
	t.Helper()
	f, ctx := created(t, dir, overwrite), context.Background()
	if err := f.Layer(ctx, layerOf("parcels", rows)); err != nil {
		t.Fatal(err)
	}
	if err := f.Table(ctx, Table{Name: "zones", Rows: rows, Columns: layerOf("", rows).Columns}); err != nil {
		t.Fatal(err)
	}
	m := &Manifest{RunID: "run"}
	if err := f.Finish(ctx, m); err != nil {
		t.Fatal(err)
	}
	return m
}

func fileText(t *testing.T, parts ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// names lists a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// collection is a layer as RFC 7946 describes it.
type collection struct {
	Type     string
	Name     string
	Features []struct {
		Type       string
		Properties map[string]json.RawMessage
		Geometry   struct {
			Type        string
			Coordinates [][][2]float64
		}
	}
	Bbox []float64
}

// turn is twice the signed area of a ring: positive when it runs counter-clockwise.
func turn(ring [][2]float64) float64 {
	sum := 0.0
	for i := range len(ring) - 1 {
		sum += (ring[i][0]-ring[0][0])*(ring[i+1][1]-ring[0][1]) - (ring[i+1][0]-ring[0][0])*(ring[i][1]-ring[0][1])
	}
	return sum
}

func TestALayerIsRFC7946WithAFeatureALine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	const rows = 2500 // more than are formatted at once
	finished(t, dir, false, rows)
	text := fileText(t, dir, "layers", "parcels.geojson")
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	if len(lines) != rows+2 {
		t.Fatalf("%d lines for %d features", len(lines), rows)
	}
	for i, line := range lines[1 : rows+1] {
		if line = bytes.TrimSuffix(line, []byte(",")); !json.Valid(line) {
			t.Fatalf("line %d is no feature: %s", i+2, line)
		}
	}
	var c collection
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	if c.Type != "FeatureCollection" || c.Name != "parcels" || len(c.Features) != rows {
		t.Fatalf("%s %s of %d features", c.Type, c.Name, len(c.Features))
	}
	minX, minY, maxX, maxY := 180.0, 90.0, -180.0, -90.0
	for i, f := range c.Features {
		if f.Type != "Feature" || f.Geometry.Type != "Polygon" || len(f.Geometry.Coordinates) != 2 || string(f.Properties["number"]) != fmt.Sprint(i) {
			t.Fatalf("feature %d: %+v", i, f)
		}
		for k, ring := range f.Geometry.Coordinates {
			if ring[0] != ring[len(ring)-1] {
				t.Fatalf("feature %d: ring %d is open", i, k)
			}
			if ccw := turn(ring) > 0; ccw != (k == 0) {
				t.Fatalf("feature %d: ring %d runs the wrong way", i, k)
			}
			for _, p := range ring {
				minX, minY, maxX, maxY = min(minX, p[0]), min(minY, p[1]), max(maxX, p[0]), max(maxY, p[1])
			}
		}
		want := "12350.0"
		if i == 1 {
			want = "null"
		}
		if string(f.Properties["whole"]) != want || len(f.Properties) != 10 {
			t.Fatalf("feature %d: properties %s", i, f.Properties)
		}
	}
	if want := []float64{minX, minY, maxX, maxY}; !slices.Equal(c.Bbox, want) {
		t.Errorf("bbox %v, want %v", c.Bbox, want)
	}
}

func TestALayerWithoutRowsIsAnEmptyCollection(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	finished(t, dir, false, 0)
	var c collection
	if err := json.Unmarshal(fileText(t, dir, "layers", "parcels.geojson"), &c); err != nil {
		t.Fatal(err)
	}
	if c.Type != "FeatureCollection" || len(c.Features) != 0 || c.Bbox != nil {
		t.Errorf("%+v", c)
	}
	if text := fileText(t, dir, "tables", "zones.csv"); bytes.Count(text, []byte("\n")) != 1 {
		t.Errorf("a table without rows: %q", text)
	}
}

func TestATableHasAByteOrderMarkAHeaderAndARowALine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	const rows = 2500
	finished(t, dir, false, rows)
	text, marked := bytes.CutPrefix(fileText(t, dir, "tables", "zones.csv"), []byte("\uFEFF"))
	if !marked {
		t.Error("no byte order mark")
	}
	cells, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"number", "text", "fixed", "whole", "integer", "float", "round", "boolean", "date", "null"}; !slices.Equal(cells[0], want) {
		t.Errorf("header %q", cells[0])
	}
	if len(cells) != rows+1 {
		t.Fatalf("%d lines for %d rows", len(cells), rows)
	}
	for i, row := range cells[1:] {
		want := []string{fmt.Sprint(i), "宗地, \"a\"\nb", "-123.45", "12350", "42", "0.1", "3", fmt.Sprint(i == 0), "2024-02-29", ""}
		if i == 1 {
			want = []string{"1", "", "", "", "", "", "", "", "", ""}
		}
		if !slices.Equal(row, want) {
			t.Fatalf("row %d: %q, want %q", i, row, want)
		}
	}
}

func TestTheNumberOfWorkersDoesNotChangeAByte(t *testing.T) {
	var first []byte
	for _, workers := range []int{1, 2, 9} {
		f, err := Create(filepath.Join(t.TempDir(), "run"), false, workers)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Abort()
		if err := f.Layer(context.Background(), layerOf("parcels", 20_000)); err != nil {
			t.Fatal(err)
		}
		text := fileText(t, f.temp, "layers", "parcels.geojson")
		if first == nil {
			first = text
		}
		if !bytes.Equal(text, first) {
			t.Errorf("with %d workers the layer is another", workers)
		}
	}
}

func TestNothingIsThereBeforeItIsWhole(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "run")
	f, ctx := created(t, dir, false), context.Background()
	if err := f.Layer(ctx, layerOf("parcels", 3)); err != nil {
		t.Fatal(err)
	}
	if got := names(t, parent); len(got) != 1 || !strings.HasPrefix(got[0], "run.tmp-") {
		t.Errorf("before it is finished: %v", got)
	}
	m := &Manifest{RunID: "id"}
	if err := f.Finish(ctx, m); err != nil {
		t.Fatal(err)
	}
	f.Abort() // does nothing any more
	if got := names(t, parent); !slices.Equal(got, []string{"run"}) {
		t.Errorf("after it is finished: %v", got)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"layers", "manifest.json"}) {
		t.Errorf("the run folder holds %v", got)
	}
	var read Manifest
	if err := json.Unmarshal(fileText(t, dir, ManifestName), &read); err != nil {
		t.Fatal(err)
	}
	size := int64(len(fileText(t, dir, "layers", "parcels.geojson")))
	if want := []Written{{Path: "layers/parcels.geojson", Rows: 3, Bytes: size}}; read.RunID != "id" || !slices.Equal(read.Outputs, want) {
		t.Errorf("manifest %+v", read)
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	f := created(t, filepath.Join(parent, "run"), false)
	if err := f.Table(context.Background(), Table{Name: "zones", Rows: 1, Columns: columns()}); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	f.Abort()
	if got := names(t, parent); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

func TestAnExistingFolderIsRefused(t *testing.T) {
	parent := t.TempDir()
	run, empty, other, file := filepath.Join(parent, "run"), filepath.Join(parent, "empty"), filepath.Join(parent, "other"), filepath.Join(parent, "file")
	finished(t, run, false, 1)
	for _, dir := range []string{empty, other} {
		if err := os.Mkdir(dir, 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{filepath.Join(other, "thesis.txt"), file} {
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	there := names(t, parent)
	for _, c := range []struct {
		dir       string
		overwrite bool
	}{{run, false}, {empty, false}, {other, false}, {file, false}, {other, true}, {file, true}} {
		_, err := Create(c.dir, c.overwrite, 1)
		if err == nil || !strings.Contains(err.Error(), c.dir) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, overwrite %t: error %v, want one line that names it", c.dir, c.overwrite, err)
		}
		if got := names(t, parent); !slices.Equal(got, there) {
			t.Errorf("%s, overwrite %t: left %v", c.dir, c.overwrite, got)
		}
	}
	for _, dir := range []string{run, empty} {
		finished(t, dir, true, 2)
		if n := bytes.Count(fileText(t, dir, "layers", "parcels.geojson"), []byte(`"Feature"`)); n != 2 {
			t.Errorf("%s holds %d features, want the 2 of the new run", dir, n)
		}
	}
	if got := names(t, parent); !slices.Equal(got, there) {
		t.Errorf("after overwriting: %v", got)
	}
	if string(fileText(t, other, "thesis.txt")) != "x" {
		t.Error("a stranger's file was touched")
	}
}

func TestOverwritingKeepsTheOldRunUntilTheNewOneIsWhole(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "run")
	finished(t, dir, false, 1)
	old := fileText(t, dir, "layers", "parcels.geojson")
	f := created(t, dir, true)
	if err := f.Layer(context.Background(), layerOf("parcels", 5)); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if !bytes.Equal(fileText(t, dir, "layers", "parcels.geojson"), old) {
		t.Error("the old run is not what it was")
	}
	if got := names(t, parent); !slices.Equal(got, []string{"run"}) {
		t.Errorf("left: %v", got)
	}
}

func TestAFolderThatAppearsMeanwhileIsNotReplaced(t *testing.T) {
	for _, overwrite := range []bool{false, true} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "run")
		f := created(t, dir, overwrite)
		if err := os.Mkdir(dir, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Finish(context.Background(), &Manifest{}); err == nil {
			t.Errorf("overwrite %t: no error", overwrite)
		}
		if got := append(names(t, parent), names(t, dir)...); !slices.Equal(got, []string{"run", "thesis.txt"}) {
			t.Errorf("overwrite %t: %v", overwrite, got)
		}
	}
}

func TestABrokenShapeInTheMiddleIsAnErrorWithItsRow(t *testing.T) {
	parent := t.TempDir()
	f := created(t, filepath.Join(parent, "run"), false)
	l := layerOf("parcels", 5000)
	sound := l.Shape
	l.Shape = func(i int) []byte {
		if i == 3210 {
			return []byte{1, 2, 3}
		}
		return sound(i)
	}
	err := f.Layer(context.Background(), l)
	if err == nil || !strings.Contains(err.Error(), "parcels row 3211") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line that names parcels row 3211", err)
	}
	f.Abort()
	if got := names(t, parent); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

func TestAStoppedRunLeavesNothing(t *testing.T) {
	for _, during := range []string{"a layer", "the end"} {
		parent := t.TempDir()
		f := created(t, filepath.Join(parent, "run"), false)
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		l := layerOf("parcels", 100_000)
		sound := l.Shape
		l.Shape = func(i int) []byte {
			if i == 10_000 && during == "a layer" {
				stop()
			}
			return sound(i)
		}
		err := f.Layer(ctx, l)
		if during == "the end" {
			if err != nil {
				t.Fatal(err)
			}
			stop()
			err = f.Finish(ctx, &Manifest{})
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped during %s: %v", during, err)
		}
		f.Abort()
		if got := names(t, parent); len(got) > 0 {
			t.Errorf("stopped during %s: left %v", during, got)
		}
	}
}

func TestTheParentFolderIsMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out", "2024", "run")
	finished(t, dir, false, 1)
	if got := names(t, dir); len(got) != 3 {
		t.Errorf("the run folder holds %v", got)
	}
}

func TestSourcesKeepThePlaceOfEveryRow(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, ctx := created(t, dir, false), context.Background()
	const rows = 70_000 // more than one record
	for _, s := range []Source{
		{Table: "parcels", Files: []string{"unused.csv", "parcels.geojson"}, Rows: rows,
			Place: func(dst []byte, i int) ([]byte, int32, int64) { return fmt.Append(dst, "P", i), 1, int64(i + 1) }},
		{Table: "energy", Files: []string{"energy.csv"}},
		{Table: "tax", Files: []string{"tax_2024.csv"}, Rows: 1,
			Place: func(dst []byte, _ int) ([]byte, int32, int64) { return append(dst, "9132/2024"...), 0, 7 }},
	} {
		if err := f.Sources(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	m := &Manifest{}
	if err := f.Finish(ctx, m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, SourcesName)
	if want := []Written{{Path: SourcesName, Rows: rows + 1, Bytes: int64(len(fileText(t, path)))}}; !slices.Equal(m.Outputs, want) {
		t.Errorf("outputs %v, want %v", m.Outputs, want)
	}
	in, err := geoparquet.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	at := 0
	for g := range in.NumRowGroups() {
		rec, err := in.RowGroup(ctx, g, []int{0, 1, 2, 3, 4})
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			want := []string{"parcels", fmt.Sprint("P", at), "parcels.geojson", "", fmt.Sprint(at + 1)}
			if at == rows {
				want = []string{"tax", "9132/2024", "tax_2024.csv", "", "7"}
			}
			got := make([]string, 5)
			for c := range got {
				if rec.Column(c).IsValid(i) {
					got[c] = rec.Column(c).ValueStr(i)
				}
			}
			if !slices.Equal(got, want) || rec.Column(3).IsValid(i) {
				t.Fatalf("row %d: %q, want %q", at, got, want)
			}
			at++
		}
	}
	if at != rows+1 {
		t.Errorf("%d rows, want %d", at, rows+1)
	}
}

func TestSourcesNameTheWorksheetOfARowWhereThereIsOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, ctx := created(t, dir, false), context.Background()
	place := func(dst []byte, i int) ([]byte, int32, int64) { return fmt.Append(dst, i), int32(i % 4), int64(i) }
	for _, s := range []Source{
		{Table: "tax", Files: []string{"a.xlsx", "b.csv", "a.xlsx", "c.xlsx"}, Sheets: []string{"税收", "", "补", "税收"}, Rows: 9, Place: place},
		{Table: "energy", Files: []string{"a", "b", "c", "d"}, Rows: 9, Place: place},
	} {
		if err := f.Sources(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Finish(ctx, &Manifest{}); err != nil {
		t.Fatal(err)
	}
	in, err := geoparquet.Open(filepath.Join(dir, SourcesName))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	at := 0
	for g := range in.NumRowGroups() {
		rec, err := in.RowGroup(ctx, g, []int{2, 3})
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			file, sheet := []string{"a.xlsx", "b.csv", "a.xlsx", "c.xlsx"}[at%9%4], []string{"税收", "", "补", "税收"}[at%9%4]
			if at >= 9 {
				file, sheet = []string{"a", "b", "c", "d"}[at%9%4], ""
			}
			got := ""
			if rec.Column(1).IsValid(i) {
				got = rec.Column(1).ValueStr(i)
			}
			if rec.Column(0).ValueStr(i) != file || got != sheet || rec.Column(1).IsValid(i) != (sheet != "") {
				t.Errorf("row %d: %q of %q, want %q of %q", at, got, rec.Column(0).ValueStr(i), sheet, file)
			}
			at++
		}
	}
	if at != 18 {
		t.Errorf("%d rows, want 18", at)
	}
}

func TestARunEndedAmongItsSourcesLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	f := created(t, filepath.Join(parent, "run"), false)
	ctx, stop := context.WithCancel(context.Background())
	err := f.Sources(ctx, Source{Table: "parcels", Files: []string{"p"}, Rows: 200_000,
		Place: func(dst []byte, i int) ([]byte, int32, int64) {
			if i == 1000 {
				stop()
			}
			return append(dst, 'P'), 0, 1
		}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	f.Abort()
	if got := names(t, parent); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

func TestFoldersMadeOnTheWayAreTakenBackByAnAbort(t *testing.T) {
	top := t.TempDir()
	f, err := Create(filepath.Join(top, "deep", "er", "run"), false, 1)
	if err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if got := names(t, top); len(got) != 0 {
		t.Errorf("after the abort %v is left", got)
	}
}

func TestALinkStandsForTheFolderItLeadsTo(t *testing.T) {
	top := t.TempDir()
	if err := os.Symlink(filepath.Join(top, "nowhere"), filepath.Join(top, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(top, "link"), true, 1); err == nil || !strings.Contains(err.Error(), "leads nowhere") {
		t.Errorf("a link that leads nowhere: %v", err)
	}
	if err := os.Mkdir(filepath.Join(top, "nowhere"), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := Create(filepath.Join(top, "link"), true, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Finish(context.Background(), &Manifest{}); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Join(top, "nowhere")); !slices.Equal(got, []string{"manifest.json"}) {
		t.Errorf("the folder behind the link holds %v", got)
	}
}
