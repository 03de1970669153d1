package geojson

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wholeNumber reads a finite JSON number that is all there is.
func wholeNumber(b []byte) (float64, bool) {
	v, end, ok := number(b, 0)
	return v, ok && end == len(b) && v-v == 0
}

var finiteNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// checkFloat compares number with strconv, but for what JSON does not know: it is
// refused.
func checkFloat(t *testing.T, s string) {
	t.Helper()
	want, err := strconv.ParseFloat(s, 64)
	ok := err == nil && finiteNumber.MatchString(s)
	got, gotOK := wholeNumber([]byte(s))
	if gotOK != ok || ok && math.Float64bits(got) != math.Float64bits(want) {
		t.Fatalf("%q: %v %v, want %v %v", s, got, gotOK, want, ok)
	}
	// The same number inside a document, with other bytes behind it.
	v, end, read := number([]byte(s+",12345678]"), 0)
	if ok && read && end == len(s) && math.Float64bits(v) != math.Float64bits(want) {
		t.Fatalf("%q in an array: %v, want %v", s, v, want)
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"", "1", "-1.5e3", "+.5", "5.", "007", "1e400", "NaN", "Infinity", "0x1p4", "1_000", "9007199254740993", "120.90018790000001", "-", "1e", ".", "e5"} {
		f.Add(s)
	}
	f.Fuzz(checkFloat)
}

func TestLooseNumbersAreNotRead(t *testing.T) {
	for _, s := range []string{"", " 1", "1 ", "NaN", "Inf", "1e999", "0x10", "1_0", "1,5", "--1", "+5", ".5", "5.", "007.50"} {
		if v, ok := wholeNumber([]byte(s)); ok {
			t.Errorf("%q was read as %v", s, v)
		}
	}
}

func TestSpecialNumbersParseExactly(t *testing.T) {
	for _, s := range []string{"0", "-0", "0.0", "1", "9007199254740992", "9007199254740993", "9007199254740993.0",
		"9007199254740992.5", "900719925474099.25", "0.000000000000000001", "1.7976931348623157", "9999999999999999999",
		"9999999999.999999999", "0.9999999999999999999", "120.90018790000001", "1.00000000000000011102230246251565",
		"18014398509481985", "18014398509481983", "4503599627370496.5", "4503599627370497.5", "2.2250738585072011e-308",
		"1e22", "1e23", "5e-324", "1e-400", "123456789012345678901234567890", "0.1", "0.30000000000000004"} {
		checkFloat(t, s)
	}
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 40000 {
		m, places := rnd.Uint64()>>rnd.IntN(64), rnd.IntN(20)
		s := fmt.Sprintf("%020d", m)
		s = s[:20-places] + "." + s[20-places:]
		if s = strings.TrimLeft(s, "0"); s[0] == '.' {
			s = "0" + s
		}
		checkFloat(t, strings.TrimSuffix(s, "."))
	}
	for range 40000 {
		checkFloat(t, fmt.Sprint(math.Float64frombits(rnd.Uint64())))
		checkFloat(t, fmt.Sprintf("%.17g", rnd.Float64()*200))
	}
	// Halfway cases: the mean of two neighbours, written out in full.
	for range 40000 {
		lo := rnd.Uint64N(1<<10) + 1<<53 // an even spacing of 2
		checkFloat(t, fmt.Sprintf("%d", lo|1))
		checkFloat(t, fmt.Sprintf("%d.5", 1<<52+rnd.Uint64N(1<<10)))
		checkFloat(t, fmt.Sprintf("%d.25", 1<<51+rnd.Uint64N(1<<10)))
	}
}
