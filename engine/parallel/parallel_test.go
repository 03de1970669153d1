package parallel_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/muscope-gis/muscope/engine/parallel"
)

func TestEachNumberIsDoneOnce(t *testing.T) {
	for _, workers := range []int{-1, 0, 1, 3, 100} {
		done := make([]int32, 40)
		if err := parallel.Each(context.Background(), len(done), workers, func(i int) error {
			atomic.AddInt32(&done[i], 1)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for i, times := range done {
			if times != 1 {
				t.Errorf("%d workers: %d was done %d times", workers, i, times)
			}
		}
	}
}

func TestAnErrorEndsTheWorkAndIsReturned(t *testing.T) {
	wrong := errors.New("wrong")
	var done atomic.Int32
	err := parallel.Each(context.Background(), 1_000_000, 2, func(i int) error {
		done.Add(1)
		if i == 10 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) || done.Load() == 1_000_000 {
		t.Errorf("%v after %d", err, done.Load())
	}
}

func TestNothingIsBegunOnceTheContextHasEnded(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	err := parallel.Each(ctx, 10, 2, func(int) error {
		t.Error("begun")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
