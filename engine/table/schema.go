// Package table holds what flows between the stages: the schemas of the input
// tables, and batches of rows as Arrow columns with typed access.
//
// Ownership: a batch's columns are immutable once built. They lie in Go memory
// (or in a spool file mapped by its owner, and are then valid until the owner is
// closed), so no stage needs Retain or Release, and a batch may be read from any
// number of goroutines.
//
// The package does no arithmetic, no input or output, and knows no policy.
package table

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Kind is what a column's values are.
type Kind uint8

// The kinds of columns. Code and ID are text; a Code may begin with a zero that
// counts, so a number is never taken for one.
const (
	Text Kind = iota
	Code
	ID
	Number  // float64
	Integer // int64
	Date    // unit.Date
	Bool
	Geometry // WKB, always the last column of a layer
)

// Field is a column of a table in DATA's order.
type Field struct {
	Name     string
	Kind     Kind
	Unit     unit.Unit // what the numbers count once read
	Required bool      // an empty value rejects the row
	Needed   bool      // the column must be there, but may be empty in a row
	OrNamed  bool      // a required code that may be empty in a row with a name, see StandIn
	OneOf    []string  // the only values a text may have; empty: any
	Credit   bool      // a code that is a 统一社会信用代码 (GB 32100-2015)
}

// Shape says which geometries a layer's rows carry.
type Shape uint8

// The shapes of layers.
const (
	NoGeometry Shape = iota
	Areal            // polygons and multipolygons
	AnyShape         // points and lines too
)

// Schema is one input table.
type Schema struct {
	Name    string
	Fields  []Field  // in DATA's order; of a layer the last is geometry
	Key     []string // columns that name a row; empty: rows are not told apart
	Shape   Shape
	Yearly  bool // may also come as one file a year, the year in the name
	Always  bool // no dataset is without it
	arrow   *arrow.Schema
	indexOf map[string]int
	named   []int
	orNamed int // the field that is OrNamed, or -1
}

// Index is the position of a field, or -1.
func (s *Schema) Index(name string) int {
	if i, ok := s.indexOf[name]; ok {
		return i
	}
	return -1
}

// NamedBy lists the fields that name a row: the key's, else up to three required
// ones.
func (s *Schema) NamedBy() []int { return s.named }

// standIn is the name of the column that may stand for an enterprise's code.
const standIn = "name"

// StandIn are the positions of a code that a row may leave empty when it has a
// name, and of that name: the row is then of the enterprise of that name. ok is
// false for tables whose codes are all required.
func (s *Schema) StandIn() (code, name int, ok bool) {
	if s.orNamed < 0 {
		return -1, -1, false
	}
	return s.orNamed, s.indexOf[standIn], true
}

// Arrow is the schema of the table's batches: its fields, then file and row, the
// place each row was read from. Units stand in the fields' metadata.
func (s *Schema) Arrow() *arrow.Schema { return s.arrow }

// Names of the two columns behind a table's own: an index into the files read,
// and the row in that file (CSV: the line; layers: the feature, from 1).
const (
	FileColumn = "_file"
	RowColumn  = "_row"
)

func (k Kind) arrow() arrow.DataType {
	switch k {
	case Number:
		return arrow.PrimitiveTypes.Float64
	case Integer:
		return arrow.PrimitiveTypes.Int64
	case Date:
		return arrow.FixedWidthTypes.Date32
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case Geometry:
		return arrow.BinaryTypes.Binary
	default:
		return arrow.BinaryTypes.String
	}
}

func (s *Schema) finish() *Schema {
	if s.Shape != NoGeometry {
		s.Fields = append(s.Fields, Field{Name: "geometry", Kind: Geometry, Required: true})
	}
	s.indexOf = make(map[string]int, len(s.Fields))
	s.orNamed = -1
	fields := make([]arrow.Field, 0, len(s.Fields)+2)
	for i, f := range s.Fields {
		s.indexOf[f.Name] = i
		if f.OrNamed {
			s.orNamed = i
		}
		af := arrow.Field{Name: f.Name, Type: f.Kind.arrow(), Nullable: true}
		if f.Unit != unit.None {
			af.Metadata = arrow.NewMetadata([]string{"unit"}, []string{string(f.Unit)})
		}
		fields = append(fields, af)
	}
	fields = append(fields,
		arrow.Field{Name: FileColumn, Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: RowColumn, Type: arrow.PrimitiveTypes.Int64})
	s.arrow = arrow.NewSchema(fields, nil)
	for _, k := range s.Key {
		s.named = append(s.named, s.indexOf[k])
	}
	for i, f := range s.Fields {
		if len(s.Key) == 0 && f.Required && len(s.named) < 3 {
			s.named = append(s.named, i)
		}
	}
	return s
}
