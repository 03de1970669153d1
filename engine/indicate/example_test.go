package indicate_test

import (
	"fmt"

	"github.com/muscope-gis/muscope/engine/indicate"
)

// Three firms on 3 mu each: one paid 30 万元 of tax, one nothing, and of one nothing is
// known.
func ExampleIndicator_Values() {
	const threeMu, wanYuan = 20_000_000, 1e6 // in 1e-4 m², in fen
	taxPerMu, _ := indicate.Find("tax_per_mu")
	figures := &indicate.Quantities{
		indicate.Land: {threeMu, threeMu, threeMu},
		indicate.Tax:  {30 * wanYuan, 0, nan},
	}
	for e, v := range taxPerMu.Values(figures) {
		fmt.Printf("%.2f %q\n", v, taxPerMu.Why(figures, e))
	}
	// Output:
	// 10.00 ""
	// 0.00 ""
	// NaN "tax_missing"
}
