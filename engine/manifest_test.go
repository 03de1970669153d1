package engine_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/portray"
	"github.com/muscope-gis/muscope/engine/write"
)

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
		for _, name := range []string{write.SourcesName, portray.ProjectName} {
			written[name] = fileText(t, filepath.Join(dir, name))
		}
		for _, kept := range []string{write.FactsFolder, write.PoliciesFolder} {
			files, err := filepath.Glob(filepath.Join(dir, kept, "*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range files {
				written[kept+"/"+filepath.Base(path)] = fileText(t, path)
			}
		}
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
				if out.Path == write.SourcesName {
					rows = used
				}
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
