package grade_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/policy"
)

// BenchmarkAMillionEnterprises grades above and below scale by six items each, by
// lease policy.
func BenchmarkAMillionEnterprises(b *testing.B) {
	const n = 1_000_000
	c := makeCity(rand.New(rand.NewPCG(1, 1)), n, 50)
	yes, no := true, false
	for _, lease := range []policy.Lease{policy.LeaseNet, policy.LeaseSeparate, policy.LeaseOwner, policy.LeaseMerge} {
		s := &policy.Grading{MinGroup: 5, Lease: lease, Exempt: policy.Exempt{Utility: true, NewFrom: []string{"registered_on"}, NewYears: 2}}
		for g, f := range []policy.Filter{{AboveScale: &yes}, {AboveScale: &no}} {
			group := policy.Group{ID: fmt.Sprint(g), Filter: f, Cuts: policy.Cuts{A: 0.2, B: 0.6, C: 0.95}}
			for k := range c.figures {
				group.Items = append(group.Items, policy.Item{
					Indicator: c.figures[k].Indicator, Weight: 100.0 / 6, Cap: 2,
					Benchmark: policy.Benchmark{Kind: policy.MeanBenchmark, Factor: 1},
				})
			}
			s.Groups = append(s.Groups, group)
		}
		b.Run(string(lease), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				grade.All(&c.e, c.figures, s, 2024)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "enterprises/s")
		})
	}
}
