package schedule

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

// Clock is the calendar's time. Leases and time limits are measured by the machine's own
// stopwatch, which nobody sets.
type Clock interface {
	Now() time.Time
	// Wait waits for a time, or until ctx ends.
	Wait(ctx context.Context, d time.Duration)
}

// Wall is the machine's clock.
type Wall struct{}

// Now implements [Clock].
func (Wall) Now() time.Time { return time.Now() }

// Wait implements [Clock].
func (Wall) Wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// Task is an evaluation that is wanted.
type Task struct {
	Entry
	// Dir is the folder to make: it does not exist, the one it stands in does, and is for
	// whatever else is needed meanwhile. Empty: results go elsewhere.
	Dir string
	// Before is the folder with the result of the period before; empty: none is wanted, or
	// there is none.
	Before string
	// Announce is to be called with the result just before it can be seen anywhere. With
	// an error nothing must appear.
	Announce func(runID string, counts map[string]map[string]int64) error
}

// Evaluator makes evaluations; the schedule knows nothing else of them. An error says by
// [Passing] that it may go away by itself.
type Evaluator interface {
	// Inputs is the fingerprint of the source as it is now.
	Inputs(ctx context.Context) (string, error)
	// Policies is the digest of all else that decides what an evaluation of a job comes
	// to: policies, the program, what is written.
	Policies(ctx context.Context, job string) (string, error)
	// Evaluate makes a result. Nothing is left of one that fails, but in the folder that
	// Dir stands in.
	Evaluate(ctx context.Context, t Task) error
	// Holds says whether a result that is in no folder is still there.
	Holds(ctx context.Context, r Result) (bool, error)
	// Remove takes a result away where it is in no folder.
	Remove(ctx context.Context, r Result) error
	// Place is where results of a job go that are in no folder.
	Place() string
}

// Passing is the error of what may go away by itself: a server that does not answer, a
// full disk.
type Passing struct{ Err error }

// Error implements error.
func (p *Passing) Error() string { return p.Err.Error() }

// Unwrap gives the error itself.
func (p *Passing) Unwrap() error { return p.Err }

// Scheduler runs jobs. All but Deliver, Keep and the times must be set.
type Scheduler struct {
	Jobs      []Job
	Zone      *time.Location
	Ledger    Ledger
	Evaluator Evaluator
	Results   *Results // the folder of results; nil: they go elsewhere
	Clock     Clock
	Log       *slog.Logger
	Worker    string // its name, for people

	// Deliver hands a result on, or tells of a failure: d is the delivery, of the
	// evaluation it tells of. nil: there are no targets.
	Deliver func(ctx context.Context, d, of Entry) error
	// Keep is how many periods of a kind are kept; none is said: all.
	Keep map[Kind]int

	Heartbeat, Lease time.Duration // 0: 10 s and 30 s
	Poll             time.Duration // how often the ledger is looked at; 0: 5 s
	Once             bool          // do what is due, then end
	ByHand           bool          // do only what the ledger has: plan nothing

	alive  atomic.Int64 // when it last showed that it lives, in Unix milliseconds
	began  time.Time
	looks  map[string]sight
	told   map[string]string // errors that were told, by what they are of
	failed int               // occurrences that Once could not do
}

func (s *Scheduler) poll() time.Duration {
	if s.Poll > 0 {
		return s.Poll
	}
	return 5 * time.Second
}

func (s *Scheduler) shown(t time.Time) string { return t.In(s.Zone).Format("2006-01-02 15:04 -0700") }

// ErrNotAll is the error of a scheduler that was to run once, where some of what was due
// failed or must be tried again.
var ErrNotAll = errors.New("not all that was due is done")

// Run runs the jobs until ctx ends; that is no error. What can go wrong while it runs
// goes into the log, and is tried again.
func (s *Scheduler) Run(ctx context.Context) error {
	s.start()
	s.Log.Info("started", "worker", s.Worker, "jobs", len(s.Jobs), "zone", s.Zone.String())
	if err := s.sweep(ctx); err != nil {
		s.tell("sweep", err)
	}
	for ctx.Err() == nil {
		s.live()
		if !s.ByHand {
			s.plan(ctx)
		}
		worked, err := s.next(ctx, s.Clock.Now())
		s.tell("ledger", err)
		switch {
		case ctx.Err() != nil:
		case err != nil && s.Once:
			return err
		case worked:
		case s.Once:
			if s.failed > 0 || len(s.told) > 0 {
				return ErrNotAll
			}
			return nil
		default:
			s.Clock.Wait(ctx, s.idle(s.Clock.Now()))
		}
	}
	s.Log.Info("stopped", "worker", s.Worker)
	return nil
}

// live notes that the scheduler lives.
func (s *Scheduler) live() { s.alive.Store(s.Clock.Now().UnixMilli()) }

// Alive is when the scheduler last showed that it lives: it looked at the ledger, or
// renewed the claim on what it evaluates. The zero time: it has not begun.
func (s *Scheduler) Alive() time.Time {
	if at := s.alive.Load(); at != 0 {
		return time.UnixMilli(at).UTC()
	}
	return time.Time{}
}

func (s *Scheduler) start() {
	s.live()
	s.began, s.looks, s.told = s.Clock.Now(), map[string]sight{}, map[string]string{}
	if s.Heartbeat == 0 {
		s.Heartbeat = 10 * time.Second
	}
	if s.Lease == 0 {
		s.Lease = 3 * s.Heartbeat
	}
}

// plan plans what is due of every job.
func (s *Scheduler) plan(ctx context.Context) {
	now := s.Clock.Now()
	for i := range s.Jobs {
		j := &s.Jobs[i]
		plan := s.planTimed
		if j.Cron == nil {
			plan = s.planOnData
		}
		s.tell("plan "+j.Name, plan(ctx, j, now))
	}
}

// tell logs what is wrong, once until it changes.
func (s *Scheduler) tell(of string, err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		delete(s.told, of)
		return
	}
	if s.told[of] != err.Error() {
		s.told[of] = err.Error()
		s.Log.Error(of, "error", err.Error())
	}
}

// idle is how long there is nothing to do but to look at the ledger.
func (s *Scheduler) idle(now time.Time) time.Duration {
	wait := s.poll()
	for i := range s.Jobs {
		j := &s.Jobs[i]
		next := s.looks[j.Name].next
		if j.Cron != nil {
			next = j.Cron.Next(now)
		}
		if until := next.Sub(now); !next.IsZero() && until < wait {
			wait = max(until, 10*time.Millisecond)
		}
	}
	return wait
}

// next claims what is due next and works on it; false: nothing is due.
func (s *Scheduler) next(ctx context.Context, now time.Time) (worked bool, err error) {
	claim, err := s.Ledger.Claim(ctx, s.Worker, now, s.Lease)
	if err != nil || claim == nil {
		return false, err
	}
	w := &work{Scheduler: s, claim: claim, e: claim.Entry(), log: s.Log}
	w.log = s.Log.With("job", w.e.Job, "due", w.e.Due, "period", w.e.Period)
	if w.e.Target != "" {
		w.log = w.log.With("target", w.e.Target)
	}
	return true, w.do(ctx)
}

// job is the configured job of a name; nil: there is none any more.
func (s *Scheduler) job(name string) *Job {
	for i := range s.Jobs {
		if s.Jobs[i].Name == name {
			return &s.Jobs[i]
		}
	}
	return nil
}
