// Package engine is the spine of an evaluation and reads as the data's way: tables
// are read and surveyed into facts, verdicts are found in the facts, and all of it
// is written. It wires the stages and holds no rule: those are policy's, and no
// arithmetic: that is the stages'.
package engine

import (
	"context"
	"time"

	"github.com/muscope-gis/muscope/engine/appraise"
	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Options say what to evaluate, and as of when.
type Options struct {
	Rules   Rules
	AsOf    unit.Date
	Year    int
	Period  string
	Threads int
	Memory  int64 // bytes of parcels kept in memory, beyond them in a file; 0: no limit
	Version string
	// Before is what the run of the year before came to; nil: none is named.
	Before *appraise.Before
	// Now is the clock that times the stages; no result depends on it.
	Now func() time.Time
	// Progress is told of each stage as it begins, and of the rows done of a total
	// while it runs; total 0 is unknown. nil: nobody is told.
	Progress func(stage string, done, total int64)

	current string
	stages  []write.Stage
}

// Summary is what an evaluation came to.
type Summary struct {
	Manifest write.Manifest
	Rejects  int64
}

// Evaluate reads a dataset, evaluates it and writes the results. Nothing is left
// of a run that fails.
func Evaluate(ctx context.Context, in read.Source, out write.Sink, o Options) (*Summary, error) {
	defer out.Abort()
	c, err := city.Read(ctx, in, o.reading(out.Sources))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	found, err := evaluate(ctx, c, &o)
	if err != nil {
		return nil, err
	}
	if err := o.stage("write", func() (int, error) { return len(c.Parcels.Order), found.write(ctx, out) }); err != nil {
		return nil, err
	}
	manifest := found.manifest(in)
	if manifest.Accounts, err = found.closeAccounts(); err != nil {
		return nil, err
	}
	if err := o.stage("sources", func() (int, error) { return c.NoteSources(ctx) }); err != nil {
		return nil, err
	}
	if err := o.stage("digest", func() (int, error) { return len(c.Parcels.Order), found.identify(ctx, manifest) }); err != nil {
		return nil, err
	}
	if more, ok := out.(interface {
		Steps(*write.Manifest) []write.Step
	}); ok {
		for _, s := range more.Steps(manifest) {
			if err := o.stage(s.Name, func() (int, error) { return s.Do(ctx) }); err != nil {
				return nil, err
			}
		}
	}
	manifest.Stages = o.stages
	if err := out.Finish(ctx, manifest); err != nil {
		return nil, err
	}
	sum := &Summary{Manifest: *manifest}
	for _, count := range manifest.Counts {
		sum.Rejects += count.Rejected
	}
	return sum, nil
}

// reading says how the dataset is read.
func (o *Options) reading(note func(context.Context, write.Source) error) city.Options {
	return city.Options{Threads: o.Threads, Memory: o.Memory, Near: len(o.Rules.Near) > 0 || appraise.Wanted(o.Rules.Set),
		Figures: appraise.Wanted(o.Rules.Set), Units: o.Rules.units(), Stage: o.stage, Note: note}
}

// evaluate finds the verdicts.
func evaluate(ctx context.Context, c *city.City, o *Options) (*results, error) {
	r := &results{City: c, o: o}
	for _, s := range []struct {
		name string
		do   func(context.Context) (rows int, err error)
	}{
		{"join", r.join}, {"indicate", r.indicate}, {"grade", r.grade}, {"share", r.share}, {"release", r.release},
		{"detect", r.detect}, {"check", r.check}, {"score", r.score},
	} {
		if err := o.stage(s.name, func() (int, error) { return s.do(ctx) }); err != nil {
			return nil, err
		}
	}
	r.flagParcels()
	return r, c.Books.Balance()
}

// stage runs a part of an evaluation and notes how long it took.
func (o *Options) stage(name string, do func() (rows int, err error)) error {
	o.current = name
	o.progress(0, 0)
	start := o.now()
	rows, err := do()
	o.stages = append(o.stages, write.Stage{Name: name, Seconds: o.now().Sub(start).Seconds(), Rows: int64(rows)})
	return err
}

func (o *Options) now() time.Time {
	if o.Now == nil {
		return time.Time{}
	}
	return o.Now()
}

func (o *Options) progress(done, total int64) {
	if o.Progress != nil {
		o.Progress(o.current, done, total)
	}
}
