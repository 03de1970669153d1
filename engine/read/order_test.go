package read

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// rowOf is a row of a table before it is in a batch; nil is null.
type rowOf []any

// randomRows draws rows from few values, so that keys and whole rows repeat; where
// a name may stand for the code, some rows have one.
func randomRows(dice *rand.Rand, s *table.Schema, n int) []rowOf {
	rows := make([]rowOf, n)
	for i := range rows {
		rows[i] = make(rowOf, len(s.Fields))
		for c, f := range s.Fields {
			if !f.Required && dice.IntN(2) == 0 {
				continue
			}
			switch f.Kind {
			case table.Number:
				rows[i][c] = []float64{0, 2, 10, -1, 1e21, 0.1}[dice.IntN(6)]
			case table.Integer:
				rows[i][c] = int64(2022 + dice.IntN(3))
			case table.Date:
				rows[i][c] = unit.Date(19_000 + dice.IntN(3))
			case table.Bool:
				rows[i][c] = dice.IntN(2) == 0
			default:
				rows[i][c] = []string{"a", "ab", "abcdefgh", "abcdefghi", "宗", "abcdefgh\x00"}[dice.IntN(6)]
			}
		}
		if code, name, ok := s.StandIn(); ok && rows[i][name] != nil && dice.IntN(2) == 0 {
			rows[i][code] = nil
		}
	}
	return rows
}

// canonical is a row as one text that sorts as its cells do one by one: null
// behind everything, and a text before what continues it.
func (r rowOf) canonical() string {
	var out strings.Builder
	for _, v := range r {
		cell := fmt.Sprint(v)
		switch v := v.(type) {
		case nil:
			cell = "\U0010FFFF null"
		case float64:
			cell = strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
		}
		out.WriteString(strings.ReplaceAll(cell, "\x00", "\x00\xFF") + "\x00\x01")
	}
	return out.String()
}

func (r rowOf) key(s *table.Schema) string {
	var parts []string
	if code, name, ok := s.StandIn(); ok && r[code] == nil {
		parts = append(parts, fmt.Sprint("named ", r[name]))
	}
	for _, k := range s.Key {
		parts = append(parts, fmt.Sprint(r[s.Index(k)]))
	}
	return strings.Join(parts, "/")
}

// batchesOf deals rows in order into batches of random sizes.
func batchesOf(dice *rand.Rand, s *table.Schema, rows []rowOf) []table.Batch {
	var out []table.Batch
	b := table.NewBuilder(s, 0)
	for i, row := range rows {
		for c, v := range row {
			switch v := v.(type) {
			case float64:
				b.Number(c, v)
			case int64:
				b.Integer(c, v)
			case unit.Date:
				b.Date(c, v)
			case bool:
				b.Bool(c, v)
			case string:
				b.String(c, v)
			}
		}
		b.EndRow(0, int64(i+1))
		if dice.IntN(4) == 0 {
			out = append(out, b.Batch())
			b = table.NewBuilder(s, 0)
		}
	}
	return append(out, b.Batch())
}

// kept are the chosen rows in order, by what they hold.
func kept(rows []rowOf, batches []table.Batch, order []table.Ref) []string {
	var out []string
	for _, ref := range order {
		_, at := batches[ref.Batch].Place(int(ref.Row))
		out = append(out, rows[at-1].canonical())
	}
	return out
}

var orderedTables = []string{table.Tax, table.Parcels, table.ZoneIndicators, table.Tenancies}

func TestWhichRowOfADuplicateIsKeptIsDecidedByItsTextAlone(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 1))
	for _, name := range orderedTables {
		s := table.MustInput(name)
		for range 100 {
			rows := randomRows(dice, s, dice.IntN(30))
			// The rule, spelt out: by key the row whose columns sort first.
			best := map[string]string{}
			var want []string
			for _, r := range rows {
				if len(s.Key) == 0 {
					want = append(want, r.canonical())
					continue
				}
				if c, ok := best[r.key(s)]; !ok || r.canonical() < c {
					best[r.key(s)] = r.canonical()
				}
			}
			for _, c := range best {
				want = append(want, c)
			}
			slices.Sort(want)
			batches := batchesOf(dice, s, rows)
			order, rejects := Order(s, batches, nil)
			got := kept(rows, batches, order)
			if len(got)+len(rejects) != len(rows) {
				t.Fatalf("%s: %d kept and %d rejected of %d", name, len(got), len(rejects), len(rows))
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: kept\n%q\nwant\n%q", name, got, want)
			}
		}
	}
}

func TestShuffledRowsInOtherBatchesKeepTheSameRowsInTheSameOrder(t *testing.T) {
	dice := rand.New(rand.NewPCG(2, 1))
	for _, name := range orderedTables {
		s := table.MustInput(name)
		for range 50 {
			rows := randomRows(dice, s, 1+dice.IntN(40))
			outcome := func() (got, lost []string) {
				batches := batchesOf(dice, s, rows)
				order, rejects := Order(s, batches, nil)
				for _, r := range rejects {
					lost = append(lost, fmt.Sprint(r.Table, r.Key, r.Column, r.Value, r.Reason))
				}
				slices.Sort(lost)
				return kept(rows, batches, order), lost
			}
			got, lost := outcome()
			for range 4 {
				dice.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
				again, lostAgain := outcome()
				if !slices.Equal(got, again) || !slices.Equal(lost, lostAgain) {
					t.Fatalf("%s: shuffled, %q became %q, rejects %q became %q", name, got, again, lost, lostAgain)
				}
			}
		}
	}
}

func TestRowsAreOrderedByTheBytesOfTheirKey(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 1))
	s := table.MustInput(table.Parcels)
	for range 100 {
		rows := randomRows(dice, s, 40)
		prefix := []string{"", "350203001004GB", "宗"}[dice.IntN(3)]
		for _, r := range rows { // what keys begin with is passed over when they are compared
			r[0] = prefix + r[0].(string)
		}
		batches := batchesOf(dice, s, rows)
		order, _ := Order(s, batches, nil)
		var keys []string
		for _, ref := range order {
			keys = append(keys, KeyOf(batches[ref.Batch], int(ref.Row)))
		}
		if !slices.IsSorted(keys) || len(slices.Compact(slices.Clone(keys))) != len(keys) {
			t.Fatalf("keys %q", keys)
		}
	}
}

func TestRowsThatAreNotAliveNeitherStandNorRejectOthers(t *testing.T) {
	s := table.MustInput(table.Parcels)
	row := func(use string) rowOf {
		r := make(rowOf, len(s.Fields))
		r[0], r[1], r[len(r)-1] = "P1", use, "wkb"
		return r
	}
	rows := []rowOf{row("1001"), row("0701")}
	batches := batchesOf(rand.New(rand.NewPCG(4, 1)), s, rows)
	order, rejects := Order(s, batches, func(r table.Ref) bool {
		_, at := batches[r.Batch].Place(int(r.Row))
		return at == 1 // the one that sorts last
	})
	if got := kept(rows, batches, order); len(rejects) != 0 || len(got) != 1 || got[0] != rows[0].canonical() {
		t.Errorf("kept %q, rejected %v", got, rejects)
	}
}

func TestADuplicateIsRejectedUnderItsWholeKey(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,tax\nA,2024,2\nA,2023,1\nA,2024,10\nA,2024,\n"})
	order, rejects := Order(got.Schema, got.Batches, nil)
	if len(order) != 2 || len(rejects) != 2 {
		t.Fatalf("%d kept, %d rejected", len(order), len(rejects))
	}
	for i, line := range []int64{2, 5} { // as text 10 sorts before 2, and nothing last
		want := Reject{Table: "tax", Key: "A/2024", Column: "credit_code+year", Value: "A/2024", Reason: DuplicateKey, Row: line}
		if line == 2 { // the tax of what is not used is kept, for accounts
			want.Amounts = []Amount{{Column: "tax", Unit: unit.WanYuan, Value: 2}}
		}
		if !reflect.DeepEqual(rejects[i], want) {
			t.Errorf("reject %v, want %v", rejects[i], want)
		}
	}
	if key := KeyOf(got.Batches[0], int(order[0].Row)); key != "A/2023" {
		t.Errorf("the first row is %s, want A/2023", key)
	}
}

func TestARowWithoutAKeyIsNamedByItsRequiredColumns(t *testing.T) {
	got := mustScan(t, "tenancies", map[string]string{"tenancies.csv": "credit_code,parcel_code,kind\nA,P,owned\nA,P,owned\n"})
	order, rejects := Order(got.Schema, got.Batches, nil)
	if len(order) != 2 || len(rejects) != 0 {
		t.Errorf("%d kept, %d rejected: rows of a table without a key are not told apart", len(order), len(rejects))
	}
	if key := KeyOf(got.Batches[0], 0); key != "A/P/owned" {
		t.Errorf("named %s", key)
	}
}

// digest sums the digests of all rows.
func digest(batches []table.Batch) Digest {
	var sum Digest
	var scratch []Digest
	for _, b := range batches {
		scratch = Rows(b, scratch)
		for _, d := range scratch {
			sum.Add(d)
		}
	}
	return sum
}

func TestADigestDoesNotDependOnOrderOrBatches(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 1))
	for _, name := range orderedTables {
		s := table.MustInput(name)
		for range 50 {
			rows := randomRows(dice, s, dice.IntN(40))
			want := digest(batchesOf(dice, s, rows))
			for range 3 {
				dice.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
				if got := digest(batchesOf(dice, s, rows)); got != want {
					t.Fatalf("%s: %x, shuffled %x", name, want, got)
				}
			}
		}
	}
}

func TestADigestTellsWhatChanged(t *testing.T) {
	dice := rand.New(rand.NewPCG(6, 1))
	s := table.MustInput(table.Parcels)
	use, standard := s.Index("land_use"), s.Index("land_use_standard")
	row := func() rowOf {
		r := make(rowOf, len(s.Fields))
		r[0], r[use], r[standard], r[len(r)-1] = "P1", "1001", "YDYH-2023", "wkb"
		return r
	}
	seen := map[Digest]string{}
	note := func(what string, rows ...rowOf) {
		d := digest(batchesOf(dice, s, rows))
		if other, twice := seen[d]; twice {
			t.Errorf("%s and %s have the same digest", what, other)
		}
		seen[d] = what
	}
	note("nothing")
	note("a row", row())
	note("the row twice", row(), row())
	swapped := row()
	swapped[use], swapped[standard] = swapped[standard], swapped[use]
	note("two cells swapped", swapped)
	null, empty := row(), row()
	null[use], empty[use] = nil, ""
	note("a null", null)
	note("an empty text", empty)
	moved, other := row(), row()
	moved[use], other[standard] = "x", "x"
	note("one row with x here", moved, row())
	note("one row with x there", other, row())
	both := row()
	both[use], both[standard] = "x", "x"
	note("one row with both", both, row())
	note("a row with each", moved, other)
	for c, f := range s.Fields {
		r := row()
		switch f.Kind {
		case table.Number:
			r[c] = 0.0
		case table.Bool:
			r[c] = false
		case table.Date:
			r[c] = unit.Date(0)
		default:
			r[c] = "changed"
		}
		note("another "+f.Name, r)
	}
}
