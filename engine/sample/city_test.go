package sample

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	city "github.com/muscope-gis/muscope/datasets/sample"
)

var update = flag.Bool("update", false, "rewrite the embedded city in datasets/sample")

// The embedded city is this one, made untidy.
const (
	cityParcels = 2000
	citySeed    = 7
	cityFolder  = "../../datasets/sample"
)

func vocabulary(t testing.TB) words {
	w, err := parseWords(city.Words)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// generate writes a city into a temporary folder.
func generate(t testing.TB, o Options) string {
	t.Helper()
	o.Out = filepath.Join(t.TempDir(), "city")
	if err := Write(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	return o.Out
}

func messy(t *testing.T) map[string]string {
	dir := generate(t, Options{Parcels: cityParcels, Seed: citySeed, Layers: GeoJSON})
	m := openMess(t, dir, vocabulary(t))
	m.makeMess()
	return m.files()
}

func TestTheEmbeddedCityIsWhatTheGeneratorAndTheMessMake(t *testing.T) {
	want := messy(t)
	if *update {
		rewrite(t, want)
		return
	}
	total := 0
	for name, text := range want {
		got, err := fs.ReadFile(city.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if total += len(got); string(got) != text {
			t.Errorf("%s differs from what is generated; run go test ./engine/sample -update", name)
		}
	}
	entries, err := fs.ReadDir(city.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := want[e.Name()]; !ok && e.Name() != "README.md" {
			t.Errorf("%s is embedded, but nothing makes it", e.Name())
		}
	}
	if total > 4<<20 {
		t.Errorf("the embedded city is %d bytes, over 4 MB", total)
	}
}

// rewrite puts the files into the data set; it is what -update is for.
func rewrite(t *testing.T, want map[string]string) {
	entries, err := os.ReadDir(cityFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".csv") || strings.HasSuffix(e.Name(), ".geojson") {
			if err := os.Remove(filepath.Join(cityFolder, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range want {
		if err := os.WriteFile(filepath.Join(cityFolder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
