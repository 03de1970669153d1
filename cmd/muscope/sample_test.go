package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runSample runs a sample command and gives its exit code and what it printed.
func runSample(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(ctx, append([]string{"sample"}, args...), Streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

func TestSampleWritesTheCityItCarries(t *testing.T) {
	out := filepath.Join(t.TempDir(), "city")
	code, told, errs := runSample(context.Background(), "--out", out)
	if code != exitDone || errs != "" || told != out+"\n" {
		t.Fatalf("exit %d, %q, %q", code, told, errs)
	}
	for _, name := range []string{"README.md", "parcels.geojson", "zones.geojson", "enterprises.csv", "tax_2024.csv"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
	code, _, errs = runSample(context.Background(), "--out", out)
	if code != exitFailed || !strings.Contains(errs, "is there already") {
		t.Errorf("a second time: exit %d, %q", code, errs)
	}
	if code, _, errs = runSample(context.Background(), "--out", out, "--overwrite", "--quiet"); code != exitDone {
		t.Errorf("with --overwrite: exit %d, %q", code, errs)
	}
}

func TestSampleMakesUpACityOfTheSizeAskedFor(t *testing.T) {
	for format, name := range map[string]string{"geojson": "parcels.geojson", "geoparquet": "parcels.parquet"} {
		out := filepath.Join(t.TempDir(), "city")
		code, _, errs := runSample(context.Background(), "--out", out, "--parcels", "300", "--seed", "4", "--format", format)
		if code != exitDone {
			t.Fatalf("exit %d, %s", code, errs)
		}
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, []byte(`{"type":"Feature"`)); format == "geojson" && n != 300 {
			t.Errorf("%d parcels, want 300", n)
		}
	}
}

func TestSampleRefusesWhatMakesNoSense(t *testing.T) {
	out := filepath.Join(t.TempDir(), "city")
	for _, args := range [][]string{
		{}, {"--out", out, "--parcels", "0"}, {"--out", out, "--parcels", "5", "--format", "shp"},
		{"--out", out, "--format", "geojson"}, {"--out", out, "word"}, {"--out", out, "--seed", "-1"},
	} {
		if code, _, errs := runSample(context.Background(), args...); code != exitUsage || !strings.HasPrefix(errs, "muscope: ") {
			t.Errorf("%q: exit %d, %q", args, code, errs)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused command wrote a folder")
	}
}

func TestAnInterruptedSampleLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, more := range [][]string{nil, {"--parcels", "50000"}} {
		args := append([]string{"--out", filepath.Join(dir, "city")}, more...)
		if code, _, _ := runSample(ctx, args...); code != exitInterrupted {
			t.Errorf("%q: exit %d", args, code)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
