package read

import (
	"fmt"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// column finds where a header's cells go. A header is a column's name or one of
// its Chinese names, with a unit in its last bracket where the cells are not in
// the column's own.
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
	if label == "" || f.Kind != table.Number {
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

// header maps all the headers of a file. It is an error when one stands there
// twice, two mean the same column, or a needed column is missing; at names the
// place of the header row for messages.
func (sc *scan) header(at string, headers []string) ([]target, error) {
	targets := make([]target, len(headers))
	from := map[int]string{}
	for i, h := range headers {
		h = strings.TrimSpace(h)
		t, err := column(sc.schema, h)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", at, err)
		}
		targets[i] = t
		if t.field < 0 {
			if h != "" {
				sc.ignore(h)
			}
			continue
		}
		if other, twice := from[t.field]; twice {
			return nil, fmt.Errorf("read %s: columns %q and %q both mean %s; keep one", at, other, h, sc.schema.Fields[t.field].Name)
		}
		from[t.field] = h
	}
	return targets, sc.complete(at, func(i int) bool { _, ok := from[i]; return ok })
}

// ignore lists a header that no column has.
func (sc *scan) ignore(header string) {
	sc.account.Ignored = append(sc.account.Ignored, Shown([]byte(header)))
}

// complete reports the first needed column that is not there.
func (sc *scan) complete(at string, has func(field int) bool) error {
	for i, f := range sc.schema.Fields {
		if !f.Needed || has(i) || f.Name == "year" && sc.year != 0 {
			continue
		}
		return fmt.Errorf("read %s: table %s has no column %s; add it, or rename the column that holds it",
			at, sc.schema.Name, f.Name)
	}
	return nil
}
