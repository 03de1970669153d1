package main

import (
	"fmt"
	"strings"
	"testing"
)

// without takes the rows of an enterprise out of a table.
func (f files) without(name string, i int) files {
	var left []string
	for _, line := range strings.SplitAfter(f[name], "\n") {
		if !strings.HasPrefix(line, firm(i)+",") {
			left = append(left, line)
		}
	}
	f[name] = strings.Join(left, "")
	return f
}

var accounts = []string{"output.csv", "tax.csv", "energy.csv", "emissions.csv"}

func TestAnEnterpriseWithoutAccountsIsGradedWithNothingAndSaysWhatIsMissing(t *testing.T) {
	f := town(6)
	for _, name := range accounts {
		f.without(name, 5)
	}
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	e.unmatched(t)
	g := e.of(t, "grades")[firm(5)]
	if g["total"] != "0" || g["rank"] != "6" || g["of"] != "6" || g["final_grade"] != "D" {
		t.Errorf("grade %v", g)
	}
	for _, want := range []string{"missing tax: tax_per_mu scored 0 (zero)", "missing sales and energy: sales_per_tce scored 0 (zero)",
		"missing sales and emissions: sales_per_pollutant scored 0 (zero)", "missing rd and sales: rd_intensity scored 0 (zero)",
		"missing value_added and employees: labour_productivity scored 0 (zero)"} {
		if !strings.Contains(g["reasons"], want) {
			t.Errorf("no %q in %q", want, g["reasons"])
		}
	}
	p := e.properties(t, "parcels", "parcel_code")["P05"]
	if why, _ := p["reasons"].(string); p["tax_per_mu"] != nil || p["grade"] != "D" || !strings.Contains(why, "tax_per_mu missing: occupant_figure_missing") {
		t.Errorf("parcel %v", p)
	}
	// The zone's tax is that of those who have any, on their land only.
	if v := e.properties(t, "zones", "zone_code")["Z2"]["tax_per_mu"]; v != 3.0 {
		t.Errorf("tax per mu of the zone %v, want that of P01 and P03", v)
	}
}

func TestATaxOfZeroIsNotAMissingOne(t *testing.T) {
	e := gradedTown(t, town(6).swap(t, "tax.csv", firm(5)+",2024,90", firm(5)+",2024,0"), lianyungang)
	if x := e.of(t, "indicators")[firm(5)]; x["tax"] != "0" || x["tax_per_mu"] != "0" {
		t.Errorf("tax %q, per mu %q", x["tax"], x["tax_per_mu"])
	}
	if p := e.properties(t, "parcels", "parcel_code")["P05"]; p["tax_per_mu"] != 0.0 {
		t.Errorf("parcel %v", p)
	}
	if v := e.properties(t, "zones", "zone_code")["Z2"]["tax_per_mu"]; v != 2.0 { // (30 + 60 + 0) ÷ 45
		t.Errorf("tax per mu of the zone %v", v)
	}
}

func TestDenominatorsThatAreNotPositiveLeaveIndicatorsEmptyWithTheirReason(t *testing.T) {
	f := town(6).swap(t, "output.csv", firm(0)+",2024,100,50,3,20", firm(0)+",2024,0,-50,3,0")
	f.swap(t, "energy.csv", firm(0)+",2024,10,100000", firm(0)+",2024,0,0")
	f.swap(t, "emissions.csv", firm(0)+",2024,1", firm(0)+",2024,0")
	f.swap(t, "output.csv", firm(1)+",2024,100,50,3,20", firm(1)+",2024,100,-50,3,20")
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	x := e.of(t, "indicators")
	for _, want := range []string{
		"sales_per_tce: energy_zero", "value_added_per_tce: energy_zero", "tax_per_tce: energy_zero", "tax_per_kwh: electricity_zero",
		"sales_per_pollutant: emissions_zero", "value_added_per_pollutant: emissions_zero", "rd_intensity: sales_zero",
		"labour_productivity: employees_zero", "energy_per_value_added: value_added_negative",
	} {
		if !strings.Contains(x[firm(0)]["missing"]+";", want+";") {
			t.Errorf("no %q in %q", want, x[firm(0)]["missing"])
		}
	}
	// A numerator may be zero or negative.
	if r := x[firm(0)]; r["sales_per_mu"] != "0" || r["value_added_per_mu"] != "-3.333333" || r["tax_per_mu"] != "1" {
		t.Errorf("indicators %v", r)
	}
	if r := x[firm(1)]; r["labour_productivity"] != "-2.5" || r["value_added_per_tce"] != "-5" {
		t.Errorf("indicators %v", r)
	}
	g := e.of(t, "grades")
	for _, want := range []string{"energy not positive: sales_per_tce scored 0 (zero)", "emissions not positive: sales_per_pollutant scored 0 (zero)",
		"sales not positive: rd_intensity scored 0 (zero)", "employees not positive: labour_productivity scored 0 (zero)"} {
		if !strings.Contains(g[firm(0)]["reasons"], want) {
			t.Errorf("no %q in %q", want, g[firm(0)]["reasons"])
		}
	}
	// A value below zero is one: it scores the floor and needs no reason. The benchmark is
	// (4 · 50 − 50) ÷ 100, over those that have employees.
	if r := g[firm(1)]; r["score_labour_productivity"] != "0" || r["reasons"] != "" || g[firm(2)]["score_labour_productivity"] != "33.333333" {
		t.Errorf("score %q, reasons %q, of the others %q", r["score_labour_productivity"], r["reasons"], g[firm(2)]["score_labour_productivity"])
	}
}

func TestABenchmarkThatIsNotPositiveLeavesTheGroupUngraded(t *testing.T) {
	f := town(6)
	f["output.csv"] = strings.ReplaceAll(f["output.csv"], ",50,3,", ",-50,3,")
	e := gradedTown(t, f, lianyungang)
	if got := e.letters(t); got != "------" {
		t.Errorf("grades %s", got)
	}
	for code, g := range e.of(t, "grades") {
		if g["reasons"] != "benchmark_missing: labour_productivity: benchmark -2.5 is not positive" {
			t.Errorf("%s: %s", code, g["reasons"])
		}
	}
	e.says(t, "not graded: benchmark_missing 6\n")
}

func TestOfTwoRowsOfAYearTheCanonicalOneIsUsedWhicheverComesFirst(t *testing.T) {
	kept, dropped := firm(3)+",2024,60\n", firm(3)+",2024,7\n" // as text 60 comes before 7
	wide := "９１３２０７００ＭＡ" + firm(3)[10:] + ",２０２４,7\n"          // the same code and year
	clean := gradedTown(t, town(6), lianyungang)
	for _, rows := range [][2]string{{kept + dropped, "10"}, {dropped + kept, "9"}, {kept + wide, "10"}, {wide + kept, "9"}} {
		e := gradedTown(t, town(6).swap(t, "tax.csv", kept, rows[0]), lianyungang)
		e.rejects(t, "tax|"+firm(3)+"/2024|credit_code+year|"+firm(3)+"/2024|duplicate_key|tax.csv|"+rows[1])
		same(t, e, clean, "land", "indicators", "grades", "zones", "unmatched")
	}
}

func TestACreditCodeJoinsHoweverItIsWritten(t *testing.T) {
	clean := gradedTown(t, town(6), lianyungang)
	for what, spell := range map[string]func(string) string{
		"lower case":   strings.ToLower,
		"full width":   func(s string) string { return strings.Map(func(r rune) rune { return r + 0xFEE0 }, s) },
		"inner spaces": func(s string) string { return s[:6] + " " + s[6:10] + "　" + s[10:] },
		"marks":        func(s string) string { return "\u200b" + s[:8] + "\u00a0" + s[8:] + "\u200e" },
		"all of it":    func(s string) string { return " " + s[:8] + "\tｍ" + strings.ToLower(s[9:]) + " " }, // s[8] is M
	} {
		for _, some := range [][]string{{"enterprises.csv", "output.csv"}, {"tenancies.csv", "tax.csv", "energy.csv", "emissions.csv"}} {
			f := town(6)
			for _, name := range some {
				f[name] = strings.ReplaceAll(f[name], firm(2), spell(firm(2)))
			}
			t.Run(what+" in "+some[0], func(t *testing.T) {
				e := gradedTown(t, f, lianyungang)
				e.rejects(t)
				same(t, e, clean, "land", "indicators", "grades", "zones", "unmatched", "flags")
			})
		}
	}
}

func TestACodeWithAWrongCheckCharacterIsFlaggedAndStillJoins(t *testing.T) {
	wrong := firm(2)[:17] + map[bool]string{true: "0", false: "1"}[firm(2)[17] != '0']
	f := town(6).lots(lot("B1", box(30, 15, 1, 1), `"holder":"`+strings.ToLower(wrong)+`"`, `"recorded_area":5000`))
	for name := range f {
		f[name] = strings.ReplaceAll(f[name], firm(2), wrong)
	}
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	e.unmatched(t)
	if got, want := fmt.Sprint(e.flagged(t, "code_invalid")), "[parcels B1 "+wrong+" enterprises "+wrong+" "+wrong+"]"; got != want {
		t.Errorf("flagged %s, want %s", got, want)
	}
	if l, x := e.of(t, "land")[wrong], e.of(t, "indicators")[wrong]; l["net_mu"] != "22.5" || l["parcels"] != "B1;P02" || x["tax_per_mu"] != "2" {
		t.Errorf("land %v, tax per mu %q", l, x["tax_per_mu"])
	}
	e.says(t, "flags: area_differs 7, area_error 7, code_invalid 2,")
}

// named is the tax of a town in which some rows have a name instead of a code.
func named(rows ...string) string {
	return "统一社会信用代码,企业名称,年度,税收（万元）\n" + strings.Join(rows, "\n") + "\n"
}

func TestARowWithANameAndNoCodeIsMatchedWhenOneEnterpriseIsLeft(t *testing.T) {
	f := town(6)
	for old, with := range map[string]string{"企业01有限公司": "东风（中国）有限公司", "企业02有限公司": "同名有限公司", "企业03有限公司": "同名有限公司",
		"企业04有限公司": "双胞有限公司", "企业05有限公司": "双胞有限公司"} {
		f.swap(t, "enterprises.csv", old, with)
	}
	f["tax.csv"] = named(
		firm(0)+",,2024,15",
		",东风(中国) 有限责任公司,2024,30", // one enterprise is called so
		",东风（中国）有限公司,2024,31",    // and has a row now
		firm(2)+",随便什么,2024,45",
		",同名有限公司,2024,60", // of two one has a row by its code
		",双胞有限公司,2024,75", // two may be meant
		",企业00有限公司,2024,1",
		",没有有限公司,2024,2",
		",企业00有限公司,2023,4") // of another year
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	e.unmatched(t,
		"tax|东风(中国) 有限责任公司/2024|name_matched|"+firm(1)+"||30",
		"tax|东风（中国）有限公司/2024|name_taken|"+firm(1)+"||31",
		"tax|企业00有限公司/2023|name_matched|"+firm(0)+"||4",
		"tax|企业00有限公司/2024|name_taken|"+firm(0)+"||1",
		"tax|双胞有限公司/2024|name_ambiguous|"+firm(4)+";"+firm(5)+"||75",
		"tax|同名有限公司/2024|name_matched|"+firm(3)+"||60",
		"tax|没有有限公司/2024|name_unknown|||2")
	for i, want := range []string{"15", "30", "45", "60", "", ""} {
		if got := e.of(t, "indicators")[firm(i)]["tax"]; got != want {
			t.Errorf("%d: tax %q, want %q", i, got, want)
		}
	}
}

func TestARowWithNeitherCodeNorNameIsRejected(t *testing.T) {
	f := town(6)
	f["tax.csv"] = named(firm(0)+",,2024,15", ",,2024,30", "-,—,2024,45", "　,\u200b,2024,60")
	e := gradedTown(t, f, lianyungang)
	e.rejects(t, "tax|/2024|credit_code||missing_value|tax.csv|3", "tax|/2024|credit_code||missing_value|tax.csv|4", "tax|/2024|credit_code||missing_value|tax.csv|5")
	f["tax.csv"] = "credit_code,year,tax\n,2024,1\n" // no column for names at all
	gradedTown(t, f, lianyungang).rejects(t, "tax|/2024|credit_code||missing_value|tax.csv|2")
}

func TestTenanciesAndAdjustmentsAreMatchedByNameToo(t *testing.T) {
	f := town(6)
	f["tenancies.csv"] = "credit_code,企业名称,parcel_code,kind,area\n" + firm(0) + ",,P00,owned,10000\n,企业01有限责任公司,P01,owned,10000\n,无此公司,P02,owned,9000\n"
	f["adjustments.csv"] = "企业名称,统一社会信用代码,年度,调整类型,调整值,理由,决定单位,决定日期\n" +
		"企业01有限公司,,2024,bonus,2,专利,发改委,2025-03-01\n无此公司,,2024,veto,D,事故,应急局,2025-03-01\n"
	e := gradedTown(t, f, huangyan)
	e.rejects(t)
	e.unmatched(t,
		"enterprises|"+firm(2)+"|land_not_positive||0|45", "enterprises|"+firm(3)+"|land_not_positive||0|60",
		"enterprises|"+firm(4)+"|land_not_positive||0|75", "enterprises|"+firm(5)+"|land_not_positive||0|90",
		"tenancies|企业01有限责任公司/P01/owned|name_matched|"+firm(1)+"|15|", "tenancies|无此公司/P02/owned|name_unknown||13.5|",
		"adjustments|企业01有限公司/2024/bonus|name_matched|"+firm(1)+"||", "adjustments|无此公司/2024/veto|name_unknown|||")
	if l := e.of(t, "land")[firm(1)]; l["net_mu"] != "15" {
		t.Errorf("land %v", l)
	}
}

func TestMoneyCountsInTheUnitOfItsOwnHeader(t *testing.T) {
	f := town(6)
	clean := gradedTown(t, f, lianyungang)
	f["output.csv"] = "credit_code,year,销售收入（亿元）,增加值（元）,研发费用（万元）,employees\n"
	f["tax.csv"] = "税收（元）,year,credit_code\n"
	for i := range 6 {
		for year := 2023; year <= 2024; year++ {
			f.add("output.csv", firm(i)+fmt.Sprintf(`,%d,0.01,"500,000",3,20`, year))
			f.add("tax.csv", fmt.Sprintf(`"%d,%d00.00",%d,`, 15*(i+1)*10, 0, year)+firm(i))
		}
	}
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	same(t, e, clean, "land", "indicators", "grades", "zones")
}

func TestTaxByHeadsAddsUpWhereTheTotalIsEmpty(t *testing.T) {
	f := town(6)
	f["tax.csv"] = "credit_code,year,税收（万元）,增值税（元）,企业所得税（亿元）\n" +
		firm(0) + ",2024,,100000,0.0005\n" + // 10 + 5
		firm(1) + ",2024,30,1,1\n" + // the total stands
		firm(2) + ",2024,,450000,\n" + firm(3) + ",2024,,,\n" // nothing is said
	e := gradedTown(t, f, lianyungang)
	e.rejects(t)
	for i, want := range []string{"15", "30", "45", "", "", ""} {
		if got := e.of(t, "indicators")[firm(i)]["tax"]; got != want {
			t.Errorf("%d: tax %q, want %q", i, got, want)
		}
	}
}
