package workbook

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/report/phrase"
	"github.com/muscope-gis/muscope/engine/write"
)

// tableOf is the column that says which table of the dataset a row is of.
func tableOf(s *source) column {
	name := s.texts("table")
	return column{head: "数据表", en: "table", width: 14, from: [2]string{s.name, "table"}, value: func(i int) any {
		label, _ := fields.TableLabel(name(i))
		return cmp.Or(label, name(i))
	}}
}

func (b *book) table(name string) *source {
	if t, ok := b.run.Table(name); ok {
		return &source{name, t.Rows, t.Columns}
	}
	return &source{name: name}
}

// reviewList counts what is to be reviewed, by kind, table and reason, and says where it
// is listed.
func (b *book) reviewList() *list {
	l := &list{sheet: reviewSheet, about: "待核对事项汇总：各类行数及所在明细表", frozen: 1}
	var rows [][]any
	for _, of := range []struct{ kind, table, reason string }{
		{"未匹配", "unmatched", "reason"}, {"剔除", "rejects", "reason"}, {"修复", "repairs", "problem"}, {"标记", "flags", "flag"},
	} {
		s := b.table(of.table)
		table, reason := s.texts("table"), s.texts(of.reason)
		counts := map[[2]string]int64{}
		for i := range s.rows {
			counts[[2]string{table(i), reason(i)}]++
		}
		for _, key := range slices.SortedFunc(maps.Keys(counts), func(x, y [2]string) int { return slices.Compare(x[:], y[:]) }) {
			rows = append(rows, []any{of.kind, tableTitle(key[0]), fields.Meaning(of.table, of.reason, key[1], "zh"), counts[key], reviewSheet + "-" + of.kind})
		}
	}
	l.columns, l.rows = memory([]column{{head: "类别", en: "kind", width: 10}, {head: "数据表", en: "table", width: 18}, {head: "原因或标记", en: "reason or flag", width: 36},
		{head: "行数", en: "rows", form: wholeForm, width: 10}, {head: "明细", en: "listed in", width: 18}}, rows)
	return l
}

// reviewSheet counts what is to be reviewed; the lists themselves have its name and more.
const reviewSheet = "待核对"

func (b *book) unmatchedList() *list {
	s := b.table("unmatched")
	l := &list{sheet: "待核对-未匹配", about: "没有找到对应企业或宗地的数据及其面积、金额；按名称匹配、待确认的数据", rows: s.rows, frozen: 1, wide: 2}
	l.columns = []column{
		tableOf(s), show(s, "key", column{width: 34}), show(s, "name", column{width: 28}), show(s, "credit_code", column{}),
		show(s, "reason", column{words: "found", width: 22}), show(s, "matched_to", column{form: codeForm}),
		show(s, "area_mu", column{group: "携带", sum: true}), show(s, "tax", column{group: "携带", sum: true}),
		show(s, "sales", column{group: "携带", sum: true}), show(s, "output", column{group: "携带", sum: true}),
		show(s, "rows", column{sum: true}), show(s, "carries", column{form: longForm, width: 30}), blank("确认为", 20),
	}
	return l
}

func (b *book) rejectList() *list {
	s := b.table("rejects")
	l := &list{sheet: "待核对-剔除", about: "未采用的行及原因、所在文件与行号", rows: s.rows, frozen: 1}
	table, field := s.texts("table"), s.texts("column")
	l.columns = []column{
		tableOf(s), show(s, "key", column{width: 44}),
		{head: "字段", en: "column", width: 18, from: [2]string{"rejects", "column"}, value: func(i int) any { return fieldTitle(table(i), field(i)) }},
		show(s, "value", column{width: 26}), show(s, "reason", column{words: "found", width: 20}),
		show(s, "file", column{width: 20}), show(s, "row", column{}), blank("更正为", 20),
	}
	return l
}

// fieldTitle is what columns of an input table are called; several have ; between.
func fieldTitle(table, names string) any {
	if names == "" {
		return nil
	}
	parts := strings.Split(names, ";")
	for i, name := range parts {
		zh, _ := fields.InputLabel(table, name)
		parts[i] = cmp.Or(zh, name)
	}
	return strings.Join(parts, "；")
}

func (b *book) repairList() *list {
	s := b.table("repairs")
	l := &list{sheet: "待核对-修复", about: "图形有误、修复后采用的宗地与图斑", rows: s.rows, frozen: 1}
	l.columns = []column{tableOf(s), show(s, "key", column{width: 30}), show(s, "problem", column{width: 30}),
		show(s, "area_before", column{}), show(s, "area_after", column{}), show(s, "file", column{width: 20}), show(s, "row", column{})}
	return l
}

func (b *book) flagList() *list {
	s := b.table("flags")
	l := &list{sheet: "待核对-标记", about: "采用而需要再看一眼的数据", rows: s.rows, frozen: 1}
	l.columns = []column{tableOf(s), show(s, "key", column{width: 30}), show(s, "flag", column{words: "found", width: 22}),
		show(s, "value", column{width: 24}), show(s, "detail", column{width: 50})}
	return l
}

// texts makes a list of rows of texts and numbers that stand in memory.
func memory(heads []column, rows [][]any) ([]column, int) {
	for k := range heads {
		heads[k].value = func(i int) any { return rows[i][k] }
	}
	return heads, len(rows)
}

func (b *book) sourceList() *list {
	m := b.run.Manifest
	l := &list{sheet: "数据来源", about: "读入的文件、所用政策、校验和、程序版本", frozen: 1}
	var rows [][]any
	add := func(kind, name, table string, count any, note, sum string) {
		rows = append(rows, []any{kind, name, table, count, note, sum})
	}
	for _, in := range m.Inputs {
		var counts any
		if in.Table != "" {
			counts = in.Rows
		}
		add("数据", in.Name, tableTitle(in.Table), counts, in.Note, in.SHA256)
	}
	for _, p := range m.Policies {
		name, note := p.ID, phrase.Word("state", p.State)
		if b.o.Set != nil {
			for _, pack := range b.o.Set.Packs() {
				if pack.ID == p.ID {
					name = documentOf(pack) + "（" + p.ID + "）"
				}
			}
		}
		add("政策", name, "", nil, note+"，规则包版本 "+p.Version, p.SHA256)
	}
	for _, name := range m.Unused {
		add("未采用的文件", name, "", nil, "", "")
	}
	add("数据位置", m.Data, "", nil, "", "")
	add("运行", m.RunID, "", nil, "由评价时点、年度、政策和数据校验和得出，与读入次序无关", "")
	add("上年运行", cmp.Or(m.Previous, "未指定"), "", nil, "", "")
	add("程序", m.Program.Name+" "+m.Program.Version, "", nil, "", "")
	l.columns, l.rows = memory([]column{{head: "类别", en: "kind", width: 14}, {head: "名称", en: "name", width: 50}, {head: "数据表", en: "table", width: 24},
		{head: "行数", en: "rows", form: wholeForm, width: 10}, {head: "说明", en: "note", form: longForm, width: 40}, {head: "校验和（SHA-256）", en: "SHA-256", width: 68}}, rows)
	return l
}

// accounts says of each table how many rows were read, used, rejected and repaired.
func accounts(m *write.Manifest) string {
	var read, used, rejected int64
	for _, c := range m.Counts {
		read, used, rejected = read+c.Read, used+c.Used, rejected+c.Rejected
	}
	return "读入 " + write.Decimal(read, 0) + " 行，采用 " + write.Decimal(used, 0) + " 行，剔除 " + write.Decimal(rejected, 0) + " 行"
}
