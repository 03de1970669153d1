//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/postgis/ledger"
	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/geo/referee"
)

// inLedger is what a database remembers of a schedule.
func inLedger(t *testing.T, address string) []schedule.Entry {
	t.Helper()
	l, err := ledger.Open(t.Context(), address, "schedule")
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

func TestADatabaseIsEvaluatedWhenItsRowsChangeAndRemembersIt(t *testing.T) {
	d := smallCity().inDatabase(t)
	to := referee.Database(t)
	path := filepath.Join(t.TempDir(), "schedule.yaml")
	text := fmt.Sprintf("version: 1\ndata: %q\nschema: %q\nto: %q\nledger: %q\npolicies: [chizhou-2015]\nthreads: 1\nretention: {yearly: 1}\njobs: [{name: arrival, on: data, period: last_year}]\n",
		d.Address, d.Schema, to, to)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	once := []string{"schedule", "--once", "--config", path}
	ran(t, once...)
	ran(t, once...)
	all := inLedger(t, to)
	if len(all) != 1 || all[0].State != schedule.Done || strings.Contains(all[0].Place, "@") || !strings.HasPrefix(all[0].Place, "postgres://") {
		t.Fatalf("%+v", all)
	}
	for all[0].Due.Equal(time.Now().UTC().Truncate(time.Second)) {
		time.Sleep(10 * time.Millisecond)
	}
	referee.Ask(t, d.Address, fmt.Sprintf(`UPDATE "%s".tax SET tax = tax + 1`, strings.ReplaceAll(d.Schema, `"`, `""`)))
	o := ran(t, once...)
	all = inLedger(t, to)
	if len(all) != 2 || all[1].State != schedule.Done || all[1].RunID == all[0].RunID {
		t.Errorf("%+v\n%s", all, o.err)
	}
	got := referee.Rows(t, to, "SELECT run_id FROM muscope.runs ORDER BY run")
	if want := []string{all[0].RunID, all[1].RunID}; !slices.Equal(got, want) {
		t.Errorf("the database has the runs %q, want %q", got, want)
	}
	if password := secret(t); password != "" && strings.Contains(o.err+o.out+fmt.Sprint(all), password) {
		t.Error("the password is told")
	}
}

func TestThreeSchedulersOnOneDatabaseOfWhichOneIsKilledDoEachOccurrenceOnce(t *testing.T) {
	to := referee.Database(t)
	data := smallCity().in(t)
	jobs := []string{"formats: [csv]", "to: none", fmt.Sprintf("ledger: %q", to), "heartbeat: 1s", "lease: 3s", "jobs:"}
	for _, name := range []string{"a", "b", "c"} {
		jobs = append(jobs, fmt.Sprintf(`  - {name: %s, cron: "30 2 1 * *", period: last_month}`, name))
	}
	path, out := planned(t, data, jobs...)
	l, err := ledger.Open(t.Context(), to, "schedule")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var all []schedule.Entry
	c, _ := openPlan(path, &shared{logFormat: "text"}, Streams{})
	from, _ := schedule.ParsePeriod("2024-01")
	last, _ := schedule.ParsePeriod("2024-06")
	for i := range c.jobs {
		entries, err := c.jobs[i].Backfilled(from, last, time.Now(), c.Zone)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entries...)
	}
	if _, err := l.Plan(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	first, second, third := startSchedule(t, path), startSchedule(t, path), startSchedule(t, path)
	first.until(t, "publishing")
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for cut := false; ; time.Sleep(50 * time.Millisecond) {
		open, err := l.Entries(t.Context(), schedule.Query{States: []schedule.State{schedule.Planned, schedule.Running}})
		if err != nil && cut { // this connection too
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(open) == 0 {
			break
		}
		if len(open) < 12 && !cut { // as if the server were started anew
			cut = true
			referee.Ask(t, to, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		}
	}
	second.ends(t)
	third.ends(t)
	_ = first.Wait()
	var named []string
	for _, e := range inLedger(t, to) {
		if e.Cause == schedule.First {
			continue
		}
		if e.State != schedule.Done || slices.Contains(named, e.Place) {
			t.Errorf("%+v", e)
		}
		named = append(named, e.Place)
		wholeRun(t, filepath.Join(out, filepath.FromSlash(e.Place)), e)
	}
	found, _ := filepath.Glob(filepath.Join(out, "[abc]", "*", "*"))
	left, _ := filepath.Glob(filepath.Join(out, ".muscope", "work", "*"))
	if len(named) != 18 || len(found) != 18 || len(left) > 0 {
		t.Errorf("%d done, %d published, left %q", len(named), len(found), left)
	}
	o := ran(t, "schedule", "status", "--config", path, "--json")
	var report statusReport
	if err := json.Unmarshal([]byte(o.out), &report); err != nil || len(report.Jobs) != 3 || report.Jobs[0].Health != schedule.Well {
		t.Errorf("%v: %s", err, o.out)
	}
}
