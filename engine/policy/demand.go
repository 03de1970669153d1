package policy

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/policy/demand"
	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// demandKinds are the kinds of scorecard rules, which package demand knows.
func demandKinds() []kindSpec {
	var specs []kindSpec
	for _, k := range demand.Kinds() {
		s := kindSpec{name: Kind(k.Name), own: func(r *Rule) {
			own := demand.Demand{}
			if r.Demand != nil {
				own = *r.Demand
			}
			r.Demand = &own
		}}
		for _, p := range k.Params {
			one := parameter{name: p.Name, optional: p.Optional,
				read: func(d *decoder, n *parse.Node, r *Rule) { p.Read(&d.Decoder, n, r.Demand) },
				show: func(r *Rule) string { return p.Show(r.Demand) }}
			if p.Strict != nil {
				one.strict = func(child, parent *Rule) bool { return p.Strict(child.Demand, parent.Demand) }
			}
			s.parameters = append(s.parameters, one)
		}
		if k.Check != nil {
			s.check = func(r *Rule) (string, string) { return "", k.Check(r.Demand) }
		}
		specs = append(specs, s)
	}
	return specs
}

// CheckFigures lists the indicators that a pack's scorecard rules name and known
// denies, but for those the pack defines itself.
func (p *Pack) CheckFigures(known []string) error {
	d := newDecoder(p.File)
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.Demand == nil || r.at == nil {
			continue
		}
		for _, tree := range []*demand.Tree{r.Demand.Where, r.Demand.Require, r.Demand.List} {
			for _, c := range tree.Leaves() {
				if !slices.ContainsFunc(r.Scope, func(s Scope) bool { return demand.Has(byte(s), c.Fact) }) {
					d.At(r.at, "rule %s: no subject of its scope has the fact %s", r.ID, c.Fact)
				}
			}
		}
		for _, id := range r.Demand.FigureIDs() {
			if !slices.Contains(known, id) && !slices.ContainsFunc(p.Indicators, func(own Indicator) bool { return own.ID == id }) {
				d.At(r.at, "rule %s: no indicator %s%s", r.ID, parse.Show(id), parse.Offer(id, known))
			}
		}
	}
	return d.Mistakes.AsError()
}

// Indicator is a figure of zones that a pack asks for and the program does not ship.
type Indicator struct {
	ID    string
	Title Text
	Unit  string // of engine/unit: the value of zone_indicators is turned into it
}

func (d *decoder) indicators(n *parse.Node) (out []Indicator) {
	d.Items(n, "indicators", func(i *parse.Node) {
		one := Indicator{}
		d.Mapping(i, "an indicator",
			parse.Need("id", func(n *parse.Node) { one.ID = d.Name(n) }),
			parse.Need("title", d.words("title", &one.Title)),
			parse.Need("unit", d.Into(&one.Unit)))
		if slices.ContainsFunc(out, func(o Indicator) bool { return o.ID == one.ID }) {
			d.At(i, "indicator %s stands twice", parse.Show(one.ID))
		}
		out = append(out, one)
	})
	return out
}
