package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// runTemplate runs a template command and gives its exit code and what it printed.
func runTemplate(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(ctx, append([]string{"template"}, args...), Streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// forms writes templates of these tables, all without one, and gives their folder.
func forms(t *testing.T, tables ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "forms")
	args := []string{"--out", out}
	if len(tables) > 0 {
		args = append(args, "--tables", strings.Join(tables, ","))
	}
	if code, told, errs := runTemplate(context.Background(), args...); code != exitDone || errs != "" || told != out+"\n" {
		t.Fatalf("exit %d, %q, %q", code, told, errs)
	}
	return out
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// plainTables are the tables that have a workbook.
func plainTables() []*table.Schema {
	return slices.DeleteFunc(slices.Clone(table.Inputs()), func(s *table.Schema) bool { return s.Shape != table.NoGeometry })
}

// edit opens a workbook, has change work on it and saves it.
func edit(t *testing.T, path string, change func(f *excelize.File, sheet string) error) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := change(f, f.GetSheetName(0)); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
}

// enter types a text into a cell as a clerk would in Excel: a number becomes one
// unless the column is text, a date likewise, and the column's format is kept.
func enter(f *excelize.File, sheet string, column, row int, field *table.Field, text string) error {
	name, err := excelize.ColumnNumberToName(column + 1)
	if err != nil {
		return err
	}
	style, err := f.GetColStyle(sheet, name)
	if err != nil {
		return err
	}
	var value any = text
	if text == "" {
		return nil
	}
	switch field.Kind {
	case table.Number, table.Integer:
		if value, err = strconv.ParseFloat(text, 64); err != nil {
			return err
		}
	case table.Date:
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return err
		}
		value = day.Unix()/86400 + 25569 // days from Excel's 1899-12-30 to 1970-01-01
	}
	at := name + strconv.Itoa(row)
	if err := f.SetCellValue(sheet, at, value); err != nil {
		return err
	}
	return f.SetCellStyle(sheet, at, at, style)
}

// readBack reads a table of a folder, with every row that was read or not.
func readBack(t *testing.T, dir, name string) *read.Table {
	t.Helper()
	folder, err := read.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read.All(context.Background(), folder, name, 1)
	if err != nil || got == nil {
		t.Fatalf("%s: %v, %v", name, got, err)
	}
	return got
}

func example(t *testing.T, s *table.Schema, f *table.Field) string {
	t.Helper()
	e, ok := fields.InputExample(s.Name, f.Name)
	if !ok {
		t.Fatalf("%s.%s has no example", s.Name, f.Name)
	}
	return e.Value
}

func TestTemplateWritesAWorkbookPerTableAndOneAboutTheLayers(t *testing.T) {
	want := []string{"layers.xlsx"}
	for _, s := range plainTables() {
		want = append(want, s.Name+".xlsx")
	}
	slices.Sort(want)
	if got := names(t, forms(t)); !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	for asked, want := range map[string]string{
		"tax,output": "output.xlsx tax.xlsx", "tax,税收,tax": "tax.xlsx", "parcels": "layers.xlsx", "zones,energy": "energy.xlsx layers.xlsx",
	} {
		if got := names(t, forms(t, asked)); strings.Join(got, " ") != want {
			t.Errorf("--tables %s: %q, not %s", asked, got, want)
		}
	}
}

func TestATemplateAsItComesHasEveryColumnAndNoRow(t *testing.T) {
	dir := forms(t)
	for _, s := range plainTables() {
		got := readBack(t, dir, s.Name)
		a := got.Account
		if a.Read != 0 || len(a.Ignored) != 0 || len(a.Rejects) != 0 || len(a.Dropped) != 1 || a.Dropped[0].Why != "example" || a.Dropped[0].Row != 2 {
			t.Errorf("%s: read %d, ignored %q, rejects %+v, dropped %+v", s.Name, a.Read, a.Ignored, a.Rejects, a.Dropped)
		}
	}
}

func TestTheNotesOfTemplatesAreNoUnusedFilesAndWhatIsAddedIs(t *testing.T) {
	dir := forms(t)
	unused := func() []string {
		folder, err := read.OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		return folder.UnusedFiles()
	}
	if got := unused(); len(got) > 0 {
		t.Errorf("unused: %q", got)
	}
	for _, book := range []string{"tax.xlsx", "layers.xlsx"} {
		edit(t, filepath.Join(dir, book), func(f *excelize.File, _ string) error {
			_, err := f.NewSheet("补充")
			return err
		})
	}
	edit(t, filepath.Join(dir, "output.xlsx"), func(f *excelize.File, sheet string) error { return f.SetSheetName(sheet, "2024年") })
	if got, want := unused(), []string{"layers.xlsx", "tax.xlsx: sheet 补充"}; !slices.Equal(got, want) {
		t.Errorf("unused: %q, not %q", got, want)
	}
	if got := readBack(t, dir, table.Output).Account; got.Files[0].Sheet != "2024年" {
		t.Errorf("output is read from %+v", got.Files)
	}
}

// fill enters the examples into row 3 and below, a row for each of the changes.
func fill(t *testing.T, dir string, s *table.Schema, changes []map[string]string) {
	t.Helper()
	edit(t, filepath.Join(dir, s.Name+".xlsx"), func(f *excelize.File, sheet string) error {
		heads, err := f.GetRows(sheet)
		if err != nil {
			return err
		}
		for column, head := range heads[0] {
			name, _, ok := fields.Header(s.Name, head)
			if !ok {
				return fmt.Errorf("head %q is not known", head)
			}
			field := &s.Fields[s.Index(name)]
			for i, change := range changes {
				text, changed := change[name]
				if !changed {
					text = example(t, s, field)
				}
				if err := enter(f, sheet, column, 3+i, field, text); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// The examples are of the columns' own units, so what is read is what was entered.
func TestWhatIsFilledIntoEveryTemplateIsReadAsItWasEntered(t *testing.T) {
	dir := forms(t)
	for _, s := range plainTables() {
		fill(t, dir, s, []map[string]string{nil})
		got := readBack(t, dir, s.Name)
		if a := got.Account; a.Read != 1 || len(a.Rejects) != 0 || len(a.Dropped) != 1 || a.Files[0].Note != "" {
			t.Errorf("%s: read %d, rejects %+v, dropped %+v, note %q", s.Name, a.Read, a.Rejects, a.Dropped, a.Files[0].Note)
			continue
		}
		row := got.Batches[0].Record
		for i := range s.Fields {
			f := &s.Fields[i]
			if want := example(t, s, f); !sameValue(f, row.Column(i), want) {
				t.Errorf("%s.%s: %s, not %s", s.Name, f.Name, row.Column(i).ValueStr(0), want)
			}
			if f.Credit && !read.ValidCreditCode(example(t, s, f)) {
				t.Errorf("%s.%s: the example fails its check character", s.Name, f.Name)
			}
		}
	}
}

func sameValue(f *table.Field, column arrow.Array, want string) bool {
	got := column.ValueStr(0)
	switch f.Kind {
	case table.Number, table.Integer:
		a, errA := strconv.ParseFloat(got, 64)
		b, errB := strconv.ParseFloat(want, 64)
		return errA == nil && errB == nil && a == b
	case table.Bool:
		return got == map[string]string{"是": "true", "否": "false"}[want]
	}
	return got == want
}

func TestCodesAndPeriodsOfATemplateStayAsTheyWereTyped(t *testing.T) {
	dir := forms(t, "enterprises", "zone_indicators")
	enterprises := table.MustInput(table.Enterprises)
	fill(t, dir, enterprises, []map[string]string{{"industry": "0311"}})
	if got := readBack(t, dir, table.Enterprises).Batches[0].Text("industry").Value(0); got != "0311" {
		t.Errorf("industry %q", got)
	}
	periods := table.MustInput(table.ZoneIndicators)
	fill(t, dir, periods, []map[string]string{{"period": "2024-09"}, {"period": "2024Q3"}, {"period": "2024"}})
	column := readBack(t, dir, table.ZoneIndicators).Batches[0].Text("period")
	if got := []string{column.Value(0), column.Value(1), column.Value(2)}; !slices.Equal(got, []string{"2024-09", "2024Q3", "2024"}) {
		t.Errorf("periods %q", got)
	}
	for _, s := range plainTables() { // Excel, not this test, makes dates and numbers of what is typed
		f, err := excelize.OpenFile(filepath.Join(forms(t, s.Name), s.Name+".xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		for i, field := range formColumns(s) {
			name, _ := excelize.ColumnNumberToName(i + 1)
			id, _ := f.GetColStyle(f.GetSheetName(0), name)
			style, err := f.GetStyle(id)
			if err != nil {
				t.Fatal(err)
			}
			isText := field.Kind == table.Text || field.Kind == table.Code || field.Kind == table.ID
			if (style.NumFmt == 49) != isText || (style.CustomNumFmt != nil && *style.CustomNumFmt == "yyyy-mm-dd") != (field.Kind == table.Date) {
				t.Errorf("%s.%s: format %d", s.Name, field.Name, style.NumFmt)
			}
		}
		_ = f.Close()
	}
}

func TestEverythingThatADropDownListOffersIsRead(t *testing.T) {
	dir := forms(t)
	for _, s := range plainTables() {
		var changes []map[string]string
		edit(t, filepath.Join(dir, s.Name+".xlsx"), func(f *excelize.File, sheet string) error {
			lists, err := f.GetDataValidations(sheet)
			if err != nil {
				return err
			}
			columns := formColumns(s)
			for _, list := range lists {
				column, _, err := excelize.CellNameToCoordinates(strings.Split(list.Sqref, ":")[0])
				if err != nil {
					return err
				}
				for _, choice := range strings.Split(strings.Trim(list.Formula1, `"`), ",") {
					changes = append(changes, map[string]string{columns[column-1].Name: choice})
				}
			}
			return nil
		})
		offered := 0
		for _, f := range s.Fields {
			offered += len(f.OneOf)
			if f.Kind == table.Bool {
				offered += 2
			}
		}
		if len(changes) != offered {
			t.Errorf("%s offers %d values, not %d", s.Name, len(changes), offered)
		}
		if offered == 0 {
			continue
		}
		fill(t, dir, s, changes)
		if a := readBack(t, dir, s.Name).Account; a.Read != int64(offered) || len(a.Rejects) != 0 {
			t.Errorf("%s: read %d of %d, rejects %+v", s.Name, a.Read, offered, a.Rejects)
		}
	}
}

func TestAUnitThatIsChangedInTheHeadIsConverted(t *testing.T) {
	dir := forms(t, "tenancies")
	s := table.MustInput(table.Tenancies)
	fill(t, dir, s, []map[string]string{{"area": "1.5"}})
	edit(t, filepath.Join(dir, "tenancies.xlsx"), func(f *excelize.File, sheet string) error {
		rows, err := f.GetRows(sheet)
		if err != nil {
			return err
		}
		at := slices.Index(rows[0], "用地面积（m²）")
		name, err := excelize.ColumnNumberToName(at + 1)
		if err != nil {
			return err
		}
		return f.SetCellValue(sheet, name+"1", "用地面积（亩）")
	})
	if got := readBack(t, dir, table.Tenancies).Batches[0].Numbers("area", "m2").Value(0); got != 1000 {
		t.Errorf("1.5 mu are %v m²", got)
	}
}

// Both are what the notes promise.
func TestATemplateOfAYearNeedsNoYearAndARowWithANameNoCode(t *testing.T) {
	dir := forms(t, "tax")
	fill(t, dir, table.MustInput(table.Tax), []map[string]string{{"year": ""}, {"year": "", "credit_code": ""}})
	if err := os.Rename(filepath.Join(dir, "tax.xlsx"), filepath.Join(dir, "tax_2024.xlsx")); err != nil {
		t.Fatal(err)
	}
	got := readBack(t, dir, table.Tax)
	if a := got.Account; a.Read != 2 || len(a.Rejects) != 0 {
		t.Fatalf("read %d, rejects %+v", a.Read, a.Rejects)
	}
	if year := got.Batches[0].Integers("year"); year.Value(0) != 2024 || year.Value(1) != 2024 {
		t.Errorf("years %v", year)
	}
}

func TestTheNotesOfTemplatesExplainEveryColumnInChinese(t *testing.T) {
	dir := forms(t)
	for _, s := range table.Inputs() {
		book := s.Name + ".xlsx"
		if s.Shape != table.NoGeometry {
			book = "layers.xlsx"
		}
		f, err := excelize.OpenFile(filepath.Join(dir, book))
		if err != nil {
			t.Fatal(err)
		}
		sheets := f.GetSheetList()
		rows, err := f.GetRows(sheets[len(sheets)-1])
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range formColumns(s) {
			label, _ := fields.InputLabel(s.Name, field.Name)
			explained := slices.ContainsFunc(rows, func(row []string) bool {
				if s.Shape != table.NoGeometry {
					if len(row) == 0 || !strings.HasPrefix(row[0], s.Name+" ") {
						return false
					}
					row = row[1:]
				}
				return len(row) == 8 && row[0] == label && row[1] == field.Name && row[2] != "" && row[3] != "" && row[7] != ""
			})
			if !explained {
				t.Errorf("%s says nothing of %s.%s", book, s.Name, field.Name)
			}
		}
		for _, row := range rows { // a word that is missing shows its id
			for _, text := range row {
				if strings.Contains(text, "template.") || strings.Contains(text, "%!") || strings.Contains(text, "%s") {
					t.Errorf("%s: %q", book, text)
				}
			}
		}
		_ = f.Close()
	}
}

func TestTemplatesAreTheSameBytesEachTime(t *testing.T) {
	first, second := forms(t), forms(t, "税收", "zones", "tax", "parcels", "land_use", "control_lines")
	for _, name := range names(t, second) {
		a, errA := os.ReadFile(filepath.Join(first, name))
		b, errB := os.ReadFile(filepath.Join(second, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs: %v %v", name, errA, errB)
		}
	}
}

func TestTemplateReplacesOnlyItsOwnWorkbooksAndOnlyWhenTold(t *testing.T) {
	out := filepath.Join(t.TempDir(), "city")
	if err := os.Mkdir(out, 0o755); err != nil { // an empty folder is taken as it is
		t.Fatal(err)
	}
	if code, _, errs := runTemplate(context.Background(), "--out", out, "--tables", "tax,output", "--quiet"); code != exitDone {
		t.Fatalf("exit %d, %q", code, errs)
	}
	for _, name := range []string{"parcels.geojson", "tax.xlsx", "output.xlsx"} {
		if err := os.WriteFile(filepath.Join(out, name), []byte("filled in"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, _, errs := runTemplate(context.Background(), "--out", out, "--tables", "tax")
	if code != exitFailed || !strings.Contains(errs, "is not empty") || !strings.Contains(errs, "--overwrite") {
		t.Errorf("exit %d, %q", code, errs)
	}
	holds := func(name string) string {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if holds("tax.xlsx") != "filled in" {
		t.Error("a refused command replaced a workbook")
	}
	if code, _, errs = runTemplate(context.Background(), "--out", out, "--tables", "tax", "--overwrite"); code != exitDone {
		t.Fatalf("exit %d, %q", code, errs)
	}
	if holds("tax.xlsx") == "filled in" || holds("output.xlsx") != "filled in" || holds("parcels.geojson") != "filled in" {
		t.Error("not the workbook of tax alone was replaced")
	}
	if got := names(t, out); len(got) != 3 {
		t.Errorf("left behind: %q", got)
	}
}

func TestTemplateRefusesWhatMakesNoSense(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "forms")
	for _, args := range [][]string{
		{}, {"--out", out, "--tables", "taxes"}, {"--out", out, "--tables", "tax,"}, {"--out", out, "tax"}, {"--out", out, "--table", "tax"},
	} {
		if code, _, errs := runTemplate(context.Background(), args...); code != exitUsage || !strings.HasPrefix(errs, "muscope: ") {
			t.Errorf("%q: exit %d, %q", args, code, errs)
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{file, filepath.Join(file, "below")} {
		if code, _, errs := runTemplate(context.Background(), "--out", out); code != exitFailed || !strings.HasPrefix(errs, "muscope: template: ") {
			t.Errorf("%s: exit %d, %q", out, code, errs)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"file"}) {
		t.Errorf("a refused command left %q", got)
	}
}

func TestAnInterruptedTemplateLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, out := range []string{filepath.Join(dir, "forms"), dir} {
		if code, _, _ := runTemplate(ctx, "--out", out); code != exitInterrupted {
			t.Errorf("%s: exit %d", out, code)
		}
	}
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestTemplateTellsHowItIsUsed(t *testing.T) {
	code, told, _ := runTemplate(context.Background(), "--help")
	for _, want := range []string{"Exit codes:", "Examples:\n  muscope template --out", "layers.xlsx lists their columns"} {
		if code != exitDone || !strings.Contains(told, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, told)
		}
	}
}
