package report

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/engine/report/picture"
)

// zone is a zone with its figures, or what lies outside all of them.
type zone struct {
	Code, Name, Level, Kind string
	Mu                      int64
	Parcels                 int64
	Grades                  [4]number // mu, A to D
	Tax, Sales              number    // per mu, millionths
	TaxBefore               number
	Idle                    int64
	IdleParcels             int
	Underused               number
	Mix                     string
	Index, Rank             number
	Pass, Fail, Not         int64
	BottomLine              string
	Outside                 bool

	Place    int // by tax per mu, from 1; 0: it has none
	Bar      template.HTML
	TaxBar   template.HTML
	MixBar   *mixRow
	Map, Use *drawing
	Failing  []verdict
	Cut      int // failing rules that are not shown
	feature  int // of the layer zones
}

// outsideCode is the row of the table zones that holds what lies in no zone.
const outsideCode = "outside"

func (p *page) zones() error {
	g := p.table("zones")
	text := map[string]func(int) string{}
	for _, c := range []string{"zone_code", "name", "level", "kind", "mix_verdict", "bottom_line"} {
		text[c] = g.text(c)
	}
	mus, err := g.numbers(4, "mu", "mu_a", "mu_b", "mu_c", "mu_d", "idle_mu", "underused_mu")
	if err != nil {
		return err
	}
	per, err := g.numbers(6, "tax_per_mu", "sales_per_mu", "intensity_index")
	if err != nil {
		return err
	}
	counts, err := g.numbers(0, "parcels", "rules_pass", "rules_fail", "rules_not_evaluated", "rank")
	if err != nil {
		return err
	}
	get := func(of func(int) (int64, bool), i int) number {
		v, ok := of(i)
		return number{v, ok}
	}
	for i := range g.rows {
		z := &zone{
			Code: text["zone_code"](i), Name: text["name"](i), Level: text["level"](i), Kind: text["kind"](i), Mix: text["mix_verdict"](i),
			BottomLine: text["bottom_line"](i), Mu: get(mus[0], i).V, Parcels: get(counts[0], i).V,
			Tax: get(per[0], i), Sales: get(per[1], i), Index: get(per[2], i), Idle: get(mus[5], i).V, Underused: get(mus[6], i),
			Pass: get(counts[1], i).V, Fail: get(counts[2], i).V, Not: get(counts[3], i).V, Rank: get(counts[4], i),
		}
		for k := range z.Grades {
			z.Grades[k] = get(mus[1+k], i)
		}
		if z.Outside = z.Code == outsideCode; z.Outside {
			z.Name = "园区外"
		}
		p.Zones = append(p.Zones, z)
	}
	layer := p.layer("zones")
	code, at := layer.text("zone_code"), map[string]int{}
	for i := range layer.rows {
		at[code(i)] = i
	}
	for _, z := range p.Zones {
		z.feature = -1
		if i, ok := at[z.Code]; ok {
			z.feature = i
		}
	}
	p.rankZones()
	p.Region = region(p.Zones)
	return nil
}

// rankZones puts zones in the order of their tax per mu, those without behind, and what
// lies outside last.
func (p *page) rankZones() {
	slices.SortStableFunc(p.Zones, func(a, b *zone) int {
		return cmp.Or(order(a.Outside, b.Outside), order(!a.Tax.OK, !b.Tax.OK), cmp.Compare(b.Tax.V, a.Tax.V), cmp.Compare(a.Code, b.Code))
	})
	most := int64(1)
	for i, z := range p.Zones {
		most = max(most, z.Tax.V)
		if z.Tax.OK && !z.Outside {
			z.Place = i + 1
			if i > 0 && p.Zones[i-1].Tax == z.Tax {
				z.Place = p.Zones[i-1].Place
			}
		}
	}
	for _, z := range p.Zones {
		z.TaxBar = picture.Bar([]picture.Part{{Value: z.Tax.V, Class: palette.Of("amount", "4")}}, most)
		var parts []picture.Part
		var graded int64
		for k, name := range []string{"A", "B", "C", "D"} {
			parts = append(parts, picture.Part{Value: z.Grades[k].V, Class: palette.Of("grade", name)})
			graded += z.Grades[k].V
		}
		z.Bar = picture.Bar(append(parts, picture.Part{Value: z.Mu - graded, Class: palette.Of("grade", "none")}), z.Mu)
	}
}

// order puts those that are so behind those that are not.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// region is what the names of all zones begin with, where that is a name; of one zone it
// is its own.
func region(zones []*zone) string {
	var names []string
	for _, z := range zones {
		if !z.Outside {
			names = append(names, z.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	common := []rune(names[0])
	for _, n := range names[1:] {
		k := 0
		for _, r := range n {
			if k >= len(common) || common[k] != r {
				break
			}
			k++
		}
		common = common[:k]
	}
	if len(names) == 1 {
		return names[0]
	}
	at := -1
	for i, r := range common {
		if strings.ContainsRune("省市县区州旗", r) {
			at = i
		}
	}
	return string(common[:at+1])
}

// Graded is the land of a zone's graded parcels.
func (z *zone) Graded() (sum int64) {
	for _, g := range z.Grades {
		sum += g.V
	}
	return sum
}

// verdict is a rule that a zone, or something in it, fails.
type verdict struct {
	Rule, Clause, Document string
	Title                  term
	Scope                  string
	Value, Bound           string
	Subjects, Fails        int64
	Mu                     number
	Counted                bool
}
