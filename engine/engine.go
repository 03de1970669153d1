// Package engine is the spine of an evaluation and reads as the data's way: tables
// are read and surveyed into facts, verdicts are found in the facts, and all of it
// is written. It wires the stages and holds no rule: those are policy's, and no
// arithmetic: that is the stages'.
package engine

import (
	"context"
	"time"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/detect"
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
	Formats Formats
	Threads int
	Memory  int64 // bytes of parcels kept in memory, beyond them in a file; 0: no limit
	Version string
	// Now is the clock that times the stages; no result depends on it.
	Now func() time.Time
	// Progress is told of each stage as it begins, and of the rows done of a total
	// while it runs; total 0 is unknown. nil: nobody is told.
	Progress func(stage string, done, total int64)

	current string
	stages  []write.Stage
}

// Formats are what a run is written as.
type Formats struct{ GeoJSON, CSV bool }

// Summary is what an evaluation came to.
type Summary struct {
	Manifest write.Manifest
	Rejects  int64
}

// Evaluate reads a dataset, evaluates it and writes the results. Nothing is left
// of a run that fails.
func Evaluate(ctx context.Context, in read.Source, out write.Sink, o Options) (*Summary, error) {
	defer out.Abort()
	city, err := readCity(ctx, in, &o, out.Sources)
	if err != nil {
		return nil, err
	}
	defer city.close()
	found, err := city.evaluate(ctx, &o)
	if err != nil {
		return nil, err
	}
	if err := o.stage("write", func() (int, error) { return len(city.parcels.order), found.write(ctx, out) }); err != nil {
		return nil, err
	}
	manifest := found.manifest(in)
	if err := o.stage("sources", func() (int, error) { return city.noteSources(ctx, out.Sources) }); err != nil {
		return nil, err
	}
	if err := o.stage("digest", func() (int, error) { return len(city.parcels.order), found.name(ctx, manifest) }); err != nil {
		return nil, err
	}
	manifest.Stages = o.stages
	if err := out.Finish(ctx, manifest); err != nil {
		return nil, err
	}
	return &Summary{Manifest: *manifest, Rejects: int64(len(city.books.rejects))}, nil
}

// Check reads a dataset and surveys it, and says what is wrong with it. Nothing is
// written; verdicts are found only for the flags they give.
func Check(ctx context.Context, in read.Source, o Options) (*Quality, error) {
	city, err := readCity(ctx, in, &o, func(context.Context, write.Source) error { return nil })
	if err != nil {
		return nil, err
	}
	defer city.close()
	found, err := city.evaluate(ctx, &o)
	if err != nil {
		return nil, err
	}
	m := found.manifest(in)
	m.Stages = o.stages
	return &Quality{books: city.books, Manifest: *m}, nil
}

// evaluate finds the verdicts.
func (c *city) evaluate(ctx context.Context, o *Options) (*results, error) {
	r := &results{city: c, o: o}
	for _, s := range []struct {
		name string
		do   func() (rows int, err error)
	}{{"join", func() (int, error) { return r.join(ctx) }}, {"indicate", r.indicate}, {"grade", r.grade}, {"share", r.share}} {
		if err := o.stage(s.name, s.do); err != nil {
			return nil, err
		}
	}
	if err := o.stage("detect", func() (int, error) { return len(c.parcels.order), r.detect(ctx) }); err != nil {
		return nil, err
	}
	err := o.stage("check", func() (rows int, err error) {
		if err := r.conflicts(ctx); err != nil {
			return 0, err
		}
		if r.total, err = c.sum(r.idle); err != nil || c.landUse.layer == nil {
			return 0, err
		}
		r.mix = r.landMix()
		r.spaces = r.pieceSpaces()
		return len(r.spaces), nil
	})
	if err != nil {
		return nil, err
	}
	r.flagParcels()
	return r, c.books.balance()
}

// detect finds idle land among the parcels.
func (r *results) detect(ctx context.Context) error {
	p := &r.parcels
	r.idle = make([]detect.Columns, len(p.batches))
	err := parallel(ctx, len(p.batches), r.o.Threads, func(i int) error {
		spared := make([]bool, p.batches[i].Rows())
		for row, c := range p.classes[i] {
			spared[row] = c == codes.NonConstruction
		}
		detect.Idle(p.batches[i], spared, r.o.Rules.Idle, r.o.AsOf, &r.idle[i])
		return nil
	})
	if err != nil {
		return err
	}
	var over []bool
	if r.joined != nil {
		over = r.joined.land.OverLet
	}
	p.mark(over)
	r.listed = []int32{}
	for i, ref := range p.order {
		if r.idle[ref.Batch].Kind[ref.Row] != detect.NotIdle {
			r.listed = append(r.listed, int32(i))
		}
	}
	return nil
}

// pieceSpaces is the space of each piece: production, living or ecological.
func (r *results) pieceSpaces() []check.Space {
	pieces := r.landUse.Pieces.Pieces
	out := make([]check.Space, len(pieces))
	for i, p := range pieces {
		code, _ := r.landUse.text("code", int(p.Feature))
		standard, _ := r.landUse.text("standard", int(p.Feature))
		out[i] = check.SpaceOf(check.Class(r.landUse.entries[p.Feature].Strict), standard, code, r.o.Rules.Spaces)
	}
	return out
}

func (r *results) pieceAreas() []unit.Area {
	out := make([]unit.Area, len(r.landUse.Pieces.Pieces))
	for i, p := range r.landUse.Pieces.Pieces {
		out[i] = p.Area
	}
	return out
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

// has says whether a table was read.
func (k *books) has(name string) bool { return k.accounts[name] != nil }
