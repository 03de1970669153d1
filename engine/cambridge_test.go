package engine_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/cambridge"
	"github.com/muscope-gis/muscope/engine/write"
)

// ownFiles writes the whole city's own files, uncompressed, and their mapping to a
// folder.
func ownFiles(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "2013")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := fs.ReadDir(cambridge.Source, "source")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := fs.ReadFile(cambridge.Source, "source/"+f.Name())
		if err != nil {
			t.Fatal(err)
		}
		name, packed := strings.CutSuffix(f.Name(), ".gz")
		if packed {
			r, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if text, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAWholeCityIsEvaluatedFromTheFilesItPublished(t *testing.T) {
	c := towns[0]
	m := manifestOf(t, evaluated(t, ownFiles(t), c.options(t)))
	// The lots without a key, those that share one, and those that cannot be mended
	// are rejected; a lot without an assessment has no use, and is no land-use polygon.
	for table, want := range map[string]write.Count{
		"zones":         {Read: 13, Used: 13},
		"parcels":       {Read: 13159, Used: 13072, Rejected: 87, Repaired: 19},
		"land_use":      {Read: 13159, Used: 13010, Rejected: 149, Repaired: 20},
		"control_lines": {Read: 74, Used: 74},
	} {
		if got := m.Counts[table]; got != want {
			t.Errorf("%s: %+v, want %+v", table, got, want)
		}
	}
	if n := m.Verdicts["land_mix"]["informational_fail"]; n != 13 {
		t.Errorf("%d neighbourhoods fail the land mix for information, want 13", n)
	}
}
