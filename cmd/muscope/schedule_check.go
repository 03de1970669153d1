package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/config"
)

func newScheduleSchemaCommand(streams Streams) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of a schedule's file",
		Long:    "schema prints the JSON Schema of schedule.yaml: an editor that is told of it completes keys and marks mistakes.\n\n" + exitCodes,
		Example: "  muscope schedule schema > schedule.schema.json",
		Args:    onlyFlags,
		RunE: func(*cobra.Command, []string) error {
			_, err := streams.Out.Write(config.Schema)
			return err
		},
	}
}

func newScheduleCheckCommand(streams Streams, s *shared) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Say all that is wrong with a schedule, and what it will do next",
		Long: `check reads a schedule, its policies and its data, says what is wrong, and lists the next
ten occurrences of each job with the period they evaluate and the day the law is applied to.

` + exitCodes,
		Example: "  muscope schedule check schedule.yaml --lang zh",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(errors.New("schedule check: takes one file; see muscope schedule check --help"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			at := time.Now()
			if from != "" {
				var err error
				if at, err = time.Parse(time.RFC3339, from); err != nil {
					return usage(fmt.Errorf("--from %s: a time like 2025-06-30T08:00:00+08:00", from))
				}
			}
			return runScheduleCheck(cmd.Context(), args[0], at, s, streams)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "list what comes after this time, like 2025-06-30T08:00:00+08:00 (default: now)")
	return cmd
}

// upcoming is how many occurrences of a job are listed.
const upcoming = 10

func runScheduleCheck(ctx context.Context, path string, at time.Time, s *shared, streams Streams) error {
	p, err := openPlan(path, s, streams)
	var mistakes config.Mistakes
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			_, _ = fmt.Fprintln(streams.Err, m)
		}
		return fmt.Errorf("schedule check: %d mistakes", len(mistakes))
	}
	if err != nil {
		return err
	}
	e := newEvaluations(p)
	for _, j := range p.jobs {
		if _, err := e.Policies(ctx, j.Name); err != nil {
			return fmt.Errorf("job %s: %w", j.Name, err)
		}
	}
	src, err := openData(ctx, p.Data, p.Mapping, p.Schema, e.threads())
	if err != nil {
		return err
	}
	src.Close()
	if s.quiet {
		return nil
	}
	for i, j := range p.jobs {
		if i > 0 {
			_, _ = fmt.Fprintln(streams.Out)
		}
		printUpcoming(streams.Out, s, &j, at, p.Zone)
	}
	return nil
}

// printUpcoming lists the next occurrences of a job.
func printUpcoming(w io.Writer, s *shared, j *schedule.Job, at time.Time, zone *time.Location) {
	if j.Cron == nil {
		_, _ = fmt.Fprintf(w, "%s: "+s.word("schedule.on_data")+"\n", j.Name, j.Every)
		e := j.Manual(schedule.LastBefore(today(at, zone), j.Period), at, zone)
		_, _ = fmt.Fprintf(w, "  %s %s, %s %s\n", s.word("schedule.period"), e.Period, s.word("as_of"), e.AsOf)
		return
	}
	_, _ = fmt.Fprintf(w, "%s: %s (%s)\n", j.Name, j.Cron, zone)
	lines := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintf(lines, "  %s\t%s\t%s\n", s.word("schedule.due"), s.word("schedule.period"), s.word("as_of"))
	for _, e := range j.Upcoming(at, upcoming, zone) {
		_, _ = fmt.Fprintf(lines, "  %s\t%s\t%s\n", e.Due.In(zone).Format("2006-01-02 15:04 -0700"), e.Period, e.AsOf)
	}
	_ = lines.Flush()
}

func newScheduleStatusCommand(streams Streams, s *shared) *cobra.Command {
	f := &struct {
		config           string
		json, failOnLate bool
	}{}
	cmd := &cobra.Command{
		Use:   "status --config FILE",
		Short: "Say how each job is: last good result, next, late, failing",
		Long: `status reads the ledger of a schedule, whether it runs or not, and says of each job when it
last came to a good result, when it is due next, and what is late, running or failing and why.

` + exitCodes,
		Example: "  muscope schedule status --config schedule.yaml\n  muscope schedule status --config schedule.yaml --json",
		Args:    onlyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openPlan(f.config, s, streams)
			if err != nil {
				return err
			}
			return runScheduleStatus(cmd.Context(), p, f.json, f.failOnLate, streams)
		},
	}
	addConfig(cmd, &f.config)
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON, with the same keys in every language")
	cmd.Flags().BoolVar(&f.failOnLate, "fail-on-late", false, "exit with 3 when a job is late or failing")
	return cmd
}

// statusReport is what status prints as JSON.
type statusReport struct {
	At   time.Time         `json:"at"`
	Zone string            `json:"time_zone"`
	Jobs []schedule.Status `json:"jobs"`
}

func runScheduleStatus(ctx context.Context, p *scheduled, asJSON, failOnLate bool, streams Streams) error {
	defer p.close()
	if err := p.look(ctx); err != nil {
		return err
	}
	if p.ledger == nil {
		return fmt.Errorf("schedule status: there is no ledger %s: nothing has run yet; start it with muscope schedule --config %s", p.ledgerAt(), p.File)
	}
	now := time.Now()
	all, err := schedule.StatusOf(ctx, p.ledger, p.jobs, now, p.Zone)
	if err != nil {
		return err
	}
	if asJSON {
		e := json.NewEncoder(streams.Out)
		e.SetIndent("", " ")
		e.SetEscapeHTML(false)
		err = e.Encode(statusReport{now.UTC().Truncate(time.Second), p.Zone.String(), all})
	} else {
		err = printStatus(streams.Out, p.shared, all, p.Zone)
	}
	if err != nil {
		return err
	}
	for _, one := range all {
		if failOnLate && (one.Health == schedule.Late || one.Health == schedule.Failing) {
			return &exitError{exitFound, fmt.Errorf("--fail-on-late: job %s is %s", one.Job, one.Health)}
		}
	}
	return nil
}

// printStatus prints a line for each job, and below it what is wrong.
func printStatus(w io.Writer, s *shared, all []schedule.Status, zone *time.Location) error {
	lines := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintf(lines, "%s\t%s\t%s\t%s\t%s\n", s.word("schedule.job"), s.word("schedule.health"), s.word("schedule.last_good"), s.word("schedule.result"), s.word("schedule.next"))
	at := func(e *schedule.Entry) string {
		if e == nil {
			return "-"
		}
		return e.Due.In(zone).Format("2006-01-02 15:04")
	}
	for _, one := range all {
		result := "-"
		if e := one.LastGood; e != nil {
			result = e.Period + " " + e.RunID
		}
		next := at(one.Next)
		if one.Cron == "" {
			next = s.word("schedule.with_data")
		}
		_, _ = fmt.Fprintf(lines, "%s\t%s\t%s\t%s\t%s\n", one.Job, s.word("schedule.health."+string(one.Health)), at(one.LastGood), result, next)
	}
	if err := lines.Flush(); err != nil {
		return err
	}
	for _, one := range all {
		if one.Running != nil {
			_, _ = fmt.Fprintf(w, "%s: %s\n", one.Job, fmt.Sprintf(s.word("schedule.working"), one.Running.Period, one.Running.Worker, one.Running.Attempt))
		}
		if one.Open > 0 {
			_, _ = fmt.Fprintf(w, "%s: %s\n", one.Job, fmt.Sprintf(s.word("schedule.open"), one.Open))
		}
		if e := one.Failed; e != nil {
			_, _ = fmt.Fprintf(w, "%s: %s %s: %s\n", one.Job, at(e), s.word("schedule.state."+string(e.State)), shownText(e.Reason))
		}
		for _, d := range one.Undelivered {
			_, _ = fmt.Fprintf(w, "%s: %s %s %s: %s\n", one.Job, at(&d), d.Target, s.word("schedule.state."+string(d.State)), shownText(d.Reason))
		}
	}
	return nil
}
