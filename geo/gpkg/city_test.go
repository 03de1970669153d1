package gpkg_test

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// day is the date every file of the tests bears.
var day = time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)

// polygon makes g a ring of so many sides around a place.
func polygon(g *wkb.Geometry, x, y float64, sides int) {
	g.Reset(wkb.Polygon)
	for i := range sides {
		a := 2 * math.Pi * float64(i) / float64(sides)
		g.XY = append(g.XY, x+0.0004*math.Cos(a), y+0.0004*math.Sin(a))
	}
	g.XY = append(g.XY, g.XY[0], g.XY[1])
	g.EndRing()
	g.EndPart()
}

// place is the file of one test.
func place(t testing.TB) string { return filepath.Join(t.TempDir(), "城 #1%20?.gpkg") }

// write makes a file by what build puts into it.
func write(t testing.TB, path string, build func(w *gpkg.Writer) error) {
	t.Helper()
	w, err := gpkg.Create(path, gpkg.Options{LastChange: day})
	if err == nil {
		if err = build(w); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// small makes a layer "parcels" of n triangles with their number as text.
func small(t testing.TB, path string, n int) {
	t.Helper()
	write(t, path, func(w *gpkg.Writer) error {
		rows, err := w.Layer(gpkg.Plan{Name: "parcels", SRS: gpkg.SRSOf(crs.CGCS2000),
			Fields: []gpkg.Field{{Name: "code", Kind: gpkg.Text}, {Name: "n", Kind: gpkg.Integer}}})
		if err != nil {
			return err
		}
		var g wkb.Geometry
		for i := range n {
			polygon(&g, 120+float64(i%40)/100, 30+float64(i/40)/100, 3)
			rows.Geometry(&g)
			rows.String(0, strings.Repeat("编", i%7))
			rows.Integer(1, int64(i))
			if err := rows.End(); err != nil {
				return err
			}
		}
		return nil
	})
}

// change runs SQL on a file.
func change(t testing.TB, path string, sql ...string) {
	t.Helper()
	raw, err := gpkg.OpenRaw(path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range sql {
		if err := raw.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
}

// ask gives the first value of a query.
func ask(t testing.TB, path, sql string) string {
	t.Helper()
	raw, err := gpkg.OpenRaw(path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	text, err := raw.Text(sql)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// row is a row as it was read, its bytes copied.
type row struct {
	number, fid int64
	shape       *wkb.Geometry
	cells       []gpkg.Cell
}

// layerOf opens a file and gives its layer of a name; the test's end closes it.
func layerOf(t testing.TB, path, name string) *gpkg.Layer {
	t.Helper()
	f, err := gpkg.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	l, err := f.Layer(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// readAll reads a range of a layer, its faulty cells too, and gives the first fault.
func readAll(l *gpkg.Layer, part gpkg.Range) (rows []row, err error) {
	fields := make([]int, len(l.Fields))
	for i := range fields {
		fields[i] = i
	}
	r, err := l.Reader(fields, true)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var first error
	for r.Start(part); ; {
		more, err := r.Next()
		if err != nil {
			return rows, err
		}
		if !more {
			return rows, first
		}
		one := row{number: r.Number(), fid: r.FID()}
		shape, _, err := r.Geometry()
		if err == nil && shape != nil {
			one.shape = &wkb.Geometry{}
			err = one.shape.Parse(shape)
		}
		for i := range fields {
			c, wrong := r.Cell(i)
			c.Bytes = append([]byte(nil), c.Bytes...)
			one.cells = append(one.cells, c)
			err = errors.Join(err, wrong)
		}
		if first == nil {
			first = err
		}
		rows = append(rows, one)
	}
}

// mustRead reads a whole layer.
func mustRead(t testing.TB, l *gpkg.Layer) []row {
	t.Helper()
	rows, err := readAll(l, gpkg.All())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// refuses wants an error of one line that names the file and says each of the words.
func refuses(t testing.TB, path string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error where one should say %q", words)
	}
	for _, w := range append(words, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q has more than one line", err)
	}
}
