package read

import (
	"sync"

	"github.com/muscope-gis/muscope/engine/table"
)

// ordered collects numbered batches that arrive in any order.
type ordered struct {
	mu  sync.Mutex
	got []table.Batch
}

func (o *ordered) put(number int, b table.Batch) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.got) <= number {
		o.got = append(o.got, table.Batch{})
	}
	o.got[number] = b
	return nil
}

func (o *ordered) batches() []table.Batch {
	out := o.got[:0]
	for _, b := range o.got {
		if b.Rows() > 0 {
			out = append(out, b)
		}
	}
	return out
}
