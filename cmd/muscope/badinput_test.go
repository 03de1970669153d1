package main

import (
	"bytes"
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
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// with is the small city with one file changed. With other parcels it has no
// tenancies: theirs would be of parcels that are not there.
func with(name, text string) files {
	f := smallCity()
	f[name] = text
	if strings.HasPrefix(name, "parcels") {
		f["tenancies.csv"] = "credit_code,parcel_code,kind,area\n"
	}
	return f
}

// refused holds that evaluate and check end with exit code 1 and one line that
// says all it should, and that evaluate leaves nothing behind.
func refused(t *testing.T, f files, wants ...string) {
	t.Helper()
	refusedIn(t, f.in(t), wants...)
}

func refusedIn(t *testing.T, data string, wants ...string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	for _, args := range [][]string{evaluateArgs(data, out), {"check", "--data", data, "--as-of", "2025-06-30", "--out", out}} {
		failed(t, command(args...), exitFailed, wants...)
		if left := beside(t, out); len(left) != 0 {
			t.Errorf("%s left %q", args[0], left)
		}
	}
}

// failed holds that a command ended with an exit code and one line, no less and no
// more, that says all it should.
func failed(t *testing.T, o outcome, code int, wants ...string) {
	t.Helper()
	if o.code != code || o.out != "" || !strings.HasPrefix(o.err, "muscope: ") || strings.Count(o.err, "\n") != 1 {
		t.Errorf("exit %d, want %d\nprinted %q\nand said %q", o.code, code, o.out, o.err)
	}
	for _, want := range wants {
		if !strings.Contains(o.err, want) {
			t.Errorf("no %q in %q", want, o.err)
		}
	}
}

// rejected runs evaluate, which passes, and holds that exactly these rows are in
// rejects.csv: table, key, column, value, reason, file and row, between bars.
func rejected(t *testing.T, f files, wants ...string) *evaluation {
	t.Helper()
	e := evaluated(t, f)
	e.rejects(t, wants...)
	return e
}

func (e *evaluation) rejects(t *testing.T, wants ...string) {
	t.Helper()
	var got []string
	for _, r := range e.table(t, "rejects") {
		got = append(got, strings.Join([]string{r["table"], r["key"], r["column"], r["value"], r["reason"], r["file"], r["row"]}, "|"))
	}
	if !slices.Equal(got, wants) {
		t.Errorf("rejects\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wants, "\n"))
	}
}

func TestATruncatedGeoJSONIsRefused(t *testing.T) {
	whole := smallCity()["parcels.geojson"]
	for _, cut := range []int{1, 20, len(whole) / 2, len(whole) - 3} {
		refused(t, with("parcels.geojson", whole[:cut]), "parcels.geojson", "cut short")
	}
	refused(t, with("parcels.geojson", ""), "parcels.geojson", "empty")
	refused(t, with("zones.geojson", smallCity()["zones.geojson"][:200]), "zones.geojson", "cut short")
}

func TestWhatIsNoFeatureCollectionIsRefusedByWhatItIs(t *testing.T) {
	for text, want := range map[string]string{
		lot("P1", box(0, 0, 1, 1)):               "a single Feature",
		box(0, 0, 1, 1):                          "a bare Polygon geometry",
		`{"type":"Topology","objects":{}}`:       "TopoJSON",
		"<gml/>":                                 "not GeoJSON",
		`{"type":"FeatureCollection"}`:           `without "features"`,
		layer(lot("P1", box(0, 0, 1, 1))) + "{}": "after the end",
	} {
		refused(t, with("parcels.geojson", text), "parcels.geojson", want)
	}
}

func TestBrokenJSONIsRefusedWithTheFeatureAndTheByte(t *testing.T) {
	text := strings.Replace(smallCity()["parcels.geojson"], `"land_use":"100101","land_use_standard":"YDYH-2023","finished_on"`, `"land_use":100 101,"finished_on"`, 1)
	refused(t, with("parcels.geojson", text), "parcels.geojson", "feature 2", fmt.Sprintf("byte %d", strings.Index(text, " 101,")+1))
}

func TestAShortRowIsRejectedAsAWhole(t *testing.T) {
	rejected(t, with("tax.csv", "credit_code,year,tax\nA,2024,1\nB,2024\nC\nD,2024,2\n"),
		"tax|B/2024||2 of 3 cells|short_row|tax.csv|3", "tax|C/||1 of 3 cells|short_row|tax.csv|4")
}

func TestARowThatGoesOnPastTheHeaderIsRejected(t *testing.T) {
	rejected(t, with("tax.csv", "credit_code,year,tax\nA,2024,1,234.5\nB,2024,1,\n"), "tax|A/2024||234.5|long_row|tax.csv|2")
}

func TestAQuoteThatIsNeverClosedIsRefusedWithItsLine(t *testing.T) {
	refused(t, with("tax.csv", "credit_code,year,tax\nA,2024,1\nB,2024,\"1\nC,2024,1\n"), "tax.csv:3", "quote")
}

func TestADuplicateHeaderIsRefusedWithItsPlace(t *testing.T) {
	refused(t, with("tax.csv", "credit_code,year,tax,tax\nA,2024,1,2\n"), `tax.csv:1`, `"tax" and "tax" both mean tax; keep one`)
	refused(t, with("tax.csv", "credit_code,year,税收（万元）,tax\nA,2024,1,2\n"), `tax.csv:1`, `"税收（万元）" and "tax" both mean tax; keep one`)
	refused(t, with("parcels.geojson", layer(lot("P1", box(0, 0, 1, 1), `"宗地代码":"P2"`))),
		"parcels.geojson", `"parcel_code" and "宗地代码" both mean parcel_code; keep one`)
}

func TestACodeReadAsAJSONNumberIsRejected(t *testing.T) {
	f := with("parcels.geojson", layer(
		lot("P1", box(1, 1, 2, 2)),
		feature(box(5, 1, 2, 2), `"parcel_code":350203001004,"land_use":"100101","land_use_standard":"YDYH-2023"`),
		feature(box(9, 1, 2, 2), `"parcel_code":"P3","land_use":100101,"land_use_standard":"YDYH-2023"`)))
	rejected(t, f, "parcels||parcel_code|350203001004|code_is_number|parcels.geojson|2",
		"parcels|P3|land_use|100101|code_is_number|parcels.geojson|3")
}

func TestACodeASpreadsheetRoundedIsRejected(t *testing.T) {
	rejected(t, with("tax.csv", "credit_code,year,tax\n9.133E+17,2024,1\n"+someone+",2024,1\n"),
		"tax|/2024|credit_code|9.133E+17|code_is_number|tax.csv|2")
}

// parquet is a Parquet file's bytes, a layer's when geometry names a column.
func parquet(t *testing.T, geometry string, crs string, fields []arrow.Field, fill func(b *array.RecordBuilder)) string {
	t.Helper()
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	fill(b)
	rec := b.NewRecord()
	defer rec.Release()
	var out strings.Builder
	var w *geoparquet.Writer
	var err error
	if geometry == "" {
		w, err = geoparquet.NewPlainWriter(&out, schema, geoparquet.Options{})
	} else {
		var projjson []byte
		if crs != "" {
			projjson = []byte(crs)
		}
		w, err = geoparquet.NewWriter(&out, schema, geometry, projjson, geoparquet.Options{})
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
	return out.String()
}

func TestACodeStoredAsANumberInParquetIsRefused(t *testing.T) {
	f := smallCity()
	delete(f, "tax.csv")
	f["tax.parquet"] = parquet(t, "", "", []arrow.Field{
		{Name: "credit_code", Type: arrow.PrimitiveTypes.Int64}, {Name: "year", Type: arrow.PrimitiveTypes.Int32},
	}, func(b *array.RecordBuilder) {
		b.Field(0).(*array.Int64Builder).Append(914403001922038216)
		b.Field(1).(*array.Int32Builder).Append(2024)
	})
	refused(t, f, "tax.parquet", "credit_code is int64", "write it as text")
}

func TestParquetThatIsNoneOrIsCutIsRefused(t *testing.T) {
	f := smallCity()
	delete(f, "tax.csv")
	whole := parquet(t, "", "", []arrow.Field{{Name: "credit_code", Type: arrow.BinaryTypes.String}, {Name: "year", Type: arrow.PrimitiveTypes.Int32}},
		func(b *array.RecordBuilder) {
			b.Field(0).(*array.StringBuilder).Append("A")
			b.Field(1).(*array.Int32Builder).Append(2024)
		})
	for _, text := range []string{"", "PAR1", "credit_code,year\nA,2024\n", whole[:len(whole)/2], whole[:len(whole)-6] + "PAR1"} {
		f["tax.parquet"] = text
		refused(t, f, "tax.parquet")
	}
}

// shapes are parcels in GeoParquet, P1, P2 … with these geometries.
func shapes(t *testing.T, crs string, geometries ...[]byte) string {
	schema, fill := parcelColumns(geometries)
	return parquet(t, "geometry", crs, schema.Fields(), fill)
}

func parcelColumns(geometries [][]byte) (*arrow.Schema, func(b *array.RecordBuilder)) {
	return arrow.NewSchema([]arrow.Field{
			{Name: "parcel_code", Type: arrow.BinaryTypes.String}, {Name: "land_use", Type: arrow.BinaryTypes.String},
			{Name: "land_use_standard", Type: arrow.BinaryTypes.String}, {Name: "geometry", Type: arrow.BinaryTypes.Binary, Nullable: true},
		}, nil), func(b *array.RecordBuilder) {
			for i, g := range geometries {
				b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("P%d", i+1))
				b.Field(1).(*array.StringBuilder).Append("100101")
				b.Field(2).(*array.StringBuilder).Append("YDYH-2023")
				if g == nil {
					b.Field(3).AppendNull()
				} else {
					b.Field(3).(*array.BinaryBuilder).Append(g)
				}
			}
		}
}

// cell is a square of WKB with its lower left corner at a place.
func cell(x, y, size float64) []byte {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: []float64{x, y, x + size, y, x + size, y + size, x, y + size, x, y}}
	g.EndRing()
	g.EndPart()
	return g.Append(nil)
}

func inParquet(t *testing.T, crs string, geometries ...[]byte) files {
	f := smallCity()
	delete(f, "parcels.geojson")
	f["parcels.parquet"] = shapes(t, crs, geometries...)
	return f
}

func TestCoordinatesInMetresThatDoNotSaySoAreRefused(t *testing.T) {
	metres := func(x, y float64) string {
		return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%f,%f],[%f,%f],[%f,%f],[%f,%f]]]}`, x, y, x+100, y, x+100, y+100, x, y)
	}
	refused(t, with("parcels.geojson", layer(lot("P1", metres(528770.24, 3386666.25)), lot("P2", metres(528870, 3386666)))),
		"parcels.geojson", "it names no coordinate system, which means degrees", "x 528770 to 528870", "declare the code of their central meridian", "2 of 2 features")
	refused(t, with("zones.geojson", layer(feature(metres(39528770.24, 3386666.25), `"zone_code":"Z1","name":"a"`))),
		"zones.geojson", "carry the zone number 39", "declare EPSG:4527")
	refused(t, inParquet(t, "", cell(528770, 3386666, 10)), "parcels.parquet", "x 528770 to 528780", "declare the code of their central meridian")
}

func TestAFewRowsOutsideTheGlobeAreRejected(t *testing.T) {
	f := with("parcels.geojson", layer(lot("P1", box(1, 1, 2, 2)), lot("P2", box(5, 1, 2, 2)),
		lot("P3", polygon("[30.6,117.4]", "[30.7,117.4]", "[30.7,117.5]", "[30.6,117.4]"))))
	rejected(t, f, "parcels|P3|geometry|30.6 117.4|coordinate_out_of_range|parcels.geojson|3")
}

func TestASystemThatIsNotTakenOrNotMeantIsRefusedByItsName(t *testing.T) {
	declare := func(crs string) files {
		return with("parcels.geojson", strings.Replace(smallCity()["parcels.geojson"], `"features"`, `"crs":`+crs+`,"features"`, 1))
	}
	named := func(name string) files { return declare(`{"type":"name","properties":{"name":"` + name + `"}}`) }
	for _, metres := range []string{"urn:ogc:def:crs:EPSG::4547", "EPSG:4526", "EPSG:3857"} {
		refused(t, named(metres), "parcels.geojson", metres[len(metres)-4:], "are degrees: declare EPSG:4490")
	}
	refused(t, named("EPSG:999999"), "parcels.geojson", "EPSG:999999", "not a system this program knows", "EPSG:4490")
	refused(t, named("my own grid"), "parcels.geojson", "my own grid", "not a system this program knows")
	refused(t, named("GCJ-02"), "parcels.geojson", "GCJ-02", "shifted by hundreds of metres", "get the data in EPSG:4490")
	refused(t, named("BD09"), "parcels.geojson", "BD-09", "get the data in EPSG:4490")
	refused(t, named("EPSG:4610"), "parcels.geojson", "Xian 1980", "EPSG:4490")
	refused(t, declare(`{"type":"link","properties":{}}`), "parcels.geojson", "not a system this program knows")
	for _, name := range []string{"urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4490", "urn:ogc:def:crs:EPSG::4326"} {
		if e := evaluated(t, named(name)); e.manifest.Counts["parcels"].Used != 4 {
			t.Errorf("%s: %d parcels", name, e.manifest.Counts["parcels"].Used)
		}
	}
}

func TestASystemOfGeoParquetThatIsNotTakenOrNotMeantIsRefused(t *testing.T) {
	refused(t, inParquet(t, `{"type":"ProjectedCRS","name":"CGCS2000 / 3-degree Gauss-Kruger CM 114E","id":{"authority":"EPSG","code":4547}}`,
		cell(117.4, 30.6, 0.001)), "parcels.parquet", "4547", "are degrees: declare EPSG:4490")
	refused(t, inParquet(t, `{"type":"GeographicCRS","name":"GCJ-02"}`, cell(117.4, 30.6, 0.001)), "parcels.parquet", "GCJ-02", "EPSG:4490")
	refused(t, inParquet(t, `null`, cell(117.4, 30.6, 0.001)), "parcels.parquet", "coordinate system is not known: declare it in mapping.yaml")
	for _, known := range []string{"", `{"type":"GeographicCRS","name":"CGCS2000","id":{"authority":"EPSG","code":4490}}`} {
		if e := evaluated(t, inParquet(t, known, cell(117.401, 30.601, 0.001))); e.manifest.Counts["parcels"].Used != 1 {
			t.Errorf("%q: %+v", known, e.manifest.Counts["parcels"])
		}
	}
}

func TestALandUseCodeWithoutItsStandardIsRejected(t *testing.T) {
	f := with("land_use.geojson", layer(use("L1", "100101", box(0, 0, 10, 10)),
		feature(box(10, 0, 10, 10), `"feature_id":"L2","code":"0701"`), feature(box(0, 10, 10, 10), `"feature_id":"L3","code":"0701","standard":""`)))
	rejected(t, f, "land_use|L2|standard||missing_value|land_use.geojson|2", "land_use|L3|standard||missing_value|land_use.geojson|3")
	refused(t, with("land_use.geojson", layer(feature(box(0, 0, 10, 10), `"feature_id":"L1","code":"0701"`))),
		"land_use.geojson", "has no column standard")
}

func TestALandUseCodeItsStandardDoesNotHaveIsRejected(t *testing.T) {
	f := with("land_use.geojson", layer(use("L1", "100101", box(0, 0, 10, 10)), use("L2", "9999", box(10, 0, 10, 10)),
		feature(box(0, 10, 10, 10), `"feature_id":"L3","code":"0701","standard":"YDYH-1999"`)))
	rejected(t, f, "land_use|L2|code|YDYH-2023 9999|unknown_code|land_use.geojson|2",
		"land_use|L3|code|YDYH-1999 0701|unknown_code|land_use.geojson|3")
}

func TestAParcelsLandUseIsOnlyFlaggedWhenItSaysNothing(t *testing.T) {
	f := with("parcels.geojson", layer(
		feature(box(1, 1, 2, 2), `"parcel_code":"P1","land_use":"","land_use_standard":"YDYH-2023"`),
		feature(box(5, 1, 2, 2), `"parcel_code":"P2","land_use":"100101","land_use_standard":null`),
		feature(box(9, 1, 2, 2), `"parcel_code":"P3","land_use":"9999","land_use_standard":"YDYH-2023"`),
		lot("P4", box(13, 1, 2, 2))))
	e := rejected(t, f)
	for code, p := range e.properties(t, "parcels", "parcel_code") {
		flags, _ := p["flags"].(string)
		if got, want := strings.Contains(flags, "land_use_unknown"), code != "P4"; got != want {
			t.Errorf("%s: flags %q", code, flags)
		}
	}
}

func TestOfTwoParcelsAlikeEitherIsUsedAndOneRejected(t *testing.T) {
	f := with("parcels.geojson", layer(lot("P1", box(1, 1, 2, 2)), lot("P1", box(1, 1, 2, 2))))
	e := evaluated(t, f)
	rows := e.table(t, "rejects")
	if len(rows) != 1 || rows[0]["key"] != "P1" || rows[0]["reason"] != "duplicate_key" || rows[0]["column"] != "parcel_code" {
		t.Errorf("rejects %v", rows)
	}
}

func TestOfTwoParcelsWithOneCodeTheOneThatSortsFirstIsUsedWhicheverComesFirst(t *testing.T) {
	for name, pair := range map[string][2]string{ // the first of the two is used
		"text sorts by its bytes": {lot("P1", box(1, 1, 2, 2), `"holder_name":"B"`), lot("P1", box(1, 1, 2, 2), `"holder_name":"a"`)},
		"numbers sort as text":    {lot("P1", box(1, 1, 2, 2), `"recorded_area":10`), lot("P1", box(1, 1, 2, 2), `"recorded_area":9`)},
		"null sorts last":         {lot("P1", box(1, 1, 2, 2), `"signed_on":"2024-01-01"`), lot("P1", box(1, 1, 2, 2))},
		"an earlier column decides": {
			lot("P1", box(1, 1, 2, 2), `"recorded_area":1`, `"tags":"z"`), lot("P1", box(1, 1, 2, 2), `"recorded_area":2`, `"tags":"a"`)},
		// The bytes of the x of the first corner differ first: 117.402 in little-endian.
		"geometry sorts last, as WKB": {lot("P1", box(2, 1, 2, 2), `"tags":"a"`), lot("P1", box(1, 1, 2, 2), `"tags":"b"`)},
	} {
		first, second := pair[0], pair[1]
		used := func(features ...string) (map[string]any, string) {
			e := evaluated(t, with("parcels.geojson", layer(features...)))
			rows := e.table(t, "rejects")
			if len(rows) != 1 || rows[0]["reason"] != "duplicate_key" {
				t.Fatalf("%s: rejects %v", name, rows)
			}
			return e.properties(t, "parcels", "parcel_code")["P1"], rows[0]["row"]
		}
		alone := evaluated(t, with("parcels.geojson", layer(first))).properties(t, "parcels", "parcel_code")["P1"]
		for _, turn := range []struct {
			features []string
			rejected string
		}{{[]string{first, second}, "2"}, {[]string{second, first}, "1"}} {
			got, row := used(turn.features...)
			if fmt.Sprint(got) != fmt.Sprint(alone) || row != turn.rejected {
				t.Errorf("%s: row %s is rejected, want %s; used is\n%v\nwant\n%v", name, row, turn.rejected, got, alone)
			}
		}
	}
}

func TestOfRowsWithOneKeyOneIsUsedInEveryTable(t *testing.T) {
	f := smallCity()
	want := 0
	for name, text := range f {
		if name == "tenancies.csv" || name == "adjustments.csv" { // rows of these are not told apart
			continue
		}
		want++
		if rows, isLayer := strings.CutSuffix(text, "\n]}\n"); isLayer {
			_, first, _ := strings.Cut(strings.SplitN(rows, ",\n", 2)[0], "\n")
			f[name] = rows + ",\n" + first + "\n]}\n"
		} else {
			f[name] = text + strings.SplitN(text, "\n", 3)[1] + "\n"
		}
	}
	e := evaluated(t, f)
	rejects := e.table(t, "rejects")
	for _, r := range rejects {
		if r["reason"] != "duplicate_key" || r["key"] == "" || r["key"] != r["value"] || r["column"] == "" {
			t.Errorf("reject %v", r)
		}
	}
	for name, c := range e.manifest.Counts {
		if c.Rejected > 1 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if len(rejects) != want {
		t.Errorf("%d rejects, want one a table, %d", len(rejects), want)
	}
}

func TestZonesAndLandUseGoThroughTheSameGateAsParcels(t *testing.T) {
	bowTie := polygon("[117.4,30.6]", "[117.42,30.62]", "[117.42,30.6]", "[117.4,30.62]", "[117.4,30.6]")
	open := polygon("[117.4,30.6]", "[117.42,30.6]", "[117.42,30.62]", "[117.4,30.62]")
	f := smallCity()
	f["zones.geojson"] = layer(feature(open, `"zone_code":"Z1","name":"a","kind":"new"`), feature(bowTie, `"zone_code":"Z2","name":"b"`))
	f["land_use.geojson"] = layer(use("L1", "100101", open), use("L2", "0701", bowTie), use("L3", "0701", "null"))
	e := evaluated(t, f)
	var got []string
	for _, name := range []string{"rejects", "repairs"} {
		for _, r := range e.table(t, name) {
			got = append(got, r["table"]+"/"+r["key"]+" "+r["reason"])
		}
	}
	want := []string{"zones/Z2 invalid_geometry", "land_use/L2 invalid_geometry", "land_use/L3 empty_geometry", "zones/Z1 ", "land_use/L1 "}
	if !slices.Equal(got, want) {
		t.Errorf("rejects and repairs %q, want %q", got, want)
	}
	if zones := e.properties(t, "zones", "zone_code"); len(zones) != 1 || zones["Z1"] == nil {
		t.Errorf("zones %v", zones)
	}
}

func TestABowTieWithATinyLobeIsRepairedAndListed(t *testing.T) {
	// The last edge crosses the first a hair before its end: a lobe of 1e-6 of the area.
	f := with("parcels.geojson", layer(lot("P1", polygon("[117.401,30.601]", "[117.403,30.601]", "[117.403,30.603]",
		"[117.401002,30.603]", "[117.401002,30.600999]", "[117.401,30.601]"))))
	e := rejected(t, f)
	repairs := e.table(t, "repairs")
	if len(repairs) != 1 || repairs[0]["key"] != "P1" || repairs[0]["table"] != "parcels" || repairs[0]["row"] != "1" || repairs[0]["file"] != "parcels.geojson" {
		t.Fatalf("repairs %v", repairs)
	}
	if e.manifest.Counts["parcels"].Repaired != 1 || e.manifest.Flags["repaired"] != 1 {
		t.Errorf("counts %+v, flags %v", e.manifest.Counts["parcels"], e.manifest.Flags)
	}
	p := e.properties(t, "parcels", "parcel_code")["P1"]
	// 0.001998° by 0.002° at 30.602°N on the ellipsoid of CGCS2000, to a part in a thousand.
	if area := p["geometric_area"].(float64); math.Abs(area/42530-1) > 0.002 {
		t.Errorf("repaired to %v m²", area)
	}
}

func TestABigBowTieIsRejected(t *testing.T) {
	e := evaluated(t, with("parcels.geojson", layer(
		lot("P1", polygon("[117.401,30.601]", "[117.403,30.603]", "[117.403,30.601]", "[117.401,30.603]", "[117.401,30.601]")),
		lot("P2", polygon("[117.401,30.601]", "[117.405,30.603]", "[117.405,30.601]", "[117.401,30.602]", "[117.401,30.601]")))))
	rows := e.table(t, "rejects")
	if len(rows) != 2 || len(e.table(t, "repairs")) != 0 {
		t.Fatalf("rejects %v", rows)
	}
	for i, row := range rows {
		if row["key"] != fmt.Sprintf("P%d", i+1) || row["column"] != "geometry" || row["reason"] != "invalid_geometry" ||
			row["value"] != "self-intersection: the repair would change the area by 0.1 % or more" {
			t.Errorf("reject %v", row)
		}
	}
}

func TestASpikeIsCutOff(t *testing.T) {
	f := with("parcels.geojson", layer(lot("P1", polygon("[117.401,30.601]", "[117.403,30.601]", "[117.403,30.603]", "[117.403,30.609]",
		"[117.403,30.603]", "[117.401,30.603]", "[117.401,30.601]")), lot("P2", polygon("[117.401,30.601]", "[117.403,30.601]", "[117.403,30.603]", "[117.401,30.603]", "[117.401,30.601]"))))
	e := rejected(t, f)
	if repairs := e.table(t, "repairs"); len(repairs) != 1 || repairs[0]["key"] != "P1" || repairs[0]["area_before"] != repairs[0]["area_after"] {
		t.Errorf("repairs %v", repairs)
	}
	parcels := e.properties(t, "parcels", "parcel_code")
	if parcels["P1"]["geometric_area"] != parcels["P2"]["geometric_area"] {
		t.Errorf("with a spike %v m², without %v m²", parcels["P1"]["geometric_area"], parcels["P2"]["geometric_area"])
	}
}

func TestGeometriesWithoutGroundAreRejectedAsEmpty(t *testing.T) {
	for name, geometry := range map[string]string{
		"a ring of two points":      polygon("[117.401,30.601]", "[117.403,30.601]"),
		"a ring there and back":     polygon("[117.401,30.601]", "[117.403,30.601]", "[117.401,30.601]"),
		"a ring of one point":       polygon("[117.401,30.601]", "[117.401,30.601]", "[117.401,30.601]", "[117.401,30.601]"),
		"a line drawn as a ring":    polygon("[117.401,30.601]", "[117.402,30.601]", "[117.403,30.601]", "[117.401,30.601]"),
		"an empty geometry":         `{"type":"Polygon","coordinates":[]}`,
		"an empty ring":             `{"type":"Polygon","coordinates":[[]]}`,
		"an empty multipolygon":     `{"type":"MultiPolygon","coordinates":[]}`,
		"null":                      "null",
		"a multipolygon of nothing": `{"type":"MultiPolygon","coordinates":[[[]],[]]}`,
	} {
		t.Run(name, func(t *testing.T) {
			e := evaluated(t, with("parcels.geojson", layer(lot("P1", geometry), lot("P2", box(1, 1, 2, 2)))))
			rows := e.table(t, "rejects")
			if len(rows) != 1 || rows[0]["key"] != "P1" || rows[0]["column"] != "geometry" || rows[0]["reason"] != "empty_geometry" {
				t.Errorf("rejects %v", rows)
			}
		})
	}
}

func TestGeometriesThatCannotBeReadAreRejectedWithTheReason(t *testing.T) {
	for geometry, value := range map[string]string{
		`{"type":"Polygon","coordinates":[[["a",1]]]}`:  "a coordinate is not a number",
		`{"type":"Polygon","coordinates":[[[117.4]]]}`:  "a position has under two numbers",
		`{"type":"Polygon","coordinates":[117.4,30.6]}`: "coordinates are nested wrongly for their type",
		`{"type":"Polygon"}`:                            "geometry has no coordinates",
		`{"coordinates":[]}`:                            "geometry has no type",
		`"POLYGON((0 0,1 0,1 1,0 0))"`:                  "geometry is not an object",
		`{"type":"Circle","coordinates":[1,2]}`:         `geometry type "Circle" is not supported`,
	} {
		rejected(t, with("parcels.geojson", layer(lot("P1", geometry), lot("P2", box(1, 1, 2, 2)))),
			"parcels|P1|geometry|"+value+"|unreadable_geometry|parcels.geojson|1")
	}
}

func TestAnOpenRingIsClosedAndListed(t *testing.T) {
	e := rejected(t, with("parcels.geojson", layer(lot("P1", polygon("[117.401,30.601]", "[117.403,30.601]", "[117.403,30.603]", "[117.401,30.603]")))))
	if repairs := e.table(t, "repairs"); len(repairs) != 1 || repairs[0]["area_before"] != repairs[0]["area_after"] {
		t.Errorf("repairs %v", repairs)
	}
}

func TestACoordinateOfNaNIsRejected(t *testing.T) {
	for _, bad := range []string{"NaN", "Infinity", "-Infinity"} {
		rejected(t, with("parcels.geojson", layer(lot("P1", polygon("[117.401,30.601]", "[117.403,"+bad+"]", "[117.403,30.603]", "[117.401,30.601]")), lot("P2", box(1, 1, 2, 2)))),
			"parcels|P1|geometry||coordinate_not_finite|parcels.geojson|1")
	}
	rejected(t, inParquet(t, "", cell(117.401, math.NaN(), 0.001), cell(117.401, 30.601, 0.001), nil),
		"parcels|P1|geometry||coordinate_not_finite|parcels.parquet|1", "parcels|P3|geometry||empty_geometry|parcels.parquet|3")
}

func TestBytesThatAreNoWKBAreRejected(t *testing.T) {
	f := inParquet(t, "")
	f["parcels.parquet"] = loose(t, []byte{1, 3, 0, 0, 0, 1}, cell(117.401, 30.601, 0.001), []byte{}, []byte("POINT(1 2)"))
	rejected(t, f, "parcels|P1|geometry|bytes end inside the geometry|unreadable_geometry|parcels.parquet|1",
		"parcels|P3|geometry|bytes end inside the geometry|unreadable_geometry|parcels.parquet|3",
		"parcels|P4|geometry|byte order is neither 0 nor 1|unreadable_geometry|parcels.parquet|4")
}

// loose writes parcels as other programs might: nobody looks at the geometries.
func loose(t *testing.T, geometries ...[]byte) string {
	t.Helper()
	schema, fill := parcelColumns(geometries)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	fill(b)
	rec := b.NewRecord()
	defer rec.Release()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, nil, pqarrow.DefaultWriterProps())
	if err == nil {
		err = w.WriteBuffered(rec)
	}
	if err == nil {
		err = w.AppendKeyValueMetadata("geo", `{"version":"1.0.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}`)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAPointInAPolygonLayerIsRejected(t *testing.T) {
	rejected(t, with("parcels.geojson", layer(lot("P1", `{"type":"Point","coordinates":[117.4,30.6]}`), lot("P2", box(1, 1, 2, 2)),
		lot("P3", `{"type":"LineString","coordinates":[[117.4,30.6],[117.5,30.6]]}`))),
		"parcels|P1|geometry|Point|geometry_type|parcels.geojson|1", "parcels|P3|geometry|LineString|geometry_type|parcels.geojson|3")
}

func TestATypeThatIsNotReadIsRejectedByItsNameInEveryFormat(t *testing.T) {
	for name, code := range map[string]byte{"GeometryCollection": 7, "CurvePolygon": 10, "MultiSurface": 12, "TIN": 16} {
		rejected(t, with("parcels.geojson", layer(lot("P1", `{"type":"`+name+`","coordinates":[]}`), lot("P2", box(1, 1, 2, 2)))),
			"parcels|P1|geometry|"+name+"|geometry_type|parcels.geojson|1")
		f := inParquet(t, "")
		f["parcels.parquet"] = loose(t, []byte{1, code, 0, 0, 0, 0, 0, 0, 0}, cell(117.401, 30.601, 0.001))
		rejected(t, f, "parcels|P1|geometry|"+name+"|geometry_type|parcels.parquet|1")
	}
}

func TestAmountsNoSuchThingHasAreRejected(t *testing.T) {
	f := with("parcels.geojson", layer(lot("P1", box(1, 1, 2, 2), `"recorded_area":1e300`), lot("P2", box(5, 1, 2, 2), `"land_price":1e13`), lot("P3", box(9, 1, 2, 2))))
	f["tax.csv"] = "credit_code,year,tax\n" + someone + ",2024,1e18\n" + another + ",204,1\n"
	rejected(t, f, "parcels|P1|recorded_area|1e300|out_of_range|parcels.geojson|1",
		"parcels|P2|land_price|1e13|out_of_range|parcels.geojson|2",
		"tax|"+another+"/|year|204|unknown_value|tax.csv|3", "tax|"+someone+"/2024|tax|1e18|out_of_range|tax.csv|2")
}

func TestTextsInOtherWaysOfWritingAreRefusedByWhatTheyAre(t *testing.T) {
	refused(t, with("tax.csv", "credit_code,year,tax\rA,2024,1\rB,2024,2\r"), "tax.csv", "line ends are CR", "save it with LF or CRLF")
	refused(t, with("tax.csv", "c\x00r\x00e\x00"), "tax.csv", "UTF-16 without a byte-order mark", "UTF-8")
	f := smallCity()
	f["parcels.json"] = f["parcels.geojson"]
	delete(f, "parcels.geojson")
	refused(t, f, "parcels.json", "rename it to .geojson")
}

func TestAZonesFileWithoutZonesIsRefused(t *testing.T) {
	refused(t, with("zones.geojson", layer()), "zones", "no usable zone", "at least one")
	refused(t, with("zones.geojson", layer(feature("null", `"zone_code":"Z1","name":"a"`))), "zones", "no usable zone (1 read)")
}

func TestADatasetWithoutZonesOrParcelsIsRefused(t *testing.T) {
	for _, name := range []string{"zones", "parcels"} {
		f := smallCity()
		delete(f, name+".geojson")
		refused(t, f, "no table "+name, name+".geojson", name+".parquet")
	}
}

func TestADatasetThatIsNotThereIsRefused(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "nowhere")
	refusedIn(t, missing, missing, "no such file or directory", "name a folder")
	refusedIn(t, filepath.Join(files{"x.csv": ""}.in(t), "x.csv"), "x.csv", "not a directory", "name a folder")
}

func TestALayerWithoutParcelsIsEvaluatedAsNone(t *testing.T) {
	e := rejected(t, with("parcels.geojson", layer()))
	if c := e.manifest.Counts["parcels"]; c.Read != 0 || len(e.properties(t, "parcels", "parcel_code")) != 0 {
		t.Errorf("parcels %+v", c)
	}
}

func TestAMissingColumnIsRefusedByItsNameAndPlace(t *testing.T) {
	refused(t, with("tax.csv", "credit_code,tax\nA,1\n"), "tax.csv:1", "no column year", "add it, or rename")
	refused(t, with("tax.csv", "\n\nname,year\nA,2024\n"), "tax.csv:3", "no column credit_code")
	refused(t, with("tax.csv", ""), "tax.csv", "empty", "header row")
	refused(t, with("parcels.geojson", layer(feature(box(1, 1, 2, 2), `"parcel_code":"P1","land_use":"100101"`))),
		"parcels.geojson", "no column land_use_standard")
	refused(t, with("zones.geojson", layer(feature(box(1, 1, 2, 2), `"zone_code":"Z1"`))), "zones.geojson", "no column name")
}

func TestAColumnThatMustBeThereMayBeEmptyWhereItIsNotRequired(t *testing.T) {
	e := rejected(t, with("parcels.geojson", layer(feature(box(1, 1, 2, 2), `"parcel_code":"P1","land_use":null,"land_use_standard":null`))))
	if e.manifest.Counts["parcels"].Used != 1 || e.manifest.Flags["land_use_unknown"] != 1 {
		t.Errorf("counts %+v, flags %v", e.manifest.Counts["parcels"], e.manifest.Flags)
	}
	rejected(t, with("enterprises.csv", "credit_code,name\nA,\nB,-\nC,乙\n"),
		"enterprises|A|name||missing_value|enterprises.csv|2", "enterprises|B|name||missing_value|enterprises.csv|3")
}

func TestAnUnknownPolicyIsRefusedWithTheNearestName(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	data := smallCity().in(t)
	failed(t, command(evaluateArgs(data, out, "--policy", "chizou-2015")...), exitFailed, `"chizou-2015"`, "did you mean chizhou-2015?")
	failed(t, command(evaluateArgs(data, out, "--policy", "shanghai")...), exitFailed, `"shanghai"`, "known are chizhou-2015", "national-idle-land-2012")
	failed(t, command(evaluateArgs(data, out, "--policy", "nowhere.yaml")...), exitFailed, "nowhere.yaml", "no such file")
	if left := beside(t, out); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

func TestAMisspeltKeyOfAPolicyIsRefusedWithItsPlaceAndTheNearestKey(t *testing.T) {
	text, err := os.ReadFile("../../datasets/policy/chizhou-2015.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spoilt := strings.Replace(string(text), "    clause: ", "    claus: ", 1)
	before, _, _ := strings.Cut(spoilt, "claus: ")
	line := strings.Count(before, "\n") + 1
	name := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(name, []byte(spoilt), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "run")
	failed(t, command(evaluateArgs(smallCity().in(t), out, "--policy", name)...), exitFailed, fmt.Sprintf("%s:%d:5:", name, line), `"claus"`, "did you mean clause?")
	if left := beside(t, out); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

func TestAnOutputFolderThatExistsIsRefusedAndUntouched(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(out, "mine.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	data := smallCity().in(t)
	failed(t, command(evaluateArgs(data, out)...), exitFailed, out, "it exists", "--overwrite")
	failed(t, command(evaluateArgs(data, out, "--overwrite")...), exitFailed, out, "no run folder", "manifest.json", "name another")
	failed(t, command("check", "--data", data, "--out", out), exitFailed, out, "it exists", "--overwrite")
	failed(t, command("check", "--data", data, "--out", out, "--overwrite"), exitFailed, out, "no run folder")
	if text, err := os.ReadFile(mine); err != nil || string(text) != "mine" {
		t.Errorf("my file: %q %v", text, err)
	}
	onlyRun(t, out)
	failed(t, command(evaluateArgs(data, mine)...), exitFailed, mine)
	failed(t, command(evaluateArgs(data, filepath.Join(mine, "run"))...), exitFailed, mine, "not a directory")
}

func TestOverwriteReplacesARunFolderWholly(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	data := smallCity().in(t)
	if o := command(evaluateArgs(data, out)...); o.code != exitDone {
		t.Fatal(o.err)
	}
	stale := filepath.Join(out, "layers", "stale.geojson")
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	bad := with("zones.geojson", layer()).in(t)
	failed(t, command(evaluateArgs(bad, out, "--overwrite")...), exitFailed, "no usable zone")
	if _, err := os.Stat(stale); err != nil {
		t.Errorf("a run that failed changed the one it was to replace: %v", err)
	}
	if o := command(evaluateArgs(data, out, "--overwrite")...); o.code != exitDone {
		t.Fatal(o.err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("a file of the run before is still there")
	}
	onlyRun(t, out)
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		t.Fatal(err)
	}
	if o := command(evaluateArgs(data, out, "--overwrite")...); o.code != exitDone {
		t.Errorf("an empty folder is not taken: %s", o.err)
	}
}

func TestTwoFilesForOneTableAreRefused(t *testing.T) {
	f := smallCity()
	f["parcels.parquet"] = shapes(t, "", cell(117.401, 30.601, 0.001))
	refused(t, f, "table parcels", "parcels.geojson and parcels.parquet", "keep one")
	f = smallCity()
	f["tax.parquet"] = ""
	refused(t, f, "table tax", "tax.csv and tax.parquet", "keep one")
}

func TestFormatsThatAreNotReadAreRefusedWithWhatToDo(t *testing.T) {
	for name, advice := range map[string]string{
		"enterprises.xlsx": "not a workbook", "tax_2023.xls": "save it as .xlsx", "energy.et": "save it as .xlsx", "zones.gpkg": "not a GeoPackage",
		"parcels.shp": "send .shp, .shx, .dbf, .prj and .cpg together", "land_use.gdb": "export the layer land_use as GeoPackage", "zones.csv": "the table zones is not read from .csv",
		"tax.geojson": "the table tax is not read from .geojson",
	} {
		f := smallCity()
		stem, _, _ := strings.Cut(name, ".")
		delete(f, stem+".csv")
		delete(f, stem+".geojson")
		f[name] = "x"
		refused(t, f, name, advice)
	}
}

func TestFilesOfNoTableAreListedAndOtherwisePassedOver(t *testing.T) {
	f := smallCity()
	f["readme.txt"], f["plots.geojson"], f["parcels.kml"] = "x", "x", "x"
	e := rejected(t, f)
	if want := []string{"parcels.kml", "plots.geojson", "readme.txt"}; !slices.Equal(e.manifest.Unused, want) {
		t.Errorf("unused %q, want %q", e.manifest.Unused, want)
	}
}

func TestWrongUsageExitsWithTwoAndLeavesNothing(t *testing.T) {
	data, out := smallCity().in(t), filepath.Join(t.TempDir(), "run")
	for _, c := range []struct {
		args  []string
		wants []string
	}{
		{evaluateArgs(data, out, "--formats", "dxf"), []string{"--formats dxf", "geojson, geoparquet, gpkg, csv, qgis, xlsx and html"}},
		{evaluateArgs(data, out, "--formats", "geojson,csv", "--slips"), []string{"--slips", "xlsx among the --formats"}},
		{evaluateArgs(data, out, "--formats", "csv,qgis"), []string{"--formats qgis", "name geojson or gpkg too"}},
		{evaluateArgs(data, out, "--threads", "0"), []string{"--threads 0: 1 to "}},
		{evaluateArgs(data, out, "--threads", "-1"), []string{"--threads -1"}},
		{evaluateArgs(data, out, "--threads", "two"), []string{"two", "--threads"}},
		{evaluateArgs(data, out, "--memory", "some"), []string{"--memory some", "like 4GiB"}},
		{evaluateArgs(data, out, "--polcy", "x"), []string{"--polcy"}},
		{evaluateArgs(data, out, "--lang", "fr"), []string{"--lang fr", "zh or en"}},
		{evaluateArgs(data, out, "--log-format", "xml"), []string{"--log-format xml", "text or json"}},
		{evaluateArgs(data, out, "more"), []string{`"more" is no flag`, "--help"}},
		{[]string{"evaluate"}, []string{"--data is missing", "--help"}},
		{[]string{"evaluate", "--data", data}, []string{"--out is missing"}},
		{[]string{"evaluate", "--data", data, "--out", out}, []string{"--policy is missing"}},
		{[]string{"check"}, []string{"--data is missing", "--help"}},
		{[]string{"check", "--data", data, "--threads", "0"}, []string{"--threads 0"}},
		{[]string{"check", "--data", data, "--as-of", "soon"}, []string{"--as-of soon"}},
		{[]string{"evalute"}, []string{`"evalute" is no command; did you mean evaluate?`}},
		{[]string{"zzz"}, []string{`"zzz" is no command; see muscope --help`}},
	} {
		failed(t, command(c.args...), exitUsage, c.wants...)
	}
	if left := beside(t, out); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

func TestGB18030IsReadAndSaidSo(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("统一社会信用代码,企业名称\n" + someone + ",池州市化工有限公司\n,乙\n")
	if err != nil {
		t.Fatal(err)
	}
	e := rejected(t, with("enterprises.csv", gb), "enterprises||credit_code||missing_value|enterprises.csv|3")
	if !strings.Contains(e.out, "\nenterprises.csv: not UTF-8: read as GB18030\n") {
		t.Errorf("the summary does not say so:\n%s", e.out)
	}
	for _, in := range e.manifest.Inputs {
		if (in.Note != "") != (in.Name == "enterprises.csv") {
			t.Errorf("%s: %s", in.Name, in.Note)
		}
	}
}

func TestBOMCRLFAndChineseHeadersWithUnitsAreRead(t *testing.T) {
	for name, text := range map[string]string{
		"plain":          "credit_code,year,tax\n" + someone + ",2024,12.5\n" + another + ",2024,0\n",
		"BOM":            "\uFEFFcredit_code,year,tax\n" + someone + ",2024,12.5\n" + another + ",2024,0\n",
		"CRLF":           "credit_code,year,tax\r\n" + someone + ",2024,12.5\r\n" + another + ",2024,0\r\n",
		"BOM and CRLF":   "\uFEFFcredit_code,year,tax\r\n" + someone + ",2024,12.5\r\n" + another + ",2024,0\r\n",
		"no last end":    "credit_code,year,tax\n" + someone + ",2024,12.5\n" + another + ",2024,0",
		"quoted":         "\"credit_code\",\"year\",\"tax\"\n\"" + someone + "\",\"2024\",\"12.5\"\n\"" + another + "\",\"2024\",\"0\"\n",
		"Chinese":        "统一社会信用代码,年度,税收合计（万元）\n" + someone + ",2024年,12.5\n" + another + ",2024,0\n",
		"in yuan":        "统一社会信用代码,年度,税收(元)\n" + someone + ",2024,\"125,000\"\n" + another + ",2024,0.00\n",
		"in 亿元":          "统一社会信用代码,年份,税收【亿元】\n" + someone + ",2024,0.00125\n" + another + ",2024,0\n",
		"columns turned": "税收（万元）,年度,信用代码\n12.5,2024," + someone + "\n0,2024," + another + "\n",
		"blank lines":    "\ncredit_code,year,tax\n\n" + someone + ",2024,12.5\n\n" + another + ",2024,0\n\n",
	} {
		f := with("tax.csv", text)
		e := rejected(t, f)
		want := evaluated(t, smallCity()).manifest
		if e.manifest.RunID != want.RunID {
			t.Errorf("%s: read as another table than the plain one", name)
		}
	}
}

func TestUnitsOfALayersHeadersAreConverted(t *testing.T) {
	e := rejected(t, with("parcels.geojson", layer(
		feature(box(1, 1, 2, 2), `"宗地代码":"P1","土地用途":"100101","用地分类标准":"YDYH-2023","用地面积(亩)":15,"约定动工日期":"2022年3月1日","土地出让金（元）":"10,000,000"`))))
	p := e.properties(t, "parcels", "parcel_code")["P1"]
	if p["official_area"] != 10000.0 || p["mu"] != 15.0 || p["idle"] != true {
		t.Errorf("read as %v", p)
	}
}

func TestAUnitThatIsNotKnownIsRefused(t *testing.T) {
	refused(t, with("tax.csv", "credit_code,year,税收（吊）\nA,2024,1\n"), "tax.csv:1", "税收（吊）", `unit "吊" is not known`)
	refused(t, with("tax.csv", "credit_code,year,税收（亩）\nA,2024,1\n"), "tax.csv:1", "税收（亩）", "does not measure tax")
	refused(t, with("parcels.geojson", layer(lot("P1", box(1, 1, 2, 2), `"登记面积（顷）":1`))), "parcels.geojson", "登记面积（顷）", `unit "顷"`)
}

func TestColumnsNobodyKnowsAreListedAndOtherwisePassedOver(t *testing.T) {
	e := rejected(t, with("tax.csv", "credit_code,year,tax,remarks,备注\nA,2024,1,x,y\n"))
	if got := e.manifest.Ignored["tax"]; !slices.Equal(got, []string{"remarks", "备注"}) {
		t.Errorf("ignored %q", got)
	}
}

func TestYearlyFilesAreReadAsOneTable(t *testing.T) {
	f := smallCity()
	delete(f, "tax.csv")
	f["tax_2023.csv"] = "credit_code,tax\n" + someone + ",1\n" + another + ",2\n"
	f["tax_2024.csv"] = "credit_code,tax\n" + someone + ",1\n" + someone + ",3\nX,many\n"
	e := rejected(t, f, "tax|"+someone+"/2024|credit_code+year|"+someone+"/2024|duplicate_key|tax_2024.csv|3",
		"tax|X/2024|tax|many|not_a_number|tax_2024.csv|4")
	if c := e.manifest.Counts["tax"]; c.Read != 5 || c.Used != 3 {
		t.Errorf("tax %+v", c)
	}
}

func TestAYearlyFileAndAColumnOfYearsThatDisagreeGoByTheColumn(t *testing.T) {
	f := smallCity()
	f["tax_2023.csv"] = "credit_code,year,tax\n" + someone + ",2024,12.5\n"
	e := evaluated(t, f)
	if rows := e.table(t, "rejects"); len(rows) != 1 || rows[0]["key"] != someone+"/2024" || rows[0]["reason"] != "duplicate_key" {
		t.Errorf("rejects %v", rows)
	}
}

func TestEveryFaultOfACellIsRejectedWithItsValue(t *testing.T) {
	f := smallCity()
	f["parcels.geojson"] = layer(lot("P1", box(1, 1, 2, 2), `"signed_on":"2024-02-30"`), lot("P2", box(1, 1, 2, 2), `"recorded_area":"约100"`),
		lot("P3", box(1, 1, 2, 2), `"standard_land":"perhaps"`), lot("P4", box(1, 1, 2, 2), `"delay_cause":"weather"`), lot("", box(1, 1, 2, 2)), lot("P6", box(1, 1, 2, 2)))
	f["tax.csv"] = "credit_code,year,tax\nA,2024.5,1\nB,2024,1e999\nC,2024,NaN\nD,2024,\"1,23\"\nE,2024,\n"
	f["tenancies.csv"] = "credit_code,parcel_code,kind,area\nA,P1,rented,1\nA,,owned,1\nA,P1,owned,1\n"
	rejected(t, f,
		"parcels||parcel_code||missing_value|parcels.geojson|5",
		"parcels|P1|signed_on|2024-02-30|not_a_date|parcels.geojson|1",
		"parcels|P2|recorded_area|约100|not_a_number|parcels.geojson|2",
		"parcels|P3|standard_land|perhaps|not_a_boolean|parcels.geojson|3",
		"parcels|P4|delay_cause|weather|unknown_value|parcels.geojson|4",
		"tenancies|A//owned|parcel_code||missing_value|tenancies.csv|3",
		"tenancies|A/P1/|kind|rented|unknown_value|tenancies.csv|2",
		"tax|A/|year|2024.5|not_an_integer|tax.csv|2",
		"tax|B/2024|tax|1e999|not_a_number|tax.csv|3",
		"tax|C/2024|tax|NaN|not_a_number|tax.csv|4",
		"tax|D/2024|tax|1,23|not_a_number|tax.csv|5")
}

func TestAWrongCheckCharacterIsFlaggedAndStillUsed(t *testing.T) {
	e := rejected(t, with("enterprises.csv", "credit_code,name\n"+someone+",甲\n91110000100000000X,乙\n"))
	flags := e.table(t, "flags")
	if !slices.ContainsFunc(flags, func(r map[string]string) bool {
		return r["table"] == "enterprises" && r["key"] == "91110000100000000X" && r["flag"] == "code_invalid"
	}) {
		t.Errorf("flags %v", flags)
	}
}
