package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// program is the muscope under measure, with the folder that it works in.
type program struct{ path, folder string }

// policies are those that cities are evaluated under.
const policies = "lianyungang-2022,chizhou-2015,suizhou-2018,national-idle-land-2012"

// round is what one turn of the three measured.
type round struct {
	evaluate, plain, ogr float64 // wall seconds; ogr 0 without ogr2ogr
	cpu                  float64 // processor seconds of evaluate
	inBytes, outBytes    int64
	memory               int64 // peak resident bytes of evaluate
	stages               []stage
}

// stage is one line of a manifest's timing. Bytes are those of the files that
// it read or wrote, 0 for a stage that works in memory.
type stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes,omitempty"`
}

func (p program) at(name string) string { return filepath.Join(p.folder, name) }

func (p program) makeCity(ctx context.Context, o options, name, format string) error {
	return quietly(ctx, p.path, "sample", "--quiet", "--out", p.at(name), "--format", format,
		"--parcels", strconv.Itoa(o.parcels), "--seed", strconv.Itoa(o.seed))
}

// measure takes one turn. The city was written a moment ago, so that all three
// read from the page cache.
func (p program) measure(ctx context.Context, layer ogrLayer) (round, error) {
	var r round
	var err error
	if err = p.evaluate(ctx, &r); err != nil {
		return r, err
	}
	if r.stages, err = readStages(p.at("run/manifest.json")); err != nil {
		return r, err
	}
	if r.plain, r.inBytes, r.outBytes, err = plainCopy(p.at("data"), p.at("run"), p.at("plain")); err != nil {
		return r, err
	}
	if layer.path != "" {
		r.ogr, err = layer.convert(ctx, p.at("ogr.geojson"))
	}
	return r, err
}

// evaluate runs the main job once: wall and processor seconds and peak
// resident bytes. The kernel starts a child's peak at its parent's, so this
// program must stay small, which it does: nothing here holds a file.
func (p program) evaluate(ctx context.Context, r *round) error {
	if err := os.RemoveAll(p.at("run")); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, p.path, "evaluate", "--quiet", "--data", p.at("data"), "--out", p.at("run"), "--formats", "geojson,csv",
		"--policy", policies, "--year", "2024", "--as-of", "2025-06-30")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, said.Bytes())
	}
	r.evaluate = time.Since(began).Seconds()
	r.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	r.memory = peakMemory(cmd.ProcessState)
	return nil
}

// readStages takes the timing out of a run's manifest.
func readStages(path string) ([]stage, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(m.Stages) == 0 {
		return nil, fmt.Errorf("%s: no stages: a manifest of another version?", path)
	}
	m.giveBytes()
	return m.Stages, nil
}

// manifest is the part of manifest.json that is used here.
type manifest struct {
	Stages []stage `json:"stages"`
	Inputs []struct {
		Table string `json:"table"`
		Bytes int64  `json:"bytes"`
	} `json:"inputs"`
	Outputs []struct {
		Path  string `json:"path"`
		Bytes int64  `json:"bytes"`
	} `json:"outputs"`
}

// giveBytes lays the files' bytes to the stages: a table to the stage of its
// name, those without one to the stage tables; what was written to write, but
// for the list of sources, which has a stage of its own.
func (m *manifest) giveBytes() {
	for _, in := range m.Inputs {
		m.give(in.Table, "tables", in.Bytes)
	}
	for _, out := range m.Outputs {
		name, _, _ := strings.Cut(filepath.Base(out.Path), ".")
		if name != "sources" {
			name = "write"
		}
		m.give(name, "write", out.Bytes)
	}
}

func (m *manifest) give(name, otherwise string, bytes int64) {
	for _, wanted := range []string{name, otherwise} {
		if i := slices.IndexFunc(m.Stages, func(s stage) bool { return s.Name == wanted }); i >= 0 {
			m.Stages[i].Bytes += bytes
			return
		}
	}
}

// ogrLayer is the parcels layer in a format that the installed ogr2ogr reads;
// without an ogr2ogr its path is empty.
type ogrLayer struct{ path, version string }

// layerForOGR finds the parcels layer of the city, or makes the same city
// once more in GeoJSON when ogr2ogr was built without Parquet.
func (p program) layerForOGR(ctx context.Context, o options) (ogrLayer, error) {
	version, err := exec.CommandContext(ctx, "ogr2ogr", "--version").Output()
	if err != nil {
		return ogrLayer{}, nil //nolint:nilerr // no ogr2ogr: the figures then say so
	}
	layer := ogrLayer{p.at("data/parcels.parquet"), strings.TrimSpace(string(version))}
	formats, err := exec.CommandContext(ctx, "ogr2ogr", "--formats").Output()
	if err != nil {
		return ogrLayer{}, fmt.Errorf("ogr2ogr --formats: %w", err)
	}
	if !strings.Contains(string(formats), "Parquet") {
		if err := p.makeCity(ctx, o, "geojson", "geojson"); err != nil {
			return ogrLayer{}, err
		}
		layer.path = p.at("geojson/parcels.geojson")
	}
	_, err = os.Stat(layer.path)
	return layer, err
}

// convert has ogr2ogr rewrite the layer as GeoJSON: wall seconds.
func (l ogrLayer) convert(ctx context.Context, to string) (float64, error) {
	defer os.Remove(to)
	began := time.Now()
	err := quietly(ctx, "ogr2ogr", "-f", "GeoJSON", to, l.path)
	return time.Since(began).Seconds(), err
}
