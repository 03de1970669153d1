package schedule_test

import (
	"errors"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// is asserts how the bureau's only job is at an instant.
func (b *bureau) is(at string, want schedule.Health) schedule.Status {
	b.t.Helper()
	all, err := schedule.StatusOf(b.t.Context(), b.ledger, b.jobs, instant(b.t, at), b.zone)
	if err != nil || len(all) != 1 {
		b.t.Fatal(all, err)
	}
	if all[0].Health != want {
		b.t.Errorf("at %s it is %s, want %s: %+v", at, all[0].Health, want, all[0])
	}
	return all[0]
}

func TestStatusTellsWhetherAJobIsWellLateOrFailing(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	b.is("2024-01-15T00:00:00+08:00", schedule.Waiting)
	b.run("2024-01-15T00:00:00+08:00", "2024-02-02T00:00:00+08:00")
	s := b.is("2024-02-02T00:00:00+08:00", schedule.Well)
	if s.LastGood == nil || s.LastGood.Period != "2024-01" || s.Next == nil || s.Next.Period != "2024-02" || s.Open != 0 || s.Cron != "30 2 1 * *" {
		t.Errorf("%+v", s)
	}
	b.is("2024-03-01T02:33:00+08:00", schedule.Well)
	if s := b.is("2024-03-01T02:36:00+08:00", schedule.Late); s.Since != "2024-02-29T18:30:00Z" { // nothing runs that would have planned it
		t.Errorf("late since %s", s.Since)
	}
	b.evaluator.fails = func(schedule.Task) error { return passing(true) }
	b.run("2024-03-01T02:40:00+08:00", "2024-03-01T02:40:30+08:00")
	if s := b.is("2024-03-01T03:00:00+08:00", schedule.Retrying); s.Failed == nil || s.Failed.Reason != "no server answers" || s.LastGood.Period != "2024-01" || s.Open != 1 {
		t.Errorf("%+v", s)
	}
	b.evaluator.fails = func(schedule.Task) error { return errors.New("column tax is missing") }
	b.run("2024-03-01T04:00:00+08:00", "2024-03-01T04:00:30+08:00")
	if s := b.is("2024-03-01T05:00:00+08:00", schedule.Failing); s.Failed == nil || s.Failed.Reason != "column tax is missing" || s.Open != 0 {
		t.Errorf("%+v", s)
	}
	b.evaluator.fails = nil
	b.run("2024-03-01T05:00:00+08:00", "2024-04-02T00:00:00+08:00")
	if s := b.is("2024-04-02T00:00:00+08:00", schedule.Well); s.Failed != nil {
		t.Errorf("%+v", s)
	}
}

func TestStatusTellsWhoWorksAndWhoDiedAtIt(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	e := b.jobs[0].Upcoming(instant(t, "2024-01-15T00:00:00+08:00"), 1, b.zone)[0]
	if _, err := b.ledger.Plan(t.Context(), []schedule.Entry{e}); err != nil {
		t.Fatal(err)
	}
	if c, err := b.ledger.Claim(t.Context(), "bureau-1/4711", e.Due, time.Hour); err != nil || c == nil {
		t.Fatal(c, err)
	}
	if s := b.is("2024-02-01T02:40:00+08:00", schedule.Working); s.Running == nil || s.Running.Worker != "bureau-1/4711" {
		t.Errorf("%+v", s)
	}
	b.is("2024-02-01T03:31:00+08:00", schedule.Late)
}
