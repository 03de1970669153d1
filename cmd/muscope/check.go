package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/write"
)

type checkFlags struct {
	data, out, memory, asOf string
	mapping, schema         string
	threads                 int
	strict, overwrite, json bool
	explain                 bool
}

func newCheckCommand(streams Streams, s *shared) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check --data DIR|postgres://…",
		Short: "Say what a dataset is like, and what is wrong with it",
		Long: `check reads a dataset as evaluate does and accounts for its rows and columns: what
every column that was understood holds, which rows cannot be used, which rows of worksheets
were taken for titles, totals and notes, which geometries are repaired, which parcels overlap or lie in no zone, which codes fail their check,
what found no partner, and what people should look at. It evaluates nothing. Long
lists are cut on the screen; with --out they are written whole, as CSV tables and
summary.json, into a folder.

` + exitCodes,
		Example: "  muscope check --data city\n  muscope check --data city --out out/check --strict\n  muscope check --data city --json",
		Args:    onlyFlags,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), f, s, streams) },
	}
	flags := cmd.Flags()
	addData(cmd, &f.data, &f.schema)
	addMapping(cmd, &f.mapping)
	flags.StringVar(&f.out, "out", "", "folder to write the lists and summary.json into; it must not exist")
	flags.BoolVar(&f.explain, "explain-mapping", false, "say of each column which file and header it came from, in which unit, and what became of its cells; with --json as JSON")
	flags.BoolVar(&f.json, "json", false, "print JSON, with the same keys in every language")
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
	src, err := openData(ctx, f.data, f.mapping, f.schema, f.threads)
	if err != nil {
		return err
	}
	defer src.Close()
	var out *write.Folder
	if f.out != "" { // refused before the work, not after it
		if err := keeps("check", f.out, f.data, f.mapping, src.folder); err != nil {
			return err
		}
		if out, err = write.Create(f.out, f.overwrite, f.threads); err != nil {
			return err
		}
		defer out.Abort()
	}
	bar := newProgress(s, streams.Err)
	o.Progress = bar.note
	src.tell(bar.note)
	q, err := engine.Check(ctx, src.Source, o)
	bar.done()
	if err != nil {
		return err
	}
	defer q.Close()
	if out != nil {
		if err := writeQuality(ctx, out, q); err != nil {
			return err
		}
	}
	if err := tellQuality(streams, s, f, q); err != nil {
		return err
	}
	if f.strict && q.Rejected > 0 {
		return &exitError{exitFound, fmt.Errorf("--strict: %d rows rejected", q.Rejected)}
	}
	return nil
}

func tellQuality(streams Streams, s *shared, f *checkFlags, q *engine.Quality) error {
	out := bufio.NewWriter(streams.Out)
	switch {
	case f.explain:
		if err := explainMapping(out, q, f.json); err != nil {
			return err
		}
	case f.json:
		if err := q.WriteJSON(out); err != nil {
			return err
		}
	case !s.quiet:
		(&qualityText{shared: s, w: out, q: q}).print()
	}
	return out.Flush()
}

// explainMapping prints a line for each column and file, as a table to be read or
// pasted, or as JSON.
func explainMapping(w io.Writer, q *engine.Quality, asJSON bool) error {
	if asJSON {
		all := map[string][]engine.ColumnOrigin{}
		for _, t := range q.Tables {
			all[t.Table] = t.Origins
		}
		e := json.NewEncoder(w)
		e.SetIndent("", " ")
		e.SetEscapeHTML(false)
		return e.Encode(all)
	}
	lines := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(lines, "column\tfile\theader\thow\tunit\tused\tnull\trejected\texample")
	for _, t := range q.Tables {
		for _, o := range t.Origins {
			_, _ = fmt.Fprintf(lines, "%s.%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%s\n", t.Table, o.Column, o.File,
				read.Shown([]byte(o.Header)), o.How, o.Unit, o.Used, o.Null, o.Rejected, o.Example)
		}
		for _, header := range t.Ignored {
			_, _ = fmt.Fprintf(lines, "%s.-\t\t%s\tignored\t\t\t\t\t\n", t.Table, header)
		}
	}
	return lines.Flush()
}

func writeQuality(ctx context.Context, out *write.Folder, q *engine.Quality) error {
	for _, t := range q.Lists() {
		if err := out.Table(ctx, t); err != nil {
			return err
		}
	}
	if err := out.Object("summary", q); err != nil {
		return err
	}
	return out.Finish(ctx, &q.Manifest)
}
