package ledgertest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
)

func renewed(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 1, planned("a", 1))
	c := holding(t, l)
	if other, err := l.Claim(t.Context(), "another", time.Now(), long); err != nil || other != nil {
		t.Fatalf("taken over by %+v, %v while the claim was renewed", other, err)
	}
	end(t, c, done(9, "r1"))
	mustBe(t, l, "a 1  done 1 r1")
}

// holding is a claim that was renewed before another could take it over.
func holding(t testing.TB, l schedule.Ledger) schedule.Claim {
	t.Helper()
	c, err := l.Claim(t.Context(), "worker", time.Now(), short)
	if err != nil || c == nil {
		t.Fatalf("claimed %v, %v", c, err)
	}
	if err := c.Beat(t.Context(), time.Now(), long); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * short) // the first lease is over
	return c
}

func takeOver(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 1, planned("a", 1))
	first, err := l.Claim(t.Context(), "worker", time.Now(), short)
	if err != nil || first == nil {
		t.Fatalf("claimed %v, %v", first, err)
	}
	r := schedule.Result{RunID: "r1", Place: "a/2024-02/r1", Inputs: "i", Policies: "p", Counts: map[string]map[string]int64{"grades": {"A": 2, "甲": 1}}}
	if err := first.Publish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	second := takenOver(t, l)
	e := second.Entry()
	if !reflect.DeepEqual(e.Result, r) || e.Attempt != 2 || e.Worker != "another" || e.Token == first.Entry().Token {
		t.Errorf("taken over: %+v", e)
	}
	if again, err := l.Claim(t.Context(), "third", time.Now(), long); err != nil || again != nil {
		t.Errorf("claimed twice: %+v, %v", again, err)
	}
}

func lostClaim(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 1, planned("a", 1))
	lost, err := l.Claim(t.Context(), "worker", time.Now(), short)
	if err != nil || lost == nil {
		t.Fatalf("claimed %v, %v", lost, err)
	}
	holder := takenOver(t, l)
	before := story(t, l)
	refused(t, lost, schedule.Outcome{State: schedule.Done, At: at(9), Result: schedule.Result{RunID: "r0"}, Follow: []schedule.Entry{planned("x", 1)}})
	if after := story(t, l); after != before {
		t.Errorf("the ledger became\n%sfrom\n%s", after, before)
	}
	end(t, holder, done(9, "r1"))
	refused(t, lost, done(9, "r0"))
	mustBe(t, l, "a 1  done 2 r1")
}

// refused asserts that a claim is lost, whatever is asked of it.
func refused(t testing.TB, c schedule.Claim, o schedule.Outcome) {
	t.Helper()
	for what, err := range map[string]error{
		"beat": c.Beat(t.Context(), time.Now(), long), "publish": c.Publish(t.Context(), o.Result), "end": c.End(t.Context(), o),
	} {
		if !errors.Is(err, schedule.ErrLost) {
			t.Errorf("%s with a claim that is lost: %v", what, err)
		}
	}
}

func endedClaim(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 1, planned("a", 1))
	c := claim(t, l, 1, long)
	end(t, c, done(9, "r1"))
	end(t, c, done(9, "r1"))
	refused(t, c, done(9, "r2"))
	refused(t, c, schedule.Outcome{State: schedule.Failed, At: at(9), Reason: "late"})
	mustBe(t, l, "a 1  done 1 r1")
}

func publishedStays(t *testing.T, p Place) {
	l := opened(t, p)
	one := planned("a", 1)
	one.Inputs = "as planned"
	plan(t, l, 1, one)
	first := claim(t, l, 1, long)
	if e := first.Entry(); e.Inputs != "as planned" {
		t.Fatalf("claimed with inputs %q", e.Inputs)
	}
	if err := first.Publish(t.Context(), schedule.Result{RunID: "r1", Place: "a/2024-02/r1", Inputs: "i"}); err != nil {
		t.Fatal(err)
	}
	end(t, first, schedule.Outcome{State: schedule.Planned, At: at(2), Reason: "disk full"})
	second := claim(t, l, 3, long)
	if e := second.Entry(); e.RunID != "r1" || e.Place != "a/2024-02/r1" || e.Inputs != "i" {
		t.Errorf("after a try that published nothing: %+v", e)
	}
	end(t, second, schedule.Outcome{State: schedule.Done, At: at(4), Result: schedule.Result{RunID: "r2", Place: "a/2024-02/r2"}})
	if e := entries(t, l, schedule.Query{})[0]; e.RunID != "r2" || e.Place != "a/2024-02/r2" || e.Inputs != "" || e.Reason != "" {
		t.Errorf("done: %+v", e)
	}
}

func follows(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 2, planned("a", 1), planned("a", 2))
	o := done(9, "r1")
	call := planned("a", 1)
	call.Target = "call"
	o.Follow = []schedule.Entry{call, planned("a", 2)}
	end(t, claim(t, l, 1, long), o)
	mustBe(t, l, "a 1  done 1 r1", "a 1 call planned 0 ", "a 2  planned 0 ")
}

func kept(t *testing.T, p Place) {
	l := opened(t, p)
	changed := planned("a", 1)
	changed.Inputs = "i0"
	plan(t, l, 1, changed)
	c := claim(t, l, 1, long)
	for range 2 {
		end(t, c, schedule.Outcome{State: schedule.Planned, At: at(2), NotBefore: at(3), Reason: "no server answers"})
	}
	if e := entries(t, l, schedule.Query{})[0]; e.Inputs != "i0" || e.State != schedule.Planned || e.Reason != "no server answers" {
		t.Errorf("to be tried again: %+v", e)
	}
	c = claim(t, l, 3, long)
	if err := c.Publish(t.Context(), schedule.Result{RunID: "r1", Place: "a/2024-02/r1", Inputs: "i1"}); err != nil {
		t.Fatal(err)
	}
	end(t, c, schedule.Outcome{State: schedule.Failed, At: at(4), Reason: "no room"})
	if e := entries(t, l, schedule.Query{})[0]; e.RunID != "r1" || e.Inputs != "i1" || e.State != schedule.Failed || !e.NotBefore.IsZero() {
		t.Errorf("failed: %+v", e)
	}
}

func cutShort(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 1, planned("a", 1))
	end(t, claim(t, l, 1, long), schedule.Outcome{State: schedule.Planned, At: at(2), Uncounted: true, Reason: "interrupted"})
	mustBe(t, l, "a 1  planned 0 ")
	if e := claim(t, l, 2, long).Entry(); e.Attempt != 1 {
		t.Errorf("attempt %d", e.Attempt)
	}
}

func removed(t *testing.T, p Place) {
	l := opened(t, p)
	plan(t, l, 1, planned("a", 1))
	end(t, claim(t, l, 1, long), done(2, "r1"))
	for range 2 {
		if err := l.Remove(t.Context(), planned("a", 1).Key); err != nil {
			t.Fatal(err)
		}
	}
	if e := entries(t, l, schedule.Query{})[0]; !e.Removed || e.RunID != "r1" || e.State != schedule.Done {
		t.Errorf("%+v", e)
	}
}

func remembers(t *testing.T, p Place) {
	l := p.Open(t)
	plan(t, l, 3, planned("a", 1), planned("a", 2), planned("b", 3))
	o := done(4, "r1")
	o.Result.Counts = map[string]map[string]int64{"idle_land": {"fee": 3}}
	end(t, claim(t, l, 3, long), o)
	claim(t, l, 3, long)
	before := entries(t, l, schedule.Query{})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = opened(t, p)
	if after := entries(t, l, schedule.Query{}); !reflect.DeepEqual(after, before) {
		t.Errorf("remembered\n%+v\nof\n%+v", after, before)
	}
	if e := claim(t, l, 3, long).Entry(); e.Job != "b" {
		t.Errorf("claimed %s, whose lease is not over", line(e))
	}
}

func manyWorkers(t *testing.T, p Place) {
	const jobs, each, workers = 4, 12, 6
	first := opened(t, p)
	var all []schedule.Entry
	for j := range jobs {
		for m := range each {
			all = append(all, planned(string(rune('a'+j)), m))
		}
	}
	plan(t, first, len(all), all...)
	work := worked{active: map[string]bool{}, order: map[string][]int{}}
	var wait sync.WaitGroup
	for w := range workers {
		l := first
		if p.Shared {
			l = opened(t, p)
		}
		wait.Go(func() { work.until(t, l, fmt.Sprint("w", w), jobs*each) })
	}
	wait.Wait()
	for job, order := range work.order {
		if !slices.IsSorted(order) || len(order) != each {
			t.Errorf("job %s was done in the order %v", job, order)
		}
	}
	for _, e := range entries(t, first, schedule.Query{}) {
		if e.State != schedule.Done || e.Attempt != 1 || e.RunID != e.Worker {
			t.Errorf("%+v", e)
		}
	}
}

// worked notes what several workers did.
type worked struct {
	mu     sync.Mutex
	active map[string]bool
	order  map[string][]int
	count  int
}

// until claims and ends what is due until so many are done.
func (w *worked) until(t *testing.T, l schedule.Ledger, worker string, total int) {
	for {
		w.mu.Lock()
		over := w.count >= total || t.Failed()
		w.mu.Unlock()
		if over {
			return
		}
		c, err := l.Claim(t.Context(), worker, at(59), long)
		if err != nil {
			t.Error(err)
			return
		}
		if c == nil {
			continue
		}
		e := c.Entry()
		w.mu.Lock()
		if w.active[e.Job] {
			t.Errorf("two of job %s at once", e.Job)
		}
		w.active[e.Job] = true
		w.order[e.Job] = append(w.order[e.Job], e.Due.Minute())
		w.mu.Unlock()
		w.mu.Lock()
		w.active[e.Job] = false
		w.count++
		w.mu.Unlock()
		if err := c.End(t.Context(), done(59, worker)); err != nil {
			t.Error(err)
			return
		}
	}
}
