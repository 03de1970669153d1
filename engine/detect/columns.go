package detect

import (
	"math"

	"github.com/muscope-gis/muscope/engine/unit"
)

// NoDate marks an empty date in Columns.
const NoDate unit.Date = math.MinInt32

// None marks an empty count of days or sum of money in Columns.
const None = -1

// Supply is the supply state (供应状态) of a parcel.
type Supply uint8

// The supply states. Declared is a declared state that is none of the others: its
// text is kept as it stands, see SupplyText.
const (
	SupplyUnknown Supply = iota
	Built
	IdleState
	Overdue
	UnderConstruction
	SuppliedNotUsed
	ApprovedNotSupplied
	Declared
)

var supplyNames = [...]string{"", "built", "idle", "overdue", "under_construction",
	"supplied_not_used", "approved_not_supplied", ""}

// String is the state's identifier; empty for SupplyUnknown and Declared.
func (s Supply) String() string { return named(supplyNames[:], int(s)) }

// IdleKind is which of the two definitions of art. 2 a parcel meets.
type IdleKind uint8

// The kinds of idle land.
const (
	NotIdle    IdleKind = iota
	NotStarted          // no start a full year after the start deadline
	Stalled             // started, stopped for a full year, too little done
)

var kindNames = [...]string{"", "not_started", "stalled"}

// String is the kind's identifier; empty for NotIdle.
func (k IdleKind) String() string { return named(kindNames[:], int(k)) }

// Consequence is what follows from idle land.
type Consequence uint8

// The consequences: a fee once (art. 14 (1)), taking back without pay (art. 14
// (2)), or one of the negotiated ways of art. 12.
const (
	NoConsequence Consequence = iota
	Fee
	TakeBack
	Negotiate
)

var consequenceNames = [...]string{"", "fee", "take_back", "negotiate"}

// String is the consequence's identifier; empty for NoConsequence.
func (c Consequence) String() string { return named(consequenceNames[:], int(c)) }

// Cause is who or what delayed the parcel.
type Cause uint8

// The causes. Preparatory is necessary early works (前期工作).
const (
	NoCause Cause = iota // not looked at
	Enterprise
	Government
	ForceMajeure
	Preparatory
)

var causeNames = [...]string{"", "enterprise", "government", "force_majeure", "preparatory"}

// String is the cause's identifier; empty for NoCause.
func (c Cause) String() string { return named(causeNames[:], int(c)) }

func named(names []string, i int) string {
	if i >= len(names) {
		return ""
	}
	return names[i]
}

// Flag is a set of remarks on a parcel's dates.
type Flag uint8

// The flags: the start deadline rests on the contract date, or there is none; without
// one and neither started nor finished, nobody can say whether the parcel is idle.
const (
	DeadlineAssumed Flag = 1 << iota
	NoDeadline
	Undecided
)

// Columns is what Idle found, a row per parcel. Empty dates are NoDate, empty
// counts and sums None.
type Columns struct {
	Supply       []Supply
	Kind         []IdleKind
	Since        []unit.Date // idle_since: the start deadline, or the stop
	From         []unit.Date // idle_from: the first day it was idle
	Days         []int32     // as_of − From
	Cause        []Cause     // of every parcel looked at, idle or not
	Consequence  []Consequence
	Fee          []int64     // yuan = 1e-4 万元; only where the consequence is Fee and the price known
	TakeBackFrom []unit.Date // of a parcel not started by its holder's fault
	RiskKind     []IdleKind  // which kind a parcel at risk would become
	AtRiskOn     []unit.Date // the day a parcel at risk becomes idle
	Deadline     []unit.Date // the start deadline used
	Flags        []Flag
	StartOverdue []int32 // days the start was, or is, past its deadline
	// FinishOverdue is the days the finish was, or is, past the agreed one.
	FinishOverdue []int32
}

// Rows is the number of rows.
func (c *Columns) Rows() int { return len(c.Kind) }

// Resize makes room for n rows, in the memory it has where that is enough. What
// the rows held is not kept.
func (c *Columns) Resize(n int) {
	if room := cap(c.Kind); n <= room { // all columns are made and cut together
		*c = c.cut(0, n, room)
		return
	}
	*c = Columns{
		Supply: make([]Supply, n), Kind: make([]IdleKind, n), Since: make([]unit.Date, n),
		From: make([]unit.Date, n), Days: make([]int32, n), Cause: make([]Cause, n),
		Consequence: make([]Consequence, n), Fee: make([]int64, n), TakeBackFrom: make([]unit.Date, n),
		RiskKind: make([]IdleKind, n), AtRiskOn: make([]unit.Date, n), Deadline: make([]unit.Date, n),
		Flags: make([]Flag, n), StartOverdue: make([]int32, n), FinishOverdue: make([]int32, n),
	}
}

// Slice is rows from … to as a view on the same memory, so that batches of a long
// table can be filled side by side.
func (c *Columns) Slice(from, to int) Columns { return c.cut(from, to, to) }

func (c *Columns) cut(from, to, end int) Columns {
	return Columns{
		Supply: c.Supply[from:to:end], Kind: c.Kind[from:to:end], Since: c.Since[from:to:end],
		From: c.From[from:to:end], Days: c.Days[from:to:end], Cause: c.Cause[from:to:end],
		Consequence: c.Consequence[from:to:end], Fee: c.Fee[from:to:end],
		TakeBackFrom: c.TakeBackFrom[from:to:end], RiskKind: c.RiskKind[from:to:end],
		AtRiskOn: c.AtRiskOn[from:to:end], Deadline: c.Deadline[from:to:end],
		Flags: c.Flags[from:to:end], StartOverdue: c.StartOverdue[from:to:end],
		FinishOverdue: c.FinishOverdue[from:to:end],
	}
}
