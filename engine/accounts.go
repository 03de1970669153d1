package engine

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/grade"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
)

// Names of parts of accounts that are neither grades, reasons, zones nor states.
const (
	partUsed        = "used"
	partRejected    = "rejected"
	partMatched     = "matched"
	partByCode      = "code_matched"
	partNotGraded   = "no_scheme"
	partNoOccupant  = "no_occupant"
	partOnParcels   = "on_parcels"
	partPartly      = "parcel_rejected"
	partNotPositive = "land_not_positive"
	partOther       = "other"
	partRounding    = "share_rounding"
)

// money are the figures that accounts are kept of, with the table and column each is of.
var money = []struct {
	table, column string
	quantity      indicate.Quantity
}{
	{table.Tax, "tax", indicate.Tax}, {table.Output, "sales", indicate.Sales}, {table.Output, "output", indicate.Output},
}

// openAccounts keeps the accounts of tables whose rows are let go.
func (r *results) openAccounts() {
	for _, one := range money {
		if n := r.Books.RowsOf(one.table); n > 0 || len(r.Books.RejectedRows(one.table)) > 0 {
			r.accounts = append(r.accounts, r.moneyAccount(one.table, one.column, one.quantity))
		}
	}
	if r.joined == nil {
		return
	}
	for _, m := range r.joined.Matched {
		if m.Table == table.Tenancies {
			r.accounts = append(r.accounts, r.tenancyAccount(&m))
		}
	}
}

// closeAccounts are all accounts of the run, each of which adds up.
func (r *results) closeAccounts() ([]write.Account, error) {
	all := []write.Account{r.parcelAccount()}
	if r.joined != nil {
		all = append(all, r.landAccount())
	}
	all = append(all, r.accounts...)
	for i := range all {
		if err := all[i].Check(); err != nil {
			return nil, fmt.Errorf("account for %w", err)
		}
	}
	return all, nil
}

// whole is an account of a table: what was used, and what was rejected by its reasons.
func (r *results) whole(name, from, column, u string, scale float64, used write.Entry) write.Account {
	rejected := write.Entry{Name: partRejected}
	by := write.Split{By: "reason"}
	for _, one := range r.Books.RejectedRows(from) {
		amount, known := int64(0), false
		for _, a := range one.Amounts {
			if v := math.Round(a.Value * scale); a.Column == column && math.Abs(v) < 1<<60 {
				amount, known = int64(v), true
			}
		}
		rejected.Add(amount, known)
		by.Part(string(one.Reason)).Add(amount, known)
	}
	if rejected.Rows > 0 {
		slices.SortFunc(by.Parts, func(a, b write.Entry) int { return cmp.Compare(a.Name, b.Name) })
		rejected.Splits = []write.Split{by}
	}
	used.Name = partUsed
	return write.Account{Unit: u, Entry: write.Entry{
		Name: name, Rows: used.Rows + rejected.Rows, Amount: used.Amount + rejected.Amount, Unknown: used.Unknown + rejected.Unknown,
		Splits: []write.Split{{By: "use", Parts: []write.Entry{used, rejected}}},
	}}
}

// parcelAccount is the official area of the parcels: by grade, by zone and by state.
func (r *results) parcelAccount() write.Account {
	used := write.Entry{Rows: int64(len(r.Parcels.Order))}
	over := write.Entry{Name: partRounding}
	grades, states, classes := grades("grade"), write.Split{By: "state"}, write.Split{By: "mix_class"}
	for _, k := range []string{detect.NotStarted.String(), detect.Stalled.String(), "at_risk", "underused", partOther} {
		states.Part(k)
	}
	for i, ref := range r.Parcels.Order {
		a := int64(r.Parcels.Facts[ref.Batch].Official[ref.Row])
		used.Amount += a
		grades.Part(r.gradeOn(i)).Add(a, true)
		states.Part(r.stateOf(i)).Add(a, true)
		over.Amount += r.overShared(ref)
		class := r.Parcels.Classes[ref.Batch][ref.Row]
		classes.Part(cmp.Or(class.String(), "unknown")).Add(a, true)
	}
	slices.SortFunc(classes.Parts, func(a, b write.Entry) int { return cmp.Compare(a.Name, b.Name) })
	zones := write.Split{By: "zone"}
	for z := range r.total.area {
		code := outsideCode
		if z != r.total.outside() {
			code = r.Zones.Codes[z]
		}
		zones.Parts = append(zones.Parts, write.Entry{Name: code, Rows: r.total.parcels[z], Amount: int64(r.total.area[z])})
	}
	if over.Amount != 0 {
		zones.Parts = append(zones.Parts, over)
	}
	used.Splits = []write.Split{sorted(grades), zones, states, classes}
	return r.whole("parcels", table.Parcels, "recorded_area", write.UnitArea, unitsPerSquareMetre, used)
}

// overShared is by how much the rounded shares of zones in a parcel exceed it: nothing,
// or less than nothing.
func (r *results) overShared(ref table.Ref) int64 {
	facts := r.Parcels.Facts[ref.Batch]
	left := facts.Official[ref.Row]
	_, areas := facts.Shares(int(ref.Row))
	for _, a := range areas {
		left -= a
	}
	return int64(min(left, 0))
}

const (
	unitsPerSquareMetre = 1e4
	fenPerWanYuan       = 1e6
)

// grades is a split by grade, which begins with the grades themselves.
func grades(by string) write.Split {
	s := write.Split{By: by}
	for g := grade.A; g <= grade.T; g++ {
		s.Part(g.String())
	}
	return s
}

// sorted puts the reasons that stand behind the grades into the order of their names.
func sorted(s write.Split) write.Split {
	slices.SortFunc(s.Parts[grade.T-grade.A+1:], func(a, b write.Entry) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// gradeOn is a parcel's grade, or why it has none: nobody uses it, or none of those who
// do is graded; then it is the reason of the one with most land.
func (r *results) gradeOn(parcel int) string {
	switch {
	case r.shared == nil:
		return "no_register"
	case r.assessed == nil:
		return partNotGraded
	case r.shared.grade[parcel] != grade.NoGrade:
		return r.shared.grade[parcel].String()
	}
	uses := r.shared.occupants.of(parcel)
	if len(uses) == 0 {
		return partNoOccupant
	}
	most := uses[0]
	for _, u := range uses[1:] {
		if u.Net > most.Net {
			most = u
		}
	}
	return r.assessed.Why[most.Enterprise].String()
}

// stateOf is idle by kind, at risk, underused or neither: a parcel is one of them.
func (r *results) stateOf(parcel int) string {
	ref := r.Parcels.Order[parcel]
	d := &r.idle[ref.Batch]
	if d.Kind[ref.Row] != detect.NotIdle {
		return d.Kind[ref.Row].String()
	}
	if d.AtRiskOn[ref.Row] != detect.NoDate {
		return "at_risk"
	}
	if found, ok := r.isUnderused(parcel); ok && found {
		return "underused"
	}
	return partOther
}

// gradeOf is an enterprise's grade, or why it has none.
func (r *results) gradeOf(e int) string {
	switch {
	case r.assessed == nil:
		return partNotGraded
	case r.assessed.Final[e] != grade.NoGrade:
		return r.assessed.Final[e].String()
	}
	return r.assessed.Why[e].String()
}

// landAccount is the net land of the enterprises, by how they have it and by grade.
func (r *results) landAccount() write.Account {
	all := write.Entry{Name: "land"}
	by, kinds := grades("grade"), write.Split{By: "kind", Apart: true}
	f := r.facts
	for e, net := range f.Land {
		all.Add(int64(net), true)
		by.Part(r.gradeOf(e)).Add(int64(net), true)
		for _, k := range []struct {
			name string
			area unit.Area
		}{{"owned", f.Owned[e]}, {"occupied", f.Occupied[e]}, {"leased_in", f.LeasedIn[e]}, {"leased_out", -f.LeasedOut[e]}} {
			part := kinds.Part(k.name)
			part.Amount += int64(k.area)
			if k.area != 0 {
				part.Rows++
			}
		}
	}
	all.Splits = []write.Split{kinds, sorted(by)}
	return write.Account{Unit: write.UnitArea, Entry: all}
}

// tenancyAccount is the area of the tenancies, by what became of them.
func (r *results) tenancyAccount(m *city.Matched) write.Account {
	used := write.Entry{}
	by := write.Split{By: "partner"}
	partner := partners(m)
	for row := range m.Rows.Len() {
		if a, ok := m.Area(int32(row)); ok { // else it is refused
			used.Add(int64(a), true)
			by.Part(partner(row)).Add(int64(a), true)
		}
	}
	used.Splits = []write.Split{by}
	slices.SortFunc(by.Parts, func(a, b write.Entry) int { return cmp.Compare(a.Name, b.Name) })
	return r.whole(table.Tenancies, table.Tenancies, "area", write.UnitArea, unitsPerSquareMetre, used)
}

// partners says how the row of a table found its enterprise, or why it did not.
func partners(m *city.Matched) func(row int) string {
	how := make(map[int32]string, len(m.Unmatched)+len(m.ByName))
	for _, no := range m.Unmatched {
		how[no.Row] = reasonOf[no.Reason]
	}
	for _, by := range m.ByName {
		how[by.Row] = "name_matched"
	}
	return func(row int) string { return cmp.Or(how[int32(row)], partByCode) }
}

// moneyAccount is a figure of a table: by year, and the year's by what became of it.
func (r *results) moneyAccount(from, column string, q indicate.Quantity) write.Account {
	used := write.Entry{}
	account := func() write.Account { return r.whole(column, from, column, write.UnitMoney, fenPerWanYuan, used) }
	var m *city.Matched
	if r.joined != nil {
		for i := range r.joined.Matched {
			if r.joined.Matched[i].Table == from {
				m = &r.joined.Matched[i]
			}
		}
	}
	if m == nil { // without a register nobody looks at the rows
		used.Rows = int64(r.Books.RowsOf(from))
		used.Unknown = used.Rows
		return account()
	}
	each := make([]int32, m.Rows.Len())
	for i := range each {
		each[i] = int32(i)
	}
	a := &indicate.Accounts{Tax: m.Rows, TaxRow: each}
	if from == table.Output {
		a = &indicate.Accounts{Output: m.Rows, OutputRow: each}
	}
	amounts := indicate.Figures(len(each), a, assess.Accounting(r.o.Rules.Scheme))[q]
	years, year := write.Split{By: "year"}, m.Rows.Integer("year")
	partner, found := partners(m), write.Split{By: "partner"}
	matched := write.Entry{Name: partMatched}
	how, whose := write.Split{By: "how"}, []int{}
	for row, v := range amounts {
		amount, known := wholeFen(v)
		used.Add(amount, known)
		y, _ := year(row)
		years.Part(strconv.FormatInt(y, 10)).Add(amount, known)
		if int(y) != r.o.Year {
			continue
		}
		e := m.Enterprise[row]
		if e < 0 {
			found.Part(partner(row)).Add(amount, known)
			continue
		}
		matched.Add(amount, known)
		how.Part(partner(row)).Add(amount, known)
		whose = append(whose, int(e))
	}
	matched.Splits = append([]write.Split{how}, r.whoseMoney(whose, q)...)
	found.Parts = append(found.Parts, matched)
	for _, s := range []*write.Split{&years, &found, &how} {
		slices.SortFunc(s.Parts, func(a, b write.Entry) int { return cmp.Compare(a.Name, b.Name) })
	}
	if matched.Rows > 0 || len(found.Parts) > 1 {
		years.Part(strconv.Itoa(r.o.Year)).Splits = []write.Split{found}
	}
	used.Splits = []write.Split{years}
	return account()
}

// whoseMoney parts the figures of enterprises by their grade, and by where their land is.
func (r *results) whoseMoney(whose []int, q indicate.Quantity) []write.Split {
	by, land := grades("grade"), write.Split{By: "land"}
	for _, k := range []string{partOnParcels, partPartly, partNotPositive} {
		land.Part(k)
	}
	partly := map[int]bool{}
	for e := range r.facts.Code {
		if u := r.shared.inZones[q].Unapportioned; e < len(u) && u[e] != 0 {
			partly[e] = true
		}
	}
	for _, e := range whose {
		amount, known := wholeFen(r.facts.This[q][e])
		by.Part(r.gradeOf(e)).Add(amount, known)
		where := partOnParcels
		switch {
		case r.joined.Land.Net[e] <= 0:
			where = partNotPositive
		case partly[e]:
			where = partPartly
		}
		land.Part(where).Add(amount, known)
	}
	return []write.Split{sorted(by), land}
}

// wholeFen is a figure in fen; known is false when it is missing.
func wholeFen(v float64) (fen int64, known bool) {
	if math.IsNaN(v) {
		return 0, false
	}
	return int64(v), true
}
