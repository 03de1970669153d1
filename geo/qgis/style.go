package qgis

import "fmt"

// Color is a colour with its opacity; the zero value draws nothing.
type Color struct{ R, G, B, A uint8 }

// RGB is an opaque colour: RGB(0x1A4E8A).
func RGB(hex uint32) Color { return Color{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255} }

func (c Color) String() string { return fmt.Sprintf("%d,%d,%d,%d", c.R, c.G, c.B, c.A) }

func (c Color) hex() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Style is one way to draw a layer.
type Style struct {
	Name     string
	Renderer Renderer
	Labels   *Labels  // nil: none
	Diagram  *Diagram // nil: none
	Fade     float64  // how much of what lies below shows through, 0 to 1
}

// Renderer says which symbol a feature gets.
type Renderer struct {
	By      string // a column or an expression; empty: one symbol for all
	Numbers bool   // classes are ranges of numbers
	Classes []Class
}

// Class is a symbol and the features it is for: those with a value (empty: all that
// have none of the others), or those with a number over Low up to High.
type Class struct {
	Value     string
	Low, High float64
	Label     string
	Symbol    Symbol
}

// Single is one symbol for all features.
func Single(label string, s Symbol) Renderer {
	return Renderer{Classes: []Class{{Label: label, Symbol: s}}}
}

// Symbol is how a feature is drawn. A line has an outline only.
type Symbol struct {
	Fill    Color
	Outline Color
	Width   float64 // of the outline, mm
	Metres  float64 // on the ground that the outline is wide, up to Width; 0: Width at every scale
	Dashed  bool
	Hatch   *Hatch // over the fill of a polygon
	Marker  string // of a point: circle, square, triangle, diamond …
	Size    float64
}

// Hatch is parallel lines over a polygon.
type Hatch struct {
	Color           Color
	Angle           float64 // degrees
	Distance, Width float64 // mm
}

func (r Renderer) element(g Geometry) *element {
	e := el("renderer-v2", "symbollevels", "0", "enableorderby", "0", "forceraster", "0")
	symbols := el("symbols")
	for i, c := range r.Classes {
		symbols.add(c.Symbol.element(g, count(i)))
	}
	switch {
	case r.By == "":
		return e.set("type", "singleSymbol").add(symbols)
	case r.Numbers:
		ranges := el("ranges")
		for i, c := range r.Classes {
			ranges.add(el("range", "lower", number(c.Low), "upper", number(c.High), "symbol", count(i), "label", c.Label, "render", "true"))
		}
		return e.set("type", "graduatedSymbol").set("attr", r.By).set("graduatedMethod", "GraduatedColor").add(ranges, symbols)
	}
	categories := el("categories")
	for i, c := range r.Classes {
		categories.add(el("category", "type", "string", "value", c.Value, "symbol", count(i), "label", c.Label, "render", "true"))
	}
	return e.set("type", "categorizedSymbol").set("attr", r.By).add(categories, symbols)
}

func (s Symbol) element(g Geometry, name string) *element {
	kind := map[Geometry]string{Points: "marker", Lines: "line", Polygons: "fill"}[g]
	e := el("symbol", "type", kind, "name", name, "alpha", "1", "clip_to_extent", "1", "force_rhr", "0")
	layer := func(class string, o *element, inside ...*element) {
		e.add(el("layer", "class", class, "enabled", "1", "locked", "0", "pass", "0").add(o).add(inside...))
	}
	switch g {
	case Points:
		layer("SimpleMarker", options("name", s.Marker, "color", s.Fill.String(), "outline_color", s.Outline.String(),
			"outline_style", "solid", "outline_width", number(s.Width), "outline_width_unit", "MM", "size", number(s.Size), "size_unit", "MM"))
	case Lines:
		layer("SimpleLine", s.line("line_"))
	default:
		style := "solid"
		if s.Fill.A == 0 {
			style = "no"
		}
		outline := s.outline()
		if s.Hatch == nil {
			layer("SimpleFill", options(append([]string{"color", s.Fill.String(), "style", style}, outline...)...))
			break
		}
		layer("SimpleFill", options("color", s.Fill.String(), "style", style, "outline_style", "no"))
		h := s.Hatch
		layer("LinePatternFill", options("angle", number(h.Angle), "color", h.Color.String(), "distance", number(h.Distance),
			"distance_unit", "MM", "line_width", number(h.Width), "line_width_unit", "MM"),
			Symbol{Outline: h.Color, Width: h.Width}.element(Lines, "@"+name+"@1"))
		layer("SimpleFill", options(append([]string{"color", Color{}.String(), "style", "no"}, outline...)...))
	}
	return e
}

func (s Symbol) pen() string {
	switch {
	case s.Outline.A == 0 || s.Width == 0:
		return "no"
	case s.Dashed:
		return "dash"
	}
	return "solid"
}

func (s Symbol) outline() []string {
	pairs := []string{"outline_color", s.Outline.String(), "outline_style", s.pen(), "joinstyle", "miter"}
	if s.Metres > 0 {
		return append(pairs, "outline_width", number(s.Metres), "outline_width_unit", "RenderMetersInMapUnits",
			"border_width_map_unit_scale", "3x:0,0,0,0,1,"+number(s.Width))
	}
	return append(pairs, "outline_width", number(s.Width), "outline_width_unit", "MM")
}

func (s Symbol) line(prefix string) *element {
	return options(prefix+"color", s.Outline.String(), prefix+"style", s.pen(), prefix+"width", number(s.Width), prefix+"width_unit", "MM",
		"capstyle", "flat", "joinstyle", "miter")
}
