package datasets_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func grading(t *testing.T, id string) policy.Applied {
	t.Helper()
	a, ok, err := resolve(t, id).Grading("")
	if !ok || err != nil {
		t.Fatalf("%s: %v, %v", id, ok, err)
	}
	return a
}

// told is a group as one line: filter, items, cuts.
func told(g policy.Group) string {
	parts := []string{g.Filter.String()}
	for _, i := range g.Items {
		parts = append(parts, i.String())
	}
	return strings.Join(append(parts, g.Cuts.String()), "; ")
}

func TestTheShippedSchemesGradeAsTheirDocumentsSay(t *testing.T) {
	five := "; tax_per_mu 20 linear, benchmark mean 1, cap 2, missing zero; sales_per_tce 20 linear, benchmark mean 1, cap 2, missing zero; " +
		"sales_per_pollutant 20 linear, benchmark mean 1, cap 2, missing zero; rd_intensity 20 linear, benchmark mean 1, cap 2, missing zero; " +
		"labour_productivity 20 linear, benchmark mean 1, cap 2, missing zero; share A 0.2 B 0.6 C 0.95"
	for id, want := range map[string]map[string]string{
		"zhejiang-huangyan-2022": {
			"above_scale": "above_scale true; tax_per_mu 30 linear, benchmark fixed 24.097, missing zero; " +
				"value_added_per_mu 20 linear, benchmark fixed 136.16, missing zero; value_added_per_tce 20 linear, benchmark fixed 2.694, missing zero; " +
				"value_added_per_pollutant 10 linear, benchmark fixed 4929.81, missing cohort_mean_score; " +
				"labour_productivity 10 linear, benchmark fixed 18.14, missing zero; rd_intensity 10 linear, benchmark fixed 0.0302, missing zero; " +
				"share A 0.2 B 0.8 C 0.95",
			"below_scale": "above_scale false; tax_per_mu 50 linear, benchmark fixed 11.5932, missing zero; " +
				"tax_per_kwh 50 linear, benchmark fixed 0.2352, missing zero; share A 0.05 B 0.75 C 0.95",
		},
		"jiangsu-huaian-2024": {
			"all": "any (above_scale true) or (above_scale false, min_mu 3); tax_per_mu 45 linear, benchmark mean 2 last_year, missing zero; " +
				"sales_per_mu 35 linear, benchmark mean 2 last_year, missing zero; tax_per_tce 20 linear, benchmark mean 2 last_year, missing zero; " +
				"share A 0.2 B 0.6 C 0.95",
		},
		"lianyungang-2022": {"above_scale": "above_scale true" + five, "below_scale": "above_scale false" + five},
	} {
		g := grading(t, id).Rule.Grading
		if len(g.Groups) != len(want) {
			t.Errorf("%s: %d groups", id, len(g.Groups))
		}
		for _, one := range g.Groups {
			if got := told(one); got != want[one.ID] {
				t.Errorf("%s %s:\n%s\nwant\n%s", id, one.ID, got, want[one.ID])
			}
		}
	}
}

func TestTheShippedSchemesShareWhatTheirDocumentsDoNotSay(t *testing.T) {
	for id, own := range map[string]string{
		"zhejiang-huangyan-2022": "equivalent 0.0003 [registered_on]",
		"jiangsu-huaian-2024":    "calorific 0.0001229 [production_on registered_on]",
		"lianyungang-2022":       "calorific 0.0001229 [registered_on]",
	} {
		a := grading(t, id)
		g := a.Rule.Grading
		electricity := 0.0
		for _, c := range g.Energy.Coefficients {
			if c.Column == "electricity" {
				electricity = c.TCE
			}
		}
		if got := fmt.Sprint(g.Energy.Electricity, " ", electricity, " ", g.Exempt.NewFrom); got != own {
			t.Errorf("%s: %s, want %s", id, got, own)
		}
		if len(g.Tax) != 1 || g.Tax[0].String() != "tax" || g.Pollutants != policy.PlainTonnes || g.Lease != policy.LeaseNet || g.ByMonths || g.MinGroup != 5 {
			t.Errorf("%s: %+v", id, g)
		}
		e := g.Exempt
		if !e.Utility || e.NewYears != 2 || e.ConstructionYears != 0 || e.Relocation || len(e.Tags) > 0 || e.Counts || e.As != "" {
			t.Errorf("%s: %+v", id, e)
		}
		if !a.Rule.Has(policy.ScopeEnterprise) || a.Rule.Needs[0].Table != table.Enterprises {
			t.Errorf("%s: %+v", id, a.Rule)
		}
		for _, f := range a.Rule.Figures {
			if f.Name != "groups" && f.Status != policy.Unconfirmed {
				t.Errorf("%s: %s is not in the text, and %s", id, f.Name, f.Status)
			}
		}
		for _, group := range g.Groups {
			_, cuts := a.Rule.Origin(group.ID, policy.CutsOrigin)
			if (cuts == policy.Confirmed) != (id == "jiangsu-huaian-2024") {
				t.Errorf("%s: the cuts of %s are %s", id, group.ID, cuts)
			}
			for _, i := range group.Items {
				if _, status := a.Rule.Origin(group.ID, i.Indicator); (status == policy.Confirmed) != (id == "zhejiang-huangyan-2022") {
					t.Errorf("%s: %s is %s", id, i.Indicator, status)
				}
				if _, ok := fields.FindIndicator(i.Indicator); !ok {
					t.Errorf("%s: no indicator %s", id, i.Indicator)
				}
			}
		}
	}
}

func TestNamingTwoSchemesAsksWhichOne(t *testing.T) {
	s, err := library(t).Resolve([]string{"lianyungang-2022", "suizhou-2018", "jiangsu-huaian-2024"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Grading(""); err == nil || !strings.Contains(err.Error(), "lianyungang-2022/LYG-8-grade, jiangsu-huaian-2024/HA-3-grade: say which with --grading ID") {
		t.Errorf("%v", err)
	}
	if a, ok, err := s.Grading("LYG-8-grade"); !ok || err != nil || a.Pack.ID != "lianyungang-2022" || a.Rule.Clause != "8" {
		t.Errorf("%+v %v", a, err)
	}
}

func TestSuizhouKeepsNewHeavyChemicalProjectsAKilometreFromItsRivers(t *testing.T) {
	s := resolve(t, "suizhou-2018")
	rules := s.Near()
	if len(rules) != 2 || rules[1].Rule.ID != "SZ-2.3-chempark" || rules[1].Rule.Near.Metres != 0 {
		t.Fatalf("%d rules", len(rules))
	}
	r := rules[0].Rule
	if r.ID != "SZ-2.3-river" || r.Clause != "二(三)" || *r.Bound != (policy.Bound{Op: policy.AtLeast, Value: 1000, Unit: unit.Metre}) || r.Near.Metres != 1000 {
		t.Errorf("%s %s %+v %+v", r.ID, r.Clause, r.Bound, r.Near)
	}
	if got := fmt.Sprint(r.Near.Layer, r.Near.Names, r.Near.Industries, r.Near.From); got !=
		"river[府河 涢水 府澴河 漂水 㵐水 厥水 氵厥水] [251 252 261 262 263 264 265 266] 2018-02-07" {
		t.Error(got)
	}
	if !r.Has(policy.ScopeParcel) || !r.Has(policy.ScopeProject) || fmt.Sprint(r.Needs[0], r.Needs[1], r.Needs[2], len(r.Needs)) != "parcels control_lines enterprises 3" {
		t.Errorf("%v %v", r.Scope, r.Needs)
	}
	idle := s.IdleLand()
	if idle.Rule.ID != "SZ-2.5-idle" || *idle.Rule.IdleLand != *resolve(t, policy.NationalIdleLand).IdleLand().Rule.IdleLand {
		t.Errorf("%+v", idle.Rule)
	}
	if w := s.Warnings(date(t, "2025-06-30")); s.Warnings(date(t, "2018-02-06")) == nil || len(w) != 1 || w[0].Pack.ID != "national-control-2008" {
		t.Error("the period is wrong")
	}
}
