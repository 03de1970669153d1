package report

import (
	"cmp"
	"html/template"
	"slices"

	"github.com/muscope-gis/muscope/datasets/palette"
	"github.com/muscope-gis/muscope/engine/report/picture"
)

// share is a class with its firms and land, and a bar for each.
type share struct {
	Name            string
	Label           term
	Firms, Mu       int64
	OfFirms, OfMu   int64
	Bar, MuBar      template.HTML
	Letter          bool // it is a grade
	TaxFirms, TaxMu int64
}

// cuts are the bins of tax per mu in millionths of 万元/亩, the highest first.
var cuts = []struct {
	from  int64
	label term
}{
	{100e6, term{"≥ 100", ""}}, {30e6, term{"30 – 100", ""}}, {15e6, term{"15 – 30", ""}}, {5e6, term{"5 – 15", ""}}, {-1 << 62, term{"< 5", ""}},
}

// firms are grades and bins of the enterprises.
func (p *page) firms() error {
	g := p.table("indicators")
	p.HasFirms = g.rows > 0
	perMu, err := g.fixed("tax_per_mu", 6)
	if err != nil {
		return err
	}
	land, err := g.fixed("land_mu", 4)
	if err != nil {
		return err
	}
	p.Bins = make([]share, len(cuts)+1)
	for k, c := range cuts {
		p.Bins[k].Label = c.label
	}
	missing := &p.Bins[len(cuts)]
	missing.Label, missing.Name = term{"无数据", "no figure"}, "none"
	for i := range g.rows {
		bin := missing
		if v, ok := perMu(i); ok {
			bin = &p.Bins[slices.IndexFunc(cuts, func(c struct {
				from  int64
				label term
			}) bool {
				return v >= c.from
			})]
		}
		mu, _ := land(i)
		bin.Firms++
		bin.Mu += mu
	}
	finish(p.Bins, palette.Of("amount", "4"))
	if err := p.grades(); err != nil {
		return err
	}
	return p.groups()
}

// finish gives shares what they are shares of, and bars.
func finish(s []share, colour palette.Class) {
	var firms, mu, most, mostMu int64
	for i := range s {
		firms, mu = firms+s[i].Firms, mu+s[i].Mu
		most, mostMu = max(most, s[i].Firms), max(mostMu, s[i].Mu)
	}
	for i := range s {
		c := colour
		if s[i].Letter {
			c = palette.Of("grade", s[i].Name)
		}
		s[i].OfFirms, s[i].OfMu = firms, mu
		s[i].Bar, s[i].MuBar = picture.Bar([]picture.Part{{Value: s[i].Firms, Class: c}}, most), picture.Bar([]picture.Part{{Value: max(s[i].Mu, 0), Class: c}}, mostMu)
	}
}

// grades are the enterprises by grade, or by why they have none.
func (p *page) grades() error {
	g := p.table("grades")
	mu, err := g.fixed("land_mu", 4)
	if err != nil || g.rows == 0 {
		p.Ungraded = true
		return err
	}
	final, reasons := g.text("final_grade"), g.text("reasons")
	at := map[string]*share{}
	var list []*share
	part := func(name string, letter bool) *share {
		if at[name] == nil {
			at[name] = &share{Name: name, Label: word("", name), Letter: letter}
			list = append(list, at[name])
		}
		return at[name]
	}
	for _, l := range []string{"A", "B", "C", "D", "T"} {
		part(l, true)
	}
	for i := range g.rows {
		name := final(i)
		letter := name != ""
		if !letter {
			name = first(reasons(i))
		}
		s := part(name, letter)
		area, _ := mu(i)
		s.Firms++
		s.Mu += area
	}
	slices.SortStableFunc(list, func(a, b *share) int {
		return cmp.Or(order(!a.Letter, !b.Letter), cmp.Compare(a.Name, b.Name))
	})
	for _, s := range list {
		p.Grades = append(p.Grades, *s)
	}
	finish(p.Grades, palette.Of("base", "edge"))
	return nil
}

// first is the word a list of reasons begins with.
func first(reasons string) string {
	end := len(reasons)
	for i, r := range reasons {
		if r == ':' || r == ';' {
			end = i
			break
		}
	}
	return cmp.Or(reasons[:end], "no_reason")
}

// matrix is a table of counts in firms and mu.
type matrix struct {
	Columns []term
	Rows    []matrixRow
}

type matrixRow struct {
	Label term
	Cells []cell
	Sum   cell
}

type cell struct {
	Firms, Mu int64
	Shade     int // 0 to 5
	Class     string
}

// groups are the grades of each group of the scheme.
func (p *page) groups() error {
	g := p.table("grades")
	mu, err := g.fixed("land_mu", 4)
	if err != nil || g.rows == 0 {
		return err
	}
	final, group := g.text("final_grade"), g.text("group")
	letters := []string{"A", "B", "C", "D"}
	by := map[string]*matrixRow{}
	m := &matrix{}
	for _, l := range letters {
		m.Columns = append(m.Columns, word("", l))
	}
	var names []string
	for i := range g.rows {
		k := slices.Index(letters, final(i))
		if k < 0 || group(i) == "" {
			continue
		}
		row := by[group(i)]
		if row == nil {
			row = &matrixRow{Label: groupName(group(i)), Cells: make([]cell, len(letters))}
			by[group(i)] = row
			names = append(names, group(i))
		}
		area, _ := mu(i)
		for _, c := range []*cell{&row.Cells[k], &row.Sum} {
			c.Firms++
			c.Mu += area
		}
	}
	slices.Sort(names)
	for _, n := range names {
		m.Rows = append(m.Rows, *by[n])
	}
	if len(names) > 0 {
		p.Groups = m
	}
	return nil
}

func groupName(name string) term {
	switch name {
	case "above_scale":
		return term{"规上", "above scale"}
	case "below_scale":
		return term{"规下", "below scale"}
	}
	return term{name, ""}
}

// yield is what is collected in tax per mu of the land of those with positive land and
// the figure: a ratio of sums.
func yield(g grid) (tax, land int64, of number, err error) {
	taxes, err := g.fixed("tax", 4)
	if err != nil {
		return 0, 0, number{}, err
	}
	mus, err := g.fixed("land_mu", 4)
	if err != nil {
		return 0, 0, number{}, err
	}
	for i := range g.rows {
		t, ok := taxes(i)
		mu, _ := mus(i)
		if ok && mu > 0 {
			tax, land = tax+t, land+mu
		}
	}
	return tax, land, perMu(tax, land), nil
}

// card is a figure that matters.
type card struct {
	Label term
	Value string
	Unit  string
	Notes []string
	Good  int // 1: better than before, -1: worse
	Key   string
}

func (p *page) cards() {
	g := p.table("indicators")
	var graded, letters, total share
	for _, s := range p.Grades {
		total.Firms, total.Mu = total.Firms+s.Firms, total.Mu+s.Mu
		if s.Letter && s.Name != "T" {
			letters.Firms, letters.Mu = letters.Firms+s.Firms, letters.Mu+s.Mu
		}
	}
	graded = letters
	if p.HasFirms && !p.Ungraded {
		p.Cards = append(p.Cards, card{Key: "graded", Label: term{"参评企业", "enterprises graded"}, Value: grouped(whole(graded.Firms)), Unit: "家",
			Notes: []string{decimal(graded.Mu, 4, 2) + " 亩", "名录内共 " + grouped(whole(total.Firms)) + " 家"}})
	}
	if tax, _, per, err := yield(g); err == nil && per.OK {
		c := card{Key: "tax_per_mu", Label: term{"亩均税收", "tax per mu"}, Value: per.show(6, 2), Unit: "万元/亩", Notes: []string{"税收 " + decimal(tax, 4, 2) + " 万元"}}
		if p.Before != nil && p.Before.Tax.OK {
			c.Notes = append(c.Notes, "上年 "+p.Before.Tax.show(6, 2)+"，"+changed(per.V, p.Before.Tax.V))
			if c.Good = 1; per.V < p.Before.Tax.V {
				c.Good = -1
			}
		}
		p.Cards = append(p.Cards, c)
	}
	p.Cards = append(p.Cards, card{Key: "parcels", Label: term{"参评宗地", "parcels evaluated"}, Value: grouped(whole(p.Manifest.Counts["parcels"].Used)), Unit: "宗",
		Notes: []string{decimal(p.landOf(func(*zone) bool { return true }), 4, 2) + " 亩", "其中园区内 " + decimal(p.landOf(func(z *zone) bool { return !z.Outside }), 4, 2) + " 亩"}})
	p.Cards = append(p.Cards, card{Key: "idle", Label: term{"闲置土地", "idle land"}, Value: grouped(whole(int64(p.Idle.Parcels))), Unit: "宗",
		Notes: []string{decimal(p.Idle.Mu, 4, 2) + " 亩", "即将闲置 " + grouped(whole(int64(p.Idle.AtRiskAll))) + " 宗"}})
	if p.Under != nil {
		p.Cards = append(p.Cards, card{Key: "underused", Label: term{"低效用地", "underused land"}, Value: decimal(p.Under.Mu, 4, 2), Unit: "亩",
			Notes: []string{grouped(whole(int64(p.Under.Parcels))) + " 宗"}})
	}
	if len(p.Mix) > 0 {
		pass := 0
		for _, m := range p.Mix {
			if m.Verdict == "pass" {
				pass++
			}
		}
		p.Cards = append(p.Cards, card{Key: "mix", Label: term{"1∶1∶1 达标园区", "zones on target 1∶1∶1"}, Value: whole(pass), Unit: "个",
			Notes: []string{"共 " + whole(len(p.Mix)) + " 个园区"}})
	}
}

func (p *page) landOf(is func(*zone) bool) (mu int64) {
	for _, z := range p.Zones {
		if is(z) {
			mu += z.Mu
		}
	}
	return mu
}

// changed is by how much a figure went up or down.
func changed(now, before int64) string {
	sign := "+"
	if now < before {
		sign = ""
	}
	text := sign + decimal(now-before, 6, 2)
	if before > 0 {
		text += "（" + sign + percent(now-before, before) + "）"
	}
	return text
}

// Letters are the counts of the grades A to D, for the first page.
func (p *page) Letters() (out []share) {
	for _, s := range p.Grades {
		if s.Letter && s.Name != "T" {
			out = append(out, s)
		}
	}
	return out
}
