package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/store"
	"github.com/muscope-gis/muscope/engine/read"
)

type runsFlags struct {
	to, remove string
	json       bool
}

func newRunsCommand(streams Streams, s *shared) *cobra.Command {
	f := &runsFlags{}
	cmd := &cobra.Command{
		Use:   "runs --to postgres://…",
		Short: "List the runs in a database, or delete one",
		Long: `runs lists the runs whose results are in the schema muscope of a PostGIS database, the
newest first: the views latest_… show the first. With --delete it takes a run away, all
of it at once; the views then show the one before.

` + exitCodes,
		Example: "  muscope runs --to postgres://writer@db.bureau/land\n  muscope runs --to postgres://writer@db.bureau/land --delete 6f1d0c2b9a8e7d54",
		Args:    onlyFlags,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runRuns(cmd.Context(), f, s, streams) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.to, "to", "", "database with the runs (required)")
	flags.StringVar(&f.remove, "delete", "", "id of the run to delete")
	flags.BoolVar(&f.json, "json", false, "print JSON, with the same keys in every language")
	return cmd
}

func runRuns(ctx context.Context, f *runsFlags, s *shared, streams Streams) error {
	if f.to == "" {
		return usage(fmt.Errorf("runs: --to is missing; see muscope runs --help"))
	}
	if f.remove != "" {
		if err := store.Delete(ctx, f.to, f.remove); err != nil {
			return err
		}
		if !s.quiet {
			_, _ = fmt.Fprintf(streams.Out, "%s %s\n", s.word("runs.deleted"), f.remove)
		}
		return nil
	}
	runs, err := store.Runs(ctx, f.to)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(streams.Out)
	if f.json {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		e.SetEscapeHTML(false)
		err = e.Encode(runs)
	} else {
		listRuns(out, s, runs, postgis.Shown(f.to))
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// listRuns prints a line for each run.
func listRuns(w io.Writer, s *shared, runs []store.Run, place string) {
	if len(runs) == 0 {
		_, _ = fmt.Fprintf(w, s.word("runs.none")+"\n", place)
		return
	}
	lines := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	var heads []string
	for _, h := range []string{"run", "as_of", "runs.year", "policies", "runs.parcels", "runs.size", "runs.finished", "runs.by", "runs.data"} {
		heads = append(heads, s.word(h))
	}
	_, _ = fmt.Fprintln(lines, strings.Join(heads, "\t"))
	for _, r := range runs {
		_, _ = fmt.Fprintf(lines, "%s\t%s\t%s\t%s\t%d\t%.1f MB\t%s\t%s\t%s\n", r.RunID, r.AsOf, r.Period, strings.Join(r.Policies, ","), r.Parcels,
			float64(r.Bytes)/1e6, r.FinishedAt.Local().Format("2006-01-02 15:04:05"), shownText(r.WrittenBy), shownText(r.Data))
	}
	_ = lines.Flush()
}

// shownText is a text of the database so that it cannot steer a terminal.
func shownText(v string) string { return read.Shown([]byte(v)) }
