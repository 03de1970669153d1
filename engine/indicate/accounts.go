package indicate

import (
	"math"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Accounts are the account tables of one year. For each enterprise there is the
// number of its row in each table, -1 when it has none; nil stands for a table that is
// not there.
type Accounts struct {
	Output, Tax, Energy, Emissions            table.Rows
	OutputRow, TaxRow, EnergyRow, EmissionRow []int32
}

// Accounting is how rows of accounts become quantities. A column that the table does
// not have panics: it is for who reads the accounting to refuse it.
type Accounting struct {
	Tax         []Head        // signed sum; none: the column tax
	Energy      []Coefficient // for rows without a total
	Equivalents bool          // emissions in pollution equivalents, not tonnes
}

// Head is a column of the table tax that enters an enterprise's tax, and its sign.
type Head struct {
	Column string
	Minus  bool
}

// Coefficient is the tonnes of coal equivalent in one unit of a column of the table
// energy (kWh, t, m³, GJ).
type Coefficient struct {
	Column string
	TCE    float64
}

// Figures are the quantities of n enterprises for one year: all but Land and
// Investment, which no account holds. A cell of 0 is zero; of an enterprise without a
// row everything is missing.
//
// Tax is the signed sum over the heads. The column tax is a row's total: where it is
// empty, the sum of the row's heads but exempted export tax and refunds, empty ones
// counting as none when any is given; without any, the tax is missing. Another head
// that is empty is 0 when the row has any figure, else the tax is missing. Each cell is
// rounded to the fen, so the sum is exact.
//
// Energy is the column energy, which is the total, else the sum of coefficient ×
// part, empty parts counting as none when any is given. Emissions are tonnes of COD,
// NH3-N, SO2 and NOx by the same rule, or pollution equivalents: kilograms ÷ 1, 0.8,
// 0.95 and 0.95, so that a tonne of COD is 1000 of them.
//
// A quantity with a cell beyond all measure (over 90 thousand 亿元, or more than a
// float64 holds) is missing.
func Figures(n int, a *Accounts, how *Accounting) *Quantities {
	q := new(Quantities)
	for k := range quantities {
		if k != Land && k != Investment {
			q[k] = make([]float64, n)
		}
	}
	ledgers := []ledger{outputLedger(a), taxLedger(a, how), energyLedger(a, how), emissionLedger(a, how)}
	for from := 0; from < n; from += stretch {
		to := min(from+stretch, n)
		for i := range ledgers {
			ledgers[i].figures(q, from, to)
		}
	}
	return q
}

// ledger makes the quantities that come from one table.
type ledger struct {
	*book
	plain []plain // columns as they stand
	sum   *sum    // of the table's parts
	into  Quantity
	tax   *tax
}

// plain is a quantity that is a column as it stands.
type plain struct {
	into   Quantity
	read   reader
	column column
}

func (l *ledger) figures(q *Quantities, from, to int) {
	l.seek(from, to)
	for _, p := range l.plain {
		out := q[p.into][from:to]
		p.read(out, p.column)
		settle(out)
	}
	if l.sum != nil {
		out := q[l.into][from:to]
		l.sum.read(out)
		settle(out)
	}
	if l.tax != nil {
		out := q[Tax][from:to]
		l.tax.read(out)
		settle(out)
	}
}

// settle turns what is no finite number into missing.
func settle(column []float64) {
	for i, v := range column {
		if !(math.Abs(v) <= math.MaxFloat64) {
			column[i] = missing
		}
	}
}

func outputLedger(a *Accounts) ledger {
	b := open(a.Output, a.OutputRow)
	l := ledger{book: b, plain: []plain{{Employees, b.gather, b.column("employees", unit.Person)}}}
	for _, k := range []Quantity{Output, Sales, ValueAdded, Profit, RD} {
		l.plain = append(l.plain, plain{k, b.money, b.column(k.String(), unit.WanYuan)})
	}
	return l
}

func energyLedger(a *Accounts, how *Accounting) ledger {
	b := open(a.Energy, a.EnergyRow)
	s := newSum(b, b.gather, b.column("energy", unit.TCE))
	for _, c := range how.Energy {
		s.add(b.column(c.Column, unitOf(table.Energy, c.Column)), c.TCE, 1)
	}
	return ledger{book: b, sum: s, into: Energy, plain: []plain{
		{Electricity, b.gather, b.column("electricity", unit.KWh)},
		{Water, b.gather, b.column("water", unit.CubicMetre)},
	}}
}

// unitOf is what a column of an input table is counted in.
func unitOf(name, column string) unit.Unit {
	schema := table.MustInput(name)
	if i := schema.Index(column); i >= 0 {
		return schema.Fields[i].Unit
	}
	return unit.None
}

// pollutants are the columns of the table emissions that count, and the pollution
// equivalents in a tonne of each: 1000 kg ÷ 1, 0.8, 0.95, 0.95.
var pollutants = []struct {
	name     string
	mul, div float64
}{{"cod", 1000, 1}, {"nh3n", 1250, 1}, {"so2", 20_000, 19}, {"nox", 20_000, 19}}

func emissionLedger(a *Accounts, how *Accounting) ledger {
	b := open(a.Emissions, a.EmissionRow)
	s := newSum(b, b.gather, nil)
	for _, p := range pollutants {
		if !how.Equivalents {
			p.mul, p.div = 1, 1
		}
		s.add(b.column(p.name, unit.Tonne), p.mul, p.div)
	}
	return ledger{book: b, sum: s, into: Emissions}
}

// sum is a total that a row states, or else the sum over its parts.
type sum struct {
	book  *book
	cells reader
	total column // nil: never stated
	parts []part
	part  []float64 // scratch: the cells of a part,
	added []float64 // the sum over the parts,
	given []bool    // and whether there is any
}

// part is a column of which mul ÷ div enters a sum.
type part struct {
	column   column
	mul, div float64
}

func newSum(b *book, cells reader, total column) *sum {
	return &sum{book: b, cells: cells, total: total,
		part: make([]float64, stretch), added: make([]float64, stretch), given: make([]bool, stretch)}
}

// add puts a column into the sum, unless nothing is in it.
func (s *sum) add(c column, mul, div float64) {
	if c != nil {
		s.parts = append(s.parts, part{c, mul, div})
	}
}

// read fills out with the stretch's sums. The parts are added in their order, each
// product rounded before, so that no machine adds them differently.
func (s *sum) read(out []float64) {
	if s.cells(out, s.total); !s.book.wants(out) {
		return
	}
	cells, added, given := s.part[:len(out)], s.added[:len(out)], s.given[:len(out)]
	fill(added, 0)
	clear(given)
	for _, p := range s.parts {
		s.cells(cells, p.column)
		for i, v := range cells {
			if !math.IsNaN(v) {
				added[i] += float64(v * p.mul / p.div)
				given[i] = true
			}
		}
	}
	for i, v := range out {
		if math.IsNaN(v) && given[i] {
			out[i] = added[i]
		}
	}
}
