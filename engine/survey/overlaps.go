package survey

import (
	"context"
	"fmt"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/overlay"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// LeastOverlap is the area up to which two parcels count as neighbours whose
// borders were drawn twice: 1 m².
const LeastOverlap = unit.Area(10_000)

// Overlaps lists the pairs of used parcels that both claim more than
// [LeastOverlap] of ground, ordered by First, then Second: positions in rows.
// gates[i] is the gate of batch i. Few geometries are held at a time; the result
// does not depend on workers.
func Overlaps(ctx context.Context, rows table.Rows, gates []*Gate, workers int) ([]Overlap, error) {
	least := LeastOverlap.SquareMetres()
	found, err := overlay.Overlaps(rows.Len(), func(i int, g *wkb.Geometry) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, row := rows.At(i)
		return g.Parse(gates[batch].Geometry(rows.Batches[batch], row))
	}, least, workers)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("survey %s: find overlaps: %w", table.Parcels, err)
	}
	out := make([]Overlap, 0, len(found))
	for _, o := range found {
		if area, _ := unit.SquareMetres(o.Area); area > LeastOverlap {
			out = append(out, Overlap{o.First, o.Second, area})
		}
	}
	return out, nil
}
