package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
)

func TestADecadeIsEvaluatedToTheLastPeriodAndOnceEach(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly),
		timed(t, "quarterly", "0 4 10 1,4,7,10 *", in, schedule.Quarterly), timed(t, "yearly", "0 3 20 5 *", in, schedule.Yearly))
	b.run("2015-01-01T12:00:00+08:00", "2025-01-01T12:00:00+08:00")
	count := map[string]int{}
	for _, e := range b.entries(schedule.Query{States: []schedule.State{schedule.Done}}) {
		count[e.Job]++
	}
	if count["monthly"] != 120 || count["quarterly"] != 40 || count["yearly"] != 10 || len(b.evaluator.made) != 170 || len(b.published()) != 170 {
		t.Errorf("%v done, %d made, %d published", count, len(b.evaluator.made), len(b.published()))
	}
	b.whole()
}

func TestMonthAndYearEndsAreThoseOfTheCalendar(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "last-day", "50 23 28-31 * *", in, schedule.Monthly))
	b.run("2024-02-27T12:00:00+08:00", "2024-03-01T12:00:00+08:00")
	b.tells("last-day 2024-01-31 23:50 2023-12 2023-12-31 skipped",
		"last-day 2024-02-28 23:50 2024-01 2024-01-31 done", "last-day 2024-02-29 23:50 2024-01 2024-01-31 done")
	b = newBureau(t, in, timed(t, "monthly", "0 0 1 * *", in, schedule.Monthly), timed(t, "yearly", "0 0 1 1 *", in, schedule.Yearly))
	b.run("2023-12-15T12:00:00+08:00", "2024-03-02T00:00:00+08:00")
	b.tells("yearly 2023-01-01 00:00 2022 2022-12-31 skipped", "monthly 2023-12-01 00:00 2023-11 2023-11-30 skipped",
		"monthly 2024-01-01 00:00 2023-12 2023-12-31 done", "yearly 2024-01-01 00:00 2023 2023-12-31 done",
		"monthly 2024-02-01 00:00 2024-01 2024-01-31 done", "monthly 2024-03-01 00:00 2024-02 2024-02-29 done")
	b.whole()
}

func TestAJobOnAChangeOfClocksIsEvaluatedOnce(t *testing.T) {
	const in = "Europe/Berlin"
	b := newBureau(t, in, timed(t, "nightly", "30 2 * * *", in, schedule.Monthly))
	b.run("2025-03-29T12:00:00+01:00", "2025-03-31T12:00:00+02:00")
	b.tells("nightly 2025-03-29 02:30 2025-02 2025-02-28 skipped", "nightly 2025-03-30 03:00 2025-02 2025-02-28 done",
		"nightly 2025-03-31 02:30 2025-02 2025-02-28 done")
	b = newBureau(t, in, timed(t, "nightly", "30 2 * * *", in, schedule.Monthly))
	b.run("2025-10-25T12:00:00+02:00", "2025-10-27T12:00:00+01:00")
	b.tells("nightly 2025-10-25 02:30 2025-09 2025-09-30 skipped", "nightly 2025-10-26 02:30 2025-09 2025-09-30 done",
		"nightly 2025-10-27 02:30 2025-09 2025-09-30 done")
	if due := b.entries(schedule.Query{})[1].Due; !due.Equal(instant(t, "2025-10-26T02:30:00+02:00")) {
		t.Errorf("the hour that comes twice: %s", due)
	}
}

func TestThePeriodIsThatOfTheZonesDayAndNotOfUTCs(t *testing.T) {
	const in = "Asia/Shanghai"
	j := timed(t, "yearly", "0 6 1 1 *", in, schedule.Yearly) // 31 December in UTC
	j.AsOf = schedule.AtOccurrence
	b := newBureau(t, in, j)
	b.run("2024-12-30T00:00:00Z", "2025-01-02T00:00:00Z")
	b.tells("yearly 2024-01-01 06:00 2023 2024-01-01 skipped", "yearly 2025-01-01 06:00 2024 2025-01-01 done")
}

func TestWhatWasMissedIsCaughtUpAsTheJobSays(t *testing.T) {
	const in = "Asia/Shanghai"
	for way, want := range map[schedule.CatchUp][]string{
		schedule.CatchUpAll:  {"done", "done", "done", "done", "done"},
		schedule.CatchUpLast: {"done", "skipped", "skipped", "done", "done"},
		schedule.CatchUpNone: {"done", "skipped", "skipped", "skipped", "done"},
	} {
		j := timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly)
		j.CatchUp = way
		b := newBureau(t, in, j)
		b.run("2024-01-15T00:00:00+08:00", "2024-02-15T00:00:00+08:00")
		b.run("2024-05-20T00:00:00+08:00", "2024-06-15T00:00:00+08:00")
		var states []string
		for _, e := range b.entries(schedule.Query{Causes: []schedule.Cause{schedule.OnTime}}) {
			states = append(states, string(e.State))
			if e.State == schedule.Skipped && !strings.Contains(e.Reason, "catch_up is "+string(way)) {
				t.Errorf("%s: skipped because %q", way, e.Reason)
			}
		}
		if !slices.Equal(states, want) || !slices.IsSorted(b.evaluator.made) {
			t.Errorf("%s: %q, want %q; made %q", way, states, want, b.evaluator.made)
		}
		b.whole()
	}
}

func TestAShortStopIsNoReasonToPassOver(t *testing.T) {
	const in = "Asia/Shanghai"
	j := timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly)
	j.CatchUp = schedule.CatchUpNone
	b := newBureau(t, in, j)
	b.run("2024-01-15T00:00:00+08:00", "2024-02-01T02:29:00+08:00")
	b.run("2024-02-01T02:45:00+08:00", "2024-02-01T03:00:00+08:00")
	b.tells("monthly 2024-01-01 02:30 2023-12 2023-12-31 skipped", "monthly 2024-02-01 02:30 2024-01 2024-01-31 done")
}

func TestAClockThatIsSetBackEvaluatesNothingTwice(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "hourly", "0 * * * *", in, schedule.Monthly))
	b.run("2024-02-01T00:30:00+08:00", "2024-02-01T03:30:00+08:00")
	before := b.story()
	b.run("2024-02-01T02:30:00+08:00", "2024-02-01T03:45:00+08:00")
	b.tells(before...)
	b.run("2024-02-01T03:30:00+08:00", "2024-02-01T04:30:00+08:00")
	b.tells(append(before, "hourly 2024-02-01 04:00 2024-01 2024-01-31 done")...)
}

func TestAClockThatLeapsFarAheadPlansNoThousands(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "minutely", "* * * * *", in, schedule.Monthly), timed(t, "yearly", "0 0 1 5 *", in, schedule.Yearly))
	b.run("2024-02-01T00:00:30+08:00", "2024-02-01T00:02:30+08:00")
	b.run("2034-02-01T00:00:30+08:00", "2034-02-01T00:01:30+08:00")
	if n := len(b.entries(schedule.Query{Job: "minutely"})); n != 3 {
		t.Errorf("%d entries of the job of every minute", n)
	}
	if n := len(b.entries(schedule.Query{Job: "yearly", States: []schedule.State{schedule.Done}})); n != 10 {
		t.Errorf("%d of the yearly job are done", n)
	}
	if log := b.log.String(); strings.Count(log, "more than 1000 occurrences were missed") != 1 {
		t.Errorf("the log says\n%s", log)
	}
}

func TestThousandsThatWereMissedAreCaughtUpByAndBy(t *testing.T) {
	const in = "Asia/Shanghai"
	j := timed(t, "minutely", "* * * * *", in, schedule.Monthly)
	j.CatchUp = schedule.CatchUpLast
	b := newBureau(t, in, j)
	b.run("2024-02-01T00:00:30+08:00", "2024-02-01T00:02:30+08:00")
	b.run("2024-02-02T18:00:30+08:00", "2024-02-02T18:02:30+08:00")
	all := b.entries(schedule.Query{Causes: []schedule.Cause{schedule.OnTime}})
	var done []string
	for _, e := range all {
		if e.State == schedule.Done {
			done = append(done, e.Due.In(b.zone).Format("02 15:04"))
		}
	}
	if want := []string{"01 00:01", "01 00:02", "02 18:00", "02 18:01", "02 18:02"}; len(all) != 42*60+2 || !slices.Equal(done, want) {
		t.Errorf("%d entries, done are %q, want %q", len(all), done, want)
	}
}

func TestTheSameInputsArePublishedOnceAndNotEvaluatedAnew(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "daily", "0 2 * * *", in, schedule.Monthly))
	b.run("2024-02-10T00:00:00+08:00", "2024-02-13T00:00:00+08:00")
	if len(b.evaluator.made) != 1 || len(b.published()) != 1 {
		t.Fatalf("made %q, published %q", b.evaluator.made, b.published())
	}
	all := b.entries(schedule.Query{States: []schedule.State{schedule.Done}})
	if len(all) != 3 || all[1].RunID != all[0].RunID || all[2].Place != all[0].Place || !strings.HasPrefix(all[1].Reason, "unchanged: ") || all[1].Counts["grades"]["A"] != 1 {
		t.Errorf("%+v", all)
	}
	b.evaluator.rules = "2"
	b.run("2024-02-13T00:00:00+08:00", "2024-02-14T00:00:00+08:00")
	b.evaluator.inputs = "i2"
	b.run("2024-02-14T00:00:00+08:00", "2024-02-15T00:00:00+08:00")
	if len(b.evaluator.made) != 3 || len(b.published()) != 3 {
		t.Errorf("other rules, then other inputs: made %q, published %q", b.evaluator.made, b.published())
	}
	if err := os.RemoveAll(filepath.Join(b.root, "daily")); err != nil {
		t.Fatal(err)
	}
	b.run("2024-02-15T00:00:00+08:00", "2024-02-16T00:00:00+08:00")
	if len(b.evaluator.made) != 4 {
		t.Error("a result that was taken away is not made again")
	}
}

func TestLateDataIsEvaluatedAgainByTheJobThatWaitsForIt(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly),
		schedule.Job{Name: "arrival", Every: 2 * time.Hour, Period: schedule.Monthly})
	b.run("2024-02-01T00:00:00+08:00", "2024-02-05T00:00:00+08:00")
	b.evaluator.set("late")
	b.run("2024-02-05T00:00:00+08:00", "2024-02-06T00:00:00+08:00")
	b.run("2024-02-06T00:00:00+08:00", "2024-02-07T00:00:00+08:00")
	b.tells("monthly 2024-01-01 02:30 2023-12 2023-12-31 skipped", "arrival 2024-02-01 00:00 2024-01 2024-01-31 done",
		"monthly 2024-02-01 02:30 2024-01 2024-01-31 done", "arrival 2024-02-05 00:00 2024-01 2024-01-31 done")
	all := b.entries(schedule.Query{Job: "arrival"})
	if all[0].RunID == all[1].RunID || all[1].Inputs != "late" || all[1].Cause != schedule.OnData {
		t.Errorf("%+v", all)
	}
	b.whole()
}

func TestDataIsNotEvaluatedWhileItArrives(t *testing.T) {
	b := newBureau(t, "Asia/Shanghai", schedule.Job{Name: "arrival", Every: time.Minute, Period: schedule.Yearly})
	looks := 0
	b.clock.now = instant(t, "2024-02-01T00:00:00+08:00")
	moving := &arriving{maker: b.evaluator, looks: &looks, until: 6}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b.clock.end, b.clock.stop = instant(t, "2024-02-01T01:00:00+08:00"), stop
	s := b.scheduler()
	s.Evaluator = moving
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if all := b.entries(schedule.Query{}); len(all) != 1 || all[0].Inputs != "part 6" || all[0].State != schedule.Done {
		t.Errorf("%+v", all)
	}
}

// arriving is a source that changes from look to look.
type arriving struct {
	*maker
	looks *int
	until int
}

func (a *arriving) Inputs(context.Context) (string, error) {
	*a.looks++
	return fmt.Sprint("part ", min(*a.looks, a.until)), nil
}

func TestTheNewestPeriodsAreKeptAndTheOthersRemoved(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly), timed(t, "yearly", "0 3 20 5 *", in, schedule.Yearly))
	b.keep = map[schedule.Kind]int{schedule.Monthly: 3}
	b.run("2020-01-15T00:00:00+08:00", "2023-01-15T00:00:00+08:00")
	var kept []string
	for _, place := range b.published() {
		kept = append(kept, strings.Join(strings.Split(place, "/")[:2], "/"))
	}
	if want := []string{"monthly/2022-10", "monthly/2022-11", "monthly/2022-12", "yearly/2019", "yearly/2020", "yearly/2021"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q, want %q", kept, want)
	}
	removed := 0
	for _, e := range b.entries(schedule.Query{Job: "monthly", States: []schedule.State{schedule.Done}}) {
		if e.Removed {
			removed++
		}
	}
	if removed != 36-3 {
		t.Errorf("%d entries say that their result was removed", removed)
	}
	b.whole()
}

func TestAPeriodIsEvaluatedByHandAgainThoughNothingChanged(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "yearly", "0 3 20 5 *", in, schedule.Yearly))
	b.run("2024-05-19T00:00:00+08:00", "2024-05-21T00:00:00+08:00")
	p, _ := schedule.ParsePeriod("2023")
	if _, err := b.ledger.Plan(t.Context(), []schedule.Entry{b.jobs[0].Manual(p, b.clock.now, b.zone)}); err != nil {
		t.Fatal(err)
	}
	b.run("2024-05-21T00:00:00+08:00", "2024-05-22T00:00:00+08:00")
	b.tells("yearly 2023-05-20 03:00 2022 2022-12-31 skipped", "yearly 2024-05-20 03:00 2023 2023-12-31 done", "yearly 2024-05-21 00:00 2023 2023-12-31 done")
	if len(b.evaluator.made) != 2 || len(b.published()) != 1 {
		t.Errorf("made %q, published %q", b.evaluator.made, b.published())
	}
	b.whole()
}

func TestTheResultOfTheYearBeforeIsHandedOn(t *testing.T) {
	const in = "Asia/Shanghai"
	j := timed(t, "yearly", "0 3 20 5 *", in, schedule.Yearly)
	j.Before = true
	b := newBureau(t, in, j)
	var before []string
	b.evaluator.before = func(_ context.Context, task schedule.Task) {
		rel, _ := filepath.Rel(b.root, task.Before)
		if task.Before == "" {
			rel = "none"
		}
		before = append(before, task.Period+" after "+filepath.ToSlash(filepath.Dir(rel)))
	}
	b.run("2023-01-15T00:00:00+08:00", "2025-06-01T00:00:00+08:00")
	if want := []string{"2022 after .", "2023 after yearly/2022", "2024 after yearly/2023"}; !slices.Equal(before, want) {
		t.Errorf("%q, want %q", before, want)
	}
	all := b.entries(schedule.Query{States: []schedule.State{schedule.Done}})
	if len(all) != 3 || all[1].Policies != "rules 1 after "+all[0].RunID {
		t.Errorf("%+v", all)
	}
}

func TestABackfillFillsWhatWasNeverEvaluatedAndAskingTwiceIsAskingOnce(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	b.run("2024-05-15T00:00:00+08:00", "2024-06-15T00:00:00+08:00")
	from, _ := schedule.ParsePeriod("2024-02")
	to, _ := schedule.ParsePeriod("2024-05")
	for round, want := range []int{3, 0} { // 2024-05 was evaluated when it was due
		entries, err := b.jobs[0].Backfilled(from, to, b.clock.now, b.zone)
		if err != nil {
			t.Fatal(err)
		}
		if _, fresh, err := schedule.Anew(t.Context(), b.ledger, entries); err != nil || fresh != want {
			t.Errorf("round %d: %d new, want %d, %v", round, fresh, want, err)
		}
	}
	b.run("2024-06-15T00:00:00+08:00", "2024-06-16T00:00:00+08:00")
	b.tells("monthly 2024-03-01 02:30 2024-02 2024-02-29 done", "monthly 2024-04-01 02:30 2024-03 2024-03-31 done",
		"monthly 2024-05-01 02:30 2024-04 2024-04-30 skipped", "monthly 2024-05-01 02:30 2024-04 2024-04-30 done",
		"monthly 2024-06-01 02:30 2024-05 2024-05-31 done")
	for _, c := range [][3]string{{"2024-05", "2024-04", "before the first"}, {"2024Q1", "2024Q2", "is monthly"}, {"2024-05", "2024-06", "is not due before 2024-07-01"}} {
		from, _ := schedule.ParsePeriod(c[0])
		to, _ := schedule.ParsePeriod(c[1])
		if _, err := b.jobs[0].Backfilled(from, to, b.clock.now, b.zone); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s to %s: %v, want %q", c[0], c[1], err, c[2])
		}
	}
}

func TestResultsAndFailuresAreHandedOn(t *testing.T) {
	const in = "Asia/Shanghai"
	j := timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly)
	j.After, j.OnFailure = []string{"after/call", "after/copy"}, []string{"on_failure/mail"}
	b := newBureau(t, in, j)
	var told []string
	b.deliver = func(_ context.Context, d, of schedule.Entry) error {
		told = append(told, fmt.Sprint(d.Target, " ", of.Period, " ", of.State, " ", of.RunID != ""))
		return passing(len(told) == 1)
	}
	b.evaluator.fails = func(task schedule.Task) error {
		if task.Period == "2024-02" {
			return errors.New("column tax is missing")
		}
		return nil
	}
	b.run("2024-01-31T00:00:00+08:00", "2024-03-02T00:00:00+08:00")
	want := []string{"after/call 2024-01 done true", "after/copy 2024-01 done true", "after/call 2024-01 done true", "on_failure/mail 2024-02 failed false"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	for _, e := range b.entries(schedule.Query{}) {
		if e.Target != "" && e.State != schedule.Done {
			t.Errorf("%+v", e)
		}
	}
}

func TestASchedulerShowsThatItLives(t *testing.T) {
	const in = "Asia/Shanghai"
	b := newBureau(t, in, timed(t, "monthly", "30 2 1 * *", in, schedule.Monthly))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	b.clock.now, b.clock.end, b.clock.stop = instant(t, "2024-01-15T12:00:00+08:00"), instant(t, "2024-03-15T12:00:00+08:00"), stop
	s := b.scheduler()
	if !s.Alive().IsZero() {
		t.Errorf("alive at %s before it began", s.Alive())
	}
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if first := instant(t, "2024-03-01T02:30:00+08:00"); s.Alive().Before(first) {
		t.Errorf("alive at %s, though it worked at %s", s.Alive(), first)
	}
}

func TestDataThatDoesNotChangeIsEvaluatedOnceThoughItsResultsAreHandedOn(t *testing.T) {
	b := newBureau(t, "Asia/Shanghai", schedule.Job{Name: "arrival", Every: time.Hour, Period: schedule.Yearly, After: []string{"after/a", "after/z"}})
	told := 0
	b.deliver = func(context.Context, schedule.Entry, schedule.Entry) error {
		told++
		return nil
	}
	b.evaluator.set("as it is")
	b.run("2024-02-01T00:00:00+08:00", "2024-02-02T00:00:00+08:00")
	b.run("2024-02-02T00:00:00+08:00", "2024-02-03T00:00:00+08:00")
	if n := len(b.entries(schedule.Query{})); n != 3 || told != 2 || len(b.evaluator.made) != 1 {
		t.Errorf("%d entries, told %d times, made %v:\n%s", n, told, b.evaluator.made, strings.Join(b.story(), "\n"))
	}
}
