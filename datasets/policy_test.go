package datasets_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets"
	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func library(t *testing.T) *policy.Library {
	t.Helper()
	sub, err := fs.Sub(datasets.Policy, "policy")
	if err != nil {
		t.Fatal(err)
	}
	l, err := policy.Load(sub)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func resolve(t *testing.T, id string) *policy.Set {
	t.Helper()
	s, err := library(t).Resolve([]string{id}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func date(t *testing.T, s string) unit.Date {
	t.Helper()
	d, ok := unit.ParseDate(s)
	if !ok {
		t.Fatalf("no date %s", s)
	}
	return d
}

func TestTheNationalPackSaysWhatTheOrderSays(t *testing.T) {
	s := resolve(t, policy.NationalIdleLand)
	a := s.IdleLand()
	want := policy.IdleLand{
		YearsToIdle: 1, YearsToTakeBack: 2,
		DevelopedBelow: policy.Fraction{Num: 1, Den: 3}, InvestedBelow: policy.Fraction{Num: 1, Den: 4},
		FeeShare:              policy.Fraction{Num: 1, Den: 5},
		DeadlineAfterDelivery: 1, DeadlineAfterContract: 1, AtRiskDays: 180,
		Clauses: a.Rule.IdleLand.Clauses,
	}
	if *a.Rule.IdleLand != want {
		t.Errorf("%+v", *a.Rule.IdleLand)
	}
	c := want.Clauses
	for clause, article := range map[string]string{
		c.NotStarted: "第二条", c.Stalled: "第二条", c.Deadline: "第二十二条", c.Supplement: "第十二条", c.Started: "第三十条",
		c.Cause: "第八条", c.Preparatory: "第二十六条", c.Fee: "第十四条", c.TakeBack: "第十四条", c.Negotiate: "第十二条",
		c.NegotiateStalled: "第十二条",
	} {
		if !strings.Contains(clause, article) {
			t.Errorf("%q is not %s", clause, article)
		}
	}
	for _, f := range a.Rule.Figures {
		unsure := f.Name == "deadline_after_contract" || f.Name == "at_risk_days"
		if unsure != (f.Status == policy.Unconfirmed) || f.Clause == "" || f.Pack != a.Pack.ID {
			t.Errorf("%+v", f)
		}
	}
	if !a.Rule.Has(policy.ScopeParcel) || a.Rule.Has(policy.ScopeZone) || a.Pack.InForce.Ends {
		t.Errorf("%+v", a.Rule)
	}
}

func TestChizhouTakesTheNationalIdleLandRuleUnderItsOwnClause(t *testing.T) {
	s := resolve(t, "chizhou-2015")
	national := resolve(t, policy.NationalIdleLand).IdleLand()
	a := s.IdleLand()
	if a.Pack.ID != "chizhou-2015" || a.Rule.ID != "CZ-4.6-idle" || a.Rule.Clause != "四(六)" {
		t.Errorf("%s %s %s applies", a.Pack.ID, a.Rule.ID, a.Rule.Clause)
	}
	if *a.Rule.IdleLand != *national.Rule.IdleLand || !slices.Equal(a.Rule.Figures, national.Rule.Figures) {
		t.Errorf("%+v is not %+v", a.Rule, national.Rule)
	}
	if len(a.Rule.Needs) == 0 || a.Rule.Follows != national.Rule.Follows {
		t.Errorf("needs %v, follows %v", a.Rule.Needs, a.Rule.Follows)
	}
	if len(s.Named) != 1 || len(s.Inherited) != 2 || s.Inherited[0].ID != policy.NationalIdleLand {
		t.Errorf("named %d, inherited %d", len(s.Named), len(s.Inherited))
	}
	var ids []string
	for _, r := range s.Rules() {
		if r.Pack.ID == "chizhou-2015" {
			ids = append(ids, r.Rule.ID)
		}
	}
	if got := strings.Join(ids, " "); !strings.Contains(got, "CZ-4.5-mix CZ-4.5-spaces CZ-4.6-multistorey CZ-4.6-idle") || len(ids) != 15 {
		t.Errorf("rules %s", got)
	}
}

func TestChizhousLandMixDecidesForNewAndExpandedZonesOnly(t *testing.T) {
	s := resolve(t, "chizhou-2015")
	for kind, want := range map[string]bool{"new": true, "expansion": true, "existing": false, "": false, "other": false} {
		if a, ok := s.LandMix(kind); ok != want || ok && a.Rule.ID != "CZ-4.5-mix" {
			t.Errorf("kind %q: %v", kind, ok)
		}
	}
	a, _ := s.LandMix("new")
	third := policy.Fraction{Num: 1, Den: 3}
	m := a.Rule.LandMix
	if m.Profile != "strict" || m.Tolerance != 0.05 || m.Target != [3]policy.Fraction{third, third, third} {
		t.Errorf("%+v", m)
	}
	if a.Rule.Status != policy.Unconfirmed || *a.Rule.Bound != (policy.Bound{Op: "<=", Value: 0.05, Unit: unit.Ratio}) {
		t.Errorf("%+v %+v", a.Rule.Status, a.Rule.Bound)
	}
	for _, name := range []string{"bound", "profile"} {
		if f, ok := a.Rule.Figure(name); !ok || f.Status != policy.Unconfirmed {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if _, ok := resolve(t, policy.NationalIdleLand).LandMix("new"); ok {
		t.Error("the national idle-land pack has a land-mix rule")
	}
	if d := policy.InformationalLandMix(); d.Profile != m.Profile || d.Tolerance != m.Tolerance || d.Target != m.Target || d.Applies("new") {
		t.Errorf("informational: %+v", d)
	}
}

func TestChizhousSpacesAreTheDefaultOnes(t *testing.T) {
	own, byDefault := resolve(t, "chizhou-2015").Spaces(), resolve(t, policy.NationalIdleLand).Spaces()
	for _, c := range []struct{ standard, code, space string }{
		{"YDYH-2023", "0901", "production"}, {"YDYH-2023", "1207", "production"}, {"YDYH-2023", "1401", "living"},
		{"YDYH-2023", "1402", "unassigned"}, {"YDYH-2023", "1301", "unassigned"}, {"YDYH-2020", "0901", "production"},
		{"TDT1055-2019", "05H1", "production"}, {"TDT1055-2019", "0810", "living"}, {"TDT1055-2019", "0809", "unassigned"},
		{"GBT21010-2017", "1004", "production"}, {"GBT21010-2007", "051", "production"}, {"GBT21010-2007", "087", "living"},
		{"GB50137-2011", "B11", "production"}, {"GB50137-2011", "G1", "living"}, {"GB50137-2011", "G2", "unassigned"},
		{"GB50137-2011", "H5", "production"}, {"TDT1029-2014", "A4", "production"}, {"TDT1029-2014", "A51", "living"},
		{"MINE", "09", "unassigned"}, {"YDYH-2023", "", "unassigned"},
	} {
		if a, b := own.Other(c.standard, c.code), byDefault.Other(c.standard, c.code); a != c.space || b != c.space {
			t.Errorf("%s %s: %s, by default %s, want %s", c.standard, c.code, a, b, c.space)
		}
	}
}

func TestADocumentOutsideItsPeriodIsWarnedOfAndNotSwitchedOff(t *testing.T) {
	s := resolve(t, "chizhou-2015")
	for asOf, want := range map[string]string{
		"2015-11-02": "",
		"2024-10-09": "",
		"2024-10-10": "policy chizhou-2015 (draft) is evaluated for 2024-10-10, after its repeal on 2024-10-10",
		"2025-06-30": "policy chizhou-2015 (draft) is evaluated for 2025-06-30, after its repeal on 2024-10-10",
		"2015-11-01": "policy chizhou-2015 (draft) is evaluated for 2015-11-01, before it took effect on 2015-11-02",
		"2012-06-30": "policy chizhou-2015 (draft) is evaluated for 2012-06-30, before it took effect on 2015-11-02\n" +
			"policy national-idle-land-2012 (in force) is evaluated for 2012-06-30, before it took effect on 2012-07-01",
	} {
		var lines []string
		for _, w := range s.Warnings(date(t, asOf)) {
			if w.Pack.ID == "national-control-2008" { // long replaced
				continue
			}
			lines = append(lines, w.String())
		}
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", asOf, got, want)
		}
	}
	if len(s.Rules()) != 16 {
		t.Error("rules were switched off")
	}
}

func TestWhatShippedPacksNameIsThere(t *testing.T) {
	known := func(name, column string) bool {
		s, ok := table.Input(name)
		return ok && (column == "" || s.Index(column) >= 0)
	}
	var indicators, figures []string
	for _, i := range fields.Indicators() {
		indicators = append(indicators, i.ID)
	}
	for _, i := range fields.ZoneIndicators() {
		figures = append(figures, i.ID)
	}
	for _, p := range library(t).Packs() {
		for _, err := range []error{p.CheckNeeds(known), p.CheckColumns(known), p.CheckIndicators(indicators), p.CheckFigures(figures)} {
			if err != nil {
				t.Error(err)
			}
		}
		for _, r := range p.Rules {
			for _, f := range r.Figures {
				if id := "figure." + f.Name; fields.Word(id, "zh") == id {
					t.Errorf("no word %s", id)
				}
			}
			if id := "kind." + string(r.Kind); fields.Word(id, "zh") == id {
				t.Errorf("no word %s", id)
			}
		}
	}
}

// A code listed for a space must be one of its standard, or begin one.
func TestTheCodesOfSpacesAreCodesOfTheirStandards(t *testing.T) {
	for _, list := range policy.DefaultSpaces().Codes {
		for _, code := range slices.Concat(list.Production, list.Living, list.Ecological) {
			found := false
			for _, finer := range []string{"", "1", "01"} {
				_, ok := codes.LandUse(list.Standard, code+finer)
				found = found || ok
			}
			if !found {
				t.Errorf("%s has no code %s", list.Standard, code)
			}
		}
	}
}
