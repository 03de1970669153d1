package score

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// outcome is what came of one test.
type outcome struct {
	verdict Verdict
	value   string
	year    int
	bound   string
	unit    string
	missing []string
	source  []string
}

// compare holds zones and the city against the tests of a rule.
func (c *Card) compare(city *City, a policy.Applied) {
	tests := a.Rule.Demand.Tests
	if a.Rule.Has(policy.ScopeZone) {
		for z := range city.Zones {
			c.row(city, a, policy.ScopeZone, int32(z), testsOf(&city.Zones[z], tests))
		}
		for i := range tests {
			c.noSuchRole(city, a, &tests[i])
		}
	}
	if a.Rule.Has(policy.ScopeCity) {
		var some []*demand.Test
		for i := range tests {
			if tests[i].Scope != "Z" {
				some = append(some, &tests[i])
			}
		}
		c.row(city, a, policy.ScopeCity, All, some)
	}
}

// testsOf are the tests that a zone is held against.
func testsOf(z *Zone, tests []demand.Test) (some []*demand.Test) {
	var named []string
	for i := range tests {
		named = append(named, tests[i].Roles...)
	}
	for i := range tests {
		t := &tests[i]
		switch {
		case t.Scope == "C",
			len(t.Roles) > 0 && !z.has(t.Roles),
			t.Others && z.has(named),
			len(t.Levels) > 0 && !slices.Contains(t.Levels, z.Level):
		default:
			some = append(some, t)
		}
	}
	return some
}

// noSuchRole says that a test is for a role that no zone has.
func (c *Card) noSuchRole(city *City, a policy.Applied, t *demand.Test) {
	if len(t.Roles) == 0 || t.Scope == "C" ||
		slices.ContainsFunc(city.Zones, func(z Zone) bool { return z.has(t.Roles) }) {
		return
	}
	c.Rows = append(c.Rows, Row{Pack: a.Pack, Rule: a.Rule, Scope: policy.ScopeZone, Zone: NoZone, Verdict: NotEvaluated,
		Missing: "zones.role " + strings.Join(t.Roles, " ")})
}

// row puts the outcomes of tests together.
func (c *Card) row(city *City, a policy.Applied, scope policy.Scope, who int32, tests []*demand.Test) {
	if len(tests) == 0 {
		return
	}
	r := Row{Pack: a.Pack, Rule: a.Rule, Scope: scope, Code: CityCode, Zone: NoZone}
	if who >= 0 {
		r.Code, r.Zone = city.Zones[who].Code, who
	}
	var values, bounds, units, missing, source []string
	for _, t := range tests {
		o := city.outcome(t, who)
		r.Verdict = worse(r.Verdict, o.verdict)
		values, bounds = append(values, o.value), append(bounds, o.bound)
		missing, source = append(missing, o.missing...), append(source, o.source...)
		if r.ValueYear == 0 {
			r.ValueYear = o.year
		}
		units = append(units, o.unit)
	}
	if len(slices.Compact(slices.Clone(units))) == 1 {
		units = units[:1]
	}
	r.Value, r.Bound, r.Unit = joined(values), joined(bounds), joined(units)
	r.Missing, r.Source = listed(unique(missing)), listed(unique(source))
	c.Rows = append(c.Rows, r)
}

// worse is the verdict of two parts together: a failure wins, then what is missing,
// then a pass.
func worse(a, b Verdict) Verdict {
	for _, v := range []Verdict{Fail, NotEvaluated, Pass, Reported} {
		if a == v || b == v {
			return v
		}
	}
	return None
}

func unique(names []string) (out []string) {
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// outcome holds a subject against a test.
func (c *City) outcome(t *demand.Test, who int32) outcome {
	bound, year, atTarget := t.Bound, c.Year, false
	var target demand.Target
	if n := len(t.Targets); n > 0 {
		target = t.Targets[n-1]
		if i := slices.IndexFunc(t.Targets, func(g demand.Target) bool { return g.Year >= c.Year }); i >= 0 {
			target = t.Targets[i]
		}
		atTarget = c.Year >= target.Year
		if atTarget {
			year = target.Year
		}
	}
	r := c.value(t, who, year)
	if !r.ok && year != c.Year { // the target year's own figure, or, missing that, the evaluated year's
		year = c.Year
		r = c.value(t, who, year)
	}
	o := outcome{year: year, missing: r.missing, source: r.source, verdict: NotEvaluated}
	if bound != nil {
		o.unit = bound.Unit
	}
	if o.unit == "" {
		o.unit = c.unitOf(t)
	}
	level, ahead := 0.0, false
	if bound != nil {
		level = bound.Value
		if len(t.Targets) > 0 {
			level, ahead = target.Value, !atTarget
		}
		if bound.Of != "" {
			of := c.one(bound.Of, who, c.Year)
			o.missing, o.source = append(o.missing, of.missing...), append(o.source, of.source...)
			if level = of.value; !of.ok {
				r.ok = false
			}
		}
	}
	if ahead && t.Base > 0 {
		start := c.start(t, who)
		o.missing, o.source = append(o.missing, start.missing...), append(o.source, start.source...)
		if !start.ok {
			r.ok = false
		}
		passed := float64(c.Year-t.Base) / float64(target.Year-t.Base)
		level = start.value + (level-start.value)*passed
	}
	o.close(t, r, level, ahead)
	switch {
	case !ahead || t.Base == 0 || o.verdict != Pass && o.verdict != Fail:
	case c.Year < t.Base: // there is no path yet
		o.verdict, o.bound = Reported, ""
	case c.Year == t.Base && near(r.value) == near(level): // on the path: not behind
		o.verdict = Pass
	}
	return o
}

// close gives the verdict once figure and bound are known.
func (o *outcome) close(t *demand.Test, r reading, level float64, ahead bool) {
	if len(o.missing) == 0 && t.Bound != nil {
		o.bound = t.Bound.Text(near(level))
	}
	if len(r.missing) == 0 && !isNaN(r.value) {
		o.value = number(r.value)
	}
	switch {
	case !r.ok:
		if o.bound == "" && t.Bound != nil && t.Bound.Of == "" && !ahead {
			o.bound = t.Bound.Text(level)
		}
		return
	case t.Bound == nil || t.Informational:
		if o.verdict = Reported; t.Rate && near(r.value) > 1 {
			o.missing = append(o.missing, "data error: a rate over 1")
		}
	case holds(t.Bound.Op, r.value, level, t.Bound.High):
		o.verdict = Pass
	case ahead && t.Base == 0:
		o.verdict = Reported
	default:
		o.verdict = Fail
	}
}

func isNaN(v float64) bool { return v != v }

// unitOf is the unit of a test's value where its bound names none.
func (c *City) unitOf(t *demand.Test) string {
	switch t.As {
	case demand.Growth, demand.Since, demand.Share:
		return "ratio"
	}
	if t.Cohort != nil {
		if t.Cohort.As == "count" {
			return ""
		}
		return "ratio"
	}
	f := t.Figures[0]
	if s := c.Series[f.Of]; s != nil && f.Per == "" {
		return s.Unit
	}
	if a, b := c.Series[f.Of], c.Series[f.Per]; a != nil && b != nil && a.Unit != b.Unit {
		return a.Unit + "_per_" + b.Unit
	}
	return "ratio"
}

// start is where the straight path begins: in the base year.
func (c *City) start(t *demand.Test, who int32) reading {
	switch {
	case t.Start != nil:
		return reading{value: *t.Start, ok: true}
	case t.As == demand.Since || t.As == demand.Added || t.As == demand.Total:
		return reading{ok: true}
	}
	return c.value(t, who, t.Base)
}

// value is a test's value in a year: of the first figure that has data, else what is
// missing of the first.
func (c *City) value(t *demand.Test, who int32, year int) reading {
	if t.Cohort != nil {
		return c.cohort(t.Cohort, who, year)
	}
	first := reading{}
	for i, f := range t.Figures {
		r := c.valueOf(t, f, who, year)
		if r.ok {
			return r
		}
		if i == 0 {
			first = r
		}
	}
	return first
}

func (c *City) valueOf(t *demand.Test, f demand.Figure, who int32, year int) reading {
	now := c.figure(f, who, year)
	var base reading
	switch t.As {
	case demand.Growth, demand.Rise:
		base = c.figure(f, who, year-1)
	case demand.Since, demand.Added:
		base = c.figure(f, who, t.Base)
	case demand.Share:
		now, base = c.ofZones(f, year), c.figure(f, Outside, year)
	case demand.Total:
		return c.total(f, who, t.From, year)
	case demand.Falls:
		return c.falls(f, who, year)
	default:
		return now
	}
	r := reading{missing: append(now.missing, base.missing...), source: append(now.source, base.source...)}
	if !now.ok || !base.ok {
		return r
	}
	r.ok = true
	switch t.As {
	case demand.Rise:
		r.value = base.value - now.value
	case demand.Added:
		r.value = now.value - base.value
	default:
		if !(base.value > 0) {
			return r.lacks(f.String() + " of the base not positive")
		}
		r.value = now.value / base.value
		if t.As != demand.Share {
			r.value--
		}
	}
	return r
}

// total is the sum of the years from … to.
func (c *City) total(f demand.Figure, who int32, from, to int) reading {
	r := reading{ok: true}
	for y := from; y <= to; y++ {
		one := c.figure(f, who, y)
		r.missing, r.source = append(r.missing, one.missing...), append(r.source, one.source...)
		r.ok = r.ok && one.ok
		r.value += one.value
	}
	if to < from {
		return r.lacks("a year from " + demand.Number(float64(from)) + " on")
	}
	return r
}

// falls is how many years running, up to the year, places were lost; no more than two
// are asked for.
func (c *City) falls(f demand.Figure, who int32, year int) reading {
	r := reading{ok: true}
	for y := year; y > year-2; y-- {
		now, before := c.figure(f, who, y), c.figure(f, who, y-1)
		for _, one := range []reading{now, before} {
			r.missing, r.source = append(r.missing, one.missing...), append(r.source, one.source...)
		}
		if !now.ok || !before.ok {
			r.ok = false
			return r
		}
		if now.value <= before.value {
			break
		}
		r.value++
	}
	return r
}

// cohort is a figure over the projects of a zone, or of all zones.
func (c *City) cohort(k *demand.Cohort, who int32, year int) (r reading) {
	p := c.Subjects[policy.ScopeProject]
	if p == nil {
		return r.lacks("projects")
	}
	at := *c
	at.Year = year
	where, that := at.compile(k.Where, p), at.compile(k.That, p)
	sum, per := func(int) (float64, bool) { return 0, false }, func(int) (float64, bool) { return 0, false }
	if k.Sum != "" {
		sum = p.Number(k.Sum)
	}
	if k.Per != "" {
		per = p.Number(k.Per)
	}
	var n, met, everywhere, top, bottom float64
	for i := range p.N {
		in := p.Zone[i] >= 0
		if who >= 0 {
			in = p.Zone[i] == who
		}
		if !in && k.As != "share_of_city" {
			continue
		}
		if where.is(i) != yes {
			continue
		}
		everywhere++
		if !in {
			continue
		}
		n++
		if that.is(i) == yes {
			met++
		}
		s, okS := sum(i)
		q, okQ := per(i)
		if okS && (okQ || k.Per == "") {
			top, bottom = top+s, bottom+q
		} else if okQ { // nothing came of what was agreed
			bottom += q
		}
	}
	r.source = []string{"projects"}
	return cohortValue(k, r, n, met, everywhere, top, bottom)
}

func cohortValue(k *demand.Cohort, r reading, n, met, everywhere, top, bottom float64) reading {
	r.ok = true
	divide := func(a, b float64, what string) reading {
		if !(b > 0) {
			return r.lacks(what)
		}
		r.value = a / b
		return r
	}
	switch k.As {
	case "count":
		r.value = n
	case "share":
		return divide(met, n, "projects: none of the kind")
	case "share_of_city":
		return divide(n, everywhere, "projects: none of the kind")
	default:
		if k.Per == "" {
			r.value = top
			return r
		}
		return divide(top, bottom, "projects."+k.Per)
	}
	return r
}
