//go:build unix

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/cambridge"
	"github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/geo/referee"
)

// toArgs are evaluateArgs without a folder.
func toArgs(data string, more ...string) []string {
	args := evaluateArgs(data, "", more...)
	i := slices.Index(args, "--out")
	return slices.Delete(args, i, i+2)
}

// evaluatedTo runs a command that has to work.
func succeeded(t *testing.T, args ...string) outcome {
	t.Helper()
	o := command(args...)
	if o.code != exitDone || o.err != "" {
		t.Fatalf("%v: exit %d: %s", args[0], o.code, o.err)
	}
	return o
}

func loginOf(address, user, password string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}

func TestResultsGoToAFolderAndADatabaseAlike(t *testing.T) {
	address, out := referee.Database(t), filepath.Join(t.TempDir(), "run")
	data := smallCity().in(t)
	o := succeeded(t, evaluateArgs(data, out, "--to", address)...)
	if !strings.Contains(o.out, "schema muscope, run 1") || !strings.Contains(o.out, "muscope.latest_parcels") {
		t.Errorf("the summary does not say where: %s", o.out)
	}
	plain := filepath.Join(t.TempDir(), "run")
	succeeded(t, evaluateArgs(data, plain)...)
	sameRuns(t, plain, out)
	err := filepath.WalkDir(filepath.Join(out, "tables"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		sameTable(t, address, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range []string{"parcels", "zones", "land_mix", "land_mix_pieces", "idle_land"} {
		text, err := os.ReadFile(filepath.Join(out, "layers", layer+".geojson"))
		if err != nil {
			t.Fatal(err)
		}
		if want, got := fmt.Sprint(bytes.Count(text, []byte(`"Feature",`))), referee.Rows(t, address, "SELECT count(geom) FROM muscope.latest_"+layer); got[0] != want {
			t.Errorf("%s has %s features in the folder and %s in the database", layer, want, got)
		}
	}
}

// small is a number as only the server prints it.
var small = regexp.MustCompile(`[0-9.]+e-[0-9]+`)

// sameTable compares a table of a run folder with that of the newest run.
func sameTable(t *testing.T, address, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\uFEFF")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".csv")
	if slices.Contains([]string{"zones", "idle_land", "land_mix", "conflicts"}, name) {
		name += "_table"
	}
	columns := make([]string, len(rows[0]))
	for i, c := range rows[0] {
		columns[i] = `"` + c + `"`
	}
	got := referee.Rows(t, address, "SELECT "+strings.Join(columns, ", ")+" FROM muscope.latest_"+name+" ORDER BY fid")
	if len(got) != len(rows)-1 {
		t.Errorf("%s has %d rows in the folder and %d in the database", name, len(rows)-1, len(got))
		return
	}
	for i, row := range rows[1:] {
		have := small.ReplaceAllStringFunc(got[i], func(v string) string {
			f, _ := strconv.ParseFloat(v, 64)
			return strconv.FormatFloat(f, 'f', -1, 64)
		})
		if want := strings.Join(row, "|"); have != want {
			t.Errorf("%s row %d: folder %s\ndatabase %s", name, i+1, want, got[i])
			return
		}
	}
}

// sameRuns compares the layers and tables of two run folders, but for where rows were
// read.
func sameRuns(t *testing.T, one, other string) {
	t.Helper()
	seen := 0
	for _, folder := range []string{"layers", "tables"} {
		entries, err := os.ReadDir(filepath.Join(one, folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			a, errA := os.ReadFile(filepath.Join(one, folder, e.Name()))
			b, errB := os.ReadFile(filepath.Join(other, folder, e.Name()))
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if e.Name() == "rejects.csv" || e.Name() == "repairs.csv" {
				place := regexp.MustCompile(`,(?:"(?:[^"]|"")*"|[^,"]*),[0-9]+\r\n`)
				a, b = place.ReplaceAll(a, []byte("\r\n")), place.ReplaceAll(b, []byte("\r\n"))
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s/%s differs", folder, e.Name())
			}
			seen++
		}
	}
	if seen < 10 {
		t.Errorf("only %d files were compared", seen)
	}
}

func runIDOf(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		RunID string `json:"run_id"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m.RunID
}

func TestALoadedCityEvaluatesToTheSameAsItsFiles(t *testing.T) {
	for name, files := range map[string]fs.FS{"sample": sample.Files, "Cambridge": cambridge.Files} {
		t.Run(name, func(t *testing.T) {
			address, dir, room := referee.Database(t), t.TempDir(), t.TempDir()
			unpack(t, files, dir)
			for range 2 { // and again, in the place of the first
				succeeded(t, "load", "--data", dir, "--to", address, "--schema", `规划 "1"`)
			}
			succeeded(t, evaluateArgs(dir, filepath.Join(room, "files"))...)
			succeeded(t, evaluateArgs(address, filepath.Join(room, "database"), "--schema", `规划 "1"`)...)
			sameRuns(t, filepath.Join(room, "files"), filepath.Join(room, "database"))
			if a, b := runIDOf(t, filepath.Join(room, "files")), runIDOf(t, filepath.Join(room, "database")); a != b {
				t.Errorf("run %s from the files is run %s from the database", a, b)
			} else if got := referee.Rows(t, address, "SELECT run_id FROM muscope.latest_run"); !slices.Equal(got, []string{a}) {
				t.Errorf("run %s was written back as %q", a, got)
			}
		})
	}
}

// unpack writes a dataset's files, those compressed with gzip as they were.
func unpack(t *testing.T, files fs.FS, dir string) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		if plain, ok := strings.CutSuffix(path, ".gz"); ok {
			z, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				return err
			}
			if text, err = io.ReadAll(z); err != nil {
				return err
			}
			path = plain
		}
		return os.WriteFile(filepath.Join(dir, path), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAReadOnlyRoleWritesNothingBackAndSaysSo(t *testing.T) {
	address, room := referee.Database(t), t.TempDir()
	succeeded(t, "load", "--data", smallCity().in(t), "--to", address, "--schema", "planning")
	role := strings.Replace(strings.TrimPrefix(must(url.Parse(address)).Path, "/"), "test", "reader", 1)
	referee.Ask(t, address, "CREATE ROLE "+role+" LOGIN PASSWORD 's3cret'; GRANT USAGE ON SCHEMA planning TO "+role+"; GRANT SELECT ON ALL TABLES IN SCHEMA planning TO "+role)
	t.Cleanup(func() { referee.Ask(t, address, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	reader := loginOf(address, role, "s3cret")
	o := succeeded(t, evaluateArgs(reader, filepath.Join(room, "run"), "--schema", "planning")...)
	if !strings.Contains(o.out, "results were not written back to the database: ") || !strings.Contains(o.out, "permission denied") || strings.Contains(o.out, "s3cret") {
		t.Errorf("the summary says %s", o.out)
	}
	for _, args := range [][]string{toArgs(reader, "--schema", "planning"), evaluateArgs(reader, filepath.Join(room, "second"), "--schema", "planning", "--to", reader)} {
		o := command(args...)
		failed(t, o, exitFailed, "permission denied")
		if strings.Contains(o.err+o.out, "s3cret") {
			t.Errorf("the password is told: %s", o.err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(room, "*")); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
	manifest, err := os.ReadFile(filepath.Join(room, "run", "manifest.json"))
	if err != nil || bytes.Contains(manifest, []byte("s3cret")) {
		t.Errorf("the manifest holds the password, or is not there: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestResultsStayOutOfADatabaseWhenAskedTo(t *testing.T) {
	address := referee.Database(t)
	succeeded(t, "load", "--data", smallCity().in(t), "--to", address)
	succeeded(t, evaluateArgs(address, filepath.Join(t.TempDir(), "run"), "--to", "none")...)
	if got := referee.Rows(t, address, "SELECT to_regnamespace('muscope') IS NULL"); got[0] != "true" {
		t.Error("there is a schema muscope")
	}
	failed(t, command(toArgs(address, "--to", "none")...), exitUsage, "--out is missing")
	failed(t, command(toArgs(smallCity().in(t), "--to", "mysql://x:s3cret@y/z")...), exitUsage, "--to: it is no address")
	failed(t, command(toArgs(smallCity().in(t), "--to", "postgres://x:s3cret@127.0.0.1:1/z")...), exitUnreachable, "no server answers")
}

func TestCtrlCWhileADatabaseIsWrittenLeavesNothing(t *testing.T) {
	address, room := referee.Database(t), t.TempDir()
	cmd := child(t, nil, evaluateArgs(bigCity(t, 60_000), filepath.Join(room, "run"), "--log-format", "json", "--to", address)...)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, said := bufio.NewScanner(errs), ""
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"name":"write"`) {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		} else if !strings.HasPrefix(lines.Text(), "{") {
			said += lines.Text()
		}
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || said != "muscope: interrupted; nothing was written" {
		t.Errorf("exit %d, said %q", code, said)
	}
	if left, _ := filepath.Glob(filepath.Join(room, "*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if got := referee.Rows(t, address, `SELECT relname FROM pg_class WHERE relnamespace = 'muscope'::regnamespace AND relname ~ '_r[0-9]+$'
		UNION ALL SELECT run_id FROM muscope.runs UNION ALL SELECT query FROM pg_stat_activity WHERE application_name = 'muscope' AND datname = current_database()`); len(got) > 0 {
		t.Errorf("left on the server: %q", got)
	}
}

func TestRunsAreListedAndDeleted(t *testing.T) {
	address := referee.Database(t)
	if o := succeeded(t, "runs", "--to", address, "--lang", "zh"); !strings.Contains(o.out, "没有运行结果") {
		t.Errorf("without runs it says %s", o.out)
	}
	succeeded(t, toArgs(smallCity().in(t), "--to", address)...)
	succeeded(t, toArgs(smallCity().in(t), "--to", address, "--as-of", "2025-12-31")...)
	var runs []struct {
		RunID   string `json:"run_id"`
		AsOf    string `json:"as_of"`
		Parcels int
		Bytes   int64
	}
	if err := json.Unmarshal([]byte(succeeded(t, "runs", "--to", address, "--json").out), &runs); err != nil {
		t.Fatal(err)
	}
	if len(runs) != 2 || runs[0].AsOf != "2025-12-31" || runs[1].AsOf != "2025-06-30" || runs[0].Parcels != 4 || runs[0].Bytes <= 0 {
		t.Fatalf("runs %+v", runs)
	}
	for lang, head := range map[string]string{"zh": "评价时点", "en": "as of"} {
		if o := succeeded(t, "runs", "--to", address, "--lang", lang); !strings.Contains(o.out, head) || strings.Index(o.out, runs[0].RunID) > strings.Index(o.out, runs[1].RunID) {
			t.Errorf("%s: %s", lang, o.out)
		}
	}
	succeeded(t, "runs", "--to", address, "--delete", runs[0].RunID)
	failed(t, command("runs", "--to", address, "--delete", runs[0].RunID), exitFailed, "no such run")
	if got := referee.Rows(t, address, "SELECT DISTINCT run_id FROM muscope.latest_parcels"); !slices.Equal(got, []string{runs[1].RunID}) {
		t.Errorf("latest_parcels is of %q", got)
	}
	failed(t, command("runs"), exitUsage, "--to is missing")
}

func TestLoadListsWhatItCouldNotLoadAndStrictSaysSo(t *testing.T) {
	address := referee.Database(t)
	f := smallCity()
	f["tax.csv"] = "credit_code,year,税收（元）\n" + someone + ",2024,15000\n" + someone + ",2024,many\n"
	o := command("load", "--data", f.in(t), "--to", address, "--strict", "--lang", "en")
	if o.code != exitFound || !strings.Contains(o.out, `tax.csv:3  tax  `+someone+`/2024  tax  "many"  not_a_number`) || !strings.Contains(o.err, "1 rows rejected") {
		t.Errorf("exit %d, %s, %s", o.code, o.out, o.err)
	}
	if got := referee.Rows(t, address, "SELECT tax FROM tax"); !slices.Equal(got, []string{"1.5"}) {
		t.Errorf("15000 元 was loaded as %q 万元", got)
	}
	for _, one := range []struct {
		args []string
		says string
	}{
		{[]string{"load", "--data", address, "--to", address}, "--data is a database"},
		{[]string{"load", "--data", f.in(t), "--to", "elsewhere"}, "--to: it is no address"},
		{[]string{"load", "--data", f.in(t)}, "--to is missing"},
	} {
		failed(t, command(one.args...), exitUsage, one.says)
	}
}
