package city

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/parallel"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Books account for every row that was read: used, or rejected with its reason;
// what was repaired; what people should look at.
type Books struct {
	accounts map[string]*read.Account
	dead     map[string]map[table.Ref]bool // rows rejected one by one
	gate     map[string][]*survey.Gate
	used     map[string]used
	rejects  []read.Reject
	repairs  []repaired
	flags    map[string][]flagged // by table
	profiler *profiler            // of the used rows; nil: nobody asks
}

// used are the used rows of a table in the order of their keys, until they are let go.
type used struct {
	batches []table.Batch
	order   []table.Ref
	rows    int          // how many, of rows let go too
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

func newBooks() *Books {
	return &Books{
		accounts: map[string]*read.Account{}, dead: map[string]map[table.Ref]bool{},
		gate: map[string][]*survey.Gate{}, used: map[string]used{}, flags: map[string][]flagged{},
	}
}

// open takes over what reading a table came to.
func (k *Books) open(a *read.Account) {
	k.accounts[a.Table] = a
	k.rejects = append(k.rejects, a.Rejects...)
}

// gates takes over what the gate refused, and returns which rows are left.
func (k *Books) gates(name string, batches []table.Batch, gates []*survey.Gate) (alive func(table.Ref) bool) {
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
	r.Amounts = read.AmountsOf(b, row)
	return r
}

// reject takes a row out for a reason found after reading.
func (k *Books) reject(name string, b table.Batch, ref table.Ref, r read.Reject) {
	if k.dead[name] == nil {
		k.dead[name] = map[table.Ref]bool{}
	}
	k.dead[name][ref] = true
	k.rejects = append(k.rejects, at(b, int(ref.Row), r))
}

// use closes a table's account: the rows in order are used. Repairs of rows that
// are not are forgotten.
func (k *Books) use(name string, batches []table.Batch, order []table.Ref, twice []read.Reject) {
	k.rejects = append(k.rejects, twice...)
	k.used[name] = used{batches: batches, order: order, rows: len(order)}
	k.profiler.note(table.MustInput(name), table.Rows{Batches: batches, Order: order})
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

// Flag notes something about a row that people should look at: its key, the flag's
// name, the value that gave it and details.
func (k *Books) Flag(name, key, flag, value, detail string) {
	k.flags[name] = append(k.flags[name], flagged{key, flag, value, detail})
}

// Balance sorts the books and asserts that of every table used + rejected = read:
// no row is lost, and none is counted twice. Nothing is listed or counted before.
func (k *Books) Balance() error {
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
func byTable(a, b string) int { return Place(a) - Place(b) }

// Place is a table's place among the tables that the contract lists.
func Place(name string) int {
	return slices.IndexFunc(table.Inputs(), func(s *table.Schema) bool { return s.Name == name })
}

// names lists the tables that were read, in the contract's order.
func (k *Books) names() []string {
	var out []string
	for _, s := range table.Inputs() {
		if k.accounts[s.Name] != nil {
			out = append(out, s.Name)
		}
	}
	return out
}

// Has says whether a table was read.
func (k *Books) Has(name string) bool { return k.accounts[name] != nil }

// Origins say where the columns of a table came from.
func (k *Books) Origins(name string) []Origin {
	a := k.accounts[name]
	var all []Origin
	for _, c := range a.Columns {
		f := a.Files[c.File]
		o := Origin{ColumnNote: c, File: f.Name}
		if f.Sheet != "" {
			o.File += " (" + f.Sheet + ")"
		}
		all = append(all, o)
	}
	return all
}

// Origin is where a column came from, with the name of the file.
type Origin struct {
	read.ColumnNote
	File string
}

// RejectedBy counts the rows of a table that were rejected for a column.
func (k *Books) RejectedBy(name, column string) (n int64) {
	for _, r := range k.rejects {
		if r.Table == name && r.Column == column {
			n++
		}
	}
	return n
}

// RowsOf is how many rows of a table are used.
func (k *Books) RowsOf(name string) int { return k.used[name].rows }

// RejectedRows are the rows of a table that are not used.
func (k *Books) RejectedRows(name string) (out []read.Reject) {
	for _, r := range k.rejects {
		if r.Table == name {
			out = append(out, r)
		}
	}
	return out
}

// Joined are the files that columns of a table were taken from.
func (k *Books) Joined(name string) []read.Joined {
	if a := k.accounts[name]; a != nil {
		return a.Joined
	}
	return nil
}

// Joins says whether columns of some table were taken from another file.
func (k *Books) Joins() bool {
	for _, a := range k.accounts {
		if len(a.Joined) > 0 {
			return true
		}
	}
	return false
}

// file is the name of the file a row of a table came from.
func (k *Books) file(name string, file int32) string { return k.accounts[name].Files[file].Name }

// files are the names of the files a table came from, and their worksheets or layers.
func (k *Books) files(name string) (names, sheets []string) {
	for _, f := range k.accounts[name].Files {
		names, sheets = append(names, f.Name), append(sheets, f.Sheet)
	}
	return names, sheets
}

// leftOut is a row of a worksheet that is no data, and the table it is not of.
type leftOut struct {
	table string
	read.DroppedRow
}

// leftOut lists what worksheets hold besides data, by table, file and row.
func (k *Books) leftOut() []leftOut {
	var all []leftOut
	for _, name := range k.names() {
		from := len(all)
		for _, d := range k.accounts[name].Dropped {
			all = append(all, leftOut{name, d})
		}
		slices.SortStableFunc(all[from:], func(a, b leftOut) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row))
		})
	}
	return all
}

// DroppedTable lists the rows of worksheets that are no data, with their place and the
// rule that says so.
func (k *Books) DroppedTable() write.Table {
	d := k.leftOut()
	return write.Table{Name: "dropped", Rows: len(d), Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) { return d[i].table, true }),
		write.Text("file", func(i int) (string, bool) { return k.file(d[i].table, d[i].File), true }),
		write.Integer("row", func(i int) (int64, bool) { return d[i].Row, true }),
		write.Integer("to", func(i int) (int64, bool) { return d[i].To, true }),
		write.Text("why", func(i int) (string, bool) { return d[i].Why, true }),
		write.Text("text", func(i int) (string, bool) { return d[i].Text, d[i].Text != "" }),
	}}
}

// DroppedBy counts the rows of a table's worksheets that are no data, by rule.
func (k *Books) DroppedBy(name string) map[string]int64 {
	out := map[string]int64{}
	for _, d := range k.accounts[name].Dropped {
		out[d.Why] += d.To - d.Row + 1
	}
	return out
}

// LeftOutRow is a row of a worksheet that is no data, as people read it. Place is its
// file, worksheet and row.
type LeftOutRow struct{ Place, Table, Why, Text string }

// LeftOut are the first rows of worksheets that are no data, and how many there are.
func (k *Books) LeftOut(most int) (first []LeftOutRow, of int) {
	all := k.leftOut()
	for _, d := range all[:min(most, len(all))] {
		place := k.file(d.table, d.File)
		if s := k.accounts[d.table].Files[d.File].Sheet; s != "" {
			place += "!" + s
		}
		place += fmt.Sprintf(":%d", d.Row)
		if d.To > d.Row {
			place += fmt.Sprintf("-%d", d.To)
		}
		first = append(first, LeftOutRow{shown(place), d.table, d.Why, d.Text})
	}
	return first, len(all)
}

// source says where the used rows of a table were read.
func (k *Books) source(name string) write.Source {
	u := k.used[name]
	files, sheets := k.files(name)
	return write.Source{
		Table: name, Files: files, Sheets: sheets, Rows: len(u.order),
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
func (k *Books) release(ctx context.Context, name string, workers int) error {
	d, err := k.digest(ctx, name, workers)
	k.used[name] = used{rows: k.used[name].rows, digest: &d}
	return err
}

// released says whether the rows of a table were let go.
func (k *Books) released(name string) bool { return k.used[name].digest != nil }

// Digest adds to a hash what tells the rows that were used and rejected from any
// others, whatever the order they were read in.
func (k *Books) Digest(ctx context.Context, to hash.Hash, workers int) error {
	for _, name := range k.names() {
		d, err := k.digest(ctx, name, workers)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(to, "table %s ", name)
		_ = binary.Write(to, binary.BigEndian, d)
	}
	for _, one := range k.rejects { // sorted; without place and value, which formats word differently
		_, _ = fmt.Fprintf(to, "reject %q %q %q %s\n", one.Table, one.Key, one.Column, one.Reason)
	}
	return nil
}

// digest sums the digests of a table's used rows.
func (k *Books) digest(ctx context.Context, name string, workers int) (read.Digest, error) {
	u := k.used[name]
	if u.digest != nil {
		return *u.digest, nil
	}
	chosen := make([][]bool, len(u.batches))
	for i, b := range u.batches {
		chosen[i] = make([]bool, b.Rows())
	}
	for _, ref := range u.order {
		chosen[ref.Batch][ref.Row] = true
	}
	sums := make([]read.Digest, len(u.batches))
	err := parallel.Each(ctx, len(u.batches), workers, func(i int) error {
		for row, d := range read.Rows(u.batches[i], nil) {
			if chosen[i][row] {
				sums[i].Add(d)
			}
		}
		return nil
	})
	var total read.Digest
	for _, s := range sums {
		total.Add(s)
	}
	return total, err
}
