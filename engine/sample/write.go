// Package sample makes up cities: zones, parcels, land use, rivers, enterprises and
// their accounts, projects and monthly figures, as a data folder of any size.
//
// Everything stands on a plan: a lattice of street blocks, each drawn from its own
// throw of dice and knowing beforehand which parcels and enterprises are its own.
// So blocks are drawn in any order, in memory that a city's size hardly moves, and
// the same size and seed give the same bytes on any machine: coordinates are whole
// 1e-7 degrees and money whole cents, and no map is walked, no clock read.
//
// The package evaluates nothing and reads no data; that its cities hold a case of
// every rule is for the stages' own tests to say.
package sample

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	city "github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine/table"
)

// Options say what city to make up and where to put it.
type Options struct {
	Out       string // the folder; it appears when it is whole
	Overwrite bool   // replace a data folder that is there
	Parcels   int    // 1 to MaxParcels
	Seed      uint64
	Layers    Format // GeoParquet (when empty) or GeoJSON
	Tables    Format // CSV (when empty) or Parquet
	Progress  func(parcels int)
}

// MaxParcels is the largest city: its parcel codes still have 19 characters.
const MaxParcels = 90_000_000

// Check says what is wrong with the options, and fills in what was left out.
func (o *Options) Check() error {
	if o.Layers == "" {
		o.Layers = GeoParquet
	}
	if o.Tables == "" {
		o.Tables = CSV
	}
	switch {
	case o.Parcels < 1 || o.Parcels > MaxParcels:
		return fmt.Errorf("sample: %d parcels: give 1 to %d", o.Parcels, MaxParcels)
	case o.Layers != GeoParquet && o.Layers != GeoJSON:
		return fmt.Errorf("sample: no layer format %q: take geoparquet or geojson", o.Layers)
	case o.Tables != CSV && o.Tables != Parquet:
		return fmt.Errorf("sample: no table format %q: take csv or parquet", o.Tables)
	}
	return nil
}

// Write makes up a city and writes it as a data folder, in memory that grows by
// some tens of bytes a parcel. The same options give the same bytes on any machine.
// A cancelled context ends it with the context's error and leaves nothing behind.
func Write(ctx context.Context, o Options) error {
	if err := o.Check(); err != nil {
		return err
	}
	vocabulary, err := parseWords(city.Words)
	if err != nil {
		return err
	}
	list, err := parseIndicators(city.Indicators)
	if err != nil {
		return err
	}
	return folder(o.Out, o.Overwrite, func(dir string) error {
		p := newPlan(o.Parcels, o.Seed, vocabulary)
		files, err := open(dir, o)
		if err == nil {
			err = p.fill(ctx, files, list, o.Progress)
		}
		return errors.Join(err, files.close())
	})
}

// file is one table on its way out.
type file struct {
	sink
	on *os.File
}

type files map[string]file

func open(dir string, o Options) (files, error) {
	all := files{}
	for _, s := range table.Inputs() {
		format := o.Tables
		if s.Shape != table.NoGeometry {
			format = o.Layers
		}
		on, err := os.Create(filepath.Join(dir, s.Name+format.extension()))
		if err != nil {
			return all, fmt.Errorf("sample: %w", err)
		}
		to, err := newSink(on, s, format)
		if err != nil {
			return all, errors.Join(fmt.Errorf("sample: %s: %w", s.Name, err), on.Close())
		}
		all[s.Name] = file{to, on}
	}
	return all, nil
}

func (f files) close() error {
	var errs []error
	for _, s := range table.Inputs() {
		if one, ok := f[s.Name]; ok {
			errs = append(errs, one.sink.close(), one.on.Close())
		}
	}
	return errors.Join(errs...)
}

func (f files) put(b table.Batch) error {
	return f.write(b.Schema.Name, f[b.Schema.Name].encode(b))
}

func (f files) write(name string, p piece) error {
	if err := f[name].write(p); err != nil {
		return fmt.Errorf("sample: write %s: %w", name, err)
	}
	return nil
}

// fill writes the small tables, then the cells' rows run by run: runs are drawn by
// as many goroutines as there are processors and written in their order.
func (p *plan) fill(ctx context.Context, to files, list []reported, progress func(int)) error {
	waters := table.NewBuilder(table.MustInput(table.LandUse), len(p.rivers))
	p.waters(waters)
	small := []table.Batch{p.zoneTable(), p.lineTable(), p.projectTable(), p.indicatorTable(list), waters.Batch()}
	for _, b := range small {
		if err := to.put(b); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := 0
	for promise := range p.runs(ctx, to) {
		r := <-promise
		for _, one := range r.pieces {
			if err := to.write(one.table, one.piece); err != nil {
				return err
			}
		}
		if done += r.parcels; progress != nil {
			progress(done)
		}
	}
	return context.Cause(ctx)
}
