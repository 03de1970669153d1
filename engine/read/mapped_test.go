package read

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// mappedFolder writes files and opens them; a name may lead through folders.
func mappedFolder(t *testing.T, files map[string]string) (*Folder, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return OpenFolder(dir)
}

func mappedTable(t *testing.T, name string, files map[string]string) *Table {
	t.Helper()
	f, err := mappedFolder(t, files)
	if err != nil {
		t.Fatal(err)
	}
	got, err := All(context.Background(), f, name, 2)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(rowsOf(got) + len(got.Account.Rejects)); n != got.Account.Read {
		t.Fatalf("%s: %d rows and rejects, but %d were read", name, n, got.Account.Read)
	}
	return got
}

// numbersOf are the values of a number column, 0 where there is none.
func numbersOf(got *Table, name string) (values []float64) {
	u := got.Schema.Fields[got.Schema.Index(name)].Unit
	for _, b := range got.Batches {
		c := b.Numbers(name, u)
		for i := range b.Rows() {
			if c.IsNull(i) {
				values = append(values, 0)
			} else {
				values = append(values, c.Value(i))
			}
		}
	}
	return values
}

func sameNumbers(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

const taxMapping = `version: 1
null_words: [暂无]
tables:
  tax:
    from: [{file: "来文/税_*.csv", encoding: GB18030, header_at: 2, delimiter: ";"}, {file: 补.csv, year: 2022, columns: {tax: {header: 税, unit: yuan}}}]
    columns:
      credit_code: 代码
      tax: {header: 税, unit: yi_yuan, null_words: ["-1"]}
      refund: {value: "5000", unit: yuan}
    where: [{header: 状态, not_in: [注销]}, {header: 代码, present: true}]
    ignore: [序号]
`

func TestATableIsReadFromTheFilesThatTheMappingNames(t *testing.T) {
	gbk := "\xd2\xbb\n\xd0\xf2\xba\xc5;\xb4\xfa\xc2\xeb;\xcb\xb0;\xd7\xb4\xcc\xac\n" // a title; then 序号;代码;税;状态
	got := mappedTable(t, table.Tax, map[string]string{
		"mapping.yaml":  taxMapping,
		"来文/税_2023.csv": gbk + "1;A;2;\n2;B;-1;\n3;C;\xd4\xdd\xce\xde;\n4;D;x;\n", "来文/税_2024.csv": gbk + "1;A;3;\n2;E;4;\xd7\xa2\xcf\xfa\n3;;5;\n",
		"补.csv":   "代码,税,状态,别的\nF,120000,,\n",
		"tax.csv": "credit_code,year,tax\nX,2024,1\n",
	})
	expect(t, "codes", columnOf(got, "credit_code"), []string{"A", "B", "C", "A", "F"})
	sameNumbers(t, "tax", numbersOf(got, "tax"), []float64{20000, 0, 0, 30000, 12})
	sameNumbers(t, "refund", numbersOf(got, "refund"), []float64{.5, .5, .5, .5, .5})
	a := got.Account
	if a.Read != 6 || a.Filtered != 2 || len(a.Rejects) != 1 || a.Rejects[0].Reason != NotANumber || a.Rejects[0].Column != "tax" {
		t.Errorf("read %d, filtered %d, rejects %v", a.Read, a.Filtered, a.Rejects)
	}
	if len(a.Ignored) != 1 || a.Ignored[0] != "别的" {
		t.Errorf("ignored %q", a.Ignored)
	}
	if n := a.Files[1].Note; !strings.Contains(n, "does not want: 2") {
		t.Errorf("the second file's note is %q", n)
	}
}

func TestWhatTheMappingAsksForAndAFileHasNotIsToldWithItsPlace(t *testing.T) {
	head := "version: 1\ntables:\n  tax:\n    from: 税.csv\n    columns:\n      credit_code: 代码\n      year: {value: 2024}\n"
	for text, words := range map[string][]string{
		head + "      tax: {headers: [甲, 乙], unit: yuan}\n":       {`no header "甲" or "乙"`, "mapping.yaml:8", "optional: true"},
		head + "      tax: {headers: [税, 税额], unit: yuan}\n":      {`"税" and "税额" both mean tax`},
		head + "    where: [{header: 丙, present: true}]\n":        {`no header "丙"`},
		strings.Replace(head, "税.csv", "没有.csv", 1):               {"没有.csv is not there", "mapping.yaml:4"},
		strings.Replace(head, "税.csv", "'没有*.csv'", 1):            {"no file matches"},
		"version: 1\ncoordinates: gcj02\n":                        {"gcj02 are shifted", "ask for the layers in CGCS2000"},
		"version: 1\ntables: {tax: {from: 税.csv, columnz: {}}}\n": {"columnz"},
	} {
		f, err := mappedFolder(t, map[string]string{"mapping.yaml": text, "税.csv": "代码,税,税额\nA,1,2\n"})
		if err == nil {
			_, err = All(context.Background(), f, table.Tax, 2)
		}
		for _, w := range words {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s\n%v does not say %q", text, err, w)
			}
		}
	}
}

func TestCellsAreTranslatedPaddedAndDatedAsTheMappingSays(t *testing.T) {
	got := mappedTable(t, table.Enterprises, map[string]string{
		"mapping.yaml": `version: 1
sentinel_dates: [1901-01-01]
tables:
  enterprises:
    columns:
      credit_code: 代码
      zone_code: {header: 区, prefixes: {KFQ-: ZJ-}, otherwise: 其他, empty: 无}
      industry: {header: 行业, pad_zeros: 4}
      high_tech: {header: 高企, values: {高新: true}, empty: false}
      production_on: {header: 投产, format: "%Y年%m月", day: last}
`,
		"enterprises.csv": "代码,name,区,行业,高企,投产,registered_on\nA,甲,KFQ-,131,高新,2024年2月,2020-01-02\nB,乙,x,,,,1901-01-01\nC,丙,,2011,是,2023年12月,\n",
	})
	expect(t, "zones", columnOf(got, "zone_code"), []string{"ZJ-", "其他", "无"})
	expect(t, "industries", columnOf(got, "industry"), []string{"0131", "∅", "2011"})
	expect(t, "high tech", columnOf(got, "high_tech"), []string{"true", "false", "true"})
	expect(t, "dates", columnOf(got, "production_on"), []string{"2024-02-29", "∅", "2023-12-31"})
	expect(t, "sentinels", columnOf(got, "registered_on"), []string{"2020-01-02", "∅", "∅"})
}

func TestAJoinTakesWhatBelongsToEachRowWhateverTheirOrder(t *testing.T) {
	m := `version: 1
tables:
  output:
    from: 企业.csv
    columns: {credit_code: 代码, year: {value: 2024}}
    join:
      - file: 明细.csv
        on: {企业代码: 代码, 期: 期}
        where: [{header: 状态, not: 作废}]
        columns:
          output: {header: 产值, unit: yuan, take: sum}
          sales: {header: 产值, unit: yuan, take: max}
          profit: {header: 产值, unit: wan_yuan, take: min}
          rd: {header: 研发, unit: wan_yuan, take: mode}
          employees: {header: 人, take: count}
      - file: 明细.csv
        on: {企业代码: 代码, 期: 期}
        distinct_by: [研发]
        columns:
          value_added: {header: 产值, unit: wan_yuan, take: sum}
`
	lines := []string{"A,1,0.1,3,x,", "A,1,0.2,3,,", "A,1,0.3,7,y,", "A,1,1000,9,,作废", "A,2,1e9,9,,", "Z,1,5,5,,", ",1,7,7,,", "B, 1,12.5万元,,,"}
	for range 6 {
		rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		got := mappedTable(t, table.Output, map[string]string{
			"mapping.yaml": m, "企业.csv": "代码,期\nA,1\nB,1\nC,1\n",
			"明细.csv": "企业代码,期,产值,研发,人,状态\n" + strings.Join(lines, "\n") + "\n",
		})
		sameNumbers(t, "sum", numbersOf(got, "output"), []float64{0.00006, 12.5, 0})
		sameNumbers(t, "max", numbersOf(got, "sales"), []float64{0.00003, 12.5, 0})
		sameNumbers(t, "min", numbersOf(got, "profit"), []float64{0.1, 12.5, 0})
		sameNumbers(t, "mode", numbersOf(got, "rd"), []float64{3, 0, 0})
		sameNumbers(t, "count", numbersOf(got, "employees"), []float64{2, 0, 0})
		sameNumbers(t, "distinct", numbersOf(got, "value_added"), []float64{1000.4, 12.5, 0})
		j := got.Account.Joined[0]
		if j.Keys != 4 || j.Keyless.Rows != 1 || len(j.Unmatched) != 2 || j.Unmatched[0].Key != "A/2" || j.Unmatched[1].Key != "Z/1" {
			t.Fatalf("%+v", j)
		}
	}
}

func TestOfSumsApartTheLargestIsTakenWhateverTheRowsOrder(t *testing.T) {
	const m = `version: 1
tables:
  output:
    from: 企业.csv
    columns: {credit_code: 代码, year: {value: 2024}}
    join:
      - file: 明细.csv
        on: 代码
        distinct_by: [处, 产值]
        columns:
          output:
            header: 产值
            unit: wan_yuan
            take: sum
            largest_of:
              - [{header: 类, equals: 总}]
              - [{header: 类, in: [分, 零]}]
          sales: {header: 产值, unit: wan_yuan, take: max}
`
	// A: the whole is more than its parts; B: one part is told twice at one place, and the
	// parts are more; C has no whole; D only what no part takes; E a cell that cannot be
	// read in the part that is less; F a whole and a part alike, which are not one row.
	lines := []string{"A,总,x,10", "A,分,1,4", "A,分,2,4", "B,总,x,5", "B,分,1,3", "B,分,1,3", "B,零,2,3", "C,分,1,2", "D,别,1,9", "E,总,x,1", "E,分,1,两",
		"F,总,x,3", "F,分,x,3", "F,分,y,1", "Z,分,1,7", "Z,总,x,6", "Z,别,x,8", ",总,x,2", ",分,1,1", "Y,分,1,", "X,分,1"}
	for range 6 {
		rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		got := mappedTable(t, table.Output, map[string]string{
			"mapping.yaml": m, "企业.csv": "代码\nA\nB\nC\nD\nE\nF\nG\n", "明细.csv": "代码,类,处,产值\n" + strings.Join(lines, "\n") + "\n",
		})
		sameNumbers(t, "largest sum", numbersOf(got, "output"), []float64{10, 6, 2, 0, 4, 0})
		if r := got.Account.Rejects; len(r) != 1 || r[0].Reason != NotANumber || r[0].Value != "两" || r[0].Key != "E/2024" {
			t.Errorf("rejects %+v", r)
		}
		j := got.Account.Joined[0]
		if fmt.Sprint(j.Unmatched) != "[{Y 1 []} {Z 3 [output=7 wan_yuan sales=8 wan_yuan]}]" || fmt.Sprint(j.Keyless) != "{ 2 [output=2 wan_yuan sales=2 wan_yuan]}" {
			t.Errorf("%v, %v", j.Unmatched, j.Keyless)
		}
		if j.Rows != 21 || j.Faulty != 1 || j.Keys != 8 || j.From != "明细.csv" {
			t.Errorf("%+v", j)
		}
		for _, c := range got.Account.Columns {
			if c.Column == "output" && (c.How != "largest of 2 sums" || c.Header != "产值") {
				t.Errorf("%+v", c)
			}
		}
	}
}

func TestJoinsOfTheSameRowsAreAccountedForOnce(t *testing.T) {
	got := mappedTable(t, table.Output, map[string]string{
		"mapping.yaml": `version: 1
tables:
  output:
    from: 企业.csv
    columns: {credit_code: 代码, year: {value: 2024}}
    join:
      - {file: 明细.csv, on: 代码, columns: {output: {header: 产值, unit: wan_yuan, take: sum}}}
      - {file: 明细.csv, on: 代码, distinct_by: [产值], columns: {sales: {header: 产值, unit: wan_yuan, take: sum}}}
      - {file: 明细.csv, on: 代码, where: [{header: 产值, not: "1"}], columns: {profit: {header: 产值, unit: wan_yuan, take: sum}}}
`,
		"企业.csv": "代码\nA\n", "明细.csv": "代码,产值\nA,1\nA,2\nB,2\nB,2\nB,1\n",
	})
	want := "[{B 3 [output=5 wan_yuan sales=3 wan_yuan]}] [{B 2 [profit=4 wan_yuan]}]"
	if j := got.Account.Joined; len(j) != 2 || fmt.Sprint(j[0].Unmatched, j[1].Unmatched) != want {
		t.Errorf("%+v, want %s", j, want)
	}
	var files []string
	for _, f := range got.Account.Files {
		files = append(files, fmt.Sprint(f.Name, " ", f.Rows, " ", f.Note))
	}
	if want := []string{"企业.csv 1 ", `明细.csv 5 joined on: 2 keys, 1 of them without a row of the table (["B"])`,
		`明细.csv 3 rows that the mapping does not want: 2; joined on: 2 keys, 1 of them without a row of the table (["B"])`}; !slices.Equal(files, want) {
		t.Errorf("%q, want %q", files, want)
	}
}

func TestARowIsRejectedWhenWhatItTakesCannotBeRead(t *testing.T) {
	got := mappedTable(t, table.Output, map[string]string{
		"mapping.yaml": `version: 1
tables:
  output:
    columns: {credit_code: 代码, year: {value: 2024}}
    join: [{file: 明细.csv, on: 代码, columns: {output: {header: 产值, unit: wan_yuan, take: sum}}}]
`,
		"output.csv": "代码\nA\nB\n", "明细.csv": "代码,产值\nA,1\nB,约三万\nB,2\n",
	})
	if r := got.Account.Rejects; len(r) != 1 || r[0].Reason != NotANumber || r[0].Value != "约三万" || r[0].Key != "B/2024" {
		t.Errorf("rejects %+v", r)
	}
}

func TestParcelCodesMustHaveTheNationalFormWhereTheMappingIsStrict(t *testing.T) {
	square := `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`
	feature := func(code string) string {
		return `{"type":"Feature","properties":{"parcel_code":"` + code + `","land_use":"0601","land_use_standard":"YDYH-2023"},"geometry":` + square + `}`
	}
	got := mappedTable(t, table.Parcels, map[string]string{
		"mapping.yaml": "version: 1\nstrict_codes: true\n",
		"parcels.geojson": `{"type":"FeatureCollection","features":[` + feature("330102001001GB00001") + ",\n" + feature("330102001001GB00001F00010001") + ",\n" +
			feature("P1") + "]}",
	})
	if r := got.Account.Rejects; rowsOf(got) != 2 || len(r) != 1 || r[0].Reason != CodeForm || r[0].Key != "P1" && r[0].Key != "" {
		t.Errorf("%d rows, rejects %+v", rowsOf(got), r)
	}
}

func TestALayerThatLiesElsewhereThanItsCheckPointStopsTheReading(t *testing.T) {
	layer := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"zone_code":"Z","name":"z"},"geometry":{"type":"Polygon","coordinates":[[[120,30],[120.01,30],[120.01,30.01],[120,30.01],[120,30]]]}}]}`
	for point, words := range map[string]string{
		"key: Z, lon: 120.005, lat: 30.005": "", "lon: 120, lat: 29.99997": "", "key: Z, lon: 120.005, lat: 29.9955": "zones Z is 500 m from the place",
		"lon: 120.005, lat: 29.9955": "looks shifted, as GCJ-02 is", "key: Y, lon: 120.005, lat: 30.005": "no usable row of zones Y", "lon: 0, lat: 30.005": "really in",
	} {
		f, err := mappedFolder(t, map[string]string{"zones.geojson": layer, "mapping.yaml": "version: 1\ncheck_points: [{table: zones, " + point + "}]\n"})
		if err == nil {
			_, err = All(context.Background(), f, table.Zones, 2)
		}
		if (err == nil) != (words == "") || err != nil && !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", point, err, words)
		}
	}
}

func TestTheDatasetsOwnCodesAreReadFromItsFile(t *testing.T) {
	files := map[string]string{
		"mapping.yaml": `version: 1
code_tables:
  - {standard: own, inline: {"1": industry, "2": {mix_class: other, mix_class_wide: public}}}
  - {standard: older, file: 码.csv, columns: {code: {header: 码, pad_zeros: 3}, mix_class: {header: 类, values: {工业: industry}, otherwise: other}}}
`,
		"码.csv": "码,类,注\n1,工业,\n020,农田,\n,,\n",
	}
	f, err := mappedFolder(t, files)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.CodeTables(context.Background())
	if err != nil || len(got) != 2 {
		t.Fatalf("%d tables, %v", len(got), err)
	}
	one, _ := got[1].Find("001")
	two, ok := got[1].Find("0205")
	own, _ := got[0].Find("2")
	if one.Strict.String() != "industry" || !ok || two.Wide.String() != "other" || own.Wide.String() != "public" || own.Strict.String() != "other" {
		t.Errorf("%+v %+v %+v", one, two, own)
	}
	files["码.csv"] = "码,类\n1,工业\n001,农田\n"
	if f, err = mappedFolder(t, files); err == nil {
		_, err = f.CodeTables(context.Background())
	}
	if err == nil || !strings.Contains(err.Error(), "code 001 of older stands twice") {
		t.Errorf("%v", err)
	}
}

func TestAYearInAnotherUnitStopsTheReading(t *testing.T) {
	year := func(factor int) string {
		text := "credit_code,sales,profit\n"
		for i := range 9 {
			text += fmt.Sprintf("E%d,%d,%d\n", i, (100+7*i)*factor, 5+i)
		}
		return text
	}
	for factor, stops := range map[int]bool{1: false, 2: false, 1000: false, 10000: true, 9000: true} {
		f, err := mappedFolder(t, map[string]string{"output_2023.csv": year(1), "output_2024.csv": year(factor)})
		if err == nil {
			_, err = All(context.Background(), f, table.Output, 2)
		}
		if (err != nil) != stops || stops && !strings.Contains(err.Error(), "column sales: the median of output_2023.csv is about 12") {
			t.Errorf("%d times: %v", factor, err)
		}
	}
}

func TestEveryColumnTellsWhereItCameFrom(t *testing.T) {
	got := mappedTable(t, table.Tax, map[string]string{
		"mapping.yaml": "version: 1\ntables:\n  tax:\n    columns: {tax: {header: 合计, unit: yuan}, refund: {value: \"0\"}}\n" +
			"    join: [{file: 增值.csv, on: credit_code, columns: {vat: {header: 税（元）, take: sum}}}]\n",
		"tax_2023.csv": "credit_code,合计,企业所得税（元）\nA,1,2\n", "增值.csv": "credit_code,税（元）\nA,5\n",
	})
	var lines []string
	for _, c := range got.Account.Columns {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", c.Column, got.Account.Files[c.File].Name, c.Header, c.How, c.Unit))
	}
	expect(t, "columns", lines, []string{
		"credit_code tax_2023.csv credit_code  ", "year tax_2023.csv 2023 name ", "tax tax_2023.csv 合计  yuan", "income tax_2023.csv 企业所得税（元）  yuan",
		"refund tax_2023.csv 0 constant wan_yuan", "vat 增值.csv 税（元） sum yuan",
	})
}

func TestCambridgeAsTheCityHandedItOverIsWhatItsTablesSay(t *testing.T) {
	dir := t.TempDir()
	m, err := os.ReadFile("../../datasets/cambridge/source/mapping.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mapping.yaml"), m, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"neighbourhoods_source.geojson", "parcels_source.geojson", "tax_source.csv", "water_source.geojson"} {
		unpack(t, "../../datasets/cambridge/source/"+name+".gz", filepath.Join(dir, name))
	}
	source, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	mapped := usesOf(t, source)
	corner := t.TempDir()
	for _, name := range []string{"zones.geojson", "parcels.geojson"} {
		unpack(t, "../../datasets/cambridge/"+name+".gz", filepath.Join(corner, name))
	}
	canonical, err := OpenFolder(corner)
	if err != nil {
		t.Fatal(err)
	}
	own, err := source.CodeTables(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	known, compared := codes.Shipped().With(own...), 0
	for code, want := range usesOf(t, canonical) {
		got, ok := mapped[code]
		for _, one := range []*usage{&got, &want} { // the tables' codes are of another standard
			if e, ok := known.LandUse(one.standard, one.use); ok != (one.use != "") {
				t.Errorf("%s: %s has no code %s", code, one.standard, one.use)
			} else {
				one.use = e.Strict.String()
			}
		}
		if !ok || got.use != want.use || math.Abs(got.area-want.area) > 0.0005+1e-9 { // the tables have three decimals
			t.Errorf("%s: %+v, want %+v", code, got, want)
		}
		compared++
	}
	if compared < 600 {
		t.Errorf("only %d parcels compared", compared)
	}
}

type usage struct {
	standard, use string
	area          float64
}

// usesOf are the uses and recorded areas of parcels by their code.
func usesOf(t *testing.T, f *Folder) map[string]usage {
	t.Helper()
	got, err := All(context.Background(), f, table.Parcels, 2)
	if err != nil {
		t.Fatal(err)
	}
	uses := map[string]usage{}
	for _, b := range got.Batches {
		code, use, area := b.Text("parcel_code"), b.Text("land_use"), b.Numbers("recorded_area", unit.SquareMetre)
		standard := b.Text("land_use_standard")
		for i := range b.Rows() {
			one := usage{}
			if !use.IsNull(i) {
				one.use, one.standard = use.Value(i), standard.Value(i)
			}
			if !area.IsNull(i) {
				one.area = area.Value(i)
			}
			uses[code.Value(i)] = one
		}
	}
	return uses
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	packed, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
