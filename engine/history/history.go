// Package history finds the runs that were made over the years, orders them, and says
// what changed from one to the next: newly idle land, land about to become idle, moved
// grades, bottom lines and rules newly failed, reports late or missing, rows rejected.
//
// It finds no verdicts and changes no run: every figure is read from what the runs
// wrote. What a run did not write is said to be not compared, and is never zero. Where
// runs stand, in folders or in a database, is behind [Tables]; this package knows
// folders only.
package history

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/muscope-gis/muscope/engine/write"
)

// Tables are what a run wrote, wherever it is.
type Tables interface {
	// Rows gives the named cells of every row of a table, as text, empty for null, until
	// take fails. Not empty, missing says why there is none: [NotWritten] or
	// [NotEvaluated].
	Rows(ctx context.Context, table string, columns []string, take func(cells []string) error) (missing string, err error)
	// Parcels says which codes are those of parcels of the run; nil where it kept no
	// list of them.
	Parcels(ctx context.Context, codes []string) (map[string]bool, error)
}

// Why a run lacks a table.
const (
	NotWritten   = "not_written"   // --formats left it out
	NotEvaluated = "not_evaluated" // no table of data, or no policy, asked for it
)

// Run is a run that was found. The keys of its JSON are the same in every language.
type Run struct {
	RunID  string `json:"run_id"`
	Period string `json:"period"` // 2024, 2024Q3 or 2024-09
	Year   int    `json:"year"`
	AsOf   string `json:"as_of"`
	// Policies are ids, in the order of the run; Grading is the scheme that graded.
	Policies []string `json:"policies"`
	Grading  string   `json:"grading,omitempty"`
	Data     string   `json:"data"`
	// Place is the folder, with slashes, below the one that was searched, or empty.
	Place     string    `json:"place"`
	WrittenAt time.Time `json:"written_at"`
	// Verdicts are counts as the manifest has them; Rejected and Unmatched are rows.
	Verdicts     map[string]map[string]int64 `json:"verdicts"`
	Rejected     int64                       `json:"rejected"`
	Unmatched    int64                       `json:"unmatched"`
	NotEvaluated int                         `json:"not_evaluated"` // rules
	// Problem says why the run cannot be read; then only Place is sure.
	Problem string `json:"problem,omitempty"`

	series   string // runs of other series are not one another's past
	manifest *write.Manifest
	tables   Tables
}

// Of makes a run of its manifest and its tables.
func Of(m *write.Manifest, place string, written time.Time, tables Tables) Run {
	r := Run{
		RunID: m.RunID, Period: m.Period, Year: m.Year, AsOf: m.AsOf, Policies: []string{}, Grading: m.Grading, Data: m.Data,
		Place: place, WrittenAt: written.UTC(), Verdicts: m.Verdicts, NotEvaluated: len(m.NotEvaluated), manifest: m, tables: tables,
	}
	for _, p := range m.Policies {
		r.Policies = append(r.Policies, p.ID)
	}
	for _, c := range m.Counts {
		r.Rejected += c.Rejected
	}
	for _, u := range m.Unmatched {
		r.Unmatched += u.Rows
	}
	if r.Verdicts == nil {
		r.Verdicts = map[string]map[string]int64{}
	}
	return r
}

// Idle is how many parcels were idle; those about to become so are not among them.
func (r *Run) Idle() int64 {
	return r.Verdicts["idle_land"]["not_started"] + r.Verdicts["idle_land"]["stalled"]
}

// rules are the policies' ids whatever their order.
func (r *Run) rules() string {
	ids := slices.Clone(r.Policies)
	slices.Sort(ids)
	return strings.Join(ids, ",")
}

// kind of a period.
type kind byte

const (
	noKind kind = iota
	month
	quarter
	year
)

// kindOf is the kind of a period: 2024, 2024Q3 or 2024-09.
func kindOf(period string) kind {
	digits := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	switch {
	case len(period) < 4 || !digits(period[:4]):
		return noKind
	case len(period) == 4:
		return year
	case len(period) == 6 && (period[4] == 'Q' || period[4] == 'q') && period[5] >= '1' && period[5] <= '4':
		return quarter
	case len(period) == 7 && period[4] == '-' && digits(period[5:]):
		return month
	}
	return noKind
}

// since orders periods of one kind.
func since(period string) string { return strings.ToUpper(period) }

// Sort puts runs in order: the newest first, by day, then by period and by when they
// were written; what cannot be read comes last.
func Sort(runs []Run) {
	slices.SortStableFunc(runs, func(a, b Run) int {
		if (a.Problem == "") != (b.Problem == "") {
			return cmp.Compare(min(1, len(a.Problem)), min(1, len(b.Problem)))
		}
		return cmp.Or(later(&b, &a), cmp.Compare(a.Place, b.Place), cmp.Compare(a.RunID, b.RunID))
	})
}

// later compares runs by their day, then by their period and when they were written.
func later(a, b *Run) int {
	return cmp.Or(cmp.Compare(a.AsOf, b.AsOf), cmp.Compare(since(a.Period), since(b.Period)), a.WrittenAt.Compare(b.WrittenAt))
}

// How two runs that are compared stand to one another.
const (
	EarlierPeriod = "earlier_period"
	SamePeriod    = "same_period" // a re-evaluation
)

// Last finds the run that another is to be compared with, the last of its kind: under
// the same policies and the same scheme, of the same kind of period, as of no later
// day. It is that of the latest earlier period, else one of the same period that was
// made before. Runs of another folder are another job's, unless the folders are named
// for the periods; ok is false where there is none.
func Last(runs []Run, of *Run) (before *Run, as string, ok bool) {
	for i := range runs {
		if r := &runs[i]; alike(r, of) && (before == nil || nearer(r, before, of)) {
			before = r
		}
	}
	if before == nil {
		return nil, "", false
	}
	return before, how(before, of), true
}

// how an earlier run stands to a later one.
func how(before, of *Run) string {
	switch a, b := since(before.Period), since(of.Period); {
	case a == b:
		return SamePeriod
	case a < b && kindOf(a) == kindOf(b):
		return EarlierPeriod
	}
	return ""
}

// nearer says whether a is more of a run's past than b is.
func nearer(a, b, of *Run) bool {
	if x, y := how(a, of), how(b, of); x != y {
		return x == EarlierPeriod
	}
	return cmp.Or(cmp.Compare(since(a.Period), since(b.Period)), later(a, b), cmp.Compare(b.Place, a.Place)) > 0
}

// alike says whether r may be what another run is compared with.
func alike(r, of *Run) bool {
	k := kindOf(of.Period)
	return r.Problem == "" && of.Problem == "" && k != noKind && k == kindOf(r.Period) && r.series == of.series &&
		r.rules() == of.rules() && r.Grading == of.Grading && r.RunID != of.RunID && r.AsOf <= of.AsOf &&
		(since(r.Period) < since(of.Period) || since(r.Period) == since(of.Period) && later(r, of) < 0)
}
