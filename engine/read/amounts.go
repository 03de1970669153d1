package read

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
)

// counted are the columns of land and money that accounts are kept of.
var counted = []string{"recorded_area", "area", "tax", "sales", "output"}

// AmountsOf are the land and money of a row, of those columns that accounts are kept of
// and that are not empty.
func AmountsOf(b table.Batch, row int) []Amount {
	return amounts(b.Schema, func(i int) (float64, bool) {
		c, ok := b.Record.Column(i).(*array.Float64)
		if !ok || c.IsNull(row) {
			return 0, false
		}
		return c.Value(row), true
	})
}

// amountsSet are those of the row that is being read, as far as it was.
func amountsSet(b *table.Builder, s *table.Schema) []Amount { return amounts(s, b.Float) }

func amounts(s *table.Schema, value func(i int) (float64, bool)) (out []Amount) {
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Kind != table.Number || !slices.Contains(counted, f.Name) {
			continue
		}
		if v, ok := value(i); ok {
			out = append(out, Amount{Column: f.Name, Unit: f.Unit, Value: v})
		}
	}
	return out
}
