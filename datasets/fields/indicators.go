package fields

import (
	_ "embed"
	"strings"
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

// ScorePrefix begins the column of an indicator's item score.
const ScorePrefix = "score_"

// Explain is the dictionary's entry of a column of a run's layer or table. Columns of
// indicators and of their scores are explained from the list of indicators.
func Explain(table, column string) (Entry, bool) {
	if e, ok := readOutputs().byName[name{table, column}]; ok {
		return e, true
	}
	of, isScore := strings.CutPrefix(column, ScorePrefix)
	i, ok := FindIndicator(of)
	if !ok {
		return Entry{}, false
	}
	if isScore {
		return Entry{Table: table, Column: column, Zh: i.Zh + "得分", En: i.En + ", score",
			Formula: "weight × value ÷ benchmark within floor and cap, or as the scheme says"}, true
	}
	return Entry{Table: table, Column: column, Zh: i.Zh, En: i.En, Unit: i.Unit, Formula: i.FormulaEn, Clause: i.Source}, true
}
