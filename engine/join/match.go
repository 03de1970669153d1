package join

import (
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/table"
)

// Reason says why a row's enterprise was not found.
type Reason string

// The reasons.
const (
	UnknownCode       Reason = "unknown_code"       // the register does not have the code
	UnknownName       Reason = "unknown_name"       // no code, and nobody in the register has the name
	SeveralCandidates Reason = "several_candidates" // no code, and several enterprises may be meant
	NoneLeft          Reason = "none_left"          // all that may be meant have a row of that year
	Nameless          Reason = "nameless"           // neither code nor name
)

// Matches says which enterprise of the register each row of a table is about.
type Matches struct {
	Enterprise []int32 // of each row; -1: none of the register
	ByName     []NameMatch
	Unmatched  []Unmatched
}

// NameMatch is a row that was matched by its name, for somebody to look at.
type NameMatch struct {
	Row, Enterprise int32
	Name            string
}

// Unmatched is a row whose enterprise was not found. It has its code, or else its
// name.
type Unmatched struct {
	Row        int32
	Code, Name string
	Reason     Reason
	Candidates []int32 // of SeveralCandidates and NoneLeft: the enterprises, ascending
}

// key tells apart those who are not in the register: by code, or else by name.
func (u *Unmatched) key() string {
	if u.Code != "" {
		return u.Code
	}
	return "\x00" + NormaliseName(u.Name)
}

// Match finds the enterprise of each row by the column credit_code, or, in rows without
// a code, by the column name where the table has one and just one enterprise is called
// so. An enterprise may have any number of rows.
func Match(rows table.Rows, r *Register) *Matches {
	m, named := matchCodes(text(rows, "credit_code"), rows.Len(), &cursor{codes: r.codes})
	return m.matchNames(named, text(rows, "name"), r)
}

// matchNames matches the rows that have no code.
func (m *Matches) matchNames(named []int32, nameOf func(i int) (string, bool), r *Register) *Matches {
	known := map[string]candidates{} // a few holders have most of the land
	for _, row := range named {
		n, _ := nameOf(int(row))
		c, seen := known[n]
		if !seen {
			c = candidates{name: strings.Clone(n), may: r.candidates(n)}
			known[c.name] = c
		}
		switch len(c.may) {
		case 0:
			if c.reason == "" {
				c.reason = nobodyFor(n)
				known[c.name] = c
			}
			m.Enterprise[row] = -1
			m.Unmatched = append(m.Unmatched, Unmatched{Row: row, Name: c.name, Reason: c.reason})
		case 1:
			m.Enterprise[row] = c.may[0]
			m.ByName = append(m.ByName, NameMatch{row, c.may[0], c.name})
		default:
			m.Enterprise[row] = -1
			m.Unmatched = append(m.Unmatched, Unmatched{Row: row, Name: c.name, Reason: SeveralCandidates, Candidates: c.may})
		}
	}
	m.sort()
	return m
}

// candidates are who may be meant by a name, and why nobody is.
type candidates struct {
	name   string
	may    []int32
	reason Reason
}

// nobodyFor says why a name that is nobody's is not.
func nobodyFor(name string) Reason {
	if NormaliseName(name) == "" {
		return Nameless
	}
	return UnknownName
}

// matchCodes matches the rows that have a code, and lists the others.
func matchCodes(codeOf func(i int) (string, bool), rows int, in finder) (m *Matches, named []int32) {
	m = &Matches{Enterprise: findColumn(rows, codeOf, in)}
	for i, e := range m.Enterprise {
		if e >= 0 {
			continue
		}
		if code, _ := codeOf(i); code != "" {
			m.unmatched(Unmatched{Row: int32(i), Code: code, Reason: UnknownCode})
		} else {
			named = append(named, int32(i))
		}
	}
	return m, named
}

// candidates are the enterprises of a name as somebody wrote it.
func (r *Register) candidates(name string) []int32 {
	if name == "" {
		return nil
	}
	return r.ByName(name)
}

// text is a text column; of a table without it or without rows all is null.
func text(rows table.Rows, column string) func(i int) (string, bool) {
	if len(rows.Batches) == 0 || rows.Batches[0].Schema.Index(column) < 0 {
		return func(int) (string, bool) { return "", false }
	}
	return rows.Text(column)
}

func (m *Matches) byName(row, enterprise int32, name string) {
	m.Enterprise[row] = enterprise
	m.ByName = append(m.ByName, NameMatch{row, enterprise, strings.Clone(name)})
}

// nobody notes a row whose name nobody has.
func (m *Matches) nobody(row int32, name string) {
	m.unmatched(Unmatched{Row: row, Name: name, Reason: nobodyFor(name)})
}

// unmatched notes a row. Texts are copied, so that the list does not hold the table
// in memory; rows that follow one another share them.
func (m *Matches) unmatched(u Unmatched) {
	m.Enterprise[u.Row] = -1
	var last Unmatched
	if n := len(m.Unmatched); n > 0 {
		last = m.Unmatched[n-1]
	}
	u.Code, u.Name = share(u.Code, last.Code), share(u.Name, last.Name)
	m.Unmatched = append(m.Unmatched, u)
}

func share(text, last string) string {
	if text == last {
		return last
	}
	return strings.Clone(text)
}

// sort brings the lists into the order of the rows.
func (m *Matches) sort() {
	byRow := func(a, b Unmatched) int { return int(a.Row) - int(b.Row) }
	if !slices.IsSortedFunc(m.Unmatched, byRow) {
		slices.SortFunc(m.Unmatched, byRow)
	}
}
