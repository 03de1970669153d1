package unit_test

import (
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/unit"
)

func day(t *testing.T, s string) unit.Date {
	t.Helper()
	d, ok := unit.ParseDate(s)
	if !ok {
		t.Fatalf("%s is no date", s)
	}
	return d
}

func TestAFullYearHasPassedOnTheDayAfterTheSameDate(t *testing.T) {
	for _, c := range []struct {
		from  string
		years int
		want  string
	}{
		{"2023-03-01", 1, "2024-03-02"},
		{"2024-02-29", 1, "2025-03-01"},
		{"2024-02-29", 2, "2026-03-01"},
		{"2024-02-29", 4, "2028-03-01"},
		{"2023-02-28", 1, "2024-02-29"},
		{"2022-12-31", 1, "2024-01-01"},
		{"2022-12-31", 2, "2025-01-01"},
		{"2023-12-30", 1, "2024-12-31"},
		{"2024-03-01", 0, "2024-03-02"},
	} {
		if got := day(t, c.from).FullYears(c.years).String(); got != c.want {
			t.Errorf("%d full years from %s: %s, want %s", c.years, c.from, got, c.want)
		}
	}
}

func TestAddingYearsKeepsTheDayButFor29February(t *testing.T) {
	for d := day(t, "1999-01-01"); d <= day(t, "2005-01-01"); d++ {
		for n := range 5 {
			y, m, dd := d.Civil()
			gotY, gotM, gotD := d.AddYears(n).Civil()
			wantD := dd
			if m == 2 && dd == 29 && (y+n)%4 != 0 {
				wantD = 28
			}
			if gotY != y+n || gotM != m || gotD != wantD {
				t.Fatalf("%s and %d years: %s", d, n, d.AddYears(n))
			}
		}
	}
}

func TestYearsThatLeaveTheCalendarLeaveTheDate(t *testing.T) {
	if got := day(t, "9999-06-30").AddYears(1).String(); got != "9999-06-30" {
		t.Errorf("a year after 9999 is %s", got)
	}
}

func TestEveryDayOfFourHundredYearsGoesThroughTextAndBack(t *testing.T) {
	clock := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := day(t, "1800-01-01"); d <= day(t, "2200-12-31"); d++ {
		if want := clock.Format(time.DateOnly); d.String() != want {
			t.Fatalf("day %d is %s, want %s", d, d, want)
		}
		if back, ok := unit.ParseDate(string(d.Append(nil))); !ok || back != d {
			t.Fatalf("%s comes back as %s", d, back)
		}
		y, m, dd := d.Civil()
		if again, ok := unit.NewDate(y, m, dd); !ok || again != d || y != d.Year() {
			t.Fatalf("%s is %d-%d-%d", d, y, m, dd)
		}
		clock = clock.AddDate(0, 0, 1)
	}
}

func TestDaysThatAreNotInTheCalendarAreRefused(t *testing.T) {
	for _, c := range [][3]int{
		{2023, 2, 29}, {2023, 13, 1}, {2023, 0, 1}, {2023, 1, 0}, {2023, 4, 31}, {1900, 2, 29}, {0, 1, 1}, {10000, 1, 1},
		{2023, -1, 1}, {2023, 1, -1}, {2023, 1, 32},
	} {
		if d, ok := unit.NewDate(c[0], c[1], c[2]); ok {
			t.Errorf("%v passes as %s", c, d)
		}
	}
	for _, s := range []string{"", "2023-2-3", "2023/02/03", "2023-02-30", "20230203", "2023-02-03 ", "x"} {
		if d, ok := unit.ParseDate(s); ok {
			t.Errorf("%q passes as %s", s, d)
		}
	}
	if d, ok := unit.NewDate(2000, 2, 29); !ok || d.String() != "2000-02-29" {
		t.Errorf("2000 was a leap year: %s %t", d, ok)
	}
}

func TestADayIsOneExactlyWhenTheStandardLibraryLeavesItAsItIs(t *testing.T) {
	for _, year := range []int{1, 4, 100, 400, 1899, 1900, 1904, 2000, 2023, 2024, 2100, 9996, 9999} {
		for month := -1; month <= 14; month++ {
			for day := -1; day <= 33; day++ {
				is := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
				y, m, d := is.Date()
				got, ok := unit.NewDate(year, month, day)
				if want := y == year && int(m) == month && d == day; ok != want || ok && int64(got)*86400 != is.Unix() {
					t.Errorf("%d-%d-%d: day %d, %t, want %t", year, month, day, got, ok, want)
				}
			}
		}
	}
}

func TestTheFirstDayOf1970IsDayZero(t *testing.T) {
	if d := day(t, "1970-01-01"); d != 0 {
		t.Errorf("day %d", d)
	}
	if d := day(t, "1969-12-31"); d != -1 {
		t.Errorf("day %d", d)
	}
}

func TestTheCalendarIsTheStandardLibrarys(t *testing.T) {
	for d := unit.Date(-800_000); d < 3_000_000; d += 37 {
		want := time.Unix(int64(d)*86400, 0).UTC()
		y, m, day := d.Civil()
		if wy, wm, wd := want.Date(); y != wy || m != int(wm) || day != wd {
			t.Fatalf("day %d is %d-%d-%d, want %s", d, y, m, day, want.Format(time.DateOnly))
		}
		if back, ok := unit.NewDate(y, m, day); ok != (y >= 1 && y <= 9999) || ok && back != d {
			t.Fatalf("day %d is %d-%d-%d, and that is day %d (%t)", d, y, m, day, back, ok)
		}
		if d.String() != want.Format(time.DateOnly) {
			t.Fatalf("day %d prints as %s, want %s", d, d, want.Format(time.DateOnly))
		}
	}
}
