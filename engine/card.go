package engine

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/appraise"
	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// keepForCard keeps what the scorecard wants of tables that are let go.
func (r *results) keepForCard(parcels int) {
	r.answers = map[string][]grade.Answer{}
	for _, column := range appraise.Columns {
		r.answers[column] = r.joined.Answers(column)
	}
	r.lastTax, _ = r.joined.Land.ToParcels(r.facts.Last[indicate.Tax], parcels)
}

// score holds the city against its rules.
func (r *results) score(context.Context) (rows int, err error) {
	f := &appraise.Found{City: r.City, Set: r.o.Rules.Set, Threads: r.o.Threads, Year: r.o.Year, AsOf: r.o.AsOf,
		Facts: r.facts, Answers: r.answers, LastTax: r.lastTax, Idle: r.idle, Hits: r.found, Texts: r.spaceTexts(),
		Mix: r.scoredMix(), Before: r.o.Before}
	if s := r.shared; s != nil {
		f.Sums, f.InZones, f.Land = map[indicate.Quantity][]float64{}, s.inZones, r.joined.Land
		for q, on := range s.onParcels {
			f.Sums[q] = on.sum
		}
		f.Occupant, f.Grade = s.occupants.of, s.grade
	}
	if r.assessed != nil {
		f.Final = r.assessed.Final
	}
	r.card = appraise.Scorecard(f)
	r.zoneOf = f.EnterpriseZones()
	line, x0, y0, ok := f.Centre()
	for _, h := range r.card.Hits {
		if !ok {
			break
		}
		e := int(h.Enterprise)
		r.hits = append(r.hits, hit{rule: h.Rule, sector: true, Hit: check.Hit{Subject: check.EnterpriseSubject, Row: h.Enterprise, Line: line,
			Millimetres: appraise.Distance(x0, y0, r.facts.Lon[e], r.facts.Lat[e])}})
	}
	r.sortHits()
	return len(r.card.Rows), nil
}

// scoredMix is the deciding land mix by zone, with the rule that applies.
func (r *results) scoredMix() []score.Mix {
	if r.mix == nil {
		return nil
	}
	out := make([]score.Mix, len(r.Zones.Codes))
	for z, m := range r.deciding() {
		a, applies := r.o.Rules.Set.LandMix(r.kind(z))
		if !applies {
			continue
		}
		v := map[check.Verdict]score.Verdict{check.Pass: score.Pass, check.Fail: score.Fail}[m.Verdict]
		if v == score.None {
			v = score.NotEvaluated
		}
		out[z] = score.Mix{Verdict: v, Deviation: m.MaxDeviation, Tolerance: m.Tolerance, Rule: a.Rule}
	}
	return out
}

// spaceTexts are the mu of production, living, ecological and unassigned space by
// zone; nil without land use.
func (r *results) spaceTexts() map[policy.Kind][]string {
	if r.mix == nil {
		return nil
	}
	order := []string{policy.SpaceProduction, policy.SpaceLiving, policy.SpaceEcological, policy.SpaceUnassigned}
	sums := make([][4]unit.Area, len(r.Zones.Codes))
	for i, p := range r.LandUse.Pieces.Pieces {
		sums[p.Zone][slices.Index(order, r.spaces[i].String())] += p.Area
	}
	out := make([]string, len(sums))
	for z, s := range sums {
		parts := make([]string, len(order))
		for k, name := range order {
			parts[k] = name + " " + write.Decimal(s[k].MuTenThousandths(), 4)
		}
		out[z] = strings.Join(parts, ";")
	}
	return map[policy.Kind][]string{policy.KindSpaces: out}
}

// cardOutputs are the scorecard's tables, and the underused land.
func (r *results) cardOutputs() (layers []write.Layer, tables []write.Table) {
	tables = []write.Table{appraise.Table(r.card.Rows), appraise.Findings(&r.card.Findings)}
	if !r.card.Evaluated {
		return nil, tables
	}
	of := r.card.Underused.Parcels
	p := r.parcel(of)
	columns := appraise.UnderusedColumns(r.card, write.Text("parcel_code", p.Text("parcel_code")), write.Text("zone_code", p.zone),
		write.Area("mu", p.official), write.Text("holder", p.Text("holder")), write.Text("holder_name", p.Text("holder_name")))
	return []write.Layer{{Name: "underused_land", Geometry: wkb.MultiPolygon, Rows: len(of), Columns: columns, Shape: p.shape}},
		append(tables, write.Table{Name: "underused_land", Rows: len(of), Columns: columns})
}

// isUnderused says whether a parcel is underused land.
func (r *results) isUnderused(i int) (v, ok bool) {
	return r.card.Underused.Has(int32(i)), r.card.Evaluated
}

// underusedMu is the underused land of a zone, by share.
func (r *results) underusedMu(zone int) (int64, bool) {
	if r.underused == nil {
		r.underused = make([]unit.Area, len(r.Zones.Codes)+1)
		for _, parcel := range r.card.Underused.Parcels {
			ref := r.Parcels.Order[parcel]
			facts := r.Parcels.Facts[ref.Batch]
			left := facts.Official[ref.Row]
			zones, areas := facts.Shares(int(ref.Row))
			for k, z := range zones {
				left -= areas[k]
				r.underused[z] += areas[k]
			}
			r.underused[len(r.Zones.Codes)] += max(left, 0)
		}
	}
	return r.underused[zone].MuTenThousandths(), r.card.Evaluated
}

// intensity is a zone's index.
func (r *results) intensity(zone int) (int64, bool) {
	if r.card.Index == nil || zone >= len(r.card.Index) || math.IsNaN(r.card.Index[zone]) {
		return 0, false
	}
	return int64(math.Round(r.card.Index[zone] * 1e6)), true
}

func (r *results) rank(zone int) (int64, bool) {
	if zone >= len(r.Zones.Codes) {
		return 0, false
	}
	n := r.card.Rank(zone)
	return int64(n), n > 0
}

func (r *results) bottomLine(zone int) (string, bool) {
	if zone >= len(r.card.BottomLine) {
		return "", false
	}
	return r.card.BottomLine[zone], r.card.BottomLine[zone] != ""
}

// zoneVerdicts counts the rules' verdicts on zones and on what lies outside.
func (r *results) zoneVerdicts() (pass, fail, not func(i int) (int64, bool)) {
	p, f, n := r.card.ZoneVerdicts(len(r.Zones.Codes))
	of := func(by []int64) func(int) (int64, bool) {
		return func(i int) (int64, bool) { return by[i], true }
	}
	return of(p), of(f), of(n)
}
