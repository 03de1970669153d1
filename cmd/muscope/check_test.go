package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/archive"
)

// messyCity has rejects, a repair, flags, a column and a file that nobody knows.
func messyCity() files {
	f := smallCity()
	f["parcels.geojson"] = layer(
		lot("P1", box(1, 1, 2, 2), `"recorded_area":40000`, `"zone_code":"Z2"`),
		lot("P2", polygon("[117.405,30.601]", "[117.407,30.601]", "[117.407,30.603]", "[117.405,30.603]")),
		lot("P2", box(5, 5, 2, 2)),
		lot("P3", `{"type":"Point","coordinates":[117.4,30.6]}`),
		lot("P4", box(60, 1, 2, 2), `"signed_on":"soon"`))
	f["tax.csv"] = "credit_code,year,tax,remarks\n" + someone + ",2024,many,x\n"
	f["notes.txt"] = "x"
	return f
}

func checkArgs(data string, more ...string) []string {
	return append([]string{"check", "--data", data, "--as-of", "2025-06-30", "--lang", "en"}, more...)
}

func TestCheckListsEveryRejectRepairAndFlag(t *testing.T) {
	o := command(checkArgs(messyCity().in(t))...)
	if o.code != exitDone || o.err != "" {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	for _, want := range []string{
		"parcels          read         5  used         2  rejected       3  repaired     1",
		"  rejected: duplicate_key 1, geometry_type 1, not_a_date 1",
		"tax              read         1  used         0  rejected       1  repaired     0",
		`  ignored columns: ["remarks"]`,
		`unused files: ["notes.txt"]`,
		`reject parcels.geojson:4 P3 geometry "Point": geometry_type`,
		`reject parcels.geojson:5 P4 signed_on "soon": not_a_date`,
		`reject tax.csv:2 ` + someone + `/2024 tax "many": not_a_number`,
		"repair parcels.geojson:2 P2: ring not closed, 42526.2952 -> 42526.2952 m2",
		"flag parcels/P1 area_error 40000 geometric_area=",
		"flag parcels/P1 zone_differs Z2 zone_code=Z1",
	} {
		if !strings.Contains(o.out, want+"\n") && !(strings.HasSuffix(want, "=") && strings.Contains(o.out, want)) {
			t.Errorf("no %q in\n%s", want, o.out)
		}
	}
}

func TestCheckSaysTheSameAsEvaluate(t *testing.T) {
	e := evaluated(t, messyCity())
	out := filepath.Join(t.TempDir(), "quality")
	if o := command(checkArgs(messyCity().in(t), "--out", out)...); o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	onlyRun(t, out)
	for _, name := range []string{"rejects", "repairs", "flags"} {
		want, err := os.ReadFile(filepath.Join(e.dir, "tables", name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(out, "tables", name+".csv"))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %v\n%s\nwant\n%s", name, err, got, want)
		}
	}
}

func TestCheckOfASoundDatasetListsNothing(t *testing.T) {
	f := smallCity()
	o := command(checkArgs(f.in(t))...)
	if o.code != exitDone || strings.Contains(o.out, "reject ") || strings.Contains(o.out, "repair ") {
		t.Errorf("exit %d\n%s%s", o.code, o.out, o.err)
	}
	if n := strings.Count(o.out, "  rejected       0  repaired     0\n"); n != len(f) {
		t.Errorf("%d tables are counted as sound, want %d\n%s", n, len(f), o.out)
	}
}

func TestCheckWritesNothingUnlessAskedTo(t *testing.T) {
	data := messyCity().in(t)
	if o := command(checkArgs(data)...); o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	if left := beside(t, data); !slices.Equal(left, []string{filepath.Base(data)}) {
		t.Errorf("beside the data stand %q", left)
	}
	if entries, _ := os.ReadDir(data); len(entries) != len(messyCity()) {
		t.Errorf("%d files in the dataset, %d before", len(entries), len(messyCity()))
	}
}

func TestCheckExitsWithThreeWhenItIsStrictAndFindsRejects(t *testing.T) {
	out := filepath.Join(t.TempDir(), "quality")
	o := command(checkArgs(messyCity().in(t), "--strict", "--quiet", "--out", out)...)
	failed(t, o, exitFound, "--strict", "4 rows rejected")
	onlyRun(t, out)
	if o := command(checkArgs(smallCity().in(t), "--strict")...); o.code != exitDone {
		t.Errorf("exit %d without rejects: %s", o.code, o.err)
	}
}

func TestCheckSpeaksTheLanguageAskedFor(t *testing.T) {
	data := messyCity().in(t)
	if o := command("check", "--data", data, "--lang", "zh"); !strings.Contains(o.out, "剔除") || strings.Contains(o.out, "rejected") {
		t.Errorf("in zh it says\n%s", o.out)
	}
	if o := command("check", "--data", data, "--quiet"); o.out != "" || o.err != "" || o.code != exitDone {
		t.Errorf("quiet, it says %q %q", o.out, o.err)
	}
}

func TestHelpTellsTheExitCodesAndAnExample(t *testing.T) {
	for _, name := range []string{"evaluate", "check"} {
		o := command(name, "--help")
		for _, want := range []string{"Exit codes:", "0    done", "1    failed", "2    wrong usage", "3    done, but --strict", "10   source not reachable",
			"130  interrupted", "Examples:\n  muscope " + name + " --data"} {
			if o.code != exitDone || !strings.Contains(o.out, want) {
				t.Errorf("%s --help: exit %d, no %q in\n%s", name, o.code, want, o.out)
			}
		}
	}
	if o := command(); o.code != exitDone || !strings.Contains(o.out, "evaluate") || !strings.Contains(o.out, "check") {
		t.Errorf("alone: exit %d\n%s%s", o.code, o.out, o.err)
	}
	if o := command("--version"); o.code != exitDone || o.out == "" {
		t.Errorf("--version: exit %d %q", o.code, o.out)
	}
}

// sampled is the embedded sample as a folder of its own.
func sampled(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if o := command("sample", "--out", data, "--quiet"); o.code != exitDone {
		t.Fatal(o.err)
	}
	return data
}

func TestTheQualityOfTheSampleReadsAsItShould(t *testing.T) {
	data := sampled(t)
	for _, lang := range []string{"zh", "en"} {
		o := command(checkArgs(data, "--lang", lang)...)
		if o.code != exitDone || o.err != "" {
			t.Fatalf("exit %d: %s", o.code, o.err)
		}
		path := filepath.Join("testdata", "check", "sample."+lang+".txt")
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(o.out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if o.out != string(want) {
			t.Errorf("in %s it reads\n%s\nwant\n%s", lang, o.out, want)
		}
		if strings.Contains(o.out, "quality.") || strings.Contains(o.out, "%!") {
			t.Errorf("in %s a word is missing or wrong:\n%s", lang, o.out)
		}
	}
}

func TestCheckDescribesTheColumnsItUnderstood(t *testing.T) {
	f := smallCity()
	f["parcels.geojson"] = layer(
		lot("330102001001GB00001", box(1, 1, 2, 2), `"recorded_area":40000`, `"signed_on":"2021-03-04"`, `"standard_land":true`),
		lot("330102001001GB00001F00010001", box(4, 1, 2, 2), `"recorded_area":10`, `"signed_on":"2019-12-31"`, `"standard_land":false`),
		lot("330102001001GB00001W00010001", box(7, 1, 2, 2), `"recorded_area":50000`),
		lot("330102001001GB00001W00000000", box(7, 5, 2, 2), `"recorded_area":60000`, `"holder":"91110000100000000X"`),
		lot("P1", box(2, 2, 2, 2)))
	out := filepath.Join(t.TempDir(), "quality")
	o := command(checkArgs(f.in(t), "--out", out)...)
	for _, want := range []string{
		"    parcel_code                     5    100 %  distinct 5  parcel code\n",
		"    recorded_area                   4   80.0 %  min 10 median 40000 max 60000 m²  recorded area\n",
		"    signed_on                       2   40.0 %  first 2019-12-31 last 2021-03-04  contract signed on\n",
		"    standard_land                   2   40.0 %  yes 1  standard land\n",
		"  parcels.parcel_code: another form 2, parcel code of 19 1, unit code of 28 2\n",
		"  parcels.holder: fail their check 1\n    91110000100000000X\n",
		"parcels that overlap by over 1 m²: 1 pairs, 10631.5",
		"  overlap 330102001001GB00001 P1 10631.5",
		" m², 25.0 % of the smaller\n",
	} {
		if !strings.Contains(o.out, want) {
			t.Errorf("no %q in\n%s", want, o.out)
		}
	}
	rows := readTable(t, filepath.Join(out, "tables", "overlaps.csv"))
	if len(rows) != 1 || rows[0]["parcel_code"] != "330102001001GB00001" || rows[0]["other_parcel_code"] != "P1" || !strings.HasPrefix(rows[0]["share_of_smaller"], "0.25") {
		t.Errorf("%v", rows)
	}
	found := 0
	for _, row := range readTable(t, filepath.Join(out, "tables", "columns.csv")) {
		if row["table"]+"."+row["column"] == "parcels.recorded_area" {
			found++
			if row["kind"] != "number" || row["unit"] != "m2" || row["values"] != "4" || row["filled"] != "0.8" || row["median"] != "40000" || row["distinct"] != "" {
				t.Errorf("%v", row)
			}
		}
	}
	if found != 1 {
		t.Errorf("recorded_area stands %d times in columns.csv", found)
	}
}

// quality is what programs read of a check.
type quality struct {
	Summary struct {
		AsOf   string `json:"as_of"`
		Tables []struct {
			Table    string
			Read     int
			Reasons  map[string]int `json:"rejected_by_reason"`
			Twice    int            `json:"duplicate_rows"`
			Keys     int            `json:"duplicate_keys"`
			Repaired int
			Ignored  []string `json:"ignored_columns"`
		}
		Unused   []string `json:"unused_files"`
		Overlaps struct{ Pairs int }
		Flags    map[string]int
		Rejected int
	}
	Rejects, Repairs, Flags, Overlaps, Unmatched []map[string]any
}

func TestCheckListsTheRowsOfWorksheetsThatAreNoData(t *testing.T) {
	f := smallCity()
	delete(f, "tax.csv")
	data := f.in(t)
	book := excelize.NewFile()
	defer book.Close()
	rows := [][]any{{"2024 taxes"}, {"credit_code", "year", "tax"}, {someone, 2024, 3}}
	for range 22 {
		rows = append(rows, []any{"合计", nil, 3})
	}
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(filepath.Join(data, "tax.xlsx")); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "quality")
	o := command(checkArgs(data, "--out", out)...)
	for _, want := range []string{
		"  left out as no data: above the head 1, total 22\n",
		"rows left out as no data: 23\n",
		"  tax.xlsx!Sheet1:1 tax above the head \"2024 taxes\"\n",
		"  tax.xlsx!Sheet1:4 tax total \"合计 | 3\"\n",
		"  … and 3 more, see --out\n",
	} {
		if !strings.Contains(o.out, want) {
			t.Errorf("exit %d: no %q in\n%s%s", o.code, want, o.out, o.err)
		}
	}
	listed := readTable(t, filepath.Join(out, "tables", "dropped.csv"))
	if len(listed) != 23 || listed[22]["table"] != "tax" || listed[22]["file"] != "tax.xlsx" || listed[22]["row"] != "25" || listed[22]["to"] != "25" || listed[22]["why"] != "total" || listed[22]["text"] == "" {
		t.Errorf("%d rows: %v", len(listed), listed)
	}
	var q struct {
		Summary struct {
			Tables []struct {
				Table   string
				Dropped map[string]int `json:"dropped_by_reason"`
			}
		}
		Dropped []map[string]any
	}
	o = command(checkArgs(data, "--json")...)
	if err := json.Unmarshal([]byte(o.out), &q); err != nil || len(q.Dropped) != 23 {
		t.Errorf("%v: %d rows in JSON", err, len(q.Dropped))
	}
	for _, one := range q.Summary.Tables {
		if one.Table == "tax" && (one.Dropped["total"] != 22 || one.Dropped["above_head"] != 1) || one.Table != "tax" && len(one.Dropped) > 0 {
			t.Errorf("%+v", one)
		}
	}
}

func TestASourceIsNamedWithItsWorksheet(t *testing.T) {
	f := smallCity()
	delete(f, "tax.csv")
	data, run := f.in(t), filepath.Join(t.TempDir(), "run")
	book := excelize.NewFile()
	defer book.Close()
	for i, row := range [][]any{{"credit_code", "year", "tax"}, {someone, 2024, 3}} {
		if err := book.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(filepath.Join(data, "tax.xlsx")); err != nil {
		t.Fatal(err)
	}
	if o := command(evaluateArgs(data, run)...); o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	read, err := archive.Open(run)
	if err != nil {
		t.Fatal(err)
	}
	places, err := read.Source(t.Context(), "tax", someone+"/2024")
	if err != nil || len(places) != 1 || places[0].String() != "tax.xlsx!Sheet1:2" {
		t.Errorf("%v: %v", err, places)
	}
}

func TestCheckPrintsJSONWithTheSameKeysInEveryLanguage(t *testing.T) {
	data := messyCity().in(t)
	out := filepath.Join(t.TempDir(), "quality")
	en, zh := command(checkArgs(data, "--json", "--out", out)...), command(checkArgs(data, "--json", "--lang", "zh")...)
	if en.code != exitDone || en.out != zh.out {
		t.Errorf("exit %d, in zh\n%s\nin en\n%s%s", en.code, zh.out, en.out, en.err)
	}
	var q quality
	if err := json.Unmarshal([]byte(en.out), &q); err != nil {
		t.Fatalf("%v in\n%s", err, en.out)
	}
	s := q.Summary
	if s.AsOf != "2025-06-30" || s.Rejected != 4 || len(q.Rejects) != 4 || len(q.Repairs) != 1 || len(q.Overlaps) != s.Overlaps.Pairs || s.Flags["zone_differs"] != 1 || !slices.Equal(s.Unused, []string{"notes.txt"}) {
		t.Errorf("%+v", q)
	}
	for _, one := range s.Tables {
		if one.Table == "parcels" && (one.Read != 5 || one.Reasons["duplicate_key"] != 1 || one.Twice != 1 || one.Keys != 1 || one.Repaired != 1) ||
			one.Table == "tax" && !slices.Equal(one.Ignored, []string{"remarks"}) {
			t.Errorf("%+v", one)
		}
	}
	text, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	var summary, printed any
	if json.Unmarshal(text, &summary) != nil || json.Unmarshal([]byte(en.out), &printed) != nil || !reflect.DeepEqual(summary, printed.(map[string]any)["summary"]) {
		t.Errorf("summary.json is not the summary that is printed:\n%s", text)
	}
}

func TestLongListsAreCutOnTheScreenAndNeverInFiles(t *testing.T) {
	f := files{"zones.geojson": smallCity()["zones.geojson"]}
	var lots []string
	for i := range 25 {
		lots = append(lots, lot("P"+strconv.Itoa(100+i), box(1, 1, 2, 2)), lot("P"+strconv.Itoa(100+i), box(60, 1, 2, 2)))
	}
	f["parcels.geojson"] = layer(lots...)
	out := filepath.Join(t.TempDir(), "quality")
	o := command(checkArgs(f.in(t), "--out", out)...)
	for want, n := range map[string]int{"  reject ": 20, "  overlap ": 20, "  … and 5 more, see --out": 3, "  … and 280 more, see --out": 1, "duplicates: 25 rows, of 25 keys": 1} {
		if got := strings.Count(o.out, want); got != n {
			t.Errorf("%q stands %d times, want %d, in\n%s", want, got, n, o.out)
		}
	}
	rejects, overlaps := readTable(t, filepath.Join(out, "tables", "rejects.csv")), readTable(t, filepath.Join(out, "tables", "overlaps.csv"))
	if len(rejects) != 25 || len(overlaps) != 25*24/2 {
		t.Errorf("%d rejects and %d overlaps in files", len(rejects), len(overlaps))
	}
}

func TestEveryColumnThatCheckWritesIsExplained(t *testing.T) {
	out := filepath.Join(t.TempDir(), "quality")
	if o := command(checkArgs(sampled(t), "--out", out, "--quiet")...); o.code != exitDone || o.out != "" {
		t.Fatalf("exit %d: %s%s", o.code, o.out, o.err)
	}
	tables := map[string]bool{}
	for _, row := range readTable(t, filepath.Join(out, "tables", "dictionary.csv")) {
		tables[row["table"]] = true
		if row["label_zh"] == "" || row["label_en"] == "" {
			t.Errorf("%s.%s is not explained", row["table"], row["column"])
		}
	}
	for _, name := range []string{"rejects", "repairs", "flags", "overlaps", "unmatched", "dropped", "columns"} {
		if !tables[name] {
			t.Errorf("the dictionary does not have %s", name)
		}
	}
}
