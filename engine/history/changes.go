package history

import "slices"

// Changes is what changed from one run to another. A part that is nil was not compared:
// NotCompared says why. Lists are sorted. The keys of its JSON are stable.
type Changes struct {
	Before Side `json:"before"`
	After  Side `json:"after"`
	// As is how the runs stand to one another: [EarlierPeriod], [SamePeriod], or empty.
	As string `json:"compared_as"`
	// PoliciesChanged are policies whose text is another: then verdicts may differ
	// though the land is as it was.
	PoliciesChanged []string     `json:"policies_changed"`
	Idle            *Idle        `json:"idle"`
	AtRisk          *AtRisk      `json:"at_risk"` // about to become idle
	Underused       *Parcels     `json:"underused"`
	Grades          *Grades      `json:"grades"`
	BottomLines     *BottomLines `json:"bottom_lines"`
	Rules           *Rules       `json:"rules"`
	Reports         *Reports     `json:"reports"`
	// NotEvaluated compares the rules that were not, each with what it wants, as
	// "lianyungang-2022/LYG-13-projects (zones.role lianyun)".
	NotEvaluated Items `json:"not_evaluated"`
	// Rows are the tables of which another number of rows was read or rejected.
	Rows []Rows `json:"rows"`
	// Unmatched are the reasons for which another number of rows has no partner.
	Unmatched   []Unmatched   `json:"unmatched"`
	NotCompared []NotCompared `json:"not_compared"`
}

// Side is one of two runs.
type Side struct {
	RunID  string `json:"run_id"`
	Period string `json:"period"`
	Year   int    `json:"year"`
	AsOf   string `json:"as_of"`
	Place  string `json:"place"`
}

// List is so many items, and all of them or the first.
type List[T any] struct {
	Count int `json:"count"`
	Items []T `json:"items"`
}

func listOf[T any](items []T) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{len(items), items}
}

func (l *List[T]) cap(most int) { l.Items = slices.Clone(l.Items[:min(most, len(l.Items))]) }

// Parcels compares two lists of parcels.
type Parcels struct {
	Before   int          `json:"before"`
	After    int          `json:"after"`
	Mu       *Mu          `json:"mu"`       // nil: of at_risk
	Newly    List[string] `json:"newly"`    // on the list now, not before
	Resolved List[string] `json:"resolved"` // on the list before, not now, and still a parcel
	// Joined are those of Newly that were no parcels of the run before; Gone were on the
	// list and are no parcels any more. Nil where a run kept no list of its parcels:
	// then Gone ones are among the resolved.
	Joined *List[string] `json:"joined"`
	Gone   *List[string] `json:"gone"`
}

// Mu is the land of lists of parcels, in mu.
type Mu struct {
	Before   float64 `json:"before"`
	After    float64 `json:"after"`
	Newly    float64 `json:"newly"`
	Resolved float64 `json:"resolved"`
}

// Idle compares idle land.
type Idle struct {
	Parcels
	TakeBack List[string] `json:"newly_take_back"` // to be taken back now, and not before
}

// AtRisk compares land about to become idle.
type AtRisk struct {
	Parcels
	BecameIdle *List[string] `json:"became_idle"` // those of the resolved that are idle now
}

// Grades compares the grades of enterprises: A to D, T, none for those listed without
// one, and absent for those that a run does not list.
type Grades struct {
	Before map[string]int `json:"before"`
	After  map[string]int `json:"after"`
	Better int            `json:"better"` // among A to D
	Worse  int            `json:"worse"`
	Matrix []Cell         `json:"matrix"` // who stayed, too
	Moved  []Move         `json:"moved"`  // of those that both runs list
	// Entered and Left are those that one run lists.
	Entered List[string] `json:"entered"`
	Left    List[string] `json:"left"`
}

// Cell is a cell of the migration matrix; Mu is land in the run after, of those that
// left in the run before.
type Cell struct {
	From        string  `json:"from"`
	To          string  `json:"to"`
	Enterprises int     `json:"enterprises"`
	Mu          float64 `json:"mu"`
}

// Move is the enterprises that went from one grade to another.
type Move struct {
	From string `json:"from"`
	To   string `json:"to"`
	List[string]
}

// BottomLines compares the bottom lines of zones: ok, notice or accountability.
type BottomLines struct {
	Before   int            `json:"before"` // zones that had a notice or worse
	After    int            `json:"after"`
	Newly    List[LineMove] `json:"newly"` // worse than before, and a notice at least
	Resolved List[LineMove] `json:"resolved"`
}

// LineMove is a zone whose bottom line changed.
type LineMove struct {
	Zone string `json:"zone"`
	From string `json:"from"` // empty: none
	To   string `json:"to"`
}

// Rules compares the scorecards: rules on zones (Z), the city (C) and projects (J), and
// on the parcels (P) and enterprises (E) of each zone.
type Rules struct {
	Before       int            `json:"before"` // rows that fail
	After        int            `json:"after"`
	NewlyFailing List[RuleMove] `json:"newly_failing"`
	NewlyPassing List[RuleMove] `json:"newly_passing"`
	NewlyNot     List[RuleMove] `json:"newly_not_evaluated"`
	Zones        []ZoneRules    `json:"zones"` // those with any
	// FailingFirst and PassingFirst are those of them that had no verdict before.
	FailingFirst int `json:"newly_failing_without_verdict_before"`
	PassingFirst int `json:"newly_passing_without_verdict_before"`
}

// RuleMove is a rule whose verdict on something changed.
type RuleMove struct {
	Rule  string `json:"rule"`
	Scope string `json:"scope"`
	Code  string `json:"code"` // of the zone, CITY, or of the project
	From  string `json:"from"` // pass, fail, reported, not_evaluated; absent
	To    string `json:"to"`
}

// ZoneRules counts the rules of a zone that newly fail or pass.
type ZoneRules struct {
	Zone    string `json:"zone"`
	Failing int    `json:"newly_failing"`
	Passing int    `json:"newly_passing"`
	Not     int    `json:"newly_not_evaluated"`
}

// Reports compares the monthly reports of zones that rules of cadence want: each a
// zone, month and figure, as "G1 2024-07 tax".
type Reports struct {
	Late    Items `json:"late"`
	Missing Items `json:"missing"`
}

// Items compares two lists.
type Items struct {
	Before   int          `json:"before"`
	After    int          `json:"after"`
	Newly    List[string] `json:"newly"`
	Resolved List[string] `json:"resolved"`
}

// Rows is what was read of a table; nil where the run had no such table.
type Rows struct {
	Table  string `json:"table"`
	Before *Count `json:"before"`
	After  *Count `json:"after"`
}

// Count counts rows.
type Count struct {
	Read     int64 `json:"read"`
	Rejected int64 `json:"rejected"`
}

// Unmatched is rows without a partner, for a reason.
type Unmatched struct {
	Reason string `json:"reason"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
}

// NotCompared is a part that was not compared, for want of what in which run.
type NotCompared struct {
	Part   string `json:"part"`   // idle, at_risk, underused, grades, bottom_lines, rules, reports, parcels
	Reason string `json:"reason"` // not_written, not_evaluated, other_scheme
	RunID  string `json:"run_id"` // empty: both
}

// otherScheme is why grades of two schemes are not compared.
const otherScheme = "other_scheme"

// Capped is the changes with lists of at most so many items; the counts are of all.
func (c *Changes) Capped(most int) *Changes {
	out := *c
	if c.Idle != nil {
		v := *c.Idle
		v.Parcels = v.capped(most)
		v.TakeBack.cap(most)
		out.Idle = &v
	}
	if c.AtRisk != nil {
		v := *c.AtRisk
		v.Parcels, v.BecameIdle = v.capped(most), cappedAt(v.BecameIdle, most)
		out.AtRisk = &v
	}
	if c.Underused != nil {
		v := c.Underused.capped(most)
		out.Underused = &v
	}
	if c.Grades != nil {
		v := *c.Grades
		v.Moved = slices.Clone(v.Moved)
		for i := range v.Moved {
			v.Moved[i].cap(most)
		}
		v.Entered.cap(most)
		v.Left.cap(most)
		out.Grades = &v
	}
	if c.BottomLines != nil {
		v := *c.BottomLines
		v.Newly.cap(most)
		v.Resolved.cap(most)
		out.BottomLines = &v
	}
	if c.Rules != nil {
		v := *c.Rules
		v.NewlyFailing.cap(most)
		v.NewlyPassing.cap(most)
		v.NewlyNot.cap(most)
		out.Rules = &v
	}
	if c.Reports != nil {
		out.Reports = &Reports{c.Reports.Late.capped(most), c.Reports.Missing.capped(most)}
	}
	out.NotEvaluated = c.NotEvaluated.capped(most)
	return &out
}

func (p Parcels) capped(most int) Parcels {
	p.Newly.cap(most)
	p.Resolved.cap(most)
	p.Joined, p.Gone = cappedAt(p.Joined, most), cappedAt(p.Gone, most)
	return p
}

func (i Items) capped(most int) Items {
	i.Newly.cap(most)
	i.Resolved.cap(most)
	return i
}

func cappedAt(l *List[string], most int) *List[string] {
	if l == nil {
		return nil
	}
	out := *l
	out.cap(most)
	return &out
}
