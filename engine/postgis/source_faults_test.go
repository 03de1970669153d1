package postgis_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/geo/referee"
)

// called gives the sessions of a test a name of their own, and returns it.
func called(t testing.TB, d *storetest.Database, more ...string) (name string) {
	t.Helper()
	name = "muscope " + strings.NewReplacer(`"`, "", "宗地", "").Replace(d.Schema)
	d.Address = changed(t, func(u *url.URL) {
		q := u.Query()
		q.Set("application_name", name)
		for i := 0; i < len(more); i += 2 {
			q.Set(more[i], more[i+1])
		}
		u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	})
	return name
}

// nothingIsLeft waits until no session of the name is on the server.
func nothingIsLeft(t *testing.T, name string) {
	t.Helper()
	conn := referee.Open(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		left := 0
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name).Scan(&left); err != nil {
			t.Fatalf("sessions are left on the server: %v", err)
		}
		if left == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestNothingIsLeftOnTheServer(t *testing.T) {
	d := storetest.OpenDatabase(t)
	name := called(t, d)
	enterprises(t, d, "enterprises", 20_000)
	src, err := postgis.Open(context.Background(), d.Address, postgis.Options{Schema: d.Schema, Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Scan(context.Background(), table.MustInput("enterprises"), 3, func(int, table.Batch) error { return nil }); err != nil {
		t.Fatal(err)
	}
	src.Close()
	src.Close() // twice is once
	nothingIsLeft(t, name)
	if _, err := src.Scan(context.Background(), table.MustInput("enterprises"), 1, func(int, table.Batch) error { return nil }); err == nil {
		t.Error("a closed source reads")
	}
}

func TestAnInterruptedStatementEndsOnTheServer(t *testing.T) {
	d := storetest.OpenDatabase(t)
	name := called(t, d)
	d.Run(t, "CREATE VIEW "+d.In("tax")+" AS SELECT 'C' AS credit_code, 2024 AS year, pg_sleep(3600)::text AS tax")
	src, err := postgis.Open(context.Background(), d.Address, postgis.Options{Schema: d.Schema, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ctx, cancel := context.WithCancel(context.Background())
	conn := referee.Open(t)
	go func() { // when it runs
		running := 0
		for running == 0 {
			if conn.QueryRow(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'PgSleep'", name).Scan(&running) != nil {
				break
			}
		}
		cancel()
	}()
	_, err = src.Scan(ctx, table.MustInput("tax"), 2, func(int, table.Batch) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	src.Close()
	nothingIsLeft(t, name)
}

func TestAStatementThatTakesTooLongSaysWhatToDo(t *testing.T) {
	d := storetest.OpenDatabase(t)
	called(t, d, "statement_timeout", "200")
	d.Run(t, "CREATE VIEW "+d.In("tax")+" AS SELECT 'C' AS credit_code, 2024 AS year, pg_sleep(3600)::text AS tax")
	_, err := scan(t, d, "", "tax")
	says(t, err, d.Schema+".tax", "statement_timeout")
}

func TestAServerThatEndsTheConnectionInTheMiddleIsUnreachable(t *testing.T) {
	d := storetest.OpenDatabase(t)
	name := called(t, d)
	enterprises(t, d, "enterprises", 60_000)
	src, err := postgis.Open(context.Background(), d.Address, postgis.Options{Schema: d.Schema, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var mu sync.Mutex
	_, err = src.Scan(context.Background(), table.MustInput("enterprises"), 2, func(int, table.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		d.Run(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '"+name+"'")
		return nil
	})
	var unreachable *postgis.Unreachable
	if !errors.As(err, &unreachable) {
		t.Fatalf("%v is not unreachable", err)
	}
	says(t, err, d.Schema+".enterprises")
	src.Close()
	nothingIsLeft(t, name)
}

func TestATableCannotBeRenamedWhileItIsRead(t *testing.T) {
	d := storetest.OpenDatabase(t)
	enterprises(t, d, "enterprises", 20_000)
	src, err := open(t, d, "")
	if err != nil {
		t.Fatal(err)
	}
	conn := referee.Open(t)
	rename := "ALTER TABLE " + d.In("enterprises") + " RENAME TO gone"
	if _, err := conn.Exec(context.Background(), "SET lock_timeout = 50"); err != nil {
		t.Fatal(err)
	}
	tried := false
	account, err := src.Scan(context.Background(), table.MustInput("enterprises"), 1, func(int, table.Batch) error {
		if _, err := conn.Exec(context.Background(), rename); !tried && (err == nil || !strings.Contains(err.Error(), "lock timeout")) {
			t.Errorf("it was renamed: %v", err)
		}
		tried = true
		return nil
	})
	if err != nil || account.Read != 20_000 || !tried {
		t.Errorf("%+v, %v", account, err)
	}
	src.Close()
	if _, err := conn.Exec(context.Background(), "SET lock_timeout = 0; "+rename); err != nil {
		t.Errorf("it cannot be renamed afterwards: %v", err)
	}
}

func TestATableThatIsBeingAlteredIsWaitedForAndThenToldOf(t *testing.T) {
	d := storetest.OpenDatabase(t)
	called(t, d, "lock_timeout", "100")
	enterprises(t, d, "enterprises", 10)
	conn := referee.Open(t)
	if _, err := conn.Exec(context.Background(), "BEGIN; LOCK TABLE "+d.In("enterprises")+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, d, "")
	says(t, err, d.Schema+".enterprises", "another session is altering it")
}

// reader makes a role that may read some of a schema, and has the schema read by it.
func reader(t *testing.T, d *storetest.Database, grants ...string) {
	t.Helper()
	role := "reader_" + strings.Fields(d.Schema)[1]
	d.Run(t, "CREATE ROLE "+role+" LOGIN PASSWORD 's3cr3t-r'")
	t.Cleanup(func() { d.Run(t, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	for _, grant := range grants {
		d.Run(t, "GRANT "+grant+" TO "+role)
	}
	d.Address = changed(t, func(u *url.URL) { u.User = url.UserPassword(role, "s3cr3t-r") })
}

func TestARoleThatMayOnlyReadIsEnough(t *testing.T) {
	d := storetest.OpenDatabase(t)
	enterprises(t, d, "enterprises", 20_000)
	reader(t, d, "USAGE ON SCHEMA "+storetest.Quoted(d.Schema), "SELECT ON "+d.In("enterprises"))
	if o := mustScan(t, d, "", "enterprises"); len(o.rows) != 20_000 {
		t.Errorf("%d rows", len(o.rows))
	}
}

func TestATableThatMayNotBeReadIsNamed(t *testing.T) {
	d := storetest.OpenDatabase(t)
	enterprises(t, d, "enterprises", 10)
	reader(t, d, "USAGE ON SCHEMA "+storetest.Quoted(d.Schema))
	_, err := open(t, d, "")
	says(t, err, d.Schema+".enterprises", "permission denied", "let its owner grant it")
	if strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("%q holds the password", err)
	}
}

func TestNothingIsWrittenWhateverAViewDoes(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE TABLE "+d.In("log")+" (at text)")
	d.Run(t, "CREATE FUNCTION "+d.In("noted")+"() RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "+d.In("log")+" VALUES ('x'); RETURN 'C'; END $$")
	d.Run(t, "CREATE VIEW "+d.In("tax")+" AS SELECT "+d.In("noted")+"() AS credit_code, 2024 AS year, 1 AS tax")
	_, err := scan(t, d, "", "tax")
	says(t, err, d.Schema+".tax", "read-only transaction")
}

func TestAStatementThatFailsInTheMiddleLosesTheWholeTable(t *testing.T) {
	d := storetest.OpenDatabase(t)
	d.Run(t, "CREATE VIEW "+d.In("tax")+" AS SELECT 'C' || i AS credit_code, 2024 AS year, 1 / (i - 70000) AS tax FROM generate_series(1, 80000) AS i")
	_, err := scan(t, d, "", "tax")
	says(t, err, d.Schema+".tax", "division by zero")
}
