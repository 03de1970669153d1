package report

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/engine/report/picture"
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
func around(g grid, feature int) (picture.Frame, bool, error) {
	var shape wkb.Geometry
	if err := shape.Parse(g.shape(feature)); err != nil {
		return picture.Frame{}, false, fmt.Errorf("layer %s row %d: %w", g.name, feature+1, err)
	}
	f, ok := picture.FrameOf(shape.Bounds())
	return f, ok, nil
}

// gradeMap is a zone with its parcels by grade, idle ones hatched.
func (p *page) gradeMap(f *picture.Frame, parcels grid, lots []lot, of []int32, zones grid, feature int) (*drawing, error) {
	s, out := &picture.Sheet{Frame: f, Half: true}, &drawing{}
	border, err := outline(f, zones, feature)
	if err != nil {
		return nil, err
	}
	s.Draw(border, `fill="#FAFAF7"`)
	if err := p.classes(s, out, parcels, lots, of); err != nil {
		return nil, err
	}
	s.Draw(border, `fill="none" stroke="#263238" stroke-width="6" stroke-linejoin="round"`)
	s.Ruler()
	code := zones.text("name")
	out.SVG = s.HTML(code(feature) + "：宗地等级与闲置土地")
	return out, nil
}

// outline is the border of a zone.
func outline(f *picture.Frame, zones grid, feature int) ([]byte, error) {
	t := &picture.Trace{Frame: f}
	if err := t.Shape(zones.shape(feature)); err != nil {
		return nil, fmt.Errorf("layer zones row %d: %w", feature+1, err)
	}
	return t.Path, nil
}

// classes draws parcels by grade, then the idle ones over them, and says so in the legend.
func (p *page) classes(s *picture.Sheet, out *drawing, parcels grid, lots []lot, of []int32) error {
	grades, idle := make([]picture.Trace, len(gradeNames)), make([]picture.Trace, len(idleNames))
	for i := range grades {
		grades[i].Frame = s.Frame
	}
	for i := range idle {
		idle[i].Frame = s.Frame
	}
	for _, i := range of {
		shape := parcels.shape(int(i))
		l := lots[i]
		if bare := uint8(len(gradeNames) - 1); len(lots) > mostOnMaps && l.grade == bare && l.idle == 0 {
			continue
		}
		err := grades[l.grade].Shape(shape)
		if err == nil && l.idle > 0 {
			err = idle[l.idle-1].Shape(shape)
		}
		if err != nil {
			return fmt.Errorf("layer parcels row %d: %w", i+1, err)
		}
	}
	for k := len(grades) - 1; k >= 0; k-- {
		c := palette.Of("grade", gradeNames[k])
		s.Draw(grades[k].Path, `fill="`+picture.Fill("grade", c)+`" stroke="#8C8C8C" stroke-width="1.2"`)
	}
	for k, name := range gradeNames {
		if len(grades[k].Path) > 0 {
			label := word("", name)
			if name == "none" {
				label = term{"无等级", "no grade"}
			}
			out.Legend = append(out.Legend, key{picture.Swatch(picture.Fill("grade", palette.Of("grade", name)), "#8C8C8C"), label})
		}
	}
	if len(lots) > mostOnMaps {
		out.Legend = append(out.Legend, key{Label: term{"（无等级宗地从略）", "parcels without a grade are left out"}})
	}
	for k, name := range idleNames {
		c := palette.Of("idle_kind", name)
		s.Draw(idle[k].Path, `fill="url(#idle_kind-`+name+`)" stroke="`+picture.RGB(c)+`" stroke-width="4"`)
		if len(idle[k].Path) > 0 {
			w := word("idle_kind", name)
			out.Legend = append(out.Legend, key{picture.Swatch("url(#idle_kind-"+name+")", picture.RGB(c)), term{"闲置：" + w.Zh, "idle, " + w.En}})
		}
	}
	return nil
}

// useMap is a zone with its land use by class.
func useMap(f *picture.Frame, pieces grid, of []int32, zones grid, feature int) (*drawing, error) {
	s, out := &picture.Sheet{Frame: f, Half: true}, &drawing{}
	border, err := outline(f, zones, feature)
	if err != nil {
		return nil, err
	}
	s.Draw(border, `fill="#FFFFFF"`)
	class := pieces.text("mix_class")
	set := palette.Set("mix_class")
	traces := make([]picture.Trace, len(set))
	for i := range traces {
		traces[i].Frame = f
	}
	for _, i := range of {
		k := slices.IndexFunc(set, func(c palette.Class) bool { return c.Name == class(int(i)) })
		if k < 0 {
			continue
		}
		if err := traces[k].Shape(pieces.shape(int(i))); err != nil {
			return nil, fmt.Errorf("layer land_mix_pieces row %d: %w", i+1, err)
		}
	}
	for k, c := range set {
		s.Draw(traces[k].Path, `fill="`+picture.RGB(c)+`" stroke="#fff" stroke-width="1"`)
		if len(traces[k].Path) > 0 {
			out.Legend = append(out.Legend, key{picture.Swatch(picture.RGB(c), "#8C8C8C"), word("mix_class", c.Name)})
		}
	}
	s.Draw(border, `fill="none" stroke="#263238" stroke-width="6" stroke-linejoin="round"`)
	s.Ruler()
	out.SVG = s.HTML(zones.text("name")(feature) + "：用地结构")
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
	f, ok := picture.FrameOf(box)
	if !ok {
		return nil
	}
	s, out := &picture.Sheet{Frame: &f}, &drawing{}
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
		x, y := f.Point((b.MinX+b.MaxX)/2, (b.MinY+b.MaxY)/2)
		if len(p.Zones) <= 25 {
			s.Text(x, y, shortened(z.Name, p.Region), 26, "middle")
		} else if z.Place > 0 {
			s.Text(x, y, fmt.Sprint(z.Place), 22, "middle")
		}
	}
	s.Ruler()
	out.SVG = s.HTML("全域一张图")
	p.City = out
	return nil
}

// zoneAreas draws the zones' borders, over parcels; else their areas by tax per mu.
func (p *page) zoneAreas(s *picture.Sheet, out *drawing, zones grid, few bool) error {
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
		d, err := outline(s.Frame, zones, z.feature)
		if err != nil {
			return err
		}
		fill := "none"
		if k := slices.Index(ranked, z); !few {
			fill = "#EFEFEF"
			if k >= 0 {
				fill = picture.RGB(shades[len(shades)-1-k*len(shades)/len(ranked)])
			}
		}
		s.Draw(d, `fill="`+fill+`" stroke="#263238" stroke-width="5" stroke-linejoin="round"`)
	}
	if !few {
		for k := range shades {
			c := shades[len(shades)-1-k]
			label := term{fmt.Sprintf("亩均税收第 %d 个五分之一", k+1), fmt.Sprintf("fifth no. %d by tax per mu", k+1)}
			out.Legend = append(out.Legend, key{picture.Swatch(picture.RGB(c), "#8C8C8C"), label})
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

// shortened is a zone's name without the region's before it, and not too long for a map.
func shortened(name, region string) string {
	name = strings.TrimPrefix(name, region)
	if r := []rune(name); len(r) > 12 {
		return string(r[:11]) + "…"
	}
	return name
}

// drawing is a map as SVG with its legend.
type drawing struct {
	SVG    template.HTML
	Legend []key
}

// key is a line of a legend.
type key struct {
	Sample template.HTML
	Label  term
}
