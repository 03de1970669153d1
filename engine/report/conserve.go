package report

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/muscope-gis/muscope/engine/write"
)

// accountPart is an account as the report shows it: a line for each part, each split
// under its heading.
type accountPart struct {
	Name  term
	Unit  string
	Lines []accountLine
}

type accountLine struct {
	Depth   int
	Heading bool // of a split
	Label   term
	Rows    int64
	Amount  string // exact
	Of      string // share of the whole
	Unknown int64
	Apart   bool
}

// conserve lays the accounts out. It is an error when they do not add up, or when they
// do not come to what the tables say.
func (p *page) conserve() error {
	for i := range p.Manifest.Accounts {
		a := &p.Manifest.Accounts[i]
		if err := a.Check(); err != nil {
			return fmt.Errorf("account for %w", err)
		}
		part := accountPart{Name: word("", a.Name), Unit: map[string]string{write.UnitArea: "亩", write.UnitMoney: "万元"}[a.Unit]}
		part.add(p, &a.Entry, a, 0, word("", "read"))
		p.Accounts = append(p.Accounts, part)
	}
	return p.cross()
}

func (part *accountPart) add(p *page, e *write.Entry, whole *write.Account, depth int, label term) {
	part.Lines = append(part.Lines, accountLine{Depth: depth, Label: label, Rows: e.Rows, Amount: amount(e.Amount, whole.Unit),
		Of: percent(e.Amount, whole.Amount), Unknown: e.Unknown})
	for i := range e.Splits {
		s := &e.Splits[i]
		part.Lines = append(part.Lines, accountLine{Depth: depth + 1, Heading: true, Label: word("", s.By), Apart: s.Apart})
		for k := range s.Parts {
			one := &s.Parts[k]
			if one.Rows == 0 && one.Amount == 0 {
				continue
			}
			part.add(p, one, whole, depth+1, p.partName(s.By, one.Name))
		}
	}
}

// partName is what a part of a split is called: a zone by its name, a year by its number.
func (p *page) partName(by, name string) term {
	switch by {
	case "zone":
		g := p.layer("zones")
		code, named := g.text("zone_code"), g.text("name")
		for i := range g.rows {
			if code(i) == name {
				return term{named(i), name}
			}
		}
	case "year":
		return term{name + " 年", ""}
	case "mix_class", "state":
		if t := word(map[string]string{"mix_class": "mix_class", "state": "idle_kind"}[by], name); t.Zh != name && name != "other" || by == "mix_class" {
			return t
		}
	}
	return word("", name)
}

// amount is an amount of an account, exact: a mu is 2000/3 m², so that 1e-4 m² are
// 15e-8 mu.
func amount(v int64, u string) string {
	if u == write.UnitArea {
		return exact(new(big.Int).Mul(big.NewInt(v), big.NewInt(15)), 8)
	}
	return exact(big.NewInt(v), 6)
}

// cross holds the accounts against the tables, which were made apart from them.
func (p *page) cross() error {
	for i := range p.Manifest.Accounts {
		a := &p.Manifest.Accounts[i]
		used := piece(&a.Entry, "use", "used")
		var err error
		switch a.Name {
		case "parcels":
			err = p.crossParcels(used)
		case "land":
			err = p.crossFirms("land", "net_mu", &a.Entry)
		case "tax", "sales", "output":
			if c, ok := p.Manifest.Counts[map[string]string{"tax": "tax", "sales": "output", "output": "output"}[a.Name]]; ok && (c.Read != a.Rows || c.Rejected != a.Rows-used.Rows) {
				err = fmt.Errorf("%d rows of it were read and %d rejected, of the table %d and %d", a.Rows, a.Rows-used.Rows, c.Read, c.Rejected)
			}
			if matched := p.matched(used); err == nil && matched != nil {
				err = p.crossFirms("indicators", a.Name, matched)
			}
		}
		if err != nil {
			return fmt.Errorf("account for %s: %w; this is a fault of the program", a.Name, err)
		}
	}
	return nil
}

// matched are the rows of the year that found their enterprise.
func (p *page) matched(used *write.Entry) *write.Entry {
	return piece(piece(used, "year", strconv.Itoa(p.Manifest.Year)), "partner", "matched")
}

// piece is a part of an entry by the name of a split and its own; nil where there is none.
func piece(e *write.Entry, by, name string) *write.Entry {
	if e == nil {
		return nil
	}
	if s, ok := e.Split(by); ok {
		for i := range s.Parts {
			if s.Parts[i].Name == name {
				return &s.Parts[i]
			}
		}
	}
	return nil
}

// crossParcels adds the layer's parcels up, whole and by grade.
func (p *page) crossParcels(used *write.Entry) error {
	g := p.layer("parcels")
	area, err := g.fixed("official_area", 4)
	if err != nil {
		return err
	}
	letter := g.text("grade")
	var sum int64
	by := map[string]int64{}
	for i := range g.rows {
		v, _ := area(i)
		sum += v
		by[letter(i)] += v
	}
	if sum != used.Amount || int64(g.rows) != used.Rows {
		return fmt.Errorf("%d rows with %d, the layer parcels has %d with %d", used.Rows, used.Amount, g.rows, sum)
	}
	for _, l := range []string{"A", "B", "C", "D", "T"} {
		if e := piece(used, "grade", l); e != nil && e.Amount != by[l] {
			return fmt.Errorf("grade %s: %d, the layer parcels has %d", l, e.Amount, by[l])
		}
	}
	return nil
}

// crossFirms adds a column of a table of enterprises up. Its figures are rounded one by
// one, to a ten-thousandth, so that the sums are alike but for half of one a row.
func (p *page) crossFirms(name, column string, whole *write.Entry) error {
	g := p.table(name)
	of, err := g.fixed(column, 4)
	if err != nil {
		return err
	}
	sum, rows := new(big.Int), int64(0)
	for i := range g.rows {
		if v, ok := of(i); ok {
			sum.Add(sum, big.NewInt(v))
			rows++
		}
	}
	if known := whole.Rows - whole.Unknown; rows != known {
		return fmt.Errorf("%d rows have it, of the table %s %d", known, name, rows)
	}
	// 1e-4 万元 are 100 fen; 1e-4 mu are 2000/3 of 1e-4 m².
	mul, div := int64(100), int64(1)
	if name == "land" {
		mul, div = 2000, 3
	}
	off := new(big.Int).Sub(new(big.Int).Mul(sum, big.NewInt(mul)), new(big.Int).Mul(big.NewInt(whole.Amount), big.NewInt(div)))
	if off.CmpAbs(big.NewInt(rows*mul/2+1)) > 0 {
		return fmt.Errorf("%d in %d rows, the table %s comes to %s ten-thousandths", whole.Amount, rows, name, sum)
	}
	return nil
}
