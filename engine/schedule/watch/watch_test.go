package watch_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/sqlite"
	"github.com/muscope-gis/muscope/engine/schedule/watch"
)

var now = time.Date(2024, 3, 1, 3, 0, 0, 0, time.UTC)

// ledgerOf is a ledger with a good evaluation of monthly and a failed one of yearly.
func ledgerOf(t testing.TB) schedule.Ledger {
	t.Helper()
	l, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	entry := func(job string, ago time.Duration) schedule.Entry {
		return schedule.Entry{Key: schedule.Key{Job: job, Due: now.Add(-ago)}, Cause: schedule.OnTime, Period: "2024-02", State: schedule.Planned}
	}
	if _, err := l.Plan(t.Context(), []schedule.Entry{entry("monthly", 3*time.Minute), entry("yearly", 2*time.Minute)}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []schedule.Outcome{
		{State: schedule.Done, At: now.Add(-time.Minute), Result: schedule.Result{RunID: "r1", Place: "p", Counts: map[string]map[string]int64{"grades": {"A": 55}}}},
		{State: schedule.Failed, At: now, Reason: `column "tax" is missing`},
	} {
		c, err := l.Claim(t.Context(), "w", now.Add(-90*time.Second), time.Minute)
		if err == nil {
			err = c.End(t.Context(), o)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// watched listens to a schedule of two jobs.
func watched(t testing.TB, l schedule.Ledger, alive time.Time) (get func(path string) (int, string)) {
	t.Helper()
	cron, err := schedule.ParseCron("30 2 1 * *", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	w := &watch.Watch{
		Ledger: l, Zone: time.UTC, Now: func() time.Time { return now }, Version: "v1", Alive: func() time.Time { return alive }, Patience: time.Minute,
		Jobs: []schedule.Job{{Name: "monthly", Cron: cron, Period: schedule.Monthly}, {Name: "yearly", Period: schedule.Yearly}},
	}
	ctx, stop := context.WithCancel(t.Context())
	at, stopped, err := w.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		<-stopped
	})
	return func(path string) (int, string) {
		t.Helper()
		answer, err := http.Get("http://" + at.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
}

func TestAFailedEvaluationIsToldButIsNoReasonToRestart(t *testing.T) {
	code, body := watched(t, ledgerOf(t), now)("/healthz")
	if code != http.StatusOK || !strings.Contains(body, `"monthly":"ok"`) || !strings.Contains(body, `"yearly":"failing"`) {
		t.Errorf("%d %s", code, body)
	}
}

func TestASchedulerThatShowsNoSignOfLifeIsUnhealthy(t *testing.T) {
	get := watched(t, ledgerOf(t), now.Add(-time.Hour))
	if code, body := get("/healthz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "no sign of life for 1h0m0s") {
		t.Errorf("%d %s", code, body)
	}
}

// broken is a ledger that does not answer.
type broken struct{ schedule.Ledger }

var errDown = errors.New("postgres://db.bureau/land: no server answers")

func (broken) Entries(context.Context, schedule.Query) ([]schedule.Entry, error) { return nil, errDown }

func TestALedgerThatDoesNotAnswerIsUnhealthyAndMetricsSaySo(t *testing.T) {
	get := watched(t, broken{}, now)
	for _, path := range []string{"/healthz", "/status"} {
		if code, body := get(path); code != http.StatusServiceUnavailable || !strings.Contains(body, "no server answers") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, body := get("/metrics"); code != http.StatusOK || !strings.Contains(body, "muscope_ledger_up 0\n") || strings.Contains(body, "job_health") {
		t.Errorf("%d %s", code, body)
	}
}

func TestTheStatusIsThatOfTheCommandLine(t *testing.T) {
	l := ledgerOf(t)
	_, body := watched(t, l, now)("/status")
	var got []schedule.Status
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].LastGood == nil || got[0].LastGood.RunID != "r1" || got[1].Failed == nil || got[1].Health != schedule.Failing {
		t.Errorf("%+v", got)
	}
}

func TestPrometheusReadsTheMetricsAndFindsNothingToBlame(t *testing.T) {
	_, body := watched(t, ledgerOf(t), now)("/metrics")
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	value := func(name string, labels ...string) float64 {
		for _, m := range families[name].GetMetric() {
			found := len(labels)/2 <= len(m.GetLabel())
			for i := 0; i < len(labels); i += 2 {
				has := false
				for _, l := range m.GetLabel() {
					has = has || l.GetName() == labels[i] && l.GetValue() == labels[i+1]
				}
				found = found && has
			}
			if found {
				return m.GetGauge().GetValue()
			}
		}
		t.Errorf("no %s %q in %s", name, labels, body)
		return 0
	}
	for _, c := range []struct {
		want float64
		name string
		of   []string
	}{
		{1, "muscope_ledger_up", nil},
		{1, "muscope_info", []string{"version", "v1"}},
		{1, "muscope_job_healthy", []string{"job", "monthly"}},
		{0, "muscope_job_healthy", []string{"job", "yearly"}},
		{1, "muscope_job_health", []string{"job", "yearly", "health", "failing"}},
		{0, "muscope_job_health", []string{"job", "yearly", "health", "ok"}},
		{float64(now.Add(-time.Minute).Unix()), "muscope_job_last_success_timestamp_seconds", []string{"job", "monthly"}},
		{30, "muscope_job_last_success_duration_seconds", []string{"job", "monthly"}},
		{55, "muscope_job_last_success_verdicts", []string{"job", "monthly", "group", "grades", "verdict", "A"}},
		{float64(time.Date(2024, 4, 1, 2, 30, 0, 0, time.UTC).Unix()), "muscope_job_next_timestamp_seconds", []string{"job", "monthly"}},
		{1, "muscope_job_occurrences", []string{"job", "yearly", "state", "failed"}},
	} {
		if got := value(c.name, c.of...); got != c.want {
			t.Errorf("%s %q is %v, want %v", c.name, c.of, got, c.want)
		}
	}
}

func TestOnlyWhatIsServedIsFoundAndOnlyRead(t *testing.T) {
	get := watched(t, ledgerOf(t), now)
	for _, path := range []string{"/", "/etc/passwd", "/debug/pprof/"} {
		if code, _ := get(path); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
}

func TestAnAddressThatIsTakenIsNamed(t *testing.T) {
	w := &watch.Watch{Ledger: broken{}, Now: time.Now, Alive: time.Now}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	at, _, err := w.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Listen(ctx, at.String()); err == nil || !strings.Contains(err.Error(), at.String()) {
		t.Errorf("%v", err)
	}
}
