package xlsx

import "io"

const (
	aheadBlock = 64 << 10
	aheadMost  = 4 // blocks
)

// ahead reads a part in a goroutine of its own, some blocks ahead of its reader: what
// unpacking costs is then another core's.
type ahead struct {
	in    io.Closer
	full  chan piece
	empty chan []byte
	stop  chan struct{}
	done  bool // Close was called
	now   piece
	left  []byte // of now, still to be read
}

// piece is what one Read gave.
type piece struct {
	data []byte
	err  error
}

func readAhead(in io.ReadCloser) *ahead {
	a := &ahead{in: in, full: make(chan piece, aheadMost), empty: make(chan []byte, aheadMost), stop: make(chan struct{})}
	for range aheadMost {
		a.empty <- make([]byte, aheadBlock)
	}
	go a.run(in)
	return a
}

func (a *ahead) run(in io.Reader) {
	defer close(a.full)
	for {
		select {
		case <-a.stop:
			return
		case buf := <-a.empty:
			n, err := in.Read(buf[:cap(buf)])
			a.full <- piece{buf[:n], err} // there is room: no more buffers than that
			if err != nil {
				return
			}
		}
	}
}

// Read implements io.Reader.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.left) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.data != nil {
			a.empty <- a.now.data
		}
		next, more := <-a.full
		if !more {
			return 0, io.ErrClosedPipe
		}
		a.now, a.left = next, next.data
	}
	n := copy(p, a.left)
	a.left = a.left[n:]
	return n, nil
}

// Close ends the goroutine and closes the part, once.
func (a *ahead) Close() error {
	if a.done {
		return nil
	}
	a.done = true
	close(a.stop)
	for range a.full { // until the goroutine has ended
	}
	return a.in.Close()
}
