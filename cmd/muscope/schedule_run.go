package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/sqlite"
	"github.com/muscope-gis/muscope/engine/unit"
)

func today(at time.Time, zone *time.Location) unit.Date {
	year, month, day := at.In(zone).Date()
	d, _ := unit.NewDate(year, int(month), day)
	return d
}

// oneJob wants the name of a job.
func oneJob(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(fmt.Errorf("schedule %s: takes the name of one job; see muscope schedule %s --help", command, command))
		}
		return nil
	}
}

func newScheduleRunCommand(streams Streams, s *shared) *cobra.Command {
	f := &struct {
		config, period string
		again          bool
	}{}
	cmd := &cobra.Command{
		Use:   "run JOB --config FILE [--period 2024]",
		Short: "Have a job evaluate a period now",
		Long: `run notes in the ledger that a job is to evaluate a period, by default the last. Where a
scheduler runs, it takes it; else run does it, and what is due before it, and ends.

` + exitCodes,
		Example: "  muscope schedule run yearly --config schedule.yaml --period 2024",
		Args:    oneJob("run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := openPlan(f.config, s, streams)
			if err != nil {
				return err
			}
			defer p.close()
			return p.runByHand(cmd.Context(), args[0], f.period, f.again, streams)
		},
	}
	addConfig(cmd, &f.config)
	cmd.Flags().StringVar(&f.period, "period", "", "2024, 2024Q3 or 2024-09 (default: the job's last)")
	cmd.Flags().BoolVar(&f.again, "again", false, "evaluate it though there is a result")
	return cmd
}

func (p *scheduled) runByHand(ctx context.Context, name, period string, again bool, streams Streams) error {
	j, err := p.named(name)
	if err != nil {
		return err
	}
	now := time.Now()
	of := schedule.LastBefore(today(now, p.Zone), j.Period)
	if period != "" {
		if of, err = schedule.ParsePeriod(period); err != nil {
			return usage(err)
		}
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	if !again {
		done, err := p.ledger.Entries(ctx, schedule.Query{Job: name, States: []schedule.State{schedule.Done}})
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(done) {
			if e.Target == "" && !e.Removed && e.Period == of.String() {
				p.say(streams, "schedule.there", e.Period, e.RunID, p.where(e.Result))
				return nil
			}
		}
	}
	return p.plan(ctx, []schedule.Entry{j.Manual(of, now, p.Zone)}, streams)
}

func newScheduleBackfillCommand(streams Streams, s *shared) *cobra.Command {
	f := &struct{ config, from, to string }{}
	cmd := &cobra.Command{
		Use:   "backfill JOB --config FILE --from 2020 --to 2024",
		Short: "Have a job evaluate the periods of the past",
		Long: `backfill notes in the ledger that a job is to evaluate periods of the past, each as when it
was due. Those that are known already are left as they are: to ask twice is to ask once.

` + exitCodes,
		Example: "  muscope schedule backfill monthly --config schedule.yaml --from 2024-01 --to 2024-12",
		Args:    oneJob("backfill"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := openPlan(f.config, s, streams)
			if err != nil {
				return err
			}
			defer p.close()
			return p.backfill(cmd.Context(), args[0], f.from, f.to, streams)
		},
	}
	addConfig(cmd, &f.config)
	cmd.Flags().StringVar(&f.from, "from", "", "first period: 2020, 2020Q1 or 2020-01 (required)")
	cmd.Flags().StringVar(&f.to, "to", "", "last period (required)")
	return cmd
}

func (p *scheduled) backfill(ctx context.Context, name, from, to string, streams Streams) error {
	j, err := p.named(name)
	if err != nil {
		return err
	}
	first, err := schedule.ParsePeriod(from)
	if err != nil {
		return usage(fmt.Errorf("--from: %w", err))
	}
	last, err := schedule.ParsePeriod(to)
	if err != nil {
		return usage(fmt.Errorf("--to: %w", err))
	}
	entries, err := j.Backfilled(first, last, time.Now(), p.Zone)
	if err != nil {
		return usage(err)
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	return p.plan(ctx, entries, streams)
}

// plan notes entries, and sees that they are done: by the scheduler that runs, or here.
func (p *scheduled) plan(ctx context.Context, entries []schedule.Entry, streams Streams) error {
	entries, fresh, err := schedule.Anew(ctx, p.ledger, entries)
	if err != nil {
		return err
	}
	p.say(streams, "schedule.planned", fresh, len(entries)-fresh)
	var held *sqlite.Held
	if err := p.lock(ctx); errors.As(err, &held) {
		p.say(streams, "schedule.taken", held.By.PID, held.By.Host)
		return nil
	} else if err != nil {
		return err
	}
	p.scheduler.Jobs, p.scheduler.Once, p.scheduler.ByHand = p.jobs, true, true
	if err := p.scheduler.Run(ctx); err != nil && !errors.Is(err, schedule.ErrNotAll) {
		return err
	}
	return p.cameTo(context.WithoutCancel(ctx), entries, streams)
}

// cameTo says what became of entries.
func (p *scheduled) cameTo(ctx context.Context, entries []schedule.Entry, streams Streams) error {
	all, err := p.ledger.Entries(ctx, schedule.Query{Job: entries[0].Job})
	if err != nil {
		return err
	}
	var failed error
	for _, e := range all {
		if !slices.ContainsFunc(entries, func(one schedule.Entry) bool { return one.Key == e.Key }) {
			continue
		}
		switch e.State {
		case schedule.Done:
			p.say(streams, "schedule.done", e.Period, e.RunID, p.where(e.Result))
		case schedule.Skipped:
			p.say(streams, "schedule.passed_over", e.Period, e.Reason)
		case schedule.Running, schedule.Planned:
			if e.State == schedule.Planned && e.Reason != "" {
				failed = fmt.Errorf("job %s: %s will be tried again: %s", e.Job, e.Period, e.Reason)
				break
			}
			if older := waitsFor(all, e); older != nil {
				failed = fmt.Errorf("job %s: %s waits for %s, which will be tried again after %s: %s", e.Job, e.Period, older.Period,
					older.NotBefore.In(p.Zone).Format("2006-01-02 15:04"), older.Reason)
				break
			}
			p.say(streams, "schedule.others", e.Period)
		default:
			failed = fmt.Errorf("job %s: %s is %s: %s", e.Job, e.Period, e.State, e.Reason)
		}
	}
	return failed
}

// waitsFor is the older entry of a job that must come to its end before another is begun;
// nil: there is none that is to be tried again.
func waitsFor(all []schedule.Entry, e schedule.Entry) *schedule.Entry {
	for i := range all {
		if o := &all[i]; o.Target == "" && o.State == schedule.Planned && o.Due.Before(e.Due) && o.Reason != "" {
			return o
		}
	}
	return nil
}

// where is the place of a result, for people.
func (p *scheduled) where(r schedule.Result) string {
	if p.results != nil {
		return p.results.Root + "/" + r.Place
	}
	return r.Place
}

// say prints a sentence for people.
func (p *scheduled) say(streams Streams, word string, args ...any) {
	if !p.shared.quiet {
		_, _ = fmt.Fprintf(streams.Out, p.shared.word(word)+"\n", args...)
	}
}
