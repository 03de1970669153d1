package grade

import (
	"cmp"
	"math"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Enterprises is who is graded: one entry per enterprise in every column, in the
// order of their codes.
type Enterprises struct {
	Code       []string
	Industry   []string // GB/T 4754; empty: unknown
	Zone       []string // zone_code of the register; empty: unknown
	County     []string // of that zone
	Tags       []string // ; between
	AboveScale []Answer
	Utility    []bool
	Relocation []bool
	Registered []unit.Date // NoDate: unknown
	Production []unit.Date
	// Supplied is the day from which an enterprise may be under construction: the
	// earliest supply of its parcels when none is finished on 31 December of the
	// year and all have such a day; else NoDate.
	Supplied []unit.Date
	Land     []unit.Area // net land in use on 31 December
	Own      []unit.Area // owned and occupied
	LeasedIn []unit.Area
	Uses     []Use // by enterprise, then parcel
	// Adjustments of the evaluated year, by enterprise, then as [Adjustment.Compare]
	// has it.
	Adjustments []Adjustment
}

// Use is an enterprise's net land on a parcel.
type Use struct {
	Enterprise, Parcel int32
	Net                unit.Area
	Own                unit.Area // owned and occupied
	LeasedIn           unit.Area
}

// Answer is yes, no or unknown.
type Answer int8

// The answers.
const (
	Unknown Answer = iota
	No
	Yes
)

// NoDate is a date that is not known.
const NoDate unit.Date = math.MinInt32

// Adjustment is a row of the table adjustments that is for the evaluated year.
type Adjustment struct {
	Enterprise    int32
	Kind          AdjustmentKind
	Points        float64 // bonus, penalty: ≥ 0
	Grade         Grade   // the others
	Reason, Actor string
	Decided       unit.Date
}

// AdjustmentKind is what an adjustment does.
type AdjustmentKind uint8

// The kinds in the order in which they are applied.
const (
	BonusPoints   AdjustmentKind = iota // 加分
	PenaltyPoints                       // 减分
	Veto                                // best grade allowed
	FloorGrade                          // worst grade allowed, never lifting above a veto
	Fix                                 // replaces both
	Manual                              // last and final
)

// String is the kind as the table adjustments has it.
func (k AdjustmentKind) String() string {
	return [...]string{"bonus", "penalty", "veto", "floor", "fix", "manual"}[k]
}

// Compare is the canonical order of adjustments: by enterprise, kind, day, points or
// grade, reason, actor.
func (a Adjustment) Compare(b Adjustment) int {
	return cmp.Or(cmp.Compare(a.Enterprise, b.Enterprise), a.compareWithin(b))
}

// compareWithin is the order of the adjustments of one enterprise or unit: the one
// that binds comes after those that it replaces.
func (a Adjustment) compareWithin(b Adjustment) int {
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Decided, b.Decided), cmp.Compare(a.Grade, b.Grade),
		cmp.Compare(a.Points, b.Points), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Actor, b.Actor))
}

// Grade is A to D, T for the exempt, or none.
type Grade uint8

// The grades, the better the smaller.
const (
	NoGrade Grade = iota
	A
	B
	C
	D
	T
)

// String is the letter; empty for none.
func (g Grade) String() string { return [...]string{"", "A", "B", "C", "D", "T"}[g] }

// Figure is one indicator of all enterprises: its value and what it is the ratio of,
// this year and the year before. Value = Numerator × Mul ÷ (Denominator × Div), and
// the ratio of a group's sums likewise; NaN is missing.
type Figure struct {
	Indicator  string
	Of, Per    string // names of numerator and denominator, for reasons; empty: not said
	This, Last Ratio
	Mul, Div   float64
}

// Ratio is the columns of a figure for one year, an entry per enterprise. Last year's
// value is missing where last year's land was not positive.
type Ratio struct{ Value, Numerator, Denominator []float64 }
