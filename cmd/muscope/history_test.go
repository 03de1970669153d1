package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/history"
	"github.com/muscope-gis/muscope/geo/referee"
)

// twoYears evaluates the made-up city for two years into results/YEAR, below the
// working folder.
func twoYears(t *testing.T, more ...string) {
	t.Helper()
	data := sampleFiles(t).in(t)
	for _, year := range []struct{ name, asOf string }{{"2023", "2024-06-30"}, {"2024", "2025-06-30"}} {
		args := append([]string{"evaluate", "--data", data, "--policy", samplePolicies, "--year", year.name, "--as-of", year.asOf,
			"--out", filepath.Join("results", year.name), "--quiet", "--formats", "geojson,csv"}, more...)
		if o := command(args...); o.code != exitDone {
			t.Fatalf("exit %d: %s", o.code, o.err)
		}
	}
}

func TestTheReadmeShowsWhatAHistoryReallySays(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	twoYears(t)
	_, shown, found := strings.Cut(string(readme), "$ muscope history ")
	words, shown, _ := strings.Cut(shown, "\n")
	shown, _, closed := strings.Cut(shown, "\n```")
	if !found || !closed {
		t.Fatal("README.md shows no history")
	}
	o := command(append([]string{"history"}, strings.Fields(words)...)...)
	if o.code != exitDone {
		t.Fatalf("exit %d: %s", o.code, o.err)
	}
	printed, lines := strings.Split(o.out, "\n"), strings.Split(shown, "\n")
	for _, want := range lines {
		if want != "…" && !slices.Contains(printed, want) {
			t.Errorf("README.md shows a line that is not printed:\n%s\nin\n%s", want, o.out)
		}
	}
	if len(lines) < 8 {
		t.Errorf("README.md shows %d lines", len(lines))
	}
}

func TestHistoryIsListedInBothLanguagesAndAsJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	twoYears(t)
	if err := os.MkdirAll(filepath.Join("results", "broken", "tables"), 0o750); err != nil {
		t.Fatal(err)
	}
	zh, en := command("history", "--runs", "results", "--lang", "zh"), command("history", "--runs", "results", "--lang", "en")
	if zh.code != exitDone || !strings.Contains(zh.out, "比较对象") || !strings.Contains(zh.out, "不能读取 broken") {
		t.Errorf("exit %d: %s%s", zh.code, zh.out, zh.err)
	}
	if en.code != exitDone || strings.Count(en.out, "\n") != 5 || !strings.Contains(en.out, "cannot be read broken: no manifest.json") {
		t.Errorf("exit %d: %s%s", en.code, en.out, en.err)
	}
	var entries, again []history.Entry
	read := func(lang string, into *[]history.Entry) string {
		o := command("history", "--runs", "results", "--json", "--changes", "--last", "2", "--lang", lang)
		if err := json.Unmarshal([]byte(o.out), into); err != nil || o.code != exitDone {
			t.Fatalf("exit %d: %v %s", o.code, err, o.err)
		}
		return o.out
	}
	if read("zh", &entries) != read("en", &again) {
		t.Error("JSON differs by language")
	}
	if len(entries) != 2 || entries[0].Place != "2024" || entries[0].Changes.Idle.Newly.Count != 47 || entries[1].Changes != nil || entries[0].ComparedWith != entries[1].RunID {
		t.Errorf("%+v", entries)
	}
}

func TestAHistoryOfADatabaseIsThatOfTheFolders(t *testing.T) {
	address := referee.Database(t)
	t.Chdir(t.TempDir())
	none := command("history", "--runs", address, "--lang", "en")
	if none.code != exitDone || !strings.HasPrefix(none.out, "no runs in postgres://") {
		t.Errorf("exit %d: %s%s", none.code, none.out, none.err)
	}
	if empty := command("history", "--runs", ".", "--lang", "en"); empty.code != exitDone || empty.out != "no runs in .\n" {
		t.Errorf("exit %d: %s%s", empty.code, empty.out, empty.err)
	}
	twoYears(t, "--to", address)
	folders, database := command("history", "--runs", "results", "--changes", "--lang", "en"), command("history", "--runs", address, "--changes", "--lang", "en")
	if database.code != exitDone || database.err != "" {
		t.Fatalf("exit %d: %s", database.code, database.err)
	}
	changes := func(text string) (out []string) {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "    ") {
				out = append(out, line)
			}
		}
		return out
	}
	if a, b := changes(folders.out), changes(database.out); len(a) < 8 || !slices.Equal(a, b) {
		t.Errorf("folders\n%s\ndatabase\n%s", folders.out, database.out)
	}
	if password := secret(t); password != "" && strings.Contains(database.out+none.out, password) {
		t.Error("the password is printed")
	}
}

func TestWrongUsesOfHistoryAreErrorsOfOneLine(t *testing.T) {
	for _, one := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "--runs is missing"},
		{[]string{"results"}, exitUsage, "is no flag"},
		{[]string{"--runs", t.TempDir(), "--last", "-1"}, exitUsage, "a number of runs"},
		{[]string{"--runs", filepath.Join(t.TempDir(), "nowhere")}, exitFailed, "name a folder of run folders"},
		{[]string{"--runs", "postgres://u:s3cr3t-z@127.0.0.1:1/land"}, exitUnreachable, "127.0.0.1:1"},
	} {
		o := command(append([]string{"history"}, one.args...)...)
		if o.code != one.code || !strings.Contains(o.err, one.want) || strings.Count(o.err, "\n") != 1 || strings.Contains(o.err, "s3cr3t") {
			t.Errorf("%q: exit %d: %s", one.args, o.code, o.err)
		}
	}
}
