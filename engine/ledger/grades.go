package ledger

import (
	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Grades is the table grades: every enterprise of the register with its figures, item
// scores, total, rank and grades, or the reason why it has none. Figures are those of
// all indicators of the scheme, whichever group asks for them; scores only those of its
// group. Of enterprises that are graded as one, figures, scores and rank are those of
// all together, as the reasons say, and land_mu is each one's own.
func Grades(f *assess.Facts, a *assess.Assessment) write.Table {
	pool := func(i int) *grade.Pool {
		if a.Pool[i] < 0 {
			return nil
		}
		return &a.Pools[a.Pool[i]]
	}
	columns := append(named(f),
		write.Text("group", func(i int) (string, bool) {
			if p := pool(i); p != nil {
				return p.Name, true
			}
			return "", false
		}),
		write.Area("land_mu", func(i int) unit.Area { return f.Land[i] }))
	for n, figure := range a.Figures {
		columns = append(columns, write.Fixed(figure.Indicator, 6, func(i int) (int64, bool) { return indicate.Millionths(a.Value(i, n)) }))
	}
	for n, figure := range a.Figures {
		columns = append(columns, write.Fixed(fields.ScorePrefix+figure.Indicator, 6, func(i int) (int64, bool) {
			if score, ok := a.Score(i, n); ok {
				return indicate.Millionths(score)
			}
			return 0, false
		}))
	}
	ranked := func(i int) bool { return a.Rank[i] > 0 }
	columns = append(columns,
		write.Fixed("bonus", 6, func(i int) (int64, bool) {
			v, _ := indicate.Millionths(a.Bonus[i] - a.Penalty[i])
			return v, ranked(i)
		}),
		write.Fixed("total", 6, func(i int) (int64, bool) { return indicate.Millionths(a.Total[i]) }),
		write.Integer("rank", func(i int) (int64, bool) { return int64(a.Rank[i]), ranked(i) }),
		write.Integer("of", func(i int) (int64, bool) {
			if p := pool(i); p != nil && ranked(i) {
				return int64(p.N), true
			}
			return 0, false
		}),
		write.Text("initial_grade", letter(a.Initial)),
		write.Text("final_grade", letter(a.Final)),
		write.Text("reasons", func(i int) (string, bool) {
			why := string(a.AppendReasons(nil, i))
			return why, why != ""
		}))
	return write.Table{Name: "grades", Rows: len(f.Code), Columns: columns}
}

func letter(of []grade.Grade) func(i int) (string, bool) {
	return func(i int) (string, bool) { return of[i].String(), of[i] != grade.NoGrade }
}
