package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadingAheadGivesTheSameBytesAndTheSameEnd(t *testing.T) {
	text := []byte(strings.Repeat("0123456789", 100_000))
	cut := errors.New("cut")
	for name, in := range map[string]io.Reader{
		"whole":    bytes.NewReader(text),
		"halves":   iotest.HalfReader(bytes.NewReader(text)),
		"at once":  iotest.DataErrReader(bytes.NewReader(text)),
		"an error": io.MultiReader(bytes.NewReader(text), iotest.ErrReader(cut)),
	} {
		a := readAhead(io.NopCloser(in))
		got, err := io.ReadAll(a)
		if !bytes.Equal(got, text) || name == "an error" != errors.Is(err, cut) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(text), err)
		}
		if _, again := a.Read(make([]byte, 1)); again == nil {
			t.Errorf("%s: there is something behind the end", name)
		}
		if err := errors.Join(a.Close(), a.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// watched is a part without end that tells when it is closed.
type watched struct{ reads, closed int }

func (w *watched) Read(p []byte) (int, error) { w.reads++; return len(p), nil }
func (w *watched) Close() error               { w.closed++; return nil }

func TestClosingEndsTheReadingAhead(t *testing.T) {
	w := &watched{}
	a := readAhead(w)
	if _, err := a.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil || w.closed != 1 {
		t.Errorf("closed %d times, %v", w.closed, err)
	}
	if w.reads > 3*aheadMost { // Close waits for the goroutine, so nobody counts any more
		t.Errorf("%d blocks were read of which one was wanted", w.reads)
	}
}
