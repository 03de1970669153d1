package indicate_test

import (
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/table"
)

// full draws n rows of a table, one cell in empty left out, in batches of 64 k rows.
func full(n, empty int, name string, columns ...string) (table.Rows, []int32) {
	dice := rand.New(rand.NewPCG(9, uint64(len(name))))
	schema := table.MustInput(name)
	var laid table.Rows
	at := make([]int32, n)
	for from := 0; from < n; from += 1 << 16 {
		size := min(1<<16, n-from)
		b := table.NewBuilder(schema, size)
		for row := range size {
			for _, column := range columns {
				if dice.IntN(empty) > 0 {
					b.Number(schema.Index(column), float64(dice.Int64N(1e7))/100)
				}
			}
			b.EndRow(0, int64(row))
			at[from+row] = int32(len(laid.Order))
			laid.Order = append(laid.Order, table.Ref{Batch: int32(len(laid.Batches)), Row: int32(row)})
		}
		laid.Batches = append(laid.Batches, b.Batch())
	}
	return laid, at
}

// BenchmarkFiguresAndValues is all quantities and all 15 indicators of a city's
// enterprises, every third tax and energy row without its total.
func BenchmarkFiguresAndValues(b *testing.B) {
	const n = 300_000
	var a indicate.Accounts
	a.Output, a.OutputRow = full(n, 20, table.Output, "output", "sales", "value_added", "profit", "rd", "employees")
	a.Tax, a.TaxRow = full(n, 3, table.Tax, "tax", "vat", "income", "property", "land_use", "city_maintenance", "refund")
	a.Energy, a.EnergyRow = full(n, 3, table.Energy, "energy", "electricity", "coal", "gas", "water")
	a.Emissions, a.EmissionRow = full(n, 5, table.Emissions, "cod", "nh3n", "so2", "nox")
	how := &indicate.Accounting{
		Tax:    []indicate.Head{{Column: "tax"}, {Column: "refund", Minus: true}},
		Energy: []indicate.Coefficient{{"electricity", 0.0003}, {"coal", 0.7143}, {"gas", 0.00133}},
	}
	land := make([]float64, n)
	for e := range land {
		land[e] = float64(20_000_000 + e)
	}
	run := func(b *testing.B, values bool) {
		b.ReportAllocs()
		for b.Loop() {
			q := indicate.Figures(n, &a, how)
			q[indicate.Land], q[indicate.Investment] = land, land
			for _, i := range indicate.Catalogue() {
				if values {
					i.Values(q)
				}
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
	}
	b.Run("figures", func(b *testing.B) { run(b, false) })
	b.Run("figures and values", func(b *testing.B) { run(b, true) })
}
