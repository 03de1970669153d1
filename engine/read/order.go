package read

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/read/canon"
	"github.com/muscope-gis/muscope/engine/table"
)

// Digest is a sum over rows that does not depend on their order, on files or on
// batches: two tables with the same rows have the same digest. It names a run; it
// is no protection against someone who wants a collision.
type Digest = canon.Digest

// Rows computes the digests of a batch's rows into dst, which is grown as needed.
func Rows(b table.Batch, dst []Digest) []Digest { return canon.Rows(b, dst) }

// Order lists the rows of batches that alive keeps, sorted by key, and of rows that
// share a key only the one whose columns sort first; the others are returned as
// rejects. See [canon.Order].
func Order(s *table.Schema, batches []table.Batch, alive func(table.Ref) bool) ([]table.Ref, []Reject) {
	kept, doubles := canon.Order(s, batches, alive)
	var rejects []Reject
	for _, ref := range doubles {
		rejects = append(rejects, duplicate(batches, ref))
	}
	return kept, rejects
}

// KeyOf is a row's key as reports print it: its parts joined by /, [Shown]. A row
// of a table without a key is named by its required columns, one without a code by
// the name it has instead.
func KeyOf(b table.Batch, row int) string { return Shown(AppendKey(nil, b, row)) }

// AppendKey appends a row's exact key to dst.
func AppendKey(dst []byte, b table.Batch, row int) []byte { return canon.AppendKey(dst, b, row) }

// duplicate is the reject of a row whose key another row has.
func duplicate(batches []table.Batch, at table.Ref) Reject {
	b := batches[at.Batch]
	key := KeyOf(b, int(at.Row))
	columns := make([]string, len(b.Schema.Key))
	for i, k := range b.Schema.Key {
		columns[i] = b.Schema.Fields[canon.KeyColumn(b, b.Schema.Index(k), int(at.Row))].Name
	}
	r := Reject{Table: b.Schema.Name, Key: key, Column: strings.Join(columns, "+"), Value: key, Reason: DuplicateKey}
	r.File, r.Row = b.Place(int(at.Row))
	r.Amounts = AmountsOf(b, int(at.Row))
	return r
}
