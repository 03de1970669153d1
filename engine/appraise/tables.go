package appraise

import (
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/write"
)

// Table is the table scorecard.
func Table(rows []score.Row) write.Table {
	return cells{
		rule:    func(i int) (*policy.Rule, policy.Scope) { return rows[i].Rule, rows[i].Scope },
		code:    func(i int) string { return rows[i].Code },
		value:   func(i int) string { return rows[i].Value },
		year:    func(i int) int { return rows[i].ValueYear },
		bound:   func(i int) string { return rows[i].Bound },
		unit:    func(i int) string { return rows[i].Unit },
		verdict: func(i int) score.Verdict { return rows[i].Verdict },
		missing: func(i int) string { return rows[i].Missing },
		source:  func(i int) string { return rows[i].Source },
		counts:  func(i int) *score.Counts { return rows[i].Counts },
	}.table("scorecard", len(rows))
}

// Findings is the table of what fails, with the columns of the scorecard.
func Findings(f *score.Findings) write.Table {
	return cells{
		rule:    f.Rule,
		code:    f.Code,
		value:   f.Value,
		year:    func(int) int { return 0 },
		bound:   f.Bound,
		unit:    f.Unit,
		verdict: func(int) score.Verdict { return score.Fail },
		missing: f.Missing,
		source:  f.Source,
		counts:  func(int) *score.Counts { return nil },
	}.table("findings", f.Len())
}

// cells are what stands in the rows of both.
type cells struct {
	rule                                      func(i int) (*policy.Rule, policy.Scope)
	code, value, bound, unit, missing, source func(i int) string
	year                                      func(i int) int
	verdict                                   func(i int) score.Verdict
	counts                                    func(i int) *score.Counts
}

func (of cells) table(name string, rows int) write.Table {
	text := func(column string, of func(i int) string) write.Column {
		return write.Text(column, func(i int) (string, bool) {
			v := of(i)
			return v, v != ""
		})
	}
	count := func(column string, n func(*score.Counts) int64) write.Column {
		return write.Integer(column, func(i int) (int64, bool) {
			c := of.counts(i)
			if c == nil {
				return 0, false
			}
			return n(c), true
		})
	}
	return write.Table{Name: name, Rows: rows, Columns: []write.Column{
		text("rule", func(i int) string { r, _ := of.rule(i); return r.ID }),
		text("clause", func(i int) string { r, _ := of.rule(i); return r.Clause }),
		text("scope", func(i int) string { _, s := of.rule(i); return string(rune(s)) }),
		text("code", of.code),
		text("value", of.value),
		write.Integer("value_year", func(i int) (int64, bool) { y := of.year(i); return int64(y), y > 0 }),
		text("bound", of.bound),
		text("unit", of.unit),
		text("verdict", func(i int) string { return of.verdict(i).String() }),
		text("missing", of.missing),
		text("source", of.source),
		count("subjects", func(c *score.Counts) int64 { return c.Subjects }),
		count("pass", func(c *score.Counts) int64 { return c.Pass }),
		count("fail", func(c *score.Counts) int64 { return c.Fail }),
		count("not_evaluated", func(c *score.Counts) int64 { return c.NotEvaluated }),
		write.Fixed("fail_mu", 4, func(i int) (int64, bool) {
			c := of.counts(i)
			if c == nil {
				return 0, false
			}
			return c.FailArea.MuTenThousandths(), true
		}),
	}}
}

// UnderusedColumns are the columns of underused land, between those of the parcels:
// code, zone and mu before, holders behind.
func UnderusedColumns(c *score.Card, code, zone, mu, holder, name write.Column) []write.Column {
	return []write.Column{
		code, zone, mu,
		write.Text("rules", func(i int) (string, bool) { return c.Underused.Rules(i), true }),
		write.Text("reasons", func(i int) (string, bool) { return c.Underused.Reasons(i), true }),
		write.Text("suggested_way", func(i int) (string, bool) { way := c.Underused.Way(i); return way.Zh, way.Zh != "" }),
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
