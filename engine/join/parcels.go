package join

import (
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Parcels are the parcels of a city as tenancies see them: numbers 0 … n-1 are the
// used ones in the order of their codes, n … those whose row was rejected. Tenancies
// on the latter still count for an enterprise's land.
type Parcels struct {
	Used     *Codes
	Rejected *Codes      // none of them used; nil: none
	Official []unit.Area // of each used parcel
	Holders  *Holdings   // of each used parcel; nil: nobody holds any
}

// Find is the number of a parcel code.
func (p *Parcels) Find(code string) (int32, bool) {
	if n, ok := p.Used.Find(code); ok {
		return n, true
	}
	n, ok := p.Rejected.Find(code)
	if !ok {
		return -1, false
	}
	return n + int32(p.Used.Len()), true
}

// find looks up the parcel codes of n rows; -1 for unknown ones.
func (p *Parcels) find(n int, code func(i int) (string, bool)) []int32 {
	out := findColumn(n, code, p.Used)
	if p.Rejected.Len() == 0 {
		return out
	}
	for i, parcel := range out {
		if parcel >= 0 {
			continue
		}
		text, _ := code(i)
		if k, ok := p.Rejected.Find(text); ok {
			out[i] = k + int32(p.Used.Len())
		}
	}
	return out
}

// Len is how many parcels there are, rejected ones too.
func (p *Parcels) Len() int { return p.Used.Len() + p.Rejected.Len() }

// Code is the code of a number.
func (p *Parcels) Code(parcel int32) string {
	if n := p.Used.Len(); int(parcel) >= n {
		return p.Rejected.At(int(parcel) - n)
	}
	return p.Used.At(int(parcel))
}

// Holdings are the holders 土地使用权人 of parcels. Enterprise is -1 where a parcel has
// none or it is none of the register; the latter are listed as unmatched.
type Holdings struct {
	*Matches
	outsider  []int32 // of each parcel's holder that is not in the register; -1
	outsiders names
}

// Holders matches used parcels with the enterprises that hold them: by the column
// holder, or, in rows without it, by holder_name when just one enterprise is called
// so.
func Holders(parcels table.Rows, r *Register) *Holdings {
	m, named := matchCodes(text(parcels, "holder"), parcels.Len(), r.codes) // in no order
	h := &Holdings{Matches: m.matchNames(named, text(parcels, "holder_name"), r)}
	held := h.Unmatched[:0]
	for _, u := range h.Unmatched {
		if u.Reason != Nameless { // a parcel may have no holder
			held = append(held, u)
		}
	}
	h.Unmatched = held
	h.outsider = numberOutsiders(h.Matches, &h.outsiders)
	return h
}

// numberOutsiders gives those who are not in the register numbers, each row the
// number of its own; nil when there are none.
func numberOutsiders(m *Matches, into *names) []int32 {
	if len(m.Unmatched) == 0 {
		return nil
	}
	of := make([]int32, len(m.Enterprise))
	for i := range of {
		of[i] = -1
	}
	known := map[[2]string]int32{} // by code and name as they stand
	for i := range m.Unmatched {
		u := &m.Unmatched[i]
		who := [2]string{u.Code, u.Name}
		n, seen := known[who]
		if !seen {
			n, _ = into.number(u.key())
			known[who] = n
		}
		of[u.Row] = n
	}
	return of
}
