package form

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// filling is a worksheet being filled.
type filling struct {
	book *excelize.File
	*head
	run   *write.Whole
	rows  int
	cells []cell // of each understood column
	body  []int  // style of the first row below the head, by column of the sheet
	dated map[int]int
}

// cell gives a column's values.
type cell struct {
	column
	of  *write.Column
	row func(i int) (row int, ok bool) // of the table that has the column
}

// source is a table or layer of the run.
type source struct {
	rows    int
	columns []write.Column
}

func (s *source) column(name string) *write.Column {
	if s != nil {
		for i := range s.columns {
			if s.columns[i].Name == name {
				return &s.columns[i]
			}
		}
	}
	return nil
}

// of is a table of the list, or a layer of that name; nil: the run has none.
func (l *list) of(run *write.Whole, name string) *source {
	t, table := run.Table(name)
	layer, mapped := run.Layer(name)
	switch {
	case mapped && (l.layers || !table):
		return &source{layer.Rows, layer.Columns}
	case table:
		return &source{t.Rows, t.Columns}
	}
	return nil
}

// newFilling finds the values of a worksheet's columns.
func newFilling(book *excelize.File, h *head, run *write.Whole) (*filling, error) {
	f := &filling{book: book, head: h, run: run, dated: map[int]int{}}
	main := h.list.of(run, h.list.tables[0])
	if main == nil {
		return f, nil // the run has no such list: the form stays empty, and the note says so
	}
	f.rows = main.rows
	key := main.column(h.list.key)
	joined := map[string]func(int) (int, bool){h.list.tables[0]: func(i int) (int, bool) { return i, true }}
	sources := map[string]*source{h.list.tables[0]: main}
	for _, name := range h.list.tables[1:] {
		sources[name] = h.list.of(run, name)
		joined[name] = byKey(key, sources[name], h.list.key)
	}
	for _, c := range h.columns {
		switch of := sources[c.table].column(c.column); {
		case c.table != "" && of != nil && joined[c.table] != nil:
			f.cells = append(f.cells, cell{c, of, joined[c.table]})
		case c.own == "zone":
			if of, row := zoneNames(run, main); of != nil {
				f.cells = append(f.cells, cell{c, of, row})
			}
		case c.own != "":
			f.cells = append(f.cells, cell{column: c})
		}
	}
	return f, nil
}

// byKey finds the row of another table that belongs to a row of the list.
func byKey(key *write.Column, other *source, name string) func(int) (int, bool) {
	theirs := other.column(name)
	if theirs == nil || key == nil {
		return nil
	}
	rows := make(map[string]int, other.rows)
	for i := range other.rows {
		if k, ok := theirs.Text(i); ok {
			rows[k] = i
		}
	}
	return func(i int) (row int, ok bool) {
		k, ok := key.Text(i)
		if ok {
			row, ok = rows[k]
		}
		return row, ok
	}
}

// zoneNames are the names of the zones that the rows of a list lie in.
func zoneNames(run *write.Whole, main *source) (of *write.Column, row func(int) (int, bool)) {
	zones, ok := run.Layer("zones")
	if !ok {
		return nil, nil
	}
	s := &source{zones.Rows, zones.Columns}
	return s.column("name"), byKey(main.column("zone_code"), s, "zone_code")
}

// fill writes the rows below the head.
func (f *filling) fill(ctx context.Context) error {
	if len(f.cells) == 0 {
		return nil
	}
	if last := f.end + f.rows; last > excelize.TotalRows {
		return fmt.Errorf("%d rows do not fit below row %d", f.rows, f.end)
	}
	if err := f.styles(); err != nil {
		return err
	}
	if err := f.room(); err != nil {
		return err
	}
	for i := range f.rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row := f.end + 1 + i
		for at, style := range f.body {
			if style == 0 {
				continue
			}
			if err := f.style(at, row, style); err != nil {
				return err
			}
		}
		for c := range f.cells {
			if err := f.put(&f.cells[c], row, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// styles are those of the row below the head, or of the columns.
func (f *filling) styles() error {
	width := f.columns[len(f.columns)-1].at + 1
	f.body = make([]int, width)
	for at := range width {
		name, err := excelize.CoordinatesToCellName(at+1, f.end+1)
		if err == nil {
			f.body[at], err = f.book.GetCellStyle(f.sheet, name)
		}
		if err == nil && f.body[at] == 0 {
			var column string
			if column, err = excelize.ColumnNumberToName(at + 1); err == nil {
				f.body[at], err = f.book.GetColStyle(f.sheet, column)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// room makes room for the rows where something stands below the head, a sum or a note:
// rows are put in before the last empty one above it, so that sums over the empty rows
// take in what comes between.
func (f *filling) room() error {
	rows, err := f.book.GetRows(f.sheet)
	if err != nil {
		return err
	}
	below := -1 // the first row from 0 that holds something
	for i := f.end; i < len(rows) && below < 0; i++ {
		for _, text := range rows[i] {
			if text != "" {
				below = i
			}
		}
	}
	if below < 0 {
		return nil
	}
	empty := below - f.end
	if f.rows <= empty {
		return nil
	}
	at := f.end + max(empty, 1)
	height, err := f.book.GetRowHeight(f.sheet, f.end+1)
	if err == nil {
		err = f.book.InsertRows(f.sheet, at, f.rows-empty)
	}
	for row := at; err == nil && row < at+f.rows-empty; row++ {
		err = f.book.SetRowHeight(f.sheet, row, height)
	}
	return err
}

func (f *filling) style(at, row, style int) error {
	name, err := excelize.CoordinatesToCellName(at+1, row)
	if err != nil {
		return err
	}
	return f.book.SetCellStyle(f.sheet, name, name, style)
}

// put writes a value; null leaves the cell empty. Texts stay texts, whatever they begin
// with.
func (f *filling) put(c *cell, row, i int) error {
	name, err := excelize.CoordinatesToCellName(c.at+1, row)
	if err != nil {
		return err
	}
	if c.of == nil {
		return f.putOwn(c, name, row, i)
	}
	at, ok := c.row(i)
	if !ok {
		return nil
	}
	switch c.of.Kind() {
	case write.KindNumber:
		if v, ok := c.of.Number(at); ok {
			return f.book.SetCellFloat(f.sheet, name, c.converted(v), -1, 64)
		}
	case write.KindInteger:
		if v, ok := c.of.Integer(at); ok {
			return f.book.SetCellInt(f.sheet, name, v)
		}
	case write.KindBool:
		if v, ok := c.of.Bool(at); ok {
			return f.book.SetCellStr(f.sheet, name, fields.Word(fmt.Sprintf("answer.%t", v), "zh"))
		}
	case write.KindDate:
		if v, ok := c.of.Date(at); ok {
			return f.putDate(c.at, name, row, v)
		}
	default:
		if v, ok := c.of.Text(at); ok {
			return f.book.SetCellStr(f.sheet, name, fields.Meaning(c.table, c.column.column, v, "zh"))
		}
	}
	return nil
}

// converted is a number in the form's unit, without the noise that converting leaves.
func (c *cell) converted(v float64) float64 {
	if c.mul == c.div {
		return v
	}
	v = v * c.mul / c.div
	const digits, most = 1e6, 1e9
	if math.Abs(v) > most {
		return v
	}
	return math.Round(v*digits) / digits
}

// putOwn writes what every list has.
func (f *filling) putOwn(c *cell, name string, row, i int) error {
	m := f.run.Manifest
	switch c.own {
	case "serial":
		return f.book.SetCellInt(f.sheet, name, int64(i+1))
	case "year":
		return f.book.SetCellInt(f.sheet, name, int64(m.Year))
	}
	day, ok := unit.ParseDate(m.AsOf)
	if !ok {
		return errors.New("as_of " + m.AsOf + " is no date")
	}
	return f.putDate(c.at, name, row, day)
}

// putDate writes a date, in the cell's own format of dates or else in one that is added to
// its style.
func (f *filling) putDate(at int, name string, row int, day unit.Date) error {
	style, known := f.dated[at]
	if !known {
		var err error
		if style, err = f.dateStyle(f.body[at]); err != nil {
			return err
		}
		f.dated[at] = style
	}
	y, m, d := day.Civil()
	if err := f.book.SetCellValue(f.sheet, name, time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)); err != nil {
		return err
	}
	return f.style(at, row, style)
}

// dateStyle is a style that shows dates.
func (f *filling) dateStyle(style int) (int, error) {
	s, err := f.book.GetStyle(style)
	if err != nil {
		return 0, err
	}
	const shortDate, lastDate, shortTime = 14, 22, 17
	if s.CustomNumFmt != nil || s.NumFmt >= shortDate && s.NumFmt <= shortTime || s.NumFmt == lastDate {
		return style, nil
	}
	format := "yyyy-mm-dd"
	s.NumFmt, s.CustomNumFmt = 0, &format
	return f.book.NewStyle(s)
}

// note says what was filled.
func (f *filling) note(name string) write.FormNote {
	n := write.FormNote{Form: name, Sheet: f.sheet, List: f.list.name, Rows: int64(f.rows), Filled: []string{}, Unfilled: []string{}}
	filled := map[int]bool{}
	for _, c := range f.cells {
		filled[c.at] = true
	}
	for _, c := range f.columns {
		if filled[c.at] {
			n.Filled = append(n.Filled, c.header)
		} else {
			n.Unfilled = append(n.Unfilled, c.header)
		}
	}
	return n
}
