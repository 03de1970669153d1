package qgis

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/geo/viewer"
)

// odd is what breaks out of XML, an expression or SQL, in 60 characters and a line
// break.
const odd = "\"a\" <b> & 'c' \\ \t|\n二 ]]> %1 {d} [% 1/0 %] 很长很长很长很长很长很长很长很长很长很长很长很长"

// aProject is a layer of two squares in a file beside the project.
func aProject() *Project {
	square := Symbol{Fill: RGB(0x1A4E8A), Outline: RGB(0), Width: 0.2}
	hatched := Symbol{Fill: RGB(0xC8452E), Outline: RGB(0), Width: 0.2, Hatch: &Hatch{RGB(0xffffff), 45, 2, 0.3}}
	l := &Layer{
		ID: "layer_of_squares", Name: odd, Source: Source{Path: "./squares.geojson"}, Geometry: Polygons, CRS: WGS84,
		Columns: []Column{{Name: "kind", Alias: odd, Values: []Value{{Code: odd, Label: odd + "!"}, {Code: "b", Label: "二"}}}, {Name: "n", Alias: "数"}},
		Tabs:    []Tab{{Name: odd, Columns: []string{"kind", "n"}}},
		Styles: []Style{
			{
				Name:     "default " + odd,
				Renderer: Renderer{By: "kind", Classes: []Class{{Value: odd, Label: odd, Symbol: square}, {Label: "rest", Symbol: hatched}}},
				Labels:   &Labels{Expression: Text(odd) + " || " + Field("n"), Size: 8, Color: RGB(0), Priority: 5},
			},
			{
				Name:     "numbers",
				Renderer: Renderer{By: "n", Numbers: true, Classes: []Class{{Low: -1e12, High: 1, Label: "≤ 1", Symbol: square}, {Low: 1, High: 1e12, Label: "＞ 1", Symbol: hatched}}},
				Diagram:  &Diagram{Size: 10, Slices: []Slice{{Field("n"), odd, RGB(0xff0000)}}},
			},
		},
		Display: Field("kind"), Tip: "[% " + Field("n") + " %]", Metadata: Metadata{Title: odd, Abstract: odd, Organisation: odd, History: []string{odd}},
	}
	system, view := Suited(Box{120, 30, 120.02, 30.01})
	return &Project{
		Title: odd, CRS: system, View: view, Variables: []Variable{{"odd", odd}}, Groups: []Group{{odd, []*Layer{l}}}, Order: []string{l.ID},
		Themes:    []Theme{{odd, []ThemeLayer{{l.ID, "numbers"}}}},
		Bookmarks: []Bookmark{{odd, odd, Box{120, 30, 121, 31}}},
		Layouts: []Layout{{
			Name: odd, Width: 210, Height: 148, Resolution: 72, Atlas: &Atlas{Layer: l.ID, Page: Field("kind"), File: "@atlas_featurenumber", Sort: "n"},
			Items: []Item{
				Map{Frame: Frame{5, 5, 100, 100}, Theme: odd, Margin: 0.1, View: view},
				Label{Frame: Frame{5, 110, 100, 10}, ID: "label", Text: odd[:10] + " [% @odd %]", Size: 8, Align: Left},
				Legend{Frame: Frame{110, 5, 60, 60}, Title: odd, Columns: 1, Size: 8, Layers: []string{l.ID}},
				ScaleBar{Frame: Frame{5, 120, 60, 12}, Unit: "米", Size: 8},
				Picture{Frame: Frame{95, 5, 10, 10}, ID: "north", SVG: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0H1V1Z"/></svg>`},
				Table{
					Frame: Frame{110, 70, 90, 60}, ID: "list", Layer: l.ID, Where: Field("kind") + " = " + Text(odd), Sort: Field("n"), Most: 5, Empty: odd, Size: 8,
					Columns: []TableColumn{{odd, Field("kind"), 40, Left}, {"n", Field("n"), 20, Right}},
				},
			},
		}},
		Metadata: Metadata{Title: odd, History: []string{odd}},
	}
}

func TestNamesThatBreakOutOfXMLAndExpressionsReachQGISAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	kind := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(odd)
	write(t, filepath.Join(dir, "squares.geojson"), []byte(`{"type":"FeatureCollection","features":[`+
		`{"type":"Feature","properties":{"kind":"`+kind+`","n":1.0},"geometry":{"type":"Polygon","coordinates":[[[120,30],[120.01,30],[120.01,30.01],[120,30.01],[120,30]]]}},`+
		`{"type":"Feature","properties":{"kind":"b","n":2.5},"geometry":{"type":"Polygon","coordinates":[[[120.01,30],[120.02,30],[120.02,30.01],[120.01,30.01],[120.01,30]]]}}]}`))
	archive, err := aProject().Archive("p.qgs", time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "p.qgz"), archive)
	r := viewer.Open(t, viewer.Job{Project: filepath.Join(dir, "p.qgz"), Pages: 2})[0]
	if !r.Read || len(r.Errors) > 0 || r.Title != odd || r.Variables["odd"] != odd || r.Groups[0] != odd || r.Bookmarks[0] != odd || r.Lineage[0] != odd {
		t.Fatalf("%+v", r)
	}
	l := r.Layer(t, "layer_of_squares")
	if !l.Valid || l.Name != odd || l.Aliases["kind"] != odd || l.ValueMaps["kind"][odd] != odd+"!" || len(l.Unmapped) > 0 || l.Tabs[0] != odd || l.Title != odd || l.Display != odd {
		t.Errorf("%+v", l)
	}
	first := l.Styles["default "+odd]
	if len(first.Classes) != 2 || first.Classes[0].Features != 1 || first.Classes[0].Pixels == 0 || first.Classes[1].Pixels == 0 || first.Labels != 2 {
		t.Errorf("%+v", first)
	}
	if second := l.Styles["numbers"]; !second.Diagram || second.Classes[1].Features != 1 || !second.AliasesKept {
		t.Errorf("%+v", second)
	}
	sheet := r.Layout(t, odd)
	if sheet.Pages != 2 || !strings.Contains(sheet.Labels[0], odd) || len(sheet.Rows[0]) != 1 || sheet.Rows[0][0][0] != odd {
		t.Errorf("%+v", sheet)
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAStyleOfItsOwnIsAWholeDocument(t *testing.T) {
	l := aProject().Groups[0].Layers[0]
	for i, s := range l.Styles {
		text := l.QML(i)
		d := xml.NewDecoder(bytes.NewReader(text))
		root := ""
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("style %s: %v", s.Name, err)
			}
			if start, ok := token.(xml.StartElement); ok && root == "" {
				root = start.Name.Local
			}
		}
		if root != "qgis" || !bytes.Contains(text, []byte("<renderer-v2")) || !bytes.Contains(text, []byte("<alias ")) || bytes.Contains(text, []byte("squares.geojson")) {
			t.Errorf("style %s is %s:\n%s", s.Name, root, text)
		}
	}
}

func TestWhatQGISWouldDropWithoutAWordIsRefused(t *testing.T) {
	for want, spoil := range map[string]func(*Project){
		"shorter than":           func(p *Project) { p.Groups[0].Layers[0].ID = "squares" },
		"two layers":             func(p *Project) { p.Groups[0].Layers = append(p.Groups[0].Layers, p.Groups[0].Layers[0]) },
		"no style":               func(p *Project) { p.Groups[0].Layers[0].Styles = nil },
		"the order":              func(p *Project) { p.Order[0] = "layer_of_circles" },
		"which is not there":     func(p *Project) { p.Themes[0].Layers[0].ID = "layer_of_circles" },
		"it does not have":       func(p *Project) { p.Themes[0].Layers[0].Style = "colours" },
		"the theme \"another\"":  func(p *Project) { p.Layouts[0].Items[0] = Map{Theme: "another"} },
		"names the layer \"many": func(p *Project) { p.Layouts[0].Atlas.Layer = "many_more_squares" },
	} {
		p := aProject()
		spoil(p)
		if _, err := p.XML(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func TestASourceIsAFileOrATableOfOneOrSomeOfItsRows(t *testing.T) {
	for want, s := range map[string]Source{
		"./layers/a.geojson":                          {Path: "./layers/a.geojson"},
		"./m.gpkg|layername=a":                        {Path: "./m.gpkg", Table: "a"},
		"./m.gpkg|layername=a|geometrytype=Point":     {Path: "./m.gpkg", Table: "a", Geometry: Points},
		`./a.geojson|geometrytype=LineString`:         {Path: "./a.geojson", Geometry: Lines},
		`./m.gpkg|layername=a|subset="d" IS NOT NULL`: {Path: "./m.gpkg", Table: "a", Where: `"d" IS NOT NULL`},
	} {
		if s.String() != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
	if name := QMLName("./layers.d/a.geojson"); name != "./layers.d/a.qml" {
		t.Errorf("%s", name)
	}
}

func TestAMapOfAPlaceIsDrawnInTheZoneAboutItsMiddle(t *testing.T) {
	for _, c := range []struct {
		box  Box
		code int
	}{
		{Box{119.9, 30, 120.1, 31}, 4549},
		{Box{113.2, 31, 113.3, 32}, 4547},
		{Box{74, 38, 76, 39}, 4534},
		{Box{134, 47, 135, 48}, 4554},
		{Box{-71.2, 42.3, -71, 42.4}, 3857},
		{Box{-180, -90, 180, 90}, 3857},
	} {
		s, box := Suited(c.box)
		if s.Code != c.code || !(box.MinX < box.MaxX && box.MinY < box.MaxY) {
			t.Errorf("%v is drawn in %v, %v", c.box, s, box)
		}
	}
	if _, box := Suited(Box{119.9, 30, 120.1, 31}); box.MinX > 490_400 || box.MaxX < 509_600 || box.MinX < 480_000 {
		t.Errorf("a tenth of a degree beside the meridian lies at %v", box)
	}
}

func TestTheArchiveHasNoClockOfItsOwn(t *testing.T) {
	day := time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC)
	one, err := aProject().Archive("p.qgs", day)
	if err != nil {
		t.Fatal(err)
	}
	two, err := aProject().Archive("p.qgs", day.In(time.FixedZone("east", 8*3600)))
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("the same project differs: %v", err)
	}
}

func TestCharactersThatXMLCannotHoldAreReplaced(t *testing.T) {
	text := string(appendEscaped(nil, "a\x00\x1b\ufffeb\xffc"))
	if text != "a\ufffd\ufffd\ufffdb\ufffdc" {
		t.Errorf("%q", text)
	}
}

func ExampleText() {
	fmt.Println(Field(`say "a"`), "=", Text(`it's`))
	// Output: "say ""a""" = 'it''s'
}
