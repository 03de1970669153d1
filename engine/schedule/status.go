package schedule

import (
	"context"
	"slices"
	"time"
)

// Health is how a job is.
type Health string

// The ways a job may be.
const (
	Well     Health = "ok"
	Waiting  Health = "waiting"  // it never came to a result, and none is due
	Working  Health = "running"  // an evaluation is being made
	Retrying Health = "retrying" // a try came to nothing, another will be made
	Failing  Health = "failing"  // the latest that ended failed
	Late     Health = "late"     // something is due and nobody works on it
)

// Status is how a job is, for people and for what watches them.
type Status struct {
	Job      string `json:"job"`
	Cron     string `json:"cron,omitempty"` // none: it waits for data
	Period   Kind   `json:"period"`
	Health   Health `json:"health"`
	LastGood *Entry `json:"last_good,omitempty"`
	Next     *Entry `json:"next,omitempty"` // of the cron expression
	Running  *Entry `json:"running,omitempty"`
	Failed   *Entry `json:"failed,omitempty"` // the latest that ended, where it failed; what must be tried again
	Open     int    `json:"open"`             // due and not ended
	Since    string `json:"since,omitempty"`  // the oldest of them
	// Undelivered are deliveries that failed, or are tried again.
	Undelivered []Entry `json:"undelivered,omitempty"`
}

// lateAfter is how long after its time an occurrence that nobody works on is late.
const lateAfter = 5 * time.Minute

// recent is how many ended entries are looked through: deliveries stand among them.
const recent = 100

// StatusOf says how each job is, as the ledger has it.
func StatusOf(ctx context.Context, l Ledger, jobs []Job, now time.Time, zone *time.Location) ([]Status, error) {
	var all []Status
	for i := range jobs {
		j := &jobs[i]
		open, err := l.Entries(ctx, Query{Job: j.Name, States: []State{Planned, Running}})
		if err != nil {
			return nil, err
		}
		ended, err := l.Entries(ctx, Query{Job: j.Name, States: []State{Done, Failed}, Last: recent})
		if err != nil {
			return nil, err
		}
		planned, err := l.Entries(ctx, Query{Job: j.Name, Causes: []Cause{OnTime, First}, Last: 1})
		if err != nil {
			return nil, err
		}
		s := Status{Job: j.Name, Period: j.Period}
		if j.Cron != nil {
			s.Cron = j.Cron.String()
			if next := j.Upcoming(now, 1, zone); len(next) > 0 {
				s.Next = &next[0]
			}
		}
		s.look(open, ended, now)
		s.judge(j, planned, now)
		all = append(all, s)
	}
	return all, nil
}

// look sorts a job's entries.
func (s *Status) look(open, ended []Entry, now time.Time) {
	for _, e := range open {
		switch {
		case e.Target != "":
			if e.Attempt > 0 && e.State == Planned {
				s.Undelivered = append(s.Undelivered, e)
			}
		case e.Due.After(now):
		default:
			if s.Open++; s.Since == "" {
				s.Since = e.Due.Format(time.RFC3339)
			}
			if e.State == Running {
				s.Running = &e
			} else if e.Attempt > 0 {
				s.Failed = &e
			}
		}
	}
	latest := true
	for _, e := range slices.Backward(ended) {
		switch {
		case e.Target != "":
			if e.State == Failed {
				s.Undelivered = append(s.Undelivered, e)
			}
			continue
		case e.State == Done && s.LastGood == nil:
			s.LastGood = &e
		case e.State == Failed && latest && s.Failed == nil:
			s.Failed = &e
		}
		latest = false
	}
}

// judge says how the job is.
func (s *Status) judge(j *Job, planned []Entry, now time.Time) {
	missed := false // the program that should have planned it does not run
	if j.Cron != nil && len(planned) > 0 {
		next := j.Cron.Next(planned[0].Due)
		missed = !next.IsZero() && now.Sub(next) > lateAfter
		if missed && s.Since == "" {
			s.Since = next.Format(time.RFC3339)
		}
	}
	oldest, err := time.Parse(time.RFC3339, s.Since)
	switch {
	case s.Running != nil:
		s.Health = Working
		if now.After(s.Running.Lease) && now.Sub(s.Running.Due) > lateAfter {
			s.Health = Late // whoever had it is dead, and nobody took over
		}
	case s.Failed != nil && s.Failed.State == Planned:
		s.Health = Retrying
	case missed || s.Open > 0 && err == nil && now.Sub(oldest) > lateAfter:
		s.Health = Late
	case s.Failed != nil:
		s.Health = Failing
	case s.LastGood == nil:
		s.Health = Waiting
	default:
		s.Health = Well
	}
}
