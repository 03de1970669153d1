package schedule_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
)

func TestAFingerprintIsOfNamesAndContentAndNotOfTimes(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	write := func(path, text string, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	prints := &schedule.Fingerprints{}
	of := func(paths ...string) string {
		t.Helper()
		text, err := prints.Of(t.Context(), dir, paths)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := (&schedule.Fingerprints{}).Of(t.Context(), dir, paths); err != nil || again != text {
			t.Fatalf("what is remembered gives %s, what is read %s, %v", text, again, err)
		}
		return text
	}
	write(a, "1", time.Hour)
	write(b, "2", time.Hour)
	first := of(a, b)
	if of(b, a, a) != first {
		t.Error("the order of the paths counts")
	}
	write(a, "1", time.Minute)
	if of(a, b) != first {
		t.Error("a file that was written anew with what it held counts as another")
	}
	write(a, "2", 30*time.Minute)
	write(b, "1", 30*time.Minute)
	if of(a, b) == first {
		t.Error("files that exchanged what they hold count as the same")
	}
	write(a, "3", 0)
	was := of(a, b)
	write(a, "4", 0) // of the same size, within a tick of the disk's clock
	if of(a, b) == was {
		t.Error("a file that changed at once counts as the same")
	}
	if of(a) == of(a, b) {
		t.Error("a file that is gone does not count")
	}
	if _, err := prints.Of(t.Context(), dir, []string{filepath.Join(dir, "none.csv")}); err == nil {
		t.Error("a file that is not there has a fingerprint")
	}
}
