package gpkg

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// conn is one connection to a database. It is used by one goroutine at a time.
type conn struct {
	tls    *libc.TLS
	db     uintptr
	broken bool // it was left in the middle of something: it is never used again, nor freed
}

// connect opens a database; flags are those of sqlite3_open_v2.
func connect(name string, flags int32) (c *conn, err error) {
	c = &conn{tls: libc.NewTLS()}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	text, err := c.cString(name)
	if err != nil {
		return nil, err
	}
	defer c.free(text)
	out, err := c.alloc(8)
	if err != nil {
		return nil, err
	}
	defer c.free(out)
	clear(view(out, 8))
	code := sqlite3.Xsqlite3_open_v2(c.tls, text, out, flags|sqlite3.SQLITE_OPEN_NOMUTEX, 0)
	c.db = *(*uintptr)(pointer(out))
	if code != sqlite3.SQLITE_OK {
		return nil, c.fault(code)
	}
	return c, nil
}

// close gives everything back. Statements must be closed before.
func (c *conn) close() {
	if c.broken {
		return
	}
	if c.db != 0 {
		sqlite3.Xsqlite3_close_v2(c.tls, c.db)
		c.db = 0
	}
	c.tls.Close()
}

// exec runs statements that give no rows.
func (c *conn) exec(sql string) (err error) {
	defer c.fence(debug.SetPanicOnFault(true), &err)
	text, err := c.cString(sql)
	if err != nil {
		return err
	}
	defer c.free(text)
	if code := sqlite3.Xsqlite3_exec(c.tls, c.db, text, 0, 0, 0); code != sqlite3.SQLITE_OK {
		return c.fault(code)
	}
	return nil
}

// stmt is one prepared statement.
type stmt struct {
	c *conn
	p uintptr
}

// prepare compiles one statement; parameters are bound by [stmt.bind].
func (c *conn) prepare(sql string) (s *stmt, err error) {
	defer c.fence(debug.SetPanicOnFault(true), &err)
	text, err := c.cString(sql)
	if err != nil {
		return nil, err
	}
	defer c.free(text)
	out, err := c.alloc(8)
	if err != nil {
		return nil, err
	}
	defer c.free(out)
	clear(view(out, 8))
	if code := sqlite3.Xsqlite3_prepare_v2(c.tls, c.db, text, -1, out, 0); code != sqlite3.SQLITE_OK {
		return nil, c.fault(code)
	}
	return &stmt{c, *(*uintptr)(pointer(out))}, nil
}

func (s *stmt) close() {
	if s.p != 0 && !s.c.broken {
		sqlite3.Xsqlite3_finalize(s.c.tls, s.p)
		s.p = 0
	}
}

// step goes to the next row and says whether there is one.
func (s *stmt) step() (row bool, err error) {
	defer s.c.fence(debug.SetPanicOnFault(true), &err)
	switch code := sqlite3.Xsqlite3_step(s.c.tls, s.p); code {
	case sqlite3.SQLITE_ROW:
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.fault(code)
	}
}

// reset makes the statement ready to run again; what is bound stays bound.
func (s *stmt) reset() {
	if !s.c.broken {
		sqlite3.Xsqlite3_reset(s.c.tls, s.p)
	}
}

// kind is how a cell is stored: one of SQLite's five classes.
func (s *stmt) kind(column int) Kind {
	switch sqlite3.Xsqlite3_column_type(s.c.tls, s.p, int32(column)) {
	case sqlite3.SQLITE_INTEGER:
		return Integer
	case sqlite3.SQLITE_FLOAT:
		return Real
	case sqlite3.SQLITE_TEXT:
		return Text
	case sqlite3.SQLITE_BLOB:
		return Blob
	}
	return Null
}

func (s *stmt) integer(column int) int64 {
	return sqlite3.Xsqlite3_column_int64(s.c.tls, s.p, int32(column))
}

func (s *stmt) real(column int) float64 {
	return sqlite3.Xsqlite3_column_double(s.c.tls, s.p, int32(column))
}

// bytes is a cell's blob, or its text in UTF-8, in SQLite's memory: it is good until
// the next step.
func (s *stmt) bytes(column int) []byte {
	p := sqlite3.Xsqlite3_column_blob(s.c.tls, s.p, int32(column))
	return view(p, int(sqlite3.Xsqlite3_column_bytes(s.c.tls, s.p, int32(column))))
}

// text is a cell's text in UTF-8, as bytes is; numbers become their decimals.
func (s *stmt) text(column int) []byte {
	p := sqlite3.Xsqlite3_column_text(s.c.tls, s.p, int32(column))
	return view(p, int(sqlite3.Xsqlite3_column_bytes(s.c.tls, s.p, int32(column))))
}

func (s *stmt) string(column int) string { return string(s.text(column)) }

// Parameters count from 1. Memory at a pointer must stay until the next step is over.
func (s *stmt) bindInteger(n int, v int64) int32 {
	return sqlite3.Xsqlite3_bind_int64(s.c.tls, s.p, int32(n), v)
}

func (s *stmt) bindReal(n int, v float64) int32 {
	return sqlite3.Xsqlite3_bind_double(s.c.tls, s.p, int32(n), v)
}

func (s *stmt) bindText(n int, p uintptr, bytes int) int32 {
	return sqlite3.Xsqlite3_bind_text(s.c.tls, s.p, int32(n), p, int32(bytes), 0)
}

func (s *stmt) bindBlob(n int, p uintptr, bytes int) int32 {
	return sqlite3.Xsqlite3_bind_blob(s.c.tls, s.p, int32(n), p, int32(bytes), 0)
}

func (s *stmt) bindNull(n int) int32 {
	return sqlite3.Xsqlite3_bind_null(s.c.tls, s.p, int32(n))
}

// rows runs a query and calls each on every row. Arguments are int64 or string.
func (c *conn) rows(each func(*stmt) error, sql string, arguments ...any) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer s.close()
	for i, a := range arguments {
		var code int32
		switch v := a.(type) {
		case int64:
			code = s.bindInteger(i+1, v)
		case string:
			p, err := c.cString(v)
			if err != nil {
				return err
			}
			defer c.free(p)
			code = s.bindText(i+1, p, len(v))
		}
		if code != sqlite3.SQLITE_OK {
			return c.fault(code)
		}
	}
	for {
		row, err := s.step()
		if err != nil || !row {
			return err
		}
		if err := each(s); err != nil {
			return err
		}
	}
}

// number runs a query whose answer is one integer.
func (c *conn) number(sql string, arguments ...any) (n int64, err error) {
	err = c.rows(func(s *stmt) error { n = s.integer(0); return nil }, sql, arguments...)
	return n, err
}

// fault is the error of SQLite's result code.
func (c *conn) fault(code int32) error {
	said := ""
	if c.db != 0 {
		said = cText(sqlite3.Xsqlite3_errmsg(c.tls, c.db))
	} else {
		said = cText(sqlite3.Xsqlite3_errstr(c.tls, code))
	}
	switch code & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT:
		return fmt.Errorf("%w: %s", ErrDamaged, said)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %s", ErrNot, said)
	case sqlite3.SQLITE_IOERR:
		if code == sqlite3.SQLITE_IOERR_SHORT_READ {
			return fmt.Errorf("%w: it ends too early", ErrDamaged)
		}
	}
	return errors.New(said)
}

// fence turns a panic into an error: one of the translated library, or the fault of
// a page of the file that is mapped to memory but cannot be got at any more. It is
// deferred with faults being what [debug.SetPanicOnFault] said before.
func (c *conn) fence(faults bool, err *error) {
	debug.SetPanicOnFault(faults)
	r := recover()
	if r == nil {
		return
	}
	c.broken = true
	if _, memory := r.(interface{ Addr() uintptr }); memory {
		*err = fmt.Errorf("%w: its bytes cannot be got at: it was cut short while it was read, or its drive is gone", ErrDamaged)
		return
	}
	*err = fmt.Errorf("%w: %v", ErrDamaged, r)
}

// alloc takes memory that the garbage collector does not know of.
func (c *conn) alloc(n int) (uintptr, error) {
	if n > math.MaxInt32 {
		return 0, fmt.Errorf("%d bytes are more than SQLite holds in one value", n)
	}
	p := sqlite3.Xsqlite3_malloc(c.tls, int32(n))
	if p == 0 {
		return 0, fmt.Errorf("no memory for %d bytes", n)
	}
	return p, nil
}

func (c *conn) free(p uintptr) { sqlite3.Xsqlite3_free(c.tls, p) }

func (c *conn) cString(s string) (uintptr, error) {
	p, err := c.alloc(len(s) + 1)
	if err != nil {
		return 0, err
	}
	memory := view(p, len(s)+1)
	copy(memory, s)
	memory[len(s)] = 0
	return p, nil
}

// pointer is for memory outside Go's heap only, which never moves.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// view is n bytes of memory outside Go's heap.
func view(p uintptr, n int) []byte {
	if p == 0 || n <= 0 {
		return nil
	}
	return unsafe.Slice((*byte)(pointer(p)), n)
}

func cText(p uintptr) string { return libc.GoString(p) }
