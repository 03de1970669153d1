package cell

import (
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/unit"
)

func TestNumbersAreReadAsDepartmentsWriteThem(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "-0.5": -0.5, "+3": 3, "12350.0": 12350, "5.": 5, ".5": 0.5, "007": 7,
		"1,234": 1234, "1,234,567.89": 1234567.89, "-12,345.6": -12345.6, "999,999": 999999,
		"１２３．５": 123.5, "１，２３４": 1234, "－７": -7,
		"1e3": 1000, "1.5E-3": 0.0015, "9.133E+17": 9.133e17,
		"0.1": 0.1, "123456789012345678": 123456789012345678, "0.30000000000000004": 0.30000000000000004,
		"1234567890123456789012": 1234567890123456789012, "1e-400": 0, "9007199254740993": 9007199254740992,
	} {
		if got, ok := Number([]byte(text)); !ok || got != want {
			t.Errorf("%q: %v %t, want %v", text, got, ok, want)
		}
	}
}

func TestWhatIsNoNumberIsNotRead(t *testing.T) {
	for _, text := range []string{
		"", "-", ".", "+.", "12,3万", "12 3", "1.2.3", "--1", "1-", "NaN", "nan", "Inf", "-Infinity", "1e400", "-1e400", "0x10",
		"1_000", "1,23", "1,2345", ",123", "1,234,", "1,,234", "1234,567", "0.1,234", "12%", "1e", "e5", "1e+", "五",
		"1,2e3", "1e1,234", "1,-23", "1,234e5", "1,+12", "+-1,234", "1.5e3.2",
	} {
		if got, ok := Number([]byte(text)); ok {
			t.Errorf("%q passes as %v", text, got)
		}
	}
}

func TestANumberIsConvertedAsItsDecimalAndRoundedOnce(t *testing.T) {
	dice := rand.New(rand.NewPCG(9, 1))
	factors := [][2]float64{{1, 10_000}, {10_000, 1}, {2000, 3}, {1_000_000, 1}, {1, 1}, {145161, 1562500}, {1, 1000}}
	for range 50_000 {
		by := factors[dice.IntN(len(factors))]
		mul, div := by[0], by[1]
		v := math.Round(dice.NormFloat64()*math.Pow10(dice.IntN(18))) / math.Pow10(dice.IntN(18))
		if dice.IntN(10) == 0 {
			v = dice.NormFloat64() * math.Pow10(dice.IntN(30)-15)
		}
		got := Times(v, mul, div)
		if size := math.Abs(v); size != 0 && (size <= 1e-15 || size >= 1e15) {
			if got != v*mul/div {
				t.Fatalf("%v × %v / %v is %v", v, mul, div, got)
			}
			continue
		}
		exact, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'f', -1, 64))
		exact.Mul(exact, new(big.Rat).SetFloat64(mul)).Quo(exact, new(big.Rat).SetFloat64(div))
		if want, _ := exact.Float64(); got != want {
			t.Fatalf("%v × %v / %v is %v, want %v", v, mul, div, got, want)
		}
	}
	if v := Times(math.Inf(-1), 3, 2); !math.IsInf(v, -1) {
		t.Errorf("−∞ becomes %v", v)
	}
	if v := Times(math.NaN(), 3, 2); !math.IsNaN(v) {
		t.Errorf("NaN becomes %v", v)
	}
	if v := Times(math.MaxFloat64, 3, 1); !math.IsInf(v, 1) {
		t.Errorf("what a float64 cannot hold becomes %v", v)
	}
	if n := testing.AllocsPerRun(100, func() { _ = Times(1234567.89, 1, 10_000) }); n != 0 {
		t.Errorf("%v allocations for an amount of money", n)
	}
}

func TestSeparatorsStandBeforeExactlyThreeDigits(t *testing.T) {
	for text, want := range map[string]string{
		"1,234": "1234", "12,345,678.9": "12345678.9", "-1,234": "-1234", "+123,456": "+123456", "1,234.": "1234.",
		"1,234.5e3": "1234.5e3",
		"1234":      "", "1,23": "", "1,2345": "", "1,234.5,6": "", ",234": "", "1234,567": "", "1,": "", "1,2e3": "", "1e2,345": "", "1,-23": "",
	} {
		got, ok := ungroup(nil, []byte(text))
		if ok != (want != "") || string(got) != want && ok {
			t.Errorf("%q: %q %t, want %q", text, got, ok, want)
		}
	}
}

func TestIntegersMayCarryTheWordForYear(t *testing.T) {
	for text, want := range map[string]int64{
		"2024": 2024, "2024年": 2024, "２０２４年": 2024, "2024.0": 2024, "1,234": 1234, "-3": -3, "2e3": 2000,
	} {
		if got, ok := Integer([]byte(text)); !ok || got != want {
			t.Errorf("%q: %d %t, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "年", "2024.5", "1e16", "-1e300", "二〇二四", "2024年度", "24-25"} {
		if got, ok := Integer([]byte(text)); ok {
			t.Errorf("%q passes as %d", text, got)
		}
	}
}

func TestDatesAreReadInTheFormsPeopleWrite(t *testing.T) {
	for _, text := range []string{
		"2023-06-30", "2023/6/30", "2023.6.30", "2023年6月30日", "2023年06月30", "20230630", "2023-6-30 00:00:00",
		"2023-06-30T08:15:00+08:00", "２０２３－０６－３０", "２０２３0630", "2023/06/30 12:00", "2023年6月30日 08:00",
	} {
		if got, ok := Date([]byte(text)); !ok || got.String() != "2023-06-30" {
			t.Errorf("%q: %s %t, want 2023-06-30", text, got, ok)
		}
	}
}

func TestWhatIsNoDateIsNotRead(t *testing.T) {
	for _, text := range []string{
		"", "2023", "2023-06", "202306", "2023-13-01", "2023-02-30", "20230230", "30/06/2023", "06-30-2023", "23-6-30", "45107",
		"2023-6-30x", "2023-6-30-1", "2023-006-30", "2023--6-30", "2023年6月", "T2023-06-30", " ", "二〇二三年六月三十日", "0000-01-01",
		"2023月6年30日",
	} {
		if got, ok := Date([]byte(text)); ok {
			t.Errorf("%q passes as %s", text, got)
		}
	}
}

func TestBooleansAreReadAsPeopleAndProgramsWriteThem(t *testing.T) {
	for text, want := range map[string]bool{
		"true": true, "TRUE": true, "1": true, "是": true, "有": true, "Y": true, "√": true,
		"false": false, "False": false, "0": false, "否": false, "没有": false, "n": false, "×": false,
	} {
		if got, ok := Boolean([]byte(text)); !ok || got != want {
			t.Errorf("%q: %t %t, want %t", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "2", "maybe", "是否", "tRuE", "01"} {
		if got, ok := Boolean([]byte(text)); ok {
			t.Errorf("%q passes as %t", text, got)
		}
	}
}

func TestACodeASpreadsheetTurnedIntoANumberIsSeen(t *testing.T) {
	for text, want := range map[string]bool{
		"9.133E+17": true, "9.1440300192203E+17": true, "4.4E+18": true, "1E+5": true, "9.133e+17": true,
		"91440300192203821X": false, "914403001922038216": false, "1E5": false, "E+5": false, "12E": false, "12E+": false,
		"A1E+5": false, "1.2.3E+5": false, "0101E17": false, "": false, "e": false, "1e": false, "1E+5A": false,
	} {
		if got := Mangled([]byte(text)); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}

func TestCellsThatMeanNothingEnteredAreNull(t *testing.T) {
	for _, text := range []string{"", " ", "\u3000", "-", "--", "—", "——", "/", "无", "N/A", "#N/A", "null", "NULL", "<Null>", " None\t"} {
		if !IsNull(Trim([]byte(text))) {
			t.Errorf("%q is not null", text)
		}
	}
	for _, text := range []string{"0", "无锡", "- 1", "Nullarbor", ".", "false"} {
		if IsNull(Trim([]byte(text))) {
			t.Errorf("%q is null", text)
		}
	}
}

func TestTrimCutsMarksThatAreNotSeen(t *testing.T) {
	for text, want := range map[string]string{
		"\ufeff甲\u200b": "甲", "\u202d 1234.5\u202c": "1234.5", "\u2060\u200d\u3000": "", "\u00a0x\u00ad": "x", "甲\u200b乙": "甲\u200b乙",
		"\xff": "\xff", "\xff\u3000": "\xff", "\uFFFD": "\uFFFD", "〈甲〉": "〈甲〉", "（甲）": "（甲）",
	} {
		if got := string(Trim([]byte(text))); got != want {
			t.Errorf("%q is trimmed to %q, want %q", text, got, want)
		}
	}
}

func TestTrimCutsTheIdeographicSpaceToo(t *testing.T) {
	if got := string(Trim([]byte("\u3000 \t 甲 乙\u3000\r\n"))); got != "甲 乙" {
		t.Errorf("trimmed to %q", got)
	}
	if got := Trim([]byte("\u3000")); len(got) != 0 {
		t.Errorf("an ideographic space leaves %q", got)
	}
}

func TestFullWidthLettersBecomeHalfWidth(t *testing.T) {
	if got, ok := halfWidth(nil, []byte("９１Ａ（甲）．")); !ok || string(got) != "91A(甲)." {
		t.Errorf("%q %t", got, ok)
	}
	for _, text := range []string{"91A", "甲", "\uFEFFx", "\xEF", ""} {
		if got, ok := halfWidth(nil, []byte(text)); ok || string(got) != strings.ToValidUTF8(text, "\xEF") {
			t.Errorf("%q was changed to %q", text, got)
		}
	}
}

var plainDecimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$`)

func FuzzNumber(f *testing.F) {
	for _, s := range []string{
		"0", "-0", "1,234.5", "１２", "9.133E+17", "0.1", "123456789012345678", "1e", "-", ".", "1,2e3", "9007199254740993",
		"0.000000000000000001", "1234567890123456789.123456789",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Number([]byte(s))
		if ok && (math.IsNaN(got) || math.IsInf(got, 0)) {
			t.Fatalf("%q is %v", s, got)
		}
		if ok && !strings.ContainsAny(s, "0123456789０１２３４５６７８９") {
			t.Fatalf("%q has no digit but is %v", s, got)
		}
		if plainDecimal.MatchString(s) {
			want, err := strconv.ParseFloat(s, 64)
			if ok != (err == nil) || ok && math.Float64bits(got) != math.Float64bits(want) {
				t.Fatalf("%q: %v %t, want %v %v", s, got, ok, want, err)
			}
		}
		if n, ok := Integer([]byte(s)); ok && (n > 1e15 || n < -1e15) {
			t.Fatalf("%q is the integer %d, which a float64 need not hold", s, n)
		}
		_, _ = Boolean([]byte(s))
		_ = Mangled([]byte(s))
	})
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"2023-06-30", "2023年6月30日", "20230630", "2023/6/30 1:00", "２０２３.1.1", "0001-01-01", "9999-12-31T"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := Date([]byte(s))
		if want, plain := unit.ParseDate(s); plain && (!ok || got != want) {
			t.Fatalf("%q: %s %t, want %s", s, got, ok, want)
		}
		if !ok {
			return
		}
		if y, _, _ := got.Civil(); y < 1 || y > 9999 {
			t.Fatalf("%q is %s", s, got)
		}
		if back, again := Date([]byte(got.String())); !again || back != got {
			t.Fatalf("%q is %s, which reads as %s", s, got, back)
		}
	})
}
