package referee

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Floats evaluates one SQL expression for every geometry and returns the
// results in the same order. In the expression g is the geometry, without an
// SRID unless its WKB carries one, and $2, $3 … are the further arguments:
//
//	referee.Floats(t, conn, "ST_Area(ST_Segmentize(ST_SetSRID(g, 4326), 0.0001)::geography)", wkbs)
//
// All geometries go in one query. A geometry that PostGIS refuses, and a
// null result, fail the test.
func Floats(t testing.TB, conn *pgx.Conn, expression string, wkbs [][]byte, args ...any) []float64 {
	t.Helper()
	return each[float64](t, conn, "("+expression+")::float8", wkbs, args)
}

// Bools is Floats for an expression that answers yes or no, ST_IsValid(g)
// for example.
func Bools(t testing.TB, conn *pgx.Conn, expression string, wkbs [][]byte, args ...any) []bool {
	t.Helper()
	return each[bool](t, conn, expression, wkbs, args)
}

// Texts is Floats for an expression that gives text, ST_IsValidReason(g) or
// ST_AsText(g) for example.
func Texts(t testing.TB, conn *pgx.Conn, expression string, wkbs [][]byte, args ...any) []string {
	t.Helper()
	return each[string](t, conn, "("+expression+")::text", wkbs, args)
}

// Geometries is Floats for an expression that gives a geometry, such as
// ST_MakeValid(g); the results come back as little-endian WKB.
func Geometries(t testing.TB, conn *pgx.Conn, expression string, wkbs [][]byte, args ...any) [][]byte {
	t.Helper()
	return each[[]byte](t, conn, "ST_AsBinary("+expression+", 'NDR')", wkbs, args)
}

// PairFloats evaluates one SQL expression for every pair a[i], b[i], named a
// and b in the expression, and returns the results in the same order.
func PairFloats(t testing.TB, conn *pgx.Conn, expression string, a, b [][]byte) []float64 {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("referee: %d geometries on one side and %d on the other", len(a), len(b))
	}
	rows, err := conn.Query(context.Background(),
		`SELECT (`+expression+`)::float8
		FROM (SELECT ST_GeomFromEWKB(x) AS a, ST_GeomFromEWKB(y) AS b, place
			FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS u(x, y, place)
			OFFSET 0) AS pairs
		ORDER BY place`, a, b)
	return collect[float64](t, expression, len(a), rows, err)
}

// each asks for one value per geometry. OFFSET 0 keeps the planner from
// decoding the WKB again for every mention of g.
func each[T any](t testing.TB, conn *pgx.Conn, expression string, wkbs [][]byte, args []any) []T {
	t.Helper()
	rows, err := conn.Query(context.Background(),
		`SELECT `+expression+`
		FROM (SELECT ST_GeomFromEWKB(x) AS g, place
			FROM unnest($1::bytea[]) WITH ORDINALITY AS u(x, place)
			OFFSET 0) AS geometries
		ORDER BY place`, append([]any{wkbs}, args...)...)
	return collect[T](t, expression, len(wkbs), rows, err)
}

func collect[T any](t testing.TB, expression string, want int, rows pgx.Rows, err error) []T {
	t.Helper()
	if err != nil {
		t.Fatalf("referee: %s: %v", expression, err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("referee: %s: %v", expression, err)
	}
	if len(values) != want {
		t.Fatalf("referee: %s: %d answers to %d questions", expression, len(values), want)
	}
	return values
}
