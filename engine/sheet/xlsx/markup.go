package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// token is what markup.next found.
type token byte

const (
	done  token = iota // the end of the part
	open               // a start tag; closed says that it is its own end
	shut               // an end tag
	chars              // character data
)

// longestToken is the longest tag or text of a workbook's part. A cell holds no
// more than 32 767 characters.
const longestToken = 4 << 20

var (
	errCut     = errors.New("its content ends in the middle; get the file again")
	errMarkup  = errors.New("its content is no markup of a workbook; get the file again, or save it anew")
	errToken   = errors.New("a text in it is longer than a cell can be")
	errUTF16   = errors.New("its content is UTF-16; open the file in Excel or WPS and save it as .xlsx anew")
	errDoctype = errors.New("its content declares a document type, which no workbook does")
)

// markup splits one part of a workbook into tags and texts. It checks no nesting
// and expands no entities but XML's own five. What it hands out is valid until the
// next token.
type markup struct {
	src     io.Reader
	buf     []byte
	at, end int
	ended   bool // src has no more

	name   []byte // of the tag, without prefix
	attrs  []byte
	closed bool
	text   []byte
	cdata  bool
}

func newMarkup(src io.Reader) *markup { return &markup{src: src, buf: make([]byte, 64<<10)} }

// more reads on, keeping what begins at m.at; false at the end.
func (m *markup) more() (bool, error) {
	if m.ended {
		return false, nil
	}
	if m.at > 0 {
		copy(m.buf, m.buf[m.at:m.end])
		m.end -= m.at
		m.at = 0
	}
	if m.end == len(m.buf) {
		if len(m.buf) >= longestToken {
			return false, errToken
		}
		m.buf = append(m.buf, make([]byte, len(m.buf))...)
	}
	for {
		n, err := m.src.Read(m.buf[m.end:])
		m.end += n
		if errors.Is(err, io.EOF) {
			m.ended = true
			return n > 0, nil
		}
		if err != nil || n > 0 {
			return n > 0, err
		}
	}
}

// next finds the next token; comments and instructions are passed over.
func (m *markup) next() (token, error) {
	for {
		if m.at == m.end {
			if ok, err := m.more(); !ok {
				return done, err
			}
		}
		if m.buf[m.at] != '<' {
			return m.characters()
		}
		for m.end-m.at < 2 {
			if ok, err := m.more(); err != nil || !ok {
				return done, orCut(err)
			}
		}
		switch m.buf[m.at+1] {
		case '?':
			if _, err := m.upTo("?>"); err != nil {
				return done, err
			}
		case '!':
			if found, err := m.declaration(); found || err != nil {
				return chars, err
			}
		default:
			return m.tag()
		}
	}
}

func orCut(err error) error {
	if err == nil {
		return errCut
	}
	return err
}

func (m *markup) characters() (token, error) {
	for from := 0; ; {
		if i := bytes.IndexByte(m.buf[m.at+from:m.end], '<'); i >= 0 {
			m.text = m.buf[m.at : m.at+from+i]
			break
		}
		from = m.end - m.at
		ok, err := m.more()
		if err != nil {
			return done, err
		}
		if !ok {
			m.text = m.buf[m.at:m.end]
			break
		}
	}
	if m.at == 0 && (bytes.HasPrefix(m.text, []byte("\xff\xfe")) || bytes.HasPrefix(m.text, []byte("\xfe\xff"))) {
		return done, errUTF16
	}
	m.at += len(m.text)
	m.cdata = false
	return chars, nil
}

// upTo passes over everything up to and with mark, and hands out what it passed.
func (m *markup) upTo(mark string) ([]byte, error) {
	for from := 0; ; {
		if i := bytes.Index(m.buf[m.at+from:m.end], []byte(mark)); i >= 0 {
			passed := m.buf[m.at : m.at+from+i]
			m.at += from + i + len(mark)
			return passed, nil
		}
		from = max(0, m.end-m.at-len(mark)+1)
		if ok, err := m.more(); err != nil || !ok {
			return nil, orCut(err)
		}
	}
}

// declaration passes over a comment, or hands out the text of a CDATA section.
func (m *markup) declaration() (text bool, err error) {
	const comment, cdata = "<!--", "<![CDATA["
	for m.end-m.at < len(cdata) {
		if ok, err := m.more(); err != nil {
			return false, err
		} else if !ok {
			break
		}
	}
	head := m.buf[m.at:m.end]
	switch {
	case bytes.HasPrefix(head, []byte(comment)):
		_, err = m.upTo("-->")
		return false, err
	case bytes.HasPrefix(head, []byte(cdata)):
		passed, err := m.upTo("]]>")
		if err != nil {
			return false, err
		}
		m.text, m.cdata = passed[min(len(cdata), len(passed)):], true
		return true, nil
	}
	return false, errDoctype
}

// tag reads a start or an end tag; a > between quotes does not end it.
func (m *markup) tag() (token, error) {
	quote := byte(0)
	i := 1
	for ; ; i++ {
		if m.at+i == m.end {
			if ok, err := m.more(); err != nil || !ok {
				return done, orCut(err)
			}
		}
		c := m.buf[m.at+i]
		if quote != 0 {
			if c == quote {
				quote = 0
			}
			continue
		}
		if c == '"' || c == '\'' {
			quote = c
		} else if c == '>' {
			break
		} else if c == '<' {
			return done, errMarkup
		}
	}
	body := m.buf[m.at+1 : m.at+i]
	m.at += i + 1
	kind := open
	if len(body) > 0 && body[0] == '/' {
		kind, body = shut, body[1:]
	}
	m.closed = false
	if n := len(body); n > 0 && body[n-1] == '/' {
		m.closed, body = true, body[:n-1]
	}
	n := 0
	for n < len(body) && !isSpace(body[n]) {
		n++
	}
	m.name, m.attrs = local(body[:n]), body[n:]
	return kind, nil
}

// local is a name without its prefix.
func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// attribute cuts the first attribute off what is left of a tag.
func attribute(rest []byte) (name, value, left []byte, ok bool) {
	for len(rest) > 0 && isSpace(rest[0]) {
		rest = rest[1:]
	}
	eq := bytes.IndexByte(rest, '=')
	if eq < 0 {
		return nil, nil, nil, false
	}
	name, rest = bytes.TrimSpace(rest[:eq]), rest[eq+1:]
	for len(rest) > 0 && isSpace(rest[0]) {
		rest = rest[1:]
	}
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return nil, nil, nil, false
	}
	end := bytes.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return nil, nil, nil, false
	}
	return local(name), rest[1 : end+1], rest[end+2:], true
}

// attr is the value of the tag's attribute of that name, as text; empty without it.
func (m *markup) attr(name string) string {
	for rest := m.attrs; ; {
		n, v, left, ok := attribute(rest)
		if !ok {
			return ""
		}
		if string(n) == name {
			return string(appendText(nil, v, false))
		}
		rest = left
	}
}

// appendText appends character data as text: entities resolved, a line break and
// every other control character a space, and what is not UTF-8 marked as such.
func appendText(dst, raw []byte, cdata bool) []byte {
	if !utf8.Valid(raw) {
		raw = bytes.ToValidUTF8(raw, []byte("\uFFFD"))
	}
	for i := 0; i < len(raw); {
		plain := i
		for i < len(raw) && raw[i] >= ' ' && raw[i] != '&' && raw[i] != '_' {
			i++
		}
		dst = append(dst, raw[plain:i]...)
		if i == len(raw) {
			break
		}
		switch c := raw[i]; {
		case c == '&' && !cdata:
			r, n := entity(raw[i:])
			dst = appendRune(dst, r)
			i += n
		case c == '_':
			r, n := escaped(raw[i:])
			dst = appendRune(dst, r)
			i += n
		default:
			dst = appendRune(dst, rune(c))
			i++
		}
	}
	return dst
}

// escaped resolves what raw begins with where spreadsheets write a character that
// XML cannot hold: _x000D_. Else it is a plain underscore.
func escaped(raw []byte) (r rune, length int) {
	if len(raw) > 6 && raw[1] == 'x' && raw[6] == '_' {
		if v, err := strconv.ParseUint(string(raw[2:6]), 16, 16); err == nil {
			return rune(v), 7
		}
	}
	return '_', 1
}

// appendRune appends a character; a run of control characters is one space.
func appendRune(dst []byte, r rune) []byte {
	if r >= ' ' {
		return utf8.AppendRune(dst, r)
	}
	if n := len(dst); n > 0 && dst[n-1] == ' ' {
		return dst
	}
	return append(dst, ' ')
}

// entity resolves the entity that raw begins with; one it does not know is a plain
// ampersand.
func entity(raw []byte) (r rune, length int) {
	end := bytes.IndexByte(raw[:min(len(raw), 12)], ';')
	if end < 2 {
		return '&', 1
	}
	switch name := string(raw[1:end]); name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	default:
		if name[0] != '#' || len(name) < 2 {
			return '&', 1
		}
		base := 10
		if name = name[1:]; name[0] == 'x' || name[0] == 'X' {
			base, name = 16, name[1:]
		}
		v, err := strconv.ParseUint(name, base, 32)
		if err != nil || v > utf8.MaxRune {
			return '&', 1
		}
		return rune(v), end + 1
	}
}
