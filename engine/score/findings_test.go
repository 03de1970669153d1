package score_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/score"
	"github.com/muscope-gis/muscope/engine/unit"
)

// densities is a city of many parcels, in two zones and outside, of which every third
// is too thin and every seventh unknown.
func densities(workers int) *score.City {
	const n = 20_000
	zone := make([]int32, n)
	for i := range zone {
		zone[i] = int32(i%3) - 1
	}
	return &score.City{
		Year: 2024, Workers: workers, Zones: []score.Zone{{Code: "Z1"}, {Code: "Z2"}}, Has: func(string) bool { return true },
		Subjects: map[policy.Scope]*score.Subjects{policy.ScopeParcel: {
			N: n, Table: "parcels", Zone: zone,
			Code: func(i int) string { return fmt.Sprintf("P%05d", n-i) }, // not in order
			Number: func(string) func(int) (float64, bool) {
				return func(i int) (float64, bool) { return float64(i%3) + 0.5, i%7 > 0 }
			},
			Text: func(string) func(int) (string, bool) { return func(int) (string, bool) { return "", false } },
			Shares: func(i int) ([]int32, []unit.Area, unit.Area) {
				if zone[i] < 0 {
					return nil, nil, 5
				}
				return []int32{zone[i]}, []unit.Area{3}, 1
			},
		}},
	}
}

func TestVerdictsAreTheSameHoweverManyLookAtTheParcels(t *testing.T) {
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
  - {id: X-1, title: {zh: 容积率, en: Plot ratio}, clause: "1", scope: [P], status: confirmed, kind: conditions, needs: [parcels],
     conditions: {require: {fact: plot_ratio, op: ">=", value: 1}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	rules := []policy.Applied{{Pack: pack, Rule: &pack.Rules[0]}}
	told := func(workers int) (out []any) {
		c := score.Rules(densities(workers), rules)
		for _, r := range c.Rows {
			out = append(out, r.Code, r.Verdict, *r.Counts, r.Missing)
		}
		before := ""
		for i := range c.Findings.Len() {
			code := c.Findings.Code(i)
			if code <= before {
				t.Fatalf("%s stands behind %s", code, before)
			}
			before = code
			out = append(out, code, c.Findings.Value(i), c.Findings.Bound(i), c.Findings.Source(i))
		}
		return out
	}
	one := told(1)
	if rows := 3 * 4; len(one) != rows+4*5714 || one[rows+1] != "0.5" || one[rows+2] != ">= 1" || one[3] != "plot_ratio" {
		t.Fatalf("%d: %v", len(one), one[:16])
	}
	if many := told(5); !reflect.DeepEqual(one, many) {
		t.Error("five find something else than one")
	}
}
