package engine

import (
	"context"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// joined is what the tables say together: the land enterprises use and the rows of
// their accounts. nil without a register.
type joined struct {
	land, landBefore *join.Land
	holders          *join.Holdings            // of the parcels
	accounts         map[string]*join.Accounts // by table
	this, last       map[string][]int32        // by table, per enterprise its row of the year and of the year before
	facts            *assess.Facts
	assessed         *assess.Assessment // nil without a scheme
}

// join brings parcels, enterprises, tenancies and accounts together.
func (r *results) join(_ context.Context) (rows int, err error) {
	e := &r.enterprises
	if e.register == nil {
		return 0, nil
	}
	j := &joined{accounts: map[string]*join.Accounts{}, this: map[string][]int32{}, last: map[string][]int32{}}
	r.joined = j
	parcels := r.parcels.rows()
	j.holders = join.Holders(parcels, e.register)
	e.parcels.Holders = j.holders
	byMonths := r.o.Rules.Scheme != nil && r.o.Rules.Scheme.ByMonths
	j.land = join.LandOn(e.tenancies, e.parcels, e.register, r.o.Year, byMonths)
	j.landBefore = join.LandOn(e.tenancies, e.parcels, e.register, r.o.Year-1, byMonths)
	rows = len(e.register.Codes()) + len(parcels.Order)
	if l := e.tables[table.Tenancies]; l != nil {
		rows += len(l.order)
	}
	for _, name := range yearly {
		l := e.tables[name]
		if l == nil {
			continue
		}
		j.accounts[name] = join.NewAccounts(l.rows(), e.register)
		j.this[name] = j.accounts[name].Of(r.o.Year)
		j.last[name] = j.accounts[name].Of(r.o.Year - 1)
		rows += len(l.order)
	}
	return rows, nil
}

// indicate makes the facts that indicators and grades are found from.
func (r *results) indicate() (rows int, err error) {
	j := r.joined
	if j == nil {
		return 0, nil
	}
	f := r.register()
	f.This = *r.quantities(j.this, j.land)
	f.Last = *r.quantities(j.last, j.landBefore)
	f.This[indicate.Investment] = r.investment(j.land)
	f.Last[indicate.Investment] = f.This[indicate.Investment] // cumulative, and known for today only
	f.Supplied = r.underConstruction()
	j.facts = f
	return 2 * len(f.Code), nil
}

// grade grades the enterprises by the scheme of the run.
func (r *results) grade() (rows int, err error) {
	if r.joined == nil || r.o.Rules.Scheme == nil || lacks(r.o.Rules.Grading.Rule, r.books.has) {
		return 0, nil
	}
	r.joined.assessed = assess.Grade(r.joined.facts, r.o.Rules.Scheme)
	return len(r.joined.facts.Code), nil
}

// quantities are the figures of all enterprises for one year.
func (r *results) quantities(rows map[string][]int32, land *join.Land) *indicate.Quantities {
	e := &r.enterprises
	of := func(name string) table.Rows {
		if l := e.tables[name]; l != nil {
			return l.rows()
		}
		return table.Rows{}
	}
	a := &indicate.Accounts{
		Output: of(table.Output), Tax: of(table.Tax), Energy: of(table.Energy), Emissions: of(table.Emissions),
		OutputRow: rows[table.Output], TaxRow: rows[table.Tax], EnergyRow: rows[table.Energy], EmissionRow: rows[table.Emissions],
	}
	q := indicate.Figures(len(land.Net), a, assess.Accounting(r.o.Rules.Scheme))
	q[indicate.Land] = make([]float64, len(land.Net))
	for i, a := range land.Net {
		q[indicate.Land][i] = float64(a)
	}
	return q
}

// register is what the register itself says of the enterprises, with their land.
func (r *results) register() *assess.Facts {
	e, land := &r.enterprises, r.joined.land
	rows := e.tables[table.Enterprises].rows()
	f := &assess.Facts{
		Enterprises: grade.Enterprises{
			Code: column(rows, "credit_code"), Industry: column(rows, "industry"), Zone: column(rows, "zone_code"),
			Tags: column(rows, "tags"), AboveScale: answers(rows, "above_scale"), Utility: yes(rows, "utility"),
			Relocation: yes(rows, "relocation"), Registered: dates(rows, "registered_on"), Production: dates(rows, "production_on"),
			Land: land.Net, LeasedIn: land.LeasedIn, Own: make([]unit.Area, len(land.Net)), Adjustments: r.adjustments(),
		},
		Year: r.o.Year, Name: column(rows, "name"),
		Owned: land.Owned, Occupied: land.Occupied, LeasedOut: land.LeasedOut,
	}
	for i := range f.Own {
		f.Own[i] = land.Owned[i] + land.Occupied[i]
	}
	f.County = r.counties(f.Zone)
	f.Uses = make([]grade.Use, len(land.Uses))
	for i, u := range land.Uses {
		f.Uses[i] = grade.Use(u)
	}
	f.Parcels = make([]string, e.parcels.Len())
	for i := range f.Parcels {
		f.Parcels[i] = e.parcels.Code(int32(i))
	}
	return f
}

// counties are the counties of zones by their codes; empty where there is none.
func (r *results) counties(zone []string) []string {
	out := make([]string, len(zone))
	for i, code := range zone {
		if n, ok := slices.BinarySearch(r.zones.Codes, code); ok {
			out[i], _ = r.zones.text("county", n)
		}
	}
	return out
}

func answers(rows table.Rows, name string) []grade.Answer {
	answer := rows.Bool(name)
	out := make([]grade.Answer, rows.Len())
	for i := range out {
		switch v, ok := answer(i); {
		case ok && v:
			out[i] = grade.Yes
		case ok:
			out[i] = grade.No
		}
	}
	return out
}

// adjustments are the decisions of the year on enterprises of the register, sorted.
func (r *results) adjustments() []grade.Adjustment {
	l := r.enterprises.tables[table.Adjustments]
	if l == nil {
		return nil
	}
	rows := l.rows()
	matched := join.NewAccounts(rows, r.enterprises.register)
	r.joined.accounts[table.Adjustments] = matched
	year, kind, value := rows.Integer("year"), rows.Text("kind"), rows.Text("value")
	reason, actor, decided := rows.Text("reason"), rows.Text("actor"), rows.Date("decided_on")
	var out []grade.Adjustment
	for i, enterprise := range matched.Enterprise {
		if y, _ := year(i); enterprise < 0 || y != int64(r.o.Year) {
			continue
		}
		a := grade.Adjustment{Enterprise: enterprise}
		name, _ := kind(i)
		text, _ := value(i)
		var points bool
		if a.Kind, points = adjustmentKind(name); points {
			a.Points, _ = read.ParseNumber(text)
		} else {
			a.Grade, _ = gradeOf(text)
		}
		a.Reason, _ = reason(i)
		a.Actor, _ = actor(i)
		a.Decided, _ = decided(i)
		out = append(out, a)
	}
	slices.SortFunc(out, grade.Adjustment.Compare)
	return out
}

// investment is the cumulative fixed-asset investment of enterprises, in fen, from
// their parcels.
func (r *results) investment(land *join.Land) []float64 {
	of := r.parcels.rows().Number("fixed_asset_investment", unit.WanYuan)
	return join.Investment(land, r.enterprises.parcels, func(parcel int32) (float64, bool) {
		v, ok := of(int(parcel))
		return math.Round(v * 1e6), ok
	})
}

// underConstruction is the day since which each enterprise may be under construction.
func (r *results) underConstruction() []unit.Date {
	rows := r.parcels.rows()
	return join.UnderConstruction(r.joined.land, r.enterprises.parcels, join.Supply{
		Delivered: dates(rows, "delivered_on"), Signed: dates(rows, "signed_on"), Finished: dates(rows, "finished_on"),
	}, r.o.Year)
}

// enterpriseTables are the tables about enterprises.
func (r *results) enterpriseTables() []write.Table {
	f := r.joined.facts
	tables := []write.Table{ledger.Land(f), ledger.Indicators(f)}
	if r.joined.assessed != nil {
		tables = append(tables, ledger.Grades(f, r.joined.assessed))
	}
	return append(tables, ledger.UnmatchedTable(r.unmatched))
}
