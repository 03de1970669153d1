package engine_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/appraise"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// A scenario is a file that a clerk can read: the policy, the year and the day as
// `name: value` lines; then made-up tables, each its name on a line of its own and
// rows of comma-separated values under a head, where a box is west south east north in
// degrees; then `expect TABLE COLUMN=VALUE …`, which picks one row of the run's
// table, and the `column: value` lines that must stand in it. With the_year_before,
// that year is evaluated first, as of the day given.
type scenario struct {
	head    map[string]string
	tables  map[string][][]string
	expects []expectation
}

type expectation struct {
	table string
	row   map[string]string
	want  [][2]string
}

func TestEveryScenarioIsEvaluatedAsItsFileSays(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d scenarios (%v), want the 20 and more that are written", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			s := readScenario(t, file)
			run := s.evaluated(t)
			if len(s.expects) == 0 {
				t.Errorf("%s expects nothing", file)
			}
			for _, e := range s.expects {
				e.check(t, file, run)
			}
		})
	}
}

func readScenario(t *testing.T, file string) *scenario {
	t.Helper()
	s := &scenario{head: map[string]string{}, tables: map[string][][]string{}}
	table := ""
	for _, line := range strings.Split(string(fileText(t, file)), "\n") {
		line = strings.TrimSpace(line)
		name, value, pair := strings.Cut(line, ": ")
		rest, expects := strings.CutPrefix(line, "expect ")
		switch {
		case line == "":
			table = ""
		case line[0] == '#':
		case expects:
			s.expects = append(s.expects, expected(rest))
		case len(s.expects) > 0 && pair:
			e := &s.expects[len(s.expects)-1]
			e.want = append(e.want, [2]string{name, strings.Trim(value, `"`)})
		case table != "":
			row, err := csv.NewReader(strings.NewReader(line)).Read()
			if err != nil {
				t.Fatalf("%s: %v: %s", file, err, line)
			}
			for i := range row {
				row[i] = strings.TrimSpace(row[i])
			}
			s.tables[table] = append(s.tables[table], row)
		case pair:
			s.head[name] = value
		default:
			table = line
		}
	}
	return s
}

func expected(text string) expectation {
	words := strings.Fields(text)
	e := expectation{table: words[0], row: map[string]string{}}
	for _, w := range words[1:] {
		column, value, _ := strings.Cut(w, "=")
		e.row[column] = value
	}
	return e
}

// evaluated is the run folder of the scenario's year.
func (s *scenario) evaluated(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	if s.tables["parcels"] == nil { // every dataset has parcels: here none
		s.tables["parcels"] = [][]string{{"parcel_code", "land_use", "land_use_standard", "box"}}
	}
	for name, rows := range s.tables {
		s.write(t, data, name, rows)
	}
	year, err := strconv.Atoi(s.head["year"])
	if err != nil {
		t.Fatal(err)
	}
	o := s.options(t, year, s.head["as_of"])
	if before := s.head["the_year_before"]; before != "" {
		run := evaluatedAs(t, data, s.options(t, year-1, before), write.Formats{GeoJSON: true, CSV: true})
		if o.Before, err = appraise.ReadBefore(run, year); err != nil {
			t.Fatal(err)
		}
	}
	return evaluatedAs(t, data, o, write.Formats{GeoJSON: true, CSV: true})
}

func (s *scenario) options(t *testing.T, year int, asOf string) engine.Options {
	t.Helper()
	day, ok := unit.ParseDate(asOf)
	if !ok {
		t.Fatalf("no date: %s", asOf)
	}
	return engine.Options{Rules: rulesOf(t, strings.Split(s.head["policy"], ",")...), AsOf: day, Year: year,
		Period: strconv.Itoa(year), Threads: 2, Version: "test"}
}

// write writes a table: with a box as a layer, else as CSV.
func (s *scenario) write(t *testing.T, data, name string, rows [][]string) {
	t.Helper()
	var text strings.Builder
	if head := rows[0]; head[len(head)-1] != "box" {
		w := csv.NewWriter(&text)
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		name += ".csv"
	} else {
		var features []string
		for _, row := range rows[1:] {
			features = append(features, boxOf(t, head, row))
		}
		fmt.Fprintf(&text, `{"type":"FeatureCollection","features":[%s]}`, strings.Join(features, ","))
		name += ".geojson"
	}
	if err := os.WriteFile(filepath.Join(data, name), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func boxOf(t *testing.T, head, row []string) string {
	t.Helper()
	if len(row) != len(head) {
		t.Fatalf("%d values under %d columns: %q", len(row), len(head), row)
	}
	properties := map[string]string{}
	for i, column := range head[:len(head)-1] {
		if row[i] != "" {
			properties[column] = row[i]
		}
	}
	text, err := json.Marshal(properties)
	b := strings.Fields(row[len(row)-1])
	if err != nil || len(b) != 4 {
		t.Fatalf("%v: box %q is not west south east north", err, row[len(row)-1])
	}
	return fmt.Sprintf(`{"type":"Feature","properties":%s,"geometry":{"type":"Polygon","coordinates":[[[%[2]s,%[3]s],[%[4]s,%[3]s],[%[4]s,%[5]s],[%[2]s,%[5]s],[%[2]s,%[3]s]]]}}`,
		text, b[0], b[1], b[2], b[3])
}

// check looks at the one row of a table that is meant; `none: true` wants no such row.
func (e *expectation) check(t *testing.T, file, run string) {
	t.Helper()
	rows := csvRows(t, fileText(t, filepath.Join(run, "tables", e.table+".csv")))
	var found []map[string]string
	for _, row := range rows[1:] {
		one := map[string]string{}
		for i, column := range rows[0] {
			one[strings.TrimPrefix(column, "\ufeff")] = row[i]
		}
		meant := true
		for column, value := range e.row {
			meant = meant && one[column] == value
		}
		if meant {
			found = append(found, one)
		}
	}
	if len(e.want) == 1 && e.want[0] == [2]string{"none", "true"} {
		if len(found) > 0 {
			t.Errorf("%s: %s has %d rows %v, want none", file, e.table, len(found), e.row)
		}
		return
	}
	if len(found) != 1 {
		t.Errorf("%s: %s has %d rows %v, want one", file, e.table, len(found), e.row)
		return
	}
	for _, w := range e.want {
		if got, known := found[0][w[0]]; !known || got != w[1] {
			t.Errorf("%s: %s %v: %s is %q, want %q", file, e.table, e.row, w[0], got, w[1])
		}
	}
}
