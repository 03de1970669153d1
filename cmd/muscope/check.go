package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/write"
)

type checkFlags struct {
	data, out, memory, asOf string
	threads                 int
	strict, overwrite       bool
}

func newCheckCommand(streams Streams, s *shared) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check --data DIR",
		Short: "Say what is wrong with a dataset: rejects, repairs, flags",
		Long: `check reads a dataset as evaluate does and lists every row that cannot be used,
every geometry that is repaired, and what people should look at. It evaluates
nothing. With --out the lists are written as CSV tables into a folder.

` + exitCodes,
		Example: "  muscope check --data city\n  muscope check --data city --out out/check --strict",
		Args:    onlyFlags,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), f, s, streams) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "", "folder with the dataset's files (required)")
	flags.StringVar(&f.out, "out", "", "folder to write rejects.csv, repairs.csv and flags.csv into; it must not exist")
	flags.StringVar(&f.asOf, "as-of", "", "day the dates are looked at from (default: today)")
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 when rows were rejected")
	flags.BoolVar(&f.overwrite, "overwrite", false, "replace the folder when it exists")
	addMachine(cmd, &f.threads, &f.memory)
	return cmd
}

func runCheck(ctx context.Context, f *checkFlags, s *shared, streams Streams) error {
	if f.data == "" {
		return usage(fmt.Errorf("check: --data is missing; see muscope check --help"))
	}
	p, err := resolvePeriod(0, "", f.asOf)
	if err != nil {
		return usage(err)
	}
	o := engine.Options{AsOf: p.asOf, Year: p.year, Period: p.name, Threads: f.threads, Version: version(), Now: time.Now}
	if err := machine(&o, f.memory); err != nil {
		return err
	}
	if o.Rules, err = resolvePolicies([]string{policy.NationalIdleLand}, ""); err != nil {
		return err
	}
	src, err := openData(f.data)
	if err != nil {
		return err
	}
	var out *write.Folder
	if f.out != "" { // refused before the work, not after it
		if out, err = write.Create(f.out, f.overwrite, f.threads); err != nil {
			return err
		}
		defer out.Abort()
	}
	bar := newProgress(s, streams.Err)
	o.Progress = bar.note
	src.Progress = bar.note
	q, err := engine.Check(ctx, src, o)
	bar.done()
	if err != nil {
		return err
	}
	if out != nil {
		if err := writeQuality(ctx, out, q); err != nil {
			return err
		}
	}
	if !s.quiet {
		printQuality(streams, s, q)
	}
	var rejected int64
	for _, c := range q.Manifest.Counts {
		rejected += c.Rejected
	}
	if f.strict && rejected > 0 {
		return &exitError{exitFound, fmt.Errorf("--strict: %d rows rejected", rejected)}
	}
	return nil
}

func writeQuality(ctx context.Context, out *write.Folder, q *engine.Quality) error {
	for _, t := range q.Tables() {
		if err := out.Table(ctx, t); err != nil {
			return err
		}
	}
	return out.Finish(ctx, &q.Manifest)
}

// printQuality lists counts, then the rows rejected, a line each.
func printQuality(streams Streams, s *shared, q *engine.Quality) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(streams.Out, format+"\n", args...) }
	reasons := q.Reasons()
	for _, name := range tableNames(&q.Manifest) {
		c := q.Manifest.Counts[name]
		p("%-16s %s %9d  %s %9d  %s %7d  %s %5d", name,
			s.word("read"), c.Read, s.word("used"), c.Used, s.word("rejected"), c.Rejected, s.word("repaired"), c.Repaired)
		if len(reasons[name]) > 0 {
			p("  %s: %s", s.word("rejected"), s.counted(reasons[name]))
		}
		if ignored := q.Manifest.Ignored[name]; len(ignored) > 0 {
			p("  %s: %q", s.word("ignored"), ignored)
		}
	}
	if len(q.Manifest.Flags) > 0 {
		p("%s: %s", s.word("flags"), s.counted(q.Manifest.Flags))
	}
	if len(q.Manifest.Unused) > 0 {
		p("%s: %q", s.word("unused"), q.Manifest.Unused)
	}
	for _, in := range q.Manifest.Inputs {
		if in.Note != "" {
			p("%s: %s", in.Name, in.Note)
		}
	}
	for _, line := range q.Lines() {
		p("%s", line)
	}
}
