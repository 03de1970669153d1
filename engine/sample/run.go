package sample

import (
	"context"
	"runtime"

	"github.com/muscope-gis/muscope/engine/table"
)

// runParcels is about how many parcels are drawn and written at a time.
const runParcels = 1 << 13

// run is the rows of a stretch of cells, ready to be written.
type run struct {
	parcels int
	pieces  []named
}

type named struct {
	table string
	piece piece
}

// runs hands out the stretches of cells in order, each as a promise of its rows:
// as many are drawn at once as there are processors. The channel is closed at the
// end, or early when the context is done.
func (p *plan) runs(ctx context.Context, to files) <-chan chan run {
	workers := runtime.GOMAXPROCS(0)
	promises := make(chan chan run, workers)
	idle := make(chan *drawer, workers)
	for range workers {
		idle <- newDrawer(p)
	}
	go func() {
		defer close(promises)
		for from := 0; from < len(p.cells); {
			end := p.stretch(from)
			var d *drawer
			select {
			case d = <-idle:
			case <-ctx.Done():
				return
			}
			promise := make(chan run, 1)
			go func(from int) {
				promise <- d.run(from, end, to)
				idle <- d
			}(from)
			select {
			case promises <- promise:
			case <-ctx.Done():
				return
			}
			from = end
		}
	}()
	return promises
}

// stretch is where the run of cells from one on ends.
func (p *plan) stretch(from int) int {
	end := from
	for end < len(p.cells) && end-from < runParcels && p.firstParcel[end]-p.firstParcel[from] < runParcels {
		end++
	}
	return end
}

// run draws cells and makes their rows ready.
func (d *drawer) run(from, end int, to files) run {
	r := run{parcels: int(d.firstParcel[end] - d.firstParcel[from])}
	h := newHarvest(r.parcels + r.parcels/8)
	d.harvest = h
	for at := from; at < end; at++ {
		d.cell(at)
	}
	for _, b := range [...]*table.Builder{
		h.parcels, h.landUse, h.enterprises, h.tenancies, h.output, h.tax, h.energy, h.emissions, h.adjustments,
	} {
		batch := b.Batch()
		name := batch.Schema.Name
		r.pieces = append(r.pieces, named{name, to[name].encode(batch)})
	}
	d.harvest = nil
	return r
}
