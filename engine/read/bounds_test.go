package read

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/unit"
)

func TestDatesOfParquetOutsideTheCalendarAreRejected(t *testing.T) {
	dir := t.TempDir()
	parquetFile(t, filepath.Join(dir, "projects.parquet"), "", []arrow.Field{
		{Name: "project_code", Type: arrow.BinaryTypes.String}, {Name: "zone_code", Type: arrow.BinaryTypes.String},
		{Name: "signed_on", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "registered_on", Type: arrow.FixedWidthTypes.Date64, Nullable: true},
		{Name: "approved_on", Type: arrow.FixedWidthTypes.Timestamp_us, Nullable: true},
	}, func(b *array.RecordBuilder) {
		first, _ := unit.ParseDate("0001-01-01")
		last, _ := unit.ParseDate("9999-12-31")
		row := func(code string, date32 unit.Date, date64, micros int64) {
			b.Field(0).(*array.StringBuilder).Append(code)
			b.Field(1).(*array.StringBuilder).Append("Z1")
			b.Field(2).(*array.Date32Builder).Append(arrow.Date32(date32))
			b.Field(3).(*array.Date64Builder).Append(arrow.Date64(date64 * 86_400_000))
			b.Field(4).(*array.TimestampBuilder).Append(arrow.Timestamp(micros))
		}
		const day = 86_400_000_000
		row("first", first, int64(first), int64(first)*day)
		row("last", last, int64(last), int64(last)*day+day-1)
		row("before 1970", -1, -1, -1)
		row("A", first-1, 0, 0)
		row("B", last+1, 0, 0)
		row("C", 0, int64(last)+1, 0)
		row("D", 0, 0, int64(first)*day-1)
		row("E", 0, 0, math.MaxInt64)
	})
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := scanAll(f, "projects", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"signed_on", "registered_on", "approved_on"} {
		expect(t, column, columnOf(got, column), []string{"0001-01-01", "9999-12-31", "1969-12-31"})
	}
	want := []string{"A signed_on", "B signed_on", "C registered_on", "D approved_on", "E approved_on"}
	values := []string{"0000-12-31", "10000-01-01", "10000-01-01", "0000-12-31", "294247-01-10"}
	for i, r := range got.Account.Rejects {
		if i >= len(want) || r.Key+" "+r.Column != want[i] || r.Reason != NotADate || !strings.HasPrefix(r.Value, values[i]) {
			t.Errorf("reject %+v", r)
		}
	}
	if len(got.Account.Rejects) != len(want) {
		t.Errorf("%d rejects, want %d", len(got.Account.Rejects), len(want))
	}
}

func TestAmountsNoSuchThingHasAreRejectedByTheirUnit(t *testing.T) {
	got := mustScan(t, "parcels", map[string]string{"parcels.geojson": collection(
		parcel(square, `"parcel_code":"P1","land_use":"1","land_use_standard":"x","登记面积（km²）":1000000,"土地出让金（元）":9e12`),
		parcel(square, `"parcel_code":"P2","land_use":"1","land_use_standard":"x","登记面积（km²）":1000001`),
		parcel(square, `"parcel_code":"P3","land_use":"1","land_use_standard":"x","登记面积（km²）":-1000001`),
		parcel(square, `"parcel_code":"P4","land_use":"1","land_use_standard":"x","floor_area":1000000000001`),
		parcel(square, `"parcel_code":"P5","land_use":"1","land_use_standard":"x","土地出让金（元）":"9,000,000,010,000"`),
		parcel(square, `"parcel_code":"P6","land_use":"1","land_use_standard":"x","investment_total":1e300`))})
	expect(t, "areas", columnOf(got, "recorded_area"), []string{"1000000000000"})
	expect(t, "prices", columnOf(got, "land_price"), []string{"900000000"})
	expect(t, "rejects", faults(got.Account), []string{
		"parcels.geojson:2 key=P2 column=recorded_area value=1000001 out_of_range",
		"parcels.geojson:3 key=P3 column=recorded_area value=-1000001 out_of_range",
		"parcels.geojson:4 key=P4 column=floor_area value=1000000000001 out_of_range",
		"parcels.geojson:5 key=P5 column=land_price value=9,000,000,010,000 out_of_range",
		"parcels.geojson:6 key=P6 column=investment_total value=1e300 out_of_range",
	})
	energy := mustScan(t, "energy", map[string]string{"energy.csv": "credit_code,year,electricity\nA,2024,1e15\n"})
	expect(t, "kWh", columnOf(energy, "electricity"), []string{"1000000000000000"})
}

func TestAmountsOfParquetAreHeldToTheSameBounds(t *testing.T) {
	dir := t.TempDir()
	parquetFile(t, filepath.Join(dir, "tax.parquet"), "", []arrow.Field{
		{Name: "credit_code", Type: arrow.BinaryTypes.String}, {Name: "year", Type: arrow.PrimitiveTypes.Int64},
		{Name: "tax", Type: arrow.PrimitiveTypes.Float64}, {Name: "增值税（亿元）", Type: arrow.PrimitiveTypes.Int64},
	}, func(b *array.RecordBuilder) {
		for i, v := range []float64{9e8, 9.1e8, math.Inf(1), 1} {
			b.Field(0).(*array.StringBuilder).Append(string(rune('A' + i)))
			b.Field(1).(*array.Int64Builder).Append(2024)
			b.Field(2).(*array.Float64Builder).Append(v)
			b.Field(3).(*array.Int64Builder).Append(int64(30_000 * (i + 1)))
		}
	})
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := scanAll(f, "tax", 1)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "tax", columnOf(got, "tax"), []string{"900000000"})
	expect(t, "rejects", faults(got.Account), []string{
		"tax.parquet:2 key=B/2024 column=tax value=9.1e+08 out_of_range",
		"tax.parquet:3 key=C/2024 column=tax value=+Inf not_a_number",
		"tax.parquet:4 key=D/2024 column=vat value=120000 out_of_range",
	})
}

func TestYearsNobodyCanMeanAreRejected(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,tax\nA,1900,1\nB,2999年,1\nC,1899,1\nD,3000,1\nE,24,1\nF,20240630,1\n"})
	expect(t, "years", columnOf(got, "year"), []string{"1900", "2999"})
	expect(t, "rejects", faults(got.Account), []string{
		"tax.csv:4 key=C/ column=year value=1899 unknown_value", "tax.csv:5 key=D/ column=year value=3000 unknown_value",
		"tax.csv:6 key=E/ column=year value=24 unknown_value", "tax.csv:7 key=F/ column=year value=20240630 unknown_value",
	})
	adjustments := mustScan(t, "adjustments", map[string]string{
		"adjustments.csv": "credit_code,year,kind,value,reason,actor,decided_on\nA,2024,fix,A,x,y,2024-01-01\nA,204,fix,A,x,y,2024-01-01\n"})
	if r := adjustments.Account.Rejects; len(r) != 1 || r[0].Column != "year" || r[0].Reason != UnknownValue {
		t.Errorf("rejects %+v", r)
	}
}

func TestTheYearInARejectsKeyIsItsNumberHoweverItWasWritten(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "year,credit_code,tax\n2024年,A,x\n２０２４,B,x\n2024.0,C,x\n\"2,024\",D,x\n"})
	for i, r := range got.Account.Rejects {
		if want := string(rune('A'+i)) + "/2024"; r.Key != want {
			t.Errorf("key %q, want %q", r.Key, want)
		}
	}
	if len(got.Account.Rejects) != 4 {
		t.Errorf("%d rejects", len(got.Account.Rejects))
	}
}

func TestWhatIsShownIsOneLineThatReadsAsItStands(t *testing.T) {
	for text, want := range map[string]string{
		"a\r\nb\tc": "a  b c", "a\x00\x7f\u0085b": "a   b", "a\u202e\u2066b": "a  b", "a\u200b\ufeffb": "a  b", "a\u2028\u2029b": "a  b",
		"\xffa": "\uFFFDa", "池州 ①": "池州 ①", strings.Repeat("税", 80): strings.Repeat("税", 80), strings.Repeat("税", 81): strings.Repeat("税", 79) + "…",
	} {
		if got := Shown([]byte(text)); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestKeysOfRejectsAreShownAndKeysOfSourcesAreExact(t *testing.T) {
	long := "A\u202e\n" + strings.Repeat("9", 100)
	shown := "A  " + strings.Repeat("9", 76) + "…"
	got := mustScan(t, "projects", map[string]string{
		"projects.csv": "project_code,zone_code,lon\n\"" + long + "\",a,x\n\"" + long + "\",a,1\n\"" + long + "\",b,1\n"})
	if r := got.Account.Rejects; len(r) != 1 || r[0].Key != shown {
		t.Errorf("rejects %+v", r)
	}
	if _, twice := Order(got.Schema, got.Batches, nil); len(twice) != 1 || twice[0].Key != shown || twice[0].Value != shown {
		t.Errorf("doubles %+v", twice)
	}
	if key := string(AppendKey(nil, got.Batches[0], 0)); key != long {
		t.Errorf("the source's key is %q", key)
	}
}

func TestTheRowsOfEachFileAreCounted(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax_2023.csv": "credit_code,tax\nA,1\nB,x\n", "tax_2024.csv": "credit_code,tax\nA,1\nA,1\n,1\n", "tax_2025.csv": "credit_code\n"})
	for i, want := range []int64{2, 3, 0} {
		if f := got.Account.Files[i]; f.Rows != want {
			t.Errorf("%s: %d rows, want %d", f.Name, f.Rows, want)
		}
	}
}

func TestGeometryTypesAreToldBeforeEmptiness(t *testing.T) {
	code := `"parcel_code":"P","land_use":"1","land_use_standard":"x"`
	got := mustScan(t, "parcels", map[string]string{"parcels.geojson": collection(
		parcel(`{"type":"GeometryCollection","geometries":[]}`, code), parcel(`{"type":"MultiPoint","coordinates":[]}`, code),
		parcel(`{"type":"Polygon","coordinates":[]}`, code), parcel(`{"type":"Circle","coordinates":[]}`, code))})
	expect(t, "rejects", faults(got.Account), []string{
		"parcels.geojson:1 key=P column=geometry value=GeometryCollection geometry_type",
		"parcels.geojson:2 key=P column=geometry value=MultiPoint geometry_type",
		"parcels.geojson:3 key=P column=geometry value= empty_geometry",
		`parcels.geojson:4 key=P column=geometry value=geometry type "Circle" is not supported unreadable_geometry`,
	})
	lines := mustScan(t, "control_lines", map[string]string{"control_lines.geojson": collection(
		parcel(`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[114,30]}]}`, `"feature_id":"L","kind":"river"`))})
	expect(t, "rejects", faults(lines.Account), []string{"control_lines.geojson:1 key=L column=geometry value=GeometryCollection geometry_type"})
}

func TestALinkToAFolderIsNoTable(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("x", filepath.Join(dir, "tax.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(dir); err == nil || !strings.Contains(err.Error(), "tax.csv: it is no regular file") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(filepath.Join(dir, "tax.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x", "t"), []byte("credit_code,year\nA,2024\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("x/t", filepath.Join(dir, "tax.csv")); err != nil {
		t.Fatal(err)
	}
	if f, err := OpenFolder(dir); err != nil || !f.Has("tax") {
		t.Errorf("a link to a file: %v", err)
	}
}

func TestNamesOfFilesAreMatchedWithoutCase(t *testing.T) {
	f := folder(t, map[string]string{"Parcels.GeoJSON": collection(), "zones.GEOJSON": collection(), "TAX_2023.CSV": "", "License.txt": ""})
	if !f.Has("parcels") || !f.Has("zones") || !f.Has("tax") {
		t.Errorf("parcels %t, zones %t, tax %t", f.Has("parcels"), f.Has("zones"), f.Has("tax"))
	}
	dir := t.TempDir()
	for _, name := range []string{"zones.parquet", "Zones.GeoJSON"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenFolder(dir); err == nil || !strings.Contains(err.Error(), "as Zones.GeoJSON and zones.parquet; keep one") {
		t.Errorf("%v", err)
	}
}

func TestALayerNamedJSONIsToBeRenamedWhenThereIsNoOther(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Land_Use.json"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(dir); err == nil || !strings.Contains(err.Error(), "Land_Use.json: if it is the layer land_use, rename it to .geojson") {
		t.Errorf("%v", err)
	}
	f := folder(t, map[string]string{"parcels.json": "", "parcels.geojson": "", "tax.json": "", "style.json": ""})
	expect(t, "unused", f.UnusedFiles(), []string{"parcels.json", "style.json", "tax.json"})
}
