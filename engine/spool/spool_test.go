package spool_test

import (
	"fmt"
	"testing"

	"github.com/muscope-gis/muscope/engine/spool"
	"github.com/muscope-gis/muscope/engine/table"
)

func lines(number, rows int) table.Batch {
	s := table.MustInput(table.ControlLines)
	b := table.NewBuilder(s, rows)
	for i := range rows {
		b.String(0, fmt.Sprintf("L%03d-%d", number, i))
		b.String(1, "river")
		if i%3 == 0 {
			b.String(2, fmt.Sprintf("river %d", i))
		}
		b.AppendText(3, func(dst []byte) []byte { return append(dst, byte(number), byte(i), 3) })
		b.EndRow(0, int64(i))
	}
	return b.Batch()
}

func TestBatchesBeyondTheLimitComeBackFromTheFileAsTheyWere(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := table.MustInput(table.ControlLines)
	store := spool.New(s, 20_000)
	const batches, rows = 40, 100
	for k := batches - 1; k >= 0; k-- {
		if err := store.Put(k, lines(k, rows)); err != nil {
			t.Fatal(err)
		}
	}
	if store.Spilled() == 0 {
		t.Fatal("nothing was spilled, the limit is not kept")
	}
	got, err := store.Batches()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != batches {
		t.Fatalf("%d batches, want %d", len(got), batches)
	}
	for k, b := range got {
		want := lines(k, rows)
		if b.Rows() != rows || fmt.Sprint(b.Record) != fmt.Sprint(want.Record) {
			t.Fatalf("batch %d differs after the spool", k)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAStoreWithoutALimitMakesNoFile(t *testing.T) {
	t.Setenv("TMPDIR", "/nonexistent")
	store := spool.New(table.MustInput(table.ControlLines), 0)
	if err := store.Put(0, lines(0, 10)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Batches(); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}
