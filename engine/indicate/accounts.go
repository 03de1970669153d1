package indicate

import (
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
// that is empty is 0 when the row has any figure, else the tax is missing; of heads
// without the total, when the row has any head: its total alone says nothing of them.
// Each cell is rounded to the fen, so the sum is exact.
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
		for _, l := range ledgers {
			l.seek(from, to)
			for _, f := range l.fills {
				out := q[f.into][from:to]
				f.fill(out)
				settle(out)
			}
		}
	}
	return q
}

// ledger makes the quantities that come from one table.
type ledger struct {
	*book
	fills []filled
}

// filled is a quantity and what fills it for the stretch the book is turned to.
type filled struct {
	into Quantity
	fill func(out []float64)
}

// plain is a quantity that is a column as it stands.
func (b *book) plain(into Quantity, read reader, u unit.Unit) filled {
	c := b.column(into.String(), u)
	return filled{into, func(out []float64) { b.straight(out, read, c) }}
}

func outputLedger(a *Accounts) ledger {
	b := open(a.Output, a.OutputRow)
	l := ledger{b, []filled{b.plain(Employees, b.gather, unit.Person)}}
	for _, money := range []Quantity{Output, Sales, ValueAdded, Profit, RD} {
		l.fills = append(l.fills, b.plain(money, b.money, unit.WanYuan))
	}
	return l
}

func taxLedger(a *Accounts, how *Accounting) ledger {
	b := open(a.Tax, a.TaxRow)
	return ledger{b, []filled{{Tax, newTax(b, how).fill}}}
}

func energyLedger(a *Accounts, how *Accounting) ledger {
	b := open(a.Energy, a.EnergyRow)
	s := newSum(b, b.gather, b.column("energy", unit.TCE))
	for _, c := range how.Energy {
		s.add(b.column(c.Column, unitOf(table.Energy, c.Column)), c.TCE)
	}
	return ledger{b, []filled{
		{Energy, s.fill}, b.plain(Electricity, b.gather, unit.KWh), b.plain(Water, b.gather, unit.CubicMetre),
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
	name        string
	equivalents float64
}{{"cod", 1000}, {"nh3n", 1000 / 0.8}, {"so2", 1000 / 0.95}, {"nox", 1000 / 0.95}}

func emissionLedger(a *Accounts, how *Accounting) ledger {
	b := open(a.Emissions, a.EmissionRow)
	s := newSum(b, b.gather, nil)
	for _, p := range pollutants {
		factor := 1.0
		if how.Equivalents {
			factor = p.equivalents
		}
		s.add(b.column(p.name, unit.Tonne), factor)
	}
	return ledger{b, []filled{{Emissions, s.fill}}}
}
