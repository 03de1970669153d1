package join

import (
	"math"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Kind is how an enterprise has land.
type Kind uint8

// The kinds of tenancies.
const (
	Owned     Kind = iota // 自有
	Occupied              // used without owning or leasing
	LeasedIn              // 租入
	LeasedOut             // 租出
)

var kindNames = [...]string{"owned", "occupied", "leased_in", "leased_out"}

// String is the kind as the table tenancies names it.
func (k Kind) String() string { return kindNames[k] }

func kindOf(name string) (Kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), true
		}
	}
	return 0, false
}

// Dates of tenancies that are open to one side.
const (
	Always  unit.Date = math.MinInt32 // in force from the first
	Forever unit.Date = math.MaxInt32 // in force without end
)

// Tenancies are who uses which parcels from when to when, an entry per row that was
// not refused, in the order of the rows.
type Tenancies struct {
	Row        []int32 // of the table
	Enterprise []int32 // -1: not in the register
	Parcel     []int32 // see [Parcels]
	Kind       []Kind
	Area       []unit.Area
	From, To   []unit.Date // Always and Forever where open
	// Matches are by the table's rows; refused ones are not listed.
	Matches   *Matches
	outsider  []int32 // of each entry: who is not in the register; nil: nobody is
	outsiders names
}

// Refused is a row that cannot be used: the column that is at fault, its value as it
// stands, and the reason in one word.
type Refused struct {
	Row                   int32
	Column, Value, Reason string
}

// Why a tenancy is refused.
const (
	UnknownParcel = "unknown_parcel" // no row of the table parcels has the code
	UnknownKind   = "unknown_value"
	AreaMissing   = "area_missing" // and it is not the only tenancy of a used parcel
	OutOfRange    = "out_of_range" // an area below zero or beyond any land
)

// NewTenancies takes the rows of the table tenancies. A row without an area takes the
// parcel's official area when it is the only row of the table with that parcel's code,
// whatever its dates, else it is refused; so is a row of a parcel that nobody knows.
// A row whose enterprise is not in the register is kept. refused ascends by row;
// taking the refused rows out first gives the same tenancies.
func NewTenancies(rows table.Rows, r *Register, p *Parcels) (t *Tenancies, refused []Refused) {
	n := rows.Len()
	t = &Tenancies{
		Row: make([]int32, 0, n), Enterprise: make([]int32, 0, n), Parcel: make([]int32, 0, n), Kind: make([]Kind, 0, n),
		Area: make([]unit.Area, 0, n), From: make([]unit.Date, 0, n), To: make([]unit.Date, 0, n), Matches: &Matches{},
	}
	if n == 0 {
		return t, nil
	}
	t.Matches = Match(rows, r)
	outsider := numberOutsiders(t.Matches, &t.outsiders)
	if outsider != nil {
		t.outsider = make([]int32, 0, n)
	}
	g := newGround(rows, p)
	from, to := rows.Date("from"), rows.Date("to")
	for i := range n {
		kind, area, no := g.row(i)
		if no != nil {
			refused = append(refused, *no)
			continue
		}
		t.Row = append(t.Row, int32(i))
		t.Enterprise = append(t.Enterprise, t.Matches.Enterprise[i])
		t.Parcel = append(t.Parcel, g.parcel[i])
		t.Kind = append(t.Kind, kind)
		t.Area = append(t.Area, area)
		t.From = append(t.From, dateOr(from, i, Always))
		t.To = append(t.To, dateOr(to, i, Forever))
		if outsider != nil {
			t.outsider = append(t.outsider, outsider[i])
		}
	}
	t.Matches.forget(refused)
	return t, refused
}

// forget takes refused rows off the lists.
func (m *Matches) forget(refused []Refused) {
	if len(refused) == 0 {
		return
	}
	is := func(row int32) bool {
		_, found := slices.BinarySearchFunc(refused, row, func(r Refused, row int32) int { return int(r.Row) - int(row) })
		return found
	}
	m.ByName = slices.DeleteFunc(m.ByName, func(n NameMatch) bool { return is(n.Row) })
	m.Unmatched = slices.DeleteFunc(m.Unmatched, func(u Unmatched) bool { return is(u.Row) })
}

// Len is the number of tenancies.
func (t *Tenancies) Len() int { return len(t.Row) }

func dateOr(date func(int) (unit.Date, bool), i int, open unit.Date) unit.Date {
	if d, ok := date(i); ok {
		return d
	}
	return open
}

// ground is the land that rows of tenancies speak of.
type ground struct {
	parcels    *Parcels
	parcel     []int32 // of each row; -1: unknown
	only       []uint8 // of each used parcel: its rows, counted to 2
	code, kind func(int) (string, bool)
	area       func(int) (float64, bool)
}

func newGround(rows table.Rows, p *Parcels) *ground {
	g := &ground{
		parcels: p, only: make([]uint8, p.Used.Len()),
		code: rows.Text("parcel_code"), kind: rows.Text("kind"), area: rows.Number("area", unit.SquareMetre),
	}
	g.parcel = p.find(rows.Len(), g.code)
	for _, n := range g.parcel {
		if n >= 0 && int(n) < len(g.only) && g.only[n] < 2 {
			g.only[n]++
		}
	}
	return g
}

// row is a row's kind and area, or why it is refused.
func (g *ground) row(i int) (Kind, unit.Area, *Refused) {
	parcel := g.parcel[i]
	if parcel < 0 {
		code, _ := g.code(i)
		return 0, 0, &Refused{int32(i), "parcel_code", code, UnknownParcel}
	}
	name, _ := g.kind(i)
	kind, ok := kindOf(name)
	if !ok {
		return 0, 0, &Refused{int32(i), "kind", name, UnknownKind}
	}
	v, ok := g.area(i)
	switch {
	case !ok && int(parcel) < len(g.only) && g.only[parcel] == 1:
		return kind, g.parcels.Official[parcel], nil
	case !ok:
		return 0, 0, &Refused{int32(i), "area", "", AreaMissing}
	}
	area, ok := unit.SquareMetres(v)
	if !ok || v < 0 {
		return 0, 0, &Refused{int32(i), "area", strconv.FormatFloat(v, 'f', -1, 64), OutOfRange}
	}
	return kind, area, nil
}
