package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/history"
	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/store"
)

type historyFlags struct {
	runs          string
	last          int
	changes, json bool
}

func newHistoryCommand(streams Streams, s *shared) *cobra.Command {
	f := &historyFlags{}
	cmd := &cobra.Command{
		Use:   "history --runs DIR|postgres://…",
		Short: "List the runs made over the years, and what changed from each to the next",
		Long: `history lists runs, the newest first, with what each came to: those in a folder of
run folders, four levels down at most, or those in the schema muscope of a database.
With --changes each is compared with the last of its kind: the run of the latest
earlier month, quarter or year under the same policies, or else an earlier one of the
same period. It says which land is newly idle or about to become so, whose grade
moved, which bottom lines and rules newly fail, which reports are late or missing, and
where other numbers of rows were read, rejected or found no partner. What a run did
not write is said to be not compared.

Runs of a folder are compared with those of the same folder: JOB of JOB/PERIOD/RUN and
of JOB/RUN.

` + exitCodes,
		Example: "  muscope history --runs results --changes --last 3\n  muscope history --runs postgres://reader@db.bureau/land --json",
		Args:    onlyFlags,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runHistory(cmd.Context(), f, s, streams) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.runs, "runs", "", "folder of run folders, or database with runs (required)")
	flags.IntVar(&f.last, "last", 0, "list so many of the newest runs only (0: all)")
	flags.BoolVar(&f.changes, "changes", false, "compare each run with the last of its kind")
	flags.BoolVar(&f.json, "json", false, "print JSON, with the same keys in every language")
	return cmd
}

func runHistory(ctx context.Context, f *historyFlags, s *shared, streams Streams) error {
	if f.runs == "" {
		return usage(fmt.Errorf("history: --runs is missing; see muscope history --help"))
	}
	if f.last < 0 {
		return usage(fmt.Errorf("history: --last %d: a number of runs, 0 for all", f.last))
	}
	place, runs, done, err := historyOf(ctx, f.runs)
	if err != nil {
		return err
	}
	defer done()
	entries, err := history.Entries(ctx, runs, f.last, f.changes)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(streams.Out)
	switch {
	case f.json:
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		e.SetEscapeHTML(false)
		err = e.Encode(entries)
	case len(entries) == 0:
		_, err = fmt.Fprintf(out, s.word("runs.none")+"\n", shownText(place))
	default:
		err = history.Write(out, entries, s.language())
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// historyOf are the runs in a folder or a database, the newest first; done gives back
// what they are read through.
func historyOf(ctx context.Context, from string) (place string, runs []history.Run, done func(), err error) {
	if !postgis.IsAddress(from) {
		runs, err = history.Find(ctx, from)
		return from, runs, func() {}, err
	}
	past, err := store.OpenPast(ctx, from)
	if err != nil {
		return "", nil, nil, err
	}
	all, err := past.Runs(ctx)
	if err != nil {
		past.Close()
		return "", nil, nil, err
	}
	for _, r := range all {
		runs = append(runs, history.Of(r.Manifest, "", r.FinishedAt, r.Results))
	}
	history.Sort(runs)
	return postgis.Shown(from), runs, past.Close, nil
}
