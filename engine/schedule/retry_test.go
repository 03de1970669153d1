package schedule_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
)

func TestWhatMayPassIsTriedAgainAndWhatWillNotIsNot(t *testing.T) {
	const in = "Asia/Shanghai"
	j := timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly)
	j.Tries = 4
	for _, c := range []struct {
		fails   func(n int) error
		made    int
		state   schedule.State
		reason  string
		elapsed time.Duration
	}{
		{func(n int) error { return passing(n < 4) }, 4, schedule.Done, "", 7 * time.Minute},
		{func(int) error { return passing(true) }, 4, schedule.Failed, "no server answers", 7 * time.Minute},
		{func(int) error { return errors.New("column tax is missing") }, 1, schedule.Failed, "column tax is missing", 0},
		{func(n int) error {
			if n < 3 {
				panic("index out of range")
			}
			return nil
		}, 3, schedule.Done, "", 3 * time.Minute},
	} {
		b := newBureau(t, in, j)
		b.evaluator.fails = func(schedule.Task) error { return c.fails(len(b.evaluator.made)) }
		s := b.scheduler()
		s.Poll = time.Minute
		ctx, stop := context.WithCancel(t.Context())
		b.clock.now, b.clock.end, b.clock.stop = instant(t, "2024-02-01T02:15:00+08:00"), instant(t, "2024-02-01T02:45:00+08:00"), stop
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		stop()
		e := b.entries(schedule.Query{Causes: []schedule.Cause{schedule.OnTime}})[0]
		if e.State != c.state || e.Reason != c.reason || len(b.evaluator.made) != c.made || e.EndedAt.Sub(e.Due).Round(time.Minute) != c.elapsed {
			t.Errorf("%s after %d tries and %s: %q; want %+v", e.State, len(b.evaluator.made), e.EndedAt.Sub(e.Due), e.Reason, c)
		}
		b.whole()
	}
}

func passing(yes bool) error {
	if yes {
		return &schedule.Passing{Err: errors.New("no server answers")}
	}
	return nil
}

func TestATryThatTakesTooLongIsEnded(t *testing.T) {
	const in = "Asia/Shanghai"
	j := timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly)
	j.Tries, j.Timeout = 2, 20*time.Millisecond
	b := newBureau(t, in, j)
	b.evaluator.before = func(ctx context.Context, _ schedule.Task) { <-ctx.Done() }
	b.run("2024-01-31T00:00:00+08:00", "2024-02-02T00:00:00+08:00")
	e := b.entries(schedule.Query{Causes: []schedule.Cause{schedule.OnTime}})[0]
	if e.State != schedule.Planned || e.Attempt != 1 || !strings.Contains(e.Reason, "longer than 20ms") {
		t.Errorf("%+v", e)
	}
}

func TestAStoppedSchedulerGivesItsEntryBackAtOnce(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	b.evaluator.before = func(ctx context.Context, _ schedule.Task) {
		b.clock.stop()
		<-ctx.Done()
	}
	b.run("2024-01-31T00:00:00+08:00", "2024-02-02T00:00:00+08:00")
	e := b.entries(schedule.Query{Causes: []schedule.Cause{schedule.OnTime}})[0]
	if e.State != schedule.Planned || e.Attempt != 0 || e.Reason != "the program was stopped" {
		t.Errorf("%+v", e)
	}
	b.evaluator.before = nil
	b.whole()
	b.run("2024-02-01T02:31:00+08:00", "2024-02-02T00:00:00+08:00")
	if e := b.entries(schedule.Query{Causes: []schedule.Cause{schedule.OnTime}})[0]; e.State != schedule.Done || e.Attempt != 1 {
		t.Errorf("%+v", e)
	}
	b.whole()
}

func TestTriesThatTakeTheProgramWithThemComeToAnEnd(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	e := b.jobs[0].Upcoming(instant(t, "2024-01-31T00:00:00+08:00"), 1, b.zone)[0]
	if _, err := b.ledger.Plan(t.Context(), []schedule.Entry{e}); err != nil {
		t.Fatal(err)
	}
	for range b.jobs[0].Tries { // claimed, and never heard of again
		if c, err := b.ledger.Claim(t.Context(), "dead", e.Due, 0); err != nil || c == nil {
			t.Fatal(c, err)
		}
	}
	b.run("2024-02-01T02:31:00+08:00", "2024-02-02T00:00:00+08:00")
	if got := b.entries(schedule.Query{})[0]; got.State != schedule.Failed || !strings.Contains(got.Reason, "given up after 3 tries") || len(b.evaluator.made) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestWhoTakesOverFindsWhatWasPublished(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	e := b.jobs[0].Upcoming(instant(t, "2024-01-31T00:00:00+08:00"), 1, b.zone)[0]
	if _, err := b.ledger.Plan(t.Context(), []schedule.Entry{e}); err != nil {
		t.Fatal(err)
	}
	c, err := b.ledger.Claim(t.Context(), "dead", e.Due, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := schedule.Result{RunID: "r1", Place: "monthly/2024-01/r1", Inputs: "i1", Policies: "rules 1"}
	if err := c.Publish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{r.Place + "/manifest.json": "whole", ".muscope/work/" + c.Entry().Token + "/run/half": "x", ".muscope/work/stray/run/half": "x"} {
		path := filepath.Join(b.root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.run("2024-02-01T02:31:00+08:00", "2024-02-02T00:00:00+08:00")
	if got := b.entries(schedule.Query{})[0]; got.State != schedule.Done || got.RunID != "r1" || len(b.evaluator.made) != 0 {
		t.Errorf("%+v, made %q", got, b.evaluator.made)
	}
	b.whole()
}

func TestALostClaimTakesBackWhatItPublishedUnlessTheLedgerNamesIt(t *testing.T) {
	const in = "Asia/Shanghai"
	for _, same := range []bool{true, false} {
		b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
		b.evaluator.after = func(runID string) {
			b.evaluator.after = nil
			if !same {
				runID = "other"
			}
			b.steal(runID, !same)
		}
		b.run("2024-01-31T00:00:00+08:00", "2024-02-02T00:00:00+08:00")
		e := b.entries(schedule.Query{Causes: []schedule.Cause{schedule.OnTime}})[0]
		if e.State != schedule.Done || e.Worker != "thief" || !strings.Contains(b.log.String(), "lost to another") {
			t.Errorf("the same result %t: %+v\n%s", same, e, b.log.String())
		}
		b.whole()
	}
}

// steal takes over what is being evaluated, as if its lease were over, and ends it.
func (b *bureau) steal(runID string, write bool) {
	b.t.Helper()
	ctx := b.t.Context()
	c, err := b.ledger.Claim(ctx, "thief", b.clock.now.Add(time.Hour), time.Hour)
	if err != nil || c == nil {
		b.t.Fatal(c, err)
	}
	r := schedule.Result{RunID: runID, Place: "monthly/2024-01/" + runID}
	if err := c.Publish(ctx, r); err != nil {
		b.t.Fatal(err)
	}
	if dir := filepath.Join(b.root, filepath.FromSlash(r.Place)); write {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("whole"), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := c.End(ctx, schedule.Outcome{State: schedule.Done, At: b.clock.now, Result: r}); err != nil {
		b.t.Fatal(err)
	}
}

// flaky is a ledger that does not answer every other time that a claim asks.
type flaky struct {
	schedule.Ledger
	asked int
}

type flakyClaim struct {
	schedule.Claim
	of *flaky
}

func (f *flaky) fails() error {
	if f.asked++; f.asked%2 == 1 {
		return errors.New("no server answers")
	}
	return nil
}

func (f *flaky) Claim(ctx context.Context, worker string, now time.Time, lease time.Duration) (schedule.Claim, error) {
	c, err := f.Ledger.Claim(ctx, worker, now, lease)
	if c == nil || err != nil {
		return nil, err
	}
	return &flakyClaim{c, f}, nil
}

func (c *flakyClaim) Publish(ctx context.Context, r schedule.Result) error {
	return errors.Join(c.of.fails(), c.Claim.Publish(ctx, r))
}

func (c *flakyClaim) End(ctx context.Context, o schedule.Outcome) error {
	return errors.Join(c.of.fails(), c.Claim.End(ctx, o)) // the first was heard, and its answer was not
}

func TestALedgerThatDoesNotAnswerAtOnceIsNoReasonToEvaluateAnew(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	b.ledger = &flaky{Ledger: b.ledger}
	b.run("2024-01-31T00:00:00+08:00", "2024-03-02T00:00:00+08:00")
	b.tells("monthly 2024-01-01 02:30 2023-12 2023-12-31 skipped", "monthly 2024-02-01 02:30 2024-01 2024-01-31 done", "monthly 2024-03-01 02:30 2024-02 2024-02-29 done")
	if len(b.evaluator.made) != 2 || !strings.Contains(b.log.String(), "the ledger does not answer") {
		t.Errorf("made %q\n%s", b.evaluator.made, b.log.String())
	}
	b.whole()
}
