package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/archive"
)

// Previous is what the run of the year before came to, as far as the report compares it.
type Previous struct {
	RunID, AsOf string
	Year        int

	firms map[string]firm   // by credit code
	idle  map[string]number // mu of idle parcels by code; nil: the list is not there
	rules map[[2]string]string
	zones map[string]number // tax per mu
	tax   number
}

type firm struct {
	grade string
	mu    int64
}

// ReadPrevious reads a run folder. What was not written there is not compared.
func ReadPrevious(dir string) (*Previous, error) {
	run, err := archive.Open(dir)
	if err != nil {
		return nil, err
	}
	b := &Previous{RunID: run.Manifest.RunID, AsOf: run.Manifest.AsOf, Year: run.Manifest.Year,
		firms: map[string]firm{}, rules: map[[2]string]string{}, zones: map[string]number{}}
	read := func(table string, take func(archive.Feature)) error {
		rows, err := run.Rows(table)
		if missing := (*archive.MissingError)(nil); errors.As(err, &missing) && !missing.Listed {
			return nil
		}
		if table == "idle_land" {
			b.idle = map[string]number{}
		}
		if err != nil {
			return fmt.Errorf("compare with --previous: %w", err)
		}
		for _, r := range rows {
			take(r)
		}
		return nil
	}
	var tax, land int64
	return b, errors.Join(
		read("grades", func(r archive.Feature) {
			b.firms[r.Text("credit_code")] = firm{r.Text("final_grade"), tenThousandths(r, "land_mu").V}
		}),
		read("indicators", func(r archive.Feature) {
			t, mu := tenThousandths(r, "tax"), tenThousandths(r, "land_mu")
			if t.OK && mu.V > 0 {
				tax, land = tax+t.V, land+mu.V
				b.tax = perMu(tax, land)
			}
		}),
		read("idle_land", func(r archive.Feature) {
			b.idle[r.Text("parcel_code")] = tenThousandths(r, "mu")
		}),
		read("scorecard", func(r archive.Feature) {
			if s := r.Text("scope"); s == "Z" || s == "C" {
				b.rules[[2]string{r.Text("rule"), r.Text("code")}] = r.Text("verdict")
			}
		}),
		read("zones", func(r archive.Feature) { b.zones[r.Text("zone_code")] = scaled(r, "tax_per_mu", 1e6) }),
	)
}

func tenThousandths(r archive.Feature, name string) number { return scaled(r, name, 1e4) }

// scaled is a number of a table as a whole number of its last decimal.
func scaled(r archive.Feature, name string, scale float64) number {
	v, ok := r.Number(name)
	if !ok {
		f, err := strconv.ParseFloat(r.Text(name), 64)
		v, ok = f, err == nil
	}
	return number{int64(math.Round(v * scale)), ok}
}

// change is what differs from the year before.
type change struct {
	*Previous
	Tax            number
	Moves          *matrix
	Up, Down, Same cell
	New, Gone      []idleRow // idle parcels; the first of them
	NewAll, NewMu  int64
	GoneAll        int64
	GoneMu         int64
	HasIdle        bool
	Fallen         []fallen // rules on zones and the city that now fail
	FallenAll      int
	Mended         int
}

type fallen struct {
	Rule, Clause, Where, Value, Bound string
	Title, Kind                       term
	BottomLine                        bool
}

// moveNames are the rows and columns of the migration matrix.
var moveNames = []string{"A", "B", "C", "D", "T", "", "absent"}

// compare holds the run against the one before it.
func (p *page) compare() error {
	b := p.o.Previous
	if b == nil {
		return nil
	}
	c := &change{Previous: b, Tax: b.tax}
	p.Before = c
	for _, z := range p.Zones {
		z.TaxBefore = b.zones[z.Code]
	}
	if err := p.moves(c); err != nil {
		return err
	}
	if err := p.idleMoves(c); err != nil {
		return err
	}
	return p.fallen(c)
}

// moves fills the migration matrix, in firms and in mu: this year's, of those that are
// gone last year's.
func (p *page) moves(c *change) error {
	g := p.table("grades")
	mu, err := g.fixed("land_mu", 4)
	if err != nil || g.rows == 0 || len(c.firms) == 0 {
		return err
	}
	m := &matrix{}
	for i, name := range moveNames {
		row, column := word("", name), word("", name)
		switch name {
		case "":
			row = term{"未评", "no grade"}
			column = row
		case "absent":
			row, column = term{"新增", "new"}, term{"退出", "gone"}
		}
		m.Columns = append(m.Columns, column)
		m.Rows = append(m.Rows, matrixRow{Label: row, Cells: make([]cell, len(moveNames))})
		m.Rows[i].Cells[i].Class = "same"
	}
	add := func(from, to string, mu int64) {
		i, k := slices.Index(moveNames, from), slices.Index(moveNames, to)
		if i < 0 || k < 0 {
			return
		}
		sum := &c.Same
		if i < 4 && k < 4 && k < i {
			sum = &c.Up
		} else if i < 4 && k < 4 && k > i {
			sum = &c.Down
		} else if i != k || i > 3 {
			sum = new(cell)
		}
		for _, one := range []*cell{&m.Rows[i].Cells[k], &m.Rows[i].Sum, sum} {
			one.Firms++
			one.Mu += mu
		}
	}
	code, final := g.text("credit_code"), g.text("final_grade")
	here := map[string]bool{}
	for i := range g.rows {
		id := code(i)
		here[id] = true
		from := "absent"
		if f, ok := c.firms[id]; ok {
			from = f.grade
		}
		area, _ := mu(i)
		add(from, final(i), area)
	}
	for id, f := range c.firms {
		if !here[id] {
			add(f.grade, "absent", f.mu)
		}
	}
	m.shade()
	c.Moves = m
	return nil
}

// shade darkens the cells of a matrix with many firms.
func (m *matrix) shade() {
	most := int64(1)
	for _, r := range m.Rows {
		for _, c := range r.Cells {
			most = max(most, c.Firms)
		}
	}
	for i := range m.Rows {
		for k := range m.Rows[i].Cells {
			c := &m.Rows[i].Cells[k]
			if c.Firms > 0 {
				c.Shade = 1 + int(4*c.Firms/most)
			}
		}
	}
}

// idleMoves lists the parcels that became idle and those that no longer are.
func (p *page) idleMoves(c *change) error {
	if c.HasIdle = c.idle != nil; !c.HasIdle {
		return nil
	}
	g := p.table("idle_land")
	mu, err := g.fixed("mu", 4)
	if err != nil {
		return err
	}
	code, zoneCode, holder, from, kind := g.text("parcel_code"), g.text("zone_code"), g.text("holder_name"), g.text("idle_from"), g.text("idle_kind")
	here := map[string]bool{}
	for i := range g.rows {
		here[code(i)] = true
		if _, before := c.idle[code(i)]; before {
			continue
		}
		area, _ := mu(i)
		c.NewAll++
		c.NewMu += area
		c.New = append(c.New, idleRow{Code: code(i), Zone: zoneCode(i), Holder: holder(i), Mu: area, From: from(i), Kind: word("idle_kind", kind(i))})
	}
	for id, area := range c.idle {
		if !here[id] {
			c.GoneAll++
			c.GoneMu += area.V
			c.Gone = append(c.Gone, idleRow{Code: id, Mu: area.V})
		}
	}
	slices.SortStableFunc(c.New, func(a, b idleRow) int { return cmp.Or(cmp.Compare(b.Mu, a.Mu), cmp.Compare(a.Code, b.Code)) })
	slices.SortFunc(c.Gone, func(a, b idleRow) int { return cmp.Or(cmp.Compare(b.Mu, a.Mu), cmp.Compare(a.Code, b.Code)) })
	c.New, c.Gone = c.New[:min(len(c.New), mostListed)], c.Gone[:min(len(c.Gone), mostListed)]
	return nil
}

// fallen lists the rules on zones and the city that fail now and did not before, bottom
// lines first.
func (p *page) fallen(c *change) error {
	g := p.table("scorecard")
	rule, clause, scope, code, result := g.text("rule"), g.text("clause"), g.text("scope"), g.text("code"), g.text("verdict")
	value, bound, units := g.text("value"), g.text("bound"), g.text("unit")
	bottom := map[string]bool{}
	kinds := map[string]term{}
	if p.o.Policies != nil {
		for _, pack := range p.o.Policies.Packs() {
			for _, r := range pack.Rules {
				bottom[r.ID], kinds[r.ID] = string(r.Kind) == "bottom_line", word("kind", string(r.Kind))
			}
		}
	}
	for i := range g.rows {
		if s := scope(i); s != "Z" && s != "C" {
			continue
		}
		switch before := c.rules[[2]string{rule(i), code(i)}]; {
		case result(i) == "fail" && before == "pass":
			c.Fallen = append(c.Fallen, fallen{Rule: rule(i), Clause: clause(i), Where: p.placeName(code(i)), Title: p.title(rule(i)), Kind: kinds[rule(i)],
				Value: figure(value(i), units(i)), Bound: figure(bound(i), units(i)), BottomLine: bottom[rule(i)]})
		case result(i) == "pass" && before == "fail":
			c.Mended++
		}
	}
	slices.SortStableFunc(c.Fallen, func(a, b fallen) int { return cmp.Or(order(!a.BottomLine, !b.BottomLine), cmp.Compare(a.Rule, b.Rule)) })
	c.FallenAll = len(c.Fallen)
	c.Fallen = c.Fallen[:min(c.FallenAll, mostListed)]
	return nil
}

// placeName is a zone's name, or the whole city.
func (p *page) placeName(code string) string {
	if code == "CITY" {
		return "全市"
	}
	for _, z := range p.Zones {
		if z.Code == code {
			return z.Name
		}
	}
	return code
}
