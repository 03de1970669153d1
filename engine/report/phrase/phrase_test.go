package phrase

import (
	"fmt"
	"testing"

	"github.com/muscope-gis/muscope/engine/policy/demand"
)

func TestReasonsOfGradesArePutIntoWords(t *testing.T) {
	for reason, want := range map[string]string{
		"missing emissions: sales_per_pollutant scored 0 (zero)":                          "缺主要污染物排放量，单位污染物排放销售收入计 0 分",
		"missing rd and sales: rd_intensity scored -5 (penalty)":                          "缺研发经费、销售收入，研发经费投入强度计 -5 分",
		"emissions not positive: sales_per_pollutant scored 1.5 (cohort_mean_score)":      "主要污染物排放量不为正，单位污染物排放销售收入计 1.5 分",
		"missing tax: tax_per_mu left out, other weights x 1.25 (drop)":                   "缺税收，亩均税收不计，其余权重 × 1.25",
		"land_not_positive: 0 mu":                                                         "用地面积不为正（用地 0 亩）",
		"no_group: above_scale empty, 2.5 mu":                                             "不属于任何评价组（规上 未填，用地 2.5 亩）",
		"exempt_new: registered_on 2024-02-12 after 2022-12-31":                           "T 类：新办企业（注册日期 2024-02-12，晚于 2022-12-31）",
		"veto C 环保处罚 (环保局, 2024-05-01): A -> C":                                           "一票否决 C 环保处罚 (环保局, 2024-05-01)：A → C",
		"bonus 3 技术改造 (经信局, 2024-05-01); exempt_utility":                                  "加分 3 技术改造 (经信局, 2024-05-01)；T 类：公用事业",
		"owner 91999904MAL96J42X6: B":                                                     "随出租方 91999904MAL96J42X6 评为 B",
		"something that no pattern knows":                                                 "something that no pattern knows",
		"manual B 复核 (领导小组, 2024-06-01): C -> B, overrides veto C 环保处罚 (环保局, 2024-05-01)": "人工认定 B 复核 (领导小组, 2024-06-01)：C → B，推翻一票否决 C 环保处罚 (环保局, 2024-05-01)",
	} {
		if got := GradeReasons(reason); got != want {
			t.Errorf("%q: %q, want %q", reason, got, want)
		}
	}
}

func leaf(fact string) demand.Tree { return demand.Tree{Leaf: &demand.Condition{Fact: fact}} }

func TestOnlyTheConditionsThatMakeARuleHoldAreTold(t *testing.T) {
	below := demand.Tree{All: []demand.Tree{leaf("tax_per_mu"), {Not: &demand.Tree{Leaf: &demand.Condition{Fact: "above_scale"}}}}}
	tree := &demand.Tree{Any: []demand.Tree{{All: []demand.Tree{leaf("tax_per_mu"), leaf("above_scale")}}, below, leaf("plot_ratio")}}
	told := "tax_per_mu=4.5 < 6 met (8), above_scale=false = true not met (8), tax_per_mu=4.5 < 3 %s (8), above_scale=false = true not met (8), plot_ratio=missing < 1 not met (二(五))"
	for state, want := range map[string]string{"met": "亩均税收 4.5 < 3，非规上", "not met": ""} {
		all := conditions(fmt.Sprintf(told, state))
		if len(all) != 5 || all[4].clause != "二(五)" {
			t.Fatalf("conditions %+v", all)
		}
		ways, rest := hold(tree, all)
		got := ""
		for _, w := range ways {
			text, _ := wayText(w)
			got += text
		}
		if got != want || len(rest) != 0 {
			t.Errorf("%s: %q, want %q; %d conditions left", state, got, want, len(rest))
		}
	}
}

func TestFiguresAndBoundsArePutIntoWords(t *testing.T) {
	for _, one := range []struct{ value, bound, unit, figure, limit, units string }{
		{"1;0;349.540183", "= 1;= 1;>= 254.4", "yes;yes;wan_yuan_per_mu", "是；否；349.54", "应为是；应为是；≥ 254.4", "万元/亩"},
		{"0.75;0.36", ">= 0.7;>= 0.3", "ratio", "75%；36%", "≥ 70%；≥ 30%", ""},
		{"production 12.5;living 3", "", "mu", "生产空间 12.5；生活空间 3", "", "亩"},
		{"false;120.5", "= true;> 0", ";mu", "否；120.5", "应为是；> 0", "亩"},
	} {
		if got := Figures(one.value, one.unit); got != one.figure {
			t.Errorf("%s in %s: %v, want %s", one.value, one.unit, got, one.figure)
		}
		if got := Bound(one.bound, one.unit); got != one.limit && one.limit != "" {
			t.Errorf("%s: %v, want %s", one.bound, got, one.limit)
		}
		if got := Units(one.unit); got != one.units && one.units != "" {
			t.Errorf("%s: %v, want %s", one.unit, got, one.units)
		}
	}
	if got := Bound("3..4", "count"); got != "3–4" {
		t.Errorf("3..4: %v", got)
	}
}
