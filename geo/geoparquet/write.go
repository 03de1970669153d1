package geoparquet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// errRefused stands for a panic of the library while it writes.
var errRefused = errors.New("the Parquet library refuses the rows")

// Options are a writer's settings.
type Options struct {
	// LowCardinality names text columns with few distinct values, which are
	// written as dictionaries. For all others that costs far more than it saves.
	// Columns of a dictionary type are always written so.
	LowCardinality []string
	// RowGroupRows is the number of rows of a row group; 0 takes 65 536.
	RowGroupRows int
	// Covering names the column that the writer adds with the bounds of each row's
	// geometry, by which readers pass over row groups; empty adds none. It needs a
	// geometry column.
	Covering string
}

// Writer writes one Parquet file. It is used by one goroutine.
type Writer struct {
	out     *pqarrow.FileWriter
	sink    *sink
	schema  *arrow.Schema
	group   int64 // rows of a row group
	held    []arrow.Record
	heldN   int64
	written int64 // rows taken so far
	shapes  *shapes
	failed  error
}

// shapes gathers what the geo metadata says of the geometry column.
type shapes struct {
	name   string
	column int
	crs    json.RawMessage
	types  [wkb.MultiPolygon + 1]bool
	box    wkb.Box
	g      wkb.Geometry

	covering string
	bounds   [4][]float64 // of the rows of a batch: xmin, ymin, xmax, ymax
	bare     []bool       // rows without
}

// corners are the members of a covering in the order of the specification's example.
var corners = [4]string{"xmin", "ymin", "xmax", "ymax"}

var coveringType = arrow.StructOf(
	arrow.Field{Name: corners[0], Type: arrow.PrimitiveTypes.Float64}, arrow.Field{Name: corners[1], Type: arrow.PrimitiveTypes.Float64},
	arrow.Field{Name: corners[2], Type: arrow.PrimitiveTypes.Float64}, arrow.Field{Name: corners[3], Type: arrow.PrimitiveTypes.Float64})

// NewWriter writes GeoParquet 1.1. The geometry column is of type Binary and holds
// ISO WKB in two dimensions, or null. crs is PROJJSON (see [PROJJSON]); nil is
// OGC:CRS84, longitude and latitude on WGS 84.
func NewWriter(w io.Writer, schema *arrow.Schema, geometry string, crs json.RawMessage, o Options) (*Writer, error) {
	at := schema.FieldIndices(geometry)
	if len(at) != 1 || schema.Field(at[0]).Type.ID() != arrow.BINARY {
		return nil, fmt.Errorf("write parquet: no column %q of type binary for the geometry", geometry)
	}
	if crs != nil && !json.Valid(crs) {
		return nil, fmt.Errorf("write parquet: the coordinate system is not JSON")
	}
	if o.Covering != "" {
		if schema.HasField(o.Covering) {
			return nil, fmt.Errorf("write parquet: there is a column %q already, where the bounds should go", o.Covering)
		}
		fields := append(slices.Clone(schema.Fields()), arrow.Field{Name: o.Covering, Type: coveringType, Nullable: true})
		kept := schema.Metadata()
		schema = arrow.NewSchema(fields, &kept)
	}
	p, err := newWriter(w, schema, geometry, o)
	if err != nil {
		return nil, err
	}
	p.shapes = &shapes{name: geometry, column: at[0], crs: crs, box: wkb.EmptyBox(), covering: o.Covering}
	return p, nil
}

// NewPlainWriter writes Parquet without geometry.
func NewPlainWriter(w io.Writer, schema *arrow.Schema, o Options) (*Writer, error) {
	return newWriter(w, schema, "", o)
}

func newWriter(w io.Writer, schema *arrow.Schema, geometry string, o Options) (*Writer, error) {
	p := &Writer{sink: &sink{w: w}, schema: schema, group: int64(o.RowGroupRows)}
	if p.group <= 0 {
		p.group = 1 << 16
	}
	if err := p.sink.explain(p.start(geometry, o)); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Writer) start(geometry string, o Options) (err error) {
	defer guard(&err, errRefused)
	props := []parquet.WriterProperty{
		parquet.WithCompression(compress.Codecs.Snappy),
		parquet.WithDictionaryDefault(false),
		parquet.WithMaxRowGroupLength(p.group),
		parquet.WithCreatedBy("muscope"),
	}
	for _, f := range p.schema.Fields() {
		if f.Type.ID() == arrow.DICTIONARY || slices.Contains(o.LowCardinality, f.Name) {
			props = append(props, parquet.WithDictionaryFor(f.Name, true))
		}
	}
	if geometry != "" { // least and greatest bytes of geometries tell nothing
		props = append(props, parquet.WithStatsFor(geometry, false))
	}
	// The stored Arrow schema carries the columns' units.
	p.out, err = pqarrow.NewFileWriter(p.schema, p.sink, parquet.NewWriterProperties(props...),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	return err
}

// sink remembers the error of the io.Writer, which the library loses at places,
// and keeps the library from closing what it does not own.
type sink struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (s *sink) Write(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(b)
	s.err = err
	return n, err
}

// explain is err as the package's callers see it, or what went wrong in writing.
func (s *sink) explain(err error) error {
	if s.err != nil {
		err = s.err
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("write parquet: %w", oneLine{err})
}

// Write adds rows. The record must not change until Close: rows are held back until
// they fill a row group. After an error the writer only repeats it.
func (p *Writer) Write(rec arrow.Record) error {
	if p.failed == nil {
		p.failed = p.sink.explain(p.add(rec))
	}
	return p.failed
}

func (p *Writer) add(rec arrow.Record) (err error) {
	defer guard(&err, errRefused)
	if !sameColumns(rec.Schema().Fields(), p.given()) {
		return fmt.Errorf("row %d: the columns are not those of the file", p.written+1)
	}
	if p.shapes != nil {
		if err := p.shapes.look(rec, p.written); err != nil {
			return err
		}
		rec = p.shapes.cover(rec, p.schema)
	}
	p.written += rec.NumRows()
	for from := int64(0); from < rec.NumRows(); {
		to := min(rec.NumRows(), from+p.group-p.heldN)
		p.held = append(p.held, rec.NewSlice(from, to))
		p.heldN += to - from
		from = to
		if p.heldN == p.group {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// given are the columns that rows come with.
func (p *Writer) given() []arrow.Field {
	fields := p.schema.Fields()
	if p.shapes != nil && p.shapes.covering != "" {
		return fields[:len(fields)-1]
	}
	return fields
}

func sameColumns(a, b []arrow.Field) bool {
	return slices.EqualFunc(a, b, func(a, b arrow.Field) bool { return a.Name == b.Name && arrow.TypeEqual(a.Type, b.Type) })
}

// flush writes the rows held as one row group, column by column and each in one
// piece: pages then break at the same rows whatever batches they came in.
func (p *Writer) flush() error {
	if p.heldN == 0 {
		return nil
	}
	p.out.NewRowGroup()
	for c := range p.schema.NumFields() {
		column, err := p.column(c)
		if err == nil {
			err = p.out.WriteColumnData(column)
		}
		if err != nil {
			return fmt.Errorf("column %q: %w", p.schema.Field(c).Name, err)
		}
	}
	p.held, p.heldN = p.held[:0], 0
	return nil
}

func (p *Writer) column(c int) (arrow.Array, error) {
	if len(p.held) == 1 {
		return p.held[0].Column(c), nil
	}
	parts := make([]arrow.Array, len(p.held))
	for i, rec := range p.held {
		parts[i] = rec.Column(c)
	}
	return array.Concatenate(parts, memory.DefaultAllocator)
}

// Close writes the rows held and the footer. It does not close the io.Writer.
func (p *Writer) Close() error {
	if p.failed != nil {
		return p.failed
	}
	err := p.sink.explain(p.finish())
	p.failed = errors.New("write parquet: the file is closed")
	return err
}

func (p *Writer) finish() (err error) {
	defer guard(&err, errRefused)
	if err := p.flush(); err != nil {
		return err
	}
	if p.shapes != nil {
		text, err := p.shapes.metadata()
		if err == nil {
			err = p.out.AppendKeyValueMetadata("geo", text)
		}
		if err != nil {
			return err
		}
	}
	return p.out.Close()
}

// look takes types and bounds from a batch's geometries; before is the number of
// rows in front of it.
func (s *shapes) look(rec arrow.Record, before int64) error {
	column := rec.Column(s.column).(*array.Binary)
	for i := range column.Len() {
		if column.IsNull(i) {
			s.bound(wkb.EmptyBox())
			continue
		}
		b := column.Value(i)
		err := s.g.Parse(b)
		if err == nil && len(b) != isoLength(&s.g) {
			err = fmt.Errorf("not two-dimensional ISO WKB")
		}
		if err != nil {
			return fmt.Errorf("%s of row %d: %w", s.name, before+int64(i)+1, err)
		}
		s.types[s.g.Type] = true
		box := s.g.Bounds()
		s.box = s.box.Extend(box)
		s.bound(box)
	}
	return nil
}

// bound notes a row's bounds for the covering.
func (s *shapes) bound(b wkb.Box) {
	if s.covering == "" {
		return
	}
	none := b.Empty()
	if none {
		b = wkb.Box{}
	}
	s.bare = append(s.bare, none)
	for i, v := range [...]float64{b.MinX, b.MinY, b.MaxX, b.MaxY} {
		s.bounds[i] = append(s.bounds[i], v)
	}
}

// cover adds the rows' bounds as the last column; a row without a geometry has none.
func (s *shapes) cover(rec arrow.Record, schema *arrow.Schema) arrow.Record {
	if s.covering == "" {
		return rec
	}
	n := len(s.bare)
	valid, missing := make([]byte, bitutil.BytesForBits(int64(n))), 0
	for i, bare := range s.bare {
		if bitutil.SetBitTo(valid, i, !bare); bare {
			missing++
		}
	}
	members := make([]arrow.ArrayData, len(corners))
	for i, v := range s.bounds {
		members[i] = array.NewData(arrow.PrimitiveTypes.Float64, n, []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(v))}, nil, 0, 0)
	}
	s.bounds, s.bare = [4][]float64{}, nil
	boxes := array.NewStructData(array.NewData(coveringType, n, []*memory.Buffer{memory.NewBufferBytes(valid)}, members, missing, 0))
	return array.NewRecord(schema, append(slices.Clone(rec.Columns()), boxes), rec.NumRows())
}

// isoLength is the length of the geometry in two-dimensional WKB.
func isoLength(g *wkb.Geometry) int {
	n := 8 * len(g.XY)
	switch g.Type {
	case wkb.Point:
		return n + 5
	case wkb.LineString:
		return n + 9
	case wkb.Polygon:
		return n + 9 + 4*len(g.Rings)
	case wkb.MultiPoint:
		return n + 9 + 5*len(g.Parts)
	case wkb.MultiLineString:
		return n + 9 + 9*len(g.Parts)
	}
	return n + 9 + 9*len(g.Parts) + 4*len(g.Rings)
}

func (s *shapes) metadata() (string, error) {
	column := geoColumn{
		Encoding: "WKB", GeometryTypes: []string{}, CRS: s.crs, Edges: "planar",
	}
	for t, seen := range s.types {
		if seen {
			column.GeometryTypes = append(column.GeometryTypes, wkb.Type(t).String())
		}
	}
	if !s.box.Empty() {
		column.Bbox = []float64{s.box.MinX, s.box.MinY, s.box.MaxX, s.box.MaxY}
	}
	if s.covering != "" {
		c := &geoCovering{}
		for i, to := range []*[]string{&c.Bbox.XMin, &c.Bbox.YMin, &c.Bbox.XMax, &c.Bbox.YMax} {
			*to = []string{s.covering, corners[i]}
		}
		column.Covering = c
	}
	text, err := json.Marshal(geoKey{
		Version: "1.1.0", PrimaryColumn: s.name, Columns: map[string]geoColumn{s.name: column},
	})
	return string(text), err
}
