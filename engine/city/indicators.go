package city

import (
	"regexp"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// cityCode is the zone_code of what the whole city reports.
const cityCode = "CITY"

var periodForm = regexp.MustCompile(`^\d{4}(Q[1-4]|-(0[1-9]|1[0-2]))?$`)

// FigureOf is the definition of a reported figure of zones: the shipped one, or one
// that a policy brings.
func (c *City) FigureOf(id string) (fields.ZoneIndicator, bool) {
	if own, ok := c.o.Units[id]; ok {
		return fields.ZoneIndicator{ID: id, Unit: own}, true
	}
	i, ok := fields.FindZoneIndicator(id)
	return i, ok && !i.Found()
}

// wrongIndicator rejects a reported figure of a zone that does not exist, of a period
// or in a unit that says nothing, and shares and answers that are none: 70 whose unit
// is ratio. Of an indicator that nobody defines only the zone and the period are
// looked at.
func (c *City) wrongIndicator(b table.Batch) func(row int) *read.Reject {
	zone, period, id := b.Text("zone_code"), b.Text("period"), b.Text("indicator")
	value, in := b.Numbers("value", unit.None), b.Text("unit")
	return func(row int) *read.Reject {
		reject := func(column, value string, why read.Reason) *read.Reject {
			return &read.Reject{Column: column, Value: read.Shown([]byte(value)), Reason: why}
		}
		if z := zone.Value(row); z != cityCode && c.Zones.Number(z) < 0 {
			return reject("zone_code", z, read.UnknownCode)
		}
		if !periodForm.MatchString(period.Value(row)) {
			return reject("period", period.Value(row), read.UnknownValue)
		}
		one, known := c.FigureOf(id.Value(row))
		if !known {
			return nil
		}
		word := ""
		if !in.IsNull(row) {
			word = in.Value(row)
		}
		v, ok := one.In(word, value.Value(row))
		switch {
		case !ok:
			return reject("unit", word, read.UnknownValue)
		case one.Unit == "ratio" && (v > 1 || v < -1), one.Unit == "yes" && v != 0 && v != 1,
			(one.Unit == "count" || one.Unit == "person") && v < 0, one.Unit == "rank" && v < 1:
			return reject("value", value.ValueStr(row), read.OutOfRange)
		}
		return nil
	}
}
