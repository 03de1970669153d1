// Package portray says how a run's layers are drawn: which of them lie in which
// group, in which colours (datasets/palette), under which names (datasets/fields),
// with which labels, tips, themes and printed sheets. Its maps are values of
// geo/qgis, which writes them.
//
// It draws what the layers say and decides nothing about land; a layer that a run
// does not have, or that is empty, is not in its map.
package portray

import (
	"fmt"
	"strings"
	"time"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/qgis"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// ProjectName is the file of a run folder that QGIS opens.
const ProjectName = "muscope.qgz"

// Run is what a map is made of.
type Run struct {
	Layers   []write.Layer
	Manifest *write.Manifest
	Policies []string // what the documents are called, in Chinese
	// Source says where a layer's features lie, seen from the project; nil: in a
	// GeoJSON file of its own.
	Source func(layer string) qgis.Source
}

// Drawing is how a run folder's map is drawn under policies that are called so.
func Drawing(policies []string) write.Drawing {
	return func(layers []write.Layer, m *write.Manifest, packaged bool) ([]write.Drawn, error) {
		r := Run{Layers: layers, Manifest: m, Policies: policies}
		if packaged {
			r.Source = func(layer string) qgis.Source {
				return qgis.Source{Path: "./" + write.GeoPackageName, Table: layer}
			}
		}
		return Files(r)
	}
}

// Files are the project of a run folder and the style beside each layer's file, by
// which a file is drawn that is opened alone.
func Files(r Run) ([]write.Drawn, error) {
	day, err := time.Parse(time.DateOnly, r.Manifest.AsOf)
	if err != nil {
		return nil, fmt.Errorf("draw the map: as_of: %w", err)
	}
	p, err := Project(r)
	if err != nil {
		return nil, err
	}
	archive, err := p.Archive("muscope.qgs", day)
	if err != nil {
		return nil, err
	}
	files := []write.Drawn{{Path: ProjectName, Text: archive}}
	for _, l := range r.Layers {
		if own := ownLayer(p, l.Name); own != nil {
			files = append(files, write.Drawn{Path: "layers/" + l.Name + ".qml", Text: own.QML(0)})
		}
	}
	return files, nil
}

// ownLayer is the layer of the map that shows all of a layer as its own; nil where
// the map leaves it out.
func ownLayer(p *qgis.Project, name string) *qgis.Layer {
	if l := p.Layer(idOf(name)); l != nil {
		return l
	}
	if name == "conflicts" {
		return p.Layer(idOf("conflict_points"))
	}
	return nil
}

// idOf is a map layer's id.
func idOf(name string) string { return "muscope_" + name }

// draft is a map in the making.
type draft struct {
	Run
	layers map[string]*write.Layer
	region string
	zones  []zone
	view   qgis.Box // in degrees
}

// zone is a zone as bookmarks and sheets need it.
type zone struct {
	name string
	box  qgis.Box
}

// Project is the map of a run.
func Project(r Run) (*qgis.Project, error) {
	d := &draft{Run: r, layers: map[string]*write.Layer{}}
	if d.Source == nil {
		d.Source = func(layer string) qgis.Source { return qgis.Source{Path: "./layers/" + layer + ".geojson"} }
	}
	for i := range r.Layers {
		if r.Layers[i].Rows > 0 {
			d.layers[r.Layers[i].Name] = &r.Layers[i]
		}
	}
	if err := d.look(); err != nil {
		return nil, err
	}
	system, view := qgis.Suited(d.view)
	p := &qgis.Project{
		Title: d.say("map.title"), CRS: system, View: view.Widened(0.03),
		Variables: d.variables(), Groups: d.groups(), Metadata: d.metadata(d.say("map.title")),
	}
	for _, z := range d.zones {
		p.Bookmarks = append(p.Bookmarks, qgis.Bookmark{Name: z.name, Group: word("map.bookmarks"), Box: z.box.Widened(0.03)})
	}
	p.Order = present(p, "conflict_points", "zones", "land_mix", "conflicts", "idle_land", "at_risk", "underused_land", "parcels",
		"land_mix_pieces", "parcels_base")
	p.Themes = d.themes(p)
	p.Layouts = d.sheets(p)
	return p, nil
}

// present are the ids of those of some layers that the project has.
func present(p *qgis.Project, names ...string) []string {
	var out []string
	for _, name := range names {
		if id := idOf(name); p.Layer(id) != nil {
			out = append(out, id)
		}
	}
	return out
}

// look finds the zones' names and boxes, the region, and what the map shows.
func (d *draft) look() error {
	var names []string
	if l := d.layers["zones"]; l != nil {
		name, code := column(l, "name"), column(l, "zone_code")
		for i := range l.Rows {
			box, err := bounds(l, i)
			if err != nil {
				return err
			}
			text, ok := textAt(name, i)
			if !ok {
				text, _ = textAt(code, i)
			}
			d.zones, names = append(d.zones, zone{text, box}), append(names, text)
			d.view = d.seen(box)
		}
	} else if l := d.layers["parcels"]; l != nil {
		for i := range l.Rows {
			box, err := bounds(l, i)
			if err != nil {
				return err
			}
			d.view = d.seen(box)
		}
	}
	d.region = regionOf(names)
	return nil
}

func (d *draft) seen(box qgis.Box) qgis.Box {
	if d.view == (qgis.Box{}) {
		return box
	}
	return d.view.Extend(box)
}

func bounds(l *write.Layer, i int) (qgis.Box, error) {
	var g wkb.Geometry
	if err := g.Parse(l.Shape(i)); err != nil {
		return qgis.Box{}, fmt.Errorf("draw layer %s row %d: %w", l.Name, i+1, err)
	}
	b := g.Bounds()
	return qgis.Box{MinX: b.MinX, MinY: b.MinY, MaxX: b.MaxX, MaxY: b.MaxY}, nil
}

// regionOf is the place that all zones' names begin with, up to the last character
// that ends a place's name; empty when there is none.
func regionOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	common := []rune(names[0])
	for _, n := range names[1:] {
		other := []rune(n)
		i := 0
		for i < min(len(common), len(other)) && common[i] == other[i] {
			i++
		}
		common = common[:i]
	}
	for i := len(common) - 1; i > 0; i-- {
		if strings.ContainsRune(word("map.region_ends"), common[i]) {
			return string(common[:i+1])
		}
	}
	return ""
}

func (d *draft) variables() []qgis.Variable {
	m := d.Manifest
	return []qgis.Variable{
		{Name: "muscope_region", Value: d.region}, {Name: "muscope_year", Value: fmt.Sprint(m.Year)}, {Name: "muscope_as_of", Value: m.AsOf},
		{Name: "muscope_policies", Value: strings.Join(d.Policies, "、")}, {Name: "muscope_run", Value: m.RunID},
	}
}

// metadata says how a map or layer came about.
func (d *draft) metadata(title string) qgis.Metadata {
	m := d.Manifest
	md := qgis.Metadata{Identifier: m.RunID, Title: title, Abstract: d.say("map.abstract", "policies", strings.Join(d.Policies, "、"))}
	md.History = append(md.History, d.say("map.lineage.run"))
	for _, p := range d.Policies {
		md.History = append(md.History, d.say("map.lineage.policy", "policy", p))
	}
	for _, in := range m.Inputs {
		md.History = append(md.History, d.say("map.lineage.input", "name", in.Name, "rows", fmt.Sprint(in.Rows), "sum", in.SHA256))
	}
	return md
}

// Document is how maps call a document: its title, and its number where it has one.
func Document(title, number string) string {
	return fill(word("map.document"), "title", title, "number", number)
}

// word is a word of the catalogue as maps say it.
func word(id string) string { return fields.Word(id, "zh") }

// known says whether the catalogue has a word.
func known(id string) bool { return word(id) != id }

// say fills a sentence of the catalogue in, with name, value pairs beside what every
// sentence may name.
func (d *draft) say(id string, pairs ...string) string {
	m := d.Manifest
	pairs = append(pairs, "region", d.region, "year", fmt.Sprint(m.Year), "as_of", m.AsOf, "run", m.RunID)
	return fill(word(id), pairs...)
}

func fill(text string, pairs ...string) string {
	var old []string
	for i := 0; i+1 < len(pairs); i += 2 {
		old = append(old, "{"+pairs[i]+"}", pairs[i+1])
	}
	return strings.NewReplacer(old...).Replace(text)
}
