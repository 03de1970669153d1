package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/write"
)

// spoolFiles lists the temporary files of a spool.
func spoolFiles(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "muscope-spool-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestParcelsBeyondTheMemoryLimitGoThroughAFileAndComeBackTheSame(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o := c.options(t)
		// Small row groups make many batches: some stay in memory, some do not.
		data := parquetFolder(t, c, 50)
		want := evaluated(t, data, o)
		for name, limit := range map[string]int64{"no batch in memory": 1, "some batches in memory": 100 << 10, "all in memory": 1 << 30} {
			t.Run(name, func(t *testing.T) {
				temporary := t.TempDir()
				t.Setenv("TMPDIR", temporary)
				o := o
				o.Memory, o.Threads = limit, 4
				spilled := int64(0)
				o.Progress = func(stage string, done, _ int64) {
					if stage == "detect" && done == 0 {
						for _, name := range spoolFiles(t, temporary) {
							info, err := os.Stat(name)
							if err != nil {
								t.Error(err)
								continue
							}
							spilled += info.Size()
						}
					}
				}
				dir := evaluated(t, data, o)
				if (spilled > 0) != (limit < 1<<30) {
					t.Errorf("%d bytes in the spool file with a limit of %d", spilled, limit)
				}
				sameResults(t, results(t, want), results(t, dir))
				if a, b := manifestOf(t, want).RunID, manifestOf(t, dir).RunID; a != b {
					t.Errorf("run id %s, without a limit %s", b, a)
				}
				if left := spoolFiles(t, temporary); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	})
}

func TestARunThatEndsInTheMiddleLeavesNothing(t *testing.T) {
	c := towns[1]
	data := c.folder(t, nil)
	stages := []string{"zones", "parcels", "order", "land_use", "tables", "release", "detect", "check", "write", "sources", "digest"}
	for _, last := range stages {
		t.Run(last, func(t *testing.T) {
			temporary, parent := t.TempDir(), t.TempDir()
			t.Setenv("TMPDIR", temporary)
			src, err := read.OpenFolder(data)
			if err != nil {
				t.Fatal(err)
			}
			out, err := write.Create(filepath.Join(parent, "run"), false, 2)
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			o := c.options(t)
			o.Memory = 1
			seen := false
			o.Progress = func(stage string, _, _ int64) {
				if stage == last {
					seen = true
					stop()
				}
			}
			if _, err := engine.Evaluate(ctx, src, out, o); !errors.Is(err, context.Canceled) {
				t.Errorf("stopped in %s: %v", last, err)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("stopped in %s: more than a line: %v", last, err)
			}
			if !seen {
				t.Errorf("no stage %s", last)
			}
			entries, err := os.ReadDir(parent)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				t.Errorf("stopped in %s: %s is left", last, e.Name())
			}
			if left := spoolFiles(t, temporary); len(left) > 0 {
				t.Errorf("stopped in %s: %v is left", last, left)
			}
		})
	}
}
