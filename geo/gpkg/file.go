package gpkg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// File is a GeoPackage open for reading. Its methods but Close may be called from
// several goroutines at once.
type File struct {
	path    string
	uri     string
	size    int64
	written time.Time
	layers  []entry

	mu   sync.Mutex
	idle []*conn
}

// Open opens a GeoPackage and reads the list of its layers. The error wraps
// [ErrNot], [ErrDamaged] or [ErrInUse] where one of them is the reason.
func Open(path string) (*File, error) {
	f := &File{path: path}
	if err := f.start(); err != nil {
		_ = f.Close()
		return nil, f.wrap(err)
	}
	return f, nil
}

func (f *File) wrap(err error) error {
	var cause *os.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fmt.Errorf("read %s: %w", f.path, oneLine{err})
}

func (f *File) start() error {
	real, err := filepath.EvalSymlinks(f.path) // journals stand beside the real file
	if err != nil {
		return err
	}
	if real, err = filepath.Abs(real); err != nil {
		return err
	}
	f.uri = immutableURI(real)
	head, err := f.head(real)
	if err != nil {
		return err
	}
	if err := finished(real, head); err != nil {
		return err
	}
	c, err := f.take()
	if err != nil {
		return err
	}
	defer f.give(c)
	f.layers, err = listLayers(c)
	return err
}

// The header of a database: where things stand in its first hundred bytes.
const (
	fileHead       = 100
	pageSizeAt     = 16
	writeVersionAt = 18
	readVersionAt  = 19
	changesAt      = 24
	pagesAt        = 28
	applicationAt  = 68
	countedAt      = 92 // of which change the number of pages holds
	walVersion     = 2
)

const sqliteMagic = "SQLite format 3\x00"

// head reads the database's header, and says early and in plain words that a file
// is no GeoPackage, or not all of one.
func (f *File) head(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	f.size, f.written = info.Size(), info.ModTime()
	if info.IsDir() {
		return nil, fmt.Errorf("%w: it is a folder", ErrNot)
	}
	head := make([]byte, fileHead)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if !bytes.HasPrefix(head[:n], []byte(sqliteMagic)) {
		return nil, fmt.Errorf("%w: it does not begin as SQLite does", ErrNot)
	}
	if n < fileHead {
		return nil, fmt.Errorf("%w: it was cut short inside its header", ErrDamaged)
	}
	switch id := string(head[applicationAt : applicationAt+4]); id {
	case "GPKG", "GP10", "GP11":
	default:
		return nil, fmt.Errorf("%w: it is another SQLite file (application id %q): save the layer as GeoPackage in QGIS", ErrNot, id)
	}
	pageSize := int64(binary.BigEndian.Uint16(head[pageSizeAt:]))
	if pageSize == 1 { // how 65 536 is written
		pageSize = 1 << 16
	}
	whole := pageSize * int64(binary.BigEndian.Uint32(head[pagesAt:]))
	if bytes.Equal(head[changesAt:changesAt+4], head[countedAt:countedAt+4]) && f.size < whole {
		return nil, fmt.Errorf("%w: it was cut short, %d bytes where %d belong: copy it again", ErrDamaged, f.size, whole)
	}
	return head, nil
}

// journalMagic begins a rollback journal that still has to be played back.
var journalMagic = []byte{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}

// finished refuses a file whose last changes stand in a journal beside it: reading
// the file alone would miss them, or read half of them.
func finished(path string, head []byte) error {
	wal := head[writeVersionAt] == walVersion || head[readVersionAt] == walVersion
	switch info, err := os.Stat(path + "-wal"); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	case wal || info.Size() > 0:
		return fmt.Errorf("%w (%s-wal is beside it): close QGIS, or checkpoint first: sqlite3 FILE 'PRAGMA journal_mode=DELETE'",
			ErrInUse, filepath.Base(path))
	}
	journal, err := os.Open(path + "-journal")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer journal.Close()
	start := make([]byte, len(journalMagic))
	if _, err := io.ReadFull(journal, start); err == nil && bytes.Equal(start, journalMagic) {
		return fmt.Errorf("%w (%s-journal is beside it): close what writes it, or open it once in QGIS to recover it",
			ErrInUse, filepath.Base(path))
	}
	return nil
}

// unchanged says whether the file is still the one that was opened.
func (f *File) unchanged() error {
	info, err := os.Stat(f.path)
	if err != nil {
		return err
	}
	if info.Size() != f.size || !info.ModTime().Equal(f.written) {
		return ErrChanged
	}
	return nil
}

// immutableURI names a file to SQLite so that it makes no lock and no file beside it.
func immutableURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive
		path = "/" + path
	}
	b := []byte("file://")
	for i := range len(path) {
		switch ch := path[i]; {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= '0' && ch <= '9', strings.IndexByte("/-._~:", ch) >= 0:
			b = append(b, ch)
		default:
			b = fmt.Appendf(b, "%%%02X", ch)
		}
	}
	return string(append(b, "?immutable=1&mode=ro"...))
}

// settings keep what a file brings (views, triggers, odd cells) from being run or
// believed, and temporary files out of folders. The file is mapped to memory: all
// connections of the program share one page cache and its lock, so that through it
// two of them would be no faster than one.
const settings = "PRAGMA trusted_schema=OFF; PRAGMA query_only=ON; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; " +
	"PRAGMA mmap_size=2147418112"

// take gives a connection, for one goroutine, to be given back.
func (f *File) take() (*conn, error) {
	f.mu.Lock()
	if n := len(f.idle); n > 0 {
		c := f.idle[n-1]
		f.idle = f.idle[:n-1]
		f.mu.Unlock()
		return c, nil
	}
	f.mu.Unlock()
	c, err := connect(f.uri, sqlite3.SQLITE_OPEN_READONLY|sqlite3.SQLITE_OPEN_URI)
	if err != nil {
		return nil, err
	}
	if err := c.exec(settings); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (f *File) give(c *conn) {
	if c.broken {
		return
	}
	f.mu.Lock()
	f.idle = append(f.idle, c)
	f.mu.Unlock()
}

// Close closes the file. Readers must be closed before.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.idle {
		c.close()
	}
	f.idle = nil
	return nil
}
