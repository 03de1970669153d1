package geoparquet

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestTheCoveringHoldsTheBoundsOfEveryGeometry(t *testing.T) {
	data := write(t, 2500, 700, Options{RowGroupRows: 1000, Covering: "bbox"})
	m, err := mustOpen(t, data).Geo()
	if err != nil || m.CoveringColumn != "bbox" {
		t.Fatalf("covering column %q, %v", m.CoveringColumn, err)
	}
	rd, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	fr, err := pqarrow.NewFileReader(rd, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	all, err := fr.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	row := 0
	for _, chunk := range all.Column(parcels.NumFields()).Data().Chunks() {
		boxes := chunk.(*array.Struct)
		for i := range boxes.Len() {
			if none := row%11 == 3; none != boxes.IsNull(i) {
				t.Fatalf("row %d: bounds null is %v, geometry null is %v", row, boxes.IsNull(i), none)
			} else if !none {
				var g wkb.Geometry
				if err := g.Parse(square(row)); err != nil {
					t.Fatal(err)
				}
				got := wkb.Box{MinX: boxes.Field(0).(*array.Float64).Value(i), MinY: boxes.Field(1).(*array.Float64).Value(i),
					MaxX: boxes.Field(2).(*array.Float64).Value(i), MaxY: boxes.Field(3).(*array.Float64).Value(i)}
				if got != g.Bounds() {
					t.Fatalf("row %d: bounds %v, want %v", row, got, g.Bounds())
				}
			}
			row++
		}
	}
	if row != 2500 {
		t.Fatalf("%d rows", row)
	}
}

func TestTheCoveringIsDescribedAsTheSpecificationHasIt(t *testing.T) {
	f := mustOpen(t, write(t, 10, 10, Options{Covering: "bbox"}))
	var geo struct {
		Columns map[string]struct{ Covering json.RawMessage }
	}
	if err := json.Unmarshal([]byte(*f.key("geo")), &geo); err != nil {
		t.Fatal(err)
	}
	const want = `{"bbox":{"xmin":["bbox","xmin"],"ymin":["bbox","ymin"],"xmax":["bbox","xmax"],"ymax":["bbox","ymax"]}}`
	if got := string(geo.Columns["geometry"].Covering); got != want {
		t.Errorf("covering %s, want %s", got, want)
	}
}

func TestRowsWithACoveringDoNotDependOnTheirBatches(t *testing.T) {
	o := Options{RowGroupRows: 1000, Covering: "bbox"}
	if !bytes.Equal(write(t, 2500, 2500, o), write(t, 2500, 77, o)) {
		t.Error("the file depends on the batches its rows came in")
	}
}

func TestACoveringNeedsANameOfItsOwn(t *testing.T) {
	_, err := NewWriter(&bytes.Buffer{}, parcels, "geometry", nil, Options{Covering: "area"})
	if err == nil || !strings.Contains(err.Error(), `"area"`) {
		t.Errorf("bounds in a column that is there: %v", err)
	}
}

// TestTheWritersRowsAreNotChanged: the caller's record has no column of bounds after.
func TestTheWritersRowsAreNotChanged(t *testing.T) {
	var out bytes.Buffer
	w, err := NewWriter(&out, parcels, "geometry", nil, Options{Covering: "bbox"})
	if err != nil {
		t.Fatal(err)
	}
	rec := batch(0, 5)
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if !arrow.TypeEqual(arrow.StructOf(rec.Schema().Fields()...), arrow.StructOf(parcels.Fields()...)) {
		t.Error("the record has other columns than before")
	}
}
