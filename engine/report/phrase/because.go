package phrase

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/policy/demand"
)

// said is a condition as the reasons of underused land tell it: fact=value bound met
// (clause), in the order of the rule's conditions.
type said struct {
	fact, value, bound, clause string
	met                        bool
}

// conditions reads them; what is not written so ends the list.
func conditions(reason string) (out []said) {
	for reason != "" {
		fact, rest, ok := strings.Cut(reason, "=")
		value, rest, bounded := strings.Cut(rest, " ")
		at := strings.Index(rest, "met (")
		if !ok || !bounded || at < 1 {
			return out
		}
		bound, negated := strings.CutSuffix(rest[:at-1], " not")
		rest = rest[at+len("met ("):]
		end := closing(rest)
		if end < 0 {
			return out
		}
		out = append(out, said{fact, value, bound, rest[:end], !negated})
		reason = strings.TrimPrefix(rest[end+1:], ", ")
	}
	return out
}

// closing is where the bracket closes that a text stands in; −1: nowhere.
func closing(s string) int {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// Because puts into words which conditions make land underused: of each way in which a
// rule holds its conditions, joined; ways that several rules share once, with the
// clauses of all.
func Because(rule func(id string) (policy.Applied, bool)) func(reasons string) string {
	return func(reasons string) string {
		var ways []string
		clauses := map[string][]string{}
		for reason := range strings.SplitSeq(reasons, " | ") {
			id, told, _ := strings.Cut(reason, ": ")
			all := conditions(told)
			a, ok := rule(id)
			if !ok || a.Rule.Demand == nil || len(all) != len(a.Rule.Demand.List.Leaves()) {
				return reasons
			}
			holding, _ := hold(a.Rule.Demand.List, all)
			for _, way := range holding {
				text, clause := wayText(way)
				if clauses[text] == nil {
					ways = append(ways, text)
				}
				clauses[text] = append(clauses[text], clause)
			}
		}
		for i, w := range ways {
			ways[i] = w + "（" + strings.Join(clauses[w], "、") + "）"
		}
		return strings.Join(ways, "\n")
	}
}

// hold lists the ways in which a tree holds, each with its conditions, and what is left
// of the conditions behind it. No way: it does not hold.
func hold(t *demand.Tree, all []said) (ways [][]said, rest []said) {
	switch {
	case t.Leaf != nil:
		if all[0].met {
			ways = [][]said{all[:1]}
		}
		return ways, all[1:]
	case t.Not != nil:
		below, rest := hold(t.Not, all)
		if len(below) == 0 {
			ways = [][]said{all[:len(all)-len(rest)]}
		}
		return ways, rest
	case t.Any != nil:
		for i := range t.Any {
			var below [][]said
			below, all = hold(&t.Any[i], all)
			ways = append(ways, below...)
		}
		return ways, all
	}
	together, holds := []said{}, true
	for i := range t.All {
		var below [][]said
		if below, all = hold(&t.All[i], all); len(below) == 0 {
			holds = false
			continue
		}
		together = append(together, below[0]...)
	}
	if holds {
		ways = [][]said{together}
	}
	return ways, all
}

// wayText is conditions that hold together, and their clause.
func wayText(way []said) (text, clause string) {
	parts := make([]string, len(way))
	for i, c := range way {
		op, bound, _ := strings.Cut(c.bound, " ")
		switch {
		case c.value == "true" || c.value == "false":
			parts[i] = map[bool]string{true: "", false: "非"}[c.value == "true"] + strings.TrimPrefix(named(c.fact), "是否")
		case op == "=":
			parts[i] = named(c.fact) + " " + plain(c.value)
		default:
			parts[i] = named(c.fact) + " " + plain(c.value) + " " + comparison(op) + " " + plain(bound)
		}
		clause = c.clause
	}
	return strings.Join(parts, "，"), clause
}
