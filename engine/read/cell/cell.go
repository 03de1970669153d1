// Package cell reads the text of one cell as people in departments and their
// programs write it: numbers, dates, answers, and the words for nothing entered.
//
// It knows no tables and no columns, allocates nothing for what is written plainly,
// and guesses nothing: what can be read in two ways is not read.
package cell

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/muscope-gis/muscope/engine/unit"
)

// nulls are the cells that mean "nothing entered", as departments write it.
var nulls = map[string]bool{
	"-": true, "--": true, "—": true, "——": true, "－": true, "－－": true, "−": true, "/": true, "／": true, "无": true, "N/A": true, "n/a": true, "#N/A": true,
	"null": true, "NULL": true, "Null": true, "<Null>": true, "None": true,
}

// Trim cuts what is not seen off both ends.
func Trim(v []byte) []byte {
	if n := len(v); n > 0 && Plain(v[0]) && Plain(v[n-1]) {
		return v
	}
	return bytes.TrimFunc(v, unseen)
}

// unseen says whether a character takes no ink: white space, the ideographic
// space too, byte-order marks and the zero-width marks that text copied from
// certificates and web pages carries.
func unseen(r rune) bool {
	if r > 0x3000 && r < 0xFE00 { // Chinese, for one
		return false
	}
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

// Plain says whether a byte is visible ASCII, which nothing unseen begins with.
func Plain(c byte) bool { return c > ' ' && c < 0x7f }

// IsNull says whether a trimmed cell means "nothing entered".
func IsNull(v []byte) bool {
	return len(v) == 0 || len(v) <= 6 && nullHeads[v[0]] && nulls[string(v)]
}

// nullHeads are the bytes such cells begin with.
var nullHeads = func() (heads [256]bool) {
	for word := range nulls {
		heads[word[0]] = true
	}
	return heads
}()

// halfWidth writes full-width ASCII (Ａ, ５, ．) as plain ASCII into dst; ok is
// false, and v untouched, when there is none.
func halfWidth(dst, v []byte) (out []byte, ok bool) {
	if bytes.IndexByte(v, 0xEF) < 0 {
		return v, false
	}
	dst = dst[:0]
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRune(v[i:])
		if r >= 0xFF01 && r <= 0xFF5E {
			dst = append(dst, byte(r-0xFEE0))
			ok = true
		} else {
			dst = append(dst, v[i:i+n]...)
		}
		i += n
	}
	return dst, ok
}

// AppendCapitals appends a text to dst in half-width capitals and without what is not
// seen, wherever it stands.
func AppendCapitals(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRune(v[i:])
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		switch {
		case r >= 'a' && r <= 'z':
			dst = append(dst, byte(r-'a'+'A'))
		case r > ' ' && r < 0x7F:
			dst = append(dst, byte(r))
		case !unseen(r):
			dst = append(dst, v[i:i+n]...)
		}
		i += n
	}
	return dst
}

// pow10 holds the powers of ten a float64 holds exactly.
var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Number reads a decimal number: sign, digits, fraction, exponent; thousands
// separators where they stand every three digits; full-width digits; a negative
// number in brackets, as accountants write it. Anything else, and what a float64
// cannot hold, is not a number.
func Number(v []byte) (float64, bool) {
	if f, ok := plainNumber(v); ok {
		return f, true
	}
	var wide [64]byte
	v, _ = halfWidth(wide[:], v)
	if n := len(v); n > 2 && v[0] == '(' && v[n-1] == ')' {
		f, ok := unsigned(v[1 : n-1])
		return -f, ok
	}
	if rest, minus := bytes.CutPrefix(v, []byte("\u2212")); minus {
		f, ok := unsigned(rest)
		return -f, ok
	}
	return grouped(v)
}

// unsigned is a number without a sign of its own.
func unsigned(v []byte) (float64, bool) {
	if len(v) == 0 || v[0] == '-' || v[0] == '+' {
		return 0, false
	}
	return grouped(v)
}

// grouped is a number that may have separators of thousands.
func grouped(v []byte) (float64, bool) {
	var narrow [64]byte
	if plain, ok := ungroup(narrow[:0], v); ok {
		v = plain
	}
	if f, ok := plainNumber(v); ok {
		return f, true
	}
	return slowNumber(v)
}

// Measured parts 3.2亿元 into the number and the text of its unit, which is not
// empty. The text lies in v or in dst.
func Measured(dst, v []byte) (f float64, label []byte, ok bool) {
	v, _ = halfWidth(dst, v)
	end := 0
	for end < len(v) && (v[end]-'0' < 10 || bytes.IndexByte([]byte("+-.,()"), v[end]) >= 0) {
		end++
	}
	label = Trim(v[end:])
	if end == 0 || len(label) == 0 {
		return 0, nil, false
	}
	f, ok = Number(Trim(v[:end]))
	return f, label, ok
}

// Multiple is the power of ten that a bare 万 or 亿 behind an amount of money stands
// for, in 万: 5万 are 5, 3亿 are 30 000.
func Multiple(label []byte) (wan float64, ok bool) {
	switch string(label) {
	case "万":
		return 1, true
	case "亿":
		return 10_000, true
	}
	return 0, false
}

// IsError says whether a cell holds what a spreadsheet shows where a formula failed
// or a column was too narrow, and not a value. #N/A, the error that people enter on
// purpose, means that there is none.
func IsError(v []byte) bool {
	if len(v) < 3 || v[0] != '#' {
		return false
	}
	switch string(v) {
	case "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA":
		return true
	}
	return len(bytes.Trim(v, "#")) == 0
}

// plainNumber reads what is exact with one multiplication or division.
func plainNumber(v []byte) (float64, bool) {
	i, neg := 0, false
	if len(v) > 0 && (v[0] == '-' || v[0] == '+') {
		neg, i = v[0] == '-', 1
	}
	var mant uint64
	digits, frac, point := 0, 0, false
	for ; i < len(v); i++ {
		c := v[i]
		switch {
		case c-'0' < 10:
			mant = mant*10 + uint64(c-'0')
			digits++
			if point {
				frac++
			}
		case c == '.' && !point:
			point = true
		default:
			return 0, false
		}
	}
	if digits == 0 || digits > 18 || mant >= 1<<53 {
		return 0, false
	}
	f := float64(mant) / pow10[frac]
	if neg {
		f = -f
	}
	return f, true
}

func slowNumber(v []byte) (float64, bool) {
	digits := 0
	for i, c := range v {
		switch {
		case c-'0' < 10:
			digits++
		case c == '.', c == '-', c == '+':
		case (c == 'e' || c == 'E') && digits > 0 && i+1 < len(v):
		default:
			return 0, false
		}
	}
	if digits == 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return f, err == nil
}

// Times is a number times mul over div, rounded once: what its shortest decimal
// comes to and not its float64, which is only next to it. 12.3456 times 10000 are
// 123456, where float64 has 123455.99999999999. So every format reads an amount as
// the same number.
func Times(v, mul, div float64) float64 {
	size := math.Abs(v)
	if mul == div || v == math.Trunc(v) && size*mul < 1<<53 || !(size > 1e-15 && size < 1e15) {
		return v * mul / div // one rounding at most, or beyond all that is measured
	}
	var text [64]byte
	digits := strconv.AppendFloat(text[:0], size, 'f', -1, 64)
	mant, frac := 0.0, 0
	for i, c := range digits { // of no more than 17 digits that count
		if c == '.' {
			frac = len(digits) - i - 1
		} else {
			mant = mant*10 + float64(c-'0')
		}
	}
	over, under := mant*mul, math.Inf(1)
	if frac < len(pow10) {
		under = pow10[frac] * div
	}
	if over < 1<<53 && under < 1<<53 {
		return math.Copysign(over/under, v)
	}
	exact, _ := new(big.Rat).SetString(string(digits))
	exact.Mul(exact, new(big.Rat).SetFloat64(mul))
	exact.Quo(exact, new(big.Rat).SetFloat64(div))
	f, _ := exact.Float64()
	return math.Copysign(f, v)
}

// ungroup drops the separators of 1,234,567.89; ok only when each stands before
// exactly three digits.
func ungroup(dst, v []byte) (out []byte, ok bool) {
	if bytes.IndexByte(v, ',') < 0 {
		return nil, false
	}
	end := bytes.IndexByte(v, '.')
	if end < 0 {
		end = len(v)
	}
	if bytes.IndexByte(v[end:], ',') >= 0 {
		return nil, false
	}
	for from := 0; from <= end; {
		group := v[from:end]
		if cut := bytes.IndexByte(group, ','); cut >= 0 {
			group = group[:cut]
		}
		digits := group
		if from == 0 {
			digits = bytes.TrimLeft(group, "+-")
		}
		if n := len(digits); !allDigits(digits) || n > 3 || n < 1 || n < 3 && from > 0 {
			return nil, false
		}
		dst = append(dst, group...)
		from += len(group) + 1
	}
	return append(dst, v[end:]...), true
}

// Integer reads a whole number; a year may carry 年.
func Integer(v []byte) (int64, bool) {
	f, ok := Number(bytes.TrimSuffix(v, []byte("年")))
	if !ok || f != float64(int64(f)) || f < -1e15 || f > 1e15 {
		return 0, false
	}
	return int64(f), true
}

// Date reads 2023-06-30, 2023/6/30, 2023.6.30, 2023年6月30日 and 20230630, with or
// without a time behind it, which is dropped.
func Date(v []byte) (unit.Date, bool) {
	if len(v) == 10 && v[4] == '-' && v[7] == '-' && allDigits(v[:4]) && allDigits(v[5:7]) && allDigits(v[8:]) {
		return unit.NewDate(small(v[:4]), small(v[5:7]), small(v[8:]))
	}
	var wide [64]byte
	v, _ = halfWidth(wide[:], v)
	if i := bytes.IndexAny(v, "T "); i > 0 {
		v = v[:i]
	}
	if len(v) == 8 && allDigits(v) {
		return unit.NewDate(small(v[:4]), small(v[4:6]), small(v[6:]))
	}
	var part [3]int
	for k := range part {
		n := 0
		for n < len(v) && v[n]-'0' < 10 {
			n++
		}
		if n == 0 || n > 4 || (k == 0) != (n == 4) || k > 0 && n > 2 {
			return 0, false
		}
		part[k] = small(v[:n])
		if v = v[n:]; k == 2 {
			break
		}
		cut := separator(v, k)
		if cut == 0 {
			return 0, false
		}
		v = v[cut:]
	}
	if len(v) > 0 && string(v) != "日" && string(v) != "号" {
		return 0, false
	}
	return unit.NewDate(part[0], part[1], part[2])
}

// IncompleteDate says whether a cell that is no date names a year, or a year and a
// month: 2023年6月, 2023-06, 202306, 2023. Which day is meant it does not say, and a
// deadline may hang on it.
func IncompleteDate(v []byte) bool {
	var wide [64]byte
	v, _ = halfWidth(wide[:], v)
	if len(v) < 4 || !allDigits(v[:4]) || small(v[:4]) < 1900 || small(v[:4]) > 2999 {
		return false
	}
	v = v[4:]
	if len(v) == 2 && allDigits(v) {
		return month(v)
	}
	cut := separator(v, 0)
	if v = v[cut:]; len(v) == 0 {
		return cut != 1 // 2023- is nothing
	}
	v = bytes.TrimSuffix(v, []byte("月"))
	return cut > 0 && month(v)
}

func month(v []byte) bool {
	return len(v) >= 1 && len(v) <= 2 && allDigits(v) && small(v) >= 1 && small(v) <= 12
}

// separator is the length of what stands behind the year (k = 0) or the month.
func separator(v []byte, k int) int {
	if len(v) == 0 {
		return 0
	}
	switch v[0] {
	case '-', '/', '.':
		return 1
	}
	if bytes.HasPrefix(v, []byte([...]string{"年", "月"}[k])) {
		return 3
	}
	return 0
}

func allDigits(v []byte) bool {
	for _, c := range v {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

func small(v []byte) int {
	n := 0
	for _, c := range v {
		n = n*10 + int(c-'0')
	}
	return n
}

// Boolean reads true and false as people and programs write them.
func Boolean(v []byte) (value, ok bool) {
	switch string(v) {
	case "true", "TRUE", "True", "1", "是", "有", "yes", "Yes", "YES", "y", "Y", "t", "√":
		return true, true
	case "false", "FALSE", "False", "0", "否", "没有", "no", "No", "NO", "n", "N", "f", "×":
		return false, true
	}
	return false, false
}

// Mangled says whether a code was turned into a number by a spreadsheet:
// 9.133E+17.
func Mangled(v []byte) bool {
	if bytes.IndexByte(v, '+') < 0 {
		return false
	}
	e := bytes.IndexAny(v, "eE")
	if e < 1 || e+2 > len(v) || (v[e+1] != '+' && v[e+1]-'0' > 9) {
		return false
	}
	mantissa := v[:e]
	rest := bytes.TrimPrefix(v[e+1:], []byte("+"))
	return len(rest) > 0 && allDigits(rest) && mantissa[0]-'0' < 10 &&
		allDigits(bytes.Replace(mantissa, []byte("."), nil, 1))
}
