package engine

import (
	"encoding/json"
	"io"

	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/write"
)

// Lists are the tables behind the summary: rejects, repairs, flags, overlaps,
// unmatched, dropped and columns, and the dictionary that explains them.
func (q *Quality) Lists() []write.Table {
	lists := append(q.found.Books.Tables(), q.overlapTable(), ledger.UnmatchedTable(q.found.unmatched), q.found.Books.DroppedTable(), q.columnTable())
	return append(lists, dictionaryTable(nil, lists))
}

func (q *Quality) overlapTable() write.Table {
	pairs := q.Pairs
	return write.Table{Name: "overlaps", Rows: len(pairs), Columns: []write.Column{
		write.Text("parcel_code", func(i int) (string, bool) { return pairs[i].First, true }),
		write.Text("other_parcel_code", func(i int) (string, bool) { return pairs[i].Second, true }),
		write.Fixed("area", 4, func(i int) (int64, bool) { return int64(pairs[i].Area), true }),
		write.Fixed("share_of_smaller", 6, func(i int) (int64, bool) { return pairs[i].Share, true }),
	}}
}

// columnTable describes every column that was understood.
func (q *Quality) columnTable() write.Table {
	type line struct {
		table string
		ColumnQuality
	}
	var lines []line
	for _, t := range q.Tables {
		for _, c := range t.Columns {
			lines = append(lines, line{t.Table, c})
		}
	}
	text := func(name string, of func(*line) string) write.Column {
		return write.Text(name, func(i int) (string, bool) {
			v := of(&lines[i])
			return v, v != ""
		})
	}
	number := func(name string, of func(*line) *float64) write.Column {
		return write.Float(name, func(i int) (float64, bool) {
			if v := of(&lines[i]); v != nil {
				return *v, true
			}
			return 0, false
		})
	}
	return write.Table{Name: "columns", Rows: len(lines), Columns: []write.Column{
		text("table", func(l *line) string { return l.table }),
		text("column", func(l *line) string { return l.Column }),
		text("kind", func(l *line) string { return l.Kind }),
		text("unit", func(l *line) string { return string(l.Unit) }),
		write.Integer("values", func(i int) (int64, bool) { return int64(lines[i].Values), true }),
		write.Float("filled", func(i int) (float64, bool) { return lines[i].Filled, true }),
		number("min", func(l *line) *float64 { return l.Least }),
		number("median", func(l *line) *float64 { return l.Median }),
		number("max", func(l *line) *float64 { return l.Most }),
		text("first", func(l *line) string { return l.First }),
		text("last", func(l *line) string { return l.Last }),
		write.Integer("distinct", func(i int) (int64, bool) { return int64(lines[i].Distinct), lines[i].Kind == "text" }),
		write.Bool("more_distinct", func(i int) (bool, bool) { return lines[i].More, lines[i].Kind == "text" }),
		write.Integer("true_values", func(i int) (int64, bool) {
			if lines[i].True == nil {
				return 0, false
			}
			return int64(*lines[i].True), true
		}),
	}}
}

// WriteJSON writes the summary and, under the names of the lists, every row of them.
func (q *Quality) WriteJSON(w io.Writer) error {
	out := &objectWriter{w: w}
	out.value("summary", q)
	for _, l := range q.Lists() {
		if l.Name == "dictionary" || l.Name == "columns" { // for tables; the summary has the columns
			continue
		}
		out.rows(&l)
	}
	out.text("\n}\n")
	return out.err
}

// objectWriter writes one JSON object, a member at a time.
type objectWriter struct {
	w     io.Writer
	begun bool
	line  []byte
	err   error
}

func (o *objectWriter) text(s string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, s)
	}
}

func (o *objectWriter) key(name string) {
	if o.begun {
		o.text(",\n  \"" + name + "\": ")
	} else {
		o.text("{\n  \"" + name + "\": ")
	}
	o.begun = true
}

func (o *objectWriter) value(name string, v any) {
	text, err := json.MarshalIndent(v, "  ", "  ")
	if o.err == nil {
		o.err = err
	}
	o.key(name)
	o.text(string(text))
}

// rows writes a list, a row a line.
func (o *objectWriter) rows(t *write.Table) {
	o.key(t.Name)
	o.text("[")
	for i := 0; i < t.Rows && o.err == nil; i++ {
		o.line = append(o.line[:0], ",\n    "...)
		if i == 0 {
			o.line = o.line[1:]
		}
		o.line = t.AppendObject(o.line, i)
		_, o.err = o.w.Write(o.line)
	}
	if t.Rows > 0 {
		o.text("\n  ")
	}
	o.text("]")
}

// UnmatchedRows are the first rows that found no partner for a reason, as people read
// them, and how many are listed.
func (q *Quality) UnmatchedRows(reason string, most int) (first []ledger.Unmatched, of int) {
	for _, u := range q.found.unmatched {
		if u.Reason != reason {
			continue
		}
		if of++; of <= most {
			u.Key, u.Code, u.Name = read.Shown([]byte(u.Key)), read.Shown([]byte(u.Code)), read.Shown([]byte(u.Name))
			first = append(first, u)
		}
	}
	return first, of
}
