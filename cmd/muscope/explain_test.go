package main

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew from what the program does now")

// Enterprises, parcels and zones of the made-up city, by what became of them under the
// policies of graded.
const (
	gradedFirm  = "91999904MAL96J42X6"  // C, could be B
	vetoedFirm  = "91999904MARM041DXT"  // A, held at C
	exemptFirm  = "91999904MALXK6MW2F"  // T: new
	refusedFirm = "91999904MALWRUCU58"  // its scale is not known; a manual decision is not applied
	idleParcel  = "999904000001JC00006" // not started, and its holder is graded
	nearParcel  = "999904000001JC00412" // too near to a river
	zoneOfCity  = "G99990001"
	newZone     = "Q99990006" // the land-mix rule applies to it
)

const gradingPolicies = "lianyungang-2022,suizhou-2018,chizhou-2015"

// graded is the city that the program carries and a run of it: the folders of its data
// and of the run.
func graded(t *testing.T) (data, run string) {
	t.Helper()
	dir := t.TempDir()
	data, run = filepath.Join(dir, "city"), filepath.Join(dir, "run")
	if o := command("sample", "--out", data, "--quiet"); o.code != exitDone {
		t.Fatal(o.err)
	}
	if o := command(evaluateArgs(data, run, "--policy", gradingPolicies, "--quiet")...); o.code != exitDone {
		t.Fatal(o.err)
	}
	return data, run
}

// told is what explain prints; it must pass.
func told(t *testing.T, args ...string) string {
	t.Helper()
	o := command(append([]string{"explain"}, args...)...)
	if o.code != exitDone || o.err != "" {
		t.Fatalf("explain %q: exit %d: %s", args, o.code, o.err)
	}
	return o.out
}

// link is a step of an explanation as JSON has it.
type link struct {
	ID      string
	Name    string
	Value   json.RawMessage
	Notes   []map[string]any
	Clause  string
	Status  string
	Sources []struct {
		Table, Key, File string
		Row              int64
	}
	Steps []link
}

// step is the link that is reached by ids or names.
func (l link) step(t *testing.T, ids ...string) link {
	t.Helper()
	for _, id := range ids {
		found := false
		for _, s := range l.Steps {
			if !found && (s.ID == id || s.Name == id) {
				l, found = s, true
			}
		}
		if !found {
			t.Fatalf("no step %s of %q", id, ids)
		}
	}
	return l
}

func (l link) number(t *testing.T) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(string(l.Value), 64)
	if err != nil {
		t.Fatalf("%s is %s", l.ID, l.Value)
	}
	return v
}

func explainedAs(t *testing.T, run, code string) (all link) {
	t.Helper()
	if err := json.Unmarshal([]byte(told(t, "--run", run, "--json", code)), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestExplanationsReadAsTheyShould(t *testing.T) {
	_, run := graded(t)
	for name, code := range map[string]string{
		"graded-enterprise": gradedFirm, "vetoed-enterprise": vetoedFirm, "exempt-enterprise": exemptFirm,
		"ungraded-enterprise": refusedFirm, "idle-parcel": idleParcel, "parcel-near-a-river": nearParcel, "zone": zoneOfCity, "new-zone": newZone,
	} {
		for _, lang := range []string{"zh", "en"} {
			text := told(t, "--run", run, "--lang", lang, code)
			lines := strings.SplitN(text, "\n", 3) // the second names the run, which the policies' bytes decide
			text = lines[0] + "\n" + lines[2]
			path := filepath.Join("testdata", "explain", name+"."+lang+".txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s in %s reads\n%s\nwant\n%s", name, lang, text, want)
			}
		}
	}
}

func TestTheExplainedGradesAreThoseOfTheTable(t *testing.T) {
	_, run := graded(t)
	rows := readTable(t, filepath.Join(run, "tables", "grades.csv"))
	ranked := 0
	for i := 0; i < len(rows); i += 11 {
		row := rows[i]
		e := explainedAs(t, run, row["credit_code"])
		want := "null"
		if row["final_grade"] != "" {
			want = `"` + row["final_grade"] + `"`
		}
		if got := string(e.step(t, "final_grade").Value); got != want && !(got == "" && want == "null") {
			t.Errorf("%s: final grade %s, the table has %s", row["credit_code"], got, want)
		}
		if row["rank"] == "" {
			continue
		}
		ranked++
		for column, got := range map[string]link{"total": e.step(t, "total"), "rank": e.step(t, "rank"), "land_mu": e.step(t, "land")} {
			if string(got.Value) != row[column] {
				t.Errorf("%s: %s %s, the table has %s", row["credit_code"], column, got.Value, row[column])
			}
		}
		for _, item := range e.step(t, "indicators").Steps {
			if got := string(item.Value); got != row[item.ID] {
				t.Errorf("%s: %s is %s, the table has %s", row["credit_code"], item.ID, got, row[item.ID])
			}
			if got := string(item.step(t, "score").Value); got != row["score_"+item.ID] {
				t.Errorf("%s: the score of %s is %s, the table has %s", row["credit_code"], item.ID, got, row["score_"+item.ID])
			}
		}
	}
	if ranked < 30 {
		t.Errorf("only %d of the enterprises looked at are ranked", ranked)
	}
}

// withMoreTax is the city with the total of an enterprise's tax of 2024 raised.
func withMoreTax(t *testing.T, data, code string, by float64) string {
	t.Helper()
	changed := filepath.Join(t.TempDir(), "city")
	if err := os.CopyFS(changed, os.DirFS(data)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(changed, "tax_2024.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	done := false
	for i, line := range lines {
		if cells := strings.Split(line, ","); cells[0] == code && !done {
			v, err := strconv.ParseFloat(cells[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			cells[1] = strconv.FormatFloat(math.Round((v+by)*100)/100, 'f', 2, 64)
			lines[i], done = strings.Join(cells, ","), true
		}
	}
	if !done {
		t.Fatalf("no tax of %s", code)
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	return changed
}

func TestTheTaxThatIsSaidToBeMissingGivesTheNextGradeWhenItIsThere(t *testing.T) {
	data, run := graded(t)
	initial := func(data string) string {
		out := filepath.Join(t.TempDir(), "run")
		if o := command(evaluateArgs(data, out, "--policy", gradingPolicies, "--quiet")...); o.code != exitDone {
			t.Fatal(o.err)
		}
		for _, row := range readTable(t, filepath.Join(out, "tables", "grades.csv")) {
			if row["credit_code"] == gradedFirm {
				return row["initial_grade"]
			}
		}
		return ""
	}
	more := explainedAs(t, run, gradedFirm).step(t, "distance", "more_tax").number(t)
	if more <= 0.01 {
		t.Fatalf("%v more tax", more)
	}
	if before, at := initial(withMoreTax(t, data, gradedFirm, more-0.01)), initial(withMoreTax(t, data, gradedFirm, more)); before != "C" || at != "B" {
		t.Errorf("with %v more tax the initial grade is %s, with 0.01 less %s; want B and C", more, at, before)
	}
}

func TestEveryFigureNamesTheRowItWasReadFrom(t *testing.T) {
	data, run := graded(t)
	tax := explainedAs(t, run, gradedFirm).step(t, "indicators", "tax_per_mu", "tax")
	if len(tax.Sources) != 1 || tax.Sources[0].Key != gradedFirm+"/2024" {
		t.Fatalf("sources %+v", tax.Sources)
	}
	text, err := os.ReadFile(filepath.Join(data, tax.Sources[0].File))
	if err != nil {
		t.Fatal(err)
	}
	if line := strings.Split(string(text), "\n")[tax.Sources[0].Row-1]; !strings.HasPrefix(line, gradedFirm+","+string(tax.Value)+",") {
		t.Errorf("%s:%d is %s", tax.Sources[0].File, tax.Sources[0].Row, line)
	}
}

func TestExplainingAnEnterpriseTakesUnderASecond(t *testing.T) {
	_, run := graded(t)
	start := time.Now()
	told(t, "--run", run, gradedFirm)
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestARunWithoutLayersSaysWhatIsLeftOut(t *testing.T) {
	data, _ := graded(t)
	run := filepath.Join(t.TempDir(), "run")
	if o := command(evaluateArgs(data, run, "--policy", gradingPolicies, "--formats", "csv", "--quiet")...); o.code != exitDone {
		t.Fatal(o.err)
	}
	for _, code := range []string{idleParcel, zoneOfCity} {
		if text := told(t, "--run", run, "--lang", "en", code); !strings.Contains(text, "without layers/") || !strings.Contains(text, "--formats geojson,csv") {
			t.Errorf("%s: %s", code, text)
		}
	}
	if text := told(t, "--run", run, "--lang", "en", gradedFirm); !strings.Contains(text, "final grade: C") {
		t.Error(text)
	}
}

func TestARunThatGradedNobodyIsExplainedToo(t *testing.T) {
	e := evaluated(t, smallCity())
	if text := told(t, "--run", e.dir, "--lang", "en", someone); !strings.Contains(text, "no policy of the run grades enterprises") {
		t.Error(text)
	}
	if text := told(t, "--run", e.dir, "--lang", "zh", "P1"); !strings.Contains(text, "闲置土地认定：是") || !strings.Contains(text, "parcels.geojson:1") {
		t.Error(text)
	}
	if text := told(t, "--run", e.dir, "--lang", "zh", "Z1"); !strings.Contains(text, "用地结构 1:1:1") || !strings.Contains(text, "四(五)") {
		t.Error(text)
	}
}

func TestWhatCannotBeExplainedIsAnErrorOfOneLine(t *testing.T) {
	_, run := graded(t)
	empty := t.TempDir()
	for _, c := range []struct {
		args  []string
		code  int
		wants []string
	}{
		{[]string{}, exitUsage, []string{"takes one code"}},
		{[]string{"--run", run}, exitUsage, []string{"takes one code", "explain --help"}},
		{[]string{"--run", run, "a", "b"}, exitUsage, []string{"takes one code"}},
		{[]string{gradedFirm}, exitUsage, []string{"--run is missing"}},
		{[]string{"--run", run, "--as", "city", gradedFirm}, exitUsage, []string{"--as city", "enterprise, parcel, zone or rule"}},
		{[]string{"--run", run, gradedFirm[:17] + "Y"}, exitFailed, []string{"nearest are", gradedFirm}},
		{[]string{"--run", run, "--as", "zone", gradedFirm}, exitFailed, []string{"explain " + gradedFirm}},
		{[]string{"--run", empty, gradedFirm}, exitFailed, []string{"open run " + empty, "no manifest.json", "is it a run folder?"}},
		{[]string{"--run", filepath.Join(empty, "none"), gradedFirm}, exitFailed, []string{"no such folder"}},
	} {
		failed(t, command(append([]string{"explain"}, c.args...)...), c.code, c.wants...)
	}
}

func TestARejectedRowIsSaidToBe(t *testing.T) {
	_, run := graded(t)
	for _, row := range readTable(t, filepath.Join(run, "tables", "rejects.csv")) {
		if row["table"] == "parcels" && strings.Contains(row["reason"], "geometry") {
			o := command("explain", "--run", run, row["key"])
			failed(t, o, exitFailed, row["key"], "its row was rejected", row["file"]+":"+row["row"], row["reason"])
			return
		}
	}
	t.Error("no parcel is rejected")
}

func TestACodeIsFoundAsPeopleTypeIt(t *testing.T) {
	_, run := graded(t)
	want := told(t, "--run", run, gradedFirm)
	wide := strings.Map(func(r rune) rune { return r + 'Ａ' - 'A' }, strings.ToLower(gradedFirm))
	for _, code := range []string{strings.ToLower(gradedFirm), " " + gradedFirm + " ", wide} {
		if told(t, "--run", run, code) != want {
			t.Errorf("%q is something else", code)
		}
	}
}
