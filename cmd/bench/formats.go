package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// layerFigures tell how long the layers of a run take to be written in each format, and
// ogr2ogr for the parcels alone from GeoJSON to GeoPackage: medians, in seconds.
type layerFigures struct {
	Rows        int64   `json:"rows"` // features of all layers
	GeoJSON     float64 `json:"geojson_seconds"`
	GeoParquet  float64 `json:"geoparquet_seconds"`
	GeoPackage  float64 `json:"geopackage_seconds"`
	Project     float64 `json:"project_seconds"`
	OGR2OGR     float64 `json:"ogr2ogr_geopackage_seconds"`
	OfGeoJSON   float64 `json:"geopackage_speed_of_geojson"` // above 1: faster than GeoJSON
	TimesFaster float64 `json:"geopackage_times_faster_than_ogr2ogr"`
}

// measureLayers takes the rounds. The lists that a run always has are written with the
// GeoJSON, and are little beside it.
func (p program) measureLayers(ctx context.Context, rounds int) (*layerFigures, error) {
	var f layerFigures
	seconds := map[string][]float64{}
	for range rounds {
		if err := os.RemoveAll(p.at("run-layers")); err != nil {
			return nil, err
		}
		if err := quietly(ctx, p.path, "evaluate", "--quiet", "--data", p.at("data"), "--out", p.at("run-layers"), "--formats", "geojson,geoparquet,gpkg,qgis",
			"--policy", policies, "--year", "2024", "--as-of", "2025-06-30"); err != nil {
			return nil, err
		}
		stages, err := readStages(p.at("run-layers/manifest.json"))
		if err != nil {
			return nil, err
		}
		for _, s := range stages {
			seconds[s.Name] = append(seconds[s.Name], s.Seconds)
			if s.Name == "geopackage" {
				f.Rows = s.Rows
			}
		}
		to := p.at("ogr.gpkg")
		began := time.Now()
		err = quietly(ctx, "ogr2ogr", "-f", "GPKG", to, p.at("run-layers/layers/parcels.geojson"))
		seconds["ogr2ogr"] = append(seconds["ogr2ogr"], time.Since(began).Seconds())
		if err != nil {
			return nil, err
		}
		if err := os.Remove(to); err != nil {
			return nil, err
		}
	}
	for name, to := range map[string]*float64{"write": &f.GeoJSON, "geoparquet": &f.GeoParquet, "geopackage": &f.GeoPackage, "project": &f.Project, "ogr2ogr": &f.OGR2OGR} {
		slices.Sort(seconds[name])
		if n := len(seconds[name]); n > 0 {
			*to = rounded(seconds[name][n/2])
		}
	}
	f.OfGeoJSON, f.TimesFaster = per(f.GeoJSON, f.GeoPackage), per(f.OGR2OGR, f.GeoPackage)
	return &f, nil
}

func (f *layerFigures) print(w io.Writer) {
	fmt.Fprintf(w, "\nlayers, %d features: GeoJSON %.3f s, GeoParquet %.3f s, GeoPackage %.3f s, QGIS project %.3f s; ogr2ogr -f GPKG of the parcels alone %.3f s\n",
		f.Rows, f.GeoJSON, f.GeoParquet, f.GeoPackage, f.Project, f.OGR2OGR)
}
