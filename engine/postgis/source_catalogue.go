package postgis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// relation is a table, view or foreign table of the database.
type relation struct {
	oid          uint32
	schema, name string
	kind         byte // as pg_class has it: r table, p partitioned, v view, m materialised, f foreign
	parent       bool // other tables inherit from it
	rows         float32
	blocks       int64 // of its own file; 0: it has none
}

// String is what messages call it.
func (r relation) String() string { return oneLine(r.schema + "." + r.name) }

// oneLine is a name without what would break a line, or turn its direction.
func oneLine(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return c
	}, name)
}

func (r relation) quoted() string { return pgx.Identifier{r.schema, r.name}.Sanitize() }

// relations lists what rows may be read from in a schema, by name. What belongs to an
// extension, and the parts of partitioned tables, are not among them.
func (s *server) relations(ctx context.Context, schema string) ([]relation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.main.Query(ctx, `SELECT c.oid, n.nspname, c.relname, c.relkind, c.relhassubclass, c.reltuples
		FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
				WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
		ORDER BY c.relname COLLATE "C"`, schema)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r relation, err error) {
		var kind rune
		err = row.Scan(&r.oid, &r.schema, &r.name, &kind, &r.parent, &r.rows)
		r.kind = byte(kind)
		return r, err
	})
}

// measure finds how many blocks a relation's own file has. It waits for who alters it,
// so it is asked of those alone that are read.
func (s *server) measure(ctx context.Context, r *relation) error {
	if r.kind != 'r' && r.kind != 'm' {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.main.QueryRow(ctx, "SELECT pg_catalog.pg_relation_size($1::oid) / pg_catalog.current_setting('block_size')::int8", r.oid).Scan(&r.blocks)
}

// schemaIsThere is an error when there is no such schema.
func (s *server) schemaIsThere(ctx context.Context, schema string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.main.Query(ctx, `SELECT nspname::text FROM pg_catalog.pg_namespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname COLLATE "C"`)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, n := range names {
		if n == schema {
			return nil
		}
	}
	return fmt.Errorf("%s: no schema %s%s", s.shown, oneLine(schema), offer(schema, names))
}

// column is a column of a relation.
type column struct {
	name     string
	oid      uint32 // of its type, or of what a domain stands for
	typ      string // as people write it
	typname  string
	modifier int32
	category byte
}

// columns lists the columns of a relation in their order.
func (s *server) columns(ctx context.Context, r relation) ([]column, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.main.Query(ctx, `SELECT a.attname, t.oid, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname,
			CASE WHEN a.atttypmod < 0 AND o.typtype = 'd' THEN o.typtypmod ELSE a.atttypmod END, t.typcategory
		FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type o ON o.oid = a.atttypid
			JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN o.typtype = 'd' THEN o.typbasetype ELSE o.oid END
		WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, r.oid)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c column, err error) {
		var category rune
		err = row.Scan(&c.name, &c.oid, &c.typ, &c.typname, &c.modifier, &category)
		c.category = byte(category)
		return c, err
	})
}

// number is the column of whole numbers that is a relation's primary key; empty when
// there is none.
func (s *server) number(ctx context.Context, r relation) (name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.main.QueryRow(ctx, `SELECT a.attname FROM pg_catalog.pg_index i
			JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = $1 AND i.indisprimary AND i.indnkeyatts = 1 AND a.atttypid = ANY($2)`,
		r.oid, []uint32{pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID}).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// spatial says whether a column holds shapes.
func (c *column) spatial() bool {
	return c.oid >= pgFirstOwn && (c.typname == "geometry" || c.typname == "geography")
}

// pgFirstOwn is the first number of types that do not come with PostgreSQL.
const pgFirstOwn = 16384
