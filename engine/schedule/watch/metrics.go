package watch

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// The metrics, as the ledger has them.
var (
	info        = describe("info", "Constant 1; the version of the program.", "version")
	up          = describe("ledger_up", "1 where the ledger answered.")
	alive       = describe("alive_timestamp_seconds", "When the scheduler last showed that it lives.")
	healthy     = describe("job_healthy", "1 where the job's latest evaluation is good and nothing is late, retried or failed.", "job")
	health      = describe("job_health", "1 for the way the job is, 0 for the others.", "job", "health")
	good        = describe("job_last_success_timestamp_seconds", "When the job's latest good evaluation ended.", "job")
	took        = describe("job_last_success_duration_seconds", "How long that evaluation took.", "job")
	verdicts    = describe("job_last_success_verdicts", "Its counts of verdicts.", "job", "group", "verdict")
	next        = describe("job_next_timestamp_seconds", "When the job is due next.", "job")
	open        = describe("job_open", "Occurrences of the job that are due and have not ended.", "job")
	undelivered = describe("job_undelivered", "Deliveries of the job's results that failed or are tried again.", "job")
	entries     = describe("job_occurrences", "Evaluations of the job that the ledger remembers, by what became of them.", "job", "state")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("muscope_"+name, help, labels, nil)
}

// ways are the ways a job may be.
var ways = []schedule.Health{schedule.Well, schedule.Waiting, schedule.Working, schedule.Retrying, schedule.Failing, schedule.Late}

// Describe implements [prometheus.Collector].
func (w *Watch) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{info, up, alive, healthy, health, good, took, verdicts, next, open, undelivered, entries} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (w *Watch) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(info, 1, w.Version)
	gauge(alive, seconds(w.Alive()))
	all, err := w.of(context.Background())
	var counts map[string]map[schedule.State]int
	if err == nil {
		counts, err = w.counts()
	}
	gauge(up, truth(err == nil))
	if err != nil {
		return
	}
	for _, s := range all {
		gauge(healthy, truth(s.Health == schedule.Well || s.Health == schedule.Waiting || s.Health == schedule.Working && s.Failed == nil), s.Job)
		for _, way := range ways {
			gauge(health, truth(s.Health == way), s.Job, string(way))
		}
		if e := s.LastGood; e != nil {
			gauge(good, seconds(e.EndedAt), s.Job)
			gauge(took, e.EndedAt.Sub(e.StartedAt).Seconds(), s.Job)
			for group, of := range e.Counts {
				for verdict, n := range of {
					gauge(verdicts, float64(n), s.Job, group, verdict)
				}
			}
		}
		if s.Next != nil {
			gauge(next, seconds(s.Next.Due), s.Job)
		}
		gauge(open, float64(s.Open), s.Job)
		gauge(undelivered, float64(len(s.Undelivered)), s.Job)
		for _, state := range []schedule.State{schedule.Planned, schedule.Running, schedule.Done, schedule.Failed, schedule.Skipped} {
			gauge(entries, float64(counts[s.Job][state]), s.Job, string(state))
		}
	}
}

// counts are the evaluations of each job, by state.
func (w *Watch) counts() (map[string]map[schedule.State]int, error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	all, err := w.Ledger.Entries(ctx, schedule.Query{})
	if err != nil {
		return nil, err
	}
	counts := map[string]map[schedule.State]int{}
	for _, e := range all {
		if e.Target != "" {
			continue
		}
		if counts[e.Job] == nil {
			counts[e.Job] = map[schedule.State]int{}
		}
		counts[e.Job][e.State]++
	}
	return counts, nil
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}
