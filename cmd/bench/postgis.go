package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/table"
)

// database is a schema that the city is loaded into, and taken away from afterwards.
type database struct{ address, schema string }

// sessions is how many connections read at once.
const sessions = 2

// databaseFigures tell how fast the city comes out of PostGIS, beside the server's own
// COPY of the same table and beside an evaluation of the same city from GeoParquet. Each
// is the median of the rounds, in seconds.
type databaseFigures struct {
	Rows     int64   `json:"rows"`
	Read     float64 `json:"read_seconds"`
	Copy     float64 `json:"copy_seconds"`
	Speed    float64 `json:"read_speed_of_copy"` // above 1: read is faster
	Evaluate float64 `json:"evaluate_seconds"`
	Files    float64 `json:"evaluate_from_geoparquet_seconds"`
	Ratio    float64 `json:"evaluate_ratio"` // above 1: files are faster
}

// measureDatabases measures reading, the expert's way, and writing.
func (p program) measureDatabases(ctx context.Context, d database, rounds int, f *figures, stdout io.Writer) (err error) {
	fmt.Fprintln(stdout, "loading the city into the database …")
	if err := quietly(ctx, p.path, "load", "--quiet", "--data", p.at("data"), "--to", d.address, "--schema", d.schema); err != nil {
		return err
	}
	defer func() {
		tidied := psql(ctx, d.address, "SET client_min_messages = warning; DROP SCHEMA IF EXISTS expert CASCADE; DROP TABLE IF EXISTS public.land_use_classes; DROP SCHEMA IF EXISTS "+postgis.Quoted(d.schema)+" CASCADE")
		err = errors.Join(err, tidied)
	}()
	if err := psql(ctx, d.address, "ANALYZE"); err != nil {
		return err
	}
	if f.Database, err = p.measureDatabase(ctx, d, rounds, stdout); err != nil {
		return err
	}
	f.Database.print(stdout)
	if f.Expert, err = p.measureExpert(ctx, d, f.Database.Evaluate); err != nil {
		return err
	}
	f.Expert.print(stdout)
	if f.Sink, err = p.measureSink(ctx, d.address, rounds); err != nil {
		return err
	}
	f.Sink.print(stdout)
	return nil
}

// measureDatabase takes the rounds in turn.
func (p program) measureDatabase(ctx context.Context, d database, rounds int, stdout io.Writer) (*databaseFigures, error) {
	var f databaseFigures
	var read, copied, fromDatabase, fromFiles []float64
	for i := range rounds {
		fmt.Fprintf(stdout, "database, round %d of %d …\n", i+1, rounds)
		for _, one := range []struct {
			seconds *[]float64
			do      func() error
		}{
			{&copied, func() error { return d.copyParcels(ctx) }},
			{&read, func() (err error) { f.Rows, err = d.readParcels(ctx); return err }},
			{&fromFiles, func() error { return p.evaluateFrom(ctx, "--data", p.at("data")) }},
			{&fromDatabase, func() error { return p.evaluateFrom(ctx, "--data", d.address, "--schema", d.schema, "--to", "none") }},
		} {
			began := time.Now()
			if err := one.do(); err != nil {
				return nil, err
			}
			*one.seconds = append(*one.seconds, time.Since(began).Seconds())
		}
	}
	f.Read, f.Copy, f.Evaluate, f.Files = median(read), median(copied), median(fromDatabase), median(fromFiles)
	f.Speed, f.Ratio = per(f.Copy, f.Read), per(f.Evaluate, f.Files)
	return &f, nil
}

func median(seconds []float64) float64 {
	slices.Sort(seconds)
	return rounded(seconds[len(seconds)/2])
}

// copyParcels has psql take the parcels as the server's own binary and drop them.
func (d database) copyParcels(ctx context.Context) error {
	address, password, err := withoutPassword(d.address)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "psql", "-qX", address, "-c",
		fmt.Sprintf("COPY (SELECT * FROM %s.parcels) TO STDOUT (FORMAT binary)", postgis.Quoted(d.schema)))
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("psql: %w\n%s", err, said.Bytes())
	}
	return nil
}

// withoutPassword parts an address from its password, which others could read among the
// arguments of a process.
func withoutPassword(address string) (bare, password string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return "", "", fmt.Errorf("bench: --database is no address of the form postgres://user:password@host/database")
	}
	password, _ = u.User.Password()
	u.User = url.User(u.User.Username())
	return u.String(), password, nil
}

// readParcels reads the parcels into batches and drops them.
func (d database) readParcels(ctx context.Context) (rows int64, err error) {
	src, err := postgis.Open(ctx, d.address, postgis.Options{Schema: d.schema, Workers: sessions})
	if err != nil {
		return 0, err
	}
	defer src.Close()
	account, err := src.Scan(ctx, table.MustInput(table.Parcels), sessions, func(int, table.Batch) error { return nil })
	if err != nil {
		return 0, err
	}
	return account.Read, nil
}

// evaluateFrom evaluates a dataset as the other measures do.
func (p program) evaluateFrom(ctx context.Context, data ...string) error {
	return quietly(ctx, p.path, append([]string{
		"evaluate", "--quiet", "--overwrite", "--out", p.at("run-database"), "--formats", "geojson,csv", "--year", "2024", "--as-of", "2025-06-30",
		"--policy", policies,
	}, data...)...)
}

func (f *databaseFigures) print(w io.Writer) {
	fmt.Fprintf(w, "\nPostGIS: %d parcels into Arrow over %d connections in %.3f s, %.0f rows/s; psql COPY binary of the same table %.3f s: %.2f of its speed\n",
		f.Rows, sessions, f.Read, per(float64(f.Rows), f.Read), f.Copy, f.Speed)
	fmt.Fprintf(w, "evaluate from PostGIS %.3f s, from GeoParquet %.3f s: %.2f times\n", f.Evaluate, f.Files, f.Ratio)
}
