package appraise

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/write"
)

// Table is the table scorecard, or findings.
func Table(name string, rows []score.Row) write.Table {
	text := func(column string, of func(*score.Row) string) write.Column {
		return write.Text(column, func(i int) (string, bool) {
			v := of(&rows[i])
			return v, v != ""
		})
	}
	count := func(column string, of func(*score.Counts) int64) write.Column {
		return write.Integer(column, func(i int) (int64, bool) {
			if rows[i].Counts == nil {
				return 0, false
			}
			return of(rows[i].Counts), true
		})
	}
	return write.Table{Name: name, Rows: len(rows), Columns: []write.Column{
		text("rule", func(r *score.Row) string { return r.Rule.ID }),
		text("clause", func(r *score.Row) string { return r.Rule.Clause }),
		text("scope", func(r *score.Row) string { return string(rune(r.Scope)) }),
		text("code", func(r *score.Row) string { return r.Code }),
		text("value", func(r *score.Row) string { return r.Value }),
		write.Integer("value_year", func(i int) (int64, bool) { return int64(rows[i].ValueYear), rows[i].ValueYear > 0 }),
		text("bound", func(r *score.Row) string { return r.Bound }),
		text("unit", func(r *score.Row) string { return r.Unit }),
		text("verdict", func(r *score.Row) string { return r.Verdict.String() }),
		text("missing", func(r *score.Row) string { return r.Missing }),
		text("source", func(r *score.Row) string { return r.Source }),
		count("subjects", func(c *score.Counts) int64 { return c.Subjects }),
		count("pass", func(c *score.Counts) int64 { return c.Pass }),
		count("fail", func(c *score.Counts) int64 { return c.Fail }),
		count("not_evaluated", func(c *score.Counts) int64 { return c.NotEvaluated }),
		write.Fixed("fail_mu", 4, func(i int) (int64, bool) {
			if rows[i].Counts == nil {
				return 0, false
			}
			return rows[i].Counts.FailArea.MuTenThousandths(), true
		}),
	}}
}

// UnderusedColumns are the columns of underused land, between those of the parcels:
// code, zone and mu before, holders behind.
func UnderusedColumns(c *score.Card, code, zone, mu, holder, name write.Column) []write.Column {
	return []write.Column{
		code, zone, mu,
		write.Text("rules", func(i int) (string, bool) { return strings.Join(c.Underused[i].Rules, ";"), true }),
		write.Text("reasons", func(i int) (string, bool) { return c.Underused[i].Reasons(), true }),
		write.Text("suggested_way", func(i int) (string, bool) { return c.Underused[i].Way.Zh, c.Underused[i].Way.Zh != "" }),
		holder, name,
	}
}

// NoSuchZone lists the rules that are for zones of which there are none.
func NoSuchZone(c *score.Card) (out []write.Missing) {
	for i := range c.Rows {
		if r := &c.Rows[i]; r.Zone == score.NoZone && r.Scope == policy.ScopeZone {
			out = append(out, write.Missing{Rule: r.Pack.ID + "/" + r.Rule.ID, Missing: r.Missing})
		}
	}
	return out
}

// Verdicts counts the rows of a scorecard by verdict.
func Verdicts(c *score.Card) map[string]int64 {
	out := map[string]int64{}
	for i := range c.Rows {
		out[c.Rows[i].Verdict.String()]++
	}
	return out
}
