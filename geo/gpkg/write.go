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
	w.open = &LayerWriter{w: w, plan: p, rows: rows, cells: make([]held, 1+len(p.Fields)), box: wkb.EmptyBox()}
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

// LayerWriter takes the rows of one layer: the values of a row in any order, then
// End. What is not given is NULL. Fields count from 0 as in [Plan].
type LayerWriter struct {
	w      *Writer
	plan   *Plan
	rows   *stmt
	row    int64
	cells  []held  // the geometry, then the fields
	bytes  []byte  // of the row's texts, blobs and geometry
	around wkb.Box // the row's geometry
	boxes  []boxed
	box    wkb.Box // all geometries
	multi  wkb.Geometry
	wrong  error // of the row, by its first value at fault
}

// held is a value that waits for the end of its row.
type held struct {
	kind     Kind
	integer  int64
	real     float64
	from, to int // in bytes
}

// Bool gives a Boolean field its value.
func (l *LayerWriter) Bool(field int, v bool) {
	c := l.cell(field, Boolean)
	if c.integer = 0; v {
		c.integer = 1
	}
}

// Integer gives an Integer field its value.
func (l *LayerWriter) Integer(field int, v int64) { l.cell(field, Integer).integer = v }

// Real gives a Real field its value; NaN is NULL.
func (l *LayerWriter) Real(field int, v float64) { l.cell(field, Real).real = v }

// Text gives a Text field its value, which must be UTF-8.
func (l *LayerWriter) Text(field int, v []byte) {
	c := l.cell(field, Text)
	l.keep(c, append(l.bytes, v...))
	l.checkText(field, c)
}

// String is Text of a string.
func (l *LayerWriter) String(field int, v string) {
	c := l.cell(field, Text)
	l.keep(c, append(l.bytes, v...))
	l.checkText(field, c)
}

// Blob gives a Blob field its value.
func (l *LayerWriter) Blob(field int, v []byte) {
	l.keep(l.cell(field, Blob), append(l.bytes, v...))
}

// Date gives a Date field its value, in days since 1970-01-01.
func (l *LayerWriter) Date(field int, day int64) {
	c := l.cell(field, Date)
	text, ok := appendDay(l.bytes, day)
	if !ok {
		l.fault(field+1, fmt.Errorf("day %d is outside the years 0 to 9999", day))
	}
	l.keep(c, text)
}

// DateTime gives a DateTime field its value, to the millisecond and in UTC.
func (l *LayerWriter) DateTime(field int, v time.Time) {
	c := l.cell(field, DateTime)
	v = v.UTC()
	if v.Year() < 0 || v.Year() > 9999 {
		l.fault(field+1, fmt.Errorf("%v is outside the years 0 to 9999", v))
	}
	l.keep(c, v.AppendFormat(l.bytes, "2006-01-02T15:04:05.000Z"))
}

// Geometry gives the row its geometry; nil is none.
func (l *LayerWriter) Geometry(g *wkb.Geometry) {
	l.cells[0].kind = Null
	if g == nil {
		return
	}
	switch {
	case !g.Type.Readable():
		l.fault(0, fmt.Errorf("geometries of %s are not written", g.Type))
		return
	case l.plan.Type == 0 || g.Type == l.plan.Type:
	case g.Type+3 == l.plan.Type:
		l.multi = *g // a single one, as the only part of a multiple one
		l.multi.Type = l.plan.Type
		if g.Empty() {
			l.multi.Reset(l.plan.Type)
		}
		g = &l.multi
	default:
		l.fault(0, fmt.Errorf("a %s in a layer of %s", g.Type, l.plan.Type))
		return
	}
	l.around = g.Bounds()
	l.cells[0].kind = Blob
	l.keep(&l.cells[0], appendGeometry(l.bytes, int32(l.plan.SRS.ID), g, l.around))
}

// End writes the row. Its key is its number, from 1.
func (l *LayerWriter) End() error {
	w := l.w
	if w.failed == nil {
		switch {
		case w.open != l:
			w.failed = w.wrap(fmt.Errorf("layer %q: it was finished already", l.plan.Name))
		case l.wrong != nil:
			w.failed = w.wrap(l.wrong)
		default:
			if err := l.insert(); err != nil {
				w.failed = w.wrap(fmt.Errorf("layer %q, row %d: %w", l.plan.Name, l.row+1, err))
			}
		}
	}
	l.row++
	l.bytes = l.bytes[:0]
	clear(l.cells)
	return w.failed
}

func (l *LayerWriter) insert() error {
	p, err := l.w.memory.hold(l.w.c, l.bytes)
	if err != nil {
		return err
	}
	code := l.rows.bindInteger(1, l.row+1)
	for i := range l.cells {
		c := &l.cells[i]
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
	if code != sqlite3.SQLITE_OK {
		return l.w.c.fault(code)
	}
	_, err = l.rows.step()
	l.rows.reset()
	if l.cells[0].kind == Blob && !l.around.Empty() {
		l.box = l.box.Extend(l.around)
		l.boxes = append(l.boxes, boxOf(l.row+1, l.around))
	}
	return err
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
