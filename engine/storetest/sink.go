package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Sinks is a place that runs are written to.
type Sinks struct {
	// Open begins a run in the place, which is the same each time.
	Open func(t testing.TB) write.Sink
	// Many says that the place keeps several runs; one that does not keeps the newest.
	Many bool
	// Runs are the ids of the runs that are to be seen there.
	Runs func(t testing.TB) []string
	// Left is what is there of runs that did not finish, and still runs.
	Left func(t testing.TB) []string
	// Read is a layer, table, list of sources, table of facts or policy of a run; nil
	// when it has none.
	Read func(t testing.TB, run string, what What, name string) *Content
}

// What is one of the things that a sink is given.
type What string

// The things that a sink is given.
const (
	WrittenLayer   What = "layer"
	WrittenTable   What = "table"
	WrittenSources What = "sources" // columns table, key, file, sheet, row
	WrittenFacts   What = "facts"
	WrittenPolicy  What = "policy" // one row, one column
)

// Content is what can be read back, as text: shortest decimals, YYYY-MM-DD, true and
// false; null is <null>, or empty where the place cannot tell it from an empty text.
// Shapes are one coordinate of each row's, with five decimals.
type Content struct {
	Columns []string
	Rows    [][]string
	Shapes  []string
}

// Null is how a null value reads.
const Null = "<null>"

// TestSinks holds a place to what [write.Sink] promises. Make gives a fresh place.
func TestSinks(t *testing.T, place func(t testing.TB) Sinks) {
	for name, test := range map[string]func(*testing.T, Sinks){
		"EveryValueComesBackInItsRow":               everyValue,
		"ATableWithoutRowsIsThere":                  noRows,
		"RowsKeepTheirOrder":                        manyRows,
		"PlacesFactsAndPoliciesAreKept":             placesFactsPolicies,
		"NothingIsSeenBeforeTheEnd":                 nothingBefore,
		"NothingIsLeftOfARunThatIsGivenUp":          givenUp,
		"NothingIsLeftOfARunThatIsInterrupted":      interrupted,
		"NothingIsLeftOfALayerWithAnUnreadableRow":  unreadable,
		"GivingUpAfterTheEndTakesNothingAway":       abortAfter,
		"RunsDoNotMix":                              twoRuns,
		"ARunThatIsMadeAgainReplacesTheEarlierOne":  again,
		"AFailedRunLeavesTheEarlierOneAsItWas":      failedAgain,
		"TheManifestNamesEveryOutputWithItsRows":    outputs,
		"TheSameRunGivesTheSameWhateverTheOrder":    anyOrder,
		"ColumnsOfALaterRunMayBeOthers":             otherColumns,
		"TextThatStoresCannotHoldDoesNotFailTheRun": oddText,
	} {
		t.Run(name, func(t *testing.T) { test(t, place(t)) })
	}
}

// plot is a polygon whose first corner tells rows apart.
func plot(i int) []byte {
	x, y := 119+float64(i%1000)/1000, 34+float64(i/1000)/1000
	g := wkb.Geometry{Type: wkb.Polygon, XY: []float64{x, y, x + 1e-4, y, x + 1e-4, y + 1e-4, x, y + 1e-4, x, y}}
	g.EndRing()
	g.EndPart()
	return g.Append(nil)
}

// texts are what a table has to hold.
var texts = []string{"宗地", "Zoë", `quo"ted, 'both'`, "two\nlines", `back\slash \n`, "", "0012", "a\tb", "𠮷", "<null>x"}

// columns are one of each kind; row 3 is null in all but the first.
func columns(seed int64) []write.Column {
	ok := func(i int) bool { return i != 3 }
	return []write.Column{
		write.Text("parcel_code", func(i int) (string, bool) { return fmt.Sprintf("P%06d", i), true }),
		write.Text("holder_name", func(i int) (string, bool) { return texts[i%len(texts)], ok(i) }),
		write.Fixed("mu", 4, func(i int) (int64, bool) { return (int64(i) - 2) * (seed + 12345678901), ok(i) }),
		write.Float("value", func(i int) (float64, bool) { return math.Sqrt(float64(i)) * float64(seed), ok(i) }),
		write.Integer("idle_days", func(i int) (int64, bool) { return seed - int64(i)<<33, ok(i) }),
		write.Bool("idle", func(i int) (bool, bool) { return i%2 == 0, ok(i) }),
		write.Date("idle_from", func(i int) (unit.Date, bool) { return unit.Date(int32(i)*977 - 30000), ok(i) }),
		write.Null("underused", write.KindBool),
	}
}

// printed is a column's value as [Content] has it.
func printed(c *write.Column, i int) string {
	v, ok := "", false
	switch c.Kind() {
	case write.KindText:
		v, ok = c.Text(i)
	case write.KindNumber:
		var n float64
		n, ok = c.Number(i)
		v = strconv.FormatFloat(n, 'f', -1, 64)
	case write.KindInteger:
		var n int64
		n, ok = c.Integer(i)
		v = strconv.FormatInt(n, 10)
	case write.KindBool:
		var b bool
		b, ok = c.Bool(i)
		v = strconv.FormatBool(b)
	case write.KindDate:
		var d unit.Date
		d, ok = c.Date(i)
		v = d.String()
	}
	if !ok {
		return Null
	}
	return v
}

func layerOf(name string, rows int, seed int64) write.Layer {
	return write.Layer{Name: name, Rows: rows, Columns: columns(seed), Shape: plot}
}

func tableOf(name string, rows int, seed int64) write.Table {
	return write.Table{Name: name, Rows: rows, Columns: columns(seed)}
}

func manifest(run string) *write.Manifest {
	return &write.Manifest{RunID: run, AsOf: "2025-06-30", Year: 2024, Period: "2024", Data: "city", Program: write.Program{Name: "muscope", Version: "test"}}
}

// made writes a run of a layer and a table.
func made(t *testing.T, s Sinks, run string, rows int, seed int64) *write.Manifest {
	t.Helper()
	sink, m := s.Open(t), manifest(run)
	defer sink.Abort()
	must(t, sink.Layer(t.Context(), layerOf("parcels", rows, seed)))
	must(t, sink.Table(t.Context(), tableOf("supply", rows, seed)))
	must(t, sink.Finish(t.Context(), m))
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sameContent compares what is read back with the columns it was written from.
func sameContent(t *testing.T, got *Content, cols []write.Column, rows int, shape func(int) []byte) {
	t.Helper()
	if got == nil {
		t.Fatal("it is not there")
	}
	var names []string
	for i := range cols {
		names = append(names, cols[i].Name)
	}
	if !reflect.DeepEqual(got.Columns, names) {
		t.Fatalf("columns %q, not %q", got.Columns, names)
	}
	if len(got.Rows) != rows {
		t.Fatalf("%d rows, not %d", len(got.Rows), rows)
	}
	for i := range rows {
		for c := range cols {
			want, have := printed(&cols[c], i), got.Rows[i][c]
			if have == "" && want == Null {
				continue
			}
			if want != have {
				t.Fatalf("row %d: %s is %q, not %q", i, cols[c].Name, have, want)
			}
		}
		if shape != nil {
			if want := Corner(shape(i)); got.Shapes[i] != want {
				t.Fatalf("row %d: shape at %s, not %s", i, got.Shapes[i], want)
			}
		}
	}
}

// Corner is the least corner of a shape as [Content] has it.
func Corner(shape []byte) string {
	var g wkb.Geometry
	if err := g.Parse(shape); err != nil {
		return err.Error()
	}
	b := g.Bounds()
	return fmt.Sprintf("%.5f %.5f", b.MinX, b.MinY)
}

func everyValue(t *testing.T, s Sinks) {
	made(t, s, "aaaa", 12, 7)
	sameContent(t, s.Read(t, "aaaa", WrittenLayer, "parcels"), columns(7), 12, plot)
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "supply"), columns(7), 12, nil)
}

func noRows(t *testing.T, s Sinks) {
	made(t, s, "aaaa", 0, 7)
	sameContent(t, s.Read(t, "aaaa", WrittenLayer, "parcels"), columns(7), 0, plot)
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "supply"), columns(7), 0, nil)
}

func manyRows(t *testing.T, s Sinks) {
	made(t, s, "aaaa", 5000, 3)
	sameContent(t, s.Read(t, "aaaa", WrittenLayer, "parcels"), columns(3), 5000, plot)
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "supply"), columns(3), 5000, nil)
}

func placesFactsPolicies(t *testing.T, s Sinks) {
	sink := s.Open(t)
	defer sink.Abort()
	source := func(table string, files, sheets []string, rows int) write.Source {
		return write.Source{Table: table, Files: files, Sheets: sheets, Rows: rows, Place: func(dst []byte, i int) ([]byte, int32, int64) {
			return fmt.Appendf(dst, "%s/%d", table, i), int32(i % len(files)), int64(i) + 2
		}}
	}
	must(t, sink.Sources(t.Context(), source("tax", []string{"税收.xlsx", "b.csv"}, []string{"规上", ""}, 3)))
	must(t, sink.Layer(t.Context(), layerOf("parcels", 4, 1)))
	must(t, sink.Sources(t.Context(), source("parcels", []string{"parcels.geojson"}, nil, 2)))
	must(t, sink.Facts(t.Context(), tableOf("enterprises", 9, 5)))
	must(t, sink.Policy(t.Context(), "chizhou-2015", []byte("id: chizhou-2015\ntitle: '池州'\n")))
	must(t, sink.Finish(t.Context(), manifest("aaaa")))
	sameContent(t, s.Read(t, "aaaa", WrittenFacts, "enterprises"), columns(5), 9, nil)
	if got := s.Read(t, "aaaa", WrittenPolicy, "chizhou-2015"); got == nil || got.Rows[0][0] != "id: chizhou-2015\ntitle: '池州'\n" {
		t.Errorf("policy: %v", got)
	}
	want := [][]string{
		{"tax", "tax/0", "税收.xlsx", "规上", "2"}, {"tax", "tax/1", "b.csv", Null, "3"}, {"tax", "tax/2", "税收.xlsx", "规上", "4"},
		{"parcels", "parcels/0", "parcels.geojson", Null, "2"}, {"parcels", "parcels/1", "parcels.geojson", Null, "3"},
	}
	if got := s.Read(t, "aaaa", WrittenSources, ""); got == nil || !reflect.DeepEqual(got.Rows, want) {
		t.Errorf("sources %v, not %v", got, want)
	}
}

// nothingOf asserts that only these runs are to be seen, and nothing else is there.
func nothingBut(t *testing.T, s Sinks, runs ...string) {
	t.Helper()
	if got := s.Runs(t); strings.Join(got, " ") != strings.Join(runs, " ") {
		t.Errorf("runs %q, not %q", got, runs)
	}
	if left := s.Left(t); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func nothingBefore(t *testing.T, s Sinks) {
	sink := s.Open(t)
	defer sink.Abort()
	must(t, sink.Layer(t.Context(), layerOf("parcels", 2000, 1)))
	must(t, sink.Table(t.Context(), tableOf("supply", 2000, 1)))
	if got := s.Runs(t); len(got) > 0 {
		t.Errorf("runs %q", got)
	}
	if got := s.Read(t, "aaaa", WrittenLayer, "parcels"); got != nil && len(got.Rows) > 0 {
		t.Errorf("%d rows are seen", len(got.Rows))
	}
}

func givenUp(t *testing.T, s Sinks) {
	sink := s.Open(t)
	must(t, sink.Layer(t.Context(), layerOf("parcels", 2000, 1)))
	must(t, sink.Table(t.Context(), tableOf("supply", 5, 1)))
	sink.Abort()
	sink.Abort()
	nothingBut(t, s)
}

func interrupted(t *testing.T, s Sinks) {
	sink := s.Open(t)
	defer sink.Abort()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := layerOf("parcels", 200000, 1)
	l.Tell = func(rows int) {
		if rows > 5000 {
			cancel()
		}
	}
	if err := sink.Layer(ctx, l); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted layer gives %v", err)
	}
	sink.Abort()
	nothingBut(t, s)
	sink = s.Open(t)
	must(t, sink.Layer(t.Context(), layerOf("parcels", 5, 1)))
	if err := sink.Finish(ctx, manifest("aaaa")); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted end gives %v", err)
	}
	sink.Abort()
	nothingBut(t, s)
}

func unreadable(t *testing.T, s Sinks) {
	sink := s.Open(t)
	defer sink.Abort()
	l := layerOf("parcels", 4000, 1)
	l.Shape = func(i int) []byte {
		if i == 3100 {
			return binary.LittleEndian.AppendUint32([]byte{1}, 77)
		}
		return plot(i)
	}
	if err := sink.Layer(t.Context(), l); err == nil || !strings.Contains(err.Error(), "row 3101") {
		t.Errorf("an unreadable shape gives %v", err)
	}
	sink.Abort()
	nothingBut(t, s)
}

func abortAfter(t *testing.T, s Sinks) {
	sink := s.Open(t)
	must(t, sink.Table(t.Context(), tableOf("supply", 5, 1)))
	must(t, sink.Finish(t.Context(), manifest("aaaa")))
	sink.Abort()
	nothingBut(t, s, "aaaa")
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "supply"), columns(1), 5, nil)
}

func twoRuns(t *testing.T, s Sinks) {
	made(t, s, "aaaa", 30, 1)
	made(t, s, "bbbb", 20, 2)
	sameContent(t, s.Read(t, "bbbb", WrittenLayer, "parcels"), columns(2), 20, plot)
	if !s.Many {
		nothingBut(t, s, "bbbb")
		return
	}
	nothingBut(t, s, "aaaa", "bbbb")
	sameContent(t, s.Read(t, "aaaa", WrittenLayer, "parcels"), columns(1), 30, plot)
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "supply"), columns(1), 30, nil)
}

func again(t *testing.T, s Sinks) {
	made(t, s, "aaaa", 30, 1)
	made(t, s, "aaaa", 20, 2)
	nothingBut(t, s, "aaaa")
	sameContent(t, s.Read(t, "aaaa", WrittenLayer, "parcels"), columns(2), 20, plot)
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "supply"), columns(2), 20, nil)
}

func failedAgain(t *testing.T, s Sinks) {
	made(t, s, "aaaa", 30, 1)
	sink := s.Open(t)
	must(t, sink.Layer(t.Context(), layerOf("parcels", 20, 2)))
	sink.Abort()
	nothingBut(t, s, "aaaa")
	sameContent(t, s.Read(t, "aaaa", WrittenLayer, "parcels"), columns(1), 30, plot)
}

func outputs(t *testing.T, s Sinks) {
	m := made(t, s, "aaaa", 30, 1)
	rows := 0
	for _, o := range m.Outputs {
		if strings.Contains(o.Path, "parcels") || strings.Contains(o.Path, "supply") {
			rows += int(o.Rows)
		}
		if o.Bytes <= 0 {
			t.Errorf("%s has %d bytes", o.Path, o.Bytes)
		}
	}
	if rows != 60 {
		t.Errorf("outputs %v name %d rows, not 60", m.Outputs, rows)
	}
}

func anyOrder(t *testing.T, s Sinks) {
	sink := s.Open(t)
	defer sink.Abort()
	must(t, sink.Table(t.Context(), tableOf("supply", 40, 4)))
	must(t, sink.Layer(t.Context(), layerOf("idle_land", 40, 4)))
	must(t, sink.Table(t.Context(), tableOf("idle_land", 39, 5)))
	must(t, sink.Finish(t.Context(), manifest("aaaa")))
	sameContent(t, s.Read(t, "aaaa", WrittenLayer, "idle_land"), columns(4), 40, plot)
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "idle_land"), columns(5), 39, nil)
	sameContent(t, s.Read(t, "aaaa", WrittenTable, "supply"), columns(4), 40, nil)
}

func otherColumns(t *testing.T, s Sinks) {
	wide := func(extra string) write.Table {
		all := tableOf("grades", 8, 1)
		all.Columns = append(all.Columns, write.Fixed(extra, 6, func(i int) (int64, bool) { return int64(i) * 1500000, i > 2 }))
		return all
	}
	for i, extra := range []string{"tax_per_mu", "score_tax_per_mu"} {
		run := []string{"aaaa", "bbbb"}[i]
		sink := s.Open(t)
		must(t, sink.Table(t.Context(), wide(extra)))
		must(t, sink.Finish(t.Context(), manifest(run)))
		got := s.Read(t, run, WrittenTable, "grades")
		if got == nil || len(got.Rows) != 8 {
			t.Fatalf("run %s: %v", run, got)
		}
		for c, name := range got.Columns {
			if v := got.Rows[5][c]; name == extra && v != "7.5" || strings.HasSuffix(name, "tax_per_mu") && name != extra && v != Null && v != "" {
				t.Errorf("run %s: %s is %q", run, name, v)
			}
		}
	}
}

func oddText(t *testing.T, s Sinks) {
	sink, m := s.Open(t), manifest("aaaa")
	defer sink.Abort()
	m.Data = "a\x00b"
	m.Unused = []string{"c\x00d", `\u0000`}
	table := tableOf("supply", 2, 1)
	table.Columns[1] = write.Text("holder_name", func(i int) (string, bool) { return []string{"a\x00b", strings.Repeat("长", 4000)}[i], true })
	must(t, sink.Table(t.Context(), table))
	table = tableOf("idle_land", 2, 1) // its first column is a key
	table.Columns[0] = write.Text("parcel_code", func(i int) (string, bool) { return strings.Repeat(strconv.Itoa(i)+"码\x00", 3000), true })
	must(t, sink.Table(t.Context(), table))
	must(t, sink.Finish(t.Context(), m))
	got := s.Read(t, "aaaa", WrittenTable, "supply")
	if got == nil || len(got.Rows) != 2 || !strings.HasPrefix(got.Rows[0][1], "a") || !strings.HasSuffix(got.Rows[0][1], "b") {
		t.Fatalf("%v", got)
	}
	if got.Rows[1][1] != strings.Repeat("长", 4000) {
		t.Error("a long text came back otherwise")
	}
}
