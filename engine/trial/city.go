package trial

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// special are names that are neither facts nor figures.
var special = []string{"year", "as_of", "role", "level", "kind", "distance", "date", "industry", "residence", "public",
	"months", "late", "previous", "without", "empty", "land_use"}

// city is the city of one zone that a case tells of.
func (c *Case) city(set *policy.Set, a policy.Applied) (*score.City, error) {
	year := 2024
	if v, ok := c.Known["year"]; ok {
		n, err := strconv.Atoi(v)
		if err != nil {
			return nil, fmt.Errorf("year=%s is no year", v)
		}
		year = n
	}
	asOf, err := c.day("as_of", strconv.Itoa(year+1)+"-06-30")
	if err != nil {
		return nil, err
	}
	without, empty := strings.Split(c.Known["without"], ","), strings.Split(c.Known["empty"], ",")
	city := &score.City{Year: year, AsOf: asOf, Centre: true, Zones: []score.Zone{{Code: "Z1", Level: c.Known["level"], Kind: c.Known["kind"]}},
		Series: map[string]*score.Series{}, Months: c.months(year, a), Subjects: map[policy.Scope]*score.Subjects{},
		Hits: map[string]map[policy.Scope][]score.Near{}, Has: func(name string) bool { return !slices.Contains(without, name) },
		Drawn: func(name string) int {
			if slices.Contains(empty, name) {
				return 0
			}
			return 1
		}}
	if v := c.Known["role"]; v != "" {
		city.Zones[0].Roles = strings.Split(v, ";")
	}
	if v, ok := c.Known["previous"]; ok {
		city.Previous = map[[2]string]score.Before{{a.Rule.ID, "Z1"}: {Value: v}}
	}
	for _, one := range set.Rules() {
		if one.Rule.Kind == demand.Control {
			city.Control = one.Rule.Demand
		}
	}
	facts := c.facts()
	if err := c.decided(city, a, facts); err != nil {
		return nil, err
	}
	none := []map[string]string{}
	for _, scope := range []policy.Scope{policy.ScopeParcel, policy.ScopeProject, policy.ScopeEnterprise} {
		of := none
		switch {
		case scope == policy.ScopeProject && c.Projects != nil:
			of = c.Projects
		case scope == c.Scope && len(facts) > 0, scope == policy.ScopeParcel && c.Scope == policy.ScopeZone:
			of = []map[string]string{facts}
		}
		if city.Subjects[scope], err = subjects(scope, of); err != nil {
			return nil, err
		}
	}
	return city, c.figures(set, a, city)
}

// facts are what the case says of its subject.
func (c *Case) facts() map[string]string {
	out := map[string]string{}
	for name, v := range c.Known {
		scope := byte(c.Scope)
		if scope == 'Z' {
			scope = 'P'
		}
		if demand.Has(scope, name) && !(name == "industry" && c.Known["residence"] != "") {
			out[name] = v
		}
	}
	return out
}

// figures are the figures of the zone and the city.
func (c *Case) figures(set *policy.Set, a policy.Applied, city *score.City) error {
	for name, text := range c.Known {
		id, of := name, int32(0)
		year := city.Year
		if rest, ok := strings.CutPrefix(id, "CITY."); ok {
			id, of = rest, score.Outside
		}
		if before, after, ok := strings.Cut(id, "@"); ok {
			n, err := strconv.Atoi(after)
			if err != nil {
				return fmt.Errorf("%s names no year", name)
			}
			id, year = before, n
		}
		one, known := fields.FindZoneIndicator(id)
		for _, p := range set.Packs() {
			for _, own := range p.Indicators {
				if own.ID == id {
					one, known = fields.ZoneIndicator{ID: id, Unit: own.Unit}, true
				}
			}
		}
		if !known {
			if _, column := c.facts()[name]; !column && !slices.Contains(special, name) && a.Rule.Kind != policy.KindIdleLand {
				return fmt.Errorf("%s is neither a fact nor a figure", name)
			}
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%s=%s is no number", name, text)
		}
		s := city.Series[id]
		if s == nil {
			s = &score.Series{Unit: one.Unit, Weight: one.Weight, Table: "zone_indicators", Reported: !one.Found(), Values: map[score.Place]float64{}}
			city.Series[id] = s
		}
		s.Values[score.Place{Zone: of, Year: year}] = v
	}
	return nil
}

// subjects are subjects with the facts that are given.
func subjects(scope policy.Scope, of []map[string]string) (*score.Subjects, error) {
	name := map[policy.Scope]string{policy.ScopeParcel: "parcels", policy.ScopeProject: "projects", policy.ScopeEnterprise: "enterprises"}[scope]
	numbers, zone := make([]map[string]float64, len(of)), make([]int32, len(of))
	for i, facts := range of {
		if facts["outside"] != "" {
			zone[i] = score.Outside
		}
		numbers[i] = map[string]float64{}
		for fact, text := range facts {
			if fact == "outside" || demand.FactUnit(fact) == "text" {
				continue
			}
			v, err := number(fact, text)
			if err != nil {
				return nil, err
			}
			numbers[i][fact] = v
		}
	}
	area, _ := unit.SquareMetres(2000) // 3 mu
	return &score.Subjects{N: len(of), Table: name, Zone: zone,
		Code: func(i int) string { return "S" + strconv.Itoa(i+1) },
		Number: func(fact string) func(int) (float64, bool) {
			return func(i int) (float64, bool) { v, ok := numbers[i][fact]; return v, ok }
		},
		Text: func(fact string) func(int) (string, bool) {
			if fact == "main_industry" {
				fact = "industry"
			}
			return func(i int) (string, bool) {
				v, ok := of[i][fact]
				return v, ok || fact == "tags" || fact == "category"
			}
		},
		Shares: func(int) ([]int32, []unit.Area, unit.Area) { return []int32{0}, []unit.Area{area}, 0 },
	}, nil
}

// number is a fact as a number: an answer is 1 or 0, a day its count.
func number(fact, text string) (float64, error) {
	switch demand.FactUnit(fact) {
	case "":
		if fact != "plot_ratio" {
			return 0, fmt.Errorf("no fact %s", fact)
		}
	case "yes":
		if text != "true" && text != "false" {
			return 0, fmt.Errorf("%s=%s is neither true nor false", fact, text)
		}
		if text == "true" {
			return 1, nil
		}
		return 0, nil
	case "date":
		d, ok := unit.ParseDate(text)
		if !ok {
			return 0, fmt.Errorf("%s=%s is no date", fact, text)
		}
		return float64(d), nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%s=%s is no number", fact, text)
	}
	return v, nil
}

// months are monthly reports: of the first so many months in time, of the last of them
// so many late.
func (c *Case) months(year int, a policy.Applied) map[string]*score.Months {
	n, _ := strconv.Atoi(c.Known["months"])
	late, _ := strconv.Atoi(c.Known["late"])
	if a.Rule.Kind != demand.Cadence {
		return nil
	}
	out := map[string]*score.Months{}
	for _, id := range a.Rule.Demand.Indicators {
		m := &score.Months{Reported: map[[2]int32]score.Report{}}
		for k := 1; k <= n; k++ {
			on, _ := unit.NewDate(year+k/12, k%12+1, a.Rule.Demand.DueDay)
			if k > n-late {
				on++
			}
			m.Reported[[2]int32{0, int32(k)}] = score.Report{On: on, Dated: true}
		}
		out[id] = m
	}
	return out
}

// decided is what other stages decide: idleness, nearness, the land mix, spaces.
func (c *Case) decided(city *score.City, a policy.Applied, facts map[string]string) error {
	switch a.Rule.Kind {
	case policy.KindIdleLand:
		return c.idle(city, a, facts)
	case policy.KindNear, policy.KindInside:
		return c.near(city, a, facts)
	case policy.KindLandMix:
		return c.mix(city, a)
	case policy.KindSpaces:
		if c.Known["land_use"] != "" {
			city.Texts = map[policy.Kind][]string{policy.KindSpaces: {c.Known["land_use"]}}
		}
	}
	return nil
}

// idle finds idle land out of the columns of a parcel.
func (c *Case) idle(city *score.City, a policy.Applied, facts map[string]string) error {
	schema := table.MustInput(table.Parcels)
	b := table.NewBuilder(schema, 1)
	for name, text := range c.Known {
		i := schema.Index(name)
		if i < 0 {
			continue
		}
		switch schema.Fields[i].Kind {
		case table.Date:
			d, ok := unit.ParseDate(text)
			if !ok {
				return fmt.Errorf("%s=%s is no date", name, text)
			}
			b.Date(i, d)
		case table.Number:
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("%s=%s is no number", name, text)
			}
			b.Number(i, v)
		default:
			b.String(i, text)
		}
	}
	b.EndRow(0, 1)
	var found detect.Columns
	detect.Idle(b.Batch(), []bool{false}, *a.Rule.IdleLand, city.AsOf, &found)
	for name := range facts {
		delete(facts, name)
	}
	if facts["idle_kind"] = found.Kind[0].String(); found.Flags[0]&detect.Undecided != 0 {
		facts["idle_kind"] = "no_deadline"
		return nil
	}
	facts["idle"] = strconv.FormatBool(found.Kind[0] != detect.NotIdle)
	return nil
}

// near is what a rule on nearness or on an area makes of a distance and a date.
func (c *Case) near(city *score.City, a policy.Applied, facts map[string]string) error {
	text, ok := c.Known["distance"]
	if !ok {
		return nil
	}
	metres, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("distance=%s is no number", text)
	}
	found, n := score.Near{Verdict: score.Pass}, a.Rule.Near
	if metres < n.Metres || n.Metres == 0 && metres == 0 {
		var day unit.Date
		_, known := c.Known["date"]
		if known {
			if day, err = c.day("date", ""); err != nil {
				return err
			}
		}
		found = score.Near{Hit: true, Millimetres: int64(math.Round(metres * 1000)), Missing: "date",
			Verdict: map[check.NearVerdict]score.Verdict{check.Violation: score.Fail, check.Existing: score.Pass,
				check.Undated: score.NotEvaluated}[check.DateVerdict(day, known, n.From)]}
	}
	city.Hits[a.Pack.ID+"/"+a.Rule.ID] = map[policy.Scope][]score.Near{c.Scope: {found}}
	facts["industry"] = n.Industries[0] // a subject there must be
	return nil
}

// mix is the land mix of so many mu of each class.
func (c *Case) mix(city *score.City, a policy.Applied) error {
	p := check.Pieces{}
	for class, name := range map[check.Class]string{check.Industry: "industry", check.Residence: "residence", check.Public: "public"} {
		text, ok := c.Known[name]
		if !ok {
			continue
		}
		mu, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%s=%s is no number", name, text)
		}
		area, _ := unit.SquareMetres(mu * 2000 / 3)
		p.Zone, p.Area = append(p.Zone, 0), append(p.Area, area)
		p.Strict, p.Wide = append(p.Strict, class), append(p.Wide, class)
	}
	if len(p.Zone) == 0 {
		return nil
	}
	for _, m := range check.Mix(p, check.Zones{Area: []unit.Area{1e12}, Kind: []string{c.Known["kind"]}}, a.Rule.LandMix) {
		if m.Deciding {
			v := map[check.Verdict]score.Verdict{check.Pass: score.Pass, check.Fail: score.Fail, check.NotEvaluated: score.NotEvaluated}[m.Verdict]
			city.Mix = []score.Mix{{Verdict: v, Deviation: m.MaxDeviation, Tolerance: m.Tolerance, Rule: a.Rule}}
		}
	}
	return nil
}
