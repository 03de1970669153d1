package shapefile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	xtext "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/transform"
)

// encoding is what text is encoded in, and who says so.
type encoding struct {
	name, from string
	table      xtext.Encoding // nil: UTF-8 or ASCII
	utf8       bool
	problem    string // of text that is not in it
}

// codePages are the encodings that are read, by the number of their Windows code
// page. GB2312 and GBK are read as GB18030, which holds both.
var codePages = map[int]xtext.Encoding{
	936: simplifiedchinese.GB18030, 950: traditionalchinese.Big5,
	437: charmap.CodePage437, 850: charmap.CodePage850, 852: charmap.CodePage852, 866: charmap.CodePage866,
	1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252, 1253: charmap.Windows1253,
	1254: charmap.Windows1254, 1257: charmap.Windows1257,
	28591: charmap.ISO8859_1, 28592: charmap.ISO8859_2, 28595: charmap.ISO8859_5, 28605: charmap.ISO8859_15,
}

const (
	pageASCII = 20127
	pageUTF8  = 65001
)

// pageNames are the names of encodings without case and punctuation, as they are
// spelt in .cpg files, and their code pages.
var pageNames = map[string]int{
	"utf8": pageUTF8, "ascii": pageASCII, "usascii": pageASCII,
	"gb": 936, "gbk": 936, "gb2312": 936, "gb231280": 936, "gb18030": 936, "gb180302000": 936, "euccn": 936, "54936": 936, "20936": 936, "52936": 936,
	"big5": 950, "big5hkscs": 950, "latin1": 28591,
	"iso88591": 28591, "iso88592": 28592, "iso88595": 28595, "iso885915": 28605,
	"88591": 28591, "88592": 28592, "88595": 28595, "885915": 28605,
}

// silent are the names in a .cpg that say nothing: the encoding of the machine that
// wrote it.
var silent = map[string]bool{"": true, "ansi": true, "oem": true, "system": true, "default": true}

// drivers are the language drivers of a .dbf and the code pages they stand for.
// 0x57, the writer's own code page, says nothing.
var drivers = map[byte]int{
	0x01: 437, 0x02: 850, 0x03: 1252, 0x26: 866, 0x58: 1252, 0x59: 1252, 0x64: 852, 0x65: 866,
	0x4D: 936, 0x7A: 936, 0x4F: 950, 0x78: 950, 0x4E: 949, 0x79: 949, 0x13: 932, 0x7B: 932,
	0xC8: 1250, 0xC9: 1251, 0xCA: 1254, 0xCB: 1253, 0xCC: 1257,
}

// page finds a code page by an encoding's name; 0: unknown.
func page(name string) int {
	plain := plainName(name)
	if pageNames[plain] == 0 {
		for _, prefix := range []string{"ansi", "oem", "windows", "win", "codepage", "cp", "ms", "ibm"} {
			if rest, cut := strings.CutPrefix(plain, prefix); cut {
				plain = rest
				break
			}
		}
	}
	if n := pageNames[plain]; n != 0 {
		return n
	}
	n, err := strconv.Atoi(plain)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// plainName is a name without what people spell differently.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', '_', ' ', '.', ':', '\t', '\r', '\n', 0:
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// named looks an encoding up; ok is false when it is not read.
func named(name, from string) (e encoding, ok bool) {
	number := page(name)
	name = printed(name)
	e = encoding{name: name, from: from, table: codePages[number], utf8: number == pageUTF8}
	if e.table == nil && number != pageUTF8 && number != pageASCII {
		e.problem = fmt.Sprintf("text is not ASCII, and %q, the encoding that %s names, is not read: save it as UTF-8 or GBK", name, from)
		return e, false
	}
	e.problem = fmt.Sprintf("text is not in %s, the encoding that %s names", name, from)
	return e, true
}

// printed is a name as messages show it: short, on one line.
func printed(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name[:min(len(name), 40)])
	return strings.TrimSpace(name)
}

// declared is the encoding of a file by the caller's word, its .cpg, its language
// driver or the caller's default, in this order. One that is declared and not read
// does no harm to ASCII; of the caller it is an error.
func declared(o Options, cpg string, given bool, driver byte) (encoding, error) {
	if o.Encoding != "" {
		return ofCaller(o.Encoding, "the caller")
	}
	if line, _, _ := strings.Cut(cpg, "\n"); given && !silent[plainName(line)] {
		e, _ := named(line, "the .cpg")
		return e, nil
	}
	if number, known := drivers[driver]; known {
		e, _ := named("CP"+strconv.Itoa(number), fmt.Sprintf("the language driver 0x%02X in the .dbf", driver))
		return e, nil
	}
	if o.Default != "" {
		return ofCaller(o.Default, "the default")
	}
	return encoding{problem: "text is not ASCII, and the file does not say its encoding: put a .cpg beside it that does, such as GBK"}, nil
}

func ofCaller(name, from string) (encoding, error) {
	e, ok := named(name, from)
	if !ok {
		return e, fmt.Errorf("encoding %q is not read: give UTF-8, GBK, GB18030, Big5 or a code page such as 1252", e.name)
	}
	return e, nil
}

// decoder turns text of one encoding into UTF-8, for one goroutine.
type decoder struct {
	*encoding
	t transform.Transformer
}

func (e *encoding) decoder() decoder {
	d := decoder{encoding: e}
	if e.table != nil {
		d.t = e.table.NewDecoder().Transformer
	}
	return d
}

// decode gives src in UTF-8: where it stands, or behind dst, which is returned with
// it. When the text was cut where it ends, half a character there is left out. A
// problem leaves U+FFFD for what cannot be read.
func (d *decoder) decode(dst, src []byte, cut bool) (all, text []byte, problem string) {
	if ascii(src) {
		return dst, src, ""
	}
	if d.t != nil {
		return d.transform(dst, src, cut)
	}
	if d.utf8 {
		if cut {
			src = wholeRunes(src)
		}
		if utf8.Valid(src) {
			return dst, src, ""
		}
	}
	from := len(dst)
	if d.utf8 {
		dst = append(dst, bytes.ToValidUTF8(src, []byte("\uFFFD"))...)
	} else {
		dst = appendASCII(dst, src)
	}
	return dst, dst[from:], d.problem
}

// appendASCII appends a text whose encoding is not known, with U+FFFD for each byte
// that is not ASCII.
func appendASCII(dst, src []byte) []byte {
	for _, c := range src {
		if c < utf8.RuneSelf {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, utf8.RuneError)
		}
	}
	return dst
}

// widest is the most bytes that one byte becomes in UTF-8.
const widest = 3

func (d *decoder) transform(dst, src []byte, cut bool) (all, text []byte, problem string) {
	from := len(dst)
	dst = slices.Grow(dst, widest*len(src)+utf8.UTFMax)
	d.t.Reset()
	n, _, err := d.t.Transform(dst[from:cap(dst)], src, !cut)
	dst = dst[:from+n]
	text = dst[from:]
	if err != nil && !errors.Is(err, transform.ErrShortSrc) || bytes.Contains(text, []byte("\uFFFD")) {
		problem = d.problem
	}
	return dst, text, problem
}

// ascii says whether all bytes are.
func ascii(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// wholeRunes leaves out the beginning of a character at the end.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			return b
		}
	}
	return b
}
