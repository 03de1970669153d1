// Package sqlite is the schedule's ledger in a file: for the schedulers of one machine,
// of which one runs at a time, and for whoever looks at it meanwhile. A file on a network
// drive is no place for it: several machines share a ledger in PostgreSQL.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/unit"
)

// Ledger is a ledger in a file.
type Ledger struct {
	db   *sql.DB
	path string
}

// Open opens the ledger at a path and makes it where there is none.
func Open(ctx context.Context, path string) (*Ledger, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	return open(ctx, path, "rwc")
}

// OpenToRead opens a ledger that is there, to look at it. Its error is one of package fs
// where there is none.
func OpenToRead(ctx context.Context, path string) (*Ledger, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // what died in the midst of writing is put right by whoever may
	mode := "rw"
	if errors.Is(err, os.ErrPermission) {
		f, err = os.Open(path)
		mode = "ro"
	}
	if err != nil {
		return nil, fmt.Errorf("open ledger %w", err)
	}
	return open(ctx, path, mode, f.Close())
}

func open(ctx context.Context, path, mode string, errs ...error) (*Ledger, error) {
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	file := filepath.ToSlash(abs)
	if !strings.HasPrefix(file, "/") { // a drive's letter
		file = "/" + file
	}
	options := url.Values{"mode": {mode}, "_txlock": {"immediate"}, "_pragma": {"busy_timeout(20000)", "synchronous(EXTRA)"}}
	if mode == "ro" {
		options.Set("_txlock", "deferred")
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: file, RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	l := &Ledger{db, path}
	if err := l.migrate(ctx, mode == "rwc"); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	return l, nil
}

// migrations bring a ledger from each version to the next: user_version counts them.
var migrations = []string{
	`CREATE TABLE occurrences (
		job TEXT NOT NULL, due INTEGER NOT NULL, target TEXT NOT NULL,
		cause TEXT NOT NULL, period TEXT NOT NULL, as_of TEXT NOT NULL,
		state TEXT NOT NULL, attempt INTEGER NOT NULL, not_before INTEGER, worker TEXT NOT NULL, token TEXT NOT NULL, lease INTEGER,
		started_at INTEGER, ended_at INTEGER,
		run_id TEXT NOT NULL, place TEXT NOT NULL, inputs TEXT NOT NULL, policies TEXT NOT NULL, counts TEXT NOT NULL, removed INTEGER NOT NULL,
		reason TEXT NOT NULL,
		PRIMARY KEY (job, due, target)
	) WITHOUT ROWID;
	CREATE INDEX open_occurrences ON occurrences (due, job, target) WHERE state IN ('planned', 'running');
	CREATE VIEW readable AS SELECT job, datetime(due / 1000000000, 'unixepoch') AS due_utc, target, cause, period, as_of, state, attempt, run_id, place, reason FROM occurrences;`,
}

func (l *Ledger) migrate(ctx context.Context, write bool) error {
	return l.in(ctx, func(tx *sql.Tx) error {
		version := 0
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		switch {
		case version > len(migrations):
			return fmt.Errorf("it is of version %d, made by a later muscope; this one knows %d", version, len(migrations))
		case version == len(migrations):
			return nil
		case !write:
			return fmt.Errorf("it is of version %d, this muscope's is %d; the scheduler brings it there when it is started", version, len(migrations))
		}
		for _, statements := range migrations[version:] {
			if _, err := tx.ExecContext(ctx, statements); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
		return err
	})
}

// in does something in one transaction.
func (l *Ledger) in(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// wrong names the file in an error.
func (l *Ledger) wrong(doing string, err error) error {
	if err == nil || errors.Is(err, schedule.ErrLost) {
		return err
	}
	return fmt.Errorf("%s in ledger %s: %w", doing, l.path, err)
}

const columns = `job, due, target, cause, period, as_of, state, attempt, not_before, worker, token, lease, started_at, ended_at,
	run_id, place, inputs, policies, counts, removed, reason`

// Plan implements [schedule.Ledger].
func (l *Ledger) Plan(ctx context.Context, entries []schedule.Entry) (fresh int, err error) {
	err = l.in(ctx, func(tx *sql.Tx) error {
		fresh, err = plan(ctx, tx, entries)
		return err
	})
	return fresh, l.wrong("plan", err)
}

func plan(ctx context.Context, tx *sql.Tx, entries []schedule.Entry) (fresh int, err error) {
	for i := range entries {
		e := &entries[i]
		counts, err := json.Marshal(e.Counts)
		if err != nil {
			return 0, err
		}
		done, err := tx.ExecContext(ctx, "INSERT INTO occurrences ("+columns+") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
			e.Job, nanos(e.Due), e.Target, e.Cause, e.Period, e.AsOf.String(), e.State, e.Attempt, nanos(e.NotBefore), e.Worker, e.Token, nanos(e.Lease),
			nanos(e.StartedAt), nanos(e.EndedAt), e.RunID, e.Place, e.Inputs, e.Policies, string(counts), e.Removed, e.Reason)
		if err != nil {
			return 0, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return 0, err
		}
		fresh += int(n)
	}
	return fresh, nil
}

// nanos is a time as the file has it; nil: none.
func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}

func timeOf(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}

// Entries implements [schedule.Ledger].
func (l *Ledger) Entries(ctx context.Context, q schedule.Query) ([]schedule.Entry, error) {
	where, args := []string{"true"}, []any{}
	if q.Job != "" {
		where, args = append(where, "job = ?"), append(args, q.Job)
	}
	where, args = among(where, args, "state", q.States)
	where, args = among(where, args, "cause", q.Causes)
	text := "SELECT " + columns + " FROM occurrences WHERE " + strings.Join(where, " AND ")
	if q.Last > 0 {
		text = "SELECT * FROM (" + text + " ORDER BY due DESC, job DESC, target DESC LIMIT ?)"
		args = append(args, q.Last)
	}
	rows, err := l.db.QueryContext(ctx, text+" ORDER BY due, job, target", args...)
	if err != nil {
		return nil, l.wrong("list", err)
	}
	defer rows.Close()
	var entries []schedule.Entry
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, l.wrong("list", err)
		}
		entries = append(entries, *e)
	}
	return entries, l.wrong("list", rows.Err())
}

// among asks for one of several values; none: any.
func among[T ~string](where []string, args []any, column string, values []T) ([]string, []any) {
	if len(values) == 0 {
		return where, args
	}
	for _, v := range values {
		args = append(args, string(v))
	}
	return append(where, column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")"), args
}

func scan(row interface{ Scan(...any) error }) (*schedule.Entry, error) {
	e := &schedule.Entry{}
	var due, notBefore, lease, started, ended sql.NullInt64
	var asOf, counts string
	err := row.Scan(&e.Job, &due, &e.Target, &e.Cause, &e.Period, &asOf, &e.State, &e.Attempt, &notBefore, &e.Worker, &e.Token, &lease, &started, &ended,
		&e.RunID, &e.Place, &e.Inputs, &e.Policies, &counts, &e.Removed, &e.Reason)
	if err != nil {
		return nil, err
	}
	e.Due, e.NotBefore, e.Lease, e.StartedAt, e.EndedAt = timeOf(due), timeOf(notBefore), timeOf(lease), timeOf(started), timeOf(ended)
	day, ok := unit.ParseDate(asOf)
	if !ok {
		return nil, fmt.Errorf("as_of %q of job %s is no date", asOf, e.Job)
	}
	e.AsOf = day
	return e, json.Unmarshal([]byte(counts), &e.Counts)
}

// Claim implements [schedule.Ledger].
func (l *Ledger) Claim(ctx context.Context, worker string, now time.Time, lease time.Duration) (schedule.Claim, error) {
	var c *claim
	err := l.in(ctx, func(tx *sql.Tx) error {
		e, err := scan(tx.QueryRowContext(ctx, "SELECT "+columns+` FROM occurrences o INDEXED BY open_occurrences
			WHERE state IN ('planned', 'running') AND due <= ?1 AND coalesce(not_before, due) <= ?1 AND (state = 'planned' OR state = 'running' AND coalesce(lease, 0) <= ?1)
				AND NOT EXISTS (SELECT 1 FROM occurrences p INDEXED BY open_occurrences WHERE p.job = o.job AND p.target = o.target AND p.due < o.due AND p.state IN ('planned', 'running'))
			ORDER BY due, job, target LIMIT 1`, now.UnixNano()))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		e.State, e.Worker, e.Token, e.Lease, e.StartedAt = schedule.Running, worker, strings.ToLower(rand.Text()), now.Add(lease).UTC(), now.UTC()
		e.Attempt, e.NotBefore, e.EndedAt, e.Reason = e.Attempt+1, time.Time{}, time.Time{}, ""
		_, err = tx.ExecContext(ctx, `UPDATE occurrences SET state = 'running', attempt = ?, not_before = NULL, ended_at = NULL, reason = '', worker = ?, token = ?, lease = ?, started_at = ?
			WHERE job = ? AND due = ? AND target = ?`, e.Attempt, worker, e.Token, nanos(e.Lease), nanos(e.StartedAt), e.Job, nanos(e.Due), e.Target)
		c = &claim{l, *e}
		return err
	})
	if err != nil || c == nil {
		return nil, l.wrong("claim", err)
	}
	return c, nil
}

// Abandon ends all leases: whoever has the folder for itself knows that nobody works on
// what was claimed.
func (l *Ledger) Abandon(ctx context.Context) error {
	_, err := l.db.ExecContext(ctx, "UPDATE occurrences SET lease = 0 WHERE state = 'running'")
	return l.wrong("abandon claims", err)
}

// Remove implements [schedule.Ledger].
func (l *Ledger) Remove(ctx context.Context, k schedule.Key) error {
	_, err := l.db.ExecContext(ctx, "UPDATE occurrences SET removed = 1 WHERE job = ? AND due = ? AND target = ? AND state = 'done'", k.Job, nanos(k.Due), k.Target)
	return l.wrong("remove", err)
}

// Close implements [schedule.Ledger].
func (l *Ledger) Close() error { return l.db.Close() }
