package score_test

import (
	"fmt"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/score"
)

// Two zones are held to a share of the city's investment, on the straight path from
// 20 % in 2020 to 50 % in 2025: in 2024 44 % are asked for.
func ExampleRules() {
	pack, err := policy.Parse("example.yaml", []byte(`id: example
title: {zh: 示例, en: Example}
issuer: made up
published: 2021-01-01
in_force: {from: 2021-01-01}
state: in_force
region: made up
level: city
source: made up
version: "1"
rules:
  - id: X-1
    title: {zh: 占比, en: Share}
    clause: "1"
    scope: [C]
    status: confirmed
    kind: compare
    needs: [zone_indicators]
    compare:
      tests:
        - {figure: fixed_asset_investment, as: share, base: 2020, start: 0.2, target: 2025, bound: {op: ">=", value: 0.5, unit: ratio}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	city := &score.City{
		Year:  2024,
		Zones: []score.Zone{{Code: "Z1"}, {Code: "Z2"}},
		Has:   func(string) bool { return true },
		Series: map[string]*score.Series{"fixed_asset_investment": {Unit: "yi_yuan", Reported: true, Values: map[score.Place]float64{
			{Zone: 0, Year: 2024}: 30, {Zone: 1, Year: 2024}: 15, {Zone: score.Outside, Year: 2024}: 100,
		}}},
	}
	rules := []policy.Applied{{Pack: pack, Rule: &pack.Rules[0]}}
	r := score.Rules(city, rules).Rows[0]
	fmt.Println(r.Value, r.Bound, r.Verdict)
	delete(city.Series["fixed_asset_investment"].Values, score.Place{Zone: 1, Year: 2024})
	r = score.Rules(city, rules).Rows[0]
	fmt.Println(r.Verdict, r.Missing)
	// Output:
	// 0.45 >= 0.44 pass
	// not_evaluated zone_indicators/Z2/2024/fixed_asset_investment
}
