package workbook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/report/workbook"
	"github.com/muscope-gis/muscope/engine/write"
)

// rowsOf reads the sheets of a workbook as they stand in it.
func rowsOf(t testing.TB, file string) map[string][][]string {
	t.Helper()
	f, err := excelize.OpenFile(file, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheets := map[string][][]string{}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		sheets[name] = rows
	}
	return sheets
}

// noted is what the contents say of a sheet.
func noted(sheets map[string][][]string, sheet string) string {
	for _, r := range sheets["说明"] {
		if len(r) > 4 && r[1] == sheet {
			return r[4]
		}
	}
	return ""
}

func TestAListLongerThanASheetIsSplitAndSaysSo(t *testing.T) {
	run := evaluated(t, theCity(t, nil), workbook.Options{MostRows: 255, Slips: true})
	sheets := rowsOf(t, filepath.Join(run, workbook.Name))
	table := tableOf(t, run, "land") // 600 rows, 250 a sheet
	seen := 0
	for part, rows := range []int{250, 250, 100} {
		sheet := sheets[fmt.Sprintf("用地面积公示(%d)", part+1)]
		if said := fmt.Sprintf("共 600 行，分为 3 张工作表，本张为第 %d 张（第 %d–%d 行）", part+1, seen+1, seen+rows); !strings.Contains(sheet[1][0], said) {
			t.Errorf("part %d says %q, want %q", part+1, sheet[1][0], said)
		}
		for i := range rows {
			if got := sheet[4+i]; got[0] != strconv.Itoa(seen+1) || got[2] != table[seen]["credit_code"] {
				t.Fatalf("part %d row %d is %v, want %s", part+1, i+1, got, table[seen]["credit_code"])
			}
			seen++
		}
		if last := sheet[len(sheet)-1][0]; (last == "合计") != (part == 2) {
			t.Errorf("part %d ends with %q: only the last has the total of all", part+1, last)
		}
	}
	sum := 0.0
	for _, r := range table {
		v, _ := strconv.ParseFloat(r["net_mu"], 64)
		sum += v
	}
	last := sheets["用地面积公示(3)"]
	if got, err := strconv.ParseFloat(last[len(last)-1][11], 64); err != nil || math.Abs(got-sum) > 1e-6 {
		t.Errorf("the total is %v (%v), want %v", got, err, sum)
	}
	if said := noted(sheets, "用地面积公示(1)"); !strings.Contains(said, "分为 3 张") {
		t.Errorf("the contents say %q", said)
	}
	if _, ok := sheets["一企一单(200)"]; !ok {
		t.Error("slips are not split: 3 go on a sheet of 255 rows, 600 on 200")
	}
}

func TestARunWithoutAPartSaysWhyItsListIsEmpty(t *testing.T) {
	onlyZone := func(name, text string) string {
		if name != "zones.geojson" {
			return text
		}
		lines := strings.Split(strings.TrimSpace(text), "\n") // a feature a line
		return lines[0] + "\n" + strings.TrimSuffix(lines[1], ",") + "\n" + lines[len(lines)-1]
	}
	noIdle := regexp.MustCompile(`"(started_on|finished_on|suspended_on|agreed_start_on|delivered_on|signed_on)":"[^"]*",?`)
	for _, one := range []struct {
		name     string
		change   func(name, text string) string
		without  []string
		policies []string
		said     map[string]string
	}{
		{"without land use", nil, []string{"land_use"}, nil, map[string]string{"用地结构": "未评价：没有数据表 土地利用现状（land_use）"}},
		{"without enterprises", nil, []string{"enterprises"}, nil, map[string]string{"用地面积公示": "未评价：没有数据表 企业（enterprises）",
			"评价结果": "未评价：没有数据表 企业（enterprises）", "评价结果（公示）": "未评价：没有数据表 企业（enterprises）", "各项得分明细": "未评价：没有数据表 企业（enterprises）"}},
		{"without a scheme", nil, nil, []string{"suqian-2017"}, map[string]string{"评价结果": "未评价：所用政策没有评价办法", "低效用地台账": "未评价：所用政策没有此类规则",
			"管控冲突": "未评价：所用政策没有此类规则"}},
		{"without control lines", nil, []string{"control_lines"}, []string{"suizhou-2018"}, map[string]string{"管控冲突": "未评价：没有数据表 管控线（control_lines）"}},
		{"without idle land", func(name, text string) string {
			if name == "parcels.geojson" {
				return noIdle.ReplaceAllString(text, "")
			}
			return text
		}, nil, nil, map[string]string{"闲置土地台账": "无", "即将闲置": "无"}},
		{"with one zone", onlyZone, nil, nil, nil},
	} {
		t.Run(one.name, func(t *testing.T) {
			run := evaluated(t, theCity(t, one.change, one.without...), workbook.Options{Slips: true}, one.policies...)
			sheets := rowsOf(t, filepath.Join(run, workbook.Name))
			for sheet, want := range one.said {
				rows := sheets[sheet]
				if len(rows) != 5 || rows[4][0] != want || noted(sheets, sheet) != want {
					t.Errorf("%s ends with %v, the contents say %q; want %q", sheet, rows[len(rows)-1], noted(sheets, sheet), want)
				}
			}
			if zones := sheets["开发区汇总"]; one.name == "with one zone" && len(zones) != 4+2+1 { // it, outside and the total
				t.Errorf("开发区汇总 has %d rows", len(zones))
			}
			if len(sheets) != 23 {
				t.Errorf("%d sheets, want 23 whatever the run lacks", len(sheets))
			}
		})
	}
}

func TestGradesOfTheYearBeforeStandBesideThoseOfThisYear(t *testing.T) {
	data := theCity(t, nil)
	grades := tableOf(t, evaluated(t, data, workbook.Options{}), "grades")
	before, want := map[string]string{}, map[string]string{}
	for i, r := range grades {
		if r["final_grade"] != "B" {
			continue
		}
		before[r["credit_code"]] = []string{"A", "B", "C", "T"}[i%4]
		want[r["credit_code"]] = []string{"↓降", "平", "↑升", ""}[i%4]
	}
	run := evaluated(t, data, workbook.Options{Before: before})
	rows, _ := listed(t, rowsOf(t, filepath.Join(run, workbook.Name)), "评价结果")
	found := 0
	for _, r := range rows {
		code := r["统一社会信用代码"]
		if r["上年/等级"] != before[code] || r["上年/升降"] != want[code] {
			t.Errorf("%s: %q %q, want %q %q", code, r["上年/等级"], r["上年/升降"], before[code], want[code])
		}
		if before[code] != "" {
			found++
		}
	}
	if found != len(before) || found < 20 {
		t.Errorf("%d of %d grades of the year before are there", found, len(before))
	}
}

// shortened is the workbook of the first rows of every table of a run.
func shortened(o workbook.Options, rows int) write.Paper {
	cut := func(all []write.Table) []write.Table {
		out := make([]write.Table, len(all))
		for i, t := range all {
			t.Rows = min(t.Rows, rows)
			out[i] = t
		}
		return out
	}
	return write.Paper{Name: "short.xlsx", Make: func(ctx context.Context, run *write.Whole, out io.Writer) (int, error) {
		return workbook.Paper(o).Make(ctx, &write.Whole{Manifest: run.Manifest, Layers: run.Layers, Tables: cut(run.Tables), Facts: cut(run.Facts)}, out)
	}}
}

func TestThePagesArePrinted(t *testing.T) {
	const firms = 12
	run := papered(t, theCity(t, nil), packs, shortened(workbook.Options{Set: rulesOf(t, packs...).Set, Slips: true}, firms))
	dir := office(t, "pdf", filepath.Join(run, "short.xlsx"))
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", filepath.Join(dir, "short.pdf"), "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v; .ci/libreoffice installs it", err)
	}
	pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	slips, notes := 0, 0
	for i, p := range pages {
		if foot := fmt.Sprintf("第 %d 页，共 %d 页", i+1, len(pages)); !strings.Contains(p, foot) || !strings.Contains(p, "评价时点 2025-06-30") {
			t.Fatalf("page %d has no foot %q:\n%s", i+1, foot, p)
		}
		head, _, _ := strings.Cut(strings.TrimSpace(p), "\n")
		switch {
		case strings.HasSuffix(head, "一企一单"):
			slips++
			for _, part := range []string{"企业用地与评价数据确认单", fmt.Sprintf(`第 *%d *号`, slips), "参评数", "企业（盖章）", "审核"} {
				if !regexp.MustCompile(part).MatchString(p) {
					t.Fatalf("the slip on page %d is not whole: no %q\n%s", i+1, part, p)
				}
			}
		case strings.HasSuffix(head, "字段说明"):
			notes++
			if !strings.Contains(p, "含义与计算方法") || !strings.Contains(p, "tables") {
				t.Errorf("page %d of 字段说明 has not the whole head", notes)
			}
		}
	}
	if slips != firms {
		t.Errorf("%d pages of slips, want %d: one each", slips, firms)
	}
	if notes < 2 {
		t.Errorf("字段说明 is on %d page: nothing shows that heads are repeated", notes)
	}
}

func TestTwoHundredThousandRowsTakeLittleMemory(t *testing.T) {
	const rows = 200_000
	var most uint64
	text := func(name string) write.Column {
		return write.Text(name, func(i int) (string, bool) {
			if i%20_000 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return fmt.Sprintf("%019d", i), true
		})
	}
	number := func(name string) write.Column {
		return write.Fixed(name, 4, func(i int) (int64, bool) { return int64(i) * 12345, true })
	}
	whole := &write.Whole{Manifest: &write.Manifest{AsOf: "2025-06-30", Year: 2024, Counts: map[string]write.Count{"enterprises": {}}},
		Tables: []write.Table{{Name: "land", Rows: rows, Columns: []write.Column{text("credit_code"), text("name"), number("owned_mu"), number("occupied_mu"),
			number("leased_in_mu"), number("leased_out_mu"), number("net_mu"), text("parcels")}}}}
	written := &counted{}
	n, err := workbook.Paper(workbook.Options{}).Make(t.Context(), whole, written)
	if err != nil || n < rows {
		t.Fatalf("%d rows, %v", n, err)
	}
	if written.n < 5<<20 {
		t.Errorf("%d bytes for %d rows: they are not there", written.n, rows)
	}
	if most > 100<<20 {
		t.Errorf("%d MiB in use while %d rows are written, want under 100", most>>20, rows)
	}
}

type counted struct{ n int64 }

func (c *counted) Write(b []byte) (int, error) { c.n += int64(len(b)); return len(b), nil }

func TestAnInterruptedWorkbookEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	name := write.Text("credit_code", func(i int) (string, bool) { return strconv.Itoa(i), true })
	whole := &write.Whole{Manifest: &write.Manifest{AsOf: "2025-06-30"}, Tables: []write.Table{{Name: "land", Rows: 10, Columns: []write.Column{name}}}}
	if _, err := workbook.Paper(workbook.Options{}).Make(ctx, whole, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that it was interrupted", err)
	}
}
