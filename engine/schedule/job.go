package schedule

import (
	"time"

	"github.com/muscope-gis/muscope/engine/unit"
)

// CatchUp is what becomes of occurrences that were missed while nothing ran.
type CatchUp string

// The ways to catch up.
const (
	CatchUpAll  CatchUp = "all"  // every one, the oldest first
	CatchUpLast CatchUp = "last" // the latest
	CatchUpNone CatchUp = "none"
)

// AsOf is which day the law is applied to.
type AsOf string

// The days.
const (
	AtPeriodEnd  AsOf = "period_end" // the last of the period
	AtOccurrence AsOf = "occurrence" // that on which the evaluation is due, in the schedule's zone
)

// Job is what is evaluated when.
type Job struct {
	Name   string
	Cron   *Cron         // nil: it is evaluated when the source has changed
	Every  time.Duration // how often the source is looked at
	Period Kind          // the last whole one of the kind is evaluated
	AsOf   AsOf
	// Before has the result of the period before, where there is one, handed to the
	// evaluation: for rules on two years.
	Before bool

	CatchUp CatchUp
	Tries   int           // at most so many
	Timeout time.Duration // of a try; 0: none

	After     []string // targets that a result is handed to
	OnFailure []string // targets that are told of a failure
}

// occurrence is the job's entry that is due at an instant.
func (j *Job) occurrence(due time.Time, zone *time.Location, cause Cause) Entry {
	year, month, day := due.In(zone).Date()
	today, _ := unit.NewDate(year, int(month), day)
	return j.entry(due, LastBefore(today, j.Period), today, cause)
}

// entry is the job's entry for a period, due at an instant that is a day in the zone.
func (j *Job) entry(due time.Time, p Period, today unit.Date, cause Cause) Entry {
	e := Entry{Key: Key{Job: j.Name, Due: due.UTC().Truncate(time.Second)}, Cause: cause, Period: p.String(), AsOf: p.Last(), State: Planned}
	if j.AsOf == AtOccurrence {
		e.AsOf = today
	}
	return e
}

// Upcoming lists the next n occurrences of a job after an instant; none of a job that
// waits for data.
func (j *Job) Upcoming(after time.Time, n int, zone *time.Location) []Entry {
	var next []Entry
	for at := after; j.Cron != nil && len(next) < n; {
		if at = j.Cron.Next(at); at.IsZero() {
			break
		}
		next = append(next, j.occurrence(at, zone, OnTime))
	}
	return next
}
