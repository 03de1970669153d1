package write

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/muscope-gis/muscope/geo/geojson"
)

// AppendObject appends row i as a JSON object, with the columns' names as keys.
func (t *Table) AppendObject(dst []byte, i int) []byte {
	for c := range t.Columns {
		dst = append(dst, "{,"[min(c, 1)])
		dst = append(geojson.AppendString(dst, t.Columns[c].Name), ':')
		dst = t.Columns[c].appendJSON(dst, i)
	}
	return append(dst, '}')
}

// Object writes NAME.json beside the manifest: one value, indented.
func (f *Folder) Object(name string, v any) error {
	name += ".json"
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", f.shown(name), err)
	}
	return f.keep(name, append(text, '\n'))
}

// keep writes a small file of the run and notes it among the outputs.
func (f *Folder) keep(name string, text []byte) error {
	err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755)
	if err == nil {
		err = os.WriteFile(f.path(name), text, 0o644)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.shown(name), reason(err))
	}
	f.outputs = append(f.outputs, Written{Path: name, Bytes: int64(len(text))})
	return nil
}
