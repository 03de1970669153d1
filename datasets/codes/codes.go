// Package codes knows the classifications of land use: for every code of every
// edition its names and its class in the 1:1:1 land mix. The same digits mean
// different things in different editions, so no code is looked up without its
// standard, and nothing is guessed from a code alone.
//
// It reads the shipped table, or one of a dataset's own in the same columns. It
// measures nothing and decides no verdict.
package codes

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Class is what a land use counts as in the land mix.
type Class uint8

// The classes: 产业, 居住, 公共服务设施, 其他, 非建设用地. The zero value is none of them.
const (
	Industry Class = iota + 1
	Residence
	Public
	Other
	NonConstruction
)

var classNames = [...]string{"", "industry", "residence", "public", "other", "nonconstruction"}

// String is the class as layers and tables write it.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return ""
}

// ParseClass reads a class by the name that String gives it.
func ParseClass(s string) (Class, bool) {
	i := slices.Index(classNames[:], s)
	return Class(max(i, 0)), i > 0
}

// Entry is one code of a standard. Strict and Wide are its classes under the two
// profiles of the land mix; wide also counts utilities, roads and green as public.
type Entry struct {
	Code         string
	Zh, En       string
	Strict, Wide Class
	// Confirmed is false where no official text was seen.
	Confirmed bool
}

// Table is the codes of one standard.
type Table struct {
	Standard string
	entries  map[string]Entry
	base     *Table // the edition this one only amends
}

// Tables are classifications by the name of their standard, safe for use from any
// number of goroutines.
type Tables struct {
	names  []string
	tables map[string]*Table
}

//go:embed landuse_codes.csv
var shippedCSV string

var shipped = sync.OnceValue(func() *Tables {
	t, err := Parse("landuse_codes.csv", strings.NewReader(shippedCSV))
	if err != nil {
		panic(err) // the program's own file, held by a test
	}
	// The 2020 trial edition is listed by what differs from the one of 2023.
	t.tables["YDYH-2020"].base = t.tables["YDYH-2023"]
	return t
})

// Shipped are the classifications that come with the program.
func Shipped() *Tables { return shipped() }

// LandUse finds a code of a shipped standard; see Table.Find.
func LandUse(standard, code string) (Entry, bool) { return shipped().LandUse(standard, code) }

// NewTable is a standard of a dataset's own.
func NewTable(standard string, entries []Entry) (*Table, error) {
	t := &Table{Standard: standard, entries: make(map[string]Entry, len(entries))}
	for _, e := range entries {
		if _, twice := t.entries[e.Code]; twice {
			return nil, fmt.Errorf("code %s of %s stands twice", e.Code, standard)
		}
		t.entries[e.Code] = e
	}
	return t, nil
}

// Entries are the codes of the table in their order; those of the edition that it
// amends are not among them.
func (t *Table) Entries() []Entry {
	return slices.SortedFunc(maps.Values(t.entries), func(a, b Entry) int { return strings.Compare(a.Code, b.Code) })
}

// With are the classifications with more of a dataset's own, whose names they lack.
func (t *Tables) With(own ...*Table) *Tables {
	all := &Tables{names: slices.Clone(t.names), tables: maps.Clone(t.tables)}
	for _, s := range own {
		all.names, all.tables[s.Standard] = append(all.names, s.Standard), s
	}
	return all
}

// LandUse finds a code of a standard; see Table.Find.
func (t *Tables) LandUse(standard, code string) (Entry, bool) {
	s, ok := t.Table(standard)
	if !ok {
		return Entry{}, false
	}
	return s.Find(code)
}

// Standards lists the shipped standards in the order of the file.
func Standards() []string { return shipped().Standards() }

// Standards lists the standards in the order they were met.
func (t *Tables) Standards() []string { return slices.Clone(t.names) }

// Table finds a standard by its exact name.
func (t *Tables) Table(standard string) (*Table, bool) {
	s, ok := t.tables[standard]
	return s, ok
}

// Find looks a code up. A code finer than the table counts as the longest code
// above it, in standards whose codes are digits and only when what it adds is
// digits or one closing letter (三调's 0201K is an orchard, 0201); never above the
// first level of two digits. Anything else is not found.
func (t *Table) Find(code string) (Entry, bool) {
	if e, ok := t.exact(code); ok {
		return e, true
	}
	rest := code
	if n := len(rest); n > 2 && rest[n-1] >= 'A' && rest[n-1] <= 'Z' {
		rest = rest[:n-1]
	}
	if !digits(rest) {
		return Entry{}, false
	}
	for ; len(rest) >= 2; rest = rest[:len(rest)-1] {
		if e, ok := t.exact(rest); ok {
			return e, true
		}
	}
	return Entry{}, false
}

func (t *Table) exact(code string) (Entry, bool) {
	e, ok := t.entries[code]
	if !ok && t.base != nil {
		e, ok = t.base.entries[code]
	}
	return e, ok
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

var columns = []string{"standard", "code", "name_zh", "name_en", "mix_class", "mix_class_wide", "status"}

// Parse reads classifications from CSV (UTF-8, with or without BOM): the columns
// standard, code, name_zh, name_en, mix_class, mix_class_wide, status by name,
// of which standard, code and mix_class must be there; further columns are not
// read. A wide class left empty is the strict one. name stands in errors, which
// say the line.
func Parse(name string, r io.Reader) (*Tables, error) {
	c := csv.NewReader(r)
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("read %s: no header row: %w", name, err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	var at [7]int
	for i, column := range columns {
		at[i] = slices.Index(head, column)
		if at[i] < 0 && (i < 2 || i == 4) {
			return nil, fmt.Errorf("read %s:1: no column %s", name, column)
		}
	}
	t := &Tables{tables: map[string]*Table{}}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		var row [7]string
		for i, j := range at {
			if j >= 0 {
				row[i] = strings.TrimSpace(record[j])
			}
		}
		if err := t.add(row); err != nil {
			line, _ := c.FieldPos(0)
			return nil, fmt.Errorf("read %s:%d: %w", name, line, err)
		}
	}
}

func (t *Tables) add(row [7]string) error {
	standard, code := row[0], row[1]
	if standard == "" || code == "" {
		return errors.New("a code needs its standard")
	}
	e := Entry{Code: code, Zh: row[2], En: row[3], Confirmed: row[6] != "unconfirmed"}
	var ok bool
	if e.Strict, ok = ParseClass(row[4]); !ok {
		return fmt.Errorf("code %s: mix_class %q is not one of %s", code, row[4], strings.Join(classNames[1:], ", "))
	}
	e.Wide = e.Strict
	if row[5] != "" {
		if e.Wide, ok = ParseClass(row[5]); !ok {
			return fmt.Errorf("code %s: mix_class_wide %q is not one of %s", code, row[5], strings.Join(classNames[1:], ", "))
		}
	}
	s := t.tables[standard]
	if s == nil {
		s = &Table{Standard: standard, entries: map[string]Entry{}}
		t.tables[standard], t.names = s, append(t.names, standard)
	}
	if _, twice := s.entries[code]; twice {
		return fmt.Errorf("code %s of %s stands twice", code, standard)
	}
	s.entries[code] = e
	return nil
}
