package unit

import (
	"fmt"
	"time"
)

// Date is a civil date as days since 1970-01-01, as Arrow's date32: no clock, no
// time zone.
type Date int32

// NewDate is the date of a year, month and day; ok is false when there is no such
// day in the calendar.
func NewDate(year, month, day int) (d Date, ok bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	y, m := year, month-3 // of years that begin in March
	if m < 0 {
		y, m = y-1, m+12
	}
	return Date(365*y + y/4 - y/100 + y/400 + (153*m+2)/5 + day - 1 - 719_468), true
}

// daysIn is the number of days of a month.
func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// ParseDate reads YYYY-MM-DD.
func ParseDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, false
	}
	return NewDate(t.Year(), int(t.Month()), t.Day())
}

// Civil is the date's year, month and day in the Gregorian calendar. Years are
// counted from March, so that the leap day is the last of its year.
func (d Date) Civil() (year, month, day int) {
	const era = 400*365 + 97 // days in 400 years
	n := int(d) + 719_468    // days since 0000-03-01
	eras := n / era
	if n < 0 {
		eras = (n - era + 1) / era
	}
	n -= eras * era
	year = (n - n/1460 + n/36_524 - n/(era-1)) / 365
	n -= 365*year + year/4 - year/100
	month = (5*n + 2) / 153 // 0 is March
	day = n - (153*month+2)/5 + 1
	year += 400 * eras
	if month += 3; month > 12 {
		return year + 1, month - 12, day
	}
	return year, month, day
}

// Year is the date's calendar year.
func (d Date) Year() int {
	y, _, _ := d.Civil()
	return y
}

// String is YYYY-MM-DD.
func (d Date) String() string { return string(d.Append(nil)) }

// Append writes YYYY-MM-DD to the end of dst.
func (d Date) Append(dst []byte) []byte {
	y, m, day := d.Civil()
	if y < 0 || y > 9999 {
		return time.Unix(int64(d)*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
	}
	digit := func(n int) byte { return byte('0' + n%10) }
	return append(dst, digit(y/1000), digit(y/100), digit(y/10), digit(y), '-', digit(m/10), digit(m), '-', digit(day/10), digit(day))
}

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

// MarshalText is YYYY-MM-DD, which JSON then has.
func (d Date) MarshalText() ([]byte, error) { return d.Append(nil), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	day, ok := ParseDate(string(text))
	if !ok {
		return fmt.Errorf("date %q: not like 2025-06-30", text)
	}
	*d = day
	return nil
}
