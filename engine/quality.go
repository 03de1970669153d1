package engine

import (
	"fmt"

	"github.com/muscope-gis/muscope/engine/write"
)

// rejectTable lists every row that is not used, with its place and reason.
func rejectTable(k *books) write.Table {
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
func repairTable(k *books) write.Table {
	r := k.repairs
	return write.Table{Name: "repairs", Rows: len(r), Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) { return r[i].table, true }),
		write.Text("key", func(i int) (string, bool) { return r[i].key, true }),
		write.Text("problem", func(i int) (string, bool) { return r[i].problem, true }),
		write.Fixed("area_before_m2", 4, func(i int) (int64, bool) { return int64(r[i].before), true }),
		write.Fixed("area_after_m2", 4, func(i int) (int64, bool) { return int64(r[i].after), true }),
		write.Text("file", func(i int) (string, bool) { return k.file(r[i].table, r[i].file), true }),
		write.Integer("row", func(i int) (int64, bool) { return r[i].row, true }),
	}}
}

// flagTable lists what people should look at.
func flagTable(k *books) write.Table {
	f := k.flags
	return write.Table{Name: "flags", Rows: len(f), Columns: []write.Column{
		write.Text("table", func(i int) (string, bool) { return f[i].table, true }),
		write.Text("key", func(i int) (string, bool) { return f[i].key, true }),
		write.Text("flag", func(i int) (string, bool) { return f[i].flag, true }),
		write.Text("value", func(i int) (string, bool) { return f[i].value, f[i].value != "" }),
		write.Text("detail", func(i int) (string, bool) { return f[i].detail, f[i].detail != "" }),
	}}
}

// Quality is what is wrong with a dataset.
type Quality struct {
	books    *books
	Manifest write.Manifest
}

// Tables are the lists of rejects, repairs and flags.
func (q *Quality) Tables() []write.Table {
	return []write.Table{rejectTable(q.books), repairTable(q.books), flagTable(q.books)}
}

// Reasons counts the rejects of each table by reason.
func (q *Quality) Reasons() map[string]map[string]int64 {
	out := map[string]map[string]int64{}
	for _, r := range q.books.rejects {
		if out[r.Table] == nil {
			out[r.Table] = map[string]int64{}
		}
		out[r.Table][string(r.Reason)]++
	}
	return out
}

// Lines lists every reject, repair and flag, a line each: what, where, why.
func (q *Quality) Lines() []string {
	k := q.books
	var out []string
	for _, r := range k.rejects {
		out = append(out, fmt.Sprintf("reject %s:%d %s %s %q: %s", k.file(r.Table, r.File), r.Row, r.Key, r.Column, r.Value, r.Reason))
	}
	for _, r := range k.repairs {
		out = append(out, fmt.Sprintf("repair %s:%d %s: %s, %s -> %s m2",
			k.file(r.table, r.file), r.row, r.key, r.problem, metres2(r.before), metres2(r.after)))
	}
	for _, f := range k.flags {
		out = append(out, fmt.Sprintf("flag %s/%s %s %s %s", f.table, f.key, f.flag, f.value, f.detail))
	}
	return out
}
