package indicate

import (
	"slices"

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
	book   *book
	total  *sum
	heads  []head
	others []column  // untotalled
	totals []float64 // scratch: the totals
	cells  run       // and a head
}

// head is a column that is in the sum; the total when total is set.
type head struct {
	column column
	sign   float64
	total  bool
}

func newTax(b *book, how *Accounting) *tax {
	t := &tax{book: b, totals: make([]float64, stretch), cells: newRun()}
	var total column // of a sum of heads alone: a row that states only its total says nothing of them
	if len(how.Tax) == 0 || slices.ContainsFunc(how.Tax, func(h Head) bool { return h.Column == totalHead }) {
		total = b.column(totalHead, unit.WanYuan)
	}
	t.total = newSum(b, b.money, total)
	for _, name := range totalled {
		t.total.add(b.column(name, unit.WanYuan), 1)
	}
	for _, name := range untotalled {
		t.others = append(t.others, b.column(name, unit.WanYuan))
	}
	for _, h := range how.Tax {
		one := head{column: b.column(h.Column, unit.WanYuan), sign: 1, total: h.Column == totalHead}
		if h.Minus {
			one.sign = -1
		}
		t.heads = append(t.heads, one)
	}
	if len(t.heads) == 0 {
		t.heads = []head{{sign: 1, total: true}}
	}
	return t
}

// fill fills out with the stretch's taxes in fen; NaN is missing.
func (t *tax) fill(out []float64) {
	clear(out)
	totals, r := t.totals[:len(out)], t.cells.of(len(out))
	t.total.fill(totals)
	for _, h := range t.heads {
		cells := totals
		if !h.total {
			t.book.money(r, h.column) // an empty head is 0
			cells = r.cells
		}
		for i, v := range cells {
			out[i] += float64(h.sign * v)
		}
	}
	known := t.known(len(out))
	for i, v := range out {
		out[i] = orMissing(v, known[i])
	}
}

// known says which of the stretch's n rows have any figure of those that can be in
// the sum: in their total, where it is asked for, in a head, or beside it.
func (t *tax) known(n int) []mask {
	known, r := t.total.known(n), t.cells.of(n)
	for _, c := range t.others {
		if c == nil {
			continue
		}
		t.book.gather(r, c)
		for i, given := range r.given {
			known[i] |= given
		}
	}
	return known
}
