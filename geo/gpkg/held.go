package gpkg

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// cell is the place of a field's value in the row; a value of another kind than the
// field's fails the row.
func (l *LayerWriter) cell(field int, k Kind) *held {
	if declared := l.plan.Fields[field].Kind; declared != k {
		l.fault(field+1, fmt.Errorf("%s given where %s belongs", k, declared))
	}
	c := &l.cells[field+1]
	c.kind = k
	return c
}

// keep takes over bytes that were appended to the row's.
func (l *LayerWriter) keep(c *held, bytes []byte) {
	c.from, c.to = len(l.bytes), len(bytes)
	l.bytes = bytes
}

func (l *LayerWriter) checkText(field int, c *held) {
	if !utf8.Valid(l.bytes[c.from:c.to]) {
		l.fault(field+1, errors.New("text is not UTF-8"))
	}
}

// fault remembers the row's first value that cannot be written.
func (l *LayerWriter) fault(cell int, err error) {
	if l.wrong != nil {
		return
	}
	name := l.plan.Geometry
	if cell > 0 {
		name = l.plan.Fields[cell-1].Name
	}
	l.wrong = fmt.Errorf("layer %q, row %d, column %q: %w", l.plan.Name, l.row+1, name, err)
}

// memory is a piece of memory outside Go's heap, where SQLite may look.
type memory struct {
	p    uintptr
	size int
}

// hold copies bytes to memory that stays until the next hold.
func (m *memory) hold(c *conn, bytes []byte) (uintptr, error) {
	if len(bytes) > m.size || m.p == 0 {
		m.release(c)
		size := max(2*len(bytes), 4096)
		p, err := c.alloc(size)
		if err != nil {
			return 0, err
		}
		m.p, m.size = p, size
	}
	copy(view(m.p, m.size), bytes)
	return m.p, nil
}

func (m *memory) release(c *conn) {
	if m.p != 0 {
		c.free(m.p)
		m.p, m.size = 0, 0
	}
}
