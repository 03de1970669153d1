package postgis_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// outcome is what became of a table's rows, in the order of their keys.
type outcome struct {
	rows    []string
	rejects []string
	account *read.Account
	shapes  map[string]*wkb.Geometry // by key
}

// scan reads a table of what a schema holds.
func scan(t testing.TB, d *storetest.Database, mapping, name string) (outcome, error) {
	t.Helper()
	src, err := open(t, d, mapping)
	if err != nil {
		return outcome{}, err
	}
	defer src.Close()
	o := outcome{shapes: map[string]*wkb.Geometry{}}
	var mu sync.Mutex
	o.account, err = src.Scan(context.Background(), table.MustInput(name), 2, func(_ int, b table.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		for i := range b.Rows() {
			o.rows = append(o.rows, rowOf(b, i))
			if b.Schema.Shape != table.NoGeometry {
				g := &wkb.Geometry{}
				if err := g.Parse(b.Geometry().Value(i)); err != nil {
					t.Error(err)
				}
				o.shapes[read.KeyOf(b, i)] = g
			}
		}
		return nil
	})
	if err != nil {
		return o, err
	}
	for _, r := range o.account.Rejects {
		o.rejects = append(o.rejects, fmt.Sprintf("%s %s %q %s", r.Key, r.Column, r.Value, r.Reason))
	}
	slices.Sort(o.rows)
	slices.Sort(o.rejects)
	return o, nil
}

func mustScan(t testing.TB, d *storetest.Database, mapping, name string) outcome {
	t.Helper()
	o, err := scan(t, d, mapping, name)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func rowOf(b table.Batch, i int) string {
	var cells []string
	for c, f := range b.Schema.Fields {
		if column := b.Record.Column(c); column.IsValid(i) && f.Kind != table.Geometry {
			cells = append(cells, f.Name+"="+column.ValueStr(i))
		}
	}
	return strings.Join(cells, " ")
}

func expect(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func says(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than a line", err)
	}
}

func TestEveryTypeOfNumberIsRead(t *testing.T) {
	d := storetest.OpenDatabase(t)
	for typ, cells := range map[string]map[string]string{
		"smallint":         {"-32768": "-32768", "32767": "32767"},
		"integer":          {"-800000000": "-8e+08", "7": "7"},
		"bigint":           {"123456789": "1.23456789e+08"},
		"real":             {"0.1": "0.1", "-1.5e-3": "-0.0015"},
		"double precision": {"0.1": "0.1", "1e-9": "1e-09"},
		"numeric": {"0": "0", "1": "1", "-1.50": "-1.5", "10000": "10000", "12345.6789": "12345.6789", "0.0001": "0.0001", "0.00001234": "1.234e-05",
			"100000000": "1e+08", "99999999.9999": "9.99999999999e+07", "0.10": "0.1", "10001.00010001": "10001.00010001"},
		"numeric(12,2)": {"1234.5": "1234.5", "0": "0"},
		"text":          {"1,234.5": "1234.5", " 7 ": "7", "１２": "12", "-": "", "3.2亿元": "32000", "1e3": "1000"},
		"varchar(9)":    {"5": "5"},
		"char(9)":       {"5": "5"},
	} {
		d.Run(t, "CREATE TABLE "+d.In("tax")+" (credit_code text, year integer, tax "+typ+")")
		var want []string
		for cell, value := range cells {
			d.Run(t, "INSERT INTO "+d.In("tax")+" VALUES ($1, 2024, $2::text::"+typ+")", "C"+cell, cell)
			row := "credit_code=" + read.Capitals("C"+cell) + " year=2024"
			if value != "" {
				row += " tax=" + value
			}
			want = append(want, row)
		}
		slices.Sort(want)
		o := mustScan(t, d, "", "tax")
		t.Run(typ, func(t *testing.T) {
			expect(t, o.rows, want)
			expect(t, o.rejects, nil)
		})
		d.Run(t, "DROP TABLE "+d.In("tax"))
	}
}

func TestDatesBooleansAndTextsOfEveryTypeAreRead(t *testing.T) {
	d := storetest.OpenDatabase(t)
	for _, one := range []struct{ column, typ, cell, want string }{
		{"production_on", "date", "2015-11-02", "2015-11-02"},
		{"production_on", "date", "1969-12-31", "1969-12-31"},
		{"production_on", "timestamp", "2015-11-02 23:59:59.5", "2015-11-02"},
		{"production_on", "timestamp", "1960-01-01 00:00:00.000001", "1960-01-01"},
		{"production_on", "timestamptz", "2015-11-02 23:30:00+00", "2015-11-02"},
		{"production_on", "text", "2015年11月2日", "2015-11-02"},
		{"above_scale", "boolean", "yes", "true"},
		{"above_scale", "text", "否", "false"},
		{"above_scale", "integer", "1", "true"},
		{"name", "text", "甲", "甲"},
		{"name", "name", "甲", "甲"},
		{"name", "char(6)", "甲", "甲"},
		{"name", "uuid", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "6f9619ff-8b86-d011-b42d-00c04fc964ff"},
		{"name", "boolean", "true", "true"},
		{"name", "date", "2015-11-02", "2015-11-02"},
		{"name", "timestamp", "2015-11-02 01:02:03", "2015-11-02 01:02:03"},
		{"name", "jsonb", `{"a": 1}`, `{"a": 1}`},
		{"name", "bigint", "9007199254740993", "9007199254740993"},
		{"name", "numeric", "12.50", "12.50"},
		{"name", "inet", "10.0.0.1", "10.0.0.1/32"},
		{"tags", "text[]", `{"a","b c"}`, "a;b c"},
		{"zone_code", "text", "007", "007"},
	} {
		d.Run(t, "CREATE TABLE "+d.In("enterprises")+" (credit_code text DEFAULT 'A', "+one.column+" "+one.typ+")")
		if one.column != "name" {
			d.Run(t, "ALTER TABLE "+d.In("enterprises")+" ADD name text DEFAULT 'n'")
		}
		d.Run(t, "INSERT INTO "+d.In("enterprises")+" ("+one.column+") VALUES ($1::text::"+one.typ+")", one.cell)
		o := mustScan(t, d, "", "enterprises")
		if len(o.rows) != 1 || !strings.Contains(o.rows[0]+" ", one.column+"="+one.want+" ") {
			t.Errorf("%s %s: %q, %q, want %s", one.typ, one.cell, o.rows, o.rejects, one.want)
		}
		d.Run(t, "DROP TABLE "+d.In("enterprises"))
	}
}

func TestADayIsThatOfTheTimeZoneOfTheDatabase(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("enterprises")+" (credit_code text, name text, production_on timestamptz)")
	d.Run(t, "INSERT INTO "+d.In("enterprises")+" VALUES ('A', 'n', '2015-11-02 23:30:00+00')")
	d.Address = with(t, "timezone", "Asia/Shanghai")
	expect(t, mustScan(t, d, "", "enterprises").rows, []string{"credit_code=A name=n production_on=2015-11-03"})
}

func TestWhatIsNoNumberAndNoDayIsRejected(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("output")+" (credit_code text, year integer, output numeric, sales double precision, profit real)")
	d.Run(t, "INSERT INTO "+d.In("output")+` VALUES ('A', 2024, 'NaN'), ('B', 2024, 'Infinity'), ('C', 2024, '-Infinity'), ('D', 2024, 1)`)
	d.Run(t, "INSERT INTO "+d.In("output")+` (credit_code, year, sales) VALUES ('E', 2024, 'NaN'), ('F', 2024, '-Infinity')`)
	d.Run(t, "INSERT INTO "+d.In("output")+` (credit_code, year, profit) VALUES ('G', 2024, 'Infinity'), ('H', 1, 1)`)
	o := mustScan(t, d, "", "output")
	expect(t, o.rows, []string{"credit_code=D year=2024 output=1"})
	expect(t, o.rejects, []string{
		`A/2024 output "NaN" not_a_number`, `B/2024 output "Infinity" not_a_number`, `C/2024 output "-Infinity" not_a_number`,
		`E/2024 sales "NaN" not_a_number`, `F/2024 sales "-Inf" not_a_number`, `G/2024 profit "+Inf" not_a_number`, `H/ year "1" unknown_value`,
	})
	d.Run(t, "CREATE TABLE "+d.In("enterprises")+" (credit_code text, name text, production_on date, registered_on timestamp)")
	d.Run(t, "INSERT INTO "+d.In("enterprises")+` VALUES ('A', 'n', 'infinity'), ('B', 'n', '-infinity'), ('C', 'n', '0044-03-15 BC')`)
	d.Run(t, "INSERT INTO "+d.In("enterprises")+` VALUES ('D', 'n', NULL, 'infinity'), ('E', 'n', NULL, '-infinity'), ('F', 'n', NULL, '12345-01-01'), ('G', 'n', NULL, NULL)`)
	o = mustScan(t, d, "", "enterprises")
	expect(t, o.rows, []string{"credit_code=G name=n"})
	expect(t, o.rejects, []string{
		`A production_on "infinity" not_a_date`, `B production_on "-infinity" not_a_date`, `C production_on "0044-03-15 BC" not_a_date`,
		`D registered_on "infinity" not_a_date`, `E registered_on "-infinity" not_a_date`, `F registered_on "12345-01-01" not_a_date`,
	})
}

func TestAColumnWhoseTypeCannotHoldItIsAnError(t *testing.T) {
	d := storetest.OpenDatabase(t)
	for _, one := range []struct{ column, typ, want string }{
		{"credit_code", "bigint", "a number loses leading zeros"},
		{"credit_code", "numeric", "a number loses leading zeros"},
		{"year", "date", "does not hold year"},
		{"tax", "boolean", "does not hold tax"},
		{"tax", "bytea", "does not hold tax"},
		{"name", "bytea", "does not hold name"},
	} {
		columns := map[string]string{"credit_code": "text", "year": "integer", "tax": "numeric", "name": "text"}
		columns[one.column] = one.typ
		var list []string
		for name, typ := range columns {
			list = append(list, name+" "+typ)
		}
		d.Run(t, "CREATE TABLE "+d.In("tax")+" ("+strings.Join(list, ", ")+")")
		_, err := scan(t, d, "", "tax")
		says(t, err, d.Schema+".tax", "column "+one.column+" is "+one.typ, one.want)
		d.Run(t, "DROP TABLE "+d.In("tax"))
	}
}

func TestRowsAreNumberedByTheirPrimaryKey(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("tax")+` ("编 号" bigint PRIMARY KEY, credit_code text, year integer, tax text)`)
	d.Run(t, "INSERT INTO "+d.In("tax")+" VALUES (9000000000, 'A', 2024, 'x'), (-3, 'B', 2024, 'y')")
	o := mustScan(t, d, "", "tax")
	var rows []int64
	for _, r := range o.account.Rejects {
		rows = append(rows, r.Row)
	}
	if !slices.Equal(rows, []int64{-3, 9000000000}) {
		t.Errorf("rows %d", rows)
	}
}
