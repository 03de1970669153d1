package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/muscope-gis/muscope/engine/postgis"
)

// Run is a run in a database.
type Run struct {
	RunID      string    `json:"run_id"`
	AsOf       string    `json:"as_of"`
	Year       int       `json:"year"`
	Period     string    `json:"period"`
	Policies   []string  `json:"policies"`
	Data       string    `json:"data"`
	Program    string    `json:"program"`
	StartedAt  time.Time `json:"started_at"`
	FinishedAt time.Time `json:"finished_at"`
	WrittenBy  string    `json:"written_by"`
	Parcels    int64     `json:"parcels"` // used
	Bytes      int64     `json:"bytes"`   // of its tables and indexes on the server
}

// Runs lists the runs in a database, the newest first; none where no run was ever
// written. It needs to read muscope.runs only.
func Runs(ctx context.Context, address string) ([]Run, error) {
	pool, err := postgis.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	runs, err := listRuns(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", postgis.Explain(ctx, err, address))
	}
	return runs, nil
}

func listRuns(ctx context.Context, pool *pgxpool.Pool) ([]Run, error) {
	var there bool
	if err := pool.QueryRow(ctx, "SELECT to_regclass('muscope.runs') IS NOT NULL").Scan(&there); err != nil || !there {
		return []Run{}, err
	}
	rows, err := pool.Query(ctx, `SELECT run_id, as_of::text, year, period, policies, data, program, started_at, finished_at, written_by,
			coalesce((manifest #>> '{counts,parcels,used}')::bigint, 0),
			coalesce((SELECT sum(pg_total_relation_size(c.oid)) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
				WHERE c.relkind = 'r' AND c.relnamespace = 'muscope'::regnamespace AND c.relname = p.relname || '_r' || r.run), 0)::bigint
		FROM muscope.runs r ORDER BY finished_at DESC, run DESC`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Run])
}

// Delete takes a run away, in one transaction.
func Delete(ctx context.Context, address, runID string) error {
	pool, err := postgis.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer pool.Close()
	found := false
	err = pool.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
		conn := c.Conn()
		defer conn.Close(context.Background()) // the session has a role of its own
		if err := becomeOwner(ctx, conn); err != nil {
			return err
		}
		var there bool
		if err := conn.QueryRow(ctx, "SELECT to_regclass('muscope.runs') IS NOT NULL").Scan(&there); err != nil || !there {
			return err
		}
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, lockTimeout); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(schemaLock)); err != nil {
				return err
			}
			found, err = dropRun(ctx, tx, storable(runID))
			return err
		})
	})
	switch {
	case err != nil:
		return fmt.Errorf("delete run %q: %w", runID, postgis.Explain(ctx, err, address))
	case !found:
		return fmt.Errorf("delete run %q: %s has no such run; muscope runs --to … lists them", runID, postgis.Shown(address))
	}
	return nil
}
