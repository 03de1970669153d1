package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/geo/referee"
)

// inDatabase puts a dataset into a schema of its own.
func (f files) inDatabase(t *testing.T) *storetest.Database {
	t.Helper()
	d := storetest.OpenDatabase(t)
	d.Load(t, f.in(t))
	return d
}

// secret is the password of the tests' database.
func secret(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(referee.Address(t))
	if err != nil {
		t.Fatal("the address of the tests' database is none")
	}
	password, _ := u.User.Password()
	return password
}

func TestADatabaseEvaluatesToTheFilesOfItsFolder(t *testing.T) {
	f := smallCity()
	d := f.inDatabase(t)
	want := evaluated(t, f)
	out := filepath.Join(t.TempDir(), "run")
	o := command(evaluateArgs(d.Address, out, "--schema", d.Schema)...)
	if o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	a, b := bytesOf(t, want.dir), bytesOf(t, out)
	for name, text := range a {
		if strings.HasPrefix(name, "layers/") || strings.HasPrefix(name, "tables/") {
			if b[name] != text {
				t.Errorf("%s differs", name)
			}
		}
	}
	manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	b["manifest.json"] = string(manifest)
	password := secret(t)
	for name, text := range b {
		if password != "" && strings.Contains(text, password) {
			t.Errorf("%s holds the password", name)
		}
	}
	if password != "" && strings.Contains(o.out+o.err, password) {
		t.Error("the password is printed")
	}
	if !strings.Contains(b["manifest.json"], d.Schema[:6]) || !strings.Contains(b["manifest.json"], want.manifest.RunID) {
		t.Errorf("manifest %s", b["manifest.json"])
	}
	explained := command("explain", "--run", out, "--lang", "en", "P1")
	if explained.code != exitDone || !strings.Contains(explained.out, d.Schema+".parcels") || strings.Contains(explained.out, ".parcels:0") {
		t.Errorf("exit %d: %s%s", explained.code, explained.out, explained.err)
	}
}

func TestCheckReadsADatabase(t *testing.T) {
	f := smallCity()
	f["tax.csv"] = "credit_code,year,tax\n" + someone + ",2024,many\n"
	d := f.inDatabase(t)
	o := command("check", "--data", d.Address, "--schema", d.Schema, "--as-of", "2025-06-30", "--lang", "en")
	if o.code != exitDone || !strings.Contains(o.out, "many") || !strings.Contains(o.out, d.Schema+".tax") || strings.Contains(o.out, ".tax:0") {
		t.Errorf("exit %d: %s%s", o.code, o.out, o.err)
	}
	if o = command("check", "--data", d.Address, "--schema", d.Schema, "--strict"); o.code != exitFound {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
}

func TestADatabaseThatCannotBeReachedExitsWithTen(t *testing.T) {
	wrong, err := url.Parse(referee.Address(t))
	if err != nil {
		t.Fatal("the address of the tests' database is none")
	}
	wrong.User = url.UserPassword(wrong.User.Username(), "s3cr3t-z")
	for _, address := range []string{wrong.String(), "postgres://u:s3cr3t-z@127.0.0.1:1/land", "postgres://u:s3cr3t-z/@host/land"} {
		out := filepath.Join(t.TempDir(), "run")
		o := command(evaluateArgs(address, out)...)
		if o.code != exitUnreachable || strings.Count(o.err, "\n") != 1 || strings.Contains(o.err+o.out, "s3cr3t") {
			t.Errorf("exit %d: %s", o.code, o.err)
		}
		if left := beside(t, out); len(left) > 0 {
			t.Errorf("left %q", left)
		}
	}
}

func TestWhatIsWrongWithTheSchemaIsSaid(t *testing.T) {
	d := storetest.OpenDatabase(t)
	for _, one := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--data", smallCity().in(t), "--schema", "x"}, exitUsage, "a folder has no schemas"},
		{[]string{"--data", d.Address, "--schema", "nowhere"}, exitFailed, "no schema nowhere"},
		{[]string{"--data", d.Address, "--schema", d.Schema}, exitFailed, "no table zones"},
		{[]string{"--data", "mysql://host/db"}, exitUsage, "postgres://user@host/database"},
	} {
		o := command(append([]string{"check", "--lang", "en"}, one.args...)...)
		if o.code != one.code || !strings.Contains(o.err, one.want) || strings.Count(o.err, "\n") != 1 {
			t.Errorf("%q: exit %d: %s", one.args[2:], o.code, o.err)
		}
	}
}

func TestAnInterruptedEvaluationOfADatabaseLeavesNothing(t *testing.T) {
	d := smallCity().inDatabase(t)
	d.Run(t, "ALTER TABLE "+d.In("parcels")+" RENAME TO all_parcels")
	d.Run(t, "CREATE VIEW "+d.In("parcels")+" AS SELECT p.*, pg_sleep(3600)::text AS tags FROM "+d.In("all_parcels")+" AS p")
	ctx, cancel := context.WithCancel(context.Background())
	conn := referee.Open(t)
	go func() {
		for running := 0; running == 0; {
			if conn.QueryRow(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE $1", "%"+d.Schema[5:17]+"%").Scan(&running) != nil {
				break
			}
		}
		cancel()
	}()
	out := filepath.Join(t.TempDir(), "run")
	var said, errs bytes.Buffer
	code := run(ctx, evaluateArgs(d.Address, out, "--schema", d.Schema), Streams{strings.NewReader(""), &said, &errs})
	if code != exitInterrupted {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	if left := beside(t, out); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

func TestAServerThatIsLostInTheMiddleLeavesNothing(t *testing.T) {
	d := smallCity().inDatabase(t)
	d.Run(t, "ALTER TABLE "+d.In("parcels")+" RENAME TO all_parcels")
	d.Run(t, "CREATE FUNCTION "+d.In("bang")+"(text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT $1 || pg_terminate_backend(pg_backend_pid()) $$")
	d.Run(t, "CREATE VIEW "+d.In("parcels")+" AS SELECT p.*, "+d.In("bang")+"(parcel_code) AS tags FROM "+d.In("all_parcels")+" AS p")
	out := filepath.Join(t.TempDir(), "run")
	o := command(evaluateArgs(d.Address, out, "--schema", d.Schema)...)
	if o.code != exitUnreachable || strings.Count(o.err, "\n") != 1 || !strings.Contains(o.err, d.Schema+".parcels") {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
	if left := beside(t, out); len(left) > 0 {
		t.Errorf("left %q", left)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a run is there")
	}
}
