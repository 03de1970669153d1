package report

import (
	"context"
	"fmt"
	"slices"

	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/geo/wkb"
)

const (
	mostPages  = 120     // zones that have a page of their own
	mostOnMaps = 250_000 // parcels of a run; of more, maps of zones leave out those without a grade
	mostDrawn  = 20_000  // parcels on the map of the whole city; of more, zones are coloured
)

// lot is what maps show of a parcel.
type lot struct {
	zone  int32 // of the page's zones; -1: none
	grade uint8 // of gradeNames
	idle  uint8 // of idleNames, from 1; 0: it is not
}

var (
	gradeNames = []string{"A", "B", "C", "D", "T", "none"}
	idleNames  = []string{"not_started", "stalled"}
)

// lots reads what maps show of every parcel; zones are numbered as the layer has them.
func (p *page) lots() ([]lot, error) {
	g := p.layer("parcels")
	zoneCode, grade, kind := g.text("zone_code"), g.text("grade"), g.text("idle_kind")
	zones := p.layer("zones")
	code, at := zones.text("zone_code"), map[string]int32{}
	for i := range zones.rows {
		at[code(i)] = int32(i)
	}
	out := make([]lot, g.rows)
	for i := range out {
		out[i] = lot{zone: -1, grade: uint8(len(gradeNames) - 1)}
		if z, ok := at[zoneCode(i)]; ok {
			out[i].zone = z
		}
		if k := slices.Index(gradeNames, grade(i)); k >= 0 {
			out[i].grade = uint8(k)
		}
		out[i].idle = uint8(slices.Index(idleNames, kind(i)) + 1)
	}
	return out, nil
}

// draw draws the city and the zones that have a page.
func (p *page) draw(ctx context.Context, lots []lot) error {
	parcels, zones := p.layer("parcels"), p.layer("zones")
	of := make([][]int32, zones.rows) // the parcels of each zone
	for i, l := range lots {
		if l.zone >= 0 {
			of[l.zone] = append(of[l.zone], int32(i))
		}
	}
	pieces := p.layer("land_mix_pieces")
	zoneCode := pieces.text("zone_code")
	uses := map[string][]int32{}
	for i := range pieces.rows {
		uses[zoneCode(i)] = append(uses[zoneCode(i)], int32(i))
	}
	for _, z := range p.Zones {
		if z.Outside || z.feature < 0 || len(p.Pages) == mostPages {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		f, ok, err := around(zones, z.feature)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if z.Map, err = p.gradeMap(&f, parcels, lots, of[z.feature], zones, z.feature); err != nil {
			return err
		}
		if pieces.rows > 0 {
			if z.Use, err = useMap(&f, pieces, uses[z.Code], zones, z.feature); err != nil {
				return err
			}
		}
		p.Pages = append(p.Pages, z)
	}
	return p.drawCity(lots)
}

// around is the frame of a feature of a layer.
func around(g grid, feature int) (frame, bool, error) {
	var shape wkb.Geometry
	if err := shape.Parse(g.shape(feature)); err != nil {
		return frame{}, false, fmt.Errorf("layer %s row %d: %w", g.name, feature+1, err)
	}
	f, ok := frameOf(shape.Bounds())
	return f, ok, nil
}

// gradeMap is a zone with its parcels by grade, idle ones hatched.
func (p *page) gradeMap(f *frame, parcels grid, lots []lot, of []int32, zones grid, feature int) (*picture, error) {
	s, out := &sheet{f: f, half: true}, &picture{}
	border, err := outline(f, zones, feature)
	if err != nil {
		return nil, err
	}
	s.path(border, `fill="#FAFAF7"`)
	if err := p.classes(s, out, parcels, lots, of); err != nil {
		return nil, err
	}
	s.path(border, `fill="none" stroke="#263238" stroke-width="6" stroke-linejoin="round"`)
	s.ruler()
	code := zones.text("name")
	out.SVG = s.html(code(feature) + "：宗地等级与闲置土地")
	return out, nil
}

// outline is the border of a zone.
func outline(f *frame, zones grid, feature int) ([]byte, error) {
	t := &trace{f: f}
	if err := t.shape(zones.shape(feature)); err != nil {
		return nil, fmt.Errorf("layer zones row %d: %w", feature+1, err)
	}
	return t.path, nil
}

// classes draws parcels by grade, then the idle ones over them, and says so in the legend.
func (p *page) classes(s *sheet, out *picture, parcels grid, lots []lot, of []int32) error {
	grades, idle := make([]trace, len(gradeNames)), make([]trace, len(idleNames))
	for i := range grades {
		grades[i].f = s.f
	}
	for i := range idle {
		idle[i].f = s.f
	}
	for _, i := range of {
		shape := parcels.shape(int(i))
		l := lots[i]
		if bare := uint8(len(gradeNames) - 1); len(lots) > mostOnMaps && l.grade == bare && l.idle == 0 {
			continue
		}
		err := grades[l.grade].shape(shape)
		if err == nil && l.idle > 0 {
			err = idle[l.idle-1].shape(shape)
		}
		if err != nil {
			return fmt.Errorf("layer parcels row %d: %w", i+1, err)
		}
	}
	for k := len(grades) - 1; k >= 0; k-- {
		c := palette.Of("grade", gradeNames[k])
		s.path(grades[k].path, `fill="`+patternOf("grade", c)+`" stroke="#8C8C8C" stroke-width="1.2"`)
	}
	for k, name := range gradeNames {
		if len(grades[k].path) > 0 {
			label := word("", name)
			if name == "none" {
				label = term{"无等级", "no grade"}
			}
			out.Legend = append(out.Legend, key{swatch(patternOf("grade", palette.Of("grade", name)), "#8C8C8C"), label})
		}
	}
	if len(lots) > mostOnMaps {
		out.Legend = append(out.Legend, key{Label: term{"（无等级宗地从略）", "parcels without a grade are left out"}})
	}
	for k, name := range idleNames {
		c := palette.Of("idle_kind", name)
		s.path(idle[k].path, `fill="url(#idle_kind-`+name+`)" stroke="`+rgb(c)+`" stroke-width="4"`)
		if len(idle[k].path) > 0 {
			w := word("idle_kind", name)
			out.Legend = append(out.Legend, key{swatch("url(#idle_kind-"+name+")", rgb(c)), term{"闲置：" + w.Zh, "idle, " + w.En}})
		}
	}
	return nil
}

// useMap is a zone with its land use by class.
func useMap(f *frame, pieces grid, of []int32, zones grid, feature int) (*picture, error) {
	s, out := &sheet{f: f, half: true}, &picture{}
	border, err := outline(f, zones, feature)
	if err != nil {
		return nil, err
	}
	s.path(border, `fill="#FFFFFF"`)
	class := pieces.text("mix_class")
	set := palette.Set("mix_class")
	traces := make([]trace, len(set))
	for i := range traces {
		traces[i].f = f
	}
	for _, i := range of {
		k := slices.IndexFunc(set, func(c palette.Class) bool { return c.Name == class(int(i)) })
		if k < 0 {
			continue
		}
		if err := traces[k].shape(pieces.shape(int(i))); err != nil {
			return nil, fmt.Errorf("layer land_mix_pieces row %d: %w", i+1, err)
		}
	}
	for k, c := range set {
		s.path(traces[k].path, `fill="`+rgb(c)+`" stroke="#fff" stroke-width="1"`)
		if len(traces[k].path) > 0 {
			out.Legend = append(out.Legend, key{swatch(rgb(c), "#8C8C8C"), word("mix_class", c.Name)})
		}
	}
	s.path(border, `fill="none" stroke="#263238" stroke-width="6" stroke-linejoin="round"`)
	s.ruler()
	out.SVG = s.html(zones.text("name")(feature) + "：用地结构")
	return out, nil
}

// drawCity draws all zones: with their parcels, or coloured by their tax per mu where
// there are too many to be seen.
func (p *page) drawCity(lots []lot) error {
	parcels, zones := p.layer("parcels"), p.layer("zones")
	box := wkb.EmptyBox()
	var g wkb.Geometry
	boxes := make([]wkb.Box, zones.rows)
	for i := range zones.rows {
		if err := g.Parse(zones.shape(i)); err != nil {
			return fmt.Errorf("layer zones row %d: %w", i+1, err)
		}
		boxes[i] = largest(&g)
		box = box.Extend(g.Bounds())
	}
	f, ok := frameOf(box)
	if !ok {
		return nil
	}
	s, out := &sheet{f: &f}, &picture{}
	few := len(lots) <= mostDrawn
	if few {
		all := make([]int32, len(lots))
		for i := range all {
			all[i] = int32(i)
		}
		if err := p.classes(s, out, parcels, lots, all); err != nil {
			return err
		}
	}
	if err := p.zoneAreas(s, out, zones, few); err != nil {
		return err
	}
	for _, z := range p.Zones {
		if z.feature < 0 {
			continue
		}
		b := boxes[z.feature]
		x, y := f.point((b.MinX+b.MaxX)/2, (b.MinY+b.MaxY)/2)
		if len(p.Zones) <= 25 {
			s.text(x, y, shortened(z.Name, p.Region), 26, "middle")
		} else if z.Place > 0 {
			s.text(x, y, fmt.Sprint(z.Place), 22, "middle")
		}
	}
	s.ruler()
	out.SVG = s.html("全域一张图")
	p.City = out
	return nil
}

// zoneAreas draws the zones' borders, over parcels; else their areas by tax per mu.
func (p *page) zoneAreas(s *sheet, out *picture, zones grid, few bool) error {
	shades := palette.Set("amount")
	var ranked []*zone
	for _, z := range p.Zones {
		if z.Tax.OK && z.feature >= 0 {
			ranked = append(ranked, z)
		}
	}
	for _, z := range p.Zones {
		if z.feature < 0 {
			continue
		}
		d, err := outline(s.f, zones, z.feature)
		if err != nil {
			return err
		}
		fill := "none"
		if k := slices.Index(ranked, z); !few {
			fill = "#EFEFEF"
			if k >= 0 {
				fill = rgb(shades[len(shades)-1-k*len(shades)/len(ranked)])
			}
		}
		s.path(d, `fill="`+fill+`" stroke="#263238" stroke-width="5" stroke-linejoin="round"`)
	}
	if !few {
		for k := range shades {
			c := shades[len(shades)-1-k]
			label := term{fmt.Sprintf("亩均税收第 %d 个五分之一", k+1), fmt.Sprintf("fifth no. %d by tax per mu", k+1)}
			out.Legend = append(out.Legend, key{swatch(rgb(c), "#8C8C8C"), label})
		}
	}
	return nil
}

// largest is the box of a shape's largest part, where its name is written.
func largest(g *wkb.Geometry) wkb.Box {
	best, most := wkb.EmptyBox(), -1.0
	for i := range g.NumParts() {
		from, _ := g.Part(i)
		box := wkb.EmptyBox()
		for ring, k := g.Ring(from), 0; k+1 < len(ring); k += 2 {
			box = box.Extend(wkb.Box{MinX: ring[k], MinY: ring[k+1], MaxX: ring[k], MaxY: ring[k+1]})
		}
		if size := (box.MaxX - box.MinX) * (box.MaxY - box.MinY); size > most {
			best, most = box, size
		}
	}
	return best
}

// Paged are the zones with a page of their own, Unpaged those without.
func (p *page) Paged() int64 { return int64(len(p.Pages)) }

// Unpaged are the zones that have no page.
func (p *page) Unpaged() (n int64) {
	for _, z := range p.Zones {
		if !z.Outside && z.Map == nil {
			n++
		}
	}
	return n
}
