// Package write puts results where people look for them: a run folder with layers
// as GeoJSON, tables as CSV, a dictionary of their columns and a manifest, whole
// or not at all.
//
// Rows are written in the order they are given, numbers by one rule, so that the
// same results give the same bytes. The package computes no figure.
package write

import (
	"strconv"

	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/geo/geojson"
)

// Column is a property of a layer or a column of a table: a name, and how the
// value of row i prints.
type Column struct {
	Name     string
	decimals int8
	text     func(i int) (string, bool)
	fixed    func(i int) (int64, bool)
	integer  func(i int) (int64, bool)
	float    func(i int) (float64, bool)
	boolean  func(i int) (value, ok bool)
	date     func(i int) (unit.Date, bool)
}

// Text is a column of text; ok false is null.
func Text(name string, value func(i int) (v string, ok bool)) Column {
	return Column{Name: name, text: value}
}

// Fixed is a column of numbers with a fixed number of decimals, given as integers:
// 123456 with four decimals is 12.3456.
func Fixed(name string, decimals int, value func(i int) (v int64, ok bool)) Column {
	return Column{Name: name, decimals: int8(decimals), fixed: value}
}

// Integer is a column of whole numbers: counts, days, ranks.
func Integer(name string, value func(i int) (v int64, ok bool)) Column {
	return Column{Name: name, integer: value}
}

// Float is a column of numbers printed as the shortest decimal that reads back.
func Float(name string, value func(i int) (v float64, ok bool)) Column {
	return Column{Name: name, float: value}
}

// Bool is a column of true and false.
func Bool(name string, value func(i int) (v, ok bool)) Column {
	return Column{Name: name, boolean: value}
}

// Date is a column of dates, YYYY-MM-DD.
func Date(name string, value func(i int) (unit.Date, bool)) Column {
	return Column{Name: name, date: value}
}

// Null is a column whose stage did not run: null in every row. It is of the kind it
// would have with values, which formats with types keep.
func Null(name string, kind Kind) Column {
	switch kind {
	case KindInteger:
		return Integer(name, func(int) (int64, bool) { return 0, false })
	case KindNumber:
		return Float(name, func(int) (float64, bool) { return 0, false })
	case KindBool:
		return Bool(name, func(int) (v, ok bool) { return false, false })
	case KindDate:
		return Date(name, func(int) (unit.Date, bool) { return 0, false })
	}
	return Text(name, func(int) (string, bool) { return "", false })
}

// Area is a column of areas in 亩 with four decimals.
func Area(name string, value func(i int) unit.Area) Column {
	return Fixed(name, 4, func(i int) (int64, bool) { return value(i).MuTenThousandths(), true })
}

// appendJSON writes the value of row i as JSON; a fractional number always has a
// decimal point, so that a reader of the first rows cannot take it for an integer.
func (c *Column) appendJSON(dst []byte, i int) []byte {
	switch {
	case c.text != nil:
		if v, ok := c.text(i); ok {
			return geojson.AppendString(dst, v)
		}
	case c.fixed != nil:
		if v, ok := c.fixed(i); ok {
			return appendFixed(dst, v, int(c.decimals), true)
		}
	case c.integer != nil:
		if v, ok := c.integer(i); ok {
			return strconv.AppendInt(dst, v, 10)
		}
	case c.float != nil:
		if v, ok := c.float(i); ok {
			return geojson.AppendFloat(dst, v)
		}
	case c.boolean != nil:
		if v, ok := c.boolean(i); ok {
			return strconv.AppendBool(dst, v)
		}
	case c.date != nil:
		if v, ok := c.date(i); ok {
			dst = append(dst, '"')
			return append(v.Append(dst), '"')
		}
	}
	return append(dst, "null"...)
}

// appendCSV writes the value of row i as a CSV cell; null is an empty cell.
func (c *Column) appendCSV(dst []byte, i int) []byte {
	switch {
	case c.text != nil:
		if v, ok := c.text(i); ok {
			return appendCell(dst, v)
		}
	case c.fixed != nil:
		if v, ok := c.fixed(i); ok {
			return appendFixed(dst, v, int(c.decimals), false)
		}
	case c.integer != nil:
		if v, ok := c.integer(i); ok {
			return strconv.AppendInt(dst, v, 10)
		}
	case c.float != nil:
		if v, ok := c.float(i); ok {
			return strconv.AppendFloat(dst, v, 'f', -1, 64)
		}
	case c.boolean != nil:
		if v, ok := c.boolean(i); ok {
			return strconv.AppendBool(dst, v)
		}
	case c.date != nil:
		if v, ok := c.date(i); ok {
			return v.Append(dst)
		}
	}
	return dst
}

// Decimal is v ÷ 10^decimals as the shortest decimal.
func Decimal(v int64, decimals int) string { return string(appendFixed(nil, v, decimals, false)) }

// appendFixed writes v ÷ 10^decimals as the shortest decimal; point asks for a
// decimal point even when nothing stands behind it.
func appendFixed(dst []byte, v int64, decimals int, point bool) []byte {
	u := uint64(v)
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	var digits [24]byte
	at, end := len(digits), len(digits)
	for n := 0; n < decimals; n++ {
		at--
		digits[at] = byte('0' + u%10)
		u /= 10
	}
	whole := strconv.AppendUint(dst, u, 10)
	for end > at && digits[end-1] == '0' {
		end--
	}
	if end == at {
		if point {
			return append(whole, '.', '0')
		}
		return whole
	}
	return append(append(whole, '.'), digits[at:end]...)
}

// appendCell writes text as a CSV cell, quoted when it must be (RFC 4180).
func appendCell(dst []byte, v string) []byte {
	quote := false
	for i := 0; i < len(v); i++ {
		if c := v[i]; c == ',' || c == '"' || c == '\n' || c == '\r' {
			quote = true
			break
		}
	}
	if !quote {
		return append(dst, v...)
	}
	dst = append(dst, '"')
	for i := 0; i < len(v); i++ {
		if v[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, v[i])
	}
	return append(dst, '"')
}
