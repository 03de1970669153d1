package join_test

import (
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/unit"
)

func TestNetLandIsOwnedOccupiedAndLeasedInLessLeasedOut(t *testing.T) {
	r, p := town(t, 3, 3, nil)
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 600, "", ""),
		tenancy(t, "E0", "P0", "leased_out", 200, "", ""),
		tenancy(t, "E0", "P1", "occupied", 30, "", ""),
		tenancy(t, "E1", "P0", "leased_in", 200, "", ""),
		tenancy(t, "E1", "P1", "leased_out", 300, "", "")), p, r, 2024, false)
	same(t, "owned", l.Owned, []unit.Area{metres(600), 0, 0})
	same(t, "occupied", l.Occupied, []unit.Area{metres(30), 0, 0})
	same(t, "leased in", l.LeasedIn, []unit.Area{0, metres(200), 0})
	same(t, "leased out", l.LeasedOut, []unit.Area{metres(200), metres(300), 0})
	same(t, "net", l.Net, []unit.Area{metres(430), metres(-100), 0})
	same(t, "uses", l.Uses, []join.Use{
		{Enterprise: 0, Parcel: 0, Net: metres(400), Own: metres(600)},
		{Enterprise: 0, Parcel: 1, Net: metres(30), Own: metres(30)},
		{Enterprise: 1, Parcel: 0, Net: metres(200), LeasedIn: metres(200)},
		{Enterprise: 1, Parcel: 1, Net: metres(-300)},
	})
	same(t, "uses of the second", l.Of(1), l.Uses[2:])
	same(t, "uses of the third", l.Of(2), []join.Use{})
}

func TestATenancyCountsWhenItIsInForceOnTheLastDayOfTheYear(t *testing.T) {
	r, p := town(t, 1, 1, nil)
	for _, c := range []struct {
		from, to string
		counts   bool
	}{
		{"", "", true},
		{"2024-12-31", "", true},
		{"2025-01-01", "", false},
		{"", "2024-12-31", true},
		{"", "2024-12-30", false},
		{"2024-12-31", "2024-12-31", true},
		{"2024-01-01", "2024-12-30", false},
		{"2025-01-01", "2024-01-01", false},
	} {
		l := join.LandOn(tenanciesOf(t, r, p, tenancy(t, "E0", "P0", "leased_in", 7, c.from, c.to)), p, r, 2024, false)
		if got := l.Net[0] == metres(7); got != c.counts || len(l.Uses) == 1 != c.counts {
			t.Errorf("from %q to %q counts: %t, want %t", c.from, c.to, got, c.counts)
		}
	}
}

func TestByMonthsATenancyCountsForTheMonthsOnWhoseLastDayItIsInForce(t *testing.T) {
	r, p := town(t, 1, 1, nil)
	for _, c := range []struct {
		from, to string
		area     float64
		want     unit.Area
	}{
		{"", "", 1200, metres(1200)},
		{"2024-07-01", "", 1200, metres(600)},
		{"2024-07-31", "", 1200, metres(600)},
		{"2024-08-01", "", 1200, metres(500)},
		{"2024-12-31", "", 1200, metres(100)},
		{"", "2024-02-28", 1200, metres(100)}, // 2024 is a leap year
		{"", "2024-02-29", 1200, metres(200)},
		{"2024-03-01", "2024-03-30", 1200, 0},
		{"2023-01-01", "2023-12-31", 1200, 0},
		{"", "2024-01-31", 0.0006, 1}, // half of 1e-4 m² is rounded up, once
		{"", "2024-01-31", 0.0005, 0},
	} {
		l := join.LandOn(tenanciesOf(t, r, p, tenancy(t, "E0", "P0", "owned", c.area, c.from, c.to)), p, r, 2024, true)
		if l.Owned[0] != c.want {
			t.Errorf("%v m² from %q to %q: %d, want %d", c.area, c.from, c.to, l.Owned[0], c.want)
		}
	}
}

func TestAParcelWithoutAnOwnerOrOccupierIsItsHolders(t *testing.T) {
	r, p := town(t, 3, 6, map[int]string{0: "E0", 1: "E0", 2: "E0", 3: "E0", 4: "E0", 5: "E9"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P3", "leased_out", 250, "", ""), // holds the rest
		tenancy(t, "E1", "P0", "owned", 900, "", ""),      // owned by another
		tenancy(t, "E1", "P1", "occupied", 1, "", ""),     // occupied by another
		tenancy(t, "E1", "P3", "leased_in", 250, "", ""),
		tenancy(t, "E1", "P4", "owned", 1000, "", "2023-12-31")), p, r, 2024, false) // not any more
	same(t, "owned", l.Owned, []unit.Area{metres(3000), metres(900), 0})
	same(t, "uses", l.Of(0), []join.Use{
		{Parcel: 2, Net: metres(1000), Own: metres(1000)},
		{Parcel: 3, Net: metres(750), Own: metres(1000)},
		{Parcel: 4, Net: metres(1000), Own: metres(1000)},
	})
	same(t, "the year before", join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E1", "P4", "owned", 1000, "", "2023-12-31")), p, r, 2023, false).Owned, []unit.Area{metres(4000), metres(1000), 0})
	same(t, "without tenancies", join.LandOn(nil, p, r, 2024, false).Owned, []unit.Area{metres(5000), 0, 0})
	p.Holders = nil
	same(t, "without holders", join.LandOn(nil, p, r, 2024, false).Owned, []unit.Area{0, 0, 0})
}

func TestByMonthsTheHolderOwnsForTheWholeYearOrNotAtAll(t *testing.T) {
	r, p := town(t, 2, 3, map[int]string{0: "E0", 1: "E0", 2: "E0"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E1", "P0", "owned", 1200, "", "2024-01-31"),
		tenancy(t, "E1", "P1", "owned", 1200, "2024-03-02", "2024-03-30"), // on no month's last day
		tenancy(t, "E1", "P2", "leased_in", 1200, "", "2024-01-31")), p, r, 2024, true)
	same(t, "owned", l.Owned, []unit.Area{metres(2000), metres(100)})
}

func TestLandOnARejectedParcelCounts(t *testing.T) {
	r, p := town(t, 1, 2, nil)
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P1", "owned", 100, "", ""), tenancy(t, "E0", "R0", "owned", 40, "", ""), tenancy(t, "E0", "R1", "owned", 2, "", "")), p, r, 2024, false)
	same(t, "net", l.Net, []unit.Area{metres(142)})
	same(t, "on", []int32{l.Uses[0].Parcel, l.Uses[1].Parcel, l.Uses[2].Parcel}, []int32{1, 2, 3})
}

func TestAParcelIsOverLetAboveItsOfficialAreaAndHalfAPercent(t *testing.T) {
	r, p := town(t, 2, 5, map[int]string{3: "E0", 4: "E9"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 1005, "", ""),
		tenancy(t, "E0", "P1", "owned", 1005.0001, "", ""),
		tenancy(t, "E1", "P2", "owned", 600, "", ""),
		tenancy(t, "E9", "P2", "owned", 405.0001, "", ""), // strangers count
		tenancy(t, "E1", "P3", "leased_in", 6, "", ""),    // beside the holder
		tenancy(t, "E1", "P4", "leased_in", 6, "", "")), p, r, 2024, false)
	same(t, "over let", l.OverLet, []bool{false, true, true, true, true})
	same(t, "net on them", l.NetOn, []unit.Area{metres(1005), 10_050_001, 10_050_001, metres(1006), metres(1006)})
}

func TestLeasesThatBothSidesReportAreNotOverLet(t *testing.T) {
	r, p := town(t, 2, 1, map[int]string{0: "E0"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "leased_out", 900, "", ""), tenancy(t, "E1", "P0", "leased_in", 900, "", "")), p, r, 2024, false)
	same(t, "over let", l.OverLet, []bool{false})
	same(t, "net", l.Net, []unit.Area{metres(100), metres(900)})
}

func TestAStrangerIsOneOutsideTheRegisterWithPositiveNetLand(t *testing.T) {
	r, p := town(t, 2, 7, map[int]string{3: "E9", 4: "E9", 5: "E0", 6: "E8"})
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E0", "P0", "owned", 500, "", ""),
		tenancy(t, "E7", "P1", "owned", 500, "", ""), // lets all of it
		tenancy(t, "E7", "P1", "leased_out", 500, "", ""),
		tenancy(t, "E8", "P1", "leased_out", 500, "", ""),
		tenancy(t, "E9", "P4", "leased_out", 1000, "", ""), // the holder lets all of it
		row{"name": "a stranger", "parcel_code": "P2", "kind": "leased_in", "area": 1.0}), p, r, 2024, false)
	same(t, "stranger", l.Stranger, []bool{false, false, true, true, false, false, true})
	same(t, "net", l.Net, []unit.Area{metres(1500), 0})
}

func TestTwoStrangersAreNotOne(t *testing.T) {
	r, p := town(t, 1, 2, nil)
	l := join.LandOn(tenanciesOf(t, r, p,
		tenancy(t, "E7", "P0", "leased_out", 500, "", ""), tenancy(t, "E8", "P0", "leased_in", 500, "", ""),
		row{"name": "ｘ（1）", "parcel_code": "P1", "kind": "owned", "area": 500.0},
		row{"name": "X (1)", "parcel_code": "P1", "kind": "leased_out", "area": 500.0}), p, r, 2024, false)
	same(t, "stranger", l.Stranger, []bool{true, false})
}

func TestSumsThatDoNotFitAreHeldAtTheLargestArea(t *testing.T) {
	r, p := town(t, 2, 1, nil)
	var rows []row
	for range 12_000 {
		rows = append(rows, tenancy(t, "E0", "P0", "owned", 5e11, "", ""), tenancy(t, "E0", "P0", "leased_out", 5e11, "", ""))
		rows = append(rows, tenancy(t, "E1", "P0", "leased_out", 5e11, "", ""))
	}
	rows = append(rows, tenancy(t, "E0", "P0", "leased_in", 3, "", ""))
	l := join.LandOn(tenanciesOf(t, r, p, rows...), p, r, 2024, false)
	same(t, "owned", l.Owned, []unit.Area{unit.MaxArea, 0})
	same(t, "net, exact all the same", l.Net, []unit.Area{metres(3), -unit.MaxArea})
	same(t, "on the parcel", l.Uses[0].Net, metres(3))
}

func TestYearsOutsideTheCalendarDoNoHarm(t *testing.T) {
	r, p := town(t, 1, 1, nil)
	n := tenanciesOf(t, r, p, tenancy(t, "E0", "P0", "owned", 1, "2024-01-01", ""))
	for _, year := range []int{-1 << 40, -1, 0, 1} {
		same(t, "land", join.LandOn(n, p, r, year, true).Net, []unit.Area{0})
	}
	same(t, "land", join.LandOn(n, p, r, 1<<40, true).Net, []unit.Area{metres(1)})
}
