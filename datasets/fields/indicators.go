package fields

import (
	_ "embed"
	"sync"
)

// Indicator is how people call an indicator of enterprises, its formula in words, its
// unit and where its definition comes from.
type Indicator struct {
	ID                   string
	Zh, En               string // labels
	FormulaZh, FormulaEn string // numerator ÷ denominator
	Unit                 string // names of engine/unit, one or two with _per_ between
	UnitZh               string // label of the unit, 万元/亩; empty for a ratio
	Source               string // documents and clauses, the first that of the formula
}

// Label is the indicator's label in zh or en.
func (i Indicator) Label(lang string) string {
	if lang == "zh" {
		return i.Zh
	}
	return i.En
}

// Formula is the indicator's formula in words, in zh or en.
func (i Indicator) Formula(lang string) string {
	if lang == "zh" {
		return i.FormulaZh
	}
	return i.FormulaEn
}

//go:embed indicators.csv
var indicatorsCSV string

var readIndicators = sync.OnceValue(func() []Indicator {
	var list []Indicator
	for _, r := range rows("indicators.csv", indicatorsCSV, 8) {
		list = append(list, Indicator{r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]})
	}
	return list
})

// Indicators lists the indicators of enterprises in the file's order. The slice is
// shared; it is not to be changed.
func Indicators() []Indicator { return readIndicators() }

// FindIndicator is the indicator of an id; ok is false when there is none.
func FindIndicator(id string) (i Indicator, ok bool) {
	for _, i := range readIndicators() {
		if i.ID == id {
			return i, true
		}
	}
	return Indicator{}, false
}
