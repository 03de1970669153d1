package score

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/unit"
)

// zoneRow is a row about a zone.
func zoneRow(city *City, a policy.Applied, z int) Row {
	return Row{Pack: a.Pack, Rule: a.Rule, Scope: policy.ScopeZone, Code: city.Zones[z].Code, Zone: int32(z)}
}

// idle counts idle land. A parcel that nothing says the start deadline of, and that
// is neither started nor built, is not evaluated.
func (c *Card) idle(city *City, a policy.Applied) {
	s := city.Subjects[policy.ScopeParcel]
	idle, kind := s.Number("idle"), s.Text("idle_kind")
	c.subjects(city, a, policy.ScopeParcel, s, &holding{
		verdict: func(i int) Verdict {
			switch v, ok := idle(i); {
			case ok && v == 1:
				return Fail
			case ok:
				return Pass
			}
			if k, _ := kind(i); k == "no_deadline" {
				return NotEvaluated
			}
			return None
		},
		lacks: func(_ int, add func(string)) { add("start deadline") },
		tell: func(i int, _ Verdict, p part) (told string) {
			if p == theValue {
				told, _ = kind(i)
			}
			return told
		},
	})
}

// mix reports the land mix of the zones that the rule applies to.
func (c *Card) mix(city *City, a policy.Applied) {
	if city.Mix == nil {
		c.lacks(city, a, policy.ScopeZone, "land_use")
		return
	}
	applies := false
	for z, m := range city.Mix {
		if m.Rule != a.Rule || m.Verdict == None {
			continue
		}
		applies = true
		r := zoneRow(city, a, z)
		r.Verdict, r.Bound, r.Unit, r.Source = m.Verdict, "<= "+number(m.Tolerance), "ratio", "land_use"
		if m.Verdict == NotEvaluated {
			r.Missing = "land_use: none of the three classes"
		} else {
			r.Value = number(m.Deviation)
		}
		c.Rows = append(c.Rows, r)
	}
	if !applies {
		c.Rows = append(c.Rows, Row{Pack: a.Pack, Rule: a.Rule, Scope: policy.ScopeZone, Zone: NoZone, Verdict: NotEvaluated,
			Missing: "zones.kind " + strings.Join(a.Rule.LandMix.Kinds, " ")})
	}
}

// texts reports figures that are told in words.
func (c *Card) texts(city *City, a policy.Applied) {
	told := city.Texts[a.Rule.Kind]
	for z := range city.Zones {
		r := zoneRow(city, a, z)
		if r.Verdict, r.Unit, r.Source = Reported, "mu", "land_use"; told == nil {
			r.Verdict, r.Unit, r.Missing, r.Source = NotEvaluated, "", "land_use", ""
		} else {
			r.Value = told[z]
		}
		c.Rows = append(c.Rows, r)
	}
}

// graded reports how many parcels or enterprises have which grade.
func (c *Card) graded(city *City, a policy.Applied) {
	for _, scope := range a.Rule.Scope {
		s := city.Subjects[scope]
		if s == nil {
			c.lacks(city, a, scope, tableOf(scope))
			continue
		}
		grade := s.Text("grade")
		rows := zoneRows(city, a, scope)
		counts := make([]map[string]int, len(rows))
		any := false
		for i := range s.N {
			at := len(rows) - 1
			if s.Zone[i] >= 0 {
				at = int(s.Zone[i])
			}
			rows[at].Counts.Subjects++
			g, ok := grade(i)
			if !ok {
				rows[at].Counts.NotEvaluated++
				continue
			}
			any = true
			if counts[at] == nil {
				counts[at] = map[string]int{}
			}
			counts[at][g]++
		}
		for i := range rows {
			r := &rows[i]
			var parts []string
			for _, g := range []string{"A", "B", "C", "D", "T"} {
				if n := counts[i][g]; n > 0 {
					parts = append(parts, g+" "+strconv.Itoa(n))
				}
			}
			r.Value, r.Verdict, r.Source = strings.Join(parts, ";"), Reported, s.Table
			if !any {
				r.Verdict, r.Missing = NotEvaluated, "grade"
			}
		}
		c.Rows = append(c.Rows, rows...)
	}
}

// spatial counts what a rule on nearness or on an area found.
func (c *Card) spatial(city *City, a policy.Applied) {
	found := city.Hits[a.Pack.ID+"/"+a.Rule.ID]
	for _, scope := range a.Rule.Scope {
		s, hits := city.Subjects[scope], found[scope]
		if s == nil || hits == nil {
			missing := tableOf(scope)
			if s != nil {
				missing = "control_lines." + a.Rule.Near.Layer
			}
			c.lacks(city, a, scope, missing)
			continue
		}
		bound, u := "", ""
		if a.Rule.Near.Metres > 0 {
			bound, u = ">= "+number(a.Rule.Near.Metres), "m"
		}
		c.subjects(city, a, scope, s, &holding{
			verdict: func(i int) Verdict { return hits[i].Verdict },
			lacks:   func(i int, add func(string)) { add(hits[i].Missing) },
			tell: func(i int, v Verdict, p part) string {
				switch h := hits[i]; {
				case p == theValue && h.Hit && bound != "":
					return number(float64(h.Millimetres) / 1000)
				case p == theBound:
					return bound
				case p == theUnit:
					return u
				case p == theMissing && v == NotEvaluated:
					return h.Missing
				}
				return ""
			},
		})
	}
}

// industries holds subjects against lists of industries.
func (c *Card) industries(city *City, a policy.Applied) {
	d := a.Rule.Demand
	for _, scope := range a.Rule.Scope {
		s := city.Subjects[scope]
		switch {
		case len(d.Lists) == 0:
			c.lacks(city, a, scope, "list of industries")
			continue
		case s == nil:
			c.lacks(city, a, scope, tableOf(scope))
			continue
		}
		c.subjects(city, a, scope, s, city.listed(d.Lists, scope, s))
	}
}

// listed holds subjects against the lists that are for their zones.
func (c *City) listed(lists []demand.IndustryList, scope policy.Scope, s *Subjects) *holding {
	industry := s.Text("industry")
	on := make([]demand.Condition, len(lists))
	for k := range lists {
		on[k] = demand.Condition{Op: "in", Words: lists[k].Industries}
	}
	look := func(i int) (v Verdict, list int) {
		code, ok := industry(i)
		for k, l := range lists {
			all := len(l.Zones) == 0 && len(l.Roles) == 0
			if z := s.Zone[i]; !all && (z < 0 || !slices.Contains(l.Zones, c.Zones[z].Code) && !c.Zones[z].has(l.Roles)) {
				continue
			}
			if v = Pass; ok && begins(code, &on[k]) {
				return Fail, k
			}
		}
		if v == Pass && !ok {
			if v = NotEvaluated; scope == policy.ScopeParcel { // nobody works on it
				v = None
			}
		}
		return v, 0
	}
	return &holding{
		verdict: func(i int) Verdict { v, _ := look(i); return v },
		lacks:   func(_ int, add func(string)) { add("industry") },
		tell: func(i int, v Verdict, p part) (told string) {
			_, list := look(i)
			switch {
			case p == theMissing && v == NotEvaluated:
				return "industry"
			case p == theValue && v != NotEvaluated:
				told, _ = industry(i)
			case p == theBound && v == Fail:
				told = "not_in " + strings.Join(lists[list].Industries, " ")
			}
			return told
		},
	}
}

// layers says whether one map can be made of tables: whether the dataset has them, and
// whether the run has anything of each to draw.
func (c *Card) layers(city *City, a policy.Applied) {
	r := Row{Pack: a.Pack, Rule: a.Rule, Scope: policy.ScopeCity, Code: CityCode, Zone: NoZone, Verdict: Pass}
	var missing, there []string
	for _, t := range a.Rule.Demand.Tables {
		switch {
		case !city.Has(t):
			r.Verdict, missing = worse(r.Verdict, NotEvaluated), append(missing, t)
		case city.Drawn != nil && city.Drawn(t) == 0:
			r.Verdict, missing = Fail, append(missing, t+": nothing to draw")
		default:
			there = append(there, t)
		}
	}
	r.Value, r.Bound = strconv.Itoa(len(there)), ">= "+strconv.Itoa(len(a.Rule.Demand.Tables))
	r.Missing, r.Source = strings.Join(missing, ";"), strings.Join(there, ";")
	c.Rows = append(c.Rows, r)
}

// outside holds the industrial land and output outside every zone against a share.
func (c *Card) outside(city *City, a policy.Applied) {
	bound := &demand.Bound{Op: "<=", Value: a.Rule.Demand.Cut, Unit: "ratio"}
	c.row(city, a, policy.ScopeCity, All, []*demand.Test{
		{As: demand.Level, Figures: []demand.Figure{{Of: "outside.industrial_mu", Per: "city.industrial_mu"}}, Bound: bound},
		{As: demand.Level, Figures: []demand.Figure{{Of: "outside.output", Per: "city.output"}}, Bound: bound},
	})
}

// sector lists the enterprises in the sectors of the city, and fails those that meet
// the list.
func (c *Card) sector(city *City, a policy.Applied) {
	s := city.Subjects[policy.ScopeEnterprise]
	if s == nil {
		c.lacks(city, a, policy.ScopeEnterprise, "enterprises")
		return
	}
	direction, polluter := s.Text("sector"), s.Number("listed_polluter")
	list := city.compile(a.Rule.Demand.List, s)
	in := func(i int) bool {
		v, ok := direction(i)
		return ok && slices.Contains(a.Rule.Demand.Sectors, v)
	}
	for i := range s.N {
		if v, ok := polluter(i); ok && v == 1 && in(i) {
			c.Hits = append(c.Hits, SectorHit{a, int32(i)})
		}
	}
	from := len(c.Rows)
	c.subjects(city, a, policy.ScopeEnterprise, s, &holding{
		verdict: func(i int) Verdict { return [...]Verdict{NotEvaluated, Pass, Fail}[list.is(i)-unknown] },
		lacks:   list.missing,
		tell: func(i int, v Verdict, p part) string {
			if p == theMissing {
				return ""
			}
			return list.tell(i, v, no, p)
		},
	})
	if !city.Centre { // who lies in which sector nobody can say
		c.alsoMissing(from, "control_lines.city_centre")
	}
}

// control holds industrial land against the control values of its industry.
func (c *Card) control(city *City, a policy.Applied) {
	for _, scope := range a.Rule.Scope {
		s := city.Subjects[scope]
		if s == nil {
			c.lacks(city, a, scope, tableOf(scope))
			continue
		}
		from := len(c.Rows)
		c.subjects(city, a, scope, s, newControl(a.Rule.Demand, scope, s).holding())
		for _, what := range a.Rule.Demand.Unknown { // figures that no confirmed table bounds
			c.alsoMissing(from, what+": no confirmed table")
		}
	}
}

// alsoMissing names what is missing on all rows from one on.
func (c *Card) alsoMissing(from int, what string) {
	for i := from; i < len(c.Rows); i++ {
		c.Rows[i].Missing = strings.TrimPrefix(c.Rows[i].Missing+";"+what, ";")
	}
}

// quota is the land quota that a zone loses: the mu of its industrial parcels that
// miss the plot ratio of their industry, times the rule's figure.
func (c *Card) quota(city *City, a policy.Applied) {
	s := city.Subjects[policy.ScopeParcel]
	if city.Control == nil {
		c.lacks(city, a, policy.ScopeZone, "control values: name or extend national-control-2008")
		return
	}
	only := &demand.Demand{Table: city.Control.Table}
	rows := zoneRows(city, a, policy.ScopeZone)
	seen, _ := newControl(only, policy.ScopeParcel, s).holding().hold(city, a, policy.ScopeParcel, s, false)
	for z := range city.Zones {
		r, from := &rows[z], &seen[z]
		*r.Counts = *from.Counts
		cut := near(r.Counts.FailArea.Mu() * a.Rule.Demand.Cut)
		r.Value, r.Bound, r.Unit, r.Source = strconv.FormatFloat(round4(cut), 'f', -1, 64), "<= 0", "mu", "parcels"
		r.Missing = from.Missing
		if r.Verdict = from.Verdict; r.Verdict == Reported {
			r.Verdict, r.Missing = NotEvaluated, "parcels: no industrial land"
		}
		if r.Verdict == NotEvaluated {
			r.Value = ""
		}
		c.Rows = append(c.Rows, *r)
	}
}

func round4(v float64) float64 {
	n, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'f', 4, 64), 64)
	return n
}

// services holds the shares of land for services against those of the year before.
func (c *Card) services(city *City, a policy.Applied) {
	for z := range city.Zones {
		r := zoneRow(city, a, z)
		r.Source, r.Unit, r.Verdict = "land_use", "ratio", NotEvaluated
		producer := city.figure(demand.Figure{Of: "land.producer_mu", Per: "land.mapped_mu"}, int32(z), city.Year)
		consumer := city.figure(demand.Figure{Of: "land.consumer_mu", Per: "land.mapped_mu"}, int32(z), city.Year)
		if !producer.ok || !consumer.ok {
			r.Missing = "land_use"
			c.Rows = append(c.Rows, r)
			continue
		}
		r.Value = number(producer.value) + ";" + number(consumer.value)
		before, known := city.Previous[[2]string{a.Rule.ID, r.Code}]
		p, q, both := strings.Cut(before.Value, ";")
		was, errP := strconv.ParseFloat(p, 64)
		had, errQ := strconv.ParseFloat(q, 64)
		switch {
		case !known || !both || errP != nil || errQ != nil:
			r.Missing = "previous run"
		default:
			r.Bound, r.Verdict = "> "+p+";> "+q, Fail
			if shown(producer.value) > was && shown(consumer.value) > had {
				r.Verdict = Pass
			}
		}
		c.Rows = append(c.Rows, r)
	}
}

func shown(v float64) float64 {
	n, _ := strconv.ParseFloat(number(v), 64)
	return n
}

// standardLand reports the parcels supplied as standard land 标准地: their share of
// the parcels supplied, and how many of them keep the control values.
func (c *Card) standardLand(city *City, a policy.Applied) {
	s := city.Subjects[policy.ScopeParcel]
	standard, signed := s.Number("standard_land"), s.Number("signed_on")
	control := city.Control
	if control == nil {
		control = &demand.Demand{}
	}
	h := newControl(control, policy.ScopeParcel, s)
	rows := zoneRows(city, a, policy.ScopeParcel)
	counts, supplied := make([]Counts, len(rows)), make([]int64, len(rows))
	for z := range rows {
		rows[z].Counts = &counts[z]
	}
	for i := range s.N {
		on, ok := signed(i)
		class, _ := h.class(i)
		if !ok || unit.Date(on) > city.AsOf || class != "industry" {
			continue
		}
		at := len(rows) - 1
		if s.Zone[i] >= 0 {
			at = int(s.Zone[i])
		}
		n := rows[at].Counts
		n.Subjects++
		v, known := standard(i)
		switch {
		case !known:
			n.NotEvaluated++
			continue
		case v != 1:
			continue
		}
		supplied[at]++
		switch h.verdict(i) {
		case Pass:
			n.Pass++
		case Fail:
			n.Fail++
			s.addLand(counts, i)
		default:
			n.NotEvaluated++
		}
	}
	for i := range rows {
		r := &rows[i]
		r.Verdict, r.Unit, r.Source = Reported, "ratio", "parcels"
		if n := r.Counts.Subjects; n > 0 {
			r.Value = number(float64(supplied[i]) / float64(n))
		} else {
			r.Verdict, r.Missing = NotEvaluated, "parcels: none supplied"
		}
	}
	c.Rows = append(c.Rows, rows...)
}

// zoneType tells zones led by industry from those of industry and city by the shares
// of industry and of residence in their built land.
func (c *Card) zoneType(city *City, a policy.Applied) {
	d := a.Rule.Demand
	for z := range city.Zones {
		r := zoneRow(city, a, z)
		r.Verdict, r.Source = Reported, "land_use"
		industry := city.figure(demand.Figure{Of: "land.A2", Per: "land.A"}, int32(z), city.Year)
		residence := city.figure(demand.Figure{Of: "land.A1", Per: "land.A"}, int32(z), city.Year)
		switch {
		case !industry.ok || !residence.ok:
			r.Verdict, r.Missing = NotEvaluated, listed(unique(append(industry.missing, residence.missing...)))
		case industry.value > d.Industry && residence.value < d.Residence:
			r.Value = "industry_led"
		case industry.value <= d.Industry && residence.value >= d.Residence:
			r.Value = "industry_and_city"
		default:
			r.Value = "other"
		}
		c.Rows = append(c.Rows, r)
	}
}
