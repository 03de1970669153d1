package engine_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/datasets/cambridge"
	"github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/portray"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// town is a dataset the tests evaluate, and how it is evaluated.
type town struct {
	name     string
	files    fs.FS
	policies []string
	year     int
	asOf     string
}

// towns are a corner of a real city with real mistakes, and the made-up city that
// has land in every state.
var towns = []town{
	{"cambridge", cambridge.Files, []string{"chizhou-2015", "national-idle-land-2012"}, 2013, "2014-01-01"},
	{"sample", sample.Files, []string{"lianyungang-2022", "chizhou-2015", "suizhou-2018", "national-idle-land-2012"}, 2024, "2025-06-30"},
}

// eachTown runs a test for every town.
func eachTown(t *testing.T, do func(t *testing.T, c town)) {
	for _, c := range towns {
		t.Run(c.name, func(t *testing.T) { do(t, c) })
	}
}

// texts are the town's files by name, uncompressed.
func (c town) texts(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := fs.WalkDir(c.files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == "README.md" {
			return err
		}
		text, err := fs.ReadFile(c.files, path)
		if err != nil {
			return err
		}
		name, packed := strings.CutSuffix(path, ".gz")
		if packed {
			r, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				return err
			}
			if text, err = io.ReadAll(r); err != nil {
				return err
			}
		}
		out[name] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// folder writes the town's files, each as change makes it, to a folder of its own;
// nil changes nothing.
func (c town) folder(t testing.TB, change func(name string, text []byte) []byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.texts(t) {
		if change != nil {
			text = change(name, text)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// options are how the town is evaluated unless a test says otherwise.
func (c town) options(t testing.TB) engine.Options {
	t.Helper()
	day, ok := unit.ParseDate(c.asOf)
	if !ok {
		t.Fatalf("no date: %s", c.asOf)
	}
	return engine.Options{
		Rules: rulesOf(t, c.policies...), AsOf: day, Year: c.year, Period: "2024", Threads: 2, Version: "test",
	}
}

func rulesOf(t testing.TB, names ...string) engine.Rules {
	t.Helper()
	sub, err := fs.Sub(datasets.Policy, "policy")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := policy.Load(sub)
	if err != nil {
		t.Fatal(err)
	}
	set, err := lib.Resolve(names, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := engine.NewRules(set, "")
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// evaluated evaluates a folder into a run folder.
func evaluated(t testing.TB, data string, o engine.Options) (dir string) {
	t.Helper()
	return evaluatedAs(t, data, o, write.DefaultFormats)
}

// evaluatedAs evaluates a folder into a run folder of some formats.
func evaluatedAs(t testing.TB, data string, o engine.Options, formats write.Formats) (dir string) {
	t.Helper()
	src, err := read.OpenFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, src, o, formats)
}

// evaluatedSource evaluates any source into a run folder.
func evaluatedSource(t testing.TB, src read.Source, o engine.Options) (dir string) {
	t.Helper()
	return written(t, src, o, write.DefaultFormats)
}

func written(t testing.TB, src read.Source, o engine.Options, formats write.Formats) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "run")
	out, err := write.Create(dir, false, o.Threads)
	if err != nil {
		t.Fatal(err)
	}
	out.Formats, out.Draw = formats, portray.Drawing([]string{"《示例办法》"})
	if _, err := engine.Evaluate(context.Background(), src, out, o); err != nil {
		t.Fatal(err)
	}
	return dir
}

// results reads the files of layers/ and tables/ by their path in the run.
func results(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, sub := range []string{"layers", "tables"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			out[sub+"/"+e.Name()] = fileText(t, filepath.Join(dir, sub, e.Name()))
		}
	}
	return out
}

// placed are the tables whose last two columns are the file and the row that a
// line came from, which are not results.
var placed = []string{"tables/rejects.csv", "tables/repairs.csv"}

// sameResults compares two runs byte for byte, but for file and row of rejects
// and repairs.
func sameResults(t *testing.T, want, got map[string][]byte) {
	t.Helper()
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	for name, b := range got {
		a, ok := want[name]
		if slices.Contains(placed, name) {
			a, b = withoutPlaces(t, a), withoutPlaces(t, b)
		}
		if !ok || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %s", name, firstDifference(a, b))
		}
	}
}

func withoutPlaces(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, row := range cellsOf(t, text) {
		if err := w.Write(row[:len(row)-2]); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return out.Bytes()
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(want, got []byte) string {
	a, b := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range max(len(a), len(b)) {
		var x, y []byte
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if !bytes.Equal(x, y) {
			at := 0
			for at < min(len(x), len(y)) && x[at] == y[at] {
				at++
			}
			from := max(0, at-40)
			cut := func(v []byte) string { return string(v[min(from, len(v)):min(len(v), at+80)]) }
			return "line " + strconv.Itoa(i+1) + ": want …" + cut(x) + "…, got …" + cut(y) + "…"
		}
	}
	return "no difference"
}

// cellsOf reads a table of a run, header first.
func cellsOf(t testing.TB, text []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// tableOf reads a table of a run as rows of cells by column name.
func tableOf(t testing.TB, text []byte) []map[string]string {
	t.Helper()
	cells := cellsOf(t, text)
	var out []map[string]string
	for _, row := range cells[1:] {
		one := map[string]string{}
		for i, name := range cells[0] {
			one[name] = row[i]
		}
		out = append(out, one)
	}
	return out
}

// feature is a feature of a GeoJSON file with its numbers as they are written.
type feature struct {
	Properties map[string]any  `json:"properties"`
	Geometry   json.RawMessage `json:"geometry"`
}

// featuresOf reads a GeoJSON file with the standard library's parser.
func featuresOf(t testing.TB, text []byte) []feature {
	t.Helper()
	var c struct {
		Features []feature `json:"features"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c.Features
}

// text is a property as it is written; ok is false for null.
func (f feature) text(name string) (v string, ok bool) {
	switch p := f.Properties[name].(type) {
	case string:
		return p, true
	case json.Number:
		return p.String(), true
	case bool:
		if p {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// number is a property that is a number or null.
func (f feature) number(t testing.TB, name string) (v float64, ok bool) {
	t.Helper()
	p, ok := f.Properties[name].(json.Number)
	if !ok {
		return 0, false
	}
	v, err := p.Float64()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v, true
}

func fileText(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// manifestOf reads a run's manifest.
func manifestOf(t testing.TB, dir string) write.Manifest {
	t.Helper()
	var m write.Manifest
	if err := json.Unmarshal(fileText(t, filepath.Join(dir, write.ManifestName)), &m); err != nil {
		t.Fatal(err)
	}
	return m
}
