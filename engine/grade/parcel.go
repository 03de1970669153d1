package grade

import "github.com/muscope-gis/muscope/engine/unit"

// OfParcel is the grade of a parcel with these uses, by enterprise, and whose it is:
// that of the graded enterprise with the largest net land, the worse on a tie; without
// a graded one T when the largest is exempt; else none, of −1. Uses without positive
// net land do not count. final are the grades of all enterprises.
func OfParcel(uses []Use, final []Grade) (g Grade, of int32) {
	var best, largest unit.Area
	exempt := int32(-1)
	of = -1
	for _, u := range uses {
		if u.Net <= 0 {
			continue
		}
		have := final[u.Enterprise]
		if letter(have) && (u.Net > best || u.Net == best && have > g) {
			best, g, of = u.Net, have, u.Enterprise
		}
		if u.Net > largest {
			largest, exempt = u.Net, -1
		}
		if u.Net == largest && have == T && exempt < 0 {
			exempt = u.Enterprise
		}
	}
	if of < 0 && exempt >= 0 {
		return T, exempt
	}
	return g, of
}
