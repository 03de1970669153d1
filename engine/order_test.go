package engine_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestResultsDoNotDependOnTheOrderOfTheRows(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o := c.options(t)
		want := results(t, evaluated(t, c.folder(t, nil), o))
		for seed := range uint64(2) {
			o.Threads = 1 + 3*int(seed)
			sameResults(t, want, results(t, evaluated(t, c.folder(t, shuffled(t, seed)), o)))
		}
	})
}

func TestResultsDoNotDependOnTheNumberOfThreads(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o, data := c.options(t), c.folder(t, nil)
		want := results(t, evaluated(t, data, o))
		for _, o.Threads = range []int{1, 4, 7} {
			sameResults(t, want, results(t, evaluated(t, data, o)))
		}
	})
}

func TestResultsDoNotDependOnWhereBlocksOfGeoJSONEnd(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o := c.options(t)
		want := results(t, evaluated(t, c.folder(t, nil), o))
		padded := c.folder(t, func(name string, text []byte) []byte {
			if name != "parcels.geojson" {
				return text
			}
			// A property that no column has makes the features long, and the blocks many.
			note := []byte(`"properties":{"note":"` + strings.Repeat("x", 9<<20/len(featuresOf(t, text))) + `",`)
			return bytes.ReplaceAll(text, []byte(`"properties":{`), note)
		})
		for _, o.Threads = range []int{1, 4} {
			dir := evaluated(t, padded, o)
			sameResults(t, want, results(t, dir))
			if m := manifestOf(t, dir); !slices.Equal(m.Ignored["parcels"], []string{"note"}) {
				t.Errorf("ignored columns %v, want note", m.Ignored)
			}
		}
	})
}

func TestResultsAreTheSameFromParquetOfAnyRowGroups(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		o := c.options(t)
		data := c.folder(t, nil)
		dir := evaluated(t, data, o)
		want, id := results(t, dir), manifestOf(t, dir).RunID
		for _, groupRows := range []int{37, 0} {
			o.Threads = 4
			dir := evaluated(t, parquetFolder(t, c, groupRows), o)
			sameResults(t, want, results(t, dir))
			if got := manifestOf(t, dir).RunID; got != id {
				t.Errorf("run id %s from Parquet, %s from text", got, id)
			}
		}
	})
}

// shuffled gives every file's rows another order.
func shuffled(t testing.TB, seed uint64) func(name string, text []byte) []byte {
	return func(name string, text []byte) []byte {
		t.Helper()
		r := rand.New(rand.NewPCG(seed, uint64(len(text))))
		lines := bytes.Split(bytes.TrimRight(text, "\r\n"), []byte("\n"))
		head, rows, tail := lines[:1], lines[1:], [][]byte(nil)
		if filepath.Ext(name) == ".geojson" { // a feature a line, then ]} and what follows
			last := slices.IndexFunc(lines, func(l []byte) bool { return bytes.HasPrefix(l, []byte("]")) })
			rows, tail = lines[1:last], lines[last:]
			for i := range rows {
				rows[i] = bytes.TrimSuffix(rows[i], []byte(","))
				if !json.Valid(rows[i]) {
					t.Fatalf("%s: line %d is no feature", name, i+2)
				}
			}
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			rows = [][]byte{bytes.Join(rows, []byte(",\n"))}
		} else {
			for i, row := range rows {
				if bytes.Count(row, []byte(`"`))%2 != 0 {
					t.Fatalf("%s: line %d ends inside a cell", name, i+2)
				}
			}
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		}
		return append(bytes.Join(slices.Concat(head, rows, tail), []byte("\n")), '\n')
	}
}

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

func TestARunIsNamedByWhatItReadAndNotByHow(t *testing.T) {
	c := towns[0]
	o := c.options(t)
	dir := evaluated(t, c.folder(t, nil), o)
	id := manifestOf(t, dir).RunID
	again := o
	again.Threads = 1
	again.Memory = 1
	again.Version = "other"
	if got := manifestOf(t, evaluated(t, c.folder(t, shuffled(t, 3)), again)).RunID; got != id {
		t.Errorf("shuffled, on one thread, with little memory: run id %s, was %s", got, id)
	}
	changed := map[string]func() string{
		"a value": func() string {
			data := c.folder(t, func(name string, text []byte) []byte {
				return bytes.Replace(text, []byte(`"recorded_area":`), []byte(`"recorded_area":1`), 1)
			})
			return evaluated(t, data, o)
		},
		"a coordinate": func() string {
			data := c.folder(t, func(name string, text []byte) []byte {
				if name != "control_lines.geojson" {
					return text
				}
				return bytes.Replace(text, []byte(`[[[-71.13`), []byte(`[[[-71.14`), 1)
			})
			return evaluated(t, data, o)
		},
		"the day": func() string {
			p := o
			p.AsOf++
			return evaluated(t, c.folder(t, nil), p)
		},
		"the year": func() string {
			p := o
			p.Year--
			return evaluated(t, c.folder(t, nil), p)
		},
		"the policy": func() string {
			p := o
			p.Rules = rulesOf(t, "national-idle-land-2012")
			return evaluated(t, c.folder(t, nil), p)
		},
	}
	ids := map[string]string{id: "nothing"}
	for what, run := range changed {
		got := manifestOf(t, run()).RunID
		if other, taken := ids[got]; taken {
			t.Errorf("with %s changed the run id is that with %s changed", what, other)
		}
		ids[got] = what
	}
}

func TestTheManifestAccountsForEveryRowAndFile(t *testing.T) {
	eachTown(t, func(t *testing.T, c town) {
		data := c.folder(t, nil)
		dir := evaluated(t, data, c.options(t))
		m := manifestOf(t, dir)
		rejected, repaired := map[string]int64{}, map[string]int64{}
		for _, r := range tableOf(t, fileText(t, filepath.Join(dir, "tables", "rejects.csv"))) {
			rejected[r["table"]]++
		}
		for _, r := range tableOf(t, fileText(t, filepath.Join(dir, "tables", "repairs.csv"))) {
			repaired[r["table"]]++
		}
		used := int64(0)
		for name, n := range m.Counts {
			used += n.Used
			if n.Used+n.Rejected != n.Read || n.Rejected != rejected[name] || n.Repaired != repaired[name] {
				t.Errorf("%s: %+v, but rejects.csv has %d of it and repairs.csv %d", name, n, rejected[name], repaired[name])
			}
		}
		inputs := map[string]bool{}
		for _, in := range m.Inputs {
			inputs[in.Name] = true
			text := fileText(t, filepath.Join(data, in.Name))
			if in.Bytes != int64(len(text)) || in.SHA256 != sum(text) {
				t.Errorf("%s: %d bytes, SHA-256 %s; the file has %d, %s", in.Name, in.Bytes, in.SHA256, len(text), sum(text))
			}
		}
		for name, text := range c.texts(t) {
			if !inputs[name] {
				t.Errorf("%s is not among the inputs", name)
			}
			if filepath.Ext(name) == ".geojson" && m.Counts[strings.TrimSuffix(name, ".geojson")].Read != int64(len(featuresOf(t, text))) {
				t.Errorf("%s: %d features, read %+v", name, len(featuresOf(t, text)), m.Counts[strings.TrimSuffix(name, ".geojson")])
			}
		}
		written := results(t, dir)
		written[write.SourcesName] = fileText(t, filepath.Join(dir, write.SourcesName))
		for _, out := range m.Outputs {
			text, ok := written[out.Path]
			if !ok || out.Bytes != int64(len(text)) {
				t.Errorf("%+v, but %d bytes were written", out, len(text))
			}
			rows := out.Rows
			switch filepath.Ext(out.Path) {
			case ".csv":
				rows = int64(len(cellsOf(t, text))) - 1
			case ".geojson":
				rows = int64(len(featuresOf(t, text)))
			case ".parquet":
				rows = used
			}
			if rows != out.Rows {
				t.Errorf("%s: %d rows noted, %d written", out.Path, out.Rows, rows)
			}
			delete(written, out.Path)
		}
		for path := range written {
			t.Errorf("%s was written and is not in the manifest", path)
		}
	})
}
