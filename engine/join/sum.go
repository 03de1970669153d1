package join

import "github.com/muscope-gis/muscope/engine/unit"

// sum adds up to 2^31 areas of any size exactly, whatever their order: the upper and
// the lower halves of the numbers apart, since the areas of a wrong table may not fit
// an Area together.
type sum struct{ upper, lower int64 }

func (s *sum) add(a unit.Area) {
	s.upper += int64(a) >> 32
	s.lower += int64(a) & 0xffffffff
}

func (s *sum) subtract(a unit.Area) {
	s.upper -= int64(a) >> 32
	s.lower -= int64(a) & 0xffffffff
}

func (s *sum) join(o sum) {
	s.upper += o.upper
	s.lower += o.lower
}

func (s *sum) leave(o sum) {
	s.upper -= o.upper
	s.lower -= o.lower
}

// area is the sum, held within ±[unit.MaxArea].
func (s sum) area() unit.Area {
	const most = int64(unit.MaxArea) >> 32
	upper := s.upper + s.lower>>32
	switch {
	case upper > most:
		return unit.MaxArea
	case upper < -most-1:
		return -unit.MaxArea
	}
	return max(min(unit.Area(upper<<32|s.lower&0xffffffff), unit.MaxArea), -unit.MaxArea)
}
