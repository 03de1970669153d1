package indicate_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/table"
)

var nan = math.NaN()

// accounts is a table of the given columns, a row for each text of cells with commas
// between, two rows to a batch.
func accounts(t testing.TB, name, columns string, cells ...string) table.Rows {
	t.Helper()
	schema := table.MustInput(name)
	var rows table.Rows
	for len(cells) > 0 {
		n := min(2, len(cells))
		b := table.NewBuilder(schema, n)
		for i, row := range cells[:n] {
			for k, cell := range strings.Split(row, ",") {
				if cell == "" {
					continue
				}
				v, err := strconv.ParseFloat(cell, 64)
				if err != nil {
					t.Fatal(err)
				}
				b.Number(schema.Index(strings.Split(columns, ",")[k]), v)
			}
			b.EndRow(0, int64(i))
			rows.Order = append(rows.Order, table.Ref{Batch: int32(len(rows.Batches)), Row: int32(i)})
		}
		rows.Batches = append(rows.Batches, b.Batch())
		cells = cells[n:]
	}
	return rows
}

// each numbers the rows of a table as the enterprises are.
func each(rows table.Rows) []int32 {
	numbers := make([]int32, rows.Len())
	for i := range numbers {
		numbers[i] = int32(i)
	}
	return numbers
}

// same compares figures; missing is like missing, and a zero has no sign.
func same(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || a == b && math.Signbit(a) == math.Signbit(b)
}

func taxOf(t *testing.T, how []indicate.Head, columns, row string) float64 {
	t.Helper()
	rows := accounts(t, table.Tax, columns, row)
	q := indicate.Figures(1, &indicate.Accounts{Tax: rows, TaxRow: each(rows)}, &indicate.Accounting{Tax: how})
	return q[indicate.Tax][0]
}

func TestTaxIsTheSignedSumOverItsHeads(t *testing.T) {
	total := []indicate.Head{{Column: "tax"}}
	less := []indicate.Head{{Column: "tax"}, {Column: "export_exempt"}, {Column: "refund", Minus: true}}
	some := []indicate.Head{{Column: "vat"}, {Column: "income"}}
	const all = "tax,vat,income,property,land_use,consumption,city_maintenance,education_surcharge,stamp,personal_income,resource,environment,export_exempt,refund"
	for _, c := range []struct {
		name         string
		how          []indicate.Head
		columns, row string
		fen          float64
	}{
		{"the stated total", total, all, "10,1,2,3,4,5,6,7,8,9,10,11,100,1000", 10_000_000},
		{"no heads are the total", nil, all, "10,1,2,,,,,,,,,,,", 10_000_000},
		{"without a total the heads in it", total, all, ",1,2,3,4,5,6,7,8,9,10,11,100,1000", 66_000_000},
		{"empty heads count as none when any is given", total, all, ",,,,,,,,,,,0.01,,", 10_000},
		{"a total of 0 is zero", total, all, "0,5,,,,,,,,,,,,", 0},
		{"heads of 0 are zero", total, all, ",0,,,,,,,,,,,,", 0},
		{"a negative total", total, all, "-6.92,,,,,,,,,,,,,", -6_920_000},
		{"all heads empty is missing", total, all, ",,,,,,,,,,,,,", nan},
		{"what is not in the total makes none", total, all, ",,,,,,,,,,,,7,8", nan},
		{"exempted tax added, refunds taken off", less, all, "10,,,,,,,,,,,,2,0.5", 11_500_000},
		{"refunds taken off the heads' sum", less, all, ",3,4,,,,,,,,,,,0.5", 6_500_000},
		{"an empty head beside the total is 0", less, all, "10,,,,,,,,,,,,,", 10_000_000},
		{"no total, no tax, whatever else is given", less, all, ",,,,,,,,,,,,2,0.5", nan},
		{"some heads only", some, all, "99,1,2,3,,,,,,,,,,", 3_000_000},
		{"an empty head is 0 when another is given", some, all, ",1,,,,,,,,,,,,", 1_000_000},
		{"both empty are 0 when the row has any figure", some, all, ",,,,,,,,,,,,,7", 0},
		{"a row without any figure is missing", some, all, ",,,,,,,,,,,,,", nan},
		{"a head that no row has", some, "vat", "5", 5_000_000},
		{"a head twice counts twice", []indicate.Head{{Column: "vat"}, {Column: "vat"}}, "vat", "5", 10_000_000},
		{"a head taken off is negative, and none is 0", []indicate.Head{{Column: "refund", Minus: true}}, "refund", "0", 0},
		{"each cell is rounded to the fen", total, "vat,income", "0.0000005,0.0000014", 2},
		{"away from zero", total, "vat,income", "-0.0000005,-0.0000004", -1},
		{"a cell beyond all measure makes no tax", total, "vat,income", "1,1e10", nan},
		{"nor does a negative one", total, "vat,income", "1,-1e300", nan},
		{"nor two that would cancel", []indicate.Head{{Column: "vat"}, {Column: "refund", Minus: true}}, "vat,refund", "1e10,1e10", nan},
	} {
		if got := taxOf(t, c.how, c.columns, c.row); !same(got, c.fen) {
			t.Errorf("%s: %v fen, want %v", c.name, got, c.fen)
		}
	}
}

func TestEnergyIsTheTotalOrTheSumByCoefficients(t *testing.T) {
	how := []indicate.Coefficient{{"electricity", 0.0003}, {"coal", 0.7143}, {"heat", 0.03412}}
	for _, c := range []struct {
		name string
		how  []indicate.Coefficient
		row  string // energy, electricity, coal, gas, heat
		tce  float64
	}{
		{"the stated total", how, "521.05,1000000,7,,", 521.05},
		{"a total of 0 is zero", how, "0,1000000,,,", 0},
		{"the sum of the parts", how, ",1000000,10,,100", 1000000*0.0003 + 10*0.7143 + 100*0.03412},
		{"empty parts count as none", how, ",1000000,,,", 1000000 * 0.0003},
		{"parts of 0 are zero", how, ",0,,,", 0},
		{"a part without a coefficient makes no sum", how, ",,,500,", nan},
		{"nothing given", how, ",,,,", nan},
		{"no coefficients", nil, ",1000000,,,", nan},
		{"what no float64 holds", []indicate.Coefficient{{"coal", 1e300}}, ",,1e300,,", nan},
	} {
		rows := accounts(t, table.Energy, "energy,electricity,coal,gas,heat", c.row)
		q := indicate.Figures(1, &indicate.Accounts{Energy: rows, EnergyRow: each(rows)}, &indicate.Accounting{Energy: c.how})
		if got := q[indicate.Energy][0]; !same(got, c.tce) {
			t.Errorf("%s: %v tce, want %v", c.name, got, c.tce)
		}
	}
}

func TestEmissionsAreTonnesOrPollutionEquivalents(t *testing.T) {
	for _, c := range []struct {
		name, row   string // cod, nh3n, so2, nox, voc
		t, equivals float64
	}{
		{"all four", "1,0.8,1.9,0.95,50", 1 + 0.8 + 1.9 + 0.95, 1000 + 1000 + 2000 + 1000},
		{"a tonne of COD is 1000 equivalents", "1,,,,", 1, 1000},
		{"empty parts count as none", ",,,0.95,", 0.95, 1000},
		{"zero is zero", ",,0,,", 0, 0},
		{"other emissions do not count", ",,,,3", nan, nan},
		{"nothing given", ",,,,", nan, nan},
	} {
		rows := accounts(t, table.Emissions, "cod,nh3n,so2,nox,voc", c.row)
		for _, equivalents := range []bool{false, true} {
			want := c.t
			if equivalents {
				want = c.equivals
			}
			q := indicate.Figures(1, &indicate.Accounts{Emissions: rows, EmissionRow: each(rows)}, &indicate.Accounting{Equivalents: equivalents})
			if got := q[indicate.Emissions][0]; !same(got, want) && math.Abs(got-want) > 1e-12*want {
				t.Errorf("%s (equivalents %t): %v, want %v", c.name, equivalents, got, want)
			}
		}
	}
}

func TestOtherQuantitiesAreTheirColumns(t *testing.T) {
	output := accounts(t, table.Output, "output,sales,value_added,profit,rd,fixed_asset_investment,employees",
		"1711.73,1610.29,370.36,-96.61,38.64,57.97,12", "0,,0,,,,0.5", ",,,,,,")
	energy := accounts(t, table.Energy, "electricity,water", "1563591,5716", ",0", "3,")
	a := indicate.Accounts{Output: output, OutputRow: []int32{2, 0, -1, 1}, Energy: energy, EnergyRow: []int32{1, -1, 2, 0}}
	q := indicate.Figures(4, &a, &indicate.Accounting{})
	for k, want := range map[indicate.Quantity][]float64{
		indicate.Output:      {nan, 1_711_730_000, nan, 0},
		indicate.Sales:       {nan, 1_610_290_000, nan, nan},
		indicate.ValueAdded:  {nan, 370_360_000, nan, 0},
		indicate.Profit:      {nan, -96_610_000, nan, nan},
		indicate.RD:          {nan, 38_640_000, nan, nan},
		indicate.Employees:   {nan, 12, nan, 0.5},
		indicate.Electricity: {nan, nan, 3, 1563591},
		indicate.Water:       {0, nan, nan, 5716},
		indicate.Tax:         {nan, nan, nan, nan},
		indicate.Energy:      {nan, nan, nan, nan},
		indicate.Emissions:   {nan, nan, nan, nan},
	} {
		for e := range want {
			if got := q[k][e]; !same(got, want[e]) {
				t.Errorf("%s of enterprise %d: %v, want %v", k, e, got, want[e])
			}
		}
	}
	if q[indicate.Land] != nil || q[indicate.Investment] != nil {
		t.Error("land and investment are the caller's, but are set")
	}
}

func TestASliceOfABatchIsReadFromItsFirstRow(t *testing.T) {
	rows := accounts(t, table.Energy, "energy,water", "1,", ",7")
	rows.Batches[0].Record = rows.Batches[0].Record.NewSlice(1, 2)
	rows.Order = []table.Ref{{Batch: 0, Row: 0}}
	q := indicate.Figures(1, &indicate.Accounts{Energy: rows, EnergyRow: []int32{0}}, &indicate.Accounting{})
	if e, w := q[indicate.Energy][0], q[indicate.Water][0]; !math.IsNaN(e) || w != 7 {
		t.Errorf("energy %v and water %v, want none and 7", e, w)
	}
}

func TestTablesWithoutARowOfTheYearMakeNoFigures(t *testing.T) {
	rows := accounts(t, table.Tax, "tax", "5")
	q := indicate.Figures(2, &indicate.Accounts{Tax: rows, TaxRow: []int32{-1, -1}}, &indicate.Accounting{})
	for e, v := range q[indicate.Tax] {
		if !math.IsNaN(v) {
			t.Errorf("enterprise %d without a row paid %v", e, v)
		}
	}
}

func TestNoEnterprisesOrNoTablesMakeNoFigures(t *testing.T) {
	if q := indicate.Figures(0, &indicate.Accounts{}, &indicate.Accounting{}); q.Len() != 0 {
		t.Errorf("%d enterprises out of none", q.Len())
	}
	q := indicate.Figures(3, &indicate.Accounts{}, &indicate.Accounting{Tax: []indicate.Head{{Column: "vat"}},
		Energy: []indicate.Coefficient{{"coal", 1}}})
	for k, column := range q {
		for e, v := range column {
			if !math.IsNaN(v) {
				t.Errorf("%s of enterprise %d without a table: %v", indicate.Quantity(k), e, v)
			}
		}
	}
}
