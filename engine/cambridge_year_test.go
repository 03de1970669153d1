package engine_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/write"
)

// laterYear is another year's folder beside the first, made up from it: the same lots in
// files of other names, their columns and rows the other way about, more columns than
// before, fewer that nobody asks for, and no neighbourhoods.
type laterYear struct {
	first, dir string
	mapping    string
	tax        [][]string
}

// ownZones is how its mapping takes the zones of the first.
const ownZones = "    from: ../2013/neighbourhoods_source.geojson"

func (y *laterYear) put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(y.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func newLaterYear(t *testing.T, first string) *laterYear {
	t.Helper()
	y := &laterYear{first: first, dir: filepath.Join(filepath.Dir(first), "2014")}
	if err := errors.Join(os.RemoveAll(y.dir), os.Mkdir(y.dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	y.mapping = strings.Replace(string(fileText(t, filepath.Join(first, "mapping.yaml"))),
		"    from: neighbourhoods_*.geojson", ownZones, 1)
	y.put(t, "mapping.yaml", y.mapping)
	lines, err := csv.NewReader(bytes.NewReader(fileText(t, filepath.Join(first, "tax_source.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	unasked := []string{"ID", "BookPage", "SaleDate", "Occupancy"}
	head := slices.Clone(lines[0])
	for i, l := range lines {
		var less []string
		for k, cell := range l {
			if !slices.Contains(unasked, head[k]) {
				less = append(less, cell)
			}
		}
		slices.Reverse(less)
		lines[i] = append(less, map[bool]string{true: "FiscalYear", false: "2014"}[i == 0])
	}
	slices.Reverse(lines[1:])
	y.tax = lines
	y.putTax(t)
	for _, layer := range []string{"parcels", "water"} {
		y.put(t, layer+"_2014.geojson", turned(t, fileText(t, filepath.Join(first, layer+"_source.geojson"))))
	}
	return y
}

// putTax writes the assessments as a spreadsheet does.
func (y *laterYear) putTax(t *testing.T) {
	t.Helper()
	var b strings.Builder
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	if err := w.WriteAll(y.tax); err != nil {
		t.Fatal(err)
	}
	y.put(t, "tax_2014.csv", b.String())
}

// turned is a layer with its features the other way about, their members in another
// order, one more among them.
func turned(t *testing.T, layer []byte) string {
	t.Helper()
	var collection struct {
		Features []struct {
			Properties map[string]any  `json:"properties"`
			Geometry   json.RawMessage `json:"geometry"`
		} `json:"features"`
	}
	if err := json.Unmarshal(layer, &collection); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`{"features":[`)
	for i, f := range slices.Backward(collection.Features) {
		b.WriteString(`{"geometry":` + string(f.Geometry) + `,"properties":{"EDITED":20140101`)
		for _, name := range slices.Backward(slices.Sorted(maps.Keys(f.Properties))) {
			cell, err := json.Marshal(f.Properties[name])
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(`,"` + name + `":` + string(cell))
		}
		b.WriteString(`},"type":"Feature"}`)
		if i > 0 {
			b.WriteString(",\n")
		}
	}
	b.WriteString(`],"type":"FeatureCollection"}`)
	return b.String()
}

func TestAnotherYearsFilesAreReadByTheSameMapping(t *testing.T) {
	c, first := towns[0], ownFiles(t)
	want := results(t, evaluated(t, first, c.options(t)))
	for name, change := range map[string]func(y *laterYear){
		"columns and rows in another order, zones of the year before": func(*laterYear) {},
		"headers in other letters": func(y *laterYear) {
			for i, h := range y.tax[0] {
				y.tax[0][i] = strings.ToUpper(h)
			}
			y.putTax(t)
			layer := string(fileText(t, filepath.Join(y.dir, "parcels_2014.geojson")))
			y.put(t, "parcels_2014.geojson", strings.ReplaceAll(layer, `"ML":`, `"ml":`))
		},
		"lots in two files": func(y *laterYear) {
			layer := string(fileText(t, filepath.Join(y.dir, "parcels_2014.geojson")))
			at := strings.LastIndex(layer[:len(layer)/2], ",\n")
			y.put(t, "parcels_2014.geojson", layer[:at]+`],"type":"FeatureCollection"}`)
			y.put(t, "parcels_2014_more.geojson", `{"features":[`+layer[at+2:])
		},
		"zones by their whole path": func(y *laterYear) {
			y.put(t, "mapping.yaml", strings.Replace(y.mapping, ownZones,
				"    from: {file: "+filepath.ToSlash(first)+"/neighbourhoods_source.geojson, outside: true}", 1))
		},
	} {
		y := newLaterYear(t, first)
		change(y)
		o := c.options(t)
		o.Threads = 1
		run := evaluated(t, y.dir, o)
		if sameResults(t, want, results(t, run)); t.Failed() {
			t.Fatal(name)
		}
		m := manifestOf(t, run)
		ignored := map[string][]string{"parcels": {"EDITED"}, "land_use": {"EDITED"}, "control_lines": {"EDITED"}}
		if len(m.Unused) > 0 || !maps.EqualFunc(m.Ignored, ignored, slices.Equal) {
			t.Errorf("%s: unused %q, ignored %q", name, m.Unused, m.Ignored)
		}
	}
}

func TestWhatAnotherYearsFilesLackIsTold(t *testing.T) {
	y := newLaterYear(t, ownFiles(t))
	without := func(column string) func() {
		return func() {
			at := slices.Index(y.tax[0], column)
			for i, l := range y.tax {
				y.tax[i] = slices.Delete(slices.Clone(l), at, at+1)
			}
			y.putTax(t)
		}
	}
	whole := slices.Clone(y.tax)
	for _, one := range []struct {
		name   string
		change func()
		want   []string
	}{
		{"no neighbourhoods and the mapping of the year before", func() {
			y.put(t, "mapping.yaml", strings.Replace(y.mapping, ownZones, "    from: neighbourhoods_*.geojson", 1))
		}, []string{"mapping.yaml:", "no file matches neighbourhoods_*.geojson"}},
		{"a folder that is not there", func() {
			y.put(t, "mapping.yaml", strings.Replace(y.mapping, ownZones, strings.Replace(ownZones, "2013", "2012", 1), 1))
		}, []string{"mapping.yaml:", "../2012/neighbourhoods_source.geojson is not there"}},
		{"no floors", without("GrossArea"), []string{"tax_2014.csv", `no header "GrossArea"`, "floor_area", "mapping.yaml:"}},
		{"no addresses", without("Location"), []string{"tax_2014.csv", `no header "Location"`, "mapping.yaml"}},
		{"no keys", without("ML"), []string{"tax_2014.csv", `no header "ML"`, "mapping.yaml"}},
		{"lots by another name", func() {
			layer := string(fileText(t, filepath.Join(y.dir, "parcels_2014.geojson")))
			y.put(t, "parcels_2014.geojson", strings.ReplaceAll(layer, `"ML":`, `"LOC_ID":`))
		}, []string{"parcels_2014.geojson", `no header "ML"`, "mapping.yaml:"}},
	} {
		y.tax = slices.Clone(whole)
		y.putTax(t)
		y.put(t, "mapping.yaml", y.mapping)
		one.change()
		err := failure(t, y.dir)
		for _, words := range one.want {
			if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: %v, want %q", one.name, err, words)
			}
		}
	}
}

// failure is why a folder is not evaluated.
func failure(t *testing.T, data string) error {
	t.Helper()
	src, err := read.OpenFolder(data)
	if err != nil {
		return err
	}
	dir := filepath.Join(t.TempDir(), "run")
	out, err := write.Create(dir, false, 2)
	if err != nil {
		t.Fatal(err)
	}
	_, err = engine.Evaluate(context.Background(), src, out, towns[0].options(t))
	if _, left := os.Stat(dir); left == nil {
		t.Errorf("%s was written", dir)
	}
	return err
}
