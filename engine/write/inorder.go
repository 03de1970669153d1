package write

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"
)

// Formatter appends the bytes of rows from … to−1 to dst.
type Formatter func(dst []byte, from, to int) ([]byte, error)

// rowsAtOnce is how many rows one goroutine formats before they are written.
const rowsAtOnce = 1024

// InOrder formats rows on several goroutines and writes them in order. At most a
// few chunks are in memory at a time.
func InOrder(ctx context.Context, w io.Writer, rows, workers int, format Formatter, tell func(rows int)) error {
	p := pipeline[[]byte]{rows: rows, chunk: rowsAtOnce, workers: workers, tell: tell}
	return p.run(ctx,
		func(dst []byte, from, to int) ([]byte, error) { return format(dst[:0], from, to) },
		func(text []byte) error { _, err := w.Write(text); return err })
}

// pipeline makes parts of rows on several goroutines and writes them in order on one.
type pipeline[T any] struct {
	rows, chunk, workers int
	tell                 func(rows int) // told how many rows are written; may be nil
}

// run makes each part out of one that was written, or of a zero value.
func (p pipeline[T]) run(ctx context.Context, fill func(used T, from, to int) (T, error), write func(T) error) error {
	chunks := (p.rows + p.chunk - 1) / p.chunk
	if chunks == 0 {
		return nil
	}
	ahead := min(chunks, 4*p.workers)
	// Chunk k goes through slot k mod ahead, so a slot's chunks come in order.
	type done struct {
		part T
		err  error
	}
	slots := make([]chan done, ahead)
	free := make([]chan T, ahead)
	for i := range slots {
		var unused T
		slots[i], free[i] = make(chan done, 1), make(chan T, 1)
		free[i] <- unused
	}
	group, ctx := errgroup.WithContext(ctx)
	type job struct {
		chunk int
		used  T
	}
	next := make(chan job)
	group.Go(func() error {
		defer close(next)
		for k := range chunks {
			select { // taken here and not by the workers, of which a later one may be faster
			case used := <-free[k%ahead]:
				select {
				case next <- job{k, used}:
				case <-ctx.Done():
					return ctx.Err()
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range p.workers {
		group.Go(func() error {
			for j := range next {
				part, err := fill(j.used, j.chunk*p.chunk, min(p.rows, (j.chunk+1)*p.chunk))
				slots[j.chunk%ahead] <- done{part, err}
			}
			return nil
		})
	}
	group.Go(func() error {
		for k := range chunks {
			select {
			case d := <-slots[k%ahead]:
				if d.err != nil {
					return d.err
				}
				if err := write(d.part); err != nil {
					return err
				}
				free[k%ahead] <- d.part
				if p.tell != nil {
					p.tell(min(p.rows, (k+1)*p.chunk))
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}
