package report

import (
	"strconv"

	"github.com/muscope-gis/muscope/engine/write"
)

// grid is a table or layer of the run, read by the names of its columns. Of a table that
// the run does not have it is empty.
type grid struct {
	name    string
	rows    int
	columns []write.Column
	shape   func(i int) []byte
}

func (p *page) table(name string) grid {
	if t, ok := p.run.Table(name); ok {
		return grid{name: name, rows: t.Rows, columns: t.Columns}
	}
	return grid{name: name}
}

func (p *page) layer(name string) grid {
	if l, ok := p.run.Layer(name); ok {
		return grid{name: name, rows: l.Rows, columns: l.Columns, shape: l.Shape}
	}
	return grid{name: name}
}

func (g grid) column(name string) *write.Column {
	for i := range g.columns {
		if g.columns[i].Name == name {
			return &g.columns[i]
		}
	}
	return nil
}

// text is a column as tables print it; empty where there is nothing.
func (g grid) text(name string) func(i int) string {
	c := g.column(name)
	return func(i int) string {
		if c == nil {
			return ""
		}
		if v, ok := c.Printed(i); ok {
			return v
		}
		return ""
	}
}

// fixed is a column of numbers as whole numbers of so many decimals; ok is false where
// there is none.
func (g grid) fixed(name string, decimals int) (func(i int) (int64, bool), error) {
	none := func(int) (int64, bool) { return 0, false }
	c := g.column(name)
	if c == nil || g.rows == 0 {
		return none, nil
	}
	if _, d, _, fixed := c.Fixed(0); fixed {
		if d != decimals {
			return none, wrong(g.name, name, "it has "+strconv.Itoa(d)+" decimals, not "+strconv.Itoa(decimals))
		}
		return func(i int) (int64, bool) {
			v, _, ok, _ := c.Fixed(i)
			return v, ok
		}, nil
	}
	return func(i int) (int64, bool) { // whole numbers, and columns that are null throughout
		v, ok := c.Printed(i)
		if !ok {
			return 0, false
		}
		n, err := strconv.ParseFloat(v, 64)
		for range decimals {
			n *= 10
		}
		return int64(n), err == nil
	}, nil
}

// numbers are several columns of numbers; the first that is not as expected is the error.
func (g grid) numbers(decimals int, names ...string) ([]func(i int) (int64, bool), error) {
	out := make([]func(i int) (int64, bool), len(names))
	for k, name := range names {
		var err error
		if out[k], err = g.fixed(name, decimals); err != nil {
			return nil, err
		}
	}
	return out, nil
}
