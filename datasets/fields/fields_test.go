package fields_test

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func TestHeadersAreKnownByColumnLabelAndAlias(t *testing.T) {
	for _, c := range []struct{ table, header, column, unit string }{
		{"tax", "税收（万元）", "tax", "万元"},
		{"parcels", "用地面积(亩)", "recorded_area", "亩"},
		{"parcels", "合同签订日期", "signed_on", ""},
		{"parcels", "\ufeff宗地代码", "parcel_code", ""},
		{"parcels", "  宗地 代码\n", "parcel_code", ""},
		{"parcels", "登记面积 （ ㎡ ）", "recorded_area", "㎡"},
		{"parcels", "登记面积【平方米】", "recorded_area", "平方米"},
		{"parcels", "Parcel_Code", "parcel_code", ""},
		{"parcels", "ｐａｒｃｅｌ＿ｃｏｄｅ", "parcel_code", ""},
		{"parcels", "recorded_area [mu]", "recorded_area", "mu"},
		{"parcels", "约定动工日期", "agreed_start_on", ""},
		{"enterprises", "统一社会信用代码", "credit_code", ""},
		{"tenancies", "用地面积（亩）", "area", "亩"},
		{"projects", "用地面积（亩）", "land_area", "亩"},
		{"output", "R&D经费(万元)", "rd", "万元"},
		{"energy", "用电量（万kWh）", "electricity", "万kWh"},
		{"emissions", "VOCs（吨）", "voc", "吨"},
		{"tenancies", "用地单位", "name", ""},
		{"output", "企业名称", "name", ""},
		{"tax", "纳税人名称", "name", ""},
		{"tax", "名称", "name", ""},
		{"energy", "用能单位名称", "name", ""},
		{"emissions", "单位名称", "name", ""},
		{"adjustments", "企业名称", "name", ""},
		{"tax", "税收合计（2024年）(万元)", "", ""},
		{"tax", "税收万元", "", ""},
		{"tax", "（万元）", "", ""},
		{"tax", "", "", ""},
		{"nothing", "税收", "", ""},
	} {
		column, u, ok := fields.Header(c.table, c.header)
		if column != c.column || u != c.unit || ok != (c.column != "") {
			t.Errorf("%s %q: %q %q %v, want %q %q", c.table, c.header, column, u, ok, c.column, c.unit)
		}
	}
}

func TestEveryInputColumnHasALabelAndIsFoundByIt(t *testing.T) {
	for _, s := range table.Inputs() {
		for _, f := range s.Fields {
			zh, en := fields.InputLabel(s.Name, f.Name)
			if zh == "" || en == "" {
				t.Errorf("%s.%s has no label", s.Name, f.Name)
				continue
			}
			if column, _, ok := fields.Header(s.Name, zh); !ok || column != f.Name {
				t.Errorf("%s %q is %q, want %q", s.Name, zh, column, f.Name)
			}
			if u := f.Unit.Label(); u != "" {
				column, label, ok := fields.Header(s.Name, zh+"（"+u+"）")
				if back, known := unit.Parse(label); !ok || column != f.Name || !known || back != f.Unit {
					t.Errorf("%s %s（%s） is %q in %q", s.Name, zh, u, column, label)
				}
			}
		}
	}
}

func read(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestNoTwoColumnsOfATableShareAName(t *testing.T) {
	seen := map[[2]string]string{}
	for _, r := range read(t, "inputs.csv") {
		s, ok := table.Input(r[0])
		if !ok || s.Index(r[1]) < 0 {
			t.Errorf("%s.%s is no input column", r[0], r[1])
		}
		names := append([]string{r[1], r[2]}, strings.Split(r[4], "|")...)
		for _, n := range names {
			key := [2]string{r[0], strings.ToLower(n)}
			if n == "" && r[4] == "" {
				continue
			}
			if other, twice := seen[key]; twice || n == "" || strings.TrimSpace(n) != n {
				t.Errorf("%s: %q names %s and %s", r[0], n, other, r[1])
			}
			seen[key] = r[1]
		}
	}
}

func TestTheDictionaryExplainsEveryColumnInKnownUnits(t *testing.T) {
	entries := fields.Dictionary()
	if len(entries) == 0 || entries[0].Table != "parcels" || entries[0].Column != "parcel_code" {
		t.Fatalf("the dictionary does not begin as its file: %+v", entries[:1])
	}
	seen := map[[2]string]bool{}
	for _, e := range entries {
		key := [2]string{e.Table, e.Column}
		if seen[key] {
			t.Errorf("%s.%s stands twice", e.Table, e.Column)
		}
		seen[key] = true
		if !unit.Known(unit.Unit(e.Unit)) {
			t.Errorf("%s.%s: no unit %q", e.Table, e.Column, e.Unit)
		}
		zh, en := fields.Label(e.Table, e.Column)
		if zh != e.Zh || en != e.En || zh == "" || en == "" || !strings.ContainsFunc(zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s.%s: labels %q %q", e.Table, e.Column, zh, en)
		}
	}
}

// The columns of the contract, layer by layer and in its order.
func TestTheDictionaryHoldsEveryPropertyOfTheLayers(t *testing.T) {
	contract := map[string]string{
		"parcels":         "parcel_code zone_code zone_share land_use land_use_standard mix_class official_area geometric_area mu holder holder_name grade grades tax_per_mu sales_per_mu output_per_mu investment_per_mu plot_ratio building_coverage supply_state idle idle_kind underused at_risk_on flags reasons",
		"idle_land":       "parcel_code zone_code mu idle_kind idle_since idle_from idle_days delay_cause consequence fee take_back_from holder holder_name clause evidence",
		"underused_land":  "parcel_code zone_code mu rules reasons suggested_way holder holder_name",
		"zones":           "zone_code name level kind mu parcels mu_a mu_b mu_c mu_d tax_per_mu sales_per_mu idle_mu underused_mu mix_verdict intensity_index rank rules_pass rules_fail rules_not_evaluated bottom_line",
		"land_mix":        "zone_code name kind profile industry_mu residence_mu public_mu other_mu nonconstruction_mu uncovered_mu industry_share residence_share public_share max_deviation tolerance verdict informational to_convert_mu",
		"land_mix_pieces": "feature_id zone_code code standard mix_class space mu",
		"conflicts":       "rule clause subject code name zone_code feature distance_m verdict",
		"supply":          "parcel_code zone_code supply_state signed_on delivered_on start_deadline started_on start_overdue_days agreed_finish_on finished_on finish_overdue_days idle_kind at_risk_on",
		"rejects":         "table key column value reason file row",
		"repairs":         "table key problem area_before area_after file row",
		"flags":           "table key flag value detail",
		"dictionary":      "table column label_zh label_en unit formula clause",
	}
	got := map[string][]string{}
	for _, e := range fields.Dictionary() {
		got[e.Table] = append(got[e.Table], e.Column)
	}
	for layer, columns := range contract {
		if have := strings.Join(got[layer], " "); have != columns {
			t.Errorf("%s has\n%s\nwant\n%s", layer, have, columns)
		}
	}
}

func TestWordsAreThereInBothLanguagesOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range read(t, "words.csv") {
		if seen[r[0]] || r[1] == "" || r[2] == "" {
			t.Errorf("word %v", r)
		}
		seen[r[0]] = true
	}
	if zh, en := fields.Word("consequence.fee", "zh"), fields.Word("consequence.fee", "en"); zh != "征缴土地闲置费" || en != "idle-land fee" {
		t.Errorf("%q %q", zh, en)
	}
	if fields.Word("no.such", "zh") != "no.such" {
		t.Error("a missing word is not seen")
	}
}

func FuzzHeader(f *testing.F) {
	for _, s := range []string{"税收（万元）", "（）", ")(", "用地面积(", "\ufeff", "tax)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if column, _, ok := fields.Header("tax", header); ok != (column != "") {
			t.Errorf("%q: %q %v", header, column, ok)
		}
	})
}
