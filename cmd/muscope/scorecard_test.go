package main

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/datasets/sample"
)

const fiveDocuments = "suqian-2017,chizhou-2015,suizhou-2018,shijiazhuang-2018,lianyungang-2022"

// scorecard evaluates a dataset and gives the rows of its scorecard by rule.
func scorecard(t *testing.T, f files, policies string, more ...string) (e *evaluation, rows map[string][]map[string]string) {
	t.Helper()
	e = evaluated(t, f, append([]string{"--policy", policies}, more...)...)
	rows = map[string][]map[string]string{}
	for _, r := range e.table(t, "scorecard") {
		rows[r["rule"]] = append(rows[r["rule"]], r)
	}
	return e, rows
}

// sampleFiles is the made-up city as a dataset.
func sampleFiles(t *testing.T) files {
	t.Helper()
	f := files{}
	entries, err := fs.ReadDir(sample.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range entries {
		text, err := fs.ReadFile(sample.Files, one.Name())
		if err != nil {
			t.Fatal(err)
		}
		if name := one.Name(); strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".geojson") {
			f[name] = string(text)
		}
	}
	return f
}

// unevaluated are the rules that the made-up city has no data for, as its README says.
var unevaluated = []string{"LYG-7-listed", "LYG-7-smart", "LYG-9-rd", "SJZ-2-gdp", "SZ-2.3-negative", "SZ-2.5-catalogue", "SZ-2.5-services"}

func TestTheSampleReportsEveryRuleOfTheFiveDocuments(t *testing.T) {
	e, rows := scorecard(t, sampleFiles(t), fiveDocuments)
	var not []string
	for id, of := range rows {
		if !slices.ContainsFunc(of, func(r map[string]string) bool { return r["verdict"] != "not_evaluated" }) {
			not = append(not, id)
		}
		for _, r := range of {
			if r["verdict"] == "not_evaluated" && r["missing"] == "" {
				t.Errorf("%s on %s %s is not evaluated and names nothing that is missing", id, r["scope"], r["code"])
			}
			if r["clause"] == "" || r["verdict"] == "" {
				t.Errorf("half a row: %v", r)
			}
		}
	}
	slices.Sort(not)
	if len(rows) != 94 || !slices.Equal(not, unevaluated) {
		t.Errorf("%d rules, not evaluated are %v", len(rows), not)
	}
	readme, err := os.ReadFile("../../datasets/sample/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range unevaluated {
		if !strings.Contains(string(readme), "`"+id+"`") {
			t.Errorf("the sample's README does not say that %s is not evaluated", id)
		}
	}
	holdsTogether(t, e, rows)
}

// holdsTogether holds that the counts of the scorecard are those of findings, layers
// and zones.
func holdsTogether(t *testing.T, e *evaluation, rows map[string][]map[string]string) {
	t.Helper()
	count := func(r map[string]string, column string) int {
		n, err := strconv.Atoi(r[column])
		if err != nil {
			t.Fatalf("%s of %v is no count", column, r)
		}
		return n
	}
	failed := map[string]int{}
	for _, r := range e.table(t, "findings") {
		failed[r["rule"]+r["scope"]]++
		if r["verdict"] != "fail" {
			t.Errorf("a finding that is no failure: %v", r)
		}
	}
	verdicts := map[string]map[string]int{}
	for id, of := range rows {
		sum := map[string]int{}
		for _, r := range of {
			if verdicts[r["code"]] == nil {
				verdicts[r["code"]] = map[string]int{}
			}
			if r["scope"] != "J" && r["scope"] != "C" {
				verdicts[r["code"]][r["verdict"]]++
			}
			if r["scope"] == "P" || r["scope"] == "E" {
				if r["subjects"] == "" { // a table or a list is missing
					continue
				}
				sum[r["scope"]] += count(r, "fail")
				if id != "LYG-27-standard" && id != "CZ-4.6-tax" && id != "LYG-8-grade" &&
					count(r, "subjects") != count(r, "pass")+count(r, "fail")+count(r, "not_evaluated") {
					t.Errorf("counts do not add up: %v", r)
				}
			}
		}
		for scope, n := range sum {
			informational := of[0]["verdict"] == "reported"
			if got := failed[id+scope]; got != n && !informational && id != "LYG-27-standard" && id != "SQ-6-invest" && id != "SQ-6-tax" {
				t.Errorf("%s %s: %d failed, %d findings", id, scope, n, got)
			}
		}
	}
	for _, z := range e.table(t, "zones") {
		v := verdicts[z["zone_code"]]
		if got := []int{count(z, "rules_pass"), count(z, "rules_fail"), count(z, "rules_not_evaluated")}; !slices.Equal(got, []int{v["pass"], v["fail"], v["not_evaluated"]}) {
			t.Errorf("zone %s counts %v, its rows %v", z["zone_code"], got, v)
		}
	}
	underused, idle := map[string]bool{}, map[string]bool{}
	for _, r := range e.table(t, "underused_land") {
		underused[r["parcel_code"]] = true
		if !strings.Contains(r["reasons"], " met (") || r["suggested_way"] == "" {
			t.Errorf("underused without a reason or a way: %v", r)
		}
	}
	for _, r := range e.table(t, "idle_land") {
		idle[r["parcel_code"]] = true
	}
	for code, p := range e.properties(t, "parcels", "parcel_code") {
		if p["underused"] != underused[code] || underused[code] && idle[code] {
			t.Errorf("parcel %s: underused is %v, listed %v, idle %v", code, p["underused"], underused[code], idle[code])
		}
	}
}

// reported sums a figure of zone_indicators over the zones; ok is false where one has
// none. It reads the table a second time and in another way.
func reported(t *testing.T, id, period string) (zones, city float64, ok bool) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(sampleFiles(t)["zone_indicators.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range rows {
		if r[1] != period || r[2] != id {
			continue
		}
		v, err := strconv.ParseFloat(r[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		if r[0] == "CITY" {
			city = v
		} else {
			zones += v
			n++
		}
	}
	return zones, city, n == 8
}

func TestFiguresOfTheCityAreSumsAndRatiosOfSums(t *testing.T) {
	_, rows := scorecard(t, sampleFiles(t), fiveDocuments)
	at := func(id, period string) float64 {
		v, _, ok := reported(t, id, period)
		if !ok {
			t.Fatalf("%s of %s is not reported by every zone", id, period)
		}
		return v
	}
	share := func(id string) float64 {
		zones, city, _ := reported(t, id, "2024")
		return zones / city
	}
	for rule, want := range map[string][]float64{
		"SJZ-2-tax":      {at("tax", "2024")/at("tax", "2023") - 1},
		"SJZ-2-revenue":  {at("revenue", "2024")/at("revenue", "2023") - 1},
		"SJZ-2-va-share": {share("value_added_above_scale")},
		"SJZ-2-fdi":      {at("fdi", "2024")/at("fdi", "2023") - 1, share("fdi")},
		"SQ-8-energy": {at("energy", "2020")/at("value_added_above_scale", "2020")/
			(at("energy", "2015")/at("value_added_above_scale", "2015")) - 1},
		"LYG-17-fdi": {at("fdi", "2021") + at("fdi", "2022") + at("fdi", "2023") + at("fdi", "2024")},
	} {
		i := slices.IndexFunc(rows[rule], func(r map[string]string) bool { return r["scope"] == "C" })
		r := rows[rule][i]
		for k, cell := range strings.Split(r["value"], ";") {
			if v, err := strconv.ParseFloat(cell, 64); err != nil || math.Abs(v-want[k]) > 1e-6*max(1, math.Abs(want[k])) {
				t.Errorf("%s is %s, want %v", rule, r["value"], want)
			}
		}
	}
	if r := rows["LYG-17-fdi"][0]; r["bound"] != "> 320000" || r["value_year"] != "2024" {
		t.Errorf("four fifths of the way to 4 billion is %s in %s", r["bound"], r["value_year"])
	}
}

func TestFiguresThatCannotBeAreRejected(t *testing.T) {
	f := town(6)
	f["zone_indicators.csv"] = strings.Join([]string{"zone_code,period,indicator,value,unit,reported_on",
		"Z1,2024,gdp,100,亿元,", "Z1,2024,gdp,101,亿元,", // twice
		"Z1,2024,rd_share,70,ratio,", // a share of 70 whose unit says ratio
		"Z2,2024,rd_share,70,%,",
		"Z9,2024,gdp,100,亿元,",    // no such zone
		"Z2,2024,gdp,1000000,吨,", // another quantity
		"Z2,24年,gdp,100,亿元,",     // no period
		"Z2,2024,iso_14001,2,,",  // neither yes nor no
		"Z2,2023,gdp,1000000,万元,", "CITY,2024,gdp,1000,亿元,"}, "\n") + "\n"
	e, rows := scorecard(t, f, "shijiazhuang-2018,suqian-2017")
	e.rejects(t,
		"zone_indicators|Z1/2024/gdp|zone_code+period+indicator|Z1/2024/gdp|duplicate_key|zone_indicators.csv|3",
		"zone_indicators|Z1/2024/rd_share|value|70|out_of_range|zone_indicators.csv|4",
		"zone_indicators|Z2/2024/gdp|unit|吨|unknown_value|zone_indicators.csv|7",
		"zone_indicators|Z2/2024/iso_14001|value|2|out_of_range|zone_indicators.csv|9",
		"zone_indicators|Z2/24年/gdp|period|24年|unknown_value|zone_indicators.csv|8",
		"zone_indicators|Z9/2024/gdp|zone_code|Z9|unknown_code|zone_indicators.csv|6")
	for _, r := range rows["SJZ-2-rd"] {
		if want := map[string]string{"Z1": "not_evaluated", "Z2": "pass", "CITY": "not_evaluated"}[r["code"]]; r["verdict"] != want {
			t.Errorf("%v, want %s", r, want)
		}
	}
}

func TestARuleWhoseTableIsMissingIsNamedInTheSummary(t *testing.T) {
	e, rows := scorecard(t, town(6), "shijiazhuang-2018,lianyungang-2022")
	said := fmt.Sprint(e.manifest.NotEvaluated)
	for _, want := range []string{"{shijiazhuang-2018/SJZ-2-gdp zone_indicators}", "{shijiazhuang-2018/SJZ-3.2-signed projects}", "{lianyungang-2022/LYG-23-access projects}"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %s in %s", want, said)
		}
	}
	for _, id := range []string{"SJZ-2-gdp", "SJZ-3.2-signed", "LYG-23-access", "LYG-1-gdp"} {
		for _, r := range rows[id] {
			if r["verdict"] != "not_evaluated" || !strings.Contains("zone_indicators projects projects;zone_indicators", r["missing"]) {
				t.Errorf("%v", r)
			}
		}
	}
}

func TestARoleThatNoZoneHasIsToldOf(t *testing.T) {
	f := town(6)
	f["zone_indicators.csv"] = "zone_code,period,indicator,value,unit\nZ1,2024,revenue,3000,亿元\n"
	e, rows := scorecard(t, f, "shijiazhuang-2018")
	if said := fmt.Sprint(e.manifest.NotEvaluated); !strings.Contains(said, "{shijiazhuang-2018/SJZ-2-zone-revenue zones.role high_tech}") {
		t.Errorf("%s", said)
	}
	if of := rows["SJZ-2-zone-revenue"]; len(of) != 4 || of[0]["missing"] != "zones.role high_tech" || of[0]["code"] != "" {
		t.Errorf("%v", of)
	}
}

func TestABaseYearWithoutDataIsNotEvaluated(t *testing.T) {
	f := town(6)
	f["zone_indicators.csv"] = "zone_code,period,indicator,value,unit\nZ1,2020,energy,90,tce\nZ1,2020,value_added_above_scale,10,亿元\n" +
		"Z2,2020,energy,90,tce\nZ2,2020,value_added_above_scale,10,亿元\nZ2,2015,energy,100,tce\nZ2,2015,value_added_above_scale,10,亿元\n"
	_, rows := scorecard(t, f, "suqian-2017")
	for _, r := range rows["SQ-8-energy"] {
		switch want := map[string]string{"Z1": "not_evaluated", "Z2": "pass", "CITY": "not_evaluated"}[r["code"]]; {
		case r["verdict"] != want, r["code"] == "Z1" && !strings.Contains(r["missing"], "zone_indicators/Z1/2015/energy"),
			r["code"] == "Z2" && (r["value"] != "-0.1" || r["value_year"] != "2020"):
			t.Errorf("%v, want %s", r, want)
		}
	}
}

func TestBottomLinesOfTwoYearsRunningAreAccountedFor(t *testing.T) {
	f := town(6)
	f["zone_indicators.csv"] = "zone_code,period,indicator,value,unit\n"
	for _, year := range []string{"2023", "2024"} {
		f.add("zone_indicators.csv", "Z1,"+year+",staff_promotion_share,69,%", "Z1,"+year+",iso_14001,0,", "Z2,"+year+",iso_14001,0,")
	}
	f.add("zone_indicators.csv", "Z2,2024,staff_promotion_share,69,%", "Z2,2023,staff_promotion_share,70,%")
	data, before := f.in(t), filepath.Join(t.TempDir(), "2023")
	if o := command("evaluate", "--data", data, "--policy", "suqian-2017", "--year", "2023", "--as-of", "2024-06-30", "--out", before, "--quiet"); o.code != exitDone {
		t.Fatal(o.err)
	}
	for _, c := range []struct {
		flags []string
		want  string
	}{{nil, "Z1 notice Z2 notice"}, {[]string{"--previous", before}, "Z1 accountability Z2 notice"}} {
		e, _ := scorecard(t, f, "suqian-2017", c.flags...)
		var got []string
		for _, z := range e.table(t, "zones")[:2] {
			got = append(got, z["zone_code"], z["bottom_line"])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: %v, want %s", c.flags, got, c.want)
		}
	}
	failed(t, command(append(evaluateArgs(data, filepath.Join(t.TempDir(), "run"))[:3], "--policy", "suqian-2017", "--year", "2023", "--as-of", "2024-06-30",
		"--out", filepath.Join(t.TempDir(), "run"), "--previous", before)...), exitFailed, "--previous "+before, "it is the run of 2023", "want that of 2022")
}

// TestASixthCityIsAddedByCopyingAFile does what datasets/policy/README.md says.
func TestASixthCityIsAddedByCopyingAFile(t *testing.T) {
	dir := t.TempDir()
	keep := []string{"SJZ-2-gdp", "SJZ-2-revenue", "SJZ-2-tax", "SJZ-2-va-share", "SJZ-2-sewage", "SJZ-2-energy", "SJZ-3.2-capital", "SJZ-3.2-starts", "SJZ-4.2-monthly"}
	read := func(name string) string {
		text, err := datasets.Policy.ReadFile("policy/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	// 1, 2, 3: copied, the head changed, the rules that the document has kept, a number of its own.
	head, rules, _ := strings.Cut(read("shijiazhuang-2018.yaml"), "rules:\n")
	head = strings.ReplaceAll(head, "shijiazhuang-2018", "sixth-2025")
	head = strings.Replace(head, "number: 石政办发〔2018〕15号", "number: 六政发〔2025〕1号", 1)
	var kept []string
	for _, r := range strings.Split(strings.TrimPrefix(rules, "  - id: "), "\n  - id: ") {
		id, _, _ := strings.Cut(r, "\n")
		if slices.Contains(keep, id) {
			kept = append(kept, "  - id: "+strings.Replace(r, "SJZ-", "SIX-", 1))
		}
	}
	// 4: a figure of its own.
	head += "indicators:\n  - {id: park_buses, title: {zh: 园区公交线路, en: bus lines}, unit: count}\n"
	kept = append(kept, `  - id: SIX-9-buses
    title: {zh: 园区公交, en: Buses}
    clause: "9"
    scope: [Z]
    status: confirmed
    kind: compare
    needs: [zone_indicators]
    compare:
      tests:
        - {figure: park_buses, bound: {op: ">=", value: 3, unit: count}}
`)
	var cases []string
	for _, line := range strings.Split(read("shijiazhuang-2018.cases"), "\n") {
		if id, _, _ := strings.Cut(line, " "); slices.Contains(keep, id) {
			cases = append(cases, strings.Replace(line, "SJZ-", "SIX-", 1))
		}
	}
	cases = append(cases, "SIX-9-buses Z pass park_buses=3", "SIX-9-buses Z fail park_buses=2", "SIX-9-buses Z not_evaluated year=2024")
	file := filepath.Join(dir, "sixth-2025.yaml")
	for name, text := range map[string]string{file: head + "rules:\n" + strings.Join(kept, "\n"), filepath.Join(dir, "sixth-2025.cases"): strings.Join(cases, "\n")} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// 5, 6, 7: checked, tried and shown.
	for args, want := range map[string]string{"check": "no mistakes", "test": "cases of 10 rules hold", "show": "park_buses"} {
		if o := command("policy", args, file, "--lang", "en"); o.code != exitDone || !strings.Contains(o.out, want) {
			t.Errorf("policy %s: exit %d, %s%s", args, o.code, o.out, o.err)
		}
	}
	// 8: evaluated.
	f := sampleFiles(t)
	f.add("zone_indicators.csv", "G99990001,2024,park_buses,4,,", "G99990002,2024,park_buses,2,,")
	_, rows := scorecard(t, f, file)
	got := map[string]string{}
	for _, r := range rows["SIX-9-buses"] {
		got[r["code"]] = r["verdict"]
	}
	if got["G99990001"] != "pass" || got["G99990002"] != "fail" || got["S99990003"] != "not_evaluated" {
		t.Errorf("%v", got)
	}
	for _, id := range keep {
		if len(rows[strings.Replace(id, "SJZ-", "SIX-", 1)]) == 0 {
			t.Errorf("%s is not reported", id)
		}
	}
	// A case that does not hold is found.
	if err := os.WriteFile(filepath.Join(dir, "sixth-2025.cases"), []byte(strings.Replace(strings.Join(cases, "\n"), "fail park_buses=2", "fail park_buses=3", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := command("policy", "test", file); o.code != exitFailed || !strings.Contains(o.err, "SIX-9-buses is pass, want fail") || !strings.Contains(o.err, ".cases:") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
}

func TestTheRulesAndCasesThatThePoliciesREADMEShowsHold(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "datasets", "policy", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```yaml\n")
	rules, rest, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(rest, "```\n")
	cases, _, _ := strings.Cut(rest, "```")
	file := filepath.Join(t.TempDir(), "my-city-2025.yaml")
	head := "id: my-city-2025\ntitle: {zh: 甲, en: a}\nissuer: made up\npublished: 2025-01-01\nin_force: {from: 2025-01-01}\nstate: in_force\nregion: made up\nlevel: city\nsource: made up\nversion: \"1\"\nrules:\n"
	for name, text := range map[string]string{file: head + rules, strings.TrimSuffix(file, "yaml") + "cases": cases} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if o := command("policy", "test", file); o.code != exitDone || !strings.Contains(o.out, "6 cases of 2 rules hold") {
		t.Errorf("exit %d, %s%s", o.code, o.out, o.err)
	}
}

func TestARuleThatIsLooserThanItsParentNamesBoth(t *testing.T) {
	dir := t.TempDir()
	text := func(id, extends, body string) string {
		return "id: " + id + "\ntitle: {zh: 甲, en: a}\nissuer: made up\npublished: 2025-01-01\nin_force: {from: 2025-01-01}\nstate: in_force\nregion: made up\nlevel: city\nsource: made up\nversion: \"1\"\n" +
			extends + "rules:\n  - {id: R-1, title: {zh: 甲, en: a}, clause: \"1\", scope: [Z], status: confirmed, kind: compare, " + body + "}\n"
	}
	for name, one := range map[string]string{
		"up.yaml":       text("up", "", `needs: [zone_indicators], stricter_only: true, compare: {tests: [{figure: gdp, as: growth, bound: {op: ">=", value: 0.12, unit: ratio}}]}`),
		"looser.yaml":   text("looser", "extends: [up]\n", `extends: up/R-1, compare: {tests: [{figure: gdp, as: growth, bound: {op: ">=", value: 0.11, unit: ratio}}]}`),
		"other.yaml":    text("other", "extends: [up]\n", `extends: up/R-1, compare: {tests: [{figure: tax, as: growth, bound: {op: ">=", value: 0.12, unit: ratio}}]}`),
		"stricter.yaml": text("stricter", "extends: [up]\n", `extends: up/R-1, compare: {tests: [{figure: gdp, as: growth, bound: {op: ">", value: 0.12, unit: ratio}}]}`),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(one), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	up := filepath.Join(dir, "up.yaml")
	for name, want := range map[string]string{
		"looser.yaml":   "tests gdp growth >= 0.11 ratio is looser than the gdp growth >= 0.12 ratio of up/R-1",
		"other.yaml":    "is looser than the gdp growth >= 0.12 ratio of up/R-1",
		"stricter.yaml": "",
	} {
		o := command("policy", "check", up, filepath.Join(dir, name))
		if want == "" && o.code != exitDone || want != "" && (o.code != exitFailed || !strings.Contains(o.err, want) || !strings.Contains(o.err, name+":13:131: ")) {
			t.Errorf("%s: exit %d, %s", name, o.code, o.err)
		}
	}
}
