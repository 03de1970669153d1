package write

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"
)

// formatter appends the text of rows from … to−1 to dst.
type formatter func(dst []byte, from, to int) ([]byte, error)

// rowsAtOnce is how many rows one goroutine formats before they are written.
const rowsAtOnce = 1024

// inOrder formats rows on several goroutines and writes them in order. At most a
// few chunks are in memory at a time.
func inOrder(ctx context.Context, w io.Writer, rows, workers int, format formatter, tell func(rows int)) error {
	chunks := (rows + rowsAtOnce - 1) / rowsAtOnce
	if chunks == 0 {
		return nil
	}
	ahead := min(chunks, 4*workers)
	// Chunk k goes through slot k mod ahead, so a slot's chunks come in order.
	type done struct {
		text []byte
		err  error
	}
	slots := make([]chan done, ahead)
	free := make([]chan []byte, ahead)
	for i := range slots {
		slots[i], free[i] = make(chan done, 1), make(chan []byte, 1)
		free[i] <- nil
	}
	group, ctx := errgroup.WithContext(ctx)
	type job struct {
		chunk int
		dst   []byte
	}
	next := make(chan job)
	group.Go(func() error {
		defer close(next)
		for k := range chunks {
			select { // taken here and not by the workers, of which a later one may be faster
			case dst := <-free[k%ahead]:
				select {
				case next <- job{k, dst[:0]}:
				case <-ctx.Done():
					return ctx.Err()
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range workers {
		group.Go(func() error {
			for j := range next {
				text, err := format(j.dst, j.chunk*rowsAtOnce, min(rows, (j.chunk+1)*rowsAtOnce))
				slots[j.chunk%ahead] <- done{text, err}
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
				if _, err := w.Write(d.text); err != nil {
					return err
				}
				free[k%ahead] <- d.text
				if tell != nil {
					tell(min(rows, (k+1)*rowsAtOnce))
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return group.Wait()
}
