package history

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Grades as changes have them, in their order.
const (
	none   = "none"   // listed without a grade
	absent = "absent" // not listed
)

var letters = []string{"A", "B", "C", "D", "T", none, absent}

// graded is an enterprise in a run.
type graded struct {
	grade string
	land  int64 // 1e-4 mu
}

func (c *comparison) grades() error {
	if c.before.Grading != c.after.Grading {
		c.without("grades", otherScheme)
		return nil
	}
	lists := [2]map[string]graded{{}, {}}
	var wrong error
	ok, err := c.both("grades", []string{"credit_code", "final_grade", "land_mu"}, func(side int, cells []string) {
		g := graded{grade: none}
		if cells[1] != "" {
			g.grade = strings.Clone(cells[1])
		}
		land, err := landOf("grades", cells[0], cells[2])
		g.land, wrong = land, cmp.Or(wrong, err)
		if !slices.Contains(letters[:6], g.grade) && wrong == nil {
			wrong = fmt.Errorf("grades: final_grade %q of %s is none; the run is damaged, evaluate again", cells[1], cells[0])
		}
		lists[side][strings.Clone(cells[0])] = g
	}, "grades")
	if wrong != nil {
		return wrong
	}
	if err == nil && ok {
		c.out.Grades = compareGrades(lists)
	}
	return err
}

func compareGrades(lists [2]map[string]graded) *Grades {
	out := &Grades{Before: map[string]int{}, After: map[string]int{}, Matrix: []Cell{}, Moved: []Move{}}
	type step struct{ from, to string }
	who, land := map[step][]string{}, map[step]int64{}
	for _, code := range union(lists[0], lists[1]) {
		a, was := lists[0][code]
		b, is := lists[1][code]
		s := step{absent, absent}
		if was {
			s.from = a.grade
			out.Before[a.grade]++
		}
		mu := a.land
		if is {
			s.to, mu = b.grade, b.land
			out.After[b.grade]++
		}
		who[s] = append(who[s], code)
		land[s] += mu
	}
	var entered, left []string
	for i, from := range letters {
		for k, to := range letters {
			s := step{from, to}
			codes := who[s]
			if len(codes) == 0 {
				continue
			}
			out.Matrix = append(out.Matrix, Cell{from, to, len(codes), float64(land[s]) / 1e4})
			switch {
			case from == absent:
				entered = append(entered, codes...)
			case to == absent:
				left = append(left, codes...)
			case i != k:
				out.Moved = append(out.Moved, Move{from, to, listOf(codes)})
				switch {
				case max(i, k) > 3:
				case k < i:
					out.Better += len(codes)
				default:
					out.Worse += len(codes)
				}
			}
		}
	}
	slices.Sort(entered)
	slices.Sort(left)
	out.Entered, out.Left = listOf(entered), listOf(left)
	return out
}

// scopes are the scopes of rules in the order that a bureau asks: the city, zones, their
// parcels and enterprises, projects.
const scopes = "CZPEJ"

// ruleKey is what a row of a scorecard is about.
type ruleKey struct{ scope, code, rule string }

const (
	pass         = "pass"
	fail         = "fail"
	notEvaluated = "not_evaluated"
)

// monthly is the source of a row that counts reports of months.
var monthly = regexp.MustCompile(`^zone_indicators/.*/\d{4}-\*$`)

// report is what such a row says of one of them.
var report = regexp.MustCompile(`^(late|missing) (\d{4}-\d{2} .+)$`)

// scorecard compares rules, and the reports that some of them count.
func (c *comparison) scorecard() error {
	verdicts := [2]map[ruleKey]string{{}, {}}
	late, missing := [2]map[string]bool{{}, {}}, [2]map[string]bool{{}, {}}
	cadence := [2]bool{}
	columns := []string{"rule", "scope", "code", "verdict", "missing", "source", "unit"}
	ok, err := c.both("scorecard", columns, func(side int, cells []string) {
		k := ruleKey{scope: strings.Clone(cells[1]), code: strings.Clone(cells[2]), rule: strings.Clone(cells[0])}
		if k.code == "" { // a rule on zones that are not there: among those not evaluated
			return
		}
		if verdicts[side][k] != fail {
			verdicts[side][k] = strings.Clone(cells[3])
		}
		if cells[6] != "month" || !monthly.MatchString(cells[5]) {
			return
		}
		cadence[side] = true
		for _, one := range strings.Split(cells[4], ";") {
			if m := report.FindStringSubmatch(one); m != nil {
				to := late
				if m[1] == "missing" {
					to = missing
				}
				to[side][k.code+" "+m[2]] = true
			}
		}
	}, "rules", "reports")
	if err != nil || !ok {
		return err
	}
	c.sided("rules", [2]bool{len(verdicts[0]) > 0, len(verdicts[1]) > 0}, func() { c.out.Rules = compareRules(verdicts) })
	c.sided("reports", cadence, func() { c.out.Reports = &Reports{c.reported(late), c.reported(missing)} })
	return nil
}

// reported compares what reports are wanting. Those of another year are not asked for
// any more: nobody has sent them.
func (c *comparison) reported(lists [2]map[string]bool) Items {
	out := items(lists[0], lists[1])
	out.Resolved = listOf(slices.DeleteFunc(out.Resolved.Items, func(what string) bool {
		return !strings.Contains(what, fmt.Sprintf(" %d-", c.after.Year))
	}))
	return out
}

func compareRules(verdicts [2]map[ruleKey]string) *Rules {
	all := maps.Clone(verdicts[0])
	maps.Copy(all, verdicts[1])
	rows := slices.SortedFunc(maps.Keys(all), func(a, b ruleKey) int {
		return cmp.Or(cmp.Compare(strings.Index(scopes, a.scope), strings.Index(scopes, b.scope)), cmp.Compare(a.scope, b.scope),
			cmp.Compare(a.code, b.code), cmp.Compare(a.rule, b.rule))
	})
	out := &Rules{Zones: []ZoneRules{}}
	zones := map[string]*ZoneRules{}
	var failing, passing, not []RuleMove
	for _, k := range rows {
		m := RuleMove{k.rule, k.scope, k.code, was(verdicts[0], k), was(verdicts[1], k)}
		out.Before += count(m.From == fail)
		out.After += count(m.To == fail)
		if m.From == m.To {
			continue
		}
		z := &ZoneRules{} // of no zone
		if k.scope != "C" && k.scope != "J" {
			if zones[k.code] == nil {
				zones[k.code] = &ZoneRules{Zone: k.code}
			}
			z = zones[k.code]
		}
		unknown := unjudged(m.From)
		switch m.To {
		case fail:
			failing, z.Failing = append(failing, m), z.Failing+1
			out.FailingFirst += unknown
		case pass:
			passing, z.Passing = append(passing, m), z.Passing+1
			out.PassingFirst += unknown
		case notEvaluated:
			not, z.Not = append(not, m), z.Not+1
		}
	}
	for _, code := range slices.Sorted(maps.Keys(zones)) {
		if z := zones[code]; z.Failing+z.Passing+z.Not > 0 {
			out.Zones = append(out.Zones, *z)
		}
	}
	out.NewlyFailing, out.NewlyPassing, out.NewlyNot = listOf(failing), listOf(passing), listOf(not)
	return out
}

func was(verdicts map[ruleKey]string, k ruleKey) string {
	if v, ok := verdicts[k]; ok {
		return v
	}
	return absent
}

// unjudged is 1 for what is no verdict.
func unjudged(verdict string) int { return count(verdict == notEvaluated || verdict == absent) }

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
