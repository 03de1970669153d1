package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// The law of grading once more, in SQL (testdata/grades.sql): PostGIS gets the used
// rows as typed values and finds land, figures, scores, ranks and grades by itself.

// sqlType is the type of a column of a loaded table.
func sqlType(k table.Kind) string {
	switch k {
	case table.Number:
		return "numeric"
	case table.Integer:
		return "integer"
	case table.Date:
		return "date"
	case table.Bool:
		return "boolean"
	}
	return "text"
}

// cellOf is a cell as the text PostgreSQL reads it from; nil is null.
func cellOf(b table.Batch, column, row int) any {
	switch c := b.Record.Column(column).(type) {
	case *array.Float64:
		if c.IsValid(row) {
			return strconv.FormatFloat(c.Value(row), 'f', -1, 64)
		}
	default:
		if c.IsValid(row) {
			return c.ValueStr(row)
		}
	}
	return nil
}

// loaded puts rows into the temporary table in_NAME, but for their geometry.
func loaded(t *testing.T, conn *pgx.Conn, s *table.Schema, rows []rowOf) {
	t.Helper()
	ctx := context.Background()
	var names, columns, casts []string
	var fields []int
	for i, f := range s.Fields {
		if f.Kind == table.Geometry {
			continue
		}
		name := pgx.Identifier{f.Name}.Sanitize()
		names, fields = append(names, f.Name), append(fields, i)
		columns = append(columns, name+" text")
		casts = append(casts, name+"::"+sqlType(f.Kind))
	}
	into := "in_" + s.Name
	if _, err := conn.Exec(ctx, "CREATE TEMP TABLE raw_"+into+" ("+strings.Join(columns, ", ")+")"); err != nil {
		t.Fatal(err)
	}
	_, err := conn.CopyFrom(ctx, pgx.Identifier{"raw_" + into}, names, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		cells := make([]any, len(fields))
		for k, column := range fields {
			cells[k] = cellOf(rows[i].batch, column, rows[i].row)
		}
		return cells, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	// Texts are cast in SQL: the shortest text of a float64 is the decimal that stood in the file.
	if _, err := conn.Exec(ctx, "CREATE TEMP TABLE "+into+" AS SELECT "+strings.Join(casts, ", ")+" FROM raw_"+into); err != nil {
		t.Fatal(err)
	}
}

// usedRows are the rows of a table without geometry that are used.
func usedRows(t *testing.T, src read.Source, name string) []rowOf {
	t.Helper()
	got, err := read.All(context.Background(), src, name, 2)
	if err != nil {
		t.Fatal(err)
	}
	order, _ := read.Order(got.Schema, got.Batches, nil)
	rows := make([]rowOf, len(order))
	for i, r := range order {
		rows[i] = rowOf{got.Batches[r.Batch], int(r.Row)}
	}
	return rows
}

// graded puts a town's tables to the PostGIS that has judged its layers, and grades its
// enterprises there; undo takes it back. The area of a parcel that has none recorded
// is the one of the run's layer, whose geometry TestFactsAgreeWithPostGIS holds.
func graded(t *testing.T, conn *pgx.Conn, c town, layer []feature) (undo func()) {
	t.Helper()
	ctx := context.Background()
	run := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	run("BEGIN")
	src, err := read.OpenFolder(c.folder(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	_, _, parcels := used(t, src, table.Parcels)
	loaded(t, conn, table.MustInput(table.Parcels), parcels)
	for _, name := range []string{table.Enterprises, table.Tenancies, table.Output, table.Tax, table.Energy, table.Emissions, table.Adjustments} {
		loaded(t, conn, table.MustInput(name), usedRows(t, src, name))
	}
	run("CREATE TEMP TABLE drawn (parcel_code text, area text)")
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"drawn"}, []string{"parcel_code", "area"}, pgx.CopyFromSlice(len(layer), func(i int) ([]any, error) {
		code, _ := layer[i].text("parcel_code")
		area, _ := layer[i].text("official_area")
		return []any{code, area}, nil
	})); err != nil {
		t.Fatal(err)
	}
	run(`CREATE TEMP TABLE officials AS
		SELECT parcel_code, CASE WHEN recorded_area > 0 THEN recorded_area ELSE area::numeric END AS official
		FROM in_parcels LEFT JOIN drawn USING (parcel_code)`)
	run(string(fileText(t, "testdata/grades.sql")))
	return func() { run("ROLLBACK") }
}

// schemes are the packs whose schemes grades.sql knows.
var schemes = []string{"lianyungang-2022", "zhejiang-huangyan-2022", "jiangsu-huaian-2024"}

func TestEveryGradeOfTheSampleIsWhatSQLFinds(t *testing.T) {
	sameGrades(t, judged(t, towns[1]), towns[1], nil)
}

// sameGrades evaluates a town under each scheme and compares with what SQL finds, which
// must have a case of everything that cases count.
func sameGrades(t *testing.T, conn *pgx.Conn, c town, cases map[string]string) {
	var undo func()
	for _, scheme := range schemes {
		c.policies = []string{scheme}
		got := results(t, evaluated(t, c.folder(t, nil), c.options(t)))
		if undo == nil {
			undo = graded(t, conn, c, featuresOf(t, got["layers/parcels.geojson"]))
			defer undo()
			t.Run("land", func(t *testing.T) { sameLand(t, conn, got) })
			t.Run("cases", func(t *testing.T) { bites(t, conn, cases) })
		}
		t.Run(scheme, func(t *testing.T) {
			sameFigures(t, conn, scheme, got)
			sameRanks(t, conn, scheme, got)
			sameParcelGrades(t, conn, scheme, got)
			sameZoneGrades(t, conn, scheme, got)
		})
	}
}

// Figures are printed with 6 decimals; the total is rounded before it is ranked, so
// that one that lies on a half may come out on either side.
const figureRounding = 1.001e-6

func sameLand(t *testing.T, conn *pgx.Conn, got map[string][]byte) {
	columns := []string{"owned", "occupied", "leased_in", "leased_out", "net"}
	areas, places := map[string]float64{}, map[string]string{}
	for _, r := range tableOf(t, got["tables/land.csv"]) {
		for _, name := range columns {
			areas[r["credit_code"]+" "+name] = numberOf(t, r[name+"_mu"])
		}
		parcels := strings.Split(r["parcels"], ";")
		slices.Sort(parcels)
		places[r["credit_code"]] = strings.Join(parcels, ";")
	}
	agree(t, "mu", areas, column(t, conn, `
		SELECT credit_code || ' ' || name, (area * 3 / 2000)::float8 FROM land CROSS JOIN LATERAL (VALUES ('owned', owned),
			('occupied', occupied), ('leased_in', leased_in), ('leased_out', leased_out), ('net', net)) AS c (name, area)
		WHERE year = 2024`), 0, muRounding)
	match(t, "parcels", places, texts(t, conn, `
		SELECT e.credit_code, coalesce(string_agg(parcel_code, ';' ORDER BY parcel_code COLLATE "C"), '')
		FROM in_enterprises AS e LEFT JOIN (SELECT * FROM spots WHERE year = 2024) AS s USING (credit_code)
		GROUP BY 1`))
}

// sameFigures compares the indicators and their scores.
func sameFigures(t *testing.T, conn *pgx.Conn, scheme string, got map[string][]byte) {
	every := map[string]float64{}
	known := texts(t, conn, "SELECT DISTINCT indicator, '' FROM ratios")
	for _, r := range tableOf(t, got["tables/indicators.csv"]) {
		for name := range known {
			if r[name] != "" {
				every[r["credit_code"]+" "+name] = numberOf(t, r[name])
			}
		}
	}
	in := " WHERE scheme = '" + scheme + "'"
	agree(t, "every indicator", every, column(t, conn, `
		SELECT credit_code || ' ' || indicator, x::float8 FROM ratios`+in+` AND year = 2024 AND x IS NOT NULL`), 1e-6, figureRounding)
	values, scores, why := map[string]float64{}, map[string]float64{}, map[string]string{}
	for _, r := range tableOf(t, got["tables/grades.csv"]) {
		why[r["credit_code"]] = r["reasons"]
		for name, cell := range r {
			if indicator, ok := strings.CutPrefix(name, "score_"); ok {
				if cell != "" {
					scores[r["credit_code"]+" "+indicator] = numberOf(t, cell)
				}
				if r[indicator] != "" {
					values[r["credit_code"]+" "+indicator] = numberOf(t, r[indicator])
				}
			}
		}
	}
	agree(t, "indicator", values, column(t, conn, `
		SELECT credit_code || ' ' || indicator, x::float8 FROM ratios`+in+` AND year = 2024 AND x IS NOT NULL
		AND indicator IN (SELECT indicator FROM items`+in+`)`), 1e-6, figureRounding)
	agree(t, "score", scores, column(t, conn, `
		SELECT credit_code || ' ' || indicator, score FROM scores`+in), 1e-6, figureRounding)
	for key := range column(t, conn, "SELECT credit_code || ' ' || indicator, 0::float8 FROM scores"+in+" AND x IS NULL") {
		if code, indicator, _ := strings.Cut(key, " "); !strings.Contains(why[code], indicator) {
			t.Errorf("%s has no %s, and its reasons do not say so: %q", code, indicator, why[code])
		}
	}
}

// sameRanks compares totals, ranks and grades, and why there are none.
func sameRanks(t *testing.T, conn *pgx.Conn, scheme string, got map[string][]byte) {
	totals, mu, places := map[string]float64{}, map[string]float64{}, map[string]string{}
	out := texts(t, conn, "SELECT credit_code, CASE why WHEN 'T' THEN 'exempt' ELSE why END FROM finals WHERE why IS NOT NULL AND scheme = '"+scheme+"'")
	for _, r := range tableOf(t, got["tables/grades.csv"]) {
		code := r["credit_code"]
		mu[code] = numberOf(t, r["land_mu"])
		places[code] = strings.Join([]string{r["rank"], r["of"], r["initial_grade"], r["final_grade"]}, "/")
		if r["total"] != "" {
			totals[code] = numberOf(t, r["total"])
			totals[code+" bonus"] = numberOf(t, r["bonus"])
			places[code] += " in " + r["group"]
		}
		if !strings.HasPrefix(r["reasons"], out[code]) {
			t.Errorf("%s: not graded for %s, by SQL for %s", code, r["reasons"], out[code])
		}
	}
	in := " FROM finals WHERE scheme = '" + scheme + "'"
	agree(t, "land_mu", mu, column(t, conn, "SELECT credit_code, (net * 3 / 2000)::float8"+in), 0, muRounding)
	agree(t, "total", totals, column(t, conn, "SELECT credit_code, total"+in+` AND total IS NOT NULL
		UNION ALL SELECT credit_code || ' bonus', bonus`+in+" AND total IS NOT NULL"), 1e-6, figureRounding)
	match(t, "rank/n/initial/final", places, texts(t, conn, `
		SELECT credit_code, concat(rank, '/', n, '/', initial, '/', final, CASE WHEN rank IS NOT NULL THEN ' in ' || pool END)`+in))
}

func sameParcelGrades(t *testing.T, conn *pgx.Conn, scheme string, got map[string][]byte) {
	grades, shares, figures := map[string]string{}, map[string]string{}, map[string]float64{}
	for _, f := range featuresOf(t, got["layers/parcels.geojson"]) {
		code, _ := f.text("parcel_code")
		if v, ok := f.text("grade"); ok {
			grades[code] = v
		}
		if v, ok := f.text("grades"); ok {
			shares[code] = v
		}
		for _, name := range []string{"tax_per_mu", "sales_per_mu", "output_per_mu"} {
			if v, ok := f.number(t, name); ok {
				figures[code+" "+name] = v
			}
		}
	}
	in := " WHERE scheme = '" + scheme + "'"
	match(t, "grade of a parcel", grades, texts(t, conn, "SELECT parcel_code, grade FROM parcel_grades"+in+" AND grade IS NOT NULL"))
	match(t, "grades of a parcel", shares, texts(t, conn, "SELECT parcel_code, grades FROM parcel_shares"+in))
	agree(t, "figure of a parcel", figures, column(t, conn, `
		SELECT parcel_code || ' ' || name, per_mu::float8 FROM parcel_figures`), 1e-6, figureRounding)
}

// sameZoneGrades compares sums by share: PostGIS cuts the parcels that lie across a
// border, whose shares then differ by what TestFactsAgreeWithPostGIS allows.
func sameZoneGrades(t *testing.T, conn *pgx.Conn, scheme string, got map[string][]byte) {
	mu, figures := map[string]float64{}, map[string]float64{}
	for _, f := range featuresOf(t, got["layers/zones.geojson"]) {
		code, _ := f.text("zone_code")
		for _, grade := range []string{"a", "b", "c", "d"} {
			if v, ok := f.number(t, "mu_"+grade); ok {
				mu[code+" "+strings.ToUpper(grade)] = v
			}
		}
		for _, name := range []string{"tax_per_mu", "sales_per_mu"} {
			if v, ok := f.number(t, name); ok {
				figures[code+" "+name] = v
			}
		}
	}
	agree(t, "mu of a grade", mu, column(t, conn, fmt.Sprintf(`
		SELECT z.zone || ' ' || g.grade, coalesce(mu, 0) FROM ground AS z CROSS JOIN (VALUES ('A'), ('B'), ('C'), ('D')) AS g (grade)
		LEFT JOIN zone_grades AS f ON f.zone = z.zone AND f.grade = g.grade AND scheme = '%s'`, scheme)), 1e-6, 2*muRounding)
	agree(t, "figure of a zone", figures, column(t, conn, `
		SELECT zone || ' tax_per_mu', tax_per_mu FROM zone_figures WHERE tax_per_mu IS NOT NULL
		UNION ALL SELECT zone || ' sales_per_mu', sales_per_mu FROM zone_figures WHERE sales_per_mu IS NOT NULL`), 1e-6, figureRounding)
}

// texts asks for two texts a row.
func texts(t *testing.T, conn *pgx.Conn, sql string) map[string]string {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	out := map[string]string{}
	var key, value string
	if _, err := pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		out[key] = value
		return nil
	}); err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return out
}

// match compares texts by key.
func match(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for key, w := range want {
		if g, ok := got[key]; !ok || g != w {
			t.Errorf("%s of %s: %q (there: %t), SQL %q", what, key, g, ok, w)
		}
	}
	for key, g := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s of %s: %q, SQL has none", what, key, g)
		}
	}
	t.Logf("%s: %d compared", what, len(want))
}
