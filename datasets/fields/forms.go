package fields

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed forms.csv
var formsCSV string

// readForms are the columns of a run's layers and tables by their names in bureaus' forms:
// table and folded header → column.
var readForms = sync.OnceValue(func() map[name]string {
	headers := map[name]string{}
	add := func(table, header, column string) {
		key := name{table, fold(header)}
		if _, known := headers[key]; !known && header != "" {
			headers[key] = column
		}
	}
	for _, e := range Dictionary() {
		add(e.Table, e.Column, e.Column)
		add(e.Table, e.Zh, e.Column)
	}
	for _, i := range Indicators() {
		for _, table := range []string{"indicators", "grades"} {
			add(table, i.ID, i.ID)
			add(table, i.Zh, i.ID)
		}
		e, _ := Explain("grades", ScorePrefix+i.ID)
		add("grades", e.Column, e.Column)
		add("grades", e.Zh, e.Column)
	}
	for _, r := range rows("forms.csv", formsCSV, 3) {
		for _, alias := range strings.Split(r[2], "|") {
			add(r[0], alias, r[1])
		}
	}
	return headers
})

// FormHeader finds the column of a run's layer or table that a header of a bureau's form
// names, without the unit: by the column's name, its Chinese label or another name. Space,
// case and full width make no difference.
func FormHeader(table, header string) (column string, ok bool) {
	column, ok = readForms()[name{table, fold(header)}]
	return column, ok
}

// SplitUnit parts a header from the unit in its last bracket, half or full width:
// 税收（万元） is 税收, 万元. Without one the unit is empty.
func SplitUnit(header string) (bare, unitLabel string) {
	h := strings.TrimSpace(widths.Replace(header))
	open := strings.LastIndexByte(h, '(')
	if open <= 0 || !strings.HasSuffix(h, ")") {
		return strings.TrimSpace(header), ""
	}
	return strings.TrimSpace(h[:open]), strings.TrimSpace(h[open+1 : len(h)-1])
}
