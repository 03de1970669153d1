package read

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// rowsPerBatch is how many rows of a table go into one batch.
const rowsPerBatch = 1 << 16

// scanCSV reads a comma-separated file: UTF-8 with or without BOM, else GB18030,
// and then says so.
func scanCSV(ctx context.Context, sc *scan, f *File) error {
	text, err := isUTF8(f.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, errText(err))
	}
	in, err := os.Open(f.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, errText(err))
	}
	defer in.Close()
	if text {
		return sc.csvText(ctx, f.Path, in)
	}
	decoded := &lossy{r: simplifiedchinese.GB18030.NewDecoder().Reader(in)}
	err = sc.csvText(ctx, f.Path, decoded)
	if f.Note = "not UTF-8: read as GB18030"; decoded.lost > 0 {
		f.Note += fmt.Sprintf("; characters that could not be read: %d", decoded.lost)
	}
	return err
}

// lossy counts the characters of a decoded text that stand for bytes the decoder
// did not know.
type lossy struct {
	r    io.Reader
	lost int64
	seen int // bytes of such a character, at the end of the last Read
}

// Read implements io.Reader.
func (l *lossy) Read(p []byte) (int, error) {
	const unknown = "\uFFFD"
	n, err := l.r.Read(p)
	for _, c := range p[:n] {
		switch c {
		case unknown[l.seen]:
			l.seen++
		case unknown[0]:
			l.seen = 1
		default:
			l.seen = 0
		}
		if l.seen == len(unknown) {
			l.lost++
			l.seen = 0
		}
	}
	return n, err
}

// csvText reads the rows of a text in UTF-8.
func (sc *scan) csvText(ctx context.Context, path string, src io.Reader) error {
	buffered := bufio.NewReaderSize(src, 1<<20)
	if head, _ := buffered.Peek(3); bytes.Equal(head, []byte("\uFEFF")) {
		_, _ = buffered.Discard(3)
	}
	head, _ := buffered.Peek(1 << 16)
	head, _, _ = bytes.Cut(head, []byte("\n"))
	if bytes.IndexByte(bytes.TrimRight(head, "\r"), '\r') >= 0 { // the rows would all be header
		return fmt.Errorf("read %s: its line ends are CR; save it with LF or CRLF", path)
	}
	cells := csv.NewReader(buffered)
	cells.ReuseRecord, cells.FieldsPerRecord = true, -1
	names, err := cells.Read()
	if err != nil {
		return csvError(path, 1, err)
	}
	names = append([]string(nil), names...)
	line, _ := cells.FieldPos(0)
	targets, err := sc.header(fmt.Sprintf("%s:%d", path, line), names)
	if err != nil {
		return err
	}
	return sc.csvRows(ctx, path, cells, targets)
}

func (sc *scan) csvRows(ctx context.Context, path string, cells *csv.Reader, targets []target) error {
	r := newRows(sc.schema, sc.file, 1024)
	flush := func() error {
		sc.took(r)
		b := r.b.Batch()
		r = newRows(sc.schema, sc.file, 1024)
		sc.next++
		return sc.hand(sc.next-1, b)
	}
	line := 1
	for {
		record, err := cells.Read()
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return csvError(path, line, err)
		}
		line, _ = cells.FieldPos(0)
		r.record(record, targets, sc.year)
		r.end(int64(line))
		if r.read == rowsPerBatch {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// record sets a row from a line's cells. A line that is shorter than the header,
// or goes on past it, is a fault of the whole row: its cells may have shifted.
func (r *rows) record(cells []string, targets []target, year int64) {
	if len(cells) < len(targets) {
		r.fail(wholeRow, fmt.Appendf(nil, "%d of %d cells", len(cells), len(targets)), ShortRow)
	}
	for i, cell := range cells {
		if i >= len(targets) {
			if len(trim([]byte(cell))) > 0 {
				r.fail(wholeRow, []byte(cell), LongRow)
			}
			continue
		}
		r.text(targets[i], unsafe.Slice(unsafe.StringData(cell), len(cell))) // text only reads
	}
	r.yearFromName(year)
}

// yearFromName gives the row the year of its file's name when it has none.
func (r *rows) yearFromName(year int64) {
	if year == 0 {
		return
	}
	if i := r.schema.Index("year"); i >= 0 && !r.b.Set(i) && r.at != i {
		r.integer(i, year)
	}
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

// isUTF8 says whether a whole file is UTF-8. UTF-16, told by its byte-order mark,
// is an error.
func isUTF8(path string) (bool, error) {
	in, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer in.Close()
	buf := make([]byte, 1<<20)
	kept := 0
	for first := true; ; first = false {
		n, err := in.Read(buf[kept:])
		n += kept
		if first && (bytes.HasPrefix(buf[:n], []byte("\xff\xfe")) || bytes.HasPrefix(buf[:n], []byte("\xfe\xff"))) {
			return false, errors.New("text is UTF-16: save the file as UTF-8")
		}
		end := n
		for back := 1; err == nil && back < utf8.UTFMax && back <= n; back++ { // leave a cut rune for the next round
			if utf8.RuneStart(buf[n-back]) {
				if !utf8.FullRune(buf[n-back : n]) {
					end = n - back
				}
				break
			}
		}
		if !utf8.Valid(buf[:end]) {
			return false, nil
		}
		kept = copy(buf, buf[end:n])
		if errors.Is(err, io.EOF) {
			return kept == 0, nil
		}
		if err != nil {
			return false, err
		}
	}
}
