package history

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/muscope-gis/muscope/datasets/fields"
)

// Entry is a run with what it is compared with.
type Entry struct {
	Run
	// ComparedWith is the id of the last run of its kind; empty: it is the first.
	ComparedWith string   `json:"compared_with,omitempty"`
	ComparedAs   string   `json:"compared_as,omitempty"`
	Changes      *Changes `json:"changes,omitempty"`
	// Uncompared says why there are no changes though there is such a run.
	Uncompared string `json:"uncompared,omitempty"`
}

// Entries are the last runs, all for 0, each with the last of its kind among all; with
// changes each is compared with it. A run that cannot be compared says so and does not
// keep others from it.
func Entries(ctx context.Context, runs []Run, last int, changes bool) ([]Entry, error) {
	out := []Entry{}
	for i := range runs {
		if last > 0 && i == last {
			break
		}
		e := Entry{Run: runs[i]}
		if before, as, ok := Last(runs, &runs[i]); ok {
			e.ComparedWith, e.ComparedAs = before.RunID, as
			if changes {
				var err error
				if e.Changes, err = Compare(ctx, before, &runs[i]); err != nil {
					if ctx.Err() != nil {
						return nil, ctx.Err()
					}
					e.Uncompared = err.Error()
				}
			}
		}
		out = append(out, e)
	}
	return out, nil
}

// Write prints entries for people, in zh or en: those under the same policies
// together, those that cannot be read at the end.
func Write(out io.Writer, entries []Entry, lang string) error {
	p := &printer{lang: lang}
	var kinds []string
	for i := range entries {
		if k := entries[i].rules(); entries[i].Problem == "" && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	for _, k := range kinds {
		p.group(slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return e.Problem != "" || e.rules() != k }))
	}
	for _, e := range entries {
		if e.Problem != "" {
			p.text.WriteString(clean(fmt.Sprintf("%s %s: %s", p.word("history.broken"), e.Place, e.Problem)) + "\n")
		}
	}
	_, err := io.WriteString(out, p.text.String())
	return err
}

type printer struct {
	lang string
	text strings.Builder
}

func (p *printer) word(id string) string { return fields.Word(id, p.lang) }

// group prints the runs under the same policies in columns, changes below their run.
func (p *printer) group(entries []Entry) {
	rows := [][]string{{}}
	for _, h := range []string{"runs.year", "as_of", "run", "history.grades", "found.idle", "found.at_risk", "history.violations",
		"history.rules_fail", "history.rejected", "history.compared", "history.place"} {
		rows[0] = append(rows[0], p.word(h))
	}
	for i := range entries {
		rows = append(rows, p.row(&entries[i]))
	}
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], cells(c))
		}
	}
	p.text.WriteString(clean(p.word("policies")+" "+strings.Join(entries[0].Policies, ", ")) + "\n")
	for i, r := range rows {
		line := ""
		for k, c := range r {
			line += "  " + c + strings.Repeat(" ", widths[k]-cells(c))
		}
		p.text.WriteString(strings.TrimRight(line, " ") + "\n")
		if i > 0 {
			p.below(&entries[i-1])
		}
	}
}

// below prints what changed.
func (p *printer) below(e *Entry) {
	if e.Uncompared != "" {
		p.text.WriteString("    " + clean(p.word("history.wrong")+p.word("explain.colon")+e.Uncompared) + "\n")
	}
	if e.Changes == nil {
		return
	}
	for line := range strings.Lines(e.Changes.Text(p.lang)) {
		p.text.WriteString("    " + line)
	}
}

func (p *printer) row(e *Entry) []string {
	grades := []string{}
	for _, l := range letters[:5] {
		if n := e.Verdicts["grades"][l]; n > 0 {
			grades = append(grades, l+" "+strconv.FormatInt(n, 10))
		}
	}
	// A group of verdicts that the run does not have is a dash: nobody looked.
	verdict := func(group, name string) string {
		if e.Verdicts[group] == nil {
			return "-"
		}
		return strconv.FormatInt(e.Verdicts[group][name], 10)
	}
	idle := verdict("idle_land", "")
	if idle != "-" {
		idle = strconv.FormatInt(e.Idle(), 10)
	}
	row := []string{e.Period, e.AsOf, e.RunID, cmp.Or(strings.Join(grades, " "), "-"), idle, verdict("idle_land", "at_risk"),
		verdict("conflicts", "violation"), verdict("scorecard", "fail"), strconv.FormatInt(e.Rejected, 10), cmp.Or(e.ComparedWith, "-"), e.Place}
	for i := range row {
		row[i] = clean(row[i])
	}
	return row
}

// cells is how many cells of a terminal a text takes: two for a wide character.
func cells(s string) int {
	n := 0
	for _, r := range s {
		if unicode.In(r, unicode.Mn, unicode.Me) {
			continue
		}
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
