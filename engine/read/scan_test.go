package read

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/muscope-gis/muscope/engine/read/canon"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// folder writes files and opens them as a dataset.
func folder(t testing.TB, files map[string]string) *Folder {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// scanAll reads a table of one file or more.
func scanAll(f *Folder, name string, workers int) (*Table, error) {
	return All(context.Background(), f, name, workers)
}

func mustScan(t testing.TB, name string, files map[string]string) *Table {
	t.Helper()
	got, err := scanAll(folder(t, files), name, 2)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(rowsOf(got) + len(got.Account.Rejects)); n != got.Account.Read {
		t.Fatalf("%s: %d rows and rejects, but %d were read", name, n, got.Account.Read)
	}
	return got
}

// rowsOf is the number of a table's usable rows.
func rowsOf(tab *Table) int {
	n := 0
	for _, b := range tab.Batches {
		n += b.Rows()
	}
	return n
}

// text is a table's rows as canonical text, a cell null or not, in the order read.
func text(tab *Table) [][]string {
	var out [][]string
	for _, b := range tab.Batches {
		for row := range b.Rows() {
			var cells []string
			for c := range b.Schema.Fields {
				v, ok := canon.AppendCell(nil, b, c, row)
				if !ok {
					v = []byte("∅")
				}
				cells = append(cells, string(v))
			}
			out = append(out, cells)
		}
	}
	return out
}

// columnOf is one column of a table's rows as canonical text.
func columnOf(tab *Table, name string) []string {
	var out []string
	for _, row := range text(tab) {
		out = append(out, row[tab.Schema.Index(name)])
	}
	return out
}

// faults are a table's rejects, a line each.
func faults(a *Account) []string {
	var out []string
	for _, r := range a.Rejects {
		out = append(out, fmt.Sprintf("%s:%d key=%s column=%s value=%s %s", a.Files[r.File].Name, r.Row, r.Key, r.Column, r.Value, r.Reason))
	}
	return out
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const code1, code2 = "914403001922038216", "91420100MA4KX12325"

func TestChineseHeadersAndUnitsFindTheirColumns(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "统一社会信用代码,年度,税收（元）, 增值税(亿元) ,城建税（万元）,备注\n" +
		code1 + ",2024年,\"1,234,500\",0.5,７,x\n"})
	expect(t, "codes", columnOf(got, "credit_code"), []string{code1})
	expect(t, "years", columnOf(got, "year"), []string{"2024"})
	expect(t, "tax in 万元", columnOf(got, "tax"), []string{"123.45"})
	expect(t, "vat in 万元", columnOf(got, "vat"), []string{"5000"})
	expect(t, "city maintenance", columnOf(got, "city_maintenance"), []string{"7"})
	expect(t, "ignored", got.Account.Ignored, []string{"备注"})
}

func TestEveryFaultOfACellIsARejectWithItsPlace(t *testing.T) {
	got := mustScan(t, "enterprises", map[string]string{"enterprises.csv": "credit_code,name,above_scale,registered_on,lon\n" +
		code1 + ",甲,1,2020-01-01,114.3\n" +
		"9.14403E+17,乙,1,2020-01-01,114.3\n" +
		",丙,1,2020-01-01,114.3\n" +
		"A1,,1,2020-01-01,114.3\n" +
		"A2,丁,perhaps,2020-01-01,114.3\n" +
		"A3,戊,1,2020-02-30,114.3\n" +
		"A4,己,1,2020-01-01,东经114度\n" +
		"A5,庚,perhaps,2020-02-30,x\n" +
		"A6,辛\n" +
		"A7,壬,1,2020-01-01,114.3,more\n" +
		"A8,癸,1,2020-01-01,114.3, ,\n"})
	expect(t, "used", columnOf(got, "credit_code"), []string{code1, "A8"})
	expect(t, "rejects", faults(got.Account), []string{
		"enterprises.csv:3 key= column=credit_code value=9.14403E+17 code_is_number",
		"enterprises.csv:4 key= column=credit_code value= missing_value",
		"enterprises.csv:5 key=A1 column=name value= missing_value",
		"enterprises.csv:6 key=A2 column=above_scale value=perhaps not_a_boolean",
		"enterprises.csv:7 key=A3 column=registered_on value=2020-02-30 not_a_date",
		"enterprises.csv:8 key=A4 column=lon value=东经114度 not_a_number",
		"enterprises.csv:9 key=A5 column=above_scale value=perhaps not_a_boolean",
		"enterprises.csv:10 key=A6 column= value=2 of 5 cells short_row",
		"enterprises.csv:11 key=A7 column= value=more long_row",
	})
}

func TestTheFirstFaultByColumnIsTheReasonWhateverTheHeadersOrder(t *testing.T) {
	for _, file := range []string{
		"credit_code,name,above_scale,lon\nA,,x,y\n", "lon,above_scale,name,credit_code\ny,x,,A\n",
	} {
		got := mustScan(t, "enterprises", map[string]string{"enterprises.csv": file})
		expect(t, "rejects", faults(got.Account), []string{"enterprises.csv:2 key=A column=name value= missing_value"})
	}
}

func TestLinesAreCountedThroughQuotedLineBreaks(t *testing.T) {
	got := mustScan(t, "enterprises", map[string]string{
		"enterprises.csv": "credit_code,name\r\nA,\"甲\r\n乙\"\r\n\r\n,丙\r\nB,丁\r\n"})
	expect(t, "used", columnOf(got, "credit_code"), []string{"A", "B"})
	expect(t, "rejects", faults(got.Account), []string{"enterprises.csv:5 key= column=credit_code value= missing_value"})
	if _, row := got.Batches[0].Place(1); row != 6 {
		t.Errorf("B stands at line %d, want 6", row)
	}
}

func TestGB18030IsReadAndSaidSoAndUTF8IsNot(t *testing.T) {
	const utf8 = "统一社会信用代码,企业名称\nA,池州市㐀化工有限公司\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(utf8)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ text, note string }{
		"UTF-8":                {utf8, ""},
		"UTF-8 with BOM":       {"\uFEFF" + utf8, ""},
		"GB18030":              {gb, "not UTF-8: read as GB18030"},
		"GB18030 with its BOM": {"\x84\x31\x95\x33" + gb, "not UTF-8: read as GB18030"},
		"GB18030 with CRLF":    {strings.ReplaceAll(gb, "\n", "\r\n"), "not UTF-8: read as GB18030"},
	} {
		got := mustScan(t, "enterprises", map[string]string{"enterprises.csv": c.text})
		expect(t, name, columnOf(got, "name"), []string{"池州市㐀化工有限公司"})
		if note := got.Account.Files[0].Note; note != c.note {
			t.Errorf("%s: note %q, want %q", name, note, c.note)
		}
	}
}

func TestYearlyFilesTakeTheYearOfTheirNameWhereNoneStands(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{
		"tax_2023.csv": "credit_code,tax\nA,1\n",
		"tax_2024.csv": "credit_code,year,tax\nA,,2\nB,2022,3\nC,soon,4\n",
	})
	expect(t, "years", columnOf(got, "year"), []string{"2023", "2024", "2022"})
	expect(t, "rejects", faults(got.Account), []string{"tax_2024.csv:4 key=C/ column=year value=soon not_an_integer"})
	if file, row := got.Batches[1].Place(1); file != 1 || row != 3 {
		t.Errorf("B was read at file %d line %d, want file 1 line 3", file, row)
	}
}

func TestOnlyYearlyTablesComeAsOneFileAYear(t *testing.T) {
	f := folder(t, map[string]string{"tax_2023.csv": "", "enterprises_2023.csv": "", "tax_23.csv": "", "tax_0024.csv": "", "tax_x.csv": ""})
	if !f.Has("tax") || f.Has("enterprises") {
		t.Errorf("tax %t, enterprises %t", f.Has("tax"), f.Has("enterprises"))
	}
	expect(t, "unused", f.UnusedFiles(), []string{"enterprises_2023.csv", "tax_0024.csv", "tax_23.csv", "tax_x.csv"})
}

func TestCreditCodesAreNormalisedAndOtherCodesAreNot(t *testing.T) {
	got := mustScan(t, "tenancies", map[string]string{
		"tenancies.csv": "credit_code,parcel_code,kind\n９１４２０１００ma4kx12325,gb００１,owned\n"})
	expect(t, "credit code", columnOf(got, "credit_code"), []string{code2})
	expect(t, "parcel code", columnOf(got, "parcel_code"), []string{"gb００１"})
}

func TestAValueOutsideTheListIsARejectThatShowsIt(t *testing.T) {
	got := mustScan(t, "tenancies", map[string]string{
		"tenancies.csv": "credit_code,parcel_code,kind\nA,P,Owned\nA,P,owned\n"})
	expect(t, "rejects", faults(got.Account), []string{"tenancies.csv:2 key=A/P/ column=kind value=Owned unknown_value"})
}

func TestLongValuesAreCutWhereTheyAreShown(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,tax\nA,2024,\"" + strings.Repeat("税\n", 100) + "\"\n"})
	value := got.Account.Rejects[0].Value
	if n := len([]rune(value)); n != 80 || !strings.HasSuffix(value, "…") || strings.ContainsAny(value, "\r\n") {
		t.Errorf("%d characters: %q", n, value)
	}
}

const square = `{"type":"Polygon","coordinates":[[[114.3,30.6],[114.301,30.6],[114.301,30.601],[114.3,30.601],[114.3,30.6]]]}`

func parcel(geometry, properties string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":` + geometry + `}`
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

func TestGeoJSONNumbersAreNoCodesButTextAndIDs(t *testing.T) {
	good := parcel(square, `"parcel_code":"P1","land_use":"1001","land_use_standard":"YDYH-2023","holder_name":12,"standard_land":true,"recorded_area":1.5e3,"tags":["a"]`)
	got := mustScan(t, "parcels", map[string]string{"parcels.geojson": collection(good,
		parcel(square, `"parcel_code":7,"land_use":"1001","land_use_standard":"YDYH-2023"`),
		parcel(square, `"parcel_code":"P3","land_use":1001,"land_use_standard":"YDYH-2023"`),
		parcel(square, `"parcel_code":"P4","land_use":null,"land_use_standard":"","recorded_area":"1,500"`),
	)})
	expect(t, "codes", columnOf(got, "parcel_code"), []string{"P1", "P4"})
	expect(t, "areas", columnOf(got, "recorded_area"), []string{"1500", "1500"})
	expect(t, "names", columnOf(got, "holder_name"), []string{"12", "∅"})
	expect(t, "tags", columnOf(got, "tags"), []string{`["a"]`, "∅"})
	expect(t, "land use", columnOf(got, "land_use"), []string{"1001", "∅"})
	expect(t, "rejects", faults(got.Account), []string{
		"parcels.geojson:2 key= column=parcel_code value=7 code_is_number",
		"parcels.geojson:3 key=P3 column=land_use value=1001 code_is_number",
	})
	lines := mustScan(t, "control_lines", map[string]string{
		"control_lines.geojson": collection(parcel(`{"type":"Point","coordinates":[114,30]}`, `"feature_id":17,"kind":"river"`))})
	expect(t, "ids", columnOf(lines, "feature_id"), []string{"17"})
}

func TestTwoPropertiesOfOneMeaningAreRefused(t *testing.T) {
	for _, features := range []string{
		collection(parcel(square, `"parcel_code":"P1","land_use":"1001","land_use_standard":"x","宗地代码":"P2"`)),
		collection(parcel(square, `"parcel_code":"P1","land_use":"1001","land_use_standard":"x"`), parcel(square, `"宗地代码":"P2"`)),
	} {
		_, err := scanAll(folder(t, map[string]string{"parcels.geojson": features}), "parcels", 2)
		if err == nil || !strings.Contains(err.Error(), `"parcel_code" and "宗地代码" both mean parcel_code`) {
			t.Errorf("%v", err)
		}
	}
}

func TestManyWorkersReadTheSameAsOne(t *testing.T) {
	var features []string
	for i := range 20_000 {
		features = append(features, parcel(square, fmt.Sprintf(`"parcel_code":"P%05d","land_use":%q,"land_use_standard":"YDYH-2023","recorded_area":%q`,
			i, []string{"1001", "0701"}[i%2], []string{"1", "x"}[i%7/6])))
	}
	f := folder(t, map[string]string{"parcels.geojson": collection(features...)})
	one, err := scanAll(f, "parcels", 1)
	if err != nil {
		t.Fatal(err)
	}
	four, err := scanAll(f, "parcels", 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Batches) < 2 {
		t.Fatalf("%d batches: too small a file to tell", len(one.Batches))
	}
	if !slices.EqualFunc(text(one), text(four), slices.Equal[[]string]) {
		t.Error("four workers read other rows than one, or in another order")
	}
	expect(t, "rejects", faults(four.Account), faults(one.Account))
}

// parquetFile writes columns as a Parquet file, a layer when geometry is named.
func parquetFile(t *testing.T, path, geometry string, fields []arrow.Field, fill func(b *array.RecordBuilder)) {
	t.Helper()
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	fill(b)
	rec := b.NewRecord()
	defer rec.Release()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	var w *geoparquet.Writer
	if geometry != "" {
		w, err = geoparquet.NewWriter(out, schema, geometry, nil, geoparquet.Options{RowGroupRows: 2})
	} else {
		w, err = geoparquet.NewPlainWriter(out, schema, geoparquet.Options{RowGroupRows: 2})
	}
	if err == nil {
		err = w.Write(rec)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestParquetColumnsOfEveryTypeAreRead(t *testing.T) {
	dir := t.TempDir()
	parquetFile(t, filepath.Join(dir, "enterprises.parquet"), "", []arrow.Field{
		{Name: "credit_code", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "above_scale", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "registered_on", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "production_on", Type: arrow.FixedWidthTypes.Timestamp_ms, Nullable: true},
		{Name: "lon", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "lat", Type: arrow.PrimitiveTypes.Float32, Nullable: true},
		{Name: "high_tech", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
	}, func(b *array.RecordBuilder) {
		day, _ := unit.ParseDate("2020-02-29")
		b.Field(0).(*array.StringBuilder).AppendValues([]string{code1, "a１", ""}, []bool{true, true, true})
		b.Field(1).(*array.StringBuilder).AppendValues([]string{"甲", "乙", "丙"}, nil)
		b.Field(2).(*array.BooleanBuilder).AppendValues([]bool{true, false, true}, []bool{true, false, true})
		b.Field(3).(*array.Date32Builder).AppendValues([]arrow.Date32{arrow.Date32(day), 0, 0}, []bool{true, false, false})
		b.Field(4).(*array.TimestampBuilder).AppendValues([]arrow.Timestamp{arrow.Timestamp(int64(day)*86_400_000 + 86_399_999), -1, 0}, nil)
		b.Field(5).(*array.Float64Builder).AppendValues([]float64{114.3, math.NaN(), 1}, nil)
		b.Field(6).(*array.Float32Builder).AppendValues([]float32{30.5, 1, 2}, nil)
		b.Field(7).(*array.Int8Builder).AppendValues([]int8{1, 0, 2}, nil)
	})
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := scanAll(f, "enterprises", 2)
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]string{
		"credit_code": code1, "name": "甲", "above_scale": "true", "registered_on": "2020-02-29", "production_on": "2020-02-29",
		"lon": "114.3", "lat": "30.5", "high_tech": "true",
	} {
		expect(t, column, columnOf(got, column), []string{want})
	}
	expect(t, "rejects", faults(got.Account), []string{
		"enterprises.parquet:2 key=A1 column=lon value=NaN not_a_number",
		"enterprises.parquet:3 key= column=credit_code value= missing_value",
	})
}

func TestACodeStoredAsANumberInParquetIsRefused(t *testing.T) {
	dir := t.TempDir()
	parquetFile(t, filepath.Join(dir, "tax.parquet"), "", []arrow.Field{
		{Name: "credit_code", Type: arrow.PrimitiveTypes.Int64}, {Name: "year", Type: arrow.PrimitiveTypes.Int64},
	}, func(b *array.RecordBuilder) {
		b.Field(0).(*array.Int64Builder).Append(914403001922038216)
		b.Field(1).(*array.Int64Builder).Append(2024)
	})
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = scanAll(f, "tax", 1)
	if err == nil || !strings.Contains(err.Error(), "column credit_code is int64, but a code is text") {
		t.Errorf("%v", err)
	}
}

func TestGeoParquetAndGeoJSONGiveTheSameRows(t *testing.T) {
	var shape wkb.Geometry
	shape.Reset(wkb.Polygon)
	shape.XY = append(shape.XY, 114.3, 30.6, 114.301, 30.6, 114.301, 30.601, 114.3, 30.601, 114.3, 30.6)
	shape.EndRing()
	shape.EndPart()
	dir := t.TempDir()
	parquetFile(t, filepath.Join(dir, "parcels.parquet"), "shape", []arrow.Field{
		{Name: "宗地代码", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "shape", Type: arrow.BinaryTypes.Binary, Nullable: true},
		{Name: "land_use", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "land_use_standard", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "登记面积（亩）", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	}, func(b *array.RecordBuilder) {
		for i, code := range []string{"P1", "P2", "P3"} {
			b.Field(0).(*array.StringBuilder).Append(code)
			if i == 1 {
				b.Field(1).AppendNull()
			} else {
				b.Field(1).(*array.BinaryBuilder).Append(shape.Append(nil))
			}
			b.Field(2).(*array.StringBuilder).Append("1001")
			b.Field(3).(*array.StringBuilder).Append("YDYH-2023")
			b.Field(4).(*array.Float64Builder).Append(1.5)
		}
	})
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	parquet, err := scanAll(f, "parcels", 2)
	if err != nil {
		t.Fatal(err)
	}
	row := func(code, geometry string) string {
		return parcel(geometry, `"宗地代码":"`+code+`","land_use":"1001","land_use_standard":"YDYH-2023","登记面积（亩）":1.5`)
	}
	json := mustScan(t, "parcels", map[string]string{
		"parcels.geojson": collection(row("P1", square), row("P2", "null"), row("P3", square))})
	if !slices.EqualFunc(text(parquet), text(json), slices.Equal[[]string]) {
		t.Errorf("GeoParquet:\n%v\nGeoJSON:\n%v", text(parquet), text(json))
	}
	expect(t, "areas", columnOf(json, "recorded_area"), []string{"1000", "1000"})
	expect(t, "rejects", faults(parquet.Account), []string{"parcels.parquet:2 key=P2 column=geometry value= empty_geometry"})
	expect(t, "rejects", faults(json.Account), []string{"parcels.geojson:2 key=P2 column=geometry value= empty_geometry"})
}

func TestCancellingStopsTheReading(t *testing.T) {
	var file strings.Builder
	file.WriteString("credit_code,year\n")
	for i := range 3 * rowsPerBatch {
		fmt.Fprintf(&file, "%d,2024\n", i)
	}
	f := folder(t, map[string]string{"tax.csv": file.String(), "zones.geojson": collection()})
	ctx, cancel := context.WithCancel(context.Background())
	batches := 0
	_, err := f.Scan(ctx, table.MustInput("tax"), 1, func(int, table.Batch) error {
		batches++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || batches != 1 {
		t.Errorf("%v after %d batches, want context canceled after 1", err, batches)
	}
}
