package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/muscope-gis/muscope/datasets/fields"
)

// runPolicy runs a policy command and gives its exit code and what it printed.
func runPolicy(args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(context.Background(), append([]string{"policy"}, args...), Streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

func TestPolicyListNamesEveryShippedPolicy(t *testing.T) {
	code, out, errs := runPolicy("list", "--lang", "en")
	if code != exitDone || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	for _, want := range []string{"chizhou-2015", "draft", "national-idle-land-2012", "in force", "Measures on the disposal of idle land",
		"jiangsu-huaian-2024", "lianyungang-2022", "suizhou-2018", "zhejiang-huangyan-2022"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestPolicyShowPrintsEveryRuleWithItsClauseAndFigures(t *testing.T) {
	for lang, wanted := range map[string][]string{
		"en": {
			"chizhou-2015  Plan for transforming", "in force: 2015-11-02 – 2024-10-10", "state: draft",
			"CZ-4.5-mix  Land for industry", "clause: ", "bound (bound): <= 0.05", "profile (profile): strict",
			"CZ-4.5-spaces", "CZ-4.6-idle", "inherited from: national-idle-land-2012/NIL-idle",
			"developed share below (developed_below): 1/3 · ", " · may only be stricter · national-idle-land-2012",
			"days ahead to warn (at_risk_days): 180", "unconfirmed",
		},
		"zh": {
			fields.Word("policy.in_force", "zh") + ": 2015-11-02 – 2024-10-10",
			fields.Word("policy.state", "zh") + ": " + fields.Word("state.draft", "zh"),
			fields.Word("policy.status", "zh") + ": " + fields.Word("status.unconfirmed", "zh"),
			fields.Word("figure.at_risk_days", "zh") + " (at_risk_days): 180",
		},
	} {
		code, out, errs := runPolicy("show", "chizhou-2015", "--lang", lang)
		if code != exitDone || errs != "" {
			t.Fatalf("exit %d, %s", code, errs)
		}
		for _, want := range wanted {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", lang, want, out)
			}
		}
		if strings.Contains(out, "policy.") || strings.Contains(out, "figure.") || strings.Contains(out, "kind.") {
			t.Errorf("%s: a word is missing in\n%s", lang, out)
		}
	}
}

func TestPolicyShowPrintsSchemesAndDistanceRulesInWords(t *testing.T) {
	for _, c := range []struct {
		id, lang string
		wanted   []string
	}{
		{"zhejiang-huangyan-2022", "en", []string{
			"kind: grading of enterprises", "what enters tax (tax): tax · unconfirmed",
			"electricity by equivalent value, electricity 0.0003 tce/kWh, coal 0.7143 tce/t",
			"public utilities; new: registered_on (registered on) after 31 December of the year − 2",
			"above-scale enterprises (above_scale): above scale\n",
			"tax per mu (tax_per_mu): weight 30 · linear · benchmark 24.097 万元/亩 · missing scores 0\n",
			"benchmark 4929.81 万元/t · missing scores the group's mean score\n",
			"cuts (cumulative share): A 0.2, B 0.8, C 0.95 · unconfirmed\n", "cuts (cumulative share): A 0.05, B 0.75, C 0.95",
		}},
		{"jiangsu-huaian-2024", "en", []string{
			"(all): (above scale) or (below scale, at least 3 mu)\n",
			"weight 20 · linear · benchmark 2 × the group's mean of last year · missing scores 0 · unconfirmed\n",
			"production_on (in production since), registered_on (registered on)", "C 0.95 · 政策问答四\n",
		}},
		{"lianyungang-2022", "zh", []string{
			"LYG-8-grade", fields.Word("kind.grading", "zh"), fields.Word("lease.net", "zh"), fields.Word("answer.false", "zh"),
			"(rd_intensity): " + fields.Word("item.weight", "zh") + " 20", " 2 ", fields.Word("cuts.share", "zh") + ": A 0.2, B 0.6, C 0.95\n",
		}},
		{"suizhou-2018", "en", []string{
			"kind: distance rule", "scope: parcel, project", "bound (bound): >= 1000 m\n", "control layer (layer): river",
			"industries (industries): 251, 252, 261, 262, 263, 264, 265, 266 · unconfirmed", "new from (from): 2018-02-07",
			"inherited from: national-idle-land-2012/NIL-idle",
		}},
	} {
		code, out, errs := runPolicy("show", c.id, "--lang", c.lang)
		if code != exitDone || errs != "" {
			t.Fatalf("exit %d, %s", code, errs)
		}
		for _, want := range c.wanted {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", c.id, want, out)
			}
		}
		for _, bare := range []string{"%!", "figure.", "kind.", "item.", "missing.", "benchmark.", "exempt.", "filter.", "lease."} {
			if strings.Contains(out, bare) {
				t.Errorf("%s: %q in\n%s", c.id, bare, out)
			}
		}
	}
}

// wordsOfSchemes is a scheme with all that the shipped ones do not have.
const wordsOfSchemes = `  - id: S-2
    title: {zh: Small, en: Small}
    clause: "2"
    scope: [E]
    status: confirmed
    kind: grading
    needs: [enterprises]
    grading:
      tax: [vat, -refund]
      energy: {electricity: calorific, coefficients: {coal: 0.7143}}
      pollutants: equivalents
      lease: owner
      by_months: true
      exempt: {construction_years: 3, relocation: true, tags: [x], counts: true, as: B}
      min_group: 5
      groups:
        - id: g
          title: {zh: G, en: G}
          filter: {industries: ["26"], zones: [Z1], counties: [K], tags: [y]}
          items:
            - {indicator: tax_per_mu, weight: 40, method: minmax, missing: {policy: penalty, points: 3}, clause: "9"}
            - {indicator: sales_per_mu, weight: 30, benchmark: {kind: quantile, q: 0.9}, floor: 0.5, cap: 2, missing: drop}
            - {indicator: energy_per_value_added, weight: 30, method: inverse, benchmark: {kind: max}}
          cuts: {by: score, A: 90, B: 60, C: 40}
        - id: h
          title: {zh: H, en: H}
          items: [{indicator: tax_per_mu, weight: 100, benchmark: {kind: mean}}]
          cuts: {by: share, A: 0.2, B: 0.6, C: 0.95}
`

func TestPolicyShowHasAWordForAllThatASchemeMaySay(t *testing.T) {
	file := policyFile(t, "small.yaml", smallPolicy+wordsOfSchemes)
	if code, out, errs := runPolicy("check", file); code != exitDone {
		t.Fatalf("exit %d, %q, %s", code, out, errs)
	}
	for _, lang := range []string{"zh", "en"} {
		_, out, _ := runPolicy("show", file, "--lang", lang)
		for _, bare := range []string{"%!", ".true", ".false", "item.", "missing.", "benchmark.", "exempt.", "filter.", "lease.", "pollutants.", "cuts."} {
			if strings.Contains(out, bare) {
				t.Errorf("%s: %q in\n%s", lang, bare, out)
			}
		}
	}
	_, out, _ := runPolicy("show", file, "--lang", "en")
	for _, want := range []string{
		"vat (value-added tax), -refund (refund)", "pollution equivalents", "below-scale tenants take the owner's grade", "(by_months): yes",
		"under construction: land supplied within 3 years; relocation by policy; tags x; counted in n; treated as B when resources are allotted",
		"G (g): industries 26, zones Z1, counties K, tags y\n", "weight 40 · minmax · missing costs 3 points · 9\n",
		"benchmark the group's quantile 0.9 · at least 0.5 times · at most 2 times · missing is left out and the other weights scaled up\n",
		"inverse · benchmark the group's largest · missing scores 0\n", "cuts (score): A 90, B 60, C 40\n", "H (h): all enterprises\n",
		"benchmark 1 × the group's mean · missing scores 0\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestPolicyCheckKnowsTheColumnsAndIndicatorsOfASchemeToBe(t *testing.T) {
	text := smallPolicy + strings.NewReplacer("vat,", "vta,", "coal: 0.7143", "cola: 0.7143", "sales_per_mu", "sale_per_mu").Replace(wordsOfSchemes)
	file := policyFile(t, "small.yaml", text)
	code, _, errs := runPolicy("check", file)
	for _, want := range []string{
		file + `:30:13: rule S-2: "vta" is no column of table tax`, `rule S-2: "cola" is no column of table energy`,
		`rule S-2: no indicator "sale_per_mu"; did you mean sales_per_mu?`, "policy check: 3 mistakes",
	} {
		if code != exitFailed || !strings.Contains(errs, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, errs)
		}
	}
}

func TestPolicyShowWarnsOfAMisspeltID(t *testing.T) {
	code, out, errs := runPolicy("show", "chizou-2015")
	if code != exitFailed || out != "" || !strings.Contains(errs, "did you mean chizhou-2015?") || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

func policyFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const smallPolicy = `id: small
title: {zh: Small, en: Small}
issuer: nobody
published: 2020-01-02
in_force: {from: 2020-01-02}
state: in_force
region: nowhere
level: zone
source: made up
version: "1"
extends: [chizhou-2015]
rules:
  - id: S-1
    title: {zh: Small, en: Small}
    clause: "1"
    scope: [P]
    status: confirmed
    kind: idle_land
    needs: [parcels.signed_on]
    extends: chizhou-2015/CZ-4.6-idle
    idle_land: {at_risk_days: 90}
`

func TestPolicyCheckPassesAGoodFile(t *testing.T) {
	file := policyFile(t, "small.yaml", smallPolicy)
	code, out, errs := runPolicy("check", file)
	if code != exitDone || errs != "" || !strings.Contains(out, "no mistakes in "+file) {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	if code, out, _ = runPolicy("show", file, "--lang", "en"); code != exitDone || !strings.Contains(out, "parcels.signed_on (contract signed on)") {
		t.Errorf("exit %d, %s", code, out)
	}
}

func TestPolicyCheckPrintsAllMistakesOfAllFilesWithTheirPlaces(t *testing.T) {
	a := policyFile(t, "a.yaml", strings.NewReplacer("level: zone", "level: park", "status: confirmed", "status: sure").Replace(smallPolicy))
	b := policyFile(t, "b.yaml", strings.NewReplacer("parcels.signed_on", "parcels.signed", "{at_risk_days: 90}", "{years_to_idle: 1}").Replace(smallPolicy))
	code, out, errs := runPolicy("check", a, b)
	want := []string{a + ":8:8: ", a + ":17:13: ", b + `:19:13: rule S-1 needs "parcels.signed"`, "muscope: policy check: 3 mistakes"}
	for _, w := range want {
		if !strings.Contains(errs, w) {
			t.Errorf("no %q in\n%s", w, errs)
		}
	}
	if code != exitFailed || out != "" || strings.Count(errs, "\n") != len(want) {
		t.Errorf("exit %d, %q\n%s", code, out, errs)
	}
	c := policyFile(t, "c.yaml", strings.Replace(smallPolicy, "{at_risk_days: 90}", "{years_to_idle: 2}", 1))
	if code, _, errs = runPolicy("check", c); code != exitFailed || !strings.Contains(errs, c+":21:32: years_to_idle 2 is looser") {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestWrongUsageOfPolicyExitsWithTwo(t *testing.T) {
	for _, args := range [][]string{{"show"}, {"show", "a", "b"}, {"check"}, {"check", "chizhou-2015"}, {"list", "x"}, {"shwo"}} {
		if code, _, errs := runPolicy(args...); code != exitUsage || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", args, code, errs)
		}
	}
	if code, _, errs := runPolicy("check", "none.yaml"); code != exitFailed || !strings.Contains(errs, "none.yaml") {
		t.Errorf("exit %d, %q", code, errs)
	}
}

// The Chinese of a policy's own text and of its words stays out of English output,
// but for clauses, names and sources, which are quotations.
func TestEnglishOutputTranslatesWhatIsNoQuotation(t *testing.T) {
	for _, id := range []string{"national-idle-land-2012", "jiangsu-huaian-2024", "lianyungang-2022", "suizhou-2018", "zhejiang-huangyan-2022"} {
		_, out, _ := runPolicy("show", id, "--lang", "en")
		for line := range strings.Lines(out) {
			label, _, _ := strings.Cut(line, ": ")
			if strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("a label in Chinese: %s", line)
			}
		}
	}
}
