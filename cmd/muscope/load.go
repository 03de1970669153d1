package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/store"
	"github.com/muscope-gis/muscope/engine/read"
)

type loadFlags struct {
	data, to, schema, mapping string
	threads                   int
	strict                    bool
}

func newLoadCommand(streams Streams, s *shared) *cobra.Command {
	f := &loadFlags{}
	cmd := &cobra.Command{
		Use:   "load --data DIR --to postgres://…",
		Short: "Load a dataset's files into a PostGIS database",
		Long: `load reads a folder of layers and tables as evaluate does and puts them into a schema of
a PostGIS database: typed columns in the units that evaluation counts in, with keys,
indexes and comments. An evaluation from there comes to the same as one from the files.
What was loaded before is replaced in one transaction: readers see the old rows until
they see the new, and grants and views stay. Tables that load did not make are never
touched.

Rows that cannot be read are listed and kept in the table muscope_rejects of the schema;
delete them there when they were put right. Rows with the same key, and shapes that are
invalid, are loaded: evaluation decides which counts and mends what can be mended.

` + exitCodes,
		Example: "  muscope load --data city --to postgres://writer@db.bureau/land --schema planning",
		Args:    onlyFlags,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLoad(cmd.Context(), f, s, streams) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "", "folder with the dataset's files (required)")
	flags.StringVar(&f.to, "to", "", "database to load into: postgres://user@host/database (required; leave the password to PGPASSWORD or PGPASSFILE)")
	flags.StringVar(&f.schema, "schema", "", "schema to load into; it is made when it is not there (default: public)")
	addMapping(cmd, &f.mapping)
	flags.IntVar(&f.threads, "threads", runtime.GOMAXPROCS(0), "goroutines that work at once")
	flags.BoolVar(&f.strict, "strict", false, "exit with 3 when rows were rejected; they are loaded all the same, but for those")
	return cmd
}

func runLoad(ctx context.Context, f *loadFlags, s *shared, streams Streams) error {
	for _, one := range []struct{ flag, value string }{{"data", f.data}, {"to", f.to}} {
		if one.value == "" {
			return usage(fmt.Errorf("load: --%s is missing; see muscope load --help", one.flag))
		}
	}
	if postgis.IsAddress(f.data) {
		return usage(fmt.Errorf("load: --data is a database; name the folder whose files are to be loaded"))
	}
	if !postgis.IsAddress(f.to) {
		return usage(fmt.Errorf("load: --to: it is no address; write postgres://user@host/database"))
	}
	if most := 16 * runtime.NumCPU(); f.threads < 1 || f.threads > most {
		return usage(fmt.Errorf("--threads %d: 1 to %d on this machine", f.threads, most))
	}
	src, err := read.OpenMapped(f.data, f.mapping)
	if err != nil {
		return err
	}
	bar := newProgress(s, streams.Err)
	src.Progress = bar.note
	loaded, err := store.Load(ctx, f.to, src, store.LoadOptions{Schema: f.schema, Workers: f.threads, Progress: func(table string) { bar.note(table, 0, 0) }})
	bar.done()
	if err != nil {
		return err
	}
	rejected := 0
	for _, t := range loaded.Tables {
		rejected += len(t.Rejects)
	}
	if !s.quiet {
		out := bufio.NewWriter(streams.Out)
		printLoaded(out, s, postgis.Shown(f.to), loaded)
		if err := out.Flush(); err != nil {
			return err
		}
	}
	if f.strict && rejected > 0 {
		return &exitError{exitFound, fmt.Errorf("--strict: %d rows rejected, see %s.%s", rejected, loaded.Schema, postgis.LoadedRejects)}
	}
	return nil
}

// printLoaded says what became of the rows of each table.
func printLoaded(w io.Writer, s *shared, place string, l *store.Loaded) {
	_, _ = fmt.Fprintf(w, s.word("load.into")+"\n", place, shownText(l.Schema))
	lines := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(lines, "\t%s\t%s\t%s\t%s\t%s\t\n", s.word("read"), s.word("load.loaded"), s.word("rejected"), s.word("load.duplicates"), s.word("load.closed"))
	for _, t := range l.Tables {
		_, _ = fmt.Fprintf(lines, "  %s\t%d\t%d\t%d\t%d\t%d\t\n", t.Name, t.Account.Read, t.Rows, len(t.Rejects), len(t.Duplicates), t.Closed())
	}
	_ = lines.Flush()
	listed := func(word, rest string, of func(*store.LoadedTable) []read.Reject) {
		left, more := mostShown, 0
		for i := range l.Tables {
			t := &l.Tables[i]
			for _, r := range of(t) {
				if left--; left < 0 {
					more++
					continue
				}
				if left == mostShown-1 {
					_, _ = fmt.Fprintln(w, s.word(word)+":")
				}
				_, _ = fmt.Fprintf(w, "  %s:%d  %s  %s  %s  %q  %s\n", t.Account.Files[r.File].Name, r.Row, t.Name, shownText(r.Key), r.Column, r.Value, r.Reason)
			}
		}
		if more > 0 {
			_, _ = fmt.Fprintf(w, "  "+s.word("load.more")+"%s\n", more, rest)
		}
	}
	listed("load.rejects", fmt.Sprintf(s.word("load.all"), shownText(l.Schema), postgis.LoadedRejects), func(t *store.LoadedTable) []read.Reject { return t.Rejects })
	listed("load.twice", "", func(t *store.LoadedTable) []read.Reject { return t.Duplicates })
	for _, t := range l.Tables {
		if len(t.Account.Ignored) > 0 {
			_, _ = fmt.Fprintf(w, "%s: %s %q\n", s.word("ignored"), t.Name, t.Account.Ignored)
		}
		for _, f := range t.Account.Files {
			if f.Note != "" {
				_, _ = fmt.Fprintf(w, "%s: %s\n", f.Name, f.Note)
			}
		}
	}
	if l.Codes > 0 {
		_, _ = fmt.Fprintf(w, s.word("load.codes")+"\n", l.Codes, shownText(l.Schema), postgis.LoadedCodes)
	}
	if len(l.Dropped) > 0 {
		_, _ = fmt.Fprintf(w, "%s: %q\n", s.word("load.dropped"), l.Dropped)
	}
}
