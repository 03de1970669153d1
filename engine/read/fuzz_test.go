package read

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
)

// fuzzed scans bytes as one file of a table. Bytes that are no such file are an
// error on one line; of others every row is accounted for.
func fuzzed(t *testing.T, dir, file, name string, b []byte, workers int) {
	if err := os.WriteFile(filepath.Join(dir, file), b, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := All(context.Background(), f, name, workers)
	if err != nil {
		if !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), "\n") && !strings.ContainsRune(string(b), '\n') {
			t.Fatalf("the error does not name %s in a line: %v", file, err)
		}
		return
	}
	if n := int64(rowsOf(got) + len(got.Account.Rejects)); n != got.Account.Read {
		t.Fatalf("%d rows and rejects, but %d were read", n, got.Account.Read)
	}
	places := map[int64]bool{}
	take := func(file int32, row int64) {
		if file != 0 || row < 1 || places[row] {
			t.Fatalf("file %d row %d is no place, or stands twice", file, row)
		}
		places[row] = true
	}
	for _, r := range got.Account.Rejects {
		take(r.File, r.Row)
		if r.Reason == "" || strings.ContainsAny(r.Key+r.Value, "\r\n\x00\u202e\u2028") {
			t.Fatalf("reject %+v", r)
		}
	}
	for _, b := range got.Batches {
		for row := range b.Rows() {
			take(b.Place(row))
		}
		sound(t, b)
	}
	order, twice := Order(got.Schema, got.Batches, nil)
	if len(order)+len(twice) != rowsOf(got) {
		t.Fatalf("%d kept and %d doubles of %d rows", len(order), len(twice), rowsOf(got))
	}
}

// sound holds that no required cell is null, but for a code that a name stands
// for, and every number is finite and within its bounds.
func sound(t *testing.T, b table.Batch) {
	for c, f := range b.Schema.Fields {
		col := b.Record.Column(c)
		code, name, _ := b.Schema.StandIn()
		for row := range b.Rows() {
			if f.Required && col.IsNull(row) && (c != code || b.Record.Column(name).IsNull(row)) {
				t.Fatalf("%s is null in a usable row", f.Name)
			}
		}
		if a, ok := col.(*array.Float64); ok {
			for i := range a.Len() {
				if v := a.Value(i); a.IsValid(i) && !(math.Abs(v) <= min(most(f.Unit), math.MaxFloat64)) {
					t.Fatalf("%s is %v in a usable row", f.Name, v)
				}
			}
		}
	}
}

// FuzzCSV scans arbitrary bytes as tax.csv.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"credit_code,year,tax\nA,2024,1.5\nA,2024,1.5\n",
		"\uFEFF统一社会信用代码,年度,税收（万元）\r\nA,2024年,\"1,234\"\r\n\r\nB\r\n",
		"credit_code,year\n\"A\nB\",2024,,,\n9.1E+17,2024\n,\n",
		"\xcd\xb3\xd2\xbb\xc9\xe7\xbb\xe1\xd0\xc5\xd3\xc3\xb4\xfa\xc2\xeb,year\nA,2024\n", // 统一社会信用代码 in GB18030
		"credit_code,year,tax\nA,2024,1e308\nB,2024,\"\x00\"\nC,99999999999999999999,-\n",
		"credit_code,year,税收（亿元）\nA,2024,1.7e308\n",
		"credit_code,year,name\n,2024,甲\n,2024,甲\n甲,2024,\n,2024,\u200b\n\u202d9144 \u3000,2024,甲\n",
		"credit_code,credit_code,year\n", "", "\n\n", "\"", "a,b\n\"x\"y,z\n", "\uFEFF",
	} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, dir, "tax.csv", table.Tax, b, 1) })
}

// FuzzGeoJSONRows scans arbitrary bytes as parcels.geojson.
func FuzzGeoJSONRows(f *testing.F) {
	good := parcel(square, `"parcel_code":"P1","land_use":"1001","land_use_standard":"YDYH-2023"`)
	for _, s := range []string{
		collection(), collection(good), collection(good, good), collection(good)[:100],
		collection(parcel("null", `"parcel_code":1,"land_use":null,"land_use_standard":true`)),
		collection(parcel(`{"type":"Point","coordinates":[114,NaN]}`, `"宗地代码":"\ud83d","land_use":[],"land_use_standard":{}`)),
		collection(parcel(strings.ReplaceAll(square, "114.3", "528770"), `"parcel_code":"P","land_use":"1","land_use_standard":"x"`)),
		strings.Replace(collection(good), `"features"`, `"crs":{"type":"name","properties":{"name":"EPSG:4547"}},"features"`, 1),
		collection(parcel(square, `"parcel_code":"P","宗地代码":"Q","land_use":"","land_use_standard":""`)),
		collection(parcel(square, `"parcel_code":"P","登记面积（亿亩）":1,"land_use":"","land_use_standard":""`)),
		collection(parcel(square, `"parcel_code":"P","登记面积（km²）":1e307,"land_use":"","land_use_standard":""`)),
	} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, dir, "parcels.geojson", table.Parcels, b, 2) })
}

// FuzzTopoJSONRows scans arbitrary bytes as zones.topojson.
func FuzzTopoJSONRows(f *testing.F) {
	const arcs = `"arcs":[[[114.3,30.6],[114.4,30.6],[114.4,30.7],[114.3,30.6]]]`
	for _, s := range []string{
		`{"type":"Topology","objects":{"zones":{"type":"GeometryCollection","geometries":[{"type":"Polygon","arcs":[[0]],"properties":{"zone_code":"A","name":"a"}}]}},` + arcs + `}`,
		`{"type":"Topology","crs":{"properties":{"name":"EPSG:4547"}},"objects":{"x":{"type":"Polygon","arcs":[[-1]],"properties":{"zone_code":1,"开发区名称":"a"}}},` + arcs + `}`,
		`{"type":"Topology","transform":{"scale":[1e-5,1e-5],"translate":[114,30]},"objects":{"x":{"type":"MultiPolygon","arcs":[[[0]]]}},"arcs":[[[0,0],[9,0],[0,9]]]}`, `{"type":"Topology"}`,
	} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, dir, "zones.topojson", table.Zones, b, 1) })
}

// FuzzMappedRows scans arbitrary bytes as tax.csv and as a file that is joined on, by a
// mapping that does everything a mapping can with them.
func FuzzMappedRows(f *testing.F) {
	const m = "version: 1\nnull_words: [暂无]\nsentinel_dates: [1901-01-01]\ntables:\n  tax:\n    columns:\n      credit_code: {headers: [码, code], pad_zeros: 4, values: {甲: '0001'}}\n" +
		"      year: {header: 期, empty: 2024}\n      tax: {header: 税（元）, optional: true}\n      vat: {header: 增值, unit: yi_yuan, optional: true, null_words: ['-1']}\n      refund: {value: '5', unit: yuan}\n" +
		"    where: [{header: 期, not_in: [作废]}]\n    ignore: [备注]\n    join:\n      - file: 明细.csv\n        on: {码: 期}\n        where: [{header: 类, present: true}]\n        distinct_by: [类]\n" +
		"        columns: {income: {header: 额, unit: yuan, take: sum}, stamp: {header: 额, unit: yuan, take: mode}, name: {header: 类, take: first}}\n"
	for _, s := range [][2]string{
		{"码,期,税（元）,增值\n1,2024,10000,3亿\n甲,2023,暂无,-1\n2,作废,x,x\n3,,约三,\n", "码,类,额\n2024,a,1\n2024,a,1\n2023,b,x\n,c,2\n2024,,3\n"},
		{"code,期\n9.1E+17,2024\n", "码,额,类\n2024,1\n2024,1e300,a,b\n"}, {"码,code,期\n", "码,类,额\n"}, {"码,期\n1,2024,\n", ""}, {"期,码,增值税（元）\n\xff,\x00,1\n", "类,额,码\n\"\n"},
	} {
		f.Add([]byte(s[0]), []byte(s[1]))
	}
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mapping.yaml"), []byte(m), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, own, joined []byte) {
		for name, b := range map[string][]byte{"tax.csv": own, "明细.csv": joined} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		folder, err := OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		got, err := All(context.Background(), folder, table.Tax, 2)
		if err != nil {
			if !strings.Contains(err.Error(), ".csv") {
				t.Fatalf("the error names no file: %v", err)
			}
			return
		}
		if n := int64(rowsOf(got) + len(got.Account.Rejects)); n != got.Account.Read || got.Account.Filtered < 0 {
			t.Fatalf("%d rows and rejects, but %d were read", n, got.Account.Read)
		}
		for i, code := range columnOf(got, "credit_code") {
			if digits := strings.Trim(code, "0123456789") == ""; digits && len(code) < 4 {
				t.Fatalf("row %d has the code %q", i, code)
			}
		}
		for i := range got.Account.Joined {
			if j := &got.Account.Joined[i]; int(j.File) >= len(got.Account.Files) || int64(len(j.Unmatched)) > j.Keys {
				t.Fatalf("%+v", j)
			}
		}
	})
}
