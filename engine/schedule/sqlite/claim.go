package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// claim is the right to work on an entry.
type claim struct {
	ledger *Ledger
	e      schedule.Entry
}

// Entry implements [schedule.Claim].
func (c *claim) Entry() schedule.Entry { return c.e }

// held is what is asked of the entry's row: that this claim still has it.
const held = " WHERE job = ? AND due = ? AND target = ? AND token = ? AND state = 'running'"

func (c *claim) key() []any { return []any{c.e.Job, nanos(c.e.Due), c.e.Target, c.e.Token} }

// set changes the entry's row while the claim has it.
func (c *claim) set(ctx context.Context, tx *sql.Tx, what string, args ...any) error {
	done, err := tx.ExecContext(ctx, "UPDATE occurrences SET "+what+held, append(args, c.key()...)...)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = schedule.ErrLost
	}
	return err
}

// Beat implements [schedule.Claim].
func (c *claim) Beat(ctx context.Context, now time.Time, lease time.Duration) error {
	return c.ledger.wrong("renew a claim", c.ledger.in(ctx, func(tx *sql.Tx) error {
		return c.set(ctx, tx, "lease = ?", nanos(now.Add(lease)))
	}))
}

// Publish implements [schedule.Claim].
func (c *claim) Publish(ctx context.Context, r schedule.Result) error {
	return c.ledger.wrong("note a result", c.ledger.in(ctx, func(tx *sql.Tx) error { return c.note(ctx, tx, r) }))
}

func (c *claim) note(ctx context.Context, tx *sql.Tx, r schedule.Result) error {
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return err
	}
	return c.set(ctx, tx, "run_id = ?, place = ?, inputs = ?, policies = ?, counts = ?", r.RunID, r.Place, r.Inputs, r.Policies, string(counts))
}

// End implements [schedule.Claim].
func (c *claim) End(ctx context.Context, o schedule.Outcome) error {
	return c.ledger.wrong("end a claim", c.ledger.in(ctx, func(tx *sql.Tx) error {
		if ended, err := c.ended(ctx, tx, o); err != nil || ended {
			return err
		}
		if o.State == schedule.Done {
			if err := c.note(ctx, tx, o.Result); err != nil {
				return err
			}
		}
		back := 0
		if o.Uncounted {
			back = 1
		}
		notBefore := o.NotBefore
		if o.State != schedule.Planned {
			notBefore = time.Time{}
		}
		if err := c.set(ctx, tx, "state = ?, ended_at = ?, not_before = ?, reason = ?, attempt = attempt - ?, lease = NULL",
			o.State, nanos(o.At), nanos(notBefore), o.Reason, back); err != nil {
			return err
		}
		_, err := plan(ctx, tx, o.Follow)
		return err
	}))
}

// ended says whether the claim was ended in just this way before: whoever lost the
// connection, or its answer, asks again.
func (c *claim) ended(ctx context.Context, tx *sql.Tx, o schedule.Outcome) (bool, error) {
	n := 0
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM occurrences WHERE job = ? AND due = ? AND target = ? AND token = ?
		AND state <> 'running' AND state = ? AND ended_at IS ? AND reason = ? AND (state <> 'done' OR run_id = ?)`,
		append(c.key(), o.State, nanos(o.At), o.Reason, o.Result.RunID)...).Scan(&n)
	return n > 0, err
}
