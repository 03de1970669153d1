package store

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/referee"
)

func TestADatabaseIsASink(t *testing.T) {
	address := referee.Database(t)
	storetest.TestSinks(t, func(t testing.TB) storetest.Sinks {
		referee.Ask(t, address, "SET client_min_messages = warning; DROP SCHEMA IF EXISTS muscope CASCADE")
		return storetest.Sinks{
			Open: func(t testing.TB) write.Sink { return opened(t, address) },
			Many: true,
			Runs: func(t testing.TB) []string { return runsOf(t, address) },
			Left: func(t testing.TB) []string { return leftIn(t, address) },
			Read: func(t testing.TB, run string, what storetest.What, name string) *storetest.Content {
				return contentOf(t, address, run, what, name)
			},
		}
	})
}

func opened(t testing.TB, address string) *Sink {
	t.Helper()
	s, err := Open(context.Background(), address, 3)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// runsOf are the ids of runs, in the order they finished.
func runsOf(t testing.TB, address string) []string {
	t.Helper()
	return referee.Rows(t, address, "SELECT run_id FROM muscope.runs ORDER BY finished_at, run")
}

// leftIn is what no run owns: tables that hang in no relation, sessions of the program
// and locks.
func leftIn(t testing.TB, address string) []string {
	t.Helper()
	return referee.Rows(t, address, `
		SELECT 'table ' || relname AS it FROM pg_class c WHERE relnamespace = 'muscope'::regnamespace AND relkind = 'r' AND relname ~ '_r[0-9]+$'
			AND NOT EXISTS (SELECT FROM pg_inherits i, muscope.runs r WHERE i.inhrelid = c.oid AND c.relname LIKE '%\_r' || r.run)
		UNION ALL SELECT 'session ' || query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'muscope'
		UNION ALL SELECT 'lock' FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() AND locktype = 'advisory'`)
}

func contentOf(t testing.TB, address, run string, what storetest.What, name string) *storetest.Content {
	t.Helper()
	relation, columns := name, "*"
	if what == storetest.WrittenTable {
		relation = tableRelation(&write.Table{Name: name}).name
	}
	switch what {
	case storetest.WrittenSources:
		relation = "sources"
	case storetest.WrittenFacts:
		relation = "facts_" + name
	case storetest.WrittenPolicy:
		text := referee.Rows(t, address, "SELECT yaml FROM muscope.policies WHERE run_id = $1 AND id = $2", run, name)
		return &storetest.Content{Columns: []string{"yaml"}, Rows: [][]string{text}}
	}
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var there bool
	if err := conn.QueryRow(t.Context(), "SELECT to_regclass($1) IS NOT NULL", quoted(Schema, relation)).Scan(&there); err != nil || !there {
		return nil
	}
	shape := "''"
	if what == storetest.WrittenLayer {
		shape = "format('%s %s', round(ST_XMin(geom)::numeric, 5), round(ST_YMin(geom)::numeric, 5))"
	}
	rows, err := conn.Query(t.Context(), "SELECT "+columns+", "+shape+" FROM "+quoted(Schema, relation)+" WHERE run_id = $1 ORDER BY fid", pgx.QueryExecModeSimpleProtocol, run)
	if err != nil {
		t.Fatal(err)
	}
	out := &storetest.Content{}
	names := rows.FieldDescriptions()
	for rows.Next() {
		var row []string
		raw := rows.RawValues()
		for i, v := range raw[:len(raw)-1] {
			switch name := names[i].Name; {
			case name == "run_id" || name == "fid" || name == "geom":
				continue
			case v == nil:
				row = append(row, storetest.Null)
			case names[i].DataTypeOID == 16:
				row = append(row, fmt.Sprint(string(v) == "t"))
			default:
				row = append(row, string(v))
			}
		}
		out.Rows, out.Shapes = append(out.Rows, row), append(out.Shapes, string(raw[len(raw)-1]))
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	for _, n := range names[:len(names)-1] {
		if !strings.Contains(" run_id fid geom ", " "+n.Name+" ") {
			out.Columns = append(out.Columns, n.Name)
		}
	}
	return out
}
