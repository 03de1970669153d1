package read

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/shapefile"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// theCity are the usable rows of the sample's tables, as they are read from GeoJSON and
// CSV.
var theCity = sync.OnceValues(func() (map[string]*Table, error) {
	dir, err := os.MkdirTemp("", "city")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, sample.Files); err != nil {
		return nil, err
	}
	f, err := OpenFolder(dir)
	if err != nil {
		return nil, err
	}
	tables := map[string]*Table{}
	for _, s := range table.Inputs() {
		if tables[s.Name], err = All(context.Background(), f, s.Name, 2); err != nil {
			return nil, err
		}
	}
	return tables, nil
})

func cityTable(t *testing.T, name string) *Table {
	t.Helper()
	tables, err := theCity()
	if err != nil {
		t.Fatal(err)
	}
	if tables[name] == nil || rowsOf(tables[name]) == 0 {
		t.Fatalf("the sample has no %s", name)
	}
	return tables[name]
}

// values gives the columns of a table but for its geometry, row by row; nil is null.
func values(tab *Table, each func(row []any, g *wkb.Geometry)) {
	for _, b := range tab.Batches {
		for row := range b.Rows() {
			out := make([]any, 0, len(b.Schema.Fields))
			var g *wkb.Geometry
			for c, f := range b.Schema.Fields {
				var v any
				switch a := b.Record.Column(c).(type) {
				case *array.Float64:
					v = a.Value(row)
				case *array.Int64:
					v = a.Value(row)
				case *array.Boolean:
					v = a.Value(row)
				case *array.Binary:
					g = &wkb.Geometry{}
					if err := g.Parse(a.Value(row)); err != nil {
						panic(err)
					}
					continue
				case *array.Date32:
					v = a.Value(row)
				case *array.String:
					v = a.Value(row)
				default:
					panic(f.Name)
				}
				if b.Record.Column(c).IsNull(row) {
					v = nil
				}
				out = append(out, v)
			}
			each(out, g)
		}
	}
}

// cellText is a value as a text file holds it.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case arrow.Date32:
		return v.FormattedString()
	default:
		return fmt.Sprint(v)
	}
}

func digestOf(tab *Table) (d Digest) {
	for _, b := range tab.Batches {
		for _, row := range Rows(b, nil) {
			d.Add(row)
		}
	}
	return d
}

// reread reads a table of a folder without a reject.
func reread(t *testing.T, dir, name string) *Table {
	t.Helper()
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := scanAll(f, name, 2)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(rowsOf(got) + len(got.Account.Rejects)); n != got.Account.Read {
		t.Fatalf("%s: %d rows and rejects, but %d were read", name, n, got.Account.Read)
	}
	if rejects := faults(got.Account); len(rejects) > 0 {
		t.Fatalf("%s: %d rejects: %s", name, len(rejects), rejects[0])
	}
	return got
}

// same holds that two tables have the same rows, in any order; geometry to a tolerance
// in degrees, where vertices may have been put in between, and exactly if it is 0.
func same(t *testing.T, want, got *Table, tolerance float64) {
	t.Helper()
	if tolerance == 0 {
		if digestOf(want) != digestOf(got) || rowsOf(want) != rowsOf(got) {
			t.Errorf("%d rows with another digest than the %d of the sample", rowsOf(got), rowsOf(want))
		}
	}
	type row struct {
		cells string
		g     *wkb.Geometry
	}
	list := func(tab *Table) (rows []row) {
		values(tab, func(cells []any, g *wkb.Geometry) { rows = append(rows, row{fmt.Sprint(cells...), g}) })
		sort.Slice(rows, func(i, j int) bool { return rows[i].cells < rows[j].cells })
		return rows
	}
	a, b := list(want), list(got)
	if len(a) != len(b) {
		t.Fatalf("%d rows, want %d", len(b), len(a))
	}
	for i := range a {
		if a[i].cells != b[i].cells {
			t.Fatalf("row\n%s\nwant\n%s", b[i].cells, a[i].cells)
		}
		if a[i].g != nil && tolerance > 0 && !within(a[i].g, b[i].g, tolerance) {
			t.Fatalf("row %s: geometry %v, want %v", a[i].cells, b[i].g, a[i].g)
		}
	}
}

// within says whether every ring of a is one of b, forwards or backwards and begun
// anywhere, with other vertices between its own perhaps.
func within(a, b *wkb.Geometry, tolerance float64) bool {
	if a.NumRings() != b.NumRings() || a.Type.Areal() != b.Type.Areal() {
		return false
	}
	used := make([]bool, b.NumRings())
	for i := range a.NumRings() {
		found := false
		for j := range b.NumRings() {
			if !used[j] && ringWithin(a.Ring(i), b.Ring(j), tolerance) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func ringWithin(a, b []float64, tolerance float64) bool {
	if backward := reversed(b); follows(a, b, tolerance) || follows(a, backward, tolerance) {
		return true
	}
	return false
}

func reversed(ring []float64) []float64 {
	out := make([]float64, 0, len(ring))
	for i := len(ring) - 2; i >= 0; i -= 2 {
		out = append(out, ring[i], ring[i+1])
	}
	return out
}

// follows says whether b passes the vertices of a in their order, from wherever it
// begins.
func follows(a, b []float64, tolerance float64) bool {
	near := func(i, j int) bool {
		return math.Abs(a[i]-b[j]) <= tolerance && math.Abs(a[i+1]-b[j+1]) <= tolerance
	}
	closed := len(b) > 2 && b[0] == b[len(b)-2] && b[1] == b[len(b)-1]
	turn := len(b)
	if closed {
		turn -= 2
	}
	for start := 0; start < turn; start += 2 {
		if !near(0, start) {
			continue
		}
		i := 0
		for step := 0; step <= turn && i < len(a); step += 2 {
			if near(i, (start+step)%max(turn, 1)) {
				i += 2
			}
		}
		if i >= len(a) {
			return true
		}
	}
	return false
}

var layersOfCity = []string{table.Zones, table.Parcels, table.LandUse, table.ControlLines}

// metres is the reference system of the projected tests: without zone number, central
// meridian 114°E, as ogr2ogr's -t_srs EPSG:4547.
var metres = crs.System{Code: 4547, Name: "CGCS2000 / 3-degree Gauss-Kruger CM 114E"}

func projected(t *testing.T, g *wkb.Geometry) *wkb.Geometry {
	t.Helper()
	out := g.Clone()
	if err := metres.FromLonLat(out.XY); err != nil {
		t.Fatal(err)
	}
	return out
}

// asGeoJSON writes a layer, with a crs member when given.
func asGeoJSON(t *testing.T, path string, tab *Table, member string, move func(*wkb.Geometry) *wkb.Geometry) {
	t.Helper()
	out := []byte(`{"type":"FeatureCollection",` + member + `"features":[`)
	first := true
	values(tab, func(row []any, g *wkb.Geometry) {
		if !first {
			out = append(out, ',', '\n')
		}
		first = false
		out = append(out, `{"type":"Feature","properties":{`...)
		for i, v := range row {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(geojson.AppendString(out, tab.Schema.Fields[i].Name), ':')
			switch v := v.(type) {
			case nil:
				out = append(out, "null"...)
			case string:
				out = geojson.AppendString(out, v)
			case arrow.Date32:
				out = geojson.AppendString(out, v.FormattedString())
			default:
				out = append(out, cellText(v)...)
			}
		}
		out = append(append(out, `},"geometry":`...), geometryJSON(move(g))...)
		out = append(out, '}')
	})
	if err := os.WriteFile(path, append(out, "]}"...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// geometryJSON has all digits, which the program's own writer has not.
func geometryJSON(g *wkb.Geometry) string {
	var parts []string
	for p := range g.NumParts() {
		from, to := g.Part(p)
		var rings []string
		for i := from; i < to; i++ {
			var points []string
			for k := 0; k < len(g.Ring(i)); k += 2 {
				points = append(points, fmt.Sprintf("[%s,%s]", cellText(g.Ring(i)[k]), cellText(g.Ring(i)[k+1])))
			}
			rings = append(rings, "["+strings.Join(points, ",")+"]")
		}
		parts = append(parts, "["+strings.Join(rings, ",")+"]")
	}
	c := "[" + strings.Join(parts, ",") + "]"
	switch g.Type {
	case wkb.Polygon:
		c = c[1 : len(c)-1]
	case wkb.MultiLineString, wkb.MultiPoint, wkb.LineString, wkb.Point: // one ring a part
		c = strings.ReplaceAll(strings.ReplaceAll(c, "[[[", "[["), "]]]", "]]")
		c = strings.ReplaceAll(c, "]],[[", "],[")
		if g.Type == wkb.LineString {
			c = c[1 : len(c)-1]
			c = "[" + strings.Trim(c, "[]") + "]"
			c = "[[" + strings.Trim(c, "[]") + "]]"
		}
	}
	if g.Type == wkb.Point {
		c = "[" + strings.Trim(c, "[]") + "]"
	}
	return fmt.Sprintf(`{"type":%q,"coordinates":%s}`, g.Type, c)
}

func still(g *wkb.Geometry) *wkb.Geometry { return g }

func asGeoPackage(t *testing.T, path string, srs gpkg.SRS, move func(*wkb.Geometry) *wkb.Geometry, layers map[string]*Table) {
	t.Helper()
	w, err := gpkg.Create(path, gpkg.Options{LastChange: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range layers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		tab := layers[name]
		plan := gpkg.Plan{Name: name, SRS: srs}
		for _, f := range tab.Schema.Fields {
			kind := map[table.Kind]gpkg.Kind{table.Number: gpkg.Real, table.Integer: gpkg.Integer, table.Date: gpkg.Date, table.Bool: gpkg.Boolean}[f.Kind]
			if kind == gpkg.Null {
				kind = gpkg.Text
			}
			if f.Kind != table.Geometry {
				plan.Fields = append(plan.Fields, gpkg.Field{Name: f.Name, Kind: kind})
			}
		}
		l, err := w.Layer(plan)
		if err != nil {
			t.Fatal(err)
		}
		values(tab, func(row []any, g *wkb.Geometry) {
			for i, v := range row {
				switch v := v.(type) {
				case string:
					l.String(i, v)
				case float64:
					l.Real(i, v)
				case int64:
					l.Integer(i, v)
				case bool:
					l.Bool(i, v)
				case arrow.Date32:
					l.Date(i, int64(v))
				}
			}
			l.Geometry(move(g))
			if err := l.End(); err != nil {
				t.Fatal(err)
			}
		})
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheSampleInOneGeoPackageReadsToTheSameRows(t *testing.T) {
	dir := t.TempDir()
	layers := map[string]*Table{}
	for _, name := range layersOfCity {
		layers[name] = cityTable(t, name)
	}
	asGeoPackage(t, filepath.Join(dir, "示例市.gpkg"), gpkg.SRSOf(crs.CGCS2000), still, layers)
	for _, name := range layersOfCity {
		got := reread(t, dir, name)
		same(t, layers[name], got, 0)
		if f := got.Account.Files[0]; f.Name != "示例市.gpkg" || f.Sheet != name || f.Note != "" {
			t.Errorf("file %+v", f)
		}
	}
}

func TestTheSampleInMetresReadsToTheSameDegrees(t *testing.T) {
	move := func(g *wkb.Geometry) *wkb.Geometry { return projected(t, g) }
	const member = `"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4547"}},`
	for _, name := range layersOfCity {
		tab := cityTable(t, name)
		for format, write := range map[string]func(dir string){
			"GeoJSON": func(dir string) { asGeoJSON(t, filepath.Join(dir, name+".geojson"), tab, member, move) },
			"GeoPackage": func(dir string) {
				asGeoPackage(t, filepath.Join(dir, name+".gpkg"), gpkg.SRSOf(metres), move, map[string]*Table{"图层": tab})
			},
			"GeoParquet": func(dir string) { asGeoParquet(t, filepath.Join(dir, name+".parquet"), tab, move) },
		} {
			t.Run(name+" "+format, func(t *testing.T) {
				dir := t.TempDir()
				write(dir)
				got := reread(t, dir, name)
				same(t, tab, got, 1e-10)
				if note := got.Account.Files[0].Note; note != "coordinates brought from EPSG:4547 to degrees" {
					t.Errorf("note %q", note)
				}
			})
		}
	}
}

func asGeoParquet(t *testing.T, path string, tab *Table, move func(*wkb.Geometry) *wkb.Geometry) {
	t.Helper()
	var list []arrow.Field
	for _, f := range tab.Schema.Fields {
		list = append(list, arrow.Field{Name: f.Name, Nullable: true, Type: map[table.Kind]arrow.DataType{
			table.Number: arrow.PrimitiveTypes.Float64, table.Integer: arrow.PrimitiveTypes.Int64, table.Date: arrow.FixedWidthTypes.Date32,
			table.Bool: arrow.FixedWidthTypes.Boolean, table.Geometry: arrow.BinaryTypes.Binary,
			table.Code: arrow.BinaryTypes.String, table.ID: arrow.BinaryTypes.String, table.Text: arrow.BinaryTypes.String}[f.Kind]})
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	schema := arrow.NewSchema(list, nil)
	w, err := geoparquet.NewWriter(out, schema, "geometry", []byte(`{"type":"ProjectedCRS","name":"CGCS2000 / 3-degree Gauss-Kruger CM 114E","id":{"authority":"EPSG","code":4547}}`), geoparquet.Options{RowGroupRows: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range tab.Batches {
		columns := slices.Clone(b.Record.Columns()[:len(list)])
		moved := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
		for row := range b.Rows() {
			var g wkb.Geometry
			if err := g.Parse(b.Geometry().Value(row)); err != nil {
				t.Fatal(err)
			}
			moved.Append(move(&g).Append(nil))
		}
		columns[len(list)-1] = moved.NewArray()
		if err := w.Write(array.NewRecord(schema, columns, int64(b.Rows()))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// esri is EPSG:4547 as ArcGIS writes it.
const esri = `PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",` +
	`SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],` +
	`PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],` +
	`PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`

// asShapefile writes a layer of polygons with the named headers in GBK, as bureaus do.
func asShapefile(t *testing.T, path string, tab *Table, headers map[string]string, prj string, move func(*wkb.Geometry) *wkb.Geometry) {
	t.Helper()
	l := shapefile.Layer{Encoding: "GBK", PRJ: prj}
	var columns []int
	for i, f := range tab.Schema.Fields {
		name := headers[f.Name]
		if name == "" {
			continue
		}
		columns = append(columns, i)
		field := shapefile.Field{Name: name, Type: 'C', Width: 120}
		switch f.Kind {
		case table.Number:
			field = shapefile.Field{Name: name, Type: 'N', Width: 20, Decimals: 4}
		case table.Integer:
			field = shapefile.Field{Name: name, Type: 'N', Width: 10}
		case table.Date:
			field = shapefile.Field{Name: name, Type: 'D', Width: 8}
		case table.Bool:
			field = shapefile.Field{Name: name, Type: 'L', Width: 1}
		}
		l.Fields = append(l.Fields, field)
	}
	w, err := shapefile.Create(path, l)
	if err != nil {
		t.Fatal(err)
	}
	values(tab, func(row []any, g *wkb.Geometry) {
		var cells [][]byte
		for _, c := range columns {
			if row[c] == nil {
				cells = append(cells, nil)
			} else {
				cells = append(cells, []byte(cellText(row[c])))
			}
		}
		if err := w.Append(move(g), cells); err != nil {
			t.Fatal(err)
		}
	})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// shortNames are headers of at most 10 bytes in GBK, as a shapefile has them.
var shortNames = map[string]map[string]string{
	table.Zones: {"zone_code": "园区代码", "name": "园区名称", "level": "园区级别", "kind": "园区类型", "role": "功能定位", "county": "所属县区",
		"leading_industries": "leading_in", "approved_area": "批准面积", "approved_on": "批准日期"},
	table.Parcels: {"parcel_code": "宗地代码", "land_use": "土地用途", "land_use_standard": "地类标准", "recorded_area": "ZDMJ", "zone_code": "园区代码",
		"holder": "权利人代码", "holder_name": "QLR", "supply_method": "供地方式", "signed_on": "签订日期", "delivered_on": "交地日期",
		"agreed_start_on": "agreed_sta", "agreed_finish_on": "竣工期限", "extended_start_on": "extended_s", "started_on": "动工日期", "suspended_on": "停工日期",
		"finished_on": "竣工日期", "area_to_develop": "area_to_de", "area_developed": "area_devel", "investment_total": "总投资", "investment_made": "已投资",
		"fixed_asset_investment": "fixed_asse", "land_price": "出让金", "delay_cause": "闲置原因", "floor_area": "计容面积", "footprint_area": "基底面积",
		"yard_area": "堆场面积", "green_area": "绿地面积", "supply_state": "供应状态", "standard_land": "标准地", "tags": "标签"},
}

// unitsOf writes a mapping that says what the numbers below short names count in, for
// which they have no room.
func unitsOf(t *testing.T, dir, name string) {
	t.Helper()
	text := "version: 1\ntables:\n  " + name + ":\n    columns:\n"
	for _, f := range table.MustInput(name).Fields {
		if short := shortNames[name][f.Name]; f.Unit.Varies() && !latin(short) {
			text += fmt.Sprintf("      %s: {header: %s, unit: %s}\n", f.Name, short, f.Unit)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "mapping.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// without is a table with some columns emptied, which a format does not hold.
func without(t *testing.T, tab *Table, has map[string]string) *Table {
	t.Helper()
	b := table.NewBuilder(tab.Schema, 0)
	row := int64(0)
	values(tab, func(cells []any, g *wkb.Geometry) {
		for i, v := range cells {
			f := tab.Schema.Fields[i]
			if has[f.Name] == "" || v == nil {
				continue
			}
			switch v := v.(type) {
			case string:
				b.String(i, v)
			case float64:
				b.Number(i, v)
			case int64:
				b.Integer(i, v)
			case bool:
				b.Bool(i, v)
			case arrow.Date32:
				b.Date(i, unit.Date(v))
			}
		}
		b.AppendText(len(tab.Schema.Fields)-1, g.Append)
		row++
		b.EndRow(0, row)
	})
	return &Table{Schema: tab.Schema, Batches: []table.Batch{b.Batch()}}
}

func TestTheSampleAsShapefilesReadsToTheSameRows(t *testing.T) {
	for _, name := range []string{table.Zones, table.Parcels} {
		for system, c := range map[string]struct {
			prj  string
			move func(*wkb.Geometry) *wkb.Geometry
			note string
		}{
			"degrees": {`GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`, still, "text read as GBK, as the .cpg says"},
			"metres": {esri, func(g *wkb.Geometry) *wkb.Geometry { return projected(t, g) },
				"coordinates brought from EPSG:4547 to degrees; text read as GBK, as the .cpg says"},
		} {
			t.Run(name+" in "+system, func(t *testing.T) {
				dir := t.TempDir()
				want := without(t, cityTable(t, name), shortNames[name])
				asShapefile(t, filepath.Join(dir, name+".shp"), want, shortNames[name], c.prj, c.move)
				unitsOf(t, dir, name)
				got := reread(t, dir, name)
				same(t, want, got, 1e-10)
				f := got.Account.Files[0]
				if f.Note != c.note || f.Name != name+".shp" || len(f.Beside) != 4 {
					t.Errorf("file %+v", f)
				}
				folder, err := OpenFolder(dir)
				if err != nil {
					t.Fatal(err)
				}
				expect(t, "unused", folder.UnusedFiles(), nil)
			})
		}
	}
}

func TestTheSamplesTablesReadToTheSameRowsHoweverTheyAreWritten(t *testing.T) {
	for _, name := range []string{table.Enterprises, table.Output, table.Tenancies, table.Projects, table.Adjustments, table.ZoneIndicators} {
		tab := cityTable(t, name)
		for format, c := range map[string]struct {
			ending string
			write  func(path string)
		}{
			"GB18030": {".csv", func(path string) { asText(t, path, tab, ",", gb18030) }},
			"UTF-16":  {".csv", func(path string) { asText(t, path, tab, "\t", utf16LE) }},
			"tabs":    {".tsv", func(path string) { asText(t, path, tab, "\t", nil) }},
			"Excel":   {".txt", func(path string) { asText(t, path, tab, ";", nil) }},
			"xlsx":    {".xlsx", func(path string) { asWorkbook(t, path, map[string]*Table{"Sheet1": tab}) }},
		} {
			t.Run(name+" "+format, func(t *testing.T) {
				dir := t.TempDir()
				c.write(filepath.Join(dir, name+c.ending))
				same(t, tab, reread(t, dir, name), 0)
			})
		}
	}
}

func gb18030(text string) []byte {
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		panic(err)
	}
	return b
}

func utf16LE(text string) []byte {
	out := []byte{0xFF, 0xFE}
	for _, c := range utf16.Encode([]rune(text)) {
		out = append(out, byte(c), byte(c>>8))
	}
	return out
}

// asText writes a table under its Chinese labels.
func asText(t *testing.T, path string, tab *Table, separator string, encode func(string) []byte) {
	t.Helper()
	var out strings.Builder
	quoted := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				out.WriteString(separator)
			}
			out.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		}
		out.WriteString("\r\n")
	}
	quoted(labels(tab))
	values(tab, func(row []any, _ *wkb.Geometry) {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = cellText(v)
		}
		quoted(cells)
	})
	b := []byte(out.String())
	if encode != nil {
		b = encode(out.String())
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func labels(tab *Table) []string {
	var out []string
	for _, f := range tab.Schema.Fields {
		zh, _ := fields.InputLabel(tab.Schema.Name, f.Name)
		if u := f.Unit.Label(); u != "" {
			zh += "（" + u + "）"
		}
		out = append(out, zh)
	}
	return out
}

// asWorkbook writes tables as bureaus do: a title above, dates as dates, a total and a
// signature below.
func asWorkbook(t *testing.T, path string, sheets map[string]*Table) {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	date := 14
	style, err := book.NewStyle(&excelize.Style{NumFmt: date})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range sheets {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		tab := sheets[name]
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		row := 2
		set := func(column int, v any) {
			cell, err := excelize.CoordinatesToCellName(column, row)
			if err == nil {
				err = book.SetCellValue(name, cell, v)
			}
			if _, is := v.(time.Time); err == nil && is {
				err = book.SetCellStyle(name, cell, cell, style)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := book.SetCellValue(name, "A1", "示例市二〇二四年度汇总表"); err != nil {
			t.Fatal(err)
		}
		for i, label := range labels(tab) {
			set(i+1, label)
		}
		values(tab, func(cells []any, _ *wkb.Geometry) {
			row++
			for i, v := range cells {
				if d, is := v.(arrow.Date32); is {
					if year := d.ToTime().Year(); year >= 1900 {
						v = d.ToTime()
					} else {
						v = d.FormattedString()
					}
				}
				if v != nil {
					set(i+1, v)
				}
			}
		})
		row++
		set(1, "合计")
		set(len(tab.Schema.Fields), 12345)
		row++
		set(1, "填表人：张三")
	}
	if !slices.Contains(names, "Sheet1") {
		if err := book.DeleteSheet("Sheet1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

func TestAWorkbookWithASheetForEachTableIsRead(t *testing.T) {
	dir := t.TempDir()
	sheets := map[string]*Table{"企业": cityTable(t, table.Enterprises), "用地关系": cityTable(t, table.Tenancies), "output": cityTable(t, table.Output)}
	asWorkbook(t, filepath.Join(dir, "示例市2024年数据.xlsx"), sheets)
	for label, tab := range sheets {
		got := reread(t, dir, tab.Schema.Name)
		same(t, tab, got, 0)
		if f := got.Account.Files[0]; f.Sheet != label || f.Name != "示例市2024年数据.xlsx" {
			t.Errorf("%s: file %+v", label, f)
		}
		file, row := got.Batches[0].Place(0)
		if file != 0 || row != 3 {
			t.Errorf("%s: the first row is %d of file %d, want the worksheet's row 3", label, row, file)
		}
		n := int64(rowsOf(got))
		want := []DroppedRow{{Row: 1, To: 1, Why: "above_head", Text: "示例市二〇二四年度汇总表"}, {Row: n + 3, To: n + 3, Why: "total"}, {Row: n + 4, To: n + 4, Why: "note"}}
		for i, d := range got.Account.Dropped {
			if i >= len(want) || d.Row != want[i].Row || d.To != want[i].To || d.Why != want[i].Why || !strings.Contains(d.Text, want[i].Text) {
				t.Errorf("%s: dropped %+v", label, d)
			}
		}
		if len(got.Account.Dropped) != len(want) || got.Account.Read != n {
			t.Errorf("%s: %d dropped, %d read; want %d and %d", label, len(got.Account.Dropped), got.Account.Read, len(want), n)
		}
	}
}

func TestTheSampleInFoldersOfParquetReadsToTheSameRows(t *testing.T) {
	dir := t.TempDir()
	tab := cityTable(t, table.Output)
	year := tab.Schema.Index("year")
	for _, y := range []int64{2023, 2024} {
		folder := filepath.Join(dir, "output", fmt.Sprintf("year=%d", y), "source=%E7%BB%9F%E8%AE%A1")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		var list []arrow.Field
		for i, f := range tab.Schema.Fields {
			if i != year {
				kind := arrow.DataType(arrow.BinaryTypes.String)
				if f.Kind == table.Number {
					kind = arrow.PrimitiveTypes.Float64
				}
				list = append(list, arrow.Field{Name: f.Name, Type: kind, Nullable: true})
			}
		}
		parquetFile(t, filepath.Join(folder, "part-0.parquet"), "", list, func(b *array.RecordBuilder) {
			values(tab, func(row []any, _ *wkb.Geometry) {
				if row[year] != y {
					return
				}
				for i, v := range slices.Delete(slices.Clone(row), year, year+1) {
					switch v := v.(type) {
					case nil:
						b.Field(i).AppendNull()
					case float64:
						b.Field(i).(*array.Float64Builder).Append(v)
					case string:
						b.Field(i).(*array.StringBuilder).Append(v)
					}
				}
			})
		})
	}
	if err := os.WriteFile(filepath.Join(dir, "output", "_SUCCESS"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := reread(t, dir, table.Output)
	same(t, tab, got, 0)
	expect(t, "ignored", got.Account.Ignored, []string{"source"})
	if f := got.Account.Files; len(f) != 2 || f[1].Name != "output/year=2024/source=%E7%BB%9F%E8%AE%A1/part-0.parquet" {
		t.Errorf("files %+v", f)
	}
}

// asTopoJSON writes a layer of polygons with a ring an arc, in steps of a grid when
// quantised.
func asTopoJSON(t *testing.T, path, object string, tab *Table, quantised bool) {
	t.Helper()
	var arcs, geometries []string
	scale, head := 1e-7, ""
	if quantised {
		head = `"transform":{"scale":[1e-7,1e-7],"translate":[113,31]},`
	}
	values(tab, func(row []any, g *wkb.Geometry) {
		var properties []string
		for i, v := range row {
			text := cellText(v)
			switch v.(type) {
			case nil:
				text = "null"
			case string, arrow.Date32:
				text = string(geojson.AppendString(nil, text))
			}
			properties = append(properties, fmt.Sprintf("%q:%s", tab.Schema.Fields[i].Name, text))
		}
		var parts []string
		for p := range g.NumParts() {
			from, to := g.Part(p)
			var rings []string
			for r := from; r < to; r++ {
				rings = append(rings, fmt.Sprintf("[%d]", len(arcs)))
				var points []string
				x0, y0 := 0.0, 0.0
				for k := 0; k < len(g.Ring(r)); k += 2 {
					x, y := g.Ring(r)[k], g.Ring(r)[k+1]
					if quantised {
						qx, qy := math.Round((x-113)/scale), math.Round((y-31)/scale)
						x, y, x0, y0 = qx-x0, qy-y0, qx, qy
					}
					points = append(points, fmt.Sprintf("[%s,%s]", cellText(x), cellText(y)))
				}
				arcs = append(arcs, "["+strings.Join(points, ",")+"]")
			}
			parts = append(parts, "["+strings.Join(rings, ",")+"]")
		}
		list := "[" + strings.Join(parts, ",") + "]"
		if g.Type == wkb.Polygon {
			list = parts[0]
		}
		geometries = append(geometries, fmt.Sprintf(`{"type":%q,"arcs":%s,"properties":{%s}}`, g.Type, list, strings.Join(properties, ",")))
	})
	text := fmt.Sprintf(`{"type":"Topology",%s"objects":{%q:{"type":"GeometryCollection","geometries":[%s]}},"arcs":[%s]}`,
		head, object, strings.Join(geometries, ","), strings.Join(arcs, ","))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheSampleAsTopoJSONReadsToTheSameRows(t *testing.T) {
	for _, name := range []string{table.Zones, table.Parcels, table.LandUse} {
		for _, quantised := range []bool{false, true} {
			dir := t.TempDir()
			tab := cityTable(t, name)
			asTopoJSON(t, filepath.Join(dir, name+".topojson"), "图层", tab, quantised)
			tolerance := 0.0
			if quantised {
				tolerance = 1e-7
			}
			same(t, tab, reread(t, dir, name), tolerance)
		}
	}
}
