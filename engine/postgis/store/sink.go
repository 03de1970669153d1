package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/write"
)

// leastServer is the first version of PostgreSQL that results are written to: older
// ones lock out readers while a run is attached.
const leastServer = 120000

// longestKey is how long the values of a key may be to be indexed, in bytes; B-trees
// refuse what is much longer.
const longestKey = 1000

var errStopped = errors.New("the server takes no more")

func isStopped(err error) bool {
	return errors.Is(err, errStopped) || errors.Is(err, context.Canceled)
}

// Sink writes a run into the schema muscope, all of it in one transaction. It
// implements [write.Sink].
//
// What a run is called is known when all of it is written, so every run gets tables
// of its own, muscope.parcels_r12: they are filled and indexed while nobody sees them,
// and Finish hangs them into muscope.parcels and its like as partitions, by run_id.
// Readers are not locked out, indexes are built at once and not row by row, and to
// delete a run is to drop its tables.
type Sink struct {
	address string
	workers int
	pool    *pgxpool.Pool
	conn    *pgxpool.Conn
	tx      pgx.Tx
	number  int64
	parts   []*part
	texts   []policyText
	outputs []write.Written
	ready   bool
	done    bool
}

// part is what a run has of a relation.
type part struct {
	relation
	table string // its own, without schema
	width int    // number of its columns
	rows  int
	bytes int64
}

type policyText struct{ id, yaml string }

// Open connects, brings the schema muscope to this program's version and begins a
// run. Workers is how many goroutines encode rows.
func Open(ctx context.Context, address string, workers int) (*Sink, error) {
	pool, err := postgis.Connect(ctx, address)
	if err != nil {
		return nil, err
	}
	s := &Sink{address: address, workers: max(1, workers), pool: pool}
	if err := s.begin(ctx); err != nil {
		s.Abort()
		return nil, s.wrong(ctx, "open schema "+Schema, err)
	}
	return s, nil
}

func (s *Sink) begin(ctx context.Context) (err error) {
	if s.conn, err = s.pool.Acquire(ctx); err != nil {
		return err
	}
	conn := s.conn.Conn()
	if err := Ready(ctx, conn); err != nil {
		return err
	}
	if err := conn.QueryRow(ctx, "SELECT nextval('muscope.run_number')").Scan(&s.number); err != nil {
		return err
	}
	s.tx, err = conn.Begin(ctx)
	return err
}

// Ready takes the role that the schema muscope belongs to and brings it to this
// program's version. It is an error where the server or the role may not write.
func Ready(ctx context.Context, conn *pgx.Conn) error {
	if err := writable(ctx, conn); err != nil {
		return err
	}
	if err := becomeOwner(ctx, conn); err != nil {
		return err
	}
	return migrate(ctx, conn)
}

// writable says at once what would fail later.
func writable(ctx context.Context, conn *pgx.Conn) error {
	var version int
	var refuses bool
	err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int, pg_is_in_recovery() OR current_setting('transaction_read_only')::bool").Scan(&version, &refuses)
	switch {
	case err != nil:
		return err
	case version < leastServer:
		return fmt.Errorf("PostgreSQL is version %d; results need 12 or later", version/10000)
	case refuses:
		return errors.New("the server or the role is read-only; name a server and a role that may write")
	}
	return nil
}

// becomeOwner takes the role that the schema's tables belong to, where there are any, so
// that whoever of its members writes a run, another can replace or delete it.
func becomeOwner(ctx context.Context, conn *pgx.Conn) error {
	var owner, user string
	var same, member bool
	err := conn.QueryRow(ctx, `SELECT pg_get_userbyid(c.relowner), current_user, c.relowner = u.oid, pg_has_role(c.relowner, 'MEMBER')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles u
		WHERE n.nspname = $1 AND c.relname = 'runs' AND u.rolname = current_user`, Schema).Scan(&owner, &user, &same, &member)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // there is none yet
		return nil
	case err != nil || same:
		return err
	case !member:
		return fmt.Errorf("the schema's tables belong to role %s, of which %s is no member; let a DBA run GRANT %s TO %s, or name another role",
			quoted(owner), quoted(user), quoted(owner), quoted(user))
	}
	_, err = conn.Exec(ctx, "SET ROLE "+quoted(owner))
	return err
}

// wrong is an error with what was done, in one line without a password.
func (s *Sink) wrong(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	told := postgis.Explain(ctx, err, s.address)
	if ctx.Err() != nil {
		return told
	}
	return fmt.Errorf("%s: %w", doing, told)
}

// part begins a table of the run, or goes on with one.
func (s *Sink) part(ctx context.Context, r relation) (*part, error) {
	for _, p := range s.parts {
		if p.name == r.name {
			return p, nil
		}
	}
	p := &part{relation: r, table: r.name + "_r" + strconv.FormatInt(s.number, 10), width: 1 + len(r.fields)}
	sql := "CREATE TABLE " + quoted(Schema, p.table) + " (fid integer NOT NULL"
	for _, f := range r.fields {
		sql += ", " + quoted(f.name) + " " + f.kind
	}
	if _, err := s.tx.Exec(ctx, sql+")"); err != nil {
		return nil, err
	}
	s.parts = append(s.parts, p)
	return p, nil
}

// copy fills a table of the run.
func (s *Sink) copy(ctx context.Context, r relation, rows int, cells func(first int) []cell, tell func(int)) (*part, error) {
	p, err := s.part(ctx, r)
	if err == nil && rows > 0 { // frozen: nobody sees the table before the run is whole
		var sent int64
		sent, err = copyRows(ctx, s.conn.Conn().PgConn(), "COPY "+quoted(Schema, p.table)+" FROM STDIN (FORMAT binary, FREEZE)",
			p.width, rows, s.workers, cells(p.rows+1), tell)
		p.rows, p.bytes = p.rows+rows, p.bytes+sent
	}
	return p, s.wrong(ctx, "write "+Schema+"."+r.name, err)
}

// Layer implements [write.Sink].
func (s *Sink) Layer(ctx context.Context, l write.Layer) error {
	r := layerRelation(&l)
	shape := shapeCell(l.Name, l.Shape, areal(l.Name))
	return s.results(ctx, r, l.Rows, l.Columns, shape, l.Tell)
}

// Table implements [write.Sink].
func (s *Sink) Table(ctx context.Context, t write.Table) error {
	return s.results(ctx, tableRelation(&t), t.Rows, t.Columns, nil, nil)
}

// Facts implements [write.Sink]: the table muscope.facts_NAME.
func (s *Sink) Facts(ctx context.Context, t write.Table) error {
	return s.results(ctx, factRelation(&t), t.Rows, t.Columns, nil, nil)
}

func (s *Sink) results(ctx context.Context, r relation, rows int, columns []write.Column, shape cell, tell func(int)) error {
	var long atomic.Bool
	p, err := s.copy(ctx, r, rows, func(first int) []cell {
		cells := []cell{numbered(first)}
		for i := range columns {
			c := cellOf(&columns[i])
			if columns[i].Name == r.key {
				c = watched(c, &long)
			}
			cells = append(cells, c)
		}
		if shape != nil {
			cells = append(cells, shape)
		}
		return cells
	}, tell)
	if err != nil {
		return err
	}
	if r.geometry {
		_, err = s.tx.Exec(ctx, "CREATE INDEX ON "+quoted(Schema, p.table)+" USING gist (geom)")
	}
	if err == nil && r.key != "" && !long.Load() {
		_, err = s.tx.Exec(ctx, "CREATE UNIQUE INDEX ON "+quoted(Schema, p.table)+" ("+quoted(r.key)+")")
	}
	return s.wrong(ctx, "index "+Schema+"."+r.name, err)
}

// watched notes whether a value is too long for an index.
func watched(c cell, long *atomic.Bool) cell {
	return func(dst []byte, i int) ([]byte, error) {
		from := len(dst)
		dst, err := c(dst, i)
		if len(dst)-from > longestKey {
			long.Store(true)
		}
		return dst, err
	}
}

// Sources implements [write.Sink]: the table muscope.sources, a row per used row.
func (s *Sink) Sources(ctx context.Context, src write.Source) error {
	_, err := s.copy(ctx, sourceRelation(), src.Rows, func(first int) []cell {
		number, all := numbered(first), characters(nil, src.Table)
		return []cell{func(dst []byte, i int) ([]byte, error) {
			dst, _ = number(dst, i)
			dst = append(dst, all...)
			at := len(dst)
			dst = append(dst, 0, 0, 0, 0)
			dst, file, row := src.Place(dst, i)
			key := storable(string(dst[at+4:]))
			dst = characters(characters(dst[:at], key), src.Files[file])
			if int(file) < len(src.Sheets) && src.Sheets[file] != "" {
				dst = characters(dst, src.Sheets[file])
			} else {
				dst = null(dst)
			}
			return int8of(dst, row), nil
		}}
	}, nil)
	return err
}

// Policy implements [write.Sink].
func (s *Sink) Policy(_ context.Context, id string, yaml []byte) error {
	s.texts = append(s.texts, policyText{id, string(yaml)})
	return nil
}

// Prepare does all of Finish that can fail but the commit. A caller that writes to
// several places makes each ready before it makes one of them visible.
func (s *Sink) Prepare(ctx context.Context, m *write.Manifest) error {
	if s.ready {
		return nil
	}
	for _, p := range s.parts {
		s.outputs = append(s.outputs, write.Written{Path: Schema + "." + p.name, Rows: int64(p.rows), Bytes: p.bytes})
	}
	own := *m
	own.Outputs = s.outputs
	text, err := json.Marshal(own)
	if err == nil {
		err = s.attach(ctx, &own, storableJSON(text))
	}
	if err != nil {
		s.Abort()
		return s.wrong(ctx, "finish run "+m.RunID, err)
	}
	s.ready = true
	return nil
}

// Finish implements [write.Sink].
func (s *Sink) Finish(ctx context.Context, m *write.Manifest) error {
	if err := s.Prepare(ctx, m); err != nil {
		return err
	}
	err := ctx.Err()
	if err == nil {
		err = s.tx.Commit(ctx)
	}
	if err != nil {
		s.Abort()
		return s.wrong(ctx, "commit run "+m.RunID, err)
	}
	m.Outputs = s.outputs
	s.done = true
	s.close()
	return nil
}

// Abort implements [write.Sink].
func (s *Sink) Abort() {
	if s.done {
		return
	}
	s.done = true
	if s.tx != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.tx.Rollback(ctx) // of a connection that is gone: the server has done it
	}
	s.close()
}

func (s *Sink) close() {
	if s.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.conn.Conn().Close(ctx) // not back into the pool: the session has a role of its own
		s.conn.Release()
		s.conn = nil
	}
	s.pool.Close()
}

// Outputs are the tables that were written, for people.
func (s *Sink) Outputs() []write.Written { return s.outputs }

// Shown is where the run was written, as people see it.
func (s *Sink) Shown() string { return postgis.Shown(s.address) }

// storableJSON is JSON as a server takes it: the escape of the zero character stands
// as that of U+FFFD.
func storableJSON(text []byte) []byte {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if text[i+1] == 'u' && string(text[i+2:min(i+6, len(text))]) == "0000" {
			copy(text[i+2:], "fffd")
		}
		i++
	}
	return text
}

// Number is the number of the run, which the names of its tables end with.
func (s *Sink) Number() int64 { return s.number }
