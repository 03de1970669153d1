package read

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
)

// numbers gives 0 … n−1, then end.
func numbers(n int, end error) func() (int, error) {
	next := -1
	return func() (int, error) {
		if next++; next >= n {
			return 0, end
		}
		return next, nil
	}
}

func TestTheErrorIsTheEarliestJobsWhoeverCameFirst(t *testing.T) {
	late := make(chan struct{})
	failed, err := inOrder(context.Background(), 3, numbers(100, io.EOF), func() func(int, int) error {
		return func(number, job int) error {
			switch job {
			case 1: // fails only once the job behind it has
				<-late
			case 2:
				defer close(late)
			default:
				return nil
			}
			return fmt.Errorf("job %d", number)
		}
	})
	if failed != 1 || err == nil || err.Error() != "job 1" {
		t.Errorf("job %d: %v, want job 1", failed, err)
	}
}

func TestAnErrorOfTheNextJobYieldsToThoseOfJobsBeforeIt(t *testing.T) {
	cut := errors.New("cut short")
	do := func(fails int) (int, error) {
		return inOrder(context.Background(), 2, numbers(5, cut), func() func(int, int) error {
			return func(number, _ int) error {
				if number == fails {
					return errors.New("wrong")
				}
				return nil
			}
		})
	}
	if failed, err := do(4); failed != 4 || err == nil || err.Error() != "wrong" {
		t.Errorf("job %d: %v, want job 4 wrong", failed, err)
	}
	if failed, err := do(-1); failed != 5 || !errors.Is(err, cut) {
		t.Errorf("job %d: %v, want job 5 cut short", failed, err)
	}
}

func TestCancellingEndsTheJobsBegunAndBeginsNoMore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var done atomic.Int64
	_, err := inOrder(ctx, 2, numbers(1<<40, io.EOF), func() func(int, int) error {
		return func(int, int) error {
			if done.Add(1) == 10 {
				cancel()
			}
			return nil
		}
	})
	if !errors.Is(err, context.Canceled) || done.Load() < 10 {
		t.Errorf("%v after %d jobs", err, done.Load())
	}
	if failed, err := inOrder(context.Background(), 2, numbers(7, io.EOF), func() func(int, int) error {
		return func(int, int) error { return nil }
	}); failed != 0 || err != nil {
		t.Errorf("jobs without an error: %d %v", failed, err)
	}
}

// blocks are features so long that each fills most of a block.
func blocks(properties ...string) string {
	var features []string
	for _, p := range properties {
		features = append(features, parcel(square, `"padding":"`+strings.Repeat("x", blockBytes*3/4)+`",`+p))
	}
	return collection(features...)
}

func TestWhichFaultOfALayerIsReportedDoesNotDependOnWhoCameFirst(t *testing.T) {
	const good = `"parcel_code":"P1","land_use":"1001","land_use_standard":"x"`
	for name, c := range map[string]struct{ file, want string }{
		"broken JSON twice": {
			blocks(good, good+`,"tags":1 2`, good, `"tags":1 2,`+good, `"tags" 1`), "feature 2 "},
		"an unknown unit, then broken JSON": {
			blocks(good+`,"登记面积（顷）":1`, `"tags" 1`), `unit "顷" is not known`},
		"broken JSON, then an unknown unit": {
			blocks(good+`,"tags":1 2`, good+`,"登记面积（顷）":1`), "feature 1 "},
		"two of one meaning, then an unknown unit": {
			blocks(good, good+`,"宗地代码":"P2"`, `"登记面积（顷）":1,`+good), `"parcel_code" and "宗地代码" both mean parcel_code`},
		"three of one meaning": {
			blocks(good, `"recorded_area":1`, good+`,"登记面积（亩）":1`, `"用地面积（㎡）":1`), `"recorded_area" and "登记面积（亩）" both mean recorded_area`},
		"an unknown unit before two of one meaning": {
			blocks(good+`,"登记面积（顷）":1`, `"宗地代码":"P2"`), `unit "顷" is not known`},
	} {
		f := folder(t, map[string]string{"parcels.geojson": c.file})
		for range 3 {
			for _, workers := range []int{1, 2, 5} {
				if _, err := scanAll(f, "parcels", workers); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s, %d workers: %v, want %s", name, workers, err, c.want)
				}
			}
		}
	}
}

func TestTheErrorOfWhoTakesTheBatchesIsTheEarliestOnes(t *testing.T) {
	const good = `"parcel_code":"P1","land_use":"1001","land_use_standard":"x"`
	layer := folder(t, map[string]string{"parcels.geojson": blocks(good, good, good, good)})
	dir := t.TempDir()
	parquetFile(t, dir+"/tax.parquet", "", []arrow.Field{
		{Name: "credit_code", Type: arrow.BinaryTypes.String}, {Name: "year", Type: arrow.PrimitiveTypes.Int64},
	}, func(b *array.RecordBuilder) {
		for range 8 {
			b.Field(0).(*array.StringBuilder).Append("A")
			b.Field(1).(*array.Int64Builder).Append(2024)
		}
	})
	rows, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]*Folder{"parcels": layer, "tax": rows} {
		second := make(chan struct{})
		_, err := f.Scan(context.Background(), table.MustInput(name), 2, func(number int, _ table.Batch) error {
			switch number {
			case 0:
				<-second
			case 1:
				close(second)
			}
			return fmt.Errorf("batch %d", number)
		})
		if err == nil || err.Error() != "batch 0" {
			t.Errorf("%s: %v, want batch 0", name, err)
		}
	}
}

func TestCancellingStopsALayersReading(t *testing.T) {
	const good = `"parcel_code":"P1","land_use":"1001","land_use_standard":"x"`
	f := folder(t, map[string]string{"parcels.geojson": blocks(good, good, good, good, good, good)})
	ctx, cancel := context.WithCancel(context.Background())
	var batches atomic.Int64
	_, err := f.Scan(ctx, table.MustInput("parcels"), 1, func(int, table.Batch) error {
		batches.Add(1)
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || batches.Load() > 3 {
		t.Errorf("%v after %d batches", err, batches.Load())
	}
}
