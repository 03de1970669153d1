package check

import (
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Space is which of the three spaces (三生空间) a piece of land belongs to.
type Space uint8

// The spaces.
const (
	Unassigned Space = iota
	Production
	Living
	Ecological
	spaces // how many there are
)

var spaceNames = [...]string{"unassigned", "production", "living", "ecological"}

// String is the space as layers write it.
func (s Space) String() string {
	if s < spaces {
		return spaceNames[s]
	}
	return spaceNames[Unassigned]
}

// SpaceOf is the space of a land use: industry and mining are production,
// residence and public services living, land that is not construction land
// ecological; land of class other lies where the rule lists its code, and land
// without a class nowhere. class is the strict one: the wide profile's public roads
// are not where people live.
func SpaceOf(class Class, standard, code string, rule *policy.Spaces) Space {
	switch class {
	case Industry:
		return Production
	case Residence, Public:
		return Living
	case NonConstruction:
		return Ecological
	case Other:
	default:
		return Unassigned
	}
	switch rule.Other(standard, code) {
	case policy.SpaceProduction:
		return Production
	case policy.SpaceLiving:
		return Living
	case policy.SpaceEcological:
		return Ecological
	}
	return Unassigned
}

// SpaceRow is the ground of a zone by space. The shares are of its ground that has
// a land use, in the order of the spaces from Unassigned on; null unless Evaluated.
type SpaceRow struct {
	Zone                                       int32
	Unassigned, Production, Living, Ecological unit.Area
	Uncovered                                  unit.Area
	Shares                                     [4]float64
	Evaluated                                  bool
}

// Spaces is the ground of every zone by space, by zone: zone, area and space are
// the pieces' columns, as in Pieces, zones the zones' areas.
func Spaces(zone []int32, area []unit.Area, space []Space, zones []unit.Area) []SpaceRow {
	rows := make([]SpaceRow, len(zones))
	sum := make([][spaces]unit.Area, len(zones))
	for i, z := range zone {
		if z < 0 || int(z) >= len(zones) || area[i] <= 0 {
			continue
		}
		s := space[i]
		if s >= spaces {
			s = Unassigned
		}
		sum[z][s] += area[i]
	}
	for i, s := range sum {
		covered := s[Unassigned] + s[Production] + s[Living] + s[Ecological]
		rows[i] = SpaceRow{
			Zone: int32(i), Unassigned: s[Unassigned], Production: s[Production], Living: s[Living],
			Ecological: s[Ecological], Uncovered: max(0, zones[i]-covered), Evaluated: covered > 0,
		}
		if covered > 0 {
			for k, a := range s {
				rows[i].Shares[k] = float64(a) / float64(covered)
			}
		}
	}
	return rows
}
