package postgis_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/storetest"
	"github.com/muscope-gis/muscope/geo/referee"
)

// changed is the address of the tests' database as change makes it.
func changed(t testing.TB, change func(u *url.URL)) string {
	t.Helper()
	u, err := url.Parse(referee.Address(t))
	if err != nil {
		t.Fatal("the address of the tests' database is none")
	}
	change(u)
	return u.String()
}

// with is the address with a parameter.
func with(t testing.TB, name, value string) string {
	t.Helper()
	return changed(t, func(u *url.URL) {
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	})
}

// refused opens an address that cannot be, and wants an unreachable database that is
// told in one line with the words and without the secret.
func refused(t *testing.T, address, secret string, words ...string) {
	t.Helper()
	src, err := postgis.Open(context.Background(), address, postgis.Options{})
	if err == nil {
		src.Close()
		t.Fatal("no error")
	}
	var unreachable *postgis.Unreachable
	if !errors.As(err, &unreachable) {
		t.Errorf("%v is not unreachable", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if secret != "" && strings.Contains(e.Error(), secret) {
			t.Errorf("%q holds the password", e)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than a line", err)
	}
}

func TestADatabaseThatCannotBeUsedSaysWhatToDo(t *testing.T) {
	referee.Address(t)
	conn := storetest.OpenDatabase(t)
	bare := strings.NewReplacer(" ", "", `"`, "").Replace(conn.Schema)
	conn.Run(t, "CREATE DATABASE "+storetest.Quoted(bare))
	t.Cleanup(func() { conn.Run(t, "DROP DATABASE "+storetest.Quoted(bare)+" WITH (FORCE)") })
	user := func(password string) func(u *url.URL) {
		return func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), password) }
	}
	refused(t, changed(t, user("s3cr3t-x")), "s3cr3t-x", "password authentication failed", "PGPASSWORD")
	refused(t, changed(t, func(u *url.URL) { u.Path = "/no such database" }), "", "no such database", "does not exist", "check the database's name")
	refused(t, changed(t, func(u *url.URL) { u.Path = "/" + bare }), "", "no PostGIS", "CREATE EXTENSION postgis")
	refused(t, changed(t, func(u *url.URL) { u.Host = "127.0.0.1:1"; user("s3cr3t-x")(u) }), "s3cr3t-x", "127.0.0.1:1", "no server answers", "check host")
	refused(t, with(t, "sslmode", "verify-full"), "", "sslmode")
}

func TestAPostGISOfAnOldVersionIsRefused(t *testing.T) {
	d := storetest.OpenDatabase(t)
	for _, version := range []string{"2.5.9", "1.0", "", "old"} {
		d.Run(t, "CREATE OR REPLACE FUNCTION "+d.In("postgis_lib_version")+"() RETURNS text LANGUAGE sql AS $$ SELECT '"+version+"'::text $$")
		refused(t, with(t, "search_path", storetest.Quoted(d.Schema)+", public"), "", "3.0 or later", version)
	}
	d.Run(t, "CREATE OR REPLACE FUNCTION "+d.In("postgis_lib_version")+"() RETURNS text LANGUAGE sql AS $$ SELECT '4.1.0dev'::text $$")
	pool, err := postgis.Connect(context.Background(), with(t, "search_path", storetest.Quoted(d.Schema)+", public"))
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
}

func TestAnAddressThatCannotBeUnderstoodIsNotRepeated(t *testing.T) {
	const secret = "s3cr3t"
	for _, address := range []string{
		"postgres://user:" + secret + "/x@host/db", "postgres://user:12" + secret + "#x@host/db", "postgres://user:99#" + secret + "@host/db",
		"postgres://user:12?" + secret + "@host/db", "postgres://user:12/" + secret + "@host/db", "postgres://user:%zz" + secret + "@host/db",
		"postgres://user:" + secret + "@host:port/db", "postgres://host/db?sslmode=" + secret, "POSTGRES://user:" + secret + "@[::1/db",
		"postgres://127.0.0.1:1/db?password=" + secret,
	} {
		if !postgis.IsAddress(address) {
			t.Errorf("%s is no address", address)
		}
		refused(t, address, secret)
		if shown := postgis.Shown(address); strings.Contains(shown, secret) || strings.Contains(shown, "12") && strings.Contains(address, ":12") {
			t.Errorf("%q is shown as %q", address, shown)
		}
	}
	for _, none := range []string{"city", "/srv/postgres", "mysql://host/db", "postgres:/host", "C:\\postgres"} {
		if postgis.IsAddress(none) {
			t.Errorf("%s is taken for an address", none)
		}
	}
}

func TestAPasswordMayComeFromTheEnvironment(t *testing.T) {
	u, err := url.Parse(referee.Address(t))
	if err != nil {
		t.Fatal("the address of the tests' database is none")
	}
	password, _ := u.User.Password()
	bare := changed(t, func(u *url.URL) { u.User = url.User(u.User.Username()) })
	reaches := func(t *testing.T, address string) {
		t.Helper()
		pool, err := postgis.Connect(context.Background(), address)
		if err != nil {
			t.Fatal(err)
		}
		pool.Close()
	}
	dir := t.TempDir()
	write := func(t *testing.T, name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Run("PGPASSWORD", func(t *testing.T) {
		t.Setenv("PGPASSWORD", password)
		reaches(t, bare)
		t.Setenv("PGPASSWORD", "s3cr3t-y")
		refused(t, bare, "s3cr3t-y", "password authentication failed")
	})
	t.Run("PGPASSFILE", func(t *testing.T) {
		t.Setenv("PGPASSFILE", write(t, "pass", u.Hostname()+":"+u.Port()+":*:*:"+password+"\n"))
		reaches(t, bare)
	})
	t.Run("PGSERVICE", func(t *testing.T) {
		t.Setenv("PGSERVICEFILE", write(t, "services", "[land]\nhost="+u.Hostname()+"\nport="+u.Port()+"\nuser="+u.User.Username()+"\npassword="+password+
			"\ndbname="+strings.TrimPrefix(u.Path, "/")+"\nsslmode=disable\n"))
		t.Setenv("PGSERVICE", "land")
		reaches(t, "postgres://")
		t.Setenv("PGSERVICE", "nowhere")
		refused(t, "postgres://", password, "PGSERVICE")
	})
}
