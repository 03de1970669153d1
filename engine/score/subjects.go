package score

import (
	"context"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// holding holds subjects of one kind against a rule, from several goroutines at once.
// Most subjects are never told of: what is told of the others is asked for apart.
type holding struct {
	verdict func(i int) Verdict
	lacks   func(i int, add func(what string))    // what those that are not evaluated lack; nil: they tell
	tell    func(i int, v Verdict, p part) string // of findings and projects; nil: nothing
}

// part is what is told of a subject.
type part uint8

const (
	theValue part = iota
	theBound
	theUnit
	theMissing
)

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
		lacks := func(i int, add func(string)) {
			if where.is(i) == unknown {
				where.missing(i, add)
			} else {
				tree.missing(i, add)
			}
		}
		c.subjects(city, a, scope, s, &holding{
			verdict: func(i int) Verdict {
				looked := where.is(i)
				if looked == no {
					return None
				}
				switch v := tree.is(i); {
				case looked == unknown, v == unknown:
					return NotEvaluated
				case v == wanted:
					return Pass
				}
				return Fail
			},
			lacks: lacks,
			tell: func(i int, v Verdict, p part) string {
				if p == theMissing {
					if v != NotEvaluated {
						return ""
					}
					return listed(gathered(i, lacks))
				}
				if p != theBound {
					if value, ok := shown(i); ok {
						if p == theValue {
							return value
						}
						return demand.FactUnit(d.Shown)
					}
				}
				return tree.tell(i, v, wanted, p)
			},
		})
	}
}

// gathered are the names that are added, each once.
func gathered(i int, lacks func(i int, add func(string))) (names []string) {
	lacks(i, func(what string) {
		if !slices.Contains(names, what) {
			names = append(names, what)
		}
	})
	return names
}

func shownFact(s *Subjects, fact string) func(i int) (string, bool) {
	if fact == "" {
		return func(int) (string, bool) { return "", false }
	}
	one := compiled{leaf: &demand.Condition{Fact: fact}, unit: demand.FactUnit(fact)}
	if one.unit == "text" {
		one.text = s.Text(fact)
	} else {
		one.number = s.Number(fact)
	}
	return one.value
}

// tell gives values, bounds or units: of the conditions that decide a failure, else of
// all.
func (t *compiled) tell(i int, v Verdict, wanted truth, p part) string {
	var room [16]*compiled
	var parts [16]string
	leaves := t.leaves()
	if v == Fail {
		leaves = t.because(room[:0], i, 1-wanted)
	}
	texts, same := parts[:0], true
	for _, l := range leaves {
		var one string
		switch p {
		case theValue:
			one, _ = l.value(i)
		case theBound:
			one = l.boundText(i)
		default:
			one = l.leaf.Unit
		}
		texts = append(texts, one)
		same = same && one == texts[0]
	}
	if p == theUnit && same && len(texts) > 0 {
		return texts[0]
	}
	return joined(texts)
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
// as findings. It returns those.
func (c *Card) subjects(city *City, a policy.Applied, scope policy.Scope, s *Subjects, h *holding) []int32 {
	informational := a.Rule.Demand != nil && slices.Contains(a.Rule.Demand.Informational, string(rune(scope)))
	if scope == policy.ScopeProject {
		for i := range s.N {
			if v := h.verdict(i); v != None {
				c.Rows = append(c.Rows, h.row(a, s, i, v, informational))
			}
		}
		return nil
	}
	rows, failed := h.hold(city, a, scope, s, informational)
	c.Rows = append(c.Rows, rows...)
	if !informational && len(failed) > 0 {
		c.Findings.add(a, scope, s, h, failed)
	}
	return failed
}

// row is a row about one project.
func (h *holding) row(a policy.Applied, s *Subjects, i int, v Verdict, informational bool) Row {
	r := Row{Pack: a.Pack, Rule: a.Rule, Scope: policy.ScopeProject, Code: s.Code(i), Zone: NoZone, Verdict: v, Source: s.Table + "/" + s.Code(i)}
	if informational && v != NotEvaluated {
		r.Verdict = Reported
	}
	if h.tell != nil {
		r.Value, r.Bound = h.tell(i, v, theValue), h.tell(i, v, theBound)
		r.Unit, r.Missing = realUnit(h.tell(i, v, theUnit)), h.tell(i, v, theMissing)
	}
	return r
}

// realUnit leaves out what facts have in place of a unit.
func realUnit(u string) string {
	if u == "text" || u == "yes" || u == "date" {
		return ""
	}
	return u
}

// share is what came of a run of subjects.
type share struct {
	counts  []Counts // by zone, and of what lies outside
	missing [][]string
	failed  []int32
}

// subjectsAtOnce is how many subjects a goroutine takes at least.
const subjectsAtOnce = 4096

// hold holds the subjects against a rule, shared out among goroutines: counts are
// integers, and those that fail stay in order, so that it does not matter how.
func (h *holding) hold(city *City, a policy.Applied, scope policy.Scope, s *Subjects, informational bool) (rows []Row, failed []int32) {
	rows = zoneRows(city, a, scope)
	shares := make([]share, max(1, min(4*city.Workers, s.N/subjectsAtOnce)))
	_ = parallel.Each(context.Background(), len(shares), city.Workers, func(k int) error {
		shares[k] = h.part(s, len(rows), k*s.N/len(shares), (k+1)*s.N/len(shares))
		return nil
	})
	for z := range rows {
		var missing []string
		for _, one := range shares {
			rows[z].Counts.add(&one.counts[z])
			missing = append(missing, one.missing[z]...)
		}
		rows[z].close(informational, missing)
		rows[z].Source = s.Table
	}
	for _, one := range shares {
		failed = append(failed, one.failed...)
	}
	return rows, failed
}

// part holds the subjects from … to−1.
func (h *holding) part(s *Subjects, rows, from, to int) share {
	out := share{counts: make([]Counts, rows), missing: make([][]string, rows)}
	at := 0
	add := func(what string) {
		if !slices.Contains(out.missing[at], what) {
			out.missing[at] = append(out.missing[at], what)
		}
	}
	for i := from; i < to; i++ {
		v := h.verdict(i)
		if v == None {
			continue
		}
		at = rows - 1
		if z := s.Zone[i]; z >= 0 {
			at = int(z)
		}
		n := &out.counts[at]
		n.Subjects++
		switch v {
		case Pass:
			n.Pass++
		case Fail:
			n.Fail++
			s.addLand(out.counts, i)
			out.failed = append(out.failed, int32(i))
		case NotEvaluated:
			n.NotEvaluated++
			h.lacks(i, add)
		}
	}
	return out
}

func (n *Counts) add(m *Counts) {
	n.Subjects += m.Subjects
	n.Pass += m.Pass
	n.Fail += m.Fail
	n.NotEvaluated += m.NotEvaluated
	n.FailArea += m.FailArea
}

// addLand adds a failing subject's land to the zones it lies in, and to the last what
// lies outside.
func (s *Subjects) addLand(counts []Counts, i int) {
	zones, areas, outside := s.Shares(i)
	for k, z := range zones {
		counts[z].FailArea += areas[k]
	}
	counts[len(counts)-1].FailArea += outside
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
func (r *Row) close(informational bool, missing []string) {
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
	slices.Sort(missing)
	r.Missing = strings.Join(slices.Compact(missing), ";")
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
