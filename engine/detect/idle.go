package detect

import (
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Idle judges a batch of parcels on the day asOf and fills out, a row per row of
// the batch. nonConstruction, of the same length, marks the rows whose land use is
// known not to be construction land: they are not looked at; nil marks none.
// Nothing is allocated per row, and out is reused where it has room.
func Idle(b table.Batch, nonConstruction []bool, rule policy.IdleLand, asOf unit.Date, out *Columns) {
	n := b.Rows()
	out.Resize(n)
	if n == 0 {
		return
	}
	j := judge{land: landOf(b), rule: &rule, asOf: asOf, out: out}
	for i := range n {
		out.clear(i)
		out.Supply[i] = j.land.declaredAt(i)
		if nonConstruction == nil || !nonConstruction[i] {
			j.row(i)
		}
	}
}

func (c *Columns) clear(i int) {
	c.Supply[i], c.Kind[i], c.Cause[i], c.Consequence[i] = SupplyUnknown, NotIdle, NoCause, NoConsequence
	c.RiskKind[i], c.Flags[i], c.Fee[i] = NotIdle, 0, None
	c.Since[i], c.From[i], c.TakeBackFrom[i], c.AtRiskOn[i], c.Deadline[i] = NoDate, NoDate, NoDate, NoDate, NoDate
	c.Days[i], c.StartOverdue[i], c.FinishOverdue[i] = None, None, None
}

type judge struct {
	land land
	rule *policy.IdleLand
	asOf unit.Date
	out  *Columns
}

func (j *judge) row(i int) {
	l, out := &j.land, j.out
	started, finished := happened(l.started, i, j.asOf), happened(l.finished, i, j.asOf)
	deadline, from := l.deadlineAt(i, j.rule)
	out.Cause[i], out.Deadline[i] = l.causeAt(i), deadline
	switch from {
	case contract:
		out.Flags[i] |= DeadlineAssumed
	case noBasis:
		out.Flags[i] |= NoDeadline
		if started == NoDate && finished == NoDate {
			out.Flags[i] |= Undecided
		}
	}
	if finished == NoDate {
		if kind, since := j.state(i, started, deadline); kind != NotIdle {
			j.settle(i, kind, since)
		}
	}
	if started != NoDate || finished == NoDate {
		out.StartOverdue[i] = overdue(deadline, started, j.asOf)
	}
	agreed := dateAt(l.agreedFinish, i)
	out.FinishOverdue[i] = overdue(agreed, finished, j.asOf)
	if out.Supply[i] == SupplyUnknown {
		out.Supply[i] = j.supply(i, started, finished, agreed)
	}
}

// state is what an unfinished parcel would be idle as if it stayed as it is, and
// the day the years are counted from.
func (j *judge) state(i int, started, deadline unit.Date) (IdleKind, unit.Date) {
	if started == NoDate {
		if deadline == NoDate {
			return NotIdle, NoDate
		}
		return NotStarted, deadline
	}
	stopped := happened(j.land.suspended, i, j.asOf)
	if stopped == NoDate || stopped < started || !j.land.tooLittle(i, j.rule) {
		return NotIdle, NoDate
	}
	return Stalled, stopped
}

// settle says whether the parcel is idle, at risk of it, or neither yet.
func (j *judge) settle(i int, kind IdleKind, since unit.Date) {
	out := j.out
	from := since.FullYears(j.rule.YearsToIdle)
	if from > j.asOf {
		if int(from)-int(j.asOf) <= j.rule.AtRiskDays {
			out.RiskKind[i], out.AtRiskOn[i] = kind, from
		}
		return
	}
	out.Kind[i], out.Since[i], out.From[i], out.Days[i] = kind, since, from, int32(j.asOf-from)
	out.Consequence[i] = Negotiate
	if kind != NotStarted || out.Cause[i] != Enterprise {
		return
	}
	out.TakeBackFrom[i] = since.FullYears(j.rule.YearsToTakeBack)
	if j.asOf >= out.TakeBackFrom[i] {
		out.Consequence[i] = TakeBack
		return
	}
	out.Consequence[i] = Fee
	out.Fee[i] = feeOf(j.land.price, i, j.rule.FeeShare)
}

// supply is the first supply state that holds.
func (j *judge) supply(i int, started, finished, agreedFinish unit.Date) Supply {
	l := &j.land
	switch {
	case finished != NoDate:
		return Built
	case j.out.Kind[i] != NotIdle:
		return IdleState
	case agreedFinish != NoDate && j.asOf > agreedFinish:
		return Overdue
	case started != NoDate:
		return UnderConstruction
	case dateAt(l.signed, i) != NoDate || dateAt(l.delivered, i) != NoDate:
		return SuppliedNotUsed
	}
	return SupplyUnknown
}

// overdue is the days from a due day to the day it was done, or to asOf when it is
// not done; 0 when in time, None without a due day.
func overdue(due, done, asOf unit.Date) int32 {
	if due == NoDate {
		return None
	}
	if done == NoDate {
		done = asOf
	}
	return max(0, int32(done-due))
}
