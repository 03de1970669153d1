package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/engine/history"
	"github.com/muscope-gis/muscope/engine/write"
)

// noted writes a run folder that is no more than its manifest.
func noted(t testing.TB, dir, period, asOf string, hour int, change func(*write.Manifest)) {
	t.Helper()
	m := write.Manifest{RunID: filepath.Base(dir), Period: period, Year: 2024, AsOf: asOf, Policies: []write.PolicyNote{{ID: "a"}, {ID: "b"}}}
	if change != nil {
		change(&m)
	}
	text, err := json.Marshal(m)
	if err == nil {
		err = os.MkdirAll(dir, 0o750)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, write.ManifestName), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	stamp(t, dir, hour)
}

func places(runs []history.Run) []string {
	var out []string
	for _, r := range runs {
		out = append(out, r.Place)
	}
	return out
}

func TestRunsAreFoundFourFoldersDownTheNewestFirst(t *testing.T) {
	root := t.TempDir()
	noted(t, filepath.Join(root, "monthly", "2024-09", "r1"), "2024-09", "2024-09-30", 1, nil)
	noted(t, filepath.Join(root, "monthly", "2024-09", "r2"), "2024-09", "2024-09-30", 2, nil)
	noted(t, filepath.Join(root, "r0"), "2023", "2023-12-31", 3, nil)
	noted(t, filepath.Join(root, "a", "b", "c", "r4"), "2024", "2024-12-31", 4, nil)
	noted(t, filepath.Join(root, "a", "b", "c", "d", "deep"), "2024", "2024-12-31", 4, nil)
	noted(t, filepath.Join(root, "r5.tmp-123"), "2024", "2024-12-31", 4, nil)
	noted(t, filepath.Join(root, "monthly", ".trash", "r6"), "2024", "2024-12-31", 4, nil)
	noted(t, filepath.Join(root, "r0", "inside"), "2024", "2024-12-31", 4, nil)
	if err := os.Symlink(filepath.Join(root, "r0"), filepath.Join(root, "latest")); err != nil {
		t.Fatal(err)
	}
	want := []string{"a/b/c/r4", "monthly/2024-09/r2", "monthly/2024-09/r1", "r0"}
	for range 3 {
		if got := places(found(t, root)); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := places(found(t, filepath.Join(root, "r0"))); !slices.Equal(got, []string{"."}) {
		t.Errorf("a run folder holds %q", got)
	}
}

func TestABrokenRunIsListedWithItsReasonAndDoesNotStopTheRest(t *testing.T) {
	root := t.TempDir()
	noted(t, filepath.Join(root, "good"), "2024", "2024-12-31", 1, nil)
	for name, text := range map[string]string{"cut": `{"run_id": "x", "ye`, "other": `{"name": "some app"}`, "typed": `{"run_id": 7}`, "empty": ""} {
		noted(t, filepath.Join(root, name), "2024", "2024-12-31", 1, nil)
		if err := os.WriteFile(filepath.Join(root, name, write.ManifestName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "lost", "tables"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "folder", write.ManifestName), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "nothing", "here"), 0o750); err != nil {
		t.Fatal(err)
	}
	runs := found(t, root)
	if got := places(runs); !slices.Equal(got, []string{"good", "cut", "empty", "folder", "lost", "other", "typed"}) {
		t.Errorf("%q", got)
	}
	for _, r := range runs {
		if (r.Problem == "") != (r.Place == "good") || strings.Contains(r.Problem, "\n") || strings.Contains(r.Problem, root) {
			t.Errorf("%s: %q", r.Place, r.Problem)
		}
	}
	entries, err := history.Entries(context.Background(), runs, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := history.Write(&text, entries, "en"); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "cannot be read "); n != 6 || !strings.Contains(text.String(), "cannot be read lost: no manifest.json") {
		t.Errorf("%s", &text)
	}
}

func TestAFolderThatIsNoneIsAnErrorOfOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(t.TempDir(), "none")} {
		if _, err := history.Find(context.Background(), dir); err == nil || !strings.Contains(err.Error(), "name a folder of run folders") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := history.Find(ctx, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestARunIsComparedWithTheLastOfItsKind(t *testing.T) {
	root := t.TempDir()
	in := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	noted(t, in("job/2024-01/jan"), "2024-01", "2024-01-31", 1, nil)
	noted(t, in("job/2024-02/feb"), "2024-02", "2024-02-29", 2, nil)
	noted(t, in("job/2024-02/feb-again"), "2024-02", "2024-02-29", 3, nil)
	noted(t, in("job/2024-03/mar"), "2024-03", "2024-03-31", 4, nil)
	noted(t, in("job/2024-03/mar-late"), "2024-03", "2024-04-30", 9, nil) // of March, as of April
	noted(t, in("job/2024-04/apr"), "2024-04", "2024-04-30", 5, nil)
	noted(t, in("job/2023Q4/q4"), "2023Q4", "2023-12-31", 1, nil)
	noted(t, in("job/2024Q1/q1"), "2024Q1", "2024-03-31", 1, nil)
	noted(t, in("job/2023/y23"), "2023", "2023-12-31", 1, nil)
	noted(t, in("job/2024/y24"), "2024", "2024-12-31", 1, nil)
	noted(t, in("job/2025/other"), "2025", "2025-12-31", 1, func(m *write.Manifest) { m.Policies = m.Policies[1:] })
	noted(t, in("job/2026/scheme"), "2026", "2026-12-31", 1, func(m *write.Manifest) { m.Grading = "a/x" })
	noted(t, in("job/2027/turned"), "2027", "2027-12-31", 1, func(m *write.Manifest) { slices.Reverse(m.Policies) })
	noted(t, in("job/2028/odd"), "20xx", "2028-12-31", 1, nil)
	noted(t, in("elsewhere/2025/far"), "2025", "2025-12-31", 1, nil)
	want := map[string]string{
		"feb": "jan earlier_period", "feb-again": "jan earlier_period", "mar": "feb-again earlier_period", "mar-late": "feb-again earlier_period",
		"apr": "mar-late earlier_period", "q1": "q4 earlier_period", "y24": "y23 earlier_period", "turned": "y24 earlier_period",
	}
	runs := found(t, root)
	if len(runs) != 15 {
		t.Fatalf("%q", places(runs))
	}
	for i := range runs {
		got := ""
		if before, how, ok := history.Last(runs, &runs[i]); ok {
			got = before.RunID + " " + how
		}
		if got != want[runs[i].RunID] {
			t.Errorf("%s is compared with %q, want %q", runs[i].RunID, got, want[runs[i].RunID])
		}
	}
	first := t.TempDir() // an evaluation of the first period, again
	noted(t, filepath.Join(first, "a"), "2024", "2024-12-31", 1, nil)
	noted(t, filepath.Join(first, "b"), "2024", "2024-12-31", 2, nil)
	runs = found(t, first)
	if before, how, ok := history.Last(runs, &runs[0]); !ok || before.RunID != "a" || how != history.SamePeriod {
		t.Errorf("%v %s", before, how)
	}
	if _, _, ok := history.Last(runs, &runs[1]); ok {
		t.Error("the first evaluation is compared")
	}
}

func TestNamesInAHistorySteerNoTerminal(t *testing.T) {
	root := t.TempDir()
	noted(t, filepath.Join(root, "r\x1b[2Jun"), "2024", "2024-12-31", 1, func(m *write.Manifest) {
		m.RunID, m.Policies[0].ID = "x\x1b]0;y\a", "p\u202e\nq"
	})
	entries, err := history.Entries(context.Background(), found(t, root), 0, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"zh", "en"} {
		var text bytes.Buffer
		if err := history.Write(&text, entries, lang); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(text.String(), "\x1b\a\u202e\r") || strings.Count(text.String(), "\n") != 3 {
			t.Errorf("%q", &text)
		}
	}
}

func TestTheTimeARunWasWrittenIsThatOfItsManifest(t *testing.T) {
	y := manyYears(t)
	runs := found(t, y.root)
	if got := places(runs); !slices.Equal(got, []string{"yearly/2024/third", "yearly/2024/second", "yearly/2023/first"}) {
		t.Fatalf("%q", got)
	}
	if want := time.Date(2025, 7, 1, 2, 0, 0, 0, time.UTC); !runs[0].WrittenAt.Equal(want) || runs[0].WrittenAt.Location() != time.UTC {
		t.Errorf("%v", runs[0].WrittenAt)
	}
	entries, err := history.Entries(context.Background(), runs, 2, true)
	if err != nil || len(entries) != 2 || entries[0].ComparedWith != runs[2].RunID || entries[1].ComparedWith != runs[2].RunID || entries[1].Changes == nil {
		t.Errorf("%v %+v", err, entries)
	}
}
