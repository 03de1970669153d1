package history_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/appraise"
	"github.com/muscope-gis/muscope/engine/history"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// policies know bottom lines, monthly reports, underused land and grades.
var policies = []string{"suqian-2017", "lianyungang-2022", "chizhou-2015", "national-idle-land-2012"}

const grading = "lianyungang-2022"

// evaluation is a run to be made of the made-up city.
type evaluation struct {
	data     string // empty: the city as it is
	policies []string
	grading  string
	period   string
	year     int
	asOf     string
	formats  write.Formats
	previous string         // folder of the run of the year before
	more     write.Prepared // written together with the folder
}

// ofYear is the evaluation of a year as of the next June.
func ofYear(year int) evaluation {
	return evaluation{policies: policies, grading: grading, period: fmt.Sprint(year), year: year, asOf: fmt.Sprintf("%d-06-30", year+1),
		formats: write.Formats{GeoJSON: true, CSV: true}}
}

// into evaluates the city into a run folder.
func (e evaluation) into(t testing.TB, dir string) {
	t.Helper()
	if e.data == "" {
		e.data = cityFolder(t, nil)
	}
	src, err := read.OpenFolder(e.data)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := fs.Sub(datasets.Policy, "policy")
	if err != nil {
		t.Fatal(err)
	}
	library, err := policy.Load(sub)
	if err != nil {
		t.Fatal(err)
	}
	set, err := library.Resolve(e.policies, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := engine.NewRules(set, e.grading)
	if err != nil {
		t.Fatal(err)
	}
	day, ok := unit.ParseDate(e.asOf)
	if !ok {
		t.Fatal(e.asOf)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		t.Fatal(err)
	}
	folder, err := write.Create(dir, false, 2)
	if err != nil {
		t.Fatal(err)
	}
	folder.Formats = e.formats
	var out write.Sink = folder
	if e.more != nil {
		out = write.Together(folder, e.more)
	}
	o := engine.Options{Rules: rules, AsOf: day, Year: e.year, Period: e.period, Threads: 2, Version: "test"}
	if e.previous != "" {
		if o.Before, err = appraise.ReadBefore(e.previous, e.year); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := engine.Evaluate(context.Background(), src, out, o); err != nil {
		t.Fatal(err)
	}
}

// cityFolder is the made-up city as a folder, each file as change makes it.
func cityFolder(t testing.TB, change func(name, text string) string) string {
	t.Helper()
	dir := t.TempDir()
	entries, err := fs.ReadDir(sample.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := fs.ReadFile(sample.Files, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			text = []byte(change(e.Name(), string(text)))
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// lateCity is the city when its data came again: figures of tax changed, parcels
// merged away, a broken row, monthly reports that were wanting.
func lateCity(t testing.TB) string {
	t.Helper()
	return cityFolder(t, func(name, text string) string {
		lines := strings.SplitAfter(text, "\n")
		switch name {
		case "tax_2024.csv":
			for i := 1; i < len(lines)-1; i += 3 {
				cells := strings.Split(strings.TrimSpace(lines[i]), ",")
				cells[1] = "9999"
				lines[i] = strings.Join(cells, ",") + "\n"
			}
			return strings.Join(lines, "") + "91320700MA1TESTX5K,many,,,,,,,,,,,,\n"
		case "parcels.geojson":
			kept := lines[:1:1]
			for i, line := range lines[1:] {
				if !strings.HasPrefix(line, `{"type":"Feature"`) || i%9 != 0 {
					kept = append(kept, line)
				}
			}
			return strings.Join(kept, "")
		case "enterprises.csv":
			return strings.Join(slices.Delete(lines, 5, 8), "")
		case "zone_indicators.csv":
			return strings.ReplaceAll(text, "2024-07,tax", "2024-07,tax_other")
		}
		return text
	})
}

// years are runs of two years and one made again when late data came.
type years struct{ root, before, after, again string }

// manyYears are the same runs for every test, which leaves them as they are.
func manyYears(t testing.TB) years {
	t.Helper()
	if shared.root != "" {
		return shared
	}
	root, err := os.MkdirTemp(place, "runs")
	if err != nil {
		t.Fatal(err)
	}
	y := years{root, filepath.Join(root, "yearly", "2023", "first"), filepath.Join(root, "yearly", "2024", "second"), filepath.Join(root, "yearly", "2024", "third")}
	ofYear(2023).into(t, y.before)
	ofYear(2024).into(t, y.after)
	again := ofYear(2024)
	again.data, again.previous = lateCity(t), y.before
	again.into(t, y.again)
	for i, dir := range []string{y.before, y.after, y.again} { // one after the other, whatever the clock
		stamp(t, dir, i)
	}
	shared = y
	return y
}

var (
	shared years
	place  string
)

func TestMain(m *testing.M) {
	var err error
	if place, err = os.MkdirTemp("", "history"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(place)
	os.Exit(code)
}

// stamp sets when a run was written.
func stamp(t testing.TB, dir string, hour int) {
	t.Helper()
	at := time.Date(2025, 7, 1, hour, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, write.ManifestName), at, at); err != nil {
		t.Fatal(err)
	}
}

func opened(t testing.TB, dir string) *history.Run {
	t.Helper()
	r, err := history.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

func found(t testing.TB, dir string) []history.Run {
	t.Helper()
	runs, err := history.Find(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func compared(t testing.TB, before, after *history.Run) *history.Changes {
	t.Helper()
	c, err := history.Compare(context.Background(), before, after)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// rowsOf reads a table of a run with nothing of the program.
func rowsOf(t testing.TB, dir, table string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "tables", table+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := []map[string]string{}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, c := range cells {
			row[all[0][i]] = c
		}
		out = append(out, row)
	}
	return out
}
