package lines

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
)

// Records parts the records of one block after the other into cells. It is used by
// one goroutine.
type Records struct {
	mark    byte
	data    []byte
	at      int
	line    int // that data[at] stands on
	cells   [][]byte
	scratch []byte // cells that are not as they stand
}

// NewRecords is for cells that are separated by mark, which is neither a quote nor a
// line end.
func NewRecords(mark byte) *Records { return &Records{mark: mark} }

// Reset begins a block.
func (r *Records) Reset(b Block) { r.data, r.at, r.line = b.Data, 0, b.Line }

// Rest is what is left of the block.
func (r *Records) Rest() Block {
	data := r.data[r.at:]
	return Block{Data: data, Line: r.line, Lines: bytes.Count(data, []byte{'\n'}) + 1}
}

// Next is the next record and the line it begins on, or io.EOF behind the last. Empty
// lines are passed over. The cells are good until the next call.
func (r *Records) Next() (cells [][]byte, line int, err error) {
	for r.at < len(r.data) {
		text, next := r.data[r.at:], len(r.data)
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			text, next = text[:i], r.at+i+1
		}
		if n := len(text); n > 0 && text[n-1] == '\r' {
			text = text[:n-1]
		}
		line = r.line
		if len(text) == 0 {
			r.at, r.line = next, line+1
			continue
		}
		if bytes.IndexByte(text, '"') >= 0 {
			cells, err = r.quoted()
			return cells, line, err
		}
		r.at, r.line = next, line+1
		return r.part(text), line, nil
	}
	return nil, r.line, io.EOF
}

// part parts a line without quotes.
func (r *Records) part(text []byte) [][]byte {
	cells := r.cells[:0]
	for {
		i := bytes.IndexByte(text, r.mark)
		if i < 0 {
			break
		}
		cells = append(cells, text[:i])
		text = text[i+1:]
	}
	r.cells = append(cells, text)
	return r.cells
}

// quoted parts a record in which there are quotes; it may go on over several lines.
func (r *Records) quoted() ([][]byte, error) {
	r.cells, r.scratch = r.cells[:0], r.scratch[:0]
	for at := r.at; ; {
		cell, next, ok := r.cell(at)
		if !ok {
			return r.strictly()
		}
		r.cells = append(r.cells, cell)
		switch {
		case next == len(r.data):
			r.pass(next)
			return r.cells, nil
		case r.data[next] == '\n':
			r.pass(next + 1)
			return r.cells, nil
		}
		at = next + 1
	}
}

// pass goes on behind a record.
func (r *Records) pass(to int) {
	r.line += bytes.Count(r.data[r.at:to], []byte{'\n'})
	r.at = to
}

// cell is the cell at a place; next is where the mark or the line end behind it
// stands. ok is false where it is not well-formed.
func (r *Records) cell(at int) (cell []byte, next int, ok bool) {
	if at < len(r.data) && r.data[at] == '"' {
		return r.inQuotes(at + 1)
	}
	next = at
	for next < len(r.data) && r.data[next] != r.mark && r.data[next] != '\n' {
		if r.data[next] == '"' {
			return nil, 0, false
		}
		next++
	}
	cell = r.data[at:next]
	if n := len(cell); n > 0 && cell[n-1] == '\r' && (next == len(r.data) || r.data[next] == '\n') {
		cell = cell[:n-1]
	}
	return cell, next, true
}

// inQuotes is the cell behind an opening quote.
func (r *Records) inQuotes(at int) (cell []byte, next int, ok bool) {
	from, plain := len(r.scratch), true
	for {
		i := bytes.IndexByte(r.data[at:], '"')
		if i < 0 {
			return nil, 0, false
		}
		piece := r.data[at : at+i]
		at += i + 1
		again := at < len(r.data) && r.data[at] == '"'
		if plain = plain && !again && bytes.IndexByte(piece, '\r') < 0; plain {
			cell = piece
			break
		}
		r.scratch = appendLines(r.scratch, piece)
		if !again {
			cell = r.scratch[from:len(r.scratch):len(r.scratch)]
			break
		}
		r.scratch = append(r.scratch, '"')
		at++
	}
	if at+1 < len(r.data) && r.data[at] == '\r' && r.data[at+1] == '\n' || at+1 == len(r.data) && r.data[at] == '\r' {
		at++
	}
	return cell, at, at == len(r.data) || r.data[at] == r.mark || r.data[at] == '\n'
}

// appendLines appends a text with its line ends as LF.
func appendLines(dst, text []byte) []byte {
	for {
		i := bytes.Index(text, []byte("\r\n"))
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i+1:]
	}
}

// strictly asks encoding/csv for the record: what is wrong with it.
func (r *Records) strictly() ([][]byte, error) {
	in := csv.NewReader(bytes.NewReader(r.data[r.at:]))
	in.Comma, in.FieldsPerRecord = rune(r.mark), -1
	record, err := in.Read()
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		wrong.StartLine += r.line - 1
		wrong.Line += r.line - 1
	}
	if err != nil {
		return nil, err
	}
	r.cells = r.cells[:0]
	for _, text := range record {
		r.cells = append(r.cells, []byte(text))
	}
	r.pass(r.at + int(in.InputOffset()))
	return r.cells, nil
}
