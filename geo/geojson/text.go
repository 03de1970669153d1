package geojson

import (
	"bytes"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// str takes the string at hand, unescaped. It lies in the block itself or, where
// it has escapes or bad bytes, in *memory, valid until that is used again.
func (p *Parser) str(memory *[]byte) ([]byte, error) {
	start := p.i + 1
	escape, ascii, err := p.scanText()
	if err != nil {
		return nil, err
	}
	raw := p.b[start : p.i-1 : p.i-1]
	if escape < 0 && (ascii || utf8.Valid(raw)) {
		return raw, nil
	}
	*memory = unescape((*memory)[:0], raw)
	return *memory, nil
}

// skipText moves behind the string at hand, checking it.
func (p *Parser) skipText() error {
	_, _, err := p.scanText()
	return err
}

// scanText moves behind the string at hand. escape is the index of its first
// backslash, or -1; ascii says that no byte is above 0x7f.
func (p *Parser) scanText() (escape int, ascii bool, err error) {
	b, i := p.b, p.i+1
	escape = -1
	high := uint64(0)
	for i < len(b) {
		if i+8 <= len(b) {
			w := load(b, i)
			m := zeroBytes(w^quote) | zeroBytes(w^slash) | (w-space)&^w&tops
			if m == 0 {
				high |= w & tops
				i += 8
				continue
			}
			skip := bits.TrailingZeros64(m) &^ 7
			high |= w & tops & (1<<skip - 1)
			i += skip >> 3
		}
		switch c := b[i]; {
		case c == '"':
			p.i = i + 1
			return escape, high == 0, nil
		case c == '\\':
			if escape < 0 {
				escape = i
			}
			n := escapeLength(b[i:])
			if n == 0 {
				return 0, false, p.errorf(i, "bad escape in a string")
			}
			i += n
			continue
		case c < ' ':
			return 0, false, p.errorf(i, "%s inside a string", shown(c))
		default:
			high |= uint64(c & 0x80)
			i++
		}
	}
	return 0, false, p.errorf(p.i, "a string without an end")
}

// escapeLength is the length of the escape b begins with; 0 when it is none.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads the digits of \uXXXX.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// unescape appends the string whose checked inner bytes are raw, with U+FFFD for
// each byte that is not UTF-8 and each surrogate without its other half.
func unescape(dst, raw []byte) []byte {
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			i = len(raw)
		}
		dst = appendValid(dst, raw[:i])
		if raw = raw[i:]; len(raw) == 0 {
			break
		}
		n := 2
		switch c := raw[1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, _ := hex4(raw)
			n = 6
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw[6:])
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					n = 12
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
		raw = raw[n:]
	}
	return dst
}

func appendValid(dst, raw []byte) []byte {
	if utf8.Valid(raw) {
		return append(dst, raw...)
	}
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		dst = utf8.AppendRune(dst, r)
		raw = raw[n:]
	}
	return dst
}
