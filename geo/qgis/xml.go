package qgis

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// element is a piece of a document: what encoding/xml would make of it by
// reflection, made in the order it is said in.
type element struct {
	name       string
	attributes []string // name, value, name, value …
	children   []*element
	text       string
}

// el is an element with attributes as name, value pairs.
func el(name string, attributes ...string) *element {
	return &element{name: name, attributes: attributes}
}

// leaf is an element that holds text.
func leaf(name, text string, attributes ...string) *element {
	return &element{name: name, attributes: attributes, text: text}
}

func (e *element) set(name, value string) *element {
	e.attributes = append(e.attributes, name, value)
	return e
}

func (e *element) add(children ...*element) *element {
	for _, c := range children {
		if c != nil {
			e.children = append(e.children, c)
		}
	}
	return e
}

// appendTo writes the element; lines break before the children of the first few
// levels, so that two projects can be compared by line.
func (e *element) appendTo(dst []byte, depth int) []byte {
	dst = append(append(dst, '<'), e.name...)
	for i := 0; i+1 < len(e.attributes); i += 2 {
		dst = append(append(append(dst, ' '), e.attributes[i]...), `="`...)
		dst = append(appendEscaped(dst, e.attributes[i+1]), '"')
	}
	if e.text == "" && len(e.children) == 0 {
		return append(dst, "/>"...)
	}
	dst = appendEscaped(append(dst, '>'), e.text)
	for _, c := range e.children {
		if depth < 4 {
			dst = append(dst, '\n')
		}
		dst = c.appendTo(dst, depth+1)
	}
	if depth < 4 && len(e.children) > 0 {
		dst = append(dst, '\n')
	}
	return append(append(append(dst, "</"...), e.name...), '>')
}

// appendEscaped writes text as XML takes it. Breaks and tabs are kept as references,
// which a reader of attributes would else turn into spaces; characters that XML
// cannot hold become U+FFFD.
func appendEscaped(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '"':
			dst = append(dst, "&quot;"...)
		case r == '\n', r == '\r', r == '\t':
			dst = append(strconv.AppendInt(append(dst, "&#"...), int64(r), 10), ';')
		case r < ' ', r == 0xFFFE, r == 0xFFFF:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// number writes a number as QGIS reads it: the shortest decimal, no exponent.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func count(v int) string { return strconv.Itoa(v) }

// flag is a boolean as most attributes have it.
func flag(v bool) string {
	if v {
		return "1"
	}
	return "0"
}

// option is a typed value in the form most settings have.
func option(name, value string) *element {
	e := el("Option", "type", "QString")
	if name != "" {
		e.set("name", name)
	}
	return e.set("value", value)
}

// options is a map of values, given as name, value pairs.
func options(pairs ...string) *element {
	m := el("Option", "type", "Map")
	for i := 0; i+1 < len(pairs); i += 2 {
		m.add(option(pairs[i], pairs[i+1]))
	}
	return m
}

// Field is a column as an expression names it.
func Field(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Text is a text as an expression holds it.
func Text(s string) string {
	s = strings.ReplaceAll(s, `\`, `\\`)
	s = strings.ReplaceAll(s, "\n", `\n`)
	return "'" + strings.ReplaceAll(s, "'", `''`) + "'"
}
