package workbook_test

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/report/workbook"
)

// office runs LibreOffice with a profile of its own, and names what it wrote.
func office(t testing.TB, to, file string) (dir string) {
	t.Helper()
	if _, err := exec.LookPath("soffice"); errors.Is(err, exec.ErrNotFound) {
		t.Fatal("no soffice here; .ci/libreoffice installs it")
	}
	dir = t.TempDir()
	out, err := exec.CommandContext(t.Context(), "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to", to, "--outdir", dir, file).CombinedOutput()
	if err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	return dir
}

// allSheets writes every sheet as CSV: text in quotes, numbers as they are and not as
// they are shown.
const allSheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"

// opened reads a workbook in LibreOffice and gives the rows of its sheets.
func opened(t testing.TB, file string) map[string][][]string {
	t.Helper()
	dir := office(t, allSheets, file)
	files, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	sheets := map[string][][]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(strings.NewReader(string(text)))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".csv")
		_, name, _ = strings.Cut(name, "-")
		sheets[name] = rows
	}
	return sheets
}

// listed are the rows of a list below its head, by the head of each column, with the
// group before it where it has one; and the total below them.
func listed(t testing.TB, sheets map[string][][]string, sheet string) (rows []map[string]string, total map[string]string) {
	t.Helper()
	all := sheets[sheet]
	if len(all) < 5 {
		t.Fatalf("sheet %s has %d rows: %v", sheet, len(all), all)
	}
	for len(all[3]) < len(all[2]) { // a reader may leave out what is empty at the end
		all[3] = append(all[3], "")
	}
	heads, group := make([]string, len(all[2])), ""
	for i := range heads {
		switch above, below := all[2][i], all[3][i]; {
		case below == "":
			heads[i], group = above, ""
		case above != "":
			group = above
			fallthrough
		default:
			heads[i] = group + "/" + below
		}
	}
	for _, r := range all[4:] {
		row := map[string]string{}
		for i, cell := range r {
			row[heads[i]] = cell
		}
		if r[0] == "合计" {
			return rows, row
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// hostile are names that a program might take for something else.
var hostile = []string{"=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", `"引号"与'撇号'有限公司`, "<b>&amp;尖括号&有限公司", "两行\n名称有限公司", "=HYPERLINK(\"http://x\")", "_x0041_厂"}

const digits = "914403001922038216" // a credit code that a number would lose digits of

// hostileCity is the city with those names and that code.
func hostileCity(t testing.TB) string {
	t.Helper()
	return theCity(t, func(name, text string) string {
		if name != "enterprises.csv" {
			return strings.ReplaceAll(text, "91999904MAL96J42X6", digits)
		}
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range hostile {
			rows[i+1][1] = n
		}
		rows[1][2] = "0131" // an industry that a number would lose its zero of
		var b strings.Builder
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(b.String(), "91999904MAL96J42X6", digits)
	})
}

// same compares a sheet's column with a table's, row by row as the keys say.
type same struct {
	sheet, table string
	key          [2]string   // column of the sheet, of the table
	columns      [][2]string // likewise
	sums         [][2]string
}

var compared = []same{
	{"用地面积公示", "land", [2]string{"统一社会信用代码", "credit_code"}, [][2]string{{"企业名称", "name"}, {"用地/实际用地（亩）", "net_mu"}, {"所用宗地", "parcels"}},
		[][2]string{{"用地/自有（亩）", "owned_mu"}, {"用地/租入（亩）", "leased_in_mu"}, {"用地/租出（亩）", "leased_out_mu"}, {"用地/实际用地（亩）", "net_mu"}}},
	{"评价结果", "grades", [2]string{"统一社会信用代码", "credit_code"}, [][2]string{{"企业名称", "name"}, {"评价结果/综合得分", "total"}, {"评价结果/等级", "final_grade"},
		{"评价结果/排名", "rank"}, {"用地/实际用地（亩）", "land_mu"}}, nil},
	{"评价结果", "indicators", [2]string{"统一社会信用代码", "credit_code"}, [][2]string{{"税收/税收（万元）", "tax"}, {"税收/亩均税收（万元/亩）", "tax_per_mu"}, {"研发/研发经费投入强度（%）", "rd_intensity"}},
		[][2]string{{"税收/税收（万元）", "tax"}, {"能耗/综合能耗（tce）", "energy"}}},
	{"各项得分明细", "grades", [2]string{"统一社会信用代码", "credit_code"}, [][2]string{{"亩均税收/得分", "score_tax_per_mu"}, {"亩均税收/数值（万元/亩）", "tax_per_mu"}, {"评价结果/加减分", "bonus"}}, nil},
	{"开发区汇总", "zones", [2]string{"开发区代码", "zone_code"}, [][2]string{{"亩均/税收（万元/亩）", "tax_per_mu"}, {"规则结论/不符合", "rules_fail"}},
		[][2]string{{"用地面积（亩）", "mu"}, {"各等级用地/A（亩）", "mu_a"}, {"宗地数", "parcels"}, {"低效（亩）", "underused_mu"}}},
	{"闲置土地台账", "idle_land", [2]string{"宗地代码", "parcel_code"}, [][2]string{{"使用权人", "holder_name"}, {"信用代码", "holder"}, {"闲置认定/起算日期", "idle_since"}, {"闲置认定/已闲置（天）", "idle_days"},
		{"处置/可无偿收回日", "take_back_from"}}, [][2]string{{"面积（亩）", "mu"}, {"处置/土地闲置费（万元）", "fee"}}},
	{"低效用地台账", "underused_land", [2]string{"宗地代码", "parcel_code"}, [][2]string{{"权利人", "holder_name"}, {"建议处置方式", "suggested_way"}}, [][2]string{{"面积（亩）", "mu"}}},
	{"供后监管", "supply", [2]string{"宗地代码", "parcel_code"}, [][2]string{{"动工/期限", "start_deadline"}, {"动工/逾期（天）", "start_overdue_days"}, {"竣工/实际", "finished_on"}}, nil},
	{"用地结构", "land_mix", [2]string{"", ""}, [][2]string{{"开发区代码", "zone_code"}, {"面积/产业用地（亩）", "industry_mu"}, {"占三类用地/居住（%）", "residence_share"}, {"需调整面积（亩）", "to_convert_mu"}}, nil},
	{"管控冲突", "conflicts", [2]string{"", ""}, [][2]string{{"对象代码", "code"}, {"距离（m）", "distance_m"}, {"对象名称", "name"}}, nil},
	{"待核对-未匹配", "unmatched", [2]string{"", ""}, [][2]string{{"主键", "key"}, {"名称", "name"}}, [][2]string{{"携带/面积（亩）", "area_mu"}, {"携带/税收（万元）", "tax"}, {"行数", "rows"}}},
	{"待核对-剔除", "rejects", [2]string{"", ""}, [][2]string{{"主键", "key"}, {"原值", "value"}, {"行号", "row"}}, nil},
	{"待核对-修复", "repairs", [2]string{"", ""}, [][2]string{{"主键", "key"}, {"修复前面积（m²）", "area_before"}}, nil},
	{"待核对-标记", "flags", [2]string{"", ""}, [][2]string{{"主键", "key"}, {"数值", "value"}}, nil},
}

func TestLibreOfficeReadsTheListsAsTheTablesHaveThem(t *testing.T) {
	run := evaluated(t, hostileCity(t), workbook.Options{})
	sheets := opened(t, filepath.Join(run, workbook.Name))
	for _, c := range compared {
		t.Run(c.sheet+" "+c.table, func(t *testing.T) { c.check(t, sheets, run) })
	}
	t.Run("names and codes", func(t *testing.T) {
		rows, _ := listed(t, sheets, "用地面积公示")
		table := tableOf(t, run, "land")
		for i, name := range hostile {
			if rows[i]["企业名称"] != name || table[i]["name"] != name {
				t.Errorf("row %d: the sheet has %q, the table %q, want %q", i+1, rows[i]["企业名称"], table[i]["name"], name)
			}
		}
		if rows[0]["统一社会信用代码"] != digits || rows[0]["行业代码"] != "0131" {
			t.Errorf("code %q, industry %q: want %s and 0131, every digit", rows[0]["统一社会信用代码"], rows[0]["行业代码"], digits)
		}
	})
	t.Run("public", func(t *testing.T) { publicRows(t, sheets, run) })
	t.Run("scorecard", func(t *testing.T) { scorecardRows(t, sheets, run) })
	t.Run("review", func(t *testing.T) { reviewRows(t, sheets, run) })
	t.Run("contents", func(t *testing.T) { contentsRows(t, sheets, run) })
}

func (c same) check(t *testing.T, sheets map[string][][]string, run string) {
	rows, total := listed(t, sheets, c.sheet)
	table := tableOf(t, run, c.table)
	if len(rows) != len(table) {
		t.Fatalf("%d rows, the table has %d", len(rows), len(table))
	}
	by := map[string]map[string]string{}
	for _, r := range table {
		by[r[c.key[1]]] = r
	}
	for i, r := range rows {
		want := table[i]
		if c.key[0] != "" {
			want = by[r[c.key[0]]]
		}
		for _, col := range c.columns {
			got, there := r[col[0]]
			if !there || !equal(got, want[col[1]]) {
				t.Fatalf("row %d %s: %q, want %q (there %t)", i+1, col[0], got, want[col[1]], there)
			}
		}
	}
	for _, col := range c.sums {
		sum := 0.0
		for _, r := range table {
			v, _ := strconv.ParseFloat(r[col[1]], 64)
			sum += v
		}
		if got, err := strconv.ParseFloat(total[col[0]], 64); err != nil || math.Abs(got-sum) > 1e-6*max(1, math.Abs(sum)) {
			t.Errorf("total of %s: %q, want %v", col[0], total[col[0]], sum)
		}
	}
}

// equal says whether a cell holds a table's value: the same text or the same number,
// shares as percentages.
func equal(cell, value string) bool {
	if cell == value {
		return true
	}
	share := 1.0
	if s, ok := strings.CutSuffix(cell, "%"); ok {
		cell, share = s, 100
	}
	a, errA := strconv.ParseFloat(cell, 64)
	b, errB := strconv.ParseFloat(value, 64)
	return errA == nil && errB == nil && math.Abs(a/share-b) <= 1e-9*max(1, math.Abs(b))
}

// publicRows holds the public list to names and grades alone.
func publicRows(t *testing.T, sheets map[string][][]string, run string) {
	rows, total := listed(t, sheets, "评价结果（公示）")
	if total != nil || len(rows[0]) != 6 {
		t.Errorf("the public list shows more than it should: %v, total %v", rows[0], total)
	}
	grades := map[string]int{}
	for _, r := range rows {
		grades[r["等级"]]++
	}
	for _, r := range tableOf(t, run, "grades") {
		if g := r["final_grade"]; g >= "A" && g <= "D" {
			grades[g]--
		}
	}
	for g, n := range grades {
		if n != 0 {
			t.Errorf("grade %s: %d more than in the table", g, n)
		}
	}
}

func scorecardRows(t *testing.T, sheets map[string][][]string, run string) {
	rows, _ := listed(t, sheets, "开发区评分表")
	words := map[string]string{"pass": "符合", "fail": "不符合", "not_evaluated": "未评价", "reported": "仅列示"}
	count := map[string]int{}
	for _, r := range rows {
		count[r["规则编号"]+" "+r["结论"]]++
	}
	for _, r := range tableOf(t, run, "scorecard") {
		if r["scope"] != "J" {
			count[r["rule"]+" "+words[r["verdict"]]]--
		}
	}
	for what, n := range count {
		if n != 0 {
			t.Errorf("%s: %d more rows than in the table", what, n)
		}
	}
}

// contentsRows holds the first sheet to what the others have.
func contentsRows(t *testing.T, sheets map[string][][]string, run string) {
	found := map[string]string{}
	for _, r := range sheets["说明"] {
		found[r[1]] = r[3]
	}
	for name := range sheets {
		if _, ok := found[name]; !ok && name != "说明" {
			t.Errorf("the contents do not name the sheet %s", name)
		}
	}
	if got, want := found["供后监管"], strconv.Itoa(len(tableOf(t, run, "supply"))); got != want {
		t.Errorf("供后监管 has %s rows by the contents, want %s", got, want)
	}
	for _, sheet := range []string{"数据来源", "字段说明", "条款说明"} {
		if rows, _ := listed(t, sheets, sheet); len(rows) < 10 {
			t.Errorf("%s has only %d rows", sheet, len(rows))
		}
	}
}

func reviewRows(t *testing.T, sheets map[string][][]string, run string) {
	rows, _ := listed(t, sheets, "待核对")
	counts := map[string]int{}
	for _, r := range rows {
		n, err := strconv.Atoi(r["行数"])
		if err != nil {
			t.Fatal(err)
		}
		counts[r["明细"]] += n
	}
	for sheet, table := range map[string]string{"待核对-未匹配": "unmatched", "待核对-剔除": "rejects", "待核对-修复": "repairs", "待核对-标记": "flags"} {
		if want := len(tableOf(t, run, table)); counts[sheet] != want {
			t.Errorf("%s: %d counted, the table has %d", sheet, counts[sheet], want)
		}
	}
}
