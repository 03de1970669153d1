package sheet

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func enterprises() Spec {
	var many []string
	for i := range 60 {
		many = append(many, "第"+strings.Repeat("一", i%5+1)+"类行业"+string(rune('A'+i%26)))
	}
	return Spec{
		Sheet: "企业",
		Columns: []Column{
			{Head: "统一社会信用代码", Needed: true, Text: true, Example: codeA},
			{Head: "企业名称", Needed: true, Example: "示例市某某有限公司"},
			{Head: "税收", Unit: "万元", Example: "12.5"},
			{Head: "登记日期", Date: true, Example: "2020-01-31"},
			{Head: "是否规上", Choices: []string{"是", "否"}, Example: "是"},
			{Head: "行业", Choices: many},
			{Head: "街道", Choices: []string{"城东,城西", "城南"}},
		},
		NotesSheet: "填写说明",
		Notes:      [][]string{{"列", "单位", "说明"}, {"税收", "万元", "入库数"}},
	}
}

func writeTemplate(t *testing.T, s Spec) string {
	t.Helper()
	var out bytes.Buffer
	if err := Template(&out, s); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "template.xlsx")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestATemplateIsReadBackWithoutItsExample(t *testing.T) {
	path := writeTemplate(t, enterprises())
	table, rows, err := read(path, "", Options{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"统一社会信用代码", "企业名称", "税收（万元）", "登记日期", "是否规上", "行业", "街道"}
	if table.Sheet != "企业" || !slices.Equal(table.Headers, want) || len(rows) != 0 || !slices.Equal(left(table), []string{"2 example"}) {
		t.Errorf("%s %q %q %q", table.Sheet, table.Headers, rows, left(table))
	}
}

func TestWhatIsFilledIntoATemplateIsRead(t *testing.T) {
	path := writeTemplate(t, enterprises())
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	date, err := f.GetColStyle("企业", "D")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		f.SetSheetRow("企业", "A3", &[]any{codeB, "甲公司", 3, 45107, "否"}),
		f.SetCellStyle("企业", "D3", "D3", date), // as Excel does on entry
		f.SaveAs(path),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, rows, err := read(path, "企业", Options{Known: known})
	if want := []string{"3:" + codeB + "|甲公司|3|2023-06-30|否||"}; err != nil || !slices.Equal(rows, want) {
		t.Errorf("%q %v, not %q", rows, err, want)
	}
}

func TestATemplateHelpsToFillItIn(t *testing.T) {
	f, err := excelize.OpenFile(writeTemplate(t, enterprises()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{"企业", "lists", "填写说明"}) {
		t.Errorf("sheets %q", got)
	}
	if visible, err := f.GetSheetVisible("lists"); err != nil || visible {
		t.Errorf("the lists are seen: %v", err)
	}
	panes, err := f.GetPanes("企业")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the head is not frozen: %+v %v", panes, err)
	}
	id, err := f.GetColStyle("企业", "A")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := f.GetStyle(id); err != nil || style.NumFmt != textFormat {
		t.Errorf("codes are not text: %+v %v", style, err)
	}
	lists, err := f.GetDataValidations("企业")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lists {
		got = append(got, l.Sqref+" "+l.Formula1)
	}
	want := []string{`E3:E1048576 "是,否"`, "F3:F1048576 lists!$A$1:$A$60", "G3:G1048576 lists!$B$1:$B$2"}
	if !slices.Equal(got, want) {
		t.Errorf("lists %q, not %q", got, want)
	}
	if cell, err := f.GetCellValue("填写说明", "C2"); err != nil || cell != "入库数" {
		t.Errorf("notes: %q %v", cell, err)
	}
}

func TestTheSameSpecGivesTheSameBytes(t *testing.T) {
	var first []byte
	for range 10 {
		var out bytes.Buffer
		if err := Template(&out, enterprises()); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		}
		if !bytes.Equal(first, out.Bytes()) {
			t.Fatal("two runs differ")
		}
	}
}

func TestATemplateThatCannotBeIsRefused(t *testing.T) {
	for _, s := range []Spec{{Sheet: "空"}, {Sheet: "a/b", Columns: []Column{{Head: "a"}}}} {
		if err := Template(&bytes.Buffer{}, s); err == nil || !strings.HasPrefix(err.Error(), "write template ") {
			t.Errorf("%q: %v", s.Sheet, err)
		}
	}
}

func TestAWorkbookMayHoldNotesAlone(t *testing.T) {
	s := enterprises()
	s.Columns = nil
	f, err := excelize.OpenFile(writeTemplate(t, s))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{"填写说明"}) {
		t.Errorf("sheets %q", got)
	}
	if cell, err := f.GetCellValue("填写说明", "C2"); err != nil || cell != "入库数" {
		t.Errorf("notes: %q %v", cell, err)
	}
}
