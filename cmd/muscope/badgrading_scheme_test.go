package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets"
)

// refusedPolicy holds that evaluate ends with one line about its policies, by all of
// these flags, and leaves nothing.
func refusedPolicy(t *testing.T, flags []string, wants ...string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	failed(t, command(evaluateArgs(town(6).in(t), out, flags...)...), exitFailed, wants...)
	if left := beside(t, out); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

func TestAPolicyFileWhoseWeightsDoNotAddTo100IsRefusedWithItsPlace(t *testing.T) {
	const weight = "indicator: tax_per_mu, weight: 20"
	for with, sum := range map[string]string{"15": "95", "20.1": "100.1", "0.001": "80.001"} {
		path := pack(t, lianyungang, weight, "indicator: tax_per_mu, weight: "+with)
		line, _ := place(t, path, "          items:")
		refusedPolicy(t, []string{"--policy", path}, fmt.Sprintf("%s:%d:", path, line+1), "the weights of a group add to 100, these to "+sum)
	}
	path := pack(t, lianyungang, weight, "indicator: tax_per_mu, weight: -20")
	line, column := place(t, path, "-20, benchmark")
	refusedPolicy(t, []string{"--policy", path}, fmt.Sprintf("%s:%d:%d:", path, line, column), `"-20"`)
}

func TestAPolicyFileWithAnUnknownIndicatorIsRefusedWithItsPlaceAndTheNearest(t *testing.T) {
	path := pack(t, lianyungang, "tax_per_mu", "tax_per_muu")
	line, column := place(t, path, "tax_per_muu")
	refusedPolicy(t, []string{"--policy", path}, fmt.Sprintf("%s:%d:%d:", path, line, column), "tax_per_muu", "did you mean tax_per_mu?")
}

func TestTwoGradingSchemesWantToBeToldApart(t *testing.T) {
	both := lianyungang + "," + huangyan
	refusedPolicy(t, []string{"--policy", both}, "lianyungang-2022/LYG-8-grade", "zhejiang-huangyan-2022/HY-1-grade", "--grading")
	refusedPolicy(t, []string{"--policy", both, "--grading", "lianyungang-2o22"}, "--grading lianyungang-2o22", "did you mean lianyungang-2022?")
	refusedPolicy(t, []string{"--policy", both, "--grading", huaian}, "--grading "+huaian, "no such grading scheme")
	refusedPolicy(t, []string{"--policy", "chizhou-2015", "--grading", huaian}, "--grading "+huaian, "no named policy has a grading scheme")
	for id, reason := range map[string]string{huangyan: "附件2 一", "HY-1-grade": "附件2 一", lianyungang: "8"} {
		e := gradedTown(t, town(6), both, "--grading", id)
		if why := fmt.Sprint(e.properties(t, "parcels", "parcel_code")["P05"]["reasons"]); !strings.Contains(why, "grade A ("+reason+")") {
			t.Errorf("--grading %s: %s", id, why)
		}
	}
}

// place is the line and column of the first place where a text stands in a file.
func place(t *testing.T, path, text string) (line, column int) {
	t.Helper()
	before, _, found := strings.Cut(readText(t, path), text)
	if !found {
		t.Fatalf("%s has no %q", path, text)
	}
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n")
}

// belowScale makes the last k enterprises of a town of n below scale.
func belowScale(n, k int) files {
	f := town(n)
	for i := n - k; i < n; i++ {
		f["enterprises.csv"] = strings.Replace(f["enterprises.csv"], firm(i)+fmt.Sprintf(",企业%02d有限公司,2614,是", i), firm(i)+fmt.Sprintf(",企业%02d有限公司,2614,否", i), 1)
	}
	return f
}

func TestAGroupOfFourIsNotGraded(t *testing.T) {
	for _, policy := range []string{lianyungang, huangyan, huaian} {
		e := gradedTown(t, town(4), policy)
		if got := e.letters(t); got != "----" {
			t.Errorf("%s: grades %s", policy, got)
		}
		for code, g := range e.of(t, "grades") {
			if g["reasons"] != "group_too_small: 4 of at least 5" {
				t.Errorf("%s: %s: %s", policy, code, g["reasons"])
			}
		}
		e.says(t, "not graded: group_too_small 4\n")
		for _, z := range e.table(t, "zones") {
			if z["mu_a"]+z["mu_b"]+z["mu_c"]+z["mu_d"] != "0000" || z["zone_code"] == "Z1" && z["tax_per_mu"] != "2" {
				t.Errorf("zone %v", z)
			}
		}
	}
}

func TestTwoGroupsOfFourWithTheSameRulesArePooled(t *testing.T) {
	e := gradedTown(t, belowScale(8, 4), lianyungang)
	if got := e.letters(t); got != "DCCCBBBA" { // of 8: 1, 4, 7
		t.Errorf("grades %s", got)
	}
	for i := range 8 {
		g := e.of(t, "grades")[firm(i)]
		total, err := strconv.ParseFloat(g["total"], 64)
		// The mean of all eight is 15 · 36 ÷ (8 · 15) = 4.5 万元/亩.
		if want := 80 + 20*math.Min(float64(i+1)/4.5, 2); err != nil || math.Abs(total-want) > 5e-7 || g["group"] != "above_scale+below_scale" || g["of"] != "8" {
			t.Errorf("%d: total %v, want %v: %v", i, total, want, g)
		}
	}
}

func TestASmallGroupIsNotPooledWithALargeOne(t *testing.T) {
	e := gradedTown(t, belowScale(9, 5), lianyungang)
	if got := e.letters(t); got != "----DCBBA" { // of 5: 1, 3, 4
		t.Errorf("grades %s", got)
	}
	if g := e.of(t, "grades"); g[firm(0)]["reasons"] != "group_too_small: 4 of at least 5" || g[firm(8)]["of"] != "5" || g[firm(8)]["group"] != "below_scale" {
		t.Errorf("grades %v and %v", g[firm(0)], g[firm(8)])
	}
}

func TestTwoGroupsOfFourWithOtherRulesAreNotPooled(t *testing.T) {
	for what, policy := range map[string]string{
		"other items": huangyan,
		"another cut": pack(t, lianyungang, "A: 0.20, B: 0.60, C: 0.95", "A: 0.20, B: 0.60, C: 0.90"),
		"another cap": pack(t, lianyungang, "cap: 2", "cap: 3"),
	} {
		e := gradedTown(t, belowScale(8, 4), policy)
		if got := e.letters(t); got != "--------" {
			t.Errorf("%s: grades %s", what, got)
		}
		e.says(t, "not graded: group_too_small 8\n")
	}
}

func TestAnEnterpriseWhoseScaleIsNotKnownIsInNoGroup(t *testing.T) {
	e := gradedTown(t, town(6).swap(t, "enterprises.csv", "企业00有限公司,2614,是", "企业00有限公司,2614,"), lianyungang)
	if g := e.of(t, "grades")[firm(0)]; g["reasons"] != "no_group: above_scale empty" || e.letters(t) != "-DCBBA" {
		t.Errorf("%s: %v", e.letters(t), g)
	}
}

func TestWithoutLastYearsAccountsNoBenchmarkOfLastYearIsFound(t *testing.T) {
	f := town(6)
	for _, name := range accounts {
		var left []string
		for _, line := range strings.SplitAfter(f[name], "\n") {
			if !strings.Contains(line, ",2023,") {
				left = append(left, line)
			}
		}
		f[name] = strings.Join(left, "")
	}
	e := gradedTown(t, f, huaian)
	e.rejects(t)
	if got := e.letters(t); got != "------" {
		t.Errorf("grades %s", got)
	}
	for code, g := range e.of(t, "grades") {
		if g["reasons"] != "benchmark_missing: tax_per_mu: no member has last year's value" {
			t.Errorf("%s: %s", code, g["reasons"])
		}
	}
	for code, p := range e.properties(t, "parcels", "parcel_code") {
		if p["grade"] != nil || p["grades"] != nil || p["tax_per_mu"] == nil {
			t.Errorf("%s: %v", code, p)
		}
	}
	for code, z := range e.properties(t, "zones", "zone_code") {
		if z["mu_a"] != 0.0 || z["mu_b"] != 0.0 || z["mu_c"] != 0.0 || z["mu_d"] != 0.0 || z["mu"] != 45.0 {
			t.Errorf("%s: %v", code, z)
		}
	}
	e.says(t, "not graded: benchmark_missing 6\n")
	// What one had last year is a benchmark.
	f.add("tax.csv", firm(0)+",2023,15").add("output.csv", firm(0)+",2023,100,50,3,20").add("energy.csv", firm(0)+",2023,10,100000")
	if got := gradedTown(t, f, huaian).letters(t); got != "DCCBBA" {
		t.Errorf("grades %s", got)
	}
}

func TestWithoutEmissionsOnlyTheGroupsThatAskForThemAreUngraded(t *testing.T) {
	f := belowScale(11, 5)
	delete(f, "emissions.csv")
	e := gradedTown(t, f, lianyungang)
	if got := e.letters(t); got != "-----------" {
		t.Errorf("grades %s", got)
	}
	for code, g := range e.of(t, "grades") {
		if g["reasons"] != "benchmark_missing: sales_per_pollutant: no member has a value" {
			t.Errorf("%s: %s", code, g["reasons"])
		}
	}
	e.says(t, "not graded: benchmark_missing 11\n", "not evaluated: lianyungang-2022/LYG-8-grade (missing emissions)\n")
	e = gradedTown(t, f, huangyan)
	if got := e.letters(t); got != "------DCBBB" { // of 5 below scale: 0, 3, 4
		t.Errorf("grades %s", got)
	}
	if g := e.of(t, "grades")[firm(0)]; g["reasons"] != "benchmark_missing: value_added_per_pollutant: no member has a value" {
		t.Errorf("reasons %s", g["reasons"])
	}
	e.says(t, "grades: B 3, C 1, D 1\n", "not graded: benchmark_missing 6\n")
}

func TestNobodyIsGradedWithoutARegisterOfEnterprises(t *testing.T) {
	f := town(6).add("tenancies.csv", firm(0)+",P99,owned,1,,")
	delete(f, "enterprises.csv")
	e := gradedTown(t, f, lianyungang)
	for _, name := range []string{"grades", "land", "indicators", "unmatched"} {
		if e.has(name) {
			t.Errorf("%s.csv is written", name)
		}
	}
	e.says(t, "not evaluated: lianyungang-2022/LYG-8-grade (missing enterprises)\n")
	parcels := e.properties(t, "parcels", "parcel_code")
	for code, p := range parcels {
		for _, column := range []string{"grade", "grades", "tax_per_mu", "sales_per_mu", "output_per_mu"} {
			if v, has := p[column]; v != nil || !has {
				t.Errorf("%s: %s is %v", code, column, v)
			}
		}
	}
	for code, z := range e.properties(t, "zones", "zone_code") {
		for _, column := range []string{"mu_a", "mu_b", "mu_c", "mu_d", "tax_per_mu"} {
			if v, has := z[column]; v != nil || !has {
				t.Errorf("%s: %s is %v", code, column, v)
			}
		}
	}
	if len(parcels) != 6 {
		t.Errorf("%d parcels", len(parcels))
	}
}

func TestARegisterWithoutEnterprisesGradesNobody(t *testing.T) {
	for what, rows := range map[string]string{"a header only": "", "no usable row": ",甲\nX,\n"} {
		f := town(6)
		f["enterprises.csv"] = "credit_code,name\n" + rows
		for _, policy := range []string{lianyungang, huangyan, huaian} {
			e := gradedTown(t, f, policy)
			if n := len(e.table(t, "grades")) + len(e.table(t, "land")) + len(e.table(t, "indicators")); n != 0 {
				t.Errorf("%s: %d rows", what, n)
			}
			if n := len(e.table(t, "unmatched")); n != 54 { // every row about an enterprise
				t.Errorf("%s: %d unmatched", what, n)
			}
			for code, p := range e.properties(t, "parcels", "parcel_code") {
				if p["grade"] != nil || p["grades"] != nil || p["tax_per_mu"] != nil {
					t.Errorf("%s: %s: %v", what, code, p)
				}
			}
		}
	}
}

func TestARiverRuleWithoutARegisterIsNotEvaluatedWhateverItSaysItNeeds(t *testing.T) {
	text, err := datasets.Policy.ReadFile("policy/suizhou-2018.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pack := filepath.Join(t.TempDir(), "suizhou-2018.yaml")
	careless := strings.Replace(string(text), "needs: [parcels, control_lines, enterprises]", "needs: [parcels]", 1)
	if careless == string(text) {
		t.Fatal("the pack's needs have changed")
	}
	if err := os.WriteFile(pack, []byte(careless), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"enterprises.csv", "control_lines.geojson"} {
		f := smallCity()
		delete(f, name)
		out := filepath.Join(t.TempDir(), "run")
		if o := command(evaluateArgs(f.in(t), out, "--policy", pack)...); o.code != exitDone || o.err != "" {
			t.Errorf("without %s: exit %d: %s", name, o.code, o.err)
		}
	}
}
