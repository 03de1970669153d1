package policy

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

var gradingKind = kindSpec{
	name:   KindGrading,
	single: true,
	own: func(r *Rule) {
		own := Grading{}
		if r.Grading != nil {
			own = *r.Grading
		}
		r.Grading = &own
	},
	parameters: []parameter{
		{name: "tax", read: readTax, show: showTax},
		{name: "energy", read: readEnergy, show: func(r *Rule) string { return r.Grading.Energy.String() }},
		wordFigure("pollutants", func(r *Rule) *Pollutants { return &r.Grading.Pollutants },
			string(PlainTonnes), string(PollutionEquivalents)),
		wordFigure("lease", func(r *Rule) *Lease { return &r.Grading.Lease },
			string(LeaseNet), string(LeaseMerge), string(LeaseOwner), string(LeaseSeparate)),
		{
			name: "by_months",
			read: func(d *decoder, n *parse.Node, r *Rule) { d.Yes(&r.Grading.ByMonths)(n) },
			show: func(r *Rule) string { return yesOrNo(r.Grading.ByMonths) },
		},
		{name: "exempt", read: readExempt, show: func(r *Rule) string { return r.Grading.Exempt.String() }},
		{
			name: "min_group",
			read: func(d *decoder, n *parse.Node, r *Rule) { r.Grading.MinGroup = d.Whole(n, 1, 10_000) },
			show: func(r *Rule) string { return strconv.Itoa(r.Grading.MinGroup) },
		},
		{name: "groups", read: readGroups, show: showGroups},
	},
}

func readTax(d *decoder, n *parse.Node, r *Rule) {
	g := r.Grading
	g.Tax = nil
	d.Items(n, "tax", func(i *parse.Node) {
		s := d.Text(i)
		head := TaxHead{Column: s}
		head.Column, head.Minus = strings.CutPrefix(s, "-")
		same := func(h TaxHead) bool { return h.Column == head.Column }
		switch {
		case s == "":
		case head.Column == "" || strings.IndexFunc(head.Column, parse.NotInName) >= 0:
			d.At(i, "tax head %s is not a column's name with or without - before it", parse.Show(s))
		case slices.ContainsFunc(g.Tax, same):
			d.At(i, "tax head %s stands twice", head.Column)
		default:
			g.Tax = append(g.Tax, head)
		}
	})
}

func readEnergy(d *decoder, n *parse.Node, r *Rule) {
	e := &r.Grading.Energy
	*e = Energy{}
	d.Mapping(n, "energy",
		parse.Need("electricity", func(n *parse.Node) {
			e.Electricity = d.OneOf(n, "value of electricity", EquivalentValue, CalorificValue)
		}),
		parse.Need("coefficients", func(n *parse.Node) {
			d.Each(n, "coefficients", func(column string, v *parse.Node) {
				e.Coefficients = append(e.Coefficients, Coefficient{column, d.Positive(v, 1000)})
			})
		}))
}

// usualNewYears is how long an enterprise is new where the pack does not say.
const usualNewYears = 2

func readExempt(d *decoder, n *parse.Node, r *Rule) {
	e := &r.Grading.Exempt
	*e = Exempt{}
	var years *parse.Node
	d.Mapping(n, "exempt",
		parse.May("utility", d.Yes(&e.Utility)),
		parse.May("new_from", func(n *parse.Node) { e.NewFrom = d.Set(n, "date column", "registered_on", "production_on") }),
		parse.May("new_years", func(n *parse.Node) { years, e.NewYears = n, d.Whole(n, 1, 10) }),
		parse.May("construction_years", func(n *parse.Node) { e.ConstructionYears = d.Whole(n, 0, 10) }),
		parse.May("relocation", d.Yes(&e.Relocation)),
		parse.May("tags", func(n *parse.Node) { e.Tags = d.Set(n, "tag") }),
		parse.May("counts", d.Yes(&e.Counts)),
		parse.May("as", func(n *parse.Node) { e.As = d.OneOf(n, "grade", "A", "B", "C", "D") }))
	switch {
	case years == nil && len(e.NewFrom) > 0:
		e.NewYears = usualNewYears
	case years != nil && n.Entry("new_from") == nil:
		d.At(years, "new_years without new_from: name the dates from which an enterprise is new")
	}
}

func readGroups(d *decoder, n *parse.Node, r *Rule) {
	r.Grading.Groups = nil
	lines := map[string]int{}
	d.Items(n, "groups", func(i *parse.Node) {
		g := d.group(i)
		if first, twice := lines[g.ID]; twice && g.ID != "" {
			d.At(i, "group %s stands twice, first in line %d", g.ID, first)
		}
		lines[g.ID] = i.Line
		r.Grading.Groups = append(r.Grading.Groups, g)
	})
}

func (d *decoder) group(n *parse.Node) Group {
	var g Group
	d.Mapping(n, "a group", append(d.origin(&g, func() string { return "" }),
		parse.Need("id", func(n *parse.Node) { g.ID = d.Name(n) }),
		parse.Need("title", d.words("title", &g.Title)),
		parse.May("filter", func(n *parse.Node) { g.Filter = d.filter(n) }),
		parse.Need("items", func(n *parse.Node) { d.groupItems(n, &g) }),
		parse.Need("cuts", func(n *parse.Node) { d.cuts(n, &g) }))...)
	return g
}

func (d *decoder) filter(n *parse.Node) Filter {
	var f Filter
	d.Mapping(n, "filter",
		parse.May("above_scale", func(n *parse.Node) { f.AboveScale = new(bool); d.Yes(f.AboveScale)(n) }),
		parse.May("min_mu", func(n *parse.Node) { f.MinMu = d.Positive(n, 100_000) }),
		parse.May("industries", func(n *parse.Node) { f.Industries = d.industries(n) }),
		parse.May("zones", func(n *parse.Node) { f.Zones = d.Set(n, "zone") }),
		parse.May("counties", func(n *parse.Node) { f.Counties = d.Set(n, "county") }),
		parse.May("tags", func(n *parse.Node) { f.Tags = d.Set(n, "tag") }),
		parse.May("any", func(n *parse.Node) {
			d.Items(n, "any", func(i *parse.Node) { f.Any = append(f.Any, d.filter(i)) })
		}))
	return f
}

// groupItems reads the items of a group, which weigh 100 together.
func (d *decoder) groupItems(n *parse.Node, g *Group) {
	before, sum := len(d.Mistakes), 0.0
	d.Items(n, "items", func(i *parse.Node) {
		item := d.item(i, g)
		same := func(other Item) bool { return other.Indicator == item.Indicator }
		if item.Indicator != "" && slices.ContainsFunc(g.Items, same) {
			d.At(i, "indicator %s stands twice in a group", item.Indicator)
		}
		sum += item.Weight
		g.Items = append(g.Items, item)
	})
	if len(d.Mistakes) == before && math.Abs(sum-100) > 1e-9 {
		d.At(n, "the weights of a group add to 100, these to %s", parse.Plain(sum))
	}
}

func (d *decoder) item(n *parse.Node, g *Group) Item {
	i := Item{Method: Linear, Missing: Missing{Policy: MissingZero}}
	misspelt := d.Mapping(n, "an item", append([]parse.Key{
		parse.Need("indicator", func(n *parse.Node) { i.Indicator = d.Name(n) }),
		parse.Need("weight", func(n *parse.Node) { i.Weight = d.Positive(n, 100) }),
		parse.May("method", func(n *parse.Node) {
			i.Method = Method(d.OneOf(n, "method", string(Linear), string(MinMax), string(Inverse)))
		}),
		parse.May("benchmark", func(n *parse.Node) { i.Benchmark = d.benchmark(n) }),
		parse.May("floor", func(n *parse.Node) { i.Floor = d.Number(n, -100, 100) }),
		parse.May("cap", func(n *parse.Node) { i.Cap = d.Positive(n, 1000) }),
		parse.May("missing", func(n *parse.Node) { i.Missing = d.missing(n) }),
	}, d.origin(g, func() string { return i.Indicator })...)...) // told of the indicator, which is read before
	if n.Form != parse.Mapping || i.Method == "" {
		return i
	}
	benchmark, most := n.Entry("benchmark"), n.Entry("cap")
	switch {
	case i.Method == MinMax && benchmark != nil:
		d.At(benchmark, "method minmax has no benchmark: it goes from the least value to the largest")
	case i.Method != MinMax && benchmark == nil && !slices.Contains(misspelt, "benchmark"):
		d.At(n, "an item lacks benchmark")
	}
	for _, name := range []string{"floor", "cap"} {
		if limit := n.Entry(name); limit != nil && i.Method != Linear {
			d.At(limit, "method %s has no %s", i.Method, name)
		}
	}
	if i.Method == Linear && most != nil && i.Cap > 0 && i.Cap < i.Floor {
		d.At(most, "cap %s is below floor %s", parse.Plain(i.Cap), parse.Plain(i.Floor))
	}
	return i
}

// benchmarkKeys are the keys of a benchmark beside its kind, with the kind each is
// of and whether that needs it.
var benchmarkKeys = []struct {
	name string
	of   BenchmarkKind
	need bool
}{{"value", FixedBenchmark, true}, {"factor", MeanBenchmark, false}, {"last_year", MeanBenchmark, false}, {"q", QuantileBenchmark, true}}

func (d *decoder) benchmark(n *parse.Node) Benchmark {
	b := Benchmark{}
	misspelt := d.Mapping(n, "benchmark",
		parse.Need("kind", func(n *parse.Node) {
			b.Kind = BenchmarkKind(d.OneOf(n, "kind of benchmark",
				string(FixedBenchmark), string(MeanBenchmark), string(MaxBenchmark), string(QuantileBenchmark)))
			if b.Kind == MeanBenchmark {
				b.Factor = 1
			}
		}),
		parse.May("value", func(n *parse.Node) { b.Value = d.Positive(n, 1e9) }),
		parse.May("factor", func(n *parse.Node) { b.Factor = d.Positive(n, 1000) }),
		parse.May("last_year", d.Yes(&b.LastYear)),
		parse.May("q", func(n *parse.Node) { b.Value = d.Number(n, 0, 1) }))
	if n.Form != parse.Mapping || b.Kind == "" {
		return b
	}
	for _, k := range benchmarkKeys {
		switch v := n.Entry(k.name); {
		case v != nil && k.of != b.Kind:
			d.At(v, "%s in a benchmark of kind %s: it belongs to %s", k.name, b.Kind, k.of)
		case v == nil && k.of == b.Kind && k.need && !slices.Contains(misspelt, k.name):
			d.At(n, "a benchmark of kind %s lacks %s", b.Kind, k.name)
		}
	}
	return b
}

func (d *decoder) missing(n *parse.Node) Missing {
	var m Missing
	var points *parse.Node
	policy := func(n *parse.Node) {
		m.Policy = MissingPolicy(d.OneOf(n, "policy for missing values",
			string(MissingZero), string(MissingMean), string(MissingPenalty), string(MissingDrop)))
	}
	if n.Form == parse.Mapping {
		d.Mapping(n, "missing", parse.Need("policy", policy),
			parse.May("points", func(n *parse.Node) { points, m.Points = n, d.Positive(n, 1000) }))
	} else {
		policy(n)
	}
	switch {
	case m.Policy == MissingPenalty && points == nil:
		d.At(n, "missing: penalty lacks points, such as {policy: penalty, points: 3}")
	case m.Policy != MissingPenalty && m.Policy != "" && points != nil:
		d.At(points, "missing: only penalty has points, not %s", m.Policy)
	}
	return m
}

func (d *decoder) cuts(n *parse.Node, g *Group) {
	c := &g.Cuts
	by := ""
	grade := func(name string, v *float64) parse.Key {
		return parse.Need(name, func(n *parse.Node) {
			if by == "share" {
				*v = d.Positive(n, 1)
			} else {
				*v = d.Number(n, -100_000, 100_000)
			}
		})
	}
	before := len(d.Mistakes)
	d.Mapping(n, "cuts", append([]parse.Key{
		parse.Need("by", func(n *parse.Node) { by = d.OneOf(n, "way to cut", "share", "score"); c.ByScore = by == "score" }),
		grade("A", &c.A), grade("B", &c.B), grade("C", &c.C),
	}, d.origin(g, func() string { return CutsOrigin })...)...)
	if len(d.Mistakes) > before {
		return
	}
	for _, pair := range []struct {
		better, worse string
		high, low     float64
	}{{"A", "B", c.A, c.B}, {"B", "C", c.B, c.C}} {
		switch {
		case c.ByScore && pair.low > pair.high:
			d.At(n.Entry(pair.worse), "cut %s of %s is above cut %s of %s: a worse grade needs fewer points",
				pair.worse, parse.Plain(pair.low), pair.better, parse.Plain(pair.high))
		case !c.ByScore && pair.low < pair.high:
			d.At(n.Entry(pair.worse), "cut %s of %s is below cut %s of %s: the shares are cumulative",
				pair.worse, parse.Plain(pair.low), pair.better, parse.Plain(pair.high))
		}
	}
}

// origin is the clause and status that a group, an item or the cuts state of their
// own.
type origin struct {
	part   string // empty: the group; an indicator; CutsOrigin
	clause string
	status Status
}

// CutsOrigin is the part of a group that its cuts are, for [Rule.Origin].
const CutsOrigin = "cuts"

// origin reads the clause and status of a part of a group; part names it once it is
// read.
func (d *decoder) origin(g *Group, part func() string) []parse.Key {
	said := func(read func(*parse.Node, *origin)) func(*parse.Node) {
		return func(n *parse.Node) {
			o := origin{part: part()}
			read(n, &o)
			g.origins = append(g.origins, o)
		}
	}
	return []parse.Key{
		parse.May("clause", said(func(n *parse.Node, o *origin) { o.clause = d.Text(n) })),
		parse.May("status", said(func(n *parse.Node, o *origin) { d.status(n, &o.status) })),
	}
}

// Origin is the clause and status of a group of a grading rule, or of a part of it:
// an indicator, or [CutsOrigin]. What the part does not say itself the group says,
// then the figure groups.
func (r *Rule) Origin(group, part string) (clause string, status Status) {
	f, _ := r.Figure("groups")
	clause, status = f.Clause, f.Status
	for _, g := range r.Grading.Groups {
		if g.ID != group {
			continue
		}
		for _, of := range []string{"", part} {
			for _, o := range g.origins {
				if o.part == of && o.clause != "" {
					clause = o.clause
				}
				if o.part == of && o.status != "" {
					status = o.status
				}
			}
		}
	}
	return clause, status
}
