package read

import (
	"context"
	"errors"
	"io"
	"sync"
)

// inOrder hands the jobs that next gives, until io.EOF, to goroutines that each
// call worker once for the function that does them; jobs are numbered from 0.
// Once a job fails no more are begun, and those that are begun are finished: so
// the error is that of the earliest job that has one, whoever came first in time.
func inOrder[J any](ctx context.Context, workers int, next func() (J, error), worker func() func(number int, job J) error) (failed int, err error) {
	work, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	note := func(number int, cause error) {
		mu.Lock()
		defer mu.Unlock()
		if err == nil || number < failed {
			failed, err = number, cause
		}
		stop()
	}
	type numbered struct {
		number int
		job    J
	}
	jobs := make(chan numbered)
	var group sync.WaitGroup
	for range workers {
		do := worker()
		group.Go(func() {
			for j := range jobs {
				if err := do(j.number, j.job); err != nil {
					note(j.number, err)
				}
			}
		})
	}
	for number := 0; ; number++ {
		job, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = work.Err()
		}
		if err == nil {
			select {
			case jobs <- numbered{number, job}:
				continue
			case <-work.Done():
				err = work.Err()
			}
		}
		note(number, err)
		break
	}
	close(jobs)
	group.Wait()
	return failed, err
}

// queue gives jobs one after the other, until io.EOF.
func queue[J any](jobs []J) func() (J, error) {
	return func() (j J, err error) {
		if len(jobs) == 0 {
			return j, io.EOF
		}
		j, jobs = jobs[0], jobs[1:]
		return j, nil
	}
}
