package geojson

import (
	"encoding/binary"
	"math/bits"
)

// Eight bytes are looked at in one word. Each test below sets the top bit of the
// bytes it finds; borrows may set more of them, but only behind the first true
// one, so the lowest bit set is always exact.
const (
	ones  = 0x0101010101010101
	tops  = 0x8080808080808080
	quote = '"' * ones
	slash = '\\' * ones
	brace = 0x7f * ones
	space = 0x20 * ones
)

func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

func zeroBytes(w uint64) uint64 { return (w - ones) &^ w & tops }

// nesting follows strings and braces through the bytes of one object, which may
// come in pieces. Brackets are left to the parser.
type nesting struct {
	depth   int
	inText  bool
	escaped bool // the last byte was a backslash inside a string
}

// run reads on at b[i] and returns the index after the brace that closes the
// object, and true; or len(b) and false when it does not end in b.
func (n *nesting) run(b []byte, i int) (int, bool) {
	for i < len(b) {
		if n.inText {
			i = n.runText(b, i)
			continue
		}
		for i+8 <= len(b) {
			w := load(b, i)
			// { and } differ in two bits; y and DEL, which fall together with
			// them, never stand outside strings and are passed over below.
			m := zeroBytes(w^quote) | zeroBytes((w|6*ones)^brace)
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		if i >= len(b) {
			break
		}
		switch b[i] {
		case '"':
			n.inText = true
		case '{':
			n.depth++
		case '}':
			if n.depth--; n.depth == 0 {
				return i + 1, true
			}
		}
		i++
	}
	return len(b), false
}

// runText reads on inside a string and returns the index after its end, or len(b).
func (n *nesting) runText(b []byte, i int) int {
	if n.escaped {
		n.escaped = false
		i++
	}
	for i < len(b) {
		if i+8 <= len(b) {
			w := load(b, i)
			m := zeroBytes(w^quote) | zeroBytes(w^slash)
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		}
		switch b[i] {
		case '"':
			n.inText = false
			return i + 1
		case '\\':
			if i++; i == len(b) {
				n.escaped = true
				return i
			}
		}
		i++
	}
	return len(b)
}

// blank says whether c is JSON white space.
func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// skipBlanks returns the index of the first byte from i on that is not white
// space, or len(b).
func skipBlanks(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && blank(b[i]) {
		i++
	}
	return i
}
