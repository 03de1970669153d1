package geoparquet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/muscope-gis/muscope/geo/wkb"
)

var parcels = arrow.NewSchema([]arrow.Field{
	{Name: "parcel_code", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "land_use", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "area", Type: arrow.PrimitiveTypes.Float64, Nullable: true, Metadata: arrow.NewMetadata([]string{"unit"}, []string{"m2"})},
	{Name: "signed_on", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "standard_land", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "geometry", Type: arrow.BinaryTypes.Binary, Nullable: true},
}, nil)

// square is a parcel of a grid as WKB; every fifth has two parts.
func square(i int) []byte {
	var g wkb.Geometry
	g.Reset(wkb.Polygon)
	parts := 1
	if i%5 == 0 {
		g.Type, parts = wkb.MultiPolygon, 2
	}
	for p := range parts {
		x, y := 114+float64(i%1000)/1000, 30+float64(i/1000)/1000+float64(p)/2000
		g.XY = append(g.XY, x, y, x+0.0005, y, x+0.0005, y+0.0004, x, y+0.0004, x, y)
		g.EndRing()
		g.EndPart()
	}
	return g.Append(nil)
}

// batch is rows from to to of the made-up table.
func batch(from, to int) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, parcels)
	for i := from; i < to; i++ {
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("420100%013d", i))
		b.Field(1).(*array.StringBuilder).Append([]string{"0601", "0701", "工业"}[i%3])
		if i%7 == 0 {
			b.Field(2).AppendNull()
			b.Field(3).AppendNull()
			b.Field(4).AppendNull()
		} else {
			b.Field(2).(*array.Float64Builder).Append(float64(i) * 1.5)
			b.Field(3).(*array.Date32Builder).Append(arrow.Date32(18000 + i%1000))
			b.Field(4).(*array.BooleanBuilder).Append(i%2 == 0)
		}
		b.Field(5).(*array.Int64Builder).Append(int64(i))
		if i%11 == 3 {
			b.Field(6).AppendNull()
		} else {
			b.Field(6).(*array.BinaryBuilder).Append(square(i))
		}
	}
	return b.NewRecord()
}

// write writes rows 0 to n in batches of a size.
func write(t testing.TB, n, size int, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	crs, _ := PROJJSON(4490)
	w, err := NewWriter(&out, parcels, "geometry", crs, o)
	if err != nil {
		t.Fatal(err)
	}
	for from := 0; from < n; from += size {
		if err := w.Write(batch(from, min(n, from+size))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// open opens the bytes as a file.
func open(t testing.TB, data []byte) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.parquet")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err == nil {
		t.Cleanup(func() { _ = f.Close() })
	}
	return f, err
}

func mustOpen(t testing.TB, data []byte) *File {
	t.Helper()
	f, err := open(t, data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func everyColumn(f *File) []int {
	var columns []int
	for i := range f.Schema().NumFields() {
		columns = append(columns, i)
	}
	return columns
}

func TestWhatWasWrittenReadsBack(t *testing.T) {
	f := mustOpen(t, write(t, 2500, 700, Options{RowGroupRows: 1000, LowCardinality: []string{"land_use"}}))
	if f.Rows() != 2500 || f.NumRowGroups() != 3 {
		t.Fatalf("%d rows in %d groups", f.Rows(), f.NumRowGroups())
	}
	if !sameColumns(f.Schema().Fields(), parcels.Fields()) {
		t.Fatalf("schema %v", f.Schema())
	}
	for i := range f.NumRowGroups() {
		got, err := f.RowGroup(context.Background(), i, everyColumn(f))
		if err != nil {
			t.Fatal(err)
		}
		want := batch(i*1000, min(2500, i*1000+1000))
		for c := range parcels.NumFields() {
			if !array.Equal(got.Column(c), want.Column(c)) {
				t.Errorf("row group %d, column %s differs", i, parcels.Field(c).Name)
			}
		}
	}
}

func TestTheGeoMetadataDescribesTheGeometry(t *testing.T) {
	f := mustOpen(t, write(t, 2000, 2000, Options{}))
	m, err := f.Geo()
	if err != nil {
		t.Fatal(err)
	}
	if m.Version != "1.1.0" || m.PrimaryColumn != "geometry" || m.Encoding != "WKB" || m.Edges != "planar" ||
		!m.CRSGiven || !strings.Contains(string(m.CRS), "4490") || fmt.Sprint(m.GeometryTypes) != "[Polygon MultiPolygon]" {
		t.Errorf("%+v", m)
	}
	var geo geoKey
	if err := json.Unmarshal([]byte(*f.key("geo")), &geo); err != nil {
		t.Fatal(err)
	}
	box := wkb.EmptyBox()
	for i := range 2000 {
		var g wkb.Geometry
		if err := g.Parse(square(i)); err != nil {
			t.Fatal(err)
		}
		if i%11 != 3 {
			box = box.Extend(g.Bounds())
		}
	}
	if got := geo.Columns["geometry"].Bbox; !slices.Equal(got, []float64{box.MinX, box.MinY, box.MaxX, box.MaxY}) {
		t.Errorf("bbox %v, want %v", got, box)
	}
}

func TestBytesDependOnTheRowsNotOnTheBatches(t *testing.T) {
	o := Options{RowGroupRows: 512, LowCardinality: []string{"land_use"}}
	want := write(t, 3000, 3000, o)
	for _, size := range []int{1, 100, 512, 1000} {
		if !bytes.Equal(write(t, 3000, size, o), want) {
			t.Errorf("batches of %d give other bytes", size)
		}
	}
}

func TestAFileWithoutRowsIsWhole(t *testing.T) {
	f := mustOpen(t, write(t, 0, 1, Options{}))
	if f.Rows() != 0 || f.NumRowGroups() != 0 {
		t.Errorf("%d rows in %d groups", f.Rows(), f.NumRowGroups())
	}
	if m, err := f.Geo(); err != nil || len(m.GeometryTypes) != 0 {
		t.Errorf("%+v %v", m, err)
	}
}

func TestPlainParquetHasNoGeoKey(t *testing.T) {
	var out bytes.Buffer
	w, err := NewPlainWriter(&out, parcels, Options{})
	if err == nil {
		err = w.Write(batch(0, 10))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	f := mustOpen(t, out.Bytes())
	if m, err := f.Geo(); m != nil || err != nil || f.Rows() != 10 {
		t.Errorf("%v %v, %d rows", m, err, f.Rows())
	}
}

func TestDictionaryColumnsComeBackAsText(t *testing.T) {
	kind := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{{Name: "file", Type: kind, Nullable: true}, {Name: "row", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range 1000 {
		if i%10 == 9 {
			b.Field(0).AppendNull()
		} else if err := b.Field(0).(*array.BinaryDictionaryBuilder).AppendString(fmt.Sprintf("tax_%d.csv", i%3)); err != nil {
			t.Fatal(err)
		}
		b.Field(1).(*array.Int64Builder).Append(int64(i))
	}
	var out bytes.Buffer
	w, err := NewPlainWriter(&out, schema, Options{RowGroupRows: 300})
	if err == nil {
		err = w.Write(b.NewRecord())
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	f := mustOpen(t, out.Bytes())
	n := 0
	for g := range f.NumRowGroups() {
		rec, err := f.RowGroup(context.Background(), g, []int{0})
		if err != nil {
			t.Fatal(err)
		}
		names, ok := rec.Column(0).(*array.String)
		if !ok {
			t.Fatalf("column of %s", rec.Column(0).DataType())
		}
		for i := range names.Len() {
			if null := n%10 == 9; names.IsNull(i) != null || !null && names.Value(i) != fmt.Sprintf("tax_%d.csv", n%3) {
				t.Fatalf("row %d: %q", n, names.Value(i))
			}
			n++
		}
	}
	if n != 1000 {
		t.Errorf("%d rows", n)
	}
}

func TestRowGroupsMayBeReadAtTheSameTime(t *testing.T) {
	f := mustOpen(t, write(t, 5000, 1000, Options{RowGroupRows: 500}))
	var wg sync.WaitGroup
	for range 3 {
		for i := range f.NumRowGroups() {
			wg.Go(func() {
				rec, err := f.RowGroup(context.Background(), i, []int{5, 6})
				if err != nil {
					t.Error(err)
				} else if got := rec.Column(0).(*array.Int64).Value(0); got != int64(i*500) {
					t.Errorf("row group %d begins with row %d", i, got)
				}
			})
		}
	}
	wg.Wait()
}

func TestTheWriterRefusesWhatIsNotItsOwn(t *testing.T) {
	if _, err := NewWriter(&bytes.Buffer{}, parcels, "area", nil, Options{}); err == nil {
		t.Error("a column of numbers was taken for geometry")
	}
	for name, geometry := range map[string][]byte{
		"bad wkb":          {1, 3, 0},
		"three dimensions": {1, 0xe9, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		var out bytes.Buffer
		w, err := NewWriter(&out, parcels, "geometry", nil, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(batch(0, 2)); err != nil {
			t.Fatal(err)
		}
		bad := array.NewBinaryBuilder(memory.DefaultAllocator, arrow.BinaryTypes.Binary)
		bad.Append(geometry)
		rec := batch(2, 3)
		columns := append(slices.Clone(rec.Columns()[:6]), bad.NewArray())
		err = w.Write(array.NewRecord(parcels, columns, 1))
		if err == nil || !strings.Contains(err.Error(), "geometry of row 3") {
			t.Errorf("%s: %v", name, err)
		}
		if w.Close() == nil {
			t.Errorf("%s: closed without an error", name)
		}
	}
	twice := arrow.NewSchema([]arrow.Field{parcels.Field(6), parcels.Field(6)}, nil)
	if _, err := NewWriter(&bytes.Buffer{}, twice, "geometry", nil, Options{}); err == nil {
		t.Error("one of two columns of a name was taken for geometry")
	}
	if _, err := NewWriter(&bytes.Buffer{}, parcels, "geometry", json.RawMessage("EPSG:4490"), Options{}); err == nil {
		t.Error("a coordinate system that is not PROJJSON was written")
	}
	w, err := NewPlainWriter(&bytes.Buffer{}, arrow.NewSchema(parcels.Fields()[:3], nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch(0, 2)); err == nil {
		t.Error("a record of other columns was written")
	}
}

func TestAFullDiskIsAnErrorOfTheWriter(t *testing.T) {
	whole := len(write(t, 1000, 1000, Options{RowGroupRows: 100}))
	for limit := 0; limit < whole; limit += 1 + whole/20 {
		w, err := NewWriter(&fullDisk{limit}, parcels, "geometry", nil, Options{RowGroupRows: 100})
		if err == nil {
			err = w.Write(batch(0, 1000))
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, errFull) {
			t.Fatalf("after %d bytes: %v", limit, err)
		}
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{ left int }

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.left -= len(b); d.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}
