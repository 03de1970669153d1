package engine

import (
	"math"
	"testing"

	"github.com/muscope-gis/muscope/engine/unit"
)

func TestAreasTooLargeToAddAreSeenAndNeverTurnNegativeUnseen(t *testing.T) {
	s := &totals{area: make([]unit.Area, 1), idle: make([]unit.Area, 1)}
	for range 3 {
		s.add(0, math.MaxInt64/2, true)
	}
	s.add(0, 1, false)
	if s.area[0] >= 0 {
		t.Errorf("three halves of all there is add up to %d", s.area[0])
	}
}
