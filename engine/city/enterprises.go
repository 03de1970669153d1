package city

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// enterprises are the register of enterprises and what other tables say of them, held
// until they are joined. Without the table enterprises there is no register, and
// nobody is joined.
type enterprises struct {
	register  *join.Register
	parcels   *join.Parcels
	tenancies *join.Tenancies
	// tenancyRows are the rows that tenancies number, refused ones too.
	tenancyRows table.Rows
	tables      map[string]*Layer // a table that is not there is nil
}

// yearly are the tables of accounts that indicators are made of.
var yearly = []string{table.Output, table.Tax, table.Energy, table.Emissions}

// joinedTables are the tables that are joined with the register.
var joinedTables = append([]string{table.Tenancies, table.Adjustments}, yearly...)

// hold keeps a table until it is joined.
func (e *enterprises) hold(name string, l *Layer) {
	if e.tables == nil {
		e.tables = map[string]*Layer{}
	}
	e.tables[name] = l
}

// LatestYear is the latest year, but none after most, that a table of accounts has rows
// of; most when none has.
func (c *City) LatestYear(most int) int {
	latest := 0
	for _, name := range yearly {
		l := c.enterprises.tables[name]
		if l == nil {
			continue
		}
		rows := l.Rows()
		year := rows.Integer("year")
		for i := range rows.Len() {
			if y, ok := year(i); ok && int(y) <= most {
				latest = max(latest, int(y))
			}
		}
	}
	if latest == 0 {
		return most
	}
	return latest
}

// reviewTenancies takes the tenancies in, and refuses those that contradict others or
// the parcels, with a register or without.
func (c *City) reviewTenancies(rows table.Rows) (refused []join.Refused) {
	e := &c.enterprises
	register := e.register
	if register == nil {
		register = join.NewRegister(nil, nil)
	}
	c.numberParcels()
	e.tenancyRows = table.Rows{Batches: rows.Batches, Order: slices.Clone(rows.Order)}
	e.tenancies, refused = join.NewTenancies(rows, register, e.parcels)
	return refused
}

// enrol makes the register of enterprises.
func (c *City) enrol(rows table.Rows) {
	c.enterprises.register = join.NewRegister(column(rows, "credit_code"), column(rows, "name"))
	c.numberParcels()
}

// numberParcels numbers the parcels that tenancies and holders speak of: the used ones,
// then those whose row is not used.
func (c *City) numberParcels() {
	e := &c.enterprises
	if e.parcels != nil {
		return
	}
	parcels := c.Parcels.Rows()
	used := column(parcels, "parcel_code")
	e.parcels = &join.Parcels{Used: join.NewCodes(used), Official: make([]unit.Area, len(used))}
	for i, ref := range parcels.Order {
		e.parcels.Official[i] = c.Parcels.Facts[ref.Batch].Official[ref.Row]
	}
	var rejected []string
	for _, r := range c.Books.rejects {
		if r.Table != table.Parcels || r.Key == "" {
			continue
		}
		if _, isUsed := e.parcels.Used.Find(r.Key); !isUsed {
			rejected = append(rejected, r.Key)
		}
	}
	slices.Sort(rejected)
	e.parcels.Rejected = join.NewCodes(slices.Compact(rejected))
}

// flagCodes flags the credit codes of enterprises that fail their check character.
func (c *City) flagCodes(rows table.Rows) {
	code := rows.Text("credit_code")
	for i := range rows.Len() {
		if v, _ := code(i); !read.ValidCreditCode(v) {
			c.Books.Flag(table.Enterprises, v, "code_invalid", v, "credit_code")
		}
	}
}
