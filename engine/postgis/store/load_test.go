package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/geo/referee"
)

// strange is a schema that has to be quoted.
const strange = `规划 "x"; -- '1' \`

// city is a folder with the sample's files, and more that replace or add to them.
func city(t *testing.T, more map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, sample.Files); err != nil {
		t.Fatal(err)
	}
	for name, text := range more {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// small is a dataset of one zone and the parcels of the given codes.
func small(t *testing.T, parcels ...string) string {
	t.Helper()
	square := func(x float64) string {
		return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%[1]v,34],[%[2]v,34],[%[2]v,34.001],[%[1]v,34.001],[%[1]v,34]]]}`, 119+x, 119.001+x)
	}
	var features []string
	for i, code := range parcels {
		features = append(features, fmt.Sprintf(`{"type":"Feature","properties":{"parcel_code":%q,"land_use":"1001","land_use_standard":"YDYH-2023"},"geometry":%s}`, code, square(float64(i)/1000)))
	}
	layer := func(features string) string { return `{"type":"FeatureCollection","features":[` + features + `]}` }
	dir := t.TempDir()
	for name, text := range map[string]string{
		"zones.geojson":   layer(`{"type":"Feature","properties":{"zone_code":"Z","name":"区"},"geometry":` + square(0) + `}`),
		"parcels.geojson": layer(strings.Join(features, ",\n")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func loadedFrom(t *testing.T, address, dir, schema string) *Loaded {
	t.Helper()
	l, err := loads(t.Context(), address, dir, schema)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func loads(ctx context.Context, address, dir, schema string) (*Loaded, error) {
	src, err := read.OpenFolder(dir)
	if err != nil {
		return nil, err
	}
	return Load(ctx, address, src, LoadOptions{Schema: schema, Workers: 2})
}

func TestALoadedTableHasTypesKeysIndexesAndComments(t *testing.T) {
	address := referee.Database(t)
	loadedFrom(t, address, city(t, nil), strange)
	types := referee.Rows(t, address, "SELECT attname, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0", quoted(strange, "parcels"))
	for _, want := range []string{
		"gid|bigint|true|行号 · row number", "parcel_code|text|true|宗地代码 · parcel code", "recorded_area|double precision|false|登记面积（m²） · recorded area",
		"signed_on|date|false|", "standard_land|boolean|false|", "geom|geometry(Geometry,4326)|true|图形 · geometry",
		"delay_cause|text|false|", "investment_total|double precision|false|",
	} {
		if !slices.ContainsFunc(types, func(have string) bool { return strings.HasPrefix(have, want) }) {
			t.Errorf("no column %s among\n%s", want, strings.Join(types, "\n"))
		}
	}
	if got := referee.Rows(t, address, `SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL)`, quoted(strange)); len(got) > 0 {
		t.Errorf("without a comment: %q", got)
	}
	indexes := referee.Rows(t, address, "SELECT indexdef FROM pg_indexes WHERE schemaname = $1", strange)
	for _, want := range []string{"UNIQUE INDEX zones_key", "INDEX parcels_by_key", "UNIQUE INDEX tax_key", "parcels USING gist (geom)", "tenancies USING btree (parcel_code)", "UNIQUE INDEX parcels_pkey"} {
		if !slices.ContainsFunc(indexes, func(have string) bool { return strings.Contains(have, want) }) {
			t.Errorf("no index %s among\n%s", want, strings.Join(indexes, "\n"))
		}
	}
}

func TestEveryRowIsLoadedOrListedWithItsPlaceAndReason(t *testing.T) {
	address := referee.Database(t)
	dir := small(t, "A", "B", "A")
	tax := "credit_code,year,tax\n91999904MALQ3ULM0B,2024,1.5\nX,2024,many\n,2024,3\nX,2024,2\nX,2024,\"a\x00b\"\n"
	names := "credit_code,name\n91999904MALQ3ULM0B,甲\x00乙\n91999904MANB5KU604,丙\n"
	for name, text := range map[string]string{"tax.csv": tax, "enterprises.csv": names} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l := loadedFrom(t, address, dir, strange)
	for _, one := range l.Tables {
		if have := referee.Rows(t, address, "SELECT count(*) FROM "+quoted(strange, one.Name)); have[0] != fmt.Sprint(one.Rows) || one.Rows+int64(len(one.Rejects)) != one.Account.Read {
			t.Errorf("%s: %d read, %d loaded (%s there), %d rejected", one.Name, one.Account.Read, one.Rows, have, len(one.Rejects))
		}
		for _, r := range slices.Concat(one.Rejects, one.Duplicates) {
			if r.Row == 0 || r.Reason == "" || one.Account.Files[r.File].Name == "" || r.Column == "" {
				t.Errorf("%s: a reject without its place: %+v", one.Name, r)
			}
		}
	}
	if d := l.Tables[1].Duplicates; len(d) != 1 || d[0].Key != "A" || d[0].Row != 3 {
		t.Errorf("duplicates %+v", d)
	}
	kept := referee.Rows(t, address, `SELECT "table", "column", reason, file, row FROM `+quoted(strange, postgis.LoadedRejects)+" ORDER BY id")
	for _, want := range []string{"tax|tax|not_a_number|tax.csv|3", "tax|credit_code|missing_value|tax.csv|4", "enterprises|name|unreadable_text|enterprises.csv|2"} {
		if !slices.Contains(kept, want) {
			t.Errorf("%s is not among\n%s", want, strings.Join(kept, "\n"))
		}
	}
}

func TestLoadingAgainReplacesWhatWasLoadedAndKeepsGrantsAndViews(t *testing.T) {
	address := referee.Database(t)
	loadedFrom(t, address, city(t, nil), strange)
	reader, login := role(t, address, "LOGIN")
	referee.Ask(t, address, "GRANT USAGE ON SCHEMA "+quoted(strange)+" TO "+quoted(reader)+"; GRANT SELECT ON "+quoted(strange, "parcels")+" TO "+quoted(reader)+
		"; CREATE VIEW public.mine AS SELECT parcel_code FROM "+quoted(strange, "parcels"))
	l := loadedFrom(t, address, small(t, "A", "B"), strange)
	if got := referee.Rows(t, login, "SELECT gid, parcel_code FROM "+quoted(strange, "parcels")+" ORDER BY 1"); !slices.Equal(got, []string{"1|A", "2|B"}) {
		t.Errorf("a reader sees %q", got)
	}
	if got := referee.Rows(t, address, "SELECT * FROM public.mine ORDER BY 1"); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("the view shows %q", got)
	}
	if len(l.Dropped) != 11 || referee.Rows(t, address, "SELECT to_regclass($1) IS NULL", quoted(strange, "tax"))[0] != "true" {
		t.Errorf("tables that the dataset no longer has: %q", l.Dropped)
	}
	if got := referee.Rows(t, address, "SELECT count(*) FROM "+quoted(strange, postgis.LoadedRejects)); got[0] != "0" {
		t.Errorf("%s rejects of the dataset before", got)
	}
	// A key that the unique index of the first load forbids.
	loadedFrom(t, address, small(t, "A", "B", "C", "A"), strange)
	if got := referee.Rows(t, login, "SELECT count(*) FROM "+quoted(strange, "parcels")); got[0] != "4" {
		t.Errorf("%s rows with a key twice", got)
	}
	loadedFrom(t, address, small(t, "A"), "other")
	loadedFrom(t, address, small(t, "A", "A"), "other")
	if got := referee.Rows(t, address, "SELECT count(*) FROM other.parcels"); got[0] != "2" {
		t.Errorf("%s rows with a key twice", got)
	}
}

func TestReadersSeeTheOldRowsUntilTheySeeTheNew(t *testing.T) {
	address := referee.Database(t)
	loadedFrom(t, address, small(t, "A", "B"), strange)
	src, err := postgis.Open(t.Context(), address, postgis.Options{Schema: strange, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	loadedFrom(t, address, small(t, "C", "D", "E"), strange) // waits for nobody who reads
	parcels, err := read.All(t.Context(), src, "parcels", 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := parcels.Account.Read; n != 2 {
		t.Errorf("a reader who began before sees %d rows", n)
	}
}

func TestAFailedOrInterruptedLoadLeavesWhatWasThere(t *testing.T) {
	address := referee.Database(t)
	loadedFrom(t, address, small(t, "A", "B"), strange)
	there := func(what string) {
		t.Helper()
		if got := referee.Rows(t, address, "SELECT count(*) FROM "+quoted(strange, "parcels")); got[0] != "2" {
			t.Errorf("%s: %s rows are there", what, got)
		}
		if got := referee.Rows(t, address, "SELECT query FROM pg_stat_activity WHERE application_name = 'muscope' AND datname = current_database()"); len(got) > 0 {
			t.Errorf("%s: still running: %q", what, got)
		}
	}
	dir := city(t, nil)
	src, err := read.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	src.Progress = func(name string, rows, _ int64) {
		if name == "parcels" && rows > 0 {
			cancel()
		}
	}
	if _, err := Load(ctx, address, src, LoadOptions{Schema: strange, Workers: 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted load gives %v", err)
	}
	there("interrupted")
	var once sync.Once
	src.Progress = func(name string, rows, _ int64) {
		if name == "land_use" {
			once.Do(func() {
				referee.Ask(t, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'muscope' AND datname = current_database()")
			})
		}
	}
	var lost *postgis.Unreachable
	if _, err := Load(t.Context(), address, src, LoadOptions{Schema: strange, Workers: 2}); !errors.As(err, &lost) {
		t.Errorf("a server that ends the connection gives %v", err)
	}
	there("connection ended")
	if err := os.WriteFile(filepath.Join(dir, "tax.csv"), []byte("credit_code,tax\nA,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := loads(t.Context(), address, dir, strange); err == nil || !strings.Contains(err.Error(), "tax") {
		t.Errorf("a file without its columns gives %v", err)
	}
	there("unreadable file")
}

func TestTablesThatWereNotLoadedAreNeverTouched(t *testing.T) {
	address := referee.Database(t)
	referee.Ask(t, address, "CREATE SCHEMA bureau; CREATE TABLE bureau.parcels (parcel_code text); INSERT INTO bureau.parcels VALUES ('mine')")
	if _, err := loads(t.Context(), address, small(t, "A"), "bureau"); err == nil || !strings.Contains(err.Error(), `"bureau": it has a table parcels that was not loaded`) {
		t.Errorf("another's table gives %v", err)
	}
	if got := referee.Rows(t, address, "SELECT * FROM bureau.parcels"); !slices.Equal(got, []string{"mine"}) {
		t.Errorf("it holds %q", got)
	}
	if got := referee.Rows(t, address, "SELECT relname FROM pg_class WHERE relnamespace = 'bureau'::regnamespace"); len(got) != 1 {
		t.Errorf("left: %q", got)
	}
}

func TestADatasetWithoutItsRequiredTablesIsNotLoaded(t *testing.T) {
	address := referee.Database(t)
	loadedFrom(t, address, small(t, "A"), strange)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tax.csv"), []byte("credit_code,year,tax\nA,2024,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := loads(t.Context(), address, dir, strange); err == nil || !strings.Contains(err.Error(), "no table zones") {
		t.Errorf("a dataset without zones gives %v", err)
	}
	if got := referee.Rows(t, address, "SELECT count(*) FROM "+quoted(strange, "parcels")); got[0] != "1" {
		t.Errorf("%s rows", got)
	}
}

func TestAKeyTooLongForAnIndexIsLoadedAllTheSame(t *testing.T) {
	address := referee.Database(t)
	long := make([]string, 3)
	for i := range long {
		long[i] = fmt.Sprint(i)
		for k := range 900 { // what does not repeat cannot be compressed
			long[i] += fmt.Sprintf("%x", (k*7919+i)*104729)
		}
	}
	if l := loadedFrom(t, address, small(t, long...), strange); l.Tables[1].Rows != 3 {
		t.Errorf("%d rows", l.Tables[1].Rows)
	}
}
