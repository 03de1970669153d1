package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/engine/write"
)

// lockTimeout is how long a run waits to become visible while others use the tables.
const lockTimeout = "SET LOCAL lock_timeout = '60s'"

// attach makes the run's tables parts of the relations, in the place of those of an
// earlier run with the same id, and notes the run.
func (s *Sink) attach(ctx context.Context, m *write.Manifest, manifest []byte) error {
	for _, p := range s.parts { // a constant: nothing is rewritten
		table := quoted(Schema, p.table)
		sql := "ALTER TABLE " + table + " ADD COLUMN run_id text NOT NULL DEFAULT " + literal(m.RunID) +
			"; COMMENT ON TABLE " + table + " IS " + literal(p.label+" · run "+m.RunID)
		if !p.plain {
			sql += "; ALTER TABLE " + table + " ADD PRIMARY KEY (run_id, fid)"
		}
		if _, err := s.tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if _, err := s.tx.Exec(ctx, lockTimeout); err != nil {
		return err
	}
	// Until the commit: the order in which runs finish is that of their times.
	if _, err := s.tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(schemaLock)); err != nil {
		return err
	}
	if _, err := dropRun(ctx, s.tx, m.RunID); err != nil {
		return err
	}
	for _, p := range s.parts {
		if err := s.settle(ctx, p, m.RunID); err != nil {
			return err
		}
	}
	return s.noteRun(ctx, m, manifest)
}

// noteRun lists the run, and keeps its policies.
func (s *Sink) noteRun(ctx context.Context, m *write.Manifest, manifest []byte) error {
	policies := []string{}
	for _, p := range m.Policies {
		policies = append(policies, storable(p.ID))
	}
	if _, err := s.tx.Exec(ctx, `INSERT INTO muscope.runs (run, run_id, as_of, year, period, policies, data, program, started_at, finished_at, manifest)
		VALUES ($1, $2, $3::text::date, $4, $5, $6, $7, $8, now(), clock_timestamp(), $9::text::jsonb)`,
		s.number, m.RunID, m.AsOf, m.Year, m.Period, policies, storable(m.Data), storable(strings.TrimSpace(m.Program.Name+" "+m.Program.Version)),
		string(manifest)); err != nil {
		return err
	}
	for _, p := range s.texts {
		if _, err := s.tx.Exec(ctx, "INSERT INTO muscope.policies (run_id, id, yaml) VALUES ($1, $2, $3)", m.RunID, storable(p.id), storable(p.yaml)); err != nil {
			return err
		}
	}
	return nil
}

// settle makes a relation as wide as the run's part, the part as wide as the relation,
// and hangs the part in. Nothing is locked that needs no change.
func (s *Sink) settle(ctx context.Context, p *part, runID string) error {
	known, err := columnsOf(ctx, s.tx, p.name)
	if err != nil {
		return err
	}
	changed := len(known) == 0
	if changed {
		known, err = s.makeRelation(ctx, p)
	} else {
		known, changed, err = s.widen(ctx, p, known)
	}
	if err != nil {
		return err
	}
	table := quoted(Schema, p.table)
	for _, k := range known {
		if !slices.ContainsFunc(p.fields, func(f field) bool { return f.name == k.name }) && k.name != "run_id" && k.name != "fid" {
			if _, err := s.tx.Exec(ctx, "ALTER TABLE "+table+" ADD COLUMN "+quoted(k.name)+" "+k.kind); err != nil {
				return err
			}
		}
	}
	if changed {
		if err := s.describe(ctx, p, known); err != nil {
			return err
		}
	}
	_, err = s.tx.Exec(ctx, "ALTER TABLE "+quoted(Schema, p.name)+" ATTACH PARTITION "+table+" FOR VALUES IN ("+literal(runID)+")")
	return err
}

// columnsOf are the columns of a relation on the server; none where it is not there.
func columnsOf(ctx context.Context, tx pgx.Tx, name string) ([]field, error) {
	rows, err := tx.Query(ctx, `SELECT attname, format_type(atttypid, atttypmod), '' FROM pg_attribute
		WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, quoted(Schema, name))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f field, err error) {
		err = row.Scan(&f.name, &f.kind, &f.label)
		return f, err
	})
}

// makeRelation makes a table of results.
func (s *Sink) makeRelation(ctx context.Context, p *part) ([]field, error) {
	known := []field{{name: "run_id", kind: "text"}, {name: "fid", kind: "integer"}}
	sql := "CREATE TABLE " + quoted(Schema, p.name) + " (run_id text NOT NULL, fid integer NOT NULL"
	for _, f := range p.fields {
		known = append(known, f)
		sql += ", " + quoted(f.name) + " " + f.kind
	}
	if !p.plain {
		sql += ", PRIMARY KEY (run_id, fid)"
	}
	sql += ") PARTITION BY LIST (run_id)"
	if p.geometry {
		sql += "; CREATE INDEX ON " + quoted(Schema, p.name) + " USING gist (geom)"
	}
	_, err := s.tx.Exec(ctx, sql)
	return known, err
}

// widen adds the columns that a relation does not have yet: indicators of another
// policy, those of a newer program.
func (s *Sink) widen(ctx context.Context, p *part, known []field) (wide []field, changed bool, err error) {
	for _, f := range p.fields {
		i := slices.IndexFunc(known, func(k field) bool { return k.name == f.name })
		if i >= 0 {
			if f.kind != known[i].kind {
				return nil, false, fmt.Errorf("column %s is %s on the server, and %s in this run; another version of muscope made it: delete its runs, or name another database",
					quoted(Schema, p.name, f.name), known[i].kind, f.kind)
			}
			continue
		}
		if _, err := s.tx.Exec(ctx, "ALTER TABLE "+quoted(Schema, p.name)+" ADD COLUMN "+quoted(f.name)+" "+f.kind); err != nil {
			return nil, false, err
		}
		known, changed = append(known, f), true
	}
	return known, changed, nil
}

// describe makes or widens the view of the newest run, and comments on everything.
func (s *Sink) describe(ctx context.Context, p *part, known []field) error {
	view := "latest_" + p.name
	seen := !strings.HasPrefix(p.name, "facts_") && p.name != "sources"
	var sql strings.Builder
	if seen {
		sql.WriteString("CREATE OR REPLACE VIEW " + quoted(Schema, view) + " AS SELECT ")
		for i, f := range known {
			if i > 0 {
				sql.WriteString(", ")
			}
			sql.WriteString(quoted(f.name))
		}
		sql.WriteString(" FROM " + quoted(Schema, p.name) + " WHERE run_id = (SELECT r.run_id FROM muscope.runs r ORDER BY r.finished_at DESC, r.run DESC LIMIT 1);")
		sql.WriteString("COMMENT ON VIEW " + quoted(Schema, view) + " IS " + literal(p.label+" · "+both("relation.latest")) + ";")
	}
	sql.WriteString("COMMENT ON TABLE " + quoted(Schema, p.name) + " IS " + literal(p.label) + ";")
	for _, f := range append([]field{{name: "run_id", label: both("relation.run_id")}, {name: "fid", label: both("relation.row")}}, p.fields...) {
		sql.WriteString("COMMENT ON COLUMN " + quoted(Schema, p.name, f.name) + " IS " + literal(f.label) + ";")
		if seen {
			sql.WriteString("COMMENT ON COLUMN " + quoted(Schema, view, f.name) + " IS " + literal(f.label) + ";")
		}
	}
	if _, err := s.tx.Exec(ctx, sql.String()); err != nil || !seen {
		return err
	}
	return s.open(ctx, view)
}

// open lets those read a view who may read muscope.latest_run: a reader who was let in
// once sees what later runs bring, too.
func (s *Sink) open(ctx context.Context, view string) error {
	rows, err := s.tx.Query(ctx, `SELECT coalesce(r.rolname, '') FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
		WHERE c.oid = 'muscope.latest_run'::regclass AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner ORDER BY 1`)
	if err != nil {
		return err
	}
	readers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, reader := range readers {
		to := "PUBLIC"
		if reader != "" {
			to = quoted(reader)
		}
		if _, err := s.tx.Exec(ctx, "GRANT SELECT ON "+quoted(Schema, view)+" TO "+to); err != nil {
			return err
		}
	}
	return nil
}

// dropRun takes a run away, all its tables; found says whether there was one.
func dropRun(ctx context.Context, tx pgx.Tx, runID string) (found bool, err error) {
	var number int64
	err = tx.QueryRow(ctx, "DELETE FROM muscope.runs WHERE run_id = $1 RETURNING run", runID).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	rows, err := tx.Query(ctx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
		WHERE c.relkind = 'r' AND c.relnamespace = 'muscope'::regnamespace AND c.relname = p.relname || $1 ORDER BY 1`, "_r"+strconv.FormatInt(number, 10))
	if err != nil {
		return true, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return true, err
	}
	for _, t := range tables {
		if _, err := tx.Exec(ctx, "DROP TABLE "+quoted(Schema, t)); err != nil {
			return true, err
		}
	}
	return true, nil
}
