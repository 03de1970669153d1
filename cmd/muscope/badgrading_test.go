package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	lianyungang = "lianyungang-2022"
	huangyan    = "zhejiang-huangyan-2022"
	huaian      = "jiangsu-huaian-2024"
)

// firm is the credit code of the i-th enterprise of a town, with its check character
// by GB 32100-2015.
func firm(i int) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	code, sum := fmt.Sprintf("91320700MA%07d", i), 0
	for k, w := range []int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28} {
		sum += w * strings.IndexByte(alphabet, code[k])
	}
	return code + alphabet[(31-sum%31)%31:][:1]
}

// town is a dataset without a fault: n enterprises above scale, each with a parcel of
// 15 mu of its own, P00 to the first. All are alike but for the tax: 15 万元 of the
// first, 30 of the second …, in 2023 as in 2024.
func town(n int) files {
	f := files{
		"zones.geojson": layer(feature(box(0, 0, 20, 20), `"zone_code":"Z1","name":"甲区","kind":"new"`),
			feature(box(20, 0, 20, 20), `"zone_code":"Z2","name":"乙区"`)),
		"enterprises.csv": "credit_code,name,industry,above_scale,registered_on\n",
		"tenancies.csv":   "credit_code,parcel_code,kind,area,from,to\n",
		"output.csv":      "credit_code,year,sales,value_added,rd,employees\n",
		"tax.csv":         "credit_code,year,tax\n",
		"energy.csv":      "credit_code,year,energy,electricity\n",
		"emissions.csv":   "credit_code,year,cod\n",
		"adjustments.csv": "credit_code,year,kind,value,reason,actor,decided_on\n",
	}
	var lots []string
	for i := range n {
		lots = append(lots, plot(i))
		f["enterprises.csv"] += firm(i) + fmt.Sprintf(",企业%02d有限公司,2614,是,2010-01-01\n", i)
		f["tenancies.csv"] += firm(i) + fmt.Sprintf(",P%02d,owned,10000,,\n", i)
		for year := 2023; year <= 2024; year++ {
			f["output.csv"] += firm(i) + fmt.Sprintf(",%d,100,50,3,20\n", year)
			f["tax.csv"] += firm(i) + fmt.Sprintf(",%d,%d\n", year, 15*(i+1))
			f["energy.csv"] += firm(i) + fmt.Sprintf(",%d,10,100000\n", year)
			f["emissions.csv"] += firm(i) + fmt.Sprintf(",%d,1\n", year)
		}
	}
	f["parcels.geojson"] = layer(lots...)
	return f
}

// plot is a town's i-th parcel: the even ones lie in Z1, the odd ones in Z2.
func plot(i int, more ...string) string {
	return lot(fmt.Sprintf("P%02d", i), box(1+20*(i%2)+2*(i/2%9), 1+2*(i/18), 1, 1), append(more, `"recorded_area":10000`)...)
}

// add adds rows to a table.
func (f files) add(name string, rows ...string) files {
	f[name] += strings.Join(rows, "\n") + "\n"
	return f
}

// swap puts a text in the place of another, which stands in the file just once.
func (f files) swap(t *testing.T, name, old, with string) files {
	t.Helper()
	if n := strings.Count(f[name], old); n != 1 {
		t.Fatalf("%q stands %d times in %s", old, n, name)
	}
	f[name] = strings.Replace(f[name], old, with, 1)
	return f
}

// gradedTown evaluates a dataset by a policy with a grading scheme, and holds that the
// parts of what comes out add up.
func gradedTown(t *testing.T, f files, policy string, more ...string) *evaluation {
	t.Helper()
	e := evaluated(t, f, append([]string{"--policy", policy}, more...)...)
	e.taxAddsUp(t, f)
	e.finite(t)
	if e.has("grades") {
		e.gradesAgree(t)
	}
	return e
}

func (e *evaluation) has(name string) bool {
	_, err := os.Stat(filepath.Join(e.dir, "tables", name+".csv"))
	return err == nil
}

// taxAddsUp holds that the tax of the year in the rows that were used is that of the
// enterprises and of the rows that found none, to the last yuan; and that the tax of
// the enterprises is that of their parcels and what falls on no parcel.
func (e *evaluation) taxAddsUp(t *testing.T, f files) {
	t.Helper()
	if !e.has("indicators") {
		return
	}
	read, ofFirms, unmatched, unapportioned := e.taxRead(t, f), new(big.Rat), new(big.Rat), new(big.Rat)
	for _, r := range e.table(t, "indicators") {
		ofFirms.Add(ofFirms, amount(t, r["tax"]))
	}
	for _, r := range e.table(t, "unmatched") {
		switch {
		case r["table"] == "tax" && strings.HasSuffix(r["key"], "/2024") && r["reason"] != "name_matched":
			unmatched.Add(unmatched, amount(t, r["tax"]))
		case r["table"] == "enterprises":
			unapportioned.Add(unapportioned, amount(t, r["tax"]))
		}
	}
	if both := new(big.Rat).Add(ofFirms, unmatched); both.Cmp(read) != 0 {
		t.Errorf("tax read is %s, but that of enterprises %s and unmatched %s", read.FloatString(4), ofFirms.FloatString(4), unmatched.FloatString(4))
	}
	onParcels, rounded := 0.0, 1e-4*float64(1+len(e.table(t, "unmatched")))
	for _, p := range e.properties(t, "parcels", "parcel_code") {
		if why, _ := p["reasons"].(string); strings.Contains(why, "tax_per_mu missing") {
			return // what the other occupants pay there is shown nowhere
		}
		if v, ok := p["tax_per_mu"].(float64); ok {
			mu := p["official_area"].(float64) * 3 / 2000
			onParcels, rounded = onParcels+v*mu, rounded+1e-6*mu
		}
	}
	all, _ := ofFirms.Float64()
	rest, _ := unapportioned.Float64()
	if math.Abs(onParcels+rest-all) > rounded+1e-12*math.Abs(all) {
		t.Errorf("tax of enterprises is %v, but on parcels %v and unapportioned %v", all, onParcels, rest)
	}
}

// taxRead is the tax of 2024, in 万元, in the rows of tax.csv that were not rejected:
// read here a second time and in another way.
func (e *evaluation) taxRead(t *testing.T, f files) *big.Rat {
	t.Helper()
	rejected := map[string]bool{}
	for _, r := range e.table(t, "rejects") {
		rejected[r["file"]+":"+r["row"]] = true
	}
	all := new(big.Rat)
	rows, err := csv.NewReader(strings.NewReader(f["tax.csv"])).ReadAll()
	if err != nil || len(rows) == 0 {
		return all
	}
	for i, row := range rows[1:] {
		var year string
		total, heads := new(big.Rat), new(big.Rat)
		given := false
		for c, cell := range row {
			name, unit, _ := strings.Cut(strings.TrimSuffix(rows[0][c], "）"), "（")
			switch name {
			case "year", "年度":
				year = cell
			case "tax", "税收":
				total, given = wanYuan(t, cell, unit), cell != ""
			case "vat", "增值税", "income", "企业所得税":
				heads.Add(heads, wanYuan(t, cell, unit))
			}
		}
		if year != "2024" || rejected[fmt.Sprintf("tax.csv:%d", i+2)] {
			continue
		}
		if given {
			all.Add(all, total)
		} else {
			all.Add(all, heads)
		}
	}
	return all
}

// wanYuan is a cell in 万元, exactly; one that is rejected may be no number.
func wanYuan(t *testing.T, cell, unit string) *big.Rat {
	t.Helper()
	v := new(big.Rat)
	if _, ok := v.SetString(strings.ReplaceAll(cell, ",", "")); !ok {
		return new(big.Rat)
	}
	switch unit {
	case "元":
		v.Quo(v, big.NewRat(10_000, 1))
	case "亿元":
		v.Mul(v, big.NewRat(10_000, 1))
	}
	return v
}

// amount is a number of a table, exactly; an empty cell is none.
func amount(t *testing.T, cell string) *big.Rat {
	t.Helper()
	v := new(big.Rat)
	if cell == "" {
		return v
	}
	if _, ok := v.SetString(cell); !ok {
		t.Fatalf("%q is no number", cell)
	}
	return v
}

// finite holds that no table and no layer has a figure that is none; rejects show what
// was read.
func (e *evaluation) finite(t *testing.T) {
	t.Helper()
	for path, text := range bytesOf(t, e.dir) {
		if path == "tables/rejects.csv" {
			continue
		}
		for _, bad := range []string{"NaN", "Inf", "nan,", "e+1", "E+1"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
	}
}

// gradesAgree holds that the tables about enterprises list the same ones in the order
// of their codes, that every figure that is missing and every grade that is not given
// has its reason, that scores add to totals, and that layers and summary count what
// the tables say.
func (e *evaluation) gradesAgree(t *testing.T) {
	t.Helper()
	grades, indicators, land := e.table(t, "grades"), e.table(t, "indicators"), e.table(t, "land")
	if n := int(e.manifest.Counts["enterprises"].Used); len(grades) != n || len(indicators) != n || len(land) != n {
		t.Fatalf("%d enterprises, %d grades, %d indicators, %d lands", n, len(grades), len(indicators), len(land))
	}
	counts := map[string]int64{}
	for i, g := range grades {
		code := g["credit_code"]
		if code != indicators[i]["credit_code"] || code != land[i]["credit_code"] || i > 0 && code <= grades[i-1]["credit_code"] {
			t.Errorf("row %d is of %s, %s and %s", i, code, indicators[i]["credit_code"], land[i]["credit_code"])
		}
		if g["land_mu"] != land[i]["net_mu"] || g["land_mu"] != indicators[i]["land_mu"] {
			t.Errorf("%s: land %s, %s and %s", code, g["land_mu"], land[i]["net_mu"], indicators[i]["land_mu"])
		}
		gradeHangsTogether(t, g)
		reasoned(t, indicators[i])
		counts[g["final_grade"]]++
	}
	for _, letter := range []string{"A", "B", "C", "D", "T"} {
		if n := e.manifest.Verdicts["grades"][letter]; n != counts[letter] {
			t.Errorf("the summary counts %d of %s, the table %d", n, letter, counts[letter])
		}
	}
	e.landOfGrades(t)
}

// gradeHangsTogether holds that a row of grades is whole.
func gradeHangsTogether(t *testing.T, g map[string]string) {
	t.Helper()
	ranked := g["rank"] != ""
	if ranked != (g["total"] != "") || ranked != (g["of"] != "") || ranked != (g["initial_grade"] != "") || ranked != (g["bonus"] != "") {
		t.Errorf("half a grade: %v", g)
	}
	if !ranked {
		if g["reasons"] == "" || g["final_grade"] != "" && g["final_grade"] != "T" {
			t.Errorf("%s: grade %q without a rank, reasons %q", g["credit_code"], g["final_grade"], g["reasons"])
		}
		return
	}
	sum := 0.0
	for column, cell := range g {
		if v, _ := strconv.ParseFloat(cell, 64); strings.HasPrefix(column, "score_") || column == "bonus" {
			sum += v
		}
	}
	if total, err := strconv.ParseFloat(g["total"], 64); err != nil || math.Abs(sum-total) > 5e-6 {
		t.Errorf("%s: scores and bonus come to %v, total is %s", g["credit_code"], sum, g["total"])
	}
}

// reasoned holds that of an enterprise's indicators just those that are empty have a
// reason.
func reasoned(t *testing.T, r map[string]string) {
	t.Helper()
	missing := map[string]bool{}
	for _, part := range strings.Split(r["missing"], "; ") {
		name, why, _ := strings.Cut(part, ": ")
		if missing[name] = why != ""; name != "" && why == "" {
			t.Errorf("%s: %q gives no reason", r["credit_code"], part)
		}
	}
	for column, cell := range r {
		if ratio := strings.Contains(column, "_per_") || column == "rd_intensity" || column == "labour_productivity"; ratio && missing[column] != (cell == "") {
			t.Errorf("%s: %s is %q, missing %q", r["credit_code"], column, cell, r["missing"])
		}
	}
}

// landOfGrades holds that the land of the zones by grade is that of the parcels.
func (e *evaluation) landOfGrades(t *testing.T) {
	t.Helper()
	of := map[string]float64{}
	for _, p := range e.properties(t, "parcels", "parcel_code") {
		letter, _ := p["grade"].(string)
		of[letter] += p["mu"].(float64)
	}
	zones := e.table(t, "zones")
	for _, letter := range []string{"A", "B", "C", "D"} {
		sum := 0.0
		for _, z := range zones {
			v, err := strconv.ParseFloat(z["mu_"+strings.ToLower(letter)], 64)
			if err != nil {
				t.Errorf("zone %s: mu_%s is %q", z["zone_code"], strings.ToLower(letter), z["mu_"+strings.ToLower(letter)])
			}
			sum += v
		}
		if math.Abs(sum-of[letter]) > 1e-4*float64(len(zones)+1) {
			t.Errorf("%v mu of grade %s in zones, %v of parcels", sum, letter, of[letter])
		}
	}
}

// of is a table of the run by credit code.
func (e *evaluation) of(t *testing.T, name string) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	for _, r := range e.table(t, name) {
		out[r["credit_code"]] = r
	}
	return out
}

// letters are the final grades of a town's enterprises, - for none.
func (e *evaluation) letters(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, g := range e.table(t, "grades") {
		if b.WriteString(g["final_grade"]); g["final_grade"] == "" {
			b.WriteByte('-')
		}
	}
	return b.String()
}

// unmatched holds that exactly these rows are in unmatched.csv: table, key, reason,
// matched_to, area_mu and tax, between bars.
func (e *evaluation) unmatched(t *testing.T, wants ...string) {
	t.Helper()
	var got []string
	for _, r := range e.table(t, "unmatched") {
		got = append(got, strings.Join([]string{r["table"], r["key"], r["reason"], r["matched_to"], r["area_mu"], r["tax"]}, "|"))
	}
	if !slices.Equal(got, wants) {
		t.Errorf("unmatched\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wants, "\n"))
	}
}

// flagged are the rows of flags.csv with a flag, as key and value.
func (e *evaluation) flagged(t *testing.T, flag string) []string {
	t.Helper()
	got := []string{}
	for _, r := range e.table(t, "flags") {
		if r["flag"] == flag {
			got = append(got, r["table"]+" "+r["key"]+" "+r["value"])
		}
	}
	return got
}

// same holds that tables of two runs are the same bytes.
func same(t *testing.T, a, b *evaluation, tables ...string) {
	t.Helper()
	for _, name := range tables {
		var text [2][]byte
		for i, e := range []*evaluation{a, b} {
			var err error
			if text[i], err = os.ReadFile(filepath.Join(e.dir, "tables", name+".csv")); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(text[0], text[1]) {
			t.Errorf("%s.csv is\n%s\nand\n%s", name, text[0], text[1])
		}
	}
}

// says holds that the summary has these lines, or that they begin so.
func (e *evaluation) says(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+e.out, "\n"+line) {
			t.Errorf("no line %q in\n%s", line, e.out)
		}
	}
}

func TestATownWithoutAFaultIsGradedByItsTax(t *testing.T) {
	e := gradedTown(t, town(6), lianyungang)
	e.rejects(t)
	e.unmatched(t)
	for i := range 6 {
		// The five indicators weigh 20 each; but for the tax all are the group's mean. Its
		// mean is 15 · (1 + … + 6) ÷ (6 · 15) = 3.5 万元/亩.
		total, err := strconv.ParseFloat(e.of(t, "grades")[firm(i)]["total"], 64)
		if want := 80 + 20*float64(i+1)/3.5; err != nil || math.Abs(total-want) > 5e-7 {
			t.Errorf("%d: total %v, want %v", i, total, want)
		}
		p := e.properties(t, "parcels", "parcel_code")[fmt.Sprintf("P%02d", i)]
		if want := "DCCBBA"[i : i+1]; p["grade"] != want || p["tax_per_mu"] != float64(i+1) || p["grades"] != want+" 1.0000" {
			t.Errorf("parcel %d: %v", i, p)
		}
	}
	if got := e.letters(t); got != "DCCBBA" { // of 6, a fifth is 1, three fifths 3, 95 % 5
		t.Errorf("grades %s", got)
	}
	e.says(t, "grades: A 1, B 2, C 2, D 1\n")
}

// pack is a policy file: a pack of the program's with one text in it changed.
func pack(t *testing.T, id, old, with string) (path string) {
	t.Helper()
	text, err := os.ReadFile("../../datasets/policy/" + id + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q", id, old)
	}
	path = filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, with, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
