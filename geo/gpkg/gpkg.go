// Package gpkg reads and writes layers of features in GeoPackage files (OGC 12-128,
// versions 1.0 to 1.4).
//
// A [File] is opened read-only and as it stands: no lock, journal or shared-memory
// file is ever made beside it, and a file that another program has not finished
// writing is refused. The rows of a [Layer] come in the order of their key, through
// any number of [Reader]s at a time, each on a range of its own ([Layer.Ranges]). A
// row costs no allocation: text and geometry are SQLite's own bytes, good until the
// next row. A [Writer] makes a new file with spatial indexes; its bytes depend on the
// rows alone and on the date it is told.
//
// The package knows SQL and the GeoPackage header of a geometry; what is inside the
// WKB is for [wkb.Geometry.Parse]. It reads no views, tiles or tables without
// geometry, changes no file in place, transforms no coordinates and guesses no
// coordinate system.
//
// SQLite's own C interface is used, as Go code made from the C source: the
// database/sql driver would copy every value and turn dates into what they are not.
package gpkg

import (
	"errors"
	"fmt"
	"strings"
)

// What reading reports, wrapped with the file's path and the place in it.
var (
	// ErrNot is a file that is no GeoPackage.
	ErrNot = errors.New("not a GeoPackage")
	// ErrDamaged is a file whose bytes contradict one another.
	ErrDamaged = errors.New("the file is damaged")
	// ErrInUse is a file that another program has not finished writing.
	ErrInUse = errors.New("another program has not finished writing it")
	// ErrChanged is a file that was written while it was read.
	ErrChanged = errors.New("the file was changed while it was read: close what writes it and start again")
	// ErrUndefined is a layer that says its coordinate system is not known.
	ErrUndefined = errors.New("the layer says its coordinate system is undefined: set it in QGIS (Assign projection) and save the layer again")
	// ErrHeader is a geometry without the header of GeoPackage, or with one that is not read.
	ErrHeader = errors.New("not a GeoPackage geometry")
	// ErrText is text that is not UTF-8.
	ErrText = errors.New("text is not UTF-8: save the layer again with the right encoding")
)

// Kind is what a column is declared to hold, and what a cell holds, which in SQLite
// may differ.
type Kind uint8

// The kinds. Only a cell is Null. Dates count days, in [Cell.Integer].
const (
	Null Kind = iota
	Boolean
	Integer
	Real
	Text
	Blob
	Date
	DateTime
)

var kindNames = [...]string{"null", "boolean", "integer", "real", "text", "blob", "date", "datetime"}

// String is the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Field is a column of a layer that is neither the key nor the geometry.
type Field struct {
	Name     string
	Kind     Kind
	Declared string // the type as the file spells it; a writer takes Kind alone
}

// CellError is what is wrong with one cell. The rest of the row can be read.
type CellError struct {
	Path, Layer string
	Row         int64 // from 1
	FID         int64 // the row's key
	Column      string
	Err         error
}

// Error implements error.
func (e *CellError) Error() string {
	return fmt.Sprintf("read %s: layer %q, row %d (fid %d), column %q: %v", e.Path, e.Layer, e.Row, e.FID, e.Column, e.Err)
}

// Unwrap gives the reason without the place.
func (e *CellError) Unwrap() error { return e.Err }

// oneLine is an error whose text is kept on one line.
type oneLine struct{ error }

func (e oneLine) Unwrap() error { return e.error }
func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

// quoted makes any name an SQL identifier. Names hold no NUL: SQLite's own text
// functions stop at it, and writers are refused one.
func quoted(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// literal makes any text an SQL string.
func literal(s string) string {
	return `'` + strings.ReplaceAll(s, `'`, `''`) + `'`
}
