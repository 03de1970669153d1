package engine

import (
	"math"
	"strings"

	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/join"
	"github.com/muscope-gis/muscope/engine/ledger"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// reasonOf is how the table unmatched names why an enterprise was not found.
var reasonOf = map[join.Reason]string{
	join.UnknownCode: "unknown_enterprise", join.UnknownName: "name_unknown",
	join.SeveralCandidates: "name_ambiguous", join.NoneLeft: "name_taken", join.Nameless: "nameless",
}

// listUnmatched lists the rows that found no enterprise or found it by name, and what
// of the enterprises' figures falls on no parcel: with their money, so that the parts
// of every sum add up to what was read.
// Rows of joined files without a row of the table that they are joined to are among
// them, with register or without.
func (r *results) listUnmatched() {
	if r.joined != nil {
		for _, m := range r.joined.Matched {
			r.unmatchedRows(m)
		}
		r.unmatchedHolders()
		r.unapportioned()
	}
	for _, s := range table.Inputs() {
		r.unmatchedKeys(s.Name)
	}
	ledger.SortUnmatched(r.unmatched, city.Place)
}

// unmatchedKeys lists the keys of files joined to a table that no row of it has, the
// rows that have none, and those that cannot be used.
func (r *results) unmatchedKeys(name string) {
	for _, j := range r.Books.Joined(name) {
		add := func(key read.UnmatchedKey, reason string) {
			u := ledger.Nothing(name, key.Key)
			u.Reason, u.Rows, u.File = reason, key.Rows, j.From
			for _, a := range key.Amounts {
				u.Carry(a.Column, a.String(), a.Value)
			}
			if u.Rows > 0 {
				r.unmatched = append(r.unmatched, u)
			}
		}
		for _, key := range j.Unmatched {
			add(key, "unknown_key")
		}
		add(j.Keyless, "no_key")
		add(read.UnmatchedKey{Rows: j.Faulty}, "unreadable_row")
	}
}

// unmatchedRows lists rows of a table that found no enterprise, or found it by name.
func (r *results) unmatchedRows(m city.Matched) {
	carries := r.carriedBy(m)
	year := func(int) (int64, bool) { return 0, false }
	if m.Rows.Len() > 0 && m.Rows.Batches[0].Schema.Index("year") >= 0 {
		year = m.Rows.Integer("year")
	}
	row := func(i int32) ledger.Unmatched {
		b, at := m.Rows.At(int(i))
		u := ledger.Nothing(m.Table, string(read.AppendKey(nil, m.Rows.Batches[b], at)))
		y, _ := year(int(i))
		u.Year = int(y)
		carries(int(i), &u)
		return u
	}
	r.listMatches(m.Matches, row, func(join.Unmatched) bool { return true })
}

// listMatches lists those of the rows without an enterprise that matter, and all that
// were matched by name.
func (r *results) listMatches(m *join.Matches, row func(i int32) ledger.Unmatched, matters func(join.Unmatched) bool) {
	for _, no := range m.Unmatched {
		if !matters(no) {
			continue
		}
		u := row(no.Row)
		u.Code, u.Name, u.Reason, u.MatchedTo = no.Code, no.Name, reasonOf[no.Reason], r.codesOf(no.Candidates)
		r.unmatched = append(r.unmatched, u)
	}
	for _, by := range m.ByName {
		u := row(by.Row)
		u.Name, u.Reason, u.MatchedTo = by.Name, "name_matched", r.codesOf([]int32{by.Enterprise})
		r.unmatched = append(r.unmatched, u)
	}
}

// codesOf are the codes of enterprises, as one text.
func (r *results) codesOf(enterprises []int32) string {
	out := make([]string, len(enterprises))
	for i, e := range enterprises {
		out[i] = r.facts.Code[e]
	}
	return strings.Join(out, ";")
}

// carriedBy notes the area and money that rows of a table carry, counted as those of
// enterprises are.
func (r *results) carriedBy(m city.Matched) func(i int, u *ledger.Unmatched) {
	at, each := map[int]int{}, []int32{} // figures are made of these rows, as if each were an enterprise's
	add := func(row int32) {
		at[int(row)] = len(each)
		each = append(each, row)
	}
	for _, no := range m.Unmatched {
		add(no.Row)
	}
	for _, by := range m.ByName {
		add(by.Row)
	}
	how := assess.Accounting(r.o.Rules.Scheme)
	switch m.Table {
	case table.Tax:
		q := indicate.Figures(len(each), &indicate.Accounts{Tax: m.Rows, TaxRow: each}, how)
		return func(i int, u *ledger.Unmatched) { u.Tax = q[indicate.Tax][at[i]] }
	case table.Output:
		q := indicate.Figures(len(each), &indicate.Accounts{Output: m.Rows, OutputRow: each}, how)
		return func(i int, u *ledger.Unmatched) {
			u.Sales, u.Output = q[indicate.Sales][at[i]], q[indicate.Output][at[i]]
		}
	case table.Tenancies:
		return func(i int, u *ledger.Unmatched) { u.Area, u.HasArea = m.Area(int32(i)) }
	}
	return func(int, *ledger.Unmatched) {}
}

// unmatchedHolders lists the parcels whose holder is matched by name, may be several
// enterprises, or has a code that the register does not have; of names that nobody in
// the register has only those on industrial land, which enterprises should hold.
func (r *results) unmatchedHolders() {
	p := r.parcel(nil)
	code := p.Text("parcel_code")
	row := func(i int32) ledger.Unmatched {
		key, _ := code(int(i))
		u := ledger.Nothing(table.Parcels, key)
		u.Area, u.HasArea = p.official(int(i)), true
		return u
	}
	r.listMatches(r.joined.Holders.Matches, row, func(no join.Unmatched) bool {
		return no.Reason != join.UnknownName || p.industrial(int(no.Row))
	})
}

// unapportioned lists the enterprises whose figures, or a part of them, fall on no
// parcel: those without positive land, and those with land on a parcel whose row was
// rejected.
func (r *results) unapportioned() {
	j, f := r.joined, r.facts
	part := func(q indicate.Quantity, e int) float64 {
		if v := f.This[q]; e >= len(v) || math.IsNaN(v[e]) {
			return math.NaN() // nothing of a figure that is missing is missing too
		}
		return r.shared.inZones[q].Unapportioned[e]
	}
	for e, code := range f.Code {
		u := ledger.Nothing(table.Enterprises, code)
		u.Code, u.Name = code, f.Name[e]
		u.Tax, u.Sales, u.Output = part(indicate.Tax, e), part(indicate.Sales, e), part(indicate.Output, e)
		if !(math.Abs(u.Tax) > 0) && !(math.Abs(u.Sales) > 0) && !(math.Abs(u.Output) > 0) {
			continue
		}
		u.Reason = "parcel_rejected"
		if j.Land.Net[e] <= 0 {
			u.Reason = "land_not_positive"
		}
		u.Area, u.HasArea = r.nowhere(int32(e)), true
		r.unmatched = append(r.unmatched, u)
	}
}

// nowhere is the net land of an enterprise whose figures fall on no used parcel: all of
// it when that is not positive, else what lies on rejected parcels.
func (r *results) nowhere(enterprise int32) (area unit.Area) {
	land := r.joined.Land
	if land.Net[enterprise] <= 0 {
		return land.Net[enterprise]
	}
	for _, u := range land.Of(enterprise) {
		if u.Net > 0 && int(u.Parcel) >= len(r.Parcels.Order) {
			area += u.Net
		}
	}
	return area
}
