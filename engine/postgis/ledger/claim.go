package ledger

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/engine/schedule"
)

// claim is the right to work on an entry. It implements [schedule.Claim].
type claim struct {
	ledger *Ledger
	entry  schedule.Entry
}

// Entry implements [schedule.Claim].
func (c *claim) Entry() schedule.Entry { return c.entry }

// mine names the entry while it is this claim's: $1 to $5.
const mine = " WHERE schedule = $1 AND job = $2 AND due = $3 AND target = $4 AND token = $5 AND state = 'running'"

// key are the parameters of mine, and others behind them.
func (c *claim) key(more ...any) []any {
	e := &c.entry
	return append([]any{c.ledger.name, storable(e.Job), e.Due, storable(e.Target), e.Token}, more...)
}

// Beat implements [schedule.Claim]; the lease is measured by the server's clock.
func (c *claim) Beat(ctx context.Context, _ time.Time, lease time.Duration) error {
	return c.ledger.change(ctx, "renew", func(tx pgx.Tx) error {
		return held(tx.Exec(ctx, "UPDATE muscope.occurrences SET lease = clock_timestamp() + $6 * interval '1 microsecond'"+mine, c.key(lease.Microseconds())...))
	})
}

// Publish implements [schedule.Claim].
func (c *claim) Publish(ctx context.Context, r schedule.Result) error {
	counts, err := counted(r.Counts)
	if err != nil {
		return err
	}
	return c.ledger.change(ctx, "publish", func(tx pgx.Tx) error {
		return held(tx.Exec(ctx, "UPDATE muscope.occurrences SET run_id = $6, place = $7, inputs = $8, policies = $9, counts = $10"+mine,
			c.key(storable(r.RunID), storable(r.Place), storable(r.Inputs), storable(r.Policies), counts)...))
	})
}

// endSQL ends a try, and resultSQL is what it adds where there is a result. The lease
// goes, the token stays: the same end may come again.
const (
	endSQL    = "UPDATE muscope.occurrences SET state = $6, ended_at = $7, not_before = $8, reason = $9, attempt = attempt - $10, lease = NULL"
	resultSQL = ", run_id = $11, place = $12, inputs = $13, policies = $14, counts = $15, removed = $16"
)

// againSQL counts the entries that this claim has ended in this very way.
const againSQL = `SELECT count(*) FROM muscope.occurrences WHERE schedule = $1 AND job = $2 AND due = $3 AND target = $4 AND token = $5
	AND state = $6 AND reason = $7 AND ($6 <> 'done' OR run_id = $8)`

// End implements [schedule.Claim].
func (c *claim) End(ctx context.Context, o schedule.Outcome) error {
	counts, err := counted(o.Result.Counts)
	if err != nil {
		return err
	}
	uncounted := 0
	if o.Uncounted {
		uncounted = 1
	}
	r, sql := &o.Result, endSQL
	set := []any{string(o.State), instant(o.At), instant(o.NotBefore), storable(o.Reason), uncounted}
	if o.State == schedule.Done {
		sql += resultSQL
		set = append(set, storable(r.RunID), storable(r.Place), storable(r.Inputs), storable(r.Policies), counts, r.Removed)
	}
	return c.ledger.change(ctx, "end", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql+mine, c.key(set...)...)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			again := 0
			err := tx.QueryRow(ctx, againSQL, c.key(string(o.State), storable(o.Reason), storable(r.RunID))...).Scan(&again)
			if err == nil && again == 0 {
				err = schedule.ErrLost
			}
			return err
		}
		_, err = c.ledger.plan(ctx, tx, o.Follow)
		return err
	})
}

// held is ErrLost where no entry was this claim's any more.
func held(tag interface{ RowsAffected() int64 }, err error) error {
	if err == nil && tag.RowsAffected() == 0 {
		return schedule.ErrLost
	}
	return err
}

// counted are counts as JSON; none is null.
func counted(counts map[string]map[string]int64) (any, error) {
	if counts == nil {
		return nil, nil
	}
	text, err := json.Marshal(counts)
	return storable(string(text)), err
}
