package xlsx

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The size of a worksheet, which its format sets.
const (
	MostRows    = 1 << 20
	MostColumns = 1 << 14
)

// Content is what a cell holds.
type Content byte

// The contents of cells.
const (
	Nothing Content = iota
	Text
	Number
	Day     // a number that is shown as a date
	Percent // a number that is shown as a percentage
	Truth
	Fault // an error such as #N/A
)

// Rows reads a worksheet row by row. Close closes it.
type Rows struct {
	m        *markup
	in       io.Closer
	shared   []string
	styles   []format
	from1904 bool

	// The row that Next found.
	Row    int // from 1
	Hidden bool
	// Cells are its cells up to the last that holds something, and Holds what they
	// hold. The slices are valid until the next row, the strings for good.
	Cells []string
	Holds []Content
	// Uncomputed counts the formulas so far that no value was stored with.
	Uncomputed int

	hold    arena
	scratch []byte
	inRows  bool
	ended   bool // the last row was read
}

// Rows opens a worksheet at its first row.
func (b *Book) Rows(s Sheet) (*Rows, error) {
	if err := b.prepare(); err != nil {
		return nil, err
	}
	in, err := b.part(s.part, mostSheet)
	if err != nil {
		return nil, err
	}
	unpacked := readAhead(in)
	return &Rows{m: newMarkup(unpacked), in: unpacked, shared: b.shared, styles: b.styles, from1904: b.from1904}, nil
}

// Next goes to the next row that the worksheet lists; false behind the last.
func (r *Rows) Next() (bool, error) {
	if r.ended {
		return false, nil
	}
	for {
		kind, err := r.m.next()
		if err != nil {
			return false, r.at(err)
		}
		name := r.m.name
		switch {
		case kind == done:
			return false, r.at(errCut)
		case kind == open && !r.inRows:
			r.inRows = string(name) == "sheetData"
			if r.inRows && r.m.closed {
				r.ended = true
				return false, nil
			}
		case kind == open && string(name) == "row":
			err := r.at(r.readRow())
			return err == nil, err
		case kind == shut && string(name) == "sheetData":
			r.ended = true
			return false, nil
		}
	}
}

// at says in which row an error came up.
func (r *Rows) at(err error) error {
	if err == nil {
		return nil
	}
	if r.Row == 0 {
		return bare(err)
	}
	return fmt.Errorf("row %d: %w", r.Row, bare(err))
}

func (r *Rows) readRow() error {
	closed := r.m.closed
	clear(r.Cells)
	clear(r.Holds)
	r.Cells, r.Holds = r.Cells[:0], r.Holds[:0]
	if err := r.rowHead(); err != nil || closed {
		return err
	}
	column := -1
	for {
		kind, err := r.m.next()
		if err != nil {
			return err
		}
		switch {
		case kind == done:
			return errCut
		case kind == shut && string(r.m.name) == "row":
			return nil
		case kind == open && string(r.m.name) == "c":
			if column, err = r.readCell(column); err != nil {
				return err
			}
		}
	}
}

// rowHead reads the row's number, which is the one behind the last where it has none.
func (r *Rows) rowHead() error {
	last := r.Row
	r.Row++
	r.Hidden = false
	for rest := r.m.attrs; ; {
		name, value, left, ok := attribute(rest)
		if !ok {
			break
		}
		switch string(name) {
		case "r":
			n, err := strconv.Atoi(string(value))
			if err != nil || n > MostRows {
				return fmt.Errorf("its number %q is none; get the file again", Clip(string(value)))
			}
			if r.Row = n; n <= last {
				return fmt.Errorf("it stands behind row %d; open the file in Excel or WPS and save it as .xlsx anew", last)
			}
		case "hidden":
			r.Hidden = string(value) == "1" || string(value) == "true"
		}
		rest = left
	}
	if r.Row > MostRows {
		return fmt.Errorf("a worksheet has no more than %d rows", MostRows)
	}
	return nil
}

// cell is a cell's start tag.
type cell struct {
	column int
	style  int
	kind   kind
}

// kind is how a cell's stored value is to be read.
type kind byte

const (
	ofNumber kind = iota
	ofShared
	ofText
	ofTruth
	ofFault
	ofDay
)

var kinds = map[string]kind{"s": ofShared, "str": ofText, "inlineStr": ofText, "b": ofTruth, "e": ofFault, "d": ofDay}

// cellHead reads a cell's start tag; one that names no column is the next.
func (r *Rows) cellHead(last int) (cell, error) {
	c := cell{column: last + 1}
	for rest := r.m.attrs; ; {
		name, value, left, ok := attribute(rest)
		if !ok {
			break
		}
		switch string(name) {
		case "r":
			if n := columnOf(value); n >= 0 {
				c.column = n
			}
		case "s":
			c.style, _ = strconv.Atoi(string(value))
		case "t":
			c.kind = kinds[string(value)]
		}
		rest = left
	}
	if c.column >= MostColumns {
		return c, fmt.Errorf("a cell lies behind the last column that a worksheet can have")
	}
	return c, nil
}

// columnOf is the column of a reference such as AB12, from 0; -1 without letters.
func columnOf(ref []byte) int {
	n := 0
	for i, c := range ref {
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c < 'A' || c > 'Z':
			if i == 0 {
				return -1
			}
			return n - 1
		}
		if n = n*26 + int(c-'A') + 1; n > MostColumns {
			return MostColumns
		}
	}
	return n - 1
}

// readCell reads a cell and says in which column it was.
func (r *Rows) readCell(last int) (int, error) {
	closed := r.m.closed
	c, err := r.cellHead(last)
	if err != nil || closed {
		return c.column, err
	}
	value, formula, stored, err := r.value()
	switch {
	case err != nil:
		return c.column, err
	case len(value) > 0:
		return c.column, r.set(c, value)
	case formula && (!stored || c.kind == ofNumber): // a formula may well give an empty text
		r.Uncomputed++
	}
	return c.column, nil
}

// value reads what a cell holds up to its end tag, into the scratch: whether it has a
// formula, and whether a value, be it empty, is stored.
func (r *Rows) value() (value []byte, formula, stored bool, err error) {
	v := r.scratch[:0]
	taking, reading := false, false // a value's element; a phonetic guide
	for {
		kind, err := r.m.next()
		if err != nil {
			return nil, false, false, err
		}
		switch {
		case kind == done:
			return nil, false, false, errCut
		case kind == chars:
			if taking && !reading {
				v = appendText(v, r.m.text, r.m.cdata)
			}
		case kind == shut && string(r.m.name) == "c":
			r.scratch = v
			return v, formula, stored, nil
		default:
			begins := kind == open && !r.m.closed
			switch string(r.m.name) {
			case "v", "t":
				taking = begins
				stored = true
			case "rPh":
				reading = begins
			case "f":
				formula = true
			}
		}
		if len(v) > longestToken {
			return nil, false, false, errToken
		}
	}
}

// set puts a cell's value into the row.
func (r *Rows) set(c cell, value []byte) error {
	held, holds := "", Text
	switch c.kind {
	case ofShared:
		n, err := strconv.Atoi(strings.TrimSpace(string(value)))
		if err != nil || n < 0 || n >= len(r.shared) {
			return fmt.Errorf("column %s names text %q, which the workbook has not; get the file again", ColumnName(c.column), Clip(string(value)))
		}
		held = r.shared[n]
	case ofNumber:
		return r.setNumber(c, value)
	case ofTruth:
		held, holds = "FALSE", Truth
		if string(value) == "1" || string(value) == "true" {
			held = "TRUE"
		}
	case ofFault:
		held, holds = r.hold.hold(value), Fault
	case ofDay:
		if len(value) > 10 && value[10] == 'T' {
			value = value[:10]
		}
		held, holds = r.hold.hold(value), Day
	default:
		held = r.hold.hold(value)
	}
	r.put(c.column, held, holds)
	return nil
}

// put puts a text into a column of the row.
func (r *Rows) put(column int, held string, holds Content) {
	if held == "" {
		return
	}
	for column >= len(r.Cells) {
		r.Cells = append(r.Cells, "")
		r.Holds = append(r.Holds, Nothing)
	}
	r.Cells[column], r.Holds[column] = held, holds
}

// exactDigits is how many digits of a whole number a spreadsheet keeps.
const exactDigits = 15

// setNumber puts a number as it is stored, not as it is shown; one that is shown as a
// date as that day. A whole number of more digits than a spreadsheet keeps was a code
// before its last ones were lost: it comes out as 9.133E+17 whoever wrote the file.
func (r *Rows) setNumber(c cell, value []byte) error {
	holds := Number
	if c.style >= 0 && c.style < len(r.styles) {
		switch r.styles[c.style] {
		case dateFormat:
			serial, err := strconv.ParseFloat(string(value), 64)
			var buf [10]byte
			if date, ok := appendDate(buf[:0], serial, r.from1904); err == nil && ok {
				r.put(c.column, r.hold.hold(date), Day)
				return nil
			}
		case percentFormat:
			holds = Percent
		}
	}
	if len(value) > exactDigits && wholeNumber(value) {
		f, err := strconv.ParseFloat(string(value), 64)
		if err != nil {
			return fmt.Errorf("column %s: %q is no number; get the file again", ColumnName(c.column), Clip(string(value)))
		}
		value = strconv.AppendFloat(value[:0], f, 'E', -1, 64)
	}
	r.put(c.column, r.hold.hold(value), holds)
	return nil
}

func wholeNumber(v []byte) bool {
	if v[0] == '-' {
		v = v[1:]
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(v) > exactDigits
}

// ColumnName is a column as spreadsheets name it: A, B, …, Z, AA.
func ColumnName(column int) string {
	var name []byte
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = append([]byte{byte('A' + (n-1)%26)}, name...)
	}
	return string(name)
}

// Clip is a text short enough for a line of a message.
func Clip(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// Close ends the reading of the worksheet.
func (r *Rows) Close() error { return r.in.Close() }
