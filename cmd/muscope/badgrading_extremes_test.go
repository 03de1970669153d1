package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestTheLargestMoneyAddsUpToTheYuan(t *testing.T) {
	f := town(12)
	for i := range 12 {
		tax := "900000000"
		if i == 0 {
			tax = "899999999.9999"
		}
		f.swap(t, "tax.csv", firm(i)+fmt.Sprintf(",2024,%d\n", 15*(i+1)), firm(i)+",2024,"+tax+"\n")
		f.swap(t, "output.csv", firm(i)+",2024,100,50,3,20", firm(i)+",2024,900000000,900000000,900000000,20")
	}
	f["parcels.geojson"] = strings.ReplaceAll(f["parcels.geojson"], `"recorded_area":10000`, `"recorded_area":10000,"fixed_asset_investment":900000000`)
	f.add("tax.csv", someone+",2024,900000000", someone+",2023,900000000.0001", another+",2024,-900000000")
	e := gradedTown(t, f, lianyungang)
	e.rejects(t, "tax|"+someone+"/2023|tax|900000000.0001|out_of_range|tax.csv|27")
	e.unmatched(t, "tax|"+another+"/2024|unknown_enterprise|||-900000000", "tax|"+someone+"/2024|unknown_enterprise|||900000000")
	if got := e.letters(t); got != "AAAAAAAAAAAA" { // a yuan less is nothing in six decimals of a total: all are level
		t.Errorf("grades %s", got)
	}
	x := e.of(t, "indicators")
	if x[firm(0)]["tax"] != "899999999.9999" || x[firm(0)]["tax_per_mu"] != "59999999.999993" || x[firm(1)]["investment_per_mu"] != "60000000" {
		t.Errorf("%v\n%v", x[firm(0)], x[firm(1)])
	}
	if v := e.properties(t, "zones", "zone_code")["Z2"]["tax_per_mu"]; v != 6e7 {
		t.Errorf("tax per mu of the zone %v", v)
	}
}

func TestLandBelowAllMeasureIsNone(t *testing.T) {
	tenancies := func(area string) files {
		f := town(6)
		f["tenancies.csv"] = strings.ReplaceAll(strings.Replace(f["tenancies.csv"], ",area,", ",用地面积（亩）,", 1), ",10000,", ","+area+",")
		return f
	}
	e := gradedTown(t, tenancies("0.000000001"), lianyungang) // 7e-7 m²
	if got := e.letters(t); got != "------" || e.of(t, "grades")[firm(0)]["reasons"] != "land_not_positive: 0 mu" {
		t.Errorf("grades %s, %v", got, e.of(t, "grades")[firm(0)])
	}
	e.says(t, "unmatched or to review: land_not_positive 6 (tax 315 wan yuan, sales 600 wan yuan)\n")
	e = gradedTown(t, tenancies("0.00000015"), lianyungang) // a square centimetre, the least there is
	if x := e.of(t, "indicators")[firm(5)]; e.letters(t) != "DCCBBA" || x["tax_per_mu"] != "600000000" || x["land_mu"] != "0" {
		t.Errorf("grades %s, %v", e.letters(t), x)
	}
}

func TestYearsAndDatesAtTheEndOfTheCalendar(t *testing.T) {
	f := town(7)
	f["tenancies.csv"] = strings.ReplaceAll(f["tenancies.csv"], ",10000,,", ",10000,0001-01-01,9999-12-31")
	f.swap(t, "enterprises.csv", "企业06有限公司,2614,是,2010-01-01", "企业06有限公司,2614,是,9999-12-31")
	f.swap(t, "enterprises.csv", "企业05有限公司,2614,是,2010-01-01", "企业05有限公司,2614,是,0001-01-01")
	f.add("adjustments.csv", firm(0)+",2024,bonus,5,专利,某局,9999-12-31", firm(0)+",2999,veto,D,专利,某局,9999-12-31")
	f.add("tax.csv", firm(0)+",2999,1", firm(0)+",3000,1", firm(0)+",9999,1")
	f["parcels.geojson"] = strings.ReplaceAll(f["parcels.geojson"], `"recorded_area":10000`,
		`"recorded_area":10000,"agreed_start_on":"9999-12-31","delivered_on":"9999-12-31","signed_on":"9999-12-31"`)
	e := gradedTown(t, f, lianyungang)
	e.rejects(t, "tax|"+firm(0)+"/|year|3000|unknown_value|tax.csv|17", "tax|"+firm(0)+"/|year|9999|unknown_value|tax.csv|18")
	g := e.of(t, "grades")
	if e.letters(t) != "DCCBBAT" || g[firm(0)]["reasons"] != "bonus 5 专利 (某局, 9999-12-31)" || g[firm(6)]["reasons"] != "exempt_new: registered_on 9999-12-31 after 2022-12-31" {
		t.Errorf("grades %s, %v, %v", e.letters(t), g[firm(0)], g[firm(6)])
	}
	late := evaluated(t, f, "--policy", huaian, "--year", "9998", "--as-of", "9999-12-31")
	late.finite(t)
	if late.letters(t) != "------T" {
		t.Errorf("in 9998 the grades are %s", late.letters(t))
	}
	out := filepath.Join(t.TempDir(), "run")
	failed(t, command(evaluateArgs(f.in(t), out, "--year", "10000")...), exitUsage, "--year 10000")
}

func TestAnEnterpriseWhoseRowIsRejectedIsNotInTheRegister(t *testing.T) {
	f := town(7).swap(t, "enterprises.csv", "企业06有限公司", "")         // it has no name
	f.add("enterprises.csv", firm(0)+",企业00有限公司,2614,否,2010-01-01") // false sorts before true
	e := gradedTown(t, f, huangyan)
	e.rejects(t, "enterprises|"+firm(0)+"|credit_code|"+firm(0)+"|duplicate_key|enterprises.csv|2",
		"enterprises|"+firm(6)+"|name||missing_value|enterprises.csv|8")
	e.says(t, "unmatched or to review: unknown_enterprise 9 (land 15 mu, ")
	if got := e.letters(t); got != "-DBBBA" { // the one below scale is alone
		t.Errorf("grades %s", got)
	}
}

// faulty is a town of twelve with faults of every kind, some of each, drawn by a seed.
func faulty(seed int) files {
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	code := func() string {
		return pick(firm(r.IntN(12)), strings.ToLower(firm(r.IntN(12))), someone, another, "", "X")
	}
	name := func() string {
		return pick("", fmt.Sprintf("企业%02d有限责任公司", r.IntN(14)), fmt.Sprintf("企业%02d有限公司", r.IntN(14)), "同名")
	}
	money := func() string {
		return pick("0", "1.2345", "-7", "", "x", "1000000", "0.0001", strconv.Itoa(r.IntN(1000)))
	}
	row := func(cells ...string) string { return strings.Join(cells, ",") }
	f := town(12)
	lines := strings.SplitAfter(f["enterprises.csv"], "\n")
	for i := 1; i <= 12; i++ {
		switch r.IntN(20) {
		case 0:
			lines[i] = strings.Replace(lines[i], ",是,", ",否,", 1)
		case 1:
			lines[i] = strings.Replace(lines[i], fmt.Sprintf("企业%02d有限公司", i-1), "同名", 1)
		case 2:
			lines[i] = strings.Replace(lines[i], "2010", "2024", 1)
		case 3:
			lines[i] = ""
		case 4:
			lines[i] += lines[i]
		}
	}
	f["enterprises.csv"] = strings.Join(lines, "")
	f.lots(lot("B1", bowTie), plot(12, `"holder":"`+firm(r.IntN(12))+`"`), plot(13, `"holder_name":"同名"`),
		lot("P14", box(15, 15, 10, 1), `"holder":"`+someone+`"`), lot("P15", box(35, 17, 10, 1), `"holder":"`+firm(3)+`"`))
	for _, table := range []string{"tenancies.csv", "tax.csv", "output.csv"} { // a name beside the code
		head, rows, _ := strings.Cut(f[table], "\n")
		f[table] = head + ",name\n" + strings.ReplaceAll(rows, "\n", ",\n")
	}
	for range 12 {
		f.add("tenancies.csv", row(code(), pick("P00", "P01", "P02", "P03", "P04", "P05", "P14", "P15", "B1", "P99"),
			pick("owned", "occupied", "leased_in", "leased_out", "lent"), pick("", "10000", "5000", "333.3333", "0", "-1", "1e13", "0.00004", "12000"),
			pick("", "2024-12-31", "2025-01-01", "2024-07-01"), pick("", "2024-12-31", "2024-12-30"), name()))
		f.add("tax.csv", row(code(), pick("2024", "2024", "2023", "20x4"), money(), name()))
		f.add("output.csv", row(code(), pick("2024", "2024", "2023"), money(), money(), pick("0", "1", "3"), pick("0", "20", ""), name()))
		f.add("adjustments.csv", row(code(), pick("2024", "2024", "2023"), pick("bonus", "penalty", "veto", "floor", "fix", "manual"),
			pick("A", "B", "C", "D", "5", "0.25", "-1"), "某事", "某局", pick("2025-01-01", "2025-02-01")))
	}
	return f
}

func TestWhateverIsWrongTheOrderOfTheRowsSaysNothingAndThePartsAddUp(t *testing.T) {
	for seed := range 9 {
		policy := []string{lianyungang, huangyan, huaian}[seed%3]
		f, shuffled := faulty(seed), files{}
		for name, text := range f {
			shuffled[name] = text
			if head, rows, _ := strings.Cut(text, "\n"); strings.HasSuffix(name, ".csv") {
				lines := strings.SplitAfter(strings.TrimSuffix(rows, "\n"), "\n")
				lines[len(lines)-1] += "\n"
				shuffled[name] = head + "\n" + strings.Join(turned(1+seed, lines...), "")
			}
		}
		a, b := gradedTown(t, f, policy), gradedTown(t, shuffled, policy, "--threads", "2")
		same(t, a, b, "land", "indicators", "grades", "zones", "unmatched", "flags")
		if a.manifest.RunID != b.manifest.RunID || strings.Trim(a.letters(t), "-T") == "" {
			t.Errorf("runs %s and %s, grades %s", a.manifest.RunID, b.manifest.RunID, a.letters(t))
		}
		for _, code := range []string{a.table(t, "grades")[0]["credit_code"], "P00", "P14", "Z1"} {
			if o := command("explain", "--run", a.dir, code); o.code != exitDone {
				t.Errorf("explain %s: exit %d: %s", code, o.code, o.err)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d, policy %s", seed, policy)
		}
	}
}
