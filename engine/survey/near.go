package survey

import (
	"fmt"
	"math"
	"sync"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/measure"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// Near is a parcel within the limit of a control line: the distance on the
// ellipsoid, boundary to boundary, 0 where they touch or overlap.
type Near struct {
	Row         int32 // of the batch
	Line        int32 // position among the lines
	Millimetres int64
}

// Lines are control lines (river banks, parks, boundaries) prepared for distances.
// They may be asked from many goroutines. They are facts for buffer rules; a run
// whose policies have none does not ask for them.
type Lines struct {
	index  *measure.Index
	gauges sync.Pool
}

type ruler struct {
	g       wkb.Geometry
	scratch measure.Scratch
	hits    []measure.Hit
}

// NewLines prepares control lines of any type, given as WKB in ascending order of
// their ids.
func NewLines(shapes [][]byte) (*Lines, error) {
	features := make([]*wkb.Geometry, len(shapes))
	for i, raw := range shapes {
		features[i] = &wkb.Geometry{}
		if err := features[i].Parse(raw); err != nil {
			return nil, fmt.Errorf("survey control_lines: feature %d: %w", i+1, err)
		}
	}
	return &Lines{index: measure.NewIndex(features), gauges: sync.Pool{New: func() any { return new(ruler) }}}, nil
}

// Near lists the lines nearer to each parcel of a batch than limit metres, by row
// and then line. Rows whose geometry was refused have none.
func (l *Lines) Near(b table.Batch, gate *Gate, limit float64) ([]Near, error) {
	r := l.gauges.Get().(*ruler)
	defer l.gauges.Put(r)
	var out []Near
	for row := range b.Rows() {
		if gate.State[row] == Refused {
			continue
		}
		if err := r.g.Parse(gate.Geometry(b, row)); err != nil {
			return nil, fmt.Errorf("survey %s: row %d: %w", b.Schema.Name, row+1, err)
		}
		r.hits = l.index.Within(&r.g, limit, &r.scratch, r.hits[:0])
		for _, h := range r.hits {
			out = append(out, Near{int32(row), int32(h.Feature), int64(math.Round(h.Metres * 1000))})
		}
	}
	return out, nil
}
