// Package parallel shares work that is numbered among goroutines. It knows nothing of
// what is done, and does not put results in order: what takes them does.
package parallel

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// Each calls do for 0 … n−1 on several goroutines. What do writes must be its
// own index's, so that the outcome does not depend on who came first.
func Each(ctx context.Context, n, workers int, do func(i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range min(n, max(1, workers)) {
		group.Go(func() error {
			for {
				if err := ctx.Err(); err != nil { // before the number is taken: a taken one is done
					return err
				}
				i := int(next.Add(1) - 1)
				if i >= n {
					return nil
				}
				if err := do(i); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}
