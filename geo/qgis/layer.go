package qgis

import (
	"strings"
)

// Geometry is what a layer's features are.
type Geometry string

// The geometries a layer is drawn as.
const (
	Points   Geometry = "Point"
	Lines    Geometry = "Line"
	Polygons Geometry = "Polygon"
)

// Source is where a layer's features lie: a file by its path from the project, a
// table of it, and which of its rows.
type Source struct {
	Path     string
	Table    string   // of a GeoPackage; empty for a file of one layer
	Geometry Geometry // only features of it, where a file mixes them
	Where    string   // a condition in SQL
}

// String is the source as OGR's provider takes it.
func (s Source) String() string {
	text := s.Path
	if s.Table != "" {
		text += "|layername=" + s.Table
	}
	if s.Geometry != "" {
		kind := string(s.Geometry)
		if s.Geometry == Lines {
			kind = "LineString"
		}
		text += "|geometrytype=" + kind
	}
	if s.Where != "" {
		text += "|subset=" + s.Where
	}
	return text
}

// Layer is a vector layer that is looked at and not edited.
type Layer struct {
	ID, Name string
	Source   Source
	Geometry Geometry
	CRS      System
	Columns  []Column
	Tabs     []Tab   // of the form; none for one long form
	Styles   []Style // the first is the one it opens with
	Display  string  // an expression that names a feature
	Tip      string  // HTML with [% expressions %], shown over the map
	Metadata Metadata
}

// Column is how a column of a layer is shown.
type Column struct {
	Name, Alias string
	Values      []Value // what stands for a code; none for a column that shows itself
	Hidden      bool    // in the table of attributes
	Width       int     // of the table's column in pixels; 0 leaves it to QGIS
}

// Value is a code in the data and what people read instead.
type Value struct{ Code, Label string }

// Tab is a page of a layer's form.
type Tab struct {
	Name    string
	Columns []string
}

// style is the place of a style by its name, -1 when there is none.
func (l *Layer) style(name string) int {
	for i, s := range l.Styles {
		if s.Name == name {
			return i
		}
	}
	return -1
}

// QML is a style of the layer as a file of its own, or for a GeoPackage's
// layer_styles. All of the columns' names and values goes with it.
func (l *Layer) QML(style int) []byte {
	dst := []byte("<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n")
	return append(l.styled("qgis", style).appendTo(dst, 2), '\n')
}

// styled is an element with everything of a style: how the layer is drawn, and how
// its columns are shown, which a change of style would take away otherwise.
func (l *Layer) styled(name string, style int) *element {
	s := l.Styles[style]
	e := el(name, "version", Version, "styleCategories", "AllStyleCategories", "labelsEnabled", flag(s.Labels != nil),
		"simplifyDrawingHints", "1", "hasScaleBasedVisibilityFlag", "0", "minScale", "100000000", "maxScale", "0", "readOnly", "1")
	l.dress(e, style)
	return e
}

// dress adds a style's settings to the layer's element or a file's.
func (l *Layer) dress(e *element, style int) {
	s := l.Styles[style]
	e.add(s.Renderer.element(l.Geometry))
	if s.Labels != nil {
		e.add(s.Labels.element(l.Geometry))
	}
	if s.Diagram != nil {
		e.add(s.Diagram.elements()...)
	}
	e.add(leaf("blendMode", "0"), leaf("featureBlendMode", "0"), leaf("layerOpacity", number(1-s.Fade)))
	configuration, aliases := el("fieldConfiguration"), el("aliases")
	table := el("columns")
	for i, c := range l.Columns {
		configuration.add(c.configuration())
		aliases.add(el("alias", "index", count(i), "field", c.Name, "name", c.Alias))
		width := "-1"
		if c.Width > 0 {
			width = count(c.Width)
		}
		table.add(el("column", "type", "field", "name", c.Name, "hidden", flag(c.Hidden), "width", width))
	}
	e.add(configuration, aliases,
		el("attributetableconfig", "actionWidgetStyle", "dropDown", "sortOrder", "0", "sortExpression", "").add(table))
	e.add(l.form()...)
	e.add(leaf("previewExpression", l.Display), leaf("mapTip", l.Tip))
}

// form is the pages of the form of one feature.
func (l *Layer) form() []*element {
	if len(l.Tabs) == 0 {
		return nil
	}
	at := map[string]int{}
	for i, c := range l.Columns {
		at[c.Name] = i
	}
	form := el("attributeEditorForm")
	for _, t := range l.Tabs {
		page := el("attributeEditorContainer", "name", t.Name, "groupBox", "0", "columnCount", "1", "showLabel", "1",
			"visibilityExpressionEnabled", "0", "visibilityExpression", "")
		for _, name := range t.Columns {
			page.add(el("attributeEditorField", "name", name, "index", count(at[name]), "showLabel", "1"))
		}
		form.add(page)
	}
	return []*element{leaf("editorlayout", "tablayout"), form}
}

func (c Column) configuration() *element {
	field := el("field", "name", c.Name)
	if len(c.Values) == 0 {
		return field.add(el("editWidget", "type", "").add(el("config")))
	}
	list := el("Option", "type", "List", "name", "map")
	for _, v := range c.Values {
		list.add(options(v.Label, v.Code))
	}
	return field.add(el("editWidget", "type", "ValueMap").add(el("config").add(el("Option", "type", "Map").add(list))))
}

// element is the layer in the project: its source, its settings, the style it opens
// with, and the others to change to.
func (l *Layer) element() *element {
	opens := l.Styles[0]
	e := el("maplayer", "type", "vector", "geometry", string(l.Geometry), "readOnly", "1", "labelsEnabled", flag(opens.Labels != nil),
		"styleCategories", "AllStyleCategories", "simplifyDrawingHints", "1", "hasScaleBasedVisibilityFlag", "0",
		"minScale", "100000000", "maxScale", "0").add(
		leaf("id", l.ID), leaf("datasource", l.Source.String()), leaf("layername", l.Name),
		el("srs").add(l.CRS.element()), l.resource(), leaf("provider", "ogr", "encoding", "UTF-8"))
	manager := el("map-layer-style-manager", "current", opens.Name)
	for i, s := range l.Styles {
		one := el("map-layer-style", "name", s.Name)
		if i > 0 {
			one.add(l.styled("qgis", i))
		}
		manager.add(one)
	}
	e.add(manager)
	l.dress(e, 0)
	return e
}

func (l *Layer) resource() *element {
	m := l.Metadata.element("resourceMetadata")
	return m.add(el("crs").add(l.CRS.element()))
}

// QMLName is the file a style of a layer's file lies in: beside it, under its name.
func QMLName(file string) string {
	if dot := strings.LastIndexByte(file, '.'); dot > strings.LastIndexByte(file, '/') {
		file = file[:dot]
	}
	return file + ".qml"
}
