package policy

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/unit"
)

// KindNear is the kind of rules that keep industries away from features of a control
// layer: river banks, source protection zones.
const KindNear Kind = "near"

// Near is the parameters of KindNear; the distance in metres is the rule's bound: a
// distance below it is a hit.
type Near struct {
	Layer      string    // kind of the control lines: river
	Names      []string  // names and aliases, compared normalised; empty: all of the kind
	Industries []string  // GB/T 4754 codes that the occupant's begins with
	From       unit.Date // what is dated on or after it is new
	Metres     float64   // the bound's value; 0: inside
}

// KindInside is the kind of rules that keep industries out of areas: near without a
// distance.
const KindInside Kind = "inside"

var insideKind = kindSpec{name: KindInside, own: nearKind.own, parameters: nearKind.parameters[1:]}

var nearKind = kindSpec{
	name: KindNear,
	own: func(r *Rule) {
		own := Near{}
		if r.Near != nil {
			own = *r.Near
		}
		r.Near = &own
	},
	parameters: []parameter{
		boundFigure(AtLeast, unit.Metre, 1, 100_000, func(r *Rule) *float64 { return &r.Near.Metres }),
		{
			name: "layer",
			read: func(d *decoder, n *parse.Node, r *Rule) { r.Near.Layer = d.Text(n) },
			show: func(r *Rule) string { return r.Near.Layer },
		},
		{
			name: "names",
			read: func(d *decoder, n *parse.Node, r *Rule) {
				r.Near.Names = nil
				if n.Form != parse.List || len(n.Items) > 0 { // [] is all of the layer
					r.Near.Names = d.Set(n, "name")
				}
			},
			show: func(r *Rule) string { return shownList(r.Near.Names) },
			strict: func(child, parent *Rule) bool {
				return len(child.Near.Names) == 0 || len(parent.Near.Names) > 0 &&
					covers(child.Near.Names, parent.Near.Names, func(a, b string) bool { return a == b })
			},
		},
		{
			name: "industries",
			read: func(d *decoder, n *parse.Node, r *Rule) { r.Near.Industries = d.industries(n) },
			show: func(r *Rule) string { return shownList(r.Near.Industries) },
			strict: func(child, parent *Rule) bool {
				return covers(child.Near.Industries, parent.Near.Industries, func(c, p string) bool { return strings.HasPrefix(p, c) })
			},
		},
		{
			name:   "from",
			read:   func(d *decoder, n *parse.Node, r *Rule) { d.Date(&r.Near.From)(n) },
			show:   func(r *Rule) string { return r.Near.From.String() },
			strict: func(child, parent *Rule) bool { return child.Near.From <= parent.Near.From },
		},
	},
}

// covers says whether each of the parent's names is held by one of the child's.
func covers(child, parent []string, holds func(child, parent string) bool) bool {
	for _, p := range parent {
		if !slices.ContainsFunc(child, func(c string) bool { return holds(c, p) }) {
			return false
		}
	}
	return true
}

// shownList is a list as a pack writes it.
func shownList(names []string) string {
	if len(names) == 0 {
		return "[]"
	}
	return strings.Join(names, ", ")
}

// industries reads codes of GB/T 4754, each standing for all that begin with it.
func (d *decoder) industries(n *parse.Node) []string {
	codes := d.Set(n, "industry")
	for _, i := range n.Items {
		if s := strings.TrimSpace(i.Text); s != "" && (len(s) < 2 || len(s) > 4 || strings.Trim(s, "0123456789") != "") {
			d.At(i, "%s is not an industry code of GB/T 4754: two to four digits", parse.Show(s))
		}
	}
	return codes
}
