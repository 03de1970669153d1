package indicate

import (
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// stretch is the number of enterprises whose cells are gathered at a time: few enough
// for the scratch columns to stay in the nearest cache.
const stretch = 1024

// mask says of a row whether something holds: all ones or all zeros. Which cells are
// empty is anybody's guess, so the loops below select by masks and never branch on it.
type mask = uint64

// run is the cells of a column for a stretch of enterprises, 0 where there is none.
type run struct {
	cells []float64
	given []mask
}

func newRun() run { return run{make([]float64, stretch), make([]mask, stretch)} }

// of is the first n cells.
func (r run) of(n int) run { return run{r.cells[:n], r.given[:n]} }

// column is a column of a table, batch by batch; nil when no row has a value.
type column []part

// part is a column of one batch; valid is nil when every row has a value.
type part struct {
	values []float64
	valid  []byte
	offset int // of values in valid
}

// book is a table of the year's accounts and, for the stretch of enterprises being
// added up, where their rows are.
type book struct {
	rows   table.Rows
	number []int32     // per enterprise the number of its row, -1 none; nil without the table
	at     []table.Ref // the rows; any row for who has none
	have   []mask      // who has a row
	gone   bool        // nobody has
	near   bool        // all rows are in one batch
	whole  run         // scratch
}

func open(rows table.Rows, number []int32) *book {
	return &book{rows: rows, number: number, at: make([]table.Ref, stretch), have: make([]mask, stretch), whole: newRun()}
}

// seek turns to the enterprises from ≤ e < to.
func (b *book) seek(from, to int) {
	b.gone, b.near = true, true
	if b.number == nil {
		return
	}
	b.at, b.have = b.at[:to-from], b.have[:to-from]
	numbers := b.number[from:to]
	first := slices.IndexFunc(numbers, func(n int32) bool { return n >= 0 })
	if first < 0 {
		return
	}
	some := b.rows.Order[numbers[first]]
	for i, n := range numbers {
		ref, has := some, mask(0)
		if n >= 0 {
			ref, has = b.rows.Order[n], ^mask(0)
			b.near = b.near && ref.Batch == some.Batch
		}
		b.at[i], b.have[i] = ref, has
	}
	b.gone = false
}

// column is a column of numbers counted in u. A name or unit that the table does not
// have panics, as only a programmer can cause it.
func (b *book) column(name string, u unit.Unit) column {
	if b.number == nil {
		return nil
	}
	any := false
	out := make(column, len(b.rows.Batches))
	for i, batch := range b.rows.Batches {
		numbers := batch.Numbers(name, u)
		any = any || numbers.NullN() < numbers.Len()
		out[i] = part{values: numbers.Float64Values()}
		if numbers.NullN() > 0 {
			out[i].valid, out[i].offset = numbers.NullBitmapBytes(), numbers.Data().Offset()
		}
	}
	if !any {
		return nil
	}
	return out
}

// reader fills a run with the cells of a column.
type reader func(into run, c column)

// gather is the cells as they are.
func (b *book) gather(into run, c column) {
	if c == nil || b.gone {
		clear(into.cells)
		clear(into.given)
		return
	}
	n := len(into.cells)
	at, have, cells, given := b.at[:n], b.have[:n], into.cells[:n], into.given[:n]
	if b.near {
		c[at[0].Batch].gather(cells, given, at, have)
		return
	}
	for i, ref := range at {
		p := &c[ref.Batch]
		has := have[i]
		if p.valid != nil {
			has &= bit(p.valid, p.offset+int(ref.Row))
		}
		given[i] = has
		cells[i] = only(p.values[ref.Row], has)
	}
}

// gather is the cells of rows that are all in this batch.
func (p part) gather(cells []float64, given []mask, at []table.Ref, have []mask) {
	n := len(at)
	cells, given, have = cells[:n], given[:n], have[:n]
	values, valid, offset := p.values, p.valid, p.offset
	for i, ref := range at {
		has := have[i]
		if valid != nil {
			has &= bit(valid, offset+int(ref.Row))
		}
		given[i] = has
		cells[i] = only(values[ref.Row], has)
	}
}

// bit is bit i of a bitmap as a mask.
func bit(bitmap []byte, i int) mask { return -mask(bitmap[uint(i)>>3] >> (uint(i) & 7) & 1) }

// only is v where given, else 0.
func only(v float64, given mask) float64 { return math.Float64frombits(math.Float64bits(v) & given) }

// money is cells of 万元 in fen, each rounded to the fen, halves away from zero. What
// is beyond all measure is infinite, so that no sum it is in passes for a figure.
func (b *book) money(into run, c column) {
	b.gather(into, c)
	if c == nil || b.gone {
		return
	}
	const belowHalf = 0.5 - 1.0/(1<<54) // the float64 before 0.5: less than a half stays less
	cells := into.cells
	for i, v := range cells {
		v *= fenPerWanYuan
		v = math.Trunc(v + math.Copysign(belowHalf, v))
		if math.Abs(v) > maxFen {
			v = math.Inf(1)
		}
		cells[i] = v + 0 // no -0
	}
}

// straight fills out with a column as it stands; missing where there is no cell.
func (b *book) straight(out []float64, read reader, c column) {
	r := b.whole.of(len(out))
	read(r, c)
	for i, v := range r.cells {
		out[i] = orMissing(v, r.given[i])
	}
}

// orMissing is v where given, else NaN.
func orMissing(v float64, given mask) float64 {
	return math.Float64frombits(math.Float64bits(v) | ^given)
}

// settle turns what is beyond all measure into missing.
func settle(column []float64) {
	for i, v := range column {
		if math.IsInf(v, 0) {
			column[i] = missing
		}
	}
}
