package check_test

import (
	"fmt"

	"github.com/muscope-gis/muscope/engine/check"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/unit"
)

// A new zone of 10 000 m²: 6000 of industry, 2000 of housing, 1500 of public
// services, and 500 that nobody has classified.
func ExampleMix() {
	class := []check.Class{check.Industry, check.Residence, check.Public}
	pieces := check.Pieces{
		Zone:   []int32{0, 0, 0},
		Area:   []unit.Area{60_000_000, 20_000_000, 15_000_000},
		Strict: class, Wide: class,
	}
	zones := check.Zones{Area: []unit.Area{100_000_000}, Kind: []string{"new"}}
	rule := policy.InformationalLandMix()
	rule.Kinds = []string{"new", "expansion"}
	for _, row := range check.Mix(pieces, zones, &rule) {
		if row.Deciding {
			fmt.Println(row.Verdict)
			fmt.Println(string(row.Evidence(nil)))
			fmt.Println("uncovered:", row.Uncovered.SquareMetres(), "m²")
		}
	}
	// Output:
	// fail
	// profile=strict; industry_share=0.631579 (target 0.333333); residence_share=0.210526 (target 0.333333); public_share=0.157895 (target 0.333333); max_deviation=0.298246 (<=0.05 not met); to_convert_mu=4.25
	// uncovered: 500 m²
}
