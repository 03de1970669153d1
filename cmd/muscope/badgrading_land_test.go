package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// bowTie crosses itself in the middle: no repair leaves its area.
var bowTie = polygon("[117.4,30.6]", "[117.42,30.62]", "[117.42,30.6]", "[117.4,30.62]", "[117.4,30.6]")

// lots adds parcels to a town.
func (f files) lots(features ...string) files {
	f["parcels.geojson"] = strings.TrimSuffix(f["parcels.geojson"], "\n]}\n") + ",\n" + strings.Join(features, ",\n") + "\n]}\n"
	return f
}

func TestATenancyOfAnUnknownParcelIsRejectedAndChangesNothing(t *testing.T) {
	e := gradedTown(t, town(6).add("tenancies.csv", firm(0)+",P99,leased_in,5000,,", firm(1)+",p01,leased_in,5000,,"), lianyungang)
	e.rejects(t, "tenancies|"+firm(0)+"/P99/leased_in|parcel_code|P99|unknown_parcel|tenancies.csv|8",
		"tenancies|"+firm(1)+"/p01/leased_in|parcel_code|p01|unknown_parcel|tenancies.csv|9")
	same(t, e, gradedTown(t, town(6), lianyungang), "land", "indicators", "grades", "zones", "unmatched", "flags")
}

func TestTenanciesThatSayNothingUsableAreRejectedAndStrictSaysSo(t *testing.T) {
	f := town(6).lots(lot("B1", box(30, 15, 1, 1), `"recorded_area":5000`), lot("B2", box(33, 15, 1, 1), `"recorded_area":6000`)).add("tenancies.csv",
		firm(0)+",P00,lent,1,,", firm(0)+",P00,leased_in,-1,,", firm(0)+",P00,leased_in,1e13,,", firm(0)+",P00,leased_in,一点,,",
		firm(0)+",P00,leased_in,1,2024-13-01,", firm(0)+",,leased_in,1,,", firm(0)+",P00,,1,,",
		firm(0)+",B1,owned,,,", firm(0)+",B2,owned,,2025-01-01,", firm(0)+",B2,leased_in,,,") // of B1 it is the only one
	e := gradedTown(t, f, lianyungang)
	e.rejects(t, "tenancies|"+firm(0)+"//leased_in|parcel_code||missing_value|tenancies.csv|13",
		"tenancies|"+firm(0)+"/B2/leased_in|area||area_missing|tenancies.csv|17",
		"tenancies|"+firm(0)+"/B2/owned|area||area_missing|tenancies.csv|16",
		"tenancies|"+firm(0)+"/P00/|kind||missing_value|tenancies.csv|14",
		"tenancies|"+firm(0)+"/P00/|kind|lent|unknown_value|tenancies.csv|8",
		"tenancies|"+firm(0)+"/P00/leased_in|area|一点|not_a_number|tenancies.csv|11",
		"tenancies|"+firm(0)+"/P00/leased_in|area|-1|out_of_range|tenancies.csv|9",
		"tenancies|"+firm(0)+"/P00/leased_in|area|1e13|out_of_range|tenancies.csv|10",
		"tenancies|"+firm(0)+"/P00/leased_in|from|2024-13-01|not_a_date|tenancies.csv|12")
	if l := e.of(t, "land")[firm(0)]; l["net_mu"] != "22.5" || l["parcels"] != "B1;P00" {
		t.Errorf("land %v", l)
	}
	out := filepath.Join(t.TempDir(), "run")
	if o := command(evaluateArgs(f.in(t), out, "--policy", lianyungang, "--strict")...); o.code != exitFound || !strings.Contains(o.err, "9 rows rejected") {
		t.Errorf("--strict: exit %d: %s", o.code, o.err)
	}
}

func TestATenancyOfARejectedParcelCountsForLandWhenItHasAnArea(t *testing.T) {
	f := town(6).lots(lot("B1", bowTie), lot("B2", bowTie, `"holder":"`+firm(3)+`"`, `"recorded_area":9999`))
	f.add("tenancies.csv", firm(0)+",B1,occupied,5000,,", firm(1)+",B1,occupied,,,", firm(2)+",B2,leased_in,,,")
	e := gradedTown(t, f, lianyungang)
	const why = "|geometry|self-intersection: the repair would change the area by 0.1 % or more|invalid_geometry|parcels.geojson|"
	e.rejects(t, "parcels|B1"+why+"7", "parcels|B2"+why+"8",
		"tenancies|"+firm(1)+"/B1/occupied|area||area_missing|tenancies.csv|9",
		"tenancies|"+firm(2)+"/B2/leased_in|area||area_missing|tenancies.csv|10")
	land := e.of(t, "land")
	if l := land[firm(0)]; l["owned_mu"] != "15" || l["occupied_mu"] != "7.5" || l["net_mu"] != "22.5" || l["parcels"] != "B1;P00" {
		t.Errorf("land %v", l)
	}
	for i := 1; i < 6; i++ { // of the others nothing counts, of B2's holder neither
		if l := land[firm(i)]; l["net_mu"] != "15" {
			t.Errorf("land %v", l)
		}
	}
	// A third of the land of the first has no place on the map: so has a third of its tax.
	e.unmatched(t, "enterprises|"+firm(0)+"|parcel_rejected||7.5|5")
	if v := e.of(t, "indicators")[firm(0)]["tax_per_mu"]; v != "0.666667" {
		t.Errorf("tax per mu %s", v)
	}
	parcels := e.properties(t, "parcels", "parcel_code")
	if v := parcels["P00"]["tax_per_mu"]; v != 0.666667 || len(parcels) != 6 {
		t.Errorf("%d parcels, tax per mu of the one that is left %v", len(parcels), v)
	}
	// (10 + 45 + 75) ÷ 45
	if v := e.properties(t, "zones", "zone_code")["Z1"]["tax_per_mu"]; v != 2.888889 {
		t.Errorf("tax per mu of the zone %v", v)
	}
}

func TestATenancyOfAnEnterpriseThatIsNotInTheRegisterIsKeptAndListed(t *testing.T) {
	f := town(6).add("tenancies.csv", someone+",P00,leased_in,60,,", someone+",P01,owned,,,2023-12-31")
	f.add("tax.csv", someone+",2024,7.5", someone+",2023,8", another+",2024,0.0001")
	e := gradedTown(t, f, lianyungang)
	// Of two tenancies of P01 neither may go without an area, though one has ended.
	e.rejects(t, "tenancies|"+someone+"/P01/owned|area||area_missing|tenancies.csv|9")
	e.unmatched(t, "tenancies|"+someone+"/P00/leased_in|unknown_enterprise||0.09|",
		"tax|"+another+"/2024|unknown_enterprise|||0.0001",
		"tax|"+someone+"/2023|unknown_enterprise|||8", "tax|"+someone+"/2024|unknown_enterprise|||7.5")
	if got := fmt.Sprint(e.flagged(t, "over_let")); got != "[parcels P00 10060]" {
		t.Errorf("over let is %s", got)
	}
	same(t, e, gradedTown(t, town(6), lianyungang), "land", "indicators", "grades")
	p := e.properties(t, "parcels", "parcel_code")["P00"]
	if why, _ := p["reasons"].(string); p["grade"] != "D" || p["tax_per_mu"] != nil || p["underused"] != false || !strings.Contains(why, "tax_per_mu missing: occupant_not_registered") {
		t.Errorf("P00 %v", p)
	}
}

func TestLeasesThatLeaveNoLandLeaveAnEnterpriseUngradedAndNobodyElseChanges(t *testing.T) {
	f := town(8).add("tenancies.csv", firm(0)+",P00,leased_out,12000,,", firm(1)+",P01,leased_out,10000,,")
	e, before := gradedTown(t, f, huangyan), gradedTown(t, town(8), huangyan)
	e.rejects(t)
	e.unmatched(t, "enterprises|"+firm(0)+"|land_not_positive||-3|15", "enterprises|"+firm(1)+"|land_not_positive||0|30")
	e.says(t, "not graded: land_not_positive 2\n", "unmatched or to review: land_not_positive 2 (land -3 mu, tax 45 wan yuan, sales 200 wan yuan)\n")
	grades, indicators, land := e.of(t, "grades"), e.of(t, "indicators"), e.of(t, "land")
	for i, mu := range []string{"-3", "0"} {
		g, x, l := grades[firm(i)], indicators[firm(i)], land[firm(i)]
		if g["final_grade"] != "" || g["rank"] != "" || g["reasons"] != "land_not_positive: "+mu+" mu" || g["land_mu"] != mu || l["net_mu"] != mu {
			t.Errorf("grade %v, land %v", g, l)
		}
		for _, name := range []string{"tax_per_mu", "sales_per_mu", "value_added_per_mu"} {
			if !strings.Contains(x["missing"], name+": land_not_positive") {
				t.Errorf("%s is %q, missing %s", name, x[name], x["missing"])
			}
		}
		p := e.properties(t, "parcels", "parcel_code")[fmt.Sprintf("P%02d", i)]
		if p["grade"] != nil || p["grades"] != nil || p["tax_per_mu"] != nil {
			t.Errorf("parcel %v", p)
		}
	}
	for i := 2; i < 8; i++ { // benchmarks are fixed, so that totals stay; of six rank and share move
		for _, name := range []string{"land", "indicators"} {
			if got, want := fmt.Sprint(e.of(t, name)[firm(i)]), fmt.Sprint(before.of(t, name)[firm(i)]); got != want {
				t.Errorf("%s is\n%s\nwas\n%s", name, got, want)
			}
		}
		if g, was := grades[firm(i)], before.of(t, "grades")[firm(i)]; g["total"] != was["total"] || g["rank"] != was["rank"] || g["of"] != "6" {
			t.Errorf("grade is\n%v\nwas\n%v", g, was)
		}
	}
}

func TestATenancyThatBeginsOrEndsOnTheLastDayOfTheYearIsInForce(t *testing.T) {
	f := town(6)
	f["tenancies.csv"] = "credit_code,parcel_code,kind,area,from,to\n" +
		firm(0) + ",P00,owned,10000,2024-12-31,\n" + // from that day on
		firm(1) + ",P01,owned,10000,,2024年12月31日\n" + // to that day
		firm(2) + ",P02,owned,10000,2024-12-31,2024/12/31\n" + // on that day only
		firm(3) + ",P03,owned,10000,,20241230\n" + // ended the day before
		firm(4) + ",P04,owned,10000,2025-01-01,\n" + // from the next day
		firm(5) + ",P05,owned,10000,2024-12-31,2024-12-30\n" // ends before it begins
	e := gradedTown(t, f, lianyungang)
	for i, want := range []string{"15", "15", "15", "0", "0", "0"} {
		if l := e.of(t, "land")[firm(i)]; l["net_mu"] != want || (l["parcels"] != "") != (want == "15") {
			t.Errorf("%d: land %v, want %s", i, l, want)
		}
	}
	if got := e.letters(t); got != "------" { // three with land are too few
		t.Errorf("grades %s", got)
	}
	e.says(t, "not graded: group_too_small 3, land_not_positive 3\n")
}

func TestTenanciesByMonthsCountTheMonthsWhoseLastDayTheyAreInForce(t *testing.T) {
	f := town(6).swap(t, "tenancies.csv", firm(0)+",P00,owned,10000,,", firm(0)+",P00,owned,10000,2024-12-31,")
	f.swap(t, "tenancies.csv", firm(1)+",P01,owned,10000,,", firm(1)+",P01,owned,10000,,2024-01-30")
	f.swap(t, "tenancies.csv", firm(2)+",P02,owned,10000,,", firm(2)+",P02,owned,10000,,2024-06-30")
	e := gradedTown(t, f, pack(t, lianyungang, "by_months: false", "by_months: true"))
	for i, want := range []string{"1.25", "0", "7.5", "15", "15", "15"} {
		if l := e.of(t, "land")[firm(i)]; l["net_mu"] != want {
			t.Errorf("%d: land %v, want %s", i, l, want)
		}
	}
}

func TestAParcelIsOverLetOnlyAbove100Point5PerCent(t *testing.T) {
	for area, want := range map[string]string{
		"50":      "[]",
		"50.0000": "[]",
		"50.0001": "[parcels P00 10050.0001]",
		"51":      "[parcels P00 10051]",
	} {
		f := town(6).add("tenancies.csv", firm(1)+",P00,leased_in,"+area+",,")
		if got := fmt.Sprint(gradedTown(t, f, lianyungang).flagged(t, "over_let")); got != want {
			t.Errorf("let %s m² too much: over let is %s, want %s", area, got, want)
		}
	}
	// What is leased out is no use of the parcel.
	f := town(6).add("tenancies.csv", firm(0)+",P00,leased_out,6000,,", firm(1)+",P00,leased_in,6050,,")
	if got := gradedTown(t, f, lianyungang).flagged(t, "over_let"); len(got) != 0 {
		t.Errorf("over let is %s", got)
	}
}

func TestLandInMuAndInSquareMetresIsOne(t *testing.T) {
	f := town(6)
	f["tenancies.csv"] = strings.ReplaceAll(strings.Replace(f["tenancies.csv"], "credit_code,parcel_code,kind,area,from,to",
		"统一社会信用代码,宗地代码,用地方式,用地面积（亩）,起始日期,终止日期", 1), ",10000,", ",15,")
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	same(t, e, gradedTown(t, town(6), lianyungang), "land", "indicators", "grades", "zones")
}
