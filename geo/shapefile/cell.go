package shapefile

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
)

// Cell is the value of field i of the record, as text in UTF-8, or nil when nothing
// is entered. Text is without the blanks behind it, numbers without any and with the
// digits they have in the file, dates are 2024-06-30, yes and no true and false;
// what is no date or no yes or no comes as it stands. The bytes are valid until the
// next call of Next.
//
// Text that is cut where its cell ends, in the middle of a character, comes without
// that half. problem says in a few words why a cell can't be read (text is then what
// could be): that is the row's fault, not the file's.
func (r *Reader) Cell(i int) (text []byte, problem string) {
	f := &r.f.table.fields[i]
	raw := r.row[f.at : f.at+f.Width]
	switch f.Type {
	case 'C':
		return r.textCell(raw)
	case 'N', 'F':
		raw = trimmed(raw)
		if len(raw) == 0 || raw[0] == '*' { // how writers fill what has no value
			return nil, ""
		}
		return r.decoded(raw, false)
	case 'D':
		return r.dateCell(raw)
	case 'L':
		return r.logicalCell(raw)
	case 'I', 'B', 'O':
		if len(raw) == binaryWidth(f.Type) {
			return r.binaryCell(f.Type, raw), ""
		}
	}
	if len(bytes.Trim(raw, " \x00")) == 0 {
		return nil, ""
	}
	return nil, "the field is of a type that is not read (a memo, say): save it as text"
}

func (r *Reader) textCell(raw []byte) (text []byte, problem string) {
	width := len(raw)
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		raw = raw[:i]
	}
	for len(raw) >= 8 && string(raw[len(raw)-8:]) == "        " {
		raw = raw[:len(raw)-8]
	}
	for len(raw) > 0 && raw[len(raw)-1] == ' ' {
		raw = raw[:len(raw)-1]
	}
	return r.decoded(raw, len(raw) >= width-1)
}

// decoded is text in UTF-8; nil when there is none.
func (r *Reader) decoded(raw []byte, cut bool) (text []byte, problem string) {
	if len(raw) == 0 {
		return nil, ""
	}
	r.cells, text, problem = r.text.decode(r.cells, raw, cut)
	return text, problem
}

// dateCell gives 20240630 as 2024-06-30.
func (r *Reader) dateCell(raw []byte) (text []byte, problem string) {
	raw = trimmed(raw)
	if len(bytes.Trim(raw, "0")) == 0 {
		return nil, ""
	}
	if len(raw) != 8 || len(bytes.Trim(raw, "0123456789")) > 0 {
		return r.decoded(raw, false)
	}
	from := len(r.cells)
	r.cells = append(r.cells, raw[:4]...)
	r.cells = append(r.cells, '-', raw[4], raw[5], '-', raw[6], raw[7])
	return r.cells[from:], ""
}

var yes, no = []byte("true"), []byte("false")

func (r *Reader) logicalCell(raw []byte) (text []byte, problem string) {
	raw = trimmed(raw)
	if len(raw) == 1 {
		switch raw[0] {
		case 'T', 't', 'Y', 'y':
			return yes, ""
		case 'F', 'f', 'N', 'n':
			return no, ""
		case '?':
			return nil, ""
		}
	}
	return r.decoded(raw, false)
}

// binaryCell writes a number in binary, little-endian, as its shortest decimal.
func (r *Reader) binaryCell(kind byte, raw []byte) []byte {
	from := len(r.cells)
	if kind == 'I' {
		r.cells = strconv.AppendInt(r.cells, int64(int32(binary.LittleEndian.Uint32(raw))), 10)
	} else {
		v := math.Float64frombits(binary.LittleEndian.Uint64(raw))
		r.cells = strconv.AppendFloat(r.cells, v, 'g', -1, 64)
	}
	return r.cells[from:]
}

// trimmed is a cell without blanks and zero bytes about it.
func trimmed(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == 0) {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == 0) {
		b = b[:len(b)-1]
	}
	return b
}
