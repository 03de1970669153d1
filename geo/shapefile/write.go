package shapefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// Layer says what a shapefile to be written holds.
type Layer struct {
	Fields   []Field // of the types C (up to 254 bytes), N, F, D and L
	Encoding string  // UTF-8 (when empty) or GBK; the .cpg names it
	PRJ      string  // text of the .prj; none is written when empty
}

// Writer writes a shapefile of polygons. What it writes depends on the rows alone:
// the .dbf bears no date.
type Writer struct {
	paths paths
	shp   *out
	shx   *out
	dbf   *out
	table *table
	rows  uint32
	box   wkb.Box
	buf   []byte
	order []span
}

// out is a file being written, counted.
type out struct {
	*bufio.Writer
	file *os.File
	n    int64
}

// Write implements io.Writer.
func (o *out) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	o.n += int64(n)
	return n, err
}

// Create begins a shapefile at path, which ends in .shp; the other files are put
// beside it. What stands there is overwritten.
func Create(path string, l Layer) (*Writer, error) {
	ext := filepath.Ext(path)
	if ext != ".shp" {
		return nil, fmt.Errorf("write %s: the name of a shapefile ends in .shp", path)
	}
	stem := strings.TrimSuffix(path, ext)
	w := &Writer{paths: paths{shp: path, shx: stem + ".shx", dbf: stem + ".dbf", prj: stem + ".prj", cpg: stem + ".cpg"}, box: wkb.EmptyBox()}
	err := w.create(l)
	if err != nil {
		w.abandon()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return w, nil
}

func (w *Writer) create(l Layer) (err error) {
	if w.table, err = newTable(l.Fields, l.Encoding); err != nil {
		return err
	}
	if err := os.WriteFile(w.paths.cpg, []byte(w.table.name), 0o644); err != nil {
		return err
	}
	if l.PRJ != "" {
		if err := os.WriteFile(w.paths.prj, []byte(l.PRJ), 0o644); err != nil {
			return err
		}
	}
	for _, o := range []struct {
		to   **out
		path string
		head []byte
	}{
		{&w.shp, w.paths.shp, make([]byte, headBytes)},
		{&w.shx, w.paths.shx, make([]byte, headBytes)},
		{&w.dbf, w.paths.dbf, w.table.head(0)},
	} {
		file, err := os.Create(o.path)
		if err != nil {
			return err
		}
		*o.to = &out{Writer: bufio.NewWriterSize(file, 1<<18), file: file}
		if _, err := (*o.to).Write(o.head); err != nil {
			return err
		}
	}
	return nil
}

// abandon closes the files that were opened.
func (w *Writer) abandon() {
	for _, o := range []*out{w.shp, w.shx, w.dbf} {
		if o != nil {
			_ = o.file.Close()
		}
	}
}

// Append writes a record: a polygon or multipolygon, or nothing (nil, empty), and a
// value for each field: text in UTF-8, numbers as decimals, dates as 2024-06-30,
// true and false; nil when there is none. Rings are turned the way the format wants
// them. A value that its field does not hold is an error; nothing is cut.
func (w *Writer) Append(g *wkb.Geometry, values [][]byte) error {
	err := w.append(g, values)
	if err != nil {
		return fmt.Errorf("write %s: record %d: %w", w.paths.shp, w.rows+1, err)
	}
	w.rows++
	return nil
}

func (w *Writer) append(g *wkb.Geometry, values [][]byte) error {
	row, err := w.table.row(values)
	if err != nil {
		return err
	}
	if w.buf, err = w.record(w.buf[:0], g); err != nil {
		return err
	}
	var entry [entryBytes]byte
	binary.BigEndian.PutUint32(entry[:], uint32(w.shp.n/2))
	copy(entry[4:], w.buf[4:8])
	for _, part := range []struct {
		to *out
		b  []byte
	}{{w.shp, w.buf}, {w.shx, entry[:]}, {w.dbf, row}} {
		if _, err := part.to.Write(part.b); err != nil {
			return err
		}
	}
	return nil
}

// span is a ring to be written: number, and whether backwards.
type span struct {
	ring int
	turn bool
}

// record appends a record with its header.
func (w *Writer) record(b []byte, g *wkb.Geometry) ([]byte, error) {
	b = binary.BigEndian.AppendUint32(b, w.rows+1)
	if g == nil || g.Empty() {
		b = binary.BigEndian.AppendUint32(b, 2)
		return binary.LittleEndian.AppendUint32(b, uint32(Null)), nil
	}
	if !g.Type.Areal() {
		return b, fmt.Errorf("a %s in a layer of polygons", g.Type)
	}
	if !g.Finite() {
		return b, errors.New("a coordinate is not finite")
	}
	points := w.turned(g)
	size := int64(4+boxBytes+8+4*len(w.order)) + pointBytes*int64(points)
	if w.shp.n+recordHead+size > 2*math.MaxInt32 {
		return b, errors.New("a shapefile holds at most 4 GB: write GeoParquet or GeoPackage")
	}
	box := g.Bounds()
	w.box = w.box.Extend(box)
	b = binary.BigEndian.AppendUint32(b, uint32(size/2))
	b = binary.LittleEndian.AppendUint32(b, uint32(Polygon))
	b = appendFloats(b, box.MinX, box.MinY, box.MaxX, box.MaxY)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(w.order)))
	b = binary.LittleEndian.AppendUint32(b, uint32(points))
	start := 0
	for _, s := range w.order {
		b = binary.LittleEndian.AppendUint32(b, uint32(start))
		start += len(g.Ring(s.ring)) / 2
	}
	for _, s := range w.order {
		b = appendRing(b, g.Ring(s.ring), s.turn)
	}
	return b, nil
}

// turned lists the rings that have points, and which of them must be turned for
// shells to run clockwise and holes counter-clockwise.
func (w *Writer) turned(g *wkb.Geometry) (points int) {
	w.order = w.order[:0]
	for p := range g.NumParts() {
		from, to := g.Part(p)
		shell := true
		for i := from; i < to; i++ {
			ring := g.Ring(i)
			if len(ring) == 0 {
				continue
			}
			area := turningArea(ring)
			w.order = append(w.order, span{i, shell && area > 0 || !shell && area < 0})
			points += len(ring) / 2
			shell = false
		}
	}
	return points
}

func appendRing(b []byte, ring []float64, turn bool) []byte {
	if !turn {
		return appendFloats(b, ring...)
	}
	for i := len(ring) - 2; i >= 0; i -= 2 {
		b = appendFloats(b, ring[i], ring[i+1])
	}
	return b
}

func appendFloats(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

// Close writes the headers and closes the files. The shapefile is whole only when it
// returns nil.
func (w *Writer) Close() error {
	_, err := w.dbf.Write([]byte{0x1A})
	for _, o := range []struct {
		to   *out
		head []byte
	}{
		{w.shp, w.mainHead(w.shp.n)},
		{w.shx, w.mainHead(w.shx.n)},
		{w.dbf, w.table.head(w.rows)},
	} {
		err = errors.Join(err, o.to.Flush())
		_, headErr := o.to.file.WriteAt(o.head, 0)
		err = errors.Join(err, headErr, o.to.file.Close())
	}
	if err != nil {
		return fmt.Errorf("write %s: %s", w.paths.shp, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return nil
}

// mainHead is the header of .shp or .shx, whose length is size.
func (w *Writer) mainHead(size int64) []byte {
	b := make([]byte, 0, headBytes)
	b = binary.BigEndian.AppendUint32(b, magic)
	b = append(b, make([]byte, 20)...)
	b = binary.BigEndian.AppendUint32(b, uint32(size/2))
	b = binary.LittleEndian.AppendUint32(b, 1000) // the format's version
	b = binary.LittleEndian.AppendUint32(b, uint32(Polygon))
	if w.box.Empty() {
		return append(b, make([]byte, headBytes-len(b))...)
	}
	b = appendFloats(b, w.box.MinX, w.box.MinY, w.box.MaxX, w.box.MaxY)
	return append(b, make([]byte, headBytes-len(b))...) // no heights, no measures
}
