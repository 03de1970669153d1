package qgis

import (
	"errors"
	"fmt"

	"github.com/muscope-gis/muscope/geo/crs"
)

// Version is the QGIS the projects are written for; newer ones read them too.
const Version = "3.22.16"

// leastID is the length of the shortest layer id that QGIS keeps; it gives shorter
// ones a new id, and whatever names the layer no longer finds it.
const leastID = 11

// Box is an extent: lower left and upper right corner.
type Box struct{ MinX, MinY, MaxX, MaxY float64 }

// Project is a map: its layers in groups, and what is made of them.
type Project struct {
	Title     string
	CRS       System
	View      Box // what the map shows when it is opened, in CRS
	Variables []Variable
	Groups    []Group
	Order     []string // ids of layers, the one drawn on top first; those not named follow
	Themes    []Theme
	Bookmarks []Bookmark
	Layouts   []Layout
	Metadata  Metadata
}

// Variable is a value that expressions of the project name with @.
type Variable struct{ Name, Value string }

// Group is layers under one title.
type Group struct {
	Name   string
	Layers []*Layer
}

// Theme is a combination of layers and styles under a name.
type Theme struct {
	Name   string
	Layers []ThemeLayer
}

// ThemeLayer is a layer that a theme shows, in one of its styles.
type ThemeLayer struct{ ID, Style string }

// Bookmark is a place with a name, in degrees.
type Bookmark struct {
	Name, Group string
	Box         Box
}

// Metadata says what a project or a layer is and how it came about.
type Metadata struct {
	Identifier, Title, Abstract, Organisation string
	History                                   []string // the lineage
}

// System is a coordinate reference system by its EPSG code.
type System struct{ Code int }

// WGS84 is longitude and latitude, as GeoJSON has them.
var WGS84 = System{crs.WGS84.Code}

// element is the system as QGIS looks it up: by its code, but only with an srsid.
func (s System) element() *element {
	return el("spatialrefsys").add(leaf("srsid", "1"), leaf("authid", fmt.Sprintf("EPSG:%d", s.Code)))
}

// layers are the project's layers in the order of the groups.
func (p *Project) layers() []*Layer {
	var all []*Layer
	for _, g := range p.Groups {
		all = append(all, g.Layers...)
	}
	return all
}

// Layer finds a layer by its id, nil when there is none.
func (p *Project) Layer(id string) *Layer {
	for _, l := range p.layers() {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// check refuses what QGIS would drop without a word.
func (p *Project) check() error {
	seen := map[string]bool{}
	for _, l := range p.layers() {
		if len(l.ID) < leastID {
			return fmt.Errorf("qgis project %q: layer id %q is shorter than %d characters, QGIS would replace it", p.Title, l.ID, leastID)
		}
		if seen[l.ID] {
			return fmt.Errorf("qgis project %q: two layers have the id %q", p.Title, l.ID)
		}
		seen[l.ID] = true
		if len(l.Styles) == 0 {
			return fmt.Errorf("qgis project %q: layer %q has no style", p.Title, l.ID)
		}
	}
	var all []error
	known := func(what, id string) {
		if !seen[id] {
			all = append(all, fmt.Errorf("qgis project %q: %s names the layer %q, which is not there", p.Title, what, id))
		}
	}
	for _, id := range p.Order {
		known("the order", id)
	}
	themes := map[string]bool{"": true}
	for _, t := range p.Themes {
		themes[t.Name] = true
		for _, l := range t.Layers {
			known("the theme "+t.Name, l.ID)
			if layer := p.Layer(l.ID); layer != nil && layer.style(l.Style) < 0 {
				all = append(all, fmt.Errorf("qgis project %q: the theme %s shows %q in the style %q, which it does not have", p.Title, t.Name, l.ID, l.Style))
			}
		}
	}
	for _, l := range p.Layouts {
		if l.Atlas != nil {
			known("the sheet "+l.Name, l.Atlas.Layer)
		}
		for _, item := range l.Items {
			if t := item.theme(); !themes[t] {
				all = append(all, fmt.Errorf("qgis project %q: the sheet %s shows the theme %q, which is not there", p.Title, l.Name, t))
			}
			if id := item.layer(); id != "" {
				known("the sheet "+l.Name, id)
			}
		}
	}
	return errors.Join(all...)
}

// XML is the project as a .qgs file.
func (p *Project) XML() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	root := el("qgis", "version", Version, "projectname", p.Title).add(
		el("homePath", "path", ""), leaf("title", p.Title),
		el("projectCrs").add(p.CRS.element()),
		p.tree(), p.canvas(), p.layerElements(), p.order(), p.properties(), p.themes(), p.layouts(), p.bookmarks(),
		p.Metadata.element("projectMetadata"),
	)
	dst := []byte("<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n")
	return append(root.appendTo(dst, 0), '\n'), nil
}

// shown is what the first theme shows, which is what the project opens with: style
// by id of the layer.
func (p *Project) shown() map[string]bool {
	on := map[string]bool{}
	if len(p.Themes) == 0 {
		for _, l := range p.layers() {
			on[l.ID] = true
		}
		return on
	}
	for _, l := range p.Themes[0].Layers {
		on[l.ID] = true
	}
	return on
}

func (p *Project) tree() *element {
	on := p.shown()
	checked := func(v bool) string {
		if v {
			return "Qt::Checked"
		}
		return "Qt::Unchecked"
	}
	root := el("layer-tree-group")
	for _, g := range p.Groups {
		some := false
		group := el("layer-tree-group", "name", g.Name, "expanded", "1")
		// The group's title would stand in every legend between the layers'.
		group.add(el("customproperties").add(options("legend/title-style", "hidden")))
		for _, l := range g.Layers {
			some = some || on[l.ID]
			group.add(el("layer-tree-layer", "id", l.ID, "name", l.Name, "checked", checked(on[l.ID]), "expanded", flag(on[l.ID]),
				"providerKey", "ogr", "source", l.Source.String()))
		}
		root.add(group.set("checked", checked(some)))
	}
	if len(p.Order) > 0 {
		custom := el("custom-order", "enabled", "1")
		for _, id := range p.drawn() {
			custom.add(leaf("item", id))
		}
		root.add(custom)
	}
	return root
}

// drawn are the ids of all layers, the one on top first.
func (p *Project) drawn() []string {
	ids, named := append([]string{}, p.Order...), map[string]bool{}
	for _, id := range ids {
		named[id] = true
	}
	for _, l := range p.layers() {
		if !named[l.ID] {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

func (p *Project) order() *element {
	e := el("layerorder")
	for _, id := range p.drawn() {
		e.add(el("layer", "id", id))
	}
	return e
}

func (b Box) element() *element {
	return el("extent").add(leaf("xmin", number(b.MinX)), leaf("ymin", number(b.MinY)), leaf("xmax", number(b.MaxX)), leaf("ymax", number(b.MaxY)))
}

func (p *Project) canvas() *element {
	return el("mapcanvas", "name", "theMapCanvas", "annotationsVisible", "1").add(
		leaf("units", "meters"), p.View.element(), leaf("rotation", "0"), el("destinationsrs").add(p.CRS.element()))
}

func (p *Project) layerElements() *element {
	e := el("projectlayers")
	for _, l := range p.layers() {
		e.add(l.element())
	}
	return e
}

// properties are the settings without which paths are absolute, the project's
// coordinate system is not heeded, and areas are those of the plane.
func (p *Project) properties() *element {
	names, values := el("variableNames", "type", "QStringList"), el("variableValues", "type", "QStringList")
	for _, v := range p.Variables {
		names.add(leaf("value", v.Name))
		values.add(leaf("value", v.Value))
	}
	return el("properties").add(
		el("SpatialRefSys").add(leaf("ProjectionsEnabled", "1", "type", "int")),
		el("Paths").add(leaf("Absolute", "false", "type", "bool")),
		el("Measure").add(leaf("Ellipsoid", "EPSG:1024", "type", "QString")), // of CGCS2000
		el("Measurement").add(leaf("AreaUnits", "m2", "type", "QString"), leaf("DistanceUnits", "meters", "type", "QString")),
		el("Gui").add(leaf("CanvasColorRedPart", "255", "type", "int"), leaf("CanvasColorGreenPart", "255", "type", "int"),
			leaf("CanvasColorBluePart", "255", "type", "int")),
		el("Variables").add(names, values),
	)
}

func (p *Project) themes() *element {
	e := el("visibility-presets")
	for _, t := range p.Themes {
		preset := el("visibility-preset", "name", t.Name)
		for _, l := range t.Layers {
			preset.add(el("layer", "id", l.ID, "visible", "1", "style", l.Style))
		}
		e.add(preset)
	}
	return e
}

func (p *Project) bookmarks() *element {
	e := el("Bookmarks")
	for i, b := range p.Bookmarks {
		x0, y0, x1, y1 := number(b.Box.MinX), number(b.Box.MinY), number(b.Box.MaxX), number(b.Box.MaxY)
		polygon := fmt.Sprintf("POLYGON((%s %s, %s %s, %s %s, %s %s, %s %s))", x0, y0, x1, y0, x1, y1, x0, y1, x0, y0)
		e.add(el("Bookmark", "id", fmt.Sprintf("bookmark_%d", i+1), "name", b.Name, "group", b.Group, "extent", polygon).add(WGS84.element()))
	}
	return e
}

func (m Metadata) element(name string) *element {
	e := el(name).add(leaf("identifier", m.Identifier), leaf("language", "zh-CN"), leaf("type", "dataset"),
		leaf("title", m.Title), leaf("abstract", m.Abstract), el("links"),
		el("keywords", "vocabulary", "gmd:topicCategory").add(leaf("keyword", "Planning Cadastre")))
	if m.Organisation != "" {
		e.add(el("contact").add(leaf("name", m.Organisation), leaf("organization", m.Organisation), leaf("role", "owner")))
	}
	for _, h := range m.History {
		e.add(leaf("history", h))
	}
	return e
}
