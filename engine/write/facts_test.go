package write

import (
	"bytes"
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/geo/geoparquet"
)

// factsOf has every kind of column, null in row 1, and a number that no decimal of
// four digits holds.
func factsOf(rows int) Table {
	return Table{Name: "enterprises", Rows: rows, Columns: append(columns(),
		Float("third", func(i int) (float64, bool) { return float64(i) / 3, true }),
		Integer("area", func(i int) (int64, bool) { return math.MaxInt64 - int64(i), i%7 != 0 }))}
}

// keptFacts writes facts into a run folder of their own and gives the file's path.
func keptFacts(t *testing.T, facts Table) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	f := created(t, dir, false)
	if err := f.Facts(context.Background(), facts); err != nil {
		t.Fatal(err)
	}
	m := &Manifest{}
	if err := f.Finish(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "facts", facts.Name+".parquet")
	want := []Written{{Path: "facts/" + facts.Name + ".parquet", Rows: int64(facts.Rows), Bytes: int64(len(fileText(t, path)))}}
	if !slices.Equal(m.Outputs, want) {
		t.Errorf("outputs %v, want %v", m.Outputs, want)
	}
	return path
}

func TestFactsKeepEveryFigureAsItWas(t *testing.T) {
	const rows = factRows + 1000
	facts := factsOf(rows)
	in, err := geoparquet.Open(keptFacts(t, facts))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if in.Rows() != rows || in.NumRowGroups() != 2 {
		t.Fatalf("%d rows in %d groups", in.Rows(), in.NumRowGroups())
	}
	types := []arrow.Type{arrow.STRING, arrow.FLOAT64, arrow.FLOAT64, arrow.INT64, arrow.FLOAT64, arrow.FLOAT64, arrow.BOOL,
		arrow.DATE32, arrow.STRING, arrow.FLOAT64, arrow.INT64}
	for c, want := range types {
		if f := in.Schema().Field(c); f.Type.ID() != want || f.Name != facts.Columns[c].Name {
			t.Errorf("column %d is %s %s, want %s %s", c, f.Name, f.Type, facts.Columns[c].Name, want)
		}
	}
	at := 0
	for g := range in.NumRowGroups() {
		rec, err := in.RowGroup(context.Background(), g, []int{0, 1, 3, 6, 7, 9, 10})
		if err != nil {
			t.Fatal(err)
		}
		text, fixed, whole := rec.Column(0).(*array.String), rec.Column(1).(*array.Float64), rec.Column(2).(*array.Int64)
		yes, day := rec.Column(3).(*array.Boolean), rec.Column(4).(*array.Date32)
		third, area := rec.Column(5).(*array.Float64), rec.Column(6).(*array.Int64)
		for i := range int(rec.NumRows()) {
			if null := at == 1; text.IsNull(i) != null || fixed.IsNull(i) != null || whole.IsNull(i) != null || yes.IsNull(i) != null || day.IsNull(i) != null {
				t.Fatalf("row %d: null is not where it belongs", at)
			}
			if third.Value(i) != float64(at)/3 || area.IsNull(i) != (at%7 == 0) || area.IsValid(i) && area.Value(i) != math.MaxInt64-int64(at) {
				t.Fatalf("row %d: %v and %v", at, third.Value(i), area.Value(i))
			}
			if at != 1 && (text.Value(i) != "宗地, \"a\"\nb" || fixed.Value(i) != -123.45 || whole.Value(i) != 42 || yes.Value(i) != (at == 0) ||
				day.Value(i).FormattedString() != "2024-02-29") {
				t.Fatalf("row %d: %q %v %v %v %v", at, text.Value(i), fixed.Value(i), whole.Value(i), yes.Value(i), day.Value(i).FormattedString())
			}
			at++
		}
	}
}

func TestTheSameFactsGiveTheSameBytes(t *testing.T) {
	for _, rows := range []int{0, 1, 5000} {
		if a, b := fileText(t, keptFacts(t, factsOf(rows))), fileText(t, keptFacts(t, factsOf(rows))); !bytes.Equal(a, b) {
			t.Errorf("%d rows: the files differ", rows)
		}
	}
}

func TestARunStoppedAmongItsFactsLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	f := created(t, filepath.Join(parent, "run"), false)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := f.Facts(ctx, factsOf(10)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	f.Abort()
	if got := names(t, parent); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

func TestAPolicyIsKeptAsItWasRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, ctx := created(t, dir, false), context.Background()
	text := []byte("id: my-city\r\n# 注\n")
	if err := f.Policy(ctx, "my-city", text); err != nil {
		t.Fatal(err)
	}
	m := &Manifest{}
	if err := f.Finish(ctx, m); err != nil {
		t.Fatal(err)
	}
	if got := fileText(t, dir, "policies", "my-city.yaml"); !bytes.Equal(got, text) {
		t.Errorf("kept as %q", got)
	}
	if want := []Written{{Path: "policies/my-city.yaml", Bytes: int64(len(text))}}; !slices.Equal(m.Outputs, want) {
		t.Errorf("outputs %v, want %v", m.Outputs, want)
	}
}

func TestAPolicyWhoseIdIsNoFileNameIsRefused(t *testing.T) {
	parent := t.TempDir()
	f := created(t, filepath.Join(parent, "run"), false)
	for _, id := range []string{"", ".", "..", "../evil", "a/b", `a\b`, "a\x00b", ".hidden", "-rf", "dot.", "市", "a b", "a\nb", strings.Repeat("a", 300)} {
		err := f.Policy(context.Background(), id, []byte("x"))
		if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "cannot name a file") {
			t.Errorf("%q: %v", id, err)
		}
	}
	f.Abort()
	if got := names(t, parent); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}
