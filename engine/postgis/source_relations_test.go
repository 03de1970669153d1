package postgis_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/engine/table"
)

// taxes makes a relation of 5000 rows of taxes, by the words of SQL before and behind its
// columns.
func taxes(t *testing.T, d *storetest.Database, name string) {
	t.Helper()
	d.Run(t, "CREATE TABLE "+d.In(name)+" AS SELECT 'C' || lpad(i::text, 6, '0') AS credit_code, 2024 AS year, i AS tax, repeat('x', 2000) AS filler FROM generate_series(1, 5000) AS i")
}

func enterprises(t *testing.T, d *storetest.Database, name string, n int) {
	t.Helper()
	d.Run(t, "CREATE TABLE "+d.In(name)+" AS SELECT 'C' || lpad(i::text, 6, '0') AS credit_code, 'n' || i AS name, repeat('x', 500) AS filler FROM generate_series(1, $1::int) AS i", n)
}

func TestTablesViewsAndTheirLikeAreReadWhole(t *testing.T) {
	for kind, make := range map[string]string{
		"view":                   "CREATE VIEW %s AS SELECT * FROM %s",
		"view in another order":  "CREATE VIEW %s AS SELECT * FROM %s ORDER BY md5(credit_code)",
		"materialised view":      "CREATE MATERIALIZED VIEW %s AS SELECT * FROM %s", //nolint:misspell // as SQL spells it
		"partitioned table":      "CREATE TABLE %[1]s (LIKE %[2]s) PARTITION BY HASH (credit_code); CREATE TABLE %[1]s_part_a PARTITION OF %[1]s FOR VALUES WITH (MODULUS 1, REMAINDER 0); INSERT INTO %[1]s SELECT * FROM %[2]s",
		"table with descendants": "CREATE TABLE %[1]s (LIKE %[2]s); CREATE TABLE %[1]s_child () INHERITS (%[1]s); INSERT INTO %[1]s_child SELECT * FROM %[2]s",
		"table of a domain": "CREATE DOMAIN %[1]s_code AS varchar(20) CHECK (VALUE <> ''); CREATE TABLE %[1]s (credit_code %[1]s_code, name text, filler text); " +
			"INSERT INTO %[1]s SELECT * FROM %[2]s",
	} {
		t.Run(kind, func(t *testing.T) {
			d := storetest.OpenSchema(t, "test_"+fmt.Sprintf("%x", kind))
			enterprises(t, d, "source", 3000)
			for _, statement := range strings.Split(fmt.Sprintf(make, storetest.Quoted(d.Schema)+".enterprises", d.In("source")), "; ") {
				d.Run(t, statement)
			}
			o := mustScan(t, d, "", "enterprises")
			if len(o.rows) != 3000 || o.account.Read != 3000 || len(slices.Compact(o.rows)) != 3000 {
				t.Errorf("%d rows, %d read", len(o.rows), o.account.Read)
			}
		})
	}
}

func TestRowsWithoutAKeyAreReadFromViewsToo(t *testing.T) {
	d := storetest.OpenDatabase(t)
	enterprises(t, d, "source", 100)
	d.Run(t, "INSERT INTO "+d.In("source")+" SELECT NULL, 'none', '' FROM generate_series(1, 10)")
	d.Run(t, "CREATE VIEW "+d.In("enterprises")+" AS SELECT * FROM "+d.In("source"))
	if o := mustScan(t, d, "", "enterprises"); o.account.Read != 110 || len(o.rejects) != 10 {
		t.Errorf("%d read, %d rejected", o.account.Read, len(o.rejects))
	}
	d.Run(t, "DELETE FROM "+d.In("source"))
	if o := mustScan(t, d, "", "enterprises"); o.account.Read != 0 {
		t.Errorf("%d read of none", o.account.Read)
	}
}

func TestAViewWithoutAKeyIsReadOverOneConnectionAndThatIsSaid(t *testing.T) {
	d := storetest.OpenDatabase(t)
	taxes(t, d, "source")
	d.Run(t, "CREATE VIEW "+d.In("tax")+" AS SELECT * FROM "+d.In("source"))
	o := mustScan(t, d, "", "tax") // its key has two columns
	if o.account.Read != 5000 || !strings.Contains(o.account.Files[0].Note, "over one connection") {
		t.Errorf("%d read, note %q", o.account.Read, o.account.Files[0].Note)
	}
}

func TestRowsBeyondABatchAreReadToo(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("tenancies")+" AS SELECT 'C' AS credit_code, i::text AS parcel_code, 'owned' AS kind FROM generate_series(1, 70000) AS i")
	o := mustScan(t, d, "", "tenancies")
	if len(o.rows) != 70000 || len(slices.Compact(o.rows)) != 70000 {
		t.Errorf("%d rows", len(o.rows))
	}
}

func TestAMappingNamesRelationsWhereverTheyAre(t *testing.T) {
	d, other := storetest.OpenDatabase(t), storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In(`主 体"1"`)+` ("代 码" text, "户.名" text, 状态 text)`)
	d.Run(t, "INSERT INTO "+d.In(`主 体"1"`)+` VALUES ('A', '甲', '在业'), ('B', '乙', '注销'), ('C', '丙', '在业')`)
	other.Run(t, "CREATE TABLE "+other.In("years")+` (code text, paid bigint, "when" integer, area numeric)`)
	other.Run(t, "INSERT INTO "+other.In("years")+` VALUES ('A', 120000, 2024, 1), ('A', 30000, 2023, 2), ('C', NULL, 2024, 3), ('X', 1, 2024, 4)`)
	d.Run(t, "CREATE TABLE "+d.In("more")+` (code text, "industry" text)`)
	d.Run(t, "INSERT INTO "+d.In("more")+` VALUES ('A', '3981'), ('Z', '1'), (NULL, '2')`)
	m := mapped(t, `tables:
  enterprises:
    from: {relation: '"主 体""1"""'}
    columns: {credit_code: 代 码, name: 户.名}
    where: [{header: 状态, not: 注销}]
    join:
      - relation: more
        on: {code: 代 码}
        columns: {industry: {header: industry, take: first}}
  tax:
    from: {relation: '`+storetest.Quoted(strings.ReplaceAll(other.Schema, "'", "''"))+`.years'}
    columns:
      credit_code: code
      year: when
      tax: {header: paid, unit: yuan}
`)
	o := mustScan(t, d, m, "enterprises")
	expect(t, o.rows, []string{"credit_code=A name=甲 industry=3981", "credit_code=C name=丙"})
	if o.account.Filtered != 1 || len(o.account.Joined) != 1 || len(o.account.Joined[0].Unmatched) != 1 || o.account.Joined[0].Unmatched[0].Key != "Z" || o.account.Joined[0].Keyless.Rows != 1 {
		t.Errorf("%d filtered, joined %+v", o.account.Filtered, o.account.Joined)
	}
	if len(o.account.Files) != 2 || !strings.Contains(o.account.Files[1].Note, "joined on: 2 keys") || strings.Contains(o.account.Files[0].Note, "joined") {
		t.Errorf("%+v", o.account.Files)
	}
	o = mustScan(t, d, m, "tax")
	expect(t, o.rows, []string{"credit_code=A year=2023 tax=3", "credit_code=A year=2024 tax=12", "credit_code=C year=2024", "credit_code=X year=2024 tax=0.0001"})
	expect(t, o.account.Ignored, []string{"area"})
	if o.account.Files[0].Name != other.Schema+".years" {
		t.Errorf("%+v", o.account.Files)
	}
}

func TestACodeThatIsANumberIsReadWhereTheMappingSaysHow(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("enterprises")+" (credit_code integer, name text)")
	d.Run(t, "INSERT INTO "+d.In("enterprises")+" VALUES (42, 'n')")
	m := mapped(t, "tables: {enterprises: {columns: {credit_code: {header: credit_code, pad_zeros: 6}}}}\n")
	expect(t, mustScan(t, d, m, "enterprises").rows, []string{"credit_code=000042 name=n"})
	_, err := scan(t, d, mapped(t, "tables: {enterprises: {columns: {credit_code: credit_code}}}\n"), "enterprises")
	says(t, err, "a number loses leading zeros", "pad_zeros")
}

func TestCodesOfLandUseAreReadFromARelation(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("dm")+" (dm text, lb text)")
	d.Run(t, "INSERT INTO "+d.In("dm")+" VALUES ('G1', 'industry'), ('G2', 'public')")
	src, err := open(t, d, mapped(t, "code_tables: [{standard: OWN, relation: dm, columns: {code: dm, mix_class: lb}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := src.CodeTables(context.Background())
	if err != nil || len(tables) != 1 || len(tables[0].Entries()) != 2 {
		t.Errorf("%v, %v", tables, err)
	}
}

func TestAMappingThatNamesWhatIsNotThereIsToldWithTheNearest(t *testing.T) {
	d := storetest.OpenDatabase(t)
	taxes(t, d, "taxes_2024")
	for tables, words := range map[string][]string{
		"tables: {tax: {from: {relation: taxes_2023}}}\n":                                                {"m.yaml:2", "no relation taxes_2023", "the nearest is taxes_2024"},
		"tables: {tax: {from: {relation: publik.tax}}}\n":                                                {"m.yaml:2", "no schema publik", "the nearest is public"},
		"tables: {tax: {from: tax.csv}}\n":                                                               {"m.yaml:2", "tax.csv is a file", "name a relation"},
		"tables: {tax: {from: {relation: taxes_2024}, columns: {tax: {header: tux, unit: wan_yuan}}}}\n": {"no header", `"tux"`, "the nearest is tax"},
	} {
		_, err := scan(t, d, mapped(t, tables), "tax")
		says(t, err, words...)
	}
}

func TestATableOrColumnThatIsMissingIsToldWithTheNearest(t *testing.T) {
	d := storetest.OpenDatabase(t)
	taxes(t, d, "parcel")
	d.Run(t, "CREATE TABLE "+d.In("zones")+" (zone_kode text, name text, geom geometry)")
	src, err := open(t, d, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = read.All(context.Background(), src, "parcels", 1)
	says(t, err, "no table parcels", "the nearest is parcel", d.Schema, "--schema")
	_, err = read.All(context.Background(), src, "zones", 1)
	says(t, err, d.Schema+".zones", "no column zone_code", "the nearest is zone_kode")
	if got := src.UnusedFiles(); !slices.Equal(got, []string{d.Schema + ".parcel"}) {
		t.Errorf("unused %q", got)
	}
	_, err = postgis.Open(context.Background(), d.Address, postgis.Options{Schema: "Public"})
	says(t, err, "no schema Public", "the nearest is public")
}

func TestATableThatStandsTwiceIsAnError(t *testing.T) {
	d := storetest.OpenDatabase(t)
	taxes(t, d, "tax_2024")
	taxes(t, d, "税收_2024")
	_, err := open(t, d, "")
	says(t, err, "tax stands there twice", "tax_2024", "税收_2024")
	d.Run(t, "DROP TABLE "+d.In("税收_2024"))
	taxes(t, d, "税收_2023")
	if o := mustScan(t, d, "", "tax"); len(o.account.Files) != 2 || o.account.Read != 10000 {
		t.Errorf("%+v", o.account.Files)
	}
}

// hostile are names that break what does not quote them.
var hostile = []string{
	`"; DROP SCHEMA public CASCADE; --`, `a"b`, `a'b`, `a''b`, `$1`, `$$`, `\`, `a\'b`, `%s`, `*`, `x; SELECT pg_sleep(60)`, `/*`, "a\nb", "a\tb", ` `, `宗 地`, `SELECT`,
	`"`, `""`, `a.b`, strings.Repeat("n", 63), "\u202e",
}

func TestHostileNamesAreOnlyNames(t *testing.T) {
	guard := storetest.OpenDatabase(t)
	guard.Run(t, "CREATE TABLE "+guard.In("stays")+" ()")
	for _, name := range hostile {
		t.Run(name, func(t *testing.T) {
			d := storetest.OpenSchema(t, name)
			n := storetest.Quoted(name)
			view := "v" + name
			view = view[:min(len(view), 63)]
			d.Run(t, "CREATE TABLE "+d.In(name)+" ("+n+" text, number integer, shape geometry, PRIMARY KEY (number))")
			d.Run(t, "INSERT INTO "+d.In(name)+" VALUES ('Z', 1, "+in("4490", box)+")")
			d.Run(t, "CREATE VIEW "+d.In(view)+" AS SELECT * FROM "+d.In(name))
			d.Run(t, "CREATE TABLE "+d.In("zones")+" ("+n+" geometry, zone_code text, name text)")
			d.Run(t, "INSERT INTO "+d.In("zones")+" VALUES ("+in("4490", box)+", 'Z', 'n')")
			if o := mustScan(t, d, "", "zones"); len(o.rows) != 1 { // schema and geometry column
				t.Errorf("%q", o.rejects)
			}
			yaml := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
			if strings.TrimSpace(name) != name || strings.ContainsAny(name, "\n\t\u202e") || name == "" {
				return // YAML and headers have no such names
			}
			for _, relation := range []string{name, view} {
				m := mapped(t, "tables:\n  zones:\n    from: {relation: "+yaml(n+"."+storetest.Quoted(relation))+"}\n    columns: {zone_code: "+yaml(name)+", name: {value: x}}\n")
				expect(t, mustScan(t, d, m, "zones").rows, []string{"zone_code=Z name=x"})
			}
		})
	}
	for _, name := range hostile { // and where there is nothing of the name
		_, err := postgis.Open(context.Background(), guard.Address, postgis.Options{Schema: name + "?"})
		says(t, err, "no schema")
	}
	for _, name := range []string{"'; DROP TABLE x; --", `"x`} {
		_, err := postgis.Open(context.Background(), with(t, "application_name", name), postgis.Options{Schema: name})
		says(t, err, "no schema")
	}
	guard.Run(t, "SELECT FROM "+guard.In("stays"))
}

func TestAllTablesAreOfOneMoment(t *testing.T) {
	d := storetest.OpenDatabase(t)
	enterprises(t, d, "enterprises", 20_000)
	src, err := open(t, d, "")
	if err != nil {
		t.Fatal(err)
	}
	d.Run(t, "INSERT INTO "+d.In("enterprises")+" VALUES ('NEW', 'n', '')")
	d.Run(t, "UPDATE "+d.In("enterprises")+" SET name = 'other'")
	account, err := src.Scan(context.Background(), table.MustInput("enterprises"), 3, func(_ int, b table.Batch) error {
		names := b.Text("name")
		for i := range b.Rows() {
			if names.Value(i) == "other" {
				t.Fatal("a row of later")
			}
		}
		return nil
	})
	if err != nil || account.Read != 20_000 {
		t.Errorf("%v, %v", account, err)
	}
}
