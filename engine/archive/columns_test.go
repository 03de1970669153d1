package archive_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// coded is a run with a layer of codes, and a table of the same rows.
func coded(t *testing.T, codes []string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "run")
	out, err := write.Create(dir, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 200_000) // a line longer than any buffer
	columns := []write.Column{
		write.Text("parcel_code", func(i int) (string, bool) { return codes[i], codes[i] != "" }),
		write.Text("reasons", func(i int) (string, bool) { return long, i%3 == 0 }),
		write.Integer("n", func(i int) (int64, bool) { return int64(i), true }),
	}
	shape := square(8)
	layer := write.Layer{Name: "parcels", Geometry: wkb.Polygon, Rows: len(codes), Columns: columns, Shape: func(int) []byte { return shape }}
	if err := out.Layer(context.Background(), layer); err != nil {
		t.Fatal(err)
	}
	if err := out.Table(context.Background(), write.Table{Name: "parcels", Rows: len(codes), Columns: columns}); err != nil {
		t.Fatal(err)
	}
	if err := out.Finish(context.Background(), &write.Manifest{RunID: "r", Year: 2024}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestTextsAndColumnsAreWhatWasWritten(t *testing.T) {
	codes := []string{"", "A\"1", "B\\2", "C\n3", "宗地,4", "\x1b5"}
	for i := range 40 {
		codes = append(codes, fmt.Sprintf("P%03d", i))
	}
	dir := coded(t, codes)
	run := opened(t, dir)
	var texts, cells []string
	if err := run.Texts("parcels", "parcel_code", func(v string) error { texts = append(texts, v); return nil }); err != nil || !slices.Equal(texts, codes) {
		t.Errorf("%v %q", err, texts)
	}
	err := run.Columns("parcels", []string{"n", "parcel_code"}, func(c []string) error { cells = append(cells, c[0]+" "+c[1]); return nil })
	for i, c := range codes {
		if want := fmt.Sprintf("%d %s", i, c); err != nil || cells[i] != want {
			t.Errorf("%v %q, want %q", err, cells[i], want)
		}
	}
	stop := errors.New("stop")
	if err := run.Texts("parcels", "n", func(string) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
	if err := run.Columns("parcels", []string{"none"}, nil); err == nil || !strings.Contains(err.Error(), "no column none") {
		t.Errorf("%v", err)
	}
}

func TestARunThatWasCutOffAtTheEndOfALineIsAnError(t *testing.T) {
	dir := coded(t, []string{"A", "B", "C"})
	run := opened(t, dir)
	for _, name := range []string{"layers/parcels.geojson", "tables/parcels.csv"} {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		if err := os.WriteFile(path, []byte(strings.Join(lines[:2], "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func(string) error { return nil }
	for _, err := range []error{
		run.Texts("parcels", "parcel_code", nothing), run.Each("parcels", func(archive.Feature) {}),
		run.Columns("parcels", []string{"n"}, func([]string) error { return nil }),
	} {
		if err == nil || !strings.Contains(err.Error(), "the manifest lists 3") || !strings.Contains(err.Error(), "evaluate again") {
			t.Errorf("%v", err)
		}
	}
}
