package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/portray"
	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/store"
	"github.com/muscope-gis/muscope/engine/report"
	"github.com/muscope-gis/muscope/engine/report/workbook"
	"github.com/muscope-gis/muscope/engine/write"
)

// noDatabase is the --to that keeps results out of the database that the data is in.
const noDatabase = "none"

// places are where a run's results go: a folder, a database, both.
type places struct {
	write.Sink
	dir      string // empty: no folder
	database *store.Sink
	skipped  error // why nothing was written back to where the data is; nil: it was, or nobody asked
}

// places says whether there is any, for those who ask for one.
func (f *evaluateFlags) places() string {
	if f.to == noDatabase {
		return f.out
	}
	return cmp.Or(f.out, f.to, f.back())
}

// back is the database that the data is in, which the results go to unless --to says
// otherwise.
func (f *evaluateFlags) back() string {
	if f.to == "" && postgis.IsAddress(f.data) {
		return f.data
	}
	return ""
}

// openPlaces begins a run in each of its places: what cannot be written is refused
// before the work, not after it. A database that only the data came from need not be
// writable where there is a folder.
func openPlaces(ctx context.Context, f *evaluateFlags, o *engine.Options) (*places, error) {
	formats, err := formatsOf(f.formats)
	if err != nil {
		return nil, err
	}
	if f.slips && (!formats.XLSX || f.out == "") {
		return nil, usage(fmt.Errorf("evaluate: --slips: they go into %s; name a folder with --out, and xlsx among the --formats", workbook.Name))
	}
	if f.to != "" && f.to != noDatabase && !postgis.IsAddress(f.to) {
		return nil, usage(fmt.Errorf("evaluate: --to: it is no address; write postgres://user@host/database, or none"))
	}
	p := &places{dir: f.out}
	forms, err := openForms(f)
	if err != nil {
		return nil, err
	}
	var folder *write.Folder
	if f.out != "" {
		if folder, err = write.Create(f.out, f.overwrite, o.Threads); err != nil {
			return nil, err
		}
		folder.Formats, folder.Draw = formats, portray.Drawing(documents(o.Rules.Set))
		for _, form := range forms {
			folder.Papers = append(folder.Papers, form.Paper())
		}
		if formats.HTML {
			paper, err := reportPaper(f, o)
			if err != nil {
				folder.Abort()
				return nil, err
			}
			folder.Papers = append(folder.Papers, paper)
		}
		if formats.XLSX {
			folder.Papers = append(folder.Papers, workbook.Paper(f.workbook(o)))
		}
		p.Sink = folder
	}
	to := cmp.Or(f.to, f.back())
	if to == "" || to == noDatabase {
		return p, nil
	}
	if p.database, err = store.Open(ctx, to, o.Threads); err != nil {
		if folder == nil {
			return nil, err
		}
		if f.to != "" || ctx.Err() != nil {
			folder.Abort()
			return nil, err
		}
		p.database, p.skipped = nil, err
		return p, nil
	}
	p.Sink = p.database
	if folder != nil {
		p.Sink = write.Together(folder, p.database)
	}
	return p, nil
}

// workbook is what the workbook is told besides the run.
func (f *evaluateFlags) workbook(o *engine.Options) workbook.Options {
	w := workbook.Options{Set: o.Rules.Set, Slips: f.slips}
	if o.Before != nil {
		w.Before = o.Before.Final
	}
	return w
}

// rejects is where the rows that were not used are listed.
func (p *places) rejects() string {
	if p.dir == "" {
		return store.Schema + ".latest_rejects"
	}
	return filepath.Join(p.dir, "tables", "rejects.csv")
}

// print says what was written where.
func (p *places) print(w io.Writer, s *shared, m *write.Manifest) {
	if p.dir != "" {
		printFolder(w, s, p.dir, m)
		printForms(w, s, m)
	}
	if p.skipped != nil {
		_, _ = fmt.Fprintf(w, "%s: %s\n", s.word("to.not"), oneLine(p.skipped))
	}
	if p.database == nil {
		return
	}
	_, _ = fmt.Fprintf(w, "%s %s, %s\n", s.word("to.written"), p.database.Shown(), fmt.Sprintf(s.word("to.schema"), p.database.Number()))
	for _, o := range p.database.Outputs() {
		_, _ = fmt.Fprintf(w, "  %-31s %9d %s  %8.1f kB\n", o.Path, o.Rows, s.word("rows"), float64(o.Bytes)/1000)
	}
	_, _ = fmt.Fprintln(w, s.word("to.views"))
}

// reportPaper is the printed report of the run.
func reportPaper(f *evaluateFlags, o *engine.Options) (write.Paper, error) {
	about := report.Options{Policies: o.Rules.Set}
	if f.previous != "" {
		var err error
		if about.Previous, err = report.ReadPrevious(f.previous); err != nil {
			return write.Paper{}, err
		}
	}
	return report.Paper(about), nil
}

// asked is a sink that asks before its results are seen.
type asked struct {
	write.Sink
	before func(*write.Manifest) error
}

// Finish implements [write.Sink].
func (a *asked) Finish(ctx context.Context, m *write.Manifest) error {
	if err := a.before(m); err != nil {
		a.Abort()
		return err
	}
	return a.Sink.Finish(ctx, m)
}

// Steps are those of the sink, where it has any.
func (a *asked) Steps(m *write.Manifest) []write.Step {
	if more, ok := a.Sink.(interface {
		Steps(*write.Manifest) []write.Step
	}); ok {
		return more.Steps(m)
	}
	return nil
}
