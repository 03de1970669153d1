package write

import (
	"math"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Kind is what a column holds, for formats whose columns have types.
type Kind uint8

// The kinds of columns.
const (
	KindText Kind = iota
	KindNumber
	KindInteger
	KindBool
	KindDate
)

// Kind says what the column holds.
func (c *Column) Kind() Kind {
	switch {
	case c.fixed != nil, c.float != nil:
		return KindNumber
	case c.integer != nil:
		return KindInteger
	case c.boolean != nil:
		return KindBool
	case c.date != nil:
		return KindDate
	}
	return KindText
}

// Text is the value of row i of a column of texts; ok false is null.
func (c *Column) Text(i int) (v string, ok bool) { return c.text(i) }

// Number is the value of row i of a column of numbers: the float64 nearest to the
// decimal that text formats print.
func (c *Column) Number(i int) (v float64, ok bool) {
	if c.float != nil {
		return c.float(i)
	}
	whole, ok := c.fixed(i)
	if !ok {
		return 0, false
	}
	return decimal(whole, int(c.decimals)), true
}

// Integer is the value of row i of a column of whole numbers.
func (c *Column) Integer(i int) (v int64, ok bool) { return c.integer(i) }

// Bool is the value of row i of a column of true and false.
func (c *Column) Bool(i int) (v, ok bool) { return c.boolean(i) }

// Date is the value of row i of a column of dates.
func (c *Column) Date(i int) (v unit.Date, ok bool) { return c.date(i) }

// decimal is whole ÷ 10^decimals. One division of two exact numbers rounds once, so
// below 2^53 it is the very float64 that the printed decimal reads back as.
func decimal(whole int64, decimals int) float64 { return float64(whole) / math.Pow10(decimals) }
