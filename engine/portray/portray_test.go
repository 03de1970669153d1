package portray

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/qgis"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// shape is a small square at a place of its own.
func shape(i int) []byte {
	x, y := 119.9+0.01*float64(i), 31.0
	g := &wkb.Geometry{}
	g.Reset(wkb.Polygon)
	g.XY = append(g.XY, x, y, x+0.01, y, x+0.01, y+0.01, x, y+0.01, x, y)
	g.EndRing()
	g.EndPart()
	return g.Append(nil)
}

func texts(name string, values ...string) write.Column {
	return write.Text(name, func(i int) (string, bool) { return values[i], values[i] != "" })
}

// aRun has zones and parcels, with the columns a test gives the parcels.
func aRun(columns ...write.Column) Run {
	return Run{
		Manifest: &write.Manifest{RunID: "0123456789abcdef", AsOf: "2025-06-30", Year: 2024},
		Policies: []string{Document("办法", "县政〔2024〕1号")},
		Layers: []write.Layer{
			{Name: "zones", Rows: 2, Shape: shape, Columns: []write.Column{texts("zone_code", "Z1", "Z2"), texts("name", "示例县东园区", "示例县西园区")}},
			{Name: "parcels", Rows: 3, Shape: shape, Columns: append([]write.Column{texts("parcel_code", "P1", "P2", "P3")}, columns...)},
			{Name: "idle_land", Rows: 0},
		},
	}
}

func projectOf(t *testing.T, r Run) *qgis.Project {
	t.Helper()
	p, err := Project(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.XML(); err != nil {
		t.Fatal(err)
	}
	return p
}

func styles(p *qgis.Project, id string) []string {
	var out []string
	for _, s := range p.Layer(id).Styles {
		out = append(out, s.Name)
	}
	return out
}

func TestOnlyWhatARunFoundIsDrawn(t *testing.T) {
	plain := projectOf(t, aRun(texts("mix_class", "industry", "public", "")))
	if got := styles(plain, "muscope_parcels"); !slices.Equal(got, []string{"三类用地"}) {
		t.Errorf("styles %q", got)
	}
	if plain.Layer("muscope_idle_land") != nil || len(plain.Themes) != 1 {
		t.Errorf("themes %v", plain.Themes)
	}
	graded := projectOf(t, aRun(texts("grade", "A", "", "T"), write.Fixed("tax_per_mu", 6, func(i int) (int64, bool) { return int64(i) * 1e6, i > 0 })))
	if got := styles(graded, "muscope_parcels"); !slices.Equal(got, []string{"评价等级", "亩均税收", "三类用地"}) {
		t.Errorf("styles %q", got)
	}
	var labels []string
	for _, c := range graded.Layer("muscope_parcels").Styles[0].Renderer.Classes {
		labels = append(labels, c.Value+" "+c.Label)
	}
	if want := []string{"A A 类", "T 不参评（T 类）", " 未评等级"}; !slices.Equal(labels, want) {
		t.Errorf("classes %q, want %q", labels, want)
	}
}

func TestUnderusedLandHasAMapOfItsOwnAndDoesNotLieOverAllElse(t *testing.T) {
	r := aRun(texts("grade", "A", "B", "C"))
	r.Layers = append(r.Layers, write.Layer{Name: "underused_land", Rows: 1, Shape: shape, Columns: []write.Column{texts("parcel_code", "P1")}})
	p := projectOf(t, r)
	shown := map[string][]string{}
	for _, theme := range p.Themes {
		for _, l := range theme.Layers {
			shown[theme.Name] = append(shown[theme.Name], l.ID)
		}
	}
	if want := []string{"muscope_zones", "muscope_underused_land", "muscope_parcels_base"}; !slices.Equal(shown["低效用地图"], want) {
		t.Errorf("themes %v", shown)
	}
	if slices.Contains(shown["一张图"], "muscope_underused_land") || p.Themes[0].Name != "一张图" {
		t.Errorf("themes %v", shown)
	}
	if g := p.Groups[1]; g.Name != "闲置低效" || len(g.Layers) != 1 || g.Layers[0].ID != "muscope_underused_land" {
		t.Errorf("groups %v", p.Groups)
	}
}

func TestACodeWithoutAWordIsDrawnUnderItsOwnName(t *testing.T) {
	p := projectOf(t, aRun(texts("supply_state", "built", "收储中", "")))
	style := p.Layer("muscope_parcels").Styles[0]
	var labels []string
	for _, c := range style.Renderer.Classes {
		labels = append(labels, c.Label)
	}
	if want := []string{"已竣工", "收储中", "其他"}; style.Name != "供应状态" || !slices.Equal(labels, want) {
		t.Errorf("%s: %q", style.Name, labels)
	}
}

func TestACodeOfLandUseIsNamedByItsStandard(t *testing.T) {
	p := projectOf(t, aRun(texts("land_use", "0601", "0601", "XX"), texts("land_use_standard", "YDYH-2023", "GBT21010-2017", "YDYH-2023")))
	got := map[string]string{}
	for _, c := range p.Layer("muscope_parcels").Columns {
		for _, v := range c.Values {
			got[v.Code] = v.Label
		}
	}
	if !strings.Contains(got["0601"], "工业用地") || !strings.Contains(got["0601"], " / ") || got["XX"] != "XX" {
		t.Errorf("%v", got)
	}
}

func TestALayerMayLieInATableOfAGeoPackage(t *testing.T) {
	r := aRun(texts("grade", "A", "B", "C"))
	r.Source = func(layer string) qgis.Source { return qgis.Source{Path: "./layers/muscope.gpkg", Table: layer} }
	if got := projectOf(t, r).Layer("muscope_parcels").Source.String(); got != "./layers/muscope.gpkg|layername=parcels" {
		t.Errorf("source %s", got)
	}
	files, err := Files(r)
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	if want := []string{ProjectName, "layers/zones.qml", "layers/parcels.qml"}; err != nil || !slices.Equal(paths, want) {
		t.Errorf("%q, %v, want %q", paths, err, want)
	}
}

func TestALayerThatNobodyKnowsIsShownPlainly(t *testing.T) {
	r := aRun()
	r.Layers = append(r.Layers, write.Layer{Name: "new_things", Rows: 1, Shape: shape, Columns: []write.Column{texts("a", "b")}})
	p := projectOf(t, r)
	if l := p.Layer("muscope_new_things"); l == nil || p.Groups[len(p.Groups)-1].Name != "其他" {
		t.Errorf("groups %v", p.Groups)
	}
}

func TestNumbersAreCutIntoClassesOfAboutTheSameSize(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   []float64
	}{
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []float64{3, 5, 7, 9}},
		{[]float64{5, 5, 5, 5, 5}, nil},
		{[]float64{0, 0, 0, 0, 0, 0, 0, 0.1234, 0.5678, 9}, []float64{0.57}},
		{[]float64{-3, 1234.5, 9876.5}, []float64{1200}},
		{nil, nil},
	} {
		l := write.Layer{Rows: len(c.values), Columns: []write.Column{write.Float("v", func(i int) (float64, bool) { return c.values[i], true })}}
		if got := breaks(&l, "v", 5); !slices.Equal(got, c.want) {
			t.Errorf("%v is cut at %v, want %v", c.values, got, c.want)
		}
		for _, v := range c.values {
			if !slices.ContainsFunc(graduated(&l, "v").Classes, func(k qgis.Class) bool { return k.Low <= v && v <= k.High }) {
				t.Errorf("%v of %v falls in no class", v, c.values)
			}
		}
	}
}

func TestTheRegionIsWhatAllZonesNamesBeginWith(t *testing.T) {
	for want, names := range map[string][]string{
		"示例市":    {"示例市东岭经济技术开发区", "示例市西坡产业园"},
		"江苏省示例县": {"江苏省示例县工业园"},
		"":       {"East Cambridge", "East Boston"},
	} {
		if got := regionOf(names); got != want {
			t.Errorf("%q lie in %q, want %q", names, got, want)
		}
	}
	if got := regionOf([]string{"市东", "县西"}); got != "" {
		t.Errorf("%q", got)
	}
}

func TestEveryClassOfThePaletteHasAWordAndEveryColumnOfALayerAnAlias(t *testing.T) {
	words := map[string]string{"amount": "", "further": "", "base": "", "conflict": "conflict", "grade": "grade"}
	for _, set := range palette.Sets() {
		prefix, told := words[set]
		if !told {
			prefix = set
		}
		for _, c := range palette.Set(set) {
			if prefix != "" && !known(prefix+"."+c.Name) {
				t.Errorf("the class %s of %s has no word", c.Name, set)
			}
		}
	}
	for _, e := range fields.Dictionary() {
		if a := alias(e.Table, e.Column); a == "" || a == e.Column {
			t.Errorf("%s.%s is called %q", e.Table, e.Column, a)
		}
	}
	for layer, want := range map[string]string{"tax_per_mu": "亩均税收（万元/亩）", "mu": "面积（亩）", "zone_share": "开发区内面积占比"} {
		if got := alias("parcels", layer); got != want {
			t.Errorf("%s is called %q, want %q", layer, got, want)
		}
	}
}

func TestNoSentenceOfAMapIsLeftUnfilled(t *testing.T) {
	text := fmt.Sprintf("%+v", projectOf(t, aRun(texts("grade", "A", "B", "C"))))
	for _, name := range []string{"{region}", "{year}", "{as_of}", "{run}", "{policies}", "{page}", "{pages}", "{mu}", "{count}", "map.", "{crs}"} {
		if strings.Contains(text, name) && name != "map." || strings.Contains(text, "map.sheet") || strings.Contains(text, "map.style") {
			t.Errorf("the map holds %s", name)
		}
	}
}
