//go:build unix

package read

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAPipeNamedLikeATableIsRefusedAndNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "parcels.geojson"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(dir); err == nil || !strings.Contains(err.Error(), "parcels.geojson: it is no regular file") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}
