package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/write"
)

// files are a dataset: what its files hold, by name. A test takes a small city and
// spoils what it is about.
type files map[string]string

// outcome is what a command line came to.
type outcome struct {
	code     int
	out, err string
}

// command runs a command line as main does.
func command(args ...string) outcome {
	var out, errs bytes.Buffer
	code := run(context.Background(), args, Streams{strings.NewReader(""), &out, &errs})
	return outcome{code, out.String(), errs.String()}
}

// box is a rectangle of lon/lat as GeoJSON, in thousandths of a degree from the
// small city's corner.
func box(x, y, width, height int) string {
	p := func(x, y int) string { return fmt.Sprintf("[%.3f,%.3f]", 117.4+float64(x)/1000, 30.6+float64(y)/1000) }
	return polygon(p(x, y), p(x+width, y), p(x+width, y+height), p(x, y+height), p(x, y))
}

func polygon(points ...string) string {
	return `{"type":"Polygon","coordinates":[[` + strings.Join(points, ",") + `]]}`
}

func feature(geometry, properties string) string {
	return `{"type":"Feature","properties":{` + properties + `},"geometry":` + geometry + `}`
}

func layer(features ...string) string {
	return "{\"type\":\"FeatureCollection\",\"features\":[\n" + strings.Join(features, ",\n") + "\n]}\n"
}

// lot is a parcel with the columns that must be there.
func lot(code, geometry string, more ...string) string {
	return feature(geometry, strings.Join(append([]string{
		`"parcel_code":"` + code + `"`, `"land_use":"100101"`, `"land_use_standard":"YDYH-2023"`}, more...), ","))
}

// use is a land-use polygon.
func use(id, code string, geometry string) string {
	return feature(geometry, fmt.Sprintf(`"feature_id":%q,"code":%q,"standard":"YDYH-2023"`, id, code))
}

const (
	someone = "914403001922038216"
	another = "91420100MA4KX12325"
)

// smallCity is a dataset of every table without a fault: two zones, four parcels,
// of which P1 is idle.
func smallCity() files {
	return files{
		"zones.geojson": layer(
			feature(box(0, 0, 20, 20), `"zone_code":"Z1","name":"新区","kind":"new"`),
			feature(box(20, 0, 20, 20), `"zone_code":"Z2","name":"老区"`)),
		"parcels.geojson": layer(
			lot("P1", box(1, 1, 2, 2), `"agreed_start_on":"2022-03-01","land_price":1000,"holder":"`+someone+`"`),
			lot("P2", box(5, 1, 2, 2), `"finished_on":"2020-01-01"`),
			lot("P3", box(21, 1, 2, 2), `"started_on":"2021-01-01","signed_on":"2020-06-01"`),
			lot("P4", box(50, 1, 2, 2), `"signed_on":"2024-12-01"`)),
		"land_use.geojson": layer(
			use("L1", "100101", box(0, 0, 10, 10)), use("L2", "0701", box(10, 0, 10, 10)), use("L3", "0804", box(0, 10, 20, 5))),
		"control_lines.geojson": layer(
			feature(`{"type":"LineString","coordinates":[[117.39,30.59],[117.45,30.59]]}`, `"feature_id":"C1","kind":"river","name":"长江"`)),
		"enterprises.csv":     "credit_code,name\n" + someone + ",甲\n" + another + ",乙\n",
		"tenancies.csv":       "credit_code,parcel_code,kind,area\n" + someone + ",P1,owned,1000\n" + another + ",P2,occupied,1000\n",
		"output.csv":          "credit_code,year,sales\n" + someone + ",2024,100\n",
		"tax.csv":             "credit_code,year,tax\n" + someone + ",2024,12.5\n" + another + ",2024,0\n",
		"energy.csv":          "credit_code,year,energy\n" + someone + ",2024,3\n",
		"emissions.csv":       "credit_code,year,cod\n" + someone + ",2024,0.1\n",
		"projects.csv":        "project_code,zone_code\nJ1,Z1\n",
		"zone_indicators.csv": "zone_code,period,indicator,value\nZ1,2024,gdp,5\n",
		"adjustments.csv":     "credit_code,year,kind,value,reason,actor,decided_on\n" + someone + ",2024,bonus,2,专利,发改委,2025-01-01\n",
	}
}

// bigCity is the small one with n parcels, so that an evaluation takes a while, and
// some 100 000 of them are more than the least memory.
func bigCity(t *testing.T, n int) (data string) {
	t.Helper()
	f := smallCity()
	delete(f, "parcels.geojson")
	data = f.in(t)
	out, err := os.Create(filepath.Join(data, "parcels.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(out)
	_, _ = w.WriteString(`{"type":"FeatureCollection","features":[` + "\n")
	for i := range n {
		if i > 0 {
			_, _ = w.WriteString(",\n")
		}
		_, _ = w.WriteString(lot(fmt.Sprintf("P%07d", i), box(i%50, i/50%20, 1, 1), `"agreed_start_on":"2022-03-01","land_price":1000,"tags":"`+strings.Repeat("x", 250)+`"`))
	}
	_, _ = w.WriteString("\n]}\n")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return data
}

// in writes the files into a folder of their own and returns it.
func (f files) in(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range f {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// evaluation is a run folder of a dataset, with what was printed.
type evaluation struct {
	outcome
	dir      string
	manifest write.Manifest
}

const policies = "chizhou-2015,national-idle-land-2012"

// evaluateArgs is the command line for a dataset. A flag given again wins; of
// policies, which would add up, the ones given stand alone.
func evaluateArgs(data, out string, more ...string) []string {
	args := []string{"evaluate", "--data", data, "--year", "2024", "--as-of", "2025-06-30", "--out", out, "--lang", "en"}
	if !slices.Contains(more, "--policy") {
		args = append(args, "--policy", policies)
	}
	return append(args, more...)
}

// evaluated runs evaluate on a dataset that must pass, and holds that every row
// that was read is accounted for.
func evaluated(t *testing.T, f files, more ...string) *evaluation {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	e := &evaluation{outcome: command(evaluateArgs(f.in(t), out, more...)...), dir: out}
	if e.code != exitDone {
		t.Fatalf("exit %d: %s", e.code, e.err)
	}
	onlyRun(t, out)
	text, err := os.ReadFile(filepath.Join(out, write.ManifestName))
	if err == nil {
		err = json.Unmarshal(text, &e.manifest)
	}
	if err != nil {
		t.Fatal(err)
	}
	e.balanced(t)
	return e
}

// balanced holds that used + rejected = read for every table, and that as many
// rows stand in rejects.csv, repairs.csv and sources.parquet.
func (e *evaluation) balanced(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(e.dir, "tables")); err != nil || len(e.manifest.Counts) == 0 {
		t.Fatalf("no tables or no counts: %v", err)
	}
	listed, repaired, used := map[string]int64{}, map[string]int64{}, int64(0)
	for _, r := range e.table(t, "rejects") {
		listed[r["table"]]++
	}
	for _, r := range e.table(t, "repairs") {
		repaired[r["table"]]++
	}
	for name, c := range e.manifest.Counts {
		if c.Used+c.Rejected != c.Read {
			t.Errorf("%s: %d used and %d rejected, but %d read", name, c.Used, c.Rejected, c.Read)
		}
		if listed[name] != c.Rejected || repaired[name] != c.Repaired {
			t.Errorf("%s: %d rejected and %d repaired, but %d and %d are listed", name, c.Rejected, c.Repaired, listed[name], repaired[name])
		}
		used += c.Used
	}
	for _, o := range e.manifest.Outputs {
		if o.Path == "sources.parquet" && o.Rows != used {
			t.Errorf("%d used rows, but %d sources", used, o.Rows)
		}
	}
}

// onlyRun holds that nothing but the run folder stands beside it: no .tmp-.
func onlyRun(t *testing.T, out string) {
	t.Helper()
	if left := beside(t, out); !slices.Equal(left, []string{filepath.Base(out)}) {
		t.Errorf("beside the run folder stand %q", left)
	}
}

// beside lists the folder that a run folder stands in.
func beside(t *testing.T, out string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(out))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// table reads a CSV table of the run, its rows by column.
func (e *evaluation) table(t *testing.T, name string) []map[string]string {
	t.Helper()
	return readTable(t, filepath.Join(e.dir, "tables", name+".csv"))
}

func readTable(t *testing.T, path string) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, bom := bytes.CutPrefix(text, []byte("\uFEFF"))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || !bom || len(rows) == 0 {
		t.Fatalf("%s: BOM %t, %d rows, %v", path, bom, len(rows), err)
	}
	out := []map[string]string{}
	for _, row := range rows[1:] {
		cells := map[string]string{}
		for i, column := range rows[0] {
			cells[column] = row[i]
		}
		out = append(out, cells)
	}
	return out
}

// properties reads a layer of the run, the properties of its features by a key.
func (e *evaluation) properties(t *testing.T, name, key string) map[string]map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(e.dir, "layers", name+".geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Features []struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	out := map[string]map[string]any{}
	for _, f := range read.Features {
		out[fmt.Sprint(f.Properties[key])] = f.Properties
	}
	return out
}

// bytesOf are the files of layers/ and tables/, by their path.
func bytesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, sub := range []string{"layers", "tables"} {
		err := fs.WalkDir(os.DirFS(dir), sub, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) { // no layers were asked for
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(filepath.Join(dir, path))
			out[path] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestEvaluateWritesTheWholeRunFolder(t *testing.T) {
	e := evaluated(t, smallCity())
	for _, path := range []string{
		"manifest.json", "sources.parquet", "layers/parcels.geojson", "layers/idle_land.geojson", "layers/zones.geojson",
		"layers/land_mix.geojson", "layers/land_mix_pieces.geojson", "tables/idle_land.csv", "tables/zones.csv",
		"tables/land_mix.csv", "tables/supply.csv", "tables/rejects.csv", "tables/repairs.csv", "tables/flags.csv", "tables/dictionary.csv",
	} {
		info, err := os.Stat(filepath.Join(e.dir, path))
		if err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
	for name, want := range map[string]int64{"zones": 2, "parcels": 4, "land_use": 3, "control_lines": 1, "enterprises": 2, "tenancies": 2,
		"output": 1, "tax": 2, "energy": 1, "emissions": 1, "projects": 1, "zone_indicators": 1, "adjustments": 1} {
		if c := e.manifest.Counts[name]; c.Read != want || c.Used != want {
			t.Errorf("%s: %d read, %d used, want %d", name, c.Read, c.Used, want)
		}
	}
	parcels := e.properties(t, "parcels", "parcel_code")
	for code, want := range map[string]struct {
		zone, state any
		idle        bool
	}{"P1": {"Z1", "idle", true}, "P2": {"Z1", "built", false}, "P3": {"Z2", "under_construction", false}, "P4": {nil, "supplied_not_used", false}} {
		p := parcels[code]
		if p["zone_code"] != want.zone || p["supply_state"] != want.state || p["idle"] != want.idle {
			t.Errorf("%s: zone %v, state %v, idle %v, want %+v", code, p["zone_code"], p["supply_state"], p["idle"], want)
		}
	}
	idle := e.properties(t, "idle_land", "parcel_code")
	if p := idle["P1"]; len(idle) != 1 || p["idle_since"] != "2022-03-01" || p["idle_from"] != "2023-03-02" ||
		p["consequence"] != "take_back" || p["take_back_from"] != "2024-03-02" || p["fee"] != nil {
		t.Errorf("idle land: %v", idle)
	}
	if m := e.manifest; m.AsOf != "2025-06-30" || m.Year != 2024 || m.Period != "2024" || len(m.RunID) != 16 {
		t.Errorf("as of %s, year %d, period %s, run %s", m.AsOf, m.Year, m.Period, m.RunID)
	}
}

func TestTheSummaryEndsWithWhatWasWritten(t *testing.T) {
	e := evaluated(t, smallCity())
	_, list, found := strings.Cut(e.out, "\nwrote "+e.dir+"\n")
	if !found || e.err != "" {
		t.Fatalf("no list of what was written in\n%s\n%s", e.out, e.err)
	}
	for _, o := range e.manifest.Outputs {
		if dir, _, _ := strings.Cut(o.Path, "/"); dir == "facts" || dir == "policies" { // told of together
			o.Path = "facts/ policies/"
		}
		if ext := filepath.Ext(o.Path); ext == ".qgz" || ext == ".qml" {
			o.Path = "muscope.qgz layers/*.qml"
		}
		if !strings.Contains(list, "  "+o.Path+" ") {
			t.Errorf("%s is not listed in\n%s", o.Path, list)
		}
	}
	if !strings.Contains(e.out, "parcels          read         4  used         4  rejected       0") {
		t.Errorf("the parcels are not accounted for in\n%s", e.out)
	}
	if out := evaluated(t, smallCity(), "--quiet"); out.out != "" || out.err != "" {
		t.Errorf("quiet, it says %q %q", out.out, out.err)
	}
}

func TestThreadsAndMemoryChangeNoByte(t *testing.T) {
	want := bytesOf(t, evaluated(t, smallCity(), "--threads", "1").dir)
	for _, more := range [][]string{{"--threads", "4"}, {"--threads", "3", "--memory", "64MiB"}} {
		got := bytesOf(t, evaluated(t, smallCity(), more...).dir)
		for path := range want {
			if got[path] != want[path] {
				t.Errorf("%v: %s differs", more, path)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%v: %d files, want %d", more, len(got), len(want))
		}
	}
}

func TestParcelsBeyondTheMemoryLimitChangeNoByte(t *testing.T) {
	data := bigCity(t, 120_000)
	var got [2]map[string]string
	for i, memory := range []string{"4GiB", "64MiB"} {
		out := filepath.Join(t.TempDir(), "run")
		if o := command(evaluateArgs(data, out, "--formats", "csv", "--memory", memory)...); o.code != exitDone {
			t.Fatalf("--memory %s: exit %d: %s", memory, o.code, o.err)
		}
		got[i] = bytesOf(t, out)
		lines := strings.Split(strings.TrimSpace(got[i]["tables/supply.csv"]), "\n")[1:]
		if len(lines) != 120_000 || !slices.IsSorted(lines) {
			t.Errorf("--memory %s: %d rows in supply.csv, sorted by code %t", memory, len(lines), slices.IsSorted(lines))
		}
	}
	if !maps.Equal(got[0], got[1]) {
		t.Error("the same parcels, in memory and in a file, give other tables")
	}
}

// shuffledCity has more than one row of everything, doubles among them, so that
// the order of the rows could tell.
func shuffledCity(turn int) files {
	f := smallCity()
	f["zones.geojson"] = layer(turned(turn,
		feature(box(0, 0, 20, 20), `"zone_code":"Z1","name":"新区","kind":"new"`),
		feature(box(19, 0, 20, 20), `"zone_code":"Z2","name":"老区"`),
		feature(box(0, 20, 20, 20), `"zone_code":"Z3","name":"北区"`))...)
	var lots []string
	for i := range 30 {
		lots = append(lots, lot(fmt.Sprintf("P%02d", i), box(2*(i%10), 3*(i/10), 2, 2), fmt.Sprintf(`"agreed_start_on":"20%02d-03-01"`, 10+i%16)))
	}
	lots = append(lots, lot("P03", box(1, 1, 3, 3)), lot("P03", box(1, 1, 3, 3), `"holder":"X"`), lot("", box(1, 1, 1, 1)))
	f["parcels.geojson"] = layer(turned(turn, lots...)...)
	f["land_use.geojson"] = layer(turned(turn, use("L1", "100101", box(0, 0, 11, 10)), use("L2", "0701", box(10, 0, 10, 10)),
		use("L3", "0804", box(0, 10, 20, 15)), use("L3", "0805", box(0, 10, 20, 15)), use("L4", "9999", box(0, 0, 1, 1)))...)
	f["tax.csv"] = "credit_code,year,tax\n" + strings.Join(turned(turn, someone+",2024,12.5\n", someone+",2024,9\n", another+",2023,1\n", "X,,1\n"), "")
	return f
}

// turned is rows in another order, by the number of the turn.
func turned(turn int, rows ...string) []string {
	rows = slices.Clone(rows)
	if turn%2 == 1 {
		slices.Reverse(rows)
	}
	return slices.Concat(rows[turn*7%len(rows):], rows[:turn*7%len(rows)])
}

func TestTheOrderOfRowsChangesNoByteButFileAndRow(t *testing.T) {
	first := evaluated(t, shuffledCity(0))
	want := bytesOf(t, first.dir)
	for turn := 1; turn < 4; turn++ {
		e := evaluated(t, shuffledCity(turn), "--threads", "4")
		got := bytesOf(t, e.dir)
		for path := range maps.Keys(want) {
			if path == "tables/rejects.csv" || path == "tables/repairs.csv" {
				continue
			}
			if got[path] != want[path] {
				t.Errorf("turn %d: %s differs:\n%s\nwas\n%s", turn, path, got[path], want[path])
			}
		}
		if a, b := withoutPlace(first.table(t, "rejects")), withoutPlace(e.table(t, "rejects")); !slices.Equal(a, b) {
			t.Errorf("turn %d: rejects\n%s\nwere\n%s", turn, strings.Join(b, "\n"), strings.Join(a, "\n"))
		}
		if e.manifest.RunID != first.manifest.RunID {
			t.Errorf("turn %d: run %s, want %s", turn, e.manifest.RunID, first.manifest.RunID)
		}
	}
}

func withoutPlace(rows []map[string]string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, strings.Join([]string{r["table"], r["key"], r["column"], r["value"], r["reason"]}, " "))
	}
	return out
}

func TestARunIsNamedByItsInputsAndArguments(t *testing.T) {
	id := func(f files, more ...string) string { return evaluated(t, f, more...).manifest.RunID }
	same := id(smallCity())
	if again := id(smallCity(), "--threads", "1", "--formats", "csv"); again != same {
		t.Errorf("the same run is %s and %s", same, again)
	}
	changed := smallCity()
	changed["tax.csv"] = strings.Replace(changed["tax.csv"], "12.5", "12.6", 1)
	for what, other := range map[string]string{
		"another day":    id(smallCity(), "--as-of", "2025-07-01"),
		"another year":   id(smallCity(), "--year", "2023"),
		"one policy":     id(smallCity(), "--policy", "national-idle-land-2012"),
		"another figure": id(changed),
	} {
		if other == same {
			t.Errorf("%s: the same run id %s", what, same)
		}
	}
}

func TestWhatIsMissingIsSaidByRule(t *testing.T) {
	f := smallCity()
	delete(f, "land_use.geojson")
	e := evaluated(t, f)
	if !strings.Contains(e.out, "not evaluated: chizhou-2015/CZ-4.5-mix (missing land_use)") {
		t.Errorf("the summary does not say what was not evaluated:\n%s", e.out)
	}
	if _, err := os.Stat(filepath.Join(e.dir, "layers", "land_mix.geojson")); err == nil {
		t.Error("a land mix was written without land use")
	}
}

func TestOnlyZonesAndParcelsAreNeeded(t *testing.T) {
	city := smallCity()
	e := evaluated(t, files{"zones.geojson": city["zones.geojson"], "parcels.geojson": city["parcels.geojson"]})
	if n := len(e.properties(t, "parcels", "parcel_code")); n != 4 {
		t.Errorf("%d parcels, want 4", n)
	}
}

func TestFormatsAskedForAreTheOnesWritten(t *testing.T) {
	for format, other := range map[string]string{"geojson": "tables/zones.csv", "csv": "layers/zones.geojson"} {
		out := filepath.Join(t.TempDir(), "run")
		if o := command(evaluateArgs(smallCity().in(t), out, "--formats", format)...); o.code != exitDone {
			t.Fatalf("exit %d: %s", o.code, o.err)
		}
		if _, err := os.Stat(filepath.Join(out, other)); err == nil {
			t.Errorf("--formats %s wrote %s", format, other)
		}
	}
}

func TestStrictExitsWithThreeAndKeepsTheRun(t *testing.T) {
	f := smallCity()
	f["tax.csv"] += "X,2024,many\n"
	out := filepath.Join(t.TempDir(), "run")
	o := command(evaluateArgs(f.in(t), out, "--strict")...)
	if want := "muscope: --strict: 1 rows rejected, see " + filepath.Join(out, "tables", "rejects.csv") + "\n"; o.code != exitFound || o.err != want {
		t.Errorf("exit %d, %q, want %d, %q", o.code, o.err, exitFound, want)
	}
	onlyRun(t, out)
	if o := command(evaluateArgs(smallCity().in(t), filepath.Join(t.TempDir(), "run"), "--strict")...); o.code != exitDone {
		t.Errorf("without rejects it exits with %d: %s", o.code, o.err)
	}
}

func TestAWarningStandsWhereADayLiesOutsideAPolicysForce(t *testing.T) {
	e := evaluated(t, smallCity())
	if len(e.manifest.Warnings) == 0 || !strings.Contains(e.manifest.Warnings[0], "chizhou-2015") || !strings.Contains(e.out, "warning: ") {
		t.Errorf("no warning that chizhou-2015 was repealed on 2024-10-10: %q\n%s", e.manifest.Warnings, e.out)
	}
}

func TestTheSummaryIsInTheLanguageAskedForAndTheRunIsNot(t *testing.T) {
	en, zh := evaluated(t, smallCity()), evaluated(t, smallCity(), "--lang", "zh")
	if !strings.Contains(zh.out, "读入") || strings.Contains(zh.out, "rejected") || strings.Contains(en.out, "读入") {
		t.Errorf("in zh:\n%s\nin en:\n%s", zh.out, en.out)
	}
	if !maps.Equal(bytesOf(t, en.dir), bytesOf(t, zh.dir)) {
		t.Error("the run folder depends on the language")
	}
}

func TestARunFolderThatHoldsTheDataIsRefused(t *testing.T) {
	top := t.TempDir()
	data := filepath.Join(top, "run", "data")
	var out, errs bytes.Buffer
	streams := Streams{Out: &out, Err: &errs}
	if code := run(context.Background(), []string{"sample", "--out", data, "--quiet"}, streams); code != exitDone {
		t.Fatalf("sample: %s", &errs)
	}
	for _, dir := range []string{filepath.Join(top, "run"), data} {
		code := run(context.Background(), []string{"evaluate", "--data", data, "--policy", "chizhou-2015",
			"--year", "2024", "--out", dir, "--overwrite"}, streams)
		if code != exitUsage || !strings.Contains(errs.String(), "which it would replace") {
			t.Errorf("--out %s exits with %d: %s", dir, code, &errs)
		}
	}
	if _, err := os.Stat(filepath.Join(data, "parcels.geojson")); err != nil {
		t.Errorf("the data is gone: %v", err)
	}
}

// A table may be read from elsewhere, an earlier run's folder too.
func TestARunFolderThatHoldsAFileOfTheMappingIsRefused(t *testing.T) {
	top := t.TempDir()
	dir, data := filepath.Join(top, "run"), filepath.Join(top, "data")
	if err := os.Rename(evaluated(t, smallCity()).dir, dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(smallCity().in(t), data); err != nil {
		t.Fatal(err)
	}
	inputs := map[string]string{"zones.geojson": smallCity()["zones.geojson"], "use.csv": "code,area\nP1,1\n", "codes.csv": "code,class\n1,industry\n"}
	for name, text := range inputs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(top, "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(data, "late", "run") // in the dataset's own folder
	if err := os.Mkdir(filepath.Dir(inside), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(inside, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for says, out := range map[string]string{
		"zones: {from: {file: " + dir + "/zones.geojson, outside: true}}":   dir,
		"zones: {from: {file: " + link + "/zones.geojson, outside: true}} ": dir,
		"zones: {from: ../run/zones.geojson}":                               dir,
		"zones: {from: late/run/zones.geojson}":                             inside,
		"parcels: {join: [{file: ../run/use.csv, on: {code: parcel_code}, columns: {floor_area: {header: area, unit: m2, take: sum}}}]}": link,
		"zones: {}}\ncode_tables:\n  - {standard: own, file: ../run/codes.csv, columns: {code: code, mix_class: class}}\n#":              dir,
	} {
		mapping := filepath.Join(top, "m.yaml")
		if err := os.WriteFile(mapping, []byte("version: 1\ntables: {"+says+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			append(evaluateArgs(data, out), "--mapping", mapping, "--overwrite"),
			checkArgs(data, "--mapping", mapping, "--overwrite", "--out", out),
		} {
			o := command(args...)
			if o.code != exitUsage || !strings.Contains(o.err, "--out "+out+" holds the input ") || !strings.Contains(o.err, "which it would replace") {
				t.Errorf("%s: %s exits with %d: %s", says, args[0], o.code, o.err)
			}
		}
	}
	for name := range inputs {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s is gone: %v", name, err)
		}
	}
}

func TestARunFolderThatHoldsTheMappingIsRefused(t *testing.T) {
	dir := evaluated(t, smallCity()).dir // a run folder, so that --overwrite would replace it
	mapping := filepath.Join(dir, "mapping.yaml")
	if err := os.WriteFile(mapping, []byte("version: 1\ntables: {zones: {ignore: [x]}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := command(append(evaluateArgs(smallCity().in(t), dir), "--mapping", mapping, "--overwrite")...)
	if o.code != exitUsage || !strings.Contains(o.err, "--mapping "+mapping+", which it would replace") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
	if _, err := os.Stat(mapping); err != nil {
		t.Errorf("the mapping is gone: %v", err)
	}
}

func TestRejectsAndDictionaryAreWrittenWhateverTheFormats(t *testing.T) {
	top := t.TempDir()
	data, dir := filepath.Join(top, "data"), filepath.Join(top, "run")
	var out, errs bytes.Buffer
	streams := Streams{Out: &out, Err: &errs}
	if code := run(context.Background(), []string{"sample", "--out", data, "--quiet"}, streams); code != exitDone {
		t.Fatalf("sample: %s", &errs)
	}
	if code := run(context.Background(), []string{"evaluate", "--data", data, "--policy", "chizhou-2015",
		"--year", "2024", "--out", dir, "--formats", "geojson"}, streams); code != exitDone {
		t.Fatalf("evaluate: %s", &errs)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "tables"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "dictionary.csv flags.csv rejects.csv repairs.csv unmatched.csv" {
		t.Errorf("tables without csv: %s", got)
	}
	if code := run(context.Background(), []string{"evaluate", "--data", data, "--policy", "chizhou-2015",
		"--year", "2024", "--out", dir + "2", "--formats", ""}, streams); code != exitUsage {
		t.Errorf("no formats at all exits with %d", code)
	}
}
