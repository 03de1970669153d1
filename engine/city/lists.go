package city

import (
	"fmt"
	"strconv"
	"strings"

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
		write.Integer("row", func(i int) (int64, bool) { return r[i].Row, true }),
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
		write.Integer("row", func(i int) (int64, bool) { return r[i].row, true }),
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

// Lines lists every reject, repair and flag, a line each: what, where, why.
func (k *Books) Lines() []string {
	var out []string
	line := func(format string, args ...any) { // what the data says must not steer a terminal
		out = append(out, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
	shown := func(s string) string { return read.Shown([]byte(s)) }
	for _, r := range k.rejects {
		line("reject %s:%d %s %s %q: %s", k.file(r.Table, r.File), r.Row, shown(r.Key), r.Column, r.Value, r.Reason)
	}
	for _, r := range k.repairs {
		line("repair %s:%d %s: %s, %s -> %s m2", k.file(r.table, r.file), r.row, shown(r.key), r.problem, SquareMetres(r.before), SquareMetres(r.after))
	}
	for _, name := range k.names() {
		for _, f := range k.flags[name] {
			line("flag %s/%s %s %s %s", name, shown(f.key), f.flag, shown(f.value), shown(f.detail))
		}
	}
	return out
}

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
		m.Counts[name] = write.Count{Read: a.Read, Used: used, Rejected: a.Read - used}
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
