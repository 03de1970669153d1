package history

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/muscope-gis/muscope/engine/archive"
	"github.com/muscope-gis/muscope/engine/write"
)

// deepest is how many folders down runs are looked for: results/JOB/PERIOD/RUN and
// one to spare.
const deepest = 4

// Find finds the runs in a folder and the folders below it, the newest first. Folders
// whose names begin with a dot, or have .tmp- in them, hold no runs: those are begun
// and not whole; links are not followed. A run folder that cannot be read is among the
// runs, with its problem. The same folders give the same runs in the same order.
func Find(ctx context.Context, dir string) ([]Run, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("find runs in %s: it is a file; name a folder of run folders", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("find runs in %s: %w; name a folder of run folders", dir, reason(err))
	}
	f := finder{ctx: ctx, root: dir}
	if err := f.look("", 0); err != nil {
		return nil, err
	}
	Sort(f.runs)
	return f.runs, nil
}

type finder struct {
	ctx  context.Context
	root string
	runs []Run
}

// look looks for runs in a folder below the root.
func (f *finder) look(place string, depth int) error {
	if err := f.ctx.Err(); err != nil {
		return err
	}
	dir := filepath.Join(f.root, filepath.FromSlash(place))
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && depth > 0 { // taken away since it was listed
			return nil
		}
		f.broken(place, reason(err).Error())
		return nil
	}
	parts := false
	for _, e := range entries {
		if e.Name() == write.ManifestName {
			f.add(place)
			return nil
		}
		parts = parts || e.IsDir() && isPart(e.Name())
	}
	if parts {
		f.broken(place, fmt.Sprintf("no %s: what is left of a run", write.ManifestName))
		return nil
	}
	for _, e := range entries {
		name := e.Name()
		if !e.IsDir() || depth == deepest || strings.HasPrefix(name, ".") || strings.Contains(name, ".tmp-") {
			continue
		}
		if err := f.look(path.Join(place, name), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// isPart says whether a folder is one that stands in a run folder.
func isPart(name string) bool {
	return name == "layers" || name == "tables" || name == write.FactsFolder
}

func (f *finder) broken(place, problem string) {
	f.runs = append(f.runs, Run{Place: shownPlace(place), Policies: []string{}, Verdicts: map[string]map[string]int64{}, Problem: problem})
}

func shownPlace(place string) string {
	if place == "" {
		return "."
	}
	return place
}

// add opens the run in a folder.
func (f *finder) add(place string) {
	r, err := Folder(filepath.Join(f.root, filepath.FromSlash(place)))
	if err != nil {
		f.broken(place, strings.TrimPrefix(err.Error(), "open run "+filepath.Join(f.root, filepath.FromSlash(place))+": "))
		return
	}
	r.Place, r.series = shownPlace(place), seriesOf(place, r.Period)
	f.runs = append(f.runs, r)
}

// seriesOf is the folder that holds a run and its past: JOB of JOB/PERIOD/RUN and of
// JOB/RUN.
func seriesOf(place, period string) string {
	series := path.Dir(place)
	if path.Base(series) == period {
		series = path.Dir(series)
	}
	return series
}

// Folder is the run in a folder.
func Folder(dir string) (Run, error) {
	opened, err := archive.Open(dir)
	if err != nil {
		return Run{}, err
	}
	info, err := os.Stat(filepath.Join(dir, write.ManifestName))
	if err != nil {
		return Run{}, fmt.Errorf("open run %s: %w", dir, reason(err))
	}
	return Of(&opened.Manifest, filepath.ToSlash(dir), info.ModTime(), folder{opened}), nil
}

// folder reads the tables of a run folder; where there is no table, the layer that has
// the same rows.
type folder struct{ run *archive.Run }

// layerOf is the layer that has a table's columns.
var layerOf = map[string]string{"idle_land": "idle_land", "supply": "parcels", "underused_land": "underused_land", "zones": "zones"}

// Rows implements [Tables].
func (f folder) Rows(ctx context.Context, table string, columns []string, take func(cells []string) error) (missing string, err error) {
	if f.run.Has("tables/" + table + ".csv") {
		return "", f.run.Columns(table, columns, func(cells []string) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return take(cells)
		})
	}
	layer := layerOf[table]
	switch {
	case f.run.Has("tables/zones.csv"): // which every run has that has tables
		return NotEvaluated, nil
	case layer == "" || !f.run.Has("layers/parcels.geojson"): // which every run has that has layers
		return NotWritten, nil
	case !f.run.Has("layers/" + layer + ".geojson"):
		return NotEvaluated, nil
	}
	var wrong error
	cells := make([]string, len(columns))
	err = f.run.Each(layer, func(row archive.Feature) {
		for i, c := range columns {
			cells[i] = row.Text(c)
		}
		if wrong == nil {
			if wrong = ctx.Err(); wrong == nil {
				wrong = take(cells)
			}
		}
	})
	if wrong != nil {
		return "", wrong
	}
	return "", err
}

// Parcels implements [Tables].
func (f folder) Parcels(ctx context.Context, codes []string) (map[string]bool, error) {
	if !f.run.Has("layers/parcels.geojson") {
		return nil, nil
	}
	out := make(map[string]bool, len(codes))
	if len(codes) > fewCodes {
		for _, code := range codes {
			out[code] = false
		}
		err := f.run.Texts("parcels", "parcel_code", func(code string) error {
			if _, asked := out[code]; asked {
				out[code] = true
			}
			return ctx.Err()
		})
		return out, err
	}
	for _, code := range codes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, _, err := f.run.Feature("parcels", "parcel_code", code)
		if err != nil {
			return nil, err
		}
		out[code] = found != nil
	}
	return out, nil
}

// fewCodes is up to how many codes are looked up one by one; beyond it the layer is
// read once.
const fewCodes = 50

// reason cuts the operation and path off an error of package os.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
