package schedule_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/sqlite"
)

// bureau is a schedule with a clock that the test sets and evaluations that write a file.
type bureau struct {
	t         testing.TB
	root      string
	zone      *time.Location
	ledger    schedule.Ledger
	jobs      []schedule.Job
	keep      map[schedule.Kind]int
	log       bytes.Buffer
	evaluator *maker
	clock     *clock
	deliver   func(ctx context.Context, d, of schedule.Entry) error
}

// clock is a clock that a waiting scheduler moves on, and that ends the schedule when it
// comes to an instant.
type clock struct {
	mu   sync.Mutex
	now  time.Time
	end  time.Time
	stop context.CancelFunc
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Wait(_ context.Context, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now = c.now.Add(d); c.now.After(c.end) {
		c.now = c.end
		c.stop()
	}
}

// maker makes results: a file that says what was evaluated under what.
type maker struct {
	mu     sync.Mutex
	inputs string
	rules  string
	made   []string // periods, in the order they were evaluated
	fails  func(t schedule.Task) error
	before func(ctx context.Context, t schedule.Task)
	after  func(runID string) // the result was announced, and is not in its place yet
}

func (m *maker) Inputs(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.inputs, nil
}

func (m *maker) set(inputs string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inputs = inputs
}

func (m *maker) Policies(context.Context, string) (string, error) { return "rules " + m.rules, nil }
func (m *maker) Holds(context.Context, schedule.Result) (bool, error) {
	return false, errors.New("no database")
}
func (m *maker) Remove(context.Context, schedule.Result) error { return nil }
func (m *maker) Place() string                                 { return "nowhere" }
func (m *maker) Evaluate(ctx context.Context, t schedule.Task) error {
	inputs, _ := m.Inputs(ctx)
	m.made = append(m.made, t.Period)
	if m.before != nil {
		m.before(ctx, t)
	}
	if m.fails != nil {
		if err := m.fails(t); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	text := fmt.Sprint(t.Job, t.Period, t.AsOf, inputs, m.rules)
	sum := sha256.Sum256([]byte(text))
	if err := os.Mkdir(t.Dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(t.Dir, "manifest.json"), []byte(text), 0o600); err != nil {
		return err
	}
	runID := hex.EncodeToString(sum[:8])
	err := t.Announce(runID, map[string]map[string]int64{"grades": {"A": 1}})
	if err == nil && m.after != nil {
		m.after(runID)
	}
	return err
}

// room is a folder in memory, where the system has such: a decade is a thousand times that
// the disk is waited for.
func room(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "muscope-schedule-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func newBureau(t testing.TB, in string, jobs ...schedule.Job) *bureau {
	t.Helper()
	b := &bureau{t: t, root: room(t), zone: zone(t, in), evaluator: &maker{inputs: "i1", rules: "1"}, clock: &clock{}}
	for _, j := range jobs {
		if j.CatchUp == "" {
			j.CatchUp = schedule.CatchUpAll
		}
		if j.AsOf == "" {
			j.AsOf = schedule.AtPeriodEnd
		}
		if j.Tries == 0 {
			j.Tries = 3
		}
		b.jobs = append(b.jobs, j)
	}
	l, err := sqlite.Open(t.Context(), filepath.Join(b.root, ".muscope", "ledger.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	b.ledger = l
	return b
}

// job is a job of a period with a cron expression in the bureau's zone.
func timed(t testing.TB, name, expression, in string, period schedule.Kind) schedule.Job {
	return schedule.Job{Name: name, Cron: cron(t, expression, in), Period: period}
}

// run has a scheduler, started anew, work from one instant to another.
func (b *bureau) run(from, to string) {
	b.t.Helper()
	ctx, stop := context.WithCancel(b.t.Context())
	defer stop()
	b.clock.now, b.clock.end, b.clock.stop = instant(b.t, from), instant(b.t, to), stop
	if err := b.scheduler().Run(ctx); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bureau) scheduler() *schedule.Scheduler {
	return &schedule.Scheduler{
		Jobs: b.jobs, Zone: b.zone, Ledger: b.ledger, Evaluator: b.evaluator, Results: &schedule.Results{Root: b.root}, Clock: b.clock,
		Log: slog.New(slog.NewTextHandler(&b.log, nil)), Worker: "test", Keep: b.keep, Deliver: b.deliver, Poll: 10_000 * time.Hour,
	}
}

func (b *bureau) entries(q schedule.Query) []schedule.Entry {
	b.t.Helper()
	all, err := b.ledger.Entries(b.t.Context(), q)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// story is what the ledger remembers: job, due in the zone, period, as of, state, cause.
func (b *bureau) story() []string {
	var lines []string
	for _, e := range b.entries(schedule.Query{}) {
		lines = append(lines, strings.Join([]string{e.Job, e.Due.In(b.zone).Format("2006-01-02 15:04"), e.Period, e.AsOf.String(), string(e.State)}, " "))
	}
	return lines
}

func (b *bureau) tells(want ...string) {
	b.t.Helper()
	if got := b.story(); !slices.Equal(got, want) {
		b.t.Errorf("the ledger tells\n  %s\nwant\n  %s\n%s", strings.Join(got, "\n  "), strings.Join(want, "\n  "), b.log.String())
	}
}

// published are the results in the folder: JOB/PERIOD/RUN.
func (b *bureau) published() []string {
	b.t.Helper()
	paths, err := filepath.Glob(filepath.Join(b.root, "*", "*", "*"))
	if err != nil {
		b.t.Fatal(err)
	}
	var got []string
	for _, path := range paths {
		rel, _ := filepath.Rel(b.root, path)
		if !strings.HasPrefix(rel, ".") {
			got = append(got, filepath.ToSlash(rel))
		}
	}
	return got
}

// whole asserts that ledger and folder tell the same: each result that the ledger names is
// there, no other is, and nothing is left of tries.
func (b *bureau) whole() {
	b.t.Helper()
	named := []string{}
	for _, e := range b.entries(schedule.Query{States: []schedule.State{schedule.Done}}) {
		if e.Target == "" && !e.Removed && !slices.Contains(named, e.Place) {
			named = append(named, e.Place)
		}
	}
	slices.Sort(named)
	got := b.published()
	slices.Sort(got)
	if !slices.Equal(named, got) {
		b.t.Errorf("the ledger names\n%q\nin the folder are\n%q", named, got)
	}
	for _, place := range got {
		if text, err := os.ReadFile(filepath.Join(b.root, filepath.FromSlash(place), "manifest.json")); err != nil || len(text) == 0 {
			b.t.Errorf("%s: %d bytes, %v", place, len(text), err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(b.root, ".muscope", "work")); err == nil && len(left) > 0 {
		b.t.Errorf("left in the working folder: %v", left)
	}
}
