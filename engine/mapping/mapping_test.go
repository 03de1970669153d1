package mapping_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

var update = flag.Bool("update", false, "write the mistakes found into the first line of each *.bad.yaml, and the schema")

// city is the mapping of a real city's files.
const city = "../../datasets/cambridge/source/mapping.yaml"

// knownCRS stands for the program's coordinate systems.
func knownCRS(text string) error {
	if text == "EPSG:4490" || text == "EPSG:4549" || text == "EPSG:4326" {
		return nil
	}
	return errors.New("not one that is read; export to EPSG:4490")
}

func parse(name string, data []byte) (*mapping.Mapping, error) {
	return mapping.Parse(name, data, mapping.Options{KnownCRS: knownCRS})
}

func fixture(t testing.TB, name string) *mapping.Mapping {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fixtures are the names of the good and the bad ones.
func fixtures(t testing.TB) (good, bad []string) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".bad.yaml") {
			bad = append(bad, file)
		} else {
			good = append(good, file)
		}
	}
	return good, bad
}

// said is what a mapping says of a table.
func said(t testing.TB, m *mapping.Mapping, name string) *mapping.Table {
	t.Helper()
	got, ok := m.Table(name)
	if !ok {
		t.Fatalf("nothing is said of %s", name)
	}
	return got
}

func column(t testing.TB, columns []mapping.Column, name string) mapping.Column {
	t.Helper()
	for _, c := range columns {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no column %s in %+v", name, columns)
	return mapping.Column{}
}

func TestEveryGoodMappingIsTaken(t *testing.T) {
	good, _ := fixtures(t)
	if len(good) < 5 {
		t.Fatal(good)
	}
	for _, file := range good {
		fixture(t, filepath.Base(file))
	}
}

// Every file holds one mistake, and its first line the message expected.
func TestEachBadMappingIsToldItsOneMistake(t *testing.T) {
	_, bad := fixtures(t)
	if len(bad) < 180 {
		t.Errorf("%d files", len(bad))
	}
	for _, file := range bad {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := bytes.Cut(data, []byte("\n"))
		var m mapping.Mistakes
		if _, err := parse(file, data); !errors.As(err, &m) || len(m) != 1 {
			t.Errorf("%s: %d mistakes, want one: %v", file, len(m), err)
			continue
		}
		got := fmt.Sprintf("# %d:%d: %s", m[0].Line, m[0].Column, m[0].Message)
		if *update {
			if err := os.WriteFile(file, append([]byte(got+"\n"), body...), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != string(head) {
			t.Errorf("%s:\n got %s\nwant %s", file, got, head)
		}
	}
}

func TestAllMistakesAreToldAtOnceInTheFilesOrder(t *testing.T) {
	_, err := parse("m.yaml", []byte(`crs: EPSG:1
tabels: {}
tables:
  parcel: {}
  tax:
    columns: {tax: {header: 税, unit: 亩}, vat: , year: {value: soon}}
    where: [{header: A}]
`))
	var m mapping.Mistakes
	if !errors.As(err, &m) {
		t.Fatal(err)
	}
	last := 0
	for _, one := range m {
		if one.File != "m.yaml" || one.Line < last {
			t.Errorf("out of order: %s", one)
		}
		last = one.Line
	}
	for _, want := range []string{
		"m.yaml:1:1: the file lacks version", `m.yaml:1:6: crs "EPSG:1": not one that is read`, `m.yaml:2:1: the file has no key "tabels"; did you mean tables?`,
		`m.yaml:4:3: there is no table "parcel"; did you mean parcels?`, `m.yaml:6:38: unit "亩" does not measure tax`,
		"vat must be a single value, this is nothing", `"soon" is not a whole number from 1900 to 2999`, `m.yaml:7:14: a condition says nothing of "A"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s\nin\n%v", want, err)
		}
	}
}

func TestARealCitysFilesAreExpressed(t *testing.T) {
	data, err := os.ReadFile(city)
	if err != nil {
		t.Fatal(err)
	}
	m, err := parse("mapping.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	parcels := said(t, m, table.Parcels)
	if f := parcels.From[0]; !f.Matches("parcels_source.geojson") || !f.Matches("parcels_2014.geojson") || f.Format != mapping.GeoJSON || m.CRSOf(parcels, &f) != "EPSG:4326" {
		t.Errorf("%+v", f)
	}
	j, floors := parcels.Joins[0], parcels.Joins[1]
	if !j.File.Matches("tax_source.csv") || j.File.Format != mapping.CSV || !reflect.DeepEqual(j.On, []mapping.Pair{{Joined: "ML", Own: "ML"}}) || !j.SameRows(&floors) {
		t.Errorf("%+v", j)
	}
	use, area, floor := j.Columns[0], j.Columns[1], floors.Columns[0]
	if use.Name != "land_use" || use.Take != mapping.Mode || area.Name != "recorded_area" || area.Take != mapping.Max || area.Headers[0].Unit != unit.SquareFoot {
		t.Errorf("%+v, %+v", use, area)
	}
	if floor.Name != "floor_area" || floor.Take != mapping.Sum || len(floor.LargestOf) != 2 || len(floors.DistinctBy) != 2 {
		t.Errorf("%+v", floor)
	}
	own, err := codes.NewTable(m.CodeTables[0].Standard, m.CodeTables[0].Codes)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]codes.Class{"102": codes.Residence, "1021": codes.Residence, "0340": codes.Other, "942": codes.Public, "401": codes.Industry} {
		if e, ok := own.Find(code); !ok || e.Strict != want {
			t.Errorf("%s is %v", code, e)
		}
	}
	if e, ok := own.Find("777"); ok {
		t.Errorf("777 is %v", e)
	}
	kind := column(t, said(t, m, table.ControlLines).Columns, "kind")
	if river, _ := kind.Words.Of([]byte("Charles River")); river != "river" || kind.Empty != "water" || kind.Words.Otherwise != "water" {
		t.Errorf("%+v", kind)
	}
	id := column(t, said(t, m, table.LandUse).Columns, "feature_id")
	if !reflect.DeepEqual(id.Digest, []string{"ML", mapping.GeometryHeader}) || len(id.Headers) > 0 {
		t.Errorf("%+v", id)
	}
	if p := m.CheckPoints[1]; p.Key != "106-54" || p.Tolerance != 5 || p.Lon != -71.1046 || p.Line == 0 {
		t.Errorf("%+v", p)
	}
}

func TestCellsStandForWhatTheyAreOrBeginWithTheLongestFirst(t *testing.T) {
	use := said(t, fixture(t, "prefixes.yaml"), table.Parcels).Joins[0].Columns[0]
	for cell, want := range map[string]string{"102": "0701", "0340": "0901", "0341": "0902", "0111": "0903"} {
		if got, ok := use.Words.Of([]byte(cell)); !ok || got != want {
			t.Errorf("%s is %s, want %s", cell, got, want)
		}
	}
	if got, ok := use.Words.Of([]byte("7A")); ok {
		t.Errorf("7A is %s", got)
	}
}

func TestTablesComeInTheirUsualOrderAndColumnsInTheSchemas(t *testing.T) {
	m, err := parse("m.yaml", []byte("version: 1\ntables: {tax: {columns: {vat: V(元), tax: tax}}, zones: {columns: {name: N, zone_code: Z}}}"))
	if err != nil {
		t.Fatal(err)
	}
	if m.Tables[0].Schema.Name != "zones" || m.Tables[1].Columns[0].Name != "tax" || m.Tables[0].Columns[0].Name != "zone_code" {
		t.Errorf("%+v", m.Tables)
	}
	if _, ok := m.Table("parcels"); ok {
		t.Error("something is said of parcels")
	}
}

func TestTheUnitIsTheOneSaidElseTheBracketsElseTheColumns(t *testing.T) {
	m, err := parse("m.yaml", []byte(`version: 1
tables:
  parcels:
    columns:
      recorded_area: "面积（亩）"
      floor_area: {headers: [floor_area, "A(万㎡)", "A（2023）（㎡）"]}
      land_price: {header: "价款（元）", unit: 万元}
      investment_made: {value: "3.5", unit: 亿元}
      holder_name: 单位（亩）
`))
	if err != nil {
		t.Fatal(err)
	}
	columns := said(t, m, table.Parcels).Columns
	want := func(name string, units ...unit.Unit) {
		t.Helper()
		c := column(t, columns, name)
		var got []unit.Unit
		for _, h := range c.Headers {
			got = append(got, h.Unit)
		}
		if !reflect.DeepEqual(got, units) {
			t.Errorf("%s: %q, want %q", name, got, units)
		}
	}
	want("recorded_area", unit.MuUnit)
	want("floor_area", unit.SquareMetre, unit.WanSquareMetre, unit.SquareMetre)
	want("land_price", unit.WanYuan)
	want("holder_name", unit.None)
	if c := column(t, columns, "investment_made"); c.Constant != "3.5" || c.ConstantUnit != unit.YiYuan || c.Headers != nil {
		t.Errorf("%+v", c)
	}
}

func TestABureausFilesAreUnderstoodAsWritten(t *testing.T) {
	m := fixture(t, "bureau.yaml")
	if !m.StrictCodes || len(m.NullWords) != 3 || m.SentinelDates[0].String() != "1901-01-01" || m.CheckPoints[1].Tolerance != 5 {
		t.Errorf("%+v", m)
	}
	listed, filed := m.CodeTables[0], m.CodeTables[1]
	if e := listed.Codes[2]; e.Code != "301" || e.Strict != codes.Other || e.Wide != codes.Public || e.Zh != "公用设施" || listed.File != nil {
		t.Errorf("%+v", e)
	}
	if e := listed.Codes[0]; e.Strict != codes.Residence || e.Wide != codes.Residence || !e.Confirmed {
		t.Errorf("%+v", e)
	}
	if filed.File.Path != "基础/地类对照.csv" || filed.File.Encoding != mapping.EncodingGB18030 || filed.Columns[0].PadZeros != 4 || filed.Codes != nil {
		t.Errorf("%+v", filed)
	}
	zones := said(t, m, table.Zones)
	if f := zones.From[0]; f.Layer != "开发区" || f.Format != mapping.GeoPackage || m.CRSOf(zones, &f) != "EPSG:4490" || m.CRSOf(nil, nil) != "EPSG:4549" {
		t.Errorf("%+v", f)
	}
	parcels := said(t, m, table.Parcels)
	shapes, more := &parcels.From[0], &parcels.From[1]
	if !shapes.Pattern || shapes.Encoding != mapping.EncodingGB18030 || more.Path != "../2023/补充宗地.geojson" || m.CRSOf(parcels, more) != "EPSG:4490" || m.CRSOf(parcels, shapes) != "EPSG:4549" {
		t.Errorf("%+v", parcels.From)
	}
	if c := column(t, parcels.ColumnsOf(shapes), "holder_name"); len(c.Headers) != 2 {
		t.Errorf("%+v", c)
	}
	if c := column(t, parcels.ColumnsOf(more), "holder_name"); len(c.Headers) != 1 || c.Headers[0].Text != "单位" || len(parcels.ColumnsOf(more)) != len(parcels.Columns) {
		t.Errorf("%+v", c)
	}
	houses := parcels.Joins[0]
	if f := houses.File; f.Sheet != "全部" || f.HeaderAt != 3 || f.HeaderRows != 2 || f.Format != mapping.Workbook || houses.DistinctBy[0] != "楼栋号" || houses.On[0] != (mapping.Pair{Joined: "宗地号", Own: "ZDDM"}) {
		t.Errorf("%+v", houses)
	}
	if f := parcels.Joins[1].File; f.Delimiter != '\t' || f.Encoding != mapping.EncodingUTF8 {
		t.Errorf("%+v", f)
	}
	output := said(t, m, table.Output)
	if a, b := output.From[0], output.From[1]; a.Year != 2023 || a.Delimiter != ';' || b.Path != "/srv/统计/output_2024.csv" || b.Year != 2024 {
		t.Errorf("%+v", output.From)
	}
}

func TestConditionsHoldOfCells(t *testing.T) {
	where := said(t, fixture(t, "bureau.yaml"), table.Parcels).Where
	for i, c := range []struct{ holds, fails []string }{
		{[]string{"现状"}, []string{"", "规划"}},
		{[]string{"", "正常"}, []string{"注销"}},
		{[]string{"101", "102"}, []string{"", "103"}},
		{[]string{"", "工业用地"}, []string{"农用地"}},
		{[]string{"x"}, []string{""}},
	} {
		for _, cell := range c.holds {
			if !where[i].Holds([]byte(cell)) {
				t.Errorf("%+v does not hold of %q", where[i], cell)
			}
		}
		for _, cell := range c.fails {
			if where[i].Holds([]byte(cell)) {
				t.Errorf("%+v holds of %q", where[i], cell)
			}
		}
	}
	absent := mapping.Condition{Not: true}
	if absent.Holds([]byte("x")) || !absent.Holds(nil) {
		t.Error("present: false")
	}
}

func TestWholeCellsComeBeforePrefixesAndLongPrefixesBeforeShort(t *testing.T) {
	m, err := parse("m.yaml", []byte(`version: 1
tables: {enterprises: {columns: {industry: {header: H, values: {C26: "1"}, prefixes: {C: "2", C26: "3"}, otherwise: "4"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	words := said(t, m, table.Enterprises).Columns[0].Words
	for cell, want := range map[string]string{"C26": "1", "C261": "3", "C3": "2", "D": "4"} {
		if got, ok := words.Of([]byte(cell)); got != want || !ok {
			t.Errorf("%s is %s, want %s", cell, got, want)
		}
	}
	if got, ok := words.Of(nil); ok || got != "" {
		t.Errorf("an empty cell is %s", got)
	}
	var none *mapping.Words
	if _, ok := none.Of([]byte("x")); ok {
		t.Error("no words translate")
	}
}

func TestLineEndsAndAByteOrderMarkChangeNothing(t *testing.T) {
	data, err := os.ReadFile("testdata/bureau.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := parse("m.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	windows, err := parse("m.yaml", append([]byte("\ufeff"), bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))...))
	if err != nil || !reflect.DeepEqual(plain, windows) {
		t.Errorf("%v: %+v is not %+v", err, windows, plain)
	}
}

func TestAMappingIsNotCalledAPolicy(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("#\n", 1<<18), strings.Repeat("a:\n", 1<<16)} {
		if _, err := parse("m.yaml", []byte(text)); err == nil || strings.Contains(err.Error(), "policy") || !strings.Contains(err.Error(), "a mapping file") {
			t.Errorf("%.100v", err)
		}
	}
}

func FuzzParse(f *testing.F) {
	good, bad := fixtures(f)
	for _, file := range append(good, bad...) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parse("f.yaml", data)
		var mistakes mapping.Mistakes
		if errors.As(err, &mistakes) && len(mistakes) == 0 || err != nil && mistakes == nil || (m == nil) != (err != nil) {
			t.Fatalf("%v, %v", m, err)
		}
		if m != nil {
			wellFormed(t, m)
		}
	})
}

// wellFormed holds what a mapping that was taken promises to those who read by it.
func wellFormed(t *testing.T, m *mapping.Mapping) {
	t.Helper()
	for i := range m.Tables {
		table := &m.Tables[i]
		seen := map[string]bool{}
		for _, c := range table.Columns {
			index := table.Schema.Index(c.Name)
			if sources := bit(len(c.Headers) > 0) + bit(c.Constant != "") + bit(len(c.Digest) > 0); index < 0 || sources != 1 || seen[c.Name] || c.Line == 0 || c.Take != "" {
				t.Fatalf("%+v", c)
			}
			seen[c.Name] = true
			for _, h := range c.Headers {
				if _, _, ok := unit.Factor(h.Unit, table.Schema.Fields[index].Unit); !ok || h.Text == "" {
					t.Fatalf("%+v", c)
				}
			}
		}
		for _, j := range table.Joins {
			if len(j.On) == 0 || len(j.Columns) == 0 {
				t.Fatalf("%+v", j)
			}
			checkFile(t, &j.File)
			for _, c := range j.Columns {
				if c.Take == "" || len(c.Headers) == 0 || seen[c.Name] {
					t.Fatalf("%+v", c)
				}
				seen[c.Name] = true
			}
		}
		for i := range table.From {
			checkFile(t, &table.From[i])
			table.ColumnsOf(&table.From[i])
		}
	}
	for _, c := range m.CodeTables {
		if c.Standard == "" || (len(c.Codes) > 0) == (c.File != nil) {
			t.Fatalf("%+v", c)
		}
	}
}

func checkFile(t *testing.T, f *mapping.File) {
	t.Helper()
	if f.Relation.Name != "" && f.Path == "" && f.Format == "" {
		return
	}
	if f.Path == "" || f.Format == "" || f.Pattern && strings.Contains(f.Path, "..") {
		t.Fatalf("%+v", f)
	}
	f.Matches(f.Path)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestRelationsAreNamedAsInSQL(t *testing.T) {
	m := fixture(t, "relations.yaml")
	zones, _ := m.Table(table.Zones)
	parcels, _ := m.Table(table.Parcels)
	tax, _ := m.Table(table.Tax)
	for _, one := range []struct{ got, want mapping.Relation }{
		{zones.From[0].Relation, mapping.Relation{Schema: "planning", Name: "zones"}},
		{parcels.From[0].Relation, mapping.Relation{Schema: "na.me", Name: `宗 地 "b"`}},
		{parcels.From[1].Relation, mapping.Relation{Name: "old_parcels"}},
		{parcels.Joins[0].File.Relation, mapping.Relation{Schema: "registry", Name: "holders"}},
		{tax.From[1].Relation, mapping.Relation{Schema: "revenue", Name: "all"}},
		{m.CodeTables[0].File.Relation, mapping.Relation{Schema: "codes", Name: "use"}},
	} {
		if one.got != one.want {
			t.Errorf("%+v, want %+v", one.got, one.want)
		}
	}
	if zones.From[0].Geometry != "geom_4490" || zones.From[0].CRS != "EPSG:4490" || tax.From[1].Year != 2024 {
		t.Errorf("%+v, %+v", zones.From[0], tax.From[1])
	}
}
