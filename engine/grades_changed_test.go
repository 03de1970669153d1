package engine_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
)

// What the made-up city does not have is put into it: every rule of grading is held
// against SQL where it bites.

// books are the tables of a town as rows of cells, heads first, to be changed.
type books map[string][][]string

// changed is the town with its books changed.
func (c town) changed(t *testing.T, change func(b books)) town {
	t.Helper()
	files, b := fstest.MapFS{}, books{}
	for path, text := range c.texts(t) {
		files[path] = &fstest.MapFile{Data: text}
		table, ok := strings.CutSuffix(path, ".csv")
		if !ok {
			continue
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		b[table] = rows
	}
	change(b)
	for table, rows := range b {
		var text bytes.Buffer
		if err := csv.NewWriter(&text).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		files[table+".csv"] = &fstest.MapFile{Data: text.Bytes()}
	}
	c.files = files
	return c
}

// cells hands every row of a table and the place of a column, by its head or, where
// the head is not in English, by its number.
func (b books) cells(table string, columns []string, do func(row []string, at []int)) {
	at := make([]int, len(columns))
	for i, name := range columns {
		at[i] = slices.Index(b[table][0], name)
	}
	for _, row := range b[table][1:] {
		if len(row) == len(b[table][0]) {
			do(row, at)
		}
	}
}

// upset puts one of the values into a cell with the chance of 1 in n each, or leaves it.
func upset(dice *rand.Rand, row []string, at, n int, values ...string) {
	if i := dice.IntN(n); i < len(values) {
		row[at] = values[i]
	}
}

// muddled makes of a town one whose books are full of holes, noughts, borders and
// decisions that meet each other.
func muddled(dice *rand.Rand) func(b books) {
	return func(b books) {
		codes, names := b.muddleEnterprises(dice)
		silent := map[string]bool{} // who has no accounts and so ties with others
		for _, code := range codes {
			silent[code] = dice.IntN(10) == 0
		}
		for _, name := range []string{"tax_2023", "tax_2024", "output", "energy", "emissions"} {
			b[name] = slices.DeleteFunc(b[name], func(row []string) bool { return silent[row[0]] })
			b.muddleAccounts(dice, name, codes, names)
		}
		b.muddleLand(dice, codes, names)
		b.muddleDecisions(dice, codes[:len(codes)/4])
	}
}

func (b books) muddleEnterprises(dice *rand.Rand) (codes, names []string) {
	columns := []string{"credit_code", "name", "above_scale", "utility", "registered_on", "production_on"}
	b.cells("enterprises", columns, func(row []string, at []int) {
		if len(names) > 0 && dice.IntN(25) == 0 {
			row[at[1]] = names[dice.IntN(len(names))]
		}
		codes, names = append(codes, row[at[0]]), append(names, row[at[1]])
		upset(dice, row, at[2], 20, "", "true")
		upset(dice, row, at[3], 20, "", "true")
		upset(dice, row, at[4], 15, "2022-12-31", "2023-01-01", "")
		upset(dice, row, at[5], 15, "2022-12-31", "2023-01-01", "")
	})
	return codes, names
}

// muddleAccounts changes figures, and gives some rows a name for the code.
func (b books) muddleAccounts(dice *rand.Rand, table string, codes, names []string) {
	first := 2 // behind code and year
	if strings.HasPrefix(table, "tax") {
		first = 1
	}
	b.cells(table, nil, func(row []string, _ []int) {
		for i := first; i < len(row); i++ {
			upset(dice, row, i, 40, "", "", "0", "0.5", "-3")
		}
		if dice.IntN(20) == 0 {
			clear(row[first:])
		}
	})
	b[table][0] = append(b[table][0], "name")
	for i, row := range b[table][1:] {
		called := ""
		if k := slices.Index(codes, row[0]); k >= 0 && dice.IntN(25) == 0 {
			row[0], called = "", names[k]
		}
		b[table][i+1] = append(row, called)
	}
}

// muddleDecisions makes several decisions on each of a few, no two on one day.
func (b books) muddleDecisions(dice *rand.Rand, codes []string) {
	b["adjustments"] = b["adjustments"][:1]
	for i := range 480 {
		value := fmt.Sprint(float64(dice.IntN(60)) / 4)
		kind := []string{"bonus", "penalty", "veto", "floor", "fix", "manual"}[dice.IntN(6)]
		if kind != "bonus" && kind != "penalty" {
			value = string("ABCD"[dice.IntN(4)])
		}
		year := []string{"2023", "2024", "2024", "2024"}[dice.IntN(4)]
		day := fmt.Sprintf("%d-%02d-%02d", 2024+i/336, 1+i/28%12, 1+i%28)
		b["adjustments"] = append(b["adjustments"], []string{codes[dice.IntN(len(codes))], year, kind, value, "test", "test", day})
	}
}

// muddleLand doubles, moves and names tenancies and changes their areas and days.
func (b books) muddleLand(dice *rand.Rand, codes, names []string) {
	head := b["tenancies"][0]
	rows := [][]string{append(head, "name")}
	for _, row := range b["tenancies"][1:] {
		if len(row) < len(head) {
			rows = append(rows, row)
			continue
		}
		for again := true; again; again = dice.IntN(12) == 0 {
			row := append(slices.Clone(row), "")
			upset(dice, row, 1, 60, "999904003001GB01514", "999904009001GB99999")
			upset(dice, row, 2, 30, "owned", "occupied", "leased_in", "leased_out", "leased_out")
			upset(dice, row, 3, 20, "", "2000", "1000", "1000", "1000", "1000", "1000")
			upset(dice, row, 6, 30, "2024-12-31", "2025-01-01", "")
			upset(dice, row, 7, 30, "2024-12-31", "2024-12-30", "")
			if k := slices.Index(codes, row[0]); k >= 0 && dice.IntN(15) == 0 {
				row[0], row[8] = "", names[k]
			}
			upset(dice, row, 0, 40, "91999904NOBODY0000")
			if dice.IntN(15) == 0 {
				row[2], row[3] = "leased_out", "60000"
			}
			rows = append(rows, row)
		}
	}
	b["tenancies"] = rows
}

var holder = regexp.MustCompile(`"holder":"[^"]*",`)

// unheld takes the code, not the name, of every fifth holder away.
func (c town) unheld(t *testing.T) town {
	t.Helper()
	n := 0
	files := fstest.MapFS{}
	for path, text := range c.texts(t) {
		if path == "parcels.geojson" {
			text = holder.ReplaceAllFunc(text, func(was []byte) []byte {
				if n++; n%5 == 0 {
					return nil
				}
				return was
			})
		}
		files[path] = &fstest.MapFile{Data: text}
	}
	c.files = files
	return c
}

// bites fails a test whose town has no case of what it is to prove.
func bites(t *testing.T, conn *pgx.Conn, cases map[string]string) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(cases)) {
		var n int
		if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM "+cases[what]).Scan(&n); err != nil {
			t.Fatalf("%v in %s", err, cases[what])
		}
		if n == 0 {
			t.Errorf("no case of: %s", what)
		}
	}
}

// muddle counts in SQL what a muddled city must have.
var muddle = map[string]string{
	"fixed grades": `finals JOIN decisions USING (credit_code) WHERE kind = 'fix' AND final = value AND final <> initial`,
	"manual decisions against a veto": `finals JOIN decisions AS m USING (credit_code) JOIN decisions AS v USING (credit_code)
		WHERE m.kind = 'manual' AND v.kind = 'veto' AND m.value = final AND v.value > final`,
	"floors under a veto": `finals JOIN decisions AS f USING (credit_code) JOIN decisions AS v USING (credit_code)
		WHERE f.kind = 'floor' AND v.kind = 'veto' AND v.value = final AND f.value < final`,
	"decisions on who is not graded": `finals JOIN decisions USING (credit_code) WHERE rank IS NULL`,
	"totals below nought":            `finals WHERE total < 0`,
	"totals that tie across a cut": `(SELECT count(*) AS members, rank, n, c FROM ranked WHERE initial = 'C'
		GROUP BY scheme, pool, rank, n, c) AS ties WHERE rank + members - 1 > floor(n * c + 1e-9)`,
	"exactly 3 mu, below scale": `standing JOIN in_enterprises USING (credit_code)
		WHERE net = 2000 AND NOT above_scale AND grp = 'all' AND NOT exempt`,
	"new from the first day": `standing JOIN in_enterprises USING (credit_code) WHERE registered_on = '2023-01-01' AND exempt`,
	"old on the last day": `standing JOIN in_enterprises USING (credit_code)
		WHERE registered_on = '2022-12-31' AND NOT exempt`,
	"old by the register, new by production": `standing JOIN in_enterprises USING (credit_code)
		WHERE registered_on < '2022-12-31' AND production_on > '2022-12-31' AND exempt`,
	"land below nought":                 `land WHERE net < 0`,
	"occupants without land altogether": `occupants WHERE NOT landed`,
	"occupants who are strangers": `spots JOIN occupants USING (parcel_code)
		WHERE spots.year = 2024 AND spots.credit_code LIKE '?%'`,
	"parcels of several grades": `parcel_shares WHERE grades LIKE '%;%'`,
	"parcels whose grades tie": `occupants AS a JOIN occupants AS b USING (parcel_code, net)
		JOIN finals AS f ON f.credit_code = a.credit_code JOIN finals AS g ON g.credit_code = b.credit_code AND g.scheme = f.scheme
		WHERE f.final < g.final AND g.final < 'T'`,
	"parcels of the exempt":        `parcel_grades WHERE grade = 'T'`,
	"holders found by name":        `in_parcels JOIN lots USING (parcel_code) WHERE holder IS NULL AND credit_code = pg_temp.who(NULL, holder_name)`,
	"accounts found by name":       `in_tax WHERE name IS NOT NULL AND credit_code IS NOT NULL`,
	"names that two have":          `in_tenancies WHERE name IS NOT NULL AND pg_temp.who(NULL, name) IS NULL`,
	"tenancies from the last day":  `leases WHERE "from" = '2024-12-31'`,
	"tenancies to the last day":    `leases WHERE "to" = '2024-12-31'`,
	"tenancies to the day before":  `leases WHERE "to" = '2024-12-30'`,
	"tenancies of refused parcels": `lots WHERE parcel_code NOT IN (SELECT parcel_code FROM officials)`,
	"tenancies of no parcel":       `in_tenancies WHERE parcel_code = '999904009001GB99999'`,
	"tenancies of no known area":   `leases WHERE area IS NULL`,
	"tax without total or head":    `in_tax WHERE num_nonnulls(tax, vat, income, property, land_use, stamp) = 0`,
	"energy without total or part": `in_energy WHERE num_nonnulls(energy, electricity, coal, gas, heat, oil) = 0`,
	"emissions without a part":     `in_emissions WHERE num_nonnulls(cod, nh3n, so2, nox) = 0`,
	"denominators below nought":    `ratios WHERE under < 0`,
}

func TestEveryGradeOfAMuddledCityIsWhatSQLFinds(t *testing.T) {
	conn := judged(t, towns[1])
	for _, seed := range []uint64{2, 4} { // two that have every case
		c := towns[1].unheld(t).changed(t, muddled(rand.New(rand.NewPCG(seed, 1))))
		sameGrades(t, conn, c, muddle)
	}
}

func TestSmallGroupsAndMissingBenchmarksAreWhatSQLFinds(t *testing.T) {
	conn := judged(t, towns[1])
	// first leaves above_scale to the first enterprises only.
	first := func(above, below int) func(b books) {
		return func(b books) {
			n := 0
			b.cells("enterprises", []string{"above_scale"}, func(row []string, at []int) {
				row[at[0]] = ""
				if n < above {
					row[at[0]] = "true"
				} else if n < above+below {
					row[at[0]] = "false"
				}
				n++
			})
		}
	}
	// filled puts a text into a column of a table.
	filled := func(table string, column int, text string) func(b books) {
		return func(b books) {
			b.cells(table, nil, func(row []string, _ []int) { row[column] = text })
		}
	}
	for _, one := range []struct {
		name   string
		change func(b books)
		cases  map[string]string
	}{
		{"two small groups alike", first(3, 4), map[string]string{
			"a pool":                     "finals WHERE pool = 'above_scale+below_scale' AND n = 7",
			"groups that are not alike":  "finals WHERE why = 'group_too_small' AND scheme = 'zhejiang-huangyan-2022'",
			"a group that is big enough": "finals WHERE n = 7 AND scheme = 'jiangsu-huaian-2024'",
		}},
		{"a small pool", first(2, 2), map[string]string{"small everywhere": "finals WHERE why = 'group_too_small' HAVING count(DISTINCT scheme) = 3"}},
		{"a small group and a large one", first(4, 300), map[string]string{"only one": "finals WHERE n > 100 AND pool = 'below_scale'"}},
		{"five", first(5, 0), map[string]string{"just big enough": "finals WHERE n = 5"}},
		{"without research", filled("output", 6, ""), map[string]string{
			"a mean of nobody":          "finals WHERE why = 'benchmark_missing' AND scheme = 'lianyungang-2022'",
			"a fixed mark for nobody":   "finals WHERE why = 'benchmark_missing' AND scheme = 'zhejiang-huangyan-2022'",
			"others of the same scheme": "finals WHERE rank = 1 AND scheme = 'zhejiang-huangyan-2022'",
		}},
		{"a mean below nought", filled("tax_2024", 1, "-1"), map[string]string{"ungraded": "finals WHERE why = 'benchmark_missing' AND scheme = 'lianyungang-2022'"}},
		{"last year without tax", filled("tax_2023", 1, "0"), map[string]string{"ungraded": "finals WHERE why = 'benchmark_missing' AND scheme = 'jiangsu-huaian-2024'"}},
	} {
		t.Run(one.name, func(t *testing.T) {
			sameGrades(t, conn, towns[1].changed(t, one.change), one.cases)
		})
	}
}
