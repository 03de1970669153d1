package write

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/muscope-gis/muscope/geo/geoparquet"
)

// The folders of a run that hold what its verdicts were found from.
const (
	FactsFolder    = "facts"
	PoliciesFolder = "policies"
)

// factRows is how many rows of facts are gathered before they are written.
const factRows = 1 << 16

// Facts implements [Sink]: facts/NAME.parquet. Text is stored as text, fixed and
// fractional numbers as float64 that nothing has rounded, the others as what they
// are. The bytes depend on the rows alone. The table must stay as it is until Finish, as a
// layer must: papers are made of it.
func (f *Folder) Facts(ctx context.Context, t Table) error {
	f.found = append(f.found, t)
	name := FactsFolder + "/" + t.Name + ".parquet"
	n, err := f.facts(ctx, name, t)
	if err != nil {
		return fmt.Errorf("write %s: %w", f.shown(name), reason(err))
	}
	f.outputs = append(f.outputs, Written{Path: name, Rows: int64(t.Rows), Bytes: n})
	return nil
}

func (f *Folder) facts(ctx context.Context, name string, t Table) (bytes int64, err error) {
	if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755); err != nil {
		return 0, err
	}
	file, err := os.Create(f.path(name))
	if err != nil {
		return 0, err
	}
	counted := &counter{w: file}
	err = writeFacts(ctx, counted, t)
	return counted.n, errors.Join(err, file.Close())
}

func writeFacts(ctx context.Context, to *counter, t Table) error {
	fields := make([]arrow.Field, len(t.Columns))
	for i := range t.Columns {
		fields[i] = arrow.Field{Name: t.Columns[i].Name, Type: t.Columns[i].stored(), Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	w, err := geoparquet.NewPlainWriter(to, schema, geoparquet.Options{RowGroupRows: factRows})
	if err != nil {
		return err
	}
	for from := 0; from < t.Rows; from += factRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		until := min(t.Rows, from+factRows)
		columns := make([]arrow.Array, len(t.Columns))
		for i := range t.Columns {
			columns[i] = t.Columns[i].array(until-from, func(k int) int { return from + k })
		}
		if err := w.Write(array.NewRecord(schema, columns, int64(until-from))); err != nil {
			return err
		}
	}
	return w.Close()
}

// stored is the type a column has in Parquet.
func (c *Column) stored() arrow.DataType {
	switch c.Kind() {
	case KindNumber:
		return arrow.PrimitiveTypes.Float64
	case KindInteger:
		return arrow.PrimitiveTypes.Int64
	case KindBool:
		return arrow.FixedWidthTypes.Boolean
	case KindDate:
		return arrow.FixedWidthTypes.Date32
	default:
		return arrow.BinaryTypes.String
	}
}

// array is the column's values in n rows of its own order, in Go memory.
func (c *Column) array(n int, row func(i int) int) arrow.Array {
	mem := memory.DefaultAllocator
	switch c.Kind() {
	case KindNumber:
		return gathered(array.NewFloat64Builder(mem), n, row, c.Number)
	case KindInteger:
		return gathered(array.NewInt64Builder(mem), n, row, c.integer)
	case KindBool:
		return gathered(array.NewBooleanBuilder(mem), n, row, c.boolean)
	case KindDate:
		return gathered(array.NewDate32Builder(mem), n, row, func(i int) (arrow.Date32, bool) {
			v, ok := c.date(i)
			return arrow.Date32(v), ok
		})
	default:
		return gathered(array.NewStringBuilder(mem), n, row, c.text)
	}
}

// columnBuilder is what the builders of all types share.
type columnBuilder[T any] interface {
	array.Builder
	Append(T)
}

func gathered[T any](b columnBuilder[T], n int, row func(i int) int, value func(i int) (T, bool)) arrow.Array {
	b.Reserve(n)
	for i := range n {
		if v, ok := value(row(i)); ok {
			b.Append(v)
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray()
}

// Policy implements [Sink]: policies/ID.yaml, as it was read.
func (f *Folder) Policy(_ context.Context, id string, yaml []byte) error {
	name := PoliciesFolder + "/" + id + ".yaml"
	if !fileName(id) {
		return fmt.Errorf("write %s: %q cannot name a file; give the policy an id of letters, digits, '.', '-' and '_'",
			filepath.Join(f.dir, PoliciesFolder), id)
	}
	err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755)
	if err == nil {
		err = os.WriteFile(f.path(name), yaml, 0o644)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", f.shown(name), reason(err))
	}
	f.outputs = append(f.outputs, Written{Path: name, Bytes: int64(len(yaml))})
	return nil
}

// fileName says whether a name is safe as a file's on every system.
func fileName(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return s != "" && len(s) <= 200 && strings.Trim(s, letters+".-_") == "" && strings.Contains(letters, s[:1]) && !strings.HasSuffix(s, ".")
}
