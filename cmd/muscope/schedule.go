package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/ledger"
	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/config"
	"github.com/muscope-gis/muscope/engine/schedule/sqlite"
)

type scheduleFlags struct {
	config string
	once   bool
}

func newScheduleCommand(streams Streams, s *shared) *cobra.Command {
	f := &scheduleFlags{}
	cmd := &cobra.Command{
		Use:   "schedule --config FILE",
		Short: "Evaluate by a calendar, or when data arrives, unattended",
		Long: `schedule evaluates what a file says when it says it, month after month: each occurrence
once, and whole or not at all. What was missed while nothing ran is caught up, the oldest
first. It runs until it is stopped; --once does what is due and ends, for a timer of the
system. What it did and will do is told by schedule status.

` + exitCodes,
		Example: "  muscope schedule check schedule.yaml\n  muscope schedule --config schedule.yaml --log-format json",
		Args:    noSuchCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runSchedule(cmd.Context(), f, s, streams) },
	}
	addConfig(cmd, &f.config)
	cmd.Flags().BoolVar(&f.once, "once", false, "do what is due, then end")
	cmd.AddCommand(newScheduleCheckCommand(streams, s), newScheduleStatusCommand(streams, s), newScheduleRunCommand(streams, s),
		newScheduleBackfillCommand(streams, s), newScheduleSchemaCommand(streams))
	return cmd
}

func addConfig(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the schedule: a YAML file (required)")
}

func runSchedule(ctx context.Context, f *scheduleFlags, s *shared, streams Streams) error {
	p, err := openPlan(f.config, s, streams)
	if err != nil {
		return err
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	defer p.close()
	p.scheduler.Once = f.once
	if err := p.secrets(); err != nil {
		return err
	}
	if err := p.lock(ctx); err != nil {
		return err
	}
	if !f.once {
		if err := p.watch(ctx); err != nil {
			return err
		}
	}
	if err := p.scheduler.Run(ctx); err != nil || !f.once {
		return err
	}
	return ctx.Err()
}

// scheduled is a schedule with all that it works with.
type scheduled struct {
	*config.Config
	shared    *shared
	log       *slog.Logger
	jobs      []schedule.Job
	results   *schedule.Results
	ledger    schedule.Ledger
	scheduler *schedule.Scheduler
	release   []func()
}

// openPlan reads a schedule; nothing that it names is opened.
func openPlan(path string, s *shared, streams Streams) (*scheduled, error) {
	if path == "" {
		return nil, usage(errors.New("schedule: --config is missing; see muscope schedule --help"))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("schedule: read %w", err)
	}
	c, err := config.Parse(path, text)
	if err != nil {
		return nil, err
	}
	if s.lang == "" {
		s.lang = c.Language
	}
	if c.Out != "" && !postgis.IsAddress(c.Data) && within(c.Out, c.Data) {
		return nil, usage(fmt.Errorf("schedule %s: out %s is in the folder of the data: results would be read as data; name another", path, c.Out))
	}
	p := &scheduled{Config: c, shared: s, log: eventLog(s, streams.Err)}
	if c.Out != "" {
		p.results = &schedule.Results{Root: c.Out}
	}
	for _, j := range c.Jobs {
		p.jobs = append(p.jobs, j.Job)
	}
	return p, nil
}

// eventLog is where the schedule tells what it does, a line for each event.
func eventLog(s *shared, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{}
	if s.quiet {
		o.Level = slog.LevelError
	}
	if s.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// ledgerAt is where the ledger is: a file, or the address of a database.
func (p *scheduled) ledgerAt() string {
	switch {
	case p.Ledger != "":
		return p.Ledger
	case postgis.IsAddress(p.Data):
		return p.Data
	case postgis.IsAddress(p.To):
		return p.To
	}
	return filepath.Join(p.results.Own(), "ledger.sqlite")
}

// open opens the ledger, and makes it where there is none.
func (p *scheduled) open(ctx context.Context) (err error) {
	at := p.ledgerAt()
	if postgis.IsAddress(at) {
		p.ledger, err = ledger.Open(ctx, at, p.Name)
	} else {
		p.ledger, err = sqlite.Open(ctx, at)
	}
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	p.scheduler = &schedule.Scheduler{
		Jobs: p.jobs, Zone: p.Zone, Ledger: p.ledger, Evaluator: newEvaluations(p), Results: p.results, Clock: schedule.Wall{}, Log: p.log,
		Worker: fmt.Sprintf("%s/%d", host, os.Getpid()), Keep: p.Keep, Heartbeat: p.Heartbeat, Lease: p.Lease,
		Deliver: p.notifier().Deliver,
	}
	return nil
}

// look opens the ledger to read what is there; nil: there is none yet.
func (p *scheduled) look(ctx context.Context) (err error) {
	at := p.ledgerAt()
	if postgis.IsAddress(at) {
		p.ledger, err = ledger.Open(ctx, at, p.Name)
		return err
	}
	file, err := sqlite.OpenToRead(ctx, at)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		p.ledger = file
	}
	return err
}

// lock takes what only one scheduler may have: the folders of a ledger in a file and of
// its results. A ledger in a database is for any number.
func (p *scheduled) lock(ctx context.Context) error {
	at := p.ledgerAt()
	if postgis.IsAddress(at) {
		return nil
	}
	host, _ := os.Hostname()
	me := sqlite.Holder{Host: host, PID: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second)}
	folders := []string{filepath.Dir(at)}
	if p.results != nil && !within(p.results.Own(), folders[0]) {
		folders = append(folders, p.results.Own())
	}
	for _, folder := range folders {
		release, err := sqlite.Lock(folder, me)
		if err != nil {
			return err
		}
		p.release = append(p.release, release)
	}
	if file, ok := p.ledger.(*sqlite.Ledger); ok {
		return file.Abandon(ctx)
	}
	return nil
}

func (p *scheduled) close() {
	for _, release := range p.release {
		release()
	}
	if p.ledger != nil {
		_ = p.ledger.Close()
	}
}

// named finds a job of the schedule.
func (p *scheduled) named(name string) (*schedule.Job, error) {
	for i := range p.jobs {
		if p.jobs[i].Name == name {
			return &p.jobs[i], nil
		}
	}
	names := p.Names()
	meant := "; its jobs are " + strings.Join(names, ", ")
	if n, ok := policy.Nearest(name, names); ok {
		meant = "; did you mean " + n + "?"
	}
	return nil, usage(fmt.Errorf("schedule %s has no job %q%s", p.File, name, meant))
}
