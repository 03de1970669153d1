// Package trial runs the cases that sit beside a policy: plain-text lines that say
// what is known of one zone, parcel, project or enterprise, and which verdict a rule
// must come to. It makes a city of one zone out of each line and hands it to the
// stages that decide; it decides nothing itself.
//
// A line is
//
//	RULE SCOPE VERDICT [name=value …] [-- name=value … | name=value …]
//
// A name is a fact of the subject (plot_ratio), a figure of the zone (gdp, gdp@2023
// for another year, CITY.gdp for the city's own), a column of parcels for rules on
// idle land, or one of: year, as_of, role, level, kind (of the zone), distance and
// date (of rules on nearness), industry, residence, public (mu of a land mix), months
// and late (of monthly reports), previous (the rule's value in the run of the year
// before), without (tables that the dataset lacks), empty (tables of which there is
// nothing to draw). What stands behind -- are projects, parted by |; *5 repeats one,
// outside=true is one of no zone. # begins a comment.
package trial

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Case is one line.
type Case struct {
	Line     int
	Rule     string
	Scope    policy.Scope
	Want     string
	Known    map[string]string
	Projects []map[string]string
}

// Mistake is a line that is wrong, or whose verdict is another; Line 0 is the file.
type Mistake struct {
	File    string
	Line    int
	Message string
}

// String is file:line: message.
func (m Mistake) String() string {
	if m.Line == 0 {
		return m.File + ": " + m.Message
	}
	return fmt.Sprintf("%s:%d: %s", m.File, m.Line, m.Message)
}

// Run runs the cases of a file against a set of policies, whose first named one they
// sit beside, and says what is wrong: lines that cannot be read, verdicts that are
// others, and rules of the policy that lack a passing, a failing or a not-evaluated
// case.
func Run(file string, text []byte, set *policy.Set) (cases int, wrong []Mistake) {
	all, wrong := parse(file, text)
	have := map[string]map[string]bool{}
	for i := range all {
		c := &all[i]
		got, err := c.run(set)
		switch {
		case err != nil:
			wrong = append(wrong, Mistake{file, c.Line, err.Error()})
			continue
		case got.Verdict.String() != c.Want:
			wrong = append(wrong, Mistake{file, c.Line, fmt.Sprintf("%s is %s, want %s: value %q, bound %q, missing %q",
				c.Rule, orNone(got.Verdict.String()), c.Want, got.Value, got.Bound, got.Missing)})
		}
		if have[c.Rule] == nil {
			have[c.Rule] = map[string]bool{}
		}
		have[c.Rule][c.Want] = true
	}
	pack := set.Named[0]
	for i := range pack.Rules {
		r := &pack.Rules[i]
		for _, want := range wanted(r) {
			if !have[r.ID][want] {
				wrong = append(wrong, Mistake{file, 0, fmt.Sprintf("rule %s has no case that is %s", r.ID, want)})
			}
		}
	}
	return len(all), wrong
}

func orNone(s string) string {
	if s == "" {
		return "without a verdict"
	}
	return s
}

// wanted are the verdicts that a rule must have a case of: those it can come to.
func wanted(r *policy.Rule) []string {
	switch string(r.Kind) {
	case string(policy.KindSpaces), string(policy.KindGrading), demand.ByGrade, demand.StandardLand, demand.Index, demand.ZoneType:
		return []string{"reported", "not_evaluated"}
	case demand.Layers:
		return []string{"pass", "not_evaluated"}
	case demand.Lists:
		if len(r.Demand.Lists) == 0 {
			return []string{"not_evaluated"}
		}
	case demand.Compare:
		if !slices.ContainsFunc(r.Demand.Tests, func(t demand.Test) bool { return t.Bound != nil && !t.Informational }) {
			return []string{"reported", "not_evaluated"}
		}
	}
	return []string{"pass", "fail", "not_evaluated"}
}

func parse(file string, text []byte) (cases []Case, wrong []Mistake) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		c, err := readCase(words)
		if err != nil {
			wrong = append(wrong, Mistake{file, n, err.Error()})
			continue
		}
		c.Line = n
		cases = append(cases, c)
	}
	return cases, wrong
}

func readCase(words []string) (c Case, err error) {
	if len(words) < 3 || len(words[1]) != 1 || !strings.Contains("EPJZC", words[1]) {
		return c, fmt.Errorf("a case is RULE SCOPE VERDICT name=value …, scope one of E P J Z C")
	}
	c = Case{Rule: words[0], Scope: policy.Scope(words[1][0]), Want: words[2], Known: map[string]string{}}
	if !slices.Contains([]string{"pass", "fail", "not_evaluated", "reported"}, c.Want) {
		return c, fmt.Errorf("no verdict %q; known are pass, fail, not_evaluated, reported", c.Want)
	}
	into, repeat := c.Known, 1
	end := func() {
		for range repeat {
			c.Projects = append(c.Projects, into)
		}
	}
	projects := false
	for _, w := range words[3:] {
		switch {
		case w == "--" && !projects:
			projects, into = true, map[string]string{}
			continue
		case w == "|" && projects:
			end()
			into, repeat = map[string]string{}, 1
			continue
		case projects && strings.HasPrefix(w, "*"):
			if repeat, err = strconv.Atoi(w[1:]); err != nil || repeat < 1 || repeat > 10_000 {
				return c, fmt.Errorf("%s is no number of projects", w)
			}
			continue
		}
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return c, fmt.Errorf("%q is not name=value", w)
		}
		into[name] = value
	}
	if projects {
		end()
	}
	return c, nil
}

// run holds the case's city against the rules.
func (c *Case) run(set *policy.Set) (score.Row, error) {
	rules := set.Rules()
	at := slices.IndexFunc(rules, func(a policy.Applied) bool { return a.Rule.ID == c.Rule && a.Pack == set.Named[0] })
	if at < 0 {
		return score.Row{}, fmt.Errorf("no rule %s in %s", c.Rule, set.Named[0].ID)
	}
	city, err := c.city(set, rules[at])
	if err != nil {
		return score.Row{}, err
	}
	card := score.Rules(city, rules)
	for _, r := range card.Rows {
		if r.Rule == rules[at].Rule && r.Scope == c.Scope && (r.Zone == 0 || c.Scope == policy.ScopeCity || c.Scope == policy.ScopeProject) {
			return r, nil
		}
	}
	return score.Row{}, nil
}

func (c *Case) day(name, otherwise string) (unit.Date, error) {
	text, ok := c.Known[name]
	if !ok {
		text = otherwise
	}
	d, ok := unit.ParseDate(text)
	if !ok {
		return 0, fmt.Errorf("%s=%s is no date", name, text)
	}
	return d, nil
}
