package read

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/read/dataset"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/shapefile"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// fails reads a table of a folder, with settings, and holds that the error is one line
// with all the words in it.
func fails(t *testing.T, dir, name string, s fileSettings, words ...string) {
	t.Helper()
	f, err := OpenFolder(dir)
	if err == nil {
		f.declared = func(string, dataset.Part) fileSettings { return s }
		_, err = scanAll(f, name, 2)
	}
	if err == nil {
		t.Errorf("%s is read, want an error with %q", name, words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) || strings.Contains(err.Error(), "\n") {
			t.Errorf("no %q in %v", w, err)
		}
	}
}

// settled reads a table of a folder with settings.
func settled(t *testing.T, dir, name string, s fileSettings) *Table {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.declared = func(string, dataset.Part) fileSettings { return s }
	got, err := scanAll(f, name, 2)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func block(x, y, size float64) *wkb.Geometry {
	g := &wkb.Geometry{Type: wkb.Polygon, XY: []float64{x, y, x + size, y, x + size, y + size, x, y + size, x, y}}
	g.EndRing()
	g.EndPart()
	return g
}

// zonesShape writes zones.shp with a block for each place.
func zonesShape(t *testing.T, prj, encoding string, names [2]string, at ...[2]float64) (dir string) {
	t.Helper()
	dir = t.TempDir()
	w, err := shapefile.Create(filepath.Join(dir, "zones.shp"), shapefile.Layer{Encoding: encoding, PRJ: prj, Fields: []shapefile.Field{
		{Name: names[0], Type: 'C', Width: 20}, {Name: names[1], Type: 'C', Width: 40}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range at {
		size := 100.0
		if p[0] < 180 {
			size = 0.001
		}
		if err := w.Append(block(p[0], p[1], size), [][]byte{[]byte{'Z', '1' + byte(i)}, []byte("示例区")}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

var english = [2]string{"zone_code", "name"}

func TestAShapefileWithoutItsProjectionIsRefusedEvenIfItsNumbersCouldBeDegrees(t *testing.T) {
	dir := zonesShape(t, "", "GBK", english, [2]float64{114.3, 30.6})
	fails(t, dir, "zones", fileSettings{}, "zones.shp: there is no .prj beside it", "declare the system in mapping.yaml")
	for _, s := range []fileSettings{{CRS: "EPSG:4490"}, {ElseCRS: "CGCS2000"}} {
		if got := settled(t, dir, "zones", s); rowsOf(got) != 1 {
			t.Errorf("%+v: %d rows", s, rowsOf(got))
		}
	}
}

func TestWhatIsDeclaredOfAFileBeatsWhatItSays(t *testing.T) {
	dir := zonesShape(t, esri, "GBK", english, [2]float64{114.3, 30.6})
	fails(t, dir, "zones", fileSettings{}, "crs EPSG:4547", "are degrees: declare EPSG:4490", "mapping.yaml", "1 of 1 features")
	fails(t, dir, "zones", fileSettings{ElseCRS: "EPSG:4490"}, "crs EPSG:4547")
	if got := settled(t, dir, "zones", fileSettings{CRS: "EPSG:4490"}); rowsOf(got) != 1 {
		t.Errorf("%d rows", rowsOf(got))
	}
}

func TestCoordinatesThatCannotBeTheSystemsEndTheReadingWithAdvice(t *testing.T) {
	plain, numbered := [2]float64{528770, 3386666}, [2]float64{38528770, 3386666}
	const withNumber = "EPSG:4526"
	for _, c := range []struct {
		at     [2]float64
		system string
		words  []string
	}{
		{numbered, "EPSG:4547", []string{"carry the zone number 38: declare EPSG:4526"}},
		{plain, withNumber, []string{"carry no zone number: declare EPSG:4547"}},
		{[2]float64{3386666, 528770}, "EPSG:4547", []string{"northing first: swap x and y"}},
		{plain, "EPSG:4490", []string{"declare the code of their central meridian"}},
		{[2]float64{114.3, 30.6}, "EPSG:4547", []string{"are degrees: declare EPSG:4490"}},
		{plain, "GCJ-02", []string{"GCJ-02", "shifted by hundreds of metres"}},
		{plain, "BD-09", []string{"BD-09", "shifted"}},
		{plain, "EPSG:2362", []string{"EPSG:2362", "Xian 1980"}},
		{plain, "our own grid", []string{"our own grid", "not a system this program knows"}},
	} {
		dir := zonesShape(t, esri, "GBK", english, c.at)
		fails(t, dir, "zones", fileSettings{CRS: c.system}, append(c.words, "zones.shp")...)
	}
}

func TestAFewRowsOutsideTheSystemAreRejects(t *testing.T) {
	dir := zonesShape(t, esri, "GBK", english, [2]float64{528770, 3386666}, [2]float64{38528770, 3386666}, [2]float64{528870, 3386666})
	got := settled(t, dir, "zones", fileSettings{})
	expect(t, "used", columnOf(got, "zone_code"), []string{"Z1", "Z3"})
	expect(t, "rejects", faults(got.Account), []string{"zones.shp:2 key=Z2 column=geometry value=38528770 3386666 coordinate_out_of_range"})
}

func TestTextWhoseEncodingNothingSaysIsRefusedAndNotGuessed(t *testing.T) {
	dir := zonesShape(t, esri, "GBK", english, [2]float64{528770, 3386666})
	if err := os.Remove(filepath.Join(dir, "zones.cpg")); err != nil {
		t.Fatal(err)
	}
	setDriver(t, filepath.Join(dir, "zones.dbf"), 0)
	fails(t, dir, "zones", fileSettings{}, "zones.shp: record 1, name: text is not ASCII", "or declare it in mapping.yaml")
	fails(t, dir, "zones", fileSettings{Encoding: "EBCDIC"}, "EBCDIC")
	expect(t, "names", columnOf(settled(t, dir, "zones", fileSettings{Encoding: "GB18030"}), "name"), []string{"示例区"})
	got := settled(t, dir, "zones", fileSettings{Encoding: "UTF-8"})
	if r := got.Account.Rejects; len(r) != 1 || r[0].Reason != UnreadableText || r[0].Column != "name" || r[0].Key != "Z1" {
		t.Errorf("rejects %+v", r)
	}
}

// setDriver sets the byte of a .dbf that says its encoding.
func setDriver(t *testing.T, path string, driver byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[29] = driver
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNamesThatAShapefileCutAreFoundWhenOnlyOneColumnCanBeMeant(t *testing.T) {
	for _, c := range []struct{ table, header, column, fault string }{
		{"parcels", "agreed_sta", "agreed_start_on", ""},
		{"parcels", "AGREED_STA", "agreed_start_on", ""},
		{"parcels", "land_use_s", "land_use_standard", ""},
		{"parcels", "recorded_a", "recorded_area", ""},
		{"parcels", "recorded_", "", ""},
		{"parcels", "investment", "", "may be investment_made or investment_total"},
		{"parcels", "investme_1", "", "numbered, and may be one of"},
		{"parcels", "ancillary_", "", "may be ancillary_floor_area or ancillary_land_area"},
		{"parcels", "合同签订日", "signed_on", ""},
		{"parcels", "宗地代", "parcel_code", ""},
		{"parcels", "登记面（亩", "", ""},
		{"parcels", "登记面积（", "", "cut short in its unit"},
		{"parcels", "总投资（万", "", "cut short in its unit"},
		{"parcels", "已动工开发", "", "its unit perhaps with it"},
		{"parcels", "用地面", "", "its unit perhaps with it"},
		{"parcels", "土地", "", ""},
		{"parcels", "土地使用权", "", "may be holder or holder_name"},
		{"land_use", "structure_", "structure_area", ""},
	} {
		sc := &scan{schema: table.MustInput(c.table)}
		to, err := sc.cut(c.header)
		column := ""
		if to.field >= 0 {
			column = sc.schema.Fields[to.field].Name
		}
		if column != c.column || (err != nil) != (c.fault != "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %q %v, want %q %q", c.header, column, err, c.column, c.fault)
		}
	}
}

func TestNumbersAreNoCodesInAShapefileAndAGeoPackage(t *testing.T) {
	dir := t.TempDir()
	w, err := shapefile.Create(filepath.Join(dir, "zones.shp"), shapefile.Layer{PRJ: esri, Fields: []shapefile.Field{
		{Name: "zone_code", Type: 'N', Width: 10}, {Name: "name", Type: 'C', Width: 10}}})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	fails(t, dir, "zones", fileSettings{}, "zones.shp: column zone_code holds numbers, but a code is text")
	dir = t.TempDir()
	geopackage(t, filepath.Join(dir, "zones.gpkg"), wgs84, gpkg.Integer, "zones")
	fails(t, dir, "zones", fileSettings{}, "zones.gpkg: column zone_code holds numbers, but a code is text")
}

// geopackage writes layers with one row, whose code is of a kind.
func geopackage(t *testing.T, path string, srs gpkg.SRS, code gpkg.Kind, layers ...string) {
	t.Helper()
	w, err := gpkg.Create(path, gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range layers {
		l, err := w.Layer(gpkg.Plan{Name: name, SRS: srs, Fields: []gpkg.Field{{Name: "zone_code", Kind: code}, {Name: "name", Kind: gpkg.Text}}})
		if err != nil {
			t.Fatal(err)
		}
		if code == gpkg.Integer {
			l.Integer(0, 7)
		} else {
			l.String(0, "Z-"+name)
		}
		l.String(1, "甲")
		l.Geometry(block(114.3, 30.6, 0.001))
		if err := l.End(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

var wgs84 = gpkg.SRSOf(crs.WGS84)

func TestALayerIsFoundByItsNameElseByThatOfItsFile(t *testing.T) {
	for _, c := range []struct {
		file   string
		layers []string
		code   string
		unused []string
	}{
		{"zones.gpkg", []string{"anything"}, "Z-anything", nil},
		{"zones.gpkg", []string{"zones", "notes"}, "Z-zones", []string{"zones.gpkg: layer notes"}},
		{"zones.gpkg", []string{"开发区", "宗地"}, "Z-开发区", nil},
		{"zones.gpkg", []string{"a", "parcels"}, "Z-a", nil},
		{"city.gpkg", []string{"ZONES", "parcels", "x"}, "Z-ZONES", []string{"city.gpkg: layer x"}},
		{"园区.gpkg", []string{"a"}, "Z-a", nil},
	} {
		dir := t.TempDir()
		geopackage(t, filepath.Join(dir, c.file), wgs84, gpkg.Text, c.layers...)
		f, err := OpenFolder(dir)
		if err != nil {
			t.Errorf("%s %q: %v", c.file, c.layers, err)
			continue
		}
		got, err := scanAll(f, "zones", 1)
		if err != nil {
			t.Errorf("%s %q: %v", c.file, c.layers, err)
			continue
		}
		expect(t, c.file, columnOf(got, "zone_code"), []string{c.code})
		expect(t, "unused", f.UnusedFiles(), c.unused)
	}
	for _, c := range []struct {
		file   string
		layers []string
		words  []string
	}{
		{"zones.gpkg", []string{"a", "b"}, []string{`zones.gpkg: no layer or sheet in it is named zones; it has "a", "b"`}},
		{"city.gpkg", []string{"zones", "开发区"}, []string{"table zones stands there twice, as city.gpkg (zones) and city.gpkg (开发区); keep one"}},
		{"tax.gpkg", []string{"a"}, []string{"tax.gpkg: the table tax is not read from .gpkg"}},
	} {
		dir := t.TempDir()
		geopackage(t, filepath.Join(dir, c.file), wgs84, gpkg.Text, c.layers...)
		fails(t, dir, "zones", fileSettings{}, c.words...)
	}
}

func TestALayerInAGeoPackageAndInAFileOfItsOwnIsThereTwice(t *testing.T) {
	dir := t.TempDir()
	geopackage(t, filepath.Join(dir, "city.gpkg"), wgs84, gpkg.Text, "zones", "parcels")
	if err := os.WriteFile(filepath.Join(dir, "zones.geojson"), []byte(collection()), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, dir, "zones", fileSettings{}, "table zones stands there twice, as city.gpkg (zones) and zones.geojson; keep one")
}

func TestALayerThatDoesNotKnowItsSystemIsRefused(t *testing.T) {
	dir := t.TempDir()
	geopackage(t, filepath.Join(dir, "zones.gpkg"), gpkg.SRS{}, gpkg.Text, "zones")
	fails(t, dir, "zones", fileSettings{}, "zones.gpkg", "coordinate system is undefined", "mapping.yaml")
	if got := settled(t, dir, "zones", fileSettings{ElseCRS: "EPSG:4490"}); rowsOf(got) != 1 {
		t.Errorf("%d rows", rowsOf(got))
	}
}

func TestAFileThatIsNoWorkbookOrGeoPackageOfATableIsListedWithTheReason(t *testing.T) {
	f := folder(t, map[string]string{"汇总.xlsx": "x", "city.gpkg": "x", "~$tax.xlsx": "x"})
	unused := f.UnusedFiles()
	if len(unused) != 2 || !strings.Contains(unused[0], "city.gpkg: ") || !strings.Contains(unused[0], "not a GeoPackage") || !strings.Contains(unused[1], "汇总.xlsx: ") {
		t.Errorf("unused %q", unused)
	}
}

func TestACRSMemberBehindTheFeaturesIsRefusedWhenItMatters(t *testing.T) {
	feature := parcel(square, `"zone_code":"Z","name":"a"`)
	for member, fault := range map[string]string{`"EPSG:4490"`: "", `"urn:ogc:def:crs:OGC:1.3:CRS84"`: "", `"EPSG:4547"`: "stands behind the features", `"GCJ-02"`: "shifted"} {
		text := `{"type":"FeatureCollection","features":[` + feature + `],"crs":{"type":"name","properties":{"name":` + member + `}}}`
		f := folder(t, map[string]string{"zones.geojson": text})
		got, err := scanAll(f, "zones", 2)
		if fault == "" && (err != nil || rowsOf(got) != 1) || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("%s: %v", member, err)
		}
	}
}

func TestALongEdgeInMetresIsDensified(t *testing.T) {
	dir := zonesShape(t, esri, "GBK", english)
	w, err := shapefile.Create(filepath.Join(dir, "zones.shp"), shapefile.Layer{PRJ: esri, Fields: []shapefile.Field{{Name: "zone_code", Type: 'C', Width: 9}, {Name: "name", Type: 'C', Width: 9}}})
	if err == nil {
		err = w.Append(block(560_000, 3386666, 20_000), [][]byte{[]byte("Z"), []byte("z")})
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	got := settled(t, dir, "zones", fileSettings{})
	var g wkb.Geometry
	if err := g.Parse(got.Batches[0].Geometry().Value(0)); err != nil {
		t.Fatal(err)
	}
	if n := len(g.XY) / 2; n < 20 || n > 1000 {
		t.Errorf("%d vertices of a square with sides of 20 km", n)
	}
}

// workbook writes sheets of rows in their order; a name that begins with ~ is hidden.
func workbook(t *testing.T, path string, sheets ...[][]any) {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, rows := range sheets {
		name := rows[0][0].(string)
		hidden := strings.HasPrefix(name, "~")
		name = strings.TrimPrefix(name, "~")
		if i == 0 {
			if err := book.SetSheetName("Sheet1", name); err != nil {
				t.Fatal(err)
			}
		} else if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for r, row := range rows[1:] {
			cell, err := excelize.CoordinatesToCellName(1, r+1)
			if err == nil {
				err = book.SetSheetRow(name, cell, &row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if hidden {
			if err := book.SetSheetVisible(name, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

func TestASheetIsFoundByItsNameElseByThatOfItsFile(t *testing.T) {
	head := []any{"统一社会信用代码", "年度", "税收（万元）"}
	sheet := func(name, code string) [][]any { return [][]any{{name}, head, {code, 2024, 1.5}} }
	notes := [][]any{{"填表说明"}, {"一、请填写完整"}, {"二、单位为万元"}}
	for what, c := range map[string]struct {
		file   string
		sheets [][][]any
		code   string
		unused []string
	}{
		"the only sheet":                   {"tax.xlsx", [][][]any{sheet("Sheet1", "A")}, "A", nil},
		"the only one with a table":        {"tax.xlsx", [][][]any{notes, sheet("Sheet2", "A")}, "A", nil},
		"the only visible one":             {"tax.xlsx", [][][]any{sheet("Sheet1", "A"), sheet("~old", "B")}, "A", nil},
		"named for the table":              {"tax.xlsx", [][][]any{sheet("Sheet1", "A"), sheet("税收", "B")}, "B", []string{"tax.xlsx: sheet Sheet1"}},
		"beside that of another table":     {"tax.xlsx", [][][]any{sheet("能耗", "A"), sheet("x", "B")}, "B", nil},
		"of a workbook of another name":    {"2024年汇总.xlsx", [][][]any{notes, sheet("Tax", "A")}, "A", []string{"2024年汇总.xlsx: sheet 填表说明"}},
		"of a year":                        {"汇总.xlsx", [][][]any{sheet("tax_2024", "A")}, "A", nil},
		"of a file by its Chinese name":    {"税收_2024.xlsx", [][][]any{sheet("Sheet1", "A")}, "A", nil},
		"of a workbook that may hold code": {"tax.xlsm", [][][]any{sheet("Sheet1", "A")}, "A", nil},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, c.file)
		workbook(t, strings.TrimSuffix(path, "m")+strings.Repeat("x", strings.Count(filepath.Ext(path), "m")), c.sheets...)
		if strings.HasSuffix(path, "m") {
			if err := os.Rename(strings.TrimSuffix(path, "m")+"x", path); err != nil {
				t.Fatal(err)
			}
		}
		f, err := OpenFolder(dir)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		got, err := scanAll(f, "tax", 1)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		expect(t, what, columnOf(got, "credit_code"), []string{c.code})
		expect(t, what+", unused", f.UnusedFiles(), c.unused)
	}
	dir := t.TempDir()
	workbook(t, filepath.Join(dir, "tax.xlsx"), sheet("2023", "A"), sheet("2024", "B"))
	fails(t, dir, "tax", fileSettings{}, "tax.xlsx", `"2023", "2024"`, "say which")
	if got := settled(t, dir, "tax", fileSettings{Within: "2024"}); columnOf(got, "credit_code")[0] != "B" {
		t.Errorf("%v", columnOf(got, "credit_code"))
	}
	dir = t.TempDir()
	workbook(t, filepath.Join(dir, "zones.xlsx"), sheet("2023", "A"))
	fails(t, dir, "zones", fileSettings{}, "zones.xlsx: the table zones is not read from .xlsx")
}

func TestAHeadOfTwoRowsIsReadWhereTheUpperOnlySaysWhatItIsAbout(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "output.xlsx")
	workbook(t, path, [][]any{{"Sheet1"}, {"企业基本情况", nil, "经济指标", nil, "规划", nil}, {"统一社会信用代码", "年度", "销售收入（万元）", "增加值（万元）", "利润总额", "研发费用"},
		{"A", 2024, 12.5, "3.5万", 4, 5}})
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range [][2]string{{"A1", "B1"}, {"C1", "D1"}, {"E1", "F1"}} {
		if err := book.MergeCell("Sheet1", to[0], to[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Save(); err != nil {
		t.Fatal(err)
	}
	got := settled(t, dir, "output", fileSettings{HeaderAt: 1, HeaderRows: 2})
	expect(t, "sales", columnOf(got, "sales"), []string{"12.5"})
	expect(t, "value added", columnOf(got, "value_added"), []string{"3.5"})
	expect(t, "profit", columnOf(got, "profit"), []string{"∅"})
	expect(t, "ignored", got.Account.Ignored, []string{"规划 > 利润总额", "规划 > 研发费用"})
}

func TestANumberShownAsAPercentageIsAShareAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "projects.xlsx")
	workbook(t, path, [][]any{{"Sheet1"}, {"project_code", "zone_code", "building_coverage [%]", "investment"}, {"P1", "Z", 0.455, 3}, {"P2", "Z", 45.5, 3}, {"P3", "Z", nil, 0.5}})
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	style, err := book.NewStyle(&excelize.Style{NumFmt: 10})
	for _, cell := range []string{"C2", "D4"} {
		if err == nil {
			err = book.SetCellStyle("Sheet1", cell, cell, style)
		}
	}
	if err == nil {
		err = book.Save()
	}
	if err != nil {
		t.Fatal(err)
	}
	got := settled(t, dir, "projects", fileSettings{})
	expect(t, "coverage", columnOf(got, "building_coverage"), []string{"0.455", "0.455"})
	expect(t, "rejects", faults(got.Account), []string{"projects.xlsx:4 key=P3 column=investment value=0.5 shown as a percentage not_a_number"})
}

func TestACodeThatAWorksheetHoldsAsANumberIsRejected(t *testing.T) {
	dir := t.TempDir()
	workbook(t, filepath.Join(dir, "tax.xlsx"), [][]any{
		{"Sheet1"}, {"credit_code", "year", "tax"}, {code2, 2024, 12.5}, {914403001922, 2024, 3}, {code2, "2023", "7"},
	})
	path := filepath.Join(dir, "projects.xlsx")
	workbook(t, path, [][]any{
		{"Sheet1"}, {"project_code", "zone_code", "investment"}, {"0701", "001", 3}, {701, "001", 4}, {"P3", 0.5, 5}, {7, nil, 6},
	})
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	share, err := book.NewStyle(&excelize.Style{NumFmt: 10})
	if err == nil {
		err = book.SetCellStyle("Sheet1", "B4", "B4", share)
	}
	if err == nil {
		err = book.Save()
	}
	if err != nil {
		t.Fatal(err)
	}
	got := settled(t, dir, "tax", fileSettings{})
	expect(t, "codes", columnOf(got, "credit_code"), []string{code2, code2})
	expect(t, "years", columnOf(got, "year"), []string{"2024", "2023"})
	expect(t, "amounts", columnOf(got, "tax"), []string{"12.5", "7"})
	expect(t, "rejects", faults(got.Account), []string{"tax.xlsx:3 key=/2024 column=credit_code value=914403001922 code_is_number"})

	got = settled(t, dir, "projects", fileSettings{})
	expect(t, "codes", columnOf(got, "project_code"), []string{"0701"})
	expect(t, "rejects", faults(got.Account), []string{
		"projects.xlsx:3 key= column=project_code value=701 code_is_number",
		"projects.xlsx:4 key=P3 column=zone_code value=0.5 code_is_number",
		"projects.xlsx:5 key= column=project_code value=7 code_is_number",
	})
}

func TestAFolderAndItsFilesMustNotBothSayAColumn(t *testing.T) {
	write := func(folder string) string {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		parquetFile(t, filepath.Join(dir, folder, "part-0.parquet"), "", []arrow.Field{
			{Name: "credit_code", Type: arrow.BinaryTypes.String}, {Name: "tax", Type: arrow.PrimitiveTypes.Float64},
		}, func(b *array.RecordBuilder) {
			b.Field(0).(*array.StringBuilder).Append("A")
			b.Field(1).(*array.Float64Builder).Append(1.5)
		})
		return dir
	}
	fails(t, write("tax/税收（元）=3/year=2024"), "tax", fileSettings{}, `column "tax" and the folder's 税收（元）= both mean tax; keep one`)
	fails(t, write("tax/year=2024%zz"), "tax", fileSettings{}, `the folder "year=2024%zz" is not named as column=value`)
	fails(t, write("tax"), "tax", fileSettings{}, "table tax has no column year")
	got := reread(t, write("tax/年度=2024年/x"), "tax")
	expect(t, "years", columnOf(got, "year"), []string{"2024"})
	got = settled(t, write("tax.parquet/year=__HIVE_DEFAULT_PARTITION__"), "tax", fileSettings{})
	expect(t, "rejects", faults(got.Account), []string{"tax.parquet/year=__HIVE_DEFAULT_PARTITION__/part-0.parquet:1 key=A/ column=year value= missing_value"})
	dir := write("tax/year=2024")
	if err := os.WriteFile(filepath.Join(dir, "tax.csv"), []byte("credit_code,year\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fails(t, dir, "tax", fileSettings{}, "table tax stands there twice, as tax/year=2024/part-0.parquet and tax.csv; keep one")
}

func TestFaultsOfATopologyAreErrorsOrRejects(t *testing.T) {
	topology := func(geometry string) string {
		return `{"type":"Topology","objects":{"x":{"type":"GeometryCollection","geometries":[` + geometry + `]}},"arcs":[[[114.3,30.6],[114.4,30.6],[114.4,30.7],[114.3,30.6]]]}`
	}
	row := func(code, rest string) string {
		return `{"properties":{"zone_code":"` + code + `","name":"a"},` + rest + `}`
	}
	got := mustScan(t, "zones", map[string]string{"zones.topojson": topology(strings.Join([]string{
		row("A", `"type":"Polygon","arcs":[[0]]`), row("B", `"type":"Polygon","arcs":[[7]]`), row("C", `"type":"Polygon","arcs":[0]`),
		row("D", `"type":null`), row("E", `"type":"LineString","arcs":[0]`), row("F", `"type":"MultiPolygon","arcs":[[[-1]]]`),
		`{"type":"Polygon","arcs":[[0]],"properties":{"zone_code":7,"name":"a"}}`}, ","))})
	expect(t, "used", columnOf(got, "zone_code"), []string{"A", "F"})
	expect(t, "rejects", faults(got.Account), []string{
		"zones.topojson:2 key=B column=geometry value=it names arc 7 of 1 unreadable_geometry",
		"zones.topojson:3 key=C column=geometry value=its arcs are not nested as its type wants it unreadable_geometry",
		"zones.topojson:4 key=D column=geometry value= empty_geometry",
		"zones.topojson:5 key=E column=geometry value=LineString geometry_type",
		"zones.topojson:7 key= column=zone_code value=7 code_is_number",
	})
	for text, fault := range map[string]string{
		"{}": "not TopoJSON", "[]": "not TopoJSON", topology("")[:90]: "", `{"type":"Topology","objects":{"a":{},"b":{}},"arcs":[]}`: `it holds no object named zones, but "a, b"`,
		`{"type":"Topology","crs":{"properties":{"name":"GCJ-02"}},"objects":{"a":{}},"arcs":[]}`: "shifted",
		topology(row("A", `"type":"Polygon","arcs":[[0]],"properties":[]`)):                       "its properties are no object",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "zones.topojson"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		fails(t, dir, "zones", fileSettings{}, "zones.topojson", fault)
	}
}

func TestACellThatSaysItsUnitBeatsTheHeader(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "统一社会信用代码,年度,税收（元）,增值税（万元）\n" +
		"A,2024,3.2亿元,1200万元\nB,2024,５万,\"(1,200)\"\nC,2024,（12000）,3亿\nD,2024,20000,−7\nE,2024,－,／\nF,2024,\"(1,200)万元\",１２００元\n" +
		"G,2024,5亩,1\nH,2024,约5万元,1\nI,2024,5万万,1\nJ,2024,万元,1\nK,2024,3-5万元,1\n"})
	expect(t, "tax", columnOf(got, "tax"), []string{"32000", "5", "-1.2", "2", "∅", "-1200"})
	expect(t, "vat", columnOf(got, "vat"), []string{"1200", "-1200", "30000", "-7", "∅", "0.12"})
	expect(t, "rejects", faults(got.Account), []string{
		"tax.csv:8 key=G/2024 column=tax value=5亩 not_a_number", "tax.csv:9 key=H/2024 column=tax value=约5万元 not_a_number",
		"tax.csv:10 key=I/2024 column=tax value=5万万 not_a_number", "tax.csv:11 key=J/2024 column=tax value=万元 not_a_number",
		"tax.csv:12 key=K/2024 column=tax value=3-5万元 not_a_number",
	})
	areas := mustScan(t, "tenancies", map[string]string{"tenancies.csv": "credit_code,parcel_code,kind,用地面积（亩）\nA,P,owned,3㎡\nB,P,owned,1.5 公顷\nC,P,owned,5万\nD,P,owned,3\n"})
	expect(t, "areas", columnOf(areas, "area"), []string{"3", "15000", "2000"})
	dollars := mustScan(t, "projects", map[string]string{"projects.csv": "project_code,zone_code,foreign_usd,building_coverage\nA,Z,5万,45%\nB,Z,3亿,0.45\nC,Z,5万美元,45.5％\nD,Z,5万元,1\n"})
	expect(t, "dollars", columnOf(dollars, "foreign_usd"), []string{"5", "30000", "5"})
	expect(t, "shares", columnOf(dollars, "building_coverage"), []string{"0.45", "0.45", "0.455"})
}

func TestAnErrorOfASpreadsheetIsARejectInEveryColumnButNAIsNothing(t *testing.T) {
	got := mustScan(t, "enterprises", map[string]string{"enterprises.csv": "credit_code,name,industry,above_scale,registered_on,lon\n" +
		"A,#N/A甲,#N/A,#N/A,#N/A,#N/A\nB,#REF!,,,,\nC,丙,#VALUE!,,,\nD,丁,,#NAME?,,\nE,戊,,,######,\nF,己,,,,#DIV/0!\n#NULL!,庚,,,,\nG,#1厂房,,,,\n"})
	expect(t, "used", columnOf(got, "credit_code"), []string{"A", "G"})
	var reasons []string
	for _, r := range got.Account.Rejects {
		reasons = append(reasons, r.Column+" "+r.Value+" "+string(r.Reason))
	}
	expect(t, "rejects", reasons, []string{"name #REF! formula_error", "industry #VALUE! formula_error", "above_scale #NAME? formula_error",
		"registered_on ###### formula_error", "lon #DIV/0! formula_error", "credit_code #NULL! formula_error"})
}

func TestADateWithoutItsDayIsARejectThatSaysSo(t *testing.T) {
	got := mustScan(t, "zones", map[string]string{"zones.geojson": collection(
		parcel(square, `"zone_code":"A","name":"a","approved_on":"2023.6.30"`), parcel(square, `"zone_code":"B","name":"a","approved_on":"2023年6月"`),
		parcel(square, `"zone_code":"C","name":"a","approved_on":20230630`), parcel(square, `"zone_code":"D","name":"a","approved_on":"2023"`),
		parcel(square, `"zone_code":"E","name":"a","approved_on":"2023-13"`), parcel(square, `"zone_code":"F","name":"a","approved_on":45107`))})
	expect(t, "dates", columnOf(got, "approved_on"), []string{"2023-06-30", "2023-06-30"})
	var reasons []string
	for _, r := range got.Account.Rejects {
		reasons = append(reasons, r.Value+" "+string(r.Reason))
	}
	expect(t, "rejects", reasons, []string{"2023年6月 date_incomplete", "2023 date_incomplete", "2023-13 not_a_date", "45107 not_a_date"})
}

func TestSettingsOfATextFileAreTaken(t *testing.T) {
	dir := t.TempDir()
	text := "示例市税收表|2024\n单位：万元|\n代码|纳税年份|税收（万元）|其他\nA|2024|暂无|x\nB|2024|5|x\n"
	if err := os.WriteFile(filepath.Join(dir, "tax.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := settled(t, dir, "tax", fileSettings{Delimiter: '|', HeaderAt: 3, NullWords: []string{"暂无"},
		Columns: map[string]string{"代码": "credit_code", "纳税年份": "year", "其他": ""}})
	expect(t, "codes", columnOf(got, "credit_code"), []string{"A", "B"})
	expect(t, "tax", columnOf(got, "tax"), []string{"∅", "5"})
	if _, row := got.Batches[0].Place(0); row != 4 {
		t.Errorf("the first row is line %d, want 4", row)
	}
	if note := got.Account.Files[0].Note; note != "" {
		t.Errorf("note %q", note)
	}
}

func TestTheLanguageDriverOfATableIsBelieved(t *testing.T) {
	dir := zonesShape(t, esri, "GBK", english, [2]float64{528770, 3386666})
	if err := os.Remove(filepath.Join(dir, "zones.cpg")); err != nil {
		t.Fatal(err)
	}
	setDriver(t, filepath.Join(dir, "zones.dbf"), 0x4D)
	got := settled(t, dir, "zones", fileSettings{})
	expect(t, "names", columnOf(got, "name"), []string{"示例区"})
	if note := got.Account.Files[0].Note; !strings.Contains(note, "language driver 0x4D") {
		t.Errorf("note %q", note)
	}
}
