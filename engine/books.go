package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// books account for every row that was read: used, or rejected with its reason;
// what was repaired; what people should look at.
type books struct {
	accounts map[string]*read.Account
	dead     map[string]map[table.Ref]bool // rows rejected one by one
	gate     map[string][]*survey.Gate
	used     map[string]used
	rejects  []read.Reject
	repairs  []repaired
	flags    map[string][]flagged // by table
}

// used are the used rows of a table in the order of their keys. The rows of a
// table that no stage asks for are let go once they are accounted for.
type used struct {
	batches []table.Batch
	order   []table.Ref
	rows    int
	digest  *read.Digest // of rows let go
}

// repaired is a row that is used with a mended geometry.
type repaired struct {
	table, key, problem string
	before, after       unit.Area
	file                int32
	row                 int64
}

// flagged is something about a row that people should look at.
type flagged struct{ key, flag, value, detail string }

// view are the rows for their columns.
func (u used) view() table.Rows { return table.Rows{Batches: u.batches, Order: u.order} }

func newBooks() *books {
	return &books{
		accounts: map[string]*read.Account{}, dead: map[string]map[table.Ref]bool{},
		gate: map[string][]*survey.Gate{}, used: map[string]used{}, flags: map[string][]flagged{},
	}
}

// open takes over what reading a table came to.
func (k *books) open(a *read.Account) {
	k.accounts[a.Table] = a
	k.rejects = append(k.rejects, a.Rejects...)
}

// gates takes over what the gate refused, and returns which rows are left.
func (k *books) gates(name string, batches []table.Batch, gates []*survey.Gate) (alive func(table.Ref) bool) {
	k.gate[name] = gates
	for i, g := range gates {
		for _, r := range g.Refusals {
			why := read.InvalidGeometry
			if r.NoArea {
				why = read.EmptyGeometry
			}
			k.rejects = append(k.rejects, at(batches[i], int(r.Row), read.Reject{Column: "geometry", Value: read.Shown([]byte(r.Problem)), Reason: why}))
		}
	}
	return func(r table.Ref) bool {
		return (gates == nil || gates[r.Batch].State[r.Row] != survey.Refused) && !k.dead[name][r]
	}
}

// at completes a reject with the row's table, key and place.
func at(b table.Batch, row int, r read.Reject) read.Reject {
	r.Table, r.Key = b.Schema.Name, read.KeyOf(b, row)
	r.File, r.Row = b.Place(row)
	return r
}

// reject takes a row out for a reason found after reading.
func (k *books) reject(name string, b table.Batch, ref table.Ref, r read.Reject) {
	if k.dead[name] == nil {
		k.dead[name] = map[table.Ref]bool{}
	}
	k.dead[name][ref] = true
	k.rejects = append(k.rejects, at(b, int(ref.Row), r))
}

// use closes a table's account: the rows in order are used. Repairs of rows that
// are not are forgotten.
func (k *books) use(name string, batches []table.Batch, order []table.Ref, twice []read.Reject) {
	k.rejects = append(k.rejects, twice...)
	k.used[name] = used{batches: batches, order: order, rows: len(order)}
	gates := k.gate[name]
	if gates == nil {
		return
	}
	mended := 0
	for _, g := range gates {
		mended += len(g.Repairs)
	}
	if mended == 0 {
		return
	}
	inUse := map[table.Ref]bool{}
	for _, r := range order {
		if gates[r.Batch].State[r.Row] == survey.Repaired {
			inUse[r] = true
		}
	}
	for i, g := range gates {
		for _, r := range g.Repairs {
			if !inUse[table.Ref{Batch: int32(i), Row: r.Row}] {
				continue
			}
			one := repaired{table: name, key: read.KeyOf(batches[i], int(r.Row)), problem: r.Problem, before: r.Before, after: r.After}
			one.file, one.row = batches[i].Place(int(r.Row))
			k.repairs = append(k.repairs, one)
		}
	}
}

// flag notes something about a row.
func (k *books) flag(name, key, flag, value, detail string) {
	k.flags[name] = append(k.flags[name], flagged{key, flag, value, detail})
}

// balance sorts the books and asserts that of every table used + rejected = read:
// no row is lost, and none is counted twice.
func (k *books) balance() error {
	rejected := map[string]int64{}
	for _, r := range k.rejects {
		rejected[r.Table]++
	}
	for _, name := range k.names() {
		a := k.accounts[name]
		if n := int64(k.used[name].rows) + rejected[name]; n != a.Read {
			return fmt.Errorf("account for %s: %d rows used and %d rejected, but %d were read; this is a fault of the program",
				name, k.used[name].rows, rejected[name], a.Read)
		}
	}
	slices.SortFunc(k.rejects, func(a, b read.Reject) int {
		return cmp.Or(byTable(a.Table, b.Table), strings.Compare(a.Key, b.Key), strings.Compare(a.Column, b.Column),
			strings.Compare(string(a.Reason), string(b.Reason)), strings.Compare(a.Value, b.Value),
			int(a.File)-int(b.File), cmp.Compare(a.Row, b.Row))
	})
	slices.SortFunc(k.repairs, func(a, b repaired) int {
		return cmp.Or(byTable(a.table, b.table), strings.Compare(a.key, b.key), int(a.file)-int(b.file), cmp.Compare(a.row, b.row))
	})
	for _, f := range k.flags {
		if !slices.IsSortedFunc(f, flagged.compare) { // those of parcels are
			slices.SortFunc(f, flagged.compare)
		}
	}
	return nil
}

func (a flagged) compare(b flagged) int {
	return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.flag, b.flag),
		strings.Compare(a.detail, b.detail), strings.Compare(a.value, b.value))
}

// byTable orders tables as the contract lists them.
func byTable(a, b string) int { return place(a) - place(b) }

func place(name string) int {
	return slices.IndexFunc(table.Inputs(), func(s *table.Schema) bool { return s.Name == name })
}

// names lists the tables that were read, in the contract's order.
func (k *books) names() []string {
	var out []string
	for _, s := range table.Inputs() {
		if k.accounts[s.Name] != nil {
			out = append(out, s.Name)
		}
	}
	return out
}

// file is the name of the file a row of a table came from.
func (k *books) file(name string, file int32) string { return k.accounts[name].Files[file].Name }

// files are the names of the files a table came from.
func (k *books) files(name string) []string {
	var out []string
	for _, f := range k.accounts[name].Files {
		out = append(out, f.Name)
	}
	return out
}

// source says where the used rows of a table were read.
func (k *books) source(name string) write.Source {
	u := k.used[name]
	return write.Source{
		Table: name, Files: k.files(name), Rows: len(u.order),
		Place: func(key []byte, i int) ([]byte, int32, int64) {
			ref := u.order[i]
			b := u.batches[ref.Batch]
			file, row := b.Place(int(ref.Row))
			return read.AppendKey(key, b, int(ref.Row)), file, row
		},
	}
}

// release lets the rows of a table go: what the books still need of them is their
// number and their digest.
func (k *books) release(ctx context.Context, name string, workers int) error {
	d, err := k.digest(ctx, name, workers)
	k.used[name] = used{rows: k.used[name].rows, digest: &d}
	return err
}
