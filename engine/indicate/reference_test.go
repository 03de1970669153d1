package indicate_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/table"
)

// cells are the cells of a row that are not empty, as people write them.
type cells map[string]string

var taxColumns = []string{
	"tax", "vat", "income", "property", "land_use", "consumption", "city_maintenance", "education_surcharge", "stamp",
	"personal_income", "resource", "environment", "export_exempt", "refund",
}

// exact is the decimal a cell is.
func (c cells) exact(column string) (v *big.Rat, ok bool) {
	text, ok := c[column]
	if !ok {
		return nil, false
	}
	v, _ = new(big.Rat).SetString(text)
	return v, true
}

// totalTax is a row's total in 万元, decimal by decimal.
func totalTax(row cells) (*big.Rat, bool) {
	if v, ok := row.exact("tax"); ok {
		return v, true
	}
	sum, any := new(big.Rat), false
	for _, column := range taxColumns[1:12] {
		if v, ok := row.exact(column); ok {
			sum.Add(sum, v)
			any = true
		}
	}
	return sum, any
}

// plainTax is the signed sum over heads, in fen, of a row with two decimals to a cell.
func plainTax(row cells, how []indicate.Head) float64 {
	sum := new(big.Rat)
	given := len(row)
	if _, has := row["tax"]; has && !slices.ContainsFunc(how, func(h indicate.Head) bool { return h.Column == "tax" }) {
		given-- // a total says nothing of its heads
	}
	for _, h := range how {
		v, ok := row.exact(h.Column)
		if h.Column == "tax" {
			v, ok = totalTax(row)
		} else if !ok && given > 0 {
			v, ok = new(big.Rat), true
		}
		if !ok {
			return math.NaN()
		}
		if h.Minus {
			v = new(big.Rat).Neg(v)
		}
		sum.Add(sum, v)
	}
	fen, exact := sum.Mul(sum, big.NewRat(1e6, 1)).Float64()
	if !exact {
		panic("more than two decimals")
	}
	return fen
}

// city draws rows of taxes and lays them out in batches of any size, in any order.
func city(t *testing.T, dice *rand.Rand, n int) (rows []cells, laid table.Rows, at []int32) {
	schema := table.MustInput(table.Tax)
	used := map[string]int{}
	for _, column := range taxColumns {
		used[column] = dice.IntN(4) // 0: no row has it
	}
	rows, at = make([]cells, n), make([]int32, n)
	var builder *table.Builder
	flush := func() {
		if builder != nil {
			laid.Batches = append(laid.Batches, builder.Batch())
			builder = nil
		}
	}
	for i, e := range dice.Perm(n) {
		at[e] = -1
		if dice.IntN(10) == 0 {
			continue
		}
		if builder == nil {
			builder = table.NewBuilder(schema, 16)
		}
		rows[e] = cells{}
		for _, column := range taxColumns {
			if dice.IntN(4) < used[column] && dice.IntN(3) == 0 {
				text := fmt.Sprintf("%.2f", float64(dice.Int64N(4_000_000)-1_000_000)/100)
				rows[e][column] = text
				v, _ := new(big.Rat).SetString(text)
				f, _ := v.Float64()
				builder.Number(schema.Index(column), f)
			}
		}
		at[e] = int32(len(laid.Order))
		laid.Order = append(laid.Order, table.Ref{Batch: int32(len(laid.Batches)), Row: int32(builder.Rows())})
		builder.EndRow(0, int64(i))
		if dice.IntN(40) == 0 {
			flush()
		}
	}
	flush()
	return rows, laid, at
}

func TestTaxIsWhatDecimalArithmeticGivesRowByRow(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for round := range 60 {
		rows, laid, at := city(t, dice, 1+dice.IntN(3000))
		how := []indicate.Head{{Column: "tax"}}
		for range dice.IntN(4) {
			how = append(how, indicate.Head{Column: taxColumns[dice.IntN(14)], Minus: dice.IntN(2) == 0})
		}
		if dice.IntN(3) == 0 {
			how = how[1:]
		}
		plain := how
		if len(how) == 0 {
			plain = []indicate.Head{{Column: "tax"}}
		}
		q := indicate.Figures(len(rows), &indicate.Accounts{Tax: laid, TaxRow: at}, &indicate.Accounting{Tax: how})
		for e, row := range rows {
			want := math.NaN()
			if row != nil {
				want = plainTax(row, plain)
			}
			if got := q[indicate.Tax][e]; !same(got, want) {
				t.Fatalf("round %d, enterprise %d of %d: %v fen, want %v from %v by %v", round, e, len(rows), got, want, row, how)
			}
		}
	}
}

func TestTheOrderOfRowsAndBatchesMakesNoDifference(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 7))
	how := &indicate.Accounting{Energy: []indicate.Coefficient{{"coal", 0.7143}, {"gas", 0.00133}, {"electricity", 0.0001229}}}
	schema := table.MustInput(table.Energy)
	const n = 2500
	numbers := make([][3]float64, n)
	for e := range numbers {
		numbers[e] = [3]float64{dice.Float64() * 1e4, dice.Float64() * 1e6, dice.Float64() * 1e7}
	}
	var first []float64
	for range 5 {
		var laid table.Rows
		at := make([]int32, n)
		size := 1 + dice.IntN(n)
		for i, e := range dice.Perm(n) {
			at[e] = int32(i)
			laid.Order = append(laid.Order, table.Ref{Batch: int32(i / size), Row: int32(i % size)})
		}
		batches := make([]*table.Builder, (n+size-1)/size)
		for i := range batches {
			batches[i] = table.NewBuilder(schema, size)
		}
		byRow := make([]int, n)
		for e, i := range at {
			byRow[i] = e
		}
		for i, e := range byRow {
			b := batches[i/size]
			for k, column := range []string{"coal", "gas", "electricity"} {
				b.Number(schema.Index(column), numbers[e][k])
			}
			b.EndRow(0, int64(i))
		}
		for _, b := range batches {
			laid.Batches = append(laid.Batches, b.Batch())
		}
		q := indicate.Figures(n, &indicate.Accounts{Energy: laid, EnergyRow: at}, how)
		if first == nil {
			first = q[indicate.Energy]
		}
		for e, v := range q[indicate.Energy] {
			if v != first[e] {
				t.Fatalf("enterprise %d: %v tce, in another order %v", e, v, first[e])
			}
		}
	}
}

// Twice the money and twice the energy of every account are twice of every quantity.
func TestScalingAccountsScalesFigures(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 8))
	draw := func(columns int, times int64) (row string) {
		for k := range columns {
			if k > 0 {
				row += ","
			}
			if dice.IntN(3) > 0 {
				row += fmt.Sprintf("%.2f", float64(dice.Int64N(1_000_000)*times)/100)
			}
		}
		return row
	}
	seed := dice.Uint64()
	figures := func(times int64) *indicate.Quantities {
		dice = rand.New(rand.NewPCG(seed, 1))
		var a indicate.Accounts
		const n = 300
		lay := func(name, columns string, wide int) (table.Rows, []int32) {
			rows := make([]string, n)
			for e := range rows {
				rows[e] = draw(wide, times)
			}
			laid := accounts(t, name, columns, rows...)
			return laid, each(laid)
		}
		a.Output, a.OutputRow = lay(table.Output, "output,sales,value_added,profit,rd,employees", 6)
		a.Tax, a.TaxRow = lay(table.Tax, "tax,vat,income,refund", 4)
		a.Energy, a.EnergyRow = lay(table.Energy, "energy,electricity,coal,water", 4)
		a.Emissions, a.EmissionRow = lay(table.Emissions, "cod,nh3n,so2,nox", 4)
		return indicate.Figures(n, &a, &indicate.Accounting{
			Tax:    []indicate.Head{{Column: "tax"}, {Column: "refund", Minus: true}},
			Energy: []indicate.Coefficient{{"electricity", 0.0003}, {"coal", 0.7143}},
		})
	}
	once, fourTimes := figures(1), figures(4)
	known := 0
	for k := range once {
		for e, v := range once[k] {
			got := fourTimes[k][e]
			if math.IsNaN(v) != math.IsNaN(got) || math.Abs(got-4*v) > 1e-14*math.Abs(4*v) {
				t.Fatalf("%s of enterprise %d: %v, four times that is %v", indicate.Quantity(k), e, v, got)
			}
			if !math.IsNaN(v) {
				known++
			}
		}
	}
	if known < 2000 {
		t.Errorf("only %d figures are known", known)
	}
}

// FuzzFigures lays any float64 into any cells: no figure and no indicator is ever
// infinite.
func FuzzFigures(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"), uint8(0))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.Inf(-1))), uint8(3))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e308)), uint8(7))
	f.Fuzz(func(t *testing.T, raw []byte, form uint8) {
		next := 0
		lay := func(name string) (table.Rows, []int32) {
			schema := table.MustInput(name)
			b := table.NewBuilder(schema, 3)
			for row := range 3 {
				for i, field := range schema.Fields {
					if field.Kind != table.Number || next+8 > len(raw) {
						continue
					}
					v := math.Float64frombits(binary.LittleEndian.Uint64(raw[next:]))
					if next++; math.Float64bits(v)&3 != 0 {
						b.Number(i, v)
					}
				}
				b.EndRow(0, int64(row))
			}
			return table.Rows{Batches: []table.Batch{b.Batch()}, Order: []table.Ref{{Row: 2}, {Row: 0}, {Row: 1}}}, []int32{1, -1, 0, 2}
		}
		var a indicate.Accounts
		a.Output, a.OutputRow = lay(table.Output)
		a.Tax, a.TaxRow = lay(table.Tax)
		a.Energy, a.EnergyRow = lay(table.Energy)
		a.Emissions, a.EmissionRow = lay(table.Emissions)
		how := &indicate.Accounting{Equivalents: form&1 != 0, Energy: []indicate.Coefficient{{"coal", 0.7}, {"gas", -1e300}}}
		if form&2 != 0 {
			how.Tax = []indicate.Head{{Column: "tax"}, {Column: "refund", Minus: true}, {Column: "vat"}}
		}
		q := indicate.Figures(4, &a, how)
		q[indicate.Land] = []float64{1, 1e15, 0, 5}
		for k, column := range q {
			for e, v := range column {
				if math.IsInf(v, 0) || k == int(indicate.Tax) && v != math.Trunc(v) && !math.IsNaN(v) {
					t.Errorf("%s of enterprise %d: %v", indicate.Quantity(k), e, v)
				}
			}
		}
		for _, i := range indicate.Catalogue() {
			for e, v := range i.Values(q) {
				if math.IsInf(v, 0) || math.IsNaN(v) == (i.Why(q, e) == "") {
					t.Errorf("%s of enterprise %d: %v because %q", i.ID, e, v, i.Why(q, e))
				}
			}
		}
	})
}
