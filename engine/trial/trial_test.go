package trial_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/trial"
)

func library(t *testing.T) (*policy.Library, fs.FS) {
	t.Helper()
	sub, err := fs.Sub(datasets.Policy, "policy")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := policy.Load(sub)
	if err != nil {
		t.Fatal(err)
	}
	return lib, sub
}

func TestEveryShippedPolicyDecidesTheCasesBesideIt(t *testing.T) {
	lib, sub := library(t)
	for _, p := range lib.Packs() {
		set, err := lib.Resolve([]string{p.ID}, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := fs.ReadFile(sub, p.ID+".cases")
		if err != nil {
			t.Errorf("policy %s has no cases: %v", p.ID, err)
			continue
		}
		cases, wrong := trial.Run(p.ID+".cases", text, set)
		for _, m := range wrong {
			t.Error(m)
		}
		if cases < 2*len(p.Rules) {
			t.Errorf("%s: %d cases of %d rules", p.ID, cases, len(p.Rules))
		}
	}
}

func TestASeededMistakeIsFoundWithItsLine(t *testing.T) {
	lib, sub := library(t)
	yaml, err := fs.ReadFile(sub, "suqian-2017.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cases, err := fs.ReadFile(sub, "suqian-2017.cases")
	if err != nil {
		t.Fatal(err)
	}
	for was, is := range map[string]string{
		`op: ">", value: 260}`:                  `op: ">=", value: 260}`,
		`op: ">", value: 10}`:                   `op: ">", value: 10.5}`,
		`value: -0.15`:                          `value: -0.16`,
		`value: 2020-01-01`:                     `value: 2020-01-02`,
		`target: 2018, bound`:                   `target: 2026, bound`,
		`few: 2`:                                `few: 3`,
		`levels: [national, provincial], bound`: `levels: [national], bound`,
	} {
		if !strings.Contains(string(yaml), was) {
			t.Fatalf("no %s in the policy", was)
		}
		changed := strings.ReplaceAll(string(yaml), was, is)
		set, err := lib.Resolve([]string{"suqian.yaml"}, func(string) ([]byte, error) { return []byte(changed), nil })
		if err != nil {
			t.Fatal(err)
		}
		if _, wrong := trial.Run("suqian-2017.cases", cases, set); len(wrong) == 0 || wrong[0].Line == 0 {
			t.Errorf("%s for %s: found %v", is, was, wrong)
		}
	}
}

func TestCasesThatCannotBeReadAreToldOf(t *testing.T) {
	lib, _ := library(t)
	set, err := lib.Resolve([]string{"national-control-2008"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"NC-2008-control P":                         "a case is RULE SCOPE VERDICT",
		"NC-2008-control X pass":                    "scope one of E P J Z C",
		"NC-2008-control P perhaps":                 `no verdict "perhaps"`,
		"NC-2008-control P pass plot":               `"plot" is not name=value`,
		"NC-2008-control P pass plot_ratoi=1":       "plot_ratoi is neither a fact nor a figure",
		"NC-2008-control P pass plot_ratio=high":    "plot_ratio=high is no number",
		"NC-2008-control P pass as_of=2025-02-30":   "as_of=2025-02-30 is no date",
		"NC-2008-control P pass year=soon":          "year=soon is no year",
		"NC-2008-control J pass -- plot_ratio=1 *0": "*0 is no number of projects",
		"NC-1 P pass":                               "no rule NC-1 in national-control-2008",
		"":                                          "rule NC-2008-control has no case that is pass",
	} {
		_, wrong := trial.Run("a.cases", []byte(text), set)
		found := false
		for _, m := range wrong {
			found = found || strings.Contains(m.String(), want)
		}
		if !found {
			t.Errorf("%q: %v, want %q", text, wrong, want)
		}
	}
}
