package engine

import (
	"context"
	"slices"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// enterprises are the register of enterprises and what other tables say of them.
// Without the table enterprises there is no register, and nobody is joined.
type enterprises struct {
	register  *join.Register
	parcels   *join.Parcels
	tenancies *join.Tenancies
	// tenancyRows are the rows that tenancies number, refused ones too.
	tenancyRows table.Rows
	tables      map[string]*layer // held until they are joined; a table that is not there is nil
}

// yearly are the tables of accounts that indicators are made of.
var yearly = []string{table.Output, table.Tax, table.Energy, table.Emissions}

// holds says whether a table's rows are held for the join or for a rule.
func (c *city) holds(name string, o *Options) bool {
	switch name {
	case table.ControlLines, table.Projects:
		return len(o.Rules.Near) > 0
	case table.Enterprises:
		return true
	case table.Tenancies, table.Adjustments:
		return c.enterprises.register != nil
	}
	return c.enterprises.register != nil && slices.Contains(yearly, name)
}

// hold takes a table into the books and keeps its rows.
func (c *city) hold(ctx context.Context, t *read.Table, o *Options) (*layer, error) {
	e := &c.enterprises
	var refuse refusal
	var review review
	switch t.Schema.Name {
	case table.Tenancies:
		review = func(rows table.Rows) (refused []join.Refused) {
			e.tenancyRows = table.Rows{Batches: rows.Batches, Order: slices.Clone(rows.Order)}
			e.tenancies, refused = join.NewTenancies(rows, e.register, e.parcels)
			return refused
		}
	case table.Adjustments:
		refuse = wrongAdjustment
	}
	l, err := c.keep(ctx, t, o, refuse, review)
	if err != nil {
		return nil, err
	}
	if e.tables == nil {
		e.tables = map[string]*layer{}
	}
	e.tables[t.Schema.Name] = l
	if t.Schema.Name == table.Enterprises {
		c.flagCodes()
		c.enrol(l.rows())
	}
	return l, nil
}

// enrol makes the register of enterprises, and numbers the parcels that tenancies and
// holders speak of: the used ones, then those whose row is not used.
func (c *city) enrol(rows table.Rows) {
	e := &c.enterprises
	e.register = join.NewRegister(column(rows, "credit_code"), column(rows, "name"))
	parcels := c.parcels.rows()
	used := column(parcels, "parcel_code")
	e.parcels = &join.Parcels{Used: join.NewCodes(used), Official: make([]unit.Area, len(used))}
	for i, ref := range parcels.Order {
		e.parcels.Official[i] = c.parcels.facts[ref.Batch].Official[ref.Row]
	}
	var rejected []string
	for _, r := range c.books.rejects {
		if r.Table != table.Parcels || r.Key == "" {
			continue
		}
		if _, isUsed := e.parcels.Used.Find(r.Key); !isUsed {
			rejected = append(rejected, r.Key)
		}
	}
	slices.Sort(rejected)
	e.parcels.Rejected = join.NewCodes(slices.Compact(rejected))
}

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

// wrongAdjustment rejects an adjustment whose value its kind does not take: points
// from 0 for bonus and penalty, a grade for the others.
func wrongAdjustment(b table.Batch) func(row int) *read.Reject {
	kind, value := b.Text("kind"), b.Text("value")
	return func(row int) *read.Reject {
		_, points := adjustmentKind(kind.Value(row))
		if points {
			if v, ok := read.ParseNumber(value.Value(row)); ok && v >= 0 && v <= mostPoints {
				return nil
			}
		} else if _, ok := gradeOf(value.Value(row)); ok {
			return nil
		}
		return &read.Reject{Column: "value", Value: read.Shown([]byte(value.Value(row))), Reason: read.UnknownValue}
	}
}

// mostPoints is the largest bonus or penalty that is taken: beyond it is a slip.
const mostPoints = 1e6

// adjustmentKind is a kind as adjustments name it; points says that its value is
// points, not a grade.
func adjustmentKind(name string) (kind grade.AdjustmentKind, points bool) {
	switch name {
	case "bonus":
		return grade.BonusPoints, true
	case "penalty":
		return grade.PenaltyPoints, true
	case "veto":
		return grade.Veto, false
	case "floor":
		return grade.FloorGrade, false
	case "fix":
		return grade.Fix, false
	}
	return grade.Manual, false
}

// gradeOf reads a grade letter, full width and lower case too.
func gradeOf(text string) (grade.Grade, bool) {
	switch read.Capitals(text) {
	case "A":
		return grade.A, true
	case "B":
		return grade.B, true
	case "C":
		return grade.C, true
	case "D":
		return grade.D, true
	}
	return grade.NoGrade, false
}
