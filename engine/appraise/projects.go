package appraise

import (
	"math"
	"strings"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// projects are the investment projects as rules look at them; nil without the table.
func (f *Found) projects() *score.Subjects {
	if f.Projects == nil {
		return nil
	}
	rows := f.Projects.Rows()
	code, zone := rows.Text("project_code"), rows.Text("zone_code")
	p := &projectFacts{f, rows, make([]int32, rows.Len())}
	for i := range p.zone {
		z, _ := zone(i)
		p.zone[i] = f.zoneOf(z)
	}
	return &score.Subjects{
		N: rows.Len(), Table: "projects", Zone: p.zone,
		Code:   func(i int) string { v, _ := code(i); return v },
		Number: p.number, Text: p.text,
		Shares: func(int) ([]int32, []unit.Area, unit.Area) { return nil, nil, 0 },
	}
}

type projectFacts struct {
	*Found
	rows table.Rows
	zone []int32
}

// perMu is a column ÷ the project's land in mu.
func (p *projectFacts) perMu(column string, u unit.Unit) numbers {
	of, land := p.rows.Number(column, u), p.rows.Number("land_area", unit.SquareMetre)
	return func(i int) (float64, bool) {
		v, ok := of(i)
		a, known := land(i)
		if !ok || !known || !(a > 0) {
			return 0, false
		}
		return v * 2000 / (a * 3), true
	}
}

// number is a fact that is a number, an answer or a day.
func (p *projectFacts) number(fact string) func(i int) (float64, bool) {
	switch fact {
	case "investment_per_mu":
		return p.perMu("investment", unit.WanYuan)
	case "tax_per_mu":
		return p.perMu("tax", unit.WanYuan)
	case "energy_per_mu":
		return p.perMu("energy", unit.TCE)
	case "own_land":
		of := p.rows.Number("land_area", unit.SquareMetre)
		return func(i int) (float64, bool) { // 0: no land of its own
			v, ok := of(i)
			return v * 3 / 2000, ok
		}
	case "plot_ratio":
		return p.rows.Number(fact, unit.None)
	case "building_coverage":
		return p.rows.Number(fact, unit.Ratio)
	case "contracted", "funded":
		return p.rows.Number(fact, unit.WanYuan)
	case "foreign_usd":
		of := p.rows.Number(fact, unit.WanDollar)
		return func(i int) (float64, bool) { v, _ := of(i); return v, true } // empty: none
	case "suits_multistorey", "environment_ok", "safety_ok":
		of := p.rows.Bool(fact)
		return func(i int) (float64, bool) { return yes(of(i)) }
	case "signed_on", "registered_on", "approved_on", "land_supplied_on", "started_on":
		return dated(p.rows.Date(fact))
	case "new_on":
		return dated(p.rows.Date("signed_on"))
	case "signed_year":
		of := p.rows.Date("signed_on")
		return func(i int) (float64, bool) {
			d, ok := of(i)
			return float64(d.Year()), ok && d <= p.AsOf
		}
	case "registered_in_time":
		return p.inTime("registered_on")
	case "started_in_time":
		return p.inTime("started_on")
	case "newly_started":
		return p.newlyStarted()
	}
	return nothing
}

// yearEnd is the last day of the evaluated year, or the day of evaluation before it.
func (p *projectFacts) yearEnd() unit.Date {
	end, _ := unit.NewDate(p.Year, 12, 31)
	return min(end, p.AsOf)
}

// inTime says whether something had happened by the end of the year.
func (p *projectFacts) inTime(column string) numbers {
	of, end := p.rows.Date(column), p.yearEnd()
	return func(i int) (float64, bool) {
		d, ok := of(i)
		return yes(ok && d <= end, true)
	}
}

// newlyStarted says whether a project is registered, approved, has its land and a tenth
// of its money, the last of the dates in the year.
func (p *projectFacts) newlyStarted() numbers {
	dates := []func(int) (unit.Date, bool){p.rows.Date("registered_on"), p.rows.Date("approved_on"), p.rows.Date("land_supplied_on")}
	contracted, funded := p.rows.Number("contracted", unit.WanYuan), p.rows.Number("funded", unit.WanYuan)
	begin, _ := unit.NewDate(p.Year, 1, 1)
	end := p.yearEnd()
	return func(i int) (float64, bool) {
		last := unit.Date(math.MinInt32)
		for _, of := range dates {
			d, ok := of(i)
			if !ok {
				return 0, true
			}
			last = max(last, d)
		}
		c, okC := contracted(i)
		m, okM := funded(i)
		return yes(okC && okM && c > 0 && m*10 >= c && last >= begin && last <= end, true)
	}
}

// text is a fact that is text.
func (p *projectFacts) text(fact string) func(i int) (string, bool) {
	switch fact {
	case "industry", "main_industry":
		of := p.rows.Text("industry")
		return func(i int) (string, bool) { v, ok := of(i); return v, ok && v != "" }
	case "category", "tags":
		of := p.rows.Text("category")
		return func(i int) (string, bool) { v, _ := of(i); return strings.ReplaceAll(v, "；", ";"), true }
	case "class":
		return func(int) (string, bool) { return "industry", true }
	case "zone_role":
		return p.zoneText("role", p.zone)
	case "zone_level":
		return p.zoneText("level", p.zone)
	}
	return silent
}

// enterprises are the enterprises as rules look at them; nil without the register.
func (f *Found) enterprises() *score.Subjects {
	if f.Facts == nil {
		return nil
	}
	e := &enterpriseFacts{f, f.EnterpriseZones()}
	return &score.Subjects{
		N: len(f.Facts.Code), Table: "enterprises", Zone: e.zone,
		Code:   func(i int) string { return f.Facts.Code[i] },
		Number: e.number, Text: e.text,
		Shares: func(i int) ([]int32, []unit.Area, unit.Area) {
			land := max(f.Facts.Land[i], 0)
			if e.zone[i] < 0 {
				return nil, nil, land
			}
			return []int32{e.zone[i]}, []unit.Area{land}, 0
		},
	}
}

// EnterpriseZones is the zone of each enterprise: that of the parcel with its largest
// net land, the first of equals, else the declared one, else that which its place is
// in; nil without a register.
func (f *Found) EnterpriseZones() []int32 {
	if f.Facts == nil || f.zone != nil {
		return f.zone
	}
	zone := make([]int32, len(f.Facts.Code))
	most := make([]unit.Area, len(zone))
	parcel := make([]int32, len(zone))
	for i, code := range f.Facts.Zone {
		zone[i] = f.zoneOf(code)
	}
	for _, u := range f.Facts.Uses {
		if u.Net <= 0 || int(u.Parcel) >= len(f.Parcels.Order) {
			continue
		}
		e := u.Enterprise
		if u.Net > most[e] || u.Net == most[e] && u.Parcel < parcel[e] {
			facts, row, _, _ := f.at(int(u.Parcel))
			most[e], parcel[e], zone[e] = u.Net, u.Parcel, max(facts.Zone[row], score.Outside)
		}
	}
	for e := range zone {
		if zone[e] == score.Outside && most[e] == 0 {
			zone[e] = f.zoneAt(f.Facts.Lon[e], f.Facts.Lat[e])
		}
	}
	f.zone = zone
	return zone
}

// zoneAt is the zone that a place is in, of several the first; score.Outside where it
// is in none or nowhere.
func (f *Found) zoneAt(lon, lat float64) int32 {
	if !(math.Abs(lon) <= 180) || !(math.Abs(lat) <= 90) {
		return score.Outside
	}
	if f.borders == nil {
		shapes := make([][]byte, len(f.Zones.Codes))
		for z := range shapes {
			shapes[z] = f.Zones.Shape(z)
		}
		var err error
		if f.borders, err = survey.NewLines(shapes); err != nil { // the survey has read them before
			return score.Outside
		}
	}
	const inside = 1e-3 // m
	if zone, _, ok := f.borders.NearestToPoint(lon, lat, inside); ok {
		return zone
	}
	return score.Outside
}

type enterpriseFacts struct {
	*Found
	zone []int32
}

func (e *enterpriseFacts) number(fact string) func(i int) (float64, bool) {
	if answers, ok := e.Answers[fact]; ok {
		return func(i int) (float64, bool) { return yes(answers[i] == grade.Yes, answers[i] != grade.Unknown) }
	}
	per := map[string]indicate.Quantity{"tax_per_mu": indicate.Tax, "sales_per_mu": indicate.Sales,
		"output_per_mu": indicate.Output, "investment_per_mu": indicate.Investment}
	if q, ok := per[fact]; ok {
		return func(i int) (float64, bool) { return perMu(e.Facts.This[q][i], e.Facts.Land[i]) }
	}
	money := func(of []float64) numbers {
		return func(i int) (float64, bool) { return of[i] / 1e6, !math.IsNaN(of[i]) }
	}
	switch fact {
	case "above_scale":
		return func(i int) (float64, bool) {
			return yes(e.Facts.AboveScale[i] == grade.Yes, e.Facts.AboveScale[i] != grade.Unknown)
		}
	case "utility":
		return func(i int) (float64, bool) { return yes(e.Facts.Utility[i], true) }
	case "registered_on":
		return func(i int) (float64, bool) {
			return float64(e.Facts.Registered[i]), e.Facts.Registered[i] != grade.NoDate
		}
	case "tax_this_year":
		return money(e.Facts.This[indicate.Tax])
	case "tax_last_year":
		return money(e.Facts.Last[indicate.Tax])
	case "producing":
		return e.producing()
	}
	return nothing
}

// producing says whether an enterprise had output or sales in the year.
func (e *enterpriseFacts) producing() numbers {
	output, sales := e.Facts.This[indicate.Output], e.Facts.This[indicate.Sales]
	return func(i int) (float64, bool) {
		if output[i] > 0 || sales[i] > 0 {
			return 1, true
		}
		return 0, !math.IsNaN(output[i]) || !math.IsNaN(sales[i])
	}
}

func (e *enterpriseFacts) text(fact string) func(i int) (string, bool) {
	of := func(list []string) texts {
		return func(i int) (string, bool) { return list[i], list[i] != "" }
	}
	switch fact {
	case "industry", "main_industry":
		return of(e.Facts.Industry)
	case "tags":
		return func(i int) (string, bool) { return e.Facts.Tags[i], true }
	case "grade":
		return func(i int) (string, bool) {
			if e.Final == nil || e.Final[i] == grade.NoGrade {
				return "", false
			}
			return e.Final[i].String(), true
		}
	case "zone_role":
		return e.zoneText("role", e.zone)
	case "zone_level":
		return e.zoneText("level", e.zone)
	case "sector":
		return e.sector()
	}
	return silent
}
