package engine_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/appraise"
	"github.com/muscope-gis/muscope/engine/sample"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// The verdicts on zones and the city once more, in Python (testdata/scorecard_city.py):
// exact fractions, thresholds typed in from the five documents, nothing read from packs.

// cityYear is a made-up city evaluated by the packs of the five documents.
type cityYear struct {
	data, run string
	year      int
	asOf      string
}

func evaluatedCity(t *testing.T, data string, year int, asOf string, before *cityYear) cityYear {
	t.Helper()
	day, ok := unit.ParseDate(asOf)
	if !ok {
		t.Fatalf("no date: %s", asOf)
	}
	o := engine.Options{AsOf: day, Year: year, Period: strconv.Itoa(year), Threads: 2, Version: "test",
		Rules: rulesOf(t, "suqian-2017", "chizhou-2015", "suizhou-2018", "shijiazhuang-2018", "lianyungang-2022")}
	if before != nil {
		var err error
		if o.Before, err = appraise.ReadBefore(before.run, year); err != nil {
			t.Fatal(err)
		}
	}
	return cityYear{data, evaluatedAs(t, data, o, write.Formats{GeoJSON: true, CSV: true}), year, asOf}
}

// refereed fails the test with every verdict that the referee does not share.
func refereed(t *testing.T, c cityYear, before *cityYear) {
	t.Helper()
	python := os.Getenv("MUSCOPE_TEST_PYTHON")
	if python == "" {
		t.Fatal("MUSCOPE_TEST_PYTHON is not set: run make test, or set it to a Python that has GeoPandas and pyarrow")
	}
	args := []string{"-B", filepath.Join("testdata", "scorecard_city.py"), c.data, c.run, strconv.Itoa(c.year), c.asOf}
	if before != nil {
		args = append(args, before.run)
	}
	cmd := exec.Command(python, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &errs)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines[:len(lines)-1] {
		t.Errorf("%d as of %s: %s", c.year, c.asOf, line)
	}
	if n, err := strconv.Atoi(strings.Fields(lines[len(lines)-1])[0]); err != nil || n < 300 {
		t.Errorf("the referee compared too little: %s", lines[len(lines)-1])
	}
}

// changedIndicators copies a data folder with other zone_indicators; change gives the
// rows that stand for one.
func changedIndicators(t *testing.T, data string, change func(i int, row []string) [][]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "zone_indicators.csv")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	rows := csvRows(t, text)
	changed := rows[:1:1]
	for i, row := range rows[1:] {
		changed = append(changed, change(i, row)...)
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(changed); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnIndependentRefereeFindsTheSameVerdictsOnZonesAndTheCity(t *testing.T) {
	data := filepath.Join(t.TempDir(), "city")
	if err := sample.Write(t.Context(), sample.Options{Out: data, Parcels: 400, Seed: 5, Layers: sample.GeoJSON}); err != nil {
		t.Fatal(err)
	}
	t.Run("two years running", func(t *testing.T) {
		first := evaluatedCity(t, data, 2023, "2024-06-30", nil)
		refereed(t, first, nil)
		refereed(t, evaluatedCity(t, data, 2024, "2025-06-30", &first), &first)
	})
	t.Run("in a base year, within the year", func(t *testing.T) {
		refereed(t, evaluatedCity(t, data, 2020, "2020-09-15", nil), nil)
	})
	t.Run("figures missing, blank, zero, told twice and late", func(t *testing.T) {
		const value, reported = 3, 5
		holes := changedIndicators(t, data, func(i int, row []string) [][]string {
			switch {
			case i%29 == 0:
				return nil
			case i%31 == 0:
				row[value] = ""
			case i%37 == 0:
				row[value] = "0"
			case i%41 == 0:
				again := append([]string(nil), row...)
				again[value] = "1"
				return [][]string{row, again}
			case i%43 == 0 && strings.Contains(row[1], "-"):
				row[reported] = "2025-03-01"
			}
			return [][]string{row}
		})
		refereed(t, evaluatedCity(t, holes, 2024, "2025-06-30", nil), nil)
	})
	t.Run("figures of target years, and some that only the city has", func(t *testing.T) {
		only := map[string]bool{"fdi": true, "gdp": true, "smart_workshops": true, "budget_revenue": true}
		targets := changedIndicators(t, data, func(i int, row []string) [][]string {
			if only[row[2]] && row[0] != "CITY" {
				return nil
			}
			out := [][]string{row}
			for _, year := range []string{"2017", "2018", "2020", "2025"} {
				switch row[2] {
				case "iso_14001", "feature_parks", "incubator", "service_platform", "ecommerce_share", "eco_parks_national", "sewage_plant":
					if row[1] == "2024" {
						one := append([]string(nil), row...)
						one[1] = year
						if i%3 == 0 {
							one[3] = "0"
						}
						out = append(out, one)
					}
				}
			}
			return out
		})
		refereed(t, evaluatedCity(t, targets, 2025, "2025-12-31", nil), nil)
		refereed(t, evaluatedCity(t, targets, 2018, "2025-12-31", nil), nil)
	})
}
