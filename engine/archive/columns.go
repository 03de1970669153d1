package archive

import (
	"bufio"
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
