package engine_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/sample"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/viewer"
)

// movedRun puts a run somewhere else under another name, as a person does who unzips
// it, and names its project.
func movedRun(t testing.TB, run string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "交付 & <新>")
	if err := os.Rename(run, to); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(to, "muscope.qgz")
}

func TestTheProjectOfARunOpensInQGISAndDrawsWhatTheRunFound(t *testing.T) {
	sample := evaluated(t, towns[1].folder(t, nil), towns[1].options(t))
	cambridge := evaluatedAs(t, towns[0].folder(t, nil), towns[0].options(t), write.Formats{GeoPackage: true, QGIS: true})
	sampleFound, cambridgeFound := manifestOf(t, sample), manifestOf(t, cambridge)
	hostile, small := hostileCity(t), smallCity(t)
	hostileFound, smallFound := manifestOf(t, hostile), manifestOf(t, small)
	movedSample, movedCambridge := movedRun(t, sample), movedRun(t, cambridge)
	reports := viewer.Open(t,
		viewer.Job{Project: movedSample, Pages: 8, Alone: []string{filepath.Join(filepath.Dir(movedSample), "layers", "parcels.geojson")}},
		viewer.Job{Project: movedCambridge, Pages: 1, Alone: []string{
			filepath.Join(filepath.Dir(movedCambridge), filepath.FromSlash(write.GeoPackageName)) + "|layername=parcels"}},
		viewer.Job{Project: movedRun(t, hostile), Pages: 1},
		viewer.Job{Project: movedRun(t, small), Pages: 1})
	for i, found := range []write.Manifest{sampleFound, cambridgeFound, hostileFound, smallFound} {
		sound(t, &reports[i], found)
	}
	t.Run("alone", func(t *testing.T) { drawnAlone(t, reports[0].Alone, reports[1].Alone) })
	t.Run("sample", func(t *testing.T) { drawnSample(t, &reports[0], sampleFound) })
	t.Run("cambridge", func(t *testing.T) { drawnCambridge(t, &reports[1]) })
	t.Run("hostile", func(t *testing.T) { drawnHostile(t, &reports[2]) })
	t.Run("small", func(t *testing.T) { drawnSmall(t, &reports[3]) })
}

func TestTheProjectOfALargeCityOpensOverTheGeoPackageThatTheRunAddsItself(t *testing.T) {
	data := filepath.Join(t.TempDir(), "city")
	if err := sample.Write(t.Context(), sample.Options{Out: data, Parcels: 100_000, Seed: 11}); err != nil {
		t.Fatal(err)
	}
	run := evaluated(t, data, towns[1].options(t))
	found := manifestOf(t, run)
	r := viewer.Open(t, viewer.Job{Project: movedRun(t, run), Pages: 1, Features: 3000})[0]
	sound(t, &r, found)
	parcels := r.Layer(t, "muscope_parcels")
	if !strings.Contains(parcels.Source, "muscope.gpkg|layername=parcels") || parcels.Count != found.Counts["parcels"].Used || parcels.Count < 99_000 {
		t.Errorf("%d parcels of %s, the run used %d", parcels.Count, parcels.Source, found.Counts["parcels"].Used)
	}
}

// drawnAlone holds that a layer which is opened without the project looks as in it: by
// the style beside its file, or by the one that the GeoPackage keeps.
func drawnAlone(t *testing.T, all ...[]viewer.Alone) {
	t.Helper()
	for _, l := range slices.Concat(all...) {
		if !l.Valid || l.Renderer == "singleSymbol" || l.Renderer == "" || !strings.HasPrefix(l.Aliases["mu"], "面积") {
			t.Errorf("%s: valid %v, drawn by %s, mu is called %q", l.Source, l.Valid, l.Renderer, l.Aliases["mu"])
		}
	}
}

// sound is what holds of the project of any run.
func sound(t *testing.T, r *viewer.Report, m write.Manifest) {
	t.Helper()
	if !r.Read || len(r.Errors) > 0 {
		t.Fatalf("%s: read %v, errors %q", r.Project, r.Read, r.Errors)
	}
	if !r.CRSValid || r.Absolute || r.Ellipsoid != "EPSG:1024" {
		t.Errorf("%s: CRS %s valid %v, absolute paths %v, ellipsoid %s", r.Project, r.CRS, r.CRSValid, r.Absolute, r.Ellipsoid)
	}
	rows := map[string]int64{}
	for _, o := range m.Outputs {
		rows[o.Path] = o.Rows
	}
	counted := map[string]int64{}
	for i := range r.Layers {
		l := &r.Layers[i]
		soundLayer(t, r, l)
		file, _, _ := strings.Cut(filepath.ToSlash(l.Source), "|")
		if at := strings.Index(file, "layers/"); at >= 0 && !strings.Contains(l.Source, "subset=") && !strings.HasSuffix(l.ID, "_base") {
			counted[file[at:]] += l.Count
		}
	}
	for file, n := range counted {
		if n != rows[file] {
			t.Errorf("%s: QGIS counts %d features of %s, the run wrote %d", r.Project, n, file, rows[file])
		}
	}
	for name, theme := range r.Themes {
		if theme.Colours < 4 || theme.Background > 0.99 {
			t.Errorf("%s: the theme %s is all but blank: %d colours", r.Project, name, theme.Colours)
		}
	}
	for _, l := range r.Layouts {
		for _, text := range l.Labels {
			if strings.Contains(text, "[%") || strings.Contains(text, "NULL") || strings.Contains(text, "{") {
				t.Errorf("%s: the sheet %s reads %q", r.Project, l.Name, text)
			}
		}
		for page, p := range l.Files {
			if p.Colours < 20 || p.Background > 0.985 {
				t.Errorf("%s: page %d of %s is all but blank", r.Project, page+1, l.Name)
			}
		}
		if r.Themes[l.Theme].Colours == 0 {
			t.Errorf("%s: the sheet %s shows the theme %q", r.Project, l.Name, l.Theme)
		}
	}
	if r.Variables["muscope_run"] != m.RunID || r.Variables["muscope_as_of"] != m.AsOf || r.Variables["muscope_policies"] == "" {
		t.Errorf("%s: variables %v", r.Project, r.Variables)
	}
	if len(r.Lineage) < 2+len(m.Inputs) {
		t.Errorf("%s: lineage %q", r.Project, r.Lineage)
	}
}

func soundLayer(t *testing.T, r *viewer.Report, l *viewer.Layer) {
	t.Helper()
	if !l.Valid || l.CRS != "EPSG:4326" || !l.CRSValid || !l.ReadOnly || l.Count == 0 {
		t.Errorf("%s: layer %s valid %v, %s valid %v, read only %v, %d features", r.Project, l.ID, l.Valid, l.CRS, l.CRSValid, l.ReadOnly, l.Count)
	}
	for column, alias := range l.Aliases {
		if alias == "" && column != "fid" { // which a GeoPackage adds
			t.Errorf("%s: %s.%s has no alias", r.Project, l.ID, column)
		}
	}
	if len(l.Unmapped) > 0 {
		t.Errorf("%s: %s has values that no word stands for: %v", r.Project, l.ID, l.Unmapped)
	}
	if l.Title == "" || l.Lineage < 2 || l.Tip == "" || strings.Contains(l.Tip, "[% replace(") || len(l.Tabs) == 0 {
		t.Errorf("%s: %s has title %q, %d lines of lineage, tip %q, tabs %q", r.Project, l.ID, l.Title, l.Lineage, l.Tip, l.Tabs)
	}
	for name, s := range l.Styles {
		if s.DrawnNot > 0 && s.Renderer != "graduatedSymbol" {
			t.Errorf("%s: %s in %s does not draw %d features", r.Project, l.ID, name, s.DrawnNot)
		}
		if !s.AliasesKept || !s.TipKept {
			t.Errorf("%s: %s loses its aliases or its tip in the style %s", r.Project, l.ID, name)
		}
		for _, c := range s.Classes {
			if c.Features > 0 && c.Pixels == 0 {
				t.Errorf("%s: %s in %s: no pixel of %s (%s), which %d features have", r.Project, l.ID, name, c.Label, c.Colour, c.Features)
			}
		}
	}
}

// classesOf counts the features of a style's classes by their labels.
func classesOf(s viewer.Style) map[string]int64 {
	out := map[string]int64{}
	for _, c := range s.Classes {
		out[c.Label] += c.Features
	}
	return out
}

func drawnSample(t *testing.T, r *viewer.Report, m write.Manifest) {
	if r.Title != "示例市2024年度土地利用与节约集约评价" || r.CRS != "EPSG:4547" { // central meridian 114°E
		t.Errorf("title %s, CRS %s", r.Title, r.CRS)
	}
	if want := []string{"评价结果", "闲置低效", "用地结构", "管控冲突", "基础"}; !slices.Equal(r.Groups, want) {
		t.Errorf("groups %q", r.Groups)
	}
	if len(r.Bookmarks) != 8 || r.Bookmarks[0] != "示例市东岭经济技术开发区" {
		t.Errorf("bookmarks %q", r.Bookmarks)
	}
	parcels := r.Layer(t, "muscope_parcels")
	grades := parcels.Styles["评价等级"]
	if got := classesOf(grades); got["A 类"] == 0 || got["D 类"] == 0 || got["不参评（T 类）"] == 0 || got["未评等级"] == 0 || grades.Labels == 0 {
		t.Errorf("grades %v, %d labels", got, grades.Labels)
	}
	if tax := parcels.Styles["亩均税收"]; tax.Renderer != "graduatedSymbol" || len(tax.Classes) != 5 || tax.DrawnNot == 0 {
		t.Errorf("tax per mu: %+v", tax)
	}
	supply := classesOf(parcels.Styles["供应状态"])
	for state, label := range map[string]string{"built": "已竣工", "under_construction": "在建", "idle": "闲置", "overdue": "逾期未竣工"} {
		if supply[label] != m.Verdicts["supply"][state] {
			t.Errorf("%d parcels are drawn as %s, the run has %d", supply[label], label, m.Verdicts["supply"][state])
		}
	}
	for column, alias := range map[string]string{"tax_per_mu": "亩均税收（万元/亩）", "official_area": "法定面积（m²）", "idle": "是否闲置", "zone_share": "开发区内面积占比"} {
		if parcels.Aliases[column] != alias {
			t.Errorf("%s is called %q, want %q", column, parcels.Aliases[column], alias)
		}
	}
	if v := parcels.ValueMaps; v["idle"]["true"] != "是" || v["land_use"]["1001"] != "工业用地（1001）" || v["supply_state"]["built"] != "已竣工" {
		t.Errorf("value maps %v %v", v["idle"], v["supply_state"])
	}
	if !strings.Contains(parcels.Tip, "闲置土地处置办法第二条第一款") || !strings.Contains(parcels.Tip, "土地用途代码：工业用地（1001）") {
		t.Errorf("tip %s", parcels.Tip)
	}
	idle := r.Layer(t, "muscope_idle_land")
	kinds, terms := classesOf(idle.Styles["闲置类型"]), classesOf(idle.Styles["距可无偿收回期限"])
	if kinds["未动工"] != m.Verdicts["idle_land"]["not_started"] || kinds["中止开发"] != m.Verdicts["idle_land"]["stalled"] ||
		terms["已可无偿收回"] != m.Verdicts["idle_land"]["take_back"] || terms["半年内到期"] == 0 || terms["一年内到期"] == 0 {
		t.Errorf("idle land is drawn as %v and %v, the run has %v", kinds, terms, m.Verdicts["idle_land"])
	}
	if n := r.Layer(t, "muscope_at_risk").Count; n != m.Verdicts["idle_land"]["at_risk"] {
		t.Errorf("%d parcels are soon idle, the run has %d", n, m.Verdicts["idle_land"]["at_risk"])
	}
	if mix := r.Layer(t, "muscope_land_mix").Styles["三类用地占比"]; !mix.Diagram || mix.Labels != 8 {
		t.Errorf("land mix: %+v", mix)
	}
	both := r.Layer(t, "muscope_conflicts").Count + r.Layer(t, "muscope_conflict_points").Count
	if v := m.Verdicts["conflicts"]; both != v["existing"]+v["violation"]+v["undated"] {
		t.Errorf("%d conflicts are drawn, the run has %v", both, v)
	}
	drawnThemes(t, r)
	drawnSheets(t, r, m)
}

func drawnThemes(t *testing.T, r *viewer.Report) {
	t.Helper()
	for name, want := range map[string]map[string]string{
		"一张图":   {"muscope_parcels": "评价等级", "muscope_idle_land": "闲置类型", "muscope_zones": "范围"},
		"亩均税收图": {"muscope_parcels": "亩均税收", "muscope_parcels_base": "底图"},
		"闲置土地图": {"muscope_idle_land": "距可无偿收回期限", "muscope_parcels_base": "底图"},
		"低效用地图": {"muscope_underused_land": "低效用地", "muscope_parcels_base": "底图"},
		"用地结构图": {"muscope_land_mix": "三类用地占比", "muscope_land_mix_pieces": "三类用地"},
		"管控冲突图": {"muscope_conflicts": "结论", "muscope_conflict_points": "结论"},
	} {
		for id, style := range want {
			if got := r.Themes[name].Layers[id]; got != style {
				t.Errorf("the theme %s shows %s as %q, want %q", name, id, got, style)
			}
		}
	}
	if _, over := r.Themes["一张图"].Layers["muscope_underused_land"]; over {
		t.Error("underused land lies over all else in the theme 一张图")
	}
}

func drawnSheets(t *testing.T, r *viewer.Report, m write.Manifest) {
	t.Helper()
	atlas := r.Layout(t, "分园区图册")
	if atlas.Pages != 8 || len(atlas.Files) != 8 || atlas.Theme != "一张图" {
		t.Fatalf("the atlas has %d pages and shows %s", atlas.Pages, atlas.Theme)
	}
	all := strings.Join(atlas.Labels, "\n")
	for _, want := range []string{"示例市东岭经济技术开发区 2024年度", "评价时点：2025-06-30", "运行：" + m.RunID, "依据：《示例办法》", "第 8 / 8 幅", "闲置土地 9 宗，171.7 亩"} {
		if !strings.Contains(all, want) {
			t.Errorf("no sheet reads %q:\n%s", want, all)
		}
	}
	listed := 0
	for _, rows := range atlas.Rows {
		for _, row := range rows {
			if len(row) == 5 && (row[2] == "未动工" || row[2] == "中止开发") {
				listed++
			}
		}
	}
	idle := r.Layer(t, "muscope_idle_land")
	if listed == 0 || int64(listed) >= idle.Count { // some lie in no zone
		t.Errorf("the sheets list %d idle parcels of %d", listed, idle.Count)
	}
	whole := r.Layout(t, "全域一张图")
	if whole.Pages != 1 || len(whole.Rows) != 2 || len(whole.Rows[0]) != 8 {
		t.Errorf("the sheet of the whole: %d pages, lists %v", whole.Pages, whole.Rows)
	}
}

func drawnCambridge(t *testing.T, r *viewer.Report) {
	if want := []string{"评价结果", "用地结构", "基础"}; !slices.Equal(r.Groups, want) {
		t.Errorf("groups %q", r.Groups)
	}
	parcels := r.Layer(t, "muscope_parcels")
	if !strings.HasSuffix(parcels.Source, "/layers/muscope.gpkg|layername=parcels") {
		t.Errorf("source %s", parcels.Source)
	}
	if len(parcels.Styles) != 1 || classesOf(parcels.Styles["三类用地"])["居住用地"] == 0 {
		t.Errorf("a run that graded nobody draws parcels as %v", parcels.Styles)
	}
	for _, theme := range []string{"亩均税收图", "闲置土地图", "管控冲突图"} {
		if _, there := r.Themes[theme]; there {
			t.Errorf("the theme %s shows what the run does not have", theme)
		}
	}
}

// hostileName has everything that breaks out of XML, HTML, SQL or an expression.
const hostileName = "\"引号\"<b>&amp;'单'\n第二行 [% 1/0 %] {year} 名称很长很长很长很长很长很长很长很长很长很长的一个开发区园区"

// hostileCity has zones on both sides of 120°E whose names are hostile, and a parcel
// of 50 000 vertices.
func hostileCity(t *testing.T) string {
	t.Helper()
	quoted := strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(hostileName)
	var ring []string
	const vertices = 50_000
	for i := range vertices + 1 {
		angle := 2 * math.Pi * float64(i%vertices) / vertices
		radius := 0.01 + 0.0002*float64(i%vertices%2)
		ring = append(ring, fmt.Sprintf("[%.7f,%.7f]", 120.02+radius*math.Cos(angle), 31+radius*math.Sin(angle)))
	}
	return evaluatedFiles(t, map[string]string{
		"zones.geojson": features(
			squareFeature(`"zone_code":"W<1>","name":"`+quoted+`"`, 119.95, 30.95, 0.05),
			squareFeature(`"zone_code":"E&2","name":"东"`, 120, 30.95, 0.1)),
		"parcels.geojson": features(
			squareFeature(`"parcel_code":"999904000001GB00001","land_use":"1001","land_use_standard":"YDYH-2023","holder_name":"`+quoted+`","supply_state":"状态\"<&>'其一"`, 119.96, 30.96, 0.01),
			squareFeature(`"parcel_code":"999904000001GB00002","land_use":"0701","land_use_standard":"YDYH-2023","agreed_start_on":"2022-01-01"`, 119.98, 30.96, 0.01),
			`{"type":"Feature","properties":{"parcel_code":"999904000001GB00003","land_use":"1001","land_use_standard":"YDYH-2023"},"geometry":{"type":"Polygon","coordinates":[[`+strings.Join(ring, ",")+`]]}}`),
	})
}

// smallCity is one zone with one parcel: no land use, no grades, nothing idle.
func smallCity(t *testing.T) string {
	t.Helper()
	return evaluatedFiles(t, map[string]string{
		"zones.geojson":   features(squareFeature(`"zone_code":"Z1","name":"示例县工业园"`, 117, 32, 0.02)),
		"parcels.geojson": features(squareFeature(`"parcel_code":"999904000001GB00001","land_use":"1001","land_use_standard":"YDYH-2023"`, 117.005, 32.005, 0.01)),
	})
}

func features(all ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(all, ",\n") + `]}`
}

func squareFeature(properties string, lon, lat, side float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{%s},"geometry":{"type":"Polygon","coordinates":[[[%[2]v,%[3]v],[%[4]v,%[3]v],[%[4]v,%[5]v],[%[2]v,%[5]v],[%[2]v,%[3]v]]]}}`,
		properties, lon, lat, lon+side, lat+side)
}

func evaluatedFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	data := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(data, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := towns[1].options(t)
	return evaluated(t, data, o)
}

func drawnHostile(t *testing.T, r *viewer.Report) {
	if r.CRS != "EPSG:4549" || r.Layer(t, "muscope_zones").Count != 2 || r.Layer(t, "muscope_parcels").Count != 3 {
		t.Errorf("CRS %s, %d layers", r.CRS, len(r.Layers))
	}
	if !slices.Contains(r.Bookmarks, hostileName) {
		t.Errorf("bookmarks %q", r.Bookmarks)
	}
	parcels := r.Layer(t, "muscope_parcels")
	if want := "<b>\"引号\"&lt;b>&amp;amp;'单'\n第二行"; !strings.Contains(parcels.Tip, want) {
		t.Errorf("the tip takes the data for markup: %s", parcels.Tip)
	}
	if parcels.Display != hostileName {
		t.Errorf("the parcel is called %q", parcels.Display)
	}
	state := `状态"<&>'其一`
	if classesOf(parcels.Styles["供应状态"])[state] != 1 || parcels.ValueMaps["supply_state"][state] != state {
		t.Errorf("a state of the dataset's own is drawn as %v", parcels.Styles["供应状态"])
	}
	if n := r.Layer(t, "muscope_idle_land").Count; n != 1 {
		t.Errorf("%d idle parcels", n)
	}
}

func drawnSmall(t *testing.T, r *viewer.Report) {
	if r.Title != "示例县2024年度土地利用与节约集约评价" || r.CRS != "EPSG:4548" {
		t.Errorf("title %s, CRS %s", r.Title, r.CRS)
	}
	if want := []string{"评价结果", "基础"}; !slices.Equal(r.Groups, want) {
		t.Errorf("groups %q", r.Groups)
	}
	if len(r.Themes) != 1 || r.Layout(t, "分园区图册").Pages != 1 {
		t.Errorf("themes %v", r.Themes)
	}
	if !slices.Contains(r.Layout(t, "分园区图册").Labels, "本园区没有认定的闲置土地") {
		t.Errorf("the sheet reads %q", r.Layout(t, "分园区图册").Labels)
	}
}

func TestTheSameRunHasTheSameProjectByteForByte(t *testing.T) {
	o := towns[1].options(t)
	data := towns[1].folder(t, nil)
	one := fileText(t, filepath.Join(evaluated(t, data, o), "muscope.qgz"))
	o.Threads, o.Memory = 1, 1
	if two := fileText(t, filepath.Join(evaluated(t, data, o), "muscope.qgz")); !bytes.Equal(one, two) {
		t.Errorf("the project differs with threads and memory: %s", firstDifference(one, two))
	}
	z, err := zip.NewReader(bytes.NewReader(one), int64(len(one)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 1 || z.File[0].Name != "muscope.qgs" || z.File[0].Modified.Format("2006-01-02") != "2025-06-30" {
		t.Errorf("the archive holds %v", z.File)
	}
	in, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(data)) || bytes.Contains(text, []byte(os.TempDir()+"/")) {
		t.Error("the project names a folder of this machine")
	}
}

func TestARunWithoutTheFormatHasNoProject(t *testing.T) {
	dir := evaluatedAs(t, towns[0].folder(t, nil), towns[0].options(t), write.Formats{GeoJSON: true, CSV: true})
	if _, err := os.Stat(filepath.Join(dir, "muscope.qgz")); err == nil {
		t.Error("a project that nobody asked for")
	}
}
