package city

import (
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// column is a text column as a slice; null is empty.
func column(rows table.Rows, name string) []string {
	text := rows.Text(name)
	out := make([]string, rows.Len())
	for i := range out {
		out[i], _ = text(i)
	}
	return out
}

// dates is a date column as a slice; null is grade.NoDate.
func dates(rows table.Rows, name string) []unit.Date {
	date := rows.Date(name)
	out := make([]unit.Date, rows.Len())
	for i := range out {
		out[i] = grade.NoDate
		if d, ok := date(i); ok {
			out[i] = d
		}
	}
	return out
}

// yes is a column of answers as a slice; null is false.
func yes(rows table.Rows, name string) []bool {
	answer := rows.Bool(name)
	out := make([]bool, rows.Len())
	for i := range out {
		out[i], _ = answer(i)
	}
	return out
}

// answers is a column of answers as a slice; null is grade.Unknown.
func answers(rows table.Rows, name string) []grade.Answer {
	answer := rows.Bool(name)
	out := make([]grade.Answer, rows.Len())
	for i := range out {
		switch v, ok := answer(i); {
		case ok && v:
			out[i] = grade.Yes
		case ok:
			out[i] = grade.No
		}
	}
	return out
}
