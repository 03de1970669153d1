// Package fields is the dictionary of columns: what people in departments call the
// columns of the input tables, and the label, unit, formula and clause of every
// column of a run's layers and tables.
//
// It names columns; it converts no units and reads no tables.
package fields

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
)

// Entry is one column of a layer or table that a run writes.
type Entry struct {
	Table, Column string // the layer's or table's name, the column's
	Zh, En        string // labels
	Unit          string // as engine/unit names it; empty for text and plain numbers
	Formula       string
	Clause        string // of the law, where the column follows one
}

//go:embed inputs.csv
var inputsCSV string

//go:embed outputs.csv
var outputsCSV string

//go:embed words.csv
var wordsCSV string

type name struct{ of, id string } // of a table its column, of a language its word

type label struct{ zh, en string }

type inputs struct {
	labels  map[name]label
	headers map[name]string // table and folded header → column
}

var readInputs = sync.OnceValue(func() inputs {
	in := inputs{labels: map[name]label{}, headers: map[name]string{}}
	for _, r := range rows("inputs.csv", inputsCSV, 5) {
		table, column := r[0], r[1]
		in.labels[name{table, column}] = label{r[2], r[3]}
		for _, header := range append([]string{column, r[2]}, strings.Split(r[4], "|")...) {
			if header != "" {
				in.headers[name{table, fold(header)}] = column
			}
		}
	}
	return in
})

type outputs struct {
	entries []Entry
	byName  map[name]Entry
}

var readOutputs = sync.OnceValue(func() outputs {
	out := outputs{byName: map[name]Entry{}}
	for _, r := range rows("outputs.csv", outputsCSV, 7) {
		e := Entry{r[0], r[1], r[2], r[3], r[4], r[5], r[6]}
		out.entries = append(out.entries, e)
		out.byName[name{e.Table, e.Column}] = e
	}
	return out
})

var readWords = sync.OnceValue(func() map[string]label {
	words := map[string]label{}
	for _, r := range rows("words.csv", wordsCSV, 3) {
		words[r[0]] = label{r[1], r[2]}
	}
	return words
})

// rows are the rows of a shipped file below its header row.
func rows(file, text string, columns int) [][]string {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = columns
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 {
		panic(fmt.Sprintf("datasets/fields/%s: %v", file, err)) // the program's own file, held by a test
	}
	return all[1:]
}

// Header finds the column of an input table that a header names: by the column's
// own name, its Chinese label or another of its known Chinese names. A last bracket
// that is not part of a known name, half or full width, is split off as the unit's
// label: 税收（万元） is tax, 万元. Space, case, full width and a byte-order mark make no
// difference.
func Header(table, header string) (column, unitLabel string, ok bool) {
	in := readInputs()
	h := fold(header)
	if column, ok = in.headers[name{table, h}]; ok {
		return column, "", true
	}
	open := strings.LastIndexByte(h, '(')
	if open <= 0 || !strings.HasSuffix(h, ")") {
		return "", "", false
	}
	column, ok = in.headers[name{table, h[:open]}]
	if !ok {
		return "", "", false
	}
	raw := widths.Replace(header)
	first, last := strings.LastIndexByte(raw, '('), strings.LastIndexByte(raw, ')')
	return column, strings.TrimSpace(raw[first+1 : last]), true
}

// widths turns full-width brackets and the other signs of headers into their half
// width.
var widths = strings.NewReplacer("（", "(", "）", ")", "［", "(", "］", ")", "【", "(", "】", ")", "[", "(", "]", ")",
	"／", "/", "＆", "&", "：", ":", "％", "%")

// fold is a header as headers are compared: half width, lower case, without space
// and byte-order mark.
func fold(s string) string {
	var b strings.Builder
	for _, r := range widths.Replace(s) {
		switch {
		case r == '\ufeff' || r == '\u200b' || r == '\u3000' || r == '\u00a0' || r <= ' ':
			continue
		case r >= '！' && r <= '～': // full-width ASCII
			r -= '！' - '!'
		}
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// InputLabel is the label of a column of an input table; empty when there is none.
func InputLabel(table, column string) (zh, en string) {
	l := readInputs().labels[name{table, column}]
	return l.zh, l.en
}

// Label is the label of a column of a run's layer or table; empty when there is
// none.
func Label(layer, column string) (zh, en string) {
	e, _ := Explain(layer, column)
	return e.Zh, e.En
}

// Dictionary lists every column of a run's layers and tables in the file's order:
// what dictionary.csv holds. The slice is shared; it is not to be changed.
func Dictionary() []Entry { return readOutputs().entries }

// Word is a word that a person reads, in zh or en; its id when there is none, so
// that a missing word is seen.
func Word(id, lang string) string {
	l, ok := readWords()[id]
	switch {
	case !ok:
		return id
	case lang == "zh":
		return l.zh
	default:
		return l.en
	}
}
