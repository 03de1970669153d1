package appraise

import (
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// parcels are the parcels as rules look at them.
func (f *Found) parcels() *score.Subjects {
	rows := f.Parcels.Rows()
	code := rows.Text("parcel_code")
	zone := make([]int32, rows.Len())
	for i := range zone {
		facts, row, _, _ := f.at(i)
		zone[i] = max(facts.Zone[row], score.Outside)
	}
	p := &parcelFacts{f, rows, zone}
	return &score.Subjects{
		N: rows.Len(), Table: "parcels", Zone: zone,
		Code:   func(i int) string { v, _ := code(i); return v },
		Number: p.number, Text: p.text, Shares: f.shares,
	}
}

// shares are a parcel's official area by zone, and what is outside.
func (f *Found) shares(i int) ([]int32, []unit.Area, unit.Area) {
	facts, row, _, _ := f.at(i)
	left := facts.Official[row]
	zones, areas := facts.Shares(row)
	for _, a := range areas {
		left -= a
	}
	return zones, areas, max(left, 0)
}

type parcelFacts struct {
	*Found
	rows table.Rows
	zone []int32
}

func (p *parcelFacts) official(i int) unit.Area {
	facts, row, _, _ := p.at(i)
	return facts.Official[row]
}

// part is m² ÷ land, and perMu fen ÷ land in 万元/亩, as bounds are held against: not
// rounded to the six decimals that tables show, which would lift 0.9999996 to 1.
func part(m2 float64, land unit.Area) float64 { return math.Round(m2*1e4) / float64(land) }

func perMu(fen float64, land unit.Area) (float64, bool) {
	v := indicate.PerMu(fen, float64(land))
	_, ok := indicate.Millionths(v)
	return v, ok
}

// number is a fact that is a number, an answer or a day.
func (p *parcelFacts) number(fact string) func(i int) (float64, bool) {
	column := func(name string) func(int) (float64, bool) { return p.rows.Number(name, unit.SquareMetre) }
	switch fact {
	case "tax_per_mu":
		return p.perMu(indicate.Tax)
	case "sales_per_mu":
		return p.perMu(indicate.Sales)
	case "output_per_mu":
		return p.perMu(indicate.Output)
	case "investment_per_mu":
		of := p.rows.Number("fixed_asset_investment", unit.WanYuan)
		return func(i int) (float64, bool) {
			v, ok := of(i)
			if _, ok = indicate.InvestmentPerMu(v, ok, p.official(i)); !ok {
				return 0, false
			}
			return perMu(math.Round(v*1e6), p.official(i))
		}
	case "plot_ratio":
		return p.share(column("floor_area"))
	case "green_ratio":
		return p.share(column("green_area"))
	case "ancillary_share":
		return p.ancillary(column("ancillary_land_area"), column("ancillary_floor_area"), column("floor_area"))
	case "building_coverage":
		footprint, yard := column("footprint_area"), column("yard_area")
		return func(i int) (float64, bool) {
			a, okA := footprint(i)
			b, okB := yard(i)
			if _, ok := indicate.BuildingCoverage(a, okA, b, okB, p.official(i)); !ok {
				return 0, false
			}
			if !okB {
				b = 0
			}
			return part(a+b, p.official(i)), true
		}
	case "standard_land":
		of := p.rows.Bool(fact)
		return func(i int) (float64, bool) { return yes(of(i)) }
	case "signed_on":
		return dated(p.rows.Date(fact))
	case "new_on":
		return dated(p.newOn())
	}
	return p.stateNumber(fact)
}

func (p *parcelFacts) newOn() func(i int) (unit.Date, bool) {
	signed, delivered, agreed := p.rows.Date("signed_on"), p.rows.Date("delivered_on"), p.rows.Date("agreed_start_on")
	return func(i int) (unit.Date, bool) {
		for _, of := range []func(int) (unit.Date, bool){signed, delivered, agreed} {
			if d, ok := of(i); ok {
				return d, true
			}
		}
		return 0, false
	}
}

func (p *parcelFacts) perMu(q indicate.Quantity) numbers {
	if p.Facts == nil {
		return nothing
	}
	sums := p.Sums[q]
	return func(i int) (float64, bool) { return perMu(sums[i], p.official(i)) }
}

// share is an area ÷ the parcel's official area.
func (p *parcelFacts) share(of func(int) (float64, bool)) numbers {
	return func(i int) (float64, bool) {
		v, ok := of(i)
		if _, ok = indicate.PlotRatio(v, ok, p.official(i)); !ok {
			return 0, false
		}
		return part(v, p.official(i)), true
	}
}

// ancillary is the share of land for offices and living; where their land is not told
// apart, their share of the floor area.
func (p *parcelFacts) ancillary(land, floor, all func(int) (float64, bool)) numbers {
	byLand := p.share(land)
	return func(i int) (float64, bool) {
		if v, ok := byLand(i); ok {
			return v, true
		}
		some, okP := floor(i)
		whole, okW := all(i)
		if !okP || !okW || !(whole > 0) {
			return 0, false
		}
		return some / whole, true
	}
}

// stateNumber is a fact of what became of the parcel.
func (p *parcelFacts) stateNumber(fact string) numbers {
	days := func(of func(*detect.Columns) []int32) numbers {
		return func(i int) (float64, bool) {
			_, row, idle, _ := p.at(i)
			v := of(idle)[row]
			return float64(v), v != detect.None
		}
	}
	finished := p.rows.Date("finished_on")
	done := func(i int) bool {
		d, ok := finished(i)
		return ok && d <= p.AsOf
	}
	switch fact {
	case "idle":
		return p.idle
	case "built":
		return func(i int) (float64, bool) { return yes(done(i), true) }
	case "start_overdue_days":
		return days(func(c *detect.Columns) []int32 { return c.StartOverdue })
	case "finish_overdue_days":
		return days(func(c *detect.Columns) []int32 { return c.FinishOverdue })
	case "years_past_finish":
		agreed := p.rows.Date("agreed_finish_on")
		return func(i int) (float64, bool) {
			d, ok := agreed(i)
			if !ok {
				return 0, false
			}
			if done(i) {
				return 0, true
			}
			return float64(fullYears(d, p.AsOf)), true
		}
	case "investment_done":
		made, total := p.rows.Number("investment_made", unit.WanYuan), p.rows.Number("investment_total", unit.WanYuan)
		return func(i int) (float64, bool) {
			a, okA := made(i)
			b, okB := total(i)
			if !okA || !okB || !(b > 0) {
				return 0, false
			}
			return a / b, true
		}
	case "tax_this_year":
		return p.taxOf(p.Sums[indicate.Tax])
	case "tax_last_year":
		return p.taxOf(p.LastTax)
	}
	return p.occupantNumber(fact)
}

func (p *parcelFacts) taxOf(fen []float64) numbers {
	if fen == nil {
		return nothing
	}
	return func(i int) (float64, bool) { return fen[i] / 1e6, !math.IsNaN(fen[i]) }
}

// idle is whether a parcel is idle; unknown of land that is not looked at, and of
// land that has no start deadline and was neither started nor finished.
func (p *parcelFacts) idle(i int) (float64, bool) {
	_, row, idle, _ := p.at(i)
	if p.class(i) == codes.NonConstruction || idle.Flags[row]&detect.Undecided != 0 {
		return 0, false
	}
	return yes(idle.Kind[row] != detect.NotIdle, true)
}

func (p *parcelFacts) class(i int) codes.Class {
	ref := p.Parcels.Order[i]
	return p.Parcels.Classes[ref.Batch][ref.Row]
}

// fullYears is how many full years have passed since a day.
func fullYears(since, asOf unit.Date) int {
	n := 0
	for n < 200 && asOf >= since.FullYears(n+1) {
		n++
	}
	return n
}

// occupantNumber is a fact of who works on the parcel: the scale is that of the
// largest occupant, what clears land that of any. No occupant is so only where all
// are known not to be.
func (p *parcelFacts) occupantNumber(fact string) numbers {
	if p.Facts == nil {
		return nothing
	}
	answers, any := p.Answers[fact]
	switch {
	case any:
		return func(i int) (float64, bool) {
			uses := p.Occupant(i)
			known := len(uses) > 0
			for _, u := range uses {
				switch answers[u.Enterprise] {
				case grade.Yes:
					return 1, true
				case grade.Unknown:
					known = false
				}
			}
			return 0, known
		}
	case fact == "above_scale":
		return func(i int) (float64, bool) {
			u, ok := p.largest(i)
			if !ok || p.Facts.AboveScale[u.Enterprise] == grade.Unknown {
				return 0, false
			}
			return yes(p.Facts.AboveScale[u.Enterprise] == grade.Yes, true)
		}
	}
	return nothing
}

// largest is the use with the largest net area; of equals the first by code.
func (p *parcelFacts) largest(i int) (use grade.Use, ok bool) {
	if p.Facts == nil {
		return use, false
	}
	for _, u := range p.Occupant(i) {
		if !ok || u.Net > use.Net {
			use, ok = u, true
		}
	}
	return use, ok
}

// text is a fact that is text.
func (p *parcelFacts) text(fact string) func(i int) (string, bool) {
	switch fact {
	case "class":
		return func(i int) (string, bool) {
			if p.class(i) == 0 {
				return "unknown", true
			}
			return p.class(i).String(), true
		}
	case "tags":
		of := p.rows.Text("tags")
		return func(i int) (string, bool) { v, _ := of(i); return strings.ReplaceAll(v, "；", ";"), true }
	case "zone_role":
		return p.zoneText("role", p.zone)
	case "zone_level":
		return p.zoneText("level", p.zone)
	case "supply_state":
		return func(i int) (string, bool) {
			_, row, idle, batch := p.at(i)
			s := detect.SupplyText(batch, row, idle.Supply[row])
			return s, s != ""
		}
	case "idle_kind":
		return func(i int) (string, bool) {
			_, row, idle, _ := p.at(i)
			if idle.Flags[row]&detect.Undecided != 0 && p.class(i) != codes.NonConstruction {
				return "no_deadline", true
			}
			return idle.Kind[row].String(), idle.Kind[row] != detect.NotIdle
		}
	case "grade":
		return func(i int) (string, bool) {
			if p.Grade == nil || p.Grade[i] == grade.NoGrade {
				return "", false
			}
			return p.Grade[i].String(), true
		}
	case "grade_before":
		if p.Before == nil {
			return silent
		}
		code := p.rows.Text("parcel_code")
		return func(i int) (string, bool) {
			c, _ := code(i)
			g := p.Before.Grades[c]
			return g, g != ""
		}
	case "industry", "main_industry":
		return p.industry(fact == "main_industry")
	}
	return silent
}

// industry are the industries of the occupants, or that of the largest.
func (p *parcelFacts) industry(main bool) texts {
	if p.Facts == nil {
		return silent
	}
	return func(i int) (string, bool) {
		if main {
			u, ok := p.largest(i)
			if !ok {
				return "", false
			}
			v := p.Facts.Industry[u.Enterprise]
			return v, v != ""
		}
		var all []string
		for _, u := range p.Occupant(i) {
			if v := p.Facts.Industry[u.Enterprise]; v != "" && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
		return strings.Join(all, ";"), len(all) > 0
	}
}
