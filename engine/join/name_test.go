package join_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/join"
)

func TestNamesAreComparedWithoutWidthBracketsSpaceAndCase(t *testing.T) {
	for _, c := range [][]string{
		{"连云港(东海)硅业有限公司", "连云港（东海）硅业有限公司", "连云港【东海】硅业有限公司", "连云港［东海］硅业有限公司", "连云港〔东海〕硅业有限公司",
			"连云港「东海」硅业 有限公司", " 连云港(东海)　硅业有限公司\t", "连云港（东海）硅业有限责任公司", "连云港\u200b（东海）\u00a0硅业有限公司\ufeff"},
		{"ABC123化工有限公司", "ＡＢＣ１２３化工有限公司", "abc123化工有限公司", "ａbc１23化工有限责任公司"},
		{"江苏恒瑞股份有限公司", "江苏恒瑞股份公司", "江苏恒瑞股份有限责任公司"},
		{"甲有限公司武汉分公司", "甲有限责任公司武汉分公司"},
		{"É & SONS", "é&sons", "É＆Sons"},
	} {
		for _, name := range c[1:] {
			if got, want := join.NormaliseName(name), join.NormaliseName(c[0]); got != want {
				t.Errorf("%q is compared as %q, want %q as %q", name, got, want, c[0])
			}
		}
	}
}

func TestNamesThatDifferStayDifferent(t *testing.T) {
	names := []string{"甲有限公司", "甲股份有限公司", "甲公司", "甲有限合伙", "乙有限公司", "甲(中国)有限公司", "甲中国有限公司", "甲厂", "甲", ""}
	for i, a := range names {
		for _, b := range names[i+1:] {
			if join.NormaliseName(a) == join.NormaliseName(b) {
				t.Errorf("%q and %q are one", a, b)
			}
		}
	}
	if got := join.NormaliseName("华为技术有限责任公司"); got != "华为技术有限公司" {
		t.Errorf("%q", got)
	}
}

func TestEveryCharacterFoldsOnce(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		once := join.NormaliseName(string(r))
		if twice := join.NormaliseName(once); twice != once {
			t.Errorf("%U becomes %q, then %q", r, once, twice)
		}
	}
}

func FuzzNormaliseName(f *testing.F) {
	for _, s := range []string{
		"连云港（东海）硅业有限责任公司", "\xef\xbc \x81", "股份公司股份有限责任公司", "有限责任有限责任公司公司", "股股份公司份公司", "股份有 限责任公司", "ａ［〕ǆ", "\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := join.NormaliseName(s)
		if twice := join.NormaliseName(once); twice != once {
			t.Errorf("%q becomes %q, then %q", s, once, twice)
		}
		if !utf8.ValidString(once) || strings.ContainsAny(once, " \t\n（）［］[]{}<>") || strings.Contains(once, "有限责任公司") {
			t.Errorf("%q becomes %q", s, once)
		}
		if spaced := join.NormaliseName(strings.Join(strings.Split(s, ""), " ")); utf8.ValidString(s) && spaced != once {
			t.Errorf("%q becomes %q, with spaces %q", s, once, spaced)
		}
	})
}
