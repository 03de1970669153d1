package table

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Batch is some rows of a table as Arrow columns: the schema's fields, then the
// file and row each was read from.
type Batch struct {
	Schema *Schema
	Record arrow.Record
}

// Rows is the number of rows.
func (b Batch) Rows() int {
	if b.Record == nil {
		return 0
	}
	return int(b.Record.NumRows())
}

// Column is the column of a field whose numbers are counted in want; it panics on
// a name or a unit the schema does not have, which only a programmer can cause.
func (b Batch) Column(name string, want unit.Unit) arrow.Array {
	i := b.Schema.Index(name)
	if i < 0 {
		panic(fmt.Sprintf("table: %s has no column %s", b.Schema.Name, name))
	}
	if u := b.Schema.Fields[i].Unit; u != want {
		panic(fmt.Sprintf("table: %s.%s is in %q, not %q", b.Schema.Name, name, u, want))
	}
	return b.Record.Column(i)
}

// Text is a column of text, codes or ids.
func (b Batch) Text(name string) *array.String {
	return b.Column(name, unit.None).(*array.String)
}

// Numbers is a column of float64 counted in want.
func (b Batch) Numbers(name string, want unit.Unit) *array.Float64 {
	return b.Column(name, want).(*array.Float64)
}

// Integers is a column of int64.
func (b Batch) Integers(name string) *array.Int64 {
	return b.Column(name, unit.None).(*array.Int64)
}

// Dates is a column of days since 1970-01-01.
func (b Batch) Dates(name string) *array.Date32 {
	return b.Column(name, unit.None).(*array.Date32)
}

// Bools is a column of booleans.
func (b Batch) Bools(name string) *array.Boolean {
	return b.Column(name, unit.None).(*array.Boolean)
}

// Geometry is a layer's column of WKB.
func (b Batch) Geometry() *array.Binary {
	return b.Record.Column(len(b.Schema.Fields) - 1).(*array.Binary)
}

// Place is where row i was read: an index into the files of the read, and the row.
func (b Batch) Place(i int) (file int32, row int64) {
	n := len(b.Schema.Fields)
	return b.Record.Column(n).(*array.Int32).Value(i), b.Record.Column(n + 1).(*array.Int64).Value(i)
}

// Ref is a row of a table: one of its batches, and the row in it.
type Ref struct{ Batch, Row int32 }

// Compare orders rows as they were read.
func (r Ref) Compare(o Ref) int {
	if r.Batch != o.Batch {
		return int(r.Batch) - int(o.Batch)
	}
	return int(r.Row) - int(o.Row)
}
