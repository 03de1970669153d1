package mapping

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// Condition is what a row's cell below a header must be for the row to be wanted.
type Condition struct {
	Header string
	// Cells are texts that the cell must be one of; none: it must not be empty.
	Cells []string
	// Not turns it about: the cell must be none of Cells, or empty.
	Not  bool
	Line int // in the mapping
}

// Holds says whether a cell meets the condition; one that is empty, or a null word, is
// given as nothing.
func (c *Condition) Holds(cell []byte) bool {
	holds := len(cell) > 0
	if len(c.Cells) > 0 {
		holds = slices.ContainsFunc(c.Cells, func(s string) bool { return s == string(cell) })
	}
	return holds != c.Not
}

// conditions reads a list of conditions, all of which must hold.
func (d *decoder) conditions(n *parse.Node, what string) []Condition {
	var conditions []Condition
	d.Items(n, what, func(i *parse.Node) { conditions = append(conditions, d.condition(i)) })
	return conditions
}

// parts reads what each part of the rows that are summed apart must meet.
func (d *decoder) parts(n *parse.Node) [][]Condition {
	var parts [][]Condition
	d.Items(n, "largest_of", func(i *parse.Node) {
		parts = append(parts, d.conditions(i, "a part of largest_of"))
	})
	if len(parts) == 1 {
		d.At(n, "largest_of has one part, and is the largest of several; write its conditions as where of the join")
	}
	return parts
}

// parted tells of parts of what is no sum.
func (d *decoder) parted(n *parse.Node, c *Column) {
	if at := n.Entry("largest_of"); at != nil && c.Take != Sum && c.Take != "" {
		d.At(at, "largest_of is of sums, and column %s takes %s", c.Name, c.Take)
	}
}

func (d *decoder) condition(n *parse.Node) Condition {
	c := Condition{Line: n.Line}
	first := ""
	test := func(key string, read func(*parse.Node)) parse.Key {
		return parse.May(key, func(v *parse.Node) {
			if first != "" {
				line, column := entry(n, key)
				d.Place(line, column, "a condition has one test, and this has %s and %s; write two conditions", first, key)
				return
			}
			first = key
			read(v)
		})
	}
	one := func(v *parse.Node) {
		if s := d.Text(v); s != "" {
			c.Cells = []string{s}
		}
	}
	misspelt := d.Mapping(n, "a condition",
		parse.Need("header", d.Into(&c.Header)),
		test("equals", one),
		test("not", func(v *parse.Node) { one(v); c.Not = true }),
		test("in", d.set(&c.Cells, "in")),
		test("not_in", func(v *parse.Node) { c.Cells, c.Not = d.Set(v, "not_in"), true }),
		test("present", func(v *parse.Node) {
			present := false
			d.Yes(&present)(v)
			c.Not = !present
		}))
	if n.Form == parse.Mapping && first == "" && len(misspelt) == 0 {
		d.At(n, "a condition says nothing of %s: say equals, not, in, not_in or present", parse.Show(c.Header))
	}
	return c
}
