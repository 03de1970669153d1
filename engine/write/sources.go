package write

import (
	"context"
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
	Rows  int
	Place func(i int) (key, file string, row int64)
}

// SourcesName is the file that keeps the place of every used row.
const SourcesName = "sources.parquet"

var sourceSchema = arrow.NewSchema([]arrow.Field{
	{Name: "table", Type: arrow.BinaryTypes.String},
	{Name: "key", Type: arrow.BinaryTypes.String},
	{Name: "file", Type: arrow.BinaryTypes.String},
	{Name: "sheet", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
}, nil)

// Sources implements [Sink]: sources.parquet, a row per used row.
func (f *Folder) Sources(ctx context.Context, sources []Source) (err error) {
	out, err := os.Create(f.Path(SourcesName))
	if err != nil {
		return fmt.Errorf("write %s: %w", f.shown(SourcesName), reason(err))
	}
	defer func() {
		if shut := out.Close(); err == nil && shut != nil {
			err = shut
		}
		if err != nil {
			err = fmt.Errorf("write %s: %w", f.shown(SourcesName), reason(err))
		}
	}()
	w, err := geoparquet.NewPlainWriter(out, sourceSchema, geoparquet.Options{LowCardinality: []string{"table", "file", "sheet"}})
	if err != nil {
		return err
	}
	rows := 0
	for _, s := range sources {
		for from := 0; from < s.Rows; from += 1 << 16 {
			if err := ctx.Err(); err != nil {
				return err
			}
			rec := places(s, from, min(s.Rows, from+1<<16))
			err := w.Write(rec)
			rec.Release()
			if err != nil {
				return err
			}
		}
		rows += s.Rows
	}
	if err := w.Close(); err != nil {
		return err
	}
	return f.Note(SourcesName, int64(rows))
}

func places(s Source, from, to int) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, sourceSchema)
	defer b.Release()
	for i := from; i < to; i++ {
		key, file, row := s.Place(i)
		b.Field(0).(*array.StringBuilder).Append(s.Table)
		b.Field(1).(*array.StringBuilder).Append(key)
		b.Field(2).(*array.StringBuilder).Append(file)
		b.Field(3).AppendNull()
		b.Field(4).(*array.Int64Builder).Append(row)
	}
	return b.NewRecord()
}
