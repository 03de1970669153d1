package check

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Subject is what a buffer rule found too near.
type Subject uint8

// The subjects.
const (
	ParcelSubject Subject = iota
	ProjectSubject
	EnterpriseSubject
)

// String is the subject as layers write it.
func (s Subject) String() string {
	return [...]string{"parcel", "project", "enterprise"}[s]
}

// NearVerdict is what a buffer rule makes of a hit.
type NearVerdict uint8

// The verdicts: without a date nobody can say; there before the rule; new since.
const (
	Undated NearVerdict = iota
	Existing
	Violation
)

// String is the verdict as layers write it.
func (v NearVerdict) String() string {
	switch v {
	case Existing:
		return "existing"
	case Violation:
		return "violation"
	}
	return "undated"
}

// Hit is a subject of the rule's industries nearer to one of its features than the
// rule allows. There is one for each subject and rule, with the nearest feature.
type Hit struct {
	Subject     Subject
	Row         int32 // of the subject's table
	Line        int32 // of the control lines
	Millimetres int64 // boundary to boundary; 0 where they touch or overlap
	Verdict     NearVerdict
}

// DateVerdict is the verdict on a hit with this date, known or not: new is what is
// dated on the day from which the rule counts, or after it.
func DateVerdict(date unit.Date, known bool, from unit.Date) NearVerdict {
	switch {
	case !known:
		return Undated
	case date < from:
		return Existing
	}
	return Violation
}

// Matches says whether a control line's name is one of a rule's names and aliases:
// the same text once both are normalised, nothing like it. A rule without names takes
// every line, named or not; with names, a line without one is none of them.
func Matches(names []string, name string) bool {
	if len(names) == 0 {
		return true
	}
	name = NormaliseFeatureName(name)
	if name == "" {
		return false
	}
	for _, n := range names {
		if NormaliseFeatureName(n) == name {
			return true
		}
	}
	return false
}

// NormaliseFeatureName is a name as it is compared: compatibility forms (full width,
// the radicals that PDF files give for characters) replaced by what they stand for,
// letters in upper case, spaces and what is not seen (zero-width, marks of variants)
// left out. Characters that look or sound alike stay different: a river that is also
// written otherwise has an alias.
func NormaliseFeatureName(s string) string {
	if plain(s) {
		return s
	}
	return norm.NFC.String(strings.Map(seen, norm.NFKC.String(s)))
}

// plain says that s is ASCII that normalising leaves as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c >= 'a' && c <= 'z' {
			return false
		}
	}
	return true
}

// seen is a character in upper case, or -1 for one to leave out.
func seen(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector):
		return -1
	}
	return unicode.ToUpper(r)
}

// InIndustries says whether an industry begins with one of the prefixes, both codes of
// GB/T 4754. The letter of the section may stand before either and need not stand
// before both, for the digits say it too: C2614 and 2614 begin with 261 and with
// C261. A letter alone takes only codes that are written with it. An unknown industry
// and an empty prefix match nothing.
func InIndustries(prefixes []string, industry string) bool {
	code := NormaliseFeatureName(industry)
	digits := withoutSection(code)
	for _, p := range prefixes {
		p = NormaliseFeatureName(p)
		if p == "" {
			continue
		}
		if strings.HasPrefix(code, p) || strings.HasPrefix(digits, p) ||
			strings.HasPrefix(code, withoutSection(p)) {
			return true
		}
	}
	return false
}

// withoutSection is a code without the letter before its digits.
func withoutSection(code string) string {
	if len(code) > 1 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= '0' && code[1] <= '9' {
		return code[1:]
	}
	return code
}
