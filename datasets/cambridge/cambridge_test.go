package cambridge

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"testing"
)

func TestTheFilesHoldWhatTheReadmeCounts(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	counted := regexp.MustCompile(`(?m)^\| (\S+\.gz) \| (\d+) \|`).FindAllStringSubmatch(string(readme), -1)
	files, err := Files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(counted) != len(files) {
		t.Errorf("README.md counts %d files, %d are embedded", len(counted), len(files))
	}
	for _, c := range counted {
		want, err := strconv.Atoi(c[2])
		if err != nil {
			t.Fatal(err)
		}
		if got := features(t, c[1]); got != want {
			t.Errorf("%s has %d features, README.md counts %d", c[1], got, want)
		}
	}
}

func features(t *testing.T, name string) int {
	t.Helper()
	f, err := Files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var collection struct{ Features []json.RawMessage }
	if err := json.NewDecoder(r).Decode(&collection); err != nil {
		t.Fatal(err)
	}
	return len(collection.Features)
}
