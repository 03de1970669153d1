package check_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/unit"
)

// importantRivers are the rivers of Suizhou's rule, with their aliases.
var importantRivers = []string{"府河", "涢水", "府澴河", "漂水", "㵐水", "厥水", "氵厥水"}

// heavyChemical is what counts as heavy chemical unless a pack says otherwise.
var heavyChemical = []string{"251", "252", "261", "262", "263", "264", "265", "266"}

func day(t *testing.T, s string) unit.Date {
	t.Helper()
	d, ok := unit.ParseDate(s)
	if !ok {
		t.Fatalf("%s is no date", s)
	}
	return d
}

func TestWhatIsDatedOnTheRulesDayOrAfterItIsNew(t *testing.T) {
	from := day(t, "2018-02-07")
	for date, want := range map[string]string{
		"2018-02-06": "existing",
		"2018-02-07": "violation",
		"2018-02-08": "violation",
		"1969-12-31": "existing",
		"1970-01-01": "existing",
		"2024-02-29": "violation",
	} {
		if got := check.DateVerdict(day(t, date), true, from).String(); got != want {
			t.Errorf("dated %s: %s, want %s", date, got, want)
		}
	}
}

func TestWithoutADateNobodySaysWhatIsNew(t *testing.T) {
	from := day(t, "2018-02-07")
	for _, left := range []unit.Date{0, from, from + 1} { // what a null leaves behind says nothing
		if got := check.DateVerdict(left, false, from); got != check.Undated || got.String() != "undated" {
			t.Errorf("undated with %d in the column: %v", left, got)
		}
	}
}

func TestAHitThatNobodyHasJudgedIsUndated(t *testing.T) {
	if h := (check.Hit{}); h.Verdict.String() != "undated" || h.Subject.String() != "parcel" {
		t.Errorf("%v %v", h.Subject, h.Verdict)
	}
	if s := check.ProjectSubject.String(); s != "project" {
		t.Error(s)
	}
}

func TestARiverIsKnownByEverySpellingOfItsNames(t *testing.T) {
	for _, name := range []string{
		"府河", "涢水", "府澴河", "漂水", "㵐水", "厥水", "氵厥水",
		" 府河 ", "府 河", "府　河", "\ufeff府河", "府\u200b河", "府\u00a0河\r\n", "\t府\u2060河\u200d",
		"㵐\U000e0100水", "氵 厥 水", "漂\u2f54", // 漂 and the radical of 水
	} {
		if !check.Matches(importantRivers, name) {
			t.Errorf("%q (%+q) is none of the rivers", name, name)
		}
	}
}

func TestARiverOfAnotherNameIsNotTaken(t *testing.T) {
	for _, name := range []string{
		"", " ", "\u200b", "府", "河", "府河支流", "小府河", "府河(左岸)", "澴河", "溳水", "厥", "氵", "氵水", "㵐", "㵐 河", "府河、漂水",
	} {
		if check.Matches(importantRivers, name) {
			t.Errorf("%q is taken for one of the rivers", name)
		}
	}
}

func TestTheTwoWaysToWriteOneRiverAreTwoNames(t *testing.T) {
	for _, c := range [][2]string{{"㵐水", "氵厥水"}, {"㵐水", "厥水"}, {"氵厥水", "厥水"}, {"涢水", "溳水"}} {
		if check.Matches(c[:1], c[1]) || check.Matches(c[1:], c[0]) {
			t.Errorf("%s and %s are one name; only a list of aliases can say that", c[0], c[1])
		}
	}
}

func TestNamesAreComparedWithoutWidthCaseAndSpaces(t *testing.T) {
	for _, c := range []struct{ rule, line string }{
		{"Ｒ１ 河", "r1河"},
		{"r1河", "Ｒ　１河"},
		{"府河（左岸）", "府河(左岸)"},
		{"Ａ－Ｂ", "a-b"},
		{"Rivière", "RIVIE\u0300RE"},
	} {
		if !check.Matches([]string{"x", c.rule}, c.line) || !check.Matches([]string{c.line}, c.rule) {
			t.Errorf("%q and %q are two names", c.rule, c.line)
		}
	}
}

func TestARuleWithoutNamesTakesEveryLine(t *testing.T) {
	for _, name := range []string{"", "府河", "anything"} {
		if !check.Matches(nil, name) || !check.Matches([]string{}, name) {
			t.Errorf("%q is not taken", name)
		}
	}
}

func TestAnEmptyNameInTheListTakesNoLine(t *testing.T) {
	for _, name := range []string{"", " ", "府河"} {
		if check.Matches([]string{"", "　"}, name) {
			t.Errorf("%q is taken", name)
		}
	}
}

func TestAnIndustryIsOfAGroupWhoseCodeItBeginsWith(t *testing.T) {
	for industry, want := range map[string]bool{
		"261": true, "2614": true, "2665": true, "251": true, "2522": true,
		"C2614": true, "c2614": true, "Ｃ２６１４": true, " C 2614 ": true, "２６１４": true, "C261": true,
		"C2614有机化学原料制造": true,
		"26":            false, "C26": false, "C": false, "": false, " ": false, "2": false,
		"267": false, "2671": false, "C2710": false, "2531": false, "1261": false, "CC2614": false, "C-2614": false,
		"4261": false, "D4420": false, "化学": false,
	} {
		if got := check.InIndustries(heavyChemical, industry); got != want {
			t.Errorf("%q is heavy chemical: %t, want %t", industry, got, want)
		}
	}
}

func TestTheLetterOfASectionMayStandBeforeEitherCode(t *testing.T) {
	for _, c := range []struct {
		prefix, industry string
		want             bool
	}{
		{"C261", "C2614", true},
		{"C261", "2614", true},
		{"c261", "Ｃ2614", true},
		{"261", "C2614", true},
		{"C261", "D2614", false}, // another section, as written
		{"C261", "C2621", false},
		{"C", "C2614", true},
		{"C", "2614", false}, // a letter is not read into digits
		{"", "2614", false},
		{" ", "2614", false},
		{"", "", false},
	} {
		if got := check.InIndustries([]string{c.prefix}, c.industry); got != c.want {
			t.Errorf("%q begins with %q: %t, want %t", c.industry, c.prefix, got, c.want)
		}
	}
	if check.InIndustries(nil, "2614") {
		t.Error("a list of no industries has one")
	}
}

func TestComparingCodesMakesNoGarbage(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { check.InIndustries(heavyChemical, "C2710") }); n > 0 {
		t.Errorf("%v allocations for a code", n)
	}
}

func FuzzNormaliseFeatureName(f *testing.F) {
	for _, s := range append(importantRivers, "", "Ｒ１　河", "府\u200b河", "e\u200b\u0301", "\u0345a", "ß", "\xff河", "ŉ", "㍿", "\u1100\u200b\u1161") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := check.NormaliseFeatureName(s)
		if again := check.NormaliseFeatureName(once); again != once {
			t.Errorf("%+q becomes %+q, then %+q", s, once, again)
		}
		if strings.ContainsAny(once, " \t\r\n\u3000\u00a0\u200b\ufeff") {
			t.Errorf("%+q still has spaces: %+q", s, once)
		}
		if !check.Matches([]string{s}, once) && once != "" {
			t.Errorf("%+q is not its own name", s)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("%+q is broken into %+q", s, once)
		}
		check.InIndustries([]string{s}, once)
	})
}
