package fields_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/table"
)

// readable says whether a cell of the column may hold the text.
func readable(f *table.Field, text string) bool {
	v := []byte(text)
	ok := !cell.IsNull(v)
	switch f.Kind {
	case table.Number:
		_, ok = cell.Number(v)
	case table.Integer:
		_, ok = cell.Integer(v)
	case table.Date:
		_, ok = cell.Date(v)
	case table.Bool:
		_, ok = cell.Boolean(v)
	}
	if len(f.OneOf) > 0 {
		ok = slices.Contains(f.OneOf, text)
	}
	return ok
}

func TestEveryInputColumnHasAnExampleThatCanBeReadAndANote(t *testing.T) {
	for _, s := range table.Inputs() {
		for i := range s.Fields {
			f := &s.Fields[i]
			e, ok := fields.InputExample(s.Name, f.Name)
			if f.Kind == table.Geometry {
				if ok {
					t.Errorf("%s.%s: an example of a geometry", s.Name, f.Name)
				}
				continue
			}
			if !readable(f, e.Value) {
				t.Errorf("%s.%s: example %q cannot be read", s.Name, f.Name, e.Value)
			}
			if !strings.ContainsFunc(e.Note, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s.%s: note %q", s.Name, f.Name, e.Note)
			}
		}
	}
}

func TestExamplesAreOfInputColumnsOnce(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, r := range read(t, "examples.csv") {
		key := [2]string{r[0], r[1]}
		if s, ok := table.Input(r[0]); !ok || s.Index(r[1]) < 0 || seen[key] {
			t.Errorf("%s.%s is no input column, or stands twice", r[0], r[1])
		}
		seen[key] = true
	}
}

// The example of a tax row adds up, so that nobody learns from it to count twice.
func TestTheExampleOfATaxRowAddsUp(t *testing.T) {
	value := func(column string) float64 {
		e, _ := fields.InputExample(table.Tax, column)
		v, ok := cell.Number([]byte(e.Value))
		if !ok {
			t.Fatalf("tax.%s: %q", column, e.Value)
		}
		return v
	}
	sum := 0
	for _, head := range strings.Fields("vat income property land_use consumption city_maintenance education_surcharge stamp personal_income resource environment") {
		sum += int(value(head)*1e4 + 0.5)
	}
	if total := int(value("tax")*1e4 + 0.5); sum != total {
		t.Errorf("the heads come to %d yuan, the total to %d", sum, total)
	}
}
