package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// standIn is the variable that makes this test binary act as muscope.
const standIn = "BENCH_TEST_STANDS_IN"

func TestMain(m *testing.M) {
	if os.Getenv(standIn) != "" {
		os.Exit(evaluateInstead(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// evaluateInstead does what bench relies on: it holds 64 MiB for a moment and
// writes a manifest and a layer into the folder behind --out.
func evaluateInstead(args []string) int {
	held := make([]byte, 64<<20)
	for i := 0; i < len(held); i += 4096 {
		held[i] = byte(i)
	}
	out := args[slices.Index(args, "--out")+1]
	manifest := fmt.Sprintf(`{"stages":[{"name":"read","seconds":0.5,"rows":%d}]}`, 7+int(held[1]))
	err := errors.Join(
		os.MkdirAll(filepath.Join(out, "layers"), 0o755),
		os.WriteFile(filepath.Join(out, "manifest.json"), []byte(manifest), 0o644),
		os.WriteFile(filepath.Join(out, "layers", "parcels.geojson"), make([]byte, 1000), 0o644),
	)
	if err != nil {
		return 1
	}
	return 0
}

func TestARoundTakesTimeMemoryStagesAndBytesFromTheRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(standIn, "1")
	p := program{path: self, folder: t.TempDir()}
	if err := os.Mkdir(p.at("data"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.at("data/parcels.parquet"), make([]byte, 500), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := p.measure(t.Context(), ogrLayer{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.stages) != 1 || r.stages[0].Rows != 7 || r.inBytes != 500 || r.outBytes < 1000 || r.evaluate <= 0 || r.ogr != 0 {
		t.Errorf("the round is %+v", r)
	}
	if runtime.GOOS == "linux" && (r.memory < 64<<20 || r.memory > 1<<30) {
		t.Errorf("peak memory %d bytes of a program that holds 64 MiB", r.memory)
	}
}

func threeRounds() []round {
	stages := []stage{{"parcels", 0.5, 100, 2e6}, {"write", 0.25, 100, 1e6}}
	return []round{
		{evaluate: 3, plain: 0.5, ogr: 40, inBytes: 2e6, outBytes: 1e6, memory: 10, stages: []stage{{"parcels", 9, 100, 0}}},
		{evaluate: 1, plain: 0.25, ogr: 30, inBytes: 2e6, outBytes: 1e6, memory: 30, stages: []stage{{"parcels", 9, 100, 0}}},
		{evaluate: 2, plain: 1, ogr: 50, inBytes: 2e6, outBytes: 1e6, memory: 20, stages: stages},
	}
}

func TestFiguresAreMediansAndTheMemoryIsTheLargest(t *testing.T) {
	f := figuresOf(threeRounds())
	if f.Seconds != 2 || f.Plain.Seconds != 0.5 || f.OGR2OGR.Seconds != 40 || f.PeakMemory != 30 {
		t.Errorf("seconds %v, plain %v, ogr2ogr %v, memory %v; want 2, 0.5, 40, 30", f.Seconds, f.Plain.Seconds, f.OGR2OGR.Seconds, f.PeakMemory)
	}
	if f.Plain.Ratio != 4 || f.OGR2OGR.Ratio != 0.05 {
		t.Errorf("ratios %v and %v, want 4 and 0.05", f.Plain.Ratio, f.OGR2OGR.Ratio)
	}
}

func TestAStagesSpeedIsItsOwnRowsAndBytesPerSecond(t *testing.T) {
	f := figuresOf(threeRounds())
	if len(f.Stages) != 2 {
		t.Fatalf("%d stages, want the 2 of the median round", len(f.Stages))
	}
	read, write := f.Stages[0], f.Stages[1]
	if read.MegabytesPerSecond != 4 || read.RowsPerSecond != 200 {
		t.Errorf("read %v MB/s, %v rows/s; want 4 and 200", read.MegabytesPerSecond, read.RowsPerSecond)
	}
	if write.MegabytesPerSecond != 4 || write.RowsPerSecond != 400 {
		t.Errorf("write %v MB/s, %v rows/s; want 4 and 400", write.MegabytesPerSecond, write.RowsPerSecond)
	}
}

func TestWithoutOGR2OGRTheFiguresSayNullAndTheTableSaysSo(t *testing.T) {
	taken := threeRounds()
	for i := range taken {
		taken[i].ogr = 0
	}
	f := figuresOf(taken)
	path := filepath.Join(t.TempDir(), "new", "bench.json")
	if err := f.save(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if v, there := back["ogr2ogr"]; !there || v != nil {
		t.Errorf("ogr2ogr is %v in the file, want null", v)
	}
	var table bytes.Buffer
	f.print(&table)
	if !strings.Contains(table.String(), "not installed") {
		t.Errorf("the table does not say that ogr2ogr is missing:\n%s", table.String())
	}
}

func TestAStageThatTookNoTimeHasNoInfiniteSpeed(t *testing.T) {
	taken := threeRounds()[2:]
	taken[0].stages = []stage{{"check", 0, 8, 0}}
	if got := figuresOf(taken).Stages[0].RowsPerSecond; got != 0 {
		t.Errorf("rows per second %v, want 0", got)
	}
}

func TestThePlainCopyReadsEveryByteAndWritesAsMany(t *testing.T) {
	in, like := t.TempDir(), t.TempDir()
	out := filepath.Join(t.TempDir(), "plain")
	if err := os.Mkdir(filepath.Join(like, "layers"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, size := range map[string]int{
		filepath.Join(in, "a"):               3<<20 + 1,
		filepath.Join(in, "b"):               7,
		filepath.Join(like, "layers", "big"): 2<<20 + 5,
		filepath.Join(like, "empty"):         0,
	} {
		if err := os.WriteFile(path, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	seconds, read, wrote, err := plainCopy(in, like, out)
	if err != nil {
		t.Fatal(err)
	}
	if seconds <= 0 || read != 3<<20+8 || wrote != 2<<20+5 {
		t.Errorf("%v s, read %d, wrote %d; want %d and %d", seconds, read, wrote, 3<<20+8, 2<<20+5)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the copy is still there (%v)", err)
	}
}

func TestTheFilesBytesGoToTheStagesThatReadAndWroteThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "manifest.json")
	text := `{
		"inputs": [{"table":"parcels","bytes":100}, {"table":"tax","bytes":20}, {"table":"tax","bytes":3}],
		"outputs": [{"path":"layers/parcels.geojson","bytes":700}, {"path":"tables/flags.csv","bytes":50}, {"path":"sources.parquet","bytes":9}],
		"stages": [{"name":"parcels","seconds":1,"rows":5}, {"name":"tables","seconds":1,"rows":5},
			{"name":"detect","seconds":1,"rows":5}, {"name":"write","seconds":1,"rows":5}, {"name":"sources","seconds":1,"rows":5}]}`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	stages, err := readStages(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{100, 23, 0, 750, 9} {
		if stages[i].Bytes != want {
			t.Errorf("stage %s has %d bytes, want %d", stages[i].Name, stages[i].Bytes, want)
		}
	}
}

func TestAManifestWithoutStagesIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(path, []byte(`{"as_of":"2025-06-30"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readStages(path); err == nil || !strings.Contains(err.Error(), "no stages") {
		t.Errorf("error %v, want one that says no stages", err)
	}
}

func TestTheProcessorIsNamedByItsModel(t *testing.T) {
	const two = "processor\t: 0\nmodel name\t: Big Core 9\n\nprocessor\t: 1\nmodel name\t: Big Core 9\n"
	if got := cpuModel(two, "amd64"); got != "Big Core 9" {
		t.Errorf("model %q, want Big Core 9", got)
	}
	if got := cpuModel("processor\t: 0\n", "arm64"); got != "arm64" {
		t.Errorf("model %q, want arm64", got)
	}
}

func TestNothingToMeasureIsWrongUsage(t *testing.T) {
	if _, err := parse([]string{"--parcels", "0", "--readers", "0"}, io.Discard); err == nil {
		t.Error("nothing to measure was accepted")
	}
	o, err := parse([]string{"--parcels", "5", "--json", "x.json"}, io.Discard)
	if err != nil || o.parcels != 5 || o.json != "x.json" || o.rounds != 5 || o.readers != 1_000_000 || o.readerRounds != 3 {
		t.Errorf("options %+v, error %v", o, err)
	}
	if _, err := parse([]string{"--readers", "1048576"}, io.Discard); err == nil {
		t.Error("more rows than a worksheet has below its head were accepted")
	}
}

// kept are the figures in bench.json.
func kept(t *testing.T) figures {
	t.Helper()
	text, err := os.ReadFile("bench.json")
	if err != nil {
		t.Fatal(err)
	}
	var f figures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if f.Readers == nil || f.OGR2OGR == nil {
		t.Fatal("bench.json was made without the readers or without ogr2ogr")
	}
	return f
}

func TestTheReadmeQuotesTheFiguresThatAreKept(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	from, to, err := sectionOf(string(readme))
	if err != nil {
		t.Fatal(err)
	}
	f := kept(t)
	want, err := f.section()
	if err != nil {
		t.Fatal(err)
	}
	if got := string(readme)[from:to]; got != want {
		t.Errorf("the README's section Speed is not speed.md with the figures of bench.json:\n%s\nwant\n%s", got, want)
	}
	for _, quoted := range []string{
		fmt.Sprintf("**%.3f s**", f.Seconds), fmt.Sprintf("takes %.3f s", f.Plain.Seconds),
		fmt.Sprintf("takes %.1f times", f.Plain.Ratio), fmt.Sprintf("%.1f times faster", 1/f.OGR2OGR.Ratio),
	} {
		if !strings.Contains(want, quoted) {
			t.Errorf("the section does not say %q, which bench.json gives", quoted)
		}
	}
}

func TestOnlyTheSectionOnSpeedIsWrittenAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := figuresOf(threeRounds())
	f.Readers = &readerFigures{Rows: 7, Formats: []reading{{source: source{Format: "CSV"}, Rows: 7}}}
	write("# x\n\n## Speed\n\nold\n\n## Develop\n\nnew\n")
	if err := f.quote(path); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(got)
	if !strings.HasPrefix(text, "# x\n\n## Speed\n") || !strings.HasSuffix(text, "\n\n## Develop\n\nnew\n") ||
		!strings.Contains(text, "**2.000 s**") || !strings.Contains(text, "| CSV | 7 |") || strings.Contains(text, "old") {
		t.Errorf("the README is\n%s", text)
	}
	write("# x\n")
	if err := f.quote(path); err == nil || !strings.Contains(err.Error(), "no section Speed") {
		t.Errorf("error %v", err)
	}
}

func TestThePartThatIsNotMeasuredIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bench.json")
	if f, err := before(options{json: path, readers: 1}); err != nil || f.Rounds != 0 {
		t.Errorf("without a file: %+v, %v", f, err)
	}
	if err := figuresOf(threeRounds()).save(path); err != nil {
		t.Fatal(err)
	}
	if f, err := before(options{json: path, readers: 1}); err != nil || f.Seconds != 2 {
		t.Errorf("figures %+v, %v", f, err)
	}
	if f, err := before(options{json: path, readers: 1, parcels: 1}); err != nil || f.Seconds != 0 {
		t.Errorf("where all is measured anew: %+v, %v", f, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := before(options{json: path, parcels: 1}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
}
