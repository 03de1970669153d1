package sheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/sheet/xlsx"
)

// Spec describes a workbook to be filled in. Its words are the caller's. Without columns
// it is a workbook of the notes alone.
type Spec struct {
	Sheet   string // the tab of the table
	Columns []Column
	// NotesSheet is the tab of the notes, and Notes its rows, a head first; without
	// notes there is no such tab.
	NotesSheet string
	Notes      [][]string
}

// Column is a column of a workbook to be filled in.
type Column struct {
	Head    string
	Unit    string   // put in brackets behind the head; may be empty
	Needed  bool     // its head stands out
	Text    bool     // cells are text, so that a code keeps its zeros and its last digits
	Date    bool     // cells are shown as 2006-01-02
	Choices []string // what may be entered, as a drop-down list
	Example string
}

const (
	exampleRow   = 2
	mostListed   = 255      // characters of a drop-down list that stands in the worksheet itself
	listsSheet   = "lists"  // hidden; holds the longer ones
	neededColour = "FFE699" // of a needed column's head
	headColour   = "DDEBF7" // of another's
	exampleGrey  = "808080" // of the example's letters
	fixedDay     = "2000-01-01T00:00:00Z"
	textFormat   = 49 // built in
)

// Template writes a workbook to be filled in: a frozen head with units in brackets, a
// grey row that is marked as an example and that reading leaves out, drop-down lists,
// text format for codes, and a sheet of notes. The same spec gives the same bytes.
func Template(w io.Writer, s Spec) error {
	f := excelize.NewFile()
	defer f.Close()
	t := template{File: f, spec: s}
	for _, step := range []func() error{t.sheets, t.styles, t.columns, t.head, t.choices, t.notes, t.finish} {
		if err := step(); err != nil {
			return fmt.Errorf("write template %q: %w", s.Sheet, err)
		}
	}
	if _, err := f.WriteTo(w); err != nil {
		return fmt.Errorf("write template %q: %w", s.Sheet, err)
	}
	return nil
}

// template is a workbook that is being made.
type template struct {
	*excelize.File
	spec                                                     Spec
	needed, optional, example, exampleText, text, date, bold int // styles
}

func (t *template) sheets() error {
	if t.notesAlone() {
		return t.SetSheetName("Sheet1", t.spec.NotesSheet)
	}
	if len(t.spec.Columns) == 0 || len(t.spec.Columns) > xlsx.MostColumns {
		return fmt.Errorf("it has %d columns; a worksheet has 1 to %d", len(t.spec.Columns), xlsx.MostColumns)
	}
	return t.SetSheetName("Sheet1", t.spec.Sheet)
}

// notesAlone says whether there is nothing to fill in.
func (t *template) notesAlone() bool { return len(t.spec.Columns) == 0 && len(t.spec.Notes) > 0 }

func (t *template) styles() error {
	border := make([]excelize.Border, 0, 4)
	for _, side := range []string{"left", "top", "right", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "BFBFBF", Style: 1})
	}
	head := func(colour string) *excelize.Style {
		return &excelize.Style{
			Font: &excelize.Font{Bold: true}, Border: border,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
		}
	}
	grey := &excelize.Font{Italic: true, Color: exampleGrey}
	dates := "yyyy-mm-dd"
	for _, style := range []struct {
		id *int
		of *excelize.Style
	}{
		{&t.needed, head(neededColour)},
		{&t.optional, head(headColour)},
		{&t.example, &excelize.Style{Font: grey}},
		{&t.exampleText, &excelize.Style{Font: grey, NumFmt: textFormat}},
		{&t.text, &excelize.Style{NumFmt: textFormat}},
		{&t.date, &excelize.Style{CustomNumFmt: &dates}},
		{&t.bold, &excelize.Style{Font: &excelize.Font{Bold: true}}},
	} {
		id, err := t.NewStyle(style.of)
		if err != nil {
			return err
		}
		*style.id = id
	}
	return nil
}

// title is a column's head with its unit.
func (c Column) title() string {
	if c.Unit == "" {
		return c.Head
	}
	return c.Head + "\uFF08" + c.Unit + "\uFF09"
}

// ShownWidth is how wide a text is in a worksheet: a Chinese character takes two.
func ShownWidth(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0x2E80 {
			n++
		}
	}
	return n
}

// columns formats and sizes the columns.
func (t *template) columns() error {
	for i, c := range t.spec.Columns {
		name := xlsx.ColumnName(i)
		style := 0
		switch {
		case c.Text:
			style = t.text
		case c.Date:
			style = t.date
		}
		if style != 0 {
			if err := t.SetColStyle(t.spec.Sheet, name, style); err != nil {
				return err
			}
		}
		width := max(ShownWidth(c.title()), ShownWidth(t.exampleOf(i)), 8) + 2
		if err := t.SetColWidth(t.spec.Sheet, name, name, float64(min(width, 40))); err != nil {
			return err
		}
	}
	return nil
}

// exampleOf is what a column's example says; the first carries the mark.
func (t *template) exampleOf(column int) string {
	e := t.spec.Columns[column].Example
	if column == 0 {
		return "\uFF08" + readWords().example + "\uFF09" + e
	}
	return e
}

// head writes the head and the example, and freezes the head.
func (t *template) head() error {
	if t.notesAlone() {
		return nil
	}
	for i, c := range t.spec.Columns {
		style := t.optional
		if c.Needed {
			style = t.needed
		}
		if err := t.put(t.spec.Sheet, i, 1, c.title(), style); err != nil {
			return err
		}
		var value any = t.exampleOf(i)
		style = t.example
		if n, err := strconv.ParseFloat(c.Example, 64); err == nil && i > 0 && !c.Text {
			value = n
		} else if c.Text {
			style = t.exampleText
		}
		if err := t.put(t.spec.Sheet, i, exampleRow, value, style); err != nil {
			return err
		}
	}
	return t.SetPanes(t.spec.Sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

func (t *template) put(sheet string, column, row int, value any, style int) error {
	at := xlsx.ColumnName(column) + strconv.Itoa(row)
	if err := t.SetCellValue(sheet, at, value); err != nil {
		return err
	}
	return t.SetCellStyle(sheet, at, at, style)
}

// choices adds the drop-down lists; one that is too long for the worksheet, or holds
// the comma that parts it, goes into a hidden sheet.
func (t *template) choices() error {
	lists := 0
	for i, c := range t.spec.Columns {
		if len(c.Choices) == 0 {
			continue
		}
		list := excelize.NewDataValidation(true)
		name := xlsx.ColumnName(i)
		list.Sqref = fmt.Sprintf("%s%d:%s%d", name, exampleRow+1, name, xlsx.MostRows)
		joined := strings.Join(c.Choices, ",")
		if utf8.RuneCountInString(joined) <= mostListed && strings.Count(joined, ",") == len(c.Choices)-1 {
			if err := list.SetDropList(c.Choices); err != nil {
				return err
			}
		} else {
			if lists == 0 {
				if _, err := t.NewSheet(listsSheet); err != nil {
					return err
				}
			}
			for n, choice := range c.Choices {
				if err := t.put(listsSheet, lists, n+1, choice, t.text); err != nil {
					return err
				}
			}
			of := xlsx.ColumnName(lists)
			list.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", listsSheet, of, of, len(c.Choices)))
			lists++
		}
		if err := t.AddDataValidation(t.spec.Sheet, list); err != nil {
			return err
		}
	}
	if lists == 0 {
		return nil
	}
	return t.SetSheetVisible(listsSheet, false)
}

// notes writes the sheet of notes.
func (t *template) notes() error {
	if len(t.spec.Notes) == 0 {
		return nil
	}
	if _, err := t.NewSheet(t.spec.NotesSheet); err != nil { // nothing is done when it is there
		return err
	}
	var widths []int
	for n, row := range t.spec.Notes {
		style := t.text
		if n == 0 {
			style = t.bold
		}
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], ShownWidth(cell))
			if err := t.put(t.spec.NotesSheet, i, n+1, cell, style); err != nil {
				return err
			}
		}
	}
	for i, width := range widths {
		name := xlsx.ColumnName(i)
		if err := t.SetColWidth(t.spec.NotesSheet, name, name, float64(min(max(width, 8)+2, 80))); err != nil {
			return err
		}
	}
	return nil
}

// finish fixes the workbook's own dates, which are no part of what it says.
func (t *template) finish() error {
	return t.SetDocProps(&excelize.DocProperties{Creator: "muscope", LastModifiedBy: "muscope", Created: fixedDay, Modified: fixedDay})
}
