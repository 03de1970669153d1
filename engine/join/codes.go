package join

import (
	"hash/maphash"
	"math/bits"
)

// Codes numbers the codes of a table in the order they stand in. Looking one up
// allocates nothing, and any number of goroutines may do so.
type Codes struct {
	texts []string
	index index
}

// NewCodes numbers codes that are sorted by bytes and distinct; of equal ones the
// first is found. The slice is kept and must not change.
func NewCodes(sorted []string) *Codes {
	c := &Codes{texts: sorted, index: newIndex(len(sorted))}
	for i, code := range sorted {
		c.index.put(c.texts, hash(code), code, int32(i))
	}
	return c
}

// Find is the number of a code.
func (c *Codes) Find(code string) (int32, bool) {
	if c == nil {
		return -1, false
	}
	return c.index.find(c.texts, hash(code), code)
}

// Len is how many codes there are; none for nil.
func (c *Codes) Len() int {
	if c == nil {
		return 0
	}
	return len(c.texts)
}

// At is the code of a number.
func (c *Codes) At(i int) string { return c.texts[i] }

// block is how many codes are looked up at a time: memory is waited for once, not once
// for each.
const block = 32

// findEach puts the numbers of up to a block of codes, -1 for unknown ones, into out.
func (c *Codes) findEach(codes []string, out []int32) {
	var hashes, slots [block]uint64
	var likely [block]string
	mask := uint64(len(c.index.slots) - 1)
	for i, code := range codes {
		hashes[i] = hash(code)
	}
	for i := range codes {
		slots[i] = c.index.slots[hashes[i]&mask]
	}
	for i := range codes {
		if n := uint32(slots[i]); n > 0 {
			likely[i] = c.texts[n-1]
		}
	}
	for i, code := range codes {
		if uint32(slots[i]) > 0 && likely[i] == code {
			out[i] = int32(uint32(slots[i])) - 1
			continue
		}
		out[i], _ = c.index.find(c.texts, hashes[i], code)
	}
}

// cursor finds codes that come nearly in order: it looks a few codes on from the
// last one and in the index only when that fails.
type cursor struct {
	codes *Codes
	at    int
}

// steps is how many codes a cursor goes on before it asks the index.
const steps = 4

func (c *cursor) findEach(codes []string, out []int32) {
	for i, code := range codes {
		out[i] = c.find(code)
	}
}

func (c *cursor) find(code string) int32 {
	texts := c.codes.texts
	for at := c.at; at < min(c.at+steps, len(texts)); at++ {
		if texts[at] == code {
			c.at = at
			return int32(at)
		}
	}
	n, ok := c.codes.Find(code)
	if ok {
		c.at = int(n)
	}
	return n
}

// finder looks codes up by the block.
type finder interface {
	findEach(codes []string, out []int32)
}

// findColumn looks up a column of codes of n rows; an unknown code, an empty one and
// none are all -1.
func findColumn(n int, code func(i int) (string, bool), in finder) []int32 {
	out := make([]int32, n)
	var codes [block]string
	for from := 0; from < n; from += block {
		to := min(from+block, n)
		for i := from; i < to; i++ {
			codes[i-from], _ = code(i)
		}
		in.findEach(codes[:to-from], out[from:to])
	}
	return out
}

// index is an open-addressing table from texts to their numbers. A slot holds the
// upper half of the text's hash and the number + 1; 0 is free. The seed differs from
// run to run; which number is found does not.
type index struct {
	slots []uint64
	used  int
}

var seed = maphash.MakeSeed()

func hash(text string) uint64 { return maphash.String(seed, text) }

// newIndex makes room for n texts.
func newIndex(n int) index {
	return index{slots: make([]uint64, 1<<max(3, bits.Len(uint(2*n))))}
}

// find is the number of a text among texts.
func (x *index) find(texts []string, h uint64, text string) (int32, bool) {
	mask := uint64(len(x.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		slot := x.slots[at]
		if slot == 0 {
			return -1, false
		}
		if slot>>32 == h>>32 {
			if n := int32(uint32(slot)) - 1; texts[n] == text {
				return n, true
			}
		}
	}
}

// put gives a text a number unless it has one, and returns the one it has. texts
// need not hold the text yet; there must be room for it.
func (x *index) put(texts []string, h uint64, text string, number int32) (int32, bool) {
	mask := uint64(len(x.slots) - 1)
	at := h & mask
	for ; x.slots[at] != 0; at = (at + 1) & mask {
		if slot := x.slots[at]; slot>>32 == h>>32 {
			if n := int32(uint32(slot)) - 1; texts[n] == text {
				return n, false
			}
		}
	}
	x.slots[at] = h&^0xffffffff | uint64(uint32(number+1))
	x.used++
	return number, true
}

// names numbers texts in the order they first come in.
type names struct {
	texts []string
	index index
}

// number is a text's number; a new one keeps the text.
func (l *names) number(text string) (n int32, fresh bool) {
	if 2*l.index.used >= len(l.index.slots) {
		l.index = newIndex(2*len(l.texts) + 8)
		for i, t := range l.texts {
			l.index.put(l.texts, hash(t), t, int32(i))
		}
	}
	n, fresh = l.index.put(l.texts, hash(text), text, int32(len(l.texts)))
	if fresh {
		l.texts = append(l.texts, text)
	}
	return n, fresh
}

func (l *names) find(text string) (int32, bool) {
	if len(l.texts) == 0 {
		return -1, false
	}
	return l.index.find(l.texts, hash(text), text)
}
