package tally

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// columns are one of each take.
func columns() []Column {
	number := func(v []byte) (n, mul, div float64, why string) {
		n, ok := cell.Number(v)
		if !ok {
			return 0, 1, 1, "not_a_number"
		}
		return n, 1, 10_000, ""
	}
	date := func(v []byte) (d unit.Date, none bool, why string) {
		d, ok := cell.Date(v)
		if !ok {
			return 0, false, "not_a_date"
		}
		return d, d.String() == "1901-01-01", ""
	}
	money, day, word := &table.Field{Kind: table.Number, Unit: unit.WanYuan}, &table.Field{Kind: table.Date}, &table.Field{Kind: table.Text}
	return []Column{
		{money, mapping.Sum, number, date}, {money, mapping.Max, number, date}, {money, mapping.Min, number, date}, {money, mapping.Mode, number, date},
		{money, mapping.Count, number, date}, {word, mapping.First, number, date}, {word, mapping.Mode, number, date}, {day, mapping.Max, number, date},
		{day, mapping.Min, number, date}, {day, mapping.Mode, number, date},
	}
}

// tallied adds rows of a key, what is distinct, a number, a word and a day, in an order.
func tallied(rows [][]string, distinct bool) *Tally {
	t := New(columns(), distinct)
	var buffer []byte // cells are not kept: each row overwrites the last
	for _, r := range rows {
		buffer = buffer[:0]
		var cells [][]byte
		for _, i := range []int{2, 2, 2, 2, 2, 3, 3, 4, 4, 4} {
			from := len(buffer)
			buffer = append(buffer, r[i]...)
			cells = append(cells, buffer[from:len(buffer):len(buffer)])
			if r[i] == "" {
				cells[len(cells)-1] = nil
			}
		}
		t.Add([]byte(r[0]), []byte(r[1]), cells)
	}
	t.Finish()
	return t
}

// said is what a tally gives a key, a line.
func said(t *Tally, key string) string {
	n, ok := t.Find([]byte(key))
	if !ok {
		return "none"
	}
	var out []string
	for c := range t.columns {
		v := t.Value(n, c)
		switch {
		case v.Fault != nil:
			out = append(out, v.Fault.Why+" "+v.Fault.Value)
		case !v.Some:
			out = append(out, "-")
		case v.Text != nil:
			out = append(out, string(v.Text))
		case t.columns[c].Field.Kind == table.Date:
			out = append(out, v.Day.String())
		default:
			out = append(out, fmt.Sprint(v.Number))
		}
	}
	return strings.Join(out, " ")
}

func TestEachTakeGivesWhatItsNameSays(t *testing.T) {
	rows := [][]string{
		{"A", "1", "10000", "乙", "2023-06-30"}, {"A", "2", "20000", "甲", "2023.6.30"}, {"A", "3", "10000.0", "甲", "1901-01-01"}, {"A", "3", "30000", "", "2022年1月1日"},
		{"B", "1", "0.1", "", ""}, {"B", "1", "0.2", "", ""}, {"B", "1", "0.3", "", ""}, {"C", "1", "", "", ""},
	}
	tally := tallied(rows, false)
	for key, want := range map[string]string{
		"A": "7 3 1 1 4 乙 甲 2023-06-30 2022-01-01 2023-06-30", "B": "6e-05 3e-05 1e-05 1e-05 3 - - - - -", "C": "- - - - 0 - - - - -", "Z": "none",
	} {
		if got := said(tally, key); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	if got := said(tallied(rows, true), "A"); got != "4 2 1 1 3 乙 甲 2023-06-30 2023-06-30 2023-06-30" {
		t.Errorf("of what is distinct: %s", got)
	}
}

// FuzzTally adds arbitrary rows in several orders: nothing may depend on it, and sums are
// those of exact arithmetic.
func FuzzTally(f *testing.F) {
	f.Add("A,1,10000,乙,2023-06-30\nA,2,0.1,甲,1901-01-01\nB,,-3,,x\nA,2,0.1,甲,\n", false, uint64(1))
	f.Add("A,1,1e300,,\nA,1,-1e300,,\nA,1,1e-300,,\nA,1,9007199254740993,,\nA,1,9007199254.740993,,\n", true, uint64(2))
	f.Add(",,,,\n,,（1,,\n\x00,\xff,−7,\uFFFD,20230630\n", false, uint64(3))
	f.Fuzz(func(t *testing.T, text string, distinct bool, seed uint64) {
		var rows [][]string
		for line := range strings.Lines(text) {
			r := strings.Split(strings.TrimSuffix(line, "\n"), ",")
			for len(r) < 5 {
				r = append(r, "")
			}
			rows = append(rows, r)
		}
		dice := rand.New(rand.NewPCG(seed, 1))
		one := tallied(rows, distinct)
		keys := slices.Sorted(slices.Values(one.Keys()))
		for range 3 {
			dice.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			other := tallied(rows, distinct)
			if again := slices.Sorted(slices.Values(other.Keys())); !slices.Equal(keys, again) {
				t.Fatalf("keys %q and %q", keys, again)
			}
			for _, key := range keys {
				if a, b := said(one, key), said(other, key); a != b {
					t.Fatalf("key %q: %s in one order, %s in another\n%s", key, a, b, text)
				}
			}
		}
		if distinct {
			return
		}
		for _, key := range keys {
			exact, wrong, some := new(big.Rat), false, false
			for _, r := range rows {
				if r[0] != key || r[2] == "" {
					continue
				}
				v, ok := cell.Number([]byte(r[2]))
				if wrong, some = wrong || !ok, true; ok {
					exact.Add(exact, shortest(v))
				}
			}
			n, _ := one.Find([]byte(key))
			got := one.Value(n, 0)
			want, _ := exact.Quo(exact, big.NewRat(10_000, 1)).Float64()
			if (got.Fault != nil) != wrong || got.Fault == nil && (got.Some != some || some && got.Number != want) {
				t.Fatalf("the sum of %q is %+v, want %v", key, got, want)
			}
		}
	})
}
