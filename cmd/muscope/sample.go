package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	city "github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine/sample"
)

type sampleFlags struct {
	sample.Options
	format, tables string
}

func newSampleCommand(streams Streams) *cobra.Command {
	f := &sampleFlags{}
	cmd := &cobra.Command{
		Use:   "sample --out DIR [--parcels N --seed S]",
		Short: "Write a made-up city to try things on",
		Long: `sample writes the data folder of a city that does not exist: zones, parcels, land
use, control lines, enterprises and their accounts. Without --parcels it is the one
the program carries, about 2 000 parcels with the mistakes a department's files
really have (its README.md lists them). With --parcels it is a tidy one of any size,
the same for the same size and seed on any machine.

` + exitCodes,
		Example: `  muscope sample --out city
  muscope sample --out big --parcels 1000000 --seed 7
  muscope sample --out big --parcels 200000 --format geojson --tables parquet`,
		Args: onlyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s := &shared{}
			s.quiet, _ = cmd.Flags().GetBool("quiet")
			s.logFormat, _ = cmd.Flags().GetString("log-format")
			return writeSample(cmd.Context(), f, cmd.Flags().Changed("parcels"), s, streams)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Out, "out", "", "folder to write; it must not exist (required)")
	flags.BoolVar(&f.Overwrite, "overwrite", false, "replace the data folder when it exists")
	flags.IntVar(&f.Parcels, "parcels", 0, "make up a city of this many parcels instead of writing the one carried")
	flags.Uint64Var(&f.Seed, "seed", 1, "with --parcels: which city")
	flags.StringVar(&f.format, "format", "", "with --parcels: layers as geoparquet or geojson (default geoparquet)")
	flags.StringVar(&f.tables, "tables", "", "with --parcels: tables as csv or parquet (default csv)")
	return cmd
}

func writeSample(ctx context.Context, f *sampleFlags, madeUp bool, s *shared, streams Streams) error {
	if f.Out == "" {
		return usage(fmt.Errorf("sample: --out is missing; see muscope sample --help"))
	}
	var err error
	if madeUp {
		f.Layers, f.Tables = sample.Format(f.format), sample.Format(f.tables)
		if err := f.Check(); err != nil {
			return usage(err)
		}
		bar := newProgress(s, streams.Err)
		f.Progress = func(parcels int) { bar.note("sample", int64(parcels), int64(f.Parcels)) }
		err = sample.Write(ctx, f.Options)
		bar.done()
	} else {
		if f.format != "" || f.tables != "" {
			return usage(fmt.Errorf("sample: --format and --tables go with --parcels; the city carried is GeoJSON and CSV"))
		}
		err = sample.Unpack(ctx, city.Files, f.Out, f.Overwrite)
	}
	if err == nil && !s.quiet {
		_, err = fmt.Fprintln(streams.Out, f.Out)
	}
	return err
}
