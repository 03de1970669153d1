package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/write"
)

// Past is the runs in a database as they were at one moment: those that are written or
// deleted meanwhile change nothing of it. It reads muscope.runs, and the tables of
// results when they are asked for.
type Past struct {
	address string
	pool    *pgxpool.Pool
	tx      pgx.Tx
}

// PastRun is a run of the past: its manifest, when it was whole, and its tables.
type PastRun struct {
	Manifest   *write.Manifest
	FinishedAt time.Time
	Results    *Results
}

// OpenPast opens the past of a database; it must be closed.
func OpenPast(ctx context.Context, address string) (*Past, error) {
	pool, err := postgis.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("read runs: %w", postgis.Explain(ctx, err, address))
	}
	return &Past{address, pool, tx}, nil
}

// Close ends it.
func (p *Past) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = p.tx.Rollback(ctx) // it has written nothing
	p.pool.Close()
}

// step reads in a savepoint, so that what fails, for want of a right, fails alone.
func (p *Past) step(ctx context.Context, read func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, p.tx, read)
}

// Runs are all runs, the first first; none where no run was ever written.
func (p *Past) Runs(ctx context.Context) ([]PastRun, error) {
	wrong := func(err error) ([]PastRun, error) {
		return nil, fmt.Errorf("read runs: %w", postgis.Explain(ctx, err, p.address))
	}
	var there bool
	if err := p.tx.QueryRow(ctx, "SELECT to_regclass('muscope.runs') IS NOT NULL").Scan(&there); err != nil {
		return wrong(err)
	}
	if !there {
		return nil, nil
	}
	rows, err := p.tx.Query(ctx, "SELECT run_id, finished_at, manifest::text FROM muscope.runs ORDER BY finished_at, run")
	if err != nil {
		return wrong(err)
	}
	runs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (PastRun, error) {
		r := PastRun{Manifest: &write.Manifest{}}
		var id, text string
		if err := row.Scan(&id, &r.FinishedAt, &text); err != nil {
			return r, err
		}
		if err := json.Unmarshal([]byte(text), r.Manifest); err != nil {
			return r, fmt.Errorf("the manifest of run %q: %w; delete the run with muscope runs --delete", id, err)
		}
		r.Results = &Results{past: p, run: id, outputs: r.Manifest.Outputs}
		return r, nil
	})
	if err != nil {
		return wrong(err)
	}
	return runs, nil
}

// Results are the tables of a run.
type Results struct {
	past    *Past
	run     string
	outputs []write.Written
}

// notEvaluated is why a run in a database has no table: nothing else leaves one out.
const notEvaluated = "not_evaluated"

func (r *Results) has(relation string) bool {
	return slices.ContainsFunc(r.outputs, func(w write.Written) bool { return w.Path == Schema+"."+relation })
}

// Rows gives the named cells of every row of a table, as text, empty for null, until
// take fails. Not empty, missing says why there is none.
func (r *Results) Rows(ctx context.Context, table string, columns []string, take func(cells []string) error) (missing string, err error) {
	relation := tableRelation(&write.Table{Name: table}).name
	if !r.has(relation) {
		return notEvaluated, nil
	}
	asked := make([]string, len(columns))
	for i, c := range columns {
		asked[i] = "coalesce(" + quoted(c) + "::text, '')"
	}
	var own error
	var count int64
	cells, into := make([]string, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	err = r.past.step(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT "+strings.Join(asked, ", ")+" FROM "+quoted(Schema, relation)+" WHERE run_id = $1 ORDER BY fid", r.run)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, into, func() error {
			count++
			own = take(cells)
			return own
		})
		return err
	})
	switch {
	case own != nil:
		return "", own
	case err != nil:
		return "", fmt.Errorf("read %s.%s of run %s: %w", Schema, relation, r.run, postgis.Explain(ctx, err, r.past.address))
	}
	return "", r.counted(relation, count)
}

// counted holds a number of rows against that of the manifest: the tables of a run that
// is deleted meanwhile are gone at once.
func (r *Results) counted(relation string, rows int64) error {
	for _, w := range r.outputs {
		if w.Path == Schema+"."+relation && w.Rows != rows {
			return fmt.Errorf("read %s.%s of run %s: it has %d rows, and the manifest lists %d; was the run deleted meanwhile?", Schema, relation, r.run, rows, w.Rows)
		}
	}
	return nil
}

// Parcels says which codes are those of parcels of the run.
func (r *Results) Parcels(ctx context.Context, codes []string) (map[string]bool, error) {
	if !r.has("parcels") {
		return nil, nil
	}
	var found []string
	err := r.past.step(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT parcel_code FROM muscope.parcels WHERE run_id = $1 AND parcel_code = ANY($2)", r.run, codes)
		if err == nil {
			found, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s.parcels of run %s: %w", Schema, r.run, postgis.Explain(ctx, err, r.past.address))
	}
	out := make(map[string]bool, len(found))
	for _, code := range found {
		out[code] = true
	}
	return out, nil
}
