package portray

import (
	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/qgis"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// groups are the layers that are there in their groups; a layer this version does
// not know is shown plainly in a group of its own.
func (d *draft) groups() []qgis.Group {
	drawn := map[string]bool{}
	var out []qgis.Group
	for _, g := range []struct {
		name   string
		layers []string
		draw   func(l *write.Layer) []*qgis.Layer
	}{
		{"map.group.results", []string{"parcels"}, d.parcels},
		{"map.group.idle", []string{"idle_land", "parcels", "underused_land"}, d.idle},
		{"map.group.structure", []string{"land_mix", "land_mix_pieces"}, d.structure},
		{"map.group.control", []string{"conflicts"}, d.conflicts},
		{"map.group.base", []string{"zones", "parcels"}, d.base},
	} {
		group := qgis.Group{Name: word(g.name)}
		for _, name := range g.layers {
			drawn[name] = true
			if l := d.layers[name]; l != nil {
				group.Layers = append(group.Layers, g.draw(l)...)
			}
		}
		if len(group.Layers) > 0 {
			out = append(out, group)
		}
	}
	other := qgis.Group{Name: word("map.group.other")}
	for i := range d.Layers {
		if l := &d.Layers[i]; l.Rows > 0 && !drawn[l.Name] {
			plain := qgis.Single(l.Name, filled(palette.Of("further", "1")))
			other.Layers = append(other.Layers, d.layer(l, l.Name, l.Name, qgis.Style{Name: word("map.style.plain"), Renderer: plain}))
		}
	}
	if len(other.Layers) > 0 {
		out = append(out, other)
	}
	return out
}

// layer is a layer of polygons under a name of the catalogue.
func (d *draft) layer(l *write.Layer, id, name string, styles ...qgis.Style) *qgis.Layer {
	if known(name) {
		name = word(name)
	}
	return &qgis.Layer{
		ID: idOf(id), Name: name, Source: d.Source(l.Name), Geometry: qgis.Polygons, CRS: qgis.WGS84,
		Columns: d.columns(l), Styles: styles, Metadata: d.metadata(name), Tabs: tabs(l),
	}
}

func (d *draft) parcels(l *write.Layer) []*qgis.Layer {
	none := func(label string) *qgis.Class { return rest(label, palette.Of("grade", "none"), filled) }
	labels := &qgis.Labels{Expression: parcelLabel, Size: 6.5, Color: colour("base", "text"), Priority: 4, Fit: true, LeastScale: 12_000}
	var styles []qgis.Style
	if anyText(l, "grade") {
		styles = append(styles, qgis.Style{
			Name: word("map.style.grade"), Labels: labels,
			Renderer: classed(l, "grade", "grade", "grade", filled, none(word("grade.none"))),
		})
	}
	if anyNumber(l, "tax_per_mu") {
		styles = append(styles, qgis.Style{Name: word("map.style.tax"), Labels: labels, Renderer: graduated(l, "tax_per_mu")})
	}
	if anyText(l, "supply_state") {
		styles = append(styles, qgis.Style{
			Name:     word("map.style.supply"),
			Renderer: classed(l, "supply_state", "supply_state", "supply_state", filled, none(word("map.legend.other"))),
		})
	}
	styles = append(styles, qgis.Style{
		Name: word("map.style.use"), Renderer: classed(l, "mix_class", "mix_class", "mix_class", filled, none(word("map.legend.other"))),
	})
	p := d.layer(l, "parcels", "map.layer.parcels", styles...)
	p.Display, p.Tip = named("holder_name", "parcel_code"), parcelTip()
	return []*qgis.Layer{p}
}

// idle draws idle land, parcels about to become idle, and underused land.
func (d *draft) idle(l *write.Layer) []*qgis.Layer {
	labels := &qgis.Labels{
		Expression: named("holder_name", "parcel_code") + ` || coalesce('\n' || ` + qgis.Field("take_back_from") + `, '')`,
		Size:       6.5, Color: colour("base", "text"), Priority: 6, Fit: true, LeastScale: 12_000,
	}
	switch l.Name {
	case "idle_land":
		kinds := qgis.Style{Name: word("map.style.kind"), Renderer: classed(l, "idle_kind", "idle_kind", "idle_kind", marked, nil)}
		p := d.layer(l, "idle_land", "map.layer.idle_land", kinds,
			qgis.Style{Name: word("map.style.deadline"), Labels: labels, Renderer: d.nearness()})
		p.Display, p.Tip = named("holder_name", "parcel_code"), idleTip()
		return []*qgis.Layer{p}
	case "parcels":
		day := column(l, "at_risk_on")
		for i := range l.Rows {
			if dateAt(day, i) {
				soon := marked(palette.Of("at_risk", "at_risk"))
				soon.Dashed, soon.Width = true, 0.5
				p := d.layer(l, "at_risk", "map.layer.at_risk",
					qgis.Style{Name: word("map.style.at_risk"), Renderer: qgis.Single(word("at_risk.at_risk"), soon)})
				p.Source.Where = qgis.Field("at_risk_on") + " IS NOT NULL"
				p.Display, p.Tip = named("holder_name", "parcel_code"), parcelTip()
				return []*qgis.Layer{p}
			}
		}
		return nil
	}
	p := d.layer(l, "underused_land", "map.layer.underused_land",
		qgis.Style{Name: word("map.style.underused"), Renderer: qgis.Single(word("underused.underused"), marked(palette.Of("underused", "underused")))})
	p.Display, p.Tip = named("holder_name", "parcel_code"), underusedTip()
	return []*qgis.Layer{p}
}

// structure draws the shares of the three classes as a pie in each zone, and the
// pieces they are found from.
func (d *draft) structure(l *write.Layer) []*qgis.Layer {
	if l.Name == "land_mix" {
		pie := &qgis.Diagram{Size: 15, Priority: 9}
		for _, class := range []string{"industry", "residence", "public"} {
			pie.Slices = append(pie.Slices, qgis.Slice{
				Expression: qgis.Field(class + "_share"), Label: word("mix_class." + class), Color: colour("mix_class", class),
			})
		}
		labels := &qgis.Labels{Expression: mixLabel(), Size: 8, Bold: true, Color: colour("base", "text"), Priority: 10, Below: 12, Always: true}
		border := func(c palette.Class) qgis.Symbol { return qgis.Symbol{Outline: qgis.RGB(c.RGB), Width: 1} }
		p := d.layer(l, "land_mix", "map.layer.land_mix", qgis.Style{
			Name: word("map.style.mix"), Labels: labels, Diagram: pie,
			Renderer: classed(l, "verdict", "mix_verdict", "mix_verdict", border, nil),
		})
		p.Display, p.Tip = named("name", "zone_code"), mixTip()
		return []*qgis.Layer{p}
	}
	quiet := func(c palette.Class) qgis.Symbol {
		s := filled(c)
		s.Width = 0
		return s
	}
	styles := []qgis.Style{{
		Fade: 0.4, Name: word("map.style.use"), Renderer: classed(l, "mix_class", "mix_class", "mix_class", quiet, rest(word("map.legend.other"), palette.Of("grade", "none"), quiet)),
	}}
	if anyText(l, "space") {
		styles = append(styles, qgis.Style{
			Name: word("map.style.space"), Renderer: classed(l, "space", "space", "space", quiet, rest(word("map.legend.other"), palette.Of("grade", "none"), quiet)),
		})
	}
	p := d.layer(l, "land_mix_pieces", "map.layer.land_mix_pieces", styles...)
	p.Display, p.Tip = named("code", "feature_id"), pieceTip()
	return []*qgis.Layer{p}
}

// conflicts draws parcels as polygons and all else at its point.
func (d *draft) conflicts(l *write.Layer) []*qgis.Layer {
	areas, points := false, false
	for i := 0; i < l.Rows && !(areas && points); i++ {
		var g wkb.Geometry
		if g.Parse(l.Shape(i)) == nil {
			areas, points = areas || g.Type.Areal(), points || !g.Type.Areal()
		}
	}
	dot := func(c palette.Class) qgis.Symbol {
		shape := map[string]string{"violation": "triangle", "existing": "square"}[c.Name]
		if shape == "" {
			shape = "circle"
		}
		return qgis.Symbol{Fill: qgis.RGB(c.RGB), Outline: white, Width: 0.3, Marker: shape, Size: 3.6}
	}
	var out []*qgis.Layer
	add := func(id string, g qgis.Geometry, symbol func(palette.Class) qgis.Symbol) {
		one := func(style string, symbol func(palette.Class) qgis.Symbol) qgis.Style {
			return qgis.Style{Name: word(style), Renderer: classed(l, "verdict", "conflict", "conflict", symbol, nil)}
		}
		p := d.layer(l, id, "map.layer."+id, one("map.style.verdict", symbol))
		if g == qgis.Polygons { // over other results as an outline, on a map of its own hatched too
			p.Styles = []qgis.Style{one("map.style.outline", outlined), one("map.style.verdict", marked)}
		}
		p.Geometry = g
		if areas && points {
			p.Source.Geometry = g
		}
		p.Display, p.Tip = named("name", "code"), conflictTip()
		out = append(out, p)
	}
	if points {
		add("conflict_points", qgis.Points, dot)
	}
	if areas {
		add("conflicts", qgis.Polygons, outlined)
	}
	return out
}

// base draws the zones as outlines, and parcels in grey below all else: a map by
// numbers does not draw those that have none.
func (d *draft) base(l *write.Layer) []*qgis.Layer {
	if l.Name == "zones" {
		border := qgis.Symbol{Outline: colour("base", "zone"), Width: 0.7}
		p := d.layer(l, "zones", "map.layer.zones", qgis.Style{
			Name: word("map.style.outline"), Renderer: qgis.Single(word("map.legend.zone"), border),
			Labels: &qgis.Labels{Expression: named("name", "zone_code"), Size: 9.5, Bold: true, Color: colour("base", "zone"), Priority: 10},
		})
		p.Display, p.Tip = named("name", "zone_code"), zoneTip()
		return []*qgis.Layer{p}
	}
	grey := qgis.Symbol{Fill: colour("base", "parcel"), Outline: colour("base", "edge"), Width: 0.1, Metres: 1.2}
	p := d.layer(l, "parcels_base", "map.layer.parcels_base",
		qgis.Style{Name: word("map.style.base"), Renderer: qgis.Single(word("map.legend.parcel"), grey)})
	p.Display, p.Tip = named("holder_name", "parcel_code"), parcelTip()
	return []*qgis.Layer{p}
}
