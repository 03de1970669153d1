package write

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/muscope-gis/muscope/geo/geoparquet"
)

// Source says where the used rows of a table were read.
type Source struct {
	Table string
	Files []string
	Rows  int
	// Place appends row i's key to dst, and names its file and the row there.
	Place func(dst []byte, i int) (key []byte, file int32, row int64)
}

// SourcesName is the file that keeps the place of every used row.
const SourcesName = "sources.parquet"

var label = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

var sourceSchema = arrow.NewSchema([]arrow.Field{
	{Name: "table", Type: label},
	{Name: "key", Type: arrow.BinaryTypes.String},
	{Name: "file", Type: label},
	{Name: "sheet", Type: label, Nullable: true},
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
}, nil)

// sourceFile is sources.parquet being written.
type sourceFile struct {
	file *os.File
	w    *geoparquet.Writer
	rows int64
}

// Sources implements [Sink]: sources.parquet, a row per used row.
func (f *Folder) Sources(ctx context.Context, s Source) error {
	if f.sources == nil {
		if err := f.openSources(); err != nil {
			return fmt.Errorf("write %s: %w", f.shown(SourcesName), reason(err))
		}
	}
	for from := 0; from < s.Rows; from += 1 << 16 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.sources.w.Write(places(s, from, min(s.Rows, from+1<<16))); err != nil {
			return fmt.Errorf("write %s: %w", f.shown(SourcesName), reason(err))
		}
	}
	f.sources.rows += int64(s.Rows)
	return nil
}

func (f *Folder) openSources() error {
	file, err := os.Create(f.path(SourcesName))
	if err != nil {
		return err
	}
	w, err := geoparquet.NewPlainWriter(file, sourceSchema, geoparquet.Options{})
	if err != nil {
		return errors.Join(err, file.Close())
	}
	f.sources = &sourceFile{file: file, w: w}
	return nil
}

// closeSources ends the file and notes it among the outputs.
func (f *Folder) closeSources() error {
	s := f.sources
	if s == nil {
		return nil
	}
	f.sources = nil
	if err := errors.Join(s.w.Close(), s.file.Close()); err != nil {
		return err
	}
	info, err := os.Stat(f.path(SourcesName))
	if err != nil {
		return err
	}
	f.outputs = append(f.outputs, Written{Path: SourcesName, Rows: s.rows, Bytes: info.Size()})
	return nil
}

// places are the columns of some rows of a table, in Go memory.
func places(s Source, from, to int) arrow.Record {
	n := to - from
	offsets, keys := make([]int32, 1, n+1), make([]byte, 0, 24*n)
	files, rows := make([]int32, n), make([]int64, n)
	for i := range n {
		keys, files[i], rows[i] = s.Place(keys, from+i)
		offsets = append(offsets, int32(len(keys)))
	}
	none := make([]byte, (n+7)/8)
	columns := []arrow.Array{
		labels(make([]int32, n), nil, []string{s.Table}),
		array.NewStringData(array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{
			nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(keys)}, nil, 0, 0)),
		labels(files, nil, s.Files),
		labels(make([]int32, n), none, []string{""}),
		array.NewInt64Data(array.NewData(arrow.PrimitiveTypes.Int64, n, []*memory.Buffer{
			nil, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(rows))}, nil, 0, 0)),
	}
	return array.NewRecord(sourceSchema, columns, int64(n))
}

// labels is a dictionary column; a valid that is not nil marks all rows null.
func labels(index []int32, valid []byte, words []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(words, nil)
	nulls := 0
	var mask *memory.Buffer
	if valid != nil {
		nulls, mask = len(index), memory.NewBufferBytes(valid)
	}
	d := array.NewData(label.IndexType, len(index), []*memory.Buffer{mask, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(index))}, nil, nulls, 0)
	return array.NewDictionaryArray(label, array.NewInt32Data(d), b.NewArray())
}
