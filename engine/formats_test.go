package engine_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// parquetFolder writes the town's layers as GeoParquet and its tables as Parquet,
// rows in reverse. A table with lines too short for a table of columns stays.
func parquetFolder(t testing.TB, c town, groupRows int) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range c.texts(t) {
		stem, ext := strings.TrimSuffix(name, filepath.Ext(name)), filepath.Ext(name)
		var out bytes.Buffer
		options := geoparquet.Options{RowGroupRows: groupRows}
		switch ext {
		case ".geojson":
			rec := recordOfFeatures(t, featuresOf(t, text))
			cgcs2000, _ := geoparquet.PROJJSON(4490)
			w, err := geoparquet.NewWriter(&out, rec.Schema(), "shape", cgcs2000, options)
			writeParquet(t, w, err, rec)
		case ".csv":
			if rec, ok := recordOfCells(t, text); ok {
				w, err := geoparquet.NewPlainWriter(&out, rec.Schema(), options)
				writeParquet(t, w, err, rec)
				break
			}
			fallthrough
		default:
			out.Write(text)
			stem, ext = name, ""
		}
		if ext != "" {
			stem += ".parquet"
		}
		if err := os.WriteFile(filepath.Join(dir, stem), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func writeParquet(t testing.TB, w *geoparquet.Writer, err error, rec arrow.Record) {
	t.Helper()
	if err == nil {
		err = w.Write(rec)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// recordOfFeatures makes columns of properties: numbers where all values are
// numbers, true and false where all are, else text; and of geometries, as WKB.
func recordOfFeatures(t testing.TB, features []feature) arrow.Record {
	t.Helper()
	slices.Reverse(features)
	kinds := map[string]arrow.DataType{}
	for _, f := range features {
		for name, v := range f.Properties {
			kind := arrow.DataType(arrow.BinaryTypes.String)
			switch v.(type) {
			case json.Number:
				kind = arrow.PrimitiveTypes.Float64
			case bool:
				kind = arrow.FixedWidthTypes.Boolean
			case nil:
				kind = nil
			}
			if old, seen := kinds[name]; !seen || old == nil {
				kinds[name] = kind
			} else if kind != nil && kind != old {
				kinds[name] = arrow.BinaryTypes.String
			}
		}
	}
	var fields []arrow.Field
	for name, kind := range kinds {
		if kind == nil {
			kind = arrow.BinaryTypes.String
		}
		fields = append(fields, arrow.Field{Name: name, Type: kind, Nullable: true})
	}
	fields = append(fields, arrow.Field{Name: "shape", Type: arrow.BinaryTypes.Binary, Nullable: true})
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	for _, f := range features {
		for i, field := range fields {
			switch to := b.Field(i).(type) {
			case *array.Float64Builder:
				if v, ok := f.number(t, field.Name); ok {
					to.Append(v)
				} else {
					to.AppendNull()
				}
			case *array.BinaryBuilder:
				if b := wkbOf(t, f.Geometry); b != nil {
					to.Append(b)
				} else {
					to.AppendNull()
				}
			default:
				if v, ok := f.text(field.Name); !ok {
					to.AppendNull()
				} else if err := to.AppendValueFromString(v); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return b.NewRecord()
}

// recordOfCells makes a column of text of every column of a CSV; ok is false when
// a line has not as many cells as the header.
func recordOfCells(t testing.TB, text []byte) (rec arrow.Record, ok bool) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF"))))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var fields []arrow.Field
	for _, name := range rows[0] {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	slices.Reverse(rows[1:])
	for _, row := range rows[1:] {
		if len(row) != len(fields) {
			return nil, false
		}
		for i, cell := range row {
			b.Field(i).(*array.StringBuilder).Append(cell)
		}
	}
	return b.NewRecord(), true
}

// wkbOf turns a GeoJSON geometry into WKB, as it stands: rings may be open or
// too short. null is nil.
func wkbOf(t testing.TB, text json.RawMessage) []byte {
	t.Helper()
	var head struct {
		Type        string
		Coordinates json.RawMessage
	}
	if err := json.Unmarshal(text, &head); err != nil {
		t.Fatal(err)
	}
	g := wkb.Geometry{}
	ring := func(points [][]float64) {
		for _, p := range points {
			g.XY = append(g.XY, p[0], p[1])
		}
		g.EndRing()
	}
	polygon := func(rings [][][]float64) {
		for _, r := range rings {
			ring(r)
		}
		g.EndPart()
	}
	into := func(to any) {
		if err := json.Unmarshal(head.Coordinates, to); err != nil {
			t.Fatal(err)
		}
	}
	switch head.Type {
	case "":
		return nil
	case "Point":
		g.Type = wkb.Point
		var p []float64
		into(&p)
		ring([][]float64{p})
		g.EndPart()
	case "LineString":
		g.Type = wkb.LineString
		var l [][]float64
		into(&l)
		polygon([][][]float64{l})
	case "Polygon":
		g.Type = wkb.Polygon
		var p [][][]float64
		into(&p)
		polygon(p)
	case "MultiPolygon":
		g.Type = wkb.MultiPolygon
		var m [][][][]float64
		into(&m)
		for _, p := range m {
			polygon(p)
		}
	default:
		t.Fatalf("no WKB for %s", head.Type)
	}
	return g.Append(nil)
}
