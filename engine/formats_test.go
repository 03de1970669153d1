package engine_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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

// kindsOf are the columns of properties: numbers where all values are numbers, true
// and false where all are, else text.
func kindsOf(features []feature) map[string]arrow.DataType {
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
	for name, kind := range kinds {
		if kind == nil {
			kinds[name] = arrow.BinaryTypes.String
		}
	}
	return kinds
}

// recordOfFeatures makes columns of properties, and of geometries as WKB.
func recordOfFeatures(t testing.TB, features []feature) arrow.Record {
	t.Helper()
	slices.Reverse(features)
	kinds := kindsOf(features)
	var fields []arrow.Field
	for name, kind := range kinds {
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

// wkbOf turns a GeoJSON geometry into WKB. null is nil.
func wkbOf(t testing.TB, text json.RawMessage) []byte {
	t.Helper()
	if g := geometryOf(t, text); g != nil {
		return g.Append(nil)
	}
	return nil
}

// geometryOf reads a GeoJSON geometry as it stands: rings may be open or too short.
// null is nil.
func geometryOf(t testing.TB, text json.RawMessage) *wkb.Geometry {
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
	return &g
}

// How far results may be off that were rounded on their way: a unit of the last of 7
// decimals in both directions for places, and what that makes of areas. Straight lines
// in metres are not quite straight in degrees, which is much less.
const (
	nearPlace  = 1.5e-7 // degrees
	nearFigure = 1.1e-3 // of figures over 1: mu, m² and metres, which are rounded to a millimetre
	nearShare  = 1e-5   // of figures up to 1, and in proportion of large ones
)

// nearResults compares two runs: all text, codes and counts must be the same, figures
// and places nearly so.
func nearResults(t *testing.T, want, got map[string][]byte) {
	t.Helper()
	if w, g := sorted(want), sorted(got); !slices.Equal(w, g) {
		t.Fatalf("files %v, want %v", g, w)
	}
	for _, name := range sorted(want) {
		a, b := want[name], got[name]
		if slices.Contains(placed, name) {
			a, b = withoutPlaces(t, a), withoutPlaces(t, b)
		}
		x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
		if len(x) != len(y) {
			t.Errorf("%s: %d lines, want %d", name, len(y), len(x))
			continue
		}
		for i := range x {
			if x[i] != y[i] && !nearLine(t, x[i], y[i]) {
				t.Errorf("%s differs in line %d: %s", name, i+1, firstDifference([]byte(x[i]), []byte(y[i])))
				break
			}
		}
	}
}

const geometryMember = `,"geometry":`

func nearLine(t *testing.T, a, b string) bool {
	t.Helper()
	if strings.HasPrefix(a, `],"bbox"`) {
		return nearText(a, b, func(v, w float64) bool { return math.Abs(v-w) <= nearPlace })
	}
	a, shapeA, feature := strings.Cut(a, geometryMember)
	b, shapeB, _ := strings.Cut(b, geometryMember)
	return nearText(a, b, nearFigures) && (!feature || shapeA == shapeB || nearShapes(t, shapeA, shapeB))
}

func nearFigures(v, w float64) bool {
	most := max(math.Abs(v), math.Abs(w))
	if most <= 1 {
		return math.Abs(v-w) <= nearShare
	}
	return math.Abs(v-w) <= max(nearFigure, nearShare*most)
}

var fractions = regexp.MustCompile(`-?[0-9]+\.[0-9]+`)

// nearText says whether texts differ in fractional numbers alone, and in those no
// more than near allows.
func nearText(a, b string, near func(v, w float64) bool) bool {
	if fractions.ReplaceAllString(a, "#") != fractions.ReplaceAllString(b, "#") {
		return false
	}
	x, y := fractions.FindAllString(a, -1), fractions.FindAllString(b, -1)
	for i := range x {
		v, err := strconv.ParseFloat(x[i], 64)
		w, other := strconv.ParseFloat(y[i], 64)
		if err != nil || other != nil || !near(v, w) {
			return false
		}
	}
	return true
}

// nearShapes says whether each point of either geometry is near an edge of the other.
func nearShapes(t *testing.T, a, b string) bool {
	t.Helper()
	geometry := func(text string) *wkb.Geometry {
		return geometryOf(t, json.RawMessage(strings.TrimSuffix(strings.TrimSuffix(text, ","), "}")))
	}
	g, h := geometry(a), geometry(b)
	return g != nil && h != nil && nearEdges(g, h) && nearEdges(h, g)
}

func nearEdges(g, h *wkb.Geometry) bool {
	for i := 0; i < len(g.XY); i += 2 {
		if edgeDistance(g.XY[i], g.XY[i+1], h) > nearPlace {
			return false
		}
	}
	return true
}

func edgeDistance(x, y float64, h *wkb.Geometry) float64 {
	best := math.Inf(1)
	for n := range h.NumRings() {
		r := h.Ring(n)
		for i := 2; i < len(r); i += 2 {
			dx, dy := r[i]-r[i-2], r[i+1]-r[i-1]
			along := 0.0
			if square := dx*dx + dy*dy; square > 0 {
				along = min(1, max(0, ((x-r[i-2])*dx+(y-r[i-1])*dy)/square))
			}
			best = min(best, math.Hypot(r[i-2]+along*dx-x, r[i-1]+along*dy-y))
		}
	}
	return best
}
