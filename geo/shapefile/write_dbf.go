package shapefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// table is a .dbf being written.
type table struct {
	name    string // of the encoding
	driver  byte
	text    transform.Transformer // nil: UTF-8
	fields  []Field
	names   [][]byte // of the fields, encoded
	cells   []byte   // of a row
	encoded []byte
}

// most is the width of the widest fields that all readers take.
const (
	mostText    = 254
	mostDigits  = 32
	dateWidth   = 8
	fieldsLimit = 255
)

// newTable checks fields and encoding.
func newTable(fields []Field, encoding string) (*table, error) {
	t := &table{name: "UTF-8", fields: slices.Clone(fields)}
	switch page(encoding) {
	case pageUTF8:
	case 936:
		t.name, t.driver, t.text = "GBK", 0x4D, simplifiedchinese.GBK.NewEncoder().Transformer
	default:
		if encoding != "" {
			return nil, fmt.Errorf("encoding %q is not written: take UTF-8 or GBK", encoding)
		}
	}
	if len(fields) == 0 || len(fields) > fieldsLimit {
		return nil, fmt.Errorf("%d fields: a .dbf has 1 to %d", len(fields), fieldsLimit)
	}
	rowBytes := 1
	seen := map[string]bool{}
	for i := range t.fields {
		f := &t.fields[i]
		name, err := t.encode([]byte(f.Name))
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
		if seen[strings.ToLower(f.Name)] {
			return nil, fmt.Errorf("field %q: another has this name", f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
		t.names = append(t.names, slices.Clone(name))
		if len(name) == 0 || len(name) > nameWidth || bytes.IndexByte(name, 0) >= 0 {
			return nil, fmt.Errorf("field %q: a name is 1 to %d bytes long", f.Name, nameWidth)
		}
		if err := writable(f); err != nil {
			return nil, fmt.Errorf("field %q: %w", f.Name, err)
		}
		f.at = rowBytes
		rowBytes += f.Width
	}
	if rowBytes > math.MaxUint16 {
		return nil, fmt.Errorf("a row is %d bytes long: a .dbf takes %d", rowBytes, math.MaxUint16)
	}
	t.cells = make([]byte, rowBytes)
	return t, nil
}

// writable checks a field, and gives dates and yes or no their width.
func writable(f *Field) error {
	switch f.Type {
	case 'C':
		if f.Width < 1 || f.Width > mostText {
			return fmt.Errorf("text is 1 to %d bytes wide", mostText)
		}
		return nil
	case 'N', 'F':
		if f.Width < 1 || f.Width > mostDigits || f.Decimals < 0 || f.Decimals > 0 && f.Decimals > f.Width-2 {
			return fmt.Errorf("numbers are 1 to %d digits wide, with room for the point", mostDigits)
		}
		return nil
	case 'D':
		f.Width, f.Decimals = dateWidth, 0
		return nil
	case 'L':
		f.Width, f.Decimals = 1, 0
		return nil
	}
	return fmt.Errorf("type %q is not written: take C, N, F, D or L", f.Type)
}

// head is the header of a .dbf of so many rows, without a date.
func (t *table) head(rows uint32) []byte {
	size := tableHead + fieldBytes*len(t.fields) + 1
	b := make([]byte, tableHead, size)
	b[0] = 3 // dBase III, without memos
	b[2], b[3] = 1, 1
	binary.LittleEndian.PutUint32(b[4:], rows)
	binary.LittleEndian.PutUint16(b[8:], uint16(size))
	binary.LittleEndian.PutUint16(b[10:], uint16(len(t.cells)))
	b[29] = t.driver
	for i, f := range t.fields {
		var d [fieldBytes]byte
		copy(d[:], t.names[i])
		d[11], d[16], d[17] = f.Type, byte(f.Width), byte(f.Decimals)
		b = append(b, d[:]...)
	}
	return append(b, fieldsEnd)
}

// row is a row of the .dbf, valid until the next.
func (t *table) row(values [][]byte) ([]byte, error) {
	if len(values) != len(t.fields) {
		return nil, fmt.Errorf("%d values for %d fields", len(values), len(t.fields))
	}
	t.cells[0] = ' '
	for i := range t.fields {
		f := &t.fields[i]
		if err := t.cell(f, t.cells[f.at:f.at+f.Width], values[i]); err != nil {
			return nil, fmt.Errorf("field %q, value %q: %w", f.Name, values[i], err)
		}
	}
	return t.cells, nil
}

// cell writes a value into its place.
func (t *table) cell(f *Field, to, v []byte) (err error) {
	for i := range to {
		to[i] = ' '
	}
	if len(v) == 0 {
		if f.Type == 'L' {
			to[0] = '?'
		}
		return nil
	}
	switch f.Type {
	case 'C':
		if v, err = t.encode(v); err != nil {
			return err
		}
		if bytes.IndexByte(v, 0) >= 0 {
			return errors.New("it holds a zero byte, which ends text in a .dbf")
		}
		if len(v) > len(to) {
			return fmt.Errorf("it takes %d bytes in %s, the field has %d: make it wider", len(v), t.name, len(to))
		}
		copy(to, v)
	case 'N', 'F':
		if len(v) > len(to) || len(bytes.Trim(v, "+-.0123456789eE")) > 0 {
			return fmt.Errorf("no number of at most %d characters", len(to))
		}
		copy(to[len(to)-len(v):], v)
	case 'D':
		if len(v) != len("2024-06-30") || v[4] != '-' || v[7] != '-' {
			return errNoDate
		}
		copy(to, v[:4])
		copy(to[4:], v[5:7])
		copy(to[6:], v[8:])
		if len(bytes.Trim(to, "0123456789")) > 0 {
			return errNoDate
		}
	case 'L':
		switch string(v) {
		case "true":
			to[0] = 'T'
		case "false":
			to[0] = 'F'
		default:
			return errors.New("neither true nor false")
		}
	}
	return nil
}

var errNoDate = errors.New("no date such as 2024-06-30")

// encode gives text in the table's encoding, valid until the next call.
func (t *table) encode(v []byte) ([]byte, error) {
	if !utf8.Valid(v) {
		return nil, errors.New("it is not UTF-8")
	}
	if t.text == nil || ascii(v) {
		return v, nil
	}
	t.encoded = slices.Grow(t.encoded[:0], 2*len(v)+utf8.UTFMax)
	t.text.Reset()
	n, _, err := t.text.Transform(t.encoded[:cap(t.encoded)], v, true)
	if err != nil {
		return nil, fmt.Errorf("it has characters that %s has not: write UTF-8", t.name)
	}
	return t.encoded[:n], nil
}
