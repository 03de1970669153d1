package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheReadmeShowsWhatTheProgramReallyPrints(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	var out, errs bytes.Buffer
	streams := Streams{Out: &out, Err: &errs}
	data, dir := filepath.Join("out", "data"), filepath.Join("out", "sample")
	if code := run(context.Background(), []string{"sample", "--out", data, "--quiet"}, streams); code != exitDone {
		t.Fatalf("sample exits with %d: %s", code, &errs)
	}
	out.Reset()
	args := []string{"evaluate", "--lang", "en", "--data", data, "--policy", "chizhou-2015,national-idle-land-2012",
		"--year", "2024", "--as-of", "2025-06-30", "--out", dir}
	if code := run(context.Background(), args, streams); code != exitDone {
		t.Fatalf("evaluate exits with %d: %s", code, &errs)
	}
	shown := strings.Split(string(readme), "\n")
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		found := false
		for _, s := range shown {
			found = found || s == line
		}
		if !found {
			t.Errorf("README.md does not show the line the program prints:\n%s", line)
		}
	}
}
