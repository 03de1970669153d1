package schedule

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// mostMissed is how many occurrences of a job are planned at once: the oldest, and the
// next when those are planned. More of them over more than mostStopped are a clock that
// is wrong.
const (
	mostMissed  = 1000
	mostStopped = 366 * 24 * time.Hour
)

// planTimed plans what a job's cron expression made due up to now. The ledger's latest
// occurrence is where it goes on, so that a clock that is set back plans nothing twice.
func (s *Scheduler) planTimed(ctx context.Context, j *Job, now time.Time) error {
	latest, err := s.Ledger.Entries(ctx, Query{Job: j.Name, Causes: []Cause{OnTime, First}, Last: 1})
	if err != nil {
		return err
	}
	if len(latest) == 0 {
		return s.begin(ctx, j, now)
	}
	var due []Entry
	more := false
	for at := j.Cron.Next(latest[0].Due); !at.IsZero() && !at.After(now); at = j.Cron.Next(at) {
		if more = len(due) == mostMissed; more {
			break
		}
		due = append(due, j.occurrence(at, s.Zone, OnTime))
	}
	if more && now.Sub(latest[0].Due) > mostStopped {
		return fmt.Errorf("job %s: more than %d occurrences were missed since %s; check the clock, and if it is right give the job another name",
			j.Name, mostMissed, s.shown(latest[0].Due))
	}
	if len(due) == 0 {
		return nil
	}
	s.passOver(j, due, more, now)
	fresh, err := s.Ledger.Plan(ctx, due)
	if err == nil && fresh > 0 {
		s.Log.Info("planned", "job", j.Name, "occurrences", fresh, "first", due[0].Due, "last", due[len(due)-1].Due)
	}
	if err == nil && more {
		return s.planTimed(ctx, j, now)
	}
	return err
}

// begin marks where the memory of a job begins: with the latest time before it.
func (s *Scheduler) begin(ctx context.Context, j *Job, now time.Time) error {
	last := j.Cron.Last(now)
	if last.IsZero() {
		last = now
	}
	mark := j.occurrence(last, s.Zone, First)
	mark.State, mark.EndedAt, mark.Reason = Skipped, now.UTC(), "the schedule begins after it"
	_, err := s.Ledger.Plan(ctx, []Entry{mark})
	return err
}

// forgiven is how long before a scheduler begins an occurrence may have been due without
// having been missed: it is started anew for an update, or by a timer.
const forgiven = time.Hour

// passOver marks those of the occurrences as skipped that the job does not catch up: of
// last all but the latest, of none those that were due while nothing ran.
func (s *Scheduler) passOver(j *Job, due []Entry, more bool, now time.Time) {
	missed := 0
	switch j.CatchUp {
	case CatchUpLast:
		if missed = len(due) - 1; more {
			missed++
		}
	case CatchUpNone:
		for missed < len(due) && due[missed].Due.Before(s.began) {
			missed++
		}
		if missed == len(due) && !more && due[missed-1].Due.After(s.began.Add(-forgiven)) {
			missed--
		}
	}
	for i := range due[:missed] {
		due[i].State, due[i].EndedAt, due[i].Reason = Skipped, now.UTC(), "missed, and catch_up is "+string(j.CatchUp)
	}
}

// planOnData plans an evaluation where the source is not what it was when the job last
// planned one. It waits until the source stays as it is from one look to the next.
func (s *Scheduler) planOnData(ctx context.Context, j *Job, now time.Time) error {
	look := s.looks[j.Name]
	if now.Before(look.next) && !now.Before(look.at) { // a clock that was set back looks at once
		return nil
	}
	seen, err := s.Evaluator.Inputs(ctx)
	if err != nil {
		s.looks[j.Name] = sight{at: now, next: now.Add(j.Every)}
		return fmt.Errorf("job %s: look at the source: %w", j.Name, err)
	}
	latest, err := s.Ledger.Entries(ctx, Query{Job: j.Name, Causes: []Cause{OnData}, Last: recent})
	if err != nil {
		return err
	}
	latest = latest[lastEvaluation(latest):]
	known := len(latest) > 0 && latest[0].Inputs == seen
	if settled := seen == look.seen || s.Once; !known && !settled {
		s.looks[j.Name] = sight{seen: seen, at: now, next: now.Add(min(j.Every, settling))}
		return nil
	}
	s.looks[j.Name] = sight{seen: seen, at: now, next: now.Add(j.Every)}
	if known {
		return nil
	}
	e := j.occurrence(now, s.Zone, OnData)
	e.Inputs = seen
	if len(latest) > 0 && !e.Due.After(latest[0].Due) { // the same second, or the clock was set back
		e.Due = latest[0].Due.Add(time.Second)
		if wait := e.Due.Sub(now); wait <= time.Second {
			s.Clock.Wait(ctx, wait)
		}
	}
	fresh, err := s.Ledger.Plan(ctx, []Entry{e})
	if err == nil && fresh > 0 {
		s.Log.Info("planned", "job", j.Name, "period", e.Period, "cause", e.Cause, "inputs", seen)
	}
	return err
}

// lastEvaluation is the place of the last evaluation among entries, behind which only its
// deliveries stand; the end where there is none.
func lastEvaluation(entries []Entry) int {
	for i, e := range slices.Backward(entries) {
		if e.Target == "" {
			return i
		}
	}
	return len(entries)
}

// settling is how long a source that has changed must stay as it is.
const settling = 10 * time.Second

// sight is what a look at the source saw, when, and when the next is due.
type sight struct {
	seen     string
	at, next time.Time
}
