package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// scheduleFile writes a schedule of the sample, whose results go to a folder beside it.
func scheduleFile(t *testing.T, more string) (file, results string) {
	t.Helper()
	dir := t.TempDir()
	succeeded(t, "sample", "--out", filepath.Join(dir, "city"))
	file = filepath.Join(dir, "schedule.yaml")
	text := "version: 1\nname: city\ndata: city\nout: results\npolicies: [suqian-2017, national-idle-land-2012]\nformats: [csv, geojson]\n" + more +
		"jobs:\n  - {name: yearly, cron: \"0 4 20 5 *\", period: last_year}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, filepath.Join(dir, "results")
}

// writing is a command that keeps each message it gets in a file of a folder.
func writing(t *testing.T, dir string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Fatal("the test hands results to a script of a shell")
	}
	path := filepath.Join(dir, "keep")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat > \""+dir+"/$MUSCOPE_PERIOD-$MUSCOPE_STATE.json\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAResultIsHandedOnWithWhatChangedSinceTheRunBefore(t *testing.T) {
	kept := t.TempDir()
	file, _ := scheduleFile(t, "after: [{name: keep, command: ["+writing(t, kept)+"]}]\n")
	o := command("schedule", "backfill", "yearly", "--config", file, "--from", "2023", "--to", "2024", "--quiet")
	if o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	type message struct {
		Type string
		Data struct {
			Period string
			RunID  string `json:"run_id"`
			Place  string
			Counts map[string]map[string]int
			Text   struct{ Zh, En string }
			// Changes is null in the first.
			Changes *struct {
				Before struct{ Period string }
				Idle   struct {
					Newly struct{ Count int }
				}
			}
		}
	}
	read := func(name string) (m message) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(kept, name))
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first, second := read("2023-done.json").Data, read("2024-done.json").Data
	for _, m := range []message{{Data: first}, {Data: second}} {
		if strings.Contains(m.Data.Text.En+m.Data.Text.Zh, "schedule.") {
			t.Errorf("a word is missing: %q", m.Data.Text)
		}
	}
	if first.Changes != nil || first.Place != "yearly/2023/"+first.RunID {
		t.Errorf("the first: %+v", first)
	}
	if c := second.Changes; c == nil || c.Before.Period != "2023" || c.Idle.Newly.Count == 0 {
		t.Errorf("the second: %+v", second)
	}
	if !strings.Contains(second.Text.Zh, "2024") || strings.Count(second.Text.Zh, "\n") < 2 {
		t.Errorf("%q", second.Text)
	}
}

func TestAFailureIsToldToThoseWhoAreToldOfFailures(t *testing.T) {
	kept := t.TempDir()
	file, results := scheduleFile(t, "on_failure: [{name: keep, command: ["+writing(t, kept)+"]}]\n")
	if err := os.Remove(filepath.Join(filepath.Dir(file), "city", "parcels.geojson")); err != nil {
		t.Fatal(err)
	}
	o := command("schedule", "run", "yearly", "--config", file, "--period", "2024", "--quiet")
	if o.code != exitFailed || strings.Count(o.err, "parcels") == 0 {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	text, err := os.ReadFile(filepath.Join(kept, "2024-failed.json"))
	if err != nil || !strings.Contains(string(text), `"type":"evaluation.failed"`) || !strings.Contains(string(text), "parcels") {
		t.Errorf("%s, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(results, "yearly")); err == nil {
		t.Error("a failed evaluation left a result")
	}
}

func TestASecretThatTheEnvironmentDoesNotHaveIsMissedAtTheStart(t *testing.T) {
	file, _ := scheduleFile(t, "after: [{name: portal, webhook: \"http://127.0.0.1:9/x\", secret_env: MUSCOPE_TEST_NO_SUCH_KEY}]\n")
	o := command("schedule", "--config", file, "--once")
	if o.code != exitFailed || !strings.Contains(o.err, "MUSCOPE_TEST_NO_SUCH_KEY") || strings.Count(o.err, "\n") > 1 {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
}

func TestASchedulerThatCannotListenSaysWhere(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	file, _ := scheduleFile(t, fmt.Sprintf("listen: %q\n", taken.Addr()))
	o := command("schedule", "--config", file)
	if o.code != exitFailed || !strings.Contains(o.err, taken.Addr().String()) {
		t.Errorf("exit %d: %s", o.code, o.err)
	}
}

func TestASchedulerThatRunsIsHealthyAndTellsItsMetrics(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	file, _ := scheduleFile(t, fmt.Sprintf("listen: %q\n", address))
	r := startSchedule(t, file)
	for path, want := range map[string]string{"/healthz": `"status":"ok"`, "/status": `"job":"yearly"`, "/metrics": `muscope_job_healthy{job="yearly"} 1`} {
		answer, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s, %v", path, answer.StatusCode, body, err)
		}
	}
	r.ends(t)
}
