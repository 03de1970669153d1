package workbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/report/phrase"
	"github.com/muscope-gis/muscope/engine/write"
)

const scoresSheet = "各项得分明细"

// identity are the columns that say which enterprise a row of s is.
func (b *book) identity(s *source) []column {
	facts := s.beside(b.enterprises, "credit_code")
	zone, county, scale := b.enterprises.texts("zone_code"), b.enterprises.texts("county"), b.enterprises.column("above_scale")
	return []column{
		show(s, "name", column{head: "企业名称", width: 27}),
		show(s, "credit_code", column{form: codeForm}),
		{head: "所在开发区", en: "zone", width: 20, from: [2]string{"enterprises", "zone_code"}, value: func(i int) any {
			if at := facts(i); at >= 0 && zone(at) != "" {
				return b.zone(zone(at))
			}
			return nil
		}, about: "企业名录所填的开发区"},
		{head: "县区", en: "county", width: 8, value: func(i int) any {
			if at := facts(i); at >= 0 && county(at) != "" {
				return county(at)
			}
			return nil
		}, about: "所在开发区的县区"},
		show(b.enterprises, "industry", column{via: facts, head: "行业代码", en: "industry, GB/T 4754", form: centreForm, about: "GB/T 4754 国民经济行业代码"}),
		{head: "规模", en: "scale", form: centreForm, value: func(i int) any {
			at := facts(i)
			if scale == nil || at < 0 {
				return nil
			}
			above, known := scale.Bool(at)
			if !known {
				return nil
			}
			return fields.Word(fmt.Sprintf("filter.above_scale.%t", above), "zh")
		}, about: "规上或规下，空为未填"},
	}
}

// zone is a zone's name; its code where it has none.
func (b *book) zone(code string) string {
	if code == outside {
		return "开发区外"
	}
	return cmp.Or(b.zoneName[code], code)
}

const outside = "outside" // the code of what lies in no zone

// landColumns are the columns on the land that an enterprise uses, of rows beside s.
func (b *book) landColumns(via func(i int) int) []column {
	land := func(name, head string) column {
		return show(b.land, name, column{via: via, group: "用地", head: head, sum: true})
	}
	net := land("net_mu", "实际用地")
	net.about = "自有 + 实际占用 + 租入 − 租出（评价年度 12 月 31 日）"
	return []column{land("owned_mu", "自有"), land("occupied_mu", "实际占用"), land("leased_in_mu", "租入"), land("leased_out_mu", "租出"), net}
}

// blank is a column to be filled in by hand.
func blank(head string, width float64) column {
	return column{head: head, width: width, value: func(int) any { return nil }, about: "留空，供填写"}
}

func (b *book) landList() *list {
	l := &list{sheet: "用地面积公示", about: "评价前公示企业用地，征求异议", rows: b.land.rows, frozen: 1, why: b.lacking("enterprises"),
		note: "实际用地 = 自有 + 实际占用 + 租入 − 租出"}
	l.columns = slices.Concat(b.identity(b.land), b.landColumns(nil), []column{
		show(b.land, "parcels", column{head: "所用宗地", form: longForm, width: 24}), blank("异议", 12)})
	return l
}

// ranked is the order of results: by group, rank and code, who is not graded last.
func (b *book) ranked(keep func(i int) bool) []int32 {
	group, grade, rank := b.grades.texts("group"), b.grades.texts("final_grade"), b.grades.column("rank")
	var order []int32
	for i := range b.grades.rows {
		if keep(i) {
			order = append(order, int32(i))
		}
	}
	class := func(i int32) int { // graded, class T, neither
		return map[bool]int{true: 0, false: map[bool]int{true: 1, false: 2}[grade(int(i)) == "T"]}[isGrade(grade(int(i)))]
	}
	place := func(i int32) int64 {
		if v, ok := rank.Integer(int(i)); ok {
			return v
		}
		return 1 << 40
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return cmp.Or(class(a)-class(b), cmp.Compare(group(int(a)), group(int(b))), cmp.Compare(place(a), place(b)))
	})
	return order
}

func isGrade(letter string) bool { return len(letter) == 1 && letter[0] >= 'A' && letter[0] <= 'D' }

func all(int) bool { return true }

// inOrder puts a list in an order of its source's rows.
func (l *list) inOrder(order []int32) {
	l.rows, l.row = len(order), func(i int) int { return int(order[i]) }
}

// groupTitle is how people call a group of the scheme; several are joined with +.
func (b *book) groupTitle() func(id string) string {
	titles := map[string]string{}
	if a, ok := b.scheme(); ok {
		for _, g := range a.Rule.Grading.Groups {
			titles[g.ID] = g.Title.Zh
		}
	}
	return func(id string) string {
		parts := strings.Split(id, "+")
		for i, p := range parts {
			parts[i] = cmp.Or(titles[p], p)
		}
		return strings.Join(parts, "+")
	}
}

// scheme is the rule that graded.
func (b *book) scheme() (policy.Applied, bool) {
	if b.o.Set == nil || b.run.Manifest.Grading == "" {
		return policy.Applied{}, false
	}
	a, ok, err := b.o.Set.Grading(b.run.Manifest.Grading)
	return a, ok && err == nil && a.Rule.Grading != nil
}

// basis names the document and clause that graded.
func (b *book) basis() string {
	a, ok := b.scheme()
	if !ok {
		return ""
	}
	return "依据 " + documentOf(a.Pack) + " " + a.Rule.Clause
}

func documentOf(p *policy.Pack) string {
	return strings.TrimSpace("《" + p.Title.Zh + "》" + p.Number)
}

// notGraded is why there are no results at all.
func (b *book) notGraded() string {
	if why := b.lacking("enterprises"); why != "" {
		return why
	}
	if b.run.Manifest.Grading == "" {
		return "未评价：所用政策没有评价办法"
	}
	return b.unevaluated(b.run.Manifest.Grading)
}

// group is the column of the group an enterprise was ranked in.
func (b *book) group() column {
	title, group := b.groupTitle(), b.grades.texts("group")
	return column{head: "评价组别", en: "group", width: 14, from: [2]string{"grades", "group"}, value: func(i int) any {
		if g := group(i); g != "" {
			return title(g)
		}
		return nil
	}}
}

// outcome are the columns of what an enterprise's figures came to.
func (b *book) outcome() []column {
	g := b.grades
	return []column{
		show(g, "bonus", column{group: "评价结果"}), show(g, "total", column{group: "评价结果"}),
		show(g, "rank", column{group: "评价结果"}), show(g, "of", column{group: "评价结果"}),
		show(g, "initial_grade", column{group: "评价结果", head: "初评", form: gradeForm}),
		show(g, "final_grade", column{group: "评价结果", head: "等级", form: gradeForm}),
	}
}

// reasons is the column of what made a grade besides figures.
func (b *book) reasons() column {
	why := b.grades.texts("reasons")
	return column{head: "备注", en: "reasons", form: longForm, from: [2]string{"grades", "reasons"}, value: func(i int) any {
		if v := why(i); v != "" {
			return phrase.GradeReasons(v)
		}
		return nil
	}, about: "缺数项如何计分，加减分、一票否决等调整，或未评等级的原因"}
}

// moved are the columns on the year before.
func (b *book) moved() []column {
	if b.o.Before == nil {
		return nil
	}
	code, now := b.grades.texts("credit_code"), b.grades.texts("final_grade")
	return []column{
		{group: "上年", head: "等级", en: "grade of the year before", form: gradeForm, about: "--previous 所指运行的最终等级", value: func(i int) any {
			if g := b.o.Before[code(i)]; g != "" {
				return g
			}
			return nil
		}},
		{group: "上年", head: "升降", en: "moved", form: centreForm, about: "与上年等级相比", value: func(i int) any {
			before := b.o.Before[code(i)]
			switch {
			case !isGrade(before) || !isGrade(now(i)):
				return nil
			case now(i) < before:
				return "↑升"
			case now(i) > before:
				return "↓降"
			}
			return "平"
		}},
	}
}

// figureGroups are the columns of results on what an enterprise yields, by what they
// stand under.
var figureGroups = []struct {
	group string
	names []string
}{
	{"税收", []string{"tax", "tax_per_mu"}},
	{"增加值", []string{"value_added", "value_added_per_mu"}},
	{"主营收入", []string{"sales", "sales_per_mu"}},
	{"能耗", []string{"energy", "value_added_per_tce", "sales_per_tce"}},
	{"排放", []string{"emissions", "value_added_per_pollutant", "sales_per_pollutant"}},
	{"劳动", []string{"employees", "labour_productivity"}},
	{"研发", []string{"rd", "rd_intensity"}},
}

func (b *book) resultList() *list {
	l := &list{sheet: "评价结果", about: "内部评价结果：用地、指标、总分、排名、等级", frozen: 1, wide: 3, why: b.notGraded(), note: b.basis()}
	sums := b.grades.beside(b.indicators, "credit_code")
	l.columns = append(b.identity(b.grades), b.group())
	l.columns = append(l.columns, b.landColumns(b.grades.beside(b.land, "credit_code"))...)
	for _, g := range figureGroups {
		for _, name := range g.names {
			c := show(b.indicators, name, column{via: sums, group: g.group})
			c.sum = c.of != nil && !strings.Contains(name, "_per_") && name != "labour_productivity" && name != "rd_intensity"
			l.columns = append(l.columns, c)
		}
	}
	l.columns = slices.Concat(l.columns, b.outcome(), b.moved(), []column{b.reasons()})
	l.inOrder(b.ranked(all))
	return l
}

func (b *book) publicList() *list {
	l := &list{sheet: "评价结果（公示）", about: "公示版：名次、企业名称、等级", frozen: 2, why: b.notGraded(), note: b.basis()}
	grade := b.grades.texts("final_grade")
	l.inOrder(b.ranked(func(i int) bool { return isGrade(grade(i)) }))
	identity := b.identity(b.grades)
	l.columns = []column{b.group(), show(b.grades, "rank", column{head: "名次", width: 9}), identity[0], identity[2],
		show(b.grades, "final_grade", column{head: "等级", form: gradeForm, width: 10})}
	l.columns[2].width, l.columns[3].width = 44, 36
	if l.rows == 0 && b.grades.rows > 0 {
		l.why = ""
	}
	return l
}

func (b *book) scoreList() *list {
	l := &list{sheet: scoresSheet, about: "各项指标的数值与得分", frozen: 1, wide: 2, why: b.notGraded(), note: b.weights()}
	identity := b.identity(b.grades)
	l.columns = append(l.columns, identity[0], identity[1], b.group(), show(b.grades, "land_mu", column{sum: true}))
	for i := range b.grades.columns {
		id, ok := strings.CutPrefix(b.grades.columns[i].Name, fields.ScorePrefix)
		if !ok {
			continue
		}
		label, _ := fields.Label("grades", id)
		value := show(b.grades, id, column{group: label, head: "数值"})
		score := show(b.grades, fields.ScorePrefix+id, column{group: label, head: "得分"})
		l.columns = append(l.columns, value, score)
	}
	l.columns = slices.Concat(l.columns, b.outcome(), []column{b.reasons()})
	l.inOrder(b.ranked(all))
	return l
}

// weights says what each group is graded by.
func (b *book) weights() string {
	a, ok := b.scheme()
	if !ok {
		return ""
	}
	var groups []string
	for _, g := range a.Rule.Grading.Groups {
		var items []string
		for _, item := range g.Items {
			label, _ := fields.Label("grades", item.Indicator)
			items = append(items, label+" "+write.Decimal(int64(item.Weight*1e4), 4))
		}
		groups = append(groups, g.Title.Zh+"："+strings.Join(items, "、"))
	}
	return "权重　" + strings.Join(groups, "；")
}
