package history_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/history"
	"github.com/muscope-gis/muscope/engine/postgis/store"
	"github.com/muscope-gis/muscope/geo/referee"
)

// pastOf is the history in a database.
func pastOf(t testing.TB, address string) []history.Run {
	t.Helper()
	past, err := store.OpenPast(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(past.Close)
	all, err := past.Runs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var runs []history.Run
	for _, r := range all {
		runs = append(runs, history.Of(r.Manifest, "", r.FinishedAt, r.Results))
	}
	history.Sort(runs)
	return runs
}

// written evaluates the city into a folder and a database.
func written(t testing.TB, address, dir string, e evaluation) {
	t.Helper()
	sink, err := store.Open(context.Background(), address, 2)
	if err != nil {
		t.Fatal(err)
	}
	e.more = sink
	e.into(t, dir)
}

func TestRunsInADatabaseChangeAsTheirFoldersDo(t *testing.T) {
	address := referee.Database(t)
	if runs := pastOf(t, address); len(runs) != 0 {
		t.Fatalf("%v", runs)
	}
	root := t.TempDir()
	first := filepath.Join(root, "2023")
	written(t, address, first, ofYear(2023))
	written(t, address, filepath.Join(root, "2024", "a"), ofYear(2024))
	again := ofYear(2024)
	again.data, again.previous = lateCity(t), first
	written(t, address, filepath.Join(root, "2024", "b"), again)

	said := func(runs []history.Run) string {
		entries, err := history.Entries(context.Background(), runs, 0, true)
		if err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			e := &entries[i]
			e.Place, e.WrittenAt = "", time.Time{}
			if e.Changes != nil {
				e.Changes.Before.Place, e.Changes.After.Place = "", ""
			}
		}
		text, err := json.MarshalIndent(entries, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	folders, database := said(found(t, root)), said(pastOf(t, address))
	a, b := strings.Split(folders, "\n"), strings.Split(database, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Errorf("line %d: the folders say %s, the database %s", i+1, a[i], b[i])
			break
		}
	}
	if len(a) != len(b) || strings.Count(folders, `"changes"`) != 2 {
		t.Errorf("%d and %d lines", len(a), len(b))
	}
}

func TestARunDeletedMeanwhileIsNoResolvedLand(t *testing.T) {
	address := referee.Database(t)
	root := t.TempDir()
	written(t, address, filepath.Join(root, "2023"), ofYear(2023))
	written(t, address, filepath.Join(root, "2024"), ofYear(2024))
	runs := pastOf(t, address)
	if err := store.Delete(context.Background(), address, runs[0].RunID); err != nil {
		t.Fatal(err)
	}
	if len(runs) != 2 {
		t.Fatal(len(runs))
	}
	_, err := history.Compare(context.Background(), &runs[1], &runs[0])
	if err == nil || !strings.Contains(err.Error(), "was the run deleted meanwhile?") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

func TestATableThatMayNotBeReadIsSaidOfItsRunAlone(t *testing.T) {
	address := referee.Database(t)
	root := t.TempDir()
	written(t, address, filepath.Join(root, "2023"), ofYear(2023))
	written(t, address, filepath.Join(root, "2024"), ofYear(2024))
	referee.Ask(t, address, "ALTER TABLE muscope.grades RENAME TO hidden")
	runs := pastOf(t, address)
	for range 2 { // the first failure leaves the second what it is
		_, err := history.Compare(context.Background(), &runs[1], &runs[0])
		if err == nil || !strings.Contains(err.Error(), "muscope.grades") || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("%v", err)
		}
	}
}
