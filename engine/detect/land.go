package detect

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// land is the columns of a batch of parcels that a verdict may rest on.
type land struct {
	code, cause, supply *array.String

	signed, delivered, agreedStart, agreedFinish, extendedStart *array.Date32
	started, suspended, finished                                *array.Date32

	toDevelop, developed, total, invested, price *array.Float64
}

func landOf(b table.Batch) land {
	return land{
		code: b.Text("parcel_code"), cause: b.Text("delay_cause"), supply: b.Text("supply_state"),
		signed: b.Dates("signed_on"), delivered: b.Dates("delivered_on"),
		agreedStart: b.Dates("agreed_start_on"), agreedFinish: b.Dates("agreed_finish_on"),
		extendedStart: b.Dates("extended_start_on"), started: b.Dates("started_on"),
		suspended: b.Dates("suspended_on"), finished: b.Dates("finished_on"),
		toDevelop: b.Numbers("area_to_develop", unit.SquareMetre),
		developed: b.Numbers("area_developed", unit.SquareMetre),
		total:     b.Numbers("investment_total", unit.WanYuan),
		invested:  b.Numbers("investment_made", unit.WanYuan),
		price:     b.Numbers("land_price", unit.WanYuan),
	}
}

// The dates the calendar of unit.Date reaches; others count as empty.
var (
	firstDate, _ = unit.NewDate(1, 1, 1)
	lastDate, _  = unit.NewDate(9990, 12, 31)
)

func dateAt(c *array.Date32, i int) unit.Date {
	if c.IsNull(i) {
		return NoDate
	}
	d := unit.Date(c.Value(i))
	if d < firstDate || d > lastDate {
		return NoDate
	}
	return d
}

// happened is dateAt of what counts only once its day has come.
func happened(c *array.Date32, i int, asOf unit.Date) unit.Date {
	if d := dateAt(c, i); d <= asOf {
		return d
	}
	return NoDate
}

// causeAt reads delay_cause; what is empty or unknown is the holder's own.
func (l *land) causeAt(i int) Cause {
	if l.cause.IsNull(i) {
		return Enterprise
	}
	switch l.cause.Value(i) {
	case "government":
		return Government
	case "force_majeure":
		return ForceMajeure
	case "preparatory":
		return Preparatory
	}
	return Enterprise
}

// declaredAt reads a declared supply state.
func (l *land) declaredAt(i int) Supply {
	if l.supply.IsNull(i) || l.supply.Value(i) == "" {
		return SupplyUnknown
	}
	s := l.supply.Value(i)
	for k := Built; k < Declared; k++ {
		if supplyNames[k] == s {
			return k
		}
	}
	return Declared
}

// SupplyText is the supply state of row i of a batch of parcels as layers print it:
// a declared one as it stands, else s.
func SupplyText(b table.Batch, i int, s Supply) string {
	if s == Declared {
		return b.Text("supply_state").Value(i)
	}
	return s.String()
}

// basis names the column a start deadline was taken from.
type basis uint8

const (
	noBasis basis = iota
	extension
	agreement
	delivery
	contract
)

var basisNames = [...]string{"", "extended_start_on", "agreed_start_on", "delivered_on", "signed_on"}

// deadlineAt is the day the works had to be started by, and what it rests on.
func (l *land) deadlineAt(i int, rule *policy.IdleLand) (unit.Date, basis) {
	if d := dateAt(l.extendedStart, i); d != NoDate {
		return d, extension
	}
	if d := dateAt(l.agreedStart, i); d != NoDate {
		return d, agreement
	}
	if d := dateAt(l.delivered, i); d != NoDate {
		return d.AddYears(rule.DeadlineAfterDelivery), delivery
	}
	if d := dateAt(l.signed, i); d != NoDate {
		return d.AddYears(rule.DeadlineAfterContract), contract
	}
	return NoDate, noBasis
}
