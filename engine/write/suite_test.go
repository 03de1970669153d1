package write_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/geoparquet"
)

func TestAFolderIsASink(t *testing.T) {
	storetest.TestSinks(t, func(t testing.TB) storetest.Sinks {
		parent := t.TempDir()
		dir := filepath.Join(parent, "run")
		return storetest.Sinks{
			Open: func(t testing.TB) write.Sink {
				f, err := write.Create(dir, true, 3)
				if err != nil {
					t.Fatal(err)
				}
				return f
			},
			Runs: func(t testing.TB) []string { return runsIn(t, dir) },
			Left: func(t testing.TB) []string {
				entries, err := os.ReadDir(parent)
				if err != nil {
					t.Fatal(err)
				}
				var left []string
				for _, e := range entries {
					if e.Name() != "run" {
						left = append(left, e.Name())
					}
				}
				return left
			},
			Read: func(t testing.TB, run string, what storetest.What, name string) *storetest.Content {
				if got := runsIn(t, dir); len(got) == 0 || got[0] != run {
					return nil
				}
				return contentOf(t, dir, what, name)
			},
		}
	})
}

// runsIn is the run of a folder, if there is one.
func runsIn(t testing.TB, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, write.ManifestName))
	if err != nil {
		return nil
	}
	var m write.Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return []string{m.RunID}
}

func contentOf(t testing.TB, dir string, what storetest.What, name string) *storetest.Content {
	t.Helper()
	switch what {
	case storetest.WrittenLayer:
		return features(t, filepath.Join(dir, "layers", name+".geojson"))
	case storetest.WrittenTable:
		return cells(t, filepath.Join(dir, "tables", name+".csv"))
	case storetest.WrittenSources:
		return parquet(t, filepath.Join(dir, write.SourcesName))
	case storetest.WrittenFacts:
		return parquet(t, filepath.Join(dir, write.FactsFolder, name+".parquet"))
	default:
		text, err := os.ReadFile(filepath.Join(dir, write.PoliciesFolder, name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		return &storetest.Content{Columns: []string{"yaml"}, Rows: [][]string{{string(text)}}}
	}
}

func cells(t testing.TB, path string) *storetest.Content {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return &storetest.Content{Columns: all[0], Rows: all[1:]}
}

// features reads a layer with the order of its properties.
func features(t testing.TB, path string) *storetest.Content {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var layer struct {
		Features []struct {
			Properties json.RawMessage
			Geometry   struct{ Coordinates [][][2]float64 }
		}
	}
	if err := json.Unmarshal(text, &layer); err != nil {
		t.Fatal(err)
	}
	out := &storetest.Content{}
	for i, f := range layer.Features {
		d := json.NewDecoder(bytes.NewReader(f.Properties))
		d.UseNumber()
		_, _ = d.Token()
		var row []string
		for d.More() {
			name, _ := d.Token()
			v, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				out.Columns = append(out.Columns, name.(string))
			}
			row = append(row, jsonText(v))
		}
		out.Rows = append(out.Rows, row)
		x, y := 200.0, 100.0
		for _, p := range f.Geometry.Coordinates[0] {
			x, y = min(x, p[0]), min(y, p[1])
		}
		out.Shapes = append(out.Shapes, fmt.Sprintf("%.5f %.5f", x, y))
	}
	if len(layer.Features) == 0 { // a layer without features names no columns
		out.Columns = []string{"parcel_code", "holder_name", "mu", "value", "idle_days", "idle", "idle_from", "underused"}
	}
	return out
}

func jsonText(v json.Token) string {
	switch v := v.(type) {
	case nil:
		return storetest.Null
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			f, _ := v.Float64()
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	return fmt.Sprint(v)
}

func parquet(t testing.TB, path string) *storetest.Content {
	t.Helper()
	in, err := geoparquet.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out := &storetest.Content{}
	var columns []int
	for i, f := range in.Schema().Fields() {
		out.Columns, columns = append(out.Columns, f.Name), append(columns, i)
	}
	for g := range in.NumRowGroups() {
		rec, err := in.RowGroup(context.Background(), g, columns)
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			row := make([]string, len(columns))
			for c := range columns {
				row[c] = storetest.Null
				if a := rec.Column(c); a.IsNull(i) {
					continue
				} else if d, ok := a.(*array.Date32); ok {
					row[c] = unit.Date(d.Value(i)).String()
				} else if f, ok := a.(*array.Float64); ok {
					row[c] = strconv.FormatFloat(f.Value(i), 'f', -1, 64)
				} else {
					row[c] = a.ValueStr(i)
				}
			}
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}
