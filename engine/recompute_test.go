package engine_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Order 53 of 2012 on idle land once more, from the text: plain code over the
// properties of the made-up city's parcels that shares nothing with the engine.

// plot is a parcel as its bureau describes it.
type plot struct {
	t *testing.T
	feature
	asOf time.Time
}

func (p plot) day(name string) (time.Time, bool) {
	v, ok := p.text(name)
	if !ok {
		return time.Time{}, false
	}
	d, err := time.Parse("2006-1-2", strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(v))
	if err != nil {
		p.t.Fatalf("%s %q: %v", name, v, err)
	}
	return d, true
}

// past is a day that has come.
func (p plot) past(name string) (time.Time, bool) {
	d, ok := p.day(name)
	return d, ok && !d.After(p.asOf)
}

func yearsOn(d time.Time, n int) time.Time {
	on := time.Date(d.Year()+n, d.Month(), d.Day(), 0, 0, 0, 0, time.UTC)
	if on.Month() != d.Month() { // 29 February
		on = on.AddDate(0, 0, -on.Day())
	}
	return on
}

// fullYears is the day after n full years.
func fullYears(d time.Time, n int) time.Time { return yearsOn(d, n).AddDate(0, 0, 1) }

const iso = "2006-01-02"

// deadline is the day works had to start by, how it was found, and the clause for it.
func (p plot) deadline() (d time.Time, from, clause string, ok bool) {
	if d, ok := p.day("extended_start_on"); ok {
		return d, "extended_start_on", "闲置土地处置办法第十二条第二款", true
	}
	if d, ok := p.day("agreed_start_on"); ok {
		return d, "agreed_start_on", "", true
	}
	for _, name := range []string{"delivered_on", "signed_on"} {
		if d, ok := p.day(name); ok {
			return yearsOn(d, 1), name + "+1y", "闲置土地处置办法第二十二条第二款", true
		}
	}
	return d, "", "", false
}

// under says whether one column is less than num/den of another, as the works or
// the money of a stopped project are; told is how the evidence puts it.
func (p plot) under(part, whole string, num, den float64) (told string, met bool) {
	a, okA := p.number(p.t, part)
	b, okB := p.number(p.t, whole)
	told = part + "/" + whole + "=" + shown(a, okA) + "/" + shown(b, okB)
	if okA && okB && b > 0 {
		told += "=" + shown(math.Round(a/b*1e6)/1e6, true)
		met = a*den < b*num
	}
	word := " not met)"
	if met {
		word = " met)"
	}
	return fmt.Sprintf("%s (<%g/%g%s", told, num, den, word), met
}

func shown(v float64, ok bool) string {
	if !ok {
		return "null"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// cause is who delayed the parcel, and how the evidence puts it.
func (p plot) cause() (cause, told string) {
	if c, ok := p.text("delay_cause"); ok {
		return c, "delay_cause=" + c
	}
	return "enterprise", "delay_cause=enterprise (default)"
}

// seen is a date as the evidence puts it.
func (p plot) seen(name string) string {
	d, ok := p.day(name)
	switch {
	case !ok:
		return name + "=null"
	case d.After(p.asOf):
		return name + "=" + d.Format(iso) + " (after as_of)"
	}
	return name + "=" + d.Format(iso)
}

// kind is what the parcel is idle as, if it is, or would become: the day counted
// from, and what was looked at, clauses and evidence.
func (p plot) kind() (kind string, since time.Time, clauses, evidence []string) {
	use, _ := p.text("land_use")
	standard, _ := p.text("land_use_standard")
	if standard == "YDYH-2023" && strings.HasPrefix(use, "01") { // 耕地, arable land
		return "", since, nil, nil
	}
	if _, finished := p.past("finished_on"); finished {
		return "", since, nil, nil
	}
	started, begun := p.past("started_on")
	if !begun {
		d, from, clause, ok := p.deadline()
		if !ok {
			return "", since, nil, nil
		}
		evidence = append(evidence, "start_deadline="+d.Format(iso)+" ("+from+")", p.seen("started_on"))
		clauses = append(clauses, "闲置土地处置办法第二条第一款")
		if clause != "" {
			clauses = append(clauses, clause)
		}
		return "not_started", d, clauses, evidence
	}
	stopped, still := p.past("suspended_on")
	if !still || stopped.Before(started) {
		return "", since, nil, nil
	}
	works, few := p.under("area_developed", "area_to_develop", 1, 3)
	money, little := p.under("investment_made", "investment_total", 1, 4)
	if !few && !little {
		return "", since, nil, nil
	}
	evidence = append(evidence, p.seen("started_on"), p.seen("suspended_on"), "as_of="+p.asOf.Format(iso), works, money)
	return "stalled", stopped, []string{"闲置土地处置办法第二条第二款"}, evidence
}

// idle is the parcel's row of idle_land; nil when it is not idle. Whether it is at
// risk is said for a parcel that is not.
func (p plot) idle(zone any, mu float64) (row map[string]any, atRisk string) {
	kind, since, clauses, evidence := p.kind()
	if kind == "" {
		return nil, ""
	}
	from := fullYears(since, 1)
	if from.After(p.asOf) {
		if !from.After(p.asOf.AddDate(0, 0, 180)) {
			return nil, from.Format(iso)
		}
		return nil, ""
	}
	days := int(p.asOf.Sub(from).Hours() / 24)
	cause, told := p.cause()
	row = map[string]any{
		"zone_code": zone, "mu": mu, "idle_kind": kind, "idle_since": since.Format(iso),
		"idle_from": from.Format(iso), "idle_days": float64(days), "delay_cause": cause,
		"consequence": "negotiate", "fee": nil, "take_back_from": nil,
	}
	for _, name := range []string{"parcel_code", "holder", "holder_name"} {
		row[name] = nil
		if v, ok := p.text(name); ok {
			row[name] = v
		}
	}
	if kind == "not_started" {
		if _, ok := p.day("suspended_on"); ok {
			evidence = append(evidence, p.seen("suspended_on"))
		}
		evidence = append(evidence, "as_of="+p.asOf.Format(iso))
	}
	evidence = append(evidence, "idle_from="+from.Format(iso), fmt.Sprintf("idle_days=%d", days), told)
	clause, extra := p.follow(row, kind, cause, since)
	row["clause"] = strings.Join(append(clauses, clause...), "; ")
	row["evidence"] = strings.Join(append(append(evidence, extra...), fmt.Sprintf("source=parcels/%v", row["parcel_code"])), "; ")
	return row, ""
}

// follow fills in what follows from being idle.
func (p plot) follow(row map[string]any, kind, cause string, since time.Time) (clauses, evidence []string) {
	switch {
	case kind == "stalled":
		return []string{"闲置土地处置办法第十二条第三款"}, nil
	case cause == "preparatory":
		return []string{"城市房地产管理法第二十六条", "闲置土地处置办法第十二条第一款"}, nil
	case cause != "enterprise":
		return []string{"闲置土地处置办法第八条", "闲置土地处置办法第十二条第一款"}, nil
	}
	takeBack := fullYears(since, 2)
	row["take_back_from"] = takeBack.Format(iso)
	evidence = append(evidence, "take_back_from="+takeBack.Format(iso))
	if !takeBack.After(p.asOf) {
		row["consequence"] = "take_back"
		return []string{"闲置土地处置办法第十四条第（二）项"}, evidence
	}
	row["consequence"] = "fee"
	price, known := p.number(p.t, "land_price")
	evidence = append(evidence, "land_price="+shown(price, known))
	if known {
		fee := math.Round(price*0.2*1e4) / 1e4
		row["fee"] = fee
		evidence = append(evidence, "fee="+shown(fee, true)+" (land_price*1/5)")
	} else {
		evidence = append(evidence, "fee=null")
	}
	return []string{"闲置土地处置办法第十四条第（一）项"}, evidence
}

// supply is the first supply state that holds; a declared one is kept.
func (p plot) supply(idle bool) any {
	if v, ok := p.text("supply_state"); ok {
		return v
	}
	if use, _ := p.text("land_use"); strings.HasPrefix(use, "01") {
		return nil
	}
	_, finished := p.past("finished_on")
	agreed, due := p.day("agreed_finish_on")
	_, started := p.past("started_on")
	_, signed := p.day("signed_on")
	_, delivered := p.day("delivered_on")
	switch {
	case finished:
		return "built"
	case idle:
		return "idle"
	case due && p.asOf.After(agreed):
		return "overdue"
	case started:
		return "under_construction"
	case signed || delivered:
		return "supplied_not_used"
	}
	return nil
}

func TestIdleLandOfTheSampleIsWhatTheOrderSays(t *testing.T) {
	c := towns[1]
	texts := c.texts(t)
	got := results(t, evaluated(t, c.folder(t, nil), c.options(t)))
	asOf, err := time.Parse(iso, c.asOf)
	if err != nil {
		t.Fatal(err)
	}
	described := map[string][]plot{} // by code; two where the code stands twice
	for _, f := range featuresOf(t, texts["parcels.geojson"]) {
		code, _ := f.text("parcel_code")
		described[code] = append(described[code], plot{t, f, asOf})
	}
	listed := map[string]map[string]any{}
	for _, f := range featuresOf(t, got["layers/idle_land.geojson"]) {
		code, _ := f.text("parcel_code")
		listed[code] = plain(t, f.Properties)
	}
	seen := map[any]int{}
	for _, f := range featuresOf(t, got["layers/parcels.geojson"]) {
		code, _ := f.text("parcel_code")
		fits, why := false, ""
		for _, p := range described[code] {
			row, atRisk := p.idle(f.Properties["zone_code"], muOf(t, p, f))
			kind, risk := any(nil), any(nil)
			if row != nil {
				kind = row["idle_kind"]
			}
			if atRisk != "" {
				risk = atRisk
			}
			want := map[string]any{"idle": row != nil, "idle_kind": kind, "at_risk_on": risk, "supply_state": p.supply(row != nil)}
			why = differs(want, plain(t, f.Properties))
			if why == "" && row != nil {
				if why = differs(row, listed[code]); len(row) != len(listed[code]) {
					why += fmt.Sprintf("; it has %d properties, by the order %d", len(listed[code]), len(row))
				}
			}
			if fits = fits || why == ""; fits {
				seen[kind]++
				break
			}
		}
		if !fits {
			t.Errorf("%s: %s", code, why)
		}
		delete(listed, code)
	}
	for code := range listed {
		t.Errorf("%s is in idle_land and not among the parcels", code)
	}
	if seen["not_started"] < 10 || seen["stalled"] < 5 {
		t.Errorf("%d not started and %d stalled: too few to prove anything", seen["not_started"], seen["stalled"])
	}
}

// muOf is the recorded area in mu, or the drawn one's where none is.
func muOf(t *testing.T, p plot, drawn feature) float64 {
	t.Helper()
	area, ok := p.number(t, "recorded_area")
	if !ok || area <= 0 {
		area, _ = drawn.number(t, "geometric_area")
	}
	// 1e-4 m² × 3 ÷ 2000 are 1e-4 mu, to the nearest; in whole numbers, for halves go up.
	return float64((int64(math.Round(area*1e4))*3+1000)/2000) / 1e4
}

// plain is properties with their numbers as float64.
func plain(t *testing.T, properties map[string]any) map[string]any {
	t.Helper()
	out := map[string]any{}
	for name, v := range properties {
		if n, ok := v.(json.Number); ok {
			f, err := n.Float64()
			if err != nil {
				t.Fatal(err)
			}
			v = f
		}
		out[name] = v
	}
	return out
}

// differs says in which properties of want got differs.
func differs(want, got map[string]any) string {
	var out []string
	for name, w := range want {
		if g, ok := got[name]; !ok || g != w {
			out = append(out, fmt.Sprintf("%s is %v, by the order %v", name, g, w))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}
