// Package stable writes workbooks so that the same workbook has the same bytes: its parts
// in the order of their names, each stamped with a day that the caller names. It looks
// into none of them.
package stable

import (
	"archive/zip"
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// Write writes a workbook with its parts in the order of their names, each
// stamped with a day: excelize hands the parts of streamed sheets over in no order.
// They wait compressed in a temporary file, so that none is held in memory.
func Write(f *excelize.File, out io.Writer, day time.Time) (err error) {
	parts, err := os.CreateTemp("", "muscope-workbook-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.Close(), os.Remove(parts.Name())) }()
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		w := zip.NewWriter(parts)
		w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
		return dated{w, day}
	})
	if err := f.Write(io.Discard); err != nil {
		return err
	}
	size, err := parts.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	in, err := zip.NewReader(parts, size)
	if err != nil {
		return err
	}
	return inOrder(in, out)
}

// inOrder copies the parts of an archive as they are, sorted by name.
func inOrder(in *zip.Reader, out io.Writer) error {
	slices.SortFunc(in.File, func(a, b *zip.File) int { return cmp.Or(first(a.Name)-first(b.Name), cmp.Compare(a.Name, b.Name)) })
	to := zip.NewWriter(out)
	for _, part := range in.File {
		head := part.FileHeader
		head.Flags &^= 8 // sizes are known: they stand before the data
		w, err := to.CreateRaw(&head)
		if err != nil {
			return err
		}
		r, err := part.OpenRaw()
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, r); err != nil {
			return err
		}
	}
	return to.Close()
}

// first puts the list of content types before all: readers that stream look for it.
func first(name string) int {
	if name == "[Content_Types].xml" {
		return 0
	}
	return 1
}

// dated is an archive whose parts are all of one day.
type dated struct {
	*zip.Writer
	day time.Time
}

// Create adds a part.
func (d dated) Create(name string) (io.Writer, error) {
	return d.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: d.day})
}
