package join_test

import (
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

func TestTenanciesAreJoinedWithEnterprisesAndParcels(t *testing.T) {
	r, p := town(t, 3, 3, nil)
	got := tenanciesOf(t, r, p,
		tenancy(t, "E0", "P2", "owned", 12.5, "2020-01-01", ""),
		tenancy(t, "E2", "P0", "occupied", 3, "", "2024-12-31"),
		tenancy(t, "E2", "R1", "leased_in", 4, "", ""),
		tenancy(t, "E9", "P1", "leased_out", 5, "", ""))
	same(t, "enterprises", got.Enterprise, []int32{0, 2, 2, -1})
	same(t, "parcels", got.Parcel, []int32{2, 0, 4, 1})
	same(t, "kinds", got.Kind, []join.Kind{join.Owned, join.Occupied, join.LeasedIn, join.LeasedOut})
	same(t, "areas", got.Area, []unit.Area{125_000, 30_000, 40_000, 50_000})
	same(t, "from", got.From, []unit.Date{day(t, "2020-01-01"), join.Always, join.Always, join.Always})
	same(t, "to", got.To, []unit.Date{join.Forever, day(t, "2024-12-31"), join.Forever, join.Forever})
	same(t, "codes", []string{p.Code(got.Parcel[0]), p.Code(got.Parcel[2])}, []string{"P2", "R1"})
	same(t, "unmatched", got.Matches.Unmatched, []join.Unmatched{{Row: 3, Code: "E9", Reason: join.UnknownCode}})
}

func TestATenancyWithoutAnAreaTakesItsParcelsWhenItIsTheOnlyOne(t *testing.T) {
	r, p := town(t, 2, 2, nil)
	got, refused := join.NewTenancies(rowsOf(t, table.Tenancies, []row{
		tenancy(t, "E0", "P0", "owned", -1, "", ""),
		tenancy(t, "E0", "P1", "owned", -1, "1990-01-01", "1999-01-01"), // however long past the other is
		tenancy(t, "E1", "P1", "owned", 400, "2000-01-01", ""),
	}), r, p)
	same(t, "rows", got.Row, []int32{0, 2})
	same(t, "areas", got.Area, []unit.Area{metres(1000), metres(400)})
	same(t, "refused", refused, []join.Refused{{Row: 1, Column: "area", Reason: join.AreaMissing}})
}

func TestTenanciesThatCannotBeUsedAreRefusedWithTheReason(t *testing.T) {
	r, p := town(t, 2, 2, nil)
	below := tenancy(t, "E0", "P0", "owned", 0, "", "")
	below["area"] = -0.00001
	got, refused := join.NewTenancies(rowsOf(t, table.Tenancies, []row{
		tenancy(t, "E0", "X", "owned", 5, "", ""),
		below,
		tenancy(t, "E0", "P1", "owned", 1e300, "", ""),
		tenancy(t, "E0", "R0", "owned", -1, "", ""), // a rejected parcel has no area to take
		tenancy(t, "E0", "P1", "rented", 7, "", ""),
		tenancy(t, "E0", "P1", "owned", 0, "", ""),
		{"name": "nobody", "parcel_code": "X", "kind": "owned"},
	}), r, p)
	same(t, "rows", got.Row, []int32{5})
	same(t, "refused", refused[:2], []join.Refused{
		{Row: 0, Column: "parcel_code", Value: "X", Reason: join.UnknownParcel}, {Row: 1, Column: "area", Value: "-0.00001", Reason: join.OutOfRange},
	})
	for i, want := range []join.Refused{
		{Row: 2, Column: "area", Reason: join.OutOfRange}, {Row: 3, Column: "area", Reason: join.AreaMissing},
		{Row: 4, Column: "kind", Reason: join.UnknownKind}, {Row: 6, Column: "parcel_code", Reason: join.UnknownParcel},
	} {
		if got := refused[2+i]; got.Row != want.Row || got.Column != want.Column || got.Reason != want.Reason {
			t.Errorf("refused %+v, want %+v", got, want)
		}
	}
	same(t, "a refused row is not listed as unmatched too", len(got.Matches.Unmatched), 0)
}

func TestTenanciesAreTheSameOnceRefusedRowsAreOut(t *testing.T) {
	r, p := town(t, 2, 3, nil)
	given := []row{
		tenancy(t, "E0", "P0", "owned", -1, "", ""), tenancy(t, "E0", "P1", "owned", -1, "", ""),
		tenancy(t, "E1", "P1", "leased_in", 5, "", ""), tenancy(t, "E1", "X", "leased_in", 5, "", ""),
	}
	all, refused := join.NewTenancies(rowsOf(t, table.Tenancies, given), r, p)
	same(t, "refused", len(refused), 2)
	again := tenanciesOf(t, r, p, given[0], given[2])
	same(t, "areas", again.Area, all.Area)
	same(t, "parcels", again.Parcel, all.Parcel)
}

func TestATenancyWithoutACodeIsMatchedByName(t *testing.T) {
	r, p := town(t, 3, 1, nil)
	got := tenanciesOf(t, r, p,
		row{"name": "Name 1", "parcel_code": "P0", "kind": "owned", "area": 1.0},
		row{"name": "NAME1", "parcel_code": "P0", "kind": "leased_out", "area": 1.0},
		row{"name": "name 7", "parcel_code": "P0", "kind": "leased_in", "area": 1.0})
	same(t, "enterprises", got.Enterprise, []int32{1, 1, -1})
	same(t, "by name", got.Matches.ByName, []join.NameMatch{{Row: 0, Enterprise: 1, Name: "Name 1"}, {Row: 1, Enterprise: 1, Name: "NAME1"}})
	same(t, "unmatched", got.Matches.Unmatched, []join.Unmatched{{Row: 2, Name: "name 7", Reason: join.UnknownName}})
}

func TestNoTenanciesAtAllAreNone(t *testing.T) {
	r, p := town(t, 1, 1, nil)
	got, refused := join.NewTenancies(table.Rows{}, r, p)
	if got.Len() != 0 || refused != nil {
		t.Errorf("%+v %+v", got, refused)
	}
}
