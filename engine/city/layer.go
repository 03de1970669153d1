package city

import (
	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/spool"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
)

// Layer is a table that is held whole: its used rows in the order of their keys, and
// what the gate made of their geometries. nil is a table that was not read or not held.
type Layer struct {
	batches []table.Batch
	gates   []*survey.Gate // nil without polygons
	order   []table.Ref
}

// Rows are the used rows; of nil, none.
func (l *Layer) Rows() table.Rows {
	if l == nil {
		return table.Rows{}
	}
	return table.Rows{Batches: l.batches, Order: l.order}
}

// Text is a text column's value of the i-th used row; ok is false for null.
func (l *Layer) Text(column string, i int) (v string, ok bool) {
	r := l.order[i]
	c := l.batches[r.Batch].Text(column)
	if c.IsNull(int(r.Row)) {
		return "", false
	}
	return c.Value(int(r.Row)), true
}

// Shape is the WKB of the i-th used row, mended where the gate mended it.
func (l *Layer) Shape(i int) []byte {
	r := l.order[i]
	if l.gates == nil {
		return l.batches[r.Batch].Geometry().Value(int(r.Row))
	}
	return l.gates[r.Batch].Geometry(l.batches[r.Batch], int(r.Row))
}

// shapes are the WKB of all used rows, in order.
func (l *Layer) shapes() [][]byte {
	out := make([][]byte, len(l.order))
	for i := range out {
		out[i] = l.Shape(i)
	}
	return out
}

// Zones are the used zones in the order of their codes.
type Zones struct {
	*survey.Zones
	*Layer
}

// Parcels are the parcels of a city: batches with their facts, and the order of
// the used rows. Rows that are not in the order are not used.
type Parcels struct {
	Batches []table.Batch
	Facts   []*survey.Parcels // by batch
	Classes [][]codes.Class   // of each row's land use, strict; 0 where it says nothing
	Order   []table.Ref       // of the used rows, by code

	store *spool.Store
}

// Rows are the used parcels.
func (p *Parcels) Rows() table.Rows { return table.Rows{Batches: p.Batches, Order: p.Order} }

// LandUse are the used land-use polygons in the order of their ids, with the
// pieces zones make of them. Layer is nil without the table.
type LandUse struct {
	*Layer
	*survey.Pieces
	Entries []codes.Entry // of each used feature
}
