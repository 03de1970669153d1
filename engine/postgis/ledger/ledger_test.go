package ledger_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/postgis"
	"github.com/muscope-gis/muscope/engine/postgis/ledger"
	"github.com/muscope-gis/muscope/engine/schedule"
	"github.com/muscope-gis/muscope/engine/schedule/ledgertest"
	"github.com/muscope-gis/muscope/geo/referee"
)

func TestADatabaseIsALedger(t *testing.T) {
	address := referee.Database(t)
	ledgertest.Test(t, func(t testing.TB) ledgertest.Place {
		name := t.Name()
		return ledgertest.Place{Shared: true, Open: func(t testing.TB) schedule.Ledger { return opened(t, address, name) }}
	})
}

func opened(t testing.TB, address, name string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), address, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func monthly(due time.Time) schedule.Entry {
	return schedule.Entry{Key: schedule.Key{Job: "monthly", Due: due}, Cause: schedule.OnTime, Period: "2024-02", State: schedule.Planned}
}

var due = time.Date(2024, 3, 1, 18, 30, 0, 0, time.UTC)

func TestAMachineWhoseClockIsWrongTakesNoLiveClaim(t *testing.T) {
	l := opened(t, referee.Database(t), "clocks")
	if _, err := l.Plan(t.Context(), []schedule.Entry{monthly(due)}); err != nil {
		t.Fatal(err)
	}
	first, err := l.Claim(t.Context(), "right", due, time.Minute)
	if err != nil || first == nil {
		t.Fatalf("claimed %v, %v", first, err)
	}
	for _, wrong := range []time.Duration{time.Hour, 1000 * time.Hour, -time.Hour} {
		if c, err := l.Claim(t.Context(), "wrong", time.Now().Add(wrong), time.Minute); err != nil || c != nil {
			t.Errorf("with a clock %v off it claimed %v, %v", wrong, c, err)
		}
	}
}

func TestSchedulesOfOtherNamesShareADatabaseUnseen(t *testing.T) {
	address := referee.Database(t)
	one, other := opened(t, address, "one"), opened(t, address, "other")
	if _, err := one.Plan(t.Context(), []schedule.Entry{monthly(due)}); err != nil {
		t.Fatal(err)
	}
	if c, err := other.Claim(t.Context(), "w", due, time.Minute); err != nil || c != nil {
		t.Errorf("claimed %v, %v", c, err)
	}
	if all, err := other.Entries(t.Context(), schedule.Query{}); err != nil || len(all) != 0 {
		t.Errorf("listed %v, %v", all, err)
	}
}

func TestWhereNothingWasEverPlannedNothingIsListedAndNothingMade(t *testing.T) {
	address := referee.Database(t)
	referee.Ask(t, address, "SET client_min_messages = warning; DROP SCHEMA IF EXISTS muscope CASCADE")
	if all, err := opened(t, address, "x").Entries(t.Context(), schedule.Query{}); err != nil || len(all) != 0 {
		t.Errorf("listed %v, %v", all, err)
	}
	if made := referee.Rows(t, address, "SELECT nspname FROM pg_namespace WHERE nspname = 'muscope'"); len(made) != 0 {
		t.Errorf("listing made schema %v", made)
	}
}

func TestARoleThatMayOnlyReadListsAndIsToldWhyItCannotPlan(t *testing.T) {
	address := referee.Database(t)
	l := opened(t, address, "x")
	if _, err := l.Plan(t.Context(), []schedule.Entry{monthly(due)}); err != nil {
		t.Fatal(err)
	}
	const role = "muscope_ledger_reader"
	referee.Ask(t, address, "CREATE ROLE "+role+" LOGIN PASSWORD 'nothing-secret'; GRANT USAGE ON SCHEMA muscope TO "+role+"; GRANT SELECT ON muscope.occurrences TO "+role)
	t.Cleanup(func() { referee.Ask(t, address, "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, "nothing-secret")
	reader := opened(t, u.String(), "x")
	if all, err := reader.Entries(t.Context(), schedule.Query{}); err != nil || len(all) != 1 {
		t.Errorf("listed %v, %v", all, err)
	}
	_, err = reader.Plan(t.Context(), []schedule.Entry{monthly(due.Add(time.Hour))})
	if err == nil || !strings.Contains(err.Error(), "plan") || !strings.Contains(err.Error(), "GRANT") || strings.Contains(err.Error(), "nothing-secret") {
		t.Errorf("%v, want what was done, what a DBA can do, and no password", err)
	}
}

func TestALedgerGoesOnWhenTheServerEndedItsConnections(t *testing.T) {
	address := referee.Database(t)
	l := opened(t, address, "x")
	if _, err := l.Plan(t.Context(), []schedule.Entry{monthly(due)}); err != nil {
		t.Fatal(err)
	}
	claim, err := l.Claim(t.Context(), "w", due, time.Minute)
	if err != nil || claim == nil {
		t.Fatalf("claimed %v, %v", claim, err)
	}
	referee.Ask(t, address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	var lost *postgis.Unreachable
	if err := claim.Beat(t.Context(), due, time.Minute); err != nil && !errors.As(err, &lost) { // the first may meet the dead connection
		t.Fatalf("%v, want none or one that says the database cannot be reached", err)
	}
	if err := claim.End(t.Context(), schedule.Outcome{State: schedule.Done, At: due, Result: schedule.Result{RunID: "r1"}}); err != nil {
		t.Fatal(err)
	}
}
