package archive

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// Columns gives the named cells of every row of a table, in the table's order; empty
// cells are empty text. Cells are the callee's to read until it returns; an error of
// take ends the reading. A table with other rows than the manifest counts is an error:
// one that was cut off at the end of a line looks whole.
func (r *Run) Columns(table string, columns []string, take func(cells []string) error) error {
	name := "tables/" + table + ".csv"
	path, err := r.file(name)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, cause(err))
	}
	defer file.Close()
	rows, head, err := csvRows(file)
	if err != nil {
		return fmt.Errorf("read %s: %w; %s", path, cause(err), damaged)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = slices.Index(head, c); at[i] < 0 {
			return fmt.Errorf("read %s: no column %s; %s", path, c, damaged)
		}
	}
	out := make([]string, len(columns))
	count := int64(0)
	for ; ; count++ {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s: %w; %s", path, cause(err), damaged)
		}
		for i, k := range at {
			out[i] = cells[k]
		}
		if err := take(out); err != nil {
			return err
		}
	}
	return r.counted(name, path, count)
}

// counted holds a number of rows against that of the manifest.
func (r *Run) counted(name, path string, rows int64) error {
	for _, w := range r.Manifest.Outputs {
		if w.Path == name && w.Rows != rows {
			return fmt.Errorf("read %s: it has %d rows, and the manifest lists %d; %s", path, rows, w.Rows, damaged)
		}
	}
	return nil
}

// csvRows reads the head of a table, past a byte order mark.
func csvRows(file io.Reader) (rows *csv.Reader, head []string, err error) {
	in := bufio.NewReaderSize(file, 1<<16)
	if bom, _ := in.Peek(3); string(bom) == "\uFEFF" {
		_, _ = in.Discard(3)
	}
	rows = csv.NewReader(in)
	rows.ReuseRecord = true
	first, err := rows.Read()
	return rows, slices.Clone(first), err
}

// Texts gives a property of every feature of a layer, in the layer's order, empty for
// null: many times faster than [Run.Each] where it is the layer's first property and
// text. An error of take ends the reading.
func (r *Run) Texts(layer, property string, take func(v string) error) error {
	l, err := r.openLayer(layer)
	if err != nil {
		return err
	}
	defer l.file.Close()
	const feature = `{"type":"Feature",`
	first := []byte(feature + `"properties":{"` + property + `":"`)
	in := bufio.NewReaderSize(l.file, 1<<16)
	count := int64(0)
	for at := int64(0); ; {
		line, err := in.ReadSlice('\n')
		if bytes.HasPrefix(line, []byte(feature)) {
			v, ok := plain(line, first)
			if !ok {
				f, _, err := l.feature(at)
				if err != nil {
					return fmt.Errorf("read %s: %w; %s", l.path, err, damaged)
				}
				v = f.Text(property)
			}
			count++
			if err := take(v); err != nil {
				return err
			}
		}
		at += int64(len(line))
		for errors.Is(err, bufio.ErrBufferFull) { // the rest of a long line
			line, err = in.ReadSlice('\n')
			at += int64(len(line))
		}
		if errors.Is(err, io.EOF) {
			return r.counted("layers/"+layer+".geojson", l.path, count)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", l.path, cause(err))
		}
	}
}

// plain is a text of JSON without escapes that follows a line's first bytes.
func plain(line, first []byte) (v string, ok bool) {
	rest, ok := bytes.CutPrefix(line, first)
	if !ok {
		return "", false
	}
	end := bytes.IndexByte(rest, '"')
	if end < 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
		return "", false
	}
	return string(rest[:end]), true
}
