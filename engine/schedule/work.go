package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"
)

// work is a claim being worked on.
type work struct {
	*Scheduler
	claim Claim
	e     Entry
	log   *slog.Logger

	result Result
	made   bool // this claim put the result in its place
	lost   bool // another has the claim
	known  bool // the result is that of an earlier occurrence
}

// do works on a claim and ends it.
func (w *work) do(ctx context.Context) error {
	j := w.job(w.e.Job)
	if j == nil {
		return w.end(ctx, Outcome{State: Planned, Uncounted: true, NotBefore: w.Clock.Now().Add(time.Hour), Reason: "the configuration has no such job"})
	}
	w.log.Info("began", "attempt", w.e.Attempt, "cause", w.e.Cause)
	if w.e.Attempt > j.Tries {
		return w.fail(ctx, j, fmt.Errorf("given up after %d tries that ended with the program: was it killed, or short of memory?", j.Tries))
	}
	if w.e.Attempt > 1 {
		w.tell("sweep", w.sweep(ctx))
	}
	begun := time.Now()
	reason, err := w.try(ctx, j)
	if w.Results != nil {
		w.tell("clear", w.Results.clear(w.e.Token))
	}
	took := time.Since(begun).Round(time.Millisecond)
	switch {
	case err == nil:
		err = w.end(ctx, Outcome{State: Done, Reason: reason, Result: w.result, Follow: w.follow(j.After)})
		if err != nil || w.lost {
			return err
		}
		w.log.Info("done", "run_id", w.result.RunID, "place", w.result.Place, "took", took.String(), "note", reason)
		if w.e.Target == "" && !w.known {
			w.tell("retention", w.retain(ctx, j))
		}
		return nil
	case errors.Is(err, ErrLost):
		return w.undo(ctx)
	case ctx.Err() != nil:
		w.log.Info("stopped in the midst of it", "took", took.String())
		return w.end(ctx, Outcome{State: Planned, Uncounted: true, NotBefore: w.Clock.Now(), Reason: "the program was stopped"})
	}
	return w.fail(ctx, j, err)
}

// fail ends a try that came to nothing: it is tried again where that may help.
func (w *work) fail(ctx context.Context, j *Job, err error) error {
	var passing *Passing
	w.failed++
	if errors.As(err, &passing) && w.e.Attempt < j.Tries {
		next := w.Clock.Now().Add(backOff(w.e.Attempt))
		w.log.Warn("will be tried again", "attempt", w.e.Attempt, "of", j.Tries, "not_before", next, "error", err.Error())
		return w.end(ctx, Outcome{State: Planned, NotBefore: next, Reason: err.Error()})
	}
	w.log.Error("failed", "attempt", w.e.Attempt, "error", err.Error())
	return w.end(ctx, Outcome{State: Failed, Reason: err.Error(), Follow: w.follow(j.OnFailure)})
}

// backOff is how long to wait after a number of tries: a minute, then twice as long each
// time, and never more than an hour.
func backOff(tries int) time.Duration {
	const first, most = time.Minute, time.Hour
	return min(first<<min(tries-1, 10), most)
}

// follow are the deliveries of an evaluation.
func (w *work) follow(targets []string) []Entry {
	if w.e.Target != "" {
		return nil
	}
	var entries []Entry
	for _, target := range targets {
		e := Entry{Key: w.e.Key, Cause: w.e.Cause, Period: w.e.Period, AsOf: w.e.AsOf, State: Planned}
		e.Target = target
		entries = append(entries, e)
	}
	return entries
}

// try makes one try, while the claim is renewed.
func (w *work) try(ctx context.Context, j *Job) (reason string, err error) {
	held, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	limited := held
	if j.Timeout > 0 {
		var stop context.CancelFunc
		limited, stop = context.WithTimeoutCause(held, j.Timeout, &Passing{fmt.Errorf("it took longer than %s; raise timeout if it may", j.Timeout)})
		defer stop()
	}
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		w.beat(held, lose)
	}()
	defer func() {
		lose(nil)
		<-beating
	}()
	reason, err = w.safely(limited, j)
	if cause := context.Cause(limited); err != nil && cause != nil && ctx.Err() == nil {
		err = cause
	}
	return reason, err
}

// safely is a try that a mistake of the program does not take everything else with it.
func (w *work) safely(ctx context.Context, j *Job) (reason string, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = &Passing{fmt.Errorf("a mistake of the program: %v", p)}
		}
	}()
	if w.e.Target != "" {
		return "", w.deliver(ctx)
	}
	return w.evaluate(ctx, j)
}

// beat renews the lease until ctx ends, or loses the claim.
func (w *work) beat(ctx context.Context, lose context.CancelCauseFunc) {
	tick := time.NewTicker(w.Heartbeat)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		begun := time.Now()
		err := w.renew(ctx)
		switch {
		case err == nil:
			last = begun
			w.live()
		case ctx.Err() != nil:
			return
		case errors.Is(err, ErrLost) || time.Since(last) > w.Lease:
			lose(ErrLost)
			return
		default:
			w.log.Warn("the claim could not be renewed", "error", err.Error())
		}
	}
}

// renew renews the lease, and waits no longer for it than it lasts.
func (w *work) renew(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, w.Lease)
	defer stop()
	return w.claim.Beat(ctx, w.Clock.Now(), w.Lease)
}

// evaluate comes to a result: that of an earlier try that was cut short after it, that
// of an occurrence with the same inputs, or a new one.
func (w *work) evaluate(ctx context.Context, j *Job) (reason string, err error) {
	if w.e.RunID != "" {
		if there, err := w.holds(ctx, w.e.Result); err != nil {
			return "", err
		} else if there {
			w.result = w.e.Result
			return "published by a try that was cut short", nil
		}
	}
	if w.result.Inputs, err = w.Evaluator.Inputs(ctx); err != nil {
		return "", err
	}
	if w.result.Policies, err = w.Evaluator.Policies(ctx, j.Name); err != nil {
		return "", err
	}
	t := Task{Entry: w.e}
	if t.Before, err = w.before(ctx, j); err != nil {
		return "", err
	}
	if w.e.Cause != ByHand {
		if same, err := w.same(ctx); err != nil {
			return "", err
		} else if same != nil {
			w.result, w.known = same.Result, true
			return "unchanged: inputs, policies and program are those of " + same.Due.In(w.Zone).Format("2006-01-02 15:04"), nil
		}
	}
	if w.Results != nil {
		dir, err := w.Results.begin(w.e.Token)
		if err != nil {
			return "", &Passing{err}
		}
		t.Dir = filepath.Join(dir, "run")
	}
	t.Announce = func(runID string, counts map[string]map[string]int64) error {
		w.result.RunID, w.result.Counts = runID, counts
		if w.result.Place = w.Evaluator.Place(); w.Results != nil {
			w.result.Place = place(w.e, runID)
		}
		w.log.Info("publishing", "run_id", runID, "place", w.result.Place)
		return passing(w.insist(ctx, func(ctx context.Context) error { return w.claim.Publish(ctx, w.result) }))
	}
	if err := w.Evaluator.Evaluate(ctx, t); err != nil {
		return "", err
	}
	if w.Results == nil {
		return "", nil
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	w.made, err = w.Results.publish(t.Dir, w.result.Place)
	return "", passing(err)
}

// passing says of an error of the disk or the ledger that it may go away by itself.
func passing(err error) error {
	if err == nil || errors.Is(err, ErrLost) {
		return err
	}
	return &Passing{err}
}

// holds says whether a result is there.
func (w *work) holds(ctx context.Context, r Result) (bool, error) {
	if w.Results != nil {
		return w.Results.Holds(r.Place), nil
	}
	return w.Evaluator.Holds(ctx, r)
}

// before is the folder with the result of the period before, which is noted among what
// decides the result.
func (w *work) before(ctx context.Context, j *Job) (string, error) {
	p, err := ParsePeriod(w.e.Period)
	if !j.Before || w.Results == nil || err != nil {
		return "", nil
	}
	done, err := w.entries(ctx, Query{States: []State{Done}})
	if err != nil {
		return "", err
	}
	for _, d := range slices.Backward(done) {
		if d.Target == "" && !d.Removed && d.Period == p.add(-1).String() && w.Results.Holds(d.Place) {
			w.result.Policies += " after " + d.RunID
			return w.Results.path(d.Place)
		}
	}
	return "", nil
}

// same is the latest occurrence of the job that came to what this one would; nil: none.
func (w *work) same(ctx context.Context) (*Entry, error) {
	done, err := w.entries(ctx, Query{States: []State{Done}, Last: recent})
	if err != nil {
		return nil, err
	}
	for _, d := range slices.Backward(done) {
		if d.Target != "" || d.Removed || d.Period != w.e.Period || d.AsOf != w.e.AsOf || d.Inputs != w.result.Inputs || d.Policies != w.result.Policies {
			continue
		}
		there, err := w.holds(ctx, d.Result)
		if err != nil {
			return nil, err
		}
		if there {
			return &d, nil
		}
	}
	return nil, nil
}

// deliver hands on what the delivery's evaluation came to.
func (w *work) deliver(ctx context.Context) error {
	if w.Deliver == nil {
		return fmt.Errorf("target %s: nothing is there to deliver it", w.e.Target)
	}
	i, all := -1, []Entry(nil)
	for _, last := range []int{recent, 0} { // it hardly ever is an old one
		var err error
		if all, err = w.entries(ctx, Query{Last: last}); err != nil {
			return err
		}
		if i = slices.IndexFunc(all, func(e Entry) bool { return e.Target == "" && e.Due.Equal(w.e.Due) }); i >= 0 {
			break
		}
	}
	if i < 0 {
		return fmt.Errorf("target %s: the ledger does not have the evaluation it tells of", w.e.Target)
	}
	return w.Deliver(ctx, w.e, all[i])
}

// end ends the claim, though the program is told to end.
func (w *work) end(ctx context.Context, o Outcome) error {
	o.At = w.Clock.Now().UTC()
	ctx = context.WithoutCancel(ctx)
	err := w.insist(ctx, func(ctx context.Context) error { return w.claim.End(ctx, o) })
	if errors.Is(err, ErrLost) {
		return w.undo(ctx)
	}
	return err
}

// insist asks the ledger again where it does not answer, as long as the lease may hold:
// a server that is started anew is no reason to evaluate anew. After it another takes
// over, and finds what was published.
func (w *work) insist(ctx context.Context, ask func(context.Context) error) error {
	ctx, stop := context.WithTimeout(ctx, max(w.Lease, 10*time.Second))
	defer stop()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		err := ask(ctx)
		if err == nil || errors.Is(err, ErrLost) || ctx.Err() != nil {
			return err
		}
		w.log.Warn("the ledger does not answer", "error", err.Error())
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// entries lists entries of the job.
func (w *work) entries(ctx context.Context, q Query) (all []Entry, err error) {
	q.Job = w.e.Job
	err = w.insist(ctx, func(ctx context.Context) error {
		all, err = w.Ledger.Entries(ctx, q)
		return err
	})
	return all, passing(err)
}

// undo takes back a result that was put in its place by a claim that was lost, unless
// the ledger names it.
func (w *work) undo(ctx context.Context) error {
	w.lost = true
	w.log.Warn("lost to another")
	if !w.made {
		return nil
	}
	all, err := w.entries(ctx, Query{})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(e Entry) bool { return e.Place == w.result.Place && !e.Removed }) {
		return nil
	}
	return errors.Join(w.Results.discard(w.result.Place, w.e.Token), w.Results.clear(w.e.Token))
}
