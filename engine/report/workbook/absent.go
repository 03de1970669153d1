package workbook

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/report/phrase"
)

// lacking is why a list is empty for want of a table of the dataset; empty where the
// table was read.
func (b *book) lacking(table string) string {
	if _, read := b.run.Manifest.Counts[table]; read {
		return ""
	}
	return "未评价：没有数据表 " + tableTitle(table)
}

func tableTitle(table string) string {
	label, _ := fields.TableLabel(table)
	if label == "" {
		return table
	}
	return label + "（" + table + "）"
}

// unlessRows is why a list is empty that a source without rows is to fill.
func (b *book) unlessRows(s *source) string {
	if !s.there() {
		return "未评价"
	}
	return ""
}

// unlessRule is why a list of rules of some kinds is empty: no rule, or no table that
// the rules want.
func (b *book) unlessRule(s *source, kinds ...string) string {
	found := false
	var missing []string
	for _, a := range b.rules() {
		if !slices.Contains(kinds, string(a.Rule.Kind)) {
			continue
		}
		found = true
		for _, n := range a.Rule.Needs {
			if b.lacking(n.Table) != "" && !slices.Contains(missing, tableTitle(n.Table)) {
				missing = append(missing, tableTitle(n.Table))
			}
		}
	}
	switch {
	case !found && b.o.Set != nil:
		return "未评价：所用政策没有此类规则"
	case len(missing) > 0:
		return "未评价：没有数据表 " + strings.Join(missing, "、")
	case !s.there() && b.o.Set == nil:
		return "未评价"
	}
	return ""
}

// unevaluated is why a rule, named policy/rule, was not evaluated.
func (b *book) unevaluated(rule string) string {
	for _, m := range b.run.Manifest.NotEvaluated {
		if m.Rule == rule {
			return "未评价：缺少 " + phrase.Wanting(m.Missing)
		}
	}
	return ""
}

// clauseOf names the documents and clauses of the rules of a kind.
func (b *book) clauseOf(kind policy.Kind) string {
	var out []string
	for _, a := range b.rules() {
		if a.Rule.Kind == kind {
			if s := documentOf(a.Pack) + " " + a.Rule.Clause; !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "依据 " + strings.Join(out, "、")
}
