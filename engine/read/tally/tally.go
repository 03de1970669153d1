// Package tally adds up the rows of a joined file by their key, so that each row of a
// table finds what belongs to it. It keeps one entry a key, and of columns that want
// them the different values; never the rows, but where rows that repeat one another
// count once.
//
// It reads no file: cells come as trimmed texts, empty ones as nil. Nothing that it
// gives depends on the order of the rows, but for the numbers of the keys.
package tally

import (
	"bytes"
	"math/big"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/mapping"
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Column is a column that is taken, and how its cells are read.
type Column struct {
	Field *table.Field
	Take  mapping.Take
	// Number reads a number as it is written, and the factor to the column's unit; why
	// says what is wrong with it.
	Number func(v []byte) (n, mul, div float64, why string)
	// Date reads a date; none is set for one that stands for no date.
	Date func(v []byte) (d unit.Date, none bool, why string)
}

// Fault is a cell that cannot be read.
type Fault struct {
	Value string
	Why   string
}

// Value is what the rows of a key give a column: a text, a number in the column's unit
// or a date, whichever is of its take; or nothing; or a fault.
type Value struct {
	Some   bool
	Text   []byte
	Number float64 // of sum, max, min, count, and the mode of numbers
	Day    unit.Date
	Fault  *Fault
}

// Tally is the rows of a joined file by key.
type Tally struct {
	columns  []Column
	first    bool // some column wants the first row
	distinct bool
	keys     map[string]int32
	names    []string // of keys, by number
	rows     []int64  // by key: how many there are, repeated ones too
	takes    []take
	firsts   [][][]byte            // by key: the row that sorts first
	once     []map[string][][]byte // by key: what is distinct → the row that sorts first
	faults   []map[int32]Fault     // by column
}

// take gathers one column.
type take struct {
	sums   []sum
	floats []float64
	days   []unit.Date
	some   []bool
	counts []int64
	modes  []map[string]int64
	most   []Value // of the modes, when all rows are added
}

// New is a tally of no rows; distinct is set when rows alike in key and distinct cells
// count once.
func New(columns []Column, distinct bool) *Tally {
	t := &Tally{columns: columns, distinct: distinct, keys: map[string]int32{}, takes: make([]take, len(columns))}
	t.first = slices.ContainsFunc(columns, func(c Column) bool { return c.Take == mapping.First })
	t.faults = make([]map[int32]Fault, len(columns))
	for i := range t.faults {
		t.faults[i] = map[int32]Fault{}
	}
	return t
}

// Add adds a row. The cells are in the columns' order and are not kept.
func (t *Tally) Add(key, distinct []byte, cells [][]byte) {
	n, known := t.keys[string(key)]
	if !known {
		n = t.meet(string(key))
	}
	t.rows[n]++
	if !t.distinct {
		t.add(n, cells)
		return
	}
	rows := t.once[n]
	if rows == nil {
		rows = map[string][][]byte{}
		t.once[n] = rows
	}
	if other, twice := rows[string(distinct)]; !twice || before(cells, other) {
		rows[string(distinct)] = clone(cells)
	}
}

// Finish is called when all rows are added, and before Value is, which any number of
// goroutines may then call.
func (t *Tally) Finish() {
	for key, rows := range t.once {
		for _, cells := range rows {
			t.add(int32(key), cells)
		}
	}
	t.once = nil
	for i := range t.takes {
		k := &t.takes[i]
		for _, counts := range k.modes {
			k.most = append(k.most, mode(&t.columns[i], counts))
		}
		k.modes = nil
	}
}

// before orders rows as texts by bytes, empty cells last.
func before(a, b [][]byte) bool {
	return slices.CompareFunc(a, b, func(x, y []byte) int {
		if (len(x) == 0) != (len(y) == 0) {
			return len(y) - len(x)
		}
		return bytes.Compare(x, y)
	}) < 0
}

func clone(cells [][]byte) [][]byte {
	own := make([][]byte, len(cells))
	for i, c := range cells {
		own[i] = bytes.Clone(c)
	}
	return own
}

// meet numbers a key that was not met before.
func (t *Tally) meet(name string) (key int32) {
	key = int32(len(t.names))
	t.keys[name] = key
	t.names, t.rows = append(t.names, name), append(t.rows, 0)
	for i := range t.takes {
		t.takes[i].grow(&t.columns[i])
	}
	if t.first {
		t.firsts = append(t.firsts, nil)
	}
	if t.distinct {
		t.once = append(t.once, nil)
	}
	return key
}

func (t *Tally) add(key int32, cells [][]byte) {
	if t.first && (t.firsts[key] == nil || before(cells, t.firsts[key])) {
		t.firsts[key] = clone(cells)
	}
	for i, v := range cells {
		if len(v) == 0 || t.columns[i].Take == mapping.First {
			continue
		}
		if why := t.takes[i].put(&t.columns[i], key, v); why != "" {
			t.fault(i, key, string(v), why)
		}
	}
}

// fault notes the fault of a key that sorts first.
func (t *Tally) fault(column int, key int32, value, why string) {
	if other, twice := t.faults[column][key]; !twice || value < other.Value {
		t.faults[column][key] = Fault{value, why}
	}
}

func (k *take) grow(c *Column) {
	k.some = append(k.some, false)
	switch {
	case c.Take == mapping.Sum:
		k.sums = append(k.sums, sum{})
	case c.Take == mapping.Count:
		k.counts = append(k.counts, 0)
	case c.Take == mapping.Mode:
		k.modes = append(k.modes, nil)
	case c.Take == mapping.First:
	case c.Field.Kind == table.Date:
		k.days = append(k.days, 0)
	default:
		k.floats = append(k.floats, 0)
	}
}

// put adds a cell that is not empty.
func (k *take) put(c *Column, key int32, v []byte) (why string) {
	switch c.Take {
	case mapping.Count:
		k.counts[key]++
		return ""
	case mapping.Mode:
		if k.modes[key] == nil {
			k.modes[key] = map[string]int64{}
		}
		k.modes[key][string(v)]++
		return ""
	}
	if c.Field.Kind == table.Date {
		d, none, why := c.Date(v)
		if why == "" && !none && (!k.some[key] || (d < k.days[key]) == (c.Take == mapping.Min)) {
			k.days[key], k.some[key] = d, true
		}
		return why
	}
	n, mul, div, why := c.Number(v)
	if why != "" {
		return why
	}
	if c.Take == mapping.Sum {
		k.sums[key].add(n, mul, div)
	} else if n = times(n, mul, div); !k.some[key] || (n < k.floats[key]) == (c.Take == mapping.Min) {
		k.floats[key] = n
	}
	k.some[key] = true
	return ""
}

// times is a number in the column's unit. Nought has no sign: which of -0 and 0 is the
// larger would be a matter of their order.
func times(n, mul, div float64) float64 {
	if n = cell.Times(n, mul, div); n == 0 {
		return 0
	}
	return n
}

// Find is the number of a key; ok is false when no row has it.
func (t *Tally) Find(key []byte) (n int32, ok bool) {
	n, ok = t.keys[string(key)]
	return n, ok
}

// Keys are the different keys, by number.
func (t *Tally) Keys() []string { return t.names }

// Rows is how many rows a key has, repeated ones too.
func (t *Tally) Rows(key int32) int64 { return t.rows[key] }

// Value is what a column takes from the rows of a key.
func (t *Tally) Value(key int32, column int) Value {
	if f, wrong := t.faults[column][key]; wrong {
		return Value{Fault: &f}
	}
	c, k := &t.columns[column], &t.takes[column]
	switch c.Take {
	case mapping.Count:
		return Value{Some: true, Number: float64(k.counts[key])}
	case mapping.First:
		v := t.firsts[key][column]
		return Value{Some: len(v) > 0, Text: v}
	case mapping.Mode:
		return k.most[key]
	case mapping.Sum:
		if !k.some[key] {
			return Value{}
		}
		return Value{Some: true, Number: k.sums[key].float()}
	}
	if c.Field.Kind == table.Date {
		return Value{Some: k.some[key], Day: k.days[key]}
	}
	return Value{Some: k.some[key], Number: k.floats[key]}
}

// mode is the most frequent value: of several the smallest number or date, or the text
// that is first by bytes.
func mode(c *Column, counts map[string]int64) (best Value) {
	type counted struct {
		Value
		n int64
	}
	byValue := map[string]counted{}
	for text, n := range counts { // 1,5 and 1,50 are one number
		one := counted{Value{Some: true, Text: []byte(text)}, n}
		same := text
		var why string
		switch c.Field.Kind {
		case table.Number, table.Integer:
			var v, mul, div float64
			if v, mul, div, why = c.Number([]byte(text)); why == "" {
				one.Number, one.Text = times(v, mul, div), nil
				same = strconv.FormatFloat(one.Number, 'g', -1, 64)
			}
		case table.Date:
			var none bool
			if one.Day, none, why = c.Date([]byte(text)); none {
				continue
			}
			one.Text, same = nil, one.Day.String()
		}
		if why != "" {
			if best.Fault == nil || text < best.Fault.Value {
				best = Value{Fault: &Fault{text, why}}
			}
			continue
		}
		one.n += byValue[same].n
		byValue[same] = one
	}
	if best.Fault != nil {
		return best
	}
	var most int64
	for _, one := range byValue {
		if one.n > most || one.n == most && one.less(best) {
			most, best = one.n, one.Value
		}
	}
	return best
}

func (v Value) less(o Value) bool {
	switch {
	case v.Text != nil:
		return bytes.Compare(v.Text, o.Text) < 0
	case v.Day != o.Day:
		return v.Day < o.Day
	}
	return v.Number < o.Number
}

// sum adds numbers exactly: those of up to six decimals in one unit as whole
// millionths, others as fractions in the column's unit.
type sum struct {
	micro    int64
	mul, div float64
	rest     *big.Rat
}

// most is what one number may come to in millionths, so that many fit.
const most = 1 << 53

func (s *sum) add(n, mul, div float64) {
	if s.mul == 0 {
		s.mul, s.div = mul, div
	}
	if micro := n * 1e6; mul == s.mul && div == s.div && micro > -most && micro < most {
		whole := int64(micro + 0.5)
		if micro < 0 {
			whole = int64(micro - 0.5)
		}
		total := s.micro + whole
		if float64(whole)/1e6 == n && (total > s.micro) == (whole > 0) {
			s.micro = total
			return
		}
	}
	if s.rest == nil {
		s.rest = new(big.Rat)
	}
	s.rest.Add(s.rest, scaled(shortest(n), mul, div))
}

// shortest is the decimal that a number is written as.
func shortest(n float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(n, 'g', -1, 64))
	return r
}

func scaled(r *big.Rat, mul, div float64) *big.Rat {
	r.Mul(r, shortest(mul))
	return r.Quo(r, shortest(div))
}

// float is the sum in the column's unit, rounded once.
func (s *sum) float() float64 {
	r := scaled(big.NewRat(s.micro, 1_000_000), s.mul, s.div)
	if s.rest != nil {
		r.Add(r, s.rest)
	}
	f, _ := r.Float64()
	return f
}
