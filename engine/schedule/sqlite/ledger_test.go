package sqlite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/ledgertest"
	"github.com/muscope-gis/muscope/engine/schedule/sqlite"
)

func TestTheFileIsALedger(t *testing.T) {
	ledgertest.Test(t, func(t testing.TB) ledgertest.Place {
		path := filepath.Join(t.TempDir(), "out", ".muscope", "ledger.sqlite")
		return ledgertest.Place{Shared: true, Open: func(t testing.TB) schedule.Ledger {
			l, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}}
	})
}

func TestALedgerThatIsNotThereIsNotMadeToBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.sqlite")
	if _, err := sqlite.OpenToRead(t.Context(), path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opened: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it was made: %v", err)
	}
}

func TestALedgerIsReadWhileItIsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "日程 #1?.sqlite")
	l, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e := schedule.Entry{Key: schedule.Key{Job: "monthly", Due: time.Unix(1_700_000_000, 0).UTC()}, Cause: schedule.OnTime, Period: "2023-10", State: schedule.Planned}
	if _, err := l.Plan(t.Context(), []schedule.Entry{e}); err != nil {
		t.Fatal(err)
	}
	seen, err := sqlite.OpenToRead(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer seen.Close()
	all, err := seen.Entries(t.Context(), schedule.Query{})
	if err != nil || len(all) != 1 || all[0].Job != "monthly" {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestAFileThatIsNoLedgerIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.sqlite")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("opened: %v", err)
	}
}

func TestOneSchedulerHasAFolderForItself(t *testing.T) {
	dir := t.TempDir()
	me := sqlite.Holder{Host: "bureau-1", PID: 4711, Since: time.Unix(1_700_000_000, 0).UTC()}
	release, err := sqlite.Lock(dir, me)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Lock(dir, sqlite.Holder{Host: "bureau-2", PID: 1})
	var held *sqlite.Held
	if !errors.As(err, &held) || held.By != me || !strings.Contains(err.Error(), "process 4711 on bureau-1") {
		t.Errorf("the second: %v", err)
	}
	release()
	release, err = sqlite.Lock(dir, me)
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestWhoHasTheFolderTakesOverAtOnce(t *testing.T) {
	l, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now := time.Unix(1_700_000_000, 0).UTC()
	if _, err := l.Plan(t.Context(), []schedule.Entry{{Key: schedule.Key{Job: "monthly", Due: now}, Period: "2023-10", State: schedule.Planned}}); err != nil {
		t.Fatal(err)
	}
	dead, err := l.Claim(t.Context(), "dead", now, time.Hour)
	if err != nil || dead == nil {
		t.Fatal(dead, err)
	}
	if err := l.Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := l.Claim(t.Context(), "next", now, time.Hour); err != nil || c == nil || c.Entry().Attempt != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	if err := dead.Beat(t.Context(), now, time.Hour); !errors.Is(err, schedule.ErrLost) {
		t.Errorf("the dead one: %v", err)
	}
}
