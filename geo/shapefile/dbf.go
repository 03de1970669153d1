package shapefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Field is a column of the .dbf.
type Field struct {
	// Name is the column's name as it stands there, in UTF-8: writers cut it to 10
	// bytes. Half a character at its end is left out.
	Name string
	// Type is the letter of its type: C text, N and F numbers as text, D a date, L
	// yes or no, I an integer and B or O a floating-point number in binary. Others
	// (M, a memo) are not read.
	Type byte
	// Width is the bytes of a cell, Decimals the digits behind the point.
	Width, Decimals int

	at int // of the cell in a row
}

// Numeric says whether the column holds numbers.
func (f Field) Numeric() bool {
	switch f.Type {
	case 'N', 'F', 'I', 'B', 'O':
		return true
	}
	return false
}

// header is what the beginning of a .dbf says.
type header struct {
	rows      int64
	first     int64 // byte of the first row
	rowBytes  int
	driver    byte // the language driver, 0: none
	fields    []Field
	nameBytes [][]byte // of the fields, as they stand in the file
}

const (
	tableHead  = 32
	fieldBytes = 32
	fieldsEnd  = 0x0D
	nameWidth  = 10 // of the 11 bytes of a name: the last is zero
)

// read reads and checks the header.
func (h *header) read(p part) error {
	if p.size < tableHead {
		return fmt.Errorf("not a .dbf: it has only %d bytes", p.size)
	}
	var fixed [tableHead]byte
	if _, err := p.r.ReadAt(fixed[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return errText(err)
	}
	switch version := fixed[0]; {
	case string(fixed[:4]) == "PK\x03\x04":
		return errors.New("it is compressed: unpack it first")
	case version == 0x04 || version == 0x8C:
		return errors.New("a table of dBase 7, which is not read: save it as dBase IV")
	case version&7 != 3 && version&7 != 5 && version&0xF8 != 0x30: // dBase III to 5, FoxPro
		return fmt.Errorf("not a .dbf: it begins with 0x%02x", version)
	}
	h.rows = int64(binary.LittleEndian.Uint32(fixed[4:]))
	h.first = int64(binary.LittleEndian.Uint16(fixed[8:]))
	h.rowBytes = int(binary.LittleEndian.Uint16(fixed[10:]))
	h.driver = fixed[29]
	switch {
	case h.first < tableHead+1 || h.rowBytes < 1:
		return fmt.Errorf("not a .dbf: its header says that it is %d bytes long and a row %d", h.first, h.rowBytes)
	case h.first > p.size:
		return fmt.Errorf("its header should be %d bytes long, but the file has %d: it was cut short; copy it again", h.first, p.size)
	}
	if fit := (p.size - h.first) / int64(h.rowBytes); fit < h.rows {
		return fmt.Errorf("it should have %d rows, but the file ends after %d: it was cut short; copy it again", h.rows, fit)
	}
	described := make([]byte, h.first-tableHead)
	if _, err := p.r.ReadAt(described, tableHead); err != nil && !errors.Is(err, io.EOF) {
		return errText(err)
	}
	return h.readFields(described)
}

// readFields reads the descriptions of the fields.
func (h *header) readFields(b []byte) error {
	at := 1 // behind the mark of a deleted row
	for ; len(b) >= fieldBytes && b[0] != fieldsEnd; b = b[fieldBytes:] {
		f := Field{Type: b[11], Width: int(b[16]), Decimals: int(b[17]), at: at}
		if f.Type >= 'a' && f.Type <= 'z' {
			f.Type -= 'a' - 'A'
		}
		if want := binaryWidth(f.Type); want > 0 && f.Width != want && f.Type != 'B' {
			return fmt.Errorf("field %d of type %c is %d bytes wide instead of %d: the table is damaged", len(h.fields)+1, f.Type, f.Width, want)
		}
		at += f.Width
		name, _, _ := bytes.Cut(b[:11], []byte{0})
		h.fields = append(h.fields, f)
		h.nameBytes = append(h.nameBytes, bytes.TrimRight(name, " "))
	}
	if at != h.rowBytes {
		return fmt.Errorf("a row is %d bytes long by the header, but its %d fields come to %d: the table is damaged; write the layer again",
			h.rowBytes, len(h.fields), at)
	}
	return nil
}

// binaryWidth is how wide a field is that holds a number in binary; 0 for others.
func binaryWidth(kind byte) int {
	switch kind {
	case 'I':
		return 4
	case 'B', 'O':
		return 8
	}
	return 0
}

// nameFields decodes the names of the fields.
func (h *header) nameFields(e *encoding) error {
	d := e.decoder()
	for i, raw := range h.nameBytes {
		_, name, problem := d.decode(nil, raw, len(raw) >= nameWidth-1)
		if problem != "" {
			return fmt.Errorf("the name of field %d (%s): %s", i+1, shown(raw), problem)
		}
		h.fields[i].Name = string(name)
	}
	return nil
}

// shown is a name whose encoding is not known, in ASCII.
func shown(raw []byte) string {
	if utf8.Valid(raw) {
		return fmt.Sprintf("%+q", raw)
	}
	return fmt.Sprintf("bytes % x", raw)
}
