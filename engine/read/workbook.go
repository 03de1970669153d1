package read

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unsafe"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/sheet"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// joint stands between the parts of a header of several rows.
const joint = " > "

// scanWorkbook reads the table in a worksheet. Rows are numbered as in the worksheet;
// what it leaves out, titles, totals and notes, is listed in the account and does not
// count as read.
func scanWorkbook(ctx context.Context, sc *scan, f *File) (err error) {
	book, err := sheet.Open(f.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	cells, err := book.Table(sc.settings.Within, sheet.Options{
		HeaderAt: sc.settings.HeaderAt, HeaderRows: sc.settings.HeaderRows, Known: sc.knownGroup, Unit: isUnit,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cells.Close()) }()
	f.Sheet = cells.Sheet
	targets, err := sc.headerBy(fmt.Sprintf("%s: sheet %q, row %d", f.Path, cells.Sheet, cells.HeadAt), cells.Headers, sc.grouped)
	if err != nil {
		return err
	}
	if err := sc.sheetRows(ctx, cells, targets); err != nil {
		return err
	}
	sc.leftOut(cells, f)
	return nil
}

func isUnit(text string) bool {
	_, known := unit.Parse(strings.TrimSpace(text))
	return known
}

// grouped finds a header of several rows by its parts: together, or by the last where
// those above it only say what it is about.
func (sc *scan) grouped(header string) (target, error) {
	t, err := sc.column(header)
	if err != nil || t.field >= 0 || !strings.Contains(header, joint) {
		return t, err
	}
	parts := strings.Split(header, joint)
	if t, err = sc.column(strings.Join(parts, "")); err != nil || t.field >= 0 {
		return t, err
	}
	for _, above := range parts[:len(parts)-1] {
		if !fields.Group(above) {
			return t, nil
		}
	}
	return sc.column(parts[len(parts)-1])
}

// knownGroup says whether a header of one row or several means something.
func (sc *scan) knownGroup(header string) bool {
	t, err := sc.grouped(strings.TrimSpace(header))
	return err != nil || t.field >= 0
}

// sheetCells is about how many cells of a worksheet one goroutine sets at a time.
const sheetCells = 1 << 16

// sheetRows are some rows of a worksheet: their numbers in it, and as many cells of
// each as the head has.
type sheetRows struct {
	at    []int64
	cells []string
	how   []held
}

// sheetRows reads the rows below the head: one goroutine takes the worksheet apart,
// the workers make of its cells what the columns hold.
func (sc *scan) sheetRows(ctx context.Context, cells *sheet.Table, targets []target) error {
	percent := make([]int, len(targets)) // shown so in the rows above
	codes := make([]bool, len(targets))
	for i, t := range targets {
		if t.field >= 0 {
			_, codes[i] = sc.takesCode(t)
		}
	}
	most, first, ended := max(1, sheetCells/max(1, len(targets))), sc.next, false
	next := func() (b sheetRows, err error) {
		if ended {
			return b, io.EOF
		}
		for len(b.at) < most && !ended {
			row, number, err := cells.Next()
			if ended = errors.Is(err, io.EOF); ended {
				break
			}
			if err != nil {
				return b, err
			}
			b.at, b.cells = append(b.at, int64(number)), append(b.cells, row...)
			shown := cells.Percent()
			for i := range row {
				how := heldText
				switch {
				case shown[i] != percent[i] && !codes[i]:
					how = heldShare
				case cells.Numeric(i):
					how = heldNumber
				}
				percent[i] = shown[i]
				b.how = append(b.how, how)
			}
		}
		sc.next++
		return b, nil
	}
	_, err := inOrder(ctx, sc.workers, next, func() func(int, sheetRows) error {
		return func(number int, b sheetRows) error {
			r := sc.newRows(len(b.at))
			for i, at := range b.at {
				from, to := i*len(targets), (i+1)*len(targets)
				r.sheetRow(b.cells[from:to], b.how[from:to], targets)
				r.end(at)
			}
			sc.took(r)
			return sc.hand(first+number, r)
		}
	})
	return err
}

// sheetRow sets a row from a worksheet's cells.
func (r *rows) sheetRow(cells []string, how []held, targets []target) {
	for i, text := range cells {
		v := unsafe.Slice(unsafe.StringData(text), len(text)) // only read
		switch how[i] {
		case heldShare:
			r.percent(targets[i], v)
		case heldNumber:
			r.jsonNumber(targets[i], v)
		default:
			r.text(targets[i], v)
		}
	}
	r.fill()
}

// percent sets a field from a number that the worksheet shows as a percentage and holds
// as a share: 12.5% is 0.125 there, whatever unit the header says. A column that counts
// something else does not take it.
func (r *rows) percent(t target, v []byte) {
	if slot, kept := r.slotOf(t); kept {
		r.keep(slot, v, heldShare)
		return
	}
	if t.field < 0 {
		return
	}
	f := &r.schema.Fields[t.field]
	if f.Kind != table.Number || f.Unit == unit.Ratio {
		r.text(target{t.field, 1, 1}, v)
		return
	}
	r.fail(t.field, append(append([]byte(nil), v...), " shown as a percentage"...), NotANumber)
}

// leftOut lists the rows of a worksheet that are no data, and notes what else is to be
// known of it.
func (sc *scan) leftOut(cells *sheet.Table, f *File) {
	for _, d := range cells.Dropped() {
		if d.Why == sheet.Empty {
			continue
		}
		sc.account.Dropped = append(sc.account.Dropped, DroppedRow{File: sc.file, Row: int64(d.Row), To: int64(d.To), Why: string(d.Why), Text: Shown([]byte(d.Text))})
	}
	n := cells.Counts()
	for _, c := range []struct {
		count int
		what  string
	}{
		{n.Hidden, "hidden rows that were read"}, {n.Uncomputed, "formulas without a value, whose cells are empty"},
		{n.Beside, "cells beside the table that were left out"}, {n.MergedDown, "merged cells over several rows, of which only the first holds the value"},
	} {
		if c.count > 0 {
			f.note(fmt.Sprintf("%s: %d", c.what, c.count))
		}
	}
}
