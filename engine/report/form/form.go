// Package form fills a bureau's own form: an empty workbook whose heads say what it wants
// to know. The columns it understands are filled below the head, the others stay empty and
// are listed; styles, titles and notes stay as they are.
//
// It changes nothing of what the form says, computes no figure, and guesses no header: what
// the dictionary of columns does not know is not filled.
package form

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/sheet"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Folder is the folder of a run that holds filled forms.
const Folder = "forms"

// mostBytes is how large a form may be, packed and unpacked: it holds no data.
const (
	mostBytes    = 16 << 20
	mostUnpacked = 128 << 20
)

// Form is a workbook to fill.
type Form struct {
	path   string
	data   []byte
	sheets []head
}

// head is the head of a worksheet that a list of the run goes below.
type head struct {
	sheet   string
	list    *list
	end     int      // last row of the head
	columns []column // of the sheet that have a header
}

// Open reads a form and finds out what it asks for. It is an error where no worksheet
// asks for two things that a run knows.
func Open(path string) (*Form, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		var p *os.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("form %s: %w", path, err)
	case info.Size() > mostBytes:
		return nil, fmt.Errorf("form %s: it has %d MB, which no empty form has; take its data out", path, info.Size()>>20)
	}
	f := &Form{path: path}
	if f.data, err = os.ReadFile(path); err != nil {
		return nil, fmt.Errorf("form %s: %w", path, err)
	}
	book, err := sheet.Open(path)
	if err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	defer func() { _ = book.Close() }()
	var why error
	for _, s := range book.Sheets() {
		if s.Hidden {
			continue
		}
		h, err := headOf(book, s.Name, filepath.Base(path))
		if err != nil {
			why = errors.Join(why, err)
			continue
		}
		if h != nil {
			f.sheets = append(f.sheets, *h)
		}
	}
	if len(f.sheets) == 0 {
		if why == nil {
			why = fmt.Errorf("read %s: no worksheet is visible", path)
		}
		return nil, fmt.Errorf("form: %w; its head must name two columns of a run's tables, as tables/dictionary.csv calls them", why)
	}
	return f, nil
}

// headOf understands a worksheet's head; nil: it asks for nothing that is known.
func headOf(book *sheet.Book, name, file string) (*head, error) {
	t, err := book.Table(name, sheet.Options{Known: known, Unit: func(text string) bool { _, ok := unit.Parse(text); return ok }})
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.Close() }()
	about := file + " " + name
	for _, d := range t.Dropped() {
		about += " " + d.Text
	}
	l, columns := understood(t.Headers, about)
	if l == nil {
		return nil, fmt.Errorf("read %s: sheet %q: fewer than two of its headers are columns of one list", file, name)
	}
	return &head{sheet: name, list: l, end: t.HeadEnd, columns: columns}, nil
}

// known says whether a header means something in any list.
func known(header string) bool {
	for i := range lists {
		if c := lists[i].find(header); c.table != "" || c.own != "" {
			return true
		}
	}
	return false
}

// Name is the path of the filled form in the run folder.
func (f *Form) Name() string { return Folder + "/" + filepath.Base(f.path) }

// Paper fills the form. What was filled and what was not is noted in the manifest.
func (f *Form) Paper() write.Paper { return write.Paper{Name: f.Name(), Make: f.fill} }

func (f *Form) fill(ctx context.Context, run *write.Whole, out io.Writer) (rows int, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(f.data), excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked})
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", f.path, err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for i := range f.sheets {
		h := &f.sheets[i]
		s, err := newFilling(book, h, run)
		if err != nil {
			return rows, err
		}
		if err := s.fill(ctx); err != nil {
			return rows, fmt.Errorf("sheet %q: %w", h.sheet, err)
		}
		rows += s.rows
		run.Manifest.Forms = append(run.Manifest.Forms, s.note(f.Name()))
	}
	if err := book.UpdateLinkedValue(); err != nil { // sums are added up anew when it is opened
		return rows, err
	}
	return rows, book.Write(out)
}
