// Package ledgertest holds what every ledger of the schedule must do, as tests: [Test].
// A ledger passes by handing its maker to the suite in a test of its own.
//
// It is for tests only, and knows no ledger by itself. Leases are tried with the real
// clock, for a database measures them by its own: the suite waits until one is over, and
// never asserts how long that took.
package ledgertest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Place is where a ledger keeps what it remembers.
type Place struct {
	// Open opens the ledger of the place, which remembers what an earlier one was told.
	Open func(t testing.TB) schedule.Ledger
	// Shared says that several may be open at once.
	Shared bool
}

// long is a lease that does not end while a test runs, short one that ends soon.
const (
	long  = time.Hour
	short = 20 * time.Millisecond
)

// Test runs the suite; empty makes a place of its own for each test.
func Test(t *testing.T, empty func(t testing.TB) Place) {
	for _, c := range []struct {
		name string
		test func(*testing.T, Place)
	}{
		{"what is known is planned no second time", knownIsLeft},
		{"an entry comes back as it was planned", comesBack},
		{"entries are listed by due, job and target", listed},
		{"a query names job, states, causes and how many", queried},
		{"nothing is claimed before it is due", notBeforeDue},
		{"the oldest is claimed first", oldestFirst},
		{"a job is evaluated one at a time and in order", inOrder},
		{"a try to come blocks what is newer of its job", retryBlocks},
		{"what hands on waits for no evaluation", targetsApart},
		{"what is skipped or ended is never claimed", neverClaimed},
		{"a claim holds while it is renewed", renewed},
		{"who takes over sees what was about to be published", takeOver},
		{"a lost claim changes nothing", lostClaim},
		{"an ended claim changes nothing, and may be ended twice alike", endedClaim},
		{"what was about to be published stays known until there is a result", publishedStays},
		{"what follows is planned with the end", follows},
		{"a try that came to nothing keeps what was planned and published", kept},
		{"a try that was cut short does not count", cutShort},
		{"a removed result is noted", removed},
		{"a ledger remembers when it is opened again", remembers},
		{"many workers do each occurrence once and in order", manyWorkers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, empty(t)) })
	}
}

// at is an instant of the suite's day.
func at(minute int) time.Time { return time.Date(2024, 3, 1, 2, minute, 0, 0, time.UTC) }

// planned is an entry of a job that is due at a minute.
func planned(job string, minute int) schedule.Entry {
	day, _ := unit.NewDate(2024, 2, 29)
	return schedule.Entry{
		Key: schedule.Key{Job: job, Due: at(minute)}, Cause: schedule.OnTime, Period: "2024-02", AsOf: day, State: schedule.Planned,
	}
}

func opened(t testing.TB, p Place) schedule.Ledger {
	t.Helper()
	l := p.Open(t)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func plan(t testing.TB, l schedule.Ledger, want int, entries ...schedule.Entry) {
	t.Helper()
	if fresh, err := l.Plan(t.Context(), entries); err != nil || fresh != want {
		t.Fatalf("plan: %d new, %v; want %d", fresh, err, want)
	}
}

// claim takes what is due at a minute, which must be there.
func claim(t testing.TB, l schedule.Ledger, minute int, lease time.Duration) schedule.Claim {
	t.Helper()
	c, err := l.Claim(t.Context(), "worker", at(minute), lease)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		t.Fatalf("nothing to claim at %s:\n%s", at(minute), story(t, l))
	}
	return c
}

func nothing(t testing.TB, l schedule.Ledger, minute int) {
	t.Helper()
	c, err := l.Claim(t.Context(), "worker", at(minute), long)
	if err != nil || c != nil {
		t.Fatalf("claimed %+v, %v; want nothing:\n%s", c, err, story(t, l))
	}
}

// takenOver claims again and again until a short lease is over.
func takenOver(t testing.TB, l schedule.Ledger) schedule.Claim {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for {
		c, err := l.Claim(ctx, "another", time.Now(), long)
		if err != nil {
			t.Fatalf("no lease ended: %v", err)
		}
		if c != nil {
			return c
		}
		time.Sleep(short / 4)
	}
}

func end(t testing.TB, c schedule.Claim, o schedule.Outcome) {
	t.Helper()
	if err := c.End(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func done(minute int, run string) schedule.Outcome {
	return schedule.Outcome{State: schedule.Done, At: at(minute), Result: schedule.Result{RunID: run, Place: "monthly/2024-02/" + run}}
}

func entries(t testing.TB, l schedule.Ledger, q schedule.Query) []schedule.Entry {
	t.Helper()
	all, err := l.Entries(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// story is what the ledger remembers, a line each.
func story(t testing.TB, l schedule.Ledger) string {
	t.Helper()
	text := ""
	for _, e := range entries(t, l, schedule.Query{}) {
		text += line(e) + "\n"
	}
	return text
}

// line is an entry in short: job, minute, target, state, tries, run.
func line(e schedule.Entry) string {
	return fmt.Sprintf("%s %d %s %s %d %s", e.Job, e.Due.Minute(), e.Target, e.State, e.Attempt, e.RunID)
}

func mustBe(t testing.TB, l schedule.Ledger, want ...string) {
	t.Helper()
	var got []string
	for _, e := range entries(t, l, schedule.Query{}) {
		got = append(got, line(e))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the ledger has\n%q\nwant\n%q", got, want)
	}
}

func knownIsLeft(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 2, planned("a", 1), planned("b", 1))
	end(t, claim(t, l, 5, long), done(6, "r1"))
	other := planned("a", 1)
	other.Period, other.State = "2023", schedule.Skipped
	plan(t, l, 1, other, planned("b", 1), planned("a", 2))
	plan(t, l, 0, other, planned("a", 2), planned("a", 2))
	plan(t, l, 0)
	mustBe(t, l, "a 1  done 1 r1", "b 1  planned 0 ", "a 2  planned 0 ")
	if e := entries(t, l, schedule.Query{})[0]; e.Period != "2024-02" {
		t.Errorf("the period became %s", e.Period)
	}
}

func comesBack(t *testing.T, p Place) {
	l := opened(t, p)
	day, _ := unit.NewDate(2024, 2, 29)
	one := schedule.Entry{
		Key:   schedule.Key{Job: `月报 "a'; DROP TABLE x;--`, Due: at(3), Target: "回调"},
		Cause: schedule.OnData, Period: "2024Q1", AsOf: day, State: schedule.Skipped, Reason: "第一行\n<second> & 'third'",
	}
	one.Inputs = "sha256:月"
	bare := schedule.Entry{Key: schedule.Key{Job: "z", Due: at(4)}, Cause: schedule.ByHand, Period: "2024", State: schedule.Planned, NotBefore: at(9)}
	plan(t, l, 2, one, bare)
	got := entries(t, l, schedule.Query{})
	if want := []schedule.Entry{one, bare}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func listed(t *testing.T, p Place) {
	l := opened(t, p)
	call := planned("a", 1)
	call.Target = "call"
	plan(t, l, 5, planned("b", 1), planned("a", 2), call, planned("B", 1), planned("a", 1))
	mustBe(t, l, "B 1  planned 0 ", "a 1  planned 0 ", "a 1 call planned 0 ", "b 1  planned 0 ", "a 2  planned 0 ")
}

func queried(t *testing.T, p Place) {
	l := opened(t, p)
	byHand := planned("b", 2)
	byHand.Cause = schedule.ByHand
	plan(t, l, 4, planned("a", 1), planned("a", 2), planned("a", 3), byHand)
	end(t, claim(t, l, 1, long), done(2, "r1"))
	for _, c := range []struct {
		q    schedule.Query
		want []string
	}{
		{schedule.Query{Job: "a"}, []string{"a 1  done 1 r1", "a 2  planned 0 ", "a 3  planned 0 "}},
		{schedule.Query{States: []schedule.State{schedule.Planned}, Last: 2}, []string{"b 2  planned 0 ", "a 3  planned 0 "}},
		{schedule.Query{Job: "a", States: []schedule.State{schedule.Done, schedule.Failed}}, []string{"a 1  done 1 r1"}},
		{schedule.Query{Causes: []schedule.Cause{schedule.ByHand, schedule.OnData}}, []string{"b 2  planned 0 "}},
		{schedule.Query{Last: 1}, []string{"a 3  planned 0 "}},
		{schedule.Query{Causes: []schedule.Cause{schedule.OnTime, schedule.First}, Last: 2}, []string{"a 2  planned 0 ", "a 3  planned 0 "}},
		{schedule.Query{Job: "none"}, nil},
	} {
		var got []string
		for _, e := range entries(t, l, c.q) {
			got = append(got, line(e))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.q, got, c.want)
		}
	}
}

func notBeforeDue(t *testing.T, p Place) {
	l := opened(t, p)
	nothing(t, l, 1)
	later := planned("b", 1)
	later.NotBefore = at(4)
	plan(t, l, 2, planned("a", 3), later)
	nothing(t, l, 2)
	if e := claim(t, l, 3, long).Entry(); e.Job != "a" {
		t.Errorf("claimed %s", line(e))
	}
	if e := claim(t, l, 4, long).Entry(); e.Job != "b" {
		t.Errorf("claimed %s", line(e))
	}
}

func oldestFirst(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 3, planned("b", 2), planned("a", 3), planned("c", 1))
	var got []string
	for range 3 {
		got = append(got, claim(t, l, 9, long).Entry().Job)
	}
	if want := []string{"c", "b", "a"}; !slices.Equal(got, want) {
		t.Errorf("claimed %q, want %q", got, want)
	}
}

func inOrder(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 3, planned("a", 1), planned("a", 2), planned("b", 5))
	first := claim(t, l, 9, long)
	if e := claim(t, l, 9, long).Entry(); e.Job != "b" {
		t.Fatalf("claimed %s while an older one runs", line(e))
	}
	nothing(t, l, 9)
	end(t, first, done(9, "r1"))
	if e := claim(t, l, 9, long).Entry(); e.Due != at(2) || e.State != schedule.Running || e.Attempt != 1 || e.Worker != "worker" || e.Token == "" {
		t.Errorf("claimed %+v", e)
	}
}

func retryBlocks(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 2, planned("a", 1), planned("a", 2))
	first := claim(t, l, 3, long)
	end(t, first, schedule.Outcome{State: schedule.Planned, At: at(3), NotBefore: at(8), Reason: "no server answers"})
	nothing(t, l, 7)
	again := claim(t, l, 8, long)
	if e := again.Entry(); e.Due != at(1) || e.Attempt != 2 || e.Token == first.Entry().Token {
		t.Fatalf("claimed %+v", e)
	}
	end(t, again, schedule.Outcome{State: schedule.Failed, At: at(9), Reason: "column tax is missing"})
	if e := claim(t, l, 9, long).Entry(); e.Due != at(2) {
		t.Errorf("claimed %s", line(e))
	}
	if e := entries(t, l, schedule.Query{})[0]; e.State != schedule.Failed || e.Reason != "column tax is missing" || e.EndedAt != at(9) || e.StartedAt != at(8) {
		t.Errorf("%+v", e)
	}
}

func targetsApart(t *testing.T, p Place) {
	l := opened(t, p)
	call, command := planned("a", 1), planned("a", 1)
	call.Target, command.Target = "call", "command"
	plan(t, l, 4, planned("a", 1), planned("a", 2), call, command)
	var got []string
	for range 3 {
		got = append(got, claim(t, l, 9, long).Entry().Target)
	}
	if want := []string{"", "call", "command"}; !slices.Equal(got, want) {
		t.Errorf("claimed %q, want %q", got, want)
	}
	nothing(t, l, 9)
}

func neverClaimed(t *testing.T, p Place) {
	l := opened(t, p)
	skipped := planned("a", 1)
	skipped.State, skipped.Cause = schedule.Skipped, schedule.First
	plan(t, l, 3, skipped, planned("a", 2), planned("a", 3))
	end(t, claim(t, l, 9, long), done(9, "r1"))
	end(t, claim(t, l, 9, long), schedule.Outcome{State: schedule.Skipped, At: at(9), Reason: "only the last is caught up"})
	nothing(t, l, 30)
	mustBe(t, l, "a 1  skipped 0 ", "a 2  done 1 r1", "a 3  skipped 1 ")
}
