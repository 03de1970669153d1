package policy

// KindIdleLand is the kind of rules that find idle land 闲置土地 and say what follows.
const KindIdleLand Kind = "idle_land"

// IdleLand is the parameters of KindIdleLand. Years are full years: they have passed
// on the day after the same date that many years on.
type IdleLand struct {
	YearsToIdle     int // past the start deadline, or since the stop, until land is idle
	YearsToTakeBack int // past the start deadline until it may be taken back without pay
	// Started and stopped land is idle below either share, strictly: of the area to
	// develop, of the total investment without land price and taxes.
	DevelopedBelow, InvestedBelow Fraction
	FeeShare                      Fraction // of the land price, once
	// Where no start was agreed, years from delivery, or without one from the contract,
	// to the start deadline.
	DeadlineAfterDelivery, DeadlineAfterContract int
	AtRiskDays                                   int // how far ahead to warn

	Clauses IdleClauses
}

// IdleClauses name the clause behind each step of an idle-land verdict, with the
// document it stands in.
type IdleClauses struct {
	NotStarted, Stalled string // what is idle
	Deadline            string // where no start was agreed
	Supplement          string // a new date replaces the old one
	Started             string // what counts as started and invested
	Cause               string // government causes and force majeure
	Preparatory         string // necessary early works
	Fee, TakeBack       string
	Negotiate           string // land not idle by the enterprise's fault
	NegotiateStalled    string // every stalled parcel
}

var idleLandKind = kindSpec{
	name:   KindIdleLand,
	single: true,
	own: func(r *Rule) {
		own := IdleLand{}
		if r.IdleLand != nil {
			own = *r.IdleLand
		}
		r.IdleLand = &own
	},
	parameters: []parameter{
		wholeFigure("years_to_idle", 1, 10, lessIsStricter, func(r *Rule) *int { return &r.IdleLand.YearsToIdle }),
		wholeFigure("years_to_take_back", 1, 20, lessIsStricter, func(r *Rule) *int { return &r.IdleLand.YearsToTakeBack }),
		shareFigure("developed_below", func(r *Rule) *Fraction { return &r.IdleLand.DevelopedBelow }),
		shareFigure("invested_below", func(r *Rule) *Fraction { return &r.IdleLand.InvestedBelow }),
		shareFigure("fee_share", func(r *Rule) *Fraction { return &r.IdleLand.FeeShare }),
		wholeFigure("deadline_after_delivery", 0, 10, lessIsStricter, func(r *Rule) *int { return &r.IdleLand.DeadlineAfterDelivery }),
		wholeFigure("deadline_after_contract", 0, 10, lessIsStricter, func(r *Rule) *int { return &r.IdleLand.DeadlineAfterContract }),
		wholeFigure("at_risk_days", 0, 3660, moreIsStricter, func(r *Rule) *int { return &r.IdleLand.AtRiskDays }),
		clauseFigure("clause_not_started", func(r *Rule) *string { return &r.IdleLand.Clauses.NotStarted }),
		clauseFigure("clause_stalled", func(r *Rule) *string { return &r.IdleLand.Clauses.Stalled }),
		clauseFigure("clause_deadline", func(r *Rule) *string { return &r.IdleLand.Clauses.Deadline }),
		clauseFigure("clause_supplement", func(r *Rule) *string { return &r.IdleLand.Clauses.Supplement }),
		clauseFigure("clause_started", func(r *Rule) *string { return &r.IdleLand.Clauses.Started }),
		clauseFigure("clause_cause", func(r *Rule) *string { return &r.IdleLand.Clauses.Cause }),
		clauseFigure("clause_preparatory", func(r *Rule) *string { return &r.IdleLand.Clauses.Preparatory }),
		clauseFigure("clause_fee", func(r *Rule) *string { return &r.IdleLand.Clauses.Fee }),
		clauseFigure("clause_take_back", func(r *Rule) *string { return &r.IdleLand.Clauses.TakeBack }),
		clauseFigure("clause_negotiate", func(r *Rule) *string { return &r.IdleLand.Clauses.Negotiate }),
		clauseFigure("clause_negotiate_stalled", func(r *Rule) *string { return &r.IdleLand.Clauses.NegotiateStalled }),
	},
	check: func(r *Rule) (string, string) {
		if r.IdleLand.YearsToTakeBack < r.IdleLand.YearsToIdle {
			return "years_to_take_back", "land cannot be taken back before it is idle: years_to_take_back is below years_to_idle"
		}
		return "", ""
	},
}
