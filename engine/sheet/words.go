package sheet

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"sync"
	"unicode"
)

//go:embed words.csv
var wordsCSV string

// words are what bureaus write into rows that are no data, by what they are used for.
type words struct {
	total   map[string]bool // stands for a sum of rows
	running map[string]bool // does, unless it is one of two ways a row may be counted
	note    map[string]bool
	serial  map[string]bool // heads a column of row numbers
	nothing map[string]bool // is written where nothing is to be said
	letter  map[string]bool // numbers text columns in a row of column numbers
	ordinal string          // digits that number sections
	example string
}

var readWords = sync.OnceValue(func() words {
	of := map[string]map[string]bool{}
	var w words
	all, err := csv.NewReader(strings.NewReader(wordsCSV)).ReadAll()
	if err != nil || len(all) == 0 {
		panic(fmt.Sprintf("engine/sheet/words.csv: %v", err)) // the program's own file, held by a test
	}
	for _, r := range all[1:] {
		kind, word := r[0], r[1]
		switch kind {
		case "ordinal":
			w.ordinal += word
		case "example":
			w.example = word
		default:
			if of[kind] == nil {
				of[kind] = map[string]bool{}
			}
			of[kind][word] = true
		}
	}
	w.total, w.running, w.note = of["total"], of["running"], of["note"]
	w.serial, w.nothing, w.letter = of["serial"], of["nothing"], of["letter"]
	return w
})

// appendFolded appends a text as words are compared: half width, lower case, without
// white space and marks that are not seen.
func appendFolded(dst []byte, s string) []byte {
	for _, r := range s {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= 0xFEE0
		}
		switch {
		case r >= 'A' && r <= 'Z':
			dst = append(dst, byte(r-'A'+'a'))
		case r < 0x7F:
			if r > ' ' {
				dst = append(dst, byte(r))
			}
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		default:
			dst = append(dst, string(r)...)
		}
	}
	return dst
}
