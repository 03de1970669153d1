package geojson

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// checkFloat compares ParseFloat with strconv, but for words, hexadecimal and
// underscores, which it refuses.
func checkFloat(t *testing.T, s string) {
	t.Helper()
	want, err := strconv.ParseFloat(s, 64)
	ok := err == nil && strings.Trim(s, "0123456789+-.eE") == ""
	got, gotOK := ParseFloat([]byte(s))
	if gotOK != ok || ok && math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("%q: %v %v, want %v %v", s, got, gotOK, want, ok)
	}
	// The same number inside a document, with other bytes behind it.
	v, end, read := number([]byte(s+",12345678]"), 0)
	if ok && read && end == len(s) && math.Float64bits(v) != math.Float64bits(want) {
		t.Fatalf("%q in an array: %v, want %v", s, v, want)
	}
}

func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"", "1", "-1.5e3", "+.5", "5.", "007", "1e400", "NaN", "Infinity", "0x1p4", "1_000", "9007199254740993", "120.90018790000001", "-", "1e", ".", "e5"} {
		f.Add(s)
	}
	f.Fuzz(checkFloat)
}

func TestLooseNumbersAreReadToo(t *testing.T) {
	for s, want := range map[string]float64{"+5": 5, ".5": 0.5, "5.": 5, "007.50": 7.5, "-0": math.Copysign(0, -1)} {
		if v, ok := ParseFloat([]byte(s)); !ok || v != want {
			t.Errorf("%q: %v %v", s, v, ok)
		}
	}
	for _, s := range []string{"", " 1", "1 ", "NaN", "Inf", "1e999", "0x10", "1_0", "1,5", "--1"} {
		if v, ok := ParseFloat([]byte(s)); ok {
			t.Errorf("%q was read as %v", s, v)
		}
	}
}
