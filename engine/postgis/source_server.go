package postgis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/geo/crs"
)

// server is a database being read: connections whose transactions all see one snapshot.
type server struct {
	address, shown string
	pool           *pgxpool.Pool
	snapshot       string
	version        int    // of PostgreSQL, 150003
	postgis        string // the schema PostGIS is in
	ascii          bool   // texts are in no encoding that the server knows

	mu      sync.Mutex // of main
	main    *pgxpool.Conn
	systems map[uint32]crs.System

	turns  chan struct{} // as many as sessions may read at once
	idle   chan *pgxpool.Conn
	closed sync.Once
	gone   atomic.Bool
}

// begin connects, and takes the snapshot.
func begin(ctx context.Context, address string, sessions int) (*server, error) {
	pool, err := connect(ctx, address, sessions+1)
	if err != nil {
		return nil, err
	}
	s := &server{
		address: address, shown: Shown(address), pool: pool, systems: map[uint32]crs.System{},
		turns: make(chan struct{}, sessions), idle: make(chan *pgxpool.Conn, sessions),
	}
	if err := s.export(ctx); err != nil {
		s.close()
		return nil, s.explain(ctx, err)
	}
	return s, nil
}

const readOnlyTransaction = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

// export begins the transaction whose snapshot the others see.
func (s *server) export(ctx context.Context) (err error) {
	if s.main, err = s.pool.Acquire(ctx); err != nil {
		return err
	}
	if _, err = s.main.Exec(ctx, readOnlyTransaction); err != nil {
		return err
	}
	var encoding string
	err = s.main.QueryRow(ctx, `SELECT pg_catalog.pg_export_snapshot(), pg_catalog.current_setting('server_version_num')::int4,
			pg_catalog.current_setting('server_encoding'), n.nspname
		FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'`).
		Scan(&s.snapshot, &s.version, &encoding, &s.postgis)
	if errors.Is(err, pgx.ErrNoRows) {
		return &Unreachable{s.shown, "the database has no PostGIS: let its owner run CREATE EXTENSION postgis"}
	}
	s.ascii = encoding == "SQL_ASCII"
	return err
}

// session is a connection in a transaction that sees the snapshot; done gives it back,
// broken gives it up.
func (s *server) session(ctx context.Context) (c *pgxpool.Conn, done func(broken bool), err error) {
	select {
	case s.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	done = func(broken bool) {
		if broken {
			c.Release() // in a transaction: the pool ends it
		} else {
			s.idle <- c
		}
		<-s.turns
	}
	select {
	case c = <-s.idle:
		return c, done, nil
	default:
	}
	if c, err = s.pool.Acquire(ctx); err == nil {
		if _, err = c.Exec(ctx, readOnlyTransaction); err == nil {
			err = s.adopt(ctx, c)
		}
		if err != nil {
			c.Release()
		}
	}
	if err != nil {
		<-s.turns
		return nil, nil, err
	}
	return c, done, nil
}

// adopt has a transaction see the snapshot, which is there as long as the connection that
// took it.
func (s *server) adopt(ctx context.Context, c *pgxpool.Conn) error {
	_, err := c.Exec(ctx, "SET TRANSACTION SNAPSHOT "+literal(s.snapshot)) // it takes no parameter
	var said *pgconn.PgError
	if errors.As(err, &said) && (said.Code == invalidValue || said.Code == noObject) {
		return &Unreachable{s.shown, "the connection that held the moment of reading was lost: the server, or something between, ended it"}
	}
	return err
}

// The states of a snapshot that is gone.
const invalidValue, noObject = "22023", "42704"

// close ends all connections. Nothing is left on the server.
func (s *server) close() {
	s.closed.Do(func() {
		s.gone.Store(true)
		if s.main != nil {
			s.main.Release() // in a transaction: the pool ends it
		}
		for {
			select {
			case c := <-s.idle:
				c.Release()
				continue
			default:
			}
			break
		}
		s.pool.Close()
	})
}

func (s *server) explain(ctx context.Context, err error) error { return Explain(ctx, err, s.address) }

// literal is a text in SQL, where no parameter may stand.
func literal(text string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(text, "'", "''"), "\\", "") + "'"
}

// hold keeps a relation from being altered until the source is closed.
func (s *server) hold(ctx context.Context, r relation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.main.Exec(ctx, "SELECT 1 FROM "+r.quoted()+" LIMIT 0")
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return fmt.Errorf("read %s: %w", r, s.explain(ctx, err))
	}
	return err
}

// system is the coordinate system of an SRID.
func (s *server) system(ctx context.Context, srid uint32) (crs.System, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, known := s.systems[srid]; known {
		return found, nil
	}
	const declare = "or declare it in mapping.yaml, as crs: EPSG:4490"
	if srid == 0 {
		return crs.System{}, errors.New("SRID 0 names no system: set it with UpdateGeometrySRID, " + declare)
	}
	var name, text *string
	var number *int32
	err := s.main.QueryRow(ctx, "SELECT auth_name, auth_srid, srtext FROM "+pgx.Identifier{s.postgis, "spatial_ref_sys"}.Sanitize()+" WHERE srid = $1",
		int32(srid)).Scan(&name, &number, &text)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return crs.System{}, fmt.Errorf("SRID %d is not in spatial_ref_sys: set another with UpdateGeometrySRID, %s", srid, declare)
	case err != nil:
		return crs.System{}, s.explain(ctx, err)
	}
	var found crs.System
	if name != nil && number != nil && (strings.EqualFold(*name, "EPSG") || text == nil) {
		found, err = crs.Find(fmt.Sprintf("%s:%d", *name, *number))
	} else if text != nil {
		found, err = crs.FromWKT(*text)
	} else {
		err = errors.New("spatial_ref_sys does not say what it is")
	}
	if err != nil {
		return found, fmt.Errorf("SRID %d: %w", srid, err)
	}
	s.systems[srid] = found
	return found, nil
}

var _ read.Source = (*Source)(nil)
