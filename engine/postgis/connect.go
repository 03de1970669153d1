package postgis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// StatementTimeout ends a statement that takes longer, in milliseconds, unless the
// address says another statement_timeout.
const StatementTimeout = 30 * 60 * 1000

// lockTimeoutMillis ends the waiting for a table that another session alters, unless the
// address says another lock_timeout.
const lockTimeoutMillis = 30_000

// leastPostGIS is the first version of PostGIS that is used.
const leastPostGIS = 3

// Unreachable is the error of a database that cannot be used: no server, a wrong
// password, no PostGIS, a connection that was lost.
type Unreachable struct {
	Address string // without a password
	Reason  string
}

// Error implements error.
func (u *Unreachable) Error() string { return u.Address + ": " + u.Reason }

// IsAddress says whether a text is the address of a database.
func IsAddress(text string) bool {
	scheme, _, found := strings.Cut(text, "://")
	return found && (strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql"))
}

// Shown is an address as people see it: scheme, host and database. What may hold a
// password is left out: user and options too.
func Shown(address string) string {
	const nothing = "postgres://"
	u, err := url.Parse(address)
	// Part of a password that is not escaped may stand anywhere, and leaves its @ behind.
	if err == nil && IsAddress(address) && (u.User != nil || !strings.Contains(address, "@")) {
		return (&url.URL{Scheme: "postgres", Host: u.Host, Path: u.Path}).String()
	}
	return nothing
}

// Connect opens a pool of connections to the PostGIS database at a postgres:// address
// and asks the server for its version. A password may also come from PGPASSWORD,
// PGPASSFILE or a service of PGSERVICE. An ended context cancels what runs on the
// server. The error is an [Unreachable] and holds no password.
func Connect(ctx context.Context, address string) (*pgxpool.Pool, error) {
	return connect(ctx, address, 0)
}

// connect is Connect with at most so many connections; 0: as the address says.
func connect(ctx context.Context, address string, most int) (*pgxpool.Pool, error) {
	config, err := configOf(address)
	if err != nil {
		return nil, err
	}
	if most > 0 {
		config.MaxConns = int32(most)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err == nil {
		if err = checkPostGIS(ctx, pool, Shown(address)); err != nil {
			pool.Close()
		}
	}
	if err != nil {
		return nil, Explain(ctx, err, address)
	}
	return pool, nil
}

// configOf understands an address. What is wrong with it is not repeated: where a
// password is not escaped, any part of it may stand anywhere.
func configOf(address string) (*pgxpool.Config, error) {
	if !IsAddress(address) {
		return nil, &Unreachable{Shown(address), "it is no address: write postgres://user@host:port/database"}
	}
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		reason := "the address cannot be understood: write postgres://user@host:port/database, escape what is special in the password (@ is %40, / is %2F), or leave it out and set PGPASSWORD"
		if _, bad := url.Parse(address); bad == nil {
			reason = "the address, or what PGSERVICE, PGPASSFILE and the other PG… variables add to it, cannot be understood: check sslmode, port, the service and its file"
		}
		return nil, &Unreachable{Shown(address), reason}
	}
	set := config.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"application_name": "muscope", "statement_timeout": strconv.Itoa(StatementTimeout), "idle_in_transaction_session_timeout": "0",
		"lock_timeout": strconv.Itoa(lockTimeoutMillis),
	} {
		if _, given := set[name]; !given {
			set[name] = value
		}
	}
	set["client_encoding"], set["datestyle"], set["intervalstyle"], set["extra_float_digits"] = "UTF8", "ISO", "iso_8601", "3"
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 15 * time.Second
	}
	config.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 3 * time.Second}
	}
	return config, nil
}

// checkPostGIS asks for the version of PostGIS.
func checkPostGIS(ctx context.Context, pool *pgxpool.Pool, shown string) error {
	var version string
	err := pool.QueryRow(ctx, "SELECT postgis_lib_version()").Scan(&version)
	var said *pgconn.PgError
	switch {
	case errors.As(err, &said) && said.Code == undefinedFunction:
		return &Unreachable{shown, "the database has no PostGIS: let its owner run CREATE EXTENSION postgis, and see that its schema is in the search_path"}
	case err != nil:
		return err
	}
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < leastPostGIS {
		return &Unreachable{shown, fmt.Sprintf("its PostGIS is version %q; muscope needs 3.0 or later", version)}
	}
	return nil
}

// The states of PostgreSQL that get words of their own.
const (
	undefinedFunction = "42883"
	undefinedTable    = "42P01"
	undefinedColumn   = "42703"
	noPrivilege       = "42501"
	wrongPassword     = "28P01"
	notAuthorized     = "28000"
	noDatabase        = "3D000"
	tooMany           = "53300"
	diskFull          = "53100"
	canceled          = "57014"
	lockTimeout       = "55P03"
	readOnly          = "25006"
)

// advice is what to do about a state.
var advice = map[string]string{
	wrongPassword:   "check user and password: in the address, PGPASSWORD or the file of PGPASSFILE",
	notAuthorized:   "check the user, and whether the server lets it in from here (pg_hba.conf)",
	noDatabase:      "check the database's name at the end of the address",
	tooMany:         "the server has no connection left: try again later",
	diskFull:        "make room on the server",
	noPrivilege:     "let its owner grant it",
	lockTimeout:     "another session is altering it: try again when that has ended",
	canceled:        "it was stopped on the server, or took longer than statement_timeout: put ?statement_timeout=MILLISECONDS behind the address",
	readOnly:        "name a server and a role that may write",
	undefinedTable:  "it was renamed or dropped meanwhile: try again",
	undefinedColumn: "it was changed meanwhile: try again",
}

// Explain turns an error of the driver into one line for people without a password: an
// [Unreachable] when the database cannot be used or the connection was lost, else what
// the server says and what to do. It is ctx's own error when that has ended, and an
// error that is no driver's as it is.
func Explain(ctx context.Context, err error, address string) error {
	var known *Unreachable
	var said *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &known):
		return err
	case errors.As(err, &said):
		return explained(said, Shown(address))
	case errors.As(err, &connect):
		return &Unreachable{Shown(address), withoutServer(connect)}
	case lost(err):
		return &Unreachable{Shown(address), "the connection was lost: the server, or something between, ended it"}
	}
	return err
}

// explained is what a server says.
func explained(said *pgconn.PgError, shown string) error {
	text := strings.TrimSuffix(said.Message, ".")
	if said.Detail != "" && strings.HasPrefix(said.Code, "53") {
		text += " (" + said.Detail + ")"
	}
	if a := advice[said.Code]; a != "" {
		text += "; " + a
	}
	switch {
	case strings.HasPrefix(said.Code, "08"), strings.HasPrefix(said.Code, "28"), said.Code == noDatabase, said.Code == tooMany,
		strings.HasPrefix(said.Code, "57P"): // the server ends, or is not ready
		return &Unreachable{shown, text}
	}
	return &refused{said.Code, fmt.Sprintf("%s: %s (SQLSTATE %s)", shown, text, said.Code)}
}

// refused is the error of a server that does not do what it is asked.
type refused struct{ code, text string }

func (r *refused) Error() string { return r.text }

// MayPass says whether an error may go away by itself: no server answers, another session
// holds what is needed, a disk is full, something was renamed meanwhile.
func MayPass(err error) bool {
	var unreachable *Unreachable
	var said *refused
	switch {
	case errors.As(err, &unreachable):
		return true
	case !errors.As(err, &said):
		return false
	}
	switch said.code {
	case lockTimeout, undefinedTable, undefinedColumn:
		return true
	}
	return slices.Contains([]string{"40", "53", "57", "58"}, said.code[:min(2, len(said.code))])
}

// withoutServer says why a server does not answer.
func withoutServer(err *pgconn.ConnectError) string {
	const check = "; check host, port and network, and that the server runs"
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		return "no host is found under this name" + check
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &op) && op.Timeout():
		return "the server does not answer in time" + check
	case errors.As(err, &op):
		return "no server answers: " + op.Err.Error() + check
	case strings.Contains(err.Error(), "tls"), strings.Contains(err.Error(), "TLS"):
		return "the server does not speak TLS as sslmode asks for; check sslmode in the address"
	}
	return "no server answers" + check
}

// lost says whether an error is that of a connection that ended.
func lost(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &network) ||
		strings.Contains(err.Error(), "conn closed")
}
