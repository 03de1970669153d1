package indicate

import (
	"math"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// stretch is the number of enterprises whose cells are gathered at a time: few enough
// for every scratch column to stay in the nearest cache.
const stretch = 1024

// cells are a column of one batch; valid is nil when every row has a value.
type cells struct {
	values []float64
	valid  []byte
	offset int // of values in valid
}

// column is a column of a table, batch by batch; nil when no row has a value.
type column []cells

// book is a table of the year's accounts and, for the stretch of enterprises being
// added up, where their rows are.
type book struct {
	rows table.Rows
	row  []int32 // per enterprise its row number, -1 none; nil without the table
	at   []table.Ref
	gone bool // no enterprise of the stretch has a row
}

// none is the place of an enterprise without a row.
var none = table.Ref{Batch: -1}

func open(rows table.Rows, row []int32) *book {
	return &book{rows: rows, row: row, at: make([]table.Ref, 0, stretch)}
}

// seek turns to the enterprises from ≤ e < to.
func (b *book) seek(from, to int) {
	b.at, b.gone = b.at[:0], true
	if b.row == nil {
		return
	}
	for _, n := range b.row[from:to] {
		place := none
		if n >= 0 {
			place, b.gone = b.rows.Order[n], false
		}
		b.at = append(b.at, place)
	}
}

// column is a column of numbers counted in u. A name or unit that the table does not
// have panics, as only a programmer can cause it.
func (b *book) column(name string, u unit.Unit) column {
	if b.row == nil {
		return nil
	}
	any := false
	out := make(column, len(b.rows.Batches))
	for i, batch := range b.rows.Batches {
		numbers := batch.Numbers(name, u)
		any = any || numbers.NullN() < numbers.Len()
		out[i] = cells{values: numbers.Float64Values()}
		if numbers.NullN() > 0 {
			out[i].valid, out[i].offset = numbers.NullBitmapBytes(), numbers.Data().Offset()
		}
	}
	if !any {
		return nil
	}
	return out
}

// reader fills a stretch with the cells of a column; NaN is missing.
type reader func(into []float64, c column)

// gather fills into with the column's values of the stretch; NaN is missing.
func (b *book) gather(into []float64, c column) {
	if c == nil || b.gone {
		fill(into, missing)
		return
	}
	for i, ref := range b.at[:len(into)] {
		v := missing
		if ref.Batch >= 0 {
			if part, row := &c[ref.Batch], int(ref.Row); part.has(row) {
				v = part.values[row]
			}
		}
		into[i] = v
	}
}

// wants says whether an enterprise of the stretch that has a row is missing in figures.
func (b *book) wants(figures []float64) bool {
	if b.gone {
		return false
	}
	for i, v := range figures {
		if math.IsNaN(v) && b.at[i].Batch >= 0 {
			return true
		}
	}
	return false
}

func (c *cells) has(row int) bool {
	if c.valid == nil {
		return true
	}
	bit := c.offset + row
	return c.valid[bit>>3]>>(bit&7)&1 != 0
}

// money is gather of 万元 in fen, each cell rounded to the fen, halves away from zero.
func (b *book) money(into []float64, c column) {
	b.gather(into, c)
	for i, v := range into {
		into[i] = fen(v)
	}
}

// fen is 万元 in fen, whole; infinite beyond all measure, so that no sum it is in
// passes for a figure.
func fen(wanYuan float64) float64 {
	v := wanYuan * fenPerWanYuan
	whole := math.Trunc(v)
	switch rest := v - whole; {
	case rest >= 0.5:
		whole++
	case rest <= -0.5:
		whole--
	}
	if math.Abs(whole) > maxFen {
		return math.Inf(1)
	}
	return whole + 0 // no -0
}

func fill(column []float64, v float64) {
	for i := range column {
		column[i] = v
	}
}
