// Package notify hands on what an evaluation of the schedule came to: to a webhook, as a
// body signed by Standard Webhooks, or to a command, on its standard input. Every message
// has an id that stays the same when it is sent again, so that who gets it twice can tell.
//
// It decides neither who is told nor what is sent again when: that is the schedule's.
package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Target is who is told: a webhook, which has a URL, or a command.
type Target struct {
	Name    string
	URL     string
	Secret  []byte        // signs what the webhook gets; none: it is not signed
	Command []string      // the program and its arguments; no shell
	Timeout time.Duration // 0: half a minute for a webhook, ten for a command
}

func (t *Target) timeout() time.Duration {
	switch {
	case t.Timeout > 0:
		return t.Timeout
	case len(t.Command) > 0:
		return 10 * time.Minute
	}
	return 30 * time.Second
}

// Message is what a target gets, as JSON.
type Message struct {
	ID   string    `json:"-"`
	Type string    `json:"type"` // evaluation.done or evaluation.failed
	Time time.Time `json:"timestamp"`
	Data Data      `json:"data"`
}

// Data is what a message says.
type Data struct {
	Schedule string                      `json:"schedule"`
	Job      string                      `json:"job"`
	Due      time.Time                   `json:"due"`
	Cause    schedule.Cause              `json:"cause"`
	Period   string                      `json:"period"`
	AsOf     unit.Date                   `json:"as_of"`
	State    schedule.State              `json:"state"`
	Attempt  int                         `json:"attempt"`
	RunID    string                      `json:"run_id,omitempty"`
	Place    string                      `json:"place,omitempty"`
	Counts   map[string]map[string]int64 `json:"counts,omitempty"`
	Reason   string                      `json:"reason,omitempty"`
	Text     Text                        `json:"text"` // for people
	// Changes are those against the run before of the same kind; null: there is none.
	Changes any `json:"changes"`
	// NotCompared is why there are none though there may be such a run.
	NotCompared string `json:"not_compared,omitempty"`
}

// Text is the same in two languages.
type Text struct {
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Notifier hands results on.
type Notifier struct {
	Schedule string // its name
	// Target finds a target of a job by its name in the ledger.
	Target func(job, name string) (Target, error)
	Now    func() time.Time
	// Changes compares a result with the run before of its kind: as data and for people.
	// nil data: there is no such run. What may go away by itself is a [schedule.Passing];
	// with another error the message goes without changes, and says why.
	Changes func(ctx context.Context, of schedule.Entry) (any, Text, error)
	// Word is a word in a language, zh or en.
	Word func(id, language string) string
}

// Deliver tells the target of a delivery what the evaluation came to. What may go away
// by itself is a [schedule.Passing].
func (n *Notifier) Deliver(ctx context.Context, d, of schedule.Entry) error {
	t, err := n.Target(d.Job, d.Target)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, t.timeout())
	defer stop()
	m, err := n.message(ctx, d, of)
	switch {
	case err != nil:
	case len(t.Command) > 0:
		err = t.run(ctx, m)
	default:
		err = t.call(ctx, m)
	}
	if err != nil {
		return fmt.Errorf("target %s: %w", t.Name, err)
	}
	return nil
}

// message says what an evaluation came to.
func (n *Notifier) message(ctx context.Context, d, of schedule.Entry) (*Message, error) {
	m := &Message{Type: "evaluation." + string(of.State), Time: n.Now().UTC().Truncate(time.Second), Data: Data{
		Schedule: n.Schedule, Job: of.Job, Due: of.Due, Cause: of.Cause, Period: of.Period, AsOf: of.AsOf,
		State: of.State, Attempt: of.Attempt, RunID: of.RunID, Place: of.Place, Counts: of.Counts, Reason: of.Reason,
	}}
	var more Text
	if of.State == schedule.Done && n.Changes != nil {
		var err error
		var passing *schedule.Passing
		m.Data.Changes, more, err = n.Changes(ctx, of)
		switch {
		case err == nil:
		case ctx.Err() != nil || errors.As(err, &passing):
			return nil, fmt.Errorf("compare with the run before: %w", err)
		default: // a good result is told of all the same
			m.Data.Changes, more, m.Data.NotCompared = nil, Text{}, err.Error()
		}
	}
	m.Data.Text = Text{n.text("zh", of, more.Zh), n.text("en", of, more.En)}
	name := []string{n.Schedule, d.Job, d.Due.UTC().Format(time.RFC3339), d.Target, string(of.State), of.RunID, of.Reason}
	sum := sha256.Sum256([]byte(strings.Join(name, "\x00")))
	m.ID = "msg_" + hex.EncodeToString(sum[:12])
	return m, nil
}

// text tells people what an evaluation came to.
func (n *Notifier) text(language string, of schedule.Entry, more string) string {
	head := fmt.Sprintf("%s · %s %s · %s %s · %s", n.Schedule, of.Job, of.Period, n.Word("as_of", language), of.AsOf, n.Word("schedule.state."+string(of.State), language))
	for _, part := range []string{of.RunID, of.Place, of.Reason} {
		if part != "" {
			head += " · " + part
		}
	}
	if more != "" {
		head += "\n" + strings.TrimSpace(more)
	}
	return head
}

// body is the message as it is sent.
func (m *Message) body() ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", m.ID, err)
	}
	return text, nil
}
