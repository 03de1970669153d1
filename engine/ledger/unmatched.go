package ledger

import (
	"cmp"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Unmatched is a row that found no partner, or one that a person should review, or the
// rows of a joined file that share a key which nothing has: what they carry is kept
// here, so that the parts of every sum add up to what was read.
type Unmatched struct {
	Table, Key string
	Year       int    // of a yearly table; 0: not of a year
	Code, Name string // as the row has them
	Reason     string
	MatchedTo  string // credit codes, ; between
	Area       unit.Area
	HasArea    bool
	// Money in fen; NaN where the row carries none of the kind.
	Tax, Sales, Output float64
	Rows               int64  // of the file; 1 but where rows share a key
	File               string // that is joined, no result and not written; empty of a row of the table's own
	Carries            string // numbers with their columns and units, ; between
}

// Nothing is a row that carries no money.
func Nothing(table, key string) Unmatched {
	return Unmatched{Table: table, Key: key, Tax: math.NaN(), Sales: math.NaN(), Output: math.NaN(), Rows: 1}
}

// Carry notes an area in m² or money in 万元 that belongs to a column: those that lists
// have a place of their own for stand there too.
func (u *Unmatched) Carry(column, text string, value float64) {
	if u.Carries != "" {
		u.Carries += "; "
	}
	u.Carries += text
	const fenPerWanYuan = 1_000_000
	switch column {
	case "recorded_area", "area", "land_area":
		if tenThousandths := math.Round(value * 1e4); math.Abs(tenThousandths) < 1<<53 {
			u.Area, u.HasArea = unit.Area(tenThousandths), true
		}
	case "tax":
		u.Tax = value * fenPerWanYuan
	case "sales":
		u.Sales = value * fenPerWanYuan
	case "output":
		u.Output = value * fenPerWanYuan
	}
}

// SortUnmatched puts rows in the order in which tables list them: by place of the
// table, then key, then all that is said.
func SortUnmatched(rows []Unmatched, place func(table string) int) {
	slices.SortFunc(rows, func(a, b Unmatched) int {
		return cmp.Or(place(a.Table)-place(b.Table), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Reason, b.Reason),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.MatchedTo, b.MatchedTo), cmp.Compare(a.Area, b.Area),
			cmp.Compare(a.Tax, b.Tax), cmp.Compare(a.Sales, b.Sales), cmp.Compare(a.Output, b.Output),
			cmp.Compare(a.Rows, b.Rows), cmp.Compare(a.Carries, b.Carries), cmp.Compare(a.File, b.File))
	})
}

// SumUnmatched counts the rows of each reason, and adds up what those of the year, or
// of none, carry.
func SumUnmatched(rows []Unmatched, year int) map[string]write.Unmatched {
	type carried struct {
		rows               int64
		area               unit.Area
		tax, sales, output float64 // fen
	}
	add := func(sum *float64, fen float64) {
		if fen == fen {
			*sum += fen
		}
	}
	by := map[string]*carried{}
	for _, u := range rows {
		c := by[u.Reason]
		if c == nil {
			c = &carried{}
			by[u.Reason] = c
		}
		c.rows += u.Rows
		if u.Year != 0 && u.Year != year {
			continue
		}
		c.area += u.Area
		add(&c.tax, u.Tax)
		add(&c.sales, u.Sales)
		add(&c.output, u.Output)
	}
	wan := func(fen float64) float64 { return math.Round(fen/100) / 1e4 }
	out := map[string]write.Unmatched{}
	for reason, c := range by {
		out[reason] = write.Unmatched{
			Rows: c.rows, Mu: float64(c.area.MuTenThousandths()) / 1e4,
			Tax: wan(c.tax), Sales: wan(c.sales), Output: wan(c.output),
		}
	}
	return out
}

// UnmatchedTable is the table unmatched.
func UnmatchedTable(rows []Unmatched) write.Table {
	text := func(name string, of func(*Unmatched) string) write.Column {
		return write.Text(name, func(i int) (string, bool) {
			v := of(&rows[i])
			return v, v != ""
		})
	}
	money := func(name string, of func(*Unmatched) float64) write.Column {
		return write.Fixed(name, 4, func(i int) (int64, bool) { return Money(of(&rows[i])) })
	}
	return write.Table{Name: "unmatched", Rows: len(rows), Columns: []write.Column{
		text("table", func(u *Unmatched) string { return u.Table }),
		text("key", func(u *Unmatched) string { return u.Key }),
		text("credit_code", func(u *Unmatched) string { return u.Code }),
		text("name", func(u *Unmatched) string { return u.Name }),
		text("reason", func(u *Unmatched) string { return u.Reason }),
		text("matched_to", func(u *Unmatched) string { return u.MatchedTo }),
		write.Fixed("area_mu", 4, func(i int) (int64, bool) { return rows[i].Area.MuTenThousandths(), rows[i].HasArea }),
		money("tax", func(u *Unmatched) float64 { return u.Tax }),
		money("sales", func(u *Unmatched) float64 { return u.Sales }),
		money("output", func(u *Unmatched) float64 { return u.Output }),
		write.Integer("rows", func(i int) (int64, bool) { return rows[i].Rows, true }),
		text("carries", func(u *Unmatched) string { return u.Carries }),
	}}
}
