// Package canon writes rows as canonical text: what names them, in what order they
// come, which of two with the same key is used, and what tells one table's rows from
// another's. None of it depends on the order, the files or the batches of the rows.
package canon

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// keyText is the text of a row's key columns, joined by a byte no text holds.
func keyText(b table.Batch, row int) string {
	s := b.Schema
	if len(s.Key) == 1 {
		if a, ok := b.Record.Column(s.Index(s.Key[0])).(*array.String); ok {
			return a.Value(row)
		}
	}
	var key []byte
	for i, k := range s.Key {
		if i > 0 {
			key = append(key, 0)
		}
		key, _ = AppendCell(key, b, KeyColumn(b, s.Index(k), row), row)
	}
	return string(key)
}

// KeyColumn is the column that a part of a row's key is read from: of a code that
// is empty, the name that stands for it.
func KeyColumn(b table.Batch, part, row int) int {
	if code, name, ok := b.Schema.StandIn(); ok && part == code && b.Record.Column(code).IsNull(row) {
		return name
	}
	return part
}

// AppendCell writes a cell as canonical text: the shortest decimal that reads
// back, YYYY-MM-DD, true or false, the bytes of a text or of WKB. ok is false for
// null.
func AppendCell(dst []byte, b table.Batch, column, row int) (out []byte, ok bool) {
	col := b.Record.Column(column)
	if col.IsNull(row) {
		return dst, false
	}
	switch a := col.(type) {
	case *array.String:
		return append(dst, a.Value(row)...), true
	case *array.Binary:
		return append(dst, a.Value(row)...), true
	case *array.Float64:
		return strconv.AppendFloat(dst, a.Value(row), 'f', -1, 64), true
	case *array.Int64:
		return strconv.AppendInt(dst, a.Value(row), 10), true
	case *array.Date32:
		return unit.Date(a.Value(row)).Append(dst), true
	case *array.Boolean:
		return strconv.AppendBool(dst, a.Value(row)), true
	}
	return dst, false
}

// compareRows orders two rows of a table by their columns as canonical text, in
// the table's order, nulls last; a layer's WKB comes last of all.
func compareRows(a table.Batch, i int, b table.Batch, j int) int {
	var left, right [64]byte
	for c := range a.Schema.Fields {
		l, okL := AppendCell(left[:0], a, c, i)
		r, okR := AppendCell(right[:0], b, c, j)
		switch {
		case okL && okR:
			if d := bytes.Compare(l, r); d != 0 {
				return d
			}
		case okL:
			return -1
		case okR:
			return 1
		}
	}
	return 0
}

// Order lists the rows of batches that alive keeps, sorted by key, and of rows that
// share a key only the one whose columns sort first; the others are doubles, in the
// order of their keys. The outcome does not depend on the order of the rows: rows that
// are alike in everything are told apart by their place, which changes nothing. Rows
// with a name for a code ([table.Schema.StandIn]) come behind all that have one, with
// the name in their key: a name never shares a key with a code. Rows of a table
// without a key are sorted by all their columns and have no doubles.
func Order(s *table.Schema, batches []table.Batch, alive func(table.Ref) bool) (kept, doubles []table.Ref) {
	coded, named := keys(s, batches, alive)
	byRow := func(a, b entry) int {
		if d := compareRows(batches[a.ref.Batch], int(a.ref.Row), batches[b.ref.Batch], int(b.ref.Row)); d != 0 {
			return d
		}
		return a.ref.Compare(b.ref)
	}
	if len(s.Key) == 0 {
		slices.SortFunc(coded, byRow)
		return refs(coded), nil
	}
	coded, twice := distinct(coded, byRow)
	named, more := distinct(named, byRow)
	return refs(append(coded, named...)), refs(append(twice, more...))
}

// distinct sorts entries by key and keeps, in their memory, of those that share
// one the first by row; the others are doubles.
func distinct(entries []entry, byRow func(a, b entry) int) (kept, doubles []entry) {
	if !slices.IsSortedFunc(entries, entry.compare) {
		slices.SortFunc(entries, entry.compare)
	}
	kept = entries[:0]
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j].sameKey(entries[i]) {
			j++
		}
		if j-i > 1 {
			same := entries[i:j]
			slices.SortFunc(same, byRow)
			doubles = append(doubles, same[1:]...)
		}
		kept = append(kept, entries[i])
		i = j
	}
	return kept, doubles
}

// AppendKey appends a row's exact key to dst: its parts joined by /. A row of a table
// without a key is named by its required columns, one without a code by the name it
// has instead.
func AppendKey(dst []byte, b table.Batch, row int) []byte {
	for i, k := range b.Schema.NamedBy() {
		if i > 0 {
			dst = append(dst, '/')
		}
		dst, _ = AppendCell(dst, b, KeyColumn(b, k, row), row)
	}
	return dst
}

// entry is a row with its key; the first eight bytes behind what all keys begin
// with decide most comparisons.
type entry struct {
	head uint64
	ref  table.Ref
	key  string
}

func (a entry) compare(b entry) int {
	switch {
	case a.head < b.head:
		return -1
	case a.head > b.head:
		return 1
	}
	if d := strings.Compare(a.key, b.key); d != 0 {
		return d
	}
	return a.ref.Compare(b.ref)
}

func (a entry) sameKey(b entry) bool { return a.head == b.head && a.key == b.key }

// keys lists the rows that alive keeps; where rows have keys, those whose key has
// a name for a code apart.
func keys(s *table.Schema, batches []table.Batch, alive func(table.Ref) bool) (coded, named []entry) {
	n := 0
	for _, b := range batches {
		n += b.Rows()
	}
	coded = make([]entry, 0, n)
	code, _, apart := s.StandIn()
	apart = apart && len(s.Key) > 0
	for i, b := range batches {
		for row := range b.Rows() {
			ref := table.Ref{Batch: int32(i), Row: int32(row)}
			if alive != nil && !alive(ref) {
				continue
			}
			e := entry{ref: ref, key: keyText(b, row)}
			if apart && b.Record.Column(code).IsNull(row) {
				named = append(named, e)
			} else {
				coded = append(coded, e)
			}
		}
	}
	setHeads(coded)
	setHeads(named)
	return coded, named
}

// setHeads sets the heads of entries that are compared with one another.
func setHeads(entries []entry) {
	if len(entries) == 0 {
		return
	}
	common := len(entries[0].key)
	for _, e := range entries {
		common = shared(entries[0].key[:common], e.key)
	}
	for i := range entries {
		entries[i].head = head(entries[i].key[common:])
	}
}

// shared is the length of what two texts begin with.
func shared(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// head is the first eight bytes of a text as a number that orders as they do;
// texts under eight bytes are filled up with zero bytes.
func head(s string) uint64 {
	var h uint64
	for i := range 8 {
		h <<= 8
		if i < len(s) {
			h |= uint64(s[i])
		}
	}
	return h
}

func refs(entries []entry) []table.Ref {
	out := make([]table.Ref, len(entries))
	for i, e := range entries {
		out[i] = e.ref
	}
	return out
}
