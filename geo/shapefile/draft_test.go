package shapefile

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// draft is a shapefile put together byte by byte, independently of the package's
// writer, so that each byte can be wrong.
type draft struct {
	kind    ShapeType
	shapes  [][]byte // what stands behind the record headers
	columns []column
	rows    []string // as in the .dbf, with the mark of a deleted row in front
	driver  byte
	cpg     string
	prj     string
	noIndex bool

	shp, shx, dbf func(b []byte) []byte // spoil the file
}

type column struct {
	name  string
	kind  byte
	width int
}

func be32(v int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(v)) }
func le32(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func le64(values ...float64) []byte {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, values)
	return b.Bytes()
}

func head100(size int, kind ShapeType) []byte {
	b := bytes.Join([][]byte{be32(9994), make([]byte, 20), be32(size / 2), le32(1000), le32(int(kind))}, nil)
	return append(b, make([]byte, 64)...)
}

// files are the bytes of .shp, .shx and .dbf.
func (d draft) files() (shp, shx, dbf []byte) {
	var body, index []byte
	for i, s := range d.shapes {
		index = append(index, be32((100+len(body))/2)...)
		index = append(index, be32(len(s)/2)...)
		body = bytes.Join([][]byte{body, be32(i + 1), be32(len(s) / 2), s}, nil)
	}
	shp = append(head100(100+len(body), d.kind), body...)
	shx = append(head100(100+len(index), d.kind), index...)
	return change(d.shp, shp), change(d.shx, shx), change(d.dbf, d.dbfFile())
}

func (d draft) dbfFile() []byte {
	width := 1
	var described []byte
	for _, c := range d.columns {
		f := make([]byte, 32)
		copy(f, c.name)
		f[11], f[16] = c.kind, byte(c.width)
		described = append(described, f...)
		width += c.width
	}
	b := make([]byte, 32)
	b[0], b[1], b[2], b[3] = 3, 124, 6, 30
	binary.LittleEndian.PutUint32(b[4:], uint32(len(d.rows)))
	binary.LittleEndian.PutUint16(b[8:], uint16(32+len(described)+1))
	binary.LittleEndian.PutUint16(b[10:], uint16(width))
	b[29] = d.driver
	b = append(append(b, described...), 0x0D)
	return append(append(b, strings.Join(d.rows, "")...), 0x1A)
}

func change(how func([]byte) []byte, b []byte) []byte {
	if how == nil {
		return b
	}
	return how(b)
}

// write puts the files into a folder and returns the .shp's path.
func (d draft) write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	put := func(ending string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, "layer"+ending), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	shp, shx, dbf := d.files()
	put(".shp", shp)
	put(".dbf", dbf)
	if !d.noIndex {
		put(".shx", shx)
	}
	if d.cpg != "" {
		put(".cpg", []byte(d.cpg))
	}
	if d.prj != "" {
		put(".prj", []byte(d.prj))
	}
	return filepath.Join(dir, "layer.shp")
}

// polygon is a shape of rings x0, y0, x1, y1 …
func polygon(kind ShapeType, rings ...[]float64) []byte {
	var starts, points []byte
	at := 0
	for _, r := range rings {
		starts = append(starts, le32(at)...)
		points = append(points, le64(r...)...)
		at += len(r) / 2
	}
	return bytes.Join([][]byte{le32(int(kind)), make([]byte, 32), le32(len(rings)), le32(at), starts, points}, nil)
}

// box is a ring about a rectangle, clockwise; turned it is counter-clockwise.
func box(x0, y0, x1, y1 float64) []float64 {
	return []float64{x0, y0, x0, y1, x1, y1, x1, y0, x0, y0}
}

func turned(ring []float64) []float64 {
	var r []float64
	for i := len(ring) - 2; i >= 0; i -= 2 {
		r = append(r, ring[i], ring[i+1])
	}
	return r
}

// one is a draft of one shape with one text of 10 bytes.
func one(kind ShapeType, shape []byte) draft {
	return draft{kind: kind, shapes: [][]byte{shape}, columns: []column{{"NAME", 'C', 10}}, rows: []string{" name      "}}
}

// numbered is a draft of n boxes in a row, named by their numbers.
func numbered(n int) draft {
	d := draft{kind: Polygon, columns: []column{{"NO", 'N', 6}}}
	for i := range n {
		d.shapes = append(d.shapes, polygon(Polygon, box(float64(i), 0, float64(i)+0.5, 1)))
		d.rows = append(d.rows, " "+pad(i+1, 6))
	}
	return d
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat(" ", width-len(s)) + s
}

// record is what was read of one record.
type record struct {
	number   int64
	shape    *wkb.Geometry
	problem  string
	cells    []string
	problems []string
}

// readRange reads all records of a range.
func readRange(f *File, to Range) ([]record, error) {
	return readOn(f.Read(to), f)
}

func readOn(r *Reader, f *File) ([]record, error) {
	var all []record
	for r.Next() {
		rec := record{number: r.Number()}
		g, problem := r.Geometry()
		if rec.problem = problem; g != nil {
			rec.shape = g.Clone()
		}
		for i := range f.Fields() {
			text, problem := r.Cell(i)
			rec.cells, rec.problems = append(rec.cells, string(text)), append(rec.problems, problem)
		}
		all = append(all, rec)
	}
	return all, r.Err()
}

func open(t testing.TB, path string, o Options) *File {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// read reads a whole file.
func read(t testing.TB, path string, o Options) []record {
	t.Helper()
	f := open(t, path, o)
	all, err := readRange(f, f.All())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// text is a geometry in the form Polygon ([0 0 0 1 …][…]): type, parts, rings.
func text(g *wkb.Geometry) string {
	if g == nil {
		return "nil"
	}
	var b strings.Builder
	b.WriteString(g.Type.String())
	for i := range g.NumParts() {
		b.WriteString(" (")
		from, to := g.Part(i)
		for k := from; k < to; k++ {
			b.WriteByte('[')
			for j, v := range g.Ring(k) {
				if j > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
			}
			b.WriteByte(']')
		}
		b.WriteByte(')')
	}
	return b.String()
}
