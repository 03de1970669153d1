package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// shape is a feature as it is drawn.
type shape struct {
	class string // a parcel's class of the legend
	name  string // a zone's name
	box   wkb.Box
	rings [][]float64 // lon, lat, lon, lat …
}

// readLayer reads a layer of a run, which is in lon/lat, and asks make what
// each feature's properties amount to. Features without a geometry are left
// out.
func readLayer(path string, make func(properties map[string]string) shape) ([]shape, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; run make run first", err)
	}
	defer file.Close()
	splitter := geojson.NewSplitter(file, 0)
	reader := &layerReader{make: make, properties: map[string]string{}}
	var parser geojson.Parser
	for {
		block, err := splitter.Next()
		if errors.Is(err, io.EOF) {
			return reader.shapes, nil
		}
		if err == nil {
			err = parser.Parse(block, reader)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		splitter.Recycle(block)
	}
}

// layerReader gathers features as the parser meets them.
type layerReader struct {
	make       func(map[string]string) shape
	properties map[string]string // of the feature at hand; null ones are left out
	shapes     []shape
}

// Property keeps a property that has a value.
func (r *layerReader) Property(key []byte, v geojson.Value) {
	if v.Kind != geojson.Null {
		r.properties[string(key)] = string(v.Text)
	}
}

// EndFeature turns what was gathered into a shape.
func (r *layerReader) EndFeature(_ int64, g *wkb.Geometry, _ string) {
	if g != nil && g.Type.Areal() && !g.Empty() {
		s := r.make(r.properties)
		g = g.Clone()
		s.box = g.Bounds()
		for i := range g.NumRings() {
			s.rings = append(s.rings, g.Ring(i))
		}
		r.shapes = append(r.shapes, s)
	}
	clear(r.properties)
}

func zoneOf(properties map[string]string) shape { return shape{name: properties["name"]} }

// parcelOf takes the first class that holds: idle, soon idle, else the supply
// state.
func parcelOf(properties map[string]string) shape {
	switch {
	case properties["idle"] == "true":
		return shape{class: properties["idle_kind"]}
	case properties["at_risk_on"] != "":
		return shape{class: "at_risk"}
	case properties["supply_state"] != "":
		return shape{class: properties["supply_state"]}
	}
	return shape{class: "none"}
}
