package sample

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mess makes a tidy made-up city as untidy as a bureau's own data: each step is
// named in the table of datasets/sample/README.md.
type mess struct {
	t       *testing.T
	words   words
	layers  map[string]*layer
	sheets  map[string]*sheet
	touched map[int]bool // parcels that carry a mistake already
	cursor  int
}

// layer is a GeoJSON file as its features' lines.
type layer struct {
	head, tail string
	features   []string
}

// sheet is a CSV file as rows of cells.
type sheet struct {
	head      []string
	rows      [][]string
	bom, crlf bool
	blank     int // empty lines behind the last row
}

func readLayer(text string) *layer {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	l := &layer{head: lines[0], tail: lines[len(lines)-1]}
	for _, f := range lines[1 : len(lines)-1] {
		l.features = append(l.features, strings.TrimSuffix(f, ","))
	}
	return l
}

func (l *layer) text() string {
	return l.head + "\n" + strings.Join(l.features, ",\n") + "\n" + l.tail + "\n"
}

func readSheet(text string) *sheet {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	s := &sheet{head: strings.Split(lines[0], ",")}
	for _, line := range lines[1:] {
		s.rows = append(s.rows, strings.Split(line, ","))
	}
	return s
}

func (s *sheet) text() string {
	var b []byte
	if s.bom {
		b = append(b, "\ufeff"...)
	}
	end := "\n"
	if s.crlf {
		end = "\r\n"
	}
	for _, row := range slices.Concat([][]string{s.head}, s.rows) {
		for i, cell := range row {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendQuoted(b, cell)
		}
		b = append(b, end...)
	}
	return string(b) + strings.Repeat(end, s.blank)
}

func (s *sheet) column(t *testing.T, name string) int {
	t.Helper()
	i := slices.Index(s.head, name)
	if i < 0 {
		t.Fatalf("no column %s in %v", name, s.head)
	}
	return i
}

func openMess(t *testing.T, dir string, w words) *mess {
	m := &mess{t: t, words: w, layers: map[string]*layer{}, sheets: map[string]*sheet{}, touched: map[int]bool{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		name, ending, _ := strings.Cut(e.Name(), ".")
		if ending == "geojson" {
			m.layers[name] = readLayer(string(text))
		} else {
			m.sheets[name] = readSheet(string(text))
		}
	}
	return m
}

// files is the whole folder by file name.
func (m *mess) files() map[string]string {
	all := map[string]string{}
	for name, l := range m.layers {
		all[name+".geojson"] = l.text()
	}
	for name, s := range m.sheets {
		all[name+".csv"] = s.text()
	}
	return all
}

// parcels picks n parcels that fit and have nothing wrong yet, far from each other.
func (m *mess) parcels(n int, fits func(feature string) bool) []int {
	m.t.Helper()
	list := m.layers["parcels"].features
	var found []int
	for range len(list) {
		m.cursor = (m.cursor + 67) % len(list)
		if !m.touched[m.cursor] && fits(list[m.cursor]) {
			m.touched[m.cursor] = true
			if found = append(found, m.cursor); len(found) == n {
				return found
			}
		}
	}
	m.t.Fatalf("only %d parcels fit, want %d", len(found), n)
	return nil
}

func (m *mess) edit(at int, change func(string) string) {
	list := m.layers["parcels"].features
	list[at] = change(list[at])
}

// value is a property as it stands in the feature, quotes and all; empty when it
// is not there.
func value(feature, name string) string {
	_, rest, ok := strings.Cut(feature, `"`+name+`":`)
	if !ok {
		return ""
	}
	if rest[0] == '"' {
		return rest[:2+strings.IndexByte(rest[1:], '"')]
	}
	return rest[:strings.IndexAny(rest, ",}")]
}

func text(feature, name string) string { return strings.Trim(value(feature, name), `"`) }

func has(name string) func(string) bool {
	return func(f string) bool { return value(f, name) != "" }
}

func set(name, to string) func(string) string {
	return func(f string) string {
		return strings.Replace(f, `"`+name+`":`+value(f, name), `"`+name+`":`+to, 1)
	}
}

// without takes a property away that is not the first one.
func without(name string) func(string) string {
	return func(f string) string { return strings.Replace(f, `,"`+name+`":`+value(f, name), "", 1) }
}

// ring is the only ring of a polygon's feature, closing point left out.
func ring(feature string) []point {
	_, rest, _ := strings.Cut(feature, `"coordinates":[[[`)
	rest, _, _ = strings.Cut(rest, "]]")
	var all []point
	for _, pair := range strings.Split(rest, "],[") {
		x, y, _ := strings.Cut(pair, ",")
		all = append(all, point{parseUnits(x), parseUnits(y)})
	}
	return all[:len(all)-1]
}

func parseUnits(s string) int64 {
	whole, fraction, _ := strings.Cut(s, ".")
	v, err := strconv.ParseInt(whole+(fraction + "0000000")[:7], 10, 64)
	if err != nil {
		panic(err)
	}
	return v
}

func position(p point) string {
	return "[" + string(appendPlain(nil, degrees(p.x))) + "," + string(appendPlain(nil, degrees(p.y))) + "]"
}

// reshape gives a polygon's feature another ring, written as it is.
func reshape(ring ...point) func(string) string {
	var text []string
	for _, p := range ring {
		text = append(text, position(p))
	}
	return func(f string) string {
		head, rest, _ := strings.Cut(f, `"coordinates":[[[`)
		_, tail, _ := strings.Cut(rest, "]]]")
		return head + `"coordinates":[[` + strings.Join(text, ",") + `]]` + tail
	}
}

func closed(ring []point) []point { return append(slices.Clone(ring), ring[0]) }

func spotOn(a, b point, along, aside float64) point {
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	return point{
		a.x + int64(float64(along*dx)+float64(aside*dy)), a.y + int64(float64(along*dy)-float64(aside*dx)),
	}
}

func simple(f string) bool {
	return strings.Count(f, "],[") == 4 && has("finished_on")(f) && text(f, "land_use") != "0703"
}

// makeMess does all of it, in a fixed order.
func (m *mess) makeMess() {
	m.shapes()
	m.doubles()
	m.parcelColumns()
	m.zoneBorders()
	m.landUse()
	m.creditCodes()
	m.names()
	m.leases()
	m.cells()
	m.split()
}

func (m *mess) shapes() {
	for _, at := range m.parcels(2, simple) { // a lobe some square metres small
		r := ring(m.layers["parcels"].features[at])
		a, b := r[0], r[1]
		m.edit(at, reshape(closed(slices.Insert(r, 1, spotOn(a, b, .55, .01), spotOn(a, b, .45, .01)))...))
	}
	for _, at := range m.parcels(2, simple) { // two corners swapped
		r := ring(m.layers["parcels"].features[at])
		r[1], r[2] = r[2], r[1]
		m.edit(at, reshape(closed(r)...))
	}
	for _, at := range m.parcels(2, simple) { // out from a corner and back
		r := ring(m.layers["parcels"].features[at])
		m.edit(at, reshape(closed(slices.Insert(r, 2, spotOn(r[0], r[1], 1.2, 0), r[1]))...))
	}
	m.edit(m.parcels(1, simple)[0], func(f string) string { return strings.Replace(reshape()(f), "[[]]", "[]", 1) })
	m.edit(m.parcels(1, simple)[0], func(f string) string {
		head, _, _ := strings.Cut(f, `"geometry":`)
		return head + `"geometry":null}`
	})
	two := m.parcels(1, simple)[0]
	r := ring(m.layers["parcels"].features[two])
	m.edit(two, reshape(r[0], r[1]))
	open := m.parcels(1, simple)[0]
	m.edit(open, reshape(ring(m.layers["parcels"].features[open])...))
}

func (m *mess) doubles() {
	l := m.layers["parcels"]
	for _, at := range m.parcels(3, has("recorded_area")) {
		l.features = append(l.features, l.features[at])
	}
	for _, at := range m.parcels(2, has("recorded_area")) {
		l.features = append(l.features, set("recorded_area", "8888.8")(l.features[at]))
	}
	for i := len(l.features) - 5; i < len(l.features); i++ {
		m.touched[i] = true
	}
}

func (m *mess) parcelColumns() {
	for _, at := range m.parcels(3, has("finished_on")) {
		m.edit(at, set("land_use", "null"))
	}
	for _, at := range m.parcels(2, has("finished_on")) {
		m.edit(at, set("land_use", `"9999"`))
	}
	for _, at := range m.parcels(2, has("finished_on")) {
		m.edit(at, set("land_use_standard", "null"))
	}
	for _, at := range m.parcels(4, has("recorded_area")) {
		m.edit(at, without("recorded_area"))
	}
	for _, at := range m.parcels(4, func(f string) bool { return text(f, "zone_code") == "G99990001" }) {
		m.edit(at, set("zone_code", `"S99990004"`))
	}
	y := m.words["date"]
	for _, at := range m.parcels(6, has("finished_on")) {
		m.edit(at, func(f string) string { return set("finished_on", `"`+written(text(f, "finished_on"), y)+`"`)(f) })
	}
	for _, at := range m.parcels(6, has("finished_on")) {
		m.edit(at, func(f string) string { return set("signed_on", `"`+slashed(text(f, "signed_on"))+`"`)(f) })
	}
}

// slashed is 2023/6/30, written 2023 and the words for year, month and day.
func slashed(day string) string { return written(day, []string{"/", "/", ""}) }

func written(day string, y []string) string {
	part := strings.Split(day, "-")
	month, day := strings.TrimLeft(part[1], "0"), strings.TrimLeft(part[2], "0")
	return fmt.Sprint(part[0], y[0], month, y[1], day, y[2])
}
