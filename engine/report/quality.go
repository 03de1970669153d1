package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/write"
)

// qualityPart is what the data was like.
type qualityPart struct {
	Tables    []tableRow
	Rejects   []reasonRow
	Repairs   []reasonRow
	Flags     []reasonRow
	Unmatched []unmatchedRow
	List      []rejectRow
	Rejected  int
	Inputs    []write.Input
}

type tableRow struct {
	Label term
	write.Count
}

type reasonRow struct {
	Table, Reason term
	Rows          int64
}

type unmatchedRow struct {
	Reason term
	write.Unmatched
}

type rejectRow struct {
	Table                         term
	Key, Column, Value, File, Row string
	Reason                        term
}

func (p *page) quality() error {
	q := &qualityPart{Inputs: p.Manifest.Inputs}
	p.Quality = q
	for _, s := range table.Inputs() {
		if c, ok := p.Manifest.Counts[s.Name]; ok {
			q.Tables = append(q.Tables, tableRow{tableName(s.Name), c})
		}
	}
	q.Rejects = p.byReason("rejects", "table", "reason")
	q.Repairs = p.byReason("repairs", "table", "problem")
	q.Flags = p.byReason("flags", "table", "flag")
	for _, reason := range slices.Sorted(maps.Keys(p.Manifest.Unmatched)) {
		q.Unmatched = append(q.Unmatched, unmatchedRow{word("found", reason), p.Manifest.Unmatched[reason]})
	}
	g := p.table("rejects")
	name, key, column, value := g.text("table"), g.text("key"), g.text("column"), g.text("value")
	reason, file, row := g.text("reason"), g.text("file"), g.text("row")
	q.Rejected = g.rows
	for i := range min(g.rows, mostListed) {
		q.List = append(q.List, rejectRow{tableName(name(i)), key(i), column(i), value(i), file(i), row(i), word("found", reason(i))})
	}
	return nil
}

// byReason counts the rows of a list by table and reason.
func (p *page) byReason(list, of, why string) (out []reasonRow) {
	g := p.table(list)
	tables, reason := g.text(of), g.text(why)
	counts := map[[2]string]int64{}
	for i := range g.rows {
		counts[[2]string{tables(i), reason(i)}]++
	}
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	}) {
		out = append(out, reasonRow{tableName(k[0]), word("found", k[1]), counts[k]})
	}
	return out
}
