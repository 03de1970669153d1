package read_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/storetest"
)

func TestAFolderIsASource(t *testing.T) {
	storetest.Sources(t, func(t *testing.T, tables []*storetest.Table) (read.Source, error) {
		dir := t.TempDir()
		for _, one := range tables {
			name, text := one.Name+".csv", csvOf(t, one)
			if one.Layer() {
				name, text = one.Name+".geojson", geoJSONOf(t, one)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return read.OpenFolder(dir)
	})
}

func csvOf(t *testing.T, one *storetest.Table) string {
	t.Helper()
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(append([][]string{one.Head}, one.Rows...)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func geoJSONOf(t *testing.T, one *storetest.Table) string {
	t.Helper()
	features := make([]string, len(one.Rows))
	for i, row := range one.Rows {
		properties := map[string]any{}
		for c, cell := range row {
			properties[one.Head[c]] = cell
			if cell == "" {
				properties[one.Head[c]] = nil
			}
		}
		shape := one.Shapes[i]
		if shape == "" {
			shape = "null"
		}
		text, err := json.Marshal(map[string]any{"type": "Feature", "properties": properties, "geometry": json.RawMessage(shape)})
		if err != nil {
			t.Fatal(err)
		}
		features[i] = string(text)
	}
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}
