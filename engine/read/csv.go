package read

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unsafe"

	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/read/charset"
)

// rowsPerBatch is how many rows of a table go into one batch.
const rowsPerBatch = 1 << 16

// scanCSV reads a text of cells: separated by commas, tabs or semicolons, in any
// encoding that charset reads.
func scanCSV(ctx context.Context, sc *scan, f *File) error {
	in, err := charset.Open(f.Path, sc.settings.Encoding)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, errText(err))
	}
	defer in.Close()
	err = sc.csvText(ctx, f, in)
	f.note(in.Note())
	return err
}

// separators are what cells are separated by, the likeliest first.
var separators = []struct {
	mark rune
	name string
}{{',', ""}, {'\t', "separated by tabs"}, {';', "separated by semicolons"}}

// csvText reads the rows of a text in UTF-8.
func (sc *scan) csvText(ctx context.Context, f *File, in *charset.Text) error {
	head := in.Peek(1 << 16)
	line, _, _ := bytes.Cut(head, []byte("\n"))
	if bytes.IndexByte(bytes.TrimRight(line, "\r"), '\r') >= 0 { // the rows would all be header
		return fmt.Errorf("read %s: its line ends are CR; save it with LF or CRLF", f.Path)
	}
	cells := csv.NewReader(in)
	cells.ReuseRecord, cells.FieldsPerRecord = true, -1
	if cells.Comma = sc.settings.Delimiter; cells.Comma == 0 {
		by := separators[sc.separator(head)]
		cells.Comma = by.mark
		f.note(by.name)
	}
	names, err := cells.Read()
	for err == nil && lineOf(cells) < sc.settings.HeaderAt {
		names, err = cells.Read()
	}
	if err != nil {
		return csvError(f.Path, 1, err)
	}
	names = append([]string(nil), names...)
	targets, err := sc.header(fmt.Sprintf("%s:%d", f.Path, lineOf(cells)), names)
	if err != nil {
		return err
	}
	return sc.csvRows(ctx, f.Path, cells, targets, in)
}

// lineOf is the line that the record last read begins in.
func lineOf(cells *csv.Reader) int {
	line, _ := cells.FieldPos(0)
	return line
}

// separator tells what separates the cells: that with which the header line gives
// the most headers that are known.
func (sc *scan) separator(head []byte) (best int) {
	most := 0
	for i, by := range separators {
		cells := csv.NewReader(bytes.NewReader(head))
		cells.Comma, cells.FieldsPerRecord = by.mark, -1
		names, _ := cells.Read()
		known := 0
		for _, h := range names {
			if sc.known(h) {
				known++
			}
		}
		if known > most {
			best, most = i, known
		}
	}
	return best
}

func (sc *scan) csvRows(ctx context.Context, path string, cells *csv.Reader, targets []target, in *charset.Text) error {
	line := 1
	return sc.stream(ctx, func(r *rows) error {
		record, err := cells.Read()
		if errors.Is(err, io.EOF) {
			return err
		}
		if err != nil {
			return csvError(path, line, err)
		}
		line = lineOf(cells)
		r.record(record, targets, in.Lossy())
		r.end(int64(line))
		return nil
	})
}

// stream hands on the rows that one goroutine reads one by one, until io.EOF.
func (sc *scan) stream(ctx context.Context, one func(r *rows) error) error {
	for {
		r := sc.newRows(1024)
		var err error
		for err == nil && r.read < rowsPerBatch {
			err = one(r)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		sc.took(r)
		sc.next++
		if failed := sc.hand(sc.next-1, r); failed != nil || err != nil {
			return failed
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// record sets a row from a line's cells. A line that is shorter than the header,
// or goes on past it, is a fault of the whole row: its cells may have shifted. Of a
// text that some of was lost in decoding, a cell that lacks something is a fault.
func (r *rows) record(cells []string, targets []target, lossy bool) {
	if len(cells) < len(targets) {
		r.fail(wholeRow, fmt.Appendf(nil, "%d of %d cells", len(cells), len(targets)), ShortRow)
	}
	for i, text := range cells {
		if i >= len(targets) {
			if len(cell.Trim([]byte(text))) > 0 {
				r.fail(wholeRow, []byte(text), LongRow)
			}
			continue
		}
		v := unsafe.Slice(unsafe.StringData(text), len(text)) // only read
		if lossy && targets[i].field >= 0 && bytes.Contains(v, unreadable) {
			r.fail(targets[i].field, v, UnreadableText)
			continue
		}
		r.text(targets[i], v)
	}
	r.fill()
}

func csvError(path string, line int, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: the file is empty; it needs a header row", path)
	}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("read %s:%d: %w; check the quotes from there on", path, parse.StartLine, parse.Err)
	}
	return fmt.Errorf("read %s:%d: %w", path, line, errText(err))
}
