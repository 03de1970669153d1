// Package schedule runs evaluations by a calendar, unattended for years: it plans what
// falls due, remembers in a ledger what became of it, catches up what was missed, and
// publishes exactly one whole result for each occurrence, however many schedulers run
// and whenever one of them dies.
//
// It knows no rule and opens no dataset: an evaluation is a function it is handed, a
// ledger a seam with two rooms behind it, a file and a database. Time comes from a
// clock it is handed, so that a decade passes in a test's second.
package schedule

import (
	"context"
	"errors"
	"time"

	"github.com/muscope-gis/muscope/engine/unit"
)

// Key names what falls due: a job at an instant. Target is empty for the evaluation
// itself, else the name of what hands its result on (a webhook, a command).
type Key struct {
	Job    string    `json:"job"`
	Due    time.Time `json:"due"` // UTC, whole seconds
	Target string    `json:"target,omitempty"`
}

// State is what became of an occurrence.
type State string

// The states of an occurrence. Planned and running ones are open, the others ended.
const (
	Planned State = "planned" // not begun, or to be tried again from NotBefore on
	Running State = "running" // claimed, and its lease has not been found to be over
	Done    State = "done"    // one whole result is published
	Failed  State = "failed"  // no result, and trying again would not help
	Skipped State = "skipped" // never evaluated, on purpose; Reason says why
)

// Cause is why an occurrence is there.
type Cause string

// The causes of an occurrence.
const (
	OnTime   Cause = "schedule" // the job's cron expression
	OnData   Cause = "data"     // the source changed
	ByHand   Cause = "manual"
	Backfill Cause = "backfill"
	First    Cause = "first" // marks where the memory of a job begins; always skipped
)

// Entry is an occurrence and what the ledger remembers of it.
type Entry struct {
	Key
	Cause  Cause     `json:"cause"`
	Period string    `json:"period"` // 2024, 2024Q3 or 2024-09
	AsOf   unit.Date `json:"as_of"`

	State     State     `json:"state"`
	Attempt   int       `json:"attempt"`             // tries begun
	NotBefore time.Time `json:"not_before,omitzero"` // no try before it
	Worker    string    `json:"worker,omitempty"`    // who has it, or had it last
	Token     string    `json:"token,omitempty"`     // of its last claim: names its working folder
	Lease     time.Time `json:"lease,omitzero"`      // until when the claim holds unless it is renewed

	StartedAt time.Time `json:"started_at,omitzero"` // of the last try
	EndedAt   time.Time `json:"ended_at,omitzero"`
	Result
	Reason string `json:"reason,omitempty"` // why it failed, is skipped, must be tried again, or was not evaluated anew
}

// Result is what an evaluation came to.
type Result struct {
	RunID    string                      `json:"run_id,omitempty"`
	Place    string                      `json:"place,omitempty"`    // of the result: a folder under the place of results, or a database
	Inputs   string                      `json:"inputs,omitempty"`   // fingerprint of the source; of cause data known when planned
	Policies string                      `json:"policies,omitempty"` // digest of the policies, the program and what else decides a run's id
	Counts   map[string]map[string]int64 `json:"counts,omitempty"`   // verdicts, as in the manifest
	Removed  bool                        `json:"removed,omitempty"`  // by retention
}

// ErrLost is the error of a claim that another has taken over, or that was ended.
var ErrLost = errors.New("the claim is lost: its lease ended and another took it over")

// Ledger remembers occurrences. Each method is one transaction: it has happened whole
// or not at all, whenever a process dies. All methods may be called from any number of
// goroutines, and of a database's ledger from any number of machines.
type Ledger interface {
	// Plan records the entries whose keys it does not know, as they are (Planned or
	// Skipped), and leaves the others as they are. It says how many were new.
	Plan(ctx context.Context, entries []Entry) (fresh int, err error)

	// Claim takes for a worker the entry that is due next, and makes it Running with one
	// more attempt, a new token and a lease of that length: of those with Due and NotBefore
	// not after now that are Planned, or Running with a lease that is over, the first by
	// Due, Job, Target. An entry waits while an older open one of the same job and target
	// is there (NotBefore and leases included), so that a job is evaluated in order and one
	// at a time. nil: nothing is due.
	//
	// Now decides what is due. A ledger that several machines share measures leases by its
	// own clock.
	Claim(ctx context.Context, worker string, now time.Time, lease time.Duration) (Claim, error)

	// Entries lists what a query asks for, by Due, Job, Target.
	Entries(ctx context.Context, q Query) ([]Entry, error)

	// Remove notes that retention took a Done entry's result away.
	Remove(ctx context.Context, k Key) error

	// Close gives back what the ledger holds. Claims that were not ended run out.
	Close() error
}

// Claim is the right to work on an entry, while its lease is renewed. Every method but
// Entry is [ErrLost] once another has it.
type Claim interface {
	// Entry is the entry as it was claimed: RunID and Place are set where an earlier try
	// was about to publish them.
	Entry() Entry
	// Beat renews the lease.
	Beat(ctx context.Context, now time.Time, lease time.Duration) error
	// Publish records RunID, Place, Inputs, Policies and Counts of a result that is about
	// to appear: who takes over looks there first.
	Publish(ctx context.Context, r Result) error
	// End ends the try: Done, Failed or Skipped, or Planned again with NotBefore. In the
	// same transaction it plans what follows. To end it again in the same way is fine: who
	// lost the connection cannot know whether it was heard.
	End(ctx context.Context, o Outcome) error
}

// Outcome is how a try ended.
type Outcome struct {
	State     State
	At        time.Time
	NotBefore time.Time // of the next try, where State is Planned
	Uncounted bool      // the try was cut short from outside: Attempt goes back by one
	Reason    string
	Result    Result  // of Done; otherwise what Plan and Publish recorded stays as it is
	Follow    []Entry // planned with it, where they are not there yet
}

// Query says which entries are wanted; its zero value: all evaluations and deliveries.
type Query struct {
	Job    string  // empty: of every job
	States []State // none: any
	Causes []Cause // none: any
	Last   int     // at most so many, the latest by Due, Job, Target; still listed in that order; 0: all
}
