package fields

import (
	"strings"
	"testing"
)

func TestAFormsHeaderIsFoundByColumnLabelAndOtherNames(t *testing.T) {
	for _, c := range []struct{ table, header, column string }{
		{"grades", "综合得分", "total"}, {"grades", " 总 分 ", "total"}, {"grades", "评价等级", "final_grade"},
		{"grades", "亩均税收得分", "score_tax_per_mu"}, {"indicators", "亩均税收", "tax_per_mu"}, {"indicators", "Ｒ＆Ｄ占比", "rd_intensity"},
		{"idle_land", "土地使用权人", "holder_name"}, {"zones", "园区名称", "name"}, {"land", "出租", "leased_out_mu"}, {"land", "net_mu", "net_mu"},
	} {
		if column, ok := FormHeader(c.table, c.header); !ok || column != c.column {
			t.Errorf("%s %q: %q, %t; want %q", c.table, c.header, column, ok, c.column)
		}
	}
	if column, ok := FormHeader("grades", "法定代表人"); ok {
		t.Errorf("法定代表人 is %q", column)
	}
}

func TestNamesInFormsAreOfColumnsOnceEach(t *testing.T) {
	seen := map[name]string{}
	for _, r := range rows("forms.csv", formsCSV, 3) {
		if _, ok := Explain(r[0], r[1]); !ok {
			t.Errorf("%s.%s is no column of a run", r[0], r[1])
		}
		for _, alias := range strings.Split(r[2], "|") {
			key := name{r[0], fold(alias)}
			if other, twice := seen[key]; twice {
				t.Errorf("%s %q is both %s and %s", r[0], alias, other, r[1])
			}
			seen[key] = r[1]
			if column, _ := FormHeader(r[0], alias); column != r[1] {
				t.Errorf("%s %q is found as %s, and listed as %s", r[0], alias, column, r[1])
			}
		}
	}
}

func TestAHeaderIsPartedFromItsUnit(t *testing.T) {
	for _, c := range [][3]string{
		{"税收（万元）", "税收", "万元"}, {"亩均税收(万元/亩)", "亩均税收", "万元/亩"}, {"用地面积 [亩]", "用地面积", "亩"}, {"企业名称", "企业名称", ""},
		{"加（减）分", "加（减）分", ""}, {"（万元）", "（万元）", ""}, {"", "", ""},
	} {
		if bare, unit := SplitUnit(c[0]); bare != c[1] || unit != c[2] {
			t.Errorf("%q: %q, %q", c[0], bare, unit)
		}
	}
}
