package fields

import (
	_ "embed"
	"sync"
)

// Example is how a column of an input table is explained to who fills it in.
type Example struct {
	Value string // as it may stand in a cell, in the column's own unit; of somebody made up
	Note  string // what the column means, in Chinese
}

//go:embed examples.csv
var examplesCSV string

var readExamples = sync.OnceValue(func() map[name]Example {
	all := map[name]Example{}
	for _, r := range rows("examples.csv", examplesCSV, 4) {
		all[name{r[0], r[1]}] = Example{r[2], r[3]}
	}
	return all
})

// InputExample is the example of a column of an input table; ok is false when there is
// none.
func InputExample(table, column string) (e Example, ok bool) {
	e, ok = readExamples()[name{table, column}]
	return e, ok
}
