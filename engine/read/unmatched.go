package read

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Joined is what became of the rows of a file that columns were taken from: they belong
// to a row of the table, or are among the unmatched, or have no key, or are faulty.
type Joined struct {
	From      string // the file, or the pattern of several, and its worksheet or layer
	File      int32  // the first of them, index into the account's files
	Rows      int64  // of it that the mapping wants
	Keys      int64  // different keys
	Faulty    int64  // rows that are shorter or longer than the header
	Keyless   UnmatchedKey
	Unmatched []UnmatchedKey // sorted by key
}

// UnmatchedKey is a key of a joined file that no row of the table has.
type UnmatchedKey struct {
	Key     string // its parts with / between
	Rows    int64
	Amounts []Amount // what a row of the table would have taken, in the schema's order
}

// Amount is a number of a column in the column's unit.
type Amount struct {
	Column string
	Unit   unit.Unit
	Value  float64
}

// String is an amount as lists have it, to four decimals.
func (a Amount) String() string {
	text := a.Column + "=" + strconv.FormatFloat(math.Round(a.Value*1e4)/1e4+0, 'f', -1, 64)
	if a.Unit != unit.None {
		text += " " + string(a.Unit)
	}
	return text
}

// mostNamed is how many keys without a row a note names.
const mostNamed = 5

// String tells of it in one line.
func (j *Joined) String() string {
	text := fmt.Sprintf("joined on: %d keys, %d of them without a row of the table", j.Keys, len(j.Unmatched))
	if n := len(j.Unmatched); n > 0 {
		var names []string
		for _, u := range j.Unmatched[:min(n, mostNamed)] {
			names = append(names, Shown([]byte(u.Key)))
		}
		text += fmt.Sprintf(" (%q%s)", names, map[bool]string{true: " …"}[n > mostNamed])
	}
	if j.Keyless.Rows > 0 {
		text += fmt.Sprintf(", %d rows without a key", j.Keyless.Rows)
	}
	if j.Faulty > 0 {
		text += fmt.Sprintf(", %d rows passed over that are shorter or longer than the header", j.Faulty)
	}
	return text
}

// unmatched tells which keys of joined files belong to no row of the table.
// The files of the joins stand from base on among the account's.
func (sc *scan) unmatched(base int) {
	for _, j := range sc.joins {
		first := int32(base + j.at)
		for i := range j.columns {
			c := &j.columns[i]
			one := ColumnNote{Column: c.Spec.Name, File: first, How: string(c.Spec.Take), Unit: j.sources[i].Unit}
			if n := len(c.Parts); n > 0 {
				one.How = fmt.Sprintf("largest of %d sums", n)
			}
			if src := j.sources[i]; src.Mul != 0 {
				one.Header = j.plan.Headers[src.Slot]
			}
			sc.account.Columns = append(sc.account.Columns, one)
		}
		if j.alike != nil {
			continue
		}
		alike := []*joined{j}
		for _, other := range sc.joins {
			if other.alike == j {
				alike = append(alike, other)
			}
		}
		note := unmatchedOf(alike)
		note.File = first
		sc.account.Files[first].note(note.String())
		sc.account.Joined = append(sc.account.Joined, note)
	}
}

// unmatchedOf tells it of joins of the same rows and keys.
func unmatchedOf(alike []*joined) Joined {
	j := alike[0]
	note := Joined{From: j.of.File.Name(), Faulty: j.faulty}
	for _, f := range j.files {
		note.Rows += f.Rows
	}
	if len(j.files) == 1 {
		note.From = j.files[0].Name
	}
	if within := j.of.File.Layer + j.of.File.Sheet; within != "" {
		note.From += "!" + within
	}
	for n, key := range j.tally.Keys() {
		if key != keyless {
			note.Keys++
		}
		if j.matched[n] != 0 {
			continue
		}
		u := UnmatchedKey{Key: strings.ReplaceAll(key, "\x00", "/"), Rows: j.tally.Rows(int32(n)), Amounts: amountsOf(alike, key)}
		if key == keyless {
			note.Keyless = u
			continue
		}
		note.Unmatched = append(note.Unmatched, u)
	}
	slices.SortFunc(note.Unmatched, func(a, b UnmatchedKey) int { return cmp.Compare(a.Key, b.Key) })
	return note
}

// amountsOf are the numbers that a row with the key would take; one that cannot be read
// is none.
func amountsOf(alike []*joined, key string) (amounts []Amount) {
	for _, j := range alike {
		n, met := j.tally.Find([]byte(key))
		if !met {
			continue
		}
		for i := range j.columns {
			f := &j.reader.schema.Fields[j.columns[i].Field]
			if v := j.value(n, i); f.Kind == table.Number && v.Some && v.Fault == nil {
				amounts = append(amounts, Amount{f.Name, f.Unit, v.Number})
			}
		}
	}
	slices.SortFunc(amounts, func(a, b Amount) int {
		s := alike[0].reader.schema
		return s.Index(a.Column) - s.Index(b.Column)
	})
	return amounts
}
