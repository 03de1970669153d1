package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Cron is a cron expression of five fields, minute to day of week, in the civil time of a
// zone. It is evaluated as the wall clock reads: no time is passed over, and none comes
// twice. A time that a change of clocks leaps over is the first instant after the leap;
// one that comes twice is the first of the two.
type Cron struct {
	text string
	spec cron.Schedule
	zone *time.Location
}

// maxYears is how far apart the years of a cron expression may be: 29 February misses
// the year 2100.
const maxYears = 8

// ParseCron reads a cron expression, or @monthly and its like.
func ParseCron(text string, zone *time.Location) (*Cron, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "@every"):
		return nil, fmt.Errorf("cron %q: @every counts from when the program was started; write five fields, like */10 * * * *", text)
	case strings.Contains(text, "TZ="):
		return nil, fmt.Errorf("cron %q: the zone is said by time_zone", text)
	}
	spec, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("cron %q: %w; write minute, hour, day, month and day of week, like 30 2 1 * *", text, err)
	}
	c := &Cron{text, spec, zone}
	if c.nextCivil(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("cron %q: there is no such day", text)
	}
	return c, nil
}

// String is the expression as it was written.
func (c *Cron) String() string { return c.text }

// Next is the first instant after t that the expression names; UTC.
func (c *Cron) Next(t time.Time) time.Time {
	for civil := c.nextCivil(civilOf(t, c.zone)); !civil.IsZero(); civil = c.nextCivil(civil) {
		if at := instant(civil, c.zone); at.After(t) {
			return at.UTC()
		}
	}
	return time.Time{}
}

// Last is the latest instant not after t that the expression names, back to the year
// before a leap day's; zero: there is none.
func (c *Cron) Last(t time.Time) time.Time {
	for _, back := range []time.Duration{time.Hour, 32 * 24 * time.Hour, 366 * 24 * time.Hour, (maxYears*366 + 1) * 24 * time.Hour} {
		last := time.Time{}
		for at := c.Next(t.Add(-back)); !at.IsZero() && !at.After(t); at = c.Next(at) {
			last = at
		}
		if !last.IsZero() {
			return last
		}
	}
	return time.Time{}
}

// nextCivil is the next wall-clock reading, as if the clock were UTC's.
func (c *Cron) nextCivil(civil time.Time) time.Time {
	for range 2 { // one search covers five years
		if next := c.spec.Next(civil); !next.IsZero() {
			return next
		}
		civil = time.Date(civil.Year()+4, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	return time.Time{}
}

// civilOf is what the wall clock of a zone reads at an instant, as if it were UTC's.
func civilOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// instant is when the wall clock of a zone reads so: for the first time, where it does
// twice; the first instant after the leap, where it never does.
func instant(civil time.Time, zone *time.Location) time.Time {
	const day = 24 * time.Hour
	var first time.Time
	for _, near := range []time.Duration{-day, 0, day} {
		_, offset := civil.Add(near).In(zone).Zone()
		at := civil.Add(-time.Duration(offset) * time.Second)
		if civilOf(at, zone).Equal(civil) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if !first.IsZero() {
		return first
	}
	return afterLeap(civil, zone)
}

// afterLeap is the first instant whose wall clock reads later than a reading that is
// leapt over.
func afterLeap(civil time.Time, zone *time.Location) time.Time {
	const day = 24 * time.Hour
	at := civil.Add(-2 * day)
	for {
		_, end := at.In(zone).ZoneBounds()
		if end.IsZero() {
			return at // no zone has come here: its clock would read civil
		}
		if civilOf(end, zone).After(civil) {
			return end
		}
		at = end
	}
}
