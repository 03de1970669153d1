package read

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// column finds where a header's cells go. A header is a column's name or one of
// its other names. A Chinese name has a unit in its last bracket, unless amounts of that
// kind all count alike: without one they may be anything. Names of Latin letters are the
// columns' own and those of national standards, which say the unit too.
func column(s *table.Schema, header string) (target, error) {
	none := target{field: -1, mul: 1, div: 1}
	if i := s.Index(header); i >= 0 && s.Fields[i].Kind != table.Geometry {
		return target{field: i, mul: 1, div: 1}, nil
	}
	name, label, ok := fields.Header(s.Name, header)
	if !ok {
		return none, nil
	}
	i := s.Index(name)
	if i < 0 {
		return none, nil
	}
	t := target{field: i, mul: 1, div: 1}
	f := s.Fields[i]
	switch {
	case f.Kind != table.Number:
		return t, nil
	case label == "" && f.Unit.Varies() && !latin(header):
		return t, fmt.Errorf("column %q says no unit, which %s needs: put it into the header, as in %s（%s）, or declare it in mapping.yaml",
			header, name, header, f.Unit.Label())
	case label == "":
		return t, nil
	}
	u, known := unit.Parse(label)
	if !known {
		return none, fmt.Errorf("column %q: unit %q is not known", header, label)
	}
	if t.mul, t.div, ok = unit.Factor(u, f.Unit); !ok {
		return none, fmt.Errorf("column %q: unit %q does not measure %s, which is in %q", header, label, name, f.Unit)
	}
	return t, nil
}

// column finds where a header's cells go by what is declared of the file, else by the
// dictionary.
func (sc *scan) column(header string) (target, error) {
	p := sc.settings.Plan
	if p != nil {
		if slot, kept := p.Slot(header); kept {
			return target{field: len(sc.schema.Fields) + slot, mul: 1, div: 1}, nil
		}
		if p.Raw || p.Ignores(header) {
			return target{field: -1}, nil
		}
	}
	if name, declared := sc.settings.Columns[header]; declared {
		header = name
	}
	t, err := column(sc.schema, header)
	if p != nil && t.field >= 0 && p.Claims(t.field) {
		return target{field: -1}, nil
	}
	return t, err
}

// latin says whether a name is of ASCII alone.
func latin(name string) bool {
	return strings.IndexFunc(name, func(c rune) bool { return c > unicode.MaxASCII }) < 0
}

// known says whether a header means something, if only a mistake.
func (sc *scan) known(header string) bool {
	t, err := sc.column(strings.TrimSpace(header))
	return err != nil || t.field >= 0
}

// header maps all the headers of a file. It is an error when one stands there
// twice, two mean the same column, or a needed column is missing; at names the
// place of the header row for messages.
func (sc *scan) header(at string, headers []string) ([]target, error) {
	return sc.headerBy(at, headers, sc.column)
}

// headerBy is header where a format has more to say about what a header means.
func (sc *scan) headerBy(at string, headers []string, column func(header string) (target, error)) ([]target, error) {
	targets := make([]target, len(headers))
	from := map[int]string{}
	for i, h := range headers {
		h = strings.TrimSpace(h)
		t, err := column(h)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", at, err)
		}
		targets[i] = t
		if t.field < 0 {
			sc.ignore(h)
			continue
		}
		if other, twice := from[t.field]; twice {
			return nil, fmt.Errorf("read %s: columns %q and %q both mean %s; keep one", at, other, h, sc.nameOf(t.field))
		}
		from[t.field] = h
	}
	for _, g := range sc.given { // a folder's name and a column of its files must not both speak
		if other, twice := from[g.target.field]; twice && g.partition {
			return nil, fmt.Errorf("read %s: column %q and the folder's %s= both mean %s; keep one", at, other, g.header,
				sc.schema.Fields[g.target.field].Name)
		}
	}
	sc.from = from
	return targets, sc.complete(at, func(i int) bool { _, ok := from[i]; return ok })
}

// ignore lists a header that no column has.
func (sc *scan) ignore(header string) {
	if p := sc.settings.Plan; header == "" || p != nil && (p.Raw || p.Ignores(strings.TrimSpace(header))) {
		return
	}
	sc.account.Ignored = append(sc.account.Ignored, Shown([]byte(header)))
}

// more says more about a column that is not there.
func (sc *scan) more(column string) string {
	if sc.lacking == nil {
		return ""
	}
	return sc.lacking(column)
}

// complete reports the first needed column that is not there.
func (sc *scan) complete(at string, has func(field int) bool) error {
	if err := sc.present(at, has); err != nil {
		return err
	}
	for i, f := range sc.schema.Fields {
		if !f.Needed || has(i) || sc.hasMapped(i, has) || slices.ContainsFunc(sc.given, func(g given) bool { return g.target.field == i }) {
			continue
		}
		return fmt.Errorf("read %s: table %s has no column %s; add it, or rename the column that holds it%s",
			at, sc.schema.Name, f.Name, sc.more(f.Name))
	}
	sc.noteColumns()
	return nil
}
