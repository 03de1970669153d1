package gpkg

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/muscope-gis/muscope/geo/wkb"
	sqlite3 "modernc.org/sqlite/lib"
)

// Options are a writer's settings.
type Options struct {
	// LastChange is the time the file gives for the last change of each layer.
	LastChange time.Time
}

// Writer writes one GeoPackage, layer after layer. It is used by one goroutine. After
// an error it only repeats it, and Close takes the file away.
type Writer struct {
	path    string
	c       *conn
	changed string
	styled  bool // there is a table of styles
	systems []SRS
	names   []string // lower-case
	open    *LayerWriter
	memory  memory
	failed  error
}

// Create makes a new file; there must be none at the path. The file is whole only
// once Close has returned no error.
func Create(path string, o Options) (*Writer, error) {
	w := &Writer{path: path, changed: o.LastChange.UTC().Format("2006-01-02T15:04:05.000Z")}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return nil, w.wrap(err)
	}
	if err := w.start(); err != nil {
		w.abandon()
		return nil, w.wrap(err)
	}
	return w, nil
}

func (w *Writer) wrap(err error) error {
	var cause *os.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fmt.Errorf("write %s: %w", w.path, oneLine{err})
}

func (w *Writer) start() error {
	real, err := filepath.Abs(w.path) // never a name that SQLite gives a meaning to
	if err != nil {
		return err
	}
	if w.c, err = connect(real, sqlite3.SQLITE_OPEN_READWRITE); err != nil {
		return err
	}
	for _, sql := range []string{setUp, "BEGIN", tables} {
		if err := w.c.exec(sql); err != nil {
			return err
		}
	}
	for _, s := range obligatory() {
		if err := w.system(s); err != nil {
			return err
		}
	}
	return nil
}

// system lists a coordinate system, once.
func (w *Writer) system(s SRS) error {
	i := slices.IndexFunc(w.systems, func(o SRS) bool { return o.ID == s.ID })
	switch {
	case i >= 0 && (s.Undefined() || w.systems[i] == s):
		return nil
	case i >= 0:
		return fmt.Errorf("coordinate system %d is described in two ways", s.ID)
	case s.ID != int(int32(s.ID)):
		return fmt.Errorf("coordinate system %d: a geometry cannot hold that number", s.ID)
	}
	w.systems = append(w.systems, s)
	return w.c.exec(s.row())
}

// abandon closes the connection and takes the unfinished file away.
func (w *Writer) abandon() {
	if w.c != nil {
		w.memory.release(w.c)
		w.c.close()
		w.c = nil
	}
	_ = os.Remove(w.path)
}

// Close finishes the last layer and the file.
func (w *Writer) Close() error {
	if w.c == nil {
		return w.failed
	}
	w.finish()
	if w.failed == nil {
		if err := w.c.exec("COMMIT"); err != nil {
			w.failed = w.wrap(err)
		}
	}
	if w.failed != nil {
		w.abandon()
		return w.failed
	}
	w.memory.release(w.c)
	w.c.close()
	w.c = nil
	w.failed = w.wrap(errors.New("the file is closed already"))
	return nil
}

// Layer finishes the layer before and begins the next.
func (w *Writer) Layer(p Plan) (*LayerWriter, error) {
	w.finish()
	if w.failed != nil {
		return nil, w.failed
	}
	p.Fields = slices.Clone(p.Fields)
	if err := w.begin(&p); err != nil {
		w.failed = w.wrap(fmt.Errorf("layer %q: %w", p.Name, err))
		return nil, w.failed
	}
	return w.open, nil
}

func (w *Writer) begin(p *Plan) error {
	if err := p.check(); err != nil {
		return err
	}
	for _, name := range []string{asciiLower(p.Name), asciiLower(p.index())} {
		if slices.Contains(w.names, name) {
			return errors.New("there are two of that name")
		}
		w.names = append(w.names, name)
	}
	if err := w.system(p.SRS); err != nil {
		return err
	}
	if err := w.c.exec(p.create()); err != nil {
		return err
	}
	rows, err := w.c.prepare(p.insert())
	if err != nil {
		return err
	}
	w.open = &LayerWriter{Rows: Rows{plan: p}, w: w, rows: rows, box: wkb.EmptyBox()}
	w.open.Reset()
	return nil
}

// finish ends the layer that is open: its index, its triggers, its entries.
func (w *Writer) finish() {
	l := w.open
	if l == nil {
		return
	}
	w.open = nil
	l.rows.close()
	if w.failed != nil {
		return
	}
	err := w.index(l.plan, l.boxes)
	if err == nil {
		err = w.c.exec(l.plan.triggers())
	}
	if err == nil {
		err = w.c.exec(l.plan.register(w.changed, l.bounds()))
	}
	if err != nil {
		w.failed = w.wrap(fmt.Errorf("layer %q: %w", l.plan.Name, err))
	}
}

// LayerWriter takes the rows of one layer: row by row, the values in any order and then
// End; or many at once, which goroutines may have filled, with Write.
type LayerWriter struct {
	Rows
	w       *Writer
	rows    *stmt
	written int64
	boxes   []boxed
	box     wkb.Box // all geometries
}

// Rows are rows of a layer that are not written yet: the values of each in any order,
// then End. What is not given is NULL. Fields count from 0 as in [Plan]. One goroutine
// fills them.
type Rows struct {
	plan   *Plan
	cells  []held // of each row the geometry, then the fields
	row    []held // of the row that is not ended, the last of cells
	bytes  []byte // of the texts, blobs and geometries
	around []wkb.Box
	multi  wkb.Geometry
	wrong  error // of the first value at fault
	faulty int   // its row, from 0
	column string
}

// held is a value that waits for its row to be written.
type held struct {
	kind     Kind
	integer  int64
	real     float64
	from, to int // in bytes
}

// End writes the row. Its key is its number, from 1.
func (l *LayerWriter) End() error {
	l.Rows.End()
	err := l.Write(&l.Rows)
	l.Reset()
	return err
}

// NewRows gives room for rows of the layer. Goroutines may each fill their own.
func (l *LayerWriter) NewRows() *Rows {
	r := &Rows{plan: l.plan}
	r.Reset()
	return r
}

// Write writes rows, which stay as they are. Their keys go on from those before.
func (l *LayerWriter) Write(r *Rows) error {
	w := l.w
	if w.failed != nil {
		return w.failed
	}
	switch {
	case w.open != l:
		w.failed = w.wrap(fmt.Errorf("layer %q: it was finished already", l.plan.Name))
	case r.wrong != nil:
		w.failed = w.wrap(fmt.Errorf("layer %q, row %d, column %q: %w", l.plan.Name, l.written+int64(r.faulty)+1, r.column, r.wrong))
	default:
		if err := l.insert(r); err != nil {
			w.failed = w.wrap(fmt.Errorf("layer %q, row %d: %w", l.plan.Name, l.written+1, err))
		}
	}
	return w.failed
}

// insert writes the rows one after the other.
func (l *LayerWriter) insert(r *Rows) error {
	p, err := l.w.memory.hold(l.w.c, r.bytes)
	if err != nil {
		return err
	}
	width := 1 + len(l.plan.Fields)
	for i := range r.Len() {
		cells := r.cells[i*width : (i+1)*width]
		if code := l.bind(cells, p); code != sqlite3.SQLITE_OK {
			return l.w.c.fault(code)
		}
		_, err := l.rows.step()
		l.rows.reset()
		if err != nil {
			return err
		}
		l.written++
		if around := r.around[i]; cells[0].kind == Blob && !around.Empty() {
			l.box = l.box.Extend(around)
			l.boxes = append(l.boxes, boxOf(l.written, around))
		}
	}
	return nil
}

// bind gives the statement a row whose bytes lie at p.
func (l *LayerWriter) bind(cells []held, p uintptr) int32 {
	code := l.rows.bindInteger(1, l.written+1)
	for i := range cells {
		c := &cells[i]
		at, n := p+uintptr(c.from), c.to-c.from
		switch c.kind {
		case Null:
			code |= l.rows.bindNull(i + 2)
		case Boolean, Integer:
			code |= l.rows.bindInteger(i+2, c.integer)
		case Real:
			code |= l.rows.bindReal(i+2, c.real)
		case Blob:
			code |= l.rows.bindBlob(i+2, at, n)
		default:
			code |= l.rows.bindText(i+2, at, n)
		}
	}
	return code
}

func (l *LayerWriter) bounds() (b [4]string) {
	for i, v := range [...]float64{l.box.MinX, l.box.MinY, l.box.MaxX, l.box.MaxY} {
		b[i] = "NULL"
		if !l.box.Empty() && !math.IsInf(v, 0) {
			b[i] = strconv.FormatFloat(v, 'e', -1, 64)
		}
	}
	return b
}
