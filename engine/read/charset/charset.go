// Package charset turns text files into UTF-8, whatever program saved them: UTF-8
// with or without byte-order mark, UTF-16 with one, and GB18030 (with GBK and GB2312
// in it) for all that is neither.
//
// An encoding is told by the byte-order mark and by the validity of the whole file,
// never from a sample and never by what words look likely. Others, Big5 for one, must
// be declared.
package charset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// names are the encodings that may be declared, without case and punctuation.
var names = map[string]encoding.Encoding{
	"utf8": unicode.UTF8, "gbk": simplifiedchinese.GB18030, "gb2312": simplifiedchinese.GB18030, "gb18030": simplifiedchinese.GB18030,
	"cp936": simplifiedchinese.GB18030, "big5": traditionalchinese.Big5, "cp950": traditionalchinese.Big5,
	"utf16": utf16(unicode.LittleEndian), "utf16le": utf16(unicode.LittleEndian), "utf16be": utf16(unicode.BigEndian),
}

func utf16(order unicode.Endianness) encoding.Encoding { return unicode.UTF16(order, unicode.UseBOM) }

// Text is a file as UTF-8, without byte-order mark.
type Text struct {
	in   *os.File
	text *bufio.Reader
	said string // what encoding it is in, when that is to be told
	lossy
}

// Open opens a text file in the encoding that is declared; an empty one is found
// out, for which a file without byte-order mark is read through once.
func Open(path, declared string) (*Text, error) {
	table, said, err := find(path, declared)
	if err != nil {
		return nil, err
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &Text{in: in, said: said}
	var src io.Reader = in
	if table != nil {
		t.lossy = lossy{r: table.NewDecoder().Reader(in)}
		src = &t.lossy
	}
	t.text = bufio.NewReaderSize(src, 1<<20)
	if head, _ := t.text.Peek(3); bytes.Equal(head, []byte("\uFEFF")) {
		_, _ = t.text.Discard(3)
	}
	return t, nil
}

// find is the encoding of a file; nil is valid UTF-8.
func find(path, declared string) (table encoding.Encoding, said string, err error) {
	if declared != "" {
		plain := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(declared))
		table, known := names[plain]
		if !known {
			return nil, "", fmt.Errorf("encoding %q is not known; use UTF-8, GB18030, UTF-16 or Big5", declared)
		}
		return table, "read as " + declared, nil
	}
	mark, err := firstBytes(path)
	switch {
	case err != nil:
		return nil, "", err
	case bytes.HasPrefix(mark, []byte("\xff\xfe")):
		return utf16(unicode.LittleEndian), "read as UTF-16", nil
	case bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return utf16(unicode.BigEndian), "read as UTF-16", nil
	case 16*bytes.Count(mark, []byte{0}) >= len(mark) && len(mark) > 0:
		return nil, "", errors.New("it has zero bytes between its letters, as UTF-16 without a byte-order mark has: save the file as UTF-8, or declare its encoding")
	}
	valid, err := isUTF8(path)
	if err != nil || valid {
		return nil, "", err
	}
	return simplifiedchinese.GB18030, "not UTF-8: read as GB18030", nil
}

// firstBytes are the first bytes of a file, as many as show zero bytes between the
// letters of UTF-16.
func firstBytes(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(in, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// Read implements io.Reader.
func (t *Text) Read(p []byte) (int, error) { return t.text.Read(p) }

// Peek is the text that follows, as much of it as is asked for and there, without
// reading on.
func (t *Text) Peek(n int) []byte {
	head, _ := t.text.Peek(n)
	return head
}

// Note says what was understood of the encoding that a reader should know; empty for
// plain UTF-8. It is whole when the text was read to its end.
func (t *Text) Note() string {
	if t.lost > 0 {
		return fmt.Sprintf("%s; characters that could not be read: %d", t.said, t.lost)
	}
	return t.said
}

// Lossy says whether characters could not be read so far: U+FFFD stands for them.
func (t *Text) Lossy() bool { return t.lost > 0 }

// Close closes the file.
func (t *Text) Close() error { return t.in.Close() }

// lossy counts the characters of a decoded text that stand for bytes the decoder
// did not know.
type lossy struct {
	r    io.Reader
	lost int64
	seen int // bytes of such a character, at the end of the last Read
}

// Read implements io.Reader.
func (l *lossy) Read(p []byte) (int, error) {
	const unknown = "\uFFFD"
	n, err := l.r.Read(p)
	for _, c := range p[:n] {
		switch c {
		case unknown[l.seen]:
			l.seen++
		case unknown[0]:
			l.seen = 1
		default:
			l.seen = 0
		}
		if l.seen == len(unknown) {
			l.lost++
			l.seen = 0
		}
	}
	return n, err
}

// isUTF8 says whether a whole file is UTF-8.
func isUTF8(path string) (bool, error) {
	in, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer in.Close()
	buf := make([]byte, 1<<20)
	kept := 0
	for {
		n, err := in.Read(buf[kept:])
		n += kept
		end := n
		for back := 1; err == nil && back < utf8.UTFMax && back <= n; back++ { // leave a cut rune for the next round
			if utf8.RuneStart(buf[n-back]) {
				if !utf8.FullRune(buf[n-back : n]) {
					end = n - back
				}
				break
			}
		}
		if !utf8.Valid(buf[:end]) {
			return false, nil
		}
		kept = copy(buf, buf[end:n])
		if errors.Is(err, io.EOF) {
			return kept == 0, nil
		}
		if err != nil {
			return false, err
		}
	}
}
