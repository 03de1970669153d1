package xlsx

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
)

// The most that a part of a workbook may unpack to. A larger one is a mistake or an
// attack: a worksheet of a million rows and thirty columns has about one gigabyte.
const (
	mostSmall  = 256 << 20 // the list of sheets, the styles
	mostShared = 2 << 30
	mostSheet  = 4 << 30
)

// Book is an open workbook. One goroutine at a time may use it.
type Book struct {
	file     io.ReaderAt
	parts    map[string]*zip.File // by name in lower case
	sheets   []Sheet
	from1904 bool

	load   sync.Once
	failed error
	shared []string
	styles []format
}

// Sheet is a worksheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// Open opens a workbook (.xlsx, .xlsm, .xltx). What only looks like one, an old .xls
// or .et, a workbook under a password, is an error that says what to save it as.
// The message does not name the file.
func Open(path string) (*Book, error) {
	b, err := openBook(path)
	if err != nil {
		return nil, bare(err)
	}
	return b, nil
}

// bare is an error without the path and the package that a message has already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	switch {
	case errors.Is(err, zip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file is damaged; get it again")
	case errors.Is(err, zip.ErrAlgorithm):
		return errors.New("the file is packed in a way that workbooks are not; open it in Excel or WPS and save it as .xlsx")
	case strings.HasPrefix(err.Error(), "flate: "), errors.Is(err, zip.ErrFormat):
		return errors.New("the file is damaged or not whole; get it again")
	}
	return err
}

func openBook(path string) (*Book, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b := &Book{file: file}
	if err := b.unpack(info.Size()); err != nil {
		_ = file.Close()
		return nil, err
	}
	return b, nil
}

// unpack reads what the file's parts are.
func (b *Book) unpack(size int64) error {
	if err := looksPacked(b.file, size); err != nil {
		return err
	}
	packed, err := zip.NewReader(b.file, size)
	if err != nil {
		return err
	}
	packed.RegisterDecompressor(zip.Deflate, func(in io.Reader) io.ReadCloser { return flate.NewReader(in) }) // faster than the standard library's
	b.parts = make(map[string]*zip.File, len(packed.File))
	for _, f := range packed.File {
		name := partName(f.Name)
		if _, twice := b.parts[name]; !twice {
			b.parts[name] = f
		}
	}
	return b.contents()
}

// partName is a part's name as parts are looked up: some writers use backslashes,
// some another case.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, "\\", "/"), "/"))
}

// Close closes the workbook's file.
func (b *Book) Close() error {
	if c, ok := b.file.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// Sheets lists the worksheets in the order of their tabs. Charts and macro sheets are
// none.
func (b *Book) Sheets() []Sheet { return slices.Clone(b.sheets) }

// relation is what a part says about another one it needs.
type relation struct{ id, kind, target string }

// relations reads what the part at name is related to; a part without is none.
func (b *Book) relations(name string) ([]relation, error) {
	dir, base := path.Split(name)
	part := dir + "_rels/" + base + ".rels"
	if b.parts[partName(part)] == nil {
		return nil, nil
	}
	var all []relation
	err := b.each(part, func(m *markup) error {
		if string(m.name) != "Relationship" || m.attr("TargetMode") == "External" {
			return nil
		}
		target := m.attr("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, strings.ReplaceAll(target, "\\", "/"))
		}
		all = append(all, relation{m.attr("Id"), path.Base(m.attr("Type")), partName(target)})
		return nil
	})
	return all, err
}

// each calls f at every start tag of a small part.
func (b *Book) each(part string, f func(m *markup) error) error {
	in, err := b.part(part, mostSmall)
	if err != nil {
		return err
	}
	defer in.Close()
	m := newMarkup(in)
	for {
		kind, err := m.next()
		if err != nil {
			return fmt.Errorf("part %s: %w", part, bare(err))
		}
		switch kind {
		case done:
			return nil
		case open:
			if err := f(m); err != nil {
				return err
			}
		}
	}
}

// contents finds the workbook's parts and lists its worksheets.
func (b *Book) contents() error {
	book, err := b.main()
	if err != nil {
		return err
	}
	relations, err := b.relations(book)
	if err != nil {
		return err
	}
	byID := make(map[string]relation, len(relations))
	for _, r := range relations {
		byID[r.id] = r
	}
	err = b.each(book, func(m *markup) error {
		switch string(m.name) {
		case "workbookPr":
			v := m.attr("date1904")
			b.from1904 = v == "1" || v == "true" || v == "on"
		case "sheet":
			r := byID[m.attr("id")]
			if r.kind != "worksheet" {
				return nil
			}
			state := m.attr("state")
			b.sheets = append(b.sheets, Sheet{m.attr("name"), state == "hidden" || state == "veryHidden", r.target})
		}
		return nil
	})
	if err == nil && len(b.sheets) == 0 {
		err = errors.New("the workbook has no worksheet")
	}
	return err
}

// main is the name of the part that lists the sheets.
func (b *Book) main() (string, error) {
	top, err := b.relations("")
	if err != nil {
		return "", err
	}
	name := "xl/workbook.xml"
	for _, r := range top {
		if r.kind == "officeDocument" {
			name = r.target
			break
		}
	}
	if strings.HasSuffix(name, ".bin") || b.parts["xl/workbook.bin"] != nil {
		return "", errors.New("a binary workbook (.xlsb); open it in Excel or WPS and save it as .xlsx")
	}
	if b.parts[name] == nil {
		return "", b.notWorkbook()
	}
	return name, nil
}

// part opens a part of the workbook; reading more of it than most is an error.
func (b *Book) part(name string, most int64) (io.ReadCloser, error) {
	f := b.parts[partName(name)]
	if f == nil {
		return nil, fmt.Errorf("part %s is missing; the file is damaged: get it again", name)
	}
	if f.Flags&1 != 0 {
		return nil, errors.New("the file is packed under a password; unpack it first")
	}
	in, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", name, bare(err))
	}
	return &bounded{in: in, left: most, most: most}, nil
}

// bounded refuses a part that unpacks to more than it may.
type bounded struct {
	in         io.ReadCloser
	left, most int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.in.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("it unpacks to more than %d MB, which no table does", b.most>>20)
	}
	return n, err
}

// Close implements io.Closer.
func (b *bounded) Close() error { return b.in.Close() }
