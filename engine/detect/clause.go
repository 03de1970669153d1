package detect

import (
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
)

// Clause appends to dst the clauses behind the verdict on row i, with `; ` between:
// what is idle, how its deadline was set where it was not agreed, what excuses the
// delay, and what follows. A row that is neither idle nor at risk has none; one at
// risk has those that would make it idle. Arguments are as for Evidence.
func Clause(dst []byte, b table.Batch, i int, rule policy.IdleLand, out *Columns) []byte {
	start, clauses := len(dst), &rule.Clauses
	add := func(clause string) {
		if clause == "" {
			return
		}
		if len(dst) > start {
			dst = append(dst, "; "...)
		}
		dst = append(dst, clause...)
	}
	switch max(out.Kind[i], out.RiskKind[i]) {
	case NotStarted:
		add(clauses.NotStarted)
		l := landOf(b)
		switch _, from := l.deadlineAt(i, &rule); from {
		case extension:
			add(clauses.Supplement)
		case delivery, contract:
			add(clauses.Deadline)
		}
	case Stalled:
		add(clauses.Stalled)
	}
	for _, clause := range followUp(clauses, out.Kind[i], out.Cause[i], out.Consequence[i]) {
		add(clause)
	}
	return dst
}

// followUp is the clauses of what excuses a delay and of what follows from it.
func followUp(c *policy.IdleClauses, kind IdleKind, cause Cause, what Consequence) [2]string {
	switch {
	case what == Fee:
		return [2]string{c.Fee}
	case what == TakeBack:
		return [2]string{c.TakeBack}
	case kind == Stalled:
		return [2]string{c.NegotiateStalled}
	case kind == NotStarted && cause == Preparatory:
		return [2]string{c.Preparatory, c.Negotiate}
	case kind == NotStarted:
		return [2]string{c.Cause, c.Negotiate}
	}
	return [2]string{}
}
