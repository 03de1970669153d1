// Command bench measures how fast muscope evaluates a made-up city, beside
// two yardsticks taken in the same run on the same machine: reading the
// same input and writing as many bytes with plain reads and writes, and the
// parcels layer alone through ogr2ogr. Seconds mean little from one machine
// to the next; the two ratios travel.
//
// It builds the program, makes the city in a temporary folder, runs the three
// in turn several times, takes medians, prints a table and writes the figures
// as JSON. It compares no results and sets no limit: the tests do the first,
// a reader the second.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
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
	database database // with the city in it; no address: not measured
	folder   string   // for city and runs; empty: a temporary one
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.parcels, "parcels", 200000, "parcels of the made-up city")
	flags.IntVar(&o.seed, "seed", 1, "seed of the made-up city")
	flags.IntVar(&o.rounds, "rounds", 5, "times that each is measured")
	flags.StringVar(&o.json, "json", "out/bench.json", "file that receives the figures")
	flags.StringVar(&o.folder, "folder", "", "folder for the city and its runs, emptied afterwards (default a temporary one)")
	flags.StringVar(&o.database.address, "database", "", "postgres:// address of a database that holds the same city, to be measured too")
	flags.StringVar(&o.database.schema, "schema", "public", "with --database: the schema that it is in")
	err := flags.Parse(args)
	if err == nil && (o.parcels < 1 || o.rounds < 1 || flags.NArg() > 0) {
		err = fmt.Errorf("bench: --parcels and --rounds are at least 1, and no other arguments are taken")
		fmt.Fprintln(stderr, err)
	}
	return o, err
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
	fmt.Fprintf(stdout, "making a city of %d parcels …\n", o.parcels)
	if err := p.makeCity(ctx, o, "data", "geoparquet"); err != nil {
		return err
	}
	layer, err := p.layerForOGR(ctx, o)
	if err != nil {
		return err
	}
	var taken []round
	for i := range o.rounds {
		fmt.Fprintf(stdout, "round %d of %d …\n", i+1, o.rounds)
		r, err := p.measure(ctx, layer)
		if err != nil {
			return err
		}
		taken = append(taken, r)
	}
	f := figuresOf(taken)
	f.Parcels, f.Commit, f.Machine = o.parcels, commit(ctx), thisMachine()
	if f.OGR2OGR != nil {
		f.OGR2OGR.Version, f.OGR2OGR.From = layer.version, filepath.Ext(layer.path)[1:]
	}
	f.print(stdout)
	if o.database.address != "" {
		if f.Database, err = p.measureDatabase(ctx, o.database, o.rounds, stdout); err != nil {
			return err
		}
		f.Database.print(stdout)
		if f.Sink, err = p.measureSink(ctx, o.database.address, o.rounds); err != nil {
			return err
		}
		f.Sink.print(stdout)
	}
	return f.save(o.json)
}

// quietly runs a command and shows what it said only when it fails.
func quietly(ctx context.Context, name string, args ...string) error {
	said, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, said)
	}
	return nil
}
