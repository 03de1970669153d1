package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine"
	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/read"
)

// mostShown is how much of a list is printed; files hold all of it.
const mostShown = 20

// qualityText prints what a dataset is like for people.
type qualityText struct {
	*shared
	w io.Writer
	q *engine.Quality
}

func (t *qualityText) p(format string, args ...any) {
	_, _ = fmt.Fprintln(t.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// head begins a part of the text.
func (t *qualityText) head(id string, args ...any) {
	t.p("")
	t.p(t.word("quality."+id), args...)
}

// more says how much of a list is left out, under lines that begin with indent.
func (t *qualityText) more(indent string, of int) {
	if of > mostShown {
		t.p(indent+t.word("quality.more"), of-mostShown)
	}
}

func (t *qualityText) print() {
	t.p(t.word("quality.title"), t.q.AsOf, t.q.Year)
	t.tables()
	t.columns()
	t.codes()
	t.overlaps()
	t.unmatched()
	t.rejects()
	t.dropped()
	t.repairs()
	t.flags()
}

// tables accounts for the rows, table by table.
func (t *qualityText) tables() {
	for _, one := range t.q.Tables {
		t.p("%-16s %s %9d  %s %9d  %s %7d  %s %5d", one.Table,
			t.word("read"), one.Read, t.word("used"), one.Used, t.word("rejected"), one.Rejected, t.word("repaired"), one.Repaired)
		if one.Filtered > 0 {
			t.p("  %s: %d", t.word("filtered"), one.Filtered)
		}
		if len(one.Reasons) > 0 {
			t.p("  %s: %s", t.word("rejected"), t.counted(one.Reasons))
		}
		if len(one.Dropped) > 0 {
			t.p("  %s: %s", t.word("dropped"), t.droppedBy(one.Dropped))
		}
		if one.Duplicates > 0 {
			t.p("  "+t.word("quality.duplicates"), one.Duplicates, one.DuplicateKeys)
		}
		if len(one.Ignored) > 0 {
			t.p("  %s: %q", t.word("ignored"), one.Ignored)
		}
		for _, f := range one.Files {
			if f.Note != "" {
				t.p("  %s: %s", f.Name, f.Note)
			}
		}
	}
	if len(t.q.Unused) > 0 {
		t.p("%s: %q", t.word("unused"), t.q.Unused)
	}
}

// columns describes the columns that were understood, a line each.
func (t *qualityText) columns() {
	t.head("columns")
	for _, one := range t.q.Tables {
		if len(one.Columns) == 0 {
			continue
		}
		t.p("  %s", one.Table)
		for _, c := range one.Columns {
			t.p("    %-23s %9d  %7s  %s  %s", c.Column, c.Values, percent(int64(c.Values), one.Used), t.held(c), t.label(one.Table, c.Column))
		}
	}
}

// held says what stands in a column.
func (t *qualityText) held(c engine.ColumnQuality) string {
	number := func(v *float64) string { return strconv.FormatFloat(*v, 'f', -1, 64) }
	switch {
	case c.Least != nil:
		text := fmt.Sprintf(t.word("quality.numbers"), number(c.Least), number(c.Median), number(c.Most))
		if c.Unit != "" {
			text += " " + t.word("quality.unit."+string(c.Unit))
		}
		return text
	case c.First != "":
		return fmt.Sprintf(t.word("quality.dates"), c.First, c.Last)
	case c.True != nil:
		return fmt.Sprintf(t.word("quality.booleans"), *c.True)
	case c.More:
		return fmt.Sprintf(t.word("quality.many"), city.MostDistinct)
	default:
		return fmt.Sprintf(t.word("quality.texts"), c.Distinct)
	}
}

// label is how people call a column.
func (t *qualityText) label(table, column string) string {
	zh, en := fields.InputLabel(table, column)
	if t.language() == "zh" {
		return zh
	}
	return en
}

// percent is a share with one decimal, cut off: what is not whole is never 100 %.
func percent(part, whole int64) string {
	if part == whole {
		return "100 %"
	}
	return fmt.Sprintf("%d.%d %%", part*100/whole, part*1000/whole%10)
}

// codes says how many codes have which form, and which fail their check.
func (t *qualityText) codes() {
	if len(t.q.Codes) == 0 {
		return
	}
	t.head("codes")
	for _, c := range t.q.Codes {
		var parts []string
		for _, form := range slices.Sorted(maps.Keys(c.Forms)) {
			parts = append(parts, fmt.Sprintf("%s %d", t.word("quality.form."+string(form)), c.Forms[form]))
		}
		t.p("  %s.%s: %s", c.Table, c.Column, strings.Join(parts, ", "))
		for _, code := range c.Failing[:min(mostShown, len(c.Failing))] {
			t.p("    %s", read.Shown([]byte(code)))
		}
		t.more("    ", len(c.Failing))
	}
}

// overlaps lists the ground that is claimed twice, and counts what lies in no zone.
func (t *qualityText) overlaps() {
	q := t.q
	if n := q.OutsideZones.Parcels; n > 0 {
		t.head("outside", n, metres(q.OutsideZones.Area))
	}
	t.head("overlaps", q.Overlaps.Pairs, metres(q.Overlaps.Area))
	for _, o := range q.Pairs[:min(mostShown, len(q.Pairs))] {
		t.p("  "+t.word("quality.overlap"), read.Shown([]byte(o.First)), read.Shown([]byte(o.Second)), city.SquareMetres(o.Area), percent(o.Share, 1_000_000))
	}
	t.more("  ", len(q.Pairs))
}

func metres(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// unmatched sums what found no partner up, and lists the rows.
func (t *qualityText) unmatched() {
	if len(t.q.Unmatched) == 0 {
		return
	}
	t.head("unmatched")
	for _, reason := range slices.Sorted(maps.Keys(t.q.Unmatched)) {
		u := t.q.Unmatched[reason]
		t.p("  %s %d (%s)", t.found(reason), u.Rows, t.carried(u))
		first, of := t.q.UnmatchedRows(reason, mostShown)
		for _, row := range first {
			rows := ""
			if row.File != "" {
				rows = fmt.Sprintf(t.word("quality.joined"), read.Shown([]byte(row.File)), row.Rows)
			}
			t.p("    %s", strings.Join(slices.DeleteFunc([]string{row.Table + "/" + row.Key, row.Code, row.Name, row.MatchedTo, rows, row.Carries}, empty), "  "))
		}
		t.more("    ", of)
	}
}

func empty(s string) bool { return s == "" }

func (t *qualityText) rejects() {
	rows, of := t.q.Books().Rejected(mostShown)
	if of == 0 {
		return
	}
	t.head("rejects", of)
	for _, r := range rows {
		t.p("  %s %s %s %s %q: %s", t.word("quality.reject"), r.Place, r.Key, r.Column, r.Value, t.found(string(r.Reason)))
	}
	t.more("  ", of)
}

// dropped lists the rows of worksheets that were taken for titles, totals and notes.
func (t *qualityText) dropped() {
	rows, of := t.q.Books().LeftOut(mostShown)
	if of == 0 {
		return
	}
	t.head("dropped", of)
	for _, r := range rows {
		t.p("  %s %s %s %q", r.Place, r.Table, t.word("dropped."+r.Why), r.Text)
	}
	t.more("  ", of)
}

// droppedBy is how many rows each rule took for no data.
func (t *qualityText) droppedBy(n map[string]int64) string {
	var parts []string
	for _, why := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%s %d", t.word("dropped."+why), n[why]))
	}
	return strings.Join(parts, ", ")
}

func (t *qualityText) repairs() {
	rows, of := t.q.Books().Mended(mostShown)
	if of == 0 {
		return
	}
	t.head("repairs", of)
	for _, r := range rows {
		t.p("  %s %s %s: %s, %s -> %s m2", t.word("quality.repair"), r.Place, r.Key, r.Problem, city.SquareMetres(r.Before), city.SquareMetres(r.After))
	}
	t.more("  ", of)
}

// flags lists the first rows of each flag: a frequent one must not hide the others.
func (t *qualityText) flags() {
	if len(t.q.Flags) == 0 {
		return
	}
	t.head("flags")
	for _, flag := range slices.Sorted(maps.Keys(t.q.Flags)) {
		of := int(t.q.Flags[flag])
		t.p("  %s %d", t.found(flag), of)
		for _, r := range t.q.Books().Flagged(flag, mostShown) {
			t.p("    %s %s/%s %s %s %s", t.word("quality.flag"), r.Table, r.Key, flag, r.Value, r.Detail)
		}
		t.more("    ", of)
	}
}
