package write

import (
	"context"
	"fmt"
	"os"
)

// Formats are what a run folder holds.
type Formats struct {
	GeoJSON    bool // layers/NAME.geojson
	GeoParquet bool // layers/NAME.parquet
	GeoPackage bool // layers/muscope.gpkg
	CSV        bool // tables/NAME.csv; the lists that account for the rows are always there
	XLSX       bool // report.xlsx, which the caller gives as one of the Papers
	QGIS       bool // muscope.qgz and layers/NAME.qml, as the folder's Draw makes them
	HTML       bool // report.html, as the folder's papers have it
	// Large adds the GeoPackage where a layer has more rows than this; 0: never. GeoJSON
	// has no index, so that every look at a part of it reads the whole.
	Large int
}

// DefaultFormats are those of a run that asks for none.
var DefaultFormats = Formats{GeoJSON: true, CSV: true, QGIS: true, XLSX: true, HTML: true, Large: 20_000}

// packaged says whether the layers go into a GeoPackage too.
func (f *Folder) packaged() bool {
	if f.Formats.GeoPackage {
		return true
	}
	for _, l := range f.layers {
		if f.Formats.Large > 0 && l.Rows > f.Formats.Large {
			return true
		}
	}
	return false
}

// Step is a part of the results that is written once the layers and tables are there
// and the manifest is known but for the outputs. It is timed apart.
type Step struct {
	Name string
	Do   func(context.Context) (rows int, err error)
}

// Steps are what is still to be written. A sink that has such steps has this method.
func (f *Folder) Steps(m *Manifest) []Step {
	var steps []Step
	if f.Formats.GeoParquet {
		steps = append(steps, Step{"geoparquet", f.geoParquet})
	}
	if f.packaged() {
		steps = append(steps, Step{"geopackage", func(ctx context.Context) (int, error) { return f.geoPackage(ctx, m) }})
	}
	if f.Formats.QGIS && f.Draw != nil && (f.Formats.GeoJSON || f.packaged()) {
		steps = append(steps, Step{"project", func(ctx context.Context) (int, error) { return f.draw(ctx, m) }})
	}
	for _, p := range f.Papers {
		steps = append(steps, Step{p.Name, func(ctx context.Context) (int, error) { return f.paper(ctx, p, m) }})
	}
	return steps
}

// eachLayer writes the layers, one after the other.
func (f *Folder) eachLayer(write func(*Layer) error) (rows int, err error) {
	for i := range f.layers {
		if err := write(&f.layers[i]); err != nil {
			return rows, fmt.Errorf("layer %s: %w", f.layers[i].Name, err)
		}
		rows += f.layers[i].Rows
	}
	return rows, nil
}

func (f *Folder) makeLayersFolder() error {
	if err := os.MkdirAll(f.path(layersFolder), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", f.shown(layersFolder), reason(err))
	}
	return nil
}
