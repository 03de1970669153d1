// Package referee puts this program's geometry to PostGIS, a second opinion
// that shares no code with it: a test asks both for an area, a share or a
// distance and compares.
//
// It is for tests only: it imports testing, and the architecture test lets
// nothing but _test.go files import it. It never skips: without a database
// the test fails and says how to get one, so that a green run always means
// that the comparison took place.
//
// The database is scratch. Tests share it and may run at the same time, so
// a test that needs tables makes them TEMPORARY: they belong to its own
// connection and are gone when it closes.
package referee

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable names the environment variable with the postgres:// address of
// the database that tests use. `make test` starts one and sets it.
const Variable = "MUSCOPE_TEST_DATABASE"

const advice = "run make test, or set " + Variable + " to a postgres:// address of a database with PostGIS"

// Address is that of the tests' database; without one the test fails with advice.
func Address(t testing.TB) string {
	t.Helper()
	address := os.Getenv(Variable)
	if address == "" {
		t.Fatalf("referee: %s is not set; %s", Variable, advice)
	}
	return address
}

// Open connects to the database named by MUSCOPE_TEST_DATABASE and closes
// the connection when the test ends. A missing address, a server that does
// not answer within ten seconds and a database without PostGIS fail the test
// with advice. One connection serves one goroutine.
func Open(t testing.TB) *pgx.Conn {
	t.Helper()
	address := Address(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("referee: connect: %v; %s", err, advice)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Errorf("referee: close: %v", err)
		}
	})
	var version string
	if err := conn.QueryRow(ctx, "SELECT postgis_lib_version()").Scan(&version); err != nil {
		t.Fatalf("referee: no PostGIS in the database: %v; run CREATE EXTENSION postgis, or %s", err, advice)
	}
	return conn
}
