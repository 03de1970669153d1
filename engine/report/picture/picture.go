// Package picture draws maps and bars as SVG: shapes rounded to the dots of a printer,
// the hatches of the palette, a scale bar. The same shapes give the same bytes. What is
// drawn, and in which colours, its callers say.
package picture

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// extent is the longer side of a map in its own units, which shapes are rounded to: half
// a dot of a printer, a third of one on a screen.
const extent = 1200

// Frame turns degrees into units of a picture: north is up, a degree of longitude as
// long as it is in the middle.
type Frame struct {
	west, north   float64
	east, south   float64
	scaleX, scale float64 // units per degree of longitude and latitude
	width, height int
	metres        float64 // per unit
}

// FrameOf is the frame that a box fills, but for a margin; ok is false for an empty one.
func FrameOf(box wkb.Box) (f Frame, ok bool) {
	if box.Empty() {
		return f, false
	}
	const a, e2 = 6_378_137, 0.00669438002290 // of CGCS2000
	mid := (box.MinY + box.MaxY) / 2 * math.Pi / 180
	w := 1 - e2*math.Sin(mid)*math.Sin(mid)
	perLat := a * (1 - e2) / (w * math.Sqrt(w)) * math.Pi / 180
	perLon := a / math.Sqrt(w) * math.Cos(mid) * math.Pi / 180
	wide, high := (box.MaxX-box.MinX)*perLon, (box.MaxY-box.MinY)*perLat
	long := max(wide, high, 1)
	margin := long * 0.03
	f.metres = (long + 2*margin) / extent
	f.west, f.east = box.MinX-margin/perLon, box.MaxX+margin/perLon
	f.south, f.north = box.MinY-margin/perLat, box.MaxY+margin/perLat
	f.scaleX, f.scale = perLon/f.metres, perLat/f.metres
	f.width = int(math.Ceil((f.east - f.west) * f.scaleX))
	f.height = max(int(math.Ceil((f.north-f.south)*f.scale)), extent/3)
	return f, true
}

// Point is a place in the units of the picture.
func (f *Frame) Point(x, y float64) (int, int) {
	return int(math.Round((x - f.west) * f.scaleX)), int(math.Round((f.north - y) * f.scale))
}

// sees says whether a box is in the picture.
func (f *Frame) sees(b wkb.Box) bool {
	return b.Intersects(wkb.Box{MinX: f.west, MinY: f.south, MaxX: f.east, MaxY: f.north})
}

// Trace appends shapes to the path of a picture.
type Trace struct {
	Frame *Frame
	Path  []byte
	g     wkb.Geometry
	xy    []int
	keep  []bool
}

// Shape appends a polygon, rounded to the units of the picture: what is smaller than one
// is a dot, so that nothing is lost. Outer rings turn one way and holes the other.
func (t *Trace) Shape(b []byte) error {
	if err := t.g.Parse(b); err != nil {
		return err
	}
	if !t.Frame.sees(t.g.Bounds()) {
		return nil
	}
	switch t.g.Type {
	case wkb.Point, wkb.MultiPoint:
		for i := 0; i+1 < len(t.g.XY); i += 2 {
			x, y := t.Frame.Point(t.g.XY[i], t.g.XY[i+1])
			t.dot(x, y, 9)
		}
		return nil
	case wkb.Polygon, wkb.MultiPolygon:
	default:
		return nil
	}
	for part := range t.g.NumParts() {
		from, to := t.g.Part(part)
		for ring := from; ring < to; ring++ {
			t.ring(t.g.Ring(ring), ring > from)
		}
	}
	return nil
}

// ring appends a ring.
func (t *Trace) ring(xy []float64, hole bool) {
	t.xy = t.xy[:0]
	for i := 0; i+1 < len(xy); i += 2 {
		x, y := t.Frame.Point(xy[i], xy[i+1])
		n := len(t.xy)
		if n >= 2 && t.xy[n-2] == x && t.xy[n-1] == y {
			continue
		}
		t.xy = append(t.xy, x, y)
	}
	n := len(t.xy)
	if n >= 4 && t.xy[0] == t.xy[n-2] && t.xy[1] == t.xy[n-1] {
		t.xy = t.xy[:n-2]
	}
	t.simplify()
	area := 0
	for i, n := 0, len(t.xy); i < n; i += 2 {
		k := (i + 2) % n
		area += t.xy[i]*t.xy[k+1] - t.xy[k]*t.xy[i+1]
	}
	if area == 0 {
		if !hole && len(t.xy) >= 2 {
			t.dot(t.xy[0], t.xy[1], 1)
		}
		return
	}
	t.open(t.xy, (area > 0) == hole)
}

// simplify leaves out the points of a ring that lie within a unit of the line between
// others: its first point and the one farthest from it stay.
func (t *Trace) simplify() {
	n := len(t.xy) / 2
	if n < 4 {
		return
	}
	t.keep = append(t.keep[:0], make([]bool, n)...)
	far, most := 0, -1
	for i := range n {
		dx, dy := t.xy[2*i]-t.xy[0], t.xy[2*i+1]-t.xy[1]
		if d := dx*dx + dy*dy; d > most {
			far, most = i, d
		}
	}
	t.keep[0], t.keep[far] = true, true
	t.halve(0, far)
	t.halve(far, n)
	kept := t.xy[:0]
	for i := range n {
		if t.keep[i] {
			kept = append(kept, t.xy[2*i], t.xy[2*i+1])
		}
	}
	t.xy = kept
}

// halve keeps the point between two that is farthest from their line, if it is more than
// a unit away, and looks on both sides of it; n stands for the first point again.
func (t *Trace) halve(from, to int) {
	n := len(t.xy) / 2
	x0, y0, x1, y1 := t.xy[2*from], t.xy[2*from+1], t.xy[2*(to%n)], t.xy[2*(to%n)+1]
	dx, dy := x1-x0, y1-y0
	far, most := -1, 0
	for i := from + 1; i < to; i++ {
		if d := dx*(t.xy[2*i+1]-y0) - dy*(t.xy[2*i]-x0); max(d, -d) > most {
			far, most = i, max(d, -d)
		}
	}
	if far < 0 || most*most <= dx*dx+dy*dy {
		return
	}
	t.keep[far] = true
	t.halve(from, far)
	t.halve(far, to)
}

// open writes a ring, backwards when it turns the wrong way.
func (t *Trace) open(xy []int, turned bool) {
	n := len(xy) / 2
	at := func(i int) (int, int) {
		if turned {
			i = n - 1 - i
		}
		return xy[2*i], xy[2*i+1]
	}
	x, y := at(0)
	t.Path = append(t.Path, 'M')
	t.pair(x, y)
	t.Path = append(t.Path, 'l')
	for i := 1; i < n; i++ {
		nx, ny := at(i)
		if i > 1 && nx-x >= 0 {
			t.Path = append(t.Path, ' ')
		}
		t.pair(nx-x, ny-y)
		x, y = nx, ny
	}
	t.Path = append(t.Path, 'z')
}

func (t *Trace) pair(x, y int) {
	t.Path = strconv.AppendInt(t.Path, int64(x), 10)
	if y >= 0 {
		t.Path = append(t.Path, ' ')
	}
	t.Path = strconv.AppendInt(t.Path, int64(y), 10)
}

func (t *Trace) dot(x, y, size int) {
	t.Path = fmt.Appendf(t.Path, "M%d %dh%dv%dh-%dz", x-size/2, y-size/2, size, size, size)
}

// Sheet puts a picture together.
type Sheet struct {
	Frame *Frame
	Half  bool // it is shown half a page wide: what is written on it is larger
	b     strings.Builder
}

// Draw adds a path with its attributes.
func (s *Sheet) Draw(d []byte, attributes string) {
	if len(d) > 0 {
		s.b.WriteString(`<path ` + attributes + ` d="`)
		s.b.Write(d)
		s.b.WriteString(`"/>`)
	}
}

// Text is a label on a white ground, at most so many characters long.
func (s *Sheet) Text(x, y int, label string, size int, anchor string) {
	fmt.Fprintf(&s.b, `<text x="%d" y="%d" font-size="%d" text-anchor="%s" class="halo">%s</text>`, x, y, size, anchor, template.HTMLEscapeString(label))
}

// Ruler draws the scale bar and the arrow that points north.
func (s *Sheet) Ruler() {
	size, high := 28, 14
	if s.Half {
		size, high = 46, 22
	}
	want := s.Frame.metres * float64(s.Frame.width) / 4
	nice := math.Pow(10, math.Floor(math.Log10(want)))
	for _, m := range []float64{5, 2} {
		if nice*m <= want {
			nice *= m
			break
		}
	}
	long := int(math.Round(nice / s.Frame.metres))
	x, y := 24, s.Frame.height-26
	label := strconv.FormatFloat(nice, 'f', -1, 64) + " m"
	if nice >= 1000 {
		label = strconv.FormatFloat(nice/1000, 'f', -1, 64) + " km"
	}
	fmt.Fprintf(&s.b, `<g class="ruler"><path d="M%[1]d %[2]dv-%[4]dm0 %[4]dh%[3]dv-%[4]d" fill="none" stroke="#fff" stroke-width="%[5]d"/><path d="M%[1]d %[2]dv-%[4]dm0 %[4]dh%[3]dv-%[4]d" fill="none" stroke="#263238" stroke-width="%[6]d"/></g>`,
		x, y, long, high, high*2/3, high/3)
	s.Text(x+long+high, y+2, label, size, "start")
	nx := s.Frame.width - 2*size + 12
	fmt.Fprintf(&s.b, `<path d="M%d 78l20-52 20 52-20-12z" fill="#263238" stroke="#fff" stroke-width="2"/>`, nx-20)
	s.Text(nx, 84+size, "北", size, "middle")
}

// HTML is the picture, with a title for who cannot see it.
func (s *Sheet) HTML(title string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="map" viewBox="0 0 %d %d" role="img" aria-label="%s">%s</svg>`,
		s.Frame.width, s.Frame.height, template.HTMLEscapeString(title), s.b.String()))
}

// RGB is the colour of a class.
func RGB(c palette.Class) string { return fmt.Sprintf("#%06X", c.RGB) }

// Fill is the fill of a class: its colour, or its hatch.
func Fill(set string, c palette.Class) string {
	if c.Hatch == 0 {
		return RGB(c)
	}
	return "url(#" + set + "-" + c.Name + ")"
}

// Patterns are the hatches that fills name: white lines over the colour, and of what is
// laid over another map lines alone.
func Patterns() template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>`)
	for _, set := range []string{"grade", "supply_state", "conflict"} {
		for _, c := range palette.Set(set) {
			if c.Hatch != 0 {
				fmt.Fprintf(&b, `<pattern id="%s-%s" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(%g)"><rect width="12" height="12" fill="%s"/><path d="M0 0v12" stroke="#fff" stroke-width="4"/></pattern>`,
					set, c.Name, -c.Hatch, RGB(c))
			}
		}
	}
	for _, c := range palette.Set("idle_kind") {
		fmt.Fprintf(&b, `<pattern id="idle_kind-%s" width="14" height="14" patternUnits="userSpaceOnUse" patternTransform="rotate(%g)"><path d="M0 0v14" stroke="%s" stroke-width="7"/></pattern>`,
			c.Name, -c.Hatch, RGB(c))
	}
	b.WriteString(`</defs></svg>`)
	return template.HTML(b.String())
}

// Part is a length of a bar.
type Part struct {
	Value int64
	Class palette.Class
}

// Bar is a bar of parts, as long as they are of a whole.
func Bar(parts []Part, of int64) template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">`)
	x := int64(0)
	for _, p := range parts {
		if p.Value <= 0 || of <= 0 {
			continue
		}
		w := int64(math.Round(float64(p.Value) / float64(of) * 1000))
		fmt.Fprintf(&b, `<rect x="%d" width="%d" height="10" fill="%s"/>`, x, max(w, 2), RGB(p.Class))
		x += w
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// Thirds is a bar of shares with marks at the thirds that they should be.
func Thirds(parts []Part) template.HTML {
	text := string(Bar(parts, 1_000_000))
	marks := `<path d="M333 0v10M667 0v10" stroke="#1E1E1E" stroke-width="5"/></svg>`
	return template.HTML(strings.TrimSuffix(text, `</svg>`) + marks)
}

// Swatch is a sample of a fill for a legend.
func Swatch(fill, stroke string) template.HTML {
	return template.HTML(`<svg class="swatch" viewBox="0 0 44 28" aria-hidden="true"><rect x="2" y="2" width="40" height="24" fill="` + fill + `" stroke="` + stroke + `" stroke-width="3"/></svg>`)
}
