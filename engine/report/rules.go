package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
)

// ruleGroup is a policy with its rules.
type ruleGroup struct {
	document
	Rules []*ruleRow
}

// ruleRow is a rule with what it came to.
type ruleRow struct {
	ID, Clause, Status   string
	Title, Kind          term
	Pass, Fail, Not      int64 // of what the scorecard has a row for
	Reported             int64
	Scopes               []scopeRow
	NotHere              bool // it has no row in the scorecard
	Missing, Value, Over string
}

// scopeRow is what a rule came to on one kind of subject.
type scopeRow struct {
	Scope                     string
	Label                     term
	Pass, Fail, Not, Reported int64
	Mu                        number // of the land that fails
	Value, Bound, Missing     string // of the whole city
	Verdict                   string
}

// mostFailing is how many failing rules a zone's page shows.
const mostFailing = 24

func (p *page) rules() error {
	byID := map[string]*ruleRow{}
	docs := map[string]string{}
	if p.o.Policies != nil {
		for _, pack := range p.o.Policies.Packs() {
			d := slices.IndexFunc(p.Policies, func(d document) bool { return d.ID == pack.ID })
			if d < 0 {
				continue
			}
			group := ruleGroup{document: p.Policies[d]}
			for i := range pack.Rules {
				r := &pack.Rules[i]
				row := &ruleRow{ID: r.ID, Clause: r.Clause, Status: string(r.Status), Title: term{r.Title.Zh, r.Title.En}, Kind: word("kind", string(r.Kind)), NotHere: true}
				group.Rules = append(group.Rules, row)
				if byID[r.ID] == nil {
					byID[r.ID], docs[r.ID] = row, cmp.Or(pack.Title.Zh, pack.ID)
				}
			}
			p.Rules = append(p.Rules, group)
		}
	}
	if err := p.scorecard(byID, docs); err != nil {
		return err
	}
	for _, z := range p.Zones {
		slices.SortStableFunc(z.Failing, func(a, b verdict) int {
			return cmp.Or(order(a.Counted, b.Counted), cmp.Compare(b.Mu.V, a.Mu.V), cmp.Compare(a.Rule, b.Rule))
		})
		z.Cut = max(0, len(z.Failing)-mostFailing)
		z.Failing = z.Failing[:len(z.Failing)-z.Cut]
	}
	return nil
}

// scorecard reads the verdicts.
func (p *page) scorecard(byID map[string]*ruleRow, docs map[string]string) error {
	g := p.table("scorecard")
	counts, err := g.numbers(0, "subjects", "pass", "fail", "not_evaluated")
	if err != nil {
		return err
	}
	failMu, err := g.fixed("fail_mu", 4)
	if err != nil {
		return err
	}
	rule, clause, scope, code := g.text("rule"), g.text("clause"), g.text("scope"), g.text("code")
	value, bound, units, result, missing := g.text("value"), g.text("bound"), g.text("unit"), g.text("verdict"), g.text("missing")
	zones := map[string]*zone{}
	for _, z := range p.Zones {
		zones[z.Code] = z
	}
	others := ruleGroup{document: document{Zh: "其他规则", En: "other rules"}}
	for i := range g.rows {
		r := byID[rule(i)]
		if r == nil {
			r = &ruleRow{ID: rule(i), Clause: clause(i)}
			byID[rule(i)] = r
			others.Rules = append(others.Rules, r)
		}
		r.NotHere = false
		s := r.scope(scope(i))
		subjects, counted := counts[0](i)
		mu, hasMu := failMu(i)
		if counted {
			pass, _ := counts[1](i)
			fail, _ := counts[2](i)
			not, _ := counts[3](i)
			s.Pass, s.Fail, s.Not = s.Pass+pass, s.Fail+fail, s.Not+not
			s.Reported += subjects - pass - fail - not
			s.Mu.V, s.Mu.OK = s.Mu.V+mu, s.Mu.OK || hasMu && mu > 0
		} else {
			s.count(result(i))
		}
		if scope(i) == string(policy.ScopeCity) {
			s.Value, s.Bound, s.Verdict = figure(value(i), units(i)), figure(bound(i), units(i)), result(i)
		}
		if result(i) == "not_evaluated" && s.Missing == "" {
			s.Missing = missing(i)
		}
		if z := zones[code(i)]; z != nil && result(i) == "fail" {
			v := verdict{Rule: rule(i), Clause: clause(i), Document: docs[rule(i)], Title: r.Title, Scope: scope(i),
				Value: figure(value(i), units(i)), Bound: figure(bound(i), units(i)), Counted: counted, Subjects: subjects, Mu: number{mu, hasMu}}
			v.Fails, _ = counts[2](i)
			z.Failing = append(z.Failing, v)
		}
	}
	if len(others.Rules) > 0 {
		p.Rules = append(p.Rules, others)
	}
	return nil
}

func (r *ruleRow) scope(name string) *scopeRow {
	for i := range r.Scopes {
		if r.Scopes[i].Scope == name {
			return &r.Scopes[i]
		}
	}
	r.Scopes = append(r.Scopes, scopeRow{Scope: name, Label: word("scope", name)})
	return &r.Scopes[len(r.Scopes)-1]
}

func (s *scopeRow) count(verdict string) {
	switch verdict {
	case "pass":
		s.Pass++
	case "fail":
		s.Fail++
	case "reported":
		s.Reported++
	default:
		s.Not++
	}
}

// figure is a value or bound of the scorecard with its unit, as people read it: several
// parts with ; between, ratios in percent.
func figure(value, units string) string {
	if value == "" {
		return ""
	}
	of := strings.Split(units, ";")
	parts := strings.Split(value, ";")
	for i, v := range parts {
		u := of[min(i, len(of)-1)]
		sign := ""
		for _, s := range [][2]string{{">= ", "≥ "}, {"<= ", "≤ "}, {"> ", "> "}, {"< ", "< "}, {"= ", "= "}} {
			if rest, ok := strings.CutPrefix(v, s[0]); ok {
				sign, v = s[1], rest
				break
			}
		}
		n, err := strconv.ParseFloat(v, 64)
		switch {
		case v == "" && sign == "":
			v = "—"
		case err != nil:
		case u == "ratio":
			v = strconv.FormatFloat(n*100, 'f', 1, 64) + "%"
		case u == "yes" && n == 1:
			v = "是"
		case u == "yes" && n == 0:
			v = "否"
		default:
			v = readable(n)
			if l := unitLabel(u); l != "" {
				v += " " + l
			}
		}
		parts[i] = sign + v
	}
	return strings.Join(parts, "；")
}

// readable is a number with at most four decimals and commas between thousands.
func readable(v float64) string {
	whole, rest, point := strings.Cut(strconv.FormatFloat(math.Round(v*1e4)/1e4+0, 'f', -1, 64), ".")
	if point {
		return grouped(whole) + "." + rest
	}
	return grouped(whole)
}

// nearRow is what a spatial rule found.
type nearRow struct {
	Rule, Clause string
	Title        term
	Subject      string
	Counts       map[string]int64
	Features     int
}

func (p *page) near() error {
	g := p.table("conflicts")
	rule, clause, subject, result, feature := g.text("rule"), g.text("clause"), g.text("subject"), g.text("verdict"), g.text("feature")
	at := map[[2]string]int{}
	seen := map[[3]string]bool{}
	for i := range g.rows {
		key := [2]string{rule(i), subject(i)}
		k, ok := at[key]
		if !ok {
			k = len(p.Near)
			at[key] = k
			p.Near = append(p.Near, nearRow{Rule: rule(i), Clause: clause(i), Subject: subject(i), Title: p.title(rule(i)), Counts: map[string]int64{}})
		}
		p.Near[k].Counts[result(i)]++
		if one := [3]string{rule(i), subject(i), feature(i)}; !seen[one] {
			seen[one] = true
			p.Near[k].Features++
		}
	}
	slices.SortStableFunc(p.Near, func(a, b nearRow) int { return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject)) })
	return nil
}

// title is what a rule is called.
func (p *page) title(id string) term {
	for _, g := range p.Rules {
		for _, r := range g.Rules {
			if r.ID == id {
				return r.Title
			}
		}
	}
	return term{}
}
