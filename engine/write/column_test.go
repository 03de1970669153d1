package write

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/unit"
)

// exact is v ÷ 10^decimals as the shortest decimal, by the standard library.
func exact(v int64, decimals int) string {
	den := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	s := new(big.Rat).SetFrac(big.NewInt(v), den).FloatString(decimals)
	if decimals > 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func TestFixedNumbersAreTheShortestDecimalThatReadsBack(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	values := []int64{0, 1, -1, 9, 10, -10, 9999, 10_000, 10_001, 123_450, math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	for range 20_000 {
		values = append(values, int64(dice.Uint64())>>dice.IntN(64))
	}
	for i, v := range values {
		decimals := i % 19
		want := exact(v, decimals)
		if got := string(appendFixed(nil, v, decimals, false)); got != want {
			t.Fatalf("%d with %d decimals: %s, want %s", v, decimals, got, want)
		}
		if !strings.Contains(want, ".") {
			want += ".0"
		}
		if got := string(appendFixed([]byte("x"), v, decimals, true)); got != "x"+want {
			t.Fatalf("%d with %d decimals and a point: %s, want x%s", v, decimals, got, want)
		}
	}
}

// columns has a column of every kind, null in row 1.
func columns() []Column {
	ok := func(i int) bool { return i != 1 }
	return []Column{
		Text("text", func(i int) (string, bool) { return "宗地, \"a\"\nb", ok(i) }),
		Fixed("fixed", 4, func(i int) (int64, bool) { return -123_4500, ok(i) }),
		Fixed("whole", 4, func(i int) (int64, bool) { return 12_350_0000, ok(i) }),
		Integer("integer", func(i int) (int64, bool) { return 42, ok(i) }),
		Float("float", func(i int) (float64, bool) { return 0.1, ok(i) }),
		Float("round", func(i int) (float64, bool) { return 3, ok(i) }),
		Bool("boolean", func(i int) (bool, bool) { return i == 0, ok(i) }),
		Date("date", func(i int) (unit.Date, bool) { d, _ := unit.NewDate(2024, 2, 29); return d, ok(i) }),
		Null("null", KindText),
	}
}

func TestEveryKindOfColumnPrintsAsJSON(t *testing.T) {
	want := map[string][2]string{
		"text": {`"宗地, \"a\"\nb"`, "null"}, "fixed": {"-123.45", "null"}, "whole": {"12350.0", "null"},
		"integer": {"42", "null"}, "float": {"0.1", "null"}, "round": {"3.0", "null"},
		"boolean": {"true", "null"}, "date": {`"2024-02-29"`, "null"}, "null": {"null", "null"},
	}
	for _, c := range columns() {
		for row, w := range want[c.Name] {
			if got := string(c.appendJSON(nil, row)); got != w || !json.Valid([]byte(got)) {
				t.Errorf("%s, row %d: %s, want %s", c.Name, row, got, w)
			}
		}
	}
}

func TestEveryKindOfColumnPrintsAsCSV(t *testing.T) {
	want := map[string]string{
		"text": "\"宗地, \"\"a\"\"\nb\"", "fixed": "-123.45", "whole": "12350", "integer": "42", "float": "0.1",
		"round": "3", "boolean": "true", "date": "2024-02-29",
	}
	for _, c := range columns() {
		if got := string(c.appendCSV(nil, 0)); got != want[c.Name] {
			t.Errorf("%s: %s, want %s", c.Name, got, want[c.Name])
		}
		if got := c.appendCSV(nil, 1); len(got) > 0 {
			t.Errorf("%s: null prints as %s", c.Name, got)
		}
	}
}

func TestAnAreaIsShownInMuWithFourDecimals(t *testing.T) {
	c := Area("mu", func(i int) unit.Area { return []unit.Area{0, 6_666_667, 20_000_000, 333, 334}[i] })
	for i, want := range []string{"0.0", "1.0", "3.0", "0.0", "0.0001"} {
		if got := string(c.appendJSON(nil, i)); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
}

// readBack reads a row of cells with the standard library.
func readBack(t *testing.T, cells ...string) []string {
	t.Helper()
	var line []byte
	for i, v := range cells {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendCell(line, v)
	}
	r := csv.NewReader(bytes.NewReader(append(line, "\r\nend"...)))
	r.FieldsPerRecord = -1
	row, err := r.Read()
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if last, err := r.Read(); err != nil || len(last) != 1 || last[0] != "end" {
		t.Fatalf("%q runs over into the next row: %q, %v", line, last, err)
	}
	return row
}

// quoted says whether a cell stands in quotes, as one with a separator, a quote or
// any line end in it must: readers differ in what they make of a bare CR.
func quoted(v string) bool { return strings.HasPrefix(string(appendCell(nil, v)), `"`) }

// asRead is a cell as encoding/csv hands it out: it takes CRLF in quotes for LF.
func asRead(v string) string { return strings.ReplaceAll(v, "\r\n", "\n") }

func TestCellsReadBackAsTheyWere(t *testing.T) {
	for _, v := range []string{"", "a", ",", `"`, `""`, "a\"b", "line\nline", "cr\r", "\r\n", " blank ", "亩，税", "'", ";", "=1+1", `","`} {
		got := readBack(t, "x", v, "y")
		if len(got) != 3 || got[0] != "x" || got[1] != asRead(v) || got[2] != "y" {
			t.Errorf("%q came back as %q", v, got)
		}
		if want := strings.ContainsAny(v, ",\"\r\n"); quoted(v) != want {
			t.Errorf("%q: in quotes %t, want %t", v, quoted(v), want)
		}
	}
}

func FuzzAppendCell(f *testing.F) {
	for _, v := range []string{"", "plain", "with,comma", "with \"quotes\"", "two\nlines", "\r", "宗地", "\xff", "\"\"\"", "a\r\nb"} {
		f.Add(v, "next")
		f.Add("first", v)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a + b) {
			return
		}
		got := readBack(t, "0", a, b)
		if len(got) != 3 || got[0] != "0" || got[1] != asRead(a) || got[2] != asRead(b) {
			t.Errorf("%q and %q came back as %q", a, b, got)
		}
		if quoted(a) != strings.ContainsAny(a, ",\"\r\n") {
			t.Errorf("%q: in quotes %t", a, quoted(a))
		}
	})
}
