package workbook

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/report/phrase"
	"github.com/muscope-gis/muscope/engine/sheet"
)

const contentsSheet = "说明"

// columnNote is what the notes say of a column of a list.
type columnNote struct{ sheet, group, head, unit, en, how, clause, from string }

// columnsOf notes the columns of a list for the sheet that explains them.
func (b *book) columnsOf(l *list) {
	for i := range l.columns {
		c := &l.columns[i]
		n := columnNote{sheet: l.sheet, group: c.group, head: c.head, unit: c.unit, en: c.en, how: c.about}
		if c.from[1] != "" {
			e, _ := fields.Explain(c.from[0], c.from[1])
			n.clause, n.from = e.Clause, c.from[0]+"."+c.from[1]
			if n.how == "" {
				n.how = formula(c.from[1], e)
			}
			n.en = cmp.Or(n.en, e.En)
		}
		b.notes = append(b.notes, n)
	}
}

// formula is how a column is found: in Chinese where the list of indicators has it.
func formula(column string, e fields.Entry) string {
	if i, ok := fields.FindIndicator(column); ok && (e.Table == "grades" || e.Table == "indicators") {
		return i.FormulaZh
	}
	if strings.HasPrefix(column, fields.ScorePrefix) {
		return "权重 × 数值 ÷ 基准值，按评价办法的上下限；或按办法所定的方法"
	}
	if how, ok := phrase.Formula(column); ok {
		return how
	}
	return e.Formula
}

func (b *book) columnNotes() *list {
	l := &list{sheet: "字段说明", about: "各表各列的含义、单位、计算方法与条款", frozen: 3, bare: true}
	rows := make([][]any, len(b.notes))
	for i, n := range b.notes {
		rows[i] = []any{n.sheet, n.group, n.head, n.unit, n.en, n.how, n.clause, n.from}
	}
	l.columns, l.rows = memory([]column{{head: "工作表", en: "sheet", width: 18}, {head: "分组", en: "group", width: 16}, {head: "列", en: "column", width: 18},
		{head: "单位", en: "unit", form: centreForm, width: 11}, {head: "英文", en: "English", form: longForm, width: 26},
		{head: "含义与计算方法", en: "formula", form: longForm, width: 56}, {head: "条款", en: "clause", form: longForm, width: 30},
		{head: "表.列（tables 文件夹）", en: "table.column", width: 30}}, rows)
	return l
}

func (b *book) clauseNotes() *list {
	l := &list{sheet: "条款说明", about: "所用政策的规则、条款、参数与后果", frozen: 2, bare: true, why: "政策文件未随本次运行提供"}
	var rows [][]any
	for _, a := range b.rules() {
		var figures []string
		for _, f := range a.Rule.Figures {
			if one := cmp.Or(phrase.Word("figure", f.Name), f.Name) + "：" + f.Value; len(f.Value) < 400 {
				figures = append(figures, one)
			}
		}
		rows = append(rows, []any{documentOf(a.Pack), phrase.Word("state", string(a.Pack.State)), a.Rule.Clause, a.Rule.Title.Zh, a.Rule.ID, scopesText(a.Rule.Scope),
			phrase.Word("status", string(a.Rule.Status)), strings.Join(figures, "\n"), a.Rule.Follows.Zh})
	}
	l.columns, l.rows = memory([]column{{head: "文件", en: "document", form: longForm, width: 34}, {head: "状态", en: "state", form: longForm, width: 10},
		{head: "条款", en: "clause", form: longForm, width: 12}, {head: "规则", en: "rule", form: longForm, width: 26}, {head: "规则编号", en: "id", width: 20},
		{head: "对象", en: "scope", form: longForm, width: 10}, {head: "依据状态", en: "status", form: longForm, width: 10},
		{head: "参数", en: "figures", form: longForm, width: 60}, {head: "后果", en: "what follows", form: longForm, width: 30}}, rows)
	return l
}

func scopesText(scopes []policy.Scope) string {
	parts := make([]string, len(scopes))
	for i, s := range scopes {
		parts[i] = phrase.Word("scope", string(rune(s)))
	}
	return strings.Join(parts, "、")
}

// contents writes the first sheet: the run, its lists with links, what to know.
func (b *book) contents() error {
	yes := true
	if err := b.SetSheetProps(contentsSheet, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	stream, err := b.NewStreamWriter(contentsSheet)
	if err != nil {
		return err
	}
	wide, high := 1, 0
	if err := b.paper(contentsSheet, &excelize.PageLayoutOptions{FitToWidth: &wide, FitToHeight: &high}); err != nil {
		return err
	}
	for i, width := range []float64{14, 24, 56, 9, 42} {
		if err := stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	c := &pages{book: b, stream: stream}
	for _, step := range []func() error{c.run, c.lists, c.toKnow} {
		if err := step(); err != nil {
			return err
		}
	}
	return stream.Flush()
}

// pages are the rows of the first sheet as they are written.
type pages struct {
	book   *book
	stream *excelize.StreamWriter
	row    int
}

func (c *pages) put(cells ...any) error {
	c.row++
	return c.stream.SetRow(at(0, c.row), cells)
}

// across writes a label and a text that goes over the other columns.
func (c *pages) across(label, text string) error {
	b := c.book
	const perLine, high = 125, 16 // characters over the merged columns
	c.row++
	cells := []any{b.style(headForm, label), b.style(longForm, cut(text)), b.style(longForm, nil), b.style(longForm, nil), b.style(longForm, nil)}
	if err := c.stream.SetRow(at(0, c.row), cells, excelize.RowOpts{Height: min(high*float64(1+sheet.ShownWidth(text)/perLine), 400)}); err != nil {
		return err
	}
	return c.stream.MergeCell(at(1, c.row), at(4, c.row))
}

func (c *pages) run() error {
	b, m := c.book, c.book.run.Manifest
	c.row++
	if err := c.stream.SetRow("A1", []any{b.style(titleForm, b.title())}, excelize.RowOpts{Height: 32}); err != nil {
		return err
	}
	names := make([]string, 0, len(m.Policies))
	for _, p := range m.Policies {
		names = append(names, p.ID)
	}
	if b.o.Set != nil {
		names = names[:0]
		for _, p := range b.o.Set.Packs() {
			names = append(names, documentOf(p)+"（"+phrase.Word("state", string(p.State))+"）")
		}
	}
	for _, one := range [][2]string{
		{"评价年度", fmt.Sprintf("%d（期间 %s）", m.Year, m.Period)}, {"评价时点", m.AsOf}, {"政策", strings.Join(names, "、")},
		{"等级评价", cmp.Or(strings.TrimPrefix(b.basis(), "依据 "), b.notGraded(), m.Grading)},
		{"数据", accounts(m)}, {"运行", m.RunID}, {"上年运行", cmp.Or(m.Previous, "未指定（--previous）")},
	} {
		if err := c.across(one[0], one[1]); err != nil {
			return err
		}
	}
	return nil
}

// lists are the sheets with links to them.
func (c *pages) lists() error {
	b := c.book
	c.row++
	if err := c.put(b.style(headForm, "序号"), b.style(headForm, "工作表"), b.style(headForm, "内容"), b.style(headForm, "行数"), b.style(headForm, "备注")); err != nil {
		return err
	}
	for n, e := range b.sheets {
		for k, name := range e.sheets {
			cells := []any{b.style(centreForm, nil), b.style(linkForm, name), b.style(longForm, nil), b.style(wholeForm, nil), b.style(longForm, nil)}
			if k == 0 {
				cells[0], cells[2], cells[4] = b.style(centreForm, n+1), b.style(longForm, e.about), b.style(longForm, e.said)
				if e.rows >= 0 {
					cells[3] = b.style(wholeForm, e.rows)
				}
			}
			if err := c.put(cells...); err != nil {
				return err
			}
			if err := b.SetCellHyperLink(contentsSheet, at(1, c.row), "'"+name+"'!A1", "Location"); err != nil {
				return err
			}
		}
	}
	return nil
}

// toKnow are warnings, what was not evaluated and how to read the figures.
func (c *pages) toKnow() error {
	m := c.book.run.Manifest
	c.row++
	var late, missing []string
	if c.book.o.Set != nil {
		for _, p := range c.book.o.Set.Packs() {
			if p.State != policy.InForce {
				late = append(late, documentOf(p)+" "+phrase.Word("state", string(p.State)))
			}
		}
	} else {
		late = m.Warnings
	}
	for _, n := range m.NotEvaluated {
		_, id, _ := strings.Cut(n.Rule, "/")
		missing = append(missing, c.book.ruleTitles(id)+" 缺少 "+phrase.Wanting(n.Missing))
	}
	for _, one := range [][2]string{
		{"注意", strings.Join(late, "；")}, {"未评价", strings.Join(missing, "；")},
		{"数值", "单元格保留全部小数，显示时舍入；比值以百分数显示；空白表示没有数据，不是零"},
		{"代码", "宗地代码、统一社会信用代码等为文本；复制到别处时请保持文本格式"},
		{"合计", "各表末行为合计，随筛选只计可见行；分为几张的表只在最后一张列全部合计"},
		{"其他", "宗地、企业逐条未达标的明细见 tables/findings.csv，逐家计算过程用 muscope explain 查看"},
	} {
		if one[1] == "" {
			continue
		}
		if err := c.across(one[0], one[1]); err != nil {
			return err
		}
	}
	return nil
}
