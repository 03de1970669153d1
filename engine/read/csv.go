package read

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/read/charset"
	"github.com/muscope-gis/muscope/engine/read/lines"
)

// rowsPerBatch is how many rows of a table go into one batch.
const rowsPerBatch = 1 << 16

// csvBlock is how much of a text one goroutine reads at a time.
const csvBlock = 1 << 21

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
	mark := byte(sc.settings.Delimiter)
	if mark == 0 {
		by := separators[sc.separator(head)]
		mark = byte(by.mark)
		f.note(by.name)
	}
	split, records := lines.NewSplitter(in, mark, csvBlock), lines.NewRecords(mark)
	names, at, err := headerLine(split, records, sc.settings.HeaderAt)
	if err != nil {
		return csvError(f.Path, 1, err)
	}
	targets, err := sc.header(fmt.Sprintf("%s:%d", f.Path, at), names)
	if err != nil {
		return err
	}
	return sc.csvRows(ctx, f.Path, split, records.Rest(), mark, targets, in)
}

// headerLine reads the header: the first record that begins on line from or behind it.
func headerLine(split *lines.Splitter, records *lines.Records, from int) (names []string, line int, err error) {
	for {
		cells, line, err := records.Next()
		switch {
		case errors.Is(err, io.EOF):
			block, err := split.Next()
			if err != nil {
				return nil, 0, err
			}
			records.Reset(block)
		case err != nil:
			return nil, 0, err
		case line >= from:
			for _, c := range cells {
				names = append(names, string(c))
			}
			return names, line, nil
		}
	}
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

// csvPart is a block of a text, and whether some of the text was lost in decoding.
type csvPart struct {
	lines.Block
	lossy bool
}

// csvRows reads the rows behind the header: one goroutine cuts the text into blocks
// of whole records, the workers read them. first is what is left of the block that the
// header stands in.
func (sc *scan) csvRows(ctx context.Context, path string, split *lines.Splitter, first lines.Block, mark byte, targets []target, in *charset.Text) error {
	blocks, number := 0, sc.next
	next := func() (b csvPart, err error) {
		if b.Block = first; blocks > 0 {
			b.Block, err = split.Next()
		}
		b.lossy = in.Lossy() // as far as it is read, which is beyond the block
		if err != nil && !errors.Is(err, io.EOF) {
			err = csvError(path, split.Line(), err)
		}
		if err == nil {
			blocks++
			sc.next++
		}
		return b, err
	}
	_, err := inOrder(ctx, sc.workers, next, func() func(int, csvPart) error {
		records := lines.NewRecords(mark)
		return func(block int, b csvPart) error {
			r := sc.newRows(b.Lines)
			for records.Reset(b.Block); ; {
				cells, line, err := records.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					return csvError(path, line, err)
				}
				r.record(cells, targets, b.lossy)
				r.end(int64(line))
			}
			if block > 0 {
				split.Recycle(b.Block)
			}
			sc.took(r)
			return sc.hand(number+block, r)
		}
	})
	return err
}

// record sets a row from a line's cells. A line that is shorter than the header,
// or goes on past it, is a fault of the whole row: its cells may have shifted. Of a
// text that some of was lost in decoding, a cell that lacks something is a fault.
func (r *rows) record(cells [][]byte, targets []target, lossy bool) {
	if len(cells) < len(targets) {
		r.fail(wholeRow, fmt.Appendf(nil, "%d of %d cells", len(cells), len(targets)), ShortRow)
	}
	for i, text := range cells {
		if i >= len(targets) {
			if len(cell.Trim(text)) > 0 {
				r.fail(wholeRow, text, LongRow)
			}
			continue
		}
		if lossy && targets[i].field >= 0 && bytes.Contains(text, unreadable) {
			r.fail(targets[i].field, text, UnreadableText)
			continue
		}
		r.text(targets[i], text)
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
