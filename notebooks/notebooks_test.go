// Package notebooks_test executes the notebooks on fresh runs of the made-up
// city and holds the figures that were drawn against the runs' tables.
package notebooks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var names = []string{"01-first-look", "02-why-this-grade", "03-idle-land", "04-compare-runs"}

const policies = "lianyungang-2022,chizhou-2015,suizhou-2018,national-idle-land-2012"

// muscope is the program, built once.
type muscope string

// city is what the tests share: the program, and runs made with it.
type city struct {
	program muscope
	now, before,
	// Without enterprises nobody is graded; without dates nothing is idle either.
	ungraded, plain string
}

var shared city

func TestMain(m *testing.M) {
	os.Exit(withCity(m))
}

func withCity(m *testing.M) int {
	dir, err := os.MkdirTemp("", "notebooks")
	if err == nil {
		defer os.RemoveAll(dir)
		shared, err = found(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// found builds the program and evaluates the made-up city in four ways.
func found(dir string) (city, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	c := city{muscope(in("muscope")), in("2024"), in("2023"), in("ungraded"), in("plain")}
	if out, err := exec.Command("go", "build", "-o", string(c.program), "../cmd/muscope").CombinedOutput(); err != nil {
		return c, fmt.Errorf("go build: %w: %s", err, out)
	}
	for _, data := range []string{"data", "few"} {
		if _, err := c.program.run("sample", "--out", in(data)); err != nil {
			return c, err
		}
	}
	err := errors.Join(c.evaluate(in("data"), c.now, "2024"), c.evaluate(in("data"), c.before, "2023"))
	if err != nil {
		return c, err
	}
	tables, err := filepath.Glob(in("few/*.csv"))
	if err != nil {
		return c, err
	}
	for _, table := range tables {
		err = errors.Join(err, os.Remove(table))
	}
	if err := errors.Join(err, c.evaluate(in("few"), c.ungraded, "2024")); err != nil {
		return c, err
	}
	if err := undate(in("few/parcels.geojson")); err != nil {
		return c, err
	}
	return c, errors.Join(os.Remove(in("few/land_use.geojson")), c.evaluate(in("few"), c.plain, "2024"))
}

func (c city) evaluate(data, out, year string) error {
	asOf := map[string]string{"2023": "2024-06-30", "2024": "2025-06-30"}[year]
	_, err := c.program.run("evaluate", "--quiet", "--data", data, "--policy", policies, "--year", year, "--as-of", asOf, "--out", out)
	return err
}

// undate takes the dates and what follows from them out of a layer of parcels.
func undate(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	dates := regexp.MustCompile(`,\s*"(\w+_on|supply_state|delay_cause)":\s*("[^"]*"|null)`)
	return os.WriteFile(path, dates.ReplaceAll(text, nil), 0o600)
}

func (m muscope) run(args ...string) ([]byte, error) {
	command := exec.Command(string(m), args...)
	var out, log bytes.Buffer
	command.Stdout, command.Stderr = &out, &log
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("muscope %s: %w: %s", strings.Join(args, " "), err, log.Bytes())
	}
	return out.Bytes(), nil
}

// execute runs notebooks, all when none is named, and returns where they were written with what was said.
func execute(t *testing.T, now, before string, books ...string) (dir, said string, err error) {
	t.Helper()
	python := os.Getenv("MUSCOPE_TEST_NOTEBOOKS")
	if python == "" {
		t.Fatal("MUSCOPE_TEST_NOTEBOOKS is not set: run make test, or set it to what .ci/notebooks prints")
	}
	dir = t.TempDir()
	command := exec.Command(python, append([]string{"execute.py", "--run", now, "--before", before, "--out", dir}, books...)...)
	command.Env = append(os.Environ(), "MUSCOPE_PROGRAM="+string(shared.program), "MUSCOPE_CODE=", "PYTHONDONTWRITEBYTECODE=1", "IPYTHONDIR="+t.TempDir())
	out, err := command.CombinedOutput()
	return dir, string(out), err
}

// cell is what of a notebook's cell the tests look at.
type cell struct {
	Kind    string            `json:"cell_type"`
	ID      string            `json:"id"`
	Count   any               `json:"execution_count"`
	Meta    map[string]any    `json:"metadata"`
	Source  any               `json:"source"`
	Outputs []json.RawMessage `json:"outputs"`
}

type notebook struct {
	Cells  []cell         `json:"cells"`
	Meta   map[string]any `json:"metadata"`
	Format int            `json:"nbformat"`
	Minor  int            `json:"nbformat_minor"`
}

func readNotebook(t *testing.T, path string) notebook {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var book notebook
	if err := json.Unmarshal(text, &book); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return book
}

// figures are what a notebook says it drew: drawing, class, figure.
type figures map[string]map[string]float64

// shown returns the figures of an executed notebook and the text of its tables.
func shown(t *testing.T, dir, name string) (figures, string) {
	t.Helper()
	drawn, tables := figures{}, strings.Builder{}
	found := 0
	for _, cell := range readNotebook(t, filepath.Join(dir, name+".ipynb")).Cells {
		for _, raw := range cell.Outputs {
			var output struct {
				Data struct {
					Figures map[string]struct {
						Values map[string]float64 `json:"values"`
					} `json:"application/vnd.muscope.figures+json"`
					HTML any `json:"text/html"`
				} `json:"data"`
			}
			if err := json.Unmarshal(raw, &output); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if output.Data.Figures != nil {
				found++
				for drawing, kept := range output.Data.Figures {
					drawn[drawing] = kept.Values
				}
				continue
			}
			tables.WriteString(joined(output.Data.HTML))
		}
	}
	if found != 1 {
		t.Errorf("%s lists its figures %d times, not once", name, found)
	}
	return drawn, tables.String()
}

// joined is the text that a notebook keeps as one string or as lines.
func joined(text any) string {
	switch text := text.(type) {
	case string:
		return text
	case []any:
		lines := strings.Builder{}
		for _, line := range text {
			fmt.Fprint(&lines, line)
		}
		return lines.String()
	}
	return ""
}

func TestNotebooksAreKeptWithoutOutputs(t *testing.T) {
	found, err := filepath.Glob("*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(names) {
		t.Errorf("notebooks %v, want %v", found, names)
	}
	machine := regexp.MustCompile(`/home/|/root/|/tmp/|/Users/|[A-Za-z]:\\\\`)
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if where := machine.Find(text); where != nil {
			t.Errorf("%s names a place of one machine: %s", path, where)
		}
		for _, wrong := range unstripped(readNotebook(t, path)) {
			t.Errorf("%s: %s: take it out with execute.py --strip", path, wrong)
		}
	}
}

// unstripped is what running and editing left in a notebook.
func unstripped(book notebook) []string {
	var wrong []string
	if got := fmt.Sprint(book.Meta, book.Format, book.Minor); got !=
		"map[kernelspec:map[display_name:Python 3 language:python name:python3] language_info:map[name:python]] 4 5" {
		wrong = append(wrong, "metadata "+got)
	}
	if n := len(book.Cells); n < 8 || n > 15 {
		wrong = append(wrong, fmt.Sprintf("%d cells", n))
	}
	for i, cell := range book.Cells {
		if len(cell.Outputs) > 0 || cell.Count != nil || len(cell.Meta) > 0 {
			wrong = append(wrong, fmt.Sprintf("cell %d has outputs, a count or metadata", i+1))
		}
		if want := fmt.Sprintf("cell-%02d", i+1); cell.ID != want {
			wrong = append(wrong, fmt.Sprintf("cell %d has the id %s", i+1, cell.ID))
		}
	}
	return wrong
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestNotebooksRunWithoutGradesAndWithoutIdleLand(t *testing.T) {
	dir, said, err := execute(t, shared.plain, shared.ungraded)
	if err != nil {
		t.Fatalf("without grades and idle land: %v\n%s", err, said)
	}
	for _, name := range []string{"02-why-this-grade", "03-idle-land"} {
		if _, text := shown(t, dir, name); !strings.Contains(text, "没有记录") {
			t.Errorf("%s does not say that there is nothing", name)
		}
	}
	drawn, _ := shown(t, dir, "03-idle-land")
	sameFigures(t, "idle land on the map", drawn["map"], nil)
	drawn, _ = shown(t, dir, "04-compare-runs")
	idle := rows(t, shared.ungraded, "idle_land")
	sameFigures(t, "idle land", drawn["idle"], idleChanges(idle, rows(t, shared.plain, "idle_land")))
	if drawn["idle"]["left_only"] == 0 || len(drawn["enterprises"]) > 0 {
		t.Errorf("resolved and graded: %v", drawn)
	}
	dir, said, err = execute(t, shared.ungraded, shared.plain, "01-first-look.ipynb")
	if err != nil {
		t.Fatalf("without grades: %v\n%s", err, said)
	}
	drawn, _ = shown(t, dir, "01-first-look")
	sameFigures(t, "supply on the map", drawn["map"], counted(properties(t, shared.ungraded, "parcels"), "supply_state"))
}

func TestANotebookThatRaisesOrLacksASignFails(t *testing.T) {
	dir, bad := t.TempDir(), map[string][2]string{
		"sign":   {"import matplotlib.pyplot as plt\nfrom runfolder import Run\nRun()\nplt.title('\\u0378')\nplt.show()", "missing from font"},
		"raises": {"assert 1 == 2, 'one is not two'", "AssertionError: one is not two"},
		"lost":   {"from runfolder import Run\nRun('nowhere')", "nowhere is no run folder"},
	}
	var paths []string
	for name, c := range bad {
		text, err := json.Marshal(map[string]any{
			"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{},
			"cells": []any{map[string]any{
				"cell_type": "code", "id": "one", "metadata": map[string]any{}, "source": c[0], "outputs": []any{}, "execution_count": nil,
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".ipynb")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	_, said, err := execute(t, shared.plain, shared.plain, paths...)
	if err == nil {
		t.Error("bad notebooks pass")
	}
	for name, c := range bad {
		if !strings.Contains(said, name+".ipynb: ") || !strings.Contains(said, c[1]) {
			t.Errorf("%s: says %q, want %q", name, said, c[1])
		}
	}
}

func listed(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
