package write_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/write"
)

// counting is a paper that says how many rows each table has.
func counting(_ context.Context, run *write.Whole, out io.Writer) (rows int, err error) {
	for _, t := range run.Tables {
		mu, _ := t.Column("mu")
		for i := range t.Rows {
			v, ok := mu.Printed(i)
			if _, err := fmt.Fprintf(out, "%s %d %q %t\n", t.Name, i, v, ok); err != nil {
				return rows, err
			}
			rows++
		}
	}
	return rows, nil
}

func TestAPaperIsMadeOfTheTablesThatWereWrittenBeforeIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	f, err := write.Create(dir, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	f.Formats = write.Formats{} // tables are there for papers though none is written as CSV
	f.Papers = []write.Paper{{Name: "counts.txt", Make: counting}}
	areas := write.Table{Name: "areas", Rows: 2, Columns: []write.Column{
		write.Fixed("mu", 4, func(i int) (int64, bool) { return 123400, i == 0 }),
	}}
	m := &write.Manifest{}
	if err := f.Table(t.Context(), areas); err != nil {
		t.Fatal(err)
	}
	steps := f.Steps(m)
	if len(steps) != 1 || steps[0].Name != "counts.txt" {
		t.Fatalf("steps %v, want one", steps)
	}
	if rows, err := steps[0].Do(t.Context()); err != nil || rows != 2 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	if err := f.Finish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "counts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "areas 0 \"12.34\" true\nareas 1 \"\" false\n"; string(text) != want {
		t.Errorf("%q, want %q", text, want)
	}
	if o := m.Outputs; len(o) != 1 || o[0].Path != "counts.txt" || o[0].Rows != 2 || o[0].Bytes != int64(len(text)) {
		t.Errorf("outputs %+v", o)
	}
}

func TestAPaperThatCannotBeMadeNamesItsFile(t *testing.T) {
	f, err := write.Create(filepath.Join(t.TempDir(), "run"), false, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	broken := errors.New("sheet 3 has no rows")
	f.Papers = []write.Paper{{Name: "report.xlsx", Make: func(context.Context, *write.Whole, io.Writer) (int, error) { return 0, broken }}}
	steps := f.Steps(&write.Manifest{})
	_, err = steps[len(steps)-1].Do(t.Context())
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "report.xlsx") {
		t.Errorf("%v, want the file's name and %v", err, broken)
	}
}
