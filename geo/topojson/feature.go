package topojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// maxPoints is the most points that one geometry may come to, as arcs may be named any
// number of times.
const maxPoints = 1 << 24

// feature is a geometry object as it stands in the file.
type feature struct {
	Type        string
	Arcs        json.RawMessage
	Coordinates json.RawMessage
	Properties  json.RawMessage
}

// Read calls v for every geometry of an object, in order, numbered from 1. What is
// wrong with one geometry is that feature's problem; what is wrong with the JSON or
// the object ends the reading.
func (f *File) Read(name string, v geojson.Visitor) error {
	o, err := f.find(name)
	if err != nil {
		return f.wrap(err)
	}
	if err := f.read(o, v); err != nil {
		return f.wrap(fmt.Errorf("object %q: %w", name, err))
	}
	return nil
}

func (f *File) read(o object, v geojson.Visitor) error {
	var head struct {
		Type       string
		Geometries json.RawMessage
	}
	if err := json.Unmarshal(o.raw, &head); err != nil {
		return err
	}
	var g wkb.Geometry
	if head.Type != "GeometryCollection" {
		return f.visit(o.raw, 1, &g, v)
	}
	d := json.NewDecoder(bytes.NewReader(head.Geometries))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.New("its geometries are no list")
	}
	var raw json.RawMessage
	for number := int64(1); d.More(); number++ {
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if err := f.visit(raw, number, &g, v); err != nil {
			return fmt.Errorf("feature %d: %w", number, err)
		}
	}
	return nil
}

func (f *File) visit(raw json.RawMessage, number int64, g *wkb.Geometry, v geojson.Visitor) error {
	var one feature
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	if err := properties(one.Properties, v); err != nil {
		return err
	}
	switch t, known := wkb.Named(one.Type); {
	case one.Type == "":
		v.EndFeature(number, nil, "")
	case !known:
		v.EndFeature(number, nil, fmt.Sprintf("geometry type %q is not supported", one.Type))
	case !t.Readable():
		v.EndFeature(number, &wkb.Geometry{Type: t}, "")
	default:
		g.Reset(t)
		if err := f.build(g, one); err != nil {
			v.EndFeature(number, nil, err.Error())
			return nil
		}
		v.EndFeature(number, g, "")
	}
	return nil
}

// properties hands each property over once, the first of a repeated key.
func properties(raw json.RawMessage, v geojson.Visitor) error {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("its properties are no object")
	}
	seen := map[string]bool{}
	var value json.RawMessage
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		key := t.(string)
		if err := d.Decode(&value); err != nil {
			return err
		}
		if seen[key] {
			continue
		}
		seen[key] = true
		v.Property([]byte(key), valueOf(value))
	}
	return nil
}

func valueOf(raw json.RawMessage) geojson.Value {
	switch raw[0] {
	case '"':
		var text string
		_ = json.Unmarshal(raw, &text) // the decoder has found it well formed
		return geojson.Value{Kind: geojson.String, Text: []byte(text)}
	case 't', 'f':
		return geojson.Value{Kind: geojson.Bool, Text: raw}
	case 'n':
		return geojson.Value{Kind: geojson.Null, Text: raw}
	case '{', '[':
		return geojson.Value{Kind: geojson.Nested, Text: raw}
	}
	return geojson.Value{Kind: geojson.Number, Text: raw}
}

// build puts a geometry together.
func (f *File) build(g *wkb.Geometry, one feature) error {
	switch g.Type {
	case wkb.Point, wkb.MultiPoint:
		return f.points(g, one.Coordinates)
	case wkb.LineString:
		var line []int
		if err := list(one.Arcs, &line); err != nil {
			return err
		}
		return f.parts(g, [][][]int{{line}})
	case wkb.MultiLineString:
		var lines [][]int
		if err := list(one.Arcs, &lines); err != nil {
			return err
		}
		parts := make([][][]int, len(lines))
		for i, line := range lines {
			parts[i] = [][]int{line}
		}
		return f.parts(g, parts)
	case wkb.Polygon:
		var rings [][]int
		if err := list(one.Arcs, &rings); err != nil {
			return err
		}
		return f.parts(g, [][][]int{rings})
	}
	var polygons [][][]int
	if err := list(one.Arcs, &polygons); err != nil {
		return err
	}
	return f.parts(g, polygons)
}

// list reads a list of numbers or of lists.
func list(raw json.RawMessage, into any) error {
	if len(raw) == 0 {
		return errors.New("it has no arcs")
	}
	if json.Unmarshal(raw, into) != nil {
		return errors.New("its arcs are not nested as its type wants it")
	}
	return nil
}

func (f *File) points(g *wkb.Geometry, raw json.RawMessage) error {
	var all [][]float64
	if g.Type == wkb.Point {
		all = make([][]float64, 1)
		if json.Unmarshal(raw, &all[0]) != nil {
			return errors.New("its coordinates are no position")
		}
	} else if json.Unmarshal(raw, &all) != nil {
		return errors.New("its coordinates are no list of positions")
	}
	for _, p := range all {
		if len(p) < 2 {
			return errors.New("a position needs two numbers")
		}
		x, y := f.place(p[0], p[1])
		g.XY = append(g.XY, x, y)
		g.EndRing()
		g.EndPart()
	}
	return nil
}

func (f *File) parts(g *wkb.Geometry, parts [][][]int) error {
	for _, rings := range parts {
		for _, ring := range rings {
			if err := f.chain(g, ring); err != nil {
				return err
			}
			g.EndRing()
		}
		g.EndPart()
	}
	return nil
}

// chain appends arcs one behind the other: an arc begins where the last one ended, and
// that point stands once. A number below zero is an arc walked backwards.
func (f *File) chain(g *wkb.Geometry, arcs []int) error {
	for i, number := range arcs {
		back := number < 0
		if back {
			number = ^number
		}
		if number >= len(f.ends) {
			return fmt.Errorf("it names arc %d of %d", number, len(f.ends))
		}
		from := 0
		if number > 0 {
			from = f.ends[number-1]
		}
		arc := f.arcs[from:f.ends[number]]
		if len(g.XY)+len(arc) > 2*maxPoints {
			return fmt.Errorf("it has more than %d points", maxPoints)
		}
		skip := 0
		if i > 0 && len(arc) > 0 {
			skip = 2
		}
		if !back {
			g.XY = append(g.XY, arc[skip:]...)
			continue
		}
		for k := len(arc) - 2 - skip; k >= 0; k -= 2 {
			g.XY = append(g.XY, arc[k], arc[k+1])
		}
	}
	return nil
}
