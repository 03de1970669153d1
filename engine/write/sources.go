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
	// Sheets are the worksheets or layers of the files; empty for a file that has none.
	// It may be nil.
	Sheets []string
	Rows   int
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
	{Name: "sheet", Type: arrow.BinaryTypes.String, Nullable: true},
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
	columns := []arrow.Array{
		labels(make([]int32, n), []string{s.Table}),
		array.NewStringData(array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{
			nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(keys)}, nil, 0, 0)),
		labels(files, s.Files),
		sheetsOf(files, s.Sheets),
		array.NewInt64Data(array.NewData(arrow.PrimitiveTypes.Int64, n, []*memory.Buffer{
			nil, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(rows))}, nil, 0, 0)),
	}
	return array.NewRecord(sourceSchema, columns, int64(n))
}

// labels is a dictionary column of the word that each index names. A word that is
// given twice is one of the dictionary.
func labels(index []int32, words []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	at, known := make([]int32, len(words)), map[string]int32{}
	for i, w := range words {
		n, twice := known[w]
		if !twice {
			n = int32(len(known))
			known[w] = n
			b.Append(w)
		}
		at[i] = n
	}
	places := make([]int32, len(index))
	for i, word := range index {
		places[i] = at[word]
	}
	d := array.NewData(label.IndexType, len(index), []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(places))}, nil, 0, 0)
	return array.NewDictionaryArray(label, array.NewInt32Data(d), b.NewArray())
}

// sheetsOf is the worksheet of each row by its file; null where it has none. It is no
// dictionary: one with nulls, followed in its row group by one of other words, comes
// back from Parquet with other words than were written.
func sheetsOf(files []int32, sheets []string) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Reserve(len(files))
	for _, f := range files {
		if int(f) < len(sheets) && sheets[f] != "" {
			b.Append(sheets[f])
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray()
}
