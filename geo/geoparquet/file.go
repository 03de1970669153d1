// Package geoparquet reads and writes GeoParquet 1.0 and 1.1 with WKB geometry,
// and plain Parquet.
//
// A [File] is read by row groups, any number of them at a time; only flat columns
// are read, text always comes as String and bytes as Binary, whatever Arrow type
// the writer had in mind. A [Writer] puts rows into row groups of a fixed size:
// its bytes depend on the rows alone, not on the batches they came in.
//
// The package looks into geometries only to list their types and bounds when it
// writes. It knows coordinate systems by the PROJJSON that names them, and
// transforms nothing.
//
// The Parquet library panics on many kinds of damaged files. Every call into it
// therefore runs, on the caller's own goroutine, behind a recover that turns the
// panic into an error ([ErrDamaged]).
package geoparquet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
)

// ErrDamaged is wrapped where a file's bytes contradict one another.
var ErrDamaged = errors.New("the file is damaged")

var errNewer = errors.New("a column has a type that is not known, such as the GEOMETRY of GeoParquet 2.0: write it as GeoParquet 1.1, with geometries as WKB")

// File is an open Parquet file. All methods but Close may be called from several
// goroutines at once.
type File struct {
	path   string
	size   int64
	parts  *file.Reader
	rows   int64
	schema *arrow.Schema
	arrow  *pqarrow.FileReader
}

// Open opens a Parquet file and reads its footer.
func Open(path string) (*File, error) {
	f := &File{path: path}
	source, err := os.Open(path)
	if err != nil {
		var cause *os.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return nil, f.wrap(err)
	}
	if err := f.start(source); err != nil {
		_ = source.Close()
		if strings.Contains(err.Error(), "invalid logical type") { // as the Parquet library says it
			err = errNewer
		}
		return nil, f.wrap(err)
	}
	return f, nil
}

func (f *File) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("read %s: %w", f.path, oneLine{err})
}

// oneLine is an error whose text is kept on one line.
type oneLine struct{ error }

func (e oneLine) Unwrap() error { return e.error }
func (e oneLine) Error() string {
	return strings.Join(strings.Fields(e.error.Error()), " ")
}

// guard turns a panic of the library into an error that wraps cause.
func guard(err *error, cause error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", cause, r)
	}
}

func (f *File) start(source *os.File) (err error) {
	defer guard(&err, ErrDamaged)
	if err := f.checkMagic(source); err != nil {
		return err
	}
	mem := bounded{memory.DefaultAllocator, int(min(max(64*f.size, 1<<28), 1<<31))}
	f.parts, err = file.NewParquetReader(source, file.WithReadProps(parquet.NewReaderProperties(mem)))
	if err != nil {
		return err
	}
	f.hideArrowSchema()
	f.arrow, err = pqarrow.NewFileReader(f.parts, pqarrow.ArrowReadProperties{}, mem)
	if err != nil {
		return err
	}
	fields := make([]arrow.Field, len(f.arrow.Manifest.Fields))
	for i, c := range f.arrow.Manifest.Fields {
		fields[i] = *c.Field
	}
	f.schema = arrow.NewSchema(fields, nil)
	return f.checkRows()
}

// bounded is an allocator that panics when asked for more than a file of this
// size can need, which only a damaged file does.
type bounded struct {
	memory.Allocator
	most int
}

// Allocate implements memory.Allocator.
func (b bounded) Allocate(n int) []byte {
	b.check(n)
	return b.Allocator.Allocate(n)
}

// Reallocate implements memory.Allocator.
func (b bounded) Reallocate(n int, old []byte) []byte {
	b.check(n)
	return b.Allocator.Reallocate(n, old)
}

func (b bounded) check(n int) {
	if n > b.most {
		panic(fmt.Sprintf("it asks for %d bytes of memory", n))
	}
}

// checkMagic says early, and in plain words, that a file is no Parquet.
func (f *File) checkMagic(source *os.File) error {
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.New("a folder, not a Parquet file")
	}
	f.size = info.Size()
	head, tail := make([]byte, 4), make([]byte, 4)
	if f.size < 12 {
		return errors.New("not a Parquet file: it is too short")
	}
	if _, err := source.ReadAt(head, 0); err != nil {
		return err
	}
	if _, err := source.ReadAt(tail, f.size-4); err != nil {
		return err
	}
	switch {
	case string(tail) == "PARE":
		return errors.New("encrypted Parquet is not read")
	case string(head) != "PAR1":
		return errors.New("not a Parquet file")
	case string(tail) != "PAR1":
		return errors.New("the Parquet file was cut short: its end is missing")
	}
	return nil
}

// hideArrowSchema takes the Arrow schema some writers add out of the footer, as
// the library reads it without any checks. Columns get their types from Parquet's
// own schema, so there are no dictionaries and no 64-bit offsets either.
func (f *File) hideArrowSchema() {
	for _, kv := range f.parts.MetaData().KeyValueMetadata() {
		if kv.Key == "ARROW:schema" {
			kv.Key = "" // the library looks it up by this name
		}
	}
}

// checkRows adds up the rows and stops lies that would make the reader allocate.
func (f *File) checkRows() error {
	for i := range f.parts.NumRowGroups() {
		n := f.parts.MetaData().RowGroup(i).NumRows()
		if n < 0 || n > 1<<31-1 || n > 1<<24 && n/1000 > f.size {
			return fmt.Errorf("%w: row group %d claims %d rows in a file of %d bytes", ErrDamaged, i+1, n, f.size)
		}
		f.rows += n
	}
	return nil
}

// Close closes the file. Records read from it stay valid.
func (f *File) Close() error { return f.wrap(f.parts.Close()) }

// Rows is the number of rows.
func (f *File) Rows() int64 { return f.rows }

// Schema is the columns, in the file's order, nested ones too, with the types of
// Parquet's own schema and no metadata.
func (f *File) Schema() *arrow.Schema { return f.schema }

// NumRowGroups is the number of row groups.
func (f *File) NumRowGroups() int { return f.parts.NumRowGroups() }

// RowGroupRows is the number of rows of row group i.
func (f *File) RowGroupRows(i int) int64 { return f.parts.MetaData().RowGroup(i).NumRows() }

// RowGroup reads the given columns, numbered as in Schema, of row group i. A
// nested column is an error. The record is the caller's; it lies in Go memory and
// need not be released.
func (f *File) RowGroup(ctx context.Context, i int, columns []int) (arrow.Record, error) {
	if i < 0 || i >= f.NumRowGroups() {
		return nil, f.wrap(fmt.Errorf("no row group %d: there are %d", i+1, f.NumRowGroups()))
	}
	rows := f.RowGroupRows(i)
	fields := make([]arrow.Field, len(columns))
	arrays := make([]arrow.Array, len(columns))
	for n, c := range columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c < 0 || c >= f.schema.NumFields() {
			return nil, f.wrap(fmt.Errorf("no column %d: there are %d", c+1, f.schema.NumFields()))
		}
		fields[n] = f.schema.Field(c)
		var err error
		if arrays[n], err = f.column(ctx, i, c, rows); err != nil {
			return nil, f.wrap(fmt.Errorf("column %q, row group %d: %w", fields[n].Name, i+1, err))
		}
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, rows), nil
}

// unpacks says whether the library knows how a leaf column is compressed.
func (f *File) unpacks(group, leaf int) error {
	chunk, err := f.parts.MetaData().RowGroup(group).ColumnChunk(leaf)
	if err != nil {
		return err
	}
	if _, err := compress.GetCodec(chunk.Compression()); err != nil {
		return fmt.Errorf("compressed as %s, which is not read: write it with snappy, zstd or gzip", chunk.Compression())
	}
	return nil
}

// column reads one column of a row group. Only leaves are read: the library reads
// nested columns on goroutines of its own, whose panics nobody could catch.
func (f *File) column(ctx context.Context, group, c int, rows int64) (a arrow.Array, err error) {
	defer guard(&err, ErrDamaged)
	field := f.arrow.Manifest.Fields[c]
	if len(field.Children) > 0 || !field.IsLeaf() {
		return nil, fmt.Errorf("nested columns (%s) are not read", field.Field.Type)
	}
	if field.LevelInfo.RepLevel > 0 {
		return nil, errors.New("repeated columns are not read")
	}
	if err := f.unpacks(group, field.ColIndex); err != nil {
		return nil, err
	}
	reader, err := f.arrow.GetFieldReader(ctx, c, map[int]bool{field.ColIndex: true}, []int{group})
	if err != nil {
		return nil, err
	}
	defer reader.Release()
	chunks, err := reader.NextBatch(rows)
	if err != nil {
		return nil, err
	}
	if n := int64(chunks.Len()); n != rows {
		return nil, fmt.Errorf("%w: %d rows where %d belong", ErrDamaged, n, rows)
	}
	switch parts := chunks.Chunks(); len(parts) {
	case 0:
		return array.MakeArrayOfNull(memory.DefaultAllocator, field.Field.Type, 0), nil
	case 1:
		return parts[0], nil
	default:
		return array.Concatenate(parts, memory.DefaultAllocator)
	}
}
