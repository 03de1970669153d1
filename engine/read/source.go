// Package read takes tables in: it finds them in a dataset, recognises their
// columns, turns every cell into a typed value, and accounts for every row, which
// is either in a batch or among the rejects with its place and reason.
//
// It looks at one row at a time, and at keys that stand twice ([Order]); it
// does not repair geometry, join tables or know any policy. Formats are told by a
// file's ending, coordinate systems, encodings and units by what the file says or
// somebody declares; nothing is guessed from samples. Coordinates leave it as degrees
// of longitude and latitude, whatever system they came in.
package read

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/table"
)

// Source is where a dataset's tables are: a folder of files, a database.
type Source interface {
	// Name is what messages call the source; never a password.
	Name() string
	// Has says whether the table is there.
	Has(table string) bool
	// Scan reads a table and hands its usable rows to each, in batches that are
	// numbered in the order of the rows from 0. Up to workers goroutines call each
	// at once. The account says what was read and what was rejected.
	Scan(ctx context.Context, s *table.Schema, workers int, each func(number int, b table.Batch) error) (*Account, error)
}

// File is one file (or database table) rows came from, or one worksheet or layer of a
// file with several.
type File struct {
	Name   string   // relative to the dataset, or its schema and table
	Sheet  string   // the worksheet, or the layer of several; else empty
	Path   string   // where it is; empty when it is no file
	Beside []string // paths of the files that belong to it: .dbf, .prj …
	Bytes  int64    // with those beside it
	Rows   int64    // read from it, rejected ones too
	Note   string   // what was understood of it that the reader should know: an encoding found
}

// place is what messages call the file: its path, or its name.
func (f *File) place() string {
	if f.Path != "" {
		return f.Path
	}
	return f.Name
}

// note adds to what the reader should know of the file.
func (f *File) note(what string) {
	switch {
	case what == "":
	case f.Note == "":
		f.Note = what
	default:
		f.Note += "; " + what
	}
}

// Account is what became of a table's rows.
type Account struct {
	Table string
	Files []File
	Read  int64
	// Filtered are rows that a mapping does not want; they are not among those read.
	Filtered int64
	Rejects  []Reject // sorted by file and row
	Dropped  []DroppedRow
	Ignored  []string     // headers that no column has, sorted
	Columns  []ColumnNote // where the columns' values came from, by file and then column
	Joined   []Joined     // the files that columns were taken from
}

// DroppedRow is a row, or a run of rows, of a worksheet that is no data: a title, a
// total, a note. It does not count as read, for it is nobody's row; it is listed so
// that a row which was left out wrongly is seen. Empty rows are not listed.
type DroppedRow struct {
	File    int32  // index into the account's files
	Row, To int64  // the first and the last
	Why     string // as package sheet says it
	Text    string // what stands there, [Shown]
}

// Reject is a row that is not used, and why.
type Reject struct {
	Table  string
	Key    string // the row's key columns joined by /; empty parts where missing
	Column string // the column at fault; empty when it is the whole row
	Value  string // what stood there, at most 80 characters
	Reason Reason
	// Amounts are the land and money of the row, where they can be read: accounts of what
	// was not used have them. No list prints them.
	Amounts []Amount
	File    int32 // index into the account's files
	// Row is the line of a CSV, row of a worksheet, feature of a layer, row of a Parquet
	// file, from 1; of a relation the number that is its primary key, 0 without one.
	Row int64
}

// Reason says in one word why a row is rejected.
type Reason string

// The reasons a row is rejected for when read or surveyed.
const (
	MissingValue         Reason = "missing_value"
	NotANumber           Reason = "not_a_number"
	NotADate             Reason = "not_a_date"
	DateIncomplete       Reason = "date_incomplete" // a year or a month: which day is not said
	FormulaError         Reason = "formula_error"   // #REF!, #VALUE! and their like, in any column
	UnreadableText       Reason = "unreadable_text" // not in the encoding that the file declares, or no text
	NotABoolean          Reason = "not_a_boolean"
	NotAnInteger         Reason = "not_an_integer"
	UnknownValue         Reason = "unknown_value"
	OutOfRange           Reason = "out_of_range" // a number no such thing in the world has
	CodeIsNumber         Reason = "code_is_number"
	CodeForm             Reason = "code_form" // a parcel code of another form, where the mapping is strict
	ShortRow             Reason = "short_row"
	LongRow              Reason = "long_row"
	DuplicateKey         Reason = "duplicate_key"
	EmptyGeometry        Reason = "empty_geometry"
	UnreadableGeometry   Reason = "unreadable_geometry"
	GeometryType         Reason = "geometry_type"
	NotFinite            Reason = "coordinate_not_finite"
	CoordinateOutOfRange Reason = "coordinate_out_of_range"
	InvalidGeometry      Reason = "invalid_geometry"
	UnknownCode          Reason = "unknown_code"
	UnknownSRID          Reason = "srid_unknown" // 0, or one of no system that is read
)

// Table is a whole table in memory, for all but the largest.
type Table struct {
	Schema  *table.Schema
	Batches []table.Batch
	Account *Account
}

// All reads a whole table. A table the source does not have is nil, or an error
// when no dataset is without it.
func All(ctx context.Context, src Source, name string, workers int) (*Table, error) {
	s := table.MustInput(name)
	if !src.Has(name) {
		if l, ok := src.(interface{ Lacks(table string) error }); ok && s.Always {
			if err := l.Lacks(name); err != nil {
				return nil, err
			}
		}
		if s.Always {
			return nil, fmt.Errorf("read %[1]s: no table %[2]s (%[2]s.geojson, %[2]s.parquet, %[2]s.shp, %[2]s.gpkg or a layer of a .gpkg); every dataset needs zones and parcels",
				src.Name(), name)
		}
		return nil, nil
	}
	var got ordered
	account, err := src.Scan(ctx, s, workers, got.put)
	if err != nil {
		return nil, err
	}
	return &Table{Schema: s, Batches: got.batches(), Account: account}, nil
}

func sortRejects(r []Reject) {
	slices.SortFunc(r, func(a, b Reject) int {
		if a.File != b.File {
			return int(a.File) - int(b.File)
		}
		if a.Row != b.Row {
			if a.Row < b.Row {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Column, b.Column), strings.Compare(a.Key, b.Key),
			strings.Compare(string(a.Reason), string(b.Reason)), strings.Compare(a.Value, b.Value))
	})
}
