package join

import (
	"slices"

	"github.com/muscope-gis/muscope/engine/table"
)

// Accounts are the rows of a yearly table (output, tax, energy, emissions,
// adjustments) with the enterprise of each.
type Accounts struct {
	*Matches
	years       []int64
	enterprises int
}

// NewAccounts matches the rows of a yearly table with enterprises: first by code, then
// rows without one by name, in the order of the rows. A row without a code may be any
// enterprise of its name that has no row of the year yet, and is matched when that
// leaves just one; so no enterprise has two rows of a year. Where a table has no key
// (adjustments), an enterprise may have several, and names match as in [Match].
func NewAccounts(rows table.Rows, r *Register) *Accounts {
	a := &Accounts{enterprises: r.Len()}
	if rows.Len() == 0 {
		a.Matches = &Matches{}
		return a
	}
	year := rows.Integer("year")
	a.years = make([]int64, rows.Len())
	for i := range a.years {
		a.years[i], _ = year(i)
	}
	if len(rows.Batches[0].Schema.Key) == 0 {
		a.Matches = Match(rows, r)
		return a
	}
	var named []int32
	a.Matches, named = matchCodes(text(rows, "credit_code"), rows.Len(), &cursor{codes: r.codes})
	a.matchLeft(named, text(rows, "name"), r)
	a.sort()
	return a
}

// matchLeft matches the rows without a code with who is left in their year.
func (a *Accounts) matchLeft(named []int32, nameOf func(int) (string, bool), r *Register) {
	if len(named) == 0 {
		return
	}
	may := make([][]int32, len(named))
	for i, row := range named {
		name, _ := nameOf(int(row))
		may[i] = r.candidates(name)
	}
	taken := a.taken(may)
	var left []int32
	for i, row := range named {
		name, _ := nameOf(int(row))
		left = left[:0]
		for _, e := range may[i] {
			if !taken[yearOf{e, a.years[row]}] {
				left = append(left, e)
			}
		}
		switch {
		case len(may[i]) == 0:
			a.nobody(row, name)
		case len(left) == 0:
			a.unmatched(Unmatched{Row: row, Name: name, Reason: NoneLeft, Candidates: may[i]})
		case len(left) == 1:
			a.byName(row, left[0], name)
			taken[yearOf{left[0], a.years[row]}] = true
		default:
			a.unmatched(Unmatched{Row: row, Name: name, Reason: SeveralCandidates, Candidates: slices.Clone(left)})
		}
	}
}

// yearOf is an enterprise's year.
type yearOf struct {
	enterprise int32
	year       int64
}

// taken are the years of which candidates have a row by code.
func (a *Accounts) taken(may [][]int32) map[yearOf]bool {
	candidate := make([]bool, a.enterprises)
	for _, some := range may {
		for _, e := range some {
			candidate[e] = true
		}
	}
	taken := map[yearOf]bool{}
	for row, e := range a.Enterprise {
		if e >= 0 && candidate[e] {
			taken[yearOf{e, a.years[row]}] = true
		}
	}
	return taken
}

// Of is each enterprise's row of a year; -1: none. Of several the first is taken.
func (a *Accounts) Of(year int) []int32 {
	of := make([]int32, a.enterprises)
	for i := range of {
		of[i] = -1
	}
	for row, e := range a.Enterprise {
		if e >= 0 && a.years[row] == int64(year) && of[e] < 0 {
			of[e] = int32(row)
		}
	}
	return of
}
