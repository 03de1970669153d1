package shapefile

import (
	"errors"
	"io"
)

// window is the part of a file that is in memory. It moves forward in large steps
// when the file is read on, and in small ones when it is read here and there.
type window struct {
	part
	buf   []byte
	start int64 // where in the file buf[0] stands
	n     int   // bytes of buf that were read
}

// glance is how much is read at a place that does not follow on the last.
const glance = 4 << 10

func newWindow(p part, size int) window { return window{part: p, buf: make([]byte, size)} }

// at returns n bytes of the file from off on, valid until the next call.
func (w *window) at(off int64, n int) ([]byte, error) {
	if from := off - w.start; from >= 0 && from+int64(n) <= int64(w.n) {
		return w.buf[from : from+int64(n)], nil
	}
	if off < 0 || off+int64(n) > w.size {
		return nil, io.ErrUnexpectedEOF
	}
	want := len(w.buf)
	if gap := off - w.start - int64(w.n); off < w.start || gap > int64(len(w.buf)) {
		want = glance
	}
	if want = max(want, n); want > len(w.buf) {
		w.buf = make([]byte, want+want/4)
	}
	want = int(min(int64(want), w.size-off))
	w.start, w.n = off, 0
	got, err := w.r.ReadAt(w.buf[:want], off)
	if got < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = errors.New("the file became shorter while it was read")
		}
		return nil, errText(err)
	}
	w.n = got
	return w.buf[:n], nil
}
