package table_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// parcels has a column of every kind but Integer, zones has that.
var parcels = table.MustInput(table.Parcels)

// cell is a value as the tests keep it; nil is null.
type cell any

// set puts a value into a builder by the column's kind.
func set(b *table.Builder, s *table.Schema, column int, v cell) {
	switch s.Fields[column].Kind {
	case table.Number:
		b.Number(column, v.(float64))
	case table.Integer:
		b.Integer(column, v.(int64))
	case table.Date:
		b.Date(column, v.(unit.Date))
	case table.Bool:
		b.Bool(column, v.(bool))
	case table.Geometry:
		b.AppendText(column, func(dst []byte) []byte { return append(dst, v.(string)...) })
	case table.Code:
		b.String(column, v.(string))
	default:
		b.Text(column, []byte(v.(string)))
	}
}

// get reads a value back by the column's kind.
func get(b table.Batch, column, row int) cell {
	switch a := b.Record.Column(column).(type) {
	case *array.String:
		if a.IsValid(row) {
			return a.Value(row)
		}
	case *array.Binary:
		if a.IsValid(row) {
			return string(a.Value(row))
		}
	case *array.Float64:
		if a.IsValid(row) {
			return a.Value(row)
		}
	case *array.Int64:
		if a.IsValid(row) {
			return a.Value(row)
		}
	case *array.Date32:
		if a.IsValid(row) {
			return unit.Date(a.Value(row))
		}
	case *array.Boolean:
		if a.IsValid(row) {
			return a.Value(row)
		}
	}
	return nil
}

// random is a value of a column; null every third time.
func random(dice *rand.Rand, s *table.Schema, column int) cell {
	if dice.IntN(3) == 0 {
		return nil
	}
	switch s.Fields[column].Kind {
	case table.Number:
		return dice.NormFloat64()
	case table.Integer:
		return dice.Int64()
	case table.Date:
		return unit.Date(dice.IntN(40_000))
	case table.Bool:
		return dice.IntN(2) == 0
	}
	return []string{"", "0", "宗地", fmt.Sprint(dice.Uint64())}[dice.IntN(4)]
}

func randomRows(dice *rand.Rand, s *table.Schema, n int) [][]cell {
	rows := make([][]cell, n)
	for i := range rows {
		rows[i] = make([]cell, len(s.Fields))
		for c := range rows[i] {
			rows[i][c] = random(dice, s, c)
		}
	}
	return rows
}

// build makes a batch of rows, setting the columns of each in the order given.
func build(s *table.Schema, rows [][]cell, order []int) table.Batch {
	b := table.NewBuilder(s, 0)
	for i, row := range rows {
		for _, c := range order {
			if row[c] != nil {
				set(b, s, c, row[c])
			}
		}
		b.EndRow(int32(i%3), int64(i+1))
	}
	return b.Batch()
}

func inOrder(s *table.Schema) []int {
	order := make([]int, len(s.Fields))
	for i := range order {
		order[i] = i
	}
	return order
}

func TestABatchHoldsWhatWasSetAndNullsElsewhere(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for _, s := range []*table.Schema{parcels, table.MustInput(table.Zones), table.MustInput(table.Tax)} {
		for _, n := range []int{0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000} {
			rows := randomRows(dice, s, n)
			batch := build(s, rows, inOrder(s))
			if batch.Rows() != n {
				t.Fatalf("%s: %d rows, want %d", s.Name, batch.Rows(), n)
			}
			for i, row := range rows {
				for c, want := range row {
					if got := get(batch, c, i); got != want {
						t.Fatalf("%s of %d rows: row %d, %s is %v, want %v", s.Name, n, i, s.Fields[c].Name, got, want)
					}
				}
				if file, at := batch.Place(i); file != int32(i%3) || at != int64(i+1) {
					t.Fatalf("%s: row %d was read at file %d row %d", s.Name, i, file, at)
				}
			}
			for c := range s.Fields {
				nulls := 0
				for _, row := range rows {
					if row[c] == nil {
						nulls++
					}
				}
				if got := batch.Record.Column(c).NullN(); got != nulls {
					t.Fatalf("%s of %d rows: %s has %d nulls, want %d", s.Name, n, s.Fields[c].Name, got, nulls)
				}
			}
		}
	}
}

func TestTheOrderInWhichColumnsAreSetChangesNothing(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 8, 9, 100} {
		rows := randomRows(dice, parcels, n)
		want := build(parcels, rows, inOrder(parcels))
		for range 5 {
			order := dice.Perm(len(parcels.Fields))
			if got := build(parcels, rows, order); !array.RecordEqual(got.Record, want.Record) {
				t.Fatalf("%d rows set in the order %v differ", n, order)
			}
		}
	}
}

func TestADroppedRowLeavesNoTrace(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{0, 1, 7, 8, 9, 16, 17, 200} {
		rows := randomRows(dice, parcels, n)
		want := build(parcels, rows, inOrder(parcels))
		b := table.NewBuilder(parcels, 4)
		drop := func() {
			for range dice.IntN(3) {
				full := dice.IntN(2) == 0
				for c := range parcels.Fields {
					if v := random(dice, parcels, c); v != nil && (full || dice.IntN(2) == 0) {
						set(b, parcels, c, v)
					}
				}
				b.DropRow()
			}
		}
		for i, row := range rows {
			drop()
			if b.Rows() != i {
				t.Fatalf("%d rows after dropping, want %d", b.Rows(), i)
			}
			for c, v := range row {
				if b.Set(c) || b.Value(c) != nil {
					t.Fatalf("row %d: %s is set before it was", i, parcels.Fields[c].Name)
				}
				if v != nil {
					set(b, parcels, c, v)
				}
			}
			b.EndRow(int32(i%3), int64(i+1))
		}
		drop()
		got := b.Batch()
		if !array.RecordEqual(got.Record, want.Record) {
			t.Fatalf("%d rows with others dropped between them differ:\n%v\n%v", n, got.Record, want.Record)
		}
		for c := range parcels.Fields {
			if got.Record.Column(c).NullN() != want.Record.Column(c).NullN() {
				t.Fatalf("%d rows: %s counts other nulls", n, parcels.Fields[c].Name)
			}
		}
	}
}

func TestABatchGoesThroughArrowIPCUnchanged(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 8))
	want := build(parcels, randomRows(dice, parcels, 9), inOrder(parcels))
	var file bytes.Buffer
	w := ipc.NewWriter(&file, ipc.WithSchema(parcels.Arrow()))
	if err := w.Write(want.Record); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := ipc.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !r.Next() || !array.RecordEqual(r.Record(), want.Record) {
		t.Error("the batch read back differs")
	}
}

func TestSetValueAndBytesTellOfTheCurrentRowOnly(t *testing.T) {
	b := table.NewBuilder(parcels, 2)
	code := parcels.Index("parcel_code")
	b.String(code, "first")
	if !b.Set(code) || string(b.Value(code)) != "first" || b.Bytes(code) != 5 {
		t.Errorf("set %t, value %q, %d bytes", b.Set(code), b.Value(code), b.Bytes(code))
	}
	b.EndRow(0, 1)
	if b.Set(code) || b.Value(code) != nil {
		t.Errorf("the next row has the value %q already", b.Value(code))
	}
	b.Number(parcels.Index("recorded_area"), 1)
	if b.Value(parcels.Index("recorded_area")) != nil {
		t.Error("a number has bytes")
	}
}

func TestNoRowAllocatesOnceThereIsRoom(t *testing.T) {
	b := table.NewBuilder(parcels, 10_000)
	code, date := []byte("4403"), parcels.Index("signed_on")
	fill := func() {
		b.Text(0, code)
		b.Date(date, 19_000)
		b.EndRow(0, 1)
	}
	for range 2000 {
		fill() // the text grows as it must
	}
	if n := testing.AllocsPerRun(1000, fill); n > 0.1 {
		t.Errorf("%v allocations a row", n)
	}
}
