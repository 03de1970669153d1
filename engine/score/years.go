package score

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// cadence counts the months of the year whose reports are there in time. Months that
// are not due by the day of evaluation are not asked for.
func (c *Card) cadence(city *City, a policy.Applied) {
	d := a.Rule.Demand
	for z := range city.Zones {
		r := zoneRow(city, a, z)
		var due, inTime int
		var missing, late []string
		for m := 1; m <= 12; m++ {
			last := dueOn(city.Year, m, d.DueDay)
			if last >= city.AsOf {
				continue
			}
			due++
			good := true
			for _, id := range d.Indicators {
				var report Report
				var ok bool
				if months := city.Months[id]; months != nil {
					report, ok = months.Reported[[2]int32{int32(z), int32(m)}]
				}
				what := fmt.Sprintf("%d-%02d %s", city.Year, m, id)
				switch {
				case !ok || report.Dated && report.On > city.AsOf:
					missing, good = append(missing, "missing "+what), false
				case report.Dated && report.On > last:
					late, good = append(late, "late "+what), false
				}
			}
			if good {
				inTime++
			}
		}
		r.Value, r.Bound, r.Unit = strconv.Itoa(inTime), ">= "+strconv.Itoa(due), "month"
		r.Source = "zone_indicators/" + r.Code + "/" + strconv.Itoa(city.Year) + "-*"
		r.Missing = strings.Join(append(missing, late...), ";")
		switch {
		case due == 0:
			r.Verdict, r.Value, r.Bound, r.Missing = NotEvaluated, "", "", "no month is due yet"
		case inTime < due:
			r.Verdict = Fail
		default:
			r.Verdict = Pass
		}
		c.Rows = append(c.Rows, r)
	}
}

// dueOn is the day a month's report is due: a day of the next month, or its last.
func dueOn(year, month, day int) unit.Date {
	if month++; month > 12 {
		year, month = year+1, 1
	}
	for ; ; day-- {
		if d, ok := unit.NewDate(year, month, day); ok {
			return d
		}
	}
}

// bottomLine counts the bottom-line rules that a zone fails: too many are a notice and
// an interview, in two years running accountability. What was not evaluated counts as
// neither.
func (c *Card) bottomLine(city *City, a policy.Applied) {
	d := a.Rule.Demand
	for z := range city.Zones {
		r := zoneRow(city, a, z)
		var failed, looked int
		var names, not []string
		for _, id := range d.Rules {
			switch v := c.verdictOf(a.Pack, id, int32(z)); v {
			case Fail:
				failed++
				looked++
				names = append(names, id)
			case Pass:
				looked++
			case NotEvaluated:
				not = append(not, id)
			}
		}
		r.Value, r.Bound = strconv.Itoa(failed), "< "+strconv.Itoa(d.Few)
		r.Source, r.Missing = strings.Join(names, ";"), strings.Join(not, ";")
		switch {
		case looked == 0:
			r.Verdict, r.Value = NotEvaluated, ""
		case failed < d.Few:
			r.Verdict = Pass
			c.BottomLine[z] = "ok"
		default:
			r.Verdict = Fail
			c.BottomLine[z] = "notice"
			before, known := city.Previous[[2]string{a.Rule.ID, r.Code}]
			if n, err := strconv.Atoi(before.Value); known && err == nil && n >= d.Few {
				c.BottomLine[z] = "accountability"
			} else if !known {
				r.Missing = strings.TrimPrefix(r.Missing+";previous run", ";")
			}
		}
		c.Rows = append(c.Rows, r)
	}
}

// verdictOf is the verdict of a rule of a pack on a zone; None without a row.
func (c *Card) verdictOf(pack *policy.Pack, id string, zone int32) Verdict {
	for i := range c.Rows {
		if r := &c.Rows[i]; r.Rule.ID == id && r.Pack == pack && r.Zone == zone && r.Scope == policy.ScopeZone {
			return r.Verdict
		}
	}
	return None
}

// index is a weighted index of zones: each part 100 · value ÷ ideal, or ÷ the best
// zone's. Zones are ranked by it.
func (c *Card) index(city *City, a policy.Applied) {
	parts := a.Rule.Demand.Parts
	values := make([][]reading, len(parts))
	best := make([]float64, len(parts))
	for p, part := range parts {
		best[p] = part.Ideal
		values[p] = make([]reading, len(city.Zones))
		for z := range city.Zones {
			r := city.figure(part.Figure, int32(z), city.Year)
			values[p][z] = r
			if part.Ideal > 0 || !r.ok || !(r.value > 0) {
				continue
			}
			if best[p] == 0 || part.Inverse == (r.value < best[p]) {
				best[p] = r.value
			}
		}
	}
	total := make([]float64, len(city.Zones))
	rows := make([]Row, len(city.Zones))
	for z := range city.Zones {
		r := zoneRow(city, a, z)
		r.Verdict, r.ValueYear = Reported, city.Year
		var missing, source []string
		for p, part := range parts {
			v := values[p][z]
			missing, source = append(missing, v.missing...), append(source, v.source...)
			s := math.NaN()
			switch {
			case !v.ok:
			case part.Rest:
				s = (1 - v.value) * 100
			case part.Inverse && v.value > 0:
				s = best[p] / v.value * 100
			case part.Inverse, best[p] == 0:
				missing = append(missing, part.Figure.Of+" not positive")
			default:
				s = v.value / best[p] * 100
			}
			total[z] += min(max(s, 0), 100) * part.Weight / 100
		}
		if r.Missing, r.Source = listed(unique(missing)), listed(unique(source)); len(missing) > 0 || isNaN(total[z]) {
			r.Verdict, total[z] = NotEvaluated, math.NaN()
		} else {
			total[z] = near(total[z])
			r.Value = number(total[z])
		}
		rows[z] = r
	}
	c.Rows = append(c.Rows, rows...)
	if c.Index == nil {
		c.Index = total
	}
}

// Rank is a zone's place by the index: 1 and the number of zones with more; 0 without
// an index.
func (c *Card) Rank(zone int) int {
	if c.Index == nil || isNaN(c.Index[zone]) {
		return 0
	}
	rank := 1
	for _, v := range c.Index {
		if v > c.Index[zone] {
			rank++
		}
	}
	return rank
}
