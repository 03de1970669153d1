package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// The sheet's measures, in pixels.
const (
	mapWidth, mapHeight = 900.0, 760.0 // room for the map; it takes as much as its shape needs
	margin              = 16.0
	legendWidth         = 330.0
	lineHeight          = 40.0
)

// sheet places lon/lat on the map: degrees of longitude are shortened by the
// cosine of the middle latitude, which is all that a picture of a city needs.
// The unit is a tenth of a pixel, so that coordinates are whole numbers.
type sheet struct {
	frame         wkb.Box
	perLon        float64 // tenths of a pixel per degree
	perLat        float64
	width, height int // of the map, tenths of a pixel
}

// newSheet frames the zones. A parcel far away, a slip of the data, thus does
// not shrink the city to a dot.
func newSheet(zones []shape) sheet {
	box := wkb.EmptyBox()
	for _, z := range zones {
		box = box.Extend(z.box)
	}
	pad := 0.03 * max(box.MaxX-box.MinX, box.MaxY-box.MinY, 1e-6)
	box = wkb.Box{MinX: box.MinX - pad, MinY: box.MinY - pad, MaxX: box.MaxX + pad, MaxY: box.MaxY + pad}
	shorten := math.Cos((box.MinY + box.MaxY) / 2 * math.Pi / 180)
	perLat := 10 * min(mapWidth/((box.MaxX-box.MinX)*shorten), mapHeight/(box.MaxY-box.MinY))
	return sheet{
		frame:  box,
		perLon: perLat * shorten,
		perLat: perLat,
		width:  int(math.Ceil((box.MaxX - box.MinX) * perLat * shorten)),
		height: int(math.Ceil((box.MaxY - box.MinY) * perLat)),
	}
}

func (s sheet) point(lon, lat float64) (x, y int) {
	return int(math.Round((lon - s.frame.MinX) * s.perLon)), int(math.Round((s.frame.MaxY - lat) * s.perLat))
}

// draw writes the picture: the map and, on its right, the legend.
func (s sheet) draw(w *bytes.Buffer, legend []class, zones, parcels []shape) {
	counts := map[string]int{"title": 1, "zone": len(zones)}
	for _, p := range parcels {
		counts[p.class]++
	}
	width := float64(s.width)/10 + legendWidth + 3*margin
	height := max(float64(s.height)/10, lineHeight*float64(len(counts)+2)) + 2*margin
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','PingFang SC',sans-serif">`+"\n", width, height)
	fmt.Fprintf(w, `<rect width="100%%" height="100%%" fill="#fff"/>`+"\n")
	fmt.Fprintf(w, `<svg x="%.0f" y="%.0f" width="%.1f" height="%.1f" viewBox="0 0 %d %d">`+"\n",
		margin, margin, float64(s.width)/10, float64(s.height)/10, s.width, s.height)
	s.drawParcels(w, legend, counts, parcels)
	s.drawZones(w, legend, zones)
	fmt.Fprintln(w, `</svg>`)
	s.drawLegend(w, legend, counts)
	fmt.Fprintln(w, `</svg>`)
}

// drawParcels draws one path per class: the rings' directions (right-hand
// rule) keep holes open under the non-zero rule.
func (s sheet) drawParcels(w *bytes.Buffer, legend []class, counts map[string]int, parcels []shape) {
	for _, c := range legend {
		if c.colour == "" || c.name == "zone" || counts[c.name] == 0 {
			continue
		}
		fmt.Fprintf(w, `<path fill="%s" stroke="#fff" stroke-width="3" d="`, c.colour)
		for _, p := range parcels {
			if p.class == c.name && p.box.Intersects(s.frame) {
				s.path(w, p)
			}
		}
		fmt.Fprintln(w, `"/>`)
	}
}

func (s sheet) drawZones(w *bytes.Buffer, legend []class, zones []shape) {
	colour := "#000"
	for _, c := range legend {
		if c.name == "zone" {
			colour = c.colour
		}
	}
	fmt.Fprintf(w, `<path fill="none" stroke="%s" stroke-width="16" stroke-linejoin="round" d="`, colour)
	for _, z := range zones {
		s.path(w, z)
	}
	fmt.Fprintln(w, `"/>`)
	fmt.Fprintf(w, `<g font-size="135" font-weight="bold" text-anchor="middle" fill="%s" stroke="#fff" stroke-width="40" stroke-linejoin="round" paint-order="stroke">`+"\n", colour)
	for _, z := range zones {
		x, y := s.point(middleOfTheLargest(z.rings))
		fmt.Fprintf(w, `<text x="%d" y="%d">%s</text>`+"\n", x, y, escaped(z.name))
	}
	fmt.Fprintln(w, `</g>`)
}

// middleOfTheLargest is where a zone's name stands: the centroid of its largest
// ring, so that a zone in several parts has its name on one.
func middleOfTheLargest(rings [][]float64) (lon, lat float64) {
	largest := -1.0
	for _, ring := range rings {
		points := make(orb.Ring, 0, len(ring)/2)
		for i := 0; i+1 < len(ring); i += 2 {
			points = append(points, orb.Point{ring[i], ring[i+1]})
		}
		if centre, area := planar.CentroidArea(points); math.Abs(area) > largest {
			largest, lon, lat = math.Abs(area), centre.Lon(), centre.Lat()
		}
	}
	return lon, lat
}

// path appends a shape's rings as relative moves between whole tenths of a
// pixel. Points that fall on the one before are left out, and rings that
// shrink to less than a triangle.
func (s sheet) path(w *bytes.Buffer, p shape) {
	for _, ring := range p.rings {
		var moves []int
		atX, atY := 0, 0
		for i := 0; i+1 < len(ring); i += 2 {
			x, y := s.point(ring[i], ring[i+1])
			if i == 0 || x != atX || y != atY {
				moves = append(moves, x-atX, y-atY)
			}
			atX, atY = x, y
		}
		if len(moves) < 6 {
			continue
		}
		w.WriteByte('M')
		writeNumbers(w, moves[:2])
		w.WriteByte('l')
		writeNumbers(w, moves[2:])
		w.WriteByte('z')
	}
}

// writeNumbers leaves out the space before a minus sign, as SVG allows.
func writeNumbers(w *bytes.Buffer, numbers []int) {
	for i, n := range numbers {
		if i > 0 && n >= 0 {
			w.WriteByte(' ')
		}
		w.WriteString(strconv.Itoa(n))
	}
}

func (s sheet) drawLegend(w *bytes.Buffer, legend []class, counts map[string]int) {
	x, y := float64(s.width)/10+2*margin, margin+20
	for _, c := range legend {
		switch {
		case c.name == "title":
			fmt.Fprintf(w, `<text x="%.0f" y="%.0f" font-size="20" font-weight="bold" fill="#263238">%s</text>`+"\n", x, y, escaped(c.zh))
			fmt.Fprintf(w, `<text x="%.0f" y="%.0f" font-size="14" fill="#546e7a">%s</text>`+"\n", x, y+20, escaped(c.en))
			y += 1.5 * lineHeight
			continue
		case counts[c.name] == 0:
			continue
		case c.name == "zone":
			fmt.Fprintf(w, `<rect x="%.0f" y="%.0f" width="28" height="18" fill="none" stroke="%s" stroke-width="2"/>`+"\n", x, y-14, c.colour)
		default:
			fmt.Fprintf(w, `<rect x="%.0f" y="%.0f" width="28" height="18" fill="%s"/>`+"\n", x, y-14, c.colour)
		}
		fmt.Fprintf(w, `<text x="%.0f" y="%.0f" font-size="15" fill="#263238">%s (%d)</text>`+"\n", x+38, y-2, escaped(c.zh), counts[c.name])
		fmt.Fprintf(w, `<text x="%.0f" y="%.0f" font-size="12" fill="#546e7a">%s</text>`+"\n", x+38, y+14, escaped(c.en))
		y += lineHeight
	}
	s.drawScale(w, x, y+margin)
}

// drawScale draws a bar of 1, 2 or 5 times a power of ten metres.
func (s sheet) drawScale(w *bytes.Buffer, x, y float64) {
	const metresPerDegree = 111_000.0 // of latitude; a drawing asks no more
	metresPerPixel := metresPerDegree / s.perLat * 10
	length := math.Pow(10, math.Floor(math.Log10(200*metresPerPixel)))
	for _, times := range []float64{5, 2} {
		if length*times <= 200*metresPerPixel {
			length *= times
			break
		}
	}
	label := fmt.Sprintf("%g m", length)
	if length >= 1000 {
		label = fmt.Sprintf("%g km", length/1000)
	}
	fmt.Fprintf(w, `<path d="M%.0f %.0fv6h%.1fv-6" fill="none" stroke="#263238" stroke-width="2"/>`+"\n", x, y, length/metresPerPixel)
	fmt.Fprintf(w, `<text x="%.0f" y="%.0f" font-size="12" fill="#263238">%s</text>`+"\n", x+length/metresPerPixel+8, y+8, label)
}

func escaped(text string) string {
	var b bytes.Buffer
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a bytes.Buffer takes everything
	}
	return b.String()
}
