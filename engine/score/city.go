package score

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/unit"
)

// City is all that rules look at.
type City struct {
	Year  int
	AsOf  unit.Date
	Zones []Zone // by code
	// Workers is how many goroutines look at subjects at once.
	Workers int
	// Series are the figures of zones by id: those reported and those of the run.
	Series map[string]*Series
	// Subjects are the parcels, projects and enterprises; nil where there are none.
	Subjects map[policy.Scope]*Subjects
	// Months are the monthly reports of the year, by indicator.
	Months map[string]*Months
	// Hits are what spatial rules found, by pack/rule and scope, of each subject.
	Hits map[string]map[policy.Scope][]Near
	// Centre says whether the city's centre is known, which sectors are seen from.
	Centre bool
	// Texts are figures of zones that are told in words, by kind of rule.
	Texts map[policy.Kind][]string
	// Mix is the deciding land mix by zone; nil without land use.
	Mix []Mix
	// Has says whether the dataset has a table.
	Has func(table string) bool
	// Drawn is how much of a table the run's layers show; nil: all that it has.
	Drawn func(table string) int
	// Previous is the scorecard of the year before, by rule and code; nil: none.
	Previous map[[2]string]Before
	// Control is the table of control values that applies; nil: none.
	Control *demand.Demand
}

// Zone is what rules choose zones by.
type Zone struct {
	Code, Level, Kind, County string
	Roles                     []string
}

// Has says whether the zone has one of the roles.
func (z *Zone) has(roles []string) bool {
	return slices.ContainsFunc(z.Roles, func(r string) bool { return slices.Contains(roles, r) })
}

// Near is what a spatial rule found of a subject.
type Near struct {
	Verdict     Verdict // None: the rule does not look at it
	Hit         bool    // nearer to a feature than the rule allows
	Millimetres int64   // to the nearest feature, of a hit
	Missing     string  // what it could not be evaluated without
}

// Mix is the land mix of a zone under the rule that applies to it.
type Mix struct {
	Verdict              Verdict // None: no rule applies
	Deviation, Tolerance float64
	Rule                 *policy.Rule
}

// Before is a row of the scorecard of the year before.
type Before struct {
	Verdict, Value string
}

// Series is a figure of zones over the years.
type Series struct {
	Unit string
	// Weight is the id of the figure that shares are weighed by when zones are added
	// up; empty: they cannot be.
	Weight string
	// Table is the table a figure was reported in, and what its sources are called by;
	// of figures of the run it is where they come from.
	Table    string
	Reported bool
	Values   map[Place]float64
	// Sum overrides the sum over zones, of figures that do not add up.
	Sum map[int]float64
}

// Place is a zone, or the city (Outside), in a year.
type Place struct {
	Zone int32
	Year int
}

// Months are the monthly reports of an indicator: by zone and month from 0 the day it
// was reported.
type Months struct{ Reported map[[2]int32]Report }

// Report is a monthly figure; Dated where the day is known.
type Report struct {
	On    unit.Date
	Dated bool
}

// Subjects are the parcels, the projects or the enterprises. What it gives is asked for
// by several goroutines at once.
type Subjects struct {
	N      int
	Table  string
	Code   func(i int) string
	Zone   []int32 // Outside: none
	Number func(fact string) func(i int) (float64, bool)
	Text   func(fact string) func(i int) (string, bool)
	// Shares are the land of a subject by zone and what is outside.
	Shares func(i int) (zones []int32, areas []unit.Area, outside unit.Area)
}

// reading is a figure with the rows it comes from, or what is missing.
type reading struct {
	value   float64
	ok      bool
	missing []string
	source  []string
}

func (r *reading) lacks(what ...string) reading {
	return reading{missing: append(r.missing, what...), source: r.source}
}

// figure is a figure of a zone, the city (Outside) or all zones in a year.
func (c *City) figure(f demand.Figure, who int32, year int) reading {
	of := c.one(f.Of, who, year)
	if f.Per == "" {
		return of
	}
	per := c.one(f.Per, who, year)
	r := reading{missing: append(of.missing, per.missing...), source: append(of.source, per.source...)}
	if !of.ok || !per.ok {
		return r
	}
	if !(per.value > 0) {
		return r.lacks(f.Per + " not positive")
	}
	r.value, r.ok = of.value/per.value, true
	return r
}

// name is where a figure of a place should stand.
func (c *City) name(id string, who int32, year int) string {
	code := CityCode
	if who >= 0 {
		code = c.Zones[who].Code
	}
	s := c.Series[id]
	if s != nil && !s.Reported {
		return s.Table + "." + id + "/" + code
	}
	return "zone_indicators/" + code + "/" + demand.Number(float64(year)) + "/" + id
}

// one is an indicator's figure.
func (c *City) one(id string, who int32, year int) (r reading) {
	s := c.Series[id]
	if who == All {
		return c.sum(id, s, year)
	}
	name := c.name(id, who, year)
	if s != nil {
		if v, ok := s.Values[Place{who, year}]; ok {
			return reading{value: v, ok: true, source: []string{name}}
		}
	}
	return r.lacks(name)
}

// onlyCity says whether a figure is reported for the city and, in no year, for a zone.
func (s *Series) onlyCity() bool {
	if !s.Reported {
		return false
	}
	for place := range s.Values {
		if place.Zone != Outside {
			return false
		}
	}
	return true
}

// sum is the figure of all zones together. A share that nothing weighs does not add
// up: the city's own counts.
func (c *City) sum(id string, s *Series, year int) (r reading) {
	if s == nil {
		return r.lacks(c.name(id, Outside, year))
	}
	if v, ok := s.Sum[year]; ok {
		return reading{value: v, ok: true, source: []string{c.name(id, Outside, year)}}
	}
	if s.onlyCity() || s.Unit == "ratio" && s.Weight == "" {
		return c.one(id, Outside, year)
	}
	var total, weights float64
	var missing []string
	for z := range c.Zones {
		v := c.one(id, int32(z), year)
		missing = append(missing, v.missing...)
		if s.Weight == "" {
			total += v.value
			continue
		}
		w := c.one(s.Weight, int32(z), year)
		missing = append(missing, w.missing...)
		total += v.value * w.value
		weights += w.value
	}
	switch {
	case len(missing) > 0:
		return r.lacks(missing...)
	case s.Weight != "":
		if !(weights > 0) {
			return r.lacks(s.Weight + " not positive")
		}
		total /= weights
	}
	source := "zone_indicators/*/" + demand.Number(float64(year)) + "/" + id
	if !s.Reported {
		source = s.Table + "." + id + "/*"
	}
	return reading{value: total, ok: true, source: []string{source}}
}

// ofZones is the figure of all zones together, and never the city's own instead.
func (c *City) ofZones(f demand.Figure, year int) (r reading) {
	if s := c.Series[f.Of]; s == nil || s.onlyCity() {
		for z := range c.Zones {
			r.missing = append(r.missing, c.name(f.Of, int32(z), year))
		}
		return r
	}
	return c.figure(f, All, year)
}
