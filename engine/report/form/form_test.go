package form_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/report/form"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// texts, numbers and days are columns with a value in every row; "" and -1 are null.
func texts(name string, v ...string) write.Column {
	return write.Text(name, func(i int) (string, bool) { return v[i], v[i] != "" })
}

func numbers(name string, v ...float64) write.Column {
	return write.Float(name, func(i int) (float64, bool) { return v[i], v[i] != -1 })
}

func days(name string, v ...string) write.Column {
	return write.Date(name, func(i int) (unit.Date, bool) { return unit.ParseDate(v[i]) })
}

// aRun has three enterprises, two idle parcels and a zone.
func aRun() *write.Whole {
	return &write.Whole{
		Manifest: &write.Manifest{Year: 2024, AsOf: "2025-06-30"},
		Tables: []write.Table{
			{Name: "grades", Rows: 3, Columns: []write.Column{
				texts("credit_code", "913201", "913202", "913203"), texts("name", `=cmd|' /C calc'!A0`, "乙<厂>\n\"二\"", "+丙"),
				numbers("land_mu", 30, 4.5, 2), numbers("tax_per_mu", 12.5, -1, 0.1), numbers("score_tax_per_mu", 40.25, 0, 1),
				numbers("total", 88.123456, 40, 12), texts("final_grade", "A", "C", ""),
			}},
			{Name: "land", Rows: 2, Columns: []write.Column{
				texts("credit_code", "913201", "913203"), numbers("owned_mu", 33, 2), numbers("leased_out_mu", 3, 0), numbers("net_mu", 30, 2),
			}},
			{Name: "indicators", Rows: 3, Columns: []write.Column{
				texts("credit_code", "913203", "913202", "913201"), numbers("tax", 0.2, -1, 375.1234), numbers("sales_per_tce", 3, 2, 1.5),
			}},
			{Name: "idle_land", Rows: 2, Columns: []write.Column{
				texts("parcel_code", "9999", "0001"), texts("zone_code", "Z1", ""), numbers("mu", 15, 3), texts("idle_kind", "not_started", "stalled"),
				days("idle_from", "2024-10-14", "2025-01-01"), write.Integer("idle_days", func(i int) (int64, bool) { return int64(259 + i), true }),
				numbers("fee", 72.396, -1), texts("holder_name", "甲", "乙"),
			}},
		},
		Layers: []write.Layer{{Name: "zones", Rows: 1, Columns: []write.Column{texts("zone_code", "Z1"), texts("name", "东岭开发区")}}},
	}
}

// bureaus makes a form: rows of texts, and what else is done to it.
func bureaus(t testing.TB, sheet string, rows [][]string, more func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		t.Fatal(err)
	}
	for r, row := range rows {
		for c, text := range row {
			name, _ := excelize.CoordinatesToCellName(c+1, r+1)
			if text != "" {
				must(t, f.SetCellStr(sheet, name, text))
			}
		}
	}
	if more != nil {
		more(f)
	}
	path := filepath.Join(t.TempDir(), "附表 3.xlsx")
	must(t, f.SaveAs(path))
	return path
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// filled is the form of a path, filled from a run.
func filled(t testing.TB, path string, run *write.Whole) *excelize.File {
	t.Helper()
	f, err := form.Open(path)
	must(t, err)
	var out bytes.Buffer
	_, err = f.Paper().Make(t.Context(), run, &out)
	must(t, err)
	book, err := excelize.OpenReader(&out)
	must(t, err)
	t.Cleanup(func() { _ = book.Close() })
	return book
}

// shows asserts what the cells of rows show, from a row on.
func shows(t testing.TB, book *excelize.File, from int, want ...string) {
	t.Helper()
	rows, err := book.GetRows(book.GetSheetName(0))
	must(t, err)
	var got []string
	for _, row := range rows[min(from-1, len(rows)):] {
		got = append(got, strings.Join(row, "|"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the form has\n%q\nwant\n%q", got, want)
	}
}

func TestAHeadOfTwoRowsIsFilledBelowInTheUnitsItNames(t *testing.T) {
	path := bureaus(t, "评价结果", [][]string{
		{"某区工业企业亩均效益评价结果表"},
		{"序号", "企业名称", "统一社会信用代码", "用地情况", "", "", "税收", "", "评价等级", "法定代表人"},
		{"", "", "", "自有用地（亩）", "出租（㎡）", "实际用地（公顷）", "税收（元）", "亩均税收（万元/亩）", "", ""},
	}, func(f *excelize.File) {
		for _, m := range [][2]string{{"A1", "J1"}, {"A2", "A3"}, {"B2", "B3"}, {"C2", "C3"}, {"D2", "F2"}, {"G2", "H2"}, {"I2", "I3"}, {"J2", "J3"}} {
			must(t, f.MergeCell("评价结果", m[0], m[1]))
		}
	})
	run := aRun()
	book := filled(t, path, run)
	shows(t, book, 4,
		`1|=cmd|' /C calc'!A0|913201|33|2000|2|3751234|12.5|A`,
		"2|乙<厂>\n\"二\"|913202|||0.3|||C",
		"3|+丙|913203|2|0|0.133333|2000|0.1")
	if n := run.Manifest.Forms; len(n) != 1 || n[0].List != "grades" || n[0].Rows != 3 || !slices.Equal(n[0].Unfilled, []string{"法定代表人"}) || len(n[0].Filled) != 9 {
		t.Errorf("%+v", n)
	}
	for _, cell := range []string{"B4", "C4", "B6"} {
		if kind, _ := book.GetCellType("评价结果", cell); kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString {
			t.Errorf("%s is of type %d, want text", cell, kind)
		}
		if formula, _ := book.GetCellFormula("评价结果", cell); formula != "" {
			t.Errorf("%s is the formula %s", cell, formula)
		}
	}
}

func TestStylesSumsAndNotesOfTheFormStay(t *testing.T) {
	const sheet = "闲置土地"
	path := bureaus(t, sheet, [][]string{
		{"宗地代码", "使用权人", "面积（亩）", "闲置类型", "认定日期", "土地闲置费（元）", "所在园区"},
		{}, {}, {"合计"}, {"注：本表一式三份。"},
	}, func(f *excelize.File) {
		red, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Color: "FF0000", Size: 9}, Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "000000"}}})
		must(t, err)
		for _, cell := range []string{"A2", "B2", "C2", "D2", "E2", "F2", "G2"} {
			must(t, f.SetCellStyle(sheet, cell, cell, red))
		}
		must(t, f.SetRowHeight(sheet, 2, 31))
		must(t, f.SetCellFormula(sheet, "C4", "SUM(C2:C3)"))
	})
	run := aRun()
	idle := &run.Tables[3]
	more := func(v ...string) []string { return append(v, v...) }
	idle.Rows, idle.Columns = 4, []write.Column{
		texts("parcel_code", "0001", "0002", "0003", "0004"), texts("zone_code", more("Z1", "")...), numbers("mu", 1, 2, 3, 4), texts("idle_kind", more("stalled", "not_started")...),
		days("idle_from", more("2024-10-14", "2025-01-01")...), numbers("fee", 1.5, -1, 2, 3), texts("holder_name", more("甲", "乙")...),
	}
	book := filled(t, path, run)
	shows(t, book, 2,
		"0001|甲|1|中止开发|2024-10-14|15000|东岭开发区", "0002|乙|2|未动工|2025-01-01", "0003|甲|3|中止开发|2024-10-14|20000|东岭开发区", "0004|乙|4|未动工|2025-01-01|30000",
		"合计||", "注：本表一式三份。")
	if formula, _ := book.GetCellFormula(sheet, "C6"); formula != "SUM(C2:C5)" {
		t.Errorf("the sum is %s", formula)
	}
	for _, cell := range []string{"A2", "C3", "G5", "E4"} {
		id, err := book.GetCellStyle(sheet, cell)
		must(t, err)
		if s, err := book.GetStyle(id); err != nil || s.Font == nil || s.Font.Color != "FF0000" || len(s.Border) != 1 {
			t.Errorf("%s has lost its style: %+v, %v", cell, s, err)
		}
	}
	if h, _ := book.GetRowHeight(sheet, 4); h != 31 {
		t.Errorf("row 4 is %v high", h)
	}
}

func TestAFigureOfAnotherYearOrUnitIsNotFilledWithThisOne(t *testing.T) {
	path := bureaus(t, "评价", [][]string{
		{"企业名称", "上年", "", "本年亩均税收（吨/亩）", "综合得分", "亩均税收得分"},
		{"", "亩均税收", "评价等级", "", "", ""},
	}, func(f *excelize.File) { must(t, f.MergeCell("评价", "B1", "C1")) })
	run := aRun()
	filled(t, path, run)
	if n := run.Manifest.Forms[0]; !slices.Equal(n.Unfilled, []string{"上年 > 亩均税收", "上年 > 评价等级", "本年亩均税收（吨/亩）"}) {
		t.Errorf("%+v", n)
	}
}

func TestAFormThatAsksForNothingKnownIsRefusedInOneLine(t *testing.T) {
	for name, rows := range map[string][][]string{"nothing": {}, "other words": {{"姓名", "性别", "电话"}}, "one": {{"企业名称", "电话", "传真"}}} {
		_, err := form.Open(bureaus(t, "表", rows, nil))
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "附表 3.xlsx") {
			t.Errorf("%s: %v", name, err)
		}
	}
	path := filepath.Join(t.TempDir(), "no.xlsx")
	must(t, os.WriteFile(path, []byte("PK\x03\x04 not really"), 0o600))
	for _, p := range []string{path, path + ".none"} {
		if _, err := form.Open(p); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestAFormOfAListThatTheRunDoesNotHaveStaysEmptyAndIsNoted(t *testing.T) {
	path := bureaus(t, "低效用地", [][]string{{"宗地代码", "使用权人", "处置方式", "面积（亩）"}}, nil)
	run := aRun()
	shows(t, filled(t, path, run), 2)
	if n := run.Manifest.Forms[0]; n.List != "underused_land" || n.Rows != 0 || len(n.Unfilled) != 4 {
		t.Errorf("%+v", n)
	}
}

func TestTheSameRunFillsAFormWithTheSameBytes(t *testing.T) {
	path := bureaus(t, "评价结果", [][]string{{"企业名称", "评价等级", "总分"}}, nil)
	var first []byte
	for range 3 {
		f, err := form.Open(path)
		must(t, err)
		var out bytes.Buffer
		_, err = f.Paper().Make(t.Context(), aRun(), &out)
		must(t, err)
		if first == nil {
			first = out.Bytes()
		} else if !bytes.Equal(first, out.Bytes()) {
			t.Fatal("other bytes")
		}
		time.Sleep(1100 * time.Millisecond) // a second that zip would note
	}
}

func TestAListOfManyRowsIsFilled(t *testing.T) {
	const rows = 20_000
	run := aRun()
	run.Tables[0] = write.Table{Name: "grades", Rows: rows, Columns: []write.Column{
		write.Text("credit_code", func(i int) (string, bool) { return fmt.Sprint(i), true }), write.Text("name", func(i int) (string, bool) { return fmt.Sprint("企业", i), true }),
		write.Float("total", func(i int) (float64, bool) { return float64(i), true }),
	}}
	path := bureaus(t, "评价结果", [][]string{{"企业名称", "信用代码", "总分"}, {}, {"注：甲"}}, nil)
	got, err := filled(t, path, run).GetRows("评价结果")
	must(t, err)
	if len(got) != rows+2 || !slices.Equal(got[rows], []string{"企业19999", "19999", "19999"}) || got[rows+1][0] != "注：甲" {
		t.Errorf("%d rows, the last %q", len(got), got[len(got)-2:])
	}
}
