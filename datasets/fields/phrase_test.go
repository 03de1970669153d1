package fields_test

import (
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
)

func TestAnExpressionOfARuleReadsInChinese(t *testing.T) {
	for expression, want := range map[string]string{
		"gdp since from 2020 >= 1 ratio 2025: 1":                          "地区生产总值 累计增幅 基期 2020 >= 1 比率 2025: 1",
		"start_overdue_days <= 0 and (built = 0 or not (plot_ratio < 1))": "动工逾期天数 <= 0 且 (已竣工 = 0 或 非 (容积率 < 1))",
		"SQ-8-energy, SQ-4-staff":                                         "SQ-8-energy, SQ-4-staff",
		"zones.leading_industries 3..4 count [national]":                  "主导产业数 3..4 个 [国家级]",
		"府河, 251": "府河, 251",
	} {
		if got := fields.Phrase(expression, "zh"); got != want {
			t.Errorf("%s reads %q, want %q", expression, got, want)
		}
		if got := fields.Phrase(expression, "en"); got != expression {
			t.Errorf("%s reads %q in English", expression, got)
		}
	}
}

func TestWhatARuleLacksIsNamedInWords(t *testing.T) {
	for what, want := range map[string][2]string{
		"zone_indicators/Z1/2024/gdp":           {"地区生产总值 2024 (Z1 gdp)", "gross domestic product 2024 (Z1 gdp)"},
		"start deadline":                        {"动工期限", "start deadline"},
		"zones.role xuwei":                      {"角色 (zones.role) xuwei", "role (zones.role) xuwei"},
		"plot_ratio":                            {"容积率 (plot_ratio)", "plot ratio (plot_ratio)"},
		"investment_per_mu: no confirmed table": {"投资强度 (investment_per_mu) (没有经核实的标准)", "investment intensity (investment_per_mu) (no confirmed table)"},
		"projects":                              {"项目 (projects)", "projects (projects)"},
		"SQ-12-iso":                             {"SQ-12-iso", "SQ-12-iso"},
	} {
		if zh, en := fields.Lack(what, "zh"), fields.Lack(what, "en"); zh != want[0] || en != want[1] {
			t.Errorf("%s: %q and %q, want %q", what, zh, en, want)
		}
	}
}
