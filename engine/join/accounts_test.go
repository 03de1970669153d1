package join_test

import (
	"testing"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/table"
)

// namesakes is a register in which two enterprises share a name.
func namesakes() *join.Register {
	return join.NewRegister([]string{"E1", "E2", "E3", "E5"}, []string{"甲（一）有限公司", "甲(一)有限公司", "乙有限公司", "丙"})
}

func TestAccountsAreFoundByCodeAndYear(t *testing.T) {
	r := namesakes()
	a := join.NewAccounts(rowsOf(t, table.Tax, []row{
		{"credit_code": "E1", "year": 2023}, {"credit_code": "E1", "year": 2024}, {"credit_code": "E3", "year": 2024},
		{"credit_code": "E4", "year": 2024}, {"credit_code": "E5", "year": 2023},
	}), r)
	same(t, "2024", a.Of(2024), []int32{1, -1, 2, -1})
	same(t, "2023", a.Of(2023), []int32{0, -1, -1, 4})
	same(t, "2022", a.Of(2022), []int32{-1, -1, -1, -1})
	same(t, "enterprises", a.Enterprise, []int32{0, 0, 2, -1, 3})
	same(t, "unmatched", a.Unmatched, []join.Unmatched{{Row: 3, Code: "E4", Reason: join.UnknownCode}})
	same(t, "by name", a.ByName, []join.NameMatch{})
}

func TestARowWithoutACodeIsMatchedByItsNormalisedName(t *testing.T) {
	a := join.NewAccounts(rowsOf(t, table.Tax, []row{{"name": "乙有限责任公司 ", "year": 2024}}), namesakes())
	same(t, "2024", a.Of(2024), []int32{-1, -1, 0, -1})
	same(t, "by name", a.ByName, []join.NameMatch{{Row: 0, Enterprise: 2, Name: "乙有限责任公司 "}})
}

func TestARowWithAnUnknownCodeIsNotMatchedByItsName(t *testing.T) {
	a := join.NewAccounts(rowsOf(t, table.Tax, []row{{"credit_code": "E9", "name": "乙有限公司", "year": 2024}}), namesakes())
	same(t, "2024", a.Of(2024), []int32{-1, -1, -1, -1})
	same(t, "unmatched", a.Unmatched, []join.Unmatched{{Row: 0, Code: "E9", Reason: join.UnknownCode}})
}

func TestANameMatchesOnlyWhenOneCandidateIsLeftInTheYear(t *testing.T) {
	a := join.NewAccounts(rowsOf(t, table.Tax, []row{
		{"credit_code": "E1", "year": 2024},
		{"name": "丁", "year": 2024},
		{"name": "甲（一）有限公司", "year": 2023}, // E1 and E2
		{"name": "甲（一）有限公司", "year": 2024}, // E1 has its row
	}), namesakes())
	same(t, "2024", a.Of(2024), []int32{0, 3, -1, -1})
	same(t, "2023", a.Of(2023), []int32{-1, -1, -1, -1})
	same(t, "unmatched", a.Unmatched, []join.Unmatched{
		{Row: 1, Name: "丁", Reason: join.UnknownName},
		{Row: 2, Name: "甲（一）有限公司", Reason: join.SeveralCandidates, Candidates: []int32{0, 1}},
	})
}

func TestAnEnterpriseNeverHasTwoRowsOfAYear(t *testing.T) {
	a := join.NewAccounts(rowsOf(t, table.Tax, []row{
		{"credit_code": "E5", "year": 2024},
		{"name": "丙", "year": 2024},     // E5 has its row
		{"name": "乙有限公司", "year": 2024}, // takes E3
		{"name": "乙有限责任公司", "year": 2023},
		{"name": "乙有限责任公司", "year": 2024}, // E3 is taken by name
	}), namesakes())
	same(t, "2024", a.Of(2024), []int32{-1, -1, 2, 0})
	same(t, "2023", a.Of(2023), []int32{-1, -1, 3, -1})
	same(t, "unmatched", a.Unmatched, []join.Unmatched{
		{Row: 1, Name: "丙", Reason: join.NoneLeft, Candidates: []int32{3}},
		{Row: 4, Name: "乙有限责任公司", Reason: join.NoneLeft, Candidates: []int32{2}},
	})
}

func TestARowWithNeitherCodeNorNameIsListedAsNameless(t *testing.T) {
	a := join.NewAccounts(rowsOf(t, table.Tax, []row{{"year": 2024}, {"name": "　", "year": 2024}}), namesakes())
	same(t, "unmatched", a.Unmatched, []join.Unmatched{{Row: 0, Reason: join.Nameless}, {Row: 1, Name: "　", Reason: join.Nameless}})
}

func TestAnEnterpriseMayHaveSeveralAdjustmentsInAYear(t *testing.T) {
	a := join.NewAccounts(rowsOf(t, table.Adjustments, []row{
		{"credit_code": "E3", "year": 2024, "kind": "bonus"}, {"name": "乙有限公司", "year": 2024, "kind": "bonus"},
		{"name": "乙有限公司", "year": 2024, "kind": "veto"}, {"name": "甲(一)有限公司", "year": 2024, "kind": "veto"},
	}), namesakes())
	same(t, "enterprises", a.Enterprise, []int32{2, 2, 2, -1})
	same(t, "unmatched", a.Unmatched, []join.Unmatched{
		{Row: 3, Name: "甲(一)有限公司", Reason: join.SeveralCandidates, Candidates: []int32{0, 1}},
	})
}

func TestOfTwoRowsOfAYearTheFirstIsTaken(t *testing.T) {
	a := join.NewAccounts(rowsOf(t, table.Tax, []row{{"credit_code": "E1", "year": 2024}, {"credit_code": "E1", "year": 2024}}), namesakes())
	same(t, "2024", a.Of(2024), []int32{0, -1, -1, -1})
}

func TestATableWithoutRowsHasNoAccounts(t *testing.T) {
	a := join.NewAccounts(table.Rows{}, namesakes())
	same(t, "2024", a.Of(2024), []int32{-1, -1, -1, -1})
	same(t, "without a register", join.NewAccounts(table.Rows{}, join.NewRegister(nil, nil)).Of(2024), []int32{})
}

func TestCodesOutOfOrderAreFoundToo(t *testing.T) {
	var given []row
	for i := range 600 {
		given = append(given, row{"credit_code": code(i * 7 % 600), "year": 2024})
	}
	var codes []string
	for i := range 500 {
		codes = append(codes, code(i))
	}
	a := join.NewAccounts(rowsOf(t, table.Tax, given), join.NewRegister(codes, make([]string, len(codes))))
	for i, e := range a.Enterprise {
		want := int32(i * 7 % 600)
		if want >= 500 {
			want = -1
		}
		if e != want {
			t.Fatalf("row %d is of enterprise %d, want %d", i, e, want)
		}
	}
	if len(a.Unmatched) != 100 {
		t.Errorf("%d unmatched", len(a.Unmatched))
	}
}

func TestHoldersAreFoundByCodeOrElseByName(t *testing.T) {
	h := join.Holders(rowsOf(t, table.Parcels, []row{
		{"parcel_code": "P0", "holder": "E3", "holder_name": "丙"},
		{"parcel_code": "P1", "holder_name": "丙"},
		{"parcel_code": "P2", "holder": "E9", "holder_name": "丙"},
		{"parcel_code": "P3", "holder_name": "甲（一）有限公司"},
		{"parcel_code": "P4"},
		{"parcel_code": "P5", "holder_name": "丁"},
		{"parcel_code": "P6", "holder_name": "丙 "}, // several parcels may be one's
	}), namesakes())
	same(t, "holders", h.Enterprise, []int32{2, 3, -1, -1, -1, -1, 3})
	same(t, "by name", h.ByName, []join.NameMatch{{Row: 1, Enterprise: 3, Name: "丙"}, {Row: 6, Enterprise: 3, Name: "丙 "}})
	same(t, "unmatched", h.Unmatched, []join.Unmatched{
		{Row: 2, Code: "E9", Reason: join.UnknownCode},
		{Row: 3, Name: "甲（一）有限公司", Reason: join.SeveralCandidates, Candidates: []int32{0, 1}},
		{Row: 5, Name: "丁", Reason: join.UnknownName},
	})
}
