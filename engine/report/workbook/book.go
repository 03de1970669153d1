package workbook

import (
	"context"
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/sheet"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// book is a workbook that is being made.
type book struct {
	*excelize.File
	ctx    context.Context
	o      Options
	run    *write.Whole
	styles styles

	land, indicators, grades, enterprises, zones, mix, scorecard *source
	idle, underused, supply, conflicts, parcels                  *source
	uses, useParcels                                             *source
	zoneName                                                     map[string]string
	byID                                                         map[string]policy.Applied

	sheets []entry      // for the contents
	notes  []columnNote // for the notes on columns
}

// entry is a sheet, or several that hold one list, in the contents.
type entry struct {
	sheets []string
	about  string
	rows   int
	said   string // why it is empty, or that it is split
}

// list is a list of the workbook.
type list struct {
	sheet   string
	about   string // what it is for, in the contents
	columns []column
	rows    int
	row     func(i int) int // which row of the columns stands in place i; nil: the i-th
	why     string          // of an empty list: why it is
	note    string          // below the title
	wide    int             // pages it is printed wide; 0: one
	frozen  int             // columns that stay in sight, besides the serial number
	bare    bool            // not counted among the lists: notes on the workbook itself
}

// The rows of a sheet above its list: title, note, and two of the head.
const (
	headRow  = 3
	firstRow = 5
	paperA4  = 9
	ctxRows  = 4096 // rows between two looks at whether anybody still wants them
)

// list writes a list, over as many sheets as it takes.
func (b *book) list(l *list) error {
	room := b.o.MostRows - firstRow // one of them for the total
	parts := max(1, (l.rows+room-1)/room)
	e := entry{about: l.about, rows: l.rows}
	totals := make([]int64, len(l.columns))
	for k := range parts {
		p := part{list: l, name: l.sheet, from: k * room, to: min(l.rows, (k+1)*room), number: k + 1, of: parts}
		if parts > 1 {
			p.name = fmt.Sprintf("%s(%d)", l.sheet, k+1)
		}
		e.sheets = append(e.sheets, p.name)
		if err := b.part(&p, totals); err != nil {
			return fmt.Errorf("sheet %s: %w", p.name, err)
		}
	}
	switch {
	case l.rows == 0:
		e.said = l.reason()
	case parts > 1:
		e.said = fmt.Sprintf("共 %d 行，超出一张工作表可容的行数，分为 %d 张", l.rows, parts)
	}
	if l.bare {
		e.rows = -1
	}
	b.sheets = append(b.sheets, e)
	return nil
}

// reason is what an empty list says instead of rows.
func (l *list) reason() string {
	if l.why == "" {
		return "无"
	}
	return l.why
}

// part is the part of a list that stands on one sheet.
type part struct {
	*list
	name     string
	from, to int
	number   int // of the part, from 1
	of       int
	stream   *excelize.StreamWriter
	row      int // the last one written
}

// part writes one sheet and adds its columns up.
func (b *book) part(p *part, totals []int64) error {
	if err := b.open(p); err != nil {
		return err
	}
	if err := b.heads(p); err != nil {
		return err
	}
	if err := b.body(p, totals); err != nil {
		return err
	}
	if p.rows == 0 {
		if err := b.empty(p); err != nil {
			return err
		}
	} else if p.number == p.of && p.sums() {
		if err := b.total(p, totals); err != nil {
			return err
		}
	}
	return b.shut(p)
}

// open begins a sheet: widths, panes, the paper it is printed on.
func (b *book) open(p *part) error {
	if _, err := b.NewSheet(p.name); err != nil {
		return err
	}
	yes, zero, wide := true, 0, max(1, p.wide)
	if err := b.SetSheetProps(p.name, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	var err error
	if p.stream, err = b.NewStreamWriter(p.name); err != nil {
		return err
	}
	if err := b.paper(p.name, &excelize.PageLayoutOptions{FitToWidth: &wide, FitToHeight: &zero}); err != nil {
		return err
	}
	for i := range p.columns {
		if err := p.stream.SetColWidth(i+2, i+2, p.columns[i].shownWidth()); err != nil {
			return err
		}
	}
	if err := p.stream.SetColWidth(1, 1, 7); err != nil {
		return err
	}
	corner := at(p.frozen+1, firstRow)
	return p.stream.SetPanes(&excelize.Panes{Freeze: true, XSplit: p.frozen + 1, YSplit: firstRow - 1, TopLeftCell: corner, ActivePane: "bottomRight"})
}

// paper is how a sheet is printed: on A4, across unless the layout says otherwise.
func (b *book) paper(sheet string, layout *excelize.PageLayoutOptions) error {
	size, across := paperA4, "landscape"
	layout.Size = &size
	if layout.Orientation == nil {
		layout.Orientation = &across
	}
	if err := b.SetPageLayout(sheet, layout); err != nil {
		return err
	}
	side, above, below, edge, yes := 0.4, 0.6, 0.6, 0.3, true
	if err := b.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &above, Bottom: &below,
		Header: &edge, Footer: &edge, Horizontally: &yes}); err != nil {
		return err
	}
	m := b.run.Manifest
	return b.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{
		OddHeader: fmt.Sprintf("&L%s&R&A", b.title()),
		OddFooter: fmt.Sprintf("&L运行 %s&C第 &P 页，共 &N 页&R评价时点 %s", m.RunID, m.AsOf),
	})
}

// shownWidth is the width of a column: its own, or enough for its form and head.
func (c *column) shownWidth() float64 {
	if c.width > 0 {
		return c.width
	}
	return max(c.form.width(), min(float64(sheet.ShownWidth(c.title())), 12)+2)
}

// title is a column's head with its unit.
func (c *column) title() string {
	if c.unit == "" {
		return c.head
	}
	return c.head + "（" + c.unit + "）"
}

// at names the cell of a column, counted from 0, and a row.
func at(column, row int) string {
	name, _ := excelize.ColumnNumberToName(column + 1) // there are never as many as fail
	return name + strconv.Itoa(row)
}

func (b *book) style(f form, value any) excelize.Cell {
	return excelize.Cell{StyleID: b.styles.of[f], Value: value}
}

// heads writes the title, the note and the head in two rows.
func (b *book) heads(p *part) error {
	m := b.run.Manifest
	note := fmt.Sprintf("评价年度 %d　评价时点 %s　运行 %s", m.Year, m.AsOf, m.RunID)
	if p.list.note != "" {
		note += "　" + p.list.note
	}
	if p.of > 1 {
		note += fmt.Sprintf("　本表共 %d 行，分为 %d 张工作表，本张为第 %d 张（第 %d–%d 行）", p.rows, p.of, p.number, p.from+1, p.to)
	}
	if err := p.stream.SetRow("A1", []any{b.style(titleForm, p.name)}, excelize.RowOpts{Height: 28}); err != nil {
		return err
	}
	if err := p.stream.SetRow("A2", []any{b.style(noteForm, note)}, excelize.RowOpts{Height: 16}); err != nil {
		return err
	}
	above, below := []any{b.style(headForm, "序号")}, []any{b.style(headForm, nil)}
	if err := p.stream.MergeCell("A3", "A4"); err != nil {
		return err
	}
	for i := 0; i < len(p.columns); {
		group, n := p.columns[i].group, 1
		if group == "" {
			above, below = append(above, b.style(headForm, p.columns[i].title())), append(below, b.style(headForm, nil))
			if err := p.stream.MergeCell(at(i+1, headRow), at(i+1, headRow+1)); err != nil {
				return err
			}
			i++
			continue
		}
		for i+n < len(p.columns) && p.columns[i+n].group == group {
			n++
		}
		if n > 1 {
			if err := p.stream.MergeCell(at(i+1, headRow), at(i+n, headRow)); err != nil {
				return err
			}
		}
		for k := range n {
			var shown any
			if k == 0 {
				shown = group
			}
			above, below = append(above, b.style(headForm, shown)), append(below, b.style(headForm, p.columns[i+k].title()))
		}
		i += n
	}
	if err := p.stream.SetRow(at(0, headRow), above, excelize.RowOpts{Height: 18}); err != nil {
		return err
	}
	p.row = headRow + 1
	return p.stream.SetRow(at(0, p.row), below, excelize.RowOpts{Height: 30})
}

// body writes the rows.
func (b *book) body(p *part, totals []int64) error {
	cells := make([]any, len(p.columns)+1)
	for n := p.from; n < p.to; n++ {
		if n%ctxRows == 0 && b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		i := n
		if p.list.row != nil {
			i = p.list.row(n)
		}
		cells[0] = b.style(wholeForm, n+1)
		for k := range p.columns {
			c := &p.columns[k]
			cells[k+1] = b.cell(c, c.cell(i))
			if c.sum {
				totals[k] += c.addend(i)
			}
		}
		p.row++
		if err := p.stream.SetRow(at(0, p.row), cells); err != nil {
			return err
		}
	}
	return nil
}

// shown is a value that is shown in another form than its column.
type shown struct {
	form  form
	value any
}

// cell is a value in its column's form.
func (b *book) cell(c *column, value any) excelize.Cell {
	f := c.form
	if s, ok := value.(shown); ok {
		f, value = s.form, s.value
	}
	if f == gradeForm {
		if letter, ok := value.(string); ok && b.styles.grade[letter] != 0 {
			return excelize.Cell{StyleID: b.styles.grade[letter], Value: letter}
		}
	}
	switch v := value.(type) {
	case string:
		value = cut(v)
	case unit.Date:
		value = serial(v)
	}
	return b.style(f, value)
}

// serial is a day as workbooks count them, which begins to be right in March 1900.
func serial(d unit.Date) any {
	const epoch, firstRight = 25569, 61
	if n := int(d) + epoch; n >= firstRight {
		return n
	}
	return d.String()
}

// cut shortens a text to what a cell holds, and says so.
func cut(s string) string {
	const most, sign = excelize.TotalCellChars, "……（全文见 tables 文件夹）"
	if len(s) <= most { // bytes are never fewer than characters
		return s
	}
	n, room := 0, most-sheet.ShownWidth(sign)
	for i, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
		if n > room {
			return s[:i] + sign
		}
	}
	return s
}

// addend is what row i adds to the sum of a column, in its last decimals.
func (c *column) addend(i int) int64 {
	if c.via != nil {
		i = c.via(i)
	}
	if c.of == nil || i < 0 {
		return 0
	}
	if v, _, ok, fixed := c.of.Fixed(i); fixed && ok {
		return v
	}
	if c.of.Kind() == write.KindInteger {
		v, _ := c.of.Integer(i)
		return v
	}
	return 0
}

// sums says whether any column is added up.
func (p *part) sums() bool {
	for i := range p.columns {
		if p.columns[i].sum && p.columns[i].of != nil {
			return true
		}
	}
	return false
}

// total writes the sums below the list: those of the rows in sight, where the list
// stands on one sheet, so that they follow its filter.
func (b *book) total(p *part, totals []int64) error {
	cells := []any{b.style(totalForm, "合计")}
	for k := range p.columns {
		c := &p.columns[k]
		if !c.sum || c.of == nil {
			cells = append(cells, b.style(totalForm, nil))
			continue
		}
		cell, decimals := b.style(totalNumberForm, nil), 0
		if c.of.Kind() == write.KindInteger {
			cell = b.style(totalWholeForm, nil)
		} else if _, d, _, fixed := c.of.Fixed(0); fixed {
			decimals = d
		}
		cell.Value = decimal(totals[k], decimals)
		if p.of == 1 {
			name, _ := excelize.ColumnNumberToName(k + 2)
			cell.Formula = fmt.Sprintf("SUBTOTAL(109,%s%d:%s%d)", name, firstRow, name, p.row)
		}
		cells = append(cells, cell)
	}
	p.row++
	return p.stream.SetRow(at(0, p.row), cells)
}

// decimal is v ÷ 10^decimals as the number that its decimal reads back as.
func decimal(v int64, decimals int) float64 {
	f, _ := strconv.ParseFloat(write.Decimal(v, decimals), 64) // a decimal is always a number
	return f
}

// empty says in the place of rows why there are none.
func (b *book) empty(p *part) error {
	cells := []any{b.style(textForm, p.reason())}
	for range p.columns {
		cells = append(cells, b.style(textForm, nil))
	}
	p.row++
	return p.stream.SetRow(at(0, p.row), cells)
}

// shut ends a sheet with its filter and the rows that are printed on each page.
func (b *book) shut(p *part) error {
	last := firstRow + p.to - p.from - 1
	if p.rows > 0 {
		if err := b.AutoFilter(p.name, at(0, headRow+1)+":"+at(len(p.columns), last), nil); err != nil {
			return err
		}
	}
	repeated := fmt.Sprintf("'%s'!$%d:$%d", p.name, headRow, headRow+1)
	if p.wide > 1 {
		name, _ := excelize.ColumnNumberToName(p.frozen + 1)
		repeated = fmt.Sprintf("'%s'!$A:$%s,%s", p.name, name, repeated)
	}
	if err := b.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: repeated, Scope: p.name}); err != nil {
		return err
	}
	return p.stream.Flush()
}
