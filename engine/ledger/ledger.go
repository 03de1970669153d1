// Package ledger lays the facts and grades of enterprises out as tables: the land
// each uses, its indicators, its grade with items and reasons, and what found no
// partner. It decides nothing and computes no figure: it says which column shows what.
package ledger

import (
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Land is the table land: what each enterprise uses, as a bureau publishes it for
// objection before it grades.
func Land(f *assess.Facts) write.Table {
	mu := func(name string, of []unit.Area) write.Column {
		return write.Area(name, func(i int) unit.Area { return of[i] })
	}
	first := firstUses(f)
	return write.Table{Name: "land", Rows: len(f.Code), Columns: append(named(f),
		mu("owned_mu", f.Owned), mu("occupied_mu", f.Occupied), mu("leased_in_mu", f.LeasedIn),
		mu("leased_out_mu", f.LeasedOut), mu("net_mu", f.Land),
		write.Text("parcels", func(i int) (string, bool) {
			var codes []string
			for _, u := range f.Uses[first[i]:first[i+1]] {
				codes = append(codes, f.Parcels[u.Parcel])
			}
			slices.Sort(codes) // those whose row is not used are numbered last
			return strings.Join(codes, ";"), len(codes) > 0
		}),
	)}
}

// firstUses is the number of each enterprise's first use, and at the end that of all.
func firstUses(f *assess.Facts) []int32 {
	first := make([]int32, len(f.Code)+1)
	for _, u := range f.Uses {
		first[u.Enterprise+1]++
	}
	for i := range f.Code {
		first[i+1] += first[i]
	}
	return first
}

func named(f *assess.Facts) []write.Column {
	return []write.Column{
		write.Text("credit_code", func(i int) (string, bool) { return f.Code[i], true }),
		write.Text("name", func(i int) (string, bool) { return f.Name[i], f.Name[i] != "" }),
	}
}

// quantities are the columns of the table indicators that show what indicators are
// made of.
var quantities = []struct {
	name     string
	quantity indicate.Quantity
	money    bool
}{
	{"tax", indicate.Tax, true}, {"sales", indicate.Sales, true}, {"output", indicate.Output, true},
	{"value_added", indicate.ValueAdded, true}, {"profit", indicate.Profit, true},
	{"fixed_asset_investment", indicate.Investment, true}, {"rd", indicate.RD, true},
	{"employees", indicate.Employees, false}, {"energy", indicate.Energy, false},
	{"electricity", indicate.Electricity, false}, {"water", indicate.Water, false},
	{"emissions", indicate.Emissions, false},
}

// Indicators is the table indicators: every enterprise with the sums of the year and
// every indicator of the catalogue.
func Indicators(f *assess.Facts) write.Table {
	columns := append(named(f),
		write.Integer("year", func(int) (int64, bool) { return int64(f.Year), true }),
		write.Area("land_mu", func(i int) unit.Area { return f.Land[i] }))
	for _, q := range quantities {
		columns = append(columns, quantity(q.name, f.This[q.quantity], q.money))
	}
	catalogue := indicate.Catalogue()
	for _, one := range catalogue {
		columns = append(columns, millionths(one.ID, one.Values(&f.This)))
	}
	columns = append(columns, write.Text("missing", func(i int) (string, bool) {
		var why []string
		for _, one := range catalogue {
			if w := one.Why(&f.This, i); w != "" {
				why = append(why, one.ID+": "+w)
			}
		}
		return strings.Join(why, "; "), len(why) > 0
	}))
	return write.Table{Name: "indicators", Rows: len(f.Code), Columns: columns}
}

// quantity is a column of sums: money in fen as 万元 with four decimals, others as
// they are to six.
func quantity(name string, values []float64, money bool) write.Column {
	if !money {
		return millionths(name, values)
	}
	return write.Fixed(name, 4, func(i int) (int64, bool) {
		return Money(values[i])
	})
}

// Money is fen as 1e-4 万元, half away from zero; ok is false when it is missing.
func Money(fen float64) (tenThousandths int64, ok bool) {
	v := math.Round(fen / 100)
	return int64(v), math.Abs(v) <= 9e18 // false for NaN too
}

func millionths(name string, values []float64) write.Column {
	return write.Fixed(name, 6, func(i int) (int64, bool) { return indicate.Millionths(values[i]) })
}
