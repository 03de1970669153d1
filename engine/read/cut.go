package read

import (
	"fmt"
	"strings"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// A shapefile's names end after 10 bytes. In GBK those are 5 Chinese characters, in
// UTF-8 3, whose bytes beyond the last whole one are left out.
const (
	nameBytes = 10
	leastCut  = 8 // bytes in UTF-8 that a name in it has left at least
)

// cut finds where the cells of a shapefile's column go whose name may have been cut
// short: to the only column that its name can begin. It is an error when there are
// several, or when a unit may have been cut off with the rest.
func (sc *scan) cut(header string) (target, error) {
	t, err := sc.column(header)
	if err != nil || t.field >= 0 || len(header) < leastCut {
		return t, err
	}
	if open := strings.LastIndexAny(header, "（("); open > 0 && !strings.ContainsAny(header[open:], "）)") && sc.known(header[:open]) {
		return t, fmt.Errorf("column %q: its name is cut short in its unit; %s", header, shorter)
	}
	var columns []string
	if plain := strings.IndexFunc(header, func(c rune) bool { return c > 0x7F }) < 0; !plain || len(header) == nameBytes {
		columns = sc.begun(header) // a name of ASCII is cut at 10 bytes and no earlier
	}
	if numbered := len(header) == nameBytes && header[8] == '_' && header[9]-'0' < 10; numbered && len(columns) == 0 {
		if columns = sc.begun(header[:8]); len(columns) > 0 { // of one of two whose names were cut to the same
			return t, fmt.Errorf("column %q: its name is cut short and numbered, and may be one of %s; %s", header, strings.Join(columns, ", "), shorter)
		}
	}
	switch len(columns) {
	case 0:
		return t, nil
	case 1:
	default:
		return t, fmt.Errorf("column %q: its name is cut short and may be %s; %s", header, strings.Join(columns, " or "), shorter)
	}
	t.field = sc.schema.Index(columns[0])
	f := sc.schema.Fields[t.field]
	if f.Kind == table.Number && f.Unit != unit.None && !strings.HasPrefix(f.Name, strings.ToLower(header)) {
		t.field = -1
		return t, fmt.Errorf("column %q: its name is cut short, and its unit perhaps with it; %s", header, shorter)
	}
	return t, nil
}

const shorter = "give it a shorter name that is known, or declare it in mapping.yaml"

// begun lists the columns whose names, labels or known Chinese names are longer than a
// header and begin with it.
func (sc *scan) begun(header string) []string {
	var columns []string
	for _, name := range fields.Beginning(sc.schema.Name, header) {
		if i := sc.schema.Index(name); i >= 0 && sc.schema.Fields[i].Kind != table.Geometry {
			columns = append(columns, name)
		}
	}
	return columns
}
