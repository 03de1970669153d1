package survey_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestGroundInTwoZonesIsTheOnesWhoseCodeComesFirst(t *testing.T) {
	a, b := box(113, 31, 113.02, 31.02), box(113.01, 31, 113.03, 31.02)
	z := zonesOf(t, []string{"A", "B"}, a, b)
	left := box(113.02, 31, 113.03, 31.02)
	if z.Area[0] != area(a) || z.Area[1] != area(left) {
		t.Errorf("areas %v, want %d and %d", z.Area, area(a), area(left))
	}
	common := area(box(113.01, 31, 113.02, 31.02))
	if want := []survey.Overlap{{First: 0, Second: 1, Area: common}}; !slices.Equal(z.Overlaps, want) {
		t.Errorf("overlaps %v, want %v", z.Overlaps, want)
	}
	p := surveyed(t, z, unrecorded(box(113.012, 31.01, 113.018, 31.011)), unrecorded(box(113.016, 31.01, 113.026, 31.011)))
	if in, areas := p.Shares(0); !slices.Equal(in, []int32{0}) || areas[0] != p.Official[0] {
		t.Errorf("a parcel in the overlap: zones %v with %v of %d", in, areas, p.Official[0])
	}
	if in, areas := p.Shares(1); !slices.Equal(in, []int32{0, 1}) || p.Share[1] != 600_000 || areas[0]+areas[1] != p.Official[1] {
		t.Errorf("a parcel across: zones %v with %v of %d, largest %d", in, areas, p.Official[1], p.Share[1])
	}
}

func TestAZoneUnderAnEarlierOneHasNoGround(t *testing.T) {
	z := zonesOf(t, []string{"A", "B", "C"},
		box(113, 31, 113.02, 31.02), box(113.005, 31.005, 113.01, 31.01), box(113.02, 31, 113.04, 31.02))
	if z.Area[1] != 0 || z.Area[0] == 0 || z.Area[2] == 0 || len(z.Overlaps) != 1 {
		t.Errorf("areas %v, overlaps %v", z.Area, z.Overlaps)
	}
	p := surveyed(t, z, unrecorded(box(113.006, 31.006, 113.007, 31.007)))
	if in, _ := p.Shares(0); !slices.Equal(in, []int32{0}) || p.Zone[0] != 0 {
		t.Errorf("a parcel in the zone below: zones %v, want the one above", in)
	}
	found, err := survey.LandUse([][]byte{box(113.004, 31.004, 113.011, 31.011).Append(nil)}, z, 1)
	if err != nil || len(found.Pieces) != 1 || found.Pieces[0].Zone != 0 {
		t.Errorf("land use over the zone below: %+v, %v", found, err)
	}
}

func TestAHoleInAZoneIsOutsideIt(t *testing.T) {
	ring := box(113, 31, 113.03, 31.03)
	hole := box(113.01, 31.01, 113.02, 31.02)
	for i := 0; i < len(hole.XY); i += 2 {
		ring.XY = append(ring.XY, hole.XY[len(hole.XY)-2-i], hole.XY[len(hole.XY)-1-i])
	}
	ring.Parts = nil
	ring.EndRing()
	ring.EndPart()
	z := zonesOf(t, []string{"A"}, ring)
	if want := area(box(113, 31, 113.03, 31.03)) - area(hole); z.Area[0]-want > 1 || want-z.Area[0] > 1 {
		t.Errorf("area %d, want %d", z.Area[0], want)
	}
	p := surveyed(t, z, unrecorded(box(113.012, 31.012, 113.018, 31.018)), unrecorded(box(113.018, 31.012, 113.022, 31.018)))
	if p.Zone[0] != -1 || p.Zone[1] != 0 || p.Share[1] != 500_000 {
		t.Errorf("in the hole zone %d; half in it zone %d with %d", p.Zone[0], p.Zone[1], p.Share[1])
	}
}

func TestZonesAreKnownByTheirCodes(t *testing.T) {
	z := sideBySide(t, "A", "B")
	for code, want := range map[string]int32{"A": 0, "B": 1, "": -1, "a": -1, "C": -1} {
		if got := z.Number(code); got != want {
			t.Errorf("zone %q has number %d, want %d", code, got, want)
		}
	}
}

func TestAZoneThatIsNoWKBIsAnErrorWithItsCode(t *testing.T) {
	_, err := survey.NewZones([]string{"A", "B"}, [][]byte{box(113, 31, 114, 32).Append(nil), {1, 3}}, 1)
	if err == nil || !strings.Contains(err.Error(), "zones/B") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line that names zones/B", err)
	}
}

// landUse cuts shapes to zones on one and on four goroutines and wants the same.
func landUse(t *testing.T, z *survey.Zones, shapes ...*wkb.Geometry) *survey.Pieces {
	t.Helper()
	var raw [][]byte
	for _, g := range shapes {
		raw = append(raw, g.Append(nil))
	}
	one, err := survey.LandUse(raw, z, 1)
	if err != nil {
		t.Fatal(err)
	}
	four, err := survey.LandUse(raw, z, 4)
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b survey.Piece) bool {
		return a.Feature == b.Feature && a.Zone == b.Zone && a.Area == b.Area && string(a.WKB) == string(b.WKB)
	}
	if !slices.EqualFunc(one.Pieces, four.Pieces, same) || !slices.Equal(one.Overlaps, four.Overlaps) {
		t.Errorf("one goroutine gives %+v, four %+v", one, four)
	}
	return one
}

// sums are the pieces' areas by feature and zone.
func sums(p *survey.Pieces) map[[2]int32]unit.Area {
	out := map[[2]int32]unit.Area{}
	for _, one := range p.Pieces {
		out[[2]int32{one.Feature, one.Zone}] += one.Area
	}
	return out
}

func TestGroundUnderTwoPolygonsCountsOnceForTheFirst(t *testing.T) {
	z := sideBySide(t, "A", "B")
	first, second := box(113.49, 31.1, 113.51, 31.11), box(113.505, 31.1, 113.52, 31.11)
	p := landUse(t, z, first, second, box(113.506, 31.101, 113.507, 31.102), box(115, 31, 115.1, 31.1))
	want := map[[2]int32]unit.Area{
		{0, 0}: area(box(113.49, 31.1, border, 31.11)),
		{0, 1}: area(box(border, 31.1, 113.51, 31.11)),
		{1, 1}: area(box(113.51, 31.1, 113.52, 31.11)),
	}
	got := sums(p)
	for at, w := range want {
		if g := got[at]; g-w > 1 || w-g > 1 {
			t.Errorf("feature %d in zone %d: %d, want %d", at[0], at[1], g, w)
		}
		delete(got, at)
	}
	if len(got) > 0 {
		t.Errorf("pieces that should not be: %v", got)
	}
	overlap, buried := area(box(113.505, 31.1, 113.51, 31.11)), area(box(113.506, 31.101, 113.507, 31.102))
	wantOverlaps := []survey.Overlap{{First: 0, Second: 1, Area: overlap}, {First: 0, Second: 2, Area: buried}, {First: 1, Second: 2, Area: buried}}
	if !slices.Equal(p.Overlaps, wantOverlaps) {
		t.Errorf("overlaps %v, want %v", p.Overlaps, wantOverlaps)
	}
	if !slices.IsSortedFunc(p.Pieces, func(a, b survey.Piece) int { return int(2*(a.Feature-b.Feature) + a.Zone - b.Zone) }) {
		t.Error("the pieces are not sorted by feature and zone")
	}
}

func TestAPolygonWhollyInAZoneIsItsOwnPiece(t *testing.T) {
	g := box(113.2, 31.1, 113.21, 31.11)
	p := landUse(t, sideBySide(t, "A", "B"), g)
	if len(p.Pieces) != 1 || string(p.Pieces[0].WKB) != string(g.Append(nil)) || p.Pieces[0].Area != area(g) {
		t.Errorf("pieces %+v", p.Pieces)
	}
}

func TestPiecesLeaveWhatNothingCovers(t *testing.T) {
	z := sideBySide(t, "A", "B")
	p := landUse(t, z, box(112.9, 30.9, 113.25, 32.1), box(113.25, 31, 113.3, 31.5))
	covered := unit.Area(0)
	for _, one := range p.Pieces {
		if one.Zone == 0 {
			covered += one.Area
		}
	}
	want := area(box(113.3, 31, border, 31.5)) + area(box(113.25, 31.5, border, 32))
	if left := z.Area[0] - covered; left-want > 10 || want-left > 10 {
		t.Errorf("uncovered %d, want %d", left, want)
	}
}
