package geojson

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// Splitter cuts a FeatureCollection into blocks of whole features without
// parsing them. It is used by one goroutine; Recycle may be called by others.
type Splitter struct {
	r     io.Reader
	size  int // of a block
	limit int // of a feature or another member

	buf  []byte
	n    int   // buf[:n] was read
	pos  int   // next byte to look at
	mark int   // first byte that is still needed
	last int   // end of the last whole feature of the block
	base int64 // offset of buf[0] in the file

	step     step
	nest     nesting
	at       int64 // offset of the feature or member being read
	features int64 // whole features seen
	pending  int   // of them, not handed out yet

	kind     string // the collection's type
	kindSeen bool
	esri     bool
	crs      string
	crsGiven bool

	err  error
	mu   sync.Mutex
	free [][]byte
}

// step is where in the collection the splitter is.
type step uint8

const (
	atHead    step = iota
	atFirst        // behind "features": [
	atFeature      // behind a comma
	inFeature
	atComma // behind a feature
	atTail  // behind the features' ]
)

// NewSplitter reads from r; blocks are about blockSize bytes long, or as long as
// their one feature. Zero takes 1 MiB.
func NewSplitter(r io.Reader, blockSize int) *Splitter {
	if blockSize <= 0 {
		blockSize = 1 << 20
	}
	return &Splitter{r: r, size: blockSize, limit: MaxFeature}
}

// CRS is the name in the collection's crs member, as files from before RFC 7946
// have it, and whether there was one (null counts as none). Of a member without
// a name it is the member's own text. It is final once Next has returned io.EOF,
// as the member may stand behind the features.
func (s *Splitter) CRS() (name string, given bool) { return s.crs, s.crsGiven }

// Recycle gives a block back, so that its memory is used again. It is safe from
// any goroutine; a block that is never given back is left to the collector.
func (s *Splitter) Recycle(b Block) {
	if b.memory == nil || len(b.memory) > 4*s.size {
		return // one giant feature must not keep its memory for good
	}
	s.mu.Lock()
	s.free = append(s.free, b.memory)
	s.mu.Unlock()
}

// Next returns the next block, and io.EOF behind the last. Any other error names
// the feature and the byte, and says what the file is when it is no
// FeatureCollection; the features before the fault have been handed out by then.
func (s *Splitter) Next() (Block, error) {
	if s.err == nil && s.step == atHead {
		s.err = s.head()
	}
	if s.err == nil && s.step != atTail {
		full := false
		if full, s.err = s.collect(); full {
			return s.cut(), nil
		}
	}
	if s.pending > 0 {
		return s.cut(), nil
	}
	if s.err == nil {
		if s.err = s.tail(); s.err == nil {
			s.err = io.EOF
		}
	}
	return Block{}, s.err
}

// collect reads features until the buffer is full of whole ones (true) or the
// list of features ends.
func (s *Splitter) collect() (full bool, err error) {
	for {
		if s.step == inFeature {
			if err := s.readFeature(); err != nil {
				return false, err
			}
		}
		if s.step != inFeature {
			s.pos = skipBlanks(s.buf[:s.n], s.pos)
		}
		switch {
		case s.pos < s.n:
			if err := s.punctuation(s.buf[s.pos]); err != nil || s.step == atTail {
				return false, err
			}
		case s.n == len(s.buf) && s.pending > 0:
			return true, nil
		default:
			if err := s.more(); err != nil {
				return false, s.ended(err)
			}
		}
	}
}

// readFeature reads on in a feature, to its end or to the end of the buffer.
func (s *Splitter) readFeature() error {
	end, whole := s.nest.run(s.buf[:s.n], s.pos)
	s.pos = end
	if !whole {
		return nil
	}
	if s.base+int64(end)-s.at > int64(s.limit) {
		return s.tooLong()
	}
	s.features++
	s.pending++
	s.last, s.step = end, atComma
	return nil
}

// punctuation takes the byte between two features.
func (s *Splitter) punctuation(c byte) error {
	switch {
	case c == '{' && s.step != atComma:
		s.step, s.nest = inFeature, nesting{}
		s.at = s.base + int64(s.pos)
		if s.pending == 0 {
			s.mark = s.pos
		}
		return nil // the brace is counted by nest
	case c == ',' && s.step == atComma:
		s.step = atFeature
	case c == ']' && s.step != atFeature:
		s.step = atTail
	case s.step == atComma:
		return s.errorf(s.pos, "%s after feature %d, where a comma or ] belongs", shown(c), s.features)
	default:
		return s.errorf(s.pos, "%s where feature %d begins, which must be an object", shown(c), s.features+1)
	}
	s.pos++
	return nil
}

// cut hands out the pending features and moves what follows to another buffer.
func (s *Splitter) cut() Block {
	b := Block{
		Data:   s.buf[s.mark:s.last:s.last],
		First:  s.features - int64(s.pending) + 1,
		Count:  s.pending,
		Offset: s.base + int64(s.mark),
		memory: s.buf,
	}
	from := s.pos
	if s.step == inFeature {
		from = int(s.at - s.base)
	}
	next := s.buffer(s.n - from)
	s.n = copy(next, s.buf[from:s.n])
	s.buf = next
	s.pos -= from
	s.base += int64(from)
	s.mark, s.pending = 0, 0
	return b
}

// buffer returns memory that holds more than n bytes.
func (s *Splitter) buffer(n int) []byte {
	s.mu.Lock()
	for len(s.free) > 0 {
		b := s.free[len(s.free)-1]
		s.free = s.free[:len(s.free)-1]
		if len(b) > n {
			s.mu.Unlock()
			return b
		}
	}
	s.mu.Unlock()
	return make([]byte, max(s.size, n+n/2+1))
}

// more reads at least a byte, making room first. Nothing may be pending when the
// buffer is full.
func (s *Splitter) more() error {
	if s.n == len(s.buf) {
		if err := s.makeRoom(); err != nil {
			return err
		}
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.n:])
		s.n += n
		if n > 0 {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("read at byte %d: %w", s.base+int64(s.n), err)
		}
	}
	return fmt.Errorf("read at byte %d: %w", s.base+int64(s.n), io.ErrNoProgress)
}

func (s *Splitter) makeRoom() error {
	if s.step != inFeature && s.step != atHead && s.step != atTail {
		s.mark = s.pos // white space between features
	}
	held := s.n - s.mark
	if held > s.limit {
		return s.tooLong()
	}
	to := s.buf
	if s.mark == 0 {
		to = make([]byte, max(s.size, 2*len(s.buf)))
	}
	copy(to, s.buf[s.mark:s.n])
	s.buf = to
	s.base += int64(s.mark)
	s.pos, s.n, s.mark = s.pos-s.mark, held, 0
	return nil
}

func (s *Splitter) tooLong() error {
	what := "a member of the FeatureCollection"
	if s.step == inFeature {
		what = fmt.Sprintf("feature %d", s.features+1)
	}
	return fmt.Errorf("byte %d: %s is longer than %d bytes", s.at, what, s.limit)
}

// ended turns the end of the file inside the list of features into an error.
func (s *Splitter) ended(err error) error {
	if err != io.EOF {
		return err
	}
	end := s.base + int64(s.n)
	switch {
	case s.step == inFeature:
		return fmt.Errorf("file ends inside feature %d (byte %d; the feature begins at byte %d): it was cut short, or a brace or quote is missing",
			s.features+1, end, s.at)
	case s.features == 0:
		return fmt.Errorf("file ends before feature 1 (byte %d): it was cut short", end)
	}
	return fmt.Errorf("file ends after feature %d (byte %d): it was cut short", s.features, end)
}

func (s *Splitter) errorf(pos int, format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", s.base+int64(pos), fmt.Sprintf(format, args...))
}

// shown is a byte as an error message shows it.
func shown(c byte) string {
	if c > ' ' && c < 0x7f {
		return fmt.Sprintf("%q", rune(c))
	}
	return fmt.Sprintf("byte 0x%02x", c)
}
