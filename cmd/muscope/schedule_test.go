package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/config"
	"github.com/muscope-gis/muscope/engine/schedule/sqlite"
	"github.com/muscope-gis/muscope/engine/write"
)

// planned writes a schedule over a dataset and returns its path, and the folder of its
// results.
func planned(t testing.TB, data string, lines ...string) (path, out string) {
	t.Helper()
	dir := t.TempDir()
	out = filepath.Join(dir, "results")
	return scheduleIn(t, dir, data, out, lines...), out
}

func scheduleIn(t testing.TB, dir, data, out string, lines ...string) (path string) {
	t.Helper()
	path = filepath.Join(dir, "schedule.yaml")
	text := fmt.Sprintf("version: 1\ndata: %q\npolicies: [chizhou-2015, national-idle-land-2012]\nout: %q\nthreads: 1\n%s\n", data, out, strings.Join(lines, "\n"))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ran runs a command that has to work; it may log.
func ran(t testing.TB, args ...string) outcome {
	t.Helper()
	o := command(args...)
	if o.code != exitDone {
		t.Fatalf("%v: exit %d: %s", args, o.code, o.err)
	}
	return o
}

// monthlyJob is a job that hardly ever is due by itself while a test runs.
const monthlyJob = `jobs: [{name: monthly, cron: "30 2 1 * *", period: last_month, tries: 1000}]`

// remembered is what the ledger of a folder of results has.
func remembered(t testing.TB, out string) []schedule.Entry {
	t.Helper()
	l, err := sqlite.OpenToRead(t.Context(), filepath.Join(out, ".muscope", "ledger.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	all, err := l.Entries(t.Context(), schedule.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tellsTheSame asserts that ledger and folder agree: one whole result for each occurrence
// that is done, no other, and nothing left of tries that were cut short.
func tellsTheSame(t testing.TB, out string) (done int) {
	t.Helper()
	var named []string
	for _, e := range remembered(t, out) {
		if e.Target != "" || e.Cause == schedule.First {
			continue
		}
		if e.State != schedule.Done || e.Removed {
			t.Errorf("%s %s is %s: %s", e.Job, e.Period, e.State, e.Reason)
			continue
		}
		if done++; !slices.Contains(named, e.Place) {
			named = append(named, e.Place)
		}
		wholeRun(t, filepath.Join(out, filepath.FromSlash(e.Place)), e)
	}
	var found []string
	paths, _ := filepath.Glob(filepath.Join(out, "*", "*", "*"))
	for _, path := range paths {
		if rel, _ := filepath.Rel(out, path); !strings.HasPrefix(rel, ".muscope") {
			found = append(found, filepath.ToSlash(rel))
		}
	}
	slices.Sort(named)
	slices.Sort(found)
	if !slices.Equal(named, found) {
		t.Errorf("the ledger names\n%q\nin the folder are\n%q", named, found)
	}
	if left, err := os.ReadDir(filepath.Join(out, ".muscope", "work")); err != nil || len(left) > 0 {
		t.Errorf("left in the working folder: %v, %v", left, err)
	}
	return done
}

// wholeRun asserts that a run folder is the entry's, and has all that its manifest lists.
func wholeRun(t testing.TB, dir string, e schedule.Entry) {
	t.Helper()
	var m write.Manifest
	text, err := os.ReadFile(filepath.Join(dir, write.ManifestName))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Error(err)
		return
	}
	if m.RunID != e.RunID || m.Period != e.Period || m.AsOf != e.AsOf.String() || filepath.Base(dir) != m.RunID || len(m.Outputs) == 0 {
		t.Errorf("%s holds run %s of %s as of %s, the ledger has %+v", dir, m.RunID, m.Period, m.AsOf, e)
	}
	for _, o := range m.Outputs {
		if info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(o.Path))); err != nil || info.Size() != o.Bytes {
			t.Errorf("%s: %v, not %d bytes", filepath.Join(dir, o.Path), err, o.Bytes)
		}
	}
}

func TestAScheduleSaysWhatItWillDo(t *testing.T) {
	path, out := planned(t, smallCity().in(t), `jobs:`,
		`  - {name: monthly, cron: "30 2 1 * *", period: last_month}`, `  - {name: yearly, cron: "0 3 20 5 *", period: last_year, as_of: occurrence}`,
		`  - {name: arrival, on: data, period: last_quarter}`)
	o := ran(t, "schedule", "check", path, "--from", "2024-01-31T20:00:00Z", "--lang", "en")
	for _, want := range []string{"monthly: 30 2 1 * * (Asia/Shanghai)\n", "  2024-03-01 02:30 +0800  2024-02  2024-02-29\n", "  2024-11-01 02:30 +0800  2024-10  2024-10-31\n",
		"  2024-05-20 03:00 +0800  2023    2024-05-20\n", "  2033-05-20 03:00 +0800  2032    2033-05-20\n", "arrival: when the data has changed (looked at every 5m0s)\n  period 2023Q4, as of 2023-12-31\n"} {
		if !strings.Contains(o.out, want) {
			t.Errorf("%q is not in\n%s", want, o.out)
		}
	}
	if n := strings.Count(o.out, "+0800"); n != 20 {
		t.Errorf("%d occurrences are listed, want 20", n)
	}
	if zh := ran(t, "schedule", "check", path, "--lang", "zh"); !strings.Contains(zh.out, "应执行时间") {
		t.Errorf("in Chinese:\n%s", zh.out)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("a check made %s", out)
	}
}

func TestACheckOfAScheduleTellsWhatIsWrongWithAllItNames(t *testing.T) {
	data := smallCity().in(t)
	for _, c := range []struct {
		data string
		line string
		want string
	}{
		{data, "jobs: [{name: m, cron: \"30 2 1 * *\", period: last_moth}]\nretain: {}", `schedule.yaml:6:46: no period "last_moth"; did you mean last_month?`},
		{data, `jobs: [{name: m, cron: "30 2 1 * *", period: last_month, policies: [chizou-2015]}]`, "chizou-2015"},
		{filepath.Join(data, "nowhere"), monthlyJob, "nowhere"},
	} {
		path, _ := planned(t, c.data, c.line)
		if o := command("schedule", "check", path); o.code != exitFailed || !strings.Contains(o.err, c.want) || o.out != "" {
			t.Errorf("exit %d: %s%s, want %q", o.code, o.out, o.err, c.want)
		}
	}
	failed(t, command("schedule"), exitUsage, "--config is missing")
	failed(t, command("schedule", "statsu"), exitUsage, "did you mean status?")
	path, _ := planned(t, data, monthlyJob)
	failed(t, command("schedule", "run", "montly", "--config", path), exitUsage, "did you mean monthly?")
	failed(t, command("schedule", "status", "--config", path), exitFailed, "nothing has run yet")
}

func TestAnOccurrenceIsEvaluatedAsEvaluateDoes(t *testing.T) {
	f := smallCity()
	data := f.in(t)
	path, out := planned(t, data, monthlyJob)
	o := ran(t, "schedule", "run", "monthly", "--config", path, "--period", "2024-06", "--lang", "en")
	if tellsTheSame(t, out) != 1 {
		t.Fatal(o.out, o.err)
	}
	e := remembered(t, out)[0]
	want := filepath.Join(t.TempDir(), "run")
	succeeded(t, "evaluate", "--data", data, "--policy", policies, "--period", "2024-06", "--threads", "1", "--out", want)
	if got, want := bytesOf(t, filepath.Join(out, filepath.FromSlash(e.Place))), bytesOf(t, want); len(want) == 0 || len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	} else {
		for name := range want {
			if got[name] != want[name] {
				t.Errorf("%s differs", name)
			}
		}
	}
	if e.Counts["idle_land"]["idle"] == 0 && len(e.Counts) == 0 {
		t.Errorf("the ledger counts %v", e.Counts)
	}
	again := ran(t, "schedule", "run", "monthly", "--config", path, "--period", "2024-06", "--lang", "en")
	if !strings.Contains(again.out, "--again evaluates it anew") || len(remembered(t, out)) != 1 {
		t.Errorf("asked twice: %s", again.out)
	}
	for remembered(t, out)[0].Due.Equal(time.Now().UTC().Truncate(time.Second)) { // an entry is named by its second
		time.Sleep(10 * time.Millisecond)
	}
	ran(t, "schedule", "run", "monthly", "--config", path, "--period", "2024-06", "--again")
	if all := remembered(t, out); len(all) != 2 || all[1].RunID != e.RunID || all[1].Place != e.Place {
		t.Errorf("again: %+v", all)
	}
	tellsTheSame(t, out)
}

func TestABackfillIsDoneOldestFirst(t *testing.T) {
	path, out := planned(t, smallCity().in(t), monthlyJob)
	o := ran(t, "schedule", "backfill", "monthly", "--config", path, "--from", "2023-11", "--to", "2024-02", "--lang", "en")
	if !strings.HasPrefix(o.out, "planned 4, 0 were known already\n2023-11 has the result ") || tellsTheSame(t, out) != 4 {
		t.Error(o.out, o.err)
	}
	o = ran(t, "schedule", "backfill", "monthly", "--config", path, "--from", "2023-12", "--to", "2024-03", "--lang", "en")
	if !strings.HasPrefix(o.out, "planned 1, 3 were known already\n") || tellsTheSame(t, out) != 5 {
		t.Error(o.out, o.err)
	}
	failed(t, command("schedule", "backfill", "monthly", "--config", path, "--from", "2024", "--to", "2025"), exitUsage, "monthly")
	failed(t, command("schedule", "backfill", "monthly", "--config", path, "--from", "2024-01", "--to", "2998-01"), exitUsage, "is not due before")
}

func TestDataThatArrivesIsEvaluatedAndWhatItLacksIsToldAndNotTriedAgain(t *testing.T) {
	f := smallCity()
	data := f.in(t)
	path, out := planned(t, data, `jobs: [{name: arrival, on: data, period: last_year}]`)
	once := []string{"schedule", "--once", "--config", path}
	ran(t, once...)
	ran(t, once...)
	if n := len(remembered(t, out)); n != 1 {
		t.Errorf("%d evaluations of what did not change", n)
	}
	rename := func(from, to string) {
		t.Helper()
		if err := os.Rename(filepath.Join(data, from), filepath.Join(data, to)); err != nil {
			t.Fatal(err)
		}
	}
	for remembered(t, out)[0].Due.Equal(time.Now().UTC().Truncate(time.Second)) {
		time.Sleep(10 * time.Millisecond)
	}
	rename("zones.geojson", "zones.txt")
	o := command(once...)
	if o.code != exitFailed || !strings.Contains(o.err, "zones") {
		t.Errorf("without zones: exit %d: %s", o.code, o.err)
	}
	status := command("schedule", "status", "--config", path, "--fail-on-late", "--lang", "en")
	if status.code != exitDone && status.code != exitFound {
		t.Errorf("status: exit %d: %s", status.code, status.err)
	}
	rename("zones.txt", "zones.geojson")
	if err := os.WriteFile(filepath.Join(data, "tax.csv"), []byte("credit_code,year,tax\n"+someone+",2024,13.5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ran(t, once...)
	all := remembered(t, out)
	if last := all[len(all)-1]; last.State != schedule.Done || last.Cause != schedule.OnData || last.RunID == all[0].RunID {
		t.Errorf("late data: %+v", last)
	}
}

func TestStatusTellsMachinesTheSame(t *testing.T) {
	path, out := planned(t, smallCity().in(t), monthlyJob)
	ran(t, "schedule", "run", "monthly", "--config", path, "--period", "2024-06")
	o := ran(t, "schedule", "status", "--config", path, "--json")
	var report struct {
		At   time.Time         `json:"at"`
		Zone string            `json:"time_zone"`
		Jobs []schedule.Status `json:"jobs"`
	}
	if err := json.Unmarshal([]byte(o.out), &report); err != nil {
		t.Fatal(err)
	}
	e := remembered(t, out)[0]
	if len(report.Jobs) != 1 || report.Zone != "Asia/Shanghai" || report.At.IsZero() {
		t.Fatalf("%+v", report)
	}
	j := report.Jobs[0]
	if j.Job != "monthly" || j.Health != schedule.Well || j.LastGood == nil || j.LastGood.RunID != e.RunID || j.LastGood.AsOf.String() != "2024-06-30" || j.Next == nil {
		t.Errorf("%s", o.out)
	}
	text := ran(t, "schedule", "status", "--config", path, "--lang", "en")
	if !strings.Contains(text.out, e.RunID) || !strings.Contains(text.out, "ok") {
		t.Error(text.out)
	}
}

func TestTheSchemaOfSchedulesIsPrinted(t *testing.T) {
	if o := ran(t, "schedule", "schema"); !json.Valid([]byte(o.out)) || !strings.Contains(o.out, "catch_up") {
		t.Error(o.out)
	}
}

func TestTheYearBeforeStandsInTheManifestOfTheYearAfter(t *testing.T) {
	path, out := planned(t, smallCity().in(t), `jobs: [{name: yearly, cron: "0 3 20 5 *", period: last_year, previous: true}]`)
	ran(t, "schedule", "backfill", "yearly", "--config", path, "--from", "2023", "--to", "2024")
	all := remembered(t, out)
	var m write.Manifest
	text, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(all[1].Place), write.ManifestName))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil || m.Year != 2024 || m.Previous != all[0].RunID {
		t.Errorf("%v: run of %d after %q, want %q", err, m.Year, m.Previous, all[0].RunID)
	}
	tellsTheSame(t, out)
}

func TestDataThatChangesWhileItIsEvaluatedIsNotPublished(t *testing.T) {
	data := smallCity().in(t)
	path, out := planned(t, data, monthlyJob)
	p, err := openPlan(path, &shared{logFormat: "text"}, Streams{Err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	e := newEvaluations(p)
	was := filepath.Join(out, "run")
	period, _ := schedule.ParsePeriod("2024")
	task := schedule.Task{Entry: p.jobs[0].Manual(period, time.Now(), p.Zone), Dir: was}
	announced := false
	task.Announce = func(string, map[string]map[string]int64) error {
		announced = true
		return nil
	}
	e.stage = func(stage string) {
		if stage != "write" {
			return
		}
		if err := os.WriteFile(filepath.Join(data, "tax.csv"), []byte("credit_code,year,tax\n"+someone+",2024,99\n"), 0o600); err != nil {
			t.Error(err)
		}
	}
	err = e.Evaluate(t.Context(), task)
	var passing *schedule.Passing
	if !errors.As(err, &passing) || !errors.Is(err, errMoved) || announced {
		t.Errorf("%v, announced %t", err, announced)
	}
	if _, err := os.Stat(was); !os.IsNotExist(err) {
		t.Errorf("it left %s: %v", was, err)
	}
}

func TestAScheduleNamesTheFormatsThatEvaluateWrites(t *testing.T) {
	if _, err := formatsOf(config.Formats()); err != nil {
		t.Error(err)
	}
	_, err := formatsOf([]string{"none"})
	if err == nil || strings.Count(err.Error(), ",")+1 < len(config.Formats())-1 {
		t.Errorf("%v, schedules know %q", err, config.Formats())
	}
	for _, name := range config.Formats() {
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}
