package cell

import (
	"math"
	"testing"
)

func TestNumbersInBracketsAreNegative(t *testing.T) {
	for text, want := range map[string]float64{
		"(1,200)": -1200, "（1,200）": -1200, "（１，２００．５）": -1200.5, "(0.5)": -0.5, "(7)": -7, "−3.5": -3.5, "－7": -7,
	} {
		if got, ok := Number([]byte(text)); !ok || got != want {
			t.Errorf("%q: %v %t, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"()", "(-5)", "(+5)", "((5))", "(5", "5)", "(5)(6)", "−-5", "−", "(一)", "( 5)"} {
		if got, ok := Number([]byte(text)); ok {
			t.Errorf("%q passes as %v", text, got)
		}
	}
}

func TestANumberIsPartedFromItsUnit(t *testing.T) {
	for text, want := range map[string]struct {
		f     float64
		label string
	}{
		"3.2亿元": {3.2, "亿元"}, "1200万元": {1200, "万元"}, "５万": {5, "万"}, "1,200.5 万元": {1200.5, "万元"}, "（1,200）万元": {-1200, "万元"},
		"3km2": {3, "km2"}, "-5 吨标准煤": {-5, "吨标准煤"}, "12.5%": {12.5, "%"}, "12.5％": {12.5, "%"}, "5万元（含税）": {5, "万元(含税)"},
	} {
		f, label, ok := Measured(nil, []byte(text))
		if !ok || f != want.f || string(label) != want.label {
			t.Errorf("%q: %v %q %t, want %v %q", text, f, label, ok, want.f, want.label)
		}
	}
	for _, text := range []string{"", "5", "万元", "约5万元", "3-5万元", "1,2万", "5.5.5万", "-万"} {
		if f, label, ok := Measured(nil, []byte(text)); ok {
			t.Errorf("%q passes as %v %q", text, f, label)
		}
	}
	amount, dst := []byte("１200.5万元"), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() { _, _, _ = Measured(dst, amount) }); n != 0 {
		t.Errorf("%v allocations for an amount with its unit", n)
	}
}

func TestErrorsOfSpreadsheetsAreKnownAndNAIsNone(t *testing.T) {
	for _, text := range []string{"#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "###", "########"} {
		if !IsError([]byte(text)) {
			t.Errorf("%q is taken for a value", text)
		}
	}
	for _, text := range []string{"#N/A", "#1", "##", "#", "", "REF!", "#REF", "###1"} {
		if IsError([]byte(text)) {
			t.Errorf("%q is taken for an error", text)
		}
	}
}

func TestDatesWithoutADayAreToldFromWhatIsNoDate(t *testing.T) {
	for _, text := range []string{"2023年6月", "2023年06月", "2023-06", "2023/6", "2023.6", "202306", "2023", "2023年", "２０２３年６月"} {
		if _, whole := Date([]byte(text)); whole || !IncompleteDate([]byte(text)) {
			t.Errorf("%q is not a date without a day", text)
		}
	}
	for _, text := range []string{"", "2023-13", "202313", "2023-", "2023-06-", "45107", "1899", "3000年", "2023年六月", "20230630", "2023-06-31", "23年6月", "2023 6", "6月"} {
		if IncompleteDate([]byte(text)) {
			t.Errorf("%q is taken for a date without a day", text)
		}
	}
}

func TestTheLastDayOfTheMonthMayBeSpoken(t *testing.T) {
	if got, ok := Date([]byte("2023年6月30号")); !ok || got.String() != "2023-06-30" {
		t.Errorf("%s %t", got, ok)
	}
}

func FuzzMeasured(f *testing.F) {
	for _, s := range []string{"3.2亿元", "(1,200)万元", "12%", "5", "－５ 万", "1e5元", "3-5万元", "\xef\xbc", "(((万"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, label, ok := Measured(nil, []byte(s))
		if ok && (len(label) == 0 || math.IsNaN(v) || math.IsInf(v, 0)) {
			t.Fatalf("%q is %v %q", s, v, label)
		}
		if _, plain := Number([]byte(s)); ok && plain {
			t.Fatalf("%q is a number, and one with the unit %q", s, label)
		}
		if IsError([]byte(s)) && IsNull([]byte(s)) {
			t.Fatalf("%q is an error and nothing", s)
		}
		if _, whole := Date([]byte(s)); whole && IncompleteDate([]byte(s)) {
			t.Fatalf("%q is a date with and without a day", s)
		}
	})
}
