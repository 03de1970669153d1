package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/sheet/xlsx"
)

// known is a dictionary as a reader has one: it knows a header by its last part,
// without the unit.
func known(header string) bool {
	if i := strings.LastIndex(header, Joint); i >= 0 {
		header = header[i+len(Joint):]
	}
	header = strings.ReplaceAll(header, " ", "")
	if i := strings.IndexAny(header, "（("); i > 0 {
		header = header[:i]
	}
	return slices.Contains([]string{"企业名称", "统一社会信用代码", "税收", "用地面积", "自有", "租入", "街道", "备注", "2023", "2024", "合计", "亩均", "登记日期", "是否规上"}, header)
}

// page is a worksheet to be made: its rows from the first on, nil for a row that is
// not there, and its merged cells.
type page struct {
	name   string
	rows   [][]any
	merged []string
}

// make writes a workbook of these pages.
func makeBook(tb testing.TB, pages ...page) string {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if err != nil {
			tb.Helper()
			tb.Fatal(err)
		}
	}
	for i, p := range pages {
		if p.name == "" {
			p.name = "Sheet1"
		}
		if i == 0 {
			must(f.SetSheetName("Sheet1", p.name))
		} else {
			_, err := f.NewSheet(p.name)
			must(err)
		}
		for n, row := range p.rows {
			if row != nil {
				must(f.SetSheetRow(p.name, fmt.Sprintf("A%d", n+1), &row))
			}
		}
		for _, ref := range p.merged {
			from, to, _ := strings.Cut(ref, ":")
			must(f.MergeCell(p.name, from, to))
		}
	}
	path := filepath.Join(tb.TempDir(), "book.xlsx")
	must(f.SaveAs(path))
	return path
}

// read finds a workbook's table and reads it whole, rows with their numbers.
func read(path, sheet string, o Options) (t *Table, rows []string, err error) {
	b, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer b.Close()
	t, err = b.Table(sheet, o)
	if err != nil {
		return nil, nil, err
	}
	defer t.Close()
	for {
		cells, row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return t, rows, nil
		}
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, fmt.Sprintf("%d:%s", row, strings.Join(cells, "|")))
	}
}

// left is what was dropped, in short.
func left(t *Table) []string {
	var all []string
	for _, d := range t.Dropped() {
		rows := fmt.Sprint(d.Row)
		if d.To > d.Row {
			rows += fmt.Sprintf("-%d", d.To)
		}
		all = append(all, rows+" "+string(d.Why))
	}
	return all
}

const (
	codeA = "91330106143710106X"
	codeB = "913301061437101064"
)

// corpus is how bureaus send tables.
var corpus = []struct {
	what    string
	page    page
	o       Options
	headers []string
	at      string // first and last row of the head
	rows    []string
	dropped []string
}{
	{
		what:    "a plain table",
		page:    page{rows: [][]any{{"企业名称", "税收（万元）"}, {"甲公司", 12.5}, {"乙公司", 7}}},
		headers: []string{"企业名称", "税收（万元）"}, at: "1-1",
		rows: []string{"2:甲公司|12.5", "3:乙公司|7"},
	},
	{
		what: "a title, a line of units, a sum, notes and signatures",
		page: page{rows: [][]any{
			{"2024年度企业税收情况表"}, {"填报单位：税务局", nil, nil, "单位：万元"}, nil,
			{"序号", "企业名称", "统一社会信用代码", "税收"},
			{1, "甲公司", codeA, 12.5}, {2, "乙公司", codeB, 7}, {"合计", nil, nil, 19.5},
			{"注：1. 税收为入库数。"}, {"2. 不含海关代征。"}, {"填表人：张三", nil, "审核人：李四"}, {"制表日期", "2025年1月6日"},
		}, merged: []string{"A1:D1", "A8:D8"}},
		headers: []string{"序号", "企业名称", "统一社会信用代码", "税收"}, at: "4-4",
		rows:    []string{"5:1|甲公司|" + codeA + "|12.5", "6:2|乙公司|" + codeB + "|7"},
		dropped: []string{"1 above_head", "2 above_head", "7 total", "8 note", "9 note", "10 note", "11 note"},
	},
	{
		what: "a head of two rows with merged cells",
		page: page{rows: [][]any{
			{"企业税收和用地"}, {"企业名称", "税收", nil, "用地面积（亩）", nil, "备注"},
			{nil, "合计（万元）", "亩均（万元/亩）", "自有", "租入"},
			{"甲公司", 12, 3, 4, nil, "无"},
		}, merged: []string{"A1:F1", "A2:A3", "B2:C2", "D2:E2", "F2:F3"}},
		headers: []string{"企业名称", "税收 > 合计（万元）", "税收 > 亩均（万元/亩）", "用地面积（亩） > 自有", "用地面积（亩） > 租入", "备注"}, at: "2-3",
		rows: []string{"4:甲公司|12|3|4||无"}, dropped: []string{"1 above_head"},
	},
	{
		what: "the same without a merged cell, as another format was turned into it",
		page: page{rows: [][]any{
			{"企业名称", "税收", nil, "用地面积（亩）", nil, "备注"},
			{nil, "合计（万元）", "亩均（万元/亩）", "自有", "租入"},
			{"甲公司", 12, 3, 4, nil, "无"},
		}},
		headers: []string{"企业名称", "税收 > 合计（万元）", "税收 > 亩均（万元/亩）", "用地面积（亩） > 自有", "用地面积（亩） > 租入", "备注"}, at: "1-2",
		rows: []string{"3:甲公司|12|3|4||无"},
	},
	{
		what: "a head of three rows",
		page: page{rows: [][]any{
			{"企业名称", "经济指标", nil, nil}, {nil, "税收（万元）", nil, "用地面积"}, {nil, 2023, 2024}, {"甲公司", 1, 2, 3},
		}, merged: []string{"A1:A3", "B1:D1", "B2:C2", "D2:D3"}},
		headers: []string{"企业名称", "经济指标 > 税收（万元） > 2023", "经济指标 > 税收（万元） > 2024", "经济指标 > 用地面积"}, at: "1-3",
		rows: []string{"4:甲公司|1|2|3"},
	},
	{
		what: "groups of columns above the head",
		page: page{rows: [][]any{
			{"企业用地汇总"}, {"基本情况", nil, "上年", nil, "本年"}, {"企业名称", "街道", "税收", "用地面积", "税收"}, {"甲公司", "城东", 1, 2, 3},
		}, merged: []string{"A1:E1", "A2:B2", "C2:D2"}},
		headers: []string{"基本情况 > 企业名称", "基本情况 > 街道", "上年 > 税收", "上年 > 用地面积", "本年 > 税收"}, at: "2-3",
		rows: []string{"4:甲公司|城东|1|2|3"}, dropped: []string{"1 above_head"},
	},
	{
		what: "a line of sender and unit is not part of the head",
		page: page{rows: [][]any{
			{"填报单位：税务局", nil, "单位：万元"}, {"企业名称", "街道", "税收"}, {"甲公司", "城东", 1},
		}, merged: []string{"A1:B1"}},
		headers: []string{"企业名称", "街道", "税收"}, at: "2-2",
		rows: []string{"3:甲公司|城东|1"}, dropped: []string{"1 above_head"},
	},
	{
		what: "a row of units and a row of column numbers below the head",
		page: page{rows: [][]any{
			{"企业名称", "税收", "用地面积", "备注"}, {nil, "万元", "（亩）"}, {"甲", 1, 2, "3=1+2"}, {"甲公司", 1, 2, nil},
		}},
		o:       Options{Unit: func(s string) bool { return s == "万元" || s == "亩" }},
		headers: []string{"企业名称", "税收（万元）", "用地面积（亩）", "备注"}, at: "1-2",
		rows: []string{"4:甲公司|1|2|"}, dropped: []string{"3 numbers"},
	},
	{
		what: "printed pages repeat title and head",
		page: page{rows: [][]any{
			{"企业税收表"}, {"企业名称", "税收\n（万元）"}, {"甲公司", 1}, {"本页小计", 1},
			{"企业税收表"}, {"企业名称", "税收\n（万元）"}, {"乙公司", 2}, {"总  计", 3},
		}},
		headers: []string{"企业名称", "税收 （万元）"}, at: "2-2",
		rows:    []string{"3:甲公司|1", "7:乙公司|2"},
		dropped: []string{"1 above_head", "4 total", "5 repeated", "6 repeated", "8 total"},
	},
	{
		what: "sections with subtotals",
		page: page{rows: [][]any{
			{"序号", "街道", "企业名称", "税收"}, {"一、规上企业"}, {1, "城东街道", "甲公司", 1}, {nil, "城东街道小计", nil, 1},
			{"（二）规下企业", nil, nil, 5}, {2, "城西街道", "乙公司", 2}, {nil, "城西街道", "小计", 2}, {3}, {"合计：2家", nil, nil, 3}, {"平均", nil, nil, 1.5},
		}},
		headers: []string{"序号", "街道", "企业名称", "税收"}, at: "1-1",
		rows:    []string{"3:1|城东街道|甲公司|1", "6:2|城西街道|乙公司|2"},
		dropped: []string{"2 section", "4 total", "5 section", "7 total", "8 serial", "9 total", "10 total"},
	},
	{
		what: "companies and remarks that only sound like sums and notes",
		page: page{rows: [][]any{
			{"企业名称", "统一社会信用代码", "税收", "备注"},
			{"合计划算科技有限公司", nil, 1, nil}, {"累计", codeA, 2, nil}, {"甲公司", nil, 3, "合计"[:3] + "并"},
			{"说明书印刷厂", nil, 4, nil}, {"注塑机械厂", nil, 5, "注：迁出"}, {"乙公司", codeB, 6, "合计"}, {"示例市平均电子有限公司", nil, 7, nil},
			{"一品食品厂", nil, 8, nil}, {"备注", codeA, 9, nil},
		}},
		headers: []string{"企业名称", "统一社会信用代码", "税收", "备注"}, at: "1-1",
		rows: []string{"2:合计划算科技有限公司||1|", "3:累计|" + codeA + "|2|", "4:甲公司||3|合并", "5:说明书印刷厂||4|", "6:注塑机械厂||5|注：迁出",
			"7:乙公司|" + codeB + "|6|合计", "8:示例市平均电子有限公司||7|", "9:一品食品厂||8|", "10:备注|" + codeA + "|9|"},
	},
	{
		what: "both ways of counting in one table",
		page: page{rows: [][]any{
			{"备注", "企业名称", "税收"}, {"累计", "甲公司", 5}, {"本年累计", nil, 9},
		}},
		headers: []string{"备注", "企业名称", "税收"}, at: "1-1",
		rows: []string{"2:累计|甲公司|5"}, dropped: []string{"3 total"},
	},
	{
		what: "numbers that were entered as text",
		page: page{rows: [][]any{
			{"企业名称", "税收", "用地面积"}, {"甲公司", "1,234.56", "１２"}, {"城东街道小计", "1,234.56", "12 "},
		}},
		headers: []string{"企业名称", "税收", "用地面积"}, at: "1-1",
		rows: []string{"2:甲公司|1,234.56|１２"}, dropped: []string{"3 total"},
	},
	{
		what: "a table that begins further right and down, with gaps and something beside it",
		page: page{rows: [][]any{
			nil, nil, {nil, "企业名称", nil, "税收"}, nil, {nil, "甲公司", "甲", 1, nil, "草稿"}, nil, {" "}, {nil, "乙公司", nil, 2}, {nil, nil, nil, nil, nil, "=?"}, nil, nil, {" "},
		}},
		headers: []string{"", "企业名称", "", "税收"}, at: "3-3",
		rows:    []string{"5:|甲公司|甲|1", "8:|乙公司||2"},
		dropped: []string{"4 empty", "6-7 empty", "9 beside", "10-12 empty"},
	},
	{
		what: "a note does not end the table",
		page: page{rows: [][]any{
			{"企业名称", "税收"}, {"甲公司", 1}, {"备注：以下为新增"}, {"乙公司", 2}, {"丙公司"},
		}},
		headers: []string{"企业名称", "税收"}, at: "1-1",
		rows: []string{"2:甲公司|1", "4:乙公司|2", "5:丙公司|"}, dropped: []string{"3 note"},
	},
	{
		what: "a head that has to be named",
		page: page{rows: [][]any{
			{"名册"}, {"单位", "数"}, {"甲公司", 1},
		}},
		o:       Options{HeaderAt: 2},
		headers: []string{"单位", "数"}, at: "2-2",
		rows: []string{"3:甲公司|1"}, dropped: []string{"1 above_head"},
	},
	{
		what: "a head whose rows have to be named",
		page: page{rows: [][]any{
			{"单位", "数", "数"}, {"全称", "甲", "乙"}, {"甲公司", 1, 2},
		}},
		o:       Options{HeaderAt: 1, HeaderRows: 2},
		headers: []string{"单位 > 全称", "数 > 甲", "数 > 乙"}, at: "1-2",
		rows: []string{"3:甲公司|1|2"},
	},
	{
		what: "a wide form of which little is known",
		page: page{rows: [][]any{
			{"甲表"}, {"企业名称", "A", "B", "C", "税收", "D", "E", "街道", "F"}, {"甲公司", 1, 2, 3, 4, 5, 6, "城东", 7},
		}},
		headers: []string{"企业名称", "A", "B", "C", "税收", "D", "E", "街道", "F"}, at: "2-2",
		rows: []string{"3:甲公司|1|2|3|4|5|6|城东|7"}, dropped: []string{"1 above_head"},
	},
	{
		what: "a head over all of whose columns something is merged, and merged cells in the data",
		page: page{rows: [][]any{
			{"企业名称", "税收", "备注", nil}, {"甲公司", 1, "a", "b"}, {nil, 2, "c"},
		}, merged: []string{"C1:D1", "A2:A3"}},
		headers: []string{"企业名称", "税收", "备注"}, at: "1-1",
		rows: []string{"2:甲公司|1|a", "3:|2|c"},
	},
}

func TestTablesAreFoundAsBureausSendThem(t *testing.T) {
	for _, c := range corpus {
		if c.o.Known == nil {
			c.o.Known = known
		}
		table, rows, err := read(makeBook(t, c.page), "Sheet1", c.o)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if !slices.Equal(table.Headers, c.headers) {
			t.Errorf("%s: headers\n%q, not\n%q", c.what, table.Headers, c.headers)
		}
		if at := fmt.Sprintf("%d-%d", table.HeadAt, table.HeadEnd); at != c.at {
			t.Errorf("%s: the head is in rows %s, not %s", c.what, at, c.at)
		}
		if !slices.Equal(rows, c.rows) {
			t.Errorf("%s: rows\n%q, not\n%q", c.what, rows, c.rows)
		}
		if got := left(table); !slices.Equal(got, c.dropped) {
			t.Errorf("%s: dropped %q, not %q", c.what, got, c.dropped)
		}
	}
}

func TestEveryRowThatHoldsSomethingIsDataOrListed(t *testing.T) {
	for _, c := range corpus {
		if c.o.Known == nil {
			c.o.Known = known
		}
		table, rows, err := read(makeBook(t, c.page), "Sheet1", c.o)
		if err != nil {
			t.Fatal(err)
		}
		listed := map[int]int{}
		for row := table.HeadAt; row <= table.HeadEnd; row++ {
			listed[row]++
		}
		for _, r := range rows {
			n := 0
			_, _ = fmt.Sscanf(r, "%d:", &n)
			listed[n]++
		}
		for _, d := range table.Dropped() {
			for row := d.Row; row <= d.To; row++ {
				listed[row]++
			}
		}
		for i, cells := range c.page.rows {
			filled := slices.ContainsFunc(cells, func(v any) bool { return v != nil })
			if filled && listed[i+1] != 1 {
				t.Errorf("%s: row %d is listed %d times", c.what, i+1, listed[i+1])
			}
		}
	}
}

func TestWhatADroppedRowHeldIsShown(t *testing.T) {
	table, _, err := read(makeBook(t, page{rows: [][]any{{"企业名称", "税收"}, {"合\n计", nil, 3}, {"注：" + strings.Repeat("长", 200)}}}), "Sheet1", Options{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	d := table.Dropped()
	if len(d) != 2 || d[0].Text != "合 计 | 3" || d[1].Text != "注："+strings.Repeat("长", 58)+"…" {
		t.Errorf("%+v", d)
	}
}

func TestTheReaderIsToldWhatACellDoesNotShow(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	share, err := f.NewStyle(&excelize.Style{NumFmt: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		f.SetSheetRow("Sheet1", "A1", &[]any{"企业名称", "税收", "备注"}),
		f.SetSheetRow("Sheet1", "A2", &[]any{"甲公司", 0.125, nil, nil, "旁注"}),
		f.SetSheetRow("Sheet1", "A3", &[]any{"乙公司", 0.25}),
		f.SetCellFormula("Sheet1", "C3", "B3*2"),
		f.SetCellStyle("Sheet1", "B2", "B3", share),
		f.SetRowVisible("Sheet1", 3, false),
		f.MergeCell("Sheet1", "A2", "A3"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	table, rows, err := read(path, "", Options{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counts{Hidden: 1, Uncomputed: 1, Beside: 1, MergedDown: 1}); table.Counts() != want {
		t.Errorf("%+v, not %+v", table.Counts(), want)
	}
	if !slices.Equal(table.Percent(), []int{0, 2, 0}) || !slices.Equal(rows, []string{"2:甲公司|0.125|", "3:|0.25|"}) {
		t.Errorf("%v %q", table.Percent(), rows)
	}
}

func TestACellSaysWhetherItHoldsANumberOrATextOfDigits(t *testing.T) {
	path := makeBook(t, page{name: "a", rows: [][]any{
		{"企业名称", "税收", "登记日期", "备注"},
		{"甲公司", 701, time.Date(2020, 5, 1, 0, 0, 0, 0, time.UTC), "0701"},
		{"乙公司", "701"},
	}})
	b, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	table, err := b.Table("", Options{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	for _, want := range [][]bool{{false, true, false, false}, {false, false, false, false}} {
		cells, row, err := table.Next()
		if err != nil {
			t.Fatal(err)
		}
		for i := range cells {
			if table.Numeric(i) != want[i] {
				t.Errorf("row %d, %q: a number: %t", row, cells[i], table.Numeric(i))
			}
		}
		if table.Numeric(-1) || table.Numeric(len(cells)) {
			t.Errorf("row %d: a column that is not there holds a number", row)
		}
	}
}

func TestStringsOfARowStayAsTheyAreWhenOthersAreRead(t *testing.T) {
	b, err := Open(writeLarge(t, 3000))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	table, err := b.Table("Sheet1", Options{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	var names []string
	for {
		cells, _, err := table.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, cells[2])
	}
	for i, name := range names {
		if want := fmt.Sprintf("示例市第%d机械制造有限公司", i+1); name != want {
			t.Fatalf("row %d is %q, not %q", i, name, want)
		}
	}
	if len(names) != 3000 {
		t.Errorf("%d rows", len(names))
	}
}

func TestTheOnlySheetWithATableNeedsNoName(t *testing.T) {
	data := page{name: "数据", rows: [][]any{{"企业名称", "税收"}, {"甲公司", 1}}}
	again := page{name: "副本", rows: data.rows}
	notes := page{name: "说明", rows: [][]any{{"填写说明"}, {"列", "意思"}}}
	empty := page{name: "Sheet3"}
	o := Options{Known: known}
	if table, rows, err := read(makeBook(t, empty, notes, data), "", o); err != nil || table.Sheet != "数据" || len(rows) != 1 {
		t.Errorf("%v %v %v", table, rows, err)
	}
	for _, c := range []struct {
		pages []page
		sheet string
		o     Options
		want  string
	}{
		{[]page{data, notes, again}, "", o, `sheets "数据", "副本" each have such a table; say which`},
		{[]page{empty, notes}, "", o, `sheet "说明": none of its first 50 rows has two headers that are known`},
		{[]page{empty}, "", o, `sheet "Sheet3": it is empty`},
		{[]page{data, notes}, "税收", o, `there is no sheet "税收"; it has "数据", "说明"`},
		{[]page{notes}, "", Options{HeaderAt: 2, Known: known}, `sheet "说明": no header in the row that is to be its head is known`},
		{[]page{data}, "数据", Options{}, "nothing says what its headers mean"},
		{[]page{data}, "数据", Options{HeaderAt: 9}, `row 9, which is to be its head, is empty`},
		{[]page{data}, "数据", Options{HeaderAt: 5000}, "header row 5000 is not between 1 and 1000"},
		{[]page{data}, "数据", Options{HeaderRows: 9, Known: known}, "a head of 9 rows cannot be read"},
	} {
		path := makeBook(t, c.pages...)
		_, _, err := read(path, c.sheet, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "read "+path+": ") {
			t.Errorf("%v; want %s", err, c.want)
		}
	}
}

func TestADigitThatChangedOnTheWayIsNoticedBeforeTheFirstRow(t *testing.T) {
	packed, err := zip.OpenReader(makeBook(t, page{rows: [][]any{{"企业名称", "税收"}, {"甲公司", 123456}}}))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range packed.File { // the same parts, not compressed
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(part, in); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	for content, want := range map[string]string{out.String(): "", strings.Replace(out.String(), "123456", "923456", 1): "the file is damaged; get it again"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Table("", Options{Known: known})
		if got := fmt.Sprint(err); want == "" && err != nil || !strings.Contains(got, want) {
			t.Errorf("%v; want %q", err, want)
		}
		_ = b.Close()
	}
}

func TestTheWordListIsWhole(t *testing.T) {
	w := readWords()
	for what, n := range map[string]int{"total": len(w.total), "running": len(w.running), "note": len(w.note), "serial": len(w.serial),
		"nothing": len(w.nothing), "letter": len(w.letter), "ordinal": len(w.ordinal), "example": len(w.example)} {
		if n == 0 {
			t.Errorf("no word for %s", what)
		}
	}
	for _, set := range []map[string]bool{w.total, w.running, w.note, w.serial, w.nothing, w.letter} {
		for word := range set {
			if folded := string(appendFolded(nil, word)); folded != word {
				t.Errorf("%q is compared as %q and never found", word, folded)
			}
		}
	}
}

// A form of the widest rows must not keep the reader busy for long.
func TestTheHeadOfTheWidestFormIsFoundAtOnce(t *testing.T) {
	head, group, data := make([]any, 16384), make([]any, 16384), make([]any, 16384)
	for i := range head {
		head[i], data[i] = fmt.Sprintf("列%d", i), "值"
	}
	group[0], group[1] = "组", "组二"
	head[5000], head[9000], head[16383] = "企业名称", "税收", "街道"
	rows := [][]any{group, head}
	for range 10 {
		rows = append(rows, data)
	}
	table, read, err := read(makeBook(t, page{rows: rows}), "", Options{Known: known})
	if err != nil || len(table.Headers) != 16384 || len(read) != 10 || table.HeadAt != 2 {
		t.Errorf("%d rows, %v", len(read), err)
	}
}

func FuzzRulesDropNoRowWithACode(f *testing.F) {
	f.Add("合计", "税收", "1")
	f.Add("一、规上企业", "", "3=1+2")
	f.Add("注：", "甲", "\xff")
	f.Add("（示例", "示例：", "【示例】")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		r := newRules([]string{"序号", "企业名称", "统一社会信用代码", "备注"})
		cells := []string{a, b, c, ""}
		holds := make([]xlsx.Content, len(cells))
		for i, cell := range cells {
			if cell != "" {
				holds[i] = xlsx.Text
			}
		}
		r.drops(cells, holds)
		cells[3], holds[3] = codeA, xlsx.Text
		if why := r.drops(cells, holds); why != "" && why != Example {
			t.Errorf("%q is dropped: %s", cells, why)
		}
	})
}
