package join_test

import (
	"fmt"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// A factory owns a parcel of 1000 m² and lets 250 m² of it to a workshop: the parcel
// has the tax of both, each on its own land.
func ExampleLandOn() {
	register := join.NewRegister([]string{"91FACTORY", "91WORKSHOP"}, []string{"A", "B"})
	parcels := &join.Parcels{Used: join.NewCodes([]string{"JC00001"}), Official: []unit.Area{10_000_000}}
	s := table.MustInput(table.Tenancies)
	b := table.NewBuilder(s, 3)
	var rows table.Rows
	for i, r := range []struct {
		enterprise, kind string
		area             float64
	}{{"91FACTORY", "leased_out", 250}, {"91FACTORY", "owned", 1000}, {"91WORKSHOP", "leased_in", 250}} {
		b.String(s.Index("credit_code"), r.enterprise)
		b.String(s.Index("parcel_code"), "JC00001")
		b.String(s.Index("kind"), r.kind)
		b.Number(s.Index("area"), r.area)
		b.EndRow(0, int64(i))
		rows.Order = append(rows.Order, table.Ref{Row: int32(i)})
	}
	rows.Batches = []table.Batch{b.Batch()}

	tenancies, refused := join.NewTenancies(rows, register, parcels)
	land := join.LandOn(tenancies, parcels, register, 2024, false)
	for _, u := range land.Uses {
		fmt.Println(register.Codes()[u.Enterprise], u.Net.SquareMetres(), "m²")
	}
	sum, _ := land.ToParcels([]float64{900, 100}, parcels.Used.Len())
	fmt.Println("tax:", sum, "over let:", land.OverLet, "refused:", len(refused))
	// Output:
	// 91FACTORY 750 m²
	// 91WORKSHOP 250 m²
	// tax: [1000] over let: [false] refused: 0
}
