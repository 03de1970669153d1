package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/unit"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func cron(t testing.TB, text, in string) *schedule.Cron {
	t.Helper()
	c, err := schedule.ParseCron(text, zone(t, in))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// next lists the n instants after another, as the zone's clock reads.
func next(c *schedule.Cron, after time.Time, n int, in *time.Location) []string {
	var got []string
	for range n {
		after = c.Next(after)
		got = append(got, after.In(in).Format(time.RFC3339))
	}
	return got
}

func TestATimeThatTheClocksLeapOverIsTheFirstInstantAfterTheLeap(t *testing.T) {
	for _, c := range []struct {
		cron, zone, after string
		want              []string
	}{
		{"30 2 * * *", "Europe/Berlin", "2025-03-29T12:00:00+01:00", []string{"2025-03-30T03:00:00+02:00", "2025-03-31T02:30:00+02:00"}},
		{"30 2 30 3 *", "Europe/Berlin", "2025-01-01T00:00:00+01:00", []string{"2025-03-30T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
		{"*/30 2,3 * * *", "Europe/Berlin", "2025-03-30T00:00:00+01:00", []string{"2025-03-30T03:00:00+02:00", "2025-03-30T03:30:00+02:00", "2025-03-31T02:00:00+02:00"}},
		{"15 2 * * *", "Australia/Lord_Howe", "2025-10-04T12:00:00+10:30", []string{"2025-10-05T02:30:00+11:00", "2025-10-06T02:15:00+11:00"}},
		{"0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00", []string{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}},
		{"0 12 * * *", "Pacific/Apia", "2011-12-29T13:00:00-10:00", []string{"2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}},
	} {
		if got := next(cron(t, c.cron, c.zone), instant(t, c.after), len(c.want), zone(t, c.zone)); !slices.Equal(got, c.want) {
			t.Errorf("%s in %s after %s: %q, want %q", c.cron, c.zone, c.after, got, c.want)
		}
	}
}

func TestATimeThatComesTwiceIsTheFirstOfTheTwo(t *testing.T) {
	for _, c := range []struct {
		cron, zone, after string
		want              []string
	}{
		{"30 2 * * *", "Europe/Berlin", "2025-10-25T12:00:00+02:00", []string{"2025-10-26T02:30:00+02:00", "2025-10-27T02:30:00+01:00"}},
		{"30 2 * * *", "Europe/Berlin", "2025-10-26T02:10:00+01:00", []string{"2025-10-27T02:30:00+01:00"}},
		{"*/30 2,3 * * *", "Europe/Berlin", "2025-10-26T01:00:00+02:00",
			[]string{"2025-10-26T02:00:00+02:00", "2025-10-26T02:30:00+02:00", "2025-10-26T03:00:00+01:00"}},
		{"45 1 * * *", "Australia/Lord_Howe", "2025-04-05T12:00:00+11:00", []string{"2025-04-06T01:45:00+11:00", "2025-04-07T01:45:00+10:30"}},
	} {
		if got := next(cron(t, c.cron, c.zone), instant(t, c.after), len(c.want), zone(t, c.zone)); !slices.Equal(got, c.want) {
			t.Errorf("%s in %s after %s: %q, want %q", c.cron, c.zone, c.after, got, c.want)
		}
	}
}

func TestTimesAreThoseOfTheZonesClock(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	got := next(cron(t, "30 2 1 * *", "Asia/Shanghai"), instant(t, "2023-12-31T18:29:59Z"), 3, shanghai)
	if want := []string{"2024-01-01T02:30:00+08:00", "2024-02-01T02:30:00+08:00", "2024-03-01T02:30:00+08:00"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	leap := next(cron(t, "0 0 29 2 *", "Asia/Shanghai"), instant(t, "2095-01-01T00:00:00Z"), 3, shanghai)
	if want := []string{"2096-02-29T00:00:00+08:00", "2104-02-29T00:00:00+08:00", "2108-02-29T00:00:00+08:00"}; !slices.Equal(leap, want) {
		t.Errorf("leap days: %q, want %q", leap, want)
	}
}

func TestTheLastTimeBeforeAnInstantIsFound(t *testing.T) {
	for expression, want := range map[string]string{
		"* * * * *": "2025-06-30T08:00:00+08:00", "30 2 1 * *": "2025-06-01T02:30:00+08:00", "0 3 20 5 *": "2025-05-20T03:00:00+08:00",
		"0 3 20 7 *": "2024-07-20T03:00:00+08:00", "0 0 29 2 *": "2024-02-29T00:00:00+08:00",
	} {
		if got := cron(t, expression, "Asia/Shanghai").Last(instant(t, "2025-06-30T08:00:30+08:00")).In(zone(t, "Asia/Shanghai")).Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}

func TestAnExpressionThatNamesNoTimeIsRefused(t *testing.T) {
	for expression, why := range map[string]string{
		"0 0 31 2 *": "there is no such day", "@every 5m": "@every counts from when", "TZ=UTC 0 0 * * *": "by time_zone", "CRON_TZ=UTC @daily": "by time_zone",
		"0 0 * *": "write minute", "60 0 * * *": "write minute", "": "write minute", "@reboot": "write minute", "0 0 1 1 1 1": "write minute",
	} {
		if _, err := schedule.ParseCron(expression, time.UTC); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", expression, err, why)
		}
	}
}

func TestPeriodsAreReadAndWritten(t *testing.T) {
	for text, days := range map[string][2]string{
		"2024": {"2024-01-01", "2024-12-31"}, "2024Q1": {"2024-01-01", "2024-03-31"}, "2024Q4": {"2024-10-01", "2024-12-31"},
		"2024-02": {"2024-02-01", "2024-02-29"}, "2023-02": {"2023-02-01", "2023-02-28"}, "2024-12": {"2024-12-01", "2024-12-31"},
	} {
		p, err := schedule.ParsePeriod(text)
		if err != nil || p.String() != text || p.First().String() != days[0] || p.Last().String() != days[1] {
			t.Errorf("%s: %s from %s to %s, %v", text, p, p.First(), p.Last(), err)
		}
	}
	for _, text := range []string{"", "24", "2024Q5", "2024Q0", "2024-13", "2024-00", "2024-1", "2024-01-01", "+024", "1899", "9999", "2024q1", "二〇二四"} {
		if p, err := schedule.ParsePeriod(text); err == nil {
			t.Errorf("%q is %s", text, p)
		}
	}
}

func TestTheLastPeriodIsTheOneThatHasEndedBeforeTheDay(t *testing.T) {
	for day, want := range map[string][3]string{
		"2025-01-01": {"2024-12", "2024Q4", "2024"}, "2025-01-31": {"2024-12", "2024Q4", "2024"}, "2024-03-01": {"2024-02", "2023Q4", "2023"},
		"2025-04-01": {"2025-03", "2025Q1", "2024"}, "2025-12-31": {"2025-11", "2025Q3", "2024"}, "2024-02-29": {"2024-01", "2023Q4", "2023"},
	} {
		d, _ := unit.ParseDate(day)
		for i, kind := range schedule.Kinds() {
			if got := schedule.LastBefore(d, kind).String(); got != want[i] {
				t.Errorf("%s %s: %s, want %s", day, kind, got, want[i])
			}
		}
	}
}
