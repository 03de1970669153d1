package workbook

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/report/phrase"
	"github.com/muscope-gis/muscope/engine/unit"
)

func (b *book) zoneList() *list {
	s := b.zones
	l := &list{sheet: "开发区汇总", about: "各开发区的用地、等级、亩均税收、闲置与低效、规则结论", rows: s.rows, frozen: 1}
	code := s.texts("zone_code")
	mu := func(name, head string) column {
		return show(s, name, column{group: "各等级用地", head: head, sum: true})
	}
	l.columns = []column{
		{head: "开发区", en: "zone", width: 28, from: [2]string{"zones", "name"}, value: func(i int) any { return b.zone(code(i)) }},
		show(s, "zone_code", column{width: 13}),
		show(s, "level", column{words: "explain.level", form: centreForm}), show(s, "kind", column{words: "zone_kind", form: centreForm}),
		show(s, "mu", column{sum: true}), show(s, "parcels", column{sum: true}),
		mu("mu_a", "A"), mu("mu_b", "B"), mu("mu_c", "C"), mu("mu_d", "D"),
		show(s, "tax_per_mu", column{group: "亩均", head: "税收"}), show(s, "sales_per_mu", column{group: "亩均", head: "销售"}),
		show(s, "idle_mu", column{head: "闲置", sum: true}), show(s, "underused_mu", column{head: "低效", sum: true}),
		show(s, "mix_verdict", column{head: "用地结构", words: "verdict", form: centreForm}),
		show(s, "intensity_index", column{group: "集约利用", head: "指数"}), show(s, "rank", column{group: "集约利用", head: "排名"}),
		show(s, "rules_pass", column{group: "规则结论", head: "符合"}), show(s, "rules_fail", column{group: "规则结论", head: "不符合"}),
		show(s, "rules_not_evaluated", column{group: "规则结论", head: "未评价"}),
	}
	return l
}

// scopesOfZones are the scopes whose rows say something of a zone or the city.
var scopesOfZones = []string{string(rune(policy.ScopeZone)), string(rune(policy.ScopeCity)), string(rune(policy.ScopeParcel)), string(rune(policy.ScopeEnterprise))}

func (b *book) scorecardList() *list {
	s := b.scorecard
	scope, code, rule := s.texts("scope"), s.texts("code"), s.texts("rule")
	l := &list{sheet: "开发区评分表", about: "各开发区逐条规则的指标、界限与结论，全市列于最后", frozen: 2, why: b.unlessRows(s)}
	var order []int32
	for i := range s.rows {
		if slices.Contains(scopesOfZones, scope(i)) {
			order = append(order, int32(i))
		}
	}
	last := func(i int32) int { // the city behind what lies outside, both behind the zones
		return map[string]int{outside: 1, "CITY": 2}[code(int(i))]
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		return cmp.Or(last(x)-last(y), cmp.Compare(code(int(x)), code(int(y))), cmp.Compare(rule(int(x)), rule(int(y))))
	})
	l.inOrder(order)
	l.columns = b.ruleColumns(s, func(i int) any {
		switch code(i) {
		case "CITY":
			return "全市"
		case "":
			return "（没有此开发区）"
		}
		return b.zone(code(i))
	})
	return l
}

// bottomRules are the ids of the rules that are bottom lines, or count them.
func (b *book) bottomRules() map[string]bool {
	ids := map[string]bool{}
	for _, a := range b.rules() {
		if string(a.Rule.Kind) == demand.BottomLine {
			ids[a.Rule.ID] = true
			for _, id := range a.Rule.Demand.Rules {
				ids[id] = true
			}
		}
	}
	return ids
}

func (b *book) bottomList() *list {
	s := b.scorecard
	scope, code, rule := s.texts("scope"), s.texts("code"), s.texts("rule")
	ids, zone := b.bottomRules(), string(rune(policy.ScopeZone))
	l := &list{sheet: "底线指标", about: "底线规则在各开发区的结论与后果", frozen: 2, why: b.unlessRule(&source{}, demand.BottomLine)}
	var order []int32
	for i := range s.rows {
		if scope(i) == zone && ids[rule(i)] {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(x, y int32) int { return cmp.Compare(code(int(x)), code(int(y))) })
	l.inOrder(order)
	find, line := b.zones.finder("zone_code"), b.zones.texts("bottom_line")
	l.columns = append(b.ruleColumns(s, func(i int) any { return b.zone(code(i)) }), column{head: "后果", en: "what follows", width: 16,
		from: [2]string{"zones", "bottom_line"}, about: "失守项数达到上限的通报约谈，连续两年的问责", value: func(i int) any {
			if at := find(code(i)); at >= 0 && b.isCount(rule(i)) {
				return bottomWord(line(at))
			}
			return nil
		}})
	return l
}

// isCount says whether a rule counts bottom lines.
func (b *book) isCount(id string) bool {
	a, ok := b.rule(id)
	return ok && string(a.Rule.Kind) == demand.BottomLine
}

func bottomWord(v string) string {
	switch v {
	case "ok":
		return "守住底线"
	case "notice":
		return "通报、约谈"
	case "accountability":
		return "问责"
	}
	return v
}

// ruleColumns are the columns of scorecard rows.
func (b *book) ruleColumns(s *source, subject func(i int) any) []column {
	rule, units, value, bound := s.texts("rule"), s.texts("unit"), s.texts("value"), s.texts("bound")
	missing, verdict := s.texts("missing"), s.texts("verdict")
	count := func(name, head string) column { return show(s, name, column{group: "涉及对象", head: head}) }
	return []column{
		{head: "对象", en: "zone", width: 26, from: [2]string{"scorecard", "code"}, value: subject},
		{head: "规则", en: "rule", form: longForm, width: 26, value: func(i int) any {
			if a, ok := b.rule(rule(i)); ok {
				return a.Rule.Title.Zh
			}
			return rule(i)
		}},
		show(s, "rule", column{head: "规则编号", form: codeForm, width: 20}),
		show(s, "clause", column{width: 10}),
		show(s, "scope", column{words: "scope", form: centreForm, width: 8}),
		{group: "指标", head: "数值", en: "value", width: 16, form: longForm, value: func(i int) any { return figure(value(i), units(i)) },
			about: "几项指标以；相隔；比值以百分数表示"},
		{group: "指标", head: "界限", en: "bound", width: 16, form: longForm, value: func(i int) any { return filled(phrase.Bound(bound(i), units(i))) }},
		{group: "指标", head: "单位", en: "unit", form: longForm, width: 10, value: func(i int) any { return filled(phrase.Units(units(i))) }},
		show(s, "value_year", column{group: "指标", head: "年份", form: centreForm}),
		{head: "结论", en: "verdict", form: centreForm, width: 9, from: [2]string{"scorecard", "verdict"}, value: func(i int) any {
			if v := verdict(i); v == "fail" {
				return shown{failForm, phrase.Word("verdict", v)}
			}
			return phrase.Word("verdict", verdict(i))
		}},
		count("subjects", "总数"), count("pass", "达标"), count("fail", "未达标"), count("not_evaluated", "未评价"),
		show(s, "fail_mu", column{group: "涉及对象", head: "未达标面积"}),
		{head: "缺少", en: "missing", form: longForm, width: 26, from: [2]string{"scorecard", "missing"}, value: func(i int) any { return filled(phrase.Missing(missing(i), b.ruleTitle)) }},
	}
}

// rules are the rules of the run; none where its policies are not known.
func (b *book) rules() []policy.Applied {
	if b.o.Set == nil {
		return nil
	}
	return b.o.Set.Rules()
}

// rule is a rule by its id.
func (b *book) rule(id string) (policy.Applied, bool) {
	if b.byID == nil {
		b.byID = map[string]policy.Applied{}
		for _, a := range b.rules() {
			if _, twice := b.byID[a.Rule.ID]; !twice {
				b.byID[a.Rule.ID] = a
			}
		}
	}
	a, ok := b.byID[id]
	return a, ok
}

const ratioUnit = string(unit.Ratio)

// figure is a value of the scorecard: one number as a number, several as text.
func figure(value, units string) any {
	if value == "" {
		return nil
	}
	if !strings.Contains(value, ";") {
		if f, err := strconv.ParseFloat(value, 64); err == nil {
			switch units {
			case "yes":
				return phrase.YesNo(f == 1)
			case ratioUnit:
				return shown{percentForm, f}
			case "count", "rank", "month", "year":
				return shown{wholeForm, f}
			}
			return shown{numberForm, f}
		}
	}
	return phrase.Figures(value, units)
}

// filled is a text, or nothing where it is empty.
func filled(s string) any {
	if s == "" {
		return nil
	}
	return s
}
