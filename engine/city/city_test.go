package city_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/datasets/sample"
	"github.com/muscope-gis/muscope/engine/assess"
	"github.com/muscope-gis/muscope/engine/city"
	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/write"
)

// folder is the made-up city as files. Tables whose name begins with one of without
// are left out.
func folder(t *testing.T, without ...string) string {
	t.Helper()
	dir := t.TempDir()
	err := fs.WalkDir(sample.Files, ".", func(path string, d fs.DirEntry, err error) error {
		left := func(name string) bool { return strings.HasPrefix(path, name) }
		if err != nil || d.IsDir() || path == "README.md" || slices.ContainsFunc(without, left) {
			return err
		}
		text, err := fs.ReadFile(sample.Files, path)
		if err != nil {
			return err
		}
		name, packed := strings.CutSuffix(path, ".gz")
		if packed {
			r, err := gzip.NewReader(bytes.NewReader(text))
			if err != nil {
				return err
			}
			if text, err = io.ReadAll(r); err != nil {
				return err
			}
		}
		return os.WriteFile(filepath.Join(dir, name), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// noted are the places of used rows as they are noted: per table how many, and in
// which order the tables came.
type noted struct {
	order []string
	rows  map[string]int
}

func (n *noted) note(_ context.Context, s write.Source) error {
	n.order = append(n.order, s.Table)
	for i := range s.Rows {
		if key, file, row := s.Place(nil, i); len(key) == 0 && s.Table != table.Tenancies && s.Table != table.Adjustments || int(file) >= len(s.Files) || row < 1 {
			return fmt.Errorf("%s, row %d: key %q in file %d, row %d", s.Table, i, key, file, row)
		}
	}
	n.rows[s.Table] += s.Rows
	return nil
}

func opened(t *testing.T, dir string, threads int, near bool, n *noted) *city.City {
	t.Helper()
	src, err := read.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	n.rows = map[string]int{}
	c, err := city.Read(context.Background(), src, city.Options{
		Threads: threads, Near: near, Note: n.note,
		Stage: func(_ string, do func() (int, error)) error {
			_, err := do()
			return err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func digest(t *testing.T, c *city.City) string {
	t.Helper()
	if err := c.Books.Balance(); err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	if err := c.Books.Digest(context.Background(), h, 2); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestEveryUsedRowIsNotedOnceWhetherItsTableIsLetGoOrHeld(t *testing.T) {
	dir := folder(t)
	var orders [][]string
	for _, threads := range []int{1, 2, 4} {
		var n noted
		c := opened(t, dir, threads, true, &n)
		j, _ := c.Join(2024, false)
		j.Facts(assess.Accounting(nil))
		early := len(n.order)
		if _, err := j.Release(context.Background()); err != nil {
			t.Fatal(err)
		}
		released := slices.Clone(n.order[early:])
		for _, name := range []string{table.Enterprises, table.Tenancies, table.Output, table.Tax, table.Energy, table.Emissions, table.Adjustments} {
			if !slices.Contains(released, name) {
				t.Errorf("%s was not let go after the join, only %v", name, released)
			}
		}
		if _, err := c.NoteSources(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := c.Books.Balance(); err != nil {
			t.Fatal(err)
		}
		var m write.Manifest
		c.Books.Describe(&m)
		for name, count := range m.Counts {
			if int64(n.rows[name]) != count.Used {
				t.Errorf("%s: %d rows noted, %d used", name, n.rows[name], count.Used)
			}
		}
		if once := slices.Compact(slices.Sorted(slices.Values(n.order))); len(once) != len(n.order) || len(once) != len(m.Counts) {
			t.Errorf("%d tables, noted as %v", len(m.Counts), n.order)
		}
		orders = append(orders, n.order)
	}
	for _, other := range orders[1:] {
		if !slices.Equal(orders[0], other) {
			t.Errorf("the order of the notes depends on threads: %v, %v", orders[0], other)
		}
	}
}

func TestRowsThatWereLetGoHaveTheDigestOfThoseThatAreHeld(t *testing.T) {
	dir := folder(t)
	var n noted
	held := opened(t, dir, 2, true, &n)
	c := opened(t, dir, 2, false, &n)
	j, _ := c.Join(2024, false)
	if rows, err := j.Release(context.Background()); err != nil || rows == 0 {
		t.Fatal(rows, err)
	}
	if a, b := digest(t, held), digest(t, c); a != b {
		t.Errorf("held %s, let go %s", a, b)
	}
	fewer := opened(t, folder(t, "emissions"), 2, false, &n)
	if digest(t, fewer) == digest(t, c) {
		t.Error("the digest does not tell a city without emissions from one with them")
	}
}

func TestFactsOutliveTheRowsTheyWereMadeFrom(t *testing.T) {
	dir := folder(t)
	var n noted
	c := opened(t, dir, 2, false, &n)
	j, _ := c.Join(2024, false)
	f := j.Facts(assess.Accounting(nil))
	before := fmt.Sprintf("%v", *f)
	if _, err := j.Release(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(j.Matched) > 0 {
		t.Errorf("%d tables are still referred to", len(j.Matched))
	}
	if after := fmt.Sprintf("%v", *f); after != before || len(f.Code) == 0 {
		t.Errorf("the facts of %d enterprises changed", len(f.Code))
	}
}

func TestWithoutARegisterNobodyIsJoinedAndItsTablesAreLetGoAtOnce(t *testing.T) {
	var n noted
	c := opened(t, folder(t, "enterprises"), 2, false, &n)
	if j, rows := c.Join(2024, false); j != nil || rows != 0 {
		t.Errorf("joined %d rows", rows)
	}
	for _, name := range []string{table.Tenancies, table.Tax, table.ControlLines, table.Projects} {
		if n.rows[name] == 0 {
			t.Errorf("%s is held, noted are only %v", name, slices.Sorted(maps.Keys(n.rows)))
		}
	}
	if c.ControlLines.Rows().Len()+c.Projects.Rows().Len() > 0 {
		t.Error("control lines and projects are held, though no rule asks for them")
	}
}

func TestAWrongAdjustmentIsRejectedAndCounted(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "adjustments.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	count := func() write.Count {
		var n noted
		c := opened(t, dir, 2, false, &n)
		if err := c.Books.Balance(); err != nil {
			t.Fatal(err)
		}
		var m write.Manifest
		c.Books.Describe(&m)
		return m.Counts[table.Adjustments]
	}
	before := count()
	head, _, _ := strings.Cut(string(text), "\n")
	columns := strings.Split(strings.TrimRight(head, "\r"), ",")
	for _, wrong := range []struct{ kind, value string }{{"bonus", "-1"}, {"penalty", "A"}, {"bonus", "2e6"}, {"fix", "E"}, {"veto", "1"}} {
		cells := make([]string, len(columns))
		for i, name := range columns {
			cells[i] = map[string]string{"credit_code": "91999904MAMN55DU71", "year": "2024", "kind": wrong.kind, "value": wrong.value}[strings.TrimPrefix(name, "\ufeff")]
		}
		text = append(text, strings.Join(cells, ",")+"\n"...)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if after := count(); after.Read != before.Read+5 || after.Used != before.Used || after.Rejected != before.Rejected+5 {
		t.Errorf("five wrong rows more: %+v became %+v", before, after)
	}
}
