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
	for _, want := range []string{"chizhou-2015", "draft", "national-idle-land-2012", "in force", "Measures on the disposal of idle land"} {
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
	_, out, _ := runPolicy("show", "national-idle-land-2012", "--lang", "en")
	for line := range strings.Lines(out) {
		label, _, _ := strings.Cut(line, ": ")
		if strings.ContainsFunc(label, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("a label in Chinese: %s", line)
		}
	}
}
