package referee

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Database makes an empty database with PostGIS on the server that tests use and gives
// its address; it is dropped when the test ends, with whatever is still connected.
func Database(t testing.TB) string {
	t.Helper()
	server := Address(t)
	address, err := url.Parse(server)
	if err != nil {
		t.Fatalf("referee: %s is no URL; %s", Variable, advice) // the error would show its password
	}
	name := "muscope_test_" + strings.ToLower(rand.Text()[:12])
	run(t, server, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { run(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	address.Path = "/" + name
	run(t, address.String(), "SET client_min_messages = warning; CREATE EXTENSION postgis")
	return address.String()
}

// Ask runs one statement with a connection of its own.
func Ask(t testing.TB, address, sql string) { t.Helper(); run(t, address, sql) }

// Rows are the rows of a query, every value as PostgreSQL prints it, parted by |; null
// is empty.
func Rows(t testing.TB, address, sql string, args ...any) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("referee: connect: %v; %s", err, advice)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(ctx, "SELECT concat_ws('|', VARIADIC array(SELECT coalesce(value, '') FROM json_each_text(row_to_json(q)))) FROM ("+sql+") q", args...)
	if err != nil {
		t.Fatalf("referee: %s: %v", sql, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("referee: %s: %v", sql, err)
	}
	return out
}

func run(t testing.TB, address, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("referee: connect: %v; %s", err, advice)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("referee: %s: %v", sql, err)
	}
}
