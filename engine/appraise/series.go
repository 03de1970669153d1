package appraise

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/unit"
)

// figures collects the figures of zones.
type figures struct {
	*Found
	series map[string]*score.Series
	months map[string]*score.Months
}

// series are the figures of zones: those reported, and those found by the run.
func (f *Found) series(rules []policy.Applied) (map[string]*score.Series, map[string]*score.Months) {
	s := &figures{f, map[string]*score.Series{}, map[string]*score.Months{}}
	s.reported()
	s.ofParcels()
	s.ofEnterprises()
	s.ofZones()
	s.ofLand(rules)
	return s.series, s.months
}

// reported are the figures of the table zone_indicators, by year and by month.
func (s *figures) reported() {
	rows := s.Indicators.Rows()
	if rows.Len() == 0 {
		return
	}
	zone, period, id := rows.Text("zone_code"), rows.Text("period"), rows.Text("indicator")
	value, in, on := rows.Number("value", unit.None), rows.Text("unit"), rows.Date("reported_on")
	for i := range rows.Len() {
		name, _ := id(i)
		one, known := s.FigureOf(name)
		if !known {
			continue
		}
		v, _ := value(i)
		word, _ := in(i)
		v, _ = one.In(word, v) // what cannot be turned was rejected
		code, _ := zone(i)
		who := score.Outside // the city's own
		if code != score.CityCode {
			who = s.zoneOf(code)
		}
		at, _ := period(i)
		if year, err := strconv.Atoi(at); err == nil {
			s.of(name, one).Values[score.Place{Zone: who, Year: year}] = v
			continue
		}
		year, month, _ := strings.Cut(at, "-")
		if y, err := strconv.Atoi(year); err == nil && y == s.Year && month != "" {
			m, _ := strconv.Atoi(month)
			day, dated := on(i)
			if s.months[name] == nil {
				s.months[name] = &score.Months{Reported: map[[2]int32]score.Report{}}
			}
			s.months[name].Reported[[2]int32{who, int32(m)}] = score.Report{On: day, Dated: dated}
		}
	}
}

// of is the series of a reported indicator.
func (s *figures) of(id string, one fields.ZoneIndicator) *score.Series {
	if s.series[id] == nil {
		s.series[id] = &score.Series{Unit: one.Unit, Weight: one.Weight, Table: "zone_indicators", Reported: true,
			Values: map[score.Place]float64{}}
	}
	return s.series[id]
}

// found starts the series of a figure that the run finds.
func (s *figures) found(id, from string) *score.Series {
	one, _ := fields.FindZoneIndicator(id)
	out := &score.Series{Unit: one.Unit, Table: from, Values: map[score.Place]float64{}}
	s.series[id] = out
	return out
}

// areas gives a series of areas by zone in mu.
func (s *figures) areas(id, from string, by []unit.Area) {
	out := s.found(id, from)
	for z := range s.Zones.Codes {
		out.Values[score.Place{Zone: int32(z), Year: s.Year}] = by[z].Mu()
	}
}

// sums gives a series of sums by zone.
func (s *figures) sums(id, from string, by []float64) {
	out := s.found(id, from)
	for z := range s.Zones.Codes {
		out.Values[score.Place{Zone: int32(z), Year: s.Year}] = by[z]
	}
}

// whole gives a figure of the city.
func (s *figures) whole(id, from string, v float64) {
	s.found(id, from).Sum = map[int]float64{s.Year: v}
}

// ofParcels are sums over parcels by the share of each in a zone.
func (s *figures) ofParcels() {
	n := len(s.Zones.Codes) + 1
	var by [6][]unit.Area // all, construction, built, reserve, invested, industrial
	for k := range by {
		by[k] = make([]unit.Area, n)
	}
	money, industry := make([]int64, n), make([]int64, n) // fen
	rows := s.Parcels.Rows()
	investment := rows.Number("fixed_asset_investment", unit.WanYuan)
	tags := rows.Text("tags")
	for i := range rows.Len() {
		facts, row, idle, batch := s.at(i)
		class := s.Parcels.Classes[s.Parcels.Order[i].Batch][row]
		v, has := investment(i)
		fen := int64(0)
		if has = has && math.Abs(v) < 9e9; has {
			fen = int64(math.Round(v * 1e6))
		}
		tagged, _ := tags(i)
		reserve := detect.SupplyText(batch, row, idle.Supply[row]) == "reserve" || slices.Contains(strings.Split(tagged, ";"), "reserve")
		use := class != codes.NonConstruction && class != 0
		is := [6]bool{true, use, use && idle.Supply[row] == detect.Built, reserve, has, class == codes.Industry}
		official := facts.Official[row]
		add := func(z int32, a unit.Area) {
			for k := range by {
				if is[k] {
					by[k][z] += a
				}
			}
			if part := fenOf(fen, a, official); has {
				money[z] += part
				if is[5] {
					industry[z] += part
				}
			}
		}
		zones, areas, outside := s.shares(i)
		for k, z := range zones {
			add(z, areas[k])
		}
		add(int32(n-1), outside)
	}
	for k, id := range []string{"parcels.mu", "parcels.construction_mu", "parcels.built_mu", "parcels.reserve_mu", "parcels.invested_mu", "parcels.industrial_mu"} {
		s.areas(id, "parcels", by[k])
	}
	s.sums("parcels.investment", "parcels", wanYuan(money))
	s.sums("land.investment_A2", "parcels", wanYuan(industry))
	var all unit.Area
	for _, a := range by[5] {
		all += a
	}
	s.whole("outside.industrial_mu", "parcels", by[5][n-1].Mu())
	s.whole("city.industrial_mu", "parcels", all.Mu())
}

// fenOf is a sum's part by area.
func fenOf(fen int64, part, whole unit.Area) int64 {
	if whole <= 0 {
		return 0
	}
	return int64(math.Round(float64(fen) * (float64(part) / float64(whole))))
}

func wanYuan(fen []int64) []float64 {
	out := make([]float64, len(fen))
	for i, v := range fen {
		out[i] = float64(v) / 1e6
	}
	return out
}

// ofEnterprises are sums over enterprises: what falls on the zones by their land, and
// what those whose zone it is have.
func (s *figures) ofEnterprises() {
	if s.Facts == nil {
		return
	}
	n := len(s.Zones.Codes)
	for id, q := range map[string]indicate.Quantity{"enterprises.tax": indicate.Tax, "enterprises.output": indicate.Output} {
		z := s.InZones[q]
		sum, land := make([]float64, n), make([]unit.Area, n)
		for k := range n {
			sum[k], land[k] = z.Sum[k]/1e6, unit.Area(z.Land[k])
		}
		s.sums(id, "enterprises", sum)
		s.areas(id+"_mu", "enterprises", land)
		if q == indicate.Tax {
			s.sums("land.tax_A", "enterprises", sum)
			continue
		}
		all := 0.0
		for _, v := range z.Sum {
			all += v
		}
		if s.Books.Has("output") {
			s.whole("outside.output", "output", z.Sum[n]/1e6)
			s.whole("city.output", "output", all/1e6)
		}
	}
	s.ofRegister()
	s.industrialTax()
}

// industrialTax is the tax that falls on industrial parcels, by share.
func (s *figures) industrialTax() {
	sum := make([]float64, len(s.Zones.Codes))
	for i, fen := range s.Sums[indicate.Tax] {
		ref := s.Parcels.Order[i]
		if math.IsNaN(fen) || s.Parcels.Classes[ref.Batch][ref.Row] != codes.Industry {
			continue
		}
		facts, row, _, _ := s.at(i)
		zones, areas, _ := s.shares(i)
		for k, z := range zones {
			sum[z] += fen * float64(areas[k]) / float64(facts.Official[row]) / 1e6
		}
	}
	s.sums("land.tax_A2", "enterprises", sum)
}

// ofRegister are figures of the enterprises whose zone it is.
func (s *figures) ofRegister() {
	n := len(s.Zones.Codes)
	zone := s.EnterpriseZones()
	output, highTech := make([]float64, n), make([]float64, n)
	bySector, total := make([]map[string]float64, n+1), make([]float64, n+1) // the last is all zones together
	for z := range bySector {
		bySector[z] = map[string]float64{}
	}
	for e, z := range zone {
		if z < 0 {
			continue
		}
		if v := s.Facts.This[indicate.Output][e]; !math.IsNaN(v) {
			output[z] += v / 1e6
			if s.Answers["high_tech"][e] == grade.Yes {
				highTech[z] += v / 1e6
			}
		}
		v, industry := s.Facts.This[indicate.Sales][e], s.Facts.Industry[e]
		if math.IsNaN(v) || len(industry) < 2 {
			continue
		}
		for _, k := range []int{int(z), n} {
			bySector[k][industry[:2]] += v
			total[k] += v
		}
	}
	if s.Books.Has("output") {
		s.sums("enterprises.all_output", "enterprises", output)
		s.sums("enterprises.high_tech_output", "enterprises", highTech)
		top, all := s.found("enterprises.top3_sales", "enterprises"), s.found("enterprises.sales", "enterprises")
		for z := range n {
			top.Values[score.Place{Zone: int32(z), Year: s.Year}] = top3(bySector[z]) / 1e6
			all.Values[score.Place{Zone: int32(z), Year: s.Year}] = total[z] / 1e6
		}
		top.Sum = map[int]float64{s.Year: top3(bySector[n]) / 1e6}
		all.Sum = map[int]float64{s.Year: total[n] / 1e6}
	}
}

// top3 is the sum of the three largest.
func top3(by map[string]float64) (sum float64) {
	var all []float64
	for _, v := range by {
		all = append(all, v)
	}
	slices.Sort(all)
	for i := len(all) - 1; i >= max(len(all)-3, 0); i-- {
		sum += all[i]
	}
	return sum
}

// ofZones are columns of the layer zones.
func (s *figures) ofZones() {
	of, out := s.Zones.Rows().Integer("leading_industries"), s.found("zones.leading_industries", "zones")
	for z := range s.Zones.Codes {
		if v, ok := of(z); ok {
			out.Values[score.Place{Zone: int32(z), Year: s.Year}] = float64(v)
		}
	}
}

// ofLand are sums over the pieces of land use by their build and supply state.
func (s *figures) ofLand(rules []policy.Applied) {
	var services *demand.Demand
	for _, a := range rules {
		if a.Rule.Kind == demand.Services {
			services = a.Rule.Demand
		}
	}
	n := len(s.Zones.Codes)
	sum := map[string][]unit.Area{}
	add := func(id string, z int32, a unit.Area) {
		if sum[id] == nil {
			sum[id] = make([]unit.Area, n)
		}
		sum[id][z] += a
	}
	for _, id := range landFigures {
		add(id, 0, 0)
	}
	from := "land_use"
	s.addPieces(services, add)
	if !s.split() { // no build state: as parcels tell it
		from = "parcels"
		s.addParcels(add)
	}
	for id, by := range sum {
		out := s.found(id, map[bool]string{true: "land_use", false: from}[strings.HasSuffix(id, "_mu")])
		for z := range by {
			v := by[z].SquareMetres() / 1e4
			if strings.HasSuffix(id, "_mu") {
				v = by[z].Mu()
			}
			out.Values[score.Place{Zone: int32(z), Year: s.Year}] = v
		}
	}
}

var landFigures = []string{"land.A", "land.A1", "land.A2", "land.A_B", "land.A_B21", "land.D", "land.G", "land.floor", "land.base",
	"land.floor_A2", "land.coverage_A2", "land.mapped_mu", "land.producer_mu", "land.consumer_mu"}

// split says whether the land use tells built land from unbuilt.
func (s *figures) split() bool {
	if s.LandUse.Layer == nil {
		return false
	}
	rows := s.LandUse.Rows()
	build := rows.Text("build_state")
	for i := range rows.Len() {
		if _, ok := build(i); ok {
			return true
		}
	}
	return false
}

// addParcels derives the split from parcels: construction land that is finished is
// built, other supplied land ready, what is approved or held in reserve unbuilt.
func (s *figures) addParcels(add func(id string, z int32, a unit.Area)) {
	rows := s.Parcels.Rows()
	floor, base, yard := rows.Number("floor_area", unit.SquareMetre), rows.Number("footprint_area", unit.SquareMetre), rows.Number("yard_area", unit.SquareMetre)
	for i := range rows.Len() {
		facts, row, idle, batch := s.at(i)
		class, state := s.Parcels.Classes[s.Parcels.Order[i].Batch][row], detect.SupplyText(batch, row, idle.Supply[row])
		if class == codes.NonConstruction || class == 0 {
			continue
		}
		zones, areas, _ := s.shares(i)
		for k, z := range zones {
			a := areas[k]
			of := func(column func(int) (float64, bool)) unit.Area {
				v, _ := column(i)
				whole, _ := unit.SquareMetres(v)
				return whole.Scale(a, facts.Official[row])
			}
			supplied := state != "approved_not_supplied" && state != "reserve"
			add("land.A_B", z, a)
			if supplied {
				add("land.A_B21", z, a)
				add("land.D", z, a)
			}
			if idle.Kind[row] != detect.NotIdle {
				add("land.G", z, a)
			}
			if state != "built" {
				continue
			}
			add("land.A", z, a)
			add("land.floor", z, of(floor))
			add("land.base", z, of(base))
			switch class {
			case codes.Residence:
				add("land.A1", z, a)
			case codes.Industry:
				add("land.A2", z, a)
				add("land.floor_A2", z, of(floor))
				add("land.coverage_A2", z, of(base)+of(yard))
			}
		}
	}
}

func (s *figures) addPieces(services *demand.Demand, add func(id string, z int32, a unit.Area)) {
	if s.LandUse.Layer == nil {
		return
	}
	rows := s.LandUse.Rows()
	build, supply, code, standard := rows.Text("build_state"), rows.Text("supply_state"), rows.Text("code"), rows.Text("standard")
	floor, base, structure := rows.Number("floor_area", unit.SquareMetre), rows.Number("base_area", unit.SquareMetre), rows.Number("structure_area", unit.SquareMetre)
	inZones := make([]unit.Area, rows.Len()) // of each feature, all its pieces
	for _, p := range s.LandUse.Pieces.Pieces {
		inZones[p.Feature] += p.Area
	}
	for _, p := range s.LandUse.Pieces.Pieces {
		i, z := int(p.Feature), p.Zone
		class := s.LandUse.Entries[i].Strict
		of := func(column func(int) (float64, bool)) unit.Area { // by the piece's share of what lies in zones
			v, _ := column(i)
			a, _ := unit.SquareMetres(v)
			return a.Scale(p.Area, inZones[i])
		}
		b, _ := build(i)
		if b == "built" {
			for _, id := range []string{"land.A", "land.A_B", "land.A_B21"} {
				add(id, z, p.Area)
			}
			add("land.floor", z, of(floor))
			add("land.base", z, of(base))
			switch class {
			case codes.Residence:
				add("land.A1", z, p.Area)
			case codes.Industry:
				add("land.A2", z, p.Area)
				add("land.floor_A2", z, of(floor))
				add("land.coverage_A2", z, of(base)+of(structure))
			}
		}
		if b == "ready" {
			add("land.A_B21", z, p.Area)
		}
		if b == "ready" || b == "unbuilt" {
			add("land.A_B", z, p.Area)
		}
		switch v, _ := supply(i); v {
		case "idle":
			add("land.G", z, p.Area)
			add("land.D", z, p.Area)
		case "supplied":
			add("land.D", z, p.Area)
		}
		if class != codes.NonConstruction {
			add("land.mapped_mu", z, p.Area)
		}
		if v, _ := standard(i); services != nil && v == services.Standard {
			c, _ := code(i)
			if begins(c, services.Producer) {
				add("land.producer_mu", z, p.Area)
			}
			if begins(c, services.Consumer) {
				add("land.consumer_mu", z, p.Area)
			}
		}
	}
}

func begins(code string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(code, p) })
}
