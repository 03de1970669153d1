package engine

import (
	"errors"
	"math"

	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/unit"
)

// totals are sums over parcels by zone; one more for what lies outside all zones.
type totals struct {
	area    []unit.Area // official area, by share
	idle    []unit.Area
	parcels []int64 // whose largest share it is
}

// outside is the number of the total behind the zones'.
func (t *totals) outside() int { return len(t.area) - 1 }

// sum adds the used parcels up by zone. What lies in no zone, and shares too small
// to count, are outside.
// The error says that the areas are too large to add, as a wrong unit makes them.
func (r *results) sum() (*totals, error) {
	n := len(r.Zones.Codes) + 1
	t := &totals{area: make([]unit.Area, n), idle: make([]unit.Area, n), parcels: make([]int64, n)}
	for _, ref := range r.Parcels.Order {
		facts, row := r.Parcels.Facts[ref.Batch], int(ref.Row)
		isIdle := r.idle[ref.Batch].Kind[row] != detect.NotIdle
		left := facts.Official[row]
		zones, areas := facts.Shares(row)
		for k, zone := range zones {
			left -= areas[k]
			t.add(int(zone), areas[k], isIdle)
		}
		t.add(t.outside(), max(left, 0), isIdle)
		if zone := facts.Zone[row]; zone >= 0 {
			t.parcels[zone]++
		} else {
			t.parcels[t.outside()]++
		}
	}
	for _, sum := range t.area {
		if sum < 0 {
			return nil, errors.New("add up zones: the official areas of the parcels are too large to add; check the unit of recorded_area")
		}
	}
	return t, nil
}

// add adds an area; a sum that does not fit stays below 0, which no area is.
func (t *totals) add(zone int, area unit.Area, idle bool) {
	if t.area[zone] < 0 || t.area[zone] > math.MaxInt64-area {
		t.area[zone] = -1
		return
	}
	t.area[zone] += area
	if idle {
		t.idle[zone] += area
	}
}
