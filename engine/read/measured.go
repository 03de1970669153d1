package read

import (
	"github.com/muscope-gis/muscope/engine/read/cell"
	"github.com/muscope-gis/muscope/engine/unit"
)

// measure is a unit that stands in cells of a field, and the factor to the field's;
// mul is 0 when the unit does not measure the field.
type measure struct {
	field    int
	label    string
	mul, div float64
}

// measured reads a number that stands with its unit, which beats the header's:
// 3.2亿元. In a column of money a bare 万 or 亿 is of the column's currency.
func (r *rows) measured(field int, v []byte) (n float64, own target, ok bool) {
	n, label, ok := cell.Measured(r.wide[:0], v)
	if !ok {
		return 0, own, false
	}
	for i := range r.measures {
		if m := &r.measures[i]; m.field == field && m.label == string(label) {
			return n, target{field, m.mul, m.div}, m.mul != 0
		}
	}
	m := measure{field: field, label: string(label), div: 1}
	to := r.schema.Fields[field].Unit
	if wan, bare := cell.Multiple(label); bare {
		if to == unit.WanYuan || to == unit.WanDollar {
			m.mul = wan
		}
	} else if u, known := unit.Parse(m.label); known && to != unit.None {
		if mul, div, same := unit.Factor(u, to); same {
			m.mul, m.div = mul, div
		}
	}
	if len(r.measures) < 64 { // cells of prose need not be remembered
		r.measures = append(r.measures, m)
	}
	return n, target{field, m.mul, m.div}, m.mul != 0
}
