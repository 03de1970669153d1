package score

import (
	"cmp"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// Rules holds a city against rules.
func Rules(city *City, rules []policy.Applied) *Card {
	c := &Card{BottomLine: make([]string, len(city.Zones))}
	for _, a := range rules {
		if missing := lacking(city, a.Rule); missing != "" {
			for _, scope := range a.Rule.Scope {
				c.lacks(city, a, scope, missing)
			}
			continue
		}
		if a.Rule.Kind != policy.Kind(demand.BottomLine) { // which look at the others' verdicts
			c.rule(city, a)
		}
	}
	for _, a := range rules {
		if a.Rule.Kind == policy.Kind(demand.BottomLine) && lacking(city, a.Rule) == "" {
			c.bottomLine(city, a)
		}
	}
	slices.SortStableFunc(c.Rows, func(a, b Row) int {
		return cmp.Or(byRule(policy.Applied{Pack: a.Pack, Rule: a.Rule}, policy.Applied{Pack: b.Pack, Rule: b.Rule}),
			byScope(a.Scope, b.Scope), cmp.Compare(last(a.Zone), last(b.Zone)), strings.Compare(a.Code, b.Code))
	})
	c.Findings.order()
	return c
}

func byRule(a, b policy.Applied) int {
	return cmp.Or(strings.Compare(a.Rule.ID, b.Rule.ID), strings.Compare(a.Pack.ID, b.Pack.ID))
}

func byScope(a, b policy.Scope) int {
	return cmp.Compare(slices.Index(scopes, a), slices.Index(scopes, b))
}

var scopes = []policy.Scope{policy.ScopeCity, policy.ScopeZone, policy.ScopeParcel, policy.ScopeProject, policy.ScopeEnterprise}

// last puts what lies outside behind the zones.
func last(zone int32) int32 {
	if zone == Outside {
		return 1 << 30
	}
	return zone
}

// lacking are the tables that a rule needs and the dataset does not have.
func lacking(city *City, rule *policy.Rule) string {
	var names []string
	for _, n := range rule.Needs {
		if !city.Has(n.Table) && !slices.Contains(names, n.Table) {
			names = append(names, n.Table)
		}
	}
	return strings.Join(names, ";")
}

// rule evaluates a rule by its kind.
func (c *Card) rule(city *City, a policy.Applied) {
	switch string(a.Rule.Kind) {
	case demand.Compare:
		c.compare(city, a)
	case demand.Conditions:
		c.conditions(city, a)
	case demand.Underused:
		c.underused(city, a)
	case demand.Cadence:
		c.cadence(city, a)
	case demand.Lists:
		c.industries(city, a)
	case demand.Control:
		c.control(city, a)
	case demand.Quota:
		c.quota(city, a)
	case demand.Services:
		c.services(city, a)
	case demand.Layers:
		c.layers(city, a)
	case demand.Outside:
		c.outside(city, a)
	case demand.Sector:
		c.sector(city, a)
	case demand.StandardLand:
		c.standardLand(city, a)
	case demand.ZoneType:
		c.zoneType(city, a)
	case demand.Index:
		c.index(city, a)
	case string(policy.KindIdleLand):
		c.idle(city, a)
	case string(policy.KindLandMix):
		c.mix(city, a)
	case string(policy.KindNear), string(policy.KindInside):
		c.spatial(city, a)
	case string(policy.KindSpaces):
		c.texts(city, a)
	case string(policy.KindGrading), demand.ByGrade:
		c.graded(city, a)
	}
}

// ZoneVerdicts counts by verdict the rows about a zone.
func (c *Card) ZoneVerdicts(zones int) (pass, fail, not []int64) {
	pass, fail, not = make([]int64, zones+1), make([]int64, zones+1), make([]int64, zones+1)
	for i := range c.Rows {
		z := int(c.Rows[i].Zone)
		if z == int(Outside) {
			z = zones
		}
		if z < 0 {
			continue
		}
		switch c.Rows[i].Verdict {
		case Pass:
			pass[z]++
		case Fail:
			fail[z]++
		case NotEvaluated:
			not[z]++
		}
	}
	return pass, fail, not
}
