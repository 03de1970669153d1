package table

import (
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Builder fills a batch row by row into flat slices: set the columns of a row in
// any order, at most once each, then EndRow or DropRow. A column that was not set
// is null. Nothing is allocated per row.
type Builder struct {
	schema *Schema
	cols   []column
	files  []int32
	at     []int64
	rows   int
}

type column struct {
	kind    Kind
	room    int  // rows there is room for once a value comes
	begun   bool // a value came; before that nulls are only counted
	n       int  // values so far, nulls too
	valid   []byte
	offsets []int32
	bytes   []byte
	floats  []float64
	ints    []int64
	dates   []int32
	bits    []byte
}

// NewBuilder makes room for capacity rows.
func NewBuilder(s *Schema, capacity int) *Builder {
	b := &Builder{
		schema: s, cols: make([]column, len(s.Fields)),
		files: make([]int32, 0, capacity), at: make([]int64, 0, capacity),
	}
	for i := range b.cols {
		b.cols[i].kind, b.cols[i].room = s.Fields[i].Kind, capacity
	}
	return b
}

// begin makes the memory of a column that has been null so far: most columns of
// most tables never need any.
func (c *column) begin() {
	c.begun = true
	room := max(c.room, c.n+1)
	c.valid = make([]byte, (c.n+7)/8, room/8+1)
	switch c.kind {
	case Number:
		c.floats = make([]float64, c.n, room)
	case Integer:
		c.ints = make([]int64, c.n, room)
	case Date:
		c.dates = make([]int32, c.n, room)
	case Bool:
		c.bits = make([]byte, (c.n+7)/8, room/8+1)
	default:
		c.offsets = make([]int32, c.n+1, room+1)
	}
}

// column is column i, with memory for a value.
func (b *Builder) column(i int) *column {
	c := &b.cols[i]
	if !c.begun {
		c.begin()
	}
	return c
}

// Reserve makes room for n more bytes in a text or geometry column.
func (b *Builder) Reserve(i, n int) {
	if n > 0 {
		b.cols[i].bytes = slices.Grow(b.cols[i].bytes, n)
	}
}

// Rows is the number of rows ended so far.
func (b *Builder) Rows() int { return b.rows }

// Set says whether column i of the current row has a value already.
func (b *Builder) Set(i int) bool { return b.cols[i].n > b.rows }

// Bytes is the number of bytes column i (text or geometry) holds so far.
func (b *Builder) Bytes(i int) int { return len(b.cols[i].bytes) }

func (c *column) mark(valid bool) {
	if c.n&7 == 0 {
		c.valid = append(c.valid[:c.n/8], 0)
	}
	if valid {
		c.valid[c.n/8] |= 1 << (c.n & 7)
	} else {
		c.valid[c.n/8] &^= 1 << (c.n & 7)
	}
	c.n++
}

// Text sets a text, code, id or geometry column to a copy of v.
func (b *Builder) Text(i int, v []byte) {
	c := b.column(i)
	c.bytes = append(c.bytes, v...)
	c.offsets = append(c.offsets, int32(len(c.bytes)))
	c.mark(true)
}

// String is Text for a string.
func (b *Builder) String(i int, v string) { b.Text(i, unsafe.Slice(unsafe.StringData(v), len(v))) }

// AppendText sets a text or geometry column to what fill appends to its memory.
func (b *Builder) AppendText(i int, fill func([]byte) []byte) {
	c := b.column(i)
	c.bytes = fill(c.bytes)
	c.offsets = append(c.offsets, int32(len(c.bytes)))
	c.mark(true)
}

// Number sets a float64 column.
func (b *Builder) Number(i int, v float64) {
	c := b.column(i)
	c.floats = append(c.floats, v)
	c.mark(true)
}

// Integer sets an int64 column.
func (b *Builder) Integer(i int, v int64) {
	c := b.column(i)
	c.ints = append(c.ints, v)
	c.mark(true)
}

// Date sets a date column.
func (b *Builder) Date(i int, d unit.Date) {
	c := b.column(i)
	c.dates = append(c.dates, int32(d))
	c.mark(true)
}

// Bool sets a boolean column.
func (b *Builder) Bool(i int, v bool) {
	c := b.column(i)
	if c.n&7 == 0 {
		c.bits = append(c.bits[:c.n/8], 0)
	}
	if v {
		c.bits[c.n/8] |= 1 << (c.n & 7)
	} else {
		c.bits[c.n/8] &^= 1 << (c.n & 7)
	}
	c.mark(true)
}

func (c *column) null() {
	if !c.begun {
		c.n++
		return
	}
	switch c.kind {
	case Number:
		c.floats = append(c.floats, 0)
	case Integer:
		c.ints = append(c.ints, 0)
	case Date:
		c.dates = append(c.dates, 0)
	case Bool:
		if c.n&7 == 0 {
			c.bits = append(c.bits[:c.n/8], 0)
		}
		c.bits[c.n/8] &^= 1 << (c.n & 7)
	default:
		c.offsets = append(c.offsets, int32(len(c.bytes)))
	}
	c.mark(false)
}

// Value is the bytes column i holds for the current row; nil when not set.
func (b *Builder) Value(i int) []byte {
	c := &b.cols[i]
	if c.n <= b.rows || len(c.offsets) < 2 {
		return nil
	}
	return c.bytes[c.offsets[c.n-1]:c.offsets[c.n]]
}

// Float is the number column i holds for the current row; ok is false when not set.
func (b *Builder) Float(i int) (v float64, ok bool) {
	c := &b.cols[i]
	if c.kind != Number || c.n <= b.rows {
		return 0, false
	}
	return c.floats[c.n-1], true
}

// EndRow closes the row; it was read at row of file.
func (b *Builder) EndRow(file int32, row int64) {
	for i := range b.cols {
		if b.cols[i].n == b.rows {
			b.cols[i].null()
		}
	}
	b.files = append(b.files, file)
	b.at = append(b.at, row)
	b.rows++
}

// DropRow forgets what was set since the last EndRow.
func (b *Builder) DropRow() {
	for i := range b.cols {
		c := &b.cols[i]
		if c.n == b.rows {
			continue
		}
		c.n--
		switch c.kind {
		case Number:
			c.floats = c.floats[:c.n]
		case Integer:
			c.ints = c.ints[:c.n]
		case Date:
			c.dates = c.dates[:c.n]
		case Bool:
		default:
			c.offsets = c.offsets[:c.n+1]
			c.bytes = c.bytes[:c.offsets[c.n]]
		}
	}
}

// Batch hands the rows over and leaves the builder unusable.
func (b *Builder) Batch() Batch {
	columns := make([]arrow.Array, 0, len(b.cols)+2)
	for i := range b.cols {
		columns = append(columns, b.cols[i].array(b.rows))
	}
	columns = append(columns,
		array.NewInt32Data(fixed(arrow.PrimitiveTypes.Int32, b.rows, arrow.Int32Traits.CastToBytes(b.files))),
		array.NewInt64Data(fixed(arrow.PrimitiveTypes.Int64, b.rows, arrow.Int64Traits.CastToBytes(b.at))))
	rec := array.NewRecord(b.schema.arrow, columns, int64(b.rows))
	s := b.schema
	*b = Builder{}
	return Batch{Schema: s, Record: rec}
}

func fixed(t arrow.DataType, n int, data []byte) arrow.ArrayData {
	return array.NewData(t, n, []*memory.Buffer{nil, memory.NewBufferBytes(data)}, nil, 0, 0)
}

func (c *column) array(n int) arrow.Array {
	if !c.begun {
		return nothing(c.kind, n)
	}
	var valid *memory.Buffer
	nulls := n - bitutil.CountSetBits(c.valid, 0, n)
	if nulls > 0 {
		valid = memory.NewBufferBytes(c.valid)
	}
	t := c.kind.arrow()
	one := func(data []byte) arrow.ArrayData {
		return array.NewData(t, n, []*memory.Buffer{valid, memory.NewBufferBytes(data)}, nil, nulls, 0)
	}
	switch c.kind {
	case Number:
		return array.NewFloat64Data(one(arrow.Float64Traits.CastToBytes(c.floats)))
	case Integer:
		return array.NewInt64Data(one(arrow.Int64Traits.CastToBytes(c.ints)))
	case Date:
		return array.NewDate32Data(one(arrow.Int32Traits.CastToBytes(c.dates)))
	case Bool:
		return array.NewBooleanData(one(c.bits))
	}
	data := array.NewData(t, n, []*memory.Buffer{
		valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets)), memory.NewBufferBytes(c.bytes),
	}, nil, nulls, 0)
	if c.kind == Geometry {
		return array.NewBinaryData(data)
	}
	return array.NewStringData(data)
}

// zeros is the memory of all columns without a value.
var zeros = make([]byte, 8<<16)

// nothing is a column of n nulls.
func nothing(k Kind, n int) arrow.Array {
	data := zeros
	if need := 8 * (n + 1); need > len(data) {
		data = make([]byte, need)
	}
	all := memory.NewBufferBytes(data)
	buffers := []*memory.Buffer{memory.NewBufferBytes(data[:(n+7)/8]), all}
	switch k {
	case Number, Integer:
		buffers[1] = memory.NewBufferBytes(data[:8*n])
	case Date:
		buffers[1] = memory.NewBufferBytes(data[:4*n])
	case Bool:
		buffers[1] = memory.NewBufferBytes(data[:(n+7)/8])
	default:
		buffers[1] = memory.NewBufferBytes(data[:4*(n+1)])
		buffers = append(buffers, memory.NewBufferBytes(nil))
	}
	return array.MakeFromData(array.NewData(k.arrow(), n, buffers, nil, n, 0))
}
