package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/referee"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// lots are parcels in a row, as a layer.
func lots(rows int) write.Layer {
	return write.Layer{
		Name: "parcels", Rows: rows,
		Columns: []write.Column{
			write.Text("parcel_code", func(i int) (string, bool) { return fmt.Sprintf("P%06d", i), true }),
			write.Area("mu", func(i int) unit.Area { return unit.Area(i) * 1e6 }),
		},
		Shape: func(i int) []byte {
			x := 119 + float64(i)/1e6
			g := wkb.Geometry{Type: wkb.Polygon, XY: []float64{x, 34, x + 1e-6, 34, x + 1e-6, 34.001, x, 34}}
			g.EndRing()
			g.EndPart()
			return g.Append(nil)
		},
	}
}

func noted(run string) *write.Manifest {
	return &write.Manifest{RunID: run, AsOf: "2025-06-30", Year: 2024, Period: "2024", Data: "city"}
}

func finished(t *testing.T, address, run string, rows int) {
	t.Helper()
	s := opened(t, address)
	defer s.Abort()
	err := s.Layer(t.Context(), lots(rows))
	if err == nil {
		err = s.Finish(t.Context(), noted(run))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// onlyRuns asserts that the runs are these, and that nothing else is there.
func onlyRuns(t *testing.T, address string, want ...string) {
	t.Helper()
	if got := runsOf(t, address); !slices.Equal(got, want) {
		t.Errorf("runs %q, not %q", got, want)
	}
	if left := leftIn(t, address); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestTheLatestViewsShowTheRunThatFinishedLast(t *testing.T) {
	address := referee.Database(t)
	first := opened(t, address) // begun first, finished last
	defer first.Abort()
	finished(t, address, "aaaa", 3)
	latest := func(want ...string) {
		t.Helper()
		if got := referee.Rows(t, address, "SELECT run_id, count(*) FROM muscope.latest_parcels GROUP BY 1"); !slices.Equal(got, want) {
			t.Errorf("latest_parcels holds %q, not %q", got, want)
		}
	}
	latest("aaaa|3")
	if err := first.Layer(t.Context(), lots(5)); err != nil {
		t.Fatal(err)
	}
	if err := first.Finish(t.Context(), noted("bbbb")); err != nil {
		t.Fatal(err)
	}
	latest("bbbb|5")
	if err := Delete(t.Context(), address, "bbbb"); err != nil {
		t.Fatal(err)
	}
	latest("aaaa|3")
	onlyRuns(t, address, "aaaa")
	if err := Delete(t.Context(), address, "bbbb"); err == nil || !strings.Contains(err.Error(), `no such run`) {
		t.Errorf("a run deleted twice gives %v", err)
	}
}

func TestQGISFindsTheGeometryAndAUniqueNumberOfEveryLatestLayer(t *testing.T) {
	address := referee.Database(t)
	finished(t, address, "aaaa", 3)
	if got := referee.Rows(t, address, "SELECT f_geometry_column, type, srid FROM geometry_columns WHERE f_table_name = 'latest_parcels'"); !slices.Equal(got, []string{"geom|MULTIPOLYGON|4326"}) {
		t.Errorf("geometry_columns has %q", got)
	}
	if got := referee.Rows(t, address, "SELECT count(DISTINCT fid), count(DISTINCT parcel_code), count(*), bool_and(ST_IsValid(geom)) FROM muscope.latest_parcels"); !slices.Equal(got, []string{"3|3|3|true"}) {
		t.Errorf("numbers, codes, rows: %q", got)
	}
	indexes := referee.Rows(t, address, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'muscope' AND tablename LIKE 'parcels%'")
	for _, want := range []string{"ON ONLY muscope.parcels USING gist (geom)", "ON ONLY muscope.parcels USING btree (run_id, fid)", "ON muscope.parcels_r1 USING gist (geom)", "UNIQUE INDEX parcels_r1_parcel_code_idx ON muscope.parcels_r1 USING btree (parcel_code)"} {
		if !slices.ContainsFunc(indexes, func(d string) bool { return strings.Contains(d, want) }) {
			t.Errorf("no index %s among\n%s", want, strings.Join(indexes, "\n"))
		}
	}
}

func TestEveryTableViewAndColumnHasAComment(t *testing.T) {
	address := referee.Database(t)
	finished(t, address, "aaaa", 1)
	if got := referee.Rows(t, address, `SELECT c.relname, a.attname FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND c.relname !~ '_r[0-9]+$'
		WHERE c.relnamespace = 'muscope'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND (obj_description(c.oid) IS NULL OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)`); len(got) > 0 {
		t.Errorf("without a comment: %q", got)
	}
	if got := referee.Rows(t, address, "SELECT col_description('muscope.latest_parcels'::regclass, attnum) FROM pg_attribute WHERE attrelid = 'muscope.latest_parcels'::regclass AND attname = 'mu'"); !slices.Equal(got, []string{"面积（亩） · area"}) {
		t.Errorf("the comment on mu is %q", got)
	}
}

func TestAServerThatEndsTheConnectionLeavesNothingOfARun(t *testing.T) {
	address := referee.Database(t)
	finished(t, address, "aaaa", 3)
	kill := func() {
		referee.Ask(t, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'muscope' AND datname = current_database()")
	}
	var lost *postgis.Unreachable
	for _, when := range []string{"while rows are sent", "before the end"} {
		s := opened(t, address)
		l, once := lots(300_000), sync.Once{}
		if when == "before the end" {
			l.Rows = 10
		} else {
			l.Tell = func(int) { once.Do(kill) }
		}
		err := s.Layer(t.Context(), l)
		if when == "before the end" {
			kill()
			err = errors.Join(err, s.Finish(t.Context(), noted("bbbb")))
		}
		if !errors.As(err, &lost) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", when, err)
		}
		s.Abort()
		onlyRuns(t, address, "aaaa")
	}
}

func TestAServerWithoutRoomLeavesNothingOfARun(t *testing.T) {
	address := referee.Database(t)
	finished(t, address, "aaaa", 3)
	referee.Ask(t, address, `CREATE FUNCTION full_disk() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
		RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full'; END $$;
		CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION full_disk()`)
	s := opened(t, address)
	err := s.Layer(t.Context(), lots(1000))
	if err == nil || !strings.Contains(err.Error(), "muscope.parcels") || !strings.Contains(err.Error(), "No space left on device; make room on the server (SQLSTATE 53100)") {
		t.Errorf("a full disk gives %v", err)
	}
	s.Abort()
	onlyRuns(t, address, "aaaa")
}

// as is an address with another user, who may connect.
func as(t *testing.T, address, role, password string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, password)
	return u.String()
}

// role makes a role that is dropped when the test ends.
func role(t *testing.T, address, options string) (name, login string) {
	t.Helper()
	u, _ := url.Parse(address)
	name = strings.Replace(strings.TrimPrefix(u.Path, "/"), "muscope_test_", "muscope \"角色\" "+options[:1], 1)
	referee.Ask(t, address, "CREATE ROLE "+quoted(name)+" "+options+" PASSWORD 'pass''word'")
	t.Cleanup(func() {
		referee.Ask(t, address, "DROP OWNED BY "+quoted(name)+"; DROP ROLE "+quoted(name))
	})
	return name, as(t, address, name, "pass'word")
}

func TestARoleThatMayNotWriteIsRefusedBeforeTheWork(t *testing.T) {
	address := referee.Database(t)
	reader, login := role(t, address, "LOGIN")
	if _, err := Open(t.Context(), login, 1); err == nil || !strings.Contains(err.Error(), "permission denied") || strings.Contains(err.Error(), "pass'word") {
		t.Errorf("a role without rights gives %v", err)
	}
	finished(t, address, "aaaa", 3)
	referee.Ask(t, address, "GRANT USAGE ON SCHEMA muscope TO "+quoted(reader)+"; GRANT SELECT ON ALL TABLES IN SCHEMA muscope TO "+quoted(reader))
	if _, err := Open(t.Context(), login, 1); err == nil || !strings.Contains(err.Error(), "let a DBA run GRANT") || strings.Contains(err.Error(), "pass'word") {
		t.Errorf("a role that may only read gives %v", err)
	}
	referee.Ask(t, address, "ALTER ROLE "+quoted(reader)+" SET default_transaction_read_only = on")
	if _, err := Open(t.Context(), login, 1); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a read-only role gives %v", err)
	}
	runs, err := Runs(t.Context(), login)
	if err != nil || len(runs) != 1 {
		t.Errorf("a reader is told of %v, %v", runs, err)
	}
	if err := Delete(t.Context(), login, "aaaa"); err == nil {
		t.Error("a reader deleted a run")
	}
	onlyRuns(t, address, "aaaa")
}

func TestMembersOfTheOwnerReplaceEachOthersRuns(t *testing.T) {
	address := referee.Database(t)
	owner, asOwner := role(t, address, "LOGIN")
	referee.Ask(t, address, "GRANT CREATE ON DATABASE "+quoted(strings.TrimPrefix(must(url.Parse(address)).Path, "/"))+" TO "+quoted(owner))
	finished(t, asOwner, "aaaa", 3)
	member, asMember := role(t, address, "NOINHERIT LOGIN")
	referee.Ask(t, address, "GRANT "+quoted(owner)+" TO "+quoted(member))
	finished(t, asMember, "aaaa", 4)
	finished(t, asMember, "bbbb", 5)
	finished(t, asOwner, "bbbb", 6)
	if got := referee.Rows(t, address, "SELECT run_id, written_by, (SELECT count(*) FROM muscope.parcels p WHERE p.run_id = r.run_id) FROM muscope.runs r ORDER BY 1"); !slices.Equal(got, []string{"aaaa|" + member + "|4", "bbbb|" + owner + "|6"}) {
		t.Errorf("runs %q", got)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAReaderOfTheLatestRunReadsWhatLaterRunsBring(t *testing.T) {
	address := referee.Database(t)
	finished(t, address, "aaaa", 3)
	reader, login := role(t, address, "LOGIN")
	referee.Ask(t, address, "GRANT USAGE ON SCHEMA muscope TO "+quoted(reader)+"; GRANT SELECT ON muscope.latest_run, muscope.latest_parcels TO "+quoted(reader))
	s := opened(t, address)
	defer s.Abort()
	zones := lots(2)
	zones.Name = "zones"
	zones.Columns[0].Name = "zone_code"
	if err := errors.Join(s.Layer(t.Context(), lots(7)), s.Layer(t.Context(), zones), s.Finish(t.Context(), noted("bbbb"))); err != nil {
		t.Fatal(err)
	}
	if got := referee.Rows(t, login, "SELECT (SELECT count(*) FROM muscope.latest_parcels), (SELECT count(*) FROM muscope.latest_zones)"); !slices.Equal(got, []string{"7|2"}) {
		t.Errorf("a reader sees %q", got)
	}
	if got := referee.Rows(t, login, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'muscope' AND table_name ~ 'parcels'"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("a reader is offered %q relations of parcels", got)
	}
}

func TestRunsThatAreWrittenAtOnceAreSafe(t *testing.T) {
	address := referee.Database(t)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			s, err := Open(context.Background(), address, 1)
			if err == nil {
				defer s.Abort()
				err = errors.Join(s.Layer(t.Context(), lots(100+i)), s.Table(t.Context(), write.Table{Name: fmt.Sprint("grades", i%2), Rows: 3, Columns: lots(3).Columns}),
					s.Finish(t.Context(), noted(fmt.Sprint("run", i/2))))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := referee.Rows(t, address, "SELECT count(*), count(DISTINCT run_id) FROM muscope.runs"); !slices.Equal(got, []string{"3|3"}) {
		t.Errorf("runs, ids: %q", got)
	}
	if got := referee.Rows(t, address, "SELECT run_id FROM muscope.parcels GROUP BY 1 HAVING count(*) NOT BETWEEN 100 AND 105"); len(got) > 0 {
		t.Errorf("runs are mixed: %q", got)
	}
	if left := leftIn(t, address); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestASchemaOfANewerProgramIsNotTouched(t *testing.T) {
	address := referee.Database(t)
	finished(t, address, "aaaa", 3)
	referee.Ask(t, address, "INSERT INTO muscope.migrations (version) VALUES (99)")
	if _, err := Open(t.Context(), address, 1); err == nil || !strings.Contains(err.Error(), "version 99, which a newer muscope made") {
		t.Errorf("a newer schema gives %v", err)
	}
}

func TestHostileNamesAreOnlyNames(t *testing.T) {
	address := referee.Database(t)
	const hostile = `x"; DROP TABLE muscope.runs; -- ' \ 宗地`
	finished(t, address, hostile, 3)
	s := opened(t, address)
	defer s.Abort()
	odd := lots(2)
	odd.Name = hostile
	odd.Columns[0].Name = hostile
	facts := write.Table{Name: hostile, Rows: 2, Columns: odd.Columns}
	m := noted(`bbbb'); DROP SCHEMA muscope CASCADE; --`)
	m.Data, m.Policies = hostile, []write.PolicyNote{{ID: hostile}}
	if err := errors.Join(s.Layer(t.Context(), odd), s.Facts(t.Context(), facts), s.Policy(t.Context(), hostile, []byte(hostile)), s.Finish(t.Context(), m)); err != nil {
		t.Fatal(err)
	}
	onlyRuns(t, address, hostile, m.RunID)
	if err := Delete(t.Context(), address, hostile); err != nil {
		t.Error(err)
	}
	if err := Delete(t.Context(), address, `' OR true; --`); err == nil {
		t.Error("a run that nobody made was deleted")
	}
	onlyRuns(t, address, m.RunID)
}

func TestNoErrorHoldsThePassword(t *testing.T) {
	for _, address := range []string{"postgres://user:s3cr%21t@127.0.0.1:1/land", "postgres://user:s3cr%21t@no.such.host.invalid/land", "postgres://user:s3cr%zzt@h/land"} {
		_, err := Open(t.Context(), address, 1)
		_, listed := Runs(t.Context(), address)
		for _, err := range []error{err, listed, Delete(t.Context(), address, "x")} {
			if err == nil || strings.Contains(err.Error(), "s3cr") {
				t.Errorf("%v", err)
			}
		}
	}
}
