package unit

import "time"

// Date is a civil date as days since 1970-01-01, as Arrow's date32: no clock, no
// time zone.
type Date int32

// NewDate is the date of a year, month and day; ok is false when there is no such
// day in the calendar.
func NewDate(year, month, day int) (d Date, ok bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	y, m, dd := t.Date()
	if year < 1 || year > 9999 || y != year || int(m) != month || dd != day {
		return 0, false
	}
	return Date(t.Unix() / 86400), true
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, false
	}
	return NewDate(t.Year(), int(t.Month()), t.Day())
}

func (d Date) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Civil is the date's year, month and day.
func (d Date) Civil() (year, month, day int) {
	y, m, dd := d.time().Date()
	return y, int(m), dd
}

// Year is the date's calendar year.
func (d Date) Year() int { return d.time().Year() }

// String is YYYY-MM-DD.
func (d Date) String() string { return d.time().Format(time.DateOnly) }

// Append writes YYYY-MM-DD to the end of dst.
func (d Date) Append(dst []byte) []byte { return d.time().AppendFormat(dst, time.DateOnly) }

// AddYears is the same day n years on; 29 February becomes 28 February where the
// year has none. It is the last day (末日) of a period of n full years from d.
func (d Date) AddYears(n int) Date {
	y, m, day := d.Civil()
	y += n
	for {
		if r, ok := NewDate(y, m, day); ok {
			return r
		}
		if day--; day < 1 { // year out of range
			return d
		}
	}
}

// FullYears is the first day on which n full years (满 n 年) have passed since d:
// the day after the last day of the period (Civil Code art. 200–204, without the
// holiday extension of art. 203). 2023-03-01 gives 2024-03-02 for one year.
func (d Date) FullYears(n int) Date { return d.AddYears(n) + 1 }
