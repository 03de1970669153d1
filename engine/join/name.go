package join

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

// legalForms are spellings of one legal form and the one all are turned into: 有限责任公司
// may call itself 有限公司, and 股份有限公司 itself 股份公司 (Company Law art. 7). They are Chinese
// because names are; they are matched, never shown.
var legalForms = []struct{ spelling, form []byte }{
	{[]byte("有限责任公司"), []byte("有限公司")},
	{[]byte("股份公司"), []byte("股份有限公司")},
}

// NormaliseName is a name as names are compared: full width as half width, every kind
// of bracket round, letters upper case, without spaces and signs nobody sees, and one
// spelling of each legal form: limited and joint-stock companies stay two forms.
// Normalising twice changes nothing.
func NormaliseName(s string) string { return string(appendNormalised(nil, s)) }

// appendNormalised appends the normalised name to dst.
func appendNormalised(dst []byte, s string) []byte {
	dst = slices.Grow(dst, len(s)+utf8.UTFMax)
	start := len(dst)
	for i := 0; i < len(s); {
		if plain(s[i:]) {
			dst = append(dst, s[i], s[i+1], s[i+2])
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r = fold(r); r >= 0 {
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	for _, f := range legalForms {
		dst = respell(dst, start, f.spelling, f.form)
	}
	return dst
}

// plain says whether a text begins with one of 汉字 U+5000 … U+9FFF, which nearly all of
// a name are: they stay as they are.
func plain(s string) bool {
	return len(s) >= 3 && s[0] >= 0xE5 && s[0] <= 0xE9 && s[1]&0xC0 == 0x80 && s[2]&0xC0 == 0x80
}

// respell replaces a spelling in dst from start on.
func respell(dst []byte, start int, spelling, form []byte) []byte {
	for {
		at := bytes.Index(dst[start:], spelling)
		if at < 0 {
			return dst
		}
		at += start
		rest := len(dst) - at - len(spelling)
		if grow := len(form) - len(spelling); grow > 0 {
			dst = append(dst, form[:grow]...)
		}
		copy(dst[at+len(form):at+len(form)+rest], dst[at+len(spelling):at+len(spelling)+rest])
		dst = dst[:at+len(form)+rest]
		copy(dst[at:], form)
		start = at + len(form)
	}
}

// fold is a character as names are compared, or -1 for one that does not count.
func fold(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E { // full-width ASCII
		r -= 0xFF01 - '!'
	}
	switch {
	case r >= 'a' && r <= 'z':
		return r - 'a' + 'A'
	case r == '[', r == '{', r == '<':
		return '('
	case r == ']', r == '}', r == '>':
		return ')'
	case r > ' ' && r < 0x7F:
		return r
	case r >= 0x3008 && r <= 0x3011, r >= 0x3014 && r <= 0x301B: // the brackets of CJK: an even code opens
		if r&1 == 0 {
			return '('
		}
		return ')'
	case unicode.IsSpace(r), unicode.In(r, unicode.Cc, unicode.Cf):
		return -1
	}
	return unicode.ToUpper(r)
}
