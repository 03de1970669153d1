package history

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/muscope-gis/muscope/datasets/fields"
)

// shownItems is how many items of a list a text names.
const shownItems = 3

// shownMoves is how many moves from a grade to another it names: the largest.
const shownMoves = 8

// Text is what changed for people, in zh or en: at most 15 lines, each list with its
// count and its first items. What does not apply has no line, what was not compared is
// said in the last. Control characters are blanks.
func (c *Changes) Text(lang string) string {
	t := &text{lang: lang}
	head := fmt.Sprintf(t.word("against"), c.After.Period, c.After.RunID, c.After.AsOf, c.Before.Period, c.Before.RunID, c.Before.AsOf)
	if c.As == SamePeriod {
		head += t.word("again")
	}
	t.lines = append(t.lines, clean(head))
	t.land(c)
	t.grades(c.Grades)
	t.rules(c)
	t.data(c)
	if len(c.PoliciesChanged) > 0 {
		t.line("policies", strings.Join(c.PoliciesChanged, ", "))
	}
	t.notCompared(c.NotCompared)
	return strings.Join(t.lines, "\n") + "\n"
}

type text struct {
	lang  string
	lines []string
}

func (t *text) word(id string) string { return fields.Word("history."+id, t.lang) }

// line adds a line of a word and what there is to say; nothing says no change.
func (t *text) line(id string, parts ...string) {
	said := []string{}
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	if len(said) == 0 {
		said = append(said, t.word("unchanged"))
	}
	t.lines = append(t.lines, clean(t.word(id)+fields.Word("explain.colon", t.lang)+strings.Join(said, t.word("semicolon"))))
}

// clean is a line that cannot steer a terminal.
func clean(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(line, "\uFFFD"))
}

func change(before, after int) string { return fmt.Sprintf("%d → %d", before, after) }

// some is a count and its first items; empty for none.
func some[T any](t *text, id string, l *List[T], name func(T) string) string {
	if l == nil || l.Count == 0 {
		return ""
	}
	names := []string{}
	for _, one := range l.Items[:min(shownItems, len(l.Items))] {
		names = append(names, name(one))
	}
	if l.Count > len(names) {
		names = append(names, "…")
	}
	return fmt.Sprintf(t.word("some"), t.word(id), l.Count, strings.Join(names, t.word("comma")))
}

func itself(s string) string { return s }

// number is a count without items; empty for none.
func number[T any](t *text, id string, l *List[T]) string {
	if l == nil || l.Count == 0 {
		return ""
	}
	return fmt.Sprintf("%s %d", t.word(id), l.Count)
}

func (t *text) land(c *Changes) {
	if p := c.Idle; p != nil {
		t.line("idle", t.parcels(&p.Parcels), some(t, "newly", &p.Newly, itself), number(t, "joined", p.Joined),
			some(t, "take_back", &p.TakeBack, itself), some(t, "resolved", &p.Resolved, itself), some(t, "gone", p.Gone, itself))
	}
	if p := c.AtRisk; p != nil {
		t.line("at_risk", t.parcels(&p.Parcels), some(t, "newly", &p.Newly, itself),
			number(t, "resolved", &p.Resolved), some(t, "became_idle", p.BecameIdle, itself), number(t, "gone", p.Gone))
	}
	if p := c.Underused; p != nil {
		t.line("underused", t.parcels(p), some(t, "newly", &p.Newly, itself), some(t, "resolved", &p.Resolved, itself), number(t, "gone", p.Gone))
	}
}

// parcels is how many and how much land were on a list, and are.
func (t *text) parcels(p *Parcels) string {
	out := fmt.Sprintf(t.word("count"), p.Before, p.After)
	if p.Mu != nil {
		mu := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
		out += fmt.Sprintf(t.word("mu"), mu(p.Mu.Before), mu(p.Mu.After))
	}
	return out
}

func (t *text) grades(g *Grades) {
	if g == nil {
		return
	}
	var counts, moves []string
	for _, l := range letters[:6] {
		if g.Before[l]+g.After[l] > 0 {
			counts = append(counts, t.letter(l)+" "+change(g.Before[l], g.After[l]))
		}
	}
	moved := slices.Clone(g.Moved)
	slices.SortStableFunc(moved, func(a, b Move) int { return cmp.Compare(b.Count, a.Count) })
	for i, m := range moved {
		if i == shownMoves {
			moves = append(moves, "…")
			break
		}
		moves = append(moves, fmt.Sprintf("%s→%s %d", t.letter(m.From), t.letter(m.To), m.Count))
	}
	t.line("grades", strings.Join(counts, t.word("comma")))
	sums := ""
	if g.Better+g.Worse > 0 {
		sums = fmt.Sprintf("%s %d%s%s %d", t.word("better"), g.Better, t.word("comma"), t.word("worse"), g.Worse)
	}
	t.line("moved", sums, strings.Join(moves, t.word("comma")), some(t, "entered", &g.Entered, itself), some(t, "left", &g.Left, itself))
}

func (t *text) letter(l string) string {
	if l == none {
		return t.word("none")
	}
	return l
}

func (t *text) rules(c *Changes) {
	if b := c.BottomLines; b != nil {
		name := func(m LineMove) string { return m.Zone + " " + t.verdict("history.line.", m.To) }
		t.line("bottom_lines", change(b.Before, b.After), some(t, "newly", &b.Newly, name), some(t, "resolved", &b.Resolved, name))
	}
	if r := c.Rules; r != nil {
		name := func(m RuleMove) string { return m.Rule + " " + m.Code }
		// Those that lost or won a verdict before those that had none.
		turned := func(id string, l List[RuleMove], without int) string {
			l.Items = slices.Clone(l.Items)
			slices.SortStableFunc(l.Items, func(a, b RuleMove) int { return cmp.Compare(unjudged(a.From), unjudged(b.From)) })
			said := some(t, id, &l, name)
			if said != "" && without > 0 {
				said += fmt.Sprintf(t.word("first"), without)
			}
			return said
		}
		t.line("rules", change(r.Before, r.After), turned("newly_failing", r.NewlyFailing, r.FailingFirst),
			turned("newly_passing", r.NewlyPassing, r.PassingFirst), some(t, "newly_not", &r.NewlyNot, name))
	}
}

// verdict is a word of a group where there is one, else the value itself.
func (t *text) verdict(group, value string) string {
	if word := fields.Word(group+value, t.lang); word != group+value {
		return word
	}
	return value
}

func (t *text) data(c *Changes) {
	list := func(id string, i *Items) {
		if i.Before+i.After > 0 {
			t.line(id, change(i.Before, i.After), some(t, "newly", &i.Newly, itself), number(t, "resolved", &i.Resolved))
		}
	}
	if c.Reports != nil {
		list("late", &c.Reports.Late)
		list("missing", &c.Reports.Missing)
	}
	if c.NotEvaluated.Newly.Count+c.NotEvaluated.Resolved.Count > 0 {
		list("not_evaluated", &c.NotEvaluated)
	}
	var rows, unmatched []string
	for _, r := range c.Rows {
		rows = append(rows, r.Table+" "+t.rows(r))
	}
	for _, u := range c.Unmatched {
		unmatched = append(unmatched, t.verdict("found.", u.Reason)+" "+change(int(u.Before), int(u.After)))
	}
	if len(rows) > 0 {
		t.line("rows", rows...)
	}
	if len(unmatched) > 0 {
		t.line("unmatched", strings.Join(unmatched, t.word("comma")))
	}
}

// rows is what became of a table's rows.
func (t *text) rows(r Rows) string {
	of := func(c *Count) string {
		if c == nil {
			return t.word("no_table")
		}
		return fmt.Sprint(c.Read)
	}
	if r.Before == nil || r.After == nil {
		return of(r.Before) + " → " + of(r.After)
	}
	var parts []string
	if r.Before.Read != r.After.Read {
		parts = append(parts, t.word("read")+" "+of(r.Before)+" → "+of(r.After))
	}
	if r.Before.Rejected != r.After.Rejected {
		parts = append(parts, t.word("rejected")+" "+change(int(r.Before.Rejected), int(r.After.Rejected)))
	}
	return strings.Join(parts, t.word("comma"))
}

// notCompared lists what was left out, but for what neither run evaluated: that is no
// change.
func (t *text) notCompared(all []NotCompared) {
	var parts []string
	for _, n := range all {
		if n.Reason == NotEvaluated && n.RunID == "" {
			continue
		}
		reason := n.Reason
		if reason == NotEvaluated {
			reason = "no_rule"
		}
		part := t.word(n.Part) + " (" + t.word(reason)
		if n.Part == "parcels" {
			part += ", " + t.word("no_list")
		}
		if n.RunID != "" {
			part += ", " + t.word("in_run") + " " + n.RunID
		}
		parts = append(parts, part+")")
	}
	if len(parts) > 0 {
		t.line("not_compared", parts...)
	}
}

// Write prints the changes for people.
func (c *Changes) Write(out io.Writer, lang string) error {
	_, err := io.WriteString(out, c.Text(lang))
	return err
}
