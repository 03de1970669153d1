package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/cambridge"
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

func TestTheReadmeShowsWhatARealCityReallyComesTo(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	recipe, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	// The recipe's own evaluation, word for word.
	_, words, _ := strings.Cut(string(recipe), "cp datasets/cambridge/source/mapping.yaml out/cambridge-data\n\tgo run ./cmd/muscope ")
	words, _, found := strings.Cut(strings.ReplaceAll(words, "\\\n", " "), "\n\n")
	_, shown, told := strings.Cut(string(readme), "$ make cambridge\n")
	shown, _, closed := strings.Cut(shown, "\n```")
	if !found || !told || !closed {
		t.Fatal("Makefile has no recipe for the city, or README.md does not show it")
	}
	t.Chdir(t.TempDir())
	unpackCity(t, filepath.Join("out", "cambridge-data"))
	o := command(append(strings.Fields(words), "--lang", "en")...)
	if o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	printed := strings.Split(o.out, "\n")
	lines := strings.Split(shown, "\n")
	for _, want := range lines {
		if want != "…" && !slices.Contains(printed, want) {
			t.Errorf("README.md shows a line that is not printed:\n%s\nin\n%s", want, o.out)
		}
	}
	if len(lines) < 6 {
		t.Errorf("README.md shows %d lines", len(lines))
	}
}

// unpackCity writes the real city's own files, uncompressed, and their mapping to a folder.
func unpackCity(t *testing.T, dir string) {
	t.Helper()
	source, err := fs.Sub(cambridge.Source, "source")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, source); err != nil {
		t.Fatal(err)
	}
	packed, err := filepath.Glob(filepath.Join(dir, "*.gz"))
	if err != nil || len(packed) == 0 {
		t.Fatal(err, packed)
	}
	for _, name := range packed {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(strings.TrimSuffix(name, ".gz"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
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
