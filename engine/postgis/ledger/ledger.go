// Package ledger keeps the schedule's memory in PostgreSQL, in the table
// muscope.occurrences: any number of schedulers on any number of machines may work from
// it. Who may claim is decided one after the other under an advisory lock, leases are
// measured by the server's clock, and every method is one transaction.
//
// It decides nothing about when a job is due or what is tried again.
package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/store"
	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/unit"
)

// claimLock is the advisory lock under which entries are claimed: "schedule" in ASCII.
const claimLock = 0x7363686564756c65

// Ledger is a schedule's memory in a database. It implements [schedule.Ledger].
type Ledger struct {
	address, name string
	pool          *pgxpool.Pool
}

// Open connects to the database at a postgres:// address. Schedules of different names
// share it without knowing of one another. The table is made by the first that plans;
// to list entries a role needs to read it only.
func Open(ctx context.Context, address, name string) (*Ledger, error) {
	pool, err := postgis.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	return &Ledger{address: address, name: storable(name), pool: pool}, nil
}

// Close implements [schedule.Ledger].
func (l *Ledger) Close() error {
	l.pool.Close()
	return nil
}

// change runs one transaction as the role that the schema belongs to.
func (l *Ledger) change(ctx context.Context, doing string, do func(pgx.Tx) error) error {
	err := l.pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		if err := store.Ready(ctx, c.Conn()); err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, c, do)
	})
	return l.wrong(ctx, doing, err)
}

// wrong is an error with what was done, in one line without a password.
func (l *Ledger) wrong(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil, errors.Is(err, schedule.ErrLost):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("ledger of schedule %s: %s: %w", l.name, doing, postgis.Explain(ctx, err, l.address))
}

// Plan implements [schedule.Ledger].
func (l *Ledger) Plan(ctx context.Context, entries []schedule.Entry) (fresh int, err error) {
	err = l.change(ctx, "plan", func(tx pgx.Tx) error {
		fresh, err = l.plan(ctx, tx, entries)
		return err
	})
	if err != nil {
		return 0, err
	}
	return fresh, nil
}

const planSQL = `INSERT INTO muscope.occurrences (schedule, job, due, target, cause, period, as_of, state, not_before, ended_at, reason, inputs)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`

func (l *Ledger) plan(ctx context.Context, tx pgx.Tx, entries []schedule.Entry) (fresh int, err error) {
	batch := &pgx.Batch{}
	for _, e := range entries {
		batch.Queue(planSQL, l.name, storable(e.Job), e.Due, storable(e.Target), string(e.Cause), storable(e.Period), day(e.AsOf), string(e.State),
			instant(e.NotBefore), instant(e.EndedAt), storable(e.Reason), storable(e.Inputs)).Exec(func(t pgconn.CommandTag) error {
			fresh += int(t.RowsAffected())
			return nil
		})
	}
	return fresh, tx.SendBatch(ctx, batch).Close()
}

// claimSQL makes the entry that is due next a worker's: $1 schedule, $2 now, $3 worker,
// $4 token, $5 lease in microseconds.
const claimSQL = `UPDATE muscope.occurrences o
	SET state = 'running', attempt = attempt + 1, worker = $3, token = $4, started_at = $2, ended_at = NULL,
		lease = clock_timestamp() + $5 * interval '1 microsecond'
	FROM (SELECT job, due, target FROM muscope.occurrences o
		WHERE schedule = $1 AND due <= $2 AND (not_before IS NULL OR not_before <= $2)
			AND (state = 'planned' OR state = 'running' AND lease <= clock_timestamp())
			AND NOT EXISTS (SELECT FROM muscope.occurrences older WHERE older.schedule = $1 AND older.job = o.job AND older.target = o.target
				AND older.due < o.due AND older.state IN ('planned', 'running'))
		ORDER BY due, job COLLATE "C", target COLLATE "C" LIMIT 1) next
	WHERE o.schedule = $1 AND o.job = next.job AND o.due = next.due AND o.target = next.target
	RETURNING ` + columns

// Claim implements [schedule.Ledger]; leases are measured by the server's clock.
func (l *Ledger) Claim(ctx context.Context, worker string, now time.Time, lease time.Duration) (schedule.Claim, error) {
	var token [8]byte
	if _, err := rand.Read(token[:]); err != nil {
		return nil, err
	}
	var taken []schedule.Entry
	err := l.change(ctx, "claim", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(claimLock)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, claimSQL, l.name, now, storable(worker), hex.EncodeToString(token[:]), lease.Microseconds())
		if err != nil {
			return err
		}
		taken, err = pgx.CollectRows(rows, entry)
		return err
	})
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	return &claim{l, taken[0]}, nil
}

// Entries implements [schedule.Ledger]; there are none where nothing was ever planned.
func (l *Ledger) Entries(ctx context.Context, q schedule.Query) ([]schedule.Entry, error) {
	last := any(q.Last)
	if q.Last <= 0 {
		last = nil
	}
	const order = ` due %[1]s, job COLLATE "C" %[1]s, target COLLATE "C" %[1]s `
	rows, err := l.pool.Query(ctx, `SELECT `+columns+` FROM (SELECT * FROM muscope.occurrences
		WHERE schedule = $1 AND ($2 = '' OR job = $2) AND (cardinality($3::text[]) = 0 OR state = ANY ($3))
			AND (cardinality($4::text[]) = 0 OR cause = ANY ($4))
		ORDER BY `+fmt.Sprintf(order, "DESC")+` LIMIT $5) o ORDER BY `+fmt.Sprintf(order, "ASC"), l.name, storable(q.Job), texts(q.States), texts(q.Causes), last)
	var all []schedule.Entry
	if err == nil {
		all, err = pgx.CollectRows(rows, entry)
	}
	var said *pgconn.PgError
	if errors.As(err, &said) && (said.Code == "42P01" || said.Code == "3F000") { // no such table, or schema
		return nil, nil
	}
	return all, l.wrong(ctx, "list", err)
}

// Remove implements [schedule.Ledger].
func (l *Ledger) Remove(ctx context.Context, k schedule.Key) error {
	return l.change(ctx, "remove", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE muscope.occurrences SET removed = true WHERE schedule = $1 AND job = $2 AND due = $3 AND target = $4 AND state = 'done'",
			l.name, storable(k.Job), k.Due, storable(k.Target))
		return err
	})
}

// columns are those that entry reads.
const columns = `o.job, o.due, o.target, o.cause, o.period, o.as_of, o.state, o.attempt, o.not_before, o.worker, o.token, o.lease, o.started_at, o.ended_at,
	o.run_id, o.place, o.inputs, o.policies, o.counts::text, o.removed, o.reason`

// entry reads a row.
func entry(row pgx.CollectableRow) (e schedule.Entry, err error) {
	var asOf time.Time
	var notBefore, lease, started, ended *time.Time
	var counts *string
	err = row.Scan(&e.Job, &e.Due, &e.Target, &e.Cause, &e.Period, &asOf, &e.State, &e.Attempt, &notBefore, &e.Worker, &e.Token, &lease, &started, &ended,
		&e.RunID, &e.Place, &e.Inputs, &e.Policies, &counts, &e.Removed, &e.Reason)
	if err != nil {
		return e, err
	}
	e.Due = e.Due.UTC()
	y, m, d := asOf.Date()
	e.AsOf, _ = unit.NewDate(y, int(m), d)
	for _, t := range []struct {
		to   *time.Time
		from *time.Time
	}{{&e.NotBefore, notBefore}, {&e.Lease, lease}, {&e.StartedAt, started}, {&e.EndedAt, ended}} {
		if t.from != nil {
			*t.to = t.from.UTC()
		}
	}
	if counts != nil {
		err = json.Unmarshal([]byte(*counts), &e.Counts)
	}
	return e, err
}

// texts are names of one kind as the driver takes them.
func texts[T ~string](names []T) []string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = string(n)
	}
	return all
}

// day is a date as the driver takes it.
func day(d unit.Date) time.Time {
	y, m, n := d.Civil()
	return time.Date(y, time.Month(m), n, 0, 0, 0, 0, time.UTC)
}

// instant is an instant as the driver takes it; the zero one is null.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// storable is a text as the server takes it: valid UTF-8 without NUL.
func storable(v string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(v, "\x00", "\uFFFD"), "\uFFFD")
}
