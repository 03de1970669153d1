// Command bench measures how fast muscope evaluates a made-up city, beside
// two yardsticks taken in the same run on the same machine: reading the
// same input and writing as many bytes with plain reads and writes, and the
// parcels layer alone through ogr2ogr. Seconds mean little from one machine
// to the next; the two ratios travel.
//
// It then measures the readers alone, each on the parcels or tables of a larger
// made-up city: seconds and peak memory of a process that reads the file whole and
// keeps nothing, beside ogr2ogr where that reads the format, else beside the bare
// library.
//
// With a database it measures reading from PostGIS and writing into it beside COPY, and
// the evaluation beside the same one as SQL, whose results must be equal.
//
// It builds the program, makes the city in a temporary folder, runs all in turn
// several times, takes medians, prints a table and writes the figures as JSON. It
// sets no limit: that is for a reader.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) > 1 && helpers[os.Args[1]] != nil {
		if err := helpers[os.Args[1]](ctx, os.Args[2:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	o, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2)
	}
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options say what is measured.
type options struct {
	parcels  int
	seed     int
	rounds   int
	json     string   // file of the figures
	readme   string   // file that quotes them; empty: none
	database database // no address: not measured
	folder   string   // for city and runs; empty: a temporary one

	readers      int // parcels and rows that the readers read; 0: they are not measured
	readerRounds int
}

// mostReaders is as many rows as a worksheet has below its head.
const mostReaders = 1<<20 - 1

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.parcels, "parcels", 200000, "parcels of the made-up city that is evaluated; 0 leaves that out and keeps its figures")
	flags.IntVar(&o.seed, "seed", 1, "seed of the made-up city")
	flags.IntVar(&o.rounds, "rounds", 5, "times that each is measured")
	flags.StringVar(&o.json, "json", "out/bench.json", "file that receives the figures")
	flags.StringVar(&o.readme, "readme", "", "README whose section Speed is written anew with the figures (default none)")
	flags.StringVar(&o.folder, "folder", "", "folder for the city and its runs, emptied afterwards (default a temporary one)")
	flags.StringVar(&o.database.address, "database", os.Getenv("MUSCOPE_TEST_DATABASE"), "postgres:// address of a PostGIS database in which reading, writing and an expert's SQL are measured (default MUSCOPE_TEST_DATABASE; none: not measured)")
	flags.StringVar(&o.database.schema, "schema", "muscope_bench_city", "with --database: a schema for the city, taken away afterwards")
	flags.IntVar(&o.readers, "readers", 1_000_000, "parcels and rows that each reader reads; 0 leaves that out and keeps their figures")
	flags.IntVar(&o.readerRounds, "reader-rounds", 3, "times that each reader is measured")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	err := o.check(flags.NArg())
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	return o, err
}

// check says what is wrong with the options; further are the arguments behind them.
func (o options) check(further int) error {
	switch {
	case o.parcels < 0 || o.readers < 0 || o.parcels+o.readers == 0 || o.readers > mostReaders:
		return fmt.Errorf("bench: one of --parcels and --readers is at least 1, and --readers at most %d", mostReaders)
	case o.rounds < 1 || o.readerRounds < 1:
		return errors.New("bench: --rounds and --reader-rounds are at least 1")
	case further > 0:
		return errors.New("bench: no arguments are taken but flags")
	}
	return nil
}

// run builds, makes the city, measures, prints and writes.
func run(ctx context.Context, o options, stdout io.Writer) (err error) {
	folder, err := os.MkdirTemp(o.folder, "muscope-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	p := program{path: filepath.Join(folder, "muscope"), folder: folder}
	if err := quietly(ctx, "go", "build", "-trimpath", "-o", p.path, "./cmd/muscope"); err != nil {
		return err
	}
	f, err := before(o)
	if err != nil {
		return err
	}
	if o.parcels > 0 {
		readers := f.Readers
		if f, err = p.measureCity(ctx, o, stdout); err != nil {
			return err
		}
		f.Readers = readers
	}
	if o.readers > 0 {
		if f.Readers, err = p.measureReaders(ctx, o, stdout); err != nil {
			return err
		}
	}
	f.print(stdout)
	if f.Layers != nil {
		f.Layers.print(stdout)
	}
	if o.parcels > 0 && o.database.address != "" {
		if err := p.measureDatabases(ctx, o.database, o.rounds, &f, stdout); err != nil {
			return err
		}
	}
	if err := f.save(o.json); err != nil || o.readme == "" {
		return err
	}
	return f.quote(o.readme)
}

// before are the figures that the file holds already, where a part of them is kept.
func before(o options) (f figures, err error) {
	if o.parcels > 0 && o.readers > 0 {
		return f, nil
	}
	text, err := os.ReadFile(o.json)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		return f, fmt.Errorf("%s: %w", o.json, err)
	}
	return f, nil
}

// measureCity evaluates a city several times, beside its yardsticks.
func (p program) measureCity(ctx context.Context, o options, stdout io.Writer) (f figures, err error) {
	fmt.Fprintf(stdout, "making a city of %d parcels …\n", o.parcels)
	if err := p.makeCity(ctx, o, "data", "geoparquet"); err != nil {
		return f, err
	}
	layer, err := p.layerForOGR(ctx, o)
	if err != nil {
		return f, err
	}
	var taken []round
	for i := range o.rounds {
		fmt.Fprintf(stdout, "round %d of %d …\n", i+1, o.rounds)
		r, err := p.measure(ctx, layer)
		if err != nil {
			return f, err
		}
		taken = append(taken, r)
	}
	f = figuresOf(taken)
	f.Parcels, f.Commit, f.Machine = o.parcels, commit(ctx), thisMachine()
	if f.OGR2OGR != nil {
		f.OGR2OGR.Version, f.OGR2OGR.From = layer.version, filepath.Ext(layer.path)[1:]
		if f.Layers, err = p.measureLayers(ctx, min(o.rounds, 3)); err != nil {
			return f, err
		}
	}
	return f, nil
}

// quietly runs a command and shows what it said only when it fails.
func quietly(ctx context.Context, name string, args ...string) error {
	said, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, said)
	}
	return nil
}
