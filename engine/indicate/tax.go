package indicate

import (
	"math"

	"github.com/muscope-gis/muscope/engine/unit"
)

// totalHead is the column of the table tax that is the total of totalled.
const totalHead = "tax"

// totalled are the heads that a row's total is the sum of, untotalled the others.
var (
	totalled = []string{
		"vat", "income", "property", "land_use", "consumption", "city_maintenance", "education_surcharge", "stamp",
		"personal_income", "resource", "environment",
	}
	untotalled = []string{"export_exempt", "refund"}
)

// tax is the signed sum over tax heads.
type tax struct {
	book  *book
	total *sum
	heads []head
	all   []column  // every figure a row may have; nil when only the total is asked for
	cells []float64 // scratch: the cells of a head,
	given []bool    // and whether the row has any figure
}

// head is a column that is in the sum; the total when total is set.
type head struct {
	column column
	sign   float64
	total  bool
}

func taxLedger(a *Accounts, how *Accounting) ledger {
	b := open(a.Tax, a.TaxRow)
	stated := b.column(totalHead, unit.WanYuan)
	total := newSum(b, b.money, stated)
	for _, name := range totalled {
		total.add(b.column(name, unit.WanYuan), 1, 1)
	}
	t := &tax{book: b, total: total, cells: make([]float64, stretch), given: make([]bool, stretch)}
	for _, h := range how.Tax {
		one := head{column: b.column(h.Column, unit.WanYuan), sign: 1, total: h.Column == totalHead}
		if h.Minus {
			one.sign = -1
		}
		t.heads = append(t.heads, one)
		if !one.total && t.all == nil {
			t.all = figuresOf(b, stated, total)
		}
	}
	if len(t.heads) == 0 {
		t.heads = []head{{sign: 1, total: true}}
	}
	return ledger{book: b, tax: t}
}

// figuresOf are the columns of the table tax that have a value somewhere.
func figuresOf(b *book, stated column, total *sum) []column {
	var all []column
	if stated != nil {
		all = append(all, stated)
	}
	for _, p := range total.parts {
		all = append(all, p.column)
	}
	for _, name := range untotalled {
		if c := b.column(name, unit.WanYuan); c != nil {
			all = append(all, c)
		}
	}
	return all
}

// read fills out with the stretch's taxes.
func (t *tax) read(out []float64) {
	if t.book.gone {
		fill(out, missing)
		return
	}
	t.find(len(out))
	cells, given := t.cells[:len(out)], t.given[:len(out)]
	fill(out, 0)
	for _, h := range t.heads {
		if h.total {
			t.total.read(cells)
		} else {
			t.book.money(cells, h.column)
		}
		for i, v := range cells {
			if math.IsNaN(v) && !h.total && given[i] {
				v = 0
			}
			out[i] += float64(h.sign * v)
		}
	}
}

// find notes which of the stretch's first n rows have any figure.
func (t *tax) find(n int) {
	cells, given := t.cells[:n], t.given[:n]
	clear(given)
	for _, c := range t.all {
		t.book.gather(cells, c)
		left := false
		for i, v := range cells {
			given[i] = given[i] || !math.IsNaN(v)
			left = left || !given[i]
		}
		if !left {
			return
		}
	}
}
