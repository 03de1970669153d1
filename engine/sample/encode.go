package sample

import (
	"fmt"
	"io"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/geojson"
	"github.com/muscope-gis/muscope/geo/geoparquet"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// A Format is how files are written.
type Format string

// The formats of layers and of tables.
const (
	GeoParquet Format = "geoparquet"
	GeoJSON    Format = "geojson"
	CSV        Format = "csv"
	Parquet    Format = "parquet"
)

// extension is of a format's files.
func (f Format) extension() string {
	switch f {
	case GeoJSON:
		return ".geojson"
	case CSV:
		return ".csv"
	}
	return ".parquet"
}

// piece is a batch ready to be written: text, or columns.
type piece struct {
	text  []byte
	box   wkb.Box
	batch table.Batch
}

// sink writes one file. encode may run in many goroutines, write and close in one.
type sink interface {
	encode(b table.Batch) piece
	write(p piece) error
	close() error
}

func newSink(w io.Writer, s *table.Schema, f Format) (sink, error) {
	switch f {
	case CSV:
		return &csvSink{w: w, schema: s}, nil
	case GeoJSON:
		return &featureSink{w: w, schema: s, box: wkb.EmptyBox()}, nil
	}
	own := columnsOf(s)
	options := geoparquet.Options{LowCardinality: repetitive(s)}
	var to *geoparquet.Writer
	var err error
	if s.Shape == table.NoGeometry {
		to, err = geoparquet.NewPlainWriter(w, own, options)
	} else {
		cgcs2000, _ := geoparquet.PROJJSON(4490)
		to, err = geoparquet.NewWriter(w, own, "geometry", cgcs2000, options)
	}
	return &columnSink{to: to, schema: own}, err
}

// fieldsOf are the columns that files have: not the name that may stand for a code
// elsewhere, which is the last, for here every row has its code.
func fieldsOf(s *table.Schema) []table.Field {
	if _, name, ok := s.StandIn(); ok {
		return s.Fields[:name]
	}
	return s.Fields
}

// csvSink writes UTF-8 without a byte order mark, lines ended by LF.
type csvSink struct {
	w      io.Writer
	schema *table.Schema
	begun  bool
}

func (c *csvSink) encode(b table.Batch) piece {
	text := make([]byte, 0, 128*b.Rows())
	n := len(fieldsOf(c.schema))
	for row := range b.Rows() {
		for i := range n {
			if i > 0 {
				text = append(text, ',')
			}
			if column := b.Record.Column(i); column.IsValid(row) {
				text = appendCell(text, column, row, appendQuoted, appendPlain)
			}
		}
		text = append(text, '\n')
	}
	return piece{text: text}
}

func (c *csvSink) write(p piece) error {
	if err := c.head(); err != nil {
		return err
	}
	_, err := c.w.Write(p.text)
	return err
}

func (c *csvSink) head() error {
	if c.begun {
		return nil
	}
	c.begun = true
	var line []byte
	for i, f := range fieldsOf(c.schema) {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(line, f.Name...)
	}
	_, err := c.w.Write(append(line, '\n'))
	return err
}

func (c *csvSink) close() error { return c.head() }

// appendCell writes one value; text and number say how.
func appendCell(dst []byte, column any, row int, text func([]byte, string) []byte, number func([]byte, float64) []byte) []byte {
	switch c := column.(type) {
	case *array.String:
		return text(dst, c.Value(row))
	case *array.Float64:
		return number(dst, c.Value(row))
	case *array.Int64:
		return strconv.AppendInt(dst, c.Value(row), 10)
	case *array.Boolean:
		return strconv.AppendBool(dst, c.Value(row))
	case *array.Date32:
		var day [10]byte
		return text(dst, string(unit.Date(c.Value(row)).Append(day[:0])))
	}
	return dst
}

func appendPlain(dst []byte, v float64) []byte { return strconv.AppendFloat(dst, v, 'f', -1, 64) }

// appendQuoted quotes text where a comma, a quote or a line end stands in it.
func appendQuoted(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r' {
			dst = append(dst, '"')
			for k := range len(s) {
				if s[k] == '"' {
					dst = append(dst, '"')
				}
				dst = append(dst, s[k])
			}
			return append(dst, '"')
		}
	}
	return append(dst, s...)
}

// featureSink writes GeoJSON, one feature a line; empty values are left out, but
// for columns every feature must have.
type featureSink struct {
	w      io.Writer
	schema *table.Schema
	begun  bool
	box    wkb.Box
}

func (f *featureSink) encode(b table.Batch) piece {
	p := piece{text: make([]byte, 0, 640*b.Rows()), box: wkb.EmptyBox()}
	var g wkb.Geometry
	shapes := b.Geometry()
	for row := range b.Rows() {
		if row > 0 {
			p.text = append(p.text, ",\n"...)
		}
		p.text = append(p.text, `{"type":"Feature","properties":{`...)
		p.text = f.properties(p.text, b, row)
		p.text = append(p.text, `},"geometry":`...)
		if err := g.Parse(shapes.Value(row)); err != nil {
			panic(fmt.Sprintf("sample: %s %d: %v", f.schema.Name, row, err)) // we wrote it ourselves
		}
		p.text = append(geojson.AppendGeometry(p.text, &g, &p.box), '}')
	}
	return p
}

func (f *featureSink) properties(dst []byte, b table.Batch, row int) []byte {
	first := true
	for i, field := range f.schema.Fields[:len(f.schema.Fields)-1] {
		column := b.Record.Column(i)
		if column.IsNull(row) && !field.Needed {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, field.Name...)
		dst = append(dst, `":`...)
		if column.IsNull(row) {
			dst = append(dst, "null"...)
		} else {
			dst = appendCell(dst, column, row, geojson.AppendString, geojson.AppendFloat)
		}
	}
	return dst
}

func (f *featureSink) write(p piece) error {
	if len(p.text) == 0 {
		return nil
	}
	join := []byte(",\n")
	if !f.begun {
		join = geojson.AppendHead(nil, f.schema.Name)
	}
	f.begun = true
	f.box = f.box.Extend(p.box)
	if _, err := f.w.Write(join); err != nil {
		return err
	}
	_, err := f.w.Write(p.text)
	return err
}

func (f *featureSink) close() error {
	var text []byte
	if !f.begun {
		text = geojson.AppendHead(nil, f.schema.Name)
	}
	_, err := f.w.Write(geojson.AppendTail(text, f.box))
	return err
}
