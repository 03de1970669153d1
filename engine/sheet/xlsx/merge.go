package xlsx

import (
	"bytes"
	"strconv"
)

// Span is a block of merged cells, rows from 1 and columns from 0, ends included.
type Span struct{ Row, LastRow, Column, LastColumn int }

// Merges reads on behind the rows to the merged cells, and to the end of the
// worksheet, where a damaged one shows. Rows that were not read yet are searched for
// their end and not taken apart. It is the last that can be read.
func (r *Rows) Merges(each func(Span) error) error {
	if !r.ended {
		if found, err := r.m.skipPast([]byte("sheetData>")); !found {
			return bare(orCut(err))
		}
		r.ended = true
	}
	for {
		kind, err := r.m.next()
		if err != nil {
			return bare(err)
		}
		switch {
		case kind == done:
			return nil
		case kind == open && string(r.m.name) == "mergeCell":
			if s, ok := parseSpan(r.m.attr("ref")); ok {
				if err := each(s); err != nil {
					return err
				}
			}
		}
	}
}

// skipPast passes over everything up to and with an end tag; false when there is none.
func (m *markup) skipPast(end []byte) (bool, error) {
	const before = 64 // what an end tag with a prefix has in front of its name, and more
	for {
		for from := m.at; ; {
			i := bytes.Index(m.buf[from:m.end], end)
			if i < 0 {
				break
			}
			from += i + len(end)
			tag := m.buf[m.at:from]
			tag = tag[max(0, bytes.LastIndexByte(tag, '<')):]
			if bytes.HasPrefix(tag, []byte("</")) && bytes.IndexByte(tag, '>') == len(tag)-1 {
				m.at = from
				return true, nil
			}
		}
		m.at = max(m.at, m.end-before-len(end))
		if ok, err := m.more(); !ok {
			return false, err
		}
	}
}

// parseSpan reads a reference such as A1:C2.
func parseSpan(ref string) (Span, bool) {
	first, last, ok := bytes.Cut([]byte(ref), []byte(":"))
	if !ok {
		return Span{}, false
	}
	s := Span{rowOf(first), rowOf(last), columnOf(first), columnOf(last)}
	ok = s.Row > 0 && s.LastRow >= s.Row && s.Column >= 0 && s.LastColumn >= s.Column && s.LastColumn < MostColumns
	return s, ok
}

// rowOf is the row of a reference such as AB12; 0 without one.
func rowOf(ref []byte) int {
	n, err := strconv.Atoi(string(bytes.TrimLeft(ref, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")))
	if err != nil || n > MostRows {
		return 0
	}
	return n
}
