package xlsx

import "unsafe"

// arena holds short texts together, so that a row of cells costs no allocation of
// its own. What it handed out stays as it is for good.
type arena struct{ chunk []byte }

const arenaChunk = 64 << 10

func (a *arena) hold(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if cap(a.chunk)-len(a.chunk) < len(text) {
		a.chunk = make([]byte, 0, max(arenaChunk, len(text)))
	}
	from := len(a.chunk)
	a.chunk = append(a.chunk, text...)
	return unsafe.String(&a.chunk[from], len(text)) // no byte of it is written again
}
