package demand

import (
	"slices"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// Kinds lists the kinds of this vocabulary.
func Kinds() []Kind { return kinds }

var kinds = []Kind{
	{Name: Compare, Params: []Param{{Name: "tests", Read: readTests, Show: showTests, Strict: strictTests}}},
	{Name: Conditions, Params: []Param{
		optional(tree("where", func(d *Demand) **Tree { return &d.Where })),
		optional(tree("require", func(d *Demand) **Tree { return &d.Require })),
		optional(tree("list", func(d *Demand) **Tree { return &d.List })),
		optional(word("value", func(d *Demand) *string { return &d.Shown })),
		optional(words("informational", func(d *Demand) *[]string { return &d.Informational })),
	}, Check: func(d *Demand) string {
		if (d.Require == nil) == (d.List == nil) {
			return "conditions have a require, what must hold, or a list, what must not, and not both"
		}
		return ""
	}},
	{Name: Underused, Params: []Param{
		optional(tree("where", func(d *Demand) **Tree { return &d.Where })),
		tree("list", func(d *Demand) **Tree { return &d.List }),
		optional(Param{Name: "ways", Read: readWays, Show: showWays}),
	}},
	{Name: Cadence, Params: []Param{
		words("indicators", func(d *Demand) *[]string { return &d.Indicators }),
		{Name: "due_day", Read: func(d *parse.Decoder, n *parse.Node, to *Demand) { to.DueDay = d.Whole(n, 1, 31) },
			Show:   func(d *Demand) string { return strconv.Itoa(d.DueDay) },
			Strict: func(child, parent *Demand) bool { return child.DueDay <= parent.DueDay }},
	}},
	{Name: BottomLine, Params: []Param{
		words("rules", func(d *Demand) *[]string { return &d.Rules }),
		{Name: "few", Read: func(d *parse.Decoder, n *parse.Node, to *Demand) { to.Few = d.Whole(n, 1, 100) },
			Show:   func(d *Demand) string { return strconv.Itoa(d.Few) },
			Strict: func(child, parent *Demand) bool { return child.Few <= parent.Few }},
	}},
	{Name: Lists, Params: []Param{{Name: "lists", Read: readLists, Show: showLists}}},
	{Name: Control, Params: []Param{
		{Name: "plot_ratio", Read: readControl, Show: showControl, Strict: strictControl},
		atLeast("building_coverage", func(d *Demand) *float64 { return &d.Coverage }),
		atMost("green_ratio", func(d *Demand) *float64 { return &d.Green }),
		atMost("ancillary_share", func(d *Demand) *float64 { return &d.Ancillary }),
		optional(words("without_table", func(d *Demand) *[]string { return &d.Unknown })),
	}},
	{Name: Quota, Params: []Param{atLeast("cut_per_mu", func(d *Demand) *float64 { return &d.Cut })}},
	{Name: Services, Params: []Param{
		word("standard", func(d *Demand) *string { return &d.Standard }),
		words("producer", func(d *Demand) *[]string { return &d.Producer }),
		words("consumer", func(d *Demand) *[]string { return &d.Consumer }),
	}},
	{Name: Layers, Params: []Param{words("tables", func(d *Demand) *[]string { return &d.Tables })}},
	{Name: Outside, Params: []Param{atMost("share", func(d *Demand) *float64 { return &d.Cut })}},
	{Name: Sector, Params: []Param{
		{Name: "sectors", Read: func(d *parse.Decoder, n *parse.Node, to *Demand) { to.Sectors = d.Set(n, "sector", Directions...) },
			Show: func(d *Demand) string { return strings.Join(d.Sectors, ", ") }},
		tree("list", func(d *Demand) **Tree { return &d.List }),
	}},
	{Name: ByGrade},
	{Name: StandardLand},
	{Name: ZoneType, Params: []Param{
		atMost("industry_above", func(d *Demand) *float64 { return &d.Industry }),
		atMost("residence_from", func(d *Demand) *float64 { return &d.Residence }),
	}},
	{Name: Index, Params: []Param{{Name: "parts", Read: readParts, Show: showParts}}},
}

// Directions are the sectors of a city, 45° each, centred on the direction, clockwise
// from north.
var Directions = []string{"N", "NE", "E", "SE", "S", "SW", "W", "NW"}

func optional(p Param) Param { p.Optional = true; return p }

func tree(name string, at func(*Demand) **Tree) Param {
	return Param{Name: name,
		Read: func(d *parse.Decoder, n *parse.Node, to *Demand) { *at(to) = readTree(d, n) },
		Show: func(d *Demand) string { return (*at(d)).String() }}
}

func word(name string, at func(*Demand) *string) Param {
	return Param{Name: name,
		Read: func(d *parse.Decoder, n *parse.Node, to *Demand) { *at(to) = d.Text(n) },
		Show: func(d *Demand) string { return *at(d) }}
}

// words is a list; a child may name more.
func words(name string, at func(*Demand) *[]string) Param {
	return Param{Name: name,
		Read: func(d *parse.Decoder, n *parse.Node, to *Demand) { *at(to) = d.Set(n, name) },
		Show: func(d *Demand) string { return strings.Join(*at(d), ", ") },
		Strict: func(child, parent *Demand) bool {
			return !slices.ContainsFunc(*at(parent), func(s string) bool { return !slices.Contains(*at(child), s) })
		}}
}

func figure(name string, at func(*Demand) *float64, strict func(child, parent float64) bool) Param {
	return Param{Name: name,
		Read:   func(d *parse.Decoder, n *parse.Node, to *Demand) { *at(to) = d.Number(n, 0, 1e6) },
		Show:   func(d *Demand) string { return Number(*at(d)) },
		Strict: func(child, parent *Demand) bool { return strict(*at(child), *at(parent)) }}
}

func atLeast(name string, at func(*Demand) *float64) Param {
	return figure(name, at, func(child, parent float64) bool { return child >= parent })
}

func atMost(name string, at func(*Demand) *float64) Param {
	return figure(name, at, func(child, parent float64) bool { return child <= parent })
}

func showTests(d *Demand) string {
	lines := make([]string, len(d.Tests))
	for i := range d.Tests {
		lines[i] = d.Tests[i].String()
	}
	return strings.Join(lines, "; ")
}

func readWays(d *parse.Decoder, n *parse.Node, to *Demand) {
	to.Ways = nil
	d.Items(n, "ways", func(i *parse.Node) {
		w := Way{}
		d.Mapping(i, "a way",
			parse.May("if", func(n *parse.Node) { w.If = readTree(d, n) }),
			parse.Need("zh", d.Into(&w.Zh)), parse.Need("en", d.Into(&w.En)))
		to.Ways = append(to.Ways, w)
	})
}

func showWays(d *Demand) string {
	lines := make([]string, len(d.Ways))
	for i, w := range d.Ways {
		lines[i] = w.Zh + " / " + w.En
		if w.If != nil {
			lines[i] += " if " + w.If.String()
		}
	}
	return strings.Join(lines, "; ")
}

// codes reads codes of GB/T 4754, each standing for all that begin with it.
func codes(d *parse.Decoder, n *parse.Node) []string {
	list := d.Set(n, "industry")
	for _, i := range n.Items {
		industryCode(d, i, strings.TrimSpace(i.Text))
	}
	return list
}

func industryCode(d *parse.Decoder, n *parse.Node, s string) {
	if s != "" && (len(s) < 2 || len(s) > 4 || strings.Trim(s, "0123456789") != "") {
		d.At(n, "%s is not an industry code of GB/T 4754: two to four digits", parse.Show(s))
	}
}

// readLists reads lists of industries; [] is none yet: nothing is evaluated.
func readLists(d *parse.Decoder, n *parse.Node, to *Demand) {
	to.Lists = nil
	if n.Form == parse.List && len(n.Items) == 0 {
		return
	}
	d.Items(n, "lists", func(i *parse.Node) {
		l := IndustryList{}
		d.Mapping(i, "a list",
			parse.May("zones", func(n *parse.Node) { l.Zones = d.Set(n, "zone") }),
			parse.May("roles", func(n *parse.Node) { l.Roles = d.Set(n, "role") }),
			parse.Need("industries", func(n *parse.Node) { l.Industries = codes(d, n) }))
		to.Lists = append(to.Lists, l)
	})
}

func showLists(d *Demand) string {
	lines := make([]string, len(d.Lists))
	for i, l := range d.Lists {
		lines[i] = strings.Join(l.Industries, ", ")
		if whom := slices.Concat(l.Zones, l.Roles); len(whom) > 0 {
			lines[i] += " [" + strings.Join(whom, ", ") + "]"
		}
	}
	if len(lines) == 0 {
		return "[]"
	}
	return strings.Join(lines, "; ")
}

func readControl(d *parse.Decoder, n *parse.Node, to *Demand) {
	to.Table = nil
	d.Each(n, "plot_ratio", func(key string, v *parse.Node) {
		industryCode(d, v, key)
		to.Table = append(to.Table, ControlRow{key, d.Positive(v, 100)})
	})
}

func showControl(d *Demand) string {
	lines := make([]string, len(d.Table))
	for i, r := range d.Table {
		lines[i] = r.Industry + " ≥ " + Number(r.PlotRatio)
	}
	return strings.Join(lines, ", ")
}

func strictControl(child, parent *Demand) bool {
	for _, r := range parent.Table {
		if own, ok := child.PlotRatio(r.Industry); !ok || own < r.PlotRatio {
			return false
		}
	}
	return true
}

// PlotRatio is the least plot ratio of an industry: that of the longest code it
// begins with.
func (d *Demand) PlotRatio(industry string) (v float64, ok bool) {
	longest := 0
	for _, r := range d.Table {
		if len(r.Industry) > longest && strings.HasPrefix(industry, r.Industry) {
			v, ok, longest = r.PlotRatio, true, len(r.Industry)
		}
	}
	return v, ok
}

func readParts(d *parse.Decoder, n *parse.Node, to *Demand) {
	to.Parts = nil
	sum := 0.0
	d.Items(n, "parts", func(i *parse.Node) {
		p := Part{}
		d.Mapping(i, "a part",
			parse.Need("figure", func(n *parse.Node) {
				if f := readFigures(d, n); len(f) == 1 {
					p.Figure = f[0]
				} else if len(f) > 1 {
					d.At(n, "a part has one figure")
				}
			}),
			parse.Need("weight", func(n *parse.Node) { p.Weight = d.Positive(n, 100) }),
			parse.May("ideal", func(n *parse.Node) { p.Ideal = d.Positive(n, 1e9) }),
			parse.May("less_is_better", d.Yes(&p.Inverse)),
			parse.May("rest", d.Yes(&p.Rest)),
			parse.May("status", func(n *parse.Node) { d.OneOf(n, "status", "confirmed", "unconfirmed") }))
		sum += p.Weight
		to.Parts = append(to.Parts, p)
	})
	if len(to.Parts) > 0 && (sum < 100-1e-9 || sum > 100+1e-9) {
		d.At(n, "weights add to %s, not 100", Number(sum))
	}
}

func showParts(d *Demand) string {
	lines := make([]string, len(d.Parts))
	for i, p := range d.Parts {
		lines[i] = Number(p.Weight) + " " + p.Figure.String()
		switch {
		case p.Rest:
			lines[i] += " (1 − value)"
		case p.Ideal > 0:
			lines[i] += " ideal " + Number(p.Ideal)
		case p.Inverse:
			lines[i] += " (best ÷ value)"
		default:
			lines[i] += " (value ÷ best)"
		}
	}
	return strings.Join(lines, "; ")
}

// FigureIDs are the figures of zones that a demand names, each once, in its order.
func (d *Demand) FigureIDs() []string {
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if n != "" && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	for i := range d.Tests {
		for _, f := range d.Tests[i].Figures {
			add(f.Of, f.Per)
		}
		if b := d.Tests[i].Bound; b != nil {
			add(b.Of)
		}
	}
	for _, p := range d.Parts {
		add(p.Figure.Of, p.Figure.Per)
	}
	for _, t := range []*Tree{d.Where, d.Require, d.List} {
		for _, c := range t.Leaves() {
			add(c.Of)
		}
	}
	add(d.Indicators...)
	return out
}
