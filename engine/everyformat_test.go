package engine_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/shapefile"
)

func TestTheSampleInEveryTableFormatEvaluatesToTheSameBytes(t *testing.T) {
	c := theSample(t)
	o := c.options(t)
	want := results(t, evaluated(t, c.folder(t, nil), o))
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	for name, change := range map[string]func(name string, text []byte) []byte{
		"GB18030":              recoded(t, ',', simplifiedchinese.GB18030),
		"semicolons":           recoded(t, ';', encoding.Nop),
		"tabs":                 recoded(t, '\t', encoding.Nop),
		"tabs in UTF-16":       recoded(t, '\t', utf16),
		"semicolons, GB18030":  recoded(t, ';', simplifiedchinese.GB18030),
		"commas in UTF-16, BE": recoded(t, ',', unicode.UTF16(unicode.BigEndian, unicode.UseBOM)),
	} {
		t.Run(name, func(t *testing.T) {
			sameResults(t, want, results(t, evaluated(t, c.folder(t, change), o)))
		})
	}
	// A worksheet has no rows that are too short: cells that are not there are empty.
	t.Run("XLSX", func(t *testing.T) {
		c := c.with(t, withoutShortRows(t))
		sameResults(t, results(t, evaluated(t, c.folder(t, nil), o)), results(t, evaluated(t, workbooks(t, c), o)))
	})
}

func TestTheSampleInEveryLayerFormatEvaluatesToTheSameBytes(t *testing.T) {
	c := theSample(t)
	o := c.options(t)
	want := results(t, evaluated(t, c.folder(t, nil), o))
	t.Run("GeoPackage", func(t *testing.T) {
		sameResults(t, want, results(t, evaluated(t, packageFolder(t, c), o)))
	})
	t.Run("GeoPackage that GDAL wrote", func(t *testing.T) {
		dir := convertedFolder(t, c, func(t testing.TB, from, dir, layer string) {
			ogr2ogr(t, "-f", "GPKG", "-a_srs", "EPSG:4490", "-nln", layer, filepath.Join(dir, layer+".gpkg"), from)
		})
		sameResults(t, want, results(t, evaluated(t, dir, o)))
	})
	// A shapefile has its shells turned clockwise, and a ring that is turned but not
	// closed begins with what was its last point.
	c = c.with(t, withoutOpenRings(t))
	want = results(t, evaluated(t, c.folder(t, nil), o))
	for _, encoding := range []string{"UTF-8", "GBK"} {
		t.Run("Shapefile in "+encoding, func(t *testing.T) {
			sameResults(t, want, results(t, evaluated(t, shapeFolder(t, c, encoding), o)))
		})
	}
}

func TestTheSampleInMetresEvaluatesToTheSameVerdictsAndNearlyTheSameFigures(t *testing.T) {
	c := theSample(t)
	o := c.options(t)
	want := results(t, evaluated(t, c.folder(t, nil), o))
	dir := convertedFolder(t, c, func(t testing.TB, from, dir, layer string) {
		ogr2ogr(t, "-f", "GeoJSON", "-lco", "RFC7946=NO", "-lco", "COORDINATE_PRECISION=9", "-s_srs", "EPSG:4490", "-t_srs", "EPSG:4547",
			filepath.Join(dir, layer+".geojson"), from)
	})
	nearResults(t, want, results(t, evaluated(t, dir, o)))
}

// with is the town with other files.
func (c town) with(t testing.TB, change func(name string, text []byte) []byte) town {
	t.Helper()
	c.files = os.DirFS(c.folder(t, change))
	return c
}

// convertedFolder is the town with every layer as convert writes it into the folder.
func convertedFolder(t testing.TB, c town, convert func(t testing.TB, from, dir, layer string)) string {
	t.Helper()
	from, dir := c.folder(t, nil), t.TempDir()
	texts := c.texts(t)
	for _, name := range sorted(texts) {
		if layer, ok := strings.CutSuffix(name, ".geojson"); ok {
			convert(t, filepath.Join(from, name), dir, layer)
		} else if err := os.WriteFile(filepath.Join(dir, name), texts[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ogr2ogr runs GDAL's converter.
func ogr2ogr(t testing.TB, args ...string) {
	t.Helper()
	tool, err := exec.LookPath("ogr2ogr")
	if err != nil {
		t.Fatal("ogr2ogr is not there: install GDAL's tools (apt-get install gdal-bin)")
	}
	if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func theSample(t *testing.T) town {
	t.Helper()
	i := slices.IndexFunc(towns, func(c town) bool { return c.name == "sample" })
	if i < 0 {
		t.Fatal("there is no sample among the towns")
	}
	return towns[i]
}

// csvRows reads a CSV's rows, header first, those too that are too short.
func csvRows(t testing.TB, text []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// recoded writes tables with another mark between cells and in another encoding.
func recoded(t testing.TB, comma rune, to encoding.Encoding) func(name string, text []byte) []byte {
	return func(name string, text []byte) []byte {
		t.Helper()
		if filepath.Ext(name) != ".csv" {
			return text
		}
		return encoded(t, csvRows(t, text), comma, to)
	}
}

func encoded(t testing.TB, rows [][]string, comma rune, to encoding.Encoding) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = comma
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	text, err := to.NewEncoder().Bytes(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// withoutShortRows takes out the rows with fewer cells than the header.
func withoutShortRows(t testing.TB) func(name string, text []byte) []byte {
	return func(name string, text []byte) []byte {
		t.Helper()
		if filepath.Ext(name) != ".csv" {
			return text
		}
		return encoded(t, wholeRows(t, text), ',', encoding.Nop)
	}
}

func wholeRows(t testing.TB, text []byte) [][]string {
	t.Helper()
	rows := csvRows(t, text)
	return slices.DeleteFunc(rows, func(row []string) bool { return len(row) < len(rows[0]) })
}

// withoutOpenRings takes out the features with a ring whose last point is not its
// first.
func withoutOpenRings(t testing.TB) func(name string, text []byte) []byte {
	return func(name string, text []byte) []byte {
		t.Helper()
		if filepath.Ext(name) != ".geojson" {
			return text
		}
		lines := bytes.Split(text, []byte("\n")) // a feature a line
		kept := slices.DeleteFunc(slices.Clone(lines), func(line []byte) bool {
			var f feature
			return json.Unmarshal(bytes.TrimSuffix(line, []byte(",")), &f) == nil && f.Geometry != nil && openRing(t, f.Geometry)
		})
		if name == "parcels.geojson" && len(kept) == len(lines) {
			t.Fatalf("%s: there is no open ring to take out", name)
		}
		last := slices.IndexFunc(kept, func(l []byte) bool { return bytes.HasPrefix(l, []byte("]")) }) - 1
		kept[last] = bytes.TrimSuffix(kept[last], []byte(","))
		return bytes.Join(kept, []byte("\n"))
	}
}

func openRing(t testing.TB, geometry json.RawMessage) bool {
	t.Helper()
	g := geometryOf(t, geometry)
	for i := 0; g != nil && g.Type.Areal() && i < g.NumRings(); i++ {
		if r := g.Ring(i); len(r) > 0 && (r[0] != r[len(r)-2] || r[1] != r[len(r)-1]) {
			return true
		}
	}
	return false
}

// workbooks writes the tables as workbooks: codes as text, days as days, amounts as
// numbers, and what is none of them as it was typed.
func workbooks(t testing.TB, c town) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.texts(t) {
		if stem, table := strings.CutSuffix(name, ".csv"); table {
			writeWorkbook(t, filepath.Join(dir, stem+".xlsx"), wholeRows(t, text))
		} else if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// textColumns are the columns whose cells look like numbers and are text.
var textColumns = []string{"credit_code", "zone_code", "parcel_code", "project_code", "industry", "period", "counterpart", "统一社会信用代码"}

func writeWorkbook(t testing.TB, path string, rows [][]string) {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	format := "yyyy-mm-dd"
	day, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, text := range row {
			if cells[j] = any(text); i > 0 && !slices.Contains(textColumns, rows[0][j]) {
				cells[j] = typed(text, day)
			}
		}
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := sheet.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

// typed is what a spreadsheet makes of what is typed.
func typed(text string, day int) any {
	if text == "" {
		return nil
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v
	}
	if v, err := time.Parse(time.DateOnly, text); err == nil {
		return excelize.Cell{StyleID: day, Value: v}
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

// packageFolder writes all layers into one GeoPackage. Columns of days are days,
// unless a value is not spelt as one.
func packageFolder(t testing.TB, c town) string {
	t.Helper()
	dir := t.TempDir()
	w, err := gpkg.Create(filepath.Join(dir, "city.gpkg"), gpkg.Options{LastChange: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	texts := c.texts(t)
	for _, name := range sorted(texts) {
		stem, layer := strings.CutSuffix(name, ".geojson")
		if layer {
			writeLayer(t, w, stem, featuresOf(t, texts[name]))
		} else if err := os.WriteFile(filepath.Join(dir, name), texts[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func writeLayer(t testing.TB, w *gpkg.Writer, name string, features []feature) {
	t.Helper()
	plan := gpkg.Plan{Name: name, SRS: gpkg.SRSOf(crs.CGCS2000)}
	kinds := kindsOf(features)
	for _, column := range columnsOf(kinds) {
		kind := gpkg.Text
		switch {
		case kinds[column] == arrow.PrimitiveTypes.Float64:
			kind = gpkg.Real
		case kinds[column] == arrow.FixedWidthTypes.Boolean:
			kind = gpkg.Boolean
		case allDays(features, column):
			kind = gpkg.Date
		}
		plan.Fields = append(plan.Fields, gpkg.Field{Name: column, Kind: kind})
	}
	l, err := w.Layer(plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range features {
		for i, field := range plan.Fields {
			v, ok := f.text(field.Name)
			if !ok {
				continue
			}
			switch field.Kind {
			case gpkg.Real:
				v, _ := f.number(t, field.Name)
				l.Real(i, v)
			case gpkg.Boolean:
				l.Bool(i, v == "true")
			case gpkg.Date:
				day, _ := time.Parse(time.DateOnly, v)
				l.Date(i, day.Unix()/86400)
			default:
				l.String(i, v)
			}
		}
		l.Geometry(geometryOf(t, f.Geometry))
		if err := l.End(); err != nil {
			t.Fatal(err)
		}
	}
}

func columnsOf(kinds map[string]arrow.DataType) []string {
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// allDays says whether all values of a column are days, and there is one.
func allDays(features []feature, column string) bool {
	days := 0
	for _, f := range features {
		if v, ok := f.text(column); ok {
			if _, err := time.Parse(time.DateOnly, v); err != nil {
				return false
			}
			days++
		}
	}
	return days > 0
}

// shortened are the columns whose names cut to 10 bytes would be those of others:
// by what they are known as in so few bytes, or by what the mapping beside says.
var shortened = map[string]string{
	"investment_total": "总投资", "investment_made": "已投资",
	"ancillary_land_area": "anc_land", "ancillary_floor_area": "anc_floor",
}

const shortenedMapping = `version: 1
tables:
  parcels:
    columns:
      ancillary_land_area: {header: anc_land, unit: m2}
      ancillary_floor_area: {header: anc_floor, unit: m2}
      investment_total: {header: 总投资, unit: wan_yuan}
      investment_made: {header: 已投资, unit: wan_yuan}
`

// cgcs2000 is what Esri's programs write into a .prj.
const cgcs2000 = `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],` +
	`PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

// shapeFolder writes the layers of polygons as shapefiles. The control lines, which are
// polygons, lines and a point, no shapefile can hold: they stay.
func shapeFolder(t testing.TB, c town, encoding string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.texts(t) {
		if stem, layer := strings.CutSuffix(name, ".geojson"); layer && stem != "control_lines" {
			writeShapes(t, filepath.Join(dir, stem+".shp"), encoding, featuresOf(t, text))
		} else if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "mapping.yaml"), []byte(shortenedMapping), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func writeShapes(t testing.TB, path, encoding string, features []feature) {
	t.Helper()
	kinds := kindsOf(features)
	columns := columnsOf(kinds)
	layer := shapefile.Layer{Encoding: encoding, PRJ: cgcs2000}
	for _, column := range columns {
		field := shapefile.Field{Name: column, Type: 'C', Width: 1}
		for _, f := range features {
			v, _ := f.text(column)
			field.Width = max(field.Width, len(v))
		}
		switch {
		case kinds[column] == arrow.PrimitiveTypes.Float64:
			field.Type, field.Width, field.Decimals = 'N', 18, 4
		case kinds[column] == arrow.FixedWidthTypes.Boolean:
			field.Type, field.Width = 'L', 1
		case allDays(features, column):
			field.Type, field.Width = 'D', 8
		}
		if short, known := shortened[column]; known {
			field.Name = short
		}
		field.Name = field.Name[:min(10, len(field.Name))]
		layer.Fields = append(layer.Fields, field)
	}
	w, err := shapefile.Create(path, layer)
	if err != nil {
		t.Fatal(err)
	}
	values := make([][]byte, len(columns))
	for _, f := range features {
		for i, column := range columns {
			values[i] = nil
			if v, ok := f.text(column); ok {
				values[i] = []byte(v)
			}
		}
		if err := w.Append(geometryOf(t, f.Geometry), values); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
