package city

import (
	"strconv"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// rejectTable lists every row that is not used, with its place and reason.
func rejectTable(k *Books) write.Table {
	r := k.rejects
	return write.Table{Name: "rejects", Rows: len(r), Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) { return r[i].Table, true }),
		write.Text("key", func(i int) (string, bool) { return r[i].Key, r[i].Key != "" }),
		write.Text("column", func(i int) (string, bool) { return r[i].Column, r[i].Column != "" }),
		write.Text("value", func(i int) (string, bool) { return r[i].Value, r[i].Value != "" }),
		write.Text("reason", func(i int) (string, bool) { return string(r[i].Reason), true }),
		write.Text("file", func(i int) (string, bool) { return k.file(r[i].Table, r[i].File), true }),
		write.Integer("row", func(i int) (int64, bool) { return r[i].Row, r[i].Row != 0 }),
	}}
}

// repairTable lists every geometry that is used as mended.
func repairTable(k *Books) write.Table {
	r := k.repairs
	return write.Table{Name: "repairs", Rows: len(r), Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) { return r[i].table, true }),
		write.Text("key", func(i int) (string, bool) { return r[i].key, true }),
		write.Text("problem", func(i int) (string, bool) { return r[i].problem, true }),
		write.Fixed("area_before", 4, func(i int) (int64, bool) { return int64(r[i].before), true }),
		write.Fixed("area_after", 4, func(i int) (int64, bool) { return int64(r[i].after), true }),
		write.Text("file", func(i int) (string, bool) { return k.file(r[i].table, r[i].file), true }),
		write.Integer("row", func(i int) (int64, bool) { return r[i].row, r[i].row != 0 }),
	}}
}

// flagTable lists what people should look at, by table in the contract's order.
func flagTable(k *Books) write.Table {
	type from struct {
		table string
		first int
		flags []flagged
	}
	var groups []from
	n := 0
	for _, name := range k.names() {
		if f := k.flags[name]; len(f) > 0 {
			groups = append(groups, from{name, n, f})
			n += len(f)
		}
	}
	at := func(i int) (string, *flagged) {
		g := len(groups) - 1
		for groups[g].first > i {
			g--
		}
		return groups[g].table, &groups[g].flags[i-groups[g].first]
	}
	text := func(of func(*flagged) string) func(int) (string, bool) {
		return func(i int) (string, bool) {
			_, f := at(i)
			v := of(f)
			return v, v != ""
		}
	}
	return write.Table{Name: "flags", Rows: n, Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) {
			name, _ := at(i)
			return name, true
		}),
		write.Text("key", text(func(f *flagged) string { return f.key })),
		write.Text("flag", text(func(f *flagged) string { return f.flag })),
		write.Text("value", text(func(f *flagged) string { return f.value })),
		write.Text("detail", text(func(f *flagged) string { return f.detail })),
	}}
}

// Tables are the lists of rejects, repairs and flags.
func (k *Books) Tables() []write.Table {
	return []write.Table{rejectTable(k), repairTable(k), flagTable(k)}
}

// Reasons counts the rejects of each table by reason.
func (k *Books) Reasons() map[string]map[string]int64 {
	out := map[string]map[string]int64{}
	for _, r := range k.rejects {
		if out[r.Table] == nil {
			out[r.Table] = map[string]int64{}
		}
		out[r.Table][string(r.Reason)]++
	}
	return out
}

// Duplicates counts, for each table, the rows rejected because another row has their
// key, and the keys concerned.
func (k *Books) Duplicates() (rows, keys map[string]int64) {
	rows, keys = map[string]int64{}, map[string]int64{}
	seen := map[[2]string]bool{}
	for _, r := range k.rejects {
		if r.Reason != read.DuplicateKey {
			continue
		}
		rows[r.Table]++
		if at := [2]string{r.Table, r.Key}; !seen[at] {
			seen[at] = true
			keys[r.Table]++
		}
	}
	return rows, keys
}

// RejectedRow is a row that is not used, as people read it: what the data says is
// shown so that it cannot steer a terminal. Place is its file and row.
type RejectedRow struct {
	Place, Table, Key, Column, Value string
	Reason                           read.Reason
}

// MendedRow is a row that is used with a mended geometry, as people read it.
type MendedRow struct {
	Place, Key, Problem string
	Before, After       unit.Area
}

// FlaggedRow is a row to look at, as people read it.
type FlaggedRow struct{ Table, Key, Value, Detail string }

// Rejected are the first rejects, and how many there are.
func (k *Books) Rejected(most int) (first []RejectedRow, of int) {
	for _, r := range k.rejects[:min(most, len(k.rejects))] {
		first = append(first, RejectedRow{k.placeOf(r.Table, r.File, r.Row), r.Table, shown(r.Key), r.Column, r.Value, r.Reason})
	}
	return first, len(k.rejects)
}

// Mended are the first repairs, and how many there are.
func (k *Books) Mended(most int) (first []MendedRow, of int) {
	for _, r := range k.repairs[:min(most, len(k.repairs))] {
		first = append(first, MendedRow{k.placeOf(r.table, r.file, r.row), shown(r.key), r.problem, r.before, r.after})
	}
	return first, len(k.repairs)
}

// Flagged are the first rows that have a flag.
func (k *Books) Flagged(flag string, most int) (first []FlaggedRow) {
	for _, name := range k.names() {
		for _, f := range k.flags[name] {
			if len(first) == most {
				return first
			}
			if f.flag == flag {
				first = append(first, FlaggedRow{name, shown(f.key), shown(f.value), shown(f.detail)})
			}
		}
	}
	return first
}

func (k *Books) placeOf(name string, file int32, row int64) string {
	if row == 0 { // of a relation whose rows have no number
		return k.file(name, file)
	}
	return k.file(name, file) + ":" + strconv.FormatInt(row, 10)
}

func shown(s string) string { return read.Shown([]byte(s)) }

// Describe adds to a manifest what was read from where, and how much of it was used,
// rejected, repaired and flagged.
func (k *Books) Describe(m *write.Manifest) {
	m.Inputs, m.Ignored = []write.Input{}, map[string][]string{}
	m.Counts, m.Flags = map[string]write.Count{}, map[string]int64{}
	for _, name := range k.names() {
		a := k.accounts[name]
		for _, f := range a.Files {
			m.Inputs = append(m.Inputs, write.Input{Table: name, Name: f.Name, Rows: f.Rows, Bytes: f.Bytes, Note: f.Note, Path: f.Path})
		}
		if len(a.Ignored) > 0 {
			m.Ignored[name] = a.Ignored
		}
		used := int64(k.used[name].rows)
		m.Counts[name] = write.Count{Read: a.Read, Used: used, Rejected: a.Read - used, Filtered: a.Filtered}
	}
	for _, one := range k.repairs {
		c := m.Counts[one.table]
		c.Repaired++
		m.Counts[one.table] = c
	}
	for _, flags := range k.flags {
		for _, f := range flags {
			m.Flags[f.flag]++
		}
	}
}

// SquareMetres is an area in m² as flags give it.
func SquareMetres(a unit.Area) string {
	return strconv.FormatFloat(a.SquareMetres(), 'f', -1, 64)
}
