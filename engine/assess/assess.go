// Package assess grades enterprises from facts: it makes the figures of a scheme's
// indicators and has them graded. An evaluation, an explanation and a question of
// what-if all come here, so that the same facts give the same verdicts. It reads and
// writes nothing.
package assess

import (
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Facts are what is known of the enterprises of a city, an entry per enterprise in
// the order of their codes: all that indicators and grades are found from.
type Facts struct {
	grade.Enterprises
	Year      int // the evaluated year
	Name      []string
	Owned     []unit.Area
	Occupied  []unit.Area
	LeasedOut []unit.Area
	Parcels   []string            // codes of the parcels that Uses number
	This      indicate.Quantities // of the year
	Last      indicate.Quantities // of the year before
}

// Assessment is the figures and grades of a scheme.
type Assessment struct {
	Scheme  *policy.Grading
	Figures []grade.Figure // one for each indicator of the scheme, in its order
}
