package schedule

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Kind is how long a period is.
type Kind string

// The kinds of periods.
const (
	Monthly   Kind = "monthly"
	Quarterly Kind = "quarterly"
	Yearly    Kind = "yearly"
)

// Kinds lists the kinds, the shortest first.
func Kinds() []Kind { return []Kind{Monthly, Quarterly, Yearly} }

// months are how many a period of the kind has.
func (k Kind) months() int { return [...]int{1, 3, 12}[slices.Index(Kinds(), k)] }

// Period is a month, quarter or year of the calendar.
type Period struct {
	Kind  Kind
	Year  int
	Month int // its first
}

// ParsePeriod reads 2024, 2024Q3 or 2024-09.
func ParsePeriod(text string) (Period, error) {
	bad := fmt.Errorf("period %q: write 2024, 2024Q3 or 2024-09", text)
	if len(text) < 4 {
		return Period{}, bad
	}
	year, err := strconv.ParseUint(text[:4], 10, 16)
	if err != nil || year < 1900 || year > 9998 {
		return Period{}, bad
	}
	p := Period{Yearly, int(year), 1}
	switch rest := text[4:]; {
	case rest == "":
		return p, nil
	case len(rest) == 2 && rest[0] == 'Q' && rest[1] >= '1' && rest[1] <= '4':
		return Period{Quarterly, p.Year, 3*int(rest[1]-'1') + 1}, nil
	case len(rest) == 3 && rest[0] == '-':
		if month, err := strconv.ParseUint(rest[1:], 10, 8); err == nil && month >= 1 && month <= 12 {
			return Period{Monthly, p.Year, int(month)}, nil
		}
	}
	return Period{}, bad
}

// LastBefore is the last whole period of a kind that has ended before a day.
func LastBefore(day unit.Date, kind Kind) Period {
	year, month, _ := day.Civil()
	n := kind.months()
	return Period{kind, year, (month-1)/n*n + 1}.add(-1)
}

// add is the period n later.
func (p Period) add(n int) Period {
	months := p.Year*12 + p.Month - 1 + n*p.Kind.months()
	return Period{p.Kind, months / 12, months%12 + 1}
}

// String is 2024, 2024Q3 or 2024-09.
func (p Period) String() string {
	switch p.Kind {
	case Monthly:
		return fmt.Sprintf("%04d-%02d", p.Year, p.Month)
	case Quarterly:
		return fmt.Sprintf("%04dQ%d", p.Year, (p.Month+2)/3)
	}
	return fmt.Sprintf("%04d", p.Year)
}

// First and Last are its first and last day.
func (p Period) First() unit.Date {
	day, _ := unit.NewDate(p.Year, p.Month, 1)
	return day
}

// Last is its last day.
func (p Period) Last() unit.Date { return p.add(1).First() - 1 }
