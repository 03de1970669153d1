package geojson

import (
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// maxDigits is how many decimal digits always fit in 64 bits.
const maxDigits = 19

var tenTo = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

var floatTen = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// number reads the JSON number that begins at b[i], correctly rounded, and
// returns the index behind it. NaN, Infinity and -Infinity count as numbers; one
// beyond float64 is infinite.
func number(b []byte, i int) (v float64, end int, ok bool) {
	start := i
	if i < len(b) && b[i] == '-' {
		i++
	}
	m, first := uint64(0), i
	for i < len(b) && b[i]-'0' < 10 {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	whole, fraction := i-first, 0
	if whole == 0 || (whole > 1 && b[first] == '0') {
		return notFinite(b, start)
	}
	if i < len(b) && b[i] == '.' {
		first = i + 1
		if m, i = digits(b, first, m); i == first {
			return 0, i, false
		}
		fraction = i - first
	}
	if whole+fraction > maxDigits || i < len(b) && b[i]|0x20 == 'e' {
		return slowNumber(b, start, i)
	}
	if m < 1<<53 { // both exact, so the division rounds correctly
		v = float64(m) / floatTen[fraction]
	} else {
		v = quotient(m, tenTo[fraction])
	}
	if b[start] == '-' {
		v = -v
	}
	return v, i, true
}

// digits appends the digits from b[i] on to m, up to eight at a time. Where there
// are more than are used m overflows, harmlessly.
func digits(b []byte, i int, m uint64) (uint64, int) {
	for i+8 <= len(b) {
		w := load(b, i) ^ '0'*ones // digits become 0 to 9
		bad := ((w + 0x76*ones) | w) & tops
		if bad == 0 {
			m = m*1e8 + eightDigits(w)
			i += 8
			continue
		}
		n := bits.TrailingZeros64(bad) >> 3
		if n == 0 {
			return m, i
		}
		return m*tenTo[n&7] + eightDigits(w<<((64-8*n)&63)), i + n
	}
	for i < len(b) && b[i]-'0' < 10 {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	return m, i
}

// eightDigits is the number whose digits are the bytes of w, the lowest first:
// pairs, then fours, then all.
func eightDigits(w uint64) uint64 {
	w = w*10 + w>>8
	const (
		mask = 0x000000ff000000ff
		by2  = 100 + 1000000<<32
		by4  = 1 + 10000<<32
	)
	return ((w&mask)*by2 + (w>>16&mask)*by4) >> 32
}

// slowNumber reads numbers with an exponent or more digits than 64 bits hold;
// i is behind the mantissa.
func slowNumber(b []byte, start, i int) (float64, int, bool) {
	i, ok := exponent(b, i)
	if !ok {
		return 0, i, false
	}
	v, _ := strconv.ParseFloat(alias(b[start:i]), 64) // infinite when out of range
	return v, i, true
}

// exponent moves behind the exponent at b[i], if one stands there.
func exponent(b []byte, i int) (end int, ok bool) {
	if i >= len(b) || b[i]|0x20 != 'e' {
		return i, true
	}
	i++
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' < 10 {
		i++
	}
	return i, i > first
}

// alias is b as a string for the length of a call.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// notFinite reads the words that stand for numbers JSON has none for.
func notFinite(b []byte, i int) (float64, int, bool) {
	for _, w := range [...]struct {
		word  string
		value float64
	}{{"NaN", math.NaN()}, {"Infinity", math.Inf(1)}, {"-Infinity", math.Inf(-1)}} {
		if len(b)-i >= len(w.word) && string(b[i:i+len(w.word)]) == w.word {
			return w.value, i + len(w.word), true
		}
	}
	return 0, i, false
}

// quotient is m÷d rounded to nearest even, for m not zero: taken in integers,
// with the remainder to settle ties.
func quotient(m, d uint64) float64 {
	up, dup := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m <<= up
	d <<= dup
	q, rest := bits.Div64(m>>1, m<<63, d) // m·2^63 ÷ d, in [2^62, 2^64)
	shift := 11 - bits.LeadingZeros64(q)
	mantissa, cut, half := q>>shift, q&(1<<shift-1), uint64(1)<<(shift-1)
	if cut > half || cut == half && (rest != 0 || mantissa&1 == 1) {
		mantissa++
	}
	exponent := shift - 63 + dup - up
	return float64(mantissa) * math.Float64frombits(uint64(1023+exponent)<<52)
}

// skipNumber moves behind the number at hand, checking it.
func (p *Parser) skipNumber() error {
	b, i := p.b, p.i
	if i < len(b) && b[i] == '-' {
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' < 10 {
		i++
	}
	if i == first || (i > first+1 && b[first] == '0') {
		_, end, ok := notFinite(b, p.i)
		if !ok {
			return p.unexpected("a value")
		}
		p.i = end
		return nil
	}
	if i < len(b) && b[i] == '.' {
		i++
		for first = i; i < len(b) && b[i]-'0' < 10; {
			i++
		}
		if i == first {
			return p.errorf(p.i, "a number without digits behind its point")
		}
	}
	end, ok := exponent(b, i)
	if !ok {
		return p.errorf(p.i, "a number without digits in its exponent")
	}
	p.i = end
	return nil
}
