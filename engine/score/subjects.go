package score

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// judged is what came of a rule on one subject.
type judged struct {
	verdict      Verdict
	value, bound string
	missing      []string
	unit         string
}

// conditions holds parcels, projects and enterprises against a rule's conditions.
func (c *Card) conditions(city *City, a policy.Applied) {
	d := a.Rule.Demand
	for _, scope := range a.Rule.Scope {
		s := city.Subjects[scope]
		if s == nil {
			c.lacks(city, a, scope, tableOf(scope))
			continue
		}
		where, tree := city.compile(d.Where, s), city.compile(d.Require, s)
		wanted := yes
		if d.List != nil {
			tree, wanted = city.compile(d.List, s), no
		}
		shown := shownFact(s, d.Shown)
		c.subjects(city, a, scope, s, func(i int) judged {
			looked := where.is(i)
			if looked == no {
				return judged{}
			}
			j := judged{verdict: Fail}
			switch v := tree.is(i); {
			case looked == unknown:
				j.verdict, j.missing = NotEvaluated, where.missing(i)
			case v == unknown:
				j.verdict, j.missing = NotEvaluated, tree.missing(i)
			case v == wanted:
				j.verdict = Pass
			}
			if j.verdict != Fail && scope != policy.ScopeProject { // only findings and projects are told of
				return j
			}
			tree.tell(&j, i, wanted)
			if v, ok := shown(i); ok {
				j.value, j.unit = v, demand.FactUnit(d.Shown)
			}
			return j
		})
	}
}

func shownFact(s *Subjects, fact string) func(i int) (string, bool) {
	if fact == "" {
		return func(int) (string, bool) { return "", false }
	}
	one := compiled{leaf: &demand.Condition{Fact: fact}}
	if demand.FactUnit(fact) == "text" {
		one.text = s.Text(fact)
	} else {
		one.number = s.Number(fact)
	}
	return one.value
}

// tell gives value, bound and unit: of the conditions that decide a failure, else of
// all.
func (t *compiled) tell(j *judged, i int, wanted truth) {
	leaves := t.leaves()
	if j.verdict == Fail {
		leaves = t.because(i, 1-wanted)
	}
	var values, bounds, units []string
	for _, l := range leaves {
		v, _ := l.value(i)
		values, bounds, units = append(values, v), append(bounds, l.boundText(i)), append(units, l.leaf.Unit)
	}
	if len(slices.Compact(slices.Clone(units))) == 1 {
		units = units[:1]
	}
	j.value, j.bound, j.unit = joined(values), joined(bounds), joined(units)
}

func tableOf(scope policy.Scope) string {
	switch scope {
	case policy.ScopeProject:
		return "projects"
	case policy.ScopeEnterprise:
		return "enterprises"
	}
	return "parcels"
}

// subjects gives rows for a rule on one kind of subjects: a project each, of parcels
// and enterprises a row for every zone and what lies outside, with the failing ones
// as findings.
func (c *Card) subjects(city *City, a policy.Applied, scope policy.Scope, s *Subjects, judge func(i int) judged) {
	informational := a.Rule.Demand != nil && slices.Contains(a.Rule.Demand.Informational, string(rune(scope)))
	if scope == policy.ScopeProject {
		for i := range s.N {
			j := judge(i)
			if j.verdict == None {
				continue
			}
			if informational && j.verdict != NotEvaluated {
				j.verdict = Reported
			}
			c.Rows = append(c.Rows, s.row(a, scope, i, &j))
		}
		return
	}
	rows := zoneRows(city, a, scope)
	missing := make([]map[string]int, len(rows))
	for i := range s.N {
		j := judge(i)
		if j.verdict == None {
			continue
		}
		at := len(rows) - 1
		if z := s.Zone[i]; z >= 0 {
			at = int(z)
		}
		n := rows[at].Counts
		n.Subjects++
		switch j.verdict {
		case Pass:
			n.Pass++
		case Fail:
			n.Fail++
			s.addLand(rows, i)
			if !informational {
				c.Findings = append(c.Findings, s.row(a, scope, i, &j))
			}
		case NotEvaluated:
			n.NotEvaluated++
			if missing[at] == nil {
				missing[at] = map[string]int{}
			}
			for _, m := range j.missing {
				missing[at][m]++
			}
		}
	}
	for i := range rows {
		rows[i].close(informational, missing[i])
		rows[i].Source = s.Table
	}
	c.Rows = append(c.Rows, rows...)
}

// row is a row about one subject.
func (s *Subjects) row(a policy.Applied, scope policy.Scope, i int, j *judged) Row {
	unit := j.unit
	if unit == "text" || unit == "yes" || unit == "date" {
		unit = ""
	}
	return Row{Pack: a.Pack, Rule: a.Rule, Scope: scope, Code: s.Code(i), Zone: NoZone, Value: j.value, Bound: j.bound, Unit: unit,
		Verdict: j.verdict, Missing: listed(j.missing), Source: s.Table + "/" + s.Code(i)}
}

// addLand adds a failing subject's land to the zones it lies in, and to the last row
// what lies outside.
func (s *Subjects) addLand(rows []Row, i int) {
	zones, areas, outside := s.Shares(i)
	for k, z := range zones {
		rows[z].Counts.FailArea += areas[k]
	}
	rows[len(rows)-1].Counts.FailArea += outside
}

// zoneRows are empty rows for every zone, and one for what lies outside.
func zoneRows(city *City, a policy.Applied, scope policy.Scope) []Row {
	rows := make([]Row, len(city.Zones)+1)
	for z := range rows {
		rows[z] = Row{Pack: a.Pack, Rule: a.Rule, Scope: scope, Code: OutsideCode, Zone: Outside, Counts: &Counts{}}
		if z < len(city.Zones) {
			rows[z].Code, rows[z].Zone = city.Zones[z].Code, int32(z)
		}
	}
	return rows
}

// close gives a row its verdict: fail when one fails, else pass when one passes. A
// zone without subjects reports that there are none.
func (r *Row) close(informational bool, missing map[string]int) {
	n := r.Counts
	switch {
	case n.Subjects == 0:
		r.Verdict = Reported
	case n.Pass+n.Fail == 0 && n.NotEvaluated > 0:
		r.Verdict = NotEvaluated
	case informational:
		r.Verdict = Reported
	case n.Fail > 0:
		r.Verdict = Fail
	case n.Pass > 0:
		r.Verdict = Pass
	default:
		r.Verdict = Reported
	}
	names := make([]string, 0, len(missing))
	for name := range missing {
		names = append(names, name)
	}
	slices.Sort(names)
	r.Missing = strings.Join(names, ";")
}

// lacks gives rows that say what a rule cannot be evaluated without: one for every
// zone that the rule is for, of projects and the city one.
func (c *Card) lacks(city *City, a policy.Applied, scope policy.Scope, missing string) {
	row := Row{Pack: a.Pack, Rule: a.Rule, Scope: scope, Code: CityCode, Zone: NoZone, Verdict: NotEvaluated, Missing: missing}
	switch scope {
	case policy.ScopeCity:
		c.Rows = append(c.Rows, row)
	case policy.ScopeProject:
		row.Code = ""
		c.Rows = append(c.Rows, row)
	default:
		n := len(c.Rows)
		for z := range city.Zones {
			if scope == policy.ScopeZone && !concerns(a.Rule, &city.Zones[z]) {
				continue
			}
			row.Code, row.Zone = city.Zones[z].Code, int32(z)
			c.Rows = append(c.Rows, row)
		}
		if len(c.Rows) == n { // the rule is told all the same
			row.Code, row.Zone = "", NoZone
			c.Rows = append(c.Rows, row)
		}
	}
}

// concerns says whether a rule on zones is for zones like this one.
func concerns(r *policy.Rule, z *Zone) bool {
	switch {
	case r.Kind == policy.KindLandMix:
		return r.LandMix.Applies(z.Kind)
	case string(r.Kind) == demand.Compare:
		return len(testsOf(z, r.Demand.Tests)) > 0
	}
	return true
}

// underused finds underused land: a parcel that meets the list and is not idle. A
// condition whose fact is missing is not met, and is told.
func (c *Card) underused(city *City, a policy.Applied) {
	c.Evaluated = true
	s, d := city.Subjects[policy.ScopeParcel], a.Rule.Demand
	where, list := city.compile(d.Where, s), city.compile(d.List, s)
	idle := s.Number("idle")
	leaves := list.leaves()
	ways := make([]*compiled, len(d.Ways))
	for k := range d.Ways {
		ways[k] = city.compile(d.Ways[k].If, s)
	}
	c.subjects(city, a, policy.ScopeParcel, s, func(i int) judged {
		if !where.met(i) {
			return judged{}
		}
		j := judged{verdict: Pass}
		if v, ok := idle(i); ok && v == 1 { // idle land is dealt with as such
			return j
		}
		if !list.met(i) {
			if !slices.ContainsFunc(leaves, func(l *compiled) bool { return l.holds(i) != unknown }) {
				j.verdict, j.missing = NotEvaluated, list.missing(i)
			}
			return j
		}
		j.verdict = Fail
		list.tell(&j, i, no)
		c.addUnderused(a, int32(i), func() string { return told(a, leaves, i) }, way(d, ways, i))
		return j
	})
}

func way(d *demand.Demand, ways []*compiled, i int) policy.Text {
	for k, w := range ways {
		if w.met(i) {
			return policy.Text{Zh: d.Ways[k].Zh, En: d.Ways[k].En}
		}
	}
	return policy.Text{}
}

// told lists every condition with its value, its bound and its clause.
func told(a policy.Applied, leaves []*compiled, i int) string {
	parts := make([]string, len(leaves))
	for k, l := range leaves {
		v, known := l.value(i)
		if !known {
			v = "missing"
		}
		state := "not met"
		if l.holds(i) == yes {
			state = "met"
		}
		clause := l.leaf.Clause
		if clause == "" {
			clause = a.Rule.Clause
		}
		parts[k] = l.leaf.Fact + "=" + v + " " + l.boundText(i) + " " + state + " (" + clause + ")"
	}
	return a.Rule.ID + ": " + strings.Join(parts, ", ")
}

// addUnderused notes a parcel, once for all rules that it meets. The first rule's way
// counts.
func (c *Card) addUnderused(a policy.Applied, parcel int32, reason func() string, way policy.Text) {
	at, found := slices.BinarySearchFunc(c.Underused, parcel, func(u Underused, p int32) int { return int(u.Parcel) - int(p) })
	if !found {
		c.Underused = slices.Insert(c.Underused, at, Underused{Parcel: parcel})
	}
	u := &c.Underused[at]
	u.Rules, u.reasons = append(u.Rules, a.Rule.ID), append(u.reasons, reason)
	if u.Way == (policy.Text{}) {
		u.Way = way
	}
}
