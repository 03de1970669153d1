package form_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/report/form"
)

// shownByOffice is the first sheet of a workbook as LibreOffice shows it: a line for each
// row, cells parted by |, texts in quotes.
func shownByOffice(t testing.TB, file string) []string {
	t.Helper()
	if _, err := exec.LookPath("soffice"); err != nil {
		t.Fatal("no soffice here; .ci/libreoffice installs it")
	}
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to",
		"csv:Text - txt - csv (StarCalc):124,34,76,1,,0,true,true,false", "--outdir", dir, file).CombinedOutput()
	if err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(filepath.Base(file), ".xlsx")+".csv"))
	must(t, err)
	return strings.Split(strings.TrimRight(string(text), "\n"), "\n")
}

func TestLibreOfficeReadsTheFilledFormAndAddsItsSumsUp(t *testing.T) {
	const sheet = "闲置土地"
	path := bureaus(t, sheet, [][]string{
		{"某区闲置土地处置台账"}, {"宗地代码", "使用权人", "面积（亩）", "认定日期", "闲置费（元）", "联系电话"}, {}, {}, {"合计"}, {"注：本表一式三份。"},
	}, func(f *excelize.File) {
		must(t, f.MergeCell(sheet, "A1", "F1"))
		must(t, f.SetCellFormula(sheet, "C5", "SUM(C3:C4)"))
	})
	f, err := form.Open(path)
	must(t, err)
	run := aRun()
	run.Tables[3].Rows = 2
	var out bytes.Buffer
	_, err = f.Paper().Make(t.Context(), run, &out)
	must(t, err)
	file := filepath.Join(t.TempDir(), "filled.xlsx")
	must(t, os.WriteFile(file, out.Bytes(), 0o600))
	want := []string{
		`"某区闲置土地处置台账"|||||`, `"宗地代码"|"使用权人"|"面积（亩）"|"认定日期"|"闲置费（元）"|"联系电话"`,
		`"9999"|"甲"|15|2024-10-14|723960|`, `"0001"|"乙"|3|2025-01-01||`, `"合计"||18|||`, `"注：本表一式三份。"|||||`,
	}
	if got := shownByOffice(t, file); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("LibreOffice shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
