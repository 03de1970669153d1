package portray

import (
	"fmt"
	"strings"

	"github.com/muscope-gis/muscope/geo/qgis"
)

// themes are the maps people ask for by name, of the layers that are there; the
// first is what the project opens with.
func (d *draft) themes(p *qgis.Project) []qgis.Theme {
	var out []qgis.Theme
	add := func(name string, needs string, layers ...string) {
		t := qgis.Theme{Name: word(name)}
		there := needs == ""
		for _, one := range layers {
			id, style, _ := strings.Cut(one, "|")
			l := p.Layer(idOf(id))
			if l == nil {
				continue
			}
			chosen := l.Styles[0].Name
			if style != "" {
				if !has(l, word(style)) {
					continue
				}
				chosen = word(style)
			}
			there = there || one == needs
			t.Layers = append(t.Layers, qgis.ThemeLayer{ID: l.ID, Style: chosen})
		}
		if there {
			out = append(out, t)
		}
	}
	add("map.theme.all", "", "conflict_points", "zones", "conflicts", "idle_land", "at_risk", "parcels")
	add("map.theme.tax", "parcels|map.style.tax", "zones", "parcels|map.style.tax", "parcels_base")
	add("map.theme.idle", "idle_land|map.style.deadline", "zones", "idle_land|map.style.deadline", "at_risk", "parcels_base")
	add("map.theme.underused", "underused_land", "zones", "underused_land", "parcels_base") // too many to lie over all else
	add("map.theme.mix", "land_mix", "land_mix", "land_mix_pieces", "parcels_base")
	if p.Layer(idOf("conflicts")) != nil || p.Layer(idOf("conflict_points")) != nil {
		add("map.theme.control", "", "conflict_points", "zones", "conflicts|map.style.verdict", "parcels_base")
	}
	return out
}

func has(l *qgis.Layer, style string) bool {
	for _, s := range l.Styles {
		if s.Name == style {
			return true
		}
	}
	return false
}

// The sheets are A3, landscape: the map on the left, what there is to read on the
// right, and below both on what it rests.
const (
	sheetWidth, sheetHeight = 420.0, 297.0
	edge                    = 10.0
	rightEdge               = sheetWidth - edge
	mapTop, mapBottom       = 26.0, 280.0
	mapWide                 = 286.0
	sideLeft                = edge + mapWide + 6
	sideWide                = rightEdge - sideLeft
	factsTop                = 112.0
	mostIdle                = 28 // rows of the list of idle parcels
	mostZones               = 36 // and of the list of zones
	rowHigh                 = 4.5
)

// north is an arrow to the north.
const north = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 60"><path d="M20 14 L33 56 L20 46 Z" fill="#1e1e1e"/>` +
	`<path d="M20 14 L7 56 L20 46 Z" fill="#fff" stroke="#1e1e1e" stroke-width="1.5" stroke-linejoin="round"/>` +
	`<path d="M15.5 11 V1 L24.5 11 V1" fill="none" stroke="#1e1e1e" stroke-width="2"/></svg>`

// sheets are the sheets to print: the whole, and one for each zone.
func (d *draft) sheets(p *qgis.Project) []qgis.Layout {
	whole := qgis.Layout{Name: word("map.sheet.whole"), Width: sheetWidth, Height: sheetHeight, Resolution: 200}
	whole.Items = append(d.sheet(p, d.say("map.sheet.whole_title"), ""), d.aboutZones(p)...)
	out := []qgis.Layout{whole}
	if zones := p.Layer(idOf("zones")); zones != nil {
		atlas := qgis.Layout{
			Name: word("map.sheet.atlas"), Width: sheetWidth, Height: sheetHeight, Resolution: 200,
			Atlas: &qgis.Atlas{
				Layer: zones.ID, Page: named("name", "zone_code"), Sort: "zone_code",
				File: "lpad(@atlas_featurenumber, 3, '0') || '_' || " + qgis.Field("zone_code"),
			},
		}
		page := fill(word("map.sheet.page"), "page", "[% @atlas_featurenumber %]", "pages", "[% @atlas_totalfeatures %]")
		atlas.Items = append(d.sheet(p, d.say("map.sheet.title", "page", "[% @atlas_pagename %]"), page), d.aboutZone(p)...)
		out = append(out, atlas)
	}
	return out
}

// sheet is what both kinds of sheets have.
func (d *draft) sheet(p *qgis.Project, title, page string) []qgis.Item {
	legend := qgis.Legend{
		Frame: qgis.Frame{X: sideLeft, Y: mapTop, Width: sideWide, Height: 84}, Title: word("map.sheet.legend"), Columns: 2, Size: 8,
		Layers: legendOrder(p),
	}
	foot := fill(word("map.sheet.foot"), "as_of", "[% @muscope_as_of %]", "run", "[% @muscope_run %]", "crs", "[% @project_crs %]") + page
	text := func(id string, y, high float64, text string, size float64, align qgis.Align) qgis.Item {
		return qgis.Label{Frame: qgis.Frame{X: edge, Y: y, Width: sheetWidth - 2*edge, Height: high}, ID: id, Text: text, Size: size, Bold: size > 10, Align: align}
	}
	return []qgis.Item{
		qgis.Map{Frame: qgis.Frame{X: edge, Y: mapTop, Width: mapWide, Height: mapBottom - mapTop}, Theme: p.Themes[0].Name, Margin: 0.06, View: p.View},
		text("title", 8, 14, title, 22, qgis.Centre),
		qgis.Picture{Frame: qgis.Frame{X: edge + mapWide - 15, Y: mapTop + 4, Width: 11, Height: 16}, ID: "north", SVG: north},
		legend,
		qgis.ScaleBar{Frame: qgis.Frame{X: edge + 4, Y: mapBottom - 14, Width: 80, Height: 11}, Unit: word("map.sheet.metres"), Size: 8},
		qgis.Label{
			Frame: qgis.Frame{X: edge + 4, Y: mapBottom - 19, Width: 26, Height: 5}, ID: "scale_text", Size: 8, Align: qgis.Left, Backed: true,
			Text: "1 : [% format_number(item_variables('map')['map_scale'], 0) %]",
		},
		text("policies", mapBottom+1.5, 5, word("map.sheet.policies")+"[% @muscope_policies %]", 8, qgis.Left),
		text("foot", mapBottom+6.5, 5, foot, 8, qgis.Left),
	}
}

// legendOrder is what a legend lists: the results first, then what lies over them.
func legendOrder(p *qgis.Project) []string {
	shown := map[string]bool{}
	for _, l := range p.Themes[0].Layers {
		shown[l.ID] = true
	}
	var out []string
	for _, g := range p.Groups {
		for _, l := range g.Layers {
			if shown[l.ID] {
				out = append(out, l.ID)
			}
		}
	}
	return out
}

// listed is a table of a layer on the right of a sheet, from y down.
func listed(id string, l *qgis.Layer, y float64, most int, columns ...qgis.TableColumn) qgis.Table {
	for i := range columns {
		columns[i].Head = word(columns[i].Head)
	}
	return qgis.Table{
		Frame: qgis.Frame{X: sideLeft, Y: y, Width: sideWide, Height: mapBottom - y}, ID: id, Layer: l.ID, Where: "true",
		Most: most, Empty: word("map.sheet.no_idle"), Size: 7, Columns: columns,
	}
}

// aboutZones lists the zones on the sheet of the whole.
func (d *draft) aboutZones(p *qgis.Project) []qgis.Item {
	zones := p.Layer(idOf("zones"))
	if zones == nil {
		return nil
	}
	number := func(name string, decimals int) string {
		return fmt.Sprintf("format_number(%s, %d)", qgis.Field(name), decimals)
	}
	table := listed("zones_table", zones, factsTop, mostZones,
		qgis.TableColumn{Head: "map.head.zone", Expression: named("name", "zone_code"), Width: 44, Align: qgis.Left},
		qgis.TableColumn{Head: "map.head.mu", Expression: number("mu", 0), Width: 13, Align: qgis.Right},
		qgis.TableColumn{Head: "map.head.parcels", Expression: number("parcels", 0), Width: 11, Align: qgis.Right},
		qgis.TableColumn{Head: "map.head.tax", Expression: number("tax_per_mu", 2), Width: 17, Align: qgis.Right},
		qgis.TableColumn{Head: "map.head.idle", Expression: number("idle_mu", 0), Width: 15, Align: qgis.Right},
	)
	table.Sort = `"zone_code"`
	mix := p.Layer(idOf("land_mix"))
	below := factsTop + rowHigh*float64(len(d.zones)+2)
	if mix == nil || below+rowHigh*float64(len(d.zones)+1) > mapBottom {
		return []qgis.Item{table}
	}
	table.Height = below - factsTop
	share := func(name string) string { return fmt.Sprintf("format_number(%s * 100, 1)", qgis.Field(name)) }
	shares := listed("mix_table", mix, below, mostZones,
		qgis.TableColumn{Head: "map.head.zone", Expression: named("name", "zone_code"), Width: 44, Align: qgis.Left},
		qgis.TableColumn{Head: "map.head.industry", Expression: share("industry_share"), Width: 14, Align: qgis.Right},
		qgis.TableColumn{Head: "map.head.residence", Expression: share("residence_share"), Width: 14, Align: qgis.Right},
		qgis.TableColumn{Head: "map.head.public", Expression: share("public_share"), Width: 14, Align: qgis.Right},
		qgis.TableColumn{Head: "map.head.verdict", Expression: represented("verdict"), Width: 14, Align: qgis.Left},
	)
	shares.Sort = `"zone_code"`
	return []qgis.Item{table, shares}
}

// represented is the word for a column's code; null stays null.
func represented(name string) string {
	return fmt.Sprintf("CASE WHEN %[1]s IS NOT NULL THEN represent_value(%[1]s) END", qgis.Field(name))
}

// aboutZone is what a zone's sheet says of it: its figures, and its idle land.
func (d *draft) aboutZone(p *qgis.Project) []qgis.Item {
	const lineHigh = 6.0
	y := factsTop
	line := func(id, text string, bold bool) qgis.Item {
		l := qgis.Label{Frame: qgis.Frame{X: sideLeft, Y: y, Width: sideWide, Height: lineHigh}, ID: id, Text: text, Size: 9, Bold: bold, Align: qgis.Left}
		y += lineHigh
		return l
	}
	value := func(name string, decimals int) string {
		return fmt.Sprintf("[%% coalesce(format_number(%s, %d), '—') %%]", qgis.Field(name), decimals)
	}
	items := []qgis.Item{line("zone", fill(word("map.sheet.zone"), "mu", value("mu", 1), "parcels", value("parcels", 0), "tax", value("tax_per_mu", 2)), false)}
	if l := d.layers["zones"]; anyNumber(l, "mu_a") {
		items = append(items, line("grades", fill(word("map.sheet.grades"), "a", value("mu_a", 0), "b", value("mu_b", 0), "c", value("mu_c", 0), "d", value("mu_d", 0)), false))
	}
	if mix := p.Layer(idOf("land_mix")); mix != nil {
		of := func(expression string) string {
			return fmt.Sprintf("[%% coalesce(aggregate(layer:=%s, aggregate:='concatenate', expression:=%s, filter:=\"zone_code\" = attribute(@atlas_feature, 'zone_code')), '—') %%]",
				qgis.Text(mix.ID), expression)
		}
		share := func(name string) string { return of(fmt.Sprintf("format_number(%s * 100, 0)", qgis.Field(name))) }
		verdict := "CASE"
		for _, v := range []string{"pass", "fail", "not_evaluated"} {
			verdict += fmt.Sprintf(" WHEN \"verdict\" = '%s' THEN %s", v, qgis.Text(word("mix_verdict."+v)))
		}
		items = append(items, line("mix", fill(word("map.sheet.mix"), "industry", share("industry_share"), "residence", share("residence_share"),
			"public", share("public_share"), "verdict", of(verdict+" END")), false))
	}
	idle := p.Layer(idOf("idle_land"))
	if idle == nil {
		return append(items, line("idle", word("map.sheet.no_idle"), true))
	}
	in := `"zone_code" = attribute(@atlas_feature, 'zone_code')`
	of := func(aggregate, expression string) string {
		return fmt.Sprintf("aggregate(layer:=%s, aggregate:='%s', expression:=%s, filter:=%s)", qgis.Text(idle.ID), aggregate, expression, in)
	}
	number := of("count", `"parcel_code"`)
	head := fill(word("map.sheet.idle"), "count", "[% coalesce("+number+", 0) %]", "mu", "[% format_number(coalesce("+of("sum", `"mu"`)+", 0), 1) %]")
	more := fill(word("map.sheet.idle_more"), "most", fmt.Sprint(mostIdle))
	head += fmt.Sprintf("[%% CASE WHEN coalesce(%s, 0) > %d THEN %s ELSE '' END %%]", number, mostIdle, qgis.Text(more))
	y += 2
	items = append(items, line("idle", head, true))
	table := listed("idle_table", idle, y+1, mostIdle,
		qgis.TableColumn{Head: "map.head.parcel", Expression: `"parcel_code"`, Width: 31, Align: qgis.Left},
		qgis.TableColumn{Head: "map.head.mu", Expression: `format_number("mu", 1)`, Width: 10, Align: qgis.Right},
		qgis.TableColumn{Head: "map.head.kind", Expression: represented("idle_kind"), Width: 15, Align: qgis.Left},
		qgis.TableColumn{Head: "map.head.take_back", Expression: `coalesce("take_back_from", '—')`, Width: 19, Align: qgis.Left},
		qgis.TableColumn{Head: "map.head.consequence", Expression: represented("consequence"), Width: 26, Align: qgis.Left},
	)
	table.Where, table.Sort = in, `"take_back_from"`
	return append(items, table)
}
