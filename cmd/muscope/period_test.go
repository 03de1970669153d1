package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsNotGivenFollowsFromWhatIs(t *testing.T) {
	for _, c := range []struct {
		year         int
		period, asOf string
		wantYear     int
		wantPeriod   string
		wantAsOf     string
	}{
		{2024, "", "2025-06-30", 2024, "2024", "2025-06-30"},
		{0, "", "2025-06-30", 2024, "2024", "2025-06-30"},
		{0, "", "2024-12-31", 2024, "2024", "2024-12-31"},
		{0, "", "2024-12-30", 2023, "2023", "2024-12-30"},
		{2024, "", "", 2024, "2024", "2024-12-31"},
		{0, "2024", "", 2024, "2024", "2024-12-31"},
		{0, "2024Q3", "", 2023, "2024Q3", "2024-09-30"},
		{0, "2024Q4", "", 2024, "2024Q4", "2024-12-31"},
		{0, "2024-02", "", 2023, "2024-02", "2024-02-29"},
		{0, "2023-02", "", 2022, "2023-02", "2023-02-28"},
		{0, "2024-12", "", 2024, "2024-12", "2024-12-31"},
		{2024, "2024Q1", "", 2024, "2024Q1", "2024-03-31"},
		{0, "2024Q1", "2025-06-30", 2024, "2024Q1", "2025-06-30"},
		{2013, "", "2014-01-01", 2013, "2013", "2014-01-01"},
	} {
		p, err := resolvePeriod(c.year, c.period, c.asOf)
		if err != nil || p.year != c.wantYear || p.name != c.wantPeriod || p.asOf.String() != c.wantAsOf {
			t.Errorf("--year %d --period %q --as-of %q: %d %s %s %v, want %d %s %s",
				c.year, c.period, c.asOf, p.year, p.name, p.asOf, err, c.wantYear, c.wantPeriod, c.wantAsOf)
		}
	}
}

func TestWithNothingGivenItIsTodayAndTheLastFullYear(t *testing.T) {
	p, err := resolvePeriod(0, "", "")
	if err != nil || p.year != lastFullYear(p.asOf) || p.asOf.Year() < 2025 {
		t.Errorf("year %d, as of %s, %v", p.year, p.asOf, err)
	}
}

func TestWhatIsNoPeriodIsRefusedByItsFlag(t *testing.T) {
	for _, c := range []struct {
		year         int
		period, asOf string
		flag         string
	}{
		{0, "", "2025-6-30", "--as-of 2025-6-30"},
		{0, "", "2025-02-30", "--as-of 2025-02-30"},
		{0, "", "30.06.2025", "--as-of 30.06.2025"},
		{0, "", "today", "--as-of today"},
		{0, "24", "", "--period 24"},
		{0, "2024Q5", "", "--period 2024Q5"},
		{0, "2024Q", "", "--period 2024Q"},
		{0, "2024-13", "", "--period 2024-13"},
		{0, "2024-00", "", "--period 2024-00"},
		{0, "2024-1", "", "--period 2024-1"},
		{0, "2024-+5", "", "--period 2024-+5"},
		{0, "2024/09", "", "--period 2024/09"},
		{0, "20240901", "", "--period 20240901"},
		{0, "+202Q1", "", "--period +202Q1"},
		{0, "spring", "", "--period spring"},
		{0, "2024Q9", "2025-06-30", "--period 2024Q9"},
		{1800, "", "", "--year 1800"},
		{1800, "", "2025-06-30", "--year 1800"},
		{-5, "", "", "--year -5"},
		{20244, "", "", "--year 20244"},
		{24, "2024", "", "--year 24"},
	} {
		p, err := resolvePeriod(c.year, c.period, c.asOf)
		if err == nil || !strings.HasPrefix(err.Error(), c.flag+":") {
			t.Errorf("--year %d --period %q --as-of %q: %+v %v, want an error about %s", c.year, c.period, c.asOf, p, err, c.flag)
		}
	}
}

func TestAWrongPeriodIsWrongUsageAndWritesNothing(t *testing.T) {
	for _, wrong := range [][]string{{"--as-of", "2025-13-01"}, {"--period", "2024Q7"}, {"--year", "99"}, {"--year", "next"}} {
		out := filepath.Join(t.TempDir(), "run")
		args := append([]string{"evaluate", "--data", ".", "--policy", policies, "--out", out}, wrong...)
		o := command(args...)
		if o.code != exitUsage || !strings.Contains(o.err, wrong[0]) || !strings.Contains(o.err, wrong[1]) || strings.Count(o.err, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", wrong, o.code, o.err)
		}
		if left := beside(t, out); len(left) != 0 {
			t.Errorf("%v left %q", wrong, left)
		}
	}
}

func TestSizesAreReadWithTheirUnits(t *testing.T) {
	for text, want := range map[string]int64{
		"4GiB": 4 << 30, "64MiB": 64 << 20, "1.5GiB": 3 << 29, "512MB": 512e6, "1e9": 1e9, "67108864": 64 << 20, "2G": 2 << 30, "1 TiB": 1 << 40,
		"100000kB": 1e8, "67108864B": 64 << 20,
	} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("%s: %d %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "4", "1MiB", "-4GiB", "four", "GiB", "NaN", "Inf", "1e30", "4GiBs", "1e18TB"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("%q passes as %d", text, got)
		}
	}
}
