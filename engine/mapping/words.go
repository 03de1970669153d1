package mapping

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
)

// Words are the translations of a column's cells: 自有 is owned.
type Words struct {
	Values map[string]string // whole cells and what they stand for
	// Prefixes are what cells may begin with, the longest first; Values come before
	// them.
	Prefixes []Prefix
	// Otherwise is what any other cell that is not empty stands for; empty: itself.
	Otherwise string
}

// Prefix is the beginning of a cell, and what the cell stands for.
type Prefix struct{ Begins, Means string }

// Of is what a cell stands for; ok is false when it stands for itself.
func (w *Words) Of(cell []byte) (means string, ok bool) {
	if w == nil || len(cell) == 0 {
		return "", false
	}
	if means, ok = w.Values[string(cell)]; ok {
		return means, true
	}
	for i := range w.Prefixes {
		if p := &w.Prefixes[i]; len(cell) >= len(p.Begins) && string(cell[:len(p.Begins)]) == p.Begins {
			return p.Means, true
		}
	}
	return w.Otherwise, w.Otherwise != ""
}

// wordKeys are the keys of a column's translations.
func (d *decoder) wordKeys(f table.Field, c *Column) []parse.Key {
	words := func(key string, read func(*parse.Node, *Words)) parse.Key {
		return parse.May(key, func(n *parse.Node) {
			if !d.kindOf(n, f, key, table.Text, table.Code, table.ID, table.Bool) {
				return
			}
			if c.Words == nil {
				c.Words = &Words{}
			}
			read(n, c.Words)
		})
	}
	return []parse.Key{
		words("values", func(n *parse.Node, w *Words) {
			w.Values = map[string]string{}
			d.pairs(n, "values", f, func(from, to string) { w.Values[from] = to })
		}),
		words("prefixes", func(n *parse.Node, w *Words) {
			d.pairs(n, "prefixes", f, func(from, to string) { w.Prefixes = append(w.Prefixes, Prefix{from, to}) })
			slices.SortFunc(w.Prefixes, func(a, b Prefix) int {
				if a, b := len(a.Begins), len(b.Begins); a != b {
					return b - a
				}
				return strings.Compare(a.Begins, b.Begins)
			})
		}),
		words("otherwise", func(n *parse.Node, w *Words) {
			w.Otherwise = d.cell(n, f)
			d.standard(n, f, w.Otherwise)
		}),
	}
}

// pairs reads cells and what each stands for.
func (d *decoder) pairs(n *parse.Node, what string, f table.Field, take func(from, to string)) {
	d.Each(n, what, func(from string, v *parse.Node) {
		if strings.TrimSpace(from) == "" {
			line, column := entry(n, from)
			d.Place(line, column, "%s has an empty cell; what it stands for is said by empty", what)
			return
		}
		to := d.cell(v, f)
		d.standard(v, f, to)
		take(strings.TrimSpace(from), to)
	})
}
