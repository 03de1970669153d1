package mapping

import (
	"reflect"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
)

// Join takes columns from the rows of another file: to each row of the table belong
// the rows there whose key has the same cells, none, one or many. A row with an empty
// key belongs to none. Which rows of the other file belong to none is to be listed.
type Join struct {
	File File
	On   []Pair
	// Where must hold of the other file's rows that are taken.
	Where []Condition
	// DistinctBy are headers of the other file: of rows alike in all of them and in the
	// key one counts, as where every flat of a house repeats the house. Empty: all do.
	DistinctBy []string
	Columns    []Column // with Take, in the schema's order
	Line       int      // in the mapping
}

// SameRows says whether two joins are of the same rows of the same file by the same key,
// so that those without a partner are the same, too.
func (j *Join) SameRows(o *Join) bool {
	bare := func(j *Join) Join {
		b := Join{File: j.File, On: j.On, Where: slices.Clone(j.Where)}
		b.File.Line, b.File.column = 0, 0
		for i := range b.Where {
			b.Where[i].Line = 0
		}
		return b
	}
	return reflect.DeepEqual(bare(j), bare(o))
}

// Pair are two headers whose cells must be equal texts.
type Pair struct{ Joined, Own string }

// Take says which value the rows that belong together give. Empty cells give none, and
// no value gives an empty cell.
type Take string

// What may be taken. None depends on the order of the rows.
const (
	Sum Take = "sum" // of numbers
	Max Take = "max" // of numbers and dates
	Min Take = "min"
	// First is that of the row that comes first when the rows' cells, of the columns
	// taken, are sorted as texts by bytes in the schema's order, empty ones last.
	First Take = "first"
	// Mode is the most frequent; of several the smallest number or date, the text that
	// is first by bytes. Texts are counted as they stand, before Words.
	Mode Take = "mode"
	// Count is how many cells are not empty; 0 where a row belongs and all are empty.
	Count Take = "count"
)

var takes = []string{string(Sum), string(Max), string(Min), string(First), string(Mode), string(Count)}

// kindsOf are the kinds of columns that a take is for; nil: any.
func kindsOf(t Take) []table.Kind {
	switch t {
	case Sum, Count:
		return []table.Kind{table.Number, table.Integer}
	case Max, Min:
		return []table.Kind{table.Number, table.Integer, table.Date}
	}
	return nil
}

func (d *decoder) take(n *parse.Node, f table.Field) Take {
	t := Take(d.OneOf(n, "take", takes...))
	if kinds := kindsOf(t); kinds != nil {
		d.kindOf(n, f, string(t), kinds...)
	}
	return t
}

func (d *decoder) joins(n *parse.Node, s *table.Schema) []Join {
	var joins []Join
	d.Items(n, "join", func(i *parse.Node) { joins = append(joins, d.join(i, s)) })
	return joins
}

func (d *decoder) join(n *parse.Node, s *table.Schema) Join {
	j := Join{Line: n.Line}
	set := ownColumns(s)
	set.joined = true
	j.File = d.file(n, "a join", func(*File) []parse.Key {
		return []parse.Key{
			parse.Need("on", func(n *parse.Node) { j.On = d.on(n) }),
			parse.May("where", func(n *parse.Node) { j.Where = d.conditions(n, "where") }),
			parse.May("distinct_by", d.set(&j.DistinctBy, "distinct_by")),
			parse.Need("columns", func(n *parse.Node) { j.Columns = d.columns(n, set) }),
		}
	})
	sortColumns(j.Columns, s)
	return j
}

// on reads the key of a join: a header that both files have, a list of them, or a
// mapping of the other file's headers to the table's own.
func (d *decoder) on(n *parse.Node) []Pair {
	var pairs []Pair
	switch n.Form {
	case parse.Mapping:
		d.Each(n, "on", func(joined string, v *parse.Node) {
			own := d.Text(v)
			if slices.ContainsFunc(pairs, func(p Pair) bool { return p.Own == own }) && own != "" {
				d.At(v, "header %s stands twice in on", parse.Show(own))
			}
			pairs = append(pairs, Pair{strings.TrimSpace(joined), own})
		})
	case parse.List:
		for _, h := range d.Set(n, "on") {
			pairs = append(pairs, Pair{h, h})
		}
	default:
		if h := d.Text(n); h != "" {
			pairs = []Pair{{h, h}}
		}
	}
	return pairs
}
