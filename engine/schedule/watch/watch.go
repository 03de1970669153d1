// Package watch lets others see how a schedule is: /healthz for whoever restarts what
// does not live, /status as the command line has it, /metrics for Prometheus. Everything
// is asked of the ledger when it is asked for, so that all schedulers of a ledger tell
// the same.
//
// It changes nothing, tells no password, and serves no results.
package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// Watch looks at a schedule.
type Watch struct {
	Ledger  schedule.Ledger
	Jobs    []schedule.Job
	Zone    *time.Location
	Now     func() time.Time
	Version string // of the program
	// Alive is when the scheduler last showed that it lives.
	Alive func() time.Time
	// Patience is after how long without such a sign it counts as dead.
	Patience time.Duration
}

// patience is how long the ledger may take to answer.
const patience = 10 * time.Second

// Handler serves /healthz, /status and /metrics.
func (w *Watch) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(w)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", w.health)
	mux.HandleFunc("GET /status", w.status)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError, Timeout: 2 * patience}))
	return mux
}

// Listen serves at an address until ctx ends. It returns once it listens; stopped is
// closed when it has ended.
func (w *Watch) Listen(ctx context.Context, address string) (at net.Addr, stopped <-chan struct{}, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, nil, fmt.Errorf("listen %s: %w; name another address with listen", address, err)
	}
	server := &http.Server{
		Handler: w.Handler(), ReadHeaderTimeout: patience, ReadTimeout: patience, WriteTimeout: 3 * patience, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return listener.Addr(), done, nil
}

// of is how each job is.
func (w *Watch) of(ctx context.Context) ([]schedule.Status, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	return schedule.StatusOf(ctx, w.Ledger, w.Jobs, w.Now(), w.Zone)
}

// health answers 200 while the scheduler shows that it lives and its ledger answers, else
// 503. That an evaluation failed is no reason to restart anything: it is told, no more.
func (w *Watch) health(out http.ResponseWriter, r *http.Request) {
	answer := struct {
		Status string                     `json:"status"`
		Reason string                     `json:"reason,omitempty"`
		Jobs   map[string]schedule.Health `json:"jobs,omitempty"`
	}{Status: "ok"}
	all, err := w.of(r.Context())
	since := w.Now().Sub(w.Alive())
	switch {
	case err != nil:
		answer.Status, answer.Reason = "unhealthy", err.Error()
	case since > w.Patience:
		answer.Status, answer.Reason = "unhealthy", fmt.Sprintf("no sign of life for %s", since.Round(time.Second))
	default:
		answer.Jobs = map[string]schedule.Health{}
		for _, s := range all {
			answer.Jobs[s.Job] = s.Health
		}
	}
	code := http.StatusOK
	if answer.Status != "ok" {
		code = http.StatusServiceUnavailable
	}
	respond(out, code, answer)
}

func (w *Watch) status(out http.ResponseWriter, r *http.Request) {
	all, err := w.of(r.Context())
	if err != nil {
		respond(out, http.StatusServiceUnavailable, map[string]string{"error": err.Error()})
		return
	}
	respond(out, http.StatusOK, all)
}

func respond(out http.ResponseWriter, code int, answer any) {
	out.Header().Set("Content-Type", "application/json; charset=utf-8")
	out.Header().Set("Cache-Control", "no-store")
	out.WriteHeader(code)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	_ = e.Encode(answer)
}
