package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/datasets/palette"
)

// form is how a cell is shown.
type form uint8

// The forms. Texts are in text format, so that a name that begins with = stays a name
// when somebody edits its cell, and codes keep their digits.
const (
	textForm form = iota
	longForm      // text over several lines
	codeForm
	centreForm
	failForm
	gradeForm // a letter in its colour
	numberForm
	preciseForm // up to four decimals
	wholeForm
	percentForm
	dateForm
	titleForm
	noteForm
	headForm
	totalForm
	totalNumberForm
	totalWholeForm
	linkForm
	boxTitleForm
	boxLabelForm
	boxTextForm
	boxNumberForm
	boxPercentForm
	boxHeadForm
	boxNoteForm
	forms // how many there are
)

const textFormat = 49 // built in

// styles are the ids of the workbook's styles.
type styles struct {
	of    [forms]int
	grade map[string]int
}

// grid is a thin line on all sides.
func grid(colour string) []excelize.Border {
	out := make([]excelize.Border, 0, 4)
	for _, side := range []string{"left", "top", "right", "bottom"} {
		out = append(out, excelize.Border{Type: side, Color: colour, Style: 1})
	}
	return out
}

func fill(colour string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
}

func newStyles(f *excelize.File) (styles, error) {
	s := styles{grade: map[string]int{}}
	all := formStyles()
	for form := range forms { // in their order, which the ids follow
		id, err := f.NewStyle(all[form])
		if err != nil {
			return s, err
		}
		s.of[form] = id
	}
	for _, class := range palette.Set("grade") {
		letters := "FFFFFF"
		if r, g, b := class.RGB>>16, class.RGB>>8&255, class.RGB&255; 299*r+587*g+114*b > 140_000 {
			letters = "000000"
		}
		id, err := f.NewStyle(&excelize.Style{Font: font(10, true, letters), Border: grid(lineColour), Alignment: placed("center", false),
			Fill: fill(fmt.Sprintf("%06X", class.RGB)), NumFmt: textFormat})
		if err != nil {
			return s, err
		}
		s.grade[class.Name] = id
	}
	return s, nil
}

const (
	lineColour = "A6A6A6"
	headColour = "DCE6F1"
	sumColour  = "F2F2F2"
)

func font(size float64, bold bool, colour string) *excelize.Font {
	return &excelize.Font{Family: "宋体", Size: size, Bold: bold, Color: colour}
}

func placed(horizontal string, wrap bool) *excelize.Alignment {
	a := &excelize.Alignment{Horizontal: horizontal, Vertical: "center", WrapText: wrap}
	switch horizontal {
	case "left":
		a.Indent = 1
	case "right":
		a.ShrinkToFit = true // a number too long for its cell would not be shown at all
	}
	return a
}

// formStyles are the styles of all forms.
func formStyles() map[form]*excelize.Style {
	format := func(code string) *string { return &code }
	body := func(horizontal string, wrap bool, numbers *string) *excelize.Style {
		s := &excelize.Style{Font: font(10, false, ""), Border: grid(lineColour), Alignment: placed(horizontal, wrap), CustomNumFmt: numbers}
		if numbers == nil {
			s.NumFmt = textFormat
		}
		return s
	}
	total := func(numbers *string) *excelize.Style {
		s := body("right", false, numbers)
		s.Font, s.Fill = font(10, true, ""), fill(sumColour)
		return s
	}
	box := func(size float64, bold bool, horizontal string, numbers *string) *excelize.Style {
		s := body(horizontal, horizontal != "right", numbers)
		s.Font, s.Border = font(size, bold, ""), grid("000000")
		return s
	}
	head := body("center", true, nil)
	head.Font, head.Fill = font(10, true, ""), fill(headColour)
	boxLabel, boxHead, totalText := box(10.5, false, "center", nil), box(10.5, true, "center", nil), total(nil)
	boxLabel.Fill, boxHead.Fill = fill(sumColour), fill(headColour)
	totalText.Alignment = placed("center", false)
	failed := body("center", false, nil)
	failed.Font = font(10, true, "C00000")
	boxNote := box(10.5, false, "left", nil)
	boxNote.Border = nil
	link := body("left", false, nil)
	link.Font = &excelize.Font{Family: "宋体", Size: 10, Underline: "single", Color: "0563C1"}
	return map[form]*excelize.Style{
		textForm: body("left", false, nil), longForm: body("left", true, nil), codeForm: body("left", false, nil),
		centreForm: body("center", false, nil), gradeForm: body("center", false, nil), failForm: failed,
		numberForm: body("right", false, format("#,##0.00")), preciseForm: body("right", false, format("#,##0.00##")),
		wholeForm: body("right", false, format("#,##0")), percentForm: body("right", false, format("0.00%")),
		dateForm:  body("center", false, format("yyyy-mm-dd")),
		titleForm: {Font: font(16, true, ""), Alignment: &excelize.Alignment{Vertical: "center"}, NumFmt: textFormat},
		noteForm:  {Font: font(9, false, "595959"), Alignment: &excelize.Alignment{Vertical: "center"}, NumFmt: textFormat},
		headForm:  head, totalForm: totalText, totalNumberForm: total(format("#,##0.00")), totalWholeForm: total(format("#,##0")), linkForm: link,
		boxTitleForm: {Font: font(18, true, ""), Alignment: placed("center", false), NumFmt: textFormat},
		boxLabelForm: boxLabel, boxTextForm: box(10.5, false, "left", nil), boxNumberForm: box(10.5, false, "right", format("#,##0.00##")),
		boxPercentForm: box(10.5, false, "right", format("0.00%")), boxHeadForm: boxHead, boxNoteForm: boxNote,
	}
}

// width is how wide a column of a form is, in characters.
func (f form) width() float64 {
	switch f {
	case codeForm:
		return 21
	case longForm:
		return 46
	case dateForm, numberForm, preciseForm, percentForm:
		return 11.5
	case wholeForm, centreForm, gradeForm:
		return 8.5
	}
	return 16
}
