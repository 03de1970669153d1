package sheet

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/sheet/xlsx"
)

// Options say what is known of a worksheet's table. The zero value finds nothing:
// Known or HeaderAt is needed.
type Options struct {
	// HeaderAt is the first row of the head, from 1; 0 has it found.
	HeaderAt int
	// HeaderRows is how many rows the head has; 0 has it found, up to three.
	HeaderRows int
	// Known says whether a header means something. It is asked of headers as Headers
	// gives them, those of several rows joined. The head begins in the first row in
	// which, alone or joined with one or two below it, at least two headers and most
	// of those that are not empty are known; if there is none, the row with the most
	// known headers, three at least, is the head.
	Known func(header string) bool
	// Unit says whether a text names a unit of measure. With it, a row of units
	// below the head is taken into the headers. It may be nil.
	Unit func(text string) bool
}

var (
	errEmpty   = errors.New("it is empty")
	errNoHead  = fmt.Errorf("none of its first %d rows has two headers that are known; say in which row the headers are", searched)
	errUnknown = errors.New("no header in the row that is to be its head is known")
	errNoHints = errors.New("nothing says what its headers mean; say in which row they are")
)

// mostHeaderAt is the last row that a head may begin in.
const mostHeaderAt = 1000

// Counts are what a reader of a table ought to be told of. They are whole when Next
// has returned io.EOF.
type Counts struct {
	Hidden     int // data rows that are hidden, and were read
	Uncomputed int // formulas that no value was stored with: their cells are empty
	Beside     int // cells that hold something to the right of the head; they are left out
	MergedDown int // merged blocks over several data rows: only their first row holds the value
}

// Table is the table of a worksheet: its head, and its data rows as a stream. Close
// closes it.
type Table struct {
	// Sheet is the worksheet's name.
	Sheet string
	// Headers has a header for every column from the worksheet's first on to the
	// last that has one; columns without are empty. The parts of a head of several
	// rows are joined as in 税收 > 亩均（万元/亩）.
	Headers []string
	// HeadAt and HeadEnd are the first and the last row of the head.
	HeadAt, HeadEnd int

	path    string
	grid    *xlsx.Rows
	rules   rules
	cells   []string
	holds   []xlsx.Content // of the current row
	dropped []Dropped
	counts  Counts
	percent []int
	last    int // the last row that held something
}

// Sheet is a worksheet of a workbook.
type Sheet = xlsx.Sheet

// Book is an open workbook. One goroutine at a time may use it or its tables.
type Book struct {
	book *xlsx.Book
	path string
}

// Open opens a workbook (.xlsx, .xlsm, .xltx). What only looks like one, an old .xls
// or .et, a workbook under a password, is an error that says what to save it as.
func Open(path string) (*Book, error) {
	b, err := xlsx.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &Book{b, path}, nil
}

// Sheets lists the worksheets in the order of their tabs, hidden ones too. Charts and
// macro sheets are none.
func (b *Book) Sheets() []Sheet { return b.book.Sheets() }

// Close closes the workbook's file.
func (b *Book) Close() error { return b.book.Close() }

// Table finds the table in a worksheet. Without a name it is the only visible one in
// which a head is found. The whole part is unpacked once beforehand, for its merged
// cells and to know that it is not damaged.
func (b *Book) Table(sheet string, o Options) (*Table, error) {
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("read %s: %w", b.path, err)
	}
	if sheet == "" {
		return b.only(o)
	}
	for _, s := range b.Sheets() {
		if s.Name != sheet {
			continue
		}
		t, err := b.table(s, o)
		if err != nil {
			return nil, fmt.Errorf("read %s: sheet %q: %w", b.path, sheet, err)
		}
		return t, nil
	}
	return nil, fmt.Errorf("read %s: there is no sheet %q; it has %s", b.path, sheet, quoted(b.Sheets()))
}

func (o Options) check() error {
	switch {
	case o.HeaderAt < 0 || o.HeaderAt > mostHeaderAt:
		return fmt.Errorf("header row %d is not between 1 and %d", o.HeaderAt, mostHeaderAt)
	case o.HeaderRows < 0 || o.HeaderRows > mostHeadRows:
		return fmt.Errorf("a head of %d rows cannot be read; it may have 1 to %d", o.HeaderRows, mostHeadRows)
	case o.HeaderAt == 0 && o.Known == nil:
		return errNoHints
	}
	return nil
}

// only finds the one visible worksheet that has a table. Sheets of notes and empty
// ones, which old workbooks came with, have none.
func (b *Book) only(o Options) (*Table, error) {
	var (
		found   *Table
		with    []xlsx.Sheet
		failure error
		visible int
	)
	for _, s := range b.Sheets() {
		if s.Hidden {
			continue
		}
		visible++
		t, err := b.table(s, o)
		switch {
		case errors.Is(err, errNoHead), errors.Is(err, errEmpty):
			if failure == nil || errors.Is(failure, errEmpty) {
				failure = fmt.Errorf("read %s: sheet %q: %w", b.path, s.Name, err)
			}
			continue
		case err != nil:
			if found != nil {
				_ = found.Close()
			}
			return nil, fmt.Errorf("read %s: sheet %q: %w", b.path, s.Name, err)
		case o.Known != nil && !slices.ContainsFunc(t.Headers, o.Known): // HeaderAt was given
			_ = t.Close()
			failure = fmt.Errorf("read %s: sheet %q: %w", b.path, s.Name, errUnknown)
			continue
		}
		if with = append(with, s); found == nil {
			found = t
		} else {
			_ = t.Close()
		}
	}
	switch {
	case len(with) == 1:
		return found, nil
	case len(with) > 1:
		_ = found.Close()
		return nil, fmt.Errorf("read %s: sheets %s each have such a table; say which", b.path, quoted(with))
	case visible == 0:
		return nil, fmt.Errorf("read %s: all its sheets are hidden; name the one to read", b.path)
	}
	return nil, failure
}

func quoted(sheets []xlsx.Sheet) string {
	names := make([]string, 0, len(sheets))
	for i, s := range sheets {
		if i == 10 {
			names = append(names, fmt.Sprintf("%d more", len(sheets)-i))
			break
		}
		names = append(names, fmt.Sprintf("%q", s.Name))
	}
	return strings.Join(names, ", ")
}

func (b *Book) table(s xlsx.Sheet, o Options) (*Table, error) {
	last := 0
	if o.HeaderAt > 0 {
		last = o.HeaderAt + mostHeadRows + 1 // and the units
	}
	head, err := readTop(b.book, s, searched, last)
	if err != nil {
		return nil, err
	}
	f := &finder{top: head, o: o}
	t := &Table{Sheet: s.Name, path: b.path}
	if t.HeadAt, t.HeadEnd, err = f.find(); err != nil {
		return nil, err
	}
	t.Headers = f.join(t.HeadAt, t.HeadEnd)
	t.counts.MergedDown = f.deeper
	for _, s := range f.spans {
		if s.Row > t.HeadEnd && s.LastRow > s.Row {
			t.counts.MergedDown++
		}
	}
	if o.HeaderRows == 0 {
		t.HeadEnd = f.units(t.Headers, t.HeadEnd)
	}
	t.percent = make([]int, len(t.Headers))
	t.last = t.HeadEnd
	t.rules = newRules(t.Headers)
	for _, l := range f.lines {
		switch {
		case l.row < t.HeadAt:
			t.dropped = append(t.dropped, Dropped{l.row, l.row, AboveHead, shown(l.cells)})
			t.rules.title(l)
		case l.row <= t.HeadEnd:
			t.rules.head(l)
		}
	}
	t.grid, err = b.book.Rows(s)
	return t, err
}

// Next is the next data row: a cell for every header, the row's number in the
// worksheet, or io.EOF behind the last. Cells are text as stored: nothing is trimmed;
// a line break in a cell is a space; a date is 2006-01-02, a truth TRUE or FALSE, an
// error its sign (#N/A), a number what the file holds and not what it shows. The slice
// is valid until the next call, its strings for good.
func (t *Table) Next() (cells []string, row int, err error) {
	for {
		found, err := t.grid.Next()
		t.counts.Uncomputed = t.grid.Uncomputed
		if err != nil {
			return nil, 0, fmt.Errorf("read %s: sheet %q: %w", t.path, t.Sheet, err)
		}
		if !found {
			return nil, 0, io.EOF
		}
		if t.grid.Row <= t.HeadEnd || len(t.grid.Cells) == 0 {
			continue
		}
		if t.take() {
			return t.cells, t.grid.Row, nil
		}
	}
}

// take makes the grid's row the table's unless a rule drops it.
func (t *Table) take() bool {
	g := t.grid
	if g.Row > t.last+1 {
		t.drop(Dropped{t.last + 1, g.Row - 1, Empty, ""})
	}
	t.last = g.Row
	width := min(len(g.Cells), len(t.Headers))
	for _, h := range g.Holds[width:] {
		if h != xlsx.Nothing {
			t.counts.Beside++
		}
	}
	cells, holds := g.Cells[:width], g.Holds[:width]
	if why := t.rules.drops(cells, holds); why != "" {
		if why == Empty && width < len(g.Cells) {
			why = Beside
		}
		t.drop(Dropped{g.Row, g.Row, why, shown(g.Cells)})
		return false
	}
	if g.Hidden {
		t.counts.Hidden++
	}
	for c, h := range holds {
		if h == xlsx.Percent {
			t.percent[c]++
		}
	}
	t.cells, t.holds = append(t.cells[:0], cells...), append(t.holds[:0], holds...)
	for len(t.cells) < len(t.Headers) {
		t.cells, t.holds = append(t.cells, ""), append(t.holds, xlsx.Nothing)
	}
	return true
}

// drop lists a row that is left out; empty ones with those before them.
func (t *Table) drop(d Dropped) {
	if n := len(t.dropped); d.Why == Empty && n > 0 && t.dropped[n-1].Why == Empty && t.dropped[n-1].To == d.Row-1 {
		t.dropped[n-1].To = d.To
		return
	}
	t.dropped = append(t.dropped, d)
}

// Numeric says whether a cell of the row that Next gave last holds a number, as opposed
// to a text of digits; a day is none, a share that is shown as a percentage is.
func (t *Table) Numeric(column int) bool {
	if column < 0 || column >= len(t.holds) {
		return false
	}
	return t.holds[column] == xlsx.Number || t.holds[column] == xlsx.Percent
}

// Dropped lists what was left out so far, in the worksheet's order.
func (t *Table) Dropped() []Dropped { return t.dropped }

// Counts tells what else a reader ought to know of the rows read so far.
func (t *Table) Counts() Counts { return t.counts }

// Percent counts, per column, the numbers read so far that the worksheet shows as
// percentages. They come out as stored: 12.5% is 0.125, whatever unit the header says.
func (t *Table) Percent() []int { return t.percent }

// Close ends the reading of the table.
func (t *Table) Close() error { return t.grid.Close() }
