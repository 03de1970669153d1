package main

import (
	"fmt"
	"html"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// report is the report of a run.
func (e *evaluation) report(t *testing.T) string {
	t.Helper()
	return readText(t, filepath.Join(e.dir, "report.html"))
}

// sampleRuns are the made-up city in two years, the later compared with the earlier.
func sampleRuns(t *testing.T) *evaluation {
	t.Helper()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	const packs = "lianyungang-2022,chizhou-2015,suizhou-2018,national-idle-land-2012"
	e := &evaluation{dir: filepath.Join(dir, "2024")}
	for _, args := range [][]string{
		{"sample", "--out", data},
		{"evaluate", "--data", data, "--policy", packs, "--year", "2023", "--as-of", "2024-06-30", "--out", filepath.Join(dir, "2023"), "--formats", "csv,geojson"},
		{"evaluate", "--data", data, "--policy", packs, "--year", "2024", "--as-of", "2025-06-30", "--out", e.dir, "--previous", filepath.Join(dir, "2023")},
	} {
		if o := command(args...); o.code != exitDone {
			t.Fatalf("%q: exit %d: %s", args, o.code, o.err)
		}
	}
	return e
}

// one finds what stands in the only group of a pattern.
func one(t *testing.T, text, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("nothing matches %s", pattern)
	}
	return html.UnescapeString(m[1])
}

// decimals is a number with so many decimals and commas, half away from zero, as reports
// print it.
func decimals(v *big.Rat, n int) string {
	whole, rest, _ := strings.Cut(v.FloatString(n), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if n > 0 {
		whole += "." + rest
	}
	return whole
}

func TestTheReportOpensInABrowserWithoutNetworkAndItsFiguresAreThoseOfTheTables(t *testing.T) {
	e := sampleRuns(t)
	file := filepath.Join(e.dir, "report.html")
	if strings.Contains(e.report(t), "://") { // one of the hosts that a browser asks itself would not be told from it
		t.Error("the report names an address")
	}
	for _, width := range []int{390, 1440} {
		t.Run(fmt.Sprintf("%d wide", width), func(t *testing.T) {
			t.Parallel()
			s := browse(t, file, width, 2400)
			if len(s.console) > 0 || len(s.requested) > 0 {
				t.Errorf("the browser says %q and asks for %q", s.console, s.requested)
			}
			if b := s.picture.Bounds(); b.Dx() != width || s.colours() < 40 {
				t.Errorf("picture %v of %d colours", b, s.colours())
			}
			e.figuresAgree(t, s.dom)
			text, pages := s.printed(t)
			if pages < 15 || pages > 45 {
				t.Errorf("%d pages on paper", pages)
			}
			for _, want := range []string{"示例市土地利用与节约集约评价报告", "亩均税收", "示例市东岭经济技术开发区", "每一元的去向", fmt.Sprintf("%d / %d", pages, pages)} {
				if !strings.Contains(text, want) {
					t.Errorf("on paper nothing says %s", want)
				}
			}
			if n := strings.Count(text, "使用权人"); n < 5 { // a list's head on each of its pages
				t.Errorf("the heads of lists stand on %d pages", n)
			}
		})
	}
}

func TestABrowserTellsAReportThatAsksTheNetworkOrRunsAScript(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	text := `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><img src="http://tiles.example/1.png"><script>console.error("broken")</script></body></html>`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s := browse(t, file, 500, 500)
	if !strings.Contains(strings.Join(s.requested, "\n"), "tiles.example") {
		t.Errorf("the request is not noticed: %q", s.requested)
	}
	if !strings.Contains(strings.Join(s.console, "\n"), "broken") {
		t.Errorf("the error is not noticed: %q", s.console)
	}
}

// figuresAgree holds the figures of a report against the tables, added up here anew.
func (e *evaluation) figuresAgree(t *testing.T, dom string) {
	t.Helper()
	firms, mu := map[string]int{}, map[string]*big.Rat{}
	for _, r := range e.table(t, "grades") {
		g := r["final_grade"]
		if mu[g] == nil {
			mu[g] = new(big.Rat)
		}
		firms[g]++
		mu[g].Add(mu[g], amount(t, r["land_mu"]))
	}
	for _, g := range []string{"A", "B", "C", "D"} {
		want := fmt.Sprintf("%d 家<br>%s 亩", firms[g], decimals(mu[g], 2))
		if got := one(t, dom, `data-grade="`+g+`"><b>.</b><span>(.*?)</span>`); got != want {
			t.Errorf("grade %s: %s, the tables have %s", g, got, want)
		}
	}
	card := func(key string) string { return one(t, dom, `data-key="`+key+`">.*?<div class="value">(.*?)<b>`) }
	tax, land := new(big.Rat), new(big.Rat)
	for _, r := range e.table(t, "indicators") {
		if a := amount(t, r["land_mu"]); r["tax"] != "" && a.Sign() > 0 {
			tax.Add(tax, amount(t, r["tax"]))
			land.Add(land, a)
		}
	}
	idle := len(e.table(t, "idle_land"))
	under := new(big.Rat)
	for _, r := range e.table(t, "underused_land") {
		under.Add(under, amount(t, r["mu"]))
	}
	for key, want := range map[string]string{
		"graded": strconv.Itoa(firms["A"] + firms["B"] + firms["C"] + firms["D"]), "idle": strconv.Itoa(idle),
		"tax_per_mu": decimals(tax.Quo(tax, land), 2), "underused": decimals(under, 2),
	} {
		if got := card(key); got != want {
			t.Errorf("card %s: %s, the tables have %s", key, got, want)
		}
	}
	for _, r := range e.table(t, "zones") {
		row := one(t, dom, `(?s)<tr[^>]*data-zone="`+r["zone_code"]+`">(.*?)</tr>`)
		for _, want := range []string{decimals(amount(t, r["tax_per_mu"]), 2), decimals(amount(t, r["mu"]), 2), decimals(amount(t, r["idle_mu"]), 2),
			r["rules_pass"] + " / " + r["rules_fail"] + " / " + r["rules_not_evaluated"]} {
			if !strings.Contains(row, ">"+want+"<") {
				t.Errorf("zone %s: no %s in %s", r["zone_code"], want, row)
			}
		}
	}
	for _, r := range e.table(t, "scorecard") {
		if !strings.Contains(dom, `data-rule="`+r["rule"]+`"`) {
			t.Errorf("rule %s is not in the report", r["rule"])
		}
	}
}

var accountLine = regexp.MustCompile(`(?s)<tr( class="\w+")?><td class="d(\d)"( colspan="5")?>(.*?)</td>(?:<td class="n">([\d,]+)</td><td class="n">([−\d.,]+)</td>)?`)

// line is a line of a conservation table, as it is printed.
type line struct {
	depth   int
	heading bool
	label   string
	rows    int
	amount  *big.Rat
	apart   bool
}

// conservation is the conservation tables of a report.
func conservation(t *testing.T, dom string) (all [][]line) {
	t.Helper()
	for _, table := range strings.Split(dom, `<table class="account">`)[1:] {
		table, _, _ = strings.Cut(table, "</table>")
		_, table, _ = strings.Cut(table, "<tbody>")
		var lines []line
		for _, m := range accountLine.FindAllStringSubmatch(table, -1) {
			l := line{heading: m[3] != "", label: m[4], apart: strings.Contains(m[4], "several may hold")}
			l.depth, _ = strconv.Atoi(m[2])
			if !l.heading {
				l.rows, _ = strconv.Atoi(strings.ReplaceAll(m[5], ",", ""))
				v, ok := new(big.Rat).SetString(strings.NewReplacer(",", "", "−", "-").Replace(m[6]))
				if !ok {
					t.Fatalf("%s: no number in %s", l.label, m[0])
				}
				l.amount = v
			}
			lines = append(lines, l)
		}
		all = append(all, lines)
	}
	return all
}

// addUp holds that the parts under every heading come to the line above it.
func addUp(t *testing.T, lines []line) (splits int) {
	t.Helper()
	for i, l := range lines {
		if !l.heading {
			continue
		}
		whole := i - 1
		for whole >= 0 && (lines[whole].heading || lines[whole].depth >= l.depth) {
			whole--
		}
		sum, rows := new(big.Rat), 0
		for _, p := range lines[i+1:] {
			if p.depth < l.depth || p.heading && p.depth == l.depth {
				break
			}
			if !p.heading && p.depth == l.depth {
				sum.Add(sum, p.amount)
				rows += p.rows
			}
		}
		splits++
		if sum.Cmp(lines[whole].amount) != 0 || rows != lines[whole].rows && !l.apart {
			t.Errorf("%s by %s: %s in %d rows, the parts come to %s in %d", lines[whole].label, l.label,
				lines[whole].amount.FloatString(8), lines[whole].rows, sum.FloatString(8), rows)
		}
	}
	return splits
}

func TestEveryMuAndEveryYuanReadIsAccountedForInTheReport(t *testing.T) {
	e := sampleRuns(t)
	dom := e.report(t)
	splits := 0
	all := conservation(t, dom)
	for _, a := range all {
		splits += addUp(t, a)
	}
	if len(all) != 6 || splits < 25 {
		t.Fatalf("%d accounts with %d splits", len(all), splits)
	}
	find := func(account int, label string) *big.Rat {
		for _, l := range all[account] {
			if !l.heading && strings.HasPrefix(l.label, label) {
				return l.amount
			}
		}
		t.Fatalf("account %d has no %s", account, label)
		return nil
	}
	area := new(big.Rat) // from the layer, in m²
	for _, p := range e.properties(t, "parcels", "parcel_code") {
		v, _ := new(big.Rat).SetString(strconv.FormatFloat(p["official_area"].(float64), 'f', -1, 64))
		area.Add(area, v)
	}
	if area.Mul(area, big.NewRat(3, 2000)); find(0, "采用").Cmp(area) != 0 {
		t.Errorf("used %s mu, the layer has %s", find(0, "采用").FloatString(8), area.FloatString(8))
	}
	tax, of := new(big.Rat), map[string]*big.Rat{}
	grade := map[string]string{}
	for _, r := range e.table(t, "grades") {
		grade[r["credit_code"]] = r["final_grade"]
	}
	for _, r := range e.table(t, "indicators") {
		v, g := amount(t, r["tax"]), grade[r["credit_code"]]
		tax.Add(tax, v)
		if of[g] == nil {
			of[g] = new(big.Rat)
		}
		of[g].Add(of[g], v)
	}
	const taxes = 2
	for _, g := range []string{"A", "B", "C", "D", "T"} {
		if find(taxes, g+" 类").Cmp(of[g]) != 0 {
			t.Errorf("tax of %s is %s, the tables have %s", g, find(taxes, g+" 类").FloatString(6), of[g].FloatString(6))
		}
	}
	if find(taxes, "对应到企业").Cmp(tax) != 0 {
		t.Errorf("tax of the enterprises is %s, the table has %s", find(taxes, "对应到企业").FloatString(6), tax.FloatString(6))
	}
}

func TestRejectedRowsStandInTheAccountsWithWhatCanBeReadOfThem(t *testing.T) {
	f := smallCity()
	f["tax.csv"] = "credit_code,year,tax\n" + someone + ",2024,12.5\n" + someone + ",2024,7.25\n" + another + ",20x4,3.5\n" + another + ",2024,abc\n"
	f["parcels.geojson"] = layer(lot("P1", box(1, 1, 2, 2), `"recorded_area":2000`), lot("P1", box(5, 1, 2, 2), `"recorded_area":4000`),
		lot("P2", `null`, `"recorded_area":6000`), lot("P3", box(21, 1, 2, 2), `"recorded_area":"x"`))
	e := evaluated(t, f)
	for _, a := range e.manifest.Accounts {
		rejected := a.Splits[0].Parts[1]
		switch a.Name {
		case "tax":
			if rejected.Rows != 3 || rejected.Unknown != 1 || a.Amount != 12_500_000+7_250_000+3_500_000 {
				t.Errorf("tax: %+v of %d", rejected, a.Amount)
			}
		case "parcels": // P3's own area is not known, for its row is rejected
			if rejected.Rows != 3 || rejected.Unknown != 1 || a.Amount != (2000+4000+6000)*10_000 {
				t.Errorf("parcels: %+v of %d", rejected, a.Amount)
			}
		}
	}
	for _, a := range conservation(t, e.report(t)) {
		addUp(t, a)
	}
}

func TestNamesInTheReportAreTextWhateverTheyHold(t *testing.T) {
	const evil = `<script>alert(1)</script>"'&amp; {{.CSS}} =cmd|' /C calc'!A0`
	f := smallCity()
	quoted := strings.ReplaceAll(strings.ReplaceAll(evil, `"`, `\"`), "\n", `\n`)
	f["zones.geojson"] = layer(feature(box(0, 0, 20, 20), `"zone_code":"Z\"><img src=x>1","name":"`+quoted+`\n第二行","kind":"new"`))
	f["parcels.geojson"] = layer(lot(`P'<1>`, box(1, 1, 2, 2), `"agreed_start_on":"2022-03-01","holder_name":"`+quoted+`"`))
	f["tenancies.csv"] = "credit_code,parcel_code,kind,area\n"
	dom := evaluated(t, f).report(t)
	for _, raw := range []string{"<script", "<img", "P'<1>"} {
		if strings.Contains(dom, raw) {
			t.Errorf("%s stands in the report as it is", raw)
		}
	}
	if n := strings.Count(html.UnescapeString(dom), evil); n < 3 {
		t.Errorf("the name is shown %d times", n)
	}
}

func TestTheReportSaysWhatARunHasNothingOf(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(files)
		flags []string
		says  []string
		not   []string
	}{
		"no register":  {func(f files) { delete(f, "enterprises.csv") }, nil, []string{"数据中没有企业名录"}, []string{`id="grades"`}},
		"no land use":  {func(f files) { delete(f, "land_use.geojson") }, nil, []string{`class="one"`}, []string{`id="mix"`}},
		"no idle land": {func(f files) { f["parcels.geojson"] = layer(lot("P2", box(5, 1, 2, 2), `"finished_on":"2020-01-01"`)) }, nil, []string{"没有认定为闲置的土地"}, nil},
		"no grades":    {func(files) {}, []string{"--policy", "national-idle-land-2012"}, []string{"没有分级方案", "本次未分级"}, nil},
		"one zone": {func(f files) {
			f["zones.geojson"] = layer(feature(box(0, 0, 20, 20), `"zone_code":"Z1","name":"新区"`))
		}, nil, []string{"<h1>新区土地利用"}, nil},
		"only required": {func(f files) {
			for name := range f {
				if name != "zones.geojson" && name != "parcels.geojson" {
					delete(f, name)
				}
			}
		}, nil, []string{"每一元的去向"}, []string{`id="mix"`, `id="grades"`}},
	} {
		t.Run(name, func(t *testing.T) {
			f := smallCity()
			c.spoil(f)
			dom := evaluated(t, f, c.flags...).report(t)
			for _, want := range c.says {
				if !strings.Contains(dom, want) {
					t.Errorf("nothing says %s", want)
				}
			}
			for _, not := range c.not {
				if strings.Contains(dom, not) {
					t.Errorf("%s is there", not)
				}
			}
			for _, a := range conservation(t, dom) {
				addUp(t, a)
			}
		})
	}
}

func TestTheReportIsTheSameForAnyNumberOfThreads(t *testing.T) {
	data := sampled(t)
	var got []string
	for _, threads := range []string{"1", "3"} {
		e := &evaluation{dir: filepath.Join(t.TempDir(), "run")}
		if e.outcome = command(evaluateArgs(data, e.dir, "--threads", threads, "--policy", "lianyungang-2022")...); e.code != exitDone {
			t.Fatal(e.err)
		}
		got = append(got, e.report(t))
	}
	if got[0] != got[1] {
		t.Error("the reports differ")
	}
}

func TestTheReportIsLeftOutWhereItIsNotAskedFor(t *testing.T) {
	e := evaluated(t, smallCity(), "--formats", "csv")
	if _, err := os.Stat(filepath.Join(e.dir, "report.html")); !os.IsNotExist(err) {
		t.Errorf("report.html is there: %v", err)
	}
	e = evaluated(t, smallCity(), "--formats", "html")
	if slices.ContainsFunc(e.names(t), func(name string) bool { return strings.HasSuffix(name, ".geojson") }) || e.report(t) == "" {
		t.Errorf("files %q", e.names(t))
	}
}

// names are the files that the manifest lists.
func (e *evaluation) names(t *testing.T) (out []string) {
	t.Helper()
	for _, o := range e.manifest.Outputs {
		out = append(out, o.Path)
	}
	return out
}
