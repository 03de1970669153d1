package main

import (
	"strings"
	"testing"
)

func TestAdjustmentsThatSayNothingUsableAreRejected(t *testing.T) {
	const by = ",某事,某局,2025-03-01"
	f := town(6).add("adjustments.csv",
		firm(0)+",2024,veto,E"+by, firm(0)+",2024,manual,T"+by, firm(0)+",2024,fix,2"+by, firm(0)+",2024,floor,AB"+by,
		firm(0)+",2024,bonus,-1"+by, firm(0)+",2024,penalty,A"+by, firm(0)+",2024,bonus,NaN"+by, firm(0)+",2024,bonus,1e7"+by,
		firm(0)+",2024,gift,5"+by, firm(0)+",2024,bonus,"+by, firm(0)+",2024,bonus,5,,某局,2025-03-01",
		firm(0)+",2024.5,bonus,5"+by, firm(0)+",2024,bonus,5,某事,某局,2025-02-30")
	e := gradedTown(t, f, lianyungang)
	want := map[string]string{
		"2": "value|E|unknown_value", "3": "value|T|unknown_value", "4": "value|2|unknown_value", "5": "value|AB|unknown_value",
		"6": "value|-1|out_of_range", "7": "value|A|not_a_number", "8": "value|NaN|not_a_number", "9": "value|1e7|out_of_range",
		"10": "kind|gift|unknown_value", "11": "value||missing_value", "12": "reason||missing_value", "13": "year|2024.5|not_an_integer",
		"14": "decided_on|2025-02-30|not_a_date",
	}
	for _, r := range e.table(t, "rejects") {
		if got := r["column"] + "|" + r["value"] + "|" + r["reason"]; r["table"] != "adjustments" || want[r["row"]] != got {
			t.Errorf("row %s: %s, want %s", r["row"], got, want[r["row"]])
		}
		delete(want, r["row"])
	}
	if len(want) != 0 {
		t.Errorf("not rejected are %v", want)
	}
	same(t, e, gradedTown(t, town(6), lianyungang), "grades", "unmatched")
}

func TestAdjustmentsOfAnotherYearOrOfNobodyChangeNothing(t *testing.T) {
	f := town(6).add("adjustments.csv", firm(5)+",2023,veto,D,去年,某局,2024-03-01", firm(5)+",2025,manual,D,明年,某局,2025-03-01",
		someone+",2024,bonus,5,无此企业,某局,2025-03-01")
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	e.unmatched(t, "adjustments|"+someone+"/2024/bonus|unknown_enterprise|||")
	same(t, e, gradedTown(t, town(6), lianyungang), "grades")
}

func TestPointsMoveTotalsAndRanks(t *testing.T) {
	f := town(6).add("adjustments.csv", firm(0)+",2024,bonus,１００,专利,发改委,2025-03-01", firm(0)+",2024,penalty,0.5,欠薪,人社局,2025-03-01",
		firm(5)+",2024,penalty,1000,事故,应急局,2025-03-01", firm(3)+",2024,bonus,0,没有,某局,2025-03-01")
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	g := e.of(t, "grades")
	if r := g[firm(0)]; r["bonus"] != "99.5" || r["total"] != "185.214286" || r["rank"] != "1" || r["final_grade"] != "A" { // 85.714286 + 99.5
		t.Errorf("%v", r)
	}
	if r := g[firm(5)]; r["bonus"] != "-1000" || r["total"] != "-885.714286" || r["final_grade"] != "D" {
		t.Errorf("%v", r)
	}
	if got := e.letters(t); got != "ACCBBD" {
		t.Errorf("grades %s", got)
	}
}

func TestVetoFloorFixAndManualApplyInThisOrderWhateverTheRows(t *testing.T) {
	rows := []string{
		firm(5) + ",2024,manual,Ｂ,申诉成立,亩均办,2025-01-05", firm(5) + ",2024,fix,d,重大事故,应急局,2025-01-04",
		firm(5) + ",2024,floor,A,龙头,工信局,2025-01-03", firm(5) + ",2024,veto,C,安全事故,应急局,2025-01-02",
		firm(0) + ",2024,veto,B,环保,环保局,2025-01-02", firm(0) + ",2024,floor,A,龙头,工信局,2025-01-03",
		firm(4) + ",2024,veto,D,环保,环保局,2025-01-02", firm(4) + ",2024,manual,A,复核,亩均办,2024-12-31",
		firm(2) + ",2024,floor,D,无用,某局,2025-01-02", firm(1) + ",2024,veto,A,无用,某局,2025-01-02",
	}
	var first *evaluation
	for turn := range 4 {
		e := gradedTown(t, town(6).add("adjustments.csv", turned(turn, rows...)...), lianyungang)
		e.rejects(t)
		if first == nil {
			first = e
		}
		same(t, e, first, "grades", "zones")
	}
	if got := first.letters(t); got != "BCCBAB" { // the totals say DCCBBA
		t.Errorf("grades %s", got)
	}
	for i, want := range map[int]string{
		5: "veto C 安全事故 (应急局, 2025-01-02): A -> C; floor A 龙头 (工信局, 2025-01-03): no effect, held by veto C 安全事故 (应急局, 2025-01-02); " +
			"fix D 重大事故 (应急局, 2025-01-04): C -> D, overrides floor A 龙头 (工信局, 2025-01-03); " +
			"manual B 申诉成立 (亩均办, 2025-01-05): D -> B, overrides veto C 安全事故 (应急局, 2025-01-02) and floor A 龙头 (工信局, 2025-01-03) and fix D 重大事故 (应急局, 2025-01-04)",
		0: "veto B 环保 (环保局, 2025-01-02): no effect; floor A 龙头 (工信局, 2025-01-03): D -> B, held by veto B 环保 (环保局, 2025-01-02)",
		4: "veto D 环保 (环保局, 2025-01-02): B -> D; manual A 复核 (亩均办, 2024-12-31): D -> A, overrides veto D 环保 (环保局, 2025-01-02)",
		2: "floor D 无用 (某局, 2025-01-02): no effect", 1: "veto A 无用 (某局, 2025-01-02): no effect",
	} {
		if got := first.of(t, "grades")[firm(i)]; got["reasons"] != want || got["initial_grade"] != "DCCBBA"[i:i+1] {
			t.Errorf("%d: initial %s, reasons\n%s\nwant\n%s", i, got["initial_grade"], got["reasons"], want)
		}
	}
	p := first.properties(t, "parcels", "parcel_code")
	if p["P05"]["grade"] != "B" || p["P00"]["grade"] != "B" || p["P04"]["grade"] != "A" {
		t.Errorf("parcels %v %v %v", p["P05"]["grade"], p["P00"]["grade"], p["P04"]["grade"])
	}
}

func TestADecisionOnAnEnterpriseThatIsNotGradedIsNotAppliedAndSaysSo(t *testing.T) {
	f := town(7).swap(t, "enterprises.csv", "企业06有限公司,2614,是,2010-01-01", "企业06有限公司,2614,是,2023-01-01")
	f.add("adjustments.csv", firm(6)+",2024,manual,A,申诉,亩均办,2025-01-05", firm(0)+",2024,fix,A,龙头,工信局,2025-01-05")
	f.add("tenancies.csv", firm(0)+",P00,leased_out,10001,,")
	e := gradedTown(t, f, lianyungang)
	g := e.of(t, "grades")
	if r := g[firm(6)]; r["final_grade"] != "T" || r["reasons"] != "exempt_new: registered_on 2023-01-01 after 2022-12-31; manual A 申诉 (亩均办, 2025-01-05): not applied" {
		t.Errorf("%v", r)
	}
	if r := g[firm(0)]; r["final_grade"] != "" || !strings.Contains(r["reasons"], "land_not_positive: -0.0015 mu; fix A 龙头 (工信局, 2025-01-05): not applied") {
		t.Errorf("%v", r)
	}
	if p := e.properties(t, "parcels", "parcel_code"); p["P06"]["grade"] != "T" || p["P06"]["grades"] != "T 1.0000" || p["P00"]["grade"] != nil {
		t.Errorf("parcels %v and %v", p["P06"], p["P00"])
	}
	e.says(t, "grades: A 1, B 2, C 1, D 1, T 1\n", "not graded: exempt_new 1, land_not_positive 1\n")
}
