package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew from what the program does now")

// keptWhole is the size up to which a table is kept as it is, so that a change
// shows which figure changed; of larger files only the checksum is kept.
const keptWhole = 48 << 10

func TestRunsAreByteForByteWhatTheyWere(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		got := results(t, evaluated(t, c.folder(t, nil), c.options(t)))
		golden := filepath.Join("testdata", c.name)
		if *update {
			keepGolden(t, golden, got)
		}
		var sums bytes.Buffer
		for _, name := range sorted(got) {
			sums.WriteString(sum(got[name]) + "  " + name + "\n")
			if !whole(name, got[name]) {
				continue
			}
			want, err := os.ReadFile(goldenName(golden, name))
			if err != nil {
				t.Errorf("%v; go test ./engine -run ByteForByte -update keeps what is new", err)
			} else if !bytes.Equal(want, got[name]) {
				t.Errorf("%s: %s", name, firstDifference(want, got[name]))
			}
		}
		want := fileText(t, filepath.Join(golden, "SHA256SUMS"))
		if !bytes.Equal(want, sums.Bytes()) {
			t.Errorf("%s/SHA256SUMS: %s", golden, firstDifference(want, sums.Bytes()))
		}
	})
}

// whole says whether a file is kept as it is.
func whole(name string, text []byte) bool {
	return strings.HasPrefix(name, "tables/") && name != "tables/dictionary.csv" && len(text) <= keptWhole
}

func goldenName(dir, name string) string { return filepath.Join(dir, filepath.Base(name)) }

func keepGolden(t *testing.T, dir string, got map[string][]byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	var sums bytes.Buffer
	for _, name := range sorted(got) {
		sums.WriteString(sum(got[name]) + "  " + name + "\n")
		if !whole(name, got[name]) {
			continue
		}
		if err := os.WriteFile(goldenName(dir, name), got[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "SHA256SUMS"), sums.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func sorted(files map[string][]byte) []string {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func sum(text []byte) string {
	s := sha256.Sum256(text)
	return hex.EncodeToString(s[:])
}
