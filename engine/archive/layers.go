package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/muscope-gis/muscope/geo/geojson"
)

// Property is a property of a feature, or a cell of a table.
type Property struct {
	Name string
	// Value is a string, a bool, a json.Number or nil; of a table's cell a string, or
	// nil where the cell is empty.
	Value any
}

// Feature is the properties of a feature of a layer or the cells of a row of a table,
// in the file's order.
type Feature []Property

// Value is a property's value; nil when it is null or there is none of the name.
func (f Feature) Value(name string) any {
	for _, p := range f {
		if p.Name == name {
			return p.Value
		}
	}
	return nil
}

// Text is a property as text; empty for null.
func (f Feature) Text(name string) string {
	switch v := f.Value(name).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}

// Number is a property as a number; ok is false for null and what is none.
func (f Feature) Number(name string) (v float64, ok bool) {
	n := json.Number(f.Text(name))
	v, err := n.Float64()
	return v, err == nil
}

// Feature finds the feature of a layer whose property is code, by halving the lines
// of layers/LAYER.geojson, which are sorted by that property. Where there is none,
// near are the codes beside its place.
func (r *Run) Feature(layer, property, code string) (f Feature, near []string, err error) {
	l, err := r.openLayer(layer)
	if err != nil {
		return nil, nil, err
	}
	defer l.file.Close()
	at, before, err := l.search(property, code)
	if before != "" {
		near = append(near, before)
	}
	for i := 0; err == nil && i < 3; i++ {
		var found Feature
		var next int64
		if found, next, err = l.feature(at); err != nil || found == nil {
			break
		}
		if found.Text(property) == code {
			return found, nil, nil
		}
		near, at = append(near, found.Text(property)), next
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w; %s", l.path, err, damaged)
	}
	return nil, near, nil
}

// Features are the features of a layer whose property is code, in the layer's order;
// the whole layer is read.
func (r *Run) Features(layer, property, code string) ([]Feature, error) {
	l, err := r.openLayer(layer)
	if err != nil {
		return nil, err
	}
	defer l.file.Close()
	var out []Feature
	want := geojson.AppendString([]byte(`"`+property+`":`), code)
	lines := bufio.NewReaderSize(l.file, 1<<20)
	for at := int64(0); ; {
		line, err := lines.ReadBytes('\n')
		if bytes.Contains(line, want) {
			f, _, err := l.feature(at)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w; %s", l.path, err, damaged)
			}
			if f.Text(property) == code {
				out = append(out, f)
			}
		}
		at += int64(len(line))
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", l.path, cause(err))
		}
	}
}

// layerFile is a layer of one feature a line.
type layerFile struct {
	path string
	file *os.File
	size int64
}

func (r *Run) openLayer(layer string) (*layerFile, error) {
	path, err := r.file("layers/" + layer + ".geojson")
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, cause(err))
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("read %s: %w", path, cause(err))
	}
	return &layerFile{path, file, info.Size()}, nil
}

// search is where the first line begins that is not before code, and the code of the
// line in front of it.
func (l *layerFile) search(property, code string) (lo int64, before string, err error) {
	lo, err = l.lineAfter(0) // behind the head
	hi := l.size
	for err == nil && lo < hi {
		mid := lo + (hi-lo)/2
		start := mid
		if mid > lo {
			if start, err = l.lineAfter(mid - 1); err != nil {
				break
			}
		}
		if start >= hi {
			hi = mid
			continue
		}
		var f Feature
		var next int64
		if f, next, err = l.feature(start); err != nil {
			break
		}
		if f == nil || f.Text(property) >= code {
			hi = start
		} else {
			lo, before = next, f.Text(property)
		}
	}
	return lo, before, err
}

// lineAfter is where the line begins that follows the first line end at or after
// from; the size of the file when there is none.
func (l *layerFile) lineAfter(from int64) (int64, error) {
	buf := make([]byte, 1<<12)
	for from < l.size {
		n, err := l.file.ReadAt(buf, from)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			return from + int64(i) + 1, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, cause(err)
		}
		from += int64(n)
		if n == 0 {
			break
		}
	}
	return l.size, nil
}

// feature reads the properties of the feature whose line begins at from, and where
// the next line begins. A line that is no feature is the end: nil.
func (l *layerFile) feature(from int64) (Feature, int64, error) {
	next, err := l.lineAfter(from)
	if err != nil {
		return nil, 0, err
	}
	const head = `{"type":"Feature",`
	line := io.NewSectionReader(l.file, from, next-from)
	first := make([]byte, len(head))
	if n, _ := line.ReadAt(first, 0); n < len(head) || string(first) != head {
		return nil, next, nil
	}
	f, err := properties(json.NewDecoder(line))
	if err != nil {
		return nil, 0, fmt.Errorf("the feature at byte %d: %w", from+1, err)
	}
	return f, next, nil
}

// properties reads a feature as far as its properties.
func properties(d *json.Decoder) (Feature, error) {
	d.UseNumber()
	for _, want := range []json.Token{json.Delim('{'), "type", "Feature", "properties", json.Delim('{')} {
		got, err := d.Token()
		if err != nil {
			return nil, err
		}
		if got != want {
			return nil, fmt.Errorf("%v where %v belongs", got, want)
		}
	}
	f := Feature{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := d.Token()
		if err != nil {
			return nil, err
		}
		text, ok := name.(string)
		if _, nested := value.(json.Delim); !ok || nested {
			return nil, fmt.Errorf("property %v is not a plain value", name)
		}
		f = append(f, Property{text, value})
	}
	return f, nil
}

// Each gives every feature of a layer, in the layer's order. A layer with other
// features than the manifest counts is an error, at the end.
func (r *Run) Each(layer string, take func(Feature)) error {
	l, err := r.openLayer(layer)
	if err != nil {
		return err
	}
	defer l.file.Close()
	at, err := l.lineAfter(0)
	count := int64(0)
	for err == nil && at < l.size {
		var f Feature
		if f, at, err = l.feature(at); f != nil {
			take(f)
			count++
		}
	}
	if err != nil {
		return fmt.Errorf("read %s: %w; %s", l.path, err, damaged)
	}
	return r.counted("layers/"+layer+".geojson", l.path, count)
}

// Rows are all rows of a table.
func (r *Run) Rows(table string) ([]Feature, error) { return r.Row(table, "", "") }

// Row finds the rows of a table whose column is code, with no column all; the whole
// table is read.
func (r *Run) Row(table, column, code string) ([]Feature, error) {
	path, err := r.file("tables/" + table + ".csv")
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, cause(err))
	}
	defer file.Close()
	rows, names, err := csvRows(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w; %s", path, cause(err), damaged)
	}
	at := -1
	for i, n := range names {
		if n == column {
			at = i
		}
	}
	if at < 0 && column != "" {
		return nil, fmt.Errorf("read %s: no column %s; %s", path, column, damaged)
	}
	var out []Feature
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w; %s", path, cause(err), damaged)
		}
		if at < 0 || cells[at] == code {
			out = append(out, row(names, cells))
		}
	}
}

func row(names, cells []string) Feature {
	f := make(Feature, len(names))
	for i, n := range names {
		f[i].Name = n
		if cells[i] != "" {
			f[i].Value = cells[i]
		}
	}
	return f
}
