package workbook

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/report/phrase"
)

// place are the columns that say which parcel a row of s is.
func (b *book) place(s *source) []column {
	zone := s.texts("zone_code")
	return []column{
		show(s, "parcel_code", column{head: "宗地代码"}),
		{head: "所在开发区", en: "zone", width: 24, from: [2]string{s.name, "zone_code"}, value: func(i int) any {
			if z := zone(i); z != "" {
				return b.zone(z)
			}
			return b.zone(outside)
		}},
	}
}

func (b *book) idleList() *list {
	s := b.idle
	l := &list{sheet: "闲置土地台账", about: "闲置土地：位置、使用权人、起止、原因、处置", rows: s.rows, frozen: 1, wide: 2, note: b.clauseOf(policy.KindIdleLand)}
	supply, parcel := s.beside(b.supply, "parcel_code"), s.beside(b.parcels, "parcel_code")
	found := phrase.Evidence(s.texts("evidence"))
	cause := s.texts("delay_cause")
	l.columns = slices.Concat(b.place(s), []column{
		show(s, "holder_name", column{head: "使用权人", width: 28}), show(s, "holder", column{head: "信用代码"}),
		show(s, "mu", column{sum: true}),
		{head: "土地价款", unit: "万元", en: "land price", form: numberForm, value: found.Number("land_price"), about: "合同价款"},
		show(b.parcels, "land_use", column{via: parcel, head: "用途代码", form: centreForm}),
		show(b.supply, "signed_on", column{via: supply, group: "约定与实际", head: "合同签订"}),
		show(b.supply, "start_deadline", column{via: supply, group: "约定与实际", head: "约定动工"}),
		show(b.supply, "started_on", column{via: supply, group: "约定与实际", head: "实际动工"}),
		show(b.supply, "agreed_finish_on", column{via: supply, group: "约定与实际", head: "约定竣工"}),
		{group: "开发程度", head: "已动工面积占比", unit: "%", en: "developed ÷ to develop", form: percentForm,
			value: found.Ratio("area_developed/area_to_develop"), about: "已动工面积 ÷ 应动工面积，不足三分之一且中止满一年的闲置"},
		{group: "开发程度", head: "已投资占比", unit: "%", en: "invested ÷ total investment", form: percentForm,
			value: found.Ratio("investment_made/investment_total"), about: "已投资额 ÷ 总投资额，不含地价和税费；不足 25% 且中止满一年的闲置"},
		show(s, "idle_kind", column{group: "闲置认定", words: "idle_kind", form: centreForm, width: 10}),
		show(s, "idle_since", column{group: "闲置认定", head: "起算日期"}),
		show(s, "idle_from", column{group: "闲置认定", head: "认定日期"}),
		show(s, "idle_days", column{group: "闲置认定", head: "已闲置", unit: "天"}),
		{group: "闲置认定", head: "闲置原因", en: "cause of delay", width: 12, from: [2]string{s.name, "delay_cause"}, value: func(i int) any {
			return phrase.Word("delay_cause", cause(i))
		}},
		show(s, "consequence", column{group: "处置", words: "consequence", form: textForm, width: 18}),
		show(s, "fee", column{group: "处置", sum: true}),
		show(s, "take_back_from", column{group: "处置", head: "可无偿收回日"}),
		show(s, "clause", column{head: "条款", form: longForm, width: 30}),
		blank("办理状态", 12), blank("文书号", 12)})
	return l
}

func (b *book) riskList() *list {
	at := b.supply.column("at_risk_on")
	var order []int32
	for i := range b.supply.rows {
		if _, ok := at.Date(i); ok {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		a, _ := at.Date(int(x))
		c, _ := at.Date(int(y))
		return int(a) - int(c)
	})
	l := &list{sheet: "即将闲置", about: "临近闲置期限的宗地，按到期日排列", frozen: 1, note: b.clauseOf(policy.KindIdleLand)}
	l.columns = slices.Concat(b.place(b.supply), b.owner(), []column{
		show(b.supply, "start_deadline", column{}), show(b.supply, "started_on", column{}),
		show(b.supply, "start_overdue_days", column{}),
		show(b.supply, "at_risk_on", column{head: "到期日", about: "再不动工或复工，自此日起认定为闲置"}), blank("措施", 20)})
	l.inOrder(order)
	return l
}

// owner are the columns on who holds a parcel of the table supply, and how large it is.
func (b *book) owner() []column {
	parcel := b.supply.beside(b.parcels, "parcel_code")
	return []column{
		show(b.parcels, "holder_name", column{via: parcel, head: "使用权人", width: 28}),
		show(b.parcels, "mu", column{via: parcel, sum: true}),
	}
}

func (b *book) supplyList() *list {
	s := b.supply
	l := &list{sheet: "供后监管", about: "供应土地的签约、交地、动工、竣工及逾期", rows: s.rows, frozen: 1}
	l.columns = slices.Concat(b.place(s), b.owner(), []column{
		show(s, "supply_state", column{words: "supply_state", form: centreForm, width: 11}),
		show(s, "signed_on", column{group: "供地", head: "合同签订"}), show(s, "delivered_on", column{group: "供地", head: "交地"}),
		show(s, "start_deadline", column{group: "动工", head: "期限"}), show(s, "started_on", column{group: "动工", head: "实际"}),
		show(s, "start_overdue_days", column{group: "动工", head: "逾期", unit: "天"}),
		show(s, "agreed_finish_on", column{group: "竣工", head: "约定"}), show(s, "finished_on", column{group: "竣工", head: "实际"}),
		show(s, "finish_overdue_days", column{group: "竣工", head: "逾期", unit: "天"}),
		show(s, "idle_kind", column{words: "idle_kind", form: centreForm, width: 10}),
		show(s, "at_risk_on", column{head: "预计闲置日期"})})
	return l
}

func (b *book) underusedList() *list {
	s := b.underused
	l := &list{sheet: "低效用地台账", about: "低效用地：指标、认定依据、处置方式", rows: s.rows, frozen: 1, wide: 2,
		why: b.unlessRule(s, demand.Underused), note: b.clauseOf(demand.Underused)}
	parcel := s.beside(b.parcels, "parcel_code")
	rules, why := s.texts("rules"), s.texts("reasons")
	because := phrase.Because(b.rule)
	figure := func(name string) column { return show(b.parcels, name, column{via: parcel, group: "主要指标"}) }
	grade := figure("grade")
	grade.form, grade.head = gradeForm, "等级"
	state := figure("supply_state")
	state.form, state.words, state.width = centreForm, "supply_state", 11
	l.columns = slices.Concat(b.place(s), []column{
		show(s, "holder_name", column{head: "权利人", width: 28}), show(s, "holder", column{head: "信用代码"}), show(s, "mu", column{sum: true}),
		show(b.parcels, "land_use", column{via: parcel, head: "用途代码", form: centreForm}),
		figure("tax_per_mu"), figure("plot_ratio"), figure("building_coverage"), grade, state,
		{head: "适用规则", en: "rules", form: longForm, width: 24, from: [2]string{s.name, "rules"}, value: func(i int) any { return b.ruleTitles(rules(i)) }},
		{head: "认定依据", en: "conditions met", form: longForm, width: 40, from: [2]string{s.name, "reasons"}, value: func(i int) any {
			return because(why(i))
		}, about: "使规则成立的条件与条款；全部条件见 tables/underused_land.csv"},
		show(s, "suggested_way", column{head: "建议处置方式", width: 16}),
		blank("办理状态", 12), blank("处置面积（亩）", 12)})
	return l
}

func (b *book) mixList() *list {
	s := b.mix
	l := &list{sheet: "用地结构", about: "产业、居住、公共服务三类用地比例（1∶1∶1）", rows: s.rows, frozen: 1, why: b.lacking("land_use"),
		note: b.clauseOf(policy.KindLandMix)}
	mu := func(name string) column { return show(s, name, column{group: "面积"}) }
	share := func(name, head string) column { return show(s, name, column{group: "占三类用地", head: head}) }
	l.columns = []column{
		show(s, "name", column{width: 26}), show(s, "zone_code", column{width: 13}), show(s, "kind", column{words: "zone_kind", form: centreForm}),
		show(s, "profile", column{words: "profile", form: centreForm}),
		mu("industry_mu"), mu("residence_mu"), mu("public_mu"), mu("other_mu"), mu("nonconstruction_mu"), mu("uncovered_mu"),
		share("industry_share", "产业"), share("residence_share", "居住"), share("public_share", "公共服务"),
		show(s, "max_deviation", column{}), show(s, "tolerance", column{}), show(s, "verdict", column{words: "verdict", form: centreForm, width: 9}),
		show(s, "informational", column{}), show(s, "to_convert_mu", column{}),
	}
	return l
}

func (b *book) conflictList() *list {
	s := b.conflicts
	l := &list{sheet: "管控冲突", about: "宗地、项目、企业与管控线的冲突", rows: s.rows, frozen: 1,
		why: b.unlessRule(s, string(policy.KindNear), string(policy.KindInside), demand.Sector)}
	rule, zone := s.texts("rule"), s.texts("zone_code")
	l.columns = []column{
		show(s, "name", column{width: 30}), show(s, "code", column{}), show(s, "subject", column{words: "subject", form: centreForm, width: 9}),
		{head: "所在开发区", en: "zone", width: 24, from: [2]string{s.name, "zone_code"}, value: func(i int) any {
			if z := zone(i); z != "" {
				return b.zone(z)
			}
			return nil
		}},
		{head: "规则", en: "rule", width: 28, from: [2]string{s.name, "rule"}, value: func(i int) any { return b.ruleTitles(rule(i)) }},
		show(s, "clause", column{width: 12}), show(s, "feature", column{head: "管控要素"}), show(s, "distance_m", column{head: "距离"}),
		show(s, "verdict", column{words: "found", width: 12, form: centreForm}),
	}
	return l
}

// ruleTitles are the titles of rules by their ids, ; between.
func (b *book) ruleTitles(ids string) string {
	parts := strings.Split(ids, ";")
	for i, id := range parts {
		if a, ok := b.rule(id); ok {
			parts[i] = a.Rule.Title.Zh + "（" + id + "）"
		}
	}
	return strings.Join(parts, "；")
}

// ruleTitle is what a rule is called.
func (b *book) ruleTitle(id string) (title string, ok bool) {
	_, ok = b.rule(id)
	return b.ruleTitles(id), ok
}
