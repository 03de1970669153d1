package policy

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// KindSpaces is the kind of rules that split a zone into production, living and
// ecological space 生产、生活、生态空间.
const KindSpaces Kind = "spaces"

// The spaces. Land of the classes industry, residence and public, and
// nonconstruction lies in one by its class; of class other by a list of codes.
const (
	SpaceProduction = "production"
	SpaceLiving     = "living"
	SpaceEcological = "ecological"
	SpaceUnassigned = "unassigned"
)

// Spaces is the parameters of KindSpaces: where land of class other belongs, by
// standard.
type Spaces struct{ Codes []SpaceCodes }

// SpaceCodes lists the codes of one standard whose land belongs to a space. A code
// stands for the codes that begin with it too.
type SpaceCodes struct {
	Standard                       string
	Production, Living, Ecological []string
}

type spaceList struct {
	space string
	codes []string
}

func (c *SpaceCodes) lists() [3]spaceList {
	return [3]spaceList{{SpaceProduction, c.Production}, {SpaceLiving, c.Living}, {SpaceEcological, c.Ecological}}
}

// Other is the space of land of class other: the one with the longest code that the
// land's begins with, else unassigned.
func (s *Spaces) Other(standard, code string) string {
	space, longest := SpaceUnassigned, 0
	for i := range s.Codes {
		c := &s.Codes[i]
		if c.Standard != standard {
			continue
		}
		for _, in := range c.lists() {
			for _, prefix := range in.codes {
				if len(prefix) > longest && strings.HasPrefix(code, prefix) {
					space, longest = in.space, len(prefix)
				}
			}
		}
	}
	return space
}

// DefaultSpaces is the split where no pack has a rule: commerce, storage and
// transport, and mining that is not industry, to production; parks to living.
func DefaultSpaces() *Spaces {
	ydyh := SpaceCodes{Production: []string{"09", "11", "12"}, Living: []string{"1401"}}
	s := &Spaces{}
	for _, standard := range []string{"YDYH-2023", "YDYH-2020"} {
		ydyh.Standard = standard
		s.Codes = append(s.Codes, ydyh)
	}
	for _, standard := range []string{"TDT1055-2019", "GBT21010-2017"} {
		s.Codes = append(s.Codes, SpaceCodes{Standard: standard, Production: []string{"05", "10"}, Living: []string{"0810"}})
	}
	return &Spaces{Codes: append(s.Codes,
		SpaceCodes{Standard: "GBT21010-2007", Production: []string{"05", "10"}, Living: []string{"087"}},
		SpaceCodes{Standard: "GB50137-2011", Production: []string{"B", "W", "S", "H2", "H5"}, Living: []string{"G1"}},
		SpaceCodes{Standard: "TDT1029-2014", Production: []string{"A3", "A4"}, Living: []string{"A51"}})}
}

var spacesKind = kindSpec{
	name:   KindSpaces,
	single: true,
	own: func(r *Rule) {
		own := Spaces{}
		if r.Spaces != nil {
			own.Codes = slices.Clone(r.Spaces.Codes)
		}
		r.Spaces = &own
	},
	parameters: []parameter{{name: "codes", read: readSpaceCodes, show: showSpaceCodes}},
}

func readSpaceCodes(d *decoder, n *parse.Node, r *Rule) {
	r.Spaces.Codes = nil
	standards := map[string]bool{}
	d.Items(n, "codes", func(i *parse.Node) {
		c := SpaceCodes{}
		d.Mapping(i, "codes",
			parse.Need("standard", d.Into(&c.Standard)),
			parse.May(SpaceProduction, func(n *parse.Node) { c.Production = d.Set(n, "code") }),
			parse.May(SpaceLiving, func(n *parse.Node) { c.Living = d.Set(n, "code") }),
			parse.May(SpaceEcological, func(n *parse.Node) { c.Ecological = d.Set(n, "code") }))
		if standards[c.Standard] {
			d.At(i, "standard %s stands twice", parse.Show(c.Standard))
		}
		standards[c.Standard] = true
		seen := map[string]bool{}
		for _, in := range c.lists() {
			for _, code := range in.codes {
				if seen[code] {
					d.At(i, "code %s of %s is in two spaces", parse.Show(code), c.Standard)
				}
				seen[code] = true
			}
		}
		r.Spaces.Codes = append(r.Spaces.Codes, c)
	})
}

func showSpaceCodes(r *Rule) string {
	var lines []string
	for _, c := range r.Spaces.Codes {
		line := c.Standard
		for _, in := range c.lists() {
			if len(in.codes) > 0 {
				line += " " + in.space + " " + strings.Join(in.codes, ", ")
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}
