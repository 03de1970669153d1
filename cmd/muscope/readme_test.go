package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// samplePolicies are those that make run evaluates the sample under.
const samplePolicies = "lianyungang-2022,chizhou-2015,suizhou-2018,national-idle-land-2012"

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
	args := []string{"evaluate", "--lang", "en", "--data", data, "--policy", samplePolicies,
		"--year", "2024", "--as-of", "2025-06-30", "--out", dir}
	if code := run(context.Background(), args, streams); code != exitDone {
		t.Fatalf("evaluate exits with %d: %s", code, &errs)
	}
	shown := strings.Split(string(readme), "\n")
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if !slices.Contains(shown, line) {
			t.Errorf("README.md does not show the line the program prints:\n%s", line)
		}
	}
	explained(t, shown, dir)
}

// explained holds the README's explanations to what the program prints; where it
// leaves lines out, … stands.
func explained(t *testing.T, shown []string, dir string) {
	t.Helper()
	const command = "$ muscope explain --run out/sample "
	found := 0
	for at, line := range shown {
		words, ok := strings.CutPrefix(line, command)
		if !ok {
			continue
		}
		found++
		var out, errs bytes.Buffer
		args := append([]string{"explain", "--run", dir}, strings.Fields(words)...)
		if code := run(context.Background(), args, Streams{Out: &out, Err: &errs}); code != exitDone {
			t.Fatalf("%v exits with %d: %s", args, code, &errs)
		}
		printed := strings.Split(out.String(), "\n")
		for _, want := range shown[at+1:] {
			if strings.HasPrefix(want, "```") {
				break
			}
			if want != "…" && !slices.Contains(printed, want) {
				t.Errorf("README.md shows a line that %v does not print:\n%s", args, want)
			}
		}
	}
	if found == 0 {
		t.Errorf("README.md shows no explanation (%s…)", command)
	}
}
