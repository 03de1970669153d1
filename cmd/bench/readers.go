package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// smallWorkbook is the rows of the workbook whose reading must stay small.
const smallWorkbook = 200_000

// readers are the files that are read, all of the same city: its parcels, and
// the enterprises' output.
type readers struct {
	program
	self string // this program, which reads in processes of their own
	ogr  string // version of ogr2ogr; empty: there is none
}

// source is a file that a reader is measured on.
type source struct {
	Format string `json:"format"`
	Table  string `json:"table"`
	file   string // below the folder of the same name as its folder
}

// sources are the formats, in the order of the table.
var sources = []source{
	{"GeoParquet", "parcels", "geoparquet/parcels.parquet"},
	{"GeoPackage", "parcels", "geopackage/parcels.gpkg"},
	{"Shapefile", "parcels", "shapefile/parcels.shp"},
	{"GeoJSON", "parcels", "geojson/parcels.geojson"},
	{"CSV", "output", "csv/output.csv"},
	{"XLSX", "output", "xlsx/output.xlsx"},
	{"XLSX", "output", "small/output.xlsx"},
}

// yardstick is what a source is also read with: ogr2ogr where it reads the format,
// else the library by itself.
func (r readers) yardstick(s source) (name string, command []string) {
	path := r.at(s.file)
	bare := []string{r.self, "iterate", path}
	switch s.Format {
	case "GeoParquet":
		return "arrow's record reader, every column", bare
	case "CSV":
		return "encoding/csv, every record", bare
	case "XLSX":
		return "excelize's Rows, every row", bare
	}
	if r.ogr == "" {
		return "", nil
	}
	return "ogr2ogr -f CSV to /dev/null", []string{"ogr2ogr", "-f", "CSV", "/vsistdout/", path}
}

// measureReaders makes the files and reads each with muscope's reader and with its
// yardstick in turn. The order of the rounds is that of the evaluation: all in the
// first, all in the second, so that a slow moment of the machine hits both of a pair.
func (p program) measureReaders(ctx context.Context, o options, stdout io.Writer) (*readerFigures, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r := readers{program: program{path: p.path, folder: p.at("readers")}, self: self}
	if err := os.Mkdir(r.folder, 0o755); err != nil {
		return nil, err
	}
	if version, err := exec.CommandContext(ctx, "ogr2ogr", "--version").Output(); err == nil {
		r.ogr = strings.TrimSpace(string(version))
	}
	fmt.Fprintf(stdout, "making files of %d parcels and rows …\n", o.readers)
	if err := r.makeFiles(ctx, o); err != nil {
		return nil, err
	}
	taken := make([][]reading, len(sources))
	for i := range o.readerRounds {
		fmt.Fprintf(stdout, "round %d of %d of the readers …\n", i+1, o.readerRounds)
		for k, s := range sources {
			one, err := r.turn(ctx, s, taken[k])
			if err != nil {
				return nil, err
			}
			taken[k] = append(taken[k], one)
		}
	}
	f := &readerFigures{Commit: commit(ctx), Machine: thisMachine(), Rows: o.readers, Rounds: o.readerRounds}
	for _, all := range taken {
		f.Formats = append(f.Formats, middleOf(all))
	}
	return f, nil
}

// makeFiles writes the same city in each format with the product's own writers, and
// the workbooks with excelize.
func (r readers) makeFiles(ctx context.Context, o options) error {
	city := o
	city.parcels = o.readers
	for _, format := range []string{"geoparquet", "geojson"} {
		if err := r.makeCity(ctx, city, format, format); err != nil {
			return err
		}
	}
	for _, job := range [][]string{
		{"layers", r.at("geoparquet"), r.folder},
		{"tables", r.at("geoparquet/output.csv"), r.folder, strconv.Itoa(o.readers)},
	} {
		if err := quietly(ctx, r.self, append([]string{"make"}, job...)...); err != nil {
			return err
		}
	}
	return nil
}

// slow is how many seconds a yardstick may take to be measured in every round; what
// takes longer is measured in the first.
const slow = 20

// turn reads a source once with each.
func (r readers) turn(ctx context.Context, s source, before []reading) (reading, error) {
	path := r.at(s.file)
	one := reading{source: s}
	folder := filepath.Dir(path)
	said, err := one.time(exec.CommandContext(ctx, r.self, "read", folder, s.Table))
	if err != nil {
		return one, err
	}
	if err := json.Unmarshal(said, &one); err != nil {
		return one, fmt.Errorf("read %s: %w", folder, err)
	}
	name, command := r.yardstick(s)
	if len(before) > 0 && before[0].Yardstick != nil && before[0].Yardstick.Seconds > slow {
		one.Yardstick = before[0].Yardstick
		return one, nil
	}
	if command == nil {
		return one, nil
	}
	var other reading
	if _, err := other.time(exec.CommandContext(ctx, command[0], command[1:]...)); err != nil {
		return one, err
	}
	one.Yardstick = &readerYardstick{Name: name, Seconds: other.Seconds, CPUSeconds: other.CPUSeconds, PeakMemory: other.PeakMemory}
	if command[0] == "ogr2ogr" {
		one.Yardstick.Version = r.ogr
	}
	return one, nil
}

// time runs a command: wall and processor seconds and peak resident bytes. What
// ogr2ogr writes goes to the null device; of our own, its answer is a line.
func (one *reading) time(cmd *exec.Cmd) (said []byte, err error) {
	var out, complaint bytes.Buffer
	cmd.Stderr = &complaint
	if cmd.Args[0] != "ogr2ogr" {
		cmd.Stdout = &out
	}
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd.Args, err, complaint.Bytes())
	}
	one.Seconds = time.Since(began).Seconds()
	one.CPUSeconds = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	one.PeakMemory = peakMemory(cmd.ProcessState)
	return out.Bytes(), nil
}
