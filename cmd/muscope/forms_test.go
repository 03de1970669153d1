package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// blank is an empty form with heads in one row.
func blank(t *testing.T, dir, name, sheet string, heads ...string) string {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		t.Fatal(err)
	}
	if err := f.SetSheetRow(sheet, "A1", &heads); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestABureausFormsAreFilledIntoTheRunFolder(t *testing.T) {
	dir := t.TempDir()
	data, out := smallCity().in(t), filepath.Join(dir, "run")
	zones := blank(t, dir, "园区.xlsx", "开发区情况", "序号", "园区名称", "面积（公顷）", "闲置面积（亩）", "负责人")
	o := succeeded(t, evaluateArgs(data, out, "--form", zones, "--lang", "zh")...)
	for _, want := range []string{"forms/园区.xlsx", "填入", `"负责人"`} {
		if !strings.Contains(o.out, want) {
			t.Errorf("the summary lacks %s: %s", want, o.out)
		}
	}
	f, err := excelize.OpenFile(filepath.Join(out, "forms", "园区.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows("开发区情况")
	if err != nil || len(rows) < 2 || rows[1][0] != "1" || rows[1][1] == "" {
		t.Errorf("%q, %v", rows, err)
	}
}

func TestFormsThatCannotBeFilledAreRefusedBeforeTheWork(t *testing.T) {
	dir := t.TempDir()
	data, out := smallCity().in(t), filepath.Join(dir, "run")
	strange := blank(t, dir, "a.xlsx", "表", "姓名", "电话")
	same := blank(t, filepath.Join(dir, "other"), "B.xlsx", "开发区", "园区名称", "面积（亩）")
	again := blank(t, dir, "b.xlsx", "开发区", "园区名称", "面积（亩）")
	for _, c := range []struct {
		args []string
		says string
		code int
	}{
		{[]string{"--form", strange}, "dictionary.csv", exitFailed},
		{[]string{"--form", filepath.Join(dir, "none.xlsx")}, "none.xlsx", exitFailed},
		{[]string{"--form", same, "--form", again}, "same file name", exitUsage},
	} {
		o := command(evaluateArgs(data, out, c.args...)...)
		if o.code != c.code || !strings.Contains(o.err, c.says) || strings.Count(o.err, "\n") > 1 {
			t.Errorf("%q: exit %d, %s", c.args, o.code, o.err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%q left a run", c.args)
		}
	}
}
