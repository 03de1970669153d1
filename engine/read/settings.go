package read

import (
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/read/plan"
	"github.com/muscope-gis/muscope/engine/unit"
)

// fileSettings are what somebody declares of a file, layer or worksheet because it
// does not say so itself or says it wrong. The zero value declares nothing.
type fileSettings struct {
	CRS        string   // the system of the coordinates whatever the file says, in any spelling that crs.Find knows
	ElseCRS    string   // their system where the file says none
	Encoding   string   // of text: CSV, .dbf
	Delimiter  rune     // between the cells of a CSV
	Within     string   // the layer of a GeoPackage, the sheet of a workbook, the object of a TopoJSON
	HeaderAt   int      // the row, of a CSV the line, the header begins in, from 1
	HeaderRows int      // of a worksheet: how many rows the header has
	NullWords  []string // more cells that mean "nothing entered"
	// Columns says what headers mean, before the dictionary is asked: a column's name,
	// or "" for a header to be passed over.
	Columns map[string]string

	Plan        *plan.Plan  // what a mapping says of the columns; nil: nothing
	Sentinels   []unit.Date // dates that stand for none
	StrictCodes bool        // parcel codes of another form than the national one are rejects
	mapping     string      // the file that says so
}

// given is a value that the rows of a file have where they hold none themselves: the
// year of its name, a partition's value from its folder's name.
type given struct {
	header    string
	value     []byte
	partition bool // of a folder
	target    target
}

// none says whether a trimmed cell means "nothing entered".
func (r *rows) none(v []byte) bool {
	if cell.IsNull(v) {
		return true
	}
	for _, word := range r.nullWords {
		if string(v) == word {
			return true
		}
	}
	return false
}

// fill gives the row what its file's name says and its cells do not. With a mapping
// that is known when the row ends.
func (r *rows) fill() {
	if r.kept == nil {
		r.fillGiven()
	}
}

func (r *rows) fillGiven() {
	for i := range r.given {
		if g := &r.given[i]; g.target.field >= 0 && r.at != g.target.field {
			r.text(g.target, g.value)
		}
	}
}
