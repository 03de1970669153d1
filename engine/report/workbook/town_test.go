package workbook_test

import (
	"archive/zip"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/report/workbook"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// packs are the policies that the made-up city is held against.
var packs = []string{"lianyungang-2022", "chizhou-2015", "suizhou-2018", "national-idle-land-2012"}

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

// theCity is the embedded made-up city without some of its files, each as change makes
// it; nil changes nothing.
func theCity(t testing.TB, change func(name, text string) string, without ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	names, err := fs.Glob(sample.Files, "*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name == "README.md" || strings.HasSuffix(name, ".png") {
			continue
		}
		text, err := fs.ReadFile(sample.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		table, _, _ := strings.Cut(name, ".")
		if table, _, _ = strings.Cut(table, "_20"); contains(without, table) {
			continue
		}
		if change != nil {
			text = []byte(change(name, string(text)))
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// evaluated evaluates a folder into a run folder with tables and the workbook.
func evaluated(t testing.TB, data string, o workbook.Options, policies ...string) (dir string) {
	t.Helper()
	if policies == nil {
		policies = packs
	}
	o.Set = rulesOf(t, policies...).Set
	return papered(t, data, policies, workbook.Paper(o))
}

// papered evaluates a folder into a run folder with tables and papers.
func papered(t testing.TB, data string, policies []string, papers ...write.Paper) (dir string) {
	t.Helper()
	day, _ := unit.ParseDate("2025-06-30")
	options := engine.Options{Rules: rulesOf(t, policies...), AsOf: day, Year: 2024, Period: "2024", Threads: 2, Version: "test"}
	src, err := read.OpenFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "run")
	out, err := write.Create(dir, false, 2)
	if err != nil {
		t.Fatal(err)
	}
	out.Formats, out.Papers = write.Formats{CSV: true, XLSX: true}, papers
	if _, err := engine.Evaluate(t.Context(), src, out, options); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tableOf reads a table of a run: its rows by column.
func tableOf(t testing.TB, run, name string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(run, "tables", name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		row := map[string]string{}
		for i, head := range rows[0] {
			row[head] = r[i]
		}
		out = append(out, row)
	}
	return out
}

func TestTheSameRunGivesTheSameBytes(t *testing.T) {
	var first []byte
	data := theCity(t, nil)
	for range 3 {
		run := evaluated(t, data, workbook.Options{Slips: true})
		text, err := os.ReadFile(filepath.Join(run, workbook.Name))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = text
		}
		if string(first) != string(text) {
			t.Fatal("the workbook of the same run has other bytes")
		}
	}
	r, err := zip.NewReader(strings.NewReader(string(first)), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		if day := f.Modified.Format("2006-01-02"); day != "2025-06-30" {
			t.Errorf("%s is of %s, want the day of the evaluation", f.Name, day)
		}
	}
}
