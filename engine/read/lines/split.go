// Package lines reads texts of separated cells (RFC 4180) fast: one goroutine cuts a
// text into blocks of whole records, others part the records of a block into cells.
//
// It takes and refuses what encoding/csv does, with the same errors, whose parser it
// asks where a record is not well-formed; it knows no header, no type and no encoding
// but UTF-8.
package lines

import (
	"bytes"
	"errors"
	"io"
)

// Block is some whole records of a text.
type Block struct {
	Data  []byte
	Line  int // that Data begins on, from 1
	Lines int // in Data: it has no more records than that
}

// Splitter cuts a text into blocks.
type Splitter struct {
	src  io.Reader
	mark byte
	size int
	rest []byte // behind the last block
	line int
	err  error // behind the rest
	free chan []byte
}

// spare is how many buffers wait to be used again.
const spare = 4

// NewSplitter cuts what src gives, whose cells are separated by mark, into blocks of
// about size bytes; a record that is longer has a block to itself.
func NewSplitter(src io.Reader, mark byte, size int) *Splitter {
	return &Splitter{src: src, mark: mark, size: size, line: 1, free: make(chan []byte, spare)}
}

// Line is the line that the next block begins on.
func (s *Splitter) Line() int { return s.line }

// Next is the next block, io.EOF behind the last, or what went wrong in reading.
func (s *Splitter) Next() (Block, error) {
	buf := append(s.buffer(), s.rest...)
	s.rest = s.rest[:0]
	scan := scanner{mark: s.mark, end: -1}
	for s.err == nil {
		if len(buf) == cap(buf) {
			buf = append(buf, make([]byte, len(buf))...)[:len(buf)]
		}
		n, err := io.ReadFull(s.src, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err != nil {
			s.err = err
			if errors.Is(err, io.ErrUnexpectedEOF) {
				s.err = io.EOF
			}
			break
		}
		if scan.look(buf); scan.broken {
			break
		}
		if scan.end >= 0 {
			s.rest = append(s.rest, buf[scan.end+1:]...)
			buf = buf[:scan.end+1]
			break
		}
	}
	if len(buf) == 0 {
		return Block{}, s.err
	}
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return Block{}, s.err
	}
	b := Block{Data: buf, Line: s.line, Lines: bytes.Count(buf, []byte{'\n'}) + 1}
	s.line += b.Lines - 1
	return b, nil
}

func (s *Splitter) buffer() []byte {
	select {
	case buf := <-s.free:
		return buf[:0]
	default:
		return make([]byte, 0, max(1, s.size))
	}
}

// Recycle gives a block's memory back: nothing of it is used any more.
func (s *Splitter) Recycle(b Block) {
	if cap(b.Data) > 2*s.size {
		return
	}
	select {
	case s.free <- b.Data:
	default:
	}
}

// scanner finds where records end in bytes that come little by little.
type scanner struct {
	mark   byte
	at     int  // looked at so far
	inside bool // a quoted cell
	end    int  // the last line end outside one, or -1
	broken bool // a quote stands where none may: there is no telling what is quoted
}

// look looks at what is new. A quote opens a cell only at its beginning; behind one
// that closed it, it stands for itself.
func (s *scanner) look(b []byte) {
	for s.at < len(b) {
		q := bytes.IndexByte(b[s.at:], '"')
		stop := len(b)
		if q >= 0 {
			stop = s.at + q
		}
		if !s.inside {
			if i := bytes.LastIndexByte(b[s.at:stop], '\n'); i >= 0 {
				s.end = s.at + i
			}
		}
		if q < 0 {
			s.at = len(b)
			return
		}
		if !s.inside && stop > 0 {
			if before := b[stop-1]; before != s.mark && before != '\n' && before != '"' {
				s.broken = true
				return
			}
		}
		s.inside = !s.inside
		s.at = stop + 1
	}
}
