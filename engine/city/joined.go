package city

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Joined is what the tables of a city say together of a year: the land enterprises
// use and the rows of their accounts.
type Joined struct {
	Land    *join.Land
	Holders *join.Holdings // of the used parcels, by their number
	// Matched are the tables whose rows speak of enterprises, but for the parcels.
	Matched []Matched

	city       *City
	year       int
	before     *join.Land         // of the year before
	this, last map[string][]int32 // by table, per enterprise its row of the year and of the year before
}

// Matched says which enterprise each row of a table is about.
type Matched struct {
	Table string
	Rows  table.Rows
	*join.Matches

	tenancies *join.Tenancies // of the table of that name
}

// Area is the area that a row of the tenancies counts with, its own or that of the
// whole parcel; ok is false for a row that is refused, and of other tables.
func (m *Matched) Area(row int32) (a unit.Area, ok bool) {
	if m.tenancies == nil {
		return 0, false
	}
	i, ok := slices.BinarySearch(m.tenancies.Row, row)
	if !ok {
		return 0, false
	}
	return m.tenancies.Area[i], true
}

// Join brings parcels, enterprises, tenancies and accounts together for a year; byMonths
// counts land by the months it was used. nil without a register of enterprises. rows is
// how many rows took part.
func (c *City) Join(year int, byMonths bool) (j *Joined, rows int) {
	e := &c.enterprises
	if e.register == nil {
		return nil, 0
	}
	j = &Joined{city: c, year: year, this: map[string][]int32{}, last: map[string][]int32{}}
	parcels := c.Parcels.Rows()
	j.Holders = join.Holders(parcels, e.register)
	e.parcels.Holders = j.Holders
	j.Land = join.LandOn(e.tenancies, e.parcels, e.register, year, byMonths)
	j.before = join.LandOn(e.tenancies, e.parcels, e.register, year-1, byMonths)
	rows = e.register.Len() + parcels.Len()
	for _, name := range append([]string{table.Adjustments}, yearly...) {
		l := e.tables[name]
		if l == nil {
			continue
		}
		accounts := join.NewAccounts(l.Rows(), e.register)
		j.Matched = append(j.Matched, Matched{Table: name, Rows: l.Rows(), Matches: accounts.Matches})
		rows += len(l.order)
		if name != table.Adjustments { // of which an enterprise may have several in a year
			j.this[name], j.last[name] = accounts.Of(year), accounts.Of(year-1)
		}
	}
	if e.tenancies != nil {
		j.Matched = append(j.Matched, Matched{Table: table.Tenancies, Rows: e.tenancyRows, Matches: e.tenancies.Matches, tenancies: e.tenancies})
		rows += len(e.tables[table.Tenancies].order)
	}
	return j, rows
}

// Accounts is how many rows of accounts figures are made of, this year's and last
// year's.
func (j *Joined) Accounts() (rows int) {
	for _, years := range []map[string][]int32{j.this, j.last} {
		for _, of := range years {
			for _, row := range of {
				if row >= 0 {
					rows++
				}
			}
		}
	}
	return rows
}

// Facts are what indicators and grades are found from; how says how tax, energy and
// emissions are counted. They outlive the rows that were joined.
func (j *Joined) Facts(how *indicate.Accounting) *assess.Facts {
	f := j.register()
	f.This = *j.quantities(j.this, j.Land, how)
	f.Last = *j.quantities(j.last, j.before, how)
	f.This[indicate.Investment] = j.investment()
	f.Last[indicate.Investment] = f.This[indicate.Investment] // cumulative, and known for today only
	f.Supplied = j.underConstruction()
	return f
}

// Release lets the rows go that were held to be joined, once facts are made and what
// found no enterprise is listed: where they were read is noted first. rows is how many
// they were.
func (j *Joined) Release(ctx context.Context) (rows int, err error) {
	c := j.city
	held := c.enterprises.tables
	j.Matched, j.this, j.last, j.before = nil, nil, nil, nil
	c.enterprises = enterprises{}
	for _, name := range c.Books.names() {
		l := held[name]
		if l == nil {
			continue
		}
		if err := c.letGo(ctx, name); err != nil {
			return rows, err
		}
		rows += len(l.order)
		delete(held, name)
	}
	return rows, nil
}

// register is what the register itself says of the enterprises, with their land.
func (j *Joined) register() *assess.Facts {
	e, land := &j.city.enterprises, j.Land
	rows := e.tables[table.Enterprises].Rows()
	f := &assess.Facts{
		Enterprises: grade.Enterprises{
			Code: column(rows, "credit_code"), Industry: capitals(column(rows, "industry")), Zone: column(rows, "zone_code"),
			Tags: halfWidth(column(rows, "tags")), AboveScale: answers(rows, "above_scale"), Utility: yes(rows, "utility"),
			Relocation: yes(rows, "relocation"), Registered: dates(rows, "registered_on"), Production: dates(rows, "production_on"),
			Land: land.Net, LeasedIn: land.LeasedIn, Own: make([]unit.Area, len(land.Net)),
		},
		Year: j.year, Name: column(rows, "name"),
		Owned: land.Owned, Occupied: land.Occupied, LeasedOut: land.LeasedOut,
		Lon: degrees(rows, "lon"), Lat: degrees(rows, "lat"),
	}
	for _, m := range j.Matched {
		if m.Table == table.Adjustments {
			f.Adjustments = adjustments(m.Rows, m.Enterprise, j.year)
		}
	}
	for i := range f.Own {
		f.Own[i] = land.Owned[i] + land.Occupied[i]
	}
	f.County = j.city.counties(f.Zone)
	f.Uses = make([]grade.Use, len(land.Uses))
	for i, u := range land.Uses {
		f.Uses[i] = grade.Use(u)
	}
	f.Parcels, f.Strange = make([]string, e.parcels.Len()), make([]bool, e.parcels.Len())
	copy(f.Strange, land.Stranger) // of the used ones, which are numbered first
	for i := range f.Parcels {
		f.Parcels[i] = e.parcels.Code(int32(i))
	}
	return f
}

// degrees is a column of degrees as a slice; null is NaN.
func degrees(rows table.Rows, name string) []float64 {
	value := rows.Number(name, unit.Degree)
	out := make([]float64, rows.Len())
	for i := range out {
		out[i] = math.NaN()
		if v, ok := value(i); ok {
			out[i] = v
		}
	}
	return out
}

// capitals are codes in half-width capitals, without space.
func capitals(codes []string) []string {
	for i, c := range codes {
		codes[i] = read.Capitals(c)
	}
	return codes
}

// halfWidth are lists with the half-width semicolon between.
func halfWidth(lists []string) []string {
	for i, l := range lists {
		lists[i] = strings.ReplaceAll(l, "\uff1b", ";")
	}
	return lists
}

// counties are the counties of zones by their codes; empty where there is none.
func (c *City) counties(zone []string) []string {
	out := make([]string, len(zone))
	for i, code := range zone {
		if n, ok := slices.BinarySearch(c.Zones.Codes, code); ok {
			out[i], _ = c.Zones.Text("county", n)
		}
	}
	return out
}

// quantities are the figures of all enterprises for one year, from the rows of their
// accounts and their land.
func (j *Joined) quantities(row map[string][]int32, land *join.Land, how *indicate.Accounting) *indicate.Quantities {
	of := func(name string) table.Rows { return j.city.enterprises.tables[name].Rows() }
	q := indicate.Figures(len(land.Net), &indicate.Accounts{
		Output: of(table.Output), Tax: of(table.Tax), Energy: of(table.Energy), Emissions: of(table.Emissions),
		OutputRow: row[table.Output], TaxRow: row[table.Tax], EnergyRow: row[table.Energy], EmissionRow: row[table.Emissions],
	}, how)
	q[indicate.Land] = make([]float64, len(land.Net))
	for i, a := range land.Net {
		q[indicate.Land][i] = float64(a)
	}
	return q
}

// investment is the cumulative fixed-asset investment of enterprises, in fen, from
// their parcels.
func (j *Joined) investment() []float64 {
	of := j.city.Parcels.Rows().Number("fixed_asset_investment", unit.WanYuan)
	return join.Investment(j.Land, j.city.enterprises.parcels, func(parcel int32) (float64, bool) {
		v, ok := of(int(parcel))
		return math.Round(v * 1e6), ok
	})
}

// underConstruction is the day since which each enterprise may be under construction.
func (j *Joined) underConstruction() []unit.Date {
	rows := j.city.Parcels.Rows()
	return join.UnderConstruction(j.Land, j.city.enterprises.parcels, join.Supply{
		Delivered: dates(rows, "delivered_on"), Signed: dates(rows, "signed_on"), Finished: dates(rows, "finished_on"),
	}, j.year)
}

// Answers are the answers of a column of the register, an entry per enterprise.
func (j *Joined) Answers(column string) []grade.Answer {
	return answers(j.city.enterprises.tables[table.Enterprises].Rows(), column)
}
